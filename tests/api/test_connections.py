"""Connectors over HTTP: a form, saving it, a test in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

PREFIX = "/api/v1/connections"
SECRET = "what the provider and we know now"


def save(story: Any, name: str = "webhook", **fields: str | None) -> Any:
    return story.ask("PUT", f"{PREFIX}/{name}", {"fields": fields, "by": "ana"})


def test_a_connector_is_a_form_that_never_shows_a_secret(story) -> None:
    (webhook,) = (one for one in story.read(PREFIX)["connections"] if one["name"] == "webhook")

    assert webhook["title"] == {"zh": "自有通道", "en": "A provider of your own"}
    assert (webhook["connected"], webhook["since"], webhook["problem"]) == (True, None, "")
    assert webhook["hook"] == "/hooks/webhook/"
    fields = {one["name"]: one for one in webhook["fields"]}
    assert fields["url"]["value"] == story.app.settings.connectors["webhook"]["url"]
    assert (fields["secret"]["kind"], fields["secret"]["value"]) == ("secret", "")
    assert fields["secret"]["about"]["zh"].startswith("为发出的请求签名")


def test_what_is_saved_is_in_use_at_once_and_the_audit_names_the_fields(story) -> None:
    told = save(story, url="https://b.example/siyu", secret=SECRET).json()

    assert datetime.fromisoformat(told["since"]) == story.now
    assert story.app.connections.of("webhook").config.secret == SECRET
    assert {one["name"]: one["value"] for one in told["fields"]}["url"] == "https://b.example/siyu"
    (line, *_) = story.read("/api/v1/audit?action=connection.save")["lines"]
    assert (line["object"], line["reason"]) == ("webhook", "secret, url")
    assert SECRET not in str(story.read(PREFIX))


def test_what_can_not_work_is_told_by_field_and_nothing_is_saved(story) -> None:
    answer = save(story, url="ftp://b.example", unknown="x")

    assert answer.status_code == 400
    assert [one["where"] for one in answer.json()["problems"]] == ["unknown"]
    answer = save(story, url="ftp://b.example")
    (wrong,) = answer.json()["problems"]
    assert (wrong["where"], wrong["why"][:12]) == ("url", "must be like")
    assert story.read(f"{PREFIX}/webhook")["since"] is None


def test_a_file_that_can_not_be_used_is_said_the_old_settings_work_and_saving_mends_it(
    story,
) -> None:
    before = story.read(f"{PREFIX}/webhook")
    file = story.app.settings.home / "siyu.toml"
    file.write_text('[webhook]\nurl = "ftp://b.example"\n', "utf-8")

    broken = story.read(f"{PREFIX}/webhook")
    assert broken["problem"].startswith("webhook.url: must be like")
    assert {**broken, "problem": ""} == before
    mended = save(story, url="https://b.example/siyu").json()
    assert (mended["problem"], mended["connected"]) == ("", True)


def test_a_test_says_in_words_what_was_found(story) -> None:
    (found,) = story.ask("POST", f"{PREFIX}/webhook/test", {}).json()["checks"]

    assert found["state"] == "unverified"
    assert found["why"]["zh"].startswith("各字段都可用")


def test_a_connector_that_is_not_installed_is_not_found(story) -> None:
    for answer in (
        story.ask("GET", f"{PREFIX}/pigeon"),
        save(story, "pigeon", url="x"),
        story.ask("POST", f"{PREFIX}/pigeon/test", {}),
    ):
        assert answer.status_code == 404

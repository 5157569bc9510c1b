"""`siyu journey test` and `siyu staff phone`, with a provider over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from typer.testing import CliRunner

from siyu.cli.main import app
from siyu.connectors.webhook.fake import Provider
from siyu.sandbox.server import Served

PHONE = "13711112222"
TEXT = Path(str(files("siyu.playbooks"))) / "cascade" / "journeys" / "cascade.yaml"


def test_a_journey_is_seen_on_ones_own_phone(run: Callable, played) -> None:
    home = ("--home", str(played.home))
    typed = CliRunner().invoke(app, ["staff", "phone", "guide-1", *home], input=f"{PHONE}\n")
    provider = Provider("s" * 20)
    with Served(provider.app) as outside:
        env = {"SIYU_WEBHOOK_URL": outside.url, "SIYU_WEBHOOK_SECRET": "s" * 20}
        said = run("journey", "test", "cascade", "--to", "guide-1", *home, "--json", **env)
        shown = run(
            "journey", "test", "--file", TEXT, "--to", "guide-1", "--step", "sms", "--locale", "en",
            *home, **env,
        )  # fmt: skip
        provider.faults.append("busy")
        busy = run("journey", "test", "cascade", "--to", "guide-1", *home, **env)
    alone = run("journey", "test", "cascade", "--to", "guide-1", *home, "--json")
    forgotten = run("staff", "phone", "guide-1", "--forget", *home).out

    assert (typed.exit_code, typed.stdout) == (0, "guide-1: the phone is 137****2222.\n")
    assert [(one["step"], one["state"]) for one in said.json["tests"]] == [
        ("sms", "sent"), ("call", "sent"),
    ]  # fmt: skip
    texts = [str(one["text"]) for one in provider.taken.values()]
    assert [text.split()[0] for text in texts[:3]] == ["[测试]", "[测试]", "[Test]"]
    assert {one["to"] for one in provider.taken.values()} == {f"+86{PHONE}"}
    assert (shown.code, "sent" in shown.out) == (0, True)
    assert (busy.code, "failed" in busy.out) == (1, True)
    assert (alone.code, "No connector carries" in alone.json["detail"]) == (1, True)
    assert "no phone any more" in forgotten


def test_what_is_left_out_is_said_in_words(run: Callable, played) -> None:
    home = ("--home", played.home, "--json")

    assert "--file" in run("journey", "test", "--to", "guide-1", *home).json["detail"]
    assert "standard input" in run("staff", "phone", "guide-1", *home).json["detail"]
    assert "nobody" in run("staff", "phone", "nobody", "--forget", *home).json["detail"]

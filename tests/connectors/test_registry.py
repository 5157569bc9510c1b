"""Installed connectors and their own part of the settings."""

from __future__ import annotations

from dataclasses import is_dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.connectors.bench import Remembered, Still

from siyu.connectors import registry
from siyu.connectors.manifest import Called, Tools
from siyu.connectors.registry import Connections
from siyu.connectors.webhook.webhook import receive
from siyu.kernel import signature
from siyu.kernel.errors import BadSettings, BadSignature
from siyu.settings import Settings, load

SECRET = "what only both of us know"
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
TOOLS = Tools(Still(), Remembered())


def settings_with(home: Path, **webhook: str) -> Settings:
    return load({}, home=home, webhook=webhook)


def connections(settings: Settings) -> Connections:
    return Connections(settings, lambda _: TOOLS)


def called(headers: dict[str, str], body: bytes) -> Called:
    return Called("POST", "receipts", {}, headers, body, NOW, NOW)


def test_our_connector_is_found_as_a_strangers_would_be() -> None:
    manifest = registry.manifests()["webhook"]

    assert manifest.channels == ("sms", "voice_ai", "wecom_message")
    assert is_dataclass(manifest.config)


def test_without_an_address_nothing_is_carried(tmp_path: Path) -> None:
    settings = settings_with(tmp_path)

    assert connections(settings).channels() == {}
    assert not connections(settings).every["webhook"].configured


def test_with_an_address_its_channels_are_carried_by_one_connection(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, url="https://provider.example/siyu", secret=SECRET)

    found = connections(settings).channels()

    assert sorted(found) == ["sms", "voice_ai", "wecom_message"]
    assert len(set(map(id, found.values()))) == 1


@pytest.mark.parametrize(
    ("webhook", "why"),
    [
        ({"url": "https://a.example"}, "webhook.secret: must have at least 16 characters"),
        ({"url": "https://a.example", "secret": "hunter2"}, "webhook.secret: must have at least"),
        ({"secret": "hunter2"}, "webhook.secret: must have at least"),
        ({"url": "a.example", "secret": SECRET}, "webhook.url: must be like https://"),
        ({"url": "ftp://a.example", "secret": SECRET}, "webhook.url: must be like https://"),
        ({"url": "https://me:hunter2@a.example", "secret": SECRET}, "without a password"),
    ],
)
def test_settings_that_can_not_work_are_told_at_the_start(
    tmp_path: Path, webhook: dict[str, str], why: str
) -> None:
    settings = settings_with(tmp_path, **webhook)

    with pytest.raises(BadSettings) as refused:
        registry.check(settings)
    assert why in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_setting_that_a_connector_does_not_know_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as refused:
        registry.check(settings_with(tmp_path, adress="https://a.example", url="https://b.example"))

    assert [one.where for one in refused.value.problems] == ["webhook.adress"]
    assert "SIYU_WEBHOOK_ADRESS" in str(refused.value.problems[0])


def test_the_secret_is_not_in_a_repr(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, url="https://a.example", secret=SECRET)

    config = registry.manifests()["webhook"].config(url="https://a.example", secret=SECRET)

    assert SECRET not in repr(config)
    assert SECRET not in repr(settings)


BODY = b'[{"id": "tch_1", "kind": "read", "at": "2026-11-20T10:00:05+08:00", "receipt_id": "r"}]'


def test_signed_receipts_are_decoded(tmp_path: Path) -> None:
    webhook = connections(settings_with(tmp_path, secret=SECRET)).every["webhook"]

    heard = webhook.hear(called(signature.headers(SECRET, BODY, NOW), BODY))

    assert (len(heard.events), heard.reply) == (1, None)


@pytest.mark.parametrize(
    ("signed", "body", "secret"),
    [
        ({}, BODY, SECRET),
        (signature.headers("somebody else's secret", BODY, NOW), BODY, SECRET),
        (signature.headers(SECRET, BODY, NOW), BODY.replace(b"read", b"call"), SECRET),
        (signature.headers(SECRET, BODY, NOW.replace(hour=3)), BODY, SECRET),
        (signature.headers(SECRET, BODY, NOW.replace(hour=5)), BODY, SECRET),
        (signature.headers("", BODY, NOW), BODY, ""),
    ],
    ids=["unsigned", "other secret", "tampered", "stale", "of tomorrow", "no secret set"],
)
def test_receipts_that_are_not_from_the_provider_are_refused(
    signed: dict[str, str], body: bytes, secret: str
) -> None:
    config = registry.manifests()["webhook"].config(secret=secret)

    with pytest.raises(BadSignature) as refused:
        receive(config, called(signed, body), TOOLS)
    assert SECRET not in str(refused.value)

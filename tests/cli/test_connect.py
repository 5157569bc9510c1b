"""`siyu connect`: settings one by one, kept, and a test of them in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import siyu

SECRET = "what only both of us know"


@pytest.fixture
def home(brandless: Path) -> Iterator[Path]:
    yield brandless
    (brandless / "siyu.toml").unlink(missing_ok=True)


def test_all_connectors_are_listed(home: Path) -> None:
    found = siyu("connect", "--home", home, "--json").json

    assert {"connector": "webhook", "connected": False}.items() <= next(
        one for one in found["connectors"] if one["connector"] == "webhook"
    ).items()


def test_nothing_set_is_said_in_words_and_in_chinese(home: Path) -> None:
    said = siyu("connect", "webhook", "--test", "--lang", "zh", "--home", home)

    assert said.code == 1
    assert "✗ 设置: 还没有填写设置。" in (said.out + said.err)


def test_what_is_set_is_kept_and_the_secret_is_not_shown(home: Path) -> None:
    said = siyu(
        "connect", "webhook", "--set", "url=https://a.example", "--ask", "secret",
        "--home", home, "--json", typed=f"{SECRET}\n",
    )  # fmt: skip

    assert said.code == 0
    assert said.json["saved"] == ["secret", "url"]
    assert [one["state"] for one in said.json["checks"]] == ["unverified"]
    assert SECRET not in (said.out + said.err)
    assert SECRET in (home / "siyu.toml").read_text()
    listed = siyu("connect", "--home", home, "--json").json["connectors"]
    assert next(one for one in listed if one["connector"] == "webhook")["connected"]


def test_a_secret_on_the_command_line_is_refused(home: Path) -> None:
    said = siyu("connect", "webhook", "--set", f"secret={SECRET}", "--home", home)

    assert said.code == 1
    assert "use --ask secret" in (said.out + said.err)
    assert SECRET not in (said.out + said.err)


def test_what_is_wrong_is_told_by_field_and_nothing_is_kept(home: Path) -> None:
    said = siyu("connect", "webhook", "--set", "url=ftp://a.example", "--home", home)

    assert said.code == 1
    assert "url: must be like https://" in (said.out + said.err)
    assert not (home / "siyu.toml").exists()

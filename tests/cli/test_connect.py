"""`siyu connect`: settings one by one, kept, and a test of them in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

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


def test_what_is_wrong_and_what_was_done_is_said_in_the_language_asked_for(home: Path) -> None:
    wrong = [
        siyu("connect", "wecom", "--set", "corpid=acme", "--lang", lang, "--home", home)
        for lang in ("zh", "en")
    ]
    kept = siyu("connect", "webhook", "--set", "url=", "--lang", "zh", "--home", home)
    listed = siyu("connect", "--lang", "zh", "--home", home)

    assert [one.err for one in wrong] == [
        "siyu: wecom 的设置不能用。\n  corpid：应形如 ww0123456789abcdef\n",
        "siyu: The settings of wecom can't be used.\n  corpid: must be like ww0123456789abcdef\n",
    ]
    assert (kept.out.splitlines()[0], kept.out.splitlines()[-1]) == (
        f"已写入 {home / 'siyu.toml'}：url。",
        "运行中的程序几秒内生效。",
    )
    assert "已连接" in listed.out
    assert "connected" not in listed.out


def test_a_language_that_nobody_speaks_is_refused(home: Path) -> None:
    said = siyu("connect", "--lang", "fr", "--home", home)

    assert (said.code, said.err) == (1, "siyu: 'fr' is no language; known are zh, en.\n")


def test_field_by_field_enter_keeps_and_a_dash_forgets(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("siyu.cli.connect.sys", terminal)  # where the answers come from

    first = siyu(
        "connect", "webhook", "--lang", "zh", "--home", home, typed=f"https://a.example\n{SECRET}\n"
    )
    again = siyu("connect", "webhook", "--lang", "en", "--home", home, typed="-\n\n")

    assert (first.code, again.code) == (0, 1)  # without an address it is off
    assert "直接回车保留方括号里的值；输入 - 清除。" in first.out
    assert "触达发往的地址；留空则不启用。" in first.out
    assert "url [https://a.example]" in again.out
    assert "secret [••••••]" in again.out
    assert SECRET not in first.out + first.err + again.out + again.err
    kept = (home / "siyu.toml").read_text()
    assert "https://a.example" not in kept
    assert SECRET in kept

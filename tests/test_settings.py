"""Settings: two sources, no silence about a wrong name, and no secret in sight."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from siyu.kernel.errors import BadSettings
from siyu.settings import Settings, documented, load


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    (tmp_path / "siyu.toml").write_text(
        'port = 1000\nlog_level = "debug"\n[webhook]\nurl = "http://a"\nsecret = "from the file"\n'
    )
    environ = {"SIYU_HOME": str(tmp_path), "SIYU_PORT": "2000", "SIYU_WEBHOOK_URL": "http://b"}

    found = load(environ, port=3000, host=None)

    assert (found.home, found.port, found.log_level, found.host) == (
        tmp_path, 3000, "debug", "127.0.0.1",
    )  # fmt: skip
    assert found.connectors == {"webhook": {"url": "http://b", "secret": "from the file"}}


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = load({}, home=tmp_path / "new")
    second = load({}, home=tmp_path / "new")

    assert first == second
    assert len({first.master_key, first.lookup_key}) == 2
    keys = tmp_path / "new" / "keys"
    assert keys.stat().st_mode & 0o777 == 0o700
    modes = {file.name: file.stat().st_mode & 0o777 for file in keys.iterdir()}
    made = ("master_key", "lookup_key", "api_key", "ingest_secret")
    assert modes == dict.fromkeys(made, 0o600)


def test_no_secret_is_in_the_repr(tmp_path: Path) -> None:
    environ = {
        "SIYU_WEBHOOK_SECRET": "planted-1",
        "SIYU_INGEST_SECRET": "planted-2-planted-2",
        "SIYU_DATABASE_URL": "postgresql://x:planted-3@h/d",
        "SIYU_API_KEY": "planted-4-planted-4",
    }

    assert "planted" not in repr(load(environ, home=tmp_path))


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"SIYU_PROT": "1"}, "do you mean port?"),
        ({"SIYU_ZZZZ": "x"}, "known are home, database_url"),
        ({"SIYU_PORT": "eighty"}, "port: Expected `int`"),
        ({"SIYU_PORT": "70000"}, "port: "),
        ({"SIYU_LOG_LEVEL": "loud"}, "log_level: "),
        ({"SIYU_MASTER_KEY": "c2hvcnQ="}, "master_key: "),
        ({"SIYU_API_KEY": "short"}, "api_key: "),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(
    tmp_path: Path, environ: dict[str, str], words: str
) -> None:
    with pytest.raises(BadSettings) as caught:
        load(environ, home=tmp_path)

    assert words in str(caught.value)


def test_an_unknown_name_in_the_file_is_an_error_too(tmp_path: Path) -> None:
    (tmp_path / "siyu.toml").write_text('[webhok]\nurl = "x"\n')

    with pytest.raises(BadSettings, match=r"do you mean webhook\?"):
        load({}, home=tmp_path)


def test_a_file_that_is_not_toml_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "siyu.toml").write_text("port 8080")

    with pytest.raises(BadSettings, match="is not TOML"):
        load({}, home=tmp_path)


def test_a_lost_master_key_is_never_silently_replaced(tmp_path: Path) -> None:
    load({}, home=tmp_path)
    (tmp_path / "pg").mkdir()
    (tmp_path / "keys" / "master_key").unlink()

    with pytest.raises(BadSettings, match="can't be read without it"):
        load({}, home=tmp_path)


def test_a_damaged_key_is_said_in_words(tmp_path: Path) -> None:
    load({}, home=tmp_path)
    (tmp_path / "keys" / "lookup_key").write_text("half a k")

    with pytest.raises(BadSettings, match="lookup_key is damaged"):
        load({}, home=tmp_path)


def test_home_is_the_users_own_and_never_roots(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("as root the default is a folder of the system")
    found = load({"XDG_DATA_HOME": str(tmp_path)})

    assert found.home == tmp_path / "siyu"


def test_derived_keys_differ_by_purpose_and_stay_the_same(tmp_path: Path) -> None:
    found = load({}, home=tmp_path)

    assert found.derived("public ids") == load({}, home=tmp_path).derived("public ids")
    assert found.derived("public ids") != found.derived("links")


def test_every_setting_is_documented() -> None:
    lines = list(documented())

    assert {line.name for line in lines} == set(Settings.__dataclass_fields__) - {"connectors"}
    assert all(line.words.endswith(".") for line in lines)


def test_numbers_come_from_the_environment_as_texts(tmp_path: Path) -> None:
    assert load({"SIYU_REVEAL_HOURS": "24"}, home=tmp_path).reveal_hours == 24

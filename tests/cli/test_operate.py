"""What an operator does: doctor, stop, pause, resume, parked events."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from siyu.app import open_app
from siyu.db.embedded import Embedded
from siyu.settings import load


def _wrong(found: dict) -> dict[str, str]:
    return {check["what"]: check["words"] for check in found["checks"] if not check["well"]}


def test_pause_and_resume_say_what_they_did(run: Callable, played) -> None:
    home = ("--home", played.home)

    assert run("pause", *home, "--by", "ana").out.startswith("Paused. Nothing goes out")
    assert run("pause", *home, "--json").json == {"paused": True, "was_paused": True, "owed": 0}
    assert "paused since" in _wrong(run("doctor", *home, "--json").json)["sending"]
    assert "by ana" in run("doctor", *home).out
    assert run("resume", *home).out.startswith("Resumed.")
    assert run("resume", *home, "--json").json["was_paused"] is False


def test_doctor_finds_a_played_home_well_but_for_its_provider(run: Callable, played) -> None:
    said = run("doctor", "--home", played.home, "--json")

    assert list(_wrong(said.json)) == ["channels"]  # the demo's provider ended with it
    assert said.code == 1


def test_doctor_is_content_with_a_home_that_has_not_begun(run: Callable, empty_home: Path) -> None:
    said = run("doctor", "--home", empty_home / "home")

    assert said.code == 0
    assert "All is well." in said.out
    assert not (empty_home / "home" / "pg").exists()


def _damaged_key(home: Path) -> None:
    load({}, home=home)
    (home / "keys" / "master_key").write_text("not a key", "ascii")


def _key_for_all_to_see(home: Path) -> None:
    load({}, home=home)
    (home / "keys" / "lookup_key").chmod(0o644)


def _lost_key(home: Path) -> None:
    load({}, home=home)
    (home / "keys" / "master_key").unlink()
    (home / "pg").mkdir()


def _unknown_in_file(home: Path) -> None:
    (home / "siyu.toml").write_text("prot = 1\n", "utf-8")


def _no_toml(home: Path) -> None:
    (home / "siyu.toml").write_text("port : 1\n", "utf-8")


@pytest.mark.parametrize(
    ("break_it", "what", "words"),
    [
        (_damaged_key, "settings", "is damaged"),
        (_key_for_all_to_see, "home", "chmod 600"),
        (_lost_key, "settings", "master_key is missing"),
        (_unknown_in_file, "settings", "do you mean port"),
        (_no_toml, "settings", "is not TOML"),
    ],
)
def test_doctor_says_what_is_wrong(
    run: Callable, empty_home: Path, break_it: Callable[[Path], None], what: str, words: str
) -> None:
    break_it(empty_home)

    said = run("doctor", "--home", empty_home, "--json")

    assert said.code == 1
    assert words in _wrong(said.json)[what]
    assert f"✗ {what}: " in run("doctor", "--home", empty_home).out


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SIYU_PROT", "1", "do you mean port"),
        ("SIYU_PORT", "many", "port"),
        ("SIYU_LOG_LEVEL", "loud", "log_level"),
        ("SIYU_DATABASE_URL", "postgresql://127.0.0.1:1/none", "can't be reached"),
        ("SIYU_WEBHOOK_URL", "https://provider.example", "secret"),
    ],
)
def test_a_wrong_variable_is_told_by_doctor_and_by_every_other_command(
    run: Callable, played, variable: str, value: str, words: str
) -> None:
    env = {variable: value}

    assert words in " ".join(
        _wrong(run("doctor", "--home", played.home, "--json", **env).json).values()
    )
    said = run("events", "parked", "--home", played.home, **env)
    if variable != "SIYU_WEBHOOK_URL":  # only who sends needs the provider
        assert said.code == 1
        assert words in said.err


def test_a_home_that_is_a_file_is_refused_in_words(run: Callable) -> None:
    assert "is a file" in _wrong(run("doctor", "--home", __file__, "--json").json)["home"]
    assert run("explain", "x", "--home", __file__).code == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may use any folder")
def test_a_home_that_may_not_be_used_is_refused_in_words(run: Callable, empty_home: Path) -> None:
    empty_home.chmod(0o500)

    said = run("explain", "x", "--home", empty_home / "home")

    assert said.code == 1
    assert "choose another --home" in said.err.lower()


def test_stop_stops_once_and_data_stays(run: Callable, empty_home: Path) -> None:
    with Embedded(empty_home, durable=False):
        assert run("stop", "--home", empty_home, "--json").json == {
            "home": str(empty_home), "clients": 0, "server": True,
        }  # fmt: skip

    assert run("stop", "--home", empty_home).out == f"Nothing was running in {empty_home}.\n"
    assert (empty_home / "pg").is_dir()


def test_parked_events_are_listed_and_go_back(run: Callable, played) -> None:
    home = ("--home", played.home)
    assert run("events", "parked", *home).out == "Nothing is parked.\n"
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        conn.execute(
            "insert into event_pending (event_id, received_at, bucket, error, parked_at)"
            " select id, received_at, 0, 'ValueError', received_at from event order by id limit 1"
        )

    assert "ValueError" in run("events", "parked", *home).out
    assert run("events", "parked", *home, "--json").json["parked"][0]["error"] == "ValueError"
    assert "events" in _wrong(run("doctor", *home, "--json").json)
    assert run("events", "replay", *home, "--json").json == {"replayed": 1}
    assert "0 events" in run("events", "replay", *home).out

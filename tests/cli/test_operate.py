"""What an operator does: doctor, stop, pause, resume, parked events."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.content.test_posters import latin

from siyu.app import PREDICATES, open_app
from siyu.cli.screen import meant
from siyu.db.embedded import Embedded
from siyu.journeys import views
from siyu.journeys.actions import Asked
from siyu.outbox.views import stops
from siyu.playbooks.actions import publish
from siyu.settings import demo_home, load
from siyu.staff.views import audited
from siyu.worker.beats import Beats


def _wrong(found: dict) -> dict[str, str]:
    return {check["what"]: check["words"] for check in found["checks"] if not check["well"]}


def test_pause_and_resume_say_what_they_did(run: Callable, played) -> None:
    home = ("--home", played.home)

    assert run("pause", *home, "--by", "ana").out.startswith("Paused. Nothing goes out")
    assert run("pause", *home, "--json").json == {
        "paused": True, "was_paused": True, "scope": "all",
        "owed": 0, "asked_back": 0, "in_hand": 0,
    }  # fmt: skip
    assert "paused since" in _wrong(run("doctor", *home, "--json").json)["sending"]
    assert "by ana" in run("doctor", *home).out
    assert run("resume", *home, "--by", "ben").out.startswith("Resumed.")
    assert run("resume", *home, "--json").json["was_paused"] is False
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        said = [(one.actor, one.action, one.object) for one in audited(conn)]
    assert said[0] == ("ben", "touches.resume", "all")
    assert ("ana", "touches.pause", "all") in said


def test_a_channel_and_a_journey_are_paused_by_name_and_a_typo_is_told(
    run: Callable, played
) -> None:
    home = ("--home", played.home)

    assert "Nothing of channel:sms goes out" in run("pause", "channel:sms", *home).out
    said = run("pause", "journey:cascade", *home, "--by", "ana").out
    assert said.rstrip().endswith("Also paused: channel:sms.")
    assert "Still paused: channel:sms, journey:cascade." in run("resume", *home).out
    words = _wrong(run("doctor", *home, "--json").json)["sending"]
    assert "siyu resume channel:sms goes on; journey:cascade paused since" in words
    assert run("resume", "channel:sms", *home).out.strip().endswith("paused: journey:cascade.")
    assert run("resume", "journey:cascade", *home).code == 0

    typo = run("pause", "channel:smss", *home)
    assert typo.code != 0
    assert re.search("known are .*, sms,", typo.out + typo.err)


def test_a_journey_is_stopped_only_when_somebody_says_yes(run: Callable, played) -> None:
    home = ("--home", played.home)
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        before = views.get(conn, "cascade")

    asked = run("journey", "stop", "cascade", *home)
    kept = _version(played)
    said = run("journey", "stop", "cascade", *home, "--yes", "--by", "ana")

    assert asked.code != 0
    assert "It can't be undone" in asked.err + asked.out
    assert kept == before.version
    assert said.out.startswith("cascade is stopped: nobody enters any more; ")
    assert _version(played) is None
    assert run("journey", "stop", "nobody", *home).code == 1
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        publish(conn, before.text, PREDICATES, app.clock.now(), Asked("ana"))
    assert _version(played) == before.version


def test_what_a_new_text_would_change_is_said_before_it_is_published(
    run: Callable, played, tmp_path: Path
) -> None:
    home = ("--home", played.home)
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        now = views.get(conn, "cascade")
    file = tmp_path / "cascade.yaml"
    file.write_text(now.text, "utf-8")
    same = run("journey", "diff", str(file), *home)
    file.write_text(now.text.replace("wait: 5m", "wait: 6h"), "utf-8")
    later = run("journey", "diff", str(file), *home, "--version", str(now.version), "--json")
    file.write_text("journey: cascade\nsteps: [{id: a, teleport: home}]", "utf-8")
    wrong = run("journey", "diff", str(file), *home)

    assert "nothing changes" in same.out
    assert later.json["changes"] == ["step five-minutes: wait: 5m → 6h"]
    assert (wrong.code, "line 2" in wrong.err) == (1, True)
    assert _version(played) == now.version


def _version(played) -> int | None:
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        return next(one.version for one in views.listing(conn) if one.code == "cascade")


def test_doctor_finds_a_played_home_well_though_its_provider_is_gone(run: Callable, played) -> None:
    said = run("doctor", "--home", played.home)

    assert said.code == 0, said.out
    assert "✓ channels: a sandbox: its provider is gone" in said.out


def test_doctor_names_a_published_journey_that_this_release_cant_read(
    run: Callable, played
) -> None:
    home = ("--home", played.home)
    spoil = "update journey_version set text = %(text)s where text = %(was)s"
    broken = "journey: cascade\nsteps: [{id: a, teleport: home}]"
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        texts = [row[0] for row in conn.fetch("select text from journey_version")]
        (text,) = (one for one in texts if "journey: cascade" in one)
        conn.execute(spoil, {"text": broken, "was": text})

    words = _wrong(run("doctor", *home, "--json").json)["journeys"]
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        conn.execute(spoil, {"text": text, "was": broken})

    assert words.startswith("cascade: this release can't read the text")
    assert run("doctor", *home).code == 0


def test_a_pause_is_dated_in_the_time_of_the_brand(run: Callable, played) -> None:
    home = ("--home", played.home)
    run("pause", *home)
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        (stop,) = stops(conn)

    told = run("doctor", *home).out
    run("resume", *home)

    since = stop.since.astimezone(ZoneInfo("Asia/Shanghai"))
    assert f"paused since {since:%Y-%m-%d %H:%M} by" in told


def test_doctor_calls_an_installation_without_channels_wrong(run: Callable, brandless) -> None:
    found = _wrong(run("doctor", "--home", brandless, "--json").json)

    assert set(found) == {"brand", "channels"}
    assert "SIYU_WEBHOOK_URL" in found["channels"]


def test_a_bad_webhook_is_told_as_such_and_the_rest_is_looked_at(run: Callable, played) -> None:
    env = {"SIYU_WEBHOOK_URL": "https://provider.example", "SIYU_WEBHOOK_SECRET": "planted"}

    said = run("doctor", "--home", played.home, "--json", **env)

    assert "webhook.secret" in _wrong(said.json)["channels"]
    checks = {check["what"]: check["well"] for check in said.json["checks"]}
    assert len(checks) == len(said.json["checks"])
    assert checks["database"]
    assert checks["brand"]
    assert "planted" not in said.out


def test_doctor_names_a_font_that_writes_no_chinese(run: Callable, played) -> None:
    home = ("--home", played.home)
    file = played.home / "latin.ttf"
    file.write_bytes(latin())

    said = run("doctor", *home, "--json", SIYU_POSTER_FONT=str(file))
    shown = run("doctor", *home, SIYU_POSTER_FONT=str(file), SIYU_LANGUAGE="zh").out
    well = run("doctor", *home, "--json").json["checks"]

    assert said.code == 1
    assert f"{file} is not there, or has no Chinese" in _wrong(said.json)["fonts"]
    assert f"✗ 字体：poster_font：{file} 不存在，或其中没有中文；" in shown
    assert [one["well"] for one in well if one["what"] == "fonts"] == [True]


def test_doctor_is_content_with_a_home_that_has_not_begun(run: Callable, empty_home: Path) -> None:
    said = run("doctor", "--home", empty_home / "home")

    assert said.code == 0
    assert "All is well." in said.out
    assert not (empty_home / "home").exists()
    run("doctor", "--home", empty_home)
    assert list(empty_home.iterdir()) == []


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
        ("SIYU_DATABASE_URL", "planted", "no address of a PostgreSQL"),
        ("SIYU_DATABASE_URL", "postgresql://h/d?planted=1", "no address of a PostgreSQL"),
        ("SIYU_DATABASE_URL", "postgresql://127.0.0.1:x/none", "can't be reached"),
        ("SIYU_WEBHOOK_URL", "https://provider.example", "secret"),
    ],
)
def test_a_wrong_variable_is_told_by_doctor_and_by_every_other_command(
    run: Callable, played, variable: str, value: str, words: str
) -> None:
    env = {variable: value}

    found = run("doctor", "--home", played.home, "--json", **env).json
    assert words in " ".join(_wrong(found).values())
    assert [check["what"] for check in found["checks"]].count("settings") == 1
    said = run("events", "parked", "--home", played.home, **env)
    assert said.code == 1
    assert words in said.err
    assert "planted" not in said.err


def test_a_home_that_is_a_file_is_refused_in_words(run: Callable) -> None:
    assert "is a file" in _wrong(run("doctor", "--home", __file__, "--json").json)["home"]
    for words in (["explain", "x"], ["stop"], ["journey", "list"], ["serve"]):
        for place in (Path(__file__), Path(__file__) / "below"):
            said = run(*words, "--home", place)
            assert said.code == 1, words
            assert f"{__file__} is a file; --home must name a folder" in said.err


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


def test_without_a_home_the_demo_is_meant_only_while_nothing_is_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = tmp_path / "siyu"
    demo = demo_home(usual)
    assert meant(None, usual) is None

    (demo / "pg").mkdir(parents=True)
    assert meant(None, usual) == demo
    assert meant(tmp_path, usual) == tmp_path
    assert capsys.readouterr().err.count("using the demo's home") == 1

    (usual / "keys").mkdir(parents=True)  # a look may leave keys: no installation yet
    assert meant(None, usual) == demo
    (usual / "siyu.toml").touch()
    assert meant(None, usual) is None
    (usual / "siyu.toml").unlink()
    (usual / "pg").mkdir()
    assert meant(None, usual) is None


def test_workers_and_doctor_say_who_works_what_is_late_and_what_fails(
    run: Callable, played
) -> None:
    home = ("--home", played.home)
    assert run("workers", *home, "--json").json["workers"] == []
    assert "nobody works: siyu serve" in run("doctor", *home).out

    with open_app(load({}, home=played.home)) as app:
        beats = Beats(app.db.name, ["apply"], app.clock.real())
        beats.ran("lapse", 0, 0.1, "it broke")
        beats.write(app.db, app.clock.real(), applies=True)
        with app.db.transaction() as conn:
            conn.execute(
                "insert into event_pending (event_id, received_at, bucket) values (-1, %(at)s, 0)",
                {"at": app.clock.now() - timedelta(minutes=9)},
            )
        (worker,) = run("workers", *home, "--json").json["workers"]
        assert "it broke" in run("workers", *home).out
        words = _wrong(run("doctor", *home, "--json").json)["work"]
        with app.db.transaction() as conn:
            conn.execute("delete from event_pending where event_id = -1")
            conn.execute("delete from worker")
            conn.execute("delete from sweep_run")

    assert (worker["name"], worker["alive"], worker["applies"]) == (app.db.name, True, True)
    assert words == ("1 worker (siyu workers); apply is late by 9 minutes; lapse fails: it broke")


def test_a_lane_that_is_not_there_is_refused_in_words(run: Callable, played) -> None:
    said = run("worker", "--lanes", "apply,sned", "--home", played.home)

    assert said.code == 1
    assert "no lane sned; known are pull, apply, journeys, house, ask, send" in said.err + said.out

"""Dry runs that are asked for over HTTP: one after the other, cancelled, taken over, told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.dryrun.test_dryrun import NOTE
from typer.testing import CliRunner

from siyu.api.http import make
from siyu.app import App
from siyu.cli.main import app as cli
from siyu.dryrun import keeper, queue
from siyu.dryrun.keeper import Keeper
from siyu.dryrun.model import LOCK, Ended
from siyu.sandbox.server import Served

RUNS = "/api/v1/journeys/dry-runs"
DAYS = {"from": "2026-11-04", "to": "2026-11-04"}


class House:
    """An installation, its API, and the one who keeps its dry runs."""

    def __init__(self, app: App, url: str) -> None:
        self.app = app
        self.keeper = Keeper(app)
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=60)

    def ask(self, method: str, path: str, json: object = None, **headers: str) -> httpx.Response:
        key = {"Authorization": f"Bearer {self.app.settings.api_key}", **headers}
        return self.http.request(method, path, json=json, headers=key)

    def asked(self, **more: object) -> str:
        question = {"text": NOTE, **DAYS, "ranges": False, "by": "ana", **more}
        answer = self.ask("POST", RUNS, question)
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == "waiting"
        return answer.json()["id"]

    def one(self, run: str) -> Any:
        answer = self.ask("GET", f"{RUNS}/{run}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def cancel(self, run: str) -> httpx.Response:
        return self.ask("POST", f"{RUNS}/{run}/cancel", {"by": "ana"})

    def states(self) -> list[str]:
        listed = self.ask("GET", f"{RUNS}?journey=note").json()["dry_runs"]
        return [one["state"] for one in reversed(listed)]

    def run(self) -> bool:
        """A lock is free a moment after its session has ended; the server asks again, too."""
        return any(self.keeper.run_once() for _ in range(500))

    def there(self) -> bool:
        return bool(self.app.db.fetch("select from pg_namespace where nspname = 'siyu_dry'"))


@pytest.fixture
def house(app: App) -> Iterator[House]:
    with Served(make(app)) as served:
        house = House(app, served.url)
        yield house
        house.http.close()


def test_what_was_asked_is_answered_as_the_command_answers_it(house: House, tmp_path: Path) -> None:
    run = house.asked(seed="7")
    assert house.states() == ["waiting"]

    assert house.run()

    (tmp_path / "note.yaml").write_text(NOTE, "utf-8")
    days = ["--from", DAYS["from"], "--to", DAYS["to"], "--home", str(house.app.settings.home)]
    command = [
        "journey",
        "dry-run",
        str(tmp_path / "note.yaml"),
        "--seed",
        "7",
        "--no-ranges",
        "--json",
        *days,
    ]
    here = {"SIYU_DATABASE_URL": house.app.settings.database_url}
    done = CliRunner().invoke(cli, command, env=here)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    found = house.one(run)
    assert (found["state"], found["from"], found["to"]) == ("done", DAYS["from"], DAYS["to"])
    assert found["answer"] | {"seconds": 0} == told | {"seconds": 0}
    assert told["entered"] == 4
    (row,) = house.ask("GET", RUNS).json()["dry_runs"]
    assert (row["id"], row["entered"], row["cost_minor"]) == (run, 4, told["cost_minor"]["likely"])


def test_one_runs_at_a_time_and_one_that_is_cancelled_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (house.asked() for _ in range(3))
    assert house.cancel(second).json()["state"] == "cancelled"
    seen: list[Any] = []
    how_far = queue.how_far

    def tell(*args: Any) -> bool:
        seen.append((house.states(), house.there(), house.cancel(first).json()["stopping"]))
        assert not Keeper(house.app).run_once()  # another server: it waits
        return how_far(*args)

    monkeypatch.setattr(queue, "how_far", tell)
    assert house.run()

    assert seen == [(["running", "cancelled", "waiting"], True, True)]
    assert house.states() == ["cancelled", "cancelled", "waiting"]
    assert not house.there()
    assert house.cancel(third).json()["state"] == "cancelled"
    refused = house.cancel(third)
    assert refused.status_code == 200  # asked again, it changes nothing
    assert not house.run()


def test_the_next_server_takes_over_from_one_that_died_and_drops_what_it_left(house: House) -> None:
    run = house.asked()
    with house.app.db.transaction() as conn:
        one = queue.due(conn)
        assert one is not None
        dead = queue.take(conn, one.id)  # and then it was killed
        conn.execute("create schema siyu_dry")
        conn.execute("create table siyu_dry.left_over ()")

    assert house.run()

    assert house.states() == ["done"]
    assert not house.there()
    with house.app.db.transaction() as conn:  # if it lives after all, it has nothing to say
        assert not queue.how_far(conn, one.id, dead, 0.5, date(2026, 11, 4))
        queue.end(conn, one.id, dead, Ended("failed"), house.app.clock.now())
    assert house.one(run)["answer"]["entered"] == 4


def test_one_that_ends_its_server_each_time_is_not_tried_for_ever(house: House) -> None:
    run = house.asked()
    for _ in range(keeper.TRIES):
        with house.app.db.transaction() as conn:
            one = queue.due(conn)
            assert one is not None
            queue.take(conn, one.id)

    assert house.run()

    assert (house.one(run)["state"], house.states()) == ("failed", ["failed"])
    assert "3 times" in house.one(run)["error"]
    zh = house.ask("GET", f"{RUNS}/{run}", **{"Accept-Language": "zh"}).json()
    assert "3 次" in zh["error"]


def test_a_server_that_ends_gives_it_back_and_a_command_under_way_is_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.asked()
    command = house.app.db.try_lock(LOCK)
    assert command is not None
    with command:
        assert not house.keeper.run_once()
        assert house.states() == ["waiting"]
    begun = threading.Event()
    how_far = queue.how_far

    def tell(*args: Any) -> bool:
        begun.set()
        return how_far(*args)

    monkeypatch.setattr(queue, "how_far", tell)
    house.keeper.start()
    assert begun.wait(30)
    house.keeper.stop(30)

    assert house.states() == ["waiting"]
    assert not house.there()


def test_what_can_not_be_tried_is_refused_when_it_is_asked_for(house: House) -> None:
    def refused(**changed: str) -> Any:
        answer = house.ask("POST", RUNS, {"text": NOTE, **DAYS, "by": "ana", **changed})
        assert answer.status_code in (400, 409), answer.text
        return answer.json()

    wrong = refused(text=NOTE.replace("material: note", "material: none"))["problems"]
    assert [one["line"] for one in wrong] == [8, 15]
    (wrong,) = refused(rates="sms: {reached: [1, 0, 1]}")["problems"]
    assert wrong["where"] == "sms.reached"
    assert "can't lie ahead" in refused(to="9999-12-31")["detail"]
    assert "1 to 92 days" in refused(**{"from": "1970-01-01"})["detail"]
    for _ in range(queue.MOST):
        house.asked()
    assert "wait already" in refused()["detail"]


def test_answers_are_kept_for_thirty_days(house: House) -> None:
    run = house.asked()
    house.cancel(run)
    now = house.app.clock.now()
    for days, kept in ((29, ["cancelled"]), (31, [])):
        with house.app.db.transaction() as conn:
            queue.prune(conn, now + timedelta(days=days))
        assert house.states() == kept
    assert house.ask("GET", f"{RUNS}/{run}").status_code == 404

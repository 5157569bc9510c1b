"""Starting and stopping a playbook, from the command line and over HTTP; its hold-out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import msgspec
import pytest
from tests.build import facts
from tests.playbooks.test_stories import OWN
from typer.testing import CliRunner

from siyu.api.http import make
from siyu.app import App, begin_brand, catch_up
from siyu.budget.actions import draws
from siyu.cli.main import app as cli
from siyu.dryrun.keeper import Keeper
from siyu.events.actions import accept
from siyu.sandbox.server import Served
from siyu.staff.model import Brand, Member
from siyu.staff.views import audited
from siyu.worker.sweeps import tick

STORY = """\
- story: one
  facts: [{at: day 0 10:00, who: mei, friend.added: {}}]
  expect: [{at: day 0 10:00, who: mei, sends: hello}]
  never: [{who: mei, channel: sms}]
"""
OTHER = OWN["journeys/own.yaml"].replace("journey: own", "journey: own-two")


class House:
    def __init__(self, app: App, url: str, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=60)

    def run(self, *words: object, code: int = 0) -> Any:
        said = CliRunner().invoke(
            cli, [*(str(word) for word in words), "--home", str(self.app.settings.home)]
        )
        assert said.exit_code == code, said.output
        return json.loads(said.stdout)

    def say(self, *words: object) -> str:
        """What a person reads."""
        told = [*(str(word) for word in words), "--home", str(self.app.settings.home)]
        said = CliRunner(env={"COLUMNS": "200"}).invoke(cli, told)
        assert said.exit_code == 0, said.output
        return said.stdout

    def ask(self, method: str, path: str, json: object = None) -> Any:
        key = {"Authorization": f"Bearer {self.app.settings.api_key}"}
        answer = self.http.request(method, f"/api/v1{path}", json=json, headers=key)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def figures(self, name: str) -> Any:
        """What came of it, once that is worked out."""
        while (told := self.ask("GET", f"/playbooks/{name}/figures"))["state"] == "working":
            sleep(0.05)
        return told

    def adds(self, first: int, last: int) -> None:
        """So many become friends now."""
        event, now = facts(), self.app.clock.now()
        told = [
            event("friend.added", keys={"external_userid": f"wm{who}"}, source_id=f"f{who}")
            for who in range(first, last)
        ]
        told = [msgspec.structs.replace(one, occurred_at=now.isoformat()) for one in told]
        with self.app.db.transaction() as conn:
            accept(conn, self.app.keys, "CN", told, now)
        assert catch_up(self.app)

    def visits(self) -> list[tuple[Any, ...]]:
        return self.app.db.fetch(
            "select j.code, v.customer_id, v.held_out, v.state from visit v"
            " join journey j on j.id = v.journey_id order by 1, 2"
        )


@pytest.fixture
def house(app: App, tmp_path: Path) -> Iterator[House]:
    folder = tmp_path / "mine"
    for path, text in {**OWN, "story.yaml": STORY, "journeys/two.yaml": OTHER}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    with app.db.transaction() as conn:
        brand = Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh")
        begin_brand(conn, brand, app.clock.now(), [], [Member("guide", "安", "guide")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIYU_DATABASE_URL", app.settings.database_url)
        with Served(make(app)) as served:
            house = House(app, served.url, folder)
            yield house
            house.http.close()


def test_a_playbook_is_started_with_its_values_and_stopped(house: House) -> None:
    done = house.run(
        "playbook", "start", house.folder, "--set", "gap=5d", "--pilot", "2", "--no-forecast",
        "--by", "ana", "--json",
    )  # fmt: skip
    listed = {one["playbook"]: one for one in house.run("playbook", "list", "--json")["playbooks"]}
    house.adds(0, 5)
    inside = house.visits()
    stopped = house.run("playbook", "stop", "mine", "--by", "ana", "--json")
    house.adds(5, 8)
    at_once = house.run("playbook", "stop", "mine", "--now", "--by", "ana", "--json")
    with house.app.db.transaction() as conn:
        lines = [(one.actor, one.action) for one in audited(conn)]

    assert [one["code"] for one in done["journeys"]] == ["own", "own-two"]
    assert (listed["mine"]["state"], listed["mine"]["pilot"]) == ("running", 2)
    assert len({who for _, who, *_ in inside}) == 2  # the pilot of each takes two in
    assert (stopped["going_on"], stopped["ended"]) == (len(inside), 0)
    assert at_once["ended"] == len(inside)
    assert {one[0] for one in house.visits()} == {"own", "own-two"}
    assert len(house.visits()) == len(inside)
    assert {("ana", "playbook.start"), ("ana", "playbook.stop")} <= set(lines)
    states = {
        one["playbook"]: one["state"]
        for one in house.run("playbook", "list", "--json")["playbooks"]
    }
    assert states["mine"] == "stopped"


def test_a_journey_that_is_edited_by_hand_stays_its_playbooks(house: House) -> None:
    """Its draw, its budget and its figures go on."""
    house.run("playbook", "start", house.folder, "--set", "gap=5d", "--no-forecast", "--json")
    text = house.ask("GET", "/journeys/own")["text"].replace("5d", "6d")
    version = house.ask("POST", "/journeys", {"text": text})["version"]
    (mine,) = [one for one in house.run("playbook", "list", "--json")["playbooks"]
               if one["playbook"] == "mine"]  # fmt: skip

    assert version == 2
    assert mine["state"] == "running"
    assert house.app.db.fetch("select distinct playbook from journey") == [("mine",)]


def test_a_value_that_can_not_be_starts_nothing(house: House) -> None:
    told = house.run(
        "playbook", "start", house.folder, "--set", "gap=soon", "--no-forecast", "--json", code=1
    )

    assert "is not a duration" in told["problems"][0]
    assert house.app.db.fetch("select count(*) from playbook") == [(0,)]


def test_a_folder_is_checked_and_shown_from_the_command_line(house: House) -> None:
    (house.folder / "story.yaml").write_text(
        STORY.replace("10:00, who: mei, sends", "11:00, who: mei, sends")
    )
    wrong = house.run("playbook", "check", house.folder, "--json", code=1)
    shown = house.run("playbook", "show", "cascade", "--lang", "zh", "--json")

    assert "line 3" in wrong["problems"][0]
    assert shown["page"].startswith("# 加好友四步法")
    assert [one["there"] for one in shown["needs"]] == [False, False, False, False]


def test_the_console_shows_forecasts_starts_and_stops_one(house: House) -> None:
    rows = {one["playbook"]: one for one in house.ask("GET", "/playbooks")["playbooks"]}
    full = house.ask("GET", "/playbooks/cascade")
    house.run("staff", "add", "ana", "--name", "Ana Xu", "--role", "operator", "--json")
    asked = house.ask("POST", "/playbooks/cascade/forecast", {"by": "ana", "ranges": False})
    assert Keeper(house.app).run_once()
    run = house.ask("GET", f"/journeys/dry-runs/{asked['id']}")
    started = house.ask("POST", "/playbooks/cascade/start", {"by": "ana", "pilot": 10})
    running = house.ask("GET", "/playbooks/cascade")
    stopped = house.ask("POST", "/playbooks/cascade/stop", {"by": "ana"})

    assert (rows["cascade"]["state"], rows["cascade"]["goal"]) == ("available", "growth")
    assert full["outcome"] == {"event": "friend.added", "within": "14d"}
    assert {one["name"]: one["there"] for one in rows["cascade"]["needs"]}["voice_ai"] is False
    assert full["whom"] == rows["cascade"]["whom"]
    assert (run["state"], run["journey"]) == ("done", "playbook:cascade")
    assert run["answer"]["entered"] == 0
    assert house.app.db.fetch("select count(*) from journey where playbook <> 'cascade'") == [(0,)]
    assert [one["code"] for one in started["journeys"]] == ["cascade"]
    assert (running["state"], running["pilot"], running["started_by"]) == ("running", 10, "ana")
    assert (full["started_by_name"], running["started_by_name"]) == ("", "Ana Xu")
    assert stopped["journeys"] == ["cascade"]


def test_the_gallery_names_what_it_brings_and_what_came_of_it(house: House) -> None:
    parts = house.ask("GET", "/playbooks/welcome-trust")["parts"]
    never = house.figures("welcome-trust")
    house.run("playbook", "start", house.folder, "--no-forecast", "--json")
    house.adds(0, 20)
    tick(house.app, house.app.clock.now())
    came = house.figures("mine")
    asked = house.run("report", "playbook", "mine", "--json")

    (journey,) = parts["journeys"]
    assert (journey["code"], journey["title"]["zh"]) == ("welcome-trust", "新好友三十天")
    assert parts["stories"][0]["title"] == {"zh": "走完三十天", "en": "The whole of thirty days"}
    assert {one["kind"] for one in parts["materials"]} == {"wecom_welcome", "wecom_message"}
    assert (never["state"], never["answer"], never["entered"]) == ("ready", None, 0)
    assert (came["entered"], came["lift"], came["sure"]) == (20, None, False)  # too early to say
    assert {name: came[name] for name in ("held_out", "sent", "cost_minor")} == {
        name: asked[name] for name in ("held_out", "sent", "cost_minor")
    }


def test_a_report_of_it_is_asked_from_the_command_line(house: House) -> None:
    house.run("playbook", "start", house.folder, "--no-forecast", "--json")
    house.adds(0, 20)

    told = house.run("report", "playbook", "mine", "--json")

    assert (told["playbook"], told["entered"], told["lift"]) == ("mine", 20, None)


def test_a_forecast_before_the_start_tells_who_would_have_come_in(house: House) -> None:
    house.adds(0, 30)
    told = house.run("playbook", "start", house.folder, "--yes", "--json")

    assert told["forecast"]["journey"] == "playbook:mine"
    assert told["forecast"]["customers"] == 0  # they add today, and only whole days are tried
    assert house.app.db.fetch("select count(*) from pg_namespace where nspname = 'siyu_dry'") == [
        (0,)
    ]


def test_one_draw_holds_a_tenth_out_of_all_journeys_of_a_playbook_for_good(house: House) -> None:
    house.run("playbook", "start", house.folder, "--no-forecast", "--json")
    house.adds(0, 600)
    held = {code: {who for one, who, out, _ in house.visits() if one == code and out}
            for code in ("own", "own-two")}  # fmt: skip
    tick(house.app, house.app.clock.now())
    went = house.app.db.fetch("select customer_id, reason from touch where state = 'withheld'")

    assert held["own"] == held["own-two"]
    assert 35 <= len(held["own"]) <= 90  # 60 expected; four deviations each way
    assert {who for who, reason in went if reason == "holdout"} == held["own"]  # services too


def test_the_draw_of_all_stands_over_every_other(house: House) -> None:
    told = house.run("budget", "set", "holdout", "0.5", "--by", "ana", "--json")
    house.run("budget", "set", "holdout", "0.9", "--json", code=1)
    assert told == {"scope": draws.ALL, "share": 0.5, "changed": True}
    house.run("playbook", "start", house.folder, "--no-forecast", "--json")
    house.adds(0, 300)

    held = [who for code, who, out, _ in house.visits() if code == "own" and out]
    common = house.app.db.fetch("select customer_id from holdout where scope = '*' and held")
    assert {who for (who,) in common} <= set(held)
    assert 125 <= len(held) <= 205  # 55 % expected


def test_a_second_greeting_is_refused_while_the_first_one_runs(house: House) -> None:
    house.run("playbook", "start", "welcome", "--no-forecast", "--yes", "--json")
    second = ("playbook", "start", "welcome-trust", "--no-forecast", "--yes", "--json")

    refused = house.run(*second, code=1)
    assert "siyu playbook stop welcome" in str(refused)
    house.run("playbook", "stop", "welcome", "--json")
    assert house.run(*second)["playbook"] == "welcome-trust"

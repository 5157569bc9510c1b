"""A store's days as people at work see them: what is booked, what is closed, who came."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.api.test_bookings import PHONES, SERVICE, TEN, Salon
from typer.testing import CliRunner

from siyu.api.slot_days import _turnouts
from siyu.cli.main import app as cli
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.kernel.sql import load
from siyu.pages.check import check_service
from siyu.pages.model import Service
from siyu.pages.render.text import closing

READ = ("booking", "touch")
NOTED = "# for people\n" + SERVICE.lstrip().replace(
    "capacity: 2}", "capacity: 2}  # in the old town"
)


FLOW = """
service: cleaning
title: {zh: "a \\"b\\"", en: C}
minutes: 30
ahead: 7d
stores: {hz-1: {week: "mon-sun 10:00-18:00", closed: [2026-11-22]}, sh-1: {week: "mon-fri 10:00-12:00", capacity: 2}}
"""  # noqa: E501 - on one line, as people may write it


@pytest.fixture
def salon(story: Any) -> Salon:
    return Salon(story)


def days(salon: Salon, store: str = "hz-1", count: int = 3) -> list[dict[str, Any]]:
    path = f"/api/v1/slots/calendar?service=cleaning&store={store}&day=2026-11-21&days={count}"
    return salon.story.read(path)["days"]


def test_a_week_shows_places_bookings_and_the_days_that_are_closed(salon: Salon) -> None:
    salon.does("book", at=TEN)

    saturday, sunday, monday = days(salon)
    assert len(saturday["slots"]) == 16
    first = saturday["slots"][0]
    assert (first["starts_at"], first["capacity"], first["booked"]) == (
        "2026-11-21T02:00:00Z",
        1,
        1,
    )
    assert (sunday["closed"], sunday["slots"]) == (True, [])
    assert sum(one["booked"] for one in monday["slots"]) == 0
    assert salon.day()[0]["name_masked"] == "林**"
    salon.set(SERVICE.replace("mon-sun 10:00", "mon-sun 12:00"))
    kept = days(salon)[0]["slots"][0]
    assert (kept["capacity"], kept["booked"]) == (0, 1)  # the hours changed, the booking stands


def test_a_day_is_closed_and_opened_again_and_the_rest_of_the_text_stays(salon: Salon) -> None:
    salon.set(NOTED)
    salon.does("book", at=TEN)
    said = salon.story.ask(
        "POST", "/api/v1/slots/cleaning/close", {"store": "hz-1", "day": "2026-11-21", "by": "ana"}
    )
    assert said.status_code == 200, said.text
    assert "请换一天" in salon.page(PHONES[1], "?store=hz-1&day=2026-11-21")
    assert [one["state"] for one in salon.day()] == ["open"]  # what is booked stays booked
    (service,) = salon.story.read("/api/v1/slots")["services"]
    assert "closed: [2026-11-21, 2026-11-22]" in service["text"]
    assert "# for people" in service["text"]
    assert "# in the old town" in service["text"]

    again = {"store": "hz-1", "day": "2026-11-21", "closed": False, "by": "ana"}
    salon.story.ask("POST", "/api/v1/slots/cleaning/close", again)
    assert days(salon)[0]["closed"] is False
    for path, body in (("nope", again), ("cleaning", {**again, "store": "bj-9"})):
        refused = salon.story.ask("POST", f"/api/v1/slots/{path}/close", body)
        assert refused.status_code == 404


@pytest.mark.parametrize(
    "text",
    [
        NOTED,
        SERVICE,
        SERVICE.replace(
            '  hz-1: {week: "mon-sun 10:00-18:00", capacity: 1, closed: [2026-11-22]}',
            '  hz-1:\n    week: "mon-sun 10:00-18:00"\n    closed:\n      - 2026-11-22',
        ),
        FLOW,
    ],
)  # fmt: skip
def test_a_text_with_other_hours_says_everything_else_as_before(text: str) -> None:
    before = check_service(text)
    assert isinstance(before, Service)
    opening = before.stores["hz-1"]
    other = type(opening)(opening.week, 7, opening.closed)

    after = check_service(closing(text, before, "hz-1", other))

    assert isinstance(after, Service)
    assert after.stores["hz-1"] == other
    assert after.stores["sh-1"] == before.stores["sh-1"]
    assert (after.title, after.minutes, after.ahead) == (before.title, 30, "7d")


def test_who_came_of_those_who_booked_and_of_those_who_were_invited(salon: Salon) -> None:
    link = f"{salon.path()[: salon.path().rindex('/')]}"
    text = Material(
        "come-in", "zh", "wecom_message", "来吧 {{ book }}", {"book": "link"},
        links={"book": f"https://s.example{link}"},
    )  # fmt: skip
    sent = """insert into touch (node, round, customer_id, journey, step, channel, purpose, lane,
      priority, shop, order_no, material, locale, state, wished_at, due_at, sent_at)
      select 'n', customer_id, customer_id, 'care', 's', 'wecom_message', 'service', 'window', 0,
        's', '', 'come-in', 'zh', 'delivered', %(now)s, %(now)s, %(now)s
      from (select distinct customer_id from identity where kind = 'phone') c"""
    salon.path(PHONES[1])
    with salon.story.app.db.transaction() as conn:
        content.install(conn, [text], "test")
        conn.execute(sent, {"now": salon.story.app.clock.now() - timedelta(minutes=5)})
    salon.does("book", at=TEN)
    code = salon.day()[0]["code"]
    salon.story.ask("POST", f"/api/v1/slots/bookings/{code}/keep", {"by": "ana"})
    salon.does("book", PHONES[1], at="20261121T0230Z")
    other = next(one["code"] for one in salon.day() if one["state"] == "open")
    salon.story.go(hours=24)  # its time has come
    salon.story.ask("POST", f"/api/v1/slots/bookings/{other}/miss", {"by": "ana"})

    (one,) = salon.story.read("/api/v1/slots/turnout")["services"]
    assert [one[name] for name in ("booked", "came", "missed", "cancelled")] == [2, 1, 1, 0]
    assert [one[name] for name in ("invited", "took", "visited")] == [2, 2, 1]
    assert (one["rate"], one["invited_rate"]) == (0.5, 0.5)

    app = salon.story.app
    (bare,) = _turnouts(replace(app, settings=replace(app.settings, short_links="")), 28).services
    assert (bare.invited, bare.took, bare.visited, bare.rate) == (None, None, None, 0.5)


def test_touches_and_bookings_of_the_span_are_read_once_for_all_services(salon: Salon) -> None:
    salon.set(SERVICE.replace("service: cleaning", "service: dyeing"))
    salon.does("book", at=TEN)
    found = salon.story.read("/api/v1/slots/turnout")["services"]
    assert [(one["service"], one["booked"], one["invited"]) for one in found] == [
        ("cleaning", 1, 0),
        ("dyeing", 0, 0),
    ]
    since = salon.story.app.clock.now() - timedelta(days=366)
    leads = {"services": ["cleaning", "dyeing"] * 2, "materials": ["a", "a", "b", "c"]}
    with salon.story.app.db.transaction() as conn:
        explained = f"explain (format json) {load('siyu.pages').turnout}"
        (((plan,),),) = conn.fetch(explained, {**leads, "since": since})
    scans = [one for one in _nodes(plan["Plan"]) if one.get("Relation Name") in READ]
    assert sorted(one["Relation Name"] for one in scans) == sorted(READ)
    assert "ANY" not in str([one.get("Join Filter") for one in _nodes(plan["Plan"])])


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan] + [one for part in plan.get("Plans", []) for one in _nodes(part)]


def test_a_store_that_is_none_is_refused_with_those_that_there_are(salon: Salon) -> None:
    said = salon.story.ask("GET", "/api/v1/slots/bookings?store=nope")
    assert said.status_code == 404
    assert "hz-1" in said.json()["detail"]
    path = "/api/v1/slots/calendar?service=cleaning&store=nope"
    assert salon.story.ask("GET", path).status_code == 404
    places = salon.story.read("/api/v1/slots/places")["places"]
    assert [(one["service"], one["store"]) for one in places] == [
        ("cleaning", "hz-1"),
        ("cleaning", "sh-1"),
    ]


def test_what_is_wrong_with_a_service_is_said_with_its_line_before_it_is_kept(salon: Salon) -> None:
    def wrong(text: str) -> list[tuple[str, int, str]]:
        said = salon.story.ask("POST", "/api/v1/slots/check", {"text": text}).json()
        return [(one["where"], one["line"], one["why"]) for one in said["problems"]]

    assert wrong(SERVICE) == []
    ((where, line, why),) = wrong(SERVICE.replace("capacity: 2", "capacity: two"))
    assert (where, line) == ("stores.sh-1.capacity", 10)
    assert "`" not in why
    ((where, line, _),) = wrong(SERVICE.replace("sh-1:", "bj-9:"))
    assert (where, line) == ("stores.bj-9", 10)
    ((where, line, why),) = wrong(SERVICE.replace("[2026-11-22]", "[soon]"))
    assert (where, line) == ("stores.hz-1.closed[0]", 9)
    assert "2026-12-01" in why


def test_commands_name_the_file_and_close_a_day(salon: Salon, tmp_path: Any) -> None:
    settings = salon.story.app.settings
    home, env = ["--home", str(settings.home)], {"SIYU_DATABASE_URL": str(settings.database_url)}
    bad = tmp_path / "bad.yaml"
    bad.write_text(SERVICE.replace("minutes: 30", "minutes: half"), "utf-8")

    def run(*words: str) -> Any:
        return CliRunner().invoke(cli, [*words, *home], env=env)

    said = run("slots", "set", str(bad))
    assert said.exit_code == 1
    assert "bad.yaml" in said.output
    assert "line 4: minutes: must be a whole number" in said.output
    page = tmp_path / "page.yaml"
    page.write_text("page: x\nkind: walet\ntitle: {zh: 卡, en: W}\n", "utf-8")
    said = run("page", "set", str(page))
    assert "page.yaml" in said.output
    assert "line 2: kind" in said.output
    assert "write one of booking, entry, reserve, survey, wallet" in said.output
    nope = run("slots", "day", "nope")
    assert nope.exit_code == 1
    assert "no store 'nope'" in nope.output
    assert run("slots", "close", "cleaning", "hz-1", "2026-11-25", "--json").exit_code == 0
    assert run("slots", "close", "cleaning", "hz-1", "soon").exit_code == 1


def test_commands_list_what_can_be_booked(salon: Salon) -> None:
    settings = salon.story.app.settings
    home, env = ["--home", str(settings.home)], {"SIYU_DATABASE_URL": str(settings.database_url)}
    text = CliRunner().invoke(cli, ["slots", "list", *home], env=env)
    told = CliRunner().invoke(cli, ["slots", "list", "--json", *home], env=env)

    assert text.exit_code == told.exit_code == 0, text.output + told.output
    assert "service: cleaning" in text.output
    (one,) = json.loads(told.output)["services"]
    assert (one["code"], one["title"]["en"], one["minutes"]) == ("cleaning", "Free cleaning", 30)
    assert {"hz-1", "sh-1"} == {at["store"] for at in one["stores"]}


def test_a_text_is_not_saved_over_one_that_its_writer_has_not_seen(salon: Salon) -> None:
    def put(path: str, text: str, before: str) -> Any:
        body = {"text": text, "before": before, "by": "ana"}
        return salon.story.ask("PUT", f"/api/v1/{path}", body)

    page = "page: second\ntitle: {zh: 预约, en: Book}\nkind: booking\nservice: cleaning\n"
    plan = "group: mums\ntitle: {zh: 妈妈群, en: Mums}\nchats: [mums*]\ncapacity: 300\n"
    other = plan.replace("mums", "others")
    salon.set(SERVICE)
    for path, text in (("pages", page), ("groups/plans", plan)):
        assert put(path, text, "").status_code == 200  # there was none
    for path, seen, what in (
        ("slots", SERVICE, "cleaning"), ("pages", page, "second"), ("groups/plans", plan, "mums"),
    ):  # fmt: skip
        mine, theirs = seen + "# mine\n", seen + "# theirs\n"
        assert put(path, theirs, seen).status_code == 200
        late = put(path, mine, seen)
        assert (late.status_code, late.json()["code"]) == (409, "overtaken"), path
        assert f"{what!r} was changed after you had opened it" in late.json()["detail"]
        again = put(path, mine, "")
        assert again.status_code == 409
        assert f"There is {what!r} already" in again.json()["detail"]
        assert theirs.strip() in str(salon.story.read(f"/api/v1/{path}")).replace("\\n", "\n")
        assert put(path, theirs, seen).status_code == 200  # nothing else than is kept
        assert put(path, mine, theirs).status_code == 200
    both = put("groups/plans", f"{plan}---\n{other}", f"{plan}# mine\n")
    assert both.status_code == 200  # of several each is looked at, and one is new
    late = put("groups/plans", f"{plan}# new\n---\n{other}", f"{plan}# mine\n---\n{other}")
    assert late.status_code == 409


def test_a_closed_day_is_not_undone_by_a_text_from_before(salon: Salon) -> None:
    (before,) = (one["text"] for one in salon.story.read("/api/v1/slots")["services"])
    closing_day = {"store": "hz-1", "day": "2026-11-21", "by": "ana"}
    salon.story.ask("POST", "/api/v1/slots/cleaning/close", closing_day)
    body = {"text": before + "# more\n", "before": before, "by": "ana"}
    assert salon.story.ask("PUT", "/api/v1/slots", body).status_code == 409
    assert days(salon)[0]["closed"] is True

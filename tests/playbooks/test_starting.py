"""The guided start: what is seen before, what is chosen, and what a playbook may cost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.build import facts
from tests.playbooks.test_running import House, house
from typer.testing import CliRunner

from siyu.api.auth import Caller
from siyu.api.starting import PlaybookChoices, PolicyChoice, start
from siyu.app import catch_up
from siyu.budget import actions as budget
from siyu.budget.model import Pace
from siyu.cli.main import app as cli
from siyu.dryrun.keeper import Keeper
from siyu.events.actions import accept
from siyu.events.model import Incoming
from siyu.kernel.errors import Forbidden
from siyu.kernel.time import zone
from siyu.ledger import actions as ledger
from siyu.ledger.model import Price
from siyu.staff.model import Scope
from siyu.worker.sweeps import tick

__all__ = ["house"]


def seen(house: House, playbook: str, **chosen: Any) -> Any:
    return house.ask("POST", f"/playbooks/{playbook}/preview", chosen)


def test_all_that_is_to_be_seen_before_a_start_comes_in_one_answer(house: House) -> None:
    told = seen(house, "care-3-3-3", settings={"coupon": "much"}, budget={"total_minor": 500_000})
    settings = {one["setting"]["name"]: one for one in told["settings"]}
    needs = {one["name"]: one for one in told["needs"]}

    assert settings["category"]["problem"]
    assert settings["coupon"]["problem"]
    assert settings["arrival"]["problem"] == ""
    assert not needs["order.paid"]["there"]
    assert needs["order.paid"]["todo"]
    assert [one["code"] for one in told["staff"]["guides"]] == ["guide"]
    assert told["budget"]["total_minor"] == 500_000
    assert told["budget"]["estimate"] is None
    assert told["source"]["takes_shops"] is False
    assert {one["step"] for one in told["problems"] if one["stops"]} == {"settings"}
    assert house.app.db.fetch("select count(*) from playbook") == [(0,)]


def prices(house: House, *listed: Price) -> None:
    with house.app.db.transaction() as conn:
        ledger.set_prices(conn, listed)


def shop(house: House, *codes: str) -> None:
    for code in codes:
        house.app.db.fetch(
            f"insert into shop (code, name, platform) values ('{code}', '{code}', 'own')"
            " returning id"
        )


def orders(house: House, first: int, last: int, *, category: str = "care") -> None:
    """So many buyers pay now, and may be invited; nothing goes out but what the budget rules."""
    event, now = facts(), house.app.clock.now()
    told: list[Incoming] = []
    for who in range(first, last):
        keys = {"phone": f"138{who:08}"}
        line = {"sku": "S", "title": "S", "category": category, "quantity": 1, "unit_minor": 100,
                "amount_minor": 100}  # fmt: skip
        told += [
            event("consent.given", keys=keys, source_id=f"c{who}", channels=["sms", "voice"],
                  purposes=["order_invitation"], basis="contract", evidence="order"),
            event("order.paid", keys=keys, source_id=f"o{who}", shop="east", order_no=f"o{who}",
                  total_minor=100, lines=[line]),
        ]  # fmt: skip
    told = [msgspec.structs.replace(one, occurred_at=now.isoformat()) for one in told]
    with house.app.db.transaction() as conn:
        accept(conn, house.app.keys, "CN", told, now)
    assert catch_up(house.app)
    tick(house.app, house.app.clock.now())


def test_gifts_and_messages_of_a_playbook_never_cost_more_than_its_budget(house: House) -> None:
    shop(house, "east")
    prices(house, Price("sms_segment", 5, "CNY"), Price("call_minute", 10, "CNY"),
           Price("gift", 90, "CNY", variant="GIFT-MASK"), Price("shipping_extra", 10, "CNY"),
           Price("card", 1, "CNY"), Price("staff_minute", 50, "CNY"))  # fmt: skip
    with house.app.db.transaction() as conn:
        budget.set_hours(conn, {("*", "order_invitation"): "00:00-23:59"})
    started = house.run(
        "playbook", "start", "cascade", "--budget", "10.00", "--shop", "east", "--staff", "guide",
        "--no-forecast", "--by", "ana", "--json",
    )  # fmt: skip
    orders(house, 0, 30)
    owed = house.app.db.fetch("select count(*) from touch where state = 'owed'")[0][0]
    later = house.app.db.fetch(
        "select r.reason, count(*) from touch t join ruling r on r.touch_id = t.id"
        " where t.state = 'wished' group by 1"
    )
    told = house.app.db.fetch("select count(*) from spend where cause = 'promise'")[0][0]
    full = house.ask("GET", "/playbooks/cascade")
    orders(house, 30, 35)
    refused = house.app.db.fetch(
        "select count(*) from journey_entry where reason = 'playbook_budget'"
    )
    listed = {one["playbook"]: one for one in house.run("playbook", "list", "--json")["playbooks"]}
    report = house.run("report", "playbook", "cascade", "--json")

    assert started["warnings"]
    assert owed == told in (8, 9)  # each a gift of 100 and a message of one segment or two
    assert [reason for reason, _ in later] == ["playbook_budget"]
    assert owed * 105 <= full["budget"]["spent_minor"] <= full["budget"]["total_minor"] == 1_000
    assert full["budget"]["short_since"] is not None
    assert (full["shops"], full["staff"]) == (["east"], ["guide"])
    assert refused == [(5,)]
    assert "of ¥10.00; used up" in listed["cascade"]["budget"]
    assert report["budget_minor"] == 1_000

    more = house.ask("PUT", "/playbooks/cascade/budget", {"total_minor": 500_000, "by": "ana"})
    orders(house, 35, 40)
    entered = house.app.db.fetch("select count(*) from visit where order_no in ('o35', 'o36')")

    assert more["budget"]["short_since"] is None
    assert more["going_on"] == later[0][1]
    assert entered == [(2,)]
    assert house.app.db.fetch("select count(*) from touch where state = 'wished'") == [(0,)]


def test_a_doctor_says_which_budget_is_used_up(house: House) -> None:
    house.run("playbook", "start", "cascade", "--per-day", "3", "--no-forecast", "--json")
    assert house.run("playbook", "budget", "cascade", "8000", "--by", "ana", "--json") == {
        "playbook": "cascade", "budget": "¥0.00 of ¥8,000.00", "going_on": 0,
    }  # fmt: skip
    house.app.db.fetch("update spend_cap set short_since = now() returning playbook")
    told = house.run("doctor", "--json", code=1)
    (check,) = [one for one in told["checks"] if one["what"] == "budgets"]

    assert not check["well"]
    assert "siyu playbook budget cascade" in check["words"]
    house.run("playbook", "budget", "cascade", "--none", "--json")
    assert house.app.db.fetch("select count(*) from spend_cap") == [(0,)]
    house.run("playbook", "budget", "cascade", "--json", code=1)
    house.run("playbook", "budget", "nowhere", "5", "--json", code=1)


def test_a_budget_that_can_bound_nothing_sensibly_is_refused(house: House) -> None:
    house.run("playbook", "start", "cascade", "--per-day", "3", "--no-forecast", "--json")
    nothing = house.run("playbook", "budget", "cascade", "0", "--json", code=1)
    house.run("playbook", "start", "cascade", "--budget", "0", "--no-forecast", "--json", code=1)
    daily = house.run(
        "playbook", "budget", "cascade", "100", "--per-day", "200", "--json", code=1
    )  # fmt: skip
    told = seen(house, "cascade", budget={"total_minor": 100, "daily_minor": 200})
    house.run("advise", "--dear", "-4", "--json", code=1)
    house.run("advise", "--dear", "much", "--json", code=1)
    (row,) = house.app.db.fetch("select total_minor, daily_minor from spend_cap")

    assert "more than 0" in str(nothing)
    assert "larger than the budget in all" in str(daily)
    assert [one["stops"] for one in told["problems"] if one["step"] == "budget"] == [True]
    assert row == (None, 300)  # as it was


def test_a_start_says_what_its_cost_is_made_of_and_that_the_pilot_is_not_tried(
    house: House,
) -> None:
    shop(house, "east")
    started = house.say("playbook", "start", "cascade", "--pilot", "5", "--yes")
    bounded = house.say("playbook", "start", "cascade", "--budget", "100", "--per-day", "20",
                        "--no-forecast", "--yes")  # fmt: skip

    assert "Budget: no bound: it may cost whatever its plan costs; expected" in started
    assert "messages and calls ¥0.00 + gifts ¥0.00 = ¥0.00" in started
    assert "The forecast lets everybody in: a pilot of 5 customers costs less." in started
    assert "Budget: ¥100.00 in all, ¥20.00 a day; ask for a forecast" in bounded
    assert "lets everybody in" not in bounded


def test_who_names_what_there_is_not_reads_only_that(house: House, tmp_path: Path) -> None:
    picture = tmp_path / "bin.yaml"
    picture.write_bytes(b"\xff\xfe\x00")
    home = ("--home", house.app.settings.home)

    def refused(*words: object) -> str:
        said = CliRunner(env={"COLUMNS": "200"}).invoke(cli, [str(one) for one in (*words, *home)])
        assert said.exit_code == 1, said.output
        return said.output

    start = ("playbook", "start", "cascade", "--yes")
    nobody = refused(*start, "--staff", "nope")
    nowhere = refused(*start, "--shop", "nope")
    unset = refused("playbook", "start", "card-only", "--set", "nope=1")
    unread = refused("page", "set", picture)

    assert "is no guide who works here" in nobody
    assert "there is no such shop" in nowhere
    assert not [one for one in (nobody, nowhere) if "visits of" in one or "Budget" in one]
    assert "settings.nope: there is no such setting; this playbook has none" in unset
    assert unread.count("bin.yaml") == 1


def test_what_a_playbook_brings_leaves_out_what_it_does_not(house: House) -> None:
    shown = house.say("playbook", "show", "card-only", "--lang", "zh")
    found = house.run("playbook", "show", "card-only", "--json")["brings"]
    brings = shown.partition("包含")[2].partition("需要")[0]

    assert found["segments"] == 0
    assert "分群" not in brings
    assert "标签规则" not in brings
    assert "素材" in brings


def test_what_a_shop_forbids_is_seen_set_and_refused(house: House) -> None:
    shop(house, "east", "west")
    house.run("playbook", "start", "cascade", "--shop", "north", "--no-forecast", "--json", code=1)
    started = house.run(
        "playbook", "start", "cascade", "--forbid", "west/sms", "--no-forecast", "--json"
    )
    told = seen(house, "cascade", shops=["west"])
    permits = {(one["shop"], one["channel"]): one for one in told["policy"]}
    house.run(
        "playbook", "start", "cascade", "--shop", "west", "--forbid", "west/*", "--no-forecast",
        "--json", code=1,
    )  # fmt: skip

    assert any("west forbids sms" in one for one in started["warnings"])
    assert permits["west", "sms"]["allowed"] is False
    assert permits["west", "voice_ai"]["allowed"] is True
    assert [one["chosen"] for one in told["source"]["shops"]] == [False, True]
    assert not [one for one in told["problems"] if one["stops"]]
    assert house.app.db.fetch("select count(*) from shop_policy") == [(1,)]  # the refusal kept none


def test_a_category_that_nobody_has_bought_is_refused_with_what_there_is(house: House) -> None:
    shop(house, "east")
    pages = dict.fromkeys(("cover", "book", "why", "catalogue"), "https://b.example/x")
    told = [word for name, value in pages.items() for word in ("--set", f"{name}={value}")]
    orders(house, 0, 1, category="shoes")
    wrong = house.run(
        "playbook", "start", "care-3-3-3", *told, "--set", "category=shoe", "--no-forecast",
        "--json", code=1,
    )  # fmt: skip
    empty = house.run(
        "playbook", "start", "care-3-3-3", *told, "--set", "category=", "--no-forecast", "--json",
        code=1,
    )  # fmt: skip
    shown = seen(house, "care-3-3-3", settings={**pages, "category": "shoe"})
    setting = next(one for one in shown["settings"] if one["setting"]["name"] == "category")

    assert "did you mean 'shoes'?" in wrong["problems"][0]
    assert "category" in empty["problems"][0]
    assert "shoes" in setting["problem"]
    assert [one["code"] for one in setting["choices"]] == ["shoes"]


def test_the_forecast_is_held_against_stock_staff_and_budget(house: House) -> None:
    shop(house, "east")
    prices(house, Price("sms_segment", 5, "CNY"), Price("gift", 90, "CNY"),
           Price("call_minute", 10, "CNY"), Price("staff_minute", 50, "CNY"),
           Price("shipping_extra", 1, "CNY"), Price("card", 1, "CNY"))  # fmt: skip
    here = zone(house.app.brand.time_zone)
    since = house.app.clock.now().astimezone(here) - timedelta(days=3)
    with house.app.db.transaction() as conn:
        budget.set_pace(conn, Pace(presses=1))
    house.app.db.fetch(
        "insert into gift_stock (sku, on_hand) values ('GIFT-MASK', 2) returning sku"
    )
    orders(house, 0, 20)
    house.app.db.fetch("update orders set paid_at = paid_at - interval '3 days' returning id")
    house.app.db.fetch("update event set occurred_at = occurred_at - interval '3 days',"
                       " received_at = received_at - interval '3 days' returning id")  # fmt: skip
    asked = house.ask("POST", "/playbooks/cascade/forecast", {
        "from": f"{since:%Y-%m-%d}", "to": f"{since:%Y-%m-%d}", "ranges": False, "by": "ana"
    })  # fmt: skip
    assert Keeper(house.app).run_once()
    told = seen(house, "cascade", forecast=asked["id"], budget={"total_minor": 100})
    masks = next(one for one in told["offers"] if one["offer"] == "face-mask")

    assert told["forecast"]["state"] == "done"
    assert masks["there"] == 2
    assert masks["needed"] > 2
    assert masks["enough"] is False
    assert "needed, 2 there" in masks["says"]
    assert told["budget"]["estimate"]["likely"] >= masks["needed"] * 90
    assert f"+ gifts ¥{masks['needed'] * 90 / 100:.2f} = ¥" in told["budget"]["parts"]
    assert told["budget"]["enough"] is False
    assert told["staff"]["presses"] == 1
    assert {"offer", "budget"} <= {one["step"] for one in told["problems"]}


def test_only_who_may_change_rules_starts_with_other_rules_of_shops(house: House) -> None:
    shop(house, "west")
    caller = Caller("ana", frozenset({"journeys.publish"}), Scope())
    choices = PlaybookChoices(policy=[PolicyChoice("west", "sms", False)])
    with pytest.raises(Forbidden, match="ask one of: operator, owner"):
        start(house.app, caller, "cascade", choices, "en")
    assert house.app.db.fetch("select count(*) from playbook") == [(0,)]

    start(house.app, caller, "cascade", PlaybookChoices(), "en")
    assert house.app.db.fetch("select count(*) from shop_policy") == [(0,)]

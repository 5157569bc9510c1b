"""Reports over rows as the rooms write them: every number can be counted by hand."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from tests.analytics.small import Small, rows_of
from tests.analytics.world import SINCE, World

from siyu.acquisition.actions import install
from siyu.acquisition.model import Source
from siyu.analytics.model import Asked, Group, PlanReport, SourceReport, Step, WithheldReport
from siyu.analytics.render import report_csv
from siyu.analytics.views import reports
from siyu.analytics.views.questions.funnel import Funnel
from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput, NotFound, Refused

FORTNIGHT = Asked(date(2026, 11, 1), date(2026, 11, 14))
NOW = SINCE + timedelta(days=60)


@pytest.fixture
def world(db: Pool) -> World:
    return World(db)


def plan(world: World, asked: Asked = FORTNIGHT, days: float = 60) -> PlanReport:
    with world.db.transaction() as conn:
        return reports.plan(conn, asked, "UTC", SINCE + timedelta(days=days))


def only(world: World, asked: Asked = FORTNIGHT, days: float = 60) -> SourceReport:
    (found,) = plan(world, asked, days).sources
    return found


def withheld(world: World, asked: Asked = FORTNIGHT, zone: str = "UTC") -> WithheldReport:
    with world.db.transaction() as conn:
        return reports.withheld(conn, asked, zone, NOW)


def held(world: World, customer: int) -> None:
    world.write(
        "holdout",
        scope="plan",
        customer_id=customer,
        held=True,
        probability=0.1,
        assigned_at=SINCE,
    )


def refused(world: World, customer: int, order: str, reason: str) -> None:
    with world.db.transaction() as conn:
        conn.execute(
            "insert into journey (code, playbook) values ('plan', 'p') on conflict do nothing"
        )
        conn.execute(
            "insert into journey_entry (journey_id, event_id, shop, order_no, customer_id, outcome,"
            " reason, at) select id, %(customer)s, 'shop', %(order)s, %(customer)s, 'refused',"
            " %(reason)s, %(at)s from journey",
            {"customer": customer, "order": order, "reason": reason, "at": world.at(1)},
        )


def test_every_buyer_of_the_period_is_in_exactly_one_group(world: World) -> None:
    world.order(1, 1)
    world.order(1, 2)  # the same buyer
    world.order(2, 1)
    world.friend(2, 0)  # a friend already
    world.order(3, 1)
    held(world, 3)
    world.order(4, 1, order_no="a4")
    refused(world, 4, "a4", "not_admitted")
    world.order(5, 1, state="refunded")
    world.order(6, -1)
    world.order(7, 14)
    world.order(None, 1)
    world.order(8, 1, shop="another shop")
    world.order(9, 1)
    world.friend(9, 2)

    found = only(world)

    assert (found.buyers, found.friends_before, found.not_admitted) == (5, 1, 1)
    assert (found.held, found.treated) == (Group(1, 0), Group(2, 1))


def test_a_friend_who_was_gone_at_the_order_is_in_scope_again(world: World) -> None:
    world.order(3, 5)
    world.friend(3, 1, gone=3)

    assert only(world).treated == Group(1, 0)


def test_friends_count_within_fourteen_days_of_their_own_first_order(world: World) -> None:
    for customer, day, added in ((1, 0, 13.9), (2, 0, 14.1), (3, 13, 26.9), (4, 13, 27.1)):
        world.order(customer, day)
        world.friend(customer, added)
    world.order(2, 10)  # a later order does not lengthen it

    assert only(world).treated == Group(4, 2)


def test_who_may_still_add_is_counted_beside_the_rate(world: World) -> None:
    world.order(1, 1)
    world.order(2, 10)
    world.order(3, 10)
    world.friend(3, 11)

    assert only(world, days=16).still_open == 1  # 2: until day 24


def test_each_step_has_whom_it_reached_and_the_friends_who_followed_it_last(world: World) -> None:
    for customer in (1, 2, 3, 4):
        world.order(customer, 1)
        world.friend(customer, 4)
    world.touch(1, "sms", 1.1)
    world.touch(1, "call", 1.2)
    world.match(1, 4, "sms")  # followed the SMS after all
    world.touch(2, "sms", 1.1)
    world.touch(2, "sms", 1.15)
    world.touch(2, "call", 1.2)
    world.touch(2, "human", 5)  # after the add
    world.touch(3, "sms", 1.1)
    world.card(3, 3)
    world.touch(9, "sms", 1.1)  # nobody of this period

    found = only(world)

    assert found.steps == (
        Step("sms", 3, 4, 1),
        Step("call", 2, 2, 1),
        Step("human", 1, 1, 0, raced=1, longest_race=86_400.0),
        Step("card", 1, 1, 1),
        Step("other", adds=1),
    )
    assert found.invited == Group(3, 3)
    assert sum(step.adds for step in found.steps) == found.treated.friends == 4


def test_costs_are_those_of_the_buyers_in_scope_within_their_window(world: World) -> None:
    for customer in (1, 2):
        world.order(customer, 1)
        world.friend(customer, 2)
    world.order(3, 1)
    world.friend(3, 0)
    world.cost("sms", 5, 1, customer_id=1)
    world.cost("sms", 5, 1, customer_id=2)
    world.cost("gift", 150, 12, kind="gift", customer_id=2)
    world.cost("gift", 150, 20, kind="gift", customer_id=2)  # behind the window
    world.cost("gift", 150, 2, kind="gift", customer_id=3)  # a friend already
    world.cost("sms", 5, 1, customer_id=4)  # a buyer of another time
    world.cost("sms", 5, 1, customer_id=1, journey="another plan")
    world.cost("sms", 5, 1, customer_id=1, reversed_at=SINCE)

    found = only(world)

    assert [(one.step, one.kind, one.quantity, one.amount_minor) for one in found.costs] == [
        ("gift", "gift", 1, 150), ("sms", "sms_segment", 2, 10)
    ]  # fmt: skip
    assert (found.cost_minor, found.cost_per_add_minor) == (160, 80)


def test_what_was_spent_on_an_order_that_is_gone_again_stays_spent(world: World) -> None:
    world.order(1, 1)
    world.friend(1, 2)
    world.order(2, 1, state="cancelled")
    world.cost("sms", 5, 1, customer_id=2)
    world.order(3, 1, state="refunded")
    world.order(3, 4)
    world.cost("sms", 5, 1, customer_id=3)

    found = only(world)

    assert (found.buyers, found.treated) == (2, Group(2, 1))
    assert found.cost_minor == 10


def test_costs_in_two_currencies_are_not_added_up(world: World) -> None:
    world.order(1, 1)
    world.cost("sms", 5, 1, customer_id=1)
    world.cost("sms", 5, 1, "GBP", customer_id=1)

    with pytest.raises(Refused, match="CNY, GBP"):
        plan(world)


def test_the_hold_out_shows_what_would_have_happened_anyway(world: World) -> None:
    for customer in range(1, 11):
        world.order(customer, 1)
    for customer in (1, 2, 3, 4, 9):
        world.friend(customer, 2)
    held(world, 9)
    held(world, 10)

    found = only(world)

    assert (found.treated, found.held) == (Group(8, 4), Group(2, 1))
    assert found.lift is not None
    assert found.lift.points == 0
    assert found.lift.interval.low < 0 < found.lift.interval.high


def test_each_source_has_its_own_buyers_and_a_shop_narrows_them(world: World) -> None:
    with world.db.transaction() as conn:
        install(conn, [Source("walk-ins", {}, {"everybody": True}, ("till",))], [], "p")
    world.order(1, 1)
    world.order(2, 1, shop="till")
    world.order(3, 1, shop="elsewhere")

    both = {one.source: one.buyers for one in plan(world).sources}
    till = {one.source: one.buyers for one in plan(world, FORTNIGHT._replace(shop="till")).sources}
    (one,) = plan(world, FORTNIGHT._replace(source="walk-ins")).sources

    assert both == {"orders": 1, "walk-ins": 1}
    assert till == {"orders": 0, "walk-ins": 1}
    assert one.source == "walk-ins"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"source": "nowhere"}, NotFound),
        ({"last": date(2026, 10, 31)}, BadInput),
        ({"first": date(2025, 1, 1)}, BadInput),
        ({"first": date(1, 1, 1), "last": date(1, 1, 2)}, BadInput),
    ],
)
def test_what_cannot_be_reported_on_is_said(
    world: World, change: dict[str, Any], error: type[Exception]
) -> None:
    for report in (plan, withheld):
        with pytest.raises(error):
            report(world, FORTNIGHT._replace(**change))


def test_withheld_touches_are_counted_by_day_channel_purpose_and_reason(world: World) -> None:
    world.touch(1, "sms", 1.9, "withheld", "no_consent")  # 21:36 in London, next day in Shanghai
    world.touch(2, "sms", 2.1, "withheld", "no_consent")
    world.touch(3, "call", 2.1, "withheld", "cap")
    world.touch(4, "sms", 2.2)
    world.touch(5, "sms", 20, "withheld", "cap")

    here = withheld(world)
    there = withheld(world, zone="Asia/Shanghai")

    assert here.rows == (
        (date(2026, 11, 2), "sms", "order_invitation", "no_consent", 1),
        (date(2026, 11, 3), "call", "order_invitation", "cap", 1),
        (date(2026, 11, 3), "sms", "order_invitation", "no_consent", 1),
    )
    assert (here.wished, here.withheld) == (4, 3)
    assert [row.touches for row in there.rows] == [1, 2]
    assert withheld(world, FORTNIGHT._replace(source="orders", shop="nowhere")).rows == ()


def test_the_number_of_statements_does_not_depend_on_the_number_of_buyers(world: World) -> None:
    def statements() -> int:
        with world.db.counting() as seen:
            plan(world)
        return len(seen)

    none = statements()
    for customer in range(1, 20):
        world.order(customer, 1)
        world.friend(customer, 2)

    assert statements() == none


def read(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_csv_speaks_the_readers_language_and_has_amounts_in_major_units(world: World) -> None:
    world.order(1, 1)
    world.friend(1, 2)
    world.touch(1, "sms", 1.1)
    world.cost("sms", 5, 1, customer_id=1)
    report = plan(world)

    funnel = read(report_csv("cascade", report, "en"))
    costs = read(report_csv("cost", report, "zh"))

    scope = next(row for row in funnel if row["Figure"] == "In scope")
    assert (scope["People"], scope["New friends"], scope["Rate"]) == ("1", "1", "1.0000")
    step = next(row for row in funnel if row["Step"] == "sms")
    assert (step["People"], step["Touches"], step["New friends"]) == ("1", "1", "1")
    assert [(row["步骤"], row["成本类型"], row["金额"], row["币种"]) for row in costs] == [
        ("sms", "sms_segment", "0.05", "CNY"), ("sms", "合计", "0.05", "CNY"),
        ("合计", "合计", "0.05", "CNY"),
    ]  # fmt: skip
    assert costs[-1]["单个加粉成本"] == "0.05"


def test_nothing_in_a_csv_runs_as_a_formula(world: World) -> None:
    world.touch(1, "sms", 1.9, "withheld", "=cmd|' /C calc'!A0")
    world.touch(2, "@SUM(A1)", 1.9, "withheld", "cap")

    rows = read(report_csv("withheld", withheld(world), "zh"))

    assert [row["原因代码"] for row in rows] == ["cap", "'=cmd|' /C calc'!A0"]
    assert [row["触点"] for row in rows] == ["'@SUM(A1)", "sms"]
    assert rows[0]["原因"] == "已达触达上限"


def test_the_period_before_is_seen_when_it_was_as_old_as_this_one(world: World) -> None:
    for customer, day, added in ((1, 0, 1), (2, 0, 6), (3, 7, 8), (4, 7, None)):
        world.order(customer, day)
        if added is not None:
            world.friend(customer, added)
    this_week = Asked(date(2026, 11, 8), date(2026, 11, 14))
    now = SINCE + timedelta(days=9)

    with world.db.transaction() as conn:
        here = reports.plan(conn, this_week, "UTC", now)
    with world.db.transaction() as conn:
        before = reports.compared(conn, "UTC", now, here)

    assert before.report.asked == Asked(date(2026, 11, 1), date(2026, 11, 7))
    assert here.sources[0].treated == Group(2, 1)
    assert before.report.sources[0].treated == Group(2, 1)  # two days on, 2 had not come yet
    assert before.report.sources[0].still_open == 1
    assert only(world, before.report.asked).treated == Group(2, 2)


def test_why_a_step_did_not_reach_somebody_is_told(world: World) -> None:
    for customer in range(1, 7):
        world.order(customer, 1)
    world.touch(1, "sms", 1.1, "withheld", "cap")
    world.touch(2, "sms", 1.1, "failed")
    world.touch(3, "sms", 1.1, "owed")
    world.touch(4, "sms", 1.1, "withdrawn")  # for a cause of the customer's own
    world.touch(5, "call", 1.1, "owed")
    world.touch(6, "sms", 1.1)
    world.write("trouble", channel="call", since=SINCE, probe_at=SINCE, failures=3)

    assert [tuple(one) for one in only(world).not_reached] == [
        ("call", "provider", "", 1),
        ("sms", "failed", "", 1),
        ("sms", "waiting", "", 1),
        ("sms", "withheld", "cap", 1),
    ]


def test_the_funnel_is_cut_by_shop_and_by_the_brands_hour_of_the_order(world: World) -> None:
    """Midnight of Shanghai is 16:00 UTC. Shop and hour are those of the first order in scope."""
    at_seven, midnight, before = 1 + 23.5 / 24, 2 + 16 / 24, 2 + 15.99 / 24
    for customer, day in ((1, at_seven), (2, midnight), (3, before), (4, midnight)):
        world.order(customer, day)
        world.touch(customer, "sms", day + 0.01)
    world.order(1, at_seven + 1, state="refunded")
    world.friend(2, 3)
    world.match(2, 3, "sms")
    world.friend(3, 4)
    world.order(5, midnight, state="cancelled")
    lake = Small()

    found = Funnel(FORTNIGHT.first, FORTNIGHT.last).answer(
        lake.sources(date(2026, 12, 20), world.db)
    )

    hours = {one["hour"]: (one["in_scope"], one["friends"]) for one in rows_of(found, "hours")}
    assert hours == {"07": (1, 0), "00": (2, 1), "23": (1, 1)}
    (shop,) = rows_of(found, "shops")
    assert (shop["shop"], shop["in_scope"], shop["friends"]) == ("shop", 4, 2)
    (step,) = rows_of(found, "shop_steps")
    assert (step["step"], step["reached"], step["won"], step["success"]) == ("sms", 4, 2, 0.5)
    steps = {one["hour"]: one["won"] for one in rows_of(found, "hour_steps")}
    assert steps == {"07": 0, "00": 1, "23": 1}
    assert "nothing to compare" in found.says


def test_the_funnel_names_the_step_that_fell_with_both_intervals(world: World) -> None:
    for customer in range(1, 201):
        day = 1 if customer <= 100 else 15
        world.order(customer, day)
        world.touch(customer, "sms", day + 0.1)
        if customer <= 60 or customer > 185:
            world.friend(customer, day + 1)
            world.match(customer, day + 1, "sms")

    found = Funnel(date(2026, 11, 15), date(2026, 11, 28)).answer(
        Small().sources(date(2026, 12, 28), world.db)
    )

    (fall,) = rows_of(found, "falls")
    assert (fall["step"], fall["was"], fall["now"]) == ("sms", 0.6, 0.15)
    assert fall["now_high"] < fall["was_low"]
    assert fall["change_low"] < fall["change"] < fall["change_high"] < 0
    assert "step sms, wins fewer: 15.0%" in found.says
    assert "从 60.0%" in found.says.zh

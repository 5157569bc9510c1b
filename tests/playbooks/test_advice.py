"""Advice from a brand's own figures: not yet, ready, what is unknown, and the matrix."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest
from tests.build import facts
from tests.playbooks.test_report import BRAND
from tests.playbooks.test_running import House, house
from typer.testing import CliRunner

from siyu.app import App, begin_brand, catch_up
from siyu.cli.main import app as cli
from siyu.events.actions import accept
from siyu.kernel.sentence import within
from siyu.playbooks.decide import Limits, Seen, advise
from siyu.playbooks.views.advice import look

__all__ = ["house"]

ALL = {"welcome-trust", "cascade", "old-orders", "care-3-3-3", "lapsed-recall", "size-clearance",
       "festival-blind-box"}  # fmt: skip
GOOD = Seen(30_000, 40_000, 40_000 * 20_000, 0.0, 0, 1_000, 100, 102, 500, 100, 0.6, 20, True, True,
            old=9_000)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "ready", "verdict"),
    [
        ({}, "ready", ("growth", "yes")),
        ({"wecom": False}, "not_yet", ("connection", "no")),
        ({"heard": False}, "not_yet", ("orders", "no")),
        ({"margin": 0.1}, "not_yet", ("margin", "no")),
        ({"margin": None}, "unknown", ("margin", "unknown")),
        ({"before_minor": None}, "ready", ("growth", "unknown")),
        ({"lately_minor": 150}, "ready", ("growth", "no")),
        ({"lately_minor": 150, "materials": 0, "again": 1}, "not_yet", ("content", "no")),
    ],
)
def test_readiness_says_not_yet_where_something_hard_is_missing(
    changed: dict[str, object], ready: str, verdict: tuple[str, str]
) -> None:
    found = advise(GOOD._replace(**changed), Limits(), None, ALL, "CNY")

    assert found.ready == ready
    assert verdict in {(one.what, one.verdict) for one in found.points}
    assert len(found.next) == sum(one.verdict != "yes" for one in found.points)


@pytest.mark.parametrize(
    ("changed", "cell", "picks"),
    [
        ({}, ("head_office", "low", "low", "large"), {"welcome-trust", "cascade", "old-orders"}),
        (
            {"net_minor": 40_000 * 90_000},
            ("head_office", "low", "high", "large"),
            {"welcome-trust", "cascade", "old-orders", "care-3-3-3", "festival-blind-box"},
        ),
        (
            {"orders": 120_000, "stores": 9, "in_stores": 0.8},
            ("stores", "high", "low", "large"),
            {"welcome-trust", "cascade", "old-orders", "size-clearance", "festival-blind-box"},
        ),
        (
            {"customers": 900, "orders": 1_000, "friends": 700, "again": 60},
            ("head_office", "low", "high", "small"),
            {"welcome-trust", "care-3-3-3", "lapsed-recall", "festival-blind-box"},
        ),
    ],
)
def test_the_matrix_picks_playbooks_by_the_brands_own_figures(
    changed: dict[str, object], cell: tuple[str, ...], picks: set[str]
) -> None:
    found = advise(GOOD._replace(**changed), Limits(), None, ALL, "CNY")

    assert found.cell[:4] == cell
    assert {one.playbook for one in found.picks} == picks


def test_a_declared_goal_and_own_thresholds_go_before_ours() -> None:
    found = advise(GOOD, Limits(frequent=1.0, dear_minor=100), "reputation", ALL, "CNY")

    assert (found.goal, found.cell.frequency, found.cell.price) == ("reputation", "high", "high")
    assert "cascade" not in {one.playbook for one in found.picks}


def test_figures_are_those_of_orders_that_stand(app: App) -> None:
    now = app.clock.now()
    with app.db.transaction() as conn:
        begin_brand(conn, BRAND, now - timedelta(days=500))

    def order(who: int, days: int, number: str) -> tuple[str, int, datetime, dict[str, object]]:
        return (
            "order.paid",
            who,
            now - timedelta(days=days),
            {"order_no": number, "total_minor": 1_000},
        )

    for one in (order(1, 100, "a"), order(1, 20, "b"), order(2, 150, "c"), order(3, 400, "d"),
                order(4, 5, "e")):  # fmt: skip
        _once(app, one)
    _once(app, ("order.cancelled", 4, now, {"order_no": "e"}))
    with app.db.transaction() as conn:
        seen = look(conn, "CNY", wecom=False, now=now)

    assert (seen.customers, seen.orders, seen.net_minor) == (2, 3, 3_000)
    assert (seen.before_minor, seen.lately_minor) == (1_000, 1_000)
    assert (seen.first_buyers, seen.again) == (2, 1)
    assert (seen.margin, seen.heard) == (None, True)

    said = CliRunner(env={"SIYU_DATABASE_URL": app.settings.database_url}).invoke(
        cli, ["advise", "--margin", "45", "--lang", "zh", "--home", str(app.settings.home)]
    )
    assert said.exit_code == 0, said.output
    assert "还不是时候" in said.output
    assert "siyu connect wecom" in said.output


def _once(app: App, one: tuple[str, int, datetime, dict[str, object]]) -> None:
    kind, who, at, data = one
    told = msgspec.structs.replace(
        facts()(kind, keys={"external_userid": f"wm{who}"}, source_id=f"{kind}{data}", **data),
        occurred_at=at.isoformat(),
    )
    with app.db.transaction() as conn:
        accept(conn, app.keys, "CN", [told], app.clock.now())
    assert catch_up(app)


def test_nothing_is_said_of_how_often_people_buy_before_there_is_half_a_year() -> None:
    young = advise(GOOD._replace(days=20), Limits(), None, ALL, "CNY")
    half = advise(GOOD._replace(days=182, orders=60_000), Limits(), None, ALL, "CNY")

    assert young.cell.frequency == "unknown"
    assert "180 days" in young.rhythm
    assert half.cell.frequency == "high"  # two orders in half a year are four in a year


def test_care_is_advised_for_what_is_so_and_a_figure_says_what_it_counts() -> None:
    dear = advise(GOOD._replace(net_minor=40_000 * 90_000), Limits(), "repurchase", ALL, "CNY")
    cheap = advise(GOOD._replace(first_buyers=21), Limits(), "repurchase", ALL, "CNY")
    whys = [
        next(one.why for one in found.picks if one.playbook == "care-3-3-3")
        for found in (dear, cheap)
    ]
    again = next(one for one in cheap.points if one.what == "repurchase")

    assert "dear" in whys[0]
    assert "dear" not in whys[1]
    assert within("zh", again.figure) == "21 人"
    assert again.figure == "21 people"


def test_advice_marks_what_runs_already(house: House) -> None:
    house.run("playbook", "start", "cascade", "--no-forecast", "--json")
    picks = house.run("advise", "--json")["playbooks"]
    over_http = house.ask("GET", "/playbooks/advice")["playbooks"]

    assert {one["playbook"]: one["running"] for one in picks}["cascade"] is True
    assert {one["playbook"]: one["running"] for one in picks}["welcome-trust"] is False
    assert [one["running"] for one in over_http] == [one["running"] for one in picks]

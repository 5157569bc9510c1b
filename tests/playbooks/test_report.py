"""What a playbook brought: intervals that cover the truth, and words that say when they can't."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from tests.analytics.small import rows_of
from tests.build import facts
from tests.playbooks.test_stories import OWN

from siyu.analytics.decide.arms import One, arms
from siyu.analytics.model.answer import Answer, Sources
from siyu.analytics.views.questions.playbook import PlaybookReport
from siyu.app import PREDICATES, App, begin_brand, catch_up
from siyu.events.actions import accept
from siyu.kernel.errors import Refused
from siyu.playbooks import actions
from siyu.playbooks.check import playbook
from siyu.staff.model import Brand, Member

BRAND = Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh")
OUTCOME = "outcome: {event: order.paid, within: 20d}\n"


def drawn(seed: int, people: int, base: float, effect: float) -> list[One]:
    """Every tenth held out; an order is worth 50, exactly or so."""
    chance = Random(seed)
    found: list[One] = []
    for _ in range(people):
        held = chance.random() < 0.1
        hit = chance.random() < base + (0 if held else effect)
        found.append(One(held, hit, round(chance.gauss(5_000, 900)) if hit else 0, False))
    return found


@pytest.mark.parametrize(("effect", "people"), [(0.0, 1_500), (0.06, 1_500), (0.0, 600)])
def test_the_interval_covers_the_true_lift_as_often_as_it_says(effect: float, people: int) -> None:
    rate = money = told = 0
    for seed in range(400):
        found = arms(drawn(seed, people, 0.15, effect))
        assert found.lift is not None
        assert found.margin is not None
        rate += found.lift.interval.low <= effect <= found.lift.interval.high
        money += found.margin.interval.low <= effect * 5_000 <= found.margin.interval.high
        told += found.sure

    assert 0.925 <= rate / 400 <= 0.985  # 95 %, two and a half deviations of the count each way
    assert 0.915 <= money / 400 <= 0.985
    if not effect:
        assert told / 400 <= 0.075  # an effect is claimed where there is none: 5 %


def test_too_few_are_said_to_be_too_few() -> None:
    assert arms(drawn(1, 100, 0.15, 0.5)).lift is None
    assert arms([One(n % 2 == 0, False, 0, False) for n in range(200)]).lift is None


def test_the_report_of_a_playbook_says_lift_money_touches_and_deletions(app: App) -> None:
    """A tenth held out by the engine; of the treated every second one buys, of the others none."""
    _begin(app)
    now = app.clock.now()
    _tell(app, [("friend.added", who, now, {"staff": "guide"}) for who in range(400)])
    held = {who for (who,) in app.db.fetch("select distinct customer_id from visit where held_out")}
    names = _names(app)
    treated = [who for who in range(400) if names[who] not in held]
    later = now + timedelta(days=3)
    _tell(app, [("order.paid", who, later, {"order_no": f"o{who}", "total_minor": 10_000})
                for who in treated[::2]])  # fmt: skip
    _tell(app, [("order.cancelled", who, later, {"order_no": f"o{who}"}) for who in treated[:20:2]])
    _tell(app, [("friend.deleted_by_customer", who, later, {}) for who in treated[:8]])
    early = _ask(app, later)
    told = _ask(app, now + timedelta(days=21))
    sooner = _ask(app, now + timedelta(days=5), within=4)
    too_soon = _ask(app, now + timedelta(days=5), within=2)
    ours, theirs = rows_of(told, "groups")

    assert early.keys["lift"] is None
    assert "too few yet" in early.says
    assert f"{len(treated)} customers came into" in early.says  # nothing was sent yet
    assert (ours["people"], theirs["people"]) == (len(treated), len(held))
    assert ours["came_to_it"] == len(treated[::2]) - 10  # what was cancelled counts as none
    assert (theirs["came_to_it"], ours["deleted"], theirs["deleted"]) == (0, 8, 0)
    lift = told.keys["lift"]
    assert isinstance(lift, list)
    assert lift[0] == pytest.approx(ours["came_to_it"] / len(treated))
    assert lift[1] > 0
    assert "changes the rate by" in told.says
    assert sooner.keys["lift"] == lift  # success within other days than the playbook's own
    assert "within 4 days" in sooner.definition
    assert rows_of(too_soon, "groups")[0]["came_to_it"] == 0
    assert {one["held_out"] for one in rows_of(told, "touches")} <= {len(held), 0}


def test_a_playbook_without_any_effect_is_said_to_show_none(app: App) -> None:
    _begin(app)
    now = app.clock.now()
    _tell(app, [("friend.added", who, now, {"staff": "guide"}) for who in range(600)])
    later = now + timedelta(days=2)
    chance = Random(7)
    _tell(app, [("order.paid", who, later, {"order_no": f"o{who}", "total_minor": 10_000})
                for who in range(600) if chance.random() < 0.3])  # fmt: skip
    told = _ask(app, now + timedelta(days=21))

    assert told.keys["sure"] is False
    assert "no effect can be shown" in told.says
    assert "zero lies within" in told.says


def test_a_playbook_that_is_not_there_is_refused(app: App) -> None:
    with pytest.raises(Refused, match="No such playbook is installed"):
        _ask(app, app.clock.now())


def _begin(app: App) -> None:
    found = playbook({**OWN, "playbook.yaml": OUTCOME + OWN["playbook.yaml"]})
    now = app.clock.now()
    with app.db.transaction() as conn:
        begin_brand(conn, BRAND, now, [], [Member("guide", "安", "guide")])
        actions.install(conn, found, "CNY", PREDICATES, now, keys=app.keys)


def _tell(app: App, some: list[tuple[str, int, datetime, dict[str, object]]]) -> None:
    event = facts()
    told = [
        msgspec.structs.replace(
            event(kind, keys={"external_userid": f"wm{who}"}, source_id=f"{kind}{who}", **data),
            occurred_at=at.isoformat(),
        )
        for kind, who, at, data in some
    ]
    with app.db.transaction() as conn:
        answers = accept(conn, app.keys, "CN", told, some[0][2])
    assert {one.status for one in answers} == {"accepted"}
    assert catch_up(app)


def _names(app: App) -> dict[int, int]:
    rows = app.db.fetch(
        "select e.source_id, i.customer_id from event e join event_subject s on s.event_id = e.id"
        " join identity i on i.id = s.identity_id where e.kind = 'friend.added'"
    )
    return {int(name.removeprefix("friend.added")): who for name, who in rows}


def test_success_is_looked_for_within_some_days_that_exist() -> None:
    with pytest.raises(ValueError, match="`within` must be between 0 and 730"):
        PlaybookReport(within=-1)


def _ask(app: App, now: datetime, within: int = 0) -> Answer:
    lake: Any = None  # this report asks the database alone
    of = Sources(
        lake,
        app.db,
        app.keys,
        app.ids,
        BRAND,
        now,
        date(2026, 12, 31),
        Path("/nowhere"),
    )
    return PlaybookReport("mine" if "mine" in _there(app) else "", within=within).answer(of)


def _there(app: App) -> set[str]:
    return {code for (code,) in app.db.fetch("select code from playbook")}

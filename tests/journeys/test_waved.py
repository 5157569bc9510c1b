"""What holds of waves whatever comes between, of masked phones, and what their text may not say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.journeys.waved import DAY, ENDS, HOLD, STOP, TEXT, Old

from siyu.journeys import actions
from siyu.journeys.actions import waves as deciding
from siyu.journeys.sweep import entries
from siyu.journeys.views.waves import waves
from siyu.kernel.errors import BadInput, NotFound
from siyu.segments.predicates import FAMILIES


@pytest.fixture
def old(house: Any) -> Old:
    return Old(house)


# ── What holds whatever comes between ────────────────────────────────────────────────────────────


def test_a_wave_goes_on_where_it_was_broken_off_and_lets_nobody_in_twice(old: Old) -> None:
    old.bought(*range(1, 8))
    old.house.publish(
        TEXT.format(waves="sizes: [7]", stop="complaints: 0.1", holdout=0.1, ends=ENDS)
    )
    one = (old.house.db, old.house.context, old.house.now)
    entries.enter(*one, limit=2)  # chosen
    entries.enter(*one, limit=2)  # two of them
    assert len(old.house.visits()) == 2

    class Killed(Exception):
        pass

    with pytest.raises(Killed), old.house.db.transaction() as conn:  # a turn that nobody commits
        conn.execute("update wave_member set state = 'entered' where place = 3")
        raise Killed
    old.sweep(limit=2)

    assert sorted(old.people(1)) == [1, 2, 3, 4, 5, 6, 7]
    assert len(old.house.visits()) == 7
    assert old.house.rows("select count(*), count(distinct customer_id) from visit") == [(7, 7)]


def test_the_held_out_are_in_their_wave_and_never_touched(old: Old) -> None:
    old.bought(*range(1, 31))
    old.publish("sizes: [30]", holdout="0.4")
    old.sent()

    (wave,) = old.waves()
    held = wave.figures.judged.held_out
    assert 4 <= held <= 22
    assert wave.figures.judged.invited == 30 - held
    rows = old.house.rows(
        "select v.held_out, t.state, t.reason, count(*) from visit v"
        " join touch t on t.visit_id = v.id group by 1, 2, 3 order by 1"
    )
    assert rows == [(False, "sent", "", 30 - held), (True, "withheld", "holdout", held)]


def test_withdrawn_consent_ends_everything_under_way_within_one_sweep(old: Old) -> None:
    old.bought(1, 2)
    old.publish("sizes: [2]")
    no = {"channels": ["sms"], "evidence": "t"}
    old.house.tell(old.house.event("consent.withdrawn", no, keys=old.house.keys(1)))
    old.house.sweep()

    rows = old.house.rows(
        "select i.order_no, v.state, v.outcome, t.state from visit v"
        " join touch t on t.visit_id = v.id join orders i on i.customer_id = v.customer_id"
        " order by 1"
    )
    assert rows[0][:3] == ("T1", 1, "consent")
    assert rows[0][3] in ("withheld", "withdrawn")
    assert rows[1] == ("T2", 0, "", "wished")


def test_two_who_prove_to_be_one_have_been_in_a_wave_once(old: Old) -> None:
    old.bought(1, 2)
    old.publish("sizes: [2]")
    keys = old.house.keys(1) | {"member": "m"}
    old.house.tell(old.house.event("customer.identified", {}, keys=keys))
    old.house.tell(
        old.house.event("customer.identified", {}, keys=old.house.keys(2) | {"member": "m"})
    )
    merged = old.house.rows("select count(*) from customer where merged_into is not null")

    assert old.house.rows("select count(*) from wave_member") == [(2 - merged[0][0],)]


def test_the_statements_of_a_turn_do_not_depend_on_how_many_people_it_takes(old: Old) -> None:
    old.bought(*range(1, 41))
    counts: list[int] = []
    for code, size in (("a", 2), ("b", 30)):
        text = TEXT.format(waves=f"sizes: [{size}]", stop="complaints: 0.1", holdout=0.1, ends=ENDS)
        with old.house.db.counting() as seen:
            old.house.publish(text.replace("journey: old", f"journey: {code}"))
            old.sweep()
        counts.append(len(seen))
    assert counts[0] == counts[1]


# ── Masked phones ────────────────────────────────────────────────────────────────────────────────


def masked(old: Old, number: int) -> None:
    data = {
        "shop": "s",
        "order_no": f"T{number}",
        "currency": "CNY",
        "total_minor": 9,
        "reveal": "https://shop.example/orders",
    }
    at = old.house.now - timedelta(days=400 - number)
    said = old.house.event("order.paid", data, keys={"buyer": f"s/b{number}"}, at=at)
    old.house.tell(said, backfill=True)


def test_a_masked_phone_is_looked_up_before_the_wave_takes_its_buyer(old: Old) -> None:
    old.bought(1)
    masked(old, 2)
    masked(old, 3)
    old.publish("sizes: [3], every: 3d, reveal: 2d")
    assert [visit.key for visit in old.house.visits()] == ["wave/1"]
    wanted = old.house.rows("select order_no, wanted_until from reveal order by 1")
    assert wanted == [(one, old.house.now + 2 * DAY) for one in ("T2", "T3")]

    old.house.clock.advance(hours=5)
    keys = {"phone": "+8613900000002", "order": "s/T2"}
    old.house.tell(old.house.event("customer.identified", {}, keys=keys))
    old.sweep(hours=1)
    assert len(old.house.visits()) == 2
    old.sweep(days=2)

    (wave,) = old.waves()
    assert (wave.figures.entered, wave.figures.asked, wave.figures.left_out) == (2, 0, 1)
    assert [(one.what, one.reason, one.many) for one in wave.whys if one.what == "left_out"] == [
        ("left_out", "not_revealed", 1)
    ]


def test_who_says_no_while_their_phone_is_looked_up_hears_nothing(old: Old) -> None:
    masked(old, 2)
    masked(old, 3)
    old.publish("sizes: [3], every: 3d, reveal: 2d")
    no = {"channels": ["sms"], "evidence": "t"}
    old.house.tell(old.house.event("consent.withdrawn", no, keys={"buyer": "s/b2"}))

    for number in (2, 3):
        keys = {"phone": f"+861390000000{number}", "order": f"s/T{number}"}
        old.house.tell(old.house.event("customer.identified", {}, keys=keys))
    old.sweep(hours=1)

    rows = old.house.rows(
        "select o.order_no, v.state, count(t.id) from visit v"
        " join orders o on o.customer_id = v.customer_id"
        " left join touch t on t.visit_id = v.id group by 1, 2 order by 1"
    )
    assert rows == [("T3", 0, 1)]  # nor do they come in


def test_who_has_no_phone_and_none_to_look_up_is_left_out_and_counted(old: Old) -> None:
    old.bought(1)
    at = old.house.now - timedelta(days=30)
    data = {"shop": "s", "order_no": "T9", "currency": "CNY", "total_minor": 9}
    old.house.tell(
        old.house.event("order.paid", data, keys={"buyer": "s/b9"}, at=at), backfill=True
    )
    old.publish("sizes: [3], every: 3d, reveal: 2d")

    (wave,) = old.waves()
    assert [(one.reason, one.many) for one in wave.whys if one.what == "left_out"] == [
        ("no_phone", 1)
    ]


# ── What a text may not say ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("waves", "stop", "more", "place", "said"),
    [
        ("sizes: []", STOP, HOLD, "enter.waves.sizes", "at least one"),
        ("sizes: [0]", STOP, HOLD, "enter.waves.sizes", "between 1 and"),
        ("sizes: [9], test: 9", STOP, HOLD, "enter.waves.test", "less than"),
        ("sizes: [9], every: 5m", STOP, HOLD, "enter.waves.every", "1h"),
        ("sizes: [9], reveal: 3d", STOP, HOLD, "enter.waves.reveal", "shorter"),
        ("sizes: [9]", "least: 9", "holdout: 0.1", "enter.stop_when", "at least one limit"),
        ("sizes: [9]", "cost_per_add: cheap", HOLD, "enter.stop_when.cost_per_add", "quotes"),
        ("sizes: [9]", "deletions: 2", "holdout: 0.1", "enter.stop_when.deletions", "share"),
        ("sizes: [9]", STOP, "holdout: 0.1\nreenter: each", "reenter", "never"),
        ("sizes: [9], best_first: {recency: 0, value: 0, reachability: 0}", "complaints: 0.1",
         "holdout: 0.1", "enter.waves.best_first", "above 0"),
    ],
)  # fmt: skip
def test_a_text_that_can_not_be_says_where_and_what_would_be_right(
    house: Any, waves: str, stop: str, more: str, place: str, said: str
) -> None:
    text = TEXT.format(waves=waves, stop=stop, holdout="0.5", ends=ENDS)
    with pytest.raises(BadInput) as refused:
        house.publish(text.replace("holdout: 0.5\n", f"{more}\n"))
    (problem,) = refused.value.problems
    assert problem.where == place or not place
    assert said in problem.why
    assert problem.line


def test_waves_without_a_hold_out_are_refused(house: Any) -> None:
    text = TEXT.format(waves="sizes: [9]", stop=STOP, holdout="0", ends=ENDS)
    with pytest.raises(BadInput) as refused:
        house.publish(text)
    (problem,) = refused.value.problems
    assert str(problem).startswith("holdout: is needed with waves")


def test_a_journey_without_waves_says_so(house: Any) -> None:
    house.publish()
    with pytest.raises(NotFound, match="takes nobody in waves"):
        house.query(waves, "cascade", FAMILIES)
    with (
        pytest.raises(NotFound, match="no wave yet"),
        house.db.transaction() as conn,
    ):
        deciding.decide(conn, "cascade", "end", "ana", house.now)
    with pytest.raises(NotFound), house.db.transaction() as conn:
        deciding.decide(conn, "nothing", "end", "ana", house.now)


def test_a_stopped_journey_opens_no_wave(old: Old) -> None:
    old.bought(*range(1, 10))
    old.publish("sizes: [2]")
    with old.house.db.transaction() as conn:
        actions.stop(conn, "old", "ana", old.house.now)
    old.sweep(days=10)
    assert len(old.waves()) == 1

"""Those under way move to another text by a stated mapping: nobody lost, nobody told twice."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.journeys import sweep
from siyu.journeys.actions.migrate import Migrated, Migration, Plan, migrate, plan
from siyu.kernel.errors import BadInput, NotFound
from siyu.segments.predicates import FAMILIES
from siyu.staff import views as staff

FIRST = """
journey: care
title: {zh: 关怀, en: Care}
enter: {on: order.paid}
ends_when: {friend: true}
steps:
  - {id: hello, send: {channel: sms, material: m, purpose: service}}
  - {id: pause, wait: 5m}
  - {id: call, send: {channel: voice_ai, material: m, purpose: service}}
  - {id: rest, wait: 3d}
  - {id: bye, exit: done}
"""
LONGER = FIRST.replace("wait: 5m", "wait: 1h")
RENAMED = FIRST.replace("id: pause", "id: breath")
SHORT = FIRST.replace(
    "  - {id: call, send: {channel: voice_ai, material: m, purpose: service}}\n", ""
)


def wanted(to: int = 2, **mapping: str) -> Migration:
    return Migration("care", to, None, mapping)


def planned(house: Any, want: Migration) -> Plan:
    with house.db.transaction() as conn:
        return plan(conn, want, FAMILIES)


def moved(house: Any, want: Migration, **words: Any) -> Migrated:
    with house.db.transaction() as conn:
        return migrate(conn, want, FAMILIES, "ana", house.now, **words)


def under_way(house: Any, many: int = 1, text: str = FIRST) -> None:
    """So many customers at `pause`, told `hello`."""
    house.publish(text)
    house.tell(*(house.order(number) for number in range(1, many + 1)))
    house.sweep()


def test_the_same_step_keeps_its_time_and_follows_the_new_text(house: Any):
    under_way(house)
    house.publish(LONGER)
    before = house.visit()

    house.clock.advance(minutes=4)
    assert moved(house, wanted()) == Migrated(1, 0, 0, 0)
    house.sweep()
    after = house.visit()

    assert (after.version, after.node, after.since) == (2, "pause", before.since)
    assert (after.due_at - before.since).total_seconds() == 3600
    assert ("migrated from version 1 to 2",) in house.rows("select why from visit_move")
    assert [touch.step for touch in house.touches()] == ["hello"]


def test_a_step_that_is_gone_must_be_mapped_before_anybody_moves(house: Any):
    under_way(house, 2)
    house.publish(RENAMED)

    found = planned(house, wanted())

    assert [tuple(line) for line in found.lines] == [(1, "pause", 2, "")]
    assert "map it: pause=" in str(found.problems[0])
    with pytest.raises(BadInput, match="not said where"):
        moved(house, wanted())
    assert {visit.version for visit in house.visits()} == {1}


def test_who_goes_to_another_step_comes_there_now(house: Any):
    under_way(house)
    house.publish(RENAMED)
    house.clock.advance(minutes=4)

    moved(house, wanted(pause="breath"))
    house.sweep()

    visit = house.visit()
    assert (visit.node, visit.since) == ("breath", house.now)
    assert house.sweep(minutes=5).moved == 1
    assert house.visit().node == "rest"
    assert Counter(touch.step for touch in house.touches()) == {"hello": 1, "call": 1}


def test_a_step_mapped_to_the_end_ends_and_takes_back_what_has_not_left(house: Any):
    under_way(house)
    house.publish(RENAMED)

    assert moved(house, wanted(pause="end")) == Migrated(1, 1, 1, 0)

    visit, hello = house.visit(), house.touch("hello")
    assert (visit.state, visit.outcome, visit.due_at) == ("ended", "migrated", None)
    assert (hello.state, hello.reason) == ("withdrawn", "migrated")


def test_what_a_vanished_step_still_wanted_to_say_is_withdrawn_the_rest_stays(house: Any):
    under_way(house)
    house.sweep(minutes=5)
    assert house.visit().node == "rest"
    house.publish(SHORT)

    assert moved(house, wanted()) == Migrated(1, 0, 1, 0)

    assert (house.touch("call").state, house.touch("call").reason) == ("withdrawn", "step_gone")
    assert house.touch("hello").state == "wished"
    assert house.visit().state == "under_way"


def test_back_to_the_beginning_tells_nobody_twice(house: Any):
    under_way(house)
    house.publish(RENAMED)

    moved(house, wanted(pause="hello"))
    house.sweep()

    assert house.visit().node == "breath"
    assert [touch.step for touch in house.touches()] == ["hello"]


def test_what_was_withdrawn_by_one_migration_is_not_lost_after_the_next(house: Any):
    under_way(house)
    house.sweep(minutes=5)  # at rest; `call` is wished for
    house.publish(SHORT)
    moved(house, wanted())
    house.publish(FIRST.replace("wait: 3d", "wait: 2d"))

    moved(house, wanted(3, rest="call"))
    house.sweep()

    calls = [(touch.round, touch.state) for touch in house.touches() if touch.step == "call"]
    assert calls == [(0, "withdrawn"), (1, "wished")]
    assert house.visit().node == "rest"


def test_what_may_end_a_visit_is_that_of_the_new_text(house: Any):
    under_way(house)
    house.publish(FIRST.replace("ends_when: {friend: true}\n", ""))
    moved(house, wanted())
    house.sweep()

    house.tell(house.friend(1))
    house.sweep()

    assert house.visit().state == "under_way"


def test_batches_are_taken_up_where_they_broke_off(house: Any):
    under_way(house, 5)
    house.publish(LONGER)

    first = moved(house, wanted(), limit=2)  # then from the start again, as after a crash
    assert (first.visits, first.last > 0) == (2, True)
    again = [moved(house, wanted(), limit=2).visits for _ in range(3)]

    assert again == [2, 1, 0]
    assert {visit.version for visit in house.visits()} == {2}
    assert planned(house, wanted()).visits == 0
    with house.db.transaction() as conn:
        said = [line.reason for line in staff.audited(conn) if line.action == "journey.migrate"]
    assert said == ["1 visits to version 2", "2 visits to version 2", "2 visits to version 2"]


def test_who_comes_to_an_unmapped_step_meanwhile_stays_and_is_named(house: Any):
    under_way(house, 2)
    house.publish(RENAMED)
    want = wanted(call="end")
    house.sweep(minutes=5)  # both at rest, which both texts have
    house.rows("update visit set node = 'pause' where id = (select max(id) from visit) returning 1")

    assert moved(house, want, after=1).visits == 0
    assert [tuple(line)[1:] for line in planned(house, want).lines] == [
        ("pause", 1, ""),
        ("rest", 1, "rest"),
    ]


def test_a_parked_visit_moves_and_stays_parked(house: Any):
    under_way(house)
    house.publish(LONGER)
    house.rows("update visit set state = 2, error = 'poison', due_at = null returning 1")

    moved(house, wanted())

    visit = house.visit()
    assert (visit.version, visit.state, visit.error, visit.due_at) == (2, "parked", "poison", None)


@pytest.mark.parametrize(
    ("want", "error", "words"),
    [
        (Migration("nothing", 1, None, {}), NotFound, "no journey 'nothing'"),
        (Migration("care", 9, None, {}), NotFound, "no version 9; there are 1, 2"),
        (Migration("care", 2, 7, {}), NotFound, "no version 7"),
        (wanted(pause="restt"), BadInput, "did you mean rest"),
        (wanted(paus="rest"), BadInput, "no other version has a step paus"),
    ],
)
def test_a_migration_that_can_not_be_is_refused(
    house: Any, want: Migration, error: type[Exception], words: str
):
    under_way(house)
    house.publish(RENAMED)

    with pytest.raises(error, match=words):
        planned(house, want)


REORDERED = """
journey: care
title: {zh: 关怀, en: Care}
enter: {on: order.paid}
steps:
  - {id: rest, wait: 3d}
  - {id: call, send: {channel: voice_ai, material: m, purpose: service}}
  - {id: breath, wait: 5m}
  - {id: hello, send: {channel: sms, material: m, purpose: service}}
  - {id: bye, exit: done}
"""


@settings(max_examples=15)
@given(
    minutes=st.lists(st.sampled_from([0, 5, 60]), min_size=1, max_size=3),
    texts=st.lists(st.sampled_from([LONGER, RENAMED, SHORT, REORDERED]), min_size=1, max_size=3),
    to=st.sampled_from(["hello", "rest", "bye", "end"]),
    silent=st.sampled_from(["hello", "call", "nothing"]),
)
def test_nobody_is_lost_and_nobody_is_told_twice(
    new_db: Any, clock: Any, house: Any, minutes: list[int], texts: list[str], to: str, silent: str
):
    fresh = type(house)(new_db(), clock)
    fresh.set_up()
    under_way(fresh, 3)
    for number, (text, wait) in enumerate(zip(texts, [*minutes, 5, 5], strict=False)):
        fresh.sweep(minutes=wait)
        withheld = "update touch set state = 'withheld' where step = %s and state = 'wished'"
        fresh.rows(f"{withheld.replace('%s', repr(silent))} returning 1")
        version = fresh.publish(text + f"# {number}\n").version
        want = wanted(version)
        standing = {line.node for line in planned(fresh, want).lines if not line.to}
        while moved(fresh, wanted(version, **dict.fromkeys(standing, to)), limit=2).last:
            pass
    for _ in range(4):
        fresh.sweep(days=4)

    visits = fresh.visits()
    told = Counter(
        (touch.visit_id, touch.step)
        for touch in fresh.touches()
        if touch.state not in ("withheld", "withdrawn")
    )
    assert {(visit.state, visit.outcome) for visit in visits} <= {
        ("ended", "done"),
        ("ended", "migrated"),
    }
    assert len(visits) == 3
    assert max(told.values(), default=1) == 1


def test_sweeps_that_run_at_the_same_time_lose_nobody_and_say_nothing_twice(house: Any):
    many = 60
    under_way(house, many)
    house.publish(RENAMED)
    house.clock.advance(minutes=5)  # all are due: some move on before the migration comes
    failed: list[Exception] = []

    def sweeping() -> None:
        try:
            for _ in range(12):
                sweep.sweep(house.db, house.context, house.now, limit=5)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=sweeping) for _ in range(2)]
    for thread in threads:
        thread.start()
    last = 0
    while last := moved(house, wanted(pause="breath"), after=last, limit=5).last:
        pass
    for thread in threads:
        thread.join()
    while moved(house, wanted(pause="breath")).last:
        pass
    for _ in range(4):
        house.sweep(days=4)

    assert failed == []
    assert {(visit.version, visit.outcome) for visit in house.visits()} == {(2, "done")}
    told = Counter((touch.visit_id, touch.step) for touch in house.touches())
    assert (len(told), set(told.values())) == (2 * many, {1})

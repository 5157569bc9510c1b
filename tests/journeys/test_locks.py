"""Applies, sweeps and people lock in one order – visits, touches, the rest, each by id – so one of
two waits and never both: a deadlock would cost PostgreSQL's second, and a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from time import monotonic

import pytest
from psycopg.errors import DeadlockDetected
from tests.journeys.conftest import IDS, KEYS, House
from tests.journeys.test_steps import HEAD, ISSUING, an_offer

from siyu.budget import sweep as ruling
from siyu.db.pool import Pool
from siyu.events import actions as events
from siyu.events import sweep as applying
from siyu.events.model import Incoming
from siyu.journeys import sweep
from siyu.ledger.actions import caps
from siyu.outbox.project import SQL as OUTBOX

WAITING = """
select count(*) from pg_stat_activity
where wait_event_type = 'Lock' and datname = current_database()
"""
Run = Callable[[Callable[[], object]], None]


@contextmanager
def standing(house: House, *locks: str) -> Iterator[Run]:
    """Whoever wants these locks stands still to the end of the block; all others run to theirs.

    Each of those who are run has come to a lock before the next one begins.
    """
    begun: list[Future[object]] = []

    def run(work: Callable[[], object]) -> None:
        begun.append(pool.submit(work))
        until = monotonic() + 20
        while house.rows(WAITING) != [(len(begun),)]:
            assert monotonic() < until
            assert not [one for one in begun if one.done()]

    with ThreadPoolExecutor(3) as pool:
        with house.db.transaction() as gate:
            for lock in locks:
                gate.execute(lock)
            yield run
        for one in begun:
            one.result()


def accept(house: House, *incoming: Incoming) -> None:
    with house.db.transaction() as conn:
        events.accept(conn, KEYS, "CN", list(incoming), house.now)


def ruled(house: House) -> object:
    rule = partial(ruling.rule_new, zone=house.context.zone, now=house.now)
    return sweep.sweep(house.db, house.context, house.now, rule=rule)


def one_person(house: House, *numbers: int) -> list[Incoming]:
    member = {"member": f"m{min(numbers)}"}
    return [
        house.event("customer.identified", {}, keys=house.keys(number) | member)
        for number in numbers
    ]


def free(house: House, table: str, key: str, values: Sequence[object]) -> list[object]:
    """Which of these rows nobody has locked."""
    listed = ", ".join(map(str, values))
    found = f"select {key} from {table} where {key} in ({listed}) order by 1 for update skip locked"
    return [row[0] for row in house.rows(found)]


def test_a_receipt_waits_for_the_sweep_that_takes_its_touch_back(cascade: House) -> None:
    """The sweep has the visit and wants the touch; the apply must not have it already."""
    cascade.tell(cascade.order(1))
    cascade.sweep()
    cascade.sweep(minutes=5)
    call = cascade.touch("call")
    cascade.rows(f"update touch set state = 'sent', attempts = 1 where id = {call.id} returning id")
    cascade.tell(cascade.friend(1))
    accept(cascade, cascade.event("touch.delivered", {"touch": IDS.encode("tch", call.id)}))

    with standing(cascade, "lock table visit_order in access exclusive mode") as run:
        run(cascade.sweep)
        run(cascade.apply)

    assert cascade.visit().outcome == "friend"
    found = cascade.touch("call")
    assert (found.state, found.reason) == ("delivered", "friend")


def test_a_merge_waits_for_the_sweep_before_it_has_the_accounts(cascade: House) -> None:
    cascade.tell(cascade.order(1), cascade.order(2))
    ruled(cascade)
    cascade.clock.advance(minutes=5)
    accept(cascade, *one_person(cascade, 1, 2))

    with standing(cascade, "lock table visit_order in access exclusive mode") as run:
        run(lambda: ruled(cascade))
        run(cascade.apply)

    assert sorted(visit.outcome for visit in cascade.visits()) == ["", "merged"]


def test_an_apply_takes_the_touches_that_it_holds_and_those_of_receipts_at_once(
    cascade: House,
) -> None:
    """Whoever records a batch of touches has the lower one and waits for the higher one."""
    cascade.tell(cascade.order(1), cascade.order(2))
    cascade.sweep()
    held, told = cascade.touches()
    cascade.rows("update touch set state = 'leased', attempts = 1 returning id")
    receipt = cascade.event("touch.delivered", {"touch": IDS.encode("tch", told.id)})
    accept(cascade, receipt, cascade.friend(1))

    with standing(cascade, "lock table friend_match in access exclusive mode") as run:
        run(cascade.apply)
        run(
            lambda: cascade.query(lambda conn: conn.fetch(OUTBOX.lock, {"ids": [held.id, told.id]}))
        )

    assert [touch.state for touch in cascade.touches()] == ["leased", "delivered"]


def test_visits_are_woken_in_the_order_of_their_ids(cascade: House) -> None:
    """As whoever stops or migrates a journey locks them."""
    cascade.tell(*(cascade.order(number) for number in range(1, 21)))
    cascade.sweep()
    first, *others = sorted(visit.visit_id for visit in cascade.visits())
    accept(cascade, *(cascade.friend(number) for number in range(1, 21)))

    with standing(cascade, f"select from visit where id = {first} for update") as run:
        run(cascade.apply)
        assert free(cascade, "visit", "id", others) == others


def test_merged_accounts_are_locked_in_the_order_of_their_ids(cascade: House) -> None:
    """As each ruling locks them."""
    cascade.tell(*(cascade.order(number) for number in range(1, 5)))
    ruled(cascade)
    (second, last) = [row[0] for row in cascade.rows("select customer_id from budget_account")][
        1::2
    ]
    third = last - 1
    accept(cascade, *one_person(cascade, 1, 2), *one_person(cascade, 3, 4))
    cascade.rows("delete from visit returning id")

    lock = f"select from budget_account where customer_id = {second} for update"
    with standing(cascade, lock) as run:
        run(cascade.apply)
        assert free(cascade, "budget_account", "customer_id", [third, last]) == [third, last]


def test_a_cut_off_limits_what_a_sweep_is_just_wishing_for(cascade: House) -> None:
    """The sweep has read the facts without it, and has not written its wish."""
    cascade.tell(cascade.order(1))
    cutoff = cascade.now + timedelta(hours=1)
    accept(cascade, cascade.planned(1, cutoff))

    with standing(cascade, "lock table visit_move in access exclusive mode") as run:
        run(cascade.sweep)
        run(cascade.apply)

    assert cascade.touch("sms").valid_until == cutoff


def test_an_apply_that_meets_a_stranger_crosswise_is_undone_whole_and_taken_again(
    cascade: House,
) -> None:
    """Somebody at a prompt of their own keeps to no order."""
    cascade.tell(cascade.order(1), cascade.event("tag.set", {"name": "a"}, keys=cascade.keys(1)))
    cascade.sweep()
    cascade.clock.advance(minutes=1)
    again = cascade.event("tag.set", {"name": "a"}, keys=cascade.keys(1))
    accept(cascade, cascade.friend(1), again)
    hasty = Pool(f"{cascade.db.url} options='-c deadlock_timeout=20ms'")

    def apply() -> None:
        with pytest.raises(DeadlockDetected):
            applying.apply(hasty, cascade.projections, cascade.now)

    def stranger() -> None:
        with cascade.db.transaction() as conn:
            conn.execute("set local deadlock_timeout = '1h'")  # so it is the other that gives up
            conn.fetch("select from tag for update")
            conn.fetch("select from visit for update")

    with standing(cascade, "lock table friendship in access exclusive mode") as run:
        run(apply)
        run(stranger)
    hasty.close()

    assert cascade.rows("select count(*), count(error) from event_pending") == [(2, 0)]
    assert not cascade.touch("sms").held
    cascade.apply()
    cascade.sweep()
    assert cascade.rows("select tagged_at from tag") == [(cascade.now,)]
    assert cascade.visit().outcome == "friend"


SENDING = (
    "journey: sending\n"
    + HEAD
    + """\
steps:
  - {id: say, send: {channel: sms, material: m, purpose: promotion}}
  - {id: pause, wait: 1d}
  - {id: end, exit: said}
"""
)


@pytest.mark.parametrize("back", [False, True])
def test_a_sweep_has_the_budgets_before_what_it_gives_or_takes_back(
    house: House, back: bool
) -> None:
    """Others have the budgets, and want the same offer of a playbook without one."""
    an_offer(house, 2)
    house.publish(ISSUING)
    house.tell(house.order(1))
    if back:
        house.sweep()
        house.sweep()
        house.clock.advance(days=1)
    with house.db.transaction() as conn:
        caps.set_cap(conn, "other", 100, None, "ana", house.now)
    house.publish(SENDING.replace("order.paid", "order.cancelled"))
    house.rows("update journey set playbook = 'other' where code = 'sending' returning id")
    house.tell(house.cancelled(2))

    with standing(house, "select from spend_cap for update") as run:
        run(lambda: ruled(house))
        assert free(house, "allotment", "offer", ["'spring'"]) == ["spring"]
        assert len(house.rows("select from promise for update skip locked")) == int(back)

    found = "revoked" if back else "committed"
    assert house.rows("select state from promise") == [(found,)]
    assert house.rows("select journey from touch") == [("sending",)]

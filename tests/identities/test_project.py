from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.db.pool import Pool
from siyu.events import actions, sweep, views
from siyu.events.model import EVERY_KIND, Batch, Incoming, Merge, Projection
from siyu.identities import actions as identities
from siyu.identities import views as known
from siyu.identities.model import Pointer
from siyu.identities.project import PROJECTION
from siyu.kernel.sql import Conn
from siyu.vault.model import Keys, key_hash

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
KEYS = Keys(b"m" * 32, b"l" * 32)


def _event(name: str, kind: str = "friend.added", minute: int = 0, **keys: str) -> Incoming:
    data = {"staff": "g1"} if kind == "friend.added" else {}
    return Incoming(
        source="t",
        id=name,
        kind=kind,
        occurred_at=f"2026-11-20T{minute // 60:02}:{minute % 60:02}:00Z",
        keys=keys,
        data=msgspec.Raw(json.dumps(data).encode()),
    )


def _accept(db: Pool, *events: Incoming) -> None:
    with db.transaction() as conn:
        answers = actions.accept(conn, KEYS, "CN", events, NOW)
    assert all(answer.status != "rejected" for answer in answers), answers


class Seen:
    """What the next rooms are shown."""

    def __init__(self) -> None:
        self.customer: dict[str, int] = {}
        self.merges: list[Merge] = []
        self.new: list[int] = []

    def project(self, _: Conn, batch: Batch, __: datetime) -> None:
        names = {event.id: event.source_id for event in batch.events}
        self.customer |= {names[event]: customer for event, customer in batch.customer.items()}
        self.merges += batch.merges
        self.new += batch.new_customers


def _apply(db: Pool, *events: Incoming, limit: int = 2000) -> Seen:
    seen = Seen()
    _accept(db, *events)
    while sweep.apply(
        db, [PROJECTION, Projection("seen", EVERY_KIND, seen.project)], NOW, limit=limit
    ).claimed:
        pass
    return seen


def _people(db: Pool) -> set[frozenset[tuple[str, bytes]]]:
    with db.transaction() as conn:
        rows = conn.fetch("select customer_id, kind, hash from identity")
    groups: dict[int, set[tuple[str, bytes]]] = {}
    for customer, kind, hashed in rows:
        groups.setdefault(customer, set()).add((kind, hashed))
    return {frozenset(group) for group in groups.values()}


def _hash(kind: str, value: str) -> bytes:
    return key_hash(KEYS, kind, value)


def test_an_event_finds_its_customer_and_the_key_that_it_came_by(db: Pool) -> None:
    seen = _apply(
        db,
        _event("1", phone="13800000001", external_userid="w1"),
        _event("2", minute=1, external_userid="w2"),
        _event("3", minute=2, kind="message.received"),
    )

    assert seen.customer == {"1": 1, "2": 2}
    assert seen.new == [1, 2]
    with db.transaction() as conn:
        assert {one.kind for one in known.of_customer(conn, 1)} == {"phone", "external_userid"}
        subjects = conn.fetch(
            "select e.source_id, i.kind from event_subject s"
            " join identity i on i.id = s.identity_id join event e on e.id = s.event_id order by 1"
        )
    assert subjects == [("1", "external_userid"), ("2", "external_userid")]


def test_a_merge_moves_all_keys_and_later_events_go_to_the_winner(db: Pool) -> None:
    _apply(
        db, _event("1", phone="13800000001"), _event("2", minute=1, external_userid="w", buyer="b")
    )
    seen = _apply(db, _event("3", minute=2, phone="13800000001", external_userid="w"))
    after = _apply(db, _event("4", minute=3, buyer="b"))

    assert seen.merges == [Merge(2, 1, 3)]
    assert (seen.customer, after.customer) == ({"3": 1}, {"4": 1})
    with db.transaction() as conn:
        assert known.survivor(conn, [1, 2, 7]) == {1: 1, 2: 1, 7: 7}
        assert len(known.of_customer(conn, 1)) == 3
        assert known.of_customer(conn, 2) == []
        assert conn.fetch("select loser, winner, event_id from identity_merge") == [(2, 1, 3)]


def test_merges_of_merges_lead_to_the_one_that_stays(db: Pool) -> None:
    _apply(db, *(_event(f"{i}", minute=i, buyer=f"b{i}") for i in range(4)))
    _apply(
        db,
        _event("m1", minute=10, buyer="b3", member="m"),
        _event("m2", minute=11, buyer="b2", member="m"),
    )
    _apply(
        db,
        _event("m3", minute=12, buyer="b2", unionid="u"),
        _event("m4", minute=13, buyer="b1", unionid="u"),
    )
    _apply(db, _event("m5", minute=14, buyer="b0", phone="13800000001"),
           _event("m6", minute=15, buyer="b3", phone="13800000001"))  # fmt: skip

    with db.transaction() as conn:
        assert known.survivor(conn, [1, 2, 3, 4]) == {1: 1, 2: 1, 3: 1, 4: 1}
    assert len(_people(db)) == 1


def test_a_registered_state_brings_in_one_account_and_no_second(db: Pool) -> None:
    _apply(db, _event("1", phone="13800000001"))
    with db.transaction() as conn:
        pointer = Pointer("state", _hash("state", "s1"), 1, "code issued")
        identities.register(conn, [pointer, pointer], NOW)
        identities.register(conn, [pointer._replace(customer_id=9)], NOW)
    seen = _apply(
        db,
        _event("2", minute=1, external_userid="w1", state="s1"),
        _event("3", minute=2, external_userid="w2", state="s1"),
    )
    again = _apply(db, _event("4", minute=3, external_userid="w2", state="s1"))

    assert (seen.customer, again.customer) == ({"2": 1, "3": 2}, {"4": 2})
    with db.transaction() as conn:
        (stranger,) = known.of_customer(conn, 2)
        state = next(one for one in known.of_customer(conn, 1) if one.kind == "state")
        assert stranger.how.startswith("code used by another person")
        account = next(one for one in known.of_customer(conn, 1) if one.kind == "external_userid")
        assert (state.how, state.used_by) == ("code issued", account.id)


def test_a_pointer_registered_to_a_customer_who_is_gone_leads_to_the_winner(db: Pool) -> None:
    _apply(db, _event("1", phone="13800000001"), _event("2", minute=1, buyer="b"))
    _apply(db, _event("3", minute=2, phone="13800000001", buyer="b"))
    state = ("state", _hash("state", "s1"))
    with db.transaction() as conn:
        identities.register(conn, [Pointer(*state, 2, "code issued")], NOW)
        assert known.resolve(conn, [state, ("state", b"?" * 16)]) == {state: 1}

    seen = _apply(db, _event("4", minute=3, external_userid="w", state="s1"))

    assert (seen.customer, seen.merges) == ({"4": 1}, [])
    with db.transaction() as conn:
        assert len(known.of_customer(conn, 1)) == 4


def test_the_newest_phone_comes_first(db: Pool) -> None:
    _apply(db, _event("1", buyer="b", phone="13800000001"))
    _apply(db, _event("2", minute=1, buyer="b", phone="13800000002"), _event("3", buyer="c"))

    with db.transaction() as conn:
        found = known.reach(conn, [1, 2], "phone")
        assert {customer: [hashed for _, hashed in ways] for customer, ways in found.items()} == {
            1: [_hash("phone", "+8613800000002"), _hash("phone", "+8613800000001")]
        }
        newest = found[1][0]
        assert known.hashes(conn, [newest[0]]) == {newest[0]: newest[1]}


def test_kinds_say_which_ways_there_are_in_one_statement(db: Pool) -> None:
    _apply(db, _event("1", buyer="b", phone="13800000001"), _event("2", buyer="c"))
    _apply(db, _event("3", minute=1, buyer="b", phone="13800000002"))

    with db.transaction() as conn, db.counting() as statements:
        assert known.kinds(conn, [1, 2], ["phone", "external_userid"]) == {1: {"phone"}}
        assert known.kinds(conn, [1, 2], ["phone", "buyer"]) == {
            1: {"phone", "buyer"},
            2: {"buyer"},
        }
        assert known.kinds(conn, [], ["phone"]) == known.kinds(conn, [1], []) == {}
    assert len(statements) == 2


@pytest.mark.parametrize("size", [3, 300])
def test_statements_do_not_depend_on_the_batch(db: Pool, size: int) -> None:
    _apply(db, *(_event(f"p{i}", buyer=f"b{i}") for i in range(size)))
    _apply(db, *(_event(f"a{i}", external_userid=f"w{i}") for i in range(size)))
    with db.transaction() as conn:
        identities.register(
            conn, [Pointer("state", _hash("state", f"s{i}"), i + 1, "") for i in range(size)], NOW
        )
    _accept(
        db,
        *(_event(f"m{i}", external_userid=f"w{i}", state=f"s{i}") for i in range(size)),
        *(_event(f"n{i}", unionid=f"u{i}") for i in range(size)),
    )

    with db.counting() as statements:
        sweep.apply(db, [PROJECTION], NOW)

    assert len(statements) - 3 == 7


KEY = st.tuples(
    st.sampled_from(["buyer", "member", "external_userid", "unionid"]), st.integers(0, 5)
)


@settings(max_examples=12)
@given(
    drawn=st.lists(st.lists(KEY, max_size=3), max_size=16),
    chance=st.integers(),
    limits=st.tuples(st.integers(1, 5), st.integers(6, 50)),
)
def test_shuffled_doubled_and_late_delivery_ends_in_the_same_people(
    new_db: Callable[[], Pool],
    drawn: list[list[tuple[str, int]]],
    chance: int,
    limits: tuple[int, int],
) -> None:
    events = [
        _event(f"e{place}", minute=place, **{kind: f"{kind}{i}" for kind, i in keys})
        for place, keys in enumerate(drawn)
    ]
    straight, shaken = new_db(), new_db()
    _apply(straight, *events, limit=limits[1])

    doubled = [*events, *events[: len(events) // 2]]
    Random(chance).shuffle(doubled)
    half = len(doubled) // 2
    _apply(shaken, *doubled[:half], limit=limits[0])
    _apply(shaken, *doubled[half:], limit=limits[0])

    assert _people(straight) == _people(shaken)
    with shaken.transaction() as conn:
        assert views.backlog(conn) == 0
        dead = conn.fetch("select loser from identity_merge")
        rows = conn.fetch("select distinct customer_id from identity")
        assert not {loser for (loser,) in dead} & {customer for (customer,) in rows}

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.db.pool import Pool
from siyu.events import actions as events
from siyu.events import sweep
from siyu.events.actions import Own
from siyu.events.model import (
    EVERY_KIND,
    Batch,
    CustomerMerged,
    CustomerSplit,
    Incoming,
    Key,
    Merge,
    Projection,
    Split,
)
from siyu.identities import actions
from siyu.identities import views as known
from siyu.identities.model import Pointer
from siyu.identities.project import PROJECTION
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn
from siyu.staff.views import audited
from siyu.vault.model import Keys, key_hash

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
KEYS = Keys(b"m" * 32, b"l" * 32)
IDS = PublicIds(b"i" * 32)


class Told:
    """A fact to come: by its minute, its kind and its keys as `buyer:b1`."""

    def __init__(self, minute: int, kind: str, *words: str, first: int = 0) -> None:
        self.minute, self.kind, self.first = minute, kind, first
        parts = [word.partition(":") for word in words]
        self.keys = [(kind, value) for kind, _, value in parts]

    def __repr__(self) -> str:
        return f"Told({self.minute}, {self.kind!r}, {self.keys}, first={self.first})"

    def accept(self, conn: Conn) -> None:
        at = NOW - timedelta(days=1) + timedelta(minutes=self.minute)
        if self.kind in ("customer.merged", "customer.split"):
            keys = tuple(_key(f"{kind}:{value}") for kind, value in self.keys)
            merged = self.kind == "customer.merged"
            said = (
                CustomerMerged(first=self.first, by="ann")
                if merged
                else CustomerSplit(off=self.first, by="ann")
            )
            events.own(conn, [Own(said, f"{self.minute}", at, keys)], NOW)
            return
        data = msgspec.Raw(b'{"staff":"g1"}' if self.kind == "friend.added" else b"{}")
        one = Incoming(
            source="t", id=f"e{self.minute}", kind=self.kind, occurred_at=at.isoformat(),
            keys=dict(self.keys), data=data,
        )  # fmt: skip
        (answer,) = events.accept(conn, KEYS, "CN", [one], NOW)
        assert answer.status != "rejected", answer


def _key(word: str) -> Key:
    kind, _, value = word.partition(":")
    return Key(kind, key_hash(KEYS, kind, value))


class Seen:
    """What the next rooms are shown."""

    def __init__(self) -> None:
        self.merges: list[Merge] = []
        self.splits: list[Split] = []
        self.customer: dict[str, int] = {}

    def project(self, _: Conn, batch: Batch, __: datetime) -> None:
        self.merges += batch.merges
        self.splits += batch.splits
        names = {event.id: event.source_id for event in batch.events}
        self.customer |= {names[event]: who for event, who in batch.customer.items()}


def _apply(db: Pool, *facts: Told, limit: int = 2000) -> Seen:
    seen = Seen()
    with db.transaction() as conn:
        for fact in facts:
            fact.accept(conn)
    watch = Projection("seen", EVERY_KIND, seen.project)
    while (done := sweep.apply(db, [PROJECTION, watch], NOW, limit=limit)).claimed:
        assert not done.parked
    return seen


def _of(db: Pool, word: str) -> int:
    key = _key(word)
    with db.transaction() as conn:
        return known.resolve(conn, [(key.kind, key.hash)])[key.kind, key.hash]


def _identity(db: Pool, word: str) -> int:
    key = _key(word)
    with db.transaction() as conn:
        rows = conn.fetch(
            "select id from identity where kind = %(kind)s and hash = %(hash)b",
            {"kind": key.kind, "hash": key.hash},
        )
    return rows[0][0]


def _facts(db: Pool) -> tuple[set[frozenset[Key]], dict[str, frozenset[Key]]]:
    """The customers as sets of keys; and each event with those of whom it is about."""
    with db.transaction() as conn:
        keys = conn.fetch("select customer_id, kind, hash from identity")
        about = conn.fetch(
            "select e.source || e.source_id, i.customer_id from event_subject s"
            " join identity i on i.id = s.identity_id join event e on e.id = s.event_id"
        )
    groups: dict[int, set[Key]] = {}
    for customer, kind, hashed in keys:
        groups.setdefault(customer, set()).add(Key(kind, hashed))
    people = {customer: frozenset(group) for customer, group in groups.items()}
    return set(people.values()), {name: people[customer] for name, customer in about}


def _split(db: Pool, customer: int, *words: str, minute: int = 60) -> None:
    with db.transaction() as conn:
        off = [_identity(db, word) for word in words]
        when = NOW - timedelta(days=1) + timedelta(minutes=minute)
        actions.split(conn, IDS, customer, off, "ann", "two people", when)


def _merge(db: Pool, one: int, other: int, minute: int = 60) -> None:
    with db.transaction() as conn:
        when = NOW - timedelta(days=1) + timedelta(minutes=minute)
        actions.merge(conn, IDS, one, other, "ann", "same voice", when)


def test_a_split_takes_keys_onto_a_new_customer_and_their_events_with_them(db: Pool) -> None:
    _apply(db, Told(1, "customer.identified", "buyer:b", "unionid:u"))
    _apply(db, Told(2, "customer.identified", "unionid:u"))

    _split(db, 1, "unionid:u")
    seen = _apply(db)

    assert (_of(db, "buyer:b"), _of(db, "unionid:u")) == (1, 2)
    assert [(one.before, one.after) for one in seen.splits] == [(1, 2)]
    assert seen.merges == []
    assert _apply(db, Told(70, "customer.identified", "unionid:u")).customer == {"e70": 2}


def test_merge_then_split_gives_both_their_ids_back(db: Pool) -> None:
    _apply(db, Told(1, "customer.identified", "buyer:b"))
    _apply(db, Told(2, "customer.identified", "unionid:u"))
    _merge(db, 1, 2)
    merged = _apply(db)
    assert [merge[:2] for merge in merged.merges] == [(2, 1)]
    assert _of(db, "unionid:u") == 1

    _split(db, 1, "buyer:b", minute=61)
    seen = _apply(db)

    assert (_of(db, "buyer:b"), _of(db, "unionid:u")) == (1, 2)
    assert [(one.before, one.after) for one in seen.splits] == [(1, 2)]
    with db.transaction() as conn:
        assert known.survivor(conn, [1, 2]) == {1: 1, 2: 2}
        undone = conn.fetch("select loser, winner, undone_by is not null from identity_merge")
        assert undone == [(2, 1, True)]


def test_an_event_with_both_keys_does_not_undo_a_split(db: Pool) -> None:
    """Its strongest key wins; a friendship is of its account."""
    _apply(db, Told(1, "customer.identified", "phone:+8613800000001", "external_userid:w"))
    _split(db, 1, "external_userid:w")
    _apply(db)

    both = ("phone:+8613800000001", "external_userid:w")
    seen = _apply(
        db,
        Told(70, "customer.identified", *both),
        Told(71, "friend.added", *both),
        Told(72, "customer.identified", *both, "buyer:new"),
    )

    assert seen.customer == {"e70": 1, "e71": 2, "e72": 1}
    assert seen.merges == seen.splits == []
    assert (_of(db, "buyer:new"), _of(db, "external_userid:w")) == (1, 2)


def test_nor_does_a_third_key_that_leads_to_both(db: Pool) -> None:
    _apply(db, Told(1, "customer.identified", "buyer:b", "unionid:u"))
    _split(db, 1, "unionid:u")
    _apply(db)

    _apply(db, Told(70, "customer.identified", "buyer:b", "member:m"))
    seen = _apply(db, Told(71, "customer.identified", "unionid:u", "member:m"))

    assert seen.merges == seen.splits == []
    assert (_of(db, "member:m"), _of(db, "unionid:u")) == (1, 2)
    assert seen.customer == {"e71": 1}  # by the stronger key


def test_only_a_person_brings_them_together_again(db: Pool) -> None:
    _apply(db, Told(1, "customer.identified", "buyer:b", "unionid:u"))
    _split(db, 1, "unionid:u")
    _apply(db)
    _merge(db, 1, 2, minute=80)

    seen = _apply(db)

    assert [merge[:2] for merge in seen.merges] == [(2, 1)]
    assert _of(db, "unionid:u") == 1
    _split(db, 1, "unionid:u", minute=90)
    _apply(db)
    assert (_of(db, "buyer:b"), _of(db, "unionid:u")) == (1, 2)  # the id it had by the first split


def test_orders_and_links_go_with_the_key_that_they_came_by(db: Pool) -> None:
    _apply(
        db,
        Told(1, "customer.identified", "buyer:b", "order:s/1"),
        Told(2, "customer.identified", "phone:+8613800000001", "order:s/2"),
        Told(3, "customer.identified", "buyer:b", "phone:+8613800000001"),
    )
    with db.transaction() as conn:
        state, order = _key("state:x"), _key("order:s/2")
        pointer = Pointer("state", state.hash, 1, "a code of ours", order.hash)
        actions.register(conn, [pointer], NOW)

    _split(db, 1, "phone:+8613800000001")
    _apply(db)
    seen = _apply(db, Told(70, "friend.added", "external_userid:w", "state:x"))

    assert (_of(db, "order:s/1"), _of(db, "order:s/2"), _of(db, "state:x")) == (1, 2, 2)
    assert seen.customer == {"e70": 2}


def test_what_a_split_refuses(db: Pool) -> None:
    _apply(db, Told(1, "customer.identified", "buyer:b", "unionid:u", "order:s/1"))
    _apply(db, Told(2, "customer.identified", "member:m"))

    for words, why in (
        (("buyer:b", "unionid:u"), "must stay"),
        (("order:s/1",), "goes with"),
        (("member:m",), "no key of this customer"),
        ((), "at least one key"),
    ):
        with pytest.raises(Refused, match=why):
            _split(db, 1, *words)
    with pytest.raises(Refused, match="one customer already"):
        _merge(db, 1, 1)
    with pytest.raises(NotFound):
        _merge(db, 1, 99)
    with db.transaction() as conn, pytest.raises(Refused, match="long number"):
        actions.merge(conn, IDS, 1, 2, "ann", "said 138 0000 0001", NOW)


def test_who_said_so_is_audited(db: Pool) -> None:
    _apply(db, Told(1, "customer.identified", "buyer:b", "unionid:u"))
    _split(db, 1, "unionid:u")

    with db.transaction() as conn:
        (line,) = audited(conn)
    assert (line.actor, line.action, line.reason) == ("ann", "customer.split", "two people")
    assert line.object.startswith(f"{IDS.encode('cus', 1)} - key_")


def test_a_batch_without_knots_runs_no_statement_more(db: Pool) -> None:
    """Also where somebody else was split before."""
    _apply(db, Told(1, "customer.identified", "buyer:b", "unionid:u"))
    _apply(db, *(Told(m, "customer.identified", f"buyer:x{m}") for m in range(2, 9)))
    counts: list[int] = []
    for minute in (70, 80):
        with db.transaction() as conn:
            for m in range(2, 9):
                Told(minute + m, "customer.identified", f"buyer:x{m}").accept(conn)
        with db.counting() as statements:
            sweep.apply(db, [PROJECTION], NOW)
        counts.append(len(statements))
        _split(db, 1, "unionid:u") if minute == 70 else None
        _apply(db)

    assert counts[0] == counts[1]


WORDS = st.tuples(st.sampled_from(["buyer", "member", "unionid", "order"]), st.integers(0, 3))


@st.composite
def _facts_to_come(draw: st.DrawFn) -> list[Told]:
    found: list[Told] = []
    for minute in range(draw(st.integers(1, 14))):
        kind = draw(st.sampled_from(["heard", "heard", "heard", "merged", "split"]))
        if kind == "heard":
            keys = dict(draw(st.lists(WORDS, min_size=1, max_size=3)))
            if keys.keys() == {"order"}:  # of nobody known (yet) it says nothing
                keys["buyer"] = 0
            words = [f"{kind}:{value}" for kind, value in keys.items()]
            found.append(Told(minute, "customer.identified", *words))
            continue
        strong = WORDS.filter(lambda word: word[0] != "order")
        both = draw(st.lists(strong, min_size=2, max_size=4, unique=True))
        words = [f"{kind}:{value}" for kind, value in both]
        first = draw(st.integers(1, len(words) - 1))
        found.append(Told(minute, f"customer.{kind}", *words, first=first))
    return found


def _forget(db: Pool) -> None:
    """For the next example: making a database for each costs more than emptying one."""
    with db.transaction() as conn:
        conn.execute(
            "truncate event, event_key, event_pending, event_applied, event_subject, identity,"
            " identity_merge, identity_split, identity_knot"
        )


@settings(max_examples=25)
@given(facts=_facts_to_come(), chance=st.integers(), limit=st.integers(1, 4))
def test_shuffled_events_merges_and_splits_end_in_the_same_facts(
    db: Pool, facts: Sequence[Told], chance: int, limit: int
) -> None:
    _forget(db)
    _apply(db, *facts)
    straight = _facts(db)
    _forget(db)

    late = list(facts)
    Random(chance).shuffle(late)
    _apply(db, *late, limit=limit)

    assert _facts(db) == straight
    with db.transaction() as conn:
        lost = conn.fetch("select loser from identity_merge where undone_by is null")
        lives = conn.fetch("select distinct customer_id from identity")
        assert not set(lost) & set(lives)
        assert len(lost) == len(set(lost))


@settings(max_examples=15)
@given(facts=_facts_to_come(), chance=st.integers())
def test_merge_then_split_gives_both_customers_back(
    db: Pool, facts: Sequence[Told], chance: int
) -> None:
    _forget(db)
    _apply(db, *facts)
    before = _facts(db)[0]
    with db.transaction() as conn:
        strong = conn.fetch(
            "select customer_id, array_agg(id) from identity where kind <> 'order'"
            " group by 1 order by 1"
        )
    if len(strong) < 2:
        return
    (one, mine), (other, _) = Random(chance).sample(strong, 2)
    with db.transaction() as conn:
        owner = dict(conn.fetch("select id, customer_id from identity"))

    _merge(db, one, other)
    _apply(db)
    with db.transaction() as conn:
        (together,) = set(known.survivor(conn, [one, other]).values())
        actions.split(conn, IDS, together, mine, "ann", "", NOW)
    _apply(db)

    assert _facts(db)[0] == before
    with db.transaction() as conn:
        assert dict(conn.fetch("select id, customer_id from identity")) == owner


@pytest.mark.parametrize(("stays", "goes"), [("buyer:b", "unionid:u"), ("unionid:u", "buyer:b")])
def test_both_sides_of_a_split_in_one_batch_stay_apart(db: Pool, stays: str, goes: str) -> None:
    """Each by itself, and the one with somebody who was never split."""
    _apply(db, Told(1, "customer.identified", "member:z"))
    _apply(db, Told(2, "customer.identified", "buyer:b", "unionid:u"))
    _split(db, 2, goes)
    _apply(db)

    _apply(
        db,
        Told(70, "customer.identified", "member:z", stays),
        Told(71, "customer.identified", goes),
    )
    _apply(db, Told(72, "customer.identified", "member:z", goes))

    assert (_of(db, stays), _of(db, "member:z"), _of(db, goes)) == (1, 1, 3)

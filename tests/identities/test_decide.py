from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.events.model import Event, Key, LinkClicked, Merge
from siyu.identities.decide import decide
from siyu.identities.model import CODE_USED, Known

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
ORDER = ("phone", "buyer", "member", "external_userid", "unionid", "order", "state")


def _key(word: str) -> Key:
    """`phone:1` → a key."""
    kind, _, value = word.partition(":")
    return Key(kind, value.encode().ljust(16, b"."))


def _event(number: int, *words: str, kind: str = "order.paid") -> Event:
    keys = tuple(sorted(map(_key, words), key=lambda key: ORDER.index(key.kind)))
    at = NOW + timedelta(minutes=number)
    return Event(number, "t", str(number), kind, at, NOW, False, keys, {}, LinkClicked(touch="-"))


class Book:
    """The plainest keeper of identities: what the database does, row by row."""

    def __init__(self) -> None:
        self.rows: dict[Key, Known] = {}
        self.hows: dict[Key, str] = {}
        self.events: dict[int, int] = {}
        self.came_by: dict[int, Key] = {}
        self.merges: list[Merge] = []
        self.customers = 0

    def register(self, word: str, customer: int) -> None:
        key = _key(word)
        self.rows[key] = Known(len(self.rows) + 1, key, customer, None, customer)

    def apply(self, *events: Event) -> None:
        batch = sorted(events, key=lambda event: event.order)
        wanted = {key for event in batch for key in event.keys}
        found = decide(batch, {key: row for key, row in self.rows.items() if key in wanted})
        fresh = [self.customers + place + 1 for place in range(len(found.new_customers))]
        self.customers += len(fresh)
        for new in found.new:
            customer = fresh[new.customer] if new.is_new else new.customer
            self.rows[new.key] = Known(len(self.rows) + 1, new.key, customer, None, customer)
            self.hows[new.key] = new.how
        for pointer, account in found.used.items():
            self.rows[pointer] = self.rows[pointer]._replace(used_by=self.rows[account].id)
        winner = {merge.loser: merge.winner for merge in found.merges}
        for key, row in self.rows.items():
            stays = winner.get(row.customer_id, row.customer_id)
            self.rows[key] = row._replace(customer_id=stays, written=stays)
        self.merges += found.merges
        self.came_by |= found.came_by
        for event, (number, is_new) in found.customer.items():
            self.events[event] = fresh[number] if is_new else number

    @property
    def people(self) -> set[frozenset[Key]]:
        """The customers as sets of keys."""
        groups: dict[int, set[Key]] = {}
        for key, row in self.rows.items():
            groups.setdefault(row.customer_id, set()).add(key)
        return {frozenset(group) for group in groups.values()}


def _people(*groups: str) -> set[frozenset[Key]]:
    return {frozenset(map(_key, group.split())) for group in groups}


def test_keys_that_come_together_are_one_person() -> None:
    book = Book()
    book.apply(
        _event(1, "phone:1", "buyer:a"), _event(2, "buyer:a", "unionid:u"), _event(3, "phone:2")
    )

    assert book.people == _people("phone:1 buyer:a unionid:u", "phone:2")
    assert book.events == {1: 1, 2: 1, 3: 2}
    assert book.hows[_key("unionid:u")] == "order.paid t/2, with buyer"


def test_two_customers_proved_to_be_one_are_merged_and_the_lowest_id_stays() -> None:
    book = Book()
    book.apply(_event(1, "phone:1"), _event(2, "buyer:a"), _event(3, "unionid:u"))
    book.apply(_event(4, "unionid:u", "buyer:a"), _event(5, "phone:1", "unionid:u"))

    assert book.people == _people("phone:1 buyer:a unionid:u")
    assert book.merges == [Merge(2, 1, 5), Merge(3, 1, 4)]
    assert (book.events[4], book.events[5]) == (1, 1)


def test_what_a_batch_joins_itself_needs_no_merge() -> None:
    book = Book()
    book.apply(_event(1, "phone:1"), _event(2, "buyer:a"), _event(3, "phone:1", "buyer:a"))

    assert (book.merges, book.customers) == ([], 1)


def test_a_pointer_alone_never_makes_a_person() -> None:
    book = Book()
    book.apply(_event(1, "order:s/1"), _event(2, "state:x"), _event(3))

    assert (book.people, book.events) == (set(), {})


def test_an_order_registered_by_its_buyer_leads_back_to_the_buyer() -> None:
    book = Book()
    book.apply(_event(1, "phone:1", "order:s/1"))
    book.apply(_event(2, "order:s/1"), _event(3, "order:s/2"))

    assert book.events == {1: 1, 2: 1}
    assert book.came_by[2] == _key("order:s/1")
    assert book.people == _people("phone:1 order:s/1")


def test_pointers_of_two_customers_prove_nothing_without_a_person() -> None:
    book = Book()
    book.apply(_event(1, "phone:1", "order:s/1"), _event(2, "phone:2"))
    book.register("state:x", 2)
    book.apply(_event(3, "order:s/1", "state:x"))

    assert book.merges == []
    assert book.events[3] == 1


def test_a_state_brings_in_the_account_that_scans_it() -> None:
    book = Book()
    book.apply(_event(1, "phone:1"))
    book.register("state:x", 1)
    book.apply(_event(2, "external_userid:w", "state:x", kind="friend.added"))

    assert book.events[2] == 1
    assert book.came_by[2] == _key("external_userid:w")
    assert book.hows[_key("external_userid:w")] == "friend.added t/2, with state"


def test_a_second_person_who_scans_the_same_code_is_not_merged() -> None:
    book = Book()
    book.apply(_event(1, "phone:1"))
    book.register("state:x", 1)
    first = _event(2, "external_userid:w", "state:x", kind="friend.added")
    second = _event(3, "external_userid:v", "state:x", kind="friend.added")

    book.apply(first, second)

    assert book.people == _people("phone:1 state:x external_userid:w", "external_userid:v")
    assert book.hows[_key("external_userid:v")].startswith(CODE_USED)
    book.apply(_event(4, "external_userid:v", "state:x"), _event(5, "external_userid:w", "state:x"))
    assert (book.events[4], book.events[5]) == (2, 1)
    assert book.merges == []


def test_who_was_a_friend_by_another_door_is_matched_by_the_code() -> None:
    book = Book()
    book.apply(_event(1, "phone:1"), _event(2, "external_userid:w", kind="friend.added"))
    book.register("state:x", 1)
    book.apply(_event(3, "external_userid:w", "state:x", kind="friend.added"))

    assert book.merges == [Merge(2, 1, 3)]


def test_a_code_that_nobody_issued_leads_to_nobody() -> None:
    book = Book()
    book.apply(_event(1, "external_userid:w", "state:x"), _event(2, "external_userid:v", "state:x"))

    assert book.people == _people("external_userid:w", "external_userid:v")


def test_an_order_claimed_before_it_is_heard_of_still_finds_its_buyer() -> None:
    claim = _event(2, "external_userid:w", "order:s/1", kind="customer.identified")
    paid = _event(1, "phone:1", "order:s/1")
    late, early = Book(), Book()
    late.apply(claim)
    late.apply(paid)
    early.apply(paid)
    early.apply(claim)

    assert late.people == early.people == _people("phone:1 order:s/1 external_userid:w")


def test_a_friendship_hangs_on_the_account_and_an_order_on_the_strongest_key() -> None:
    book = Book()
    book.apply(
        _event(1, "phone:1", "external_userid:w"),
        _event(2, "phone:1", "external_userid:w", kind="friend.added"),
    )

    assert book.came_by == {1: _key("phone:1"), 2: _key("external_userid:w")}


# One account per order: whose code a second person scanned depends on who was first, by its nature.
STRONG = st.sampled_from([f"{kind}:{i}" for kind in ORDER[:5] for i in range(4)])
POINTER = st.sampled_from([f"order:{i}" for i in range(4)])
WORDS = st.tuples(st.sets(STRONG, max_size=3), st.none() | POINTER)


def _history(drawn: list[tuple[set[str], str | None]]) -> list[Event]:
    return [
        _event(number, *_one_of_each(strong, pointer))
        for number, (strong, pointer) in enumerate(drawn)
    ]


def _one_of_each(strong: set[str], pointer: str | None) -> list[str]:
    words = {word.partition(":")[0]: word for word in sorted(strong)}
    if pointer is not None:
        words["order"] = pointer
        if "external_userid" in words:
            words["external_userid"] = f"external_userid:{pointer[-1]}"
    return list(words.values())


def _naive(events: list[Event]) -> set[frozenset[Key]]:
    """Groups grow until nothing touches any more."""
    groups: list[set[Key]] = []
    for event in events:
        keys = set(event.keys)
        if not any(key.kind not in ("order", "state") for key in keys):
            continue
        touching = [group for group in groups if group & keys]
        groups = [group for group in groups if not group & keys]
        groups.append(keys.union(*touching))
    return {frozenset(group) for group in groups}


@settings(max_examples=300)
@given(
    drawn=st.lists(WORDS, max_size=14),
    chance=st.randoms(use_true_random=False),
    sizes=st.lists(st.integers(1, 6), min_size=40, max_size=40),
)
def test_shuffled_and_late_events_in_any_batches_end_in_the_same_people(
    drawn: list[tuple[set[str], str | None]], chance: object, sizes: list[int]
) -> None:
    events = _history(drawn)
    whole, parts = Book(), Book()
    whole.apply(*events)
    shuffled = list(events)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    while shuffled:
        size = sizes.pop()
        parts.apply(*shuffled[:size])
        del shuffled[:size]

    assert whole.people == parts.people == _naive(events)
    for book in (whole, parts):
        losers = [merge.loser for merge in book.merges]
        assert len(losers) == len(set(losers))
        assert all(merge.winner < merge.loser for merge in book.merges)
        assert len(book.people) == book.customers - len(losers)


@given(drawn=st.lists(WORDS, max_size=14))
def test_the_same_events_give_the_same_customers(drawn: list[tuple[set[str], str | None]]) -> None:
    events = _history(drawn)
    one, other = Book(), Book()
    one.apply(*events)
    other.apply(*reversed(events))

    assert (one.rows, one.events, one.came_by) == (other.rows, other.events, other.came_by)
    assert list(one.events.values()) == [one.events[event] for event in sorted(one.events)]
    first_seen = list(dict.fromkeys(one.events[e.id] for e in events if any(
        key.kind != "order" for key in e.keys)))  # fmt: skip
    assert first_seen == sorted(first_seen)

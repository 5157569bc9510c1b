"""Who is who: pure, over a batch of events in the order of their facts.

Keys are joined first (whatever joins what, in whatever order, ends in the same groups); customers
are given out afterwards: a group with customers keeps the lowest id, a group without gets one.

Customers who were once split from one another (a knot) are settled from all their events, old and
new, in the order of the facts (`settle`): so they end the same, too, in whatever order things come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from siyu.events.model import POINTERS, CustomerMerged, CustomerSplit, Event, Key, Merge, Split
from siyu.identities.model import ACCOUNT, CODE_USED, Decision, Held, Known, New, Settled


class _Seen(NamedTuple):
    """An event with the part of its keys that says who it is about."""

    event: Event
    keys: list[Key]  # empty: nobody, or only pointers
    refused: bool  # its code had already brought in another account


class _Groups:
    """Keys that belong together (union by the smaller name, paths halved)."""

    def __init__(self) -> None:
        self._above: dict[Key | int, Key | int] = {}

    def top(self, node: Key | int) -> Key | int:
        above = self._above
        while (up := above.setdefault(node, node)) != node:
            above[node] = node = above.setdefault(up, up)
        return node

    def join(self, one: Key | int, other: Key | int) -> None:
        self._above[self.top(other)] = self.top(one)


def decide(events: Sequence[Event], known: Mapping[Key, Known]) -> Decision:
    """Who each event is about, with all that has to be written down."""
    groups, seen, used = _joined(events, known)
    place = _Places(groups, known, seen)
    customer: dict[int, tuple[int, bool]] = {}
    came_by: dict[int, Key] = {}
    new: dict[Key, New] = {}
    for one in seen:
        keys = one.keys or [key for key in one.event.keys if place.has(key)]
        if not keys:
            continue  # a guest: nobody that we know, and nothing that makes a person
        number, is_new = place.of(keys[0])
        customer[one.event.id] = number, is_new
        came_by[one.event.id] = strongest(one.event.kind, keys)
        for key in one.keys:
            if key not in known and key not in new:
                new[key] = New(key, number, is_new, _how(one, key), one.event.id)
    merges = _merges(known, seen, place)
    return Decision(list(new.values()), place.new_customers, customer, came_by, merges, used)


def _joined(
    events: Sequence[Event], known: Mapping[Key, Known]
) -> tuple[_Groups, list[_Seen], dict[Key, Key]]:
    groups = _Groups()
    for key, row in known.items():
        groups.join(row.customer_id, key)
    used: dict[Key, Key] = {}
    seen: list[_Seen] = []
    for event in events:
        keys, refused = _admitted(event, known, used)
        for key in keys[1:]:
            groups.join(keys[0], key)
        seen.append(_Seen(event, keys, refused))
    return groups, seen, used


def _admitted(
    event: Event, known: Mapping[Key, Known], used: dict[Key, Key]
) -> tuple[list[Key], bool]:
    """The keys that join: the strong ones, and with them the pointers that are free for it."""
    strong = [key for key in event.keys if key.kind not in POINTERS]
    if not strong:
        return [], False
    account = next((key for key in strong if key.kind == ACCOUNT), None)
    joined, refused = list(strong), False
    for key in event.keys:
        if key.kind not in POINTERS or (key.kind == "state" and key not in known):
            continue
        if account is not None and not _free(key, account, known, used):
            refused = True
            continue
        joined.append(key)
        if account is not None and (key not in known or known[key].used_by is None):
            used.setdefault(key, account)
    return joined, refused


def _free(pointer: Key, account: Key, known: Mapping[Key, Known], used: Mapping[Key, Key]) -> bool:
    """Whether the pointer has brought in nobody else so far."""
    if pointer in used:
        return used[pointer] == account
    before = known[pointer].used_by if pointer in known else None
    return before is None or (account in known and known[account].id == before)


class _Places:
    """Which customer each group is."""

    def __init__(self, groups: _Groups, known: Mapping[Key, Known], seen: Iterable[_Seen]) -> None:
        self._groups = groups
        self._lowest: dict[Key | int, int] = {}
        for row in known.values():
            top = groups.top(row.key)
            self._lowest[top] = min(row.customer_id, self._lowest.get(top, row.customer_id))
        self._new: dict[Key | int, int] = {}
        self.new_customers: list[int] = []
        for one in seen:
            top = groups.top(one.keys[0]) if one.keys else None
            if top is not None and top not in self._lowest and top not in self._new:
                self._new[top] = len(self.new_customers)
                self.new_customers.append(one.event.id)

    def has(self, key: Key) -> bool:
        top = self._groups.top(key)
        return top in self._lowest or top in self._new

    def of(self, key: Key) -> tuple[int, bool]:
        top = self._groups.top(key)
        return (self._lowest[top], False) if top in self._lowest else (self._new[top], True)


def _merges(known: Mapping[Key, Known], seen: Iterable[_Seen], place: _Places) -> list[Merge]:
    """Each customer that went, straight to the one that stays, with the event that showed it."""
    losers: dict[int, int] = {}
    for row in known.values():
        winner, _ = place.of(row.key)
        if winner != row.customer_id:
            losers[row.customer_id] = winner
    if not losers:
        return []
    proof = _proofs(known, seen)
    return [Merge(loser, losers[loser], proof[loser]) for loser in sorted(losers)]


def _proofs(known: Mapping[Key, Known], seen: Iterable[_Seen]) -> dict[int, int]:
    """Customer → the event after which it was no longer alone: the joins once more, one by one."""
    again = _Groups()
    members: dict[Key | int, set[int]] = {}
    for key, row in known.items():
        again.join(row.customer_id, key)
        members[again.top(key)] = {row.customer_id}
    proof: dict[int, int] = {}
    for one in seen:
        for key in one.keys[1:]:
            here, there = again.top(one.keys[0]), again.top(key)
            if here == there:
                continue
            met = members.pop(here, set()), members.pop(there, set())
            if all(met):
                for customer in met[0] | met[1]:
                    if customer != min(met[0] | met[1]):
                        proof.setdefault(customer, one.event.id)
            again.join(here, there)
            members[again.top(here)] = met[0] | met[1]
    return proof


def strongest(kind: str, keys: Sequence[Key]) -> Key:
    """The key that a fact hangs on: the account, of a friendship or message; else the strongest."""
    if kind.startswith(("friend.", "message.")):
        return next((key for key in keys if key.kind == ACCOUNT), keys[0])
    return keys[0]


def _how(one: _Seen, key: Key) -> str:
    """The words of `explain`."""
    event = one.event
    told = f"{event.kind} {event.source}/{event.source_id}"
    others = ", ".join(other.kind for other in one.keys if other != key)
    if one.refused and key.kind == ACCOUNT:
        return f"{CODE_USED}; {told}"
    return f"{told}, with {others}" if others else told


# ── Customers who were split from one another ────────────────────────────────────────────────────


class _Crowd:
    """Groups of keys that never take in a key that must stay apart from one of theirs."""

    def __init__(self, apart: Mapping[Key, Collection[Key]]) -> None:
        self._apart = apart
        self._groups = _Groups()
        self._members: dict[Key | int, set[Key]] = {}

    def top(self, key: Key) -> Key | int:
        return self._groups.top(key)

    def group(self, key: Key) -> set[Key]:
        return self._members.setdefault(self._groups.top(key), {key})

    def join(self, one: Key, other: Key) -> None:
        here, there = self.group(one), self.group(other)
        if here is there or any(not there.isdisjoint(self._apart.get(key, ())) for key in here):
            return
        self._groups.join(one, other)
        self._members[self._groups.top(one)] = here | there


def tangled(events: Sequence[Event], known: Mapping[Key, Known]) -> list[Event]:
    """The events whose keys lead to a knot, or make one; nearly always none."""
    knotted = {row.customer_id for row in known.values() if row.knot is not None}
    if not knotted and not any(isinstance(event.data, CustomerSplit) for event in events):
        return []
    groups, _, _ = _joined(events, known)
    tops: set[Key | int] = {groups.top(customer) for customer in knotted}
    tops |= {
        groups.top(key)
        for event in events
        if isinstance(event.data, CustomerSplit)
        for key in event.keys
    }
    return [event for event in events if any(groups.top(key) in tops for key in event.keys)]


def settle(fresh: Sequence[Event], past: Iterable[Event], rows: Sequence[Held]) -> Settled:
    """Who is who in a knot: the joins of all its facts in their order, without those that would
    bring together what was split. An event whose keys were split is about the one it came by."""
    known = {row.key: Known(row.id, row.key, row.customer_id, row.used_by, 0) for row in rows}
    facts = sorted([*past, *fresh], key=lambda event: event.order)
    crowd, linked, used, seen = _together(facts, known, rows, {event.id for event in fresh})
    split_off = {
        key
        for event in fresh
        if isinstance(event.data, CustomerSplit)
        for key in event.keys[: event.data.off]
    }
    place = _Owners(crowd, rows, split_off)
    customer: dict[int, tuple[int, bool]] = {}
    came_by: dict[int, Key] = {}
    new: dict[Key, New] = {}
    for event in fresh:
        one = seen[event.id]
        keys = one.keys or [key for key in event.keys if key in known]
        if not keys:
            continue
        came_by[event.id] = strongest(event.kind, keys)
        customer[event.id] = place.of(came_by[event.id], event.id)
        for key in one.keys:
            if key not in known and key not in new:
                new[key] = New(key, *place.of(key, event.id), _how(one, key), event.id)
    after = {row.id: place.of(row.key, fresh[0].id) for row in rows}
    split = {linked.top(e.keys[0]) for e in facts if isinstance(e.data, CustomerSplit)}
    tied = {row.key: after[row.id] for row in rows}
    tied |= {one.key: (one.customer, one.is_new) for one in new.values()}
    knot = dict.fromkeys(split, -fresh[0].id)  # of new people only: a number that is no customer's
    for row in sorted(rows, key=lambda row: -row.customer_id):
        knot[linked.top(row.key)] = row.customer_id
    ends = {key: linked.top(key) for key in tied}
    knots = {tied[key]: knot[top] for key, top in ends.items() if top in split}
    fresh_keys = {key for event in fresh for key in event.keys}
    used = {pointer: account for pointer, account in used.items() if pointer in fresh_keys}
    decision = Decision(list(new.values()), place.new_customers, customer, came_by, [], used)
    return Settled(decision, after, sorted(knots.items()))


def _together(
    facts: Sequence[Event],
    known: Mapping[Key, Known],
    rows: Sequence[Held],
    fresh: Collection[int],
) -> tuple[_Crowd, _Groups, dict[Key, Key], dict[int, _Seen]]:
    """The groups, with what was ever named together, which pointers were used, and each event."""
    crowd, linked = _Crowd(_apart(facts)), _Groups()
    used: dict[Key, Key] = {}
    seen: dict[int, _Seen] = {}
    for pointer, owner in _registered(rows):
        crowd.join(owner, pointer)
        linked.join(owner, pointer)
    for fact in facts:
        event = fact
        if event.id not in fresh:  # a pointer of old that is not of this knot brought in another
            mine = tuple(key for key in event.keys if key.kind not in POINTERS or key in known)
            event = event._replace(keys=mine)
        keys, refused = _admitted(event, known, used)
        seen[event.id] = _Seen(event, keys, refused)
        for key in keys[1:]:
            linked.join(keys[0], key)
        off = event.data.off if isinstance(event.data, CustomerSplit) else 0
        for side in (keys[:off], keys[off:]):
            first = strongest(event.kind, side) if side else None
            for key in side:
                if first is not None and key != first:
                    crowd.join(first, key)
    return crowd, linked, used, seen


def _apart(facts: Sequence[Event]) -> dict[Key, set[Key]]:
    """The keys that must not come together: of two keys the last word of a person holds."""
    apart: dict[Key, set[Key]] = {}
    for event in facts:
        if isinstance(event.data, CustomerSplit):
            for key in event.keys[: event.data.off]:
                for other in event.keys[event.data.off :]:
                    apart.setdefault(key, set()).add(other)
                    apart.setdefault(other, set()).add(key)
        elif isinstance(event.data, CustomerMerged):
            for key in event.keys[: event.data.first]:
                for other in event.keys[event.data.first :]:
                    apart.get(key, set()).discard(other)
                    apart.get(other, set()).discard(key)
    return apart


def _registered(rows: Sequence[Held]) -> list[tuple[Key, Key]]:
    """Pointers that no event told of, with the key that each goes with."""
    by_id = {row.id: row.key for row in rows}
    strong: dict[int, Key] = {}
    for row in rows:
        if row.key.kind not in POINTERS:
            strong.setdefault(row.first, row.key)
            strong.setdefault(row.customer_id, row.key)
    found: list[tuple[Key, Key]] = []
    for row in rows:
        if row.key.kind in POINTERS and not row.by_event:
            owner = by_id.get(row.beside or 0) or strong.get(row.first)
            owner = owner or strong.get(row.customer_id)
            if owner is not None:
                found.append((row.key, owner))
    return found


class _Owners:
    """Which customer each group of a knot is.

    A group takes the lowest id that one of its keys first had. Where several groups could, the one
    that has it now does; of those the one that was not split off; of those the one of the eldest
    key. A group that finds none keeps what it has, or becomes a new customer.
    """

    def __init__(self, crowd: _Crowd, rows: Sequence[Held], off: Collection[Key]) -> None:
        self._crowd = crowd
        self._number: dict[Key | int, int] = {}
        self._new: dict[Key | int, int] = {}
        self.new_customers: list[int] = []
        taken: set[int] = set()

        def claim(number: int, row: Held) -> tuple[bool, bool, int]:
            return row.customer_id != number, row.key in off, row.id

        for number in sorted({row.first for row in rows}):
            mine = [row for row in rows if row.first == number]
            free = [row for row in mine if crowd.top(row.key) not in self._number]
            if free:
                winner = min(free, key=lambda row, number=number: claim(number, row))
                self._number[self._crowd.top(winner.key)] = number
                taken.add(number)
        for row in rows:
            name = self._crowd.top(row.key)
            if name not in self._number and row.customer_id not in taken and row.key not in off:
                self._number[name] = row.customer_id
                taken.add(row.customer_id)

    def of(self, key: Key, event_id: int) -> tuple[int, bool]:
        """The group's customer; a new one came by this event."""
        name = self._crowd.top(key)
        if name in self._number:
            return self._number[name], False
        if name not in self._new:
            self._new[name] = len(self.new_customers)
            self.new_customers.append(event_id)
        return self._new[name], True


def moved(
    rows: Sequence[Held], after: Mapping[int, int], event_id: int
) -> tuple[list[Split], list[Merge], dict[int, int]]:
    """What settling changes: identities that go elsewhere, customers who go whole; and for each
    customer who is or was away, where it leads to now (to itself: it lives again)."""
    lives = set(after.values())
    leads: dict[int, int] = {}
    for row in rows:
        leads.setdefault(row.first, after[row.id])
    merges: dict[int, int] = {}
    for row in rows:
        if row.customer_id not in lives:
            merges.setdefault(row.customer_id, after[row.id])
    splits = [
        Split(row.id, row.customer_id, after[row.id], event_id)
        for row in rows
        if after[row.id] not in (row.customer_id, merges.get(row.customer_id))
    ]
    ways = {who: who if who in lives else where for who, where in leads.items()}
    return splits, [Merge(*pair, event_id) for pair in sorted(merges.items())], ways

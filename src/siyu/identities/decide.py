"""Who is who: pure, over a batch of events in the order of their facts.

Keys are joined first (whatever joins what, in whatever order, ends in the same groups); customers
are given out afterwards: a group with customers keeps the lowest id, a group without gets one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from siyu.events.model import POINTERS, Event, Key, Merge
from siyu.identities.model import ACCOUNT, CODE_USED, Decision, Known, New


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
        came_by[one.event.id] = _came_by(one.event.kind, keys)
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


def _came_by(kind: str, keys: Sequence[Key]) -> Key:
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

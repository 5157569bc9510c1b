"""To whom of us an order is credited, and why. Pure; the same over the lake is in
`compile/credit.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from siyu.kernel.sentence import Sentence
from siyu.staff.model import CreditRule

How = Literal["paid", "task", "touch", "owner"]
BECAUSE: Mapping[How, Sentence] = {
    "paid": Sentence("was paid for it in a chat", "在会话中收款"),
    "task": Sentence("did a task for the customer before", "此前为客户完成了待办"),
    "touch": Sentence("wrote to the customer before", "此前给客户发过消息"),
    "owner": Sentence("the customer was their friend", "客户是其好友"),
}


class Deed(NamedTuple):
    """What ties an order to one of us: what they did, and when."""

    staff: str
    how: How
    at: datetime


class Share(NamedTuple):
    """One of `parts` equal parts of an order, and what it is for."""

    staff: str
    how: How
    at: datetime
    parts: int


def shares(deeds: Sequence[Deed], rule: CreditRule) -> list[Share]:
    """The order, handed out; nobody: it is nobody's. Of several who own a customer or were paid,
    the deeds name one."""
    by: dict[How, list[Deed]] = {}
    for one in deeds:
        by.setdefault(one.how, []).append(one)
    paid, owner = by.get("paid", []), by.get("owner", [])
    done = [*by.get("task", []), *by.get("touch", [])]
    if paid:
        return _each(paid[:1])
    if rule == "last" and done:
        latest = max(one.at for one in done)
        return _each([min(one for one in done if one.at == latest)])
    if rule != "shared":
        return _each(owner[:1])
    last: dict[str, Deed] = {}
    for one in sorted([*owner, *done], key=lambda deed: (deed.how != "owner", deed.at)):
        last[one.staff] = one  # what they did says more than whose friend it was
    return _each([last[staff] for staff in sorted(last)])


def _each(some: Sequence[Deed]) -> list[Share]:
    return [Share(one.staff, one.how, one.at, len(some)) for one in some]


def part(minor: int, place: int, parts: int) -> int:
    """The share of an amount at a place: all of them add up to it.

    >>> [part(100, place, 3) for place in range(3)]
    [33, 33, 34]
    """
    return minor * (place + 1) // parts - minor * place // parts

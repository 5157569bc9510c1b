"""Register pointers; say that two customers are one, or that one is two; say which keys reach a
stranger."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from siyu.events import actions as events
from siyu.events.actions import Own
from siyu.events.model import POINTERS, CustomerMerged, CustomerSplit, Key
from siyu.identities.model import Identity, Pointer
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.staff import actions as staff

SQL = load("siyu.identities")
_NUMBER = re.compile(r"(?:\d[ ().-]*){7}")


def register(conn: Conn, pointers: Sequence[Pointer], now: datetime) -> None:
    """From now on an event with this pointer is about this customer. Again changes nothing."""
    if pointers:
        conn.execute(
            SQL.register,
            {
                "kinds": [pointer.kind for pointer in pointers],
                "hashes": [pointer.hash for pointer in pointers],
                "customers": [pointer.customer_id for pointer in pointers],
                "hows": [pointer.how for pointer in pointers],
                "besides": [pointer.beside for pointer in pointers],
                "now": now,
            },
        )


def mark_wrong(conn: Conn, wrong: Mapping[int, datetime | None]) -> None:
    """Identity → since when somebody else answers there; None: it is theirs after all.

    It stays a key that finds the customer; it is no way to reach them any more.
    """
    if wrong:
        ids = sorted(wrong)
        conn.execute(SQL.mark, {"ids": ids, "sinces": [wrong[one] for one in ids]})


def merge(
    conn: Conn, ids: PublicIds, one: int, other: int, by: str, why: str, now: datetime
) -> None:
    """Say that two customers are one: an event of our own, applied in order with all others."""
    _no_number(why)
    if one == other:
        raise Refused(Sentence("These are one customer already.", "本来就是同一位客户。"))
    mine, others = _strong(_keys(conn, one)), _strong(_keys(conn, other))
    payload = CustomerMerged(first=len(mine), by=by, why=why)
    _tell(conn, ids, one, Own(payload, "merge", now, _as_keys([*mine, *others])))
    both = f"{ids.encode('cus', one)} + {ids.encode('cus', other)}"
    staff.audit(conn, by, "customer.merge", both, why, now)


def split(
    conn: Conn,
    ids: PublicIds,
    customer: int,
    identity_ids: Sequence[int],
    by: str,
    why: str,
    now: datetime,
) -> None:
    """Say that these keys of a customer are another's: an event of our own. Orders and links go
    with the key that they came by."""
    _no_number(why)
    off, stay = sides(conn, ids, customer, identity_ids)
    payload = CustomerSplit(off=len(off), by=by, why=why)
    _tell(conn, ids, customer, Own(payload, "split", now, _as_keys([*off, *stay])))
    names = ", ".join(ids.encode("key", one.id) for one in off)
    where = f"{ids.encode('cus', customer)} - {names}"
    staff.audit(conn, by, "customer.split", where, why, now)


def sides(
    conn: Conn, ids: PublicIds, customer: int, identity_ids: Sequence[int]
) -> tuple[list[Identity], list[Identity]]:
    """The keys that would go and those that would stay; Refused where no two people would be."""
    found = _keys(conn, customer)
    mine = {one.id: one for one in found}
    if strays := [number for number in identity_ids if number not in mine]:
        words = ", ".join(ids.encode("key", number) for number in strays)
        raise Refused(
            Sentence(
                f"{words}: no key of this customer; `siyu customer history` shows its keys.",
                f"{words}：不是这位客户的身份；`siyu customer history` 会列出。",
            )
        )
    if pointers := [number for number in identity_ids if mine[number].kind in POINTERS]:
        words = ", ".join(mine[number].kind for number in pointers)
        raise Refused(
            Sentence(
                f"{words}: an order or a link goes with the phone or account that it came by;"
                " name that one.",
                f"{words}：订单和链接跟随带来它的手机号或账号；请指明那一个。",
            )
        )
    strong = _strong(found)
    off = [one for one in strong if one.id in set(identity_ids)]
    stay = [one for one in strong if one.id not in set(identity_ids)]
    if not off:
        raise Refused(
            Sentence(
                "Name at least one key that is somebody else's.", "请至少指明一个属于别人的身份。"
            )
        )
    if not stay:
        raise Refused(
            Sentence(
                "At least one phone, account or other key of its own must stay.",
                "至少要留下一个自己的手机号、账号或其他身份。",
            )
        )
    return off, stay


def _keys(conn: Conn, customer: int) -> list[Identity]:
    found = [Identity(*row) for row in conn.fetch(SQL.of_customer, {"customer_id": customer})]
    if not found:
        raise NotFound(
            Sentence(
                "There is no such customer, or it is another's by now.",
                "没有这位客户，或已并入另一位。",
            )
        )
    return found


def _strong(found: Sequence[Identity]) -> list[Identity]:
    return [one for one in found if one.kind not in POINTERS]


def _as_keys(found: Sequence[Identity]) -> tuple[Key, ...]:
    return tuple(Key(one.kind, one.hash) for one in found)


def _tell(conn: Conn, ids: PublicIds, customer: int, fact: Own) -> None:
    name = f"{fact.source_id}/{ids.encode('cus', customer)}/{fact.occurred_at.isoformat()}"
    events.own(conn, [fact._replace(source_id=name)], fact.occurred_at)


def _no_number(why: str) -> None:
    """What an event says is kept as it is, so it must hold nobody's phone."""
    if _NUMBER.search(why):
        raise Refused(
            Sentence(
                "The reason holds a long number; leave phones and order numbers out of it.",
                "原因里有一长串数字；请去掉手机号和订单号。",
            )
        )
    if len(why) > 500 or not why.isprintable():
        raise Refused(
            Sentence(
                "The reason must be one line of at most 500 characters.",
                "原因必须是一行，最多 500 个字符。",
            )
        )

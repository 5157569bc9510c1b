"""Phones that a platform shows by hand: who is asked to look, and what comes back.

Nothing is guessed: what comes back is matched by shop and order number, and a phone that is not the
one of which some digits are to be seen is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from siyu.events import actions as events
from siyu.events.check import apart
from siyu.events.model import Batch, CustomerIdentified, Incoming, OrderPaid
from siyu.identities import views as identities
from siyu.kernel.errors import Problem
from siyu.kernel.ids import share
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.sql import Conn, load
from siyu.staff import actions as staff
from siyu.staff import views as people
from siyu.tasks.decide import contradicts
from siyu.vault import views as vault
from siyu.vault.model import Keys, is_masked, key_hash, normalise

SQL = load("siyu.tasks")
SOURCE = "reveal"
HOW = "looked up on the platform"

NOT_ASKED = Sentence("no phone of this order is asked for", "没有要查这个订单的手机号")
WHICH_SHOP = Sentence(
    "several shops have this order number: say which", "几个店铺都有这个订单号：请写明店铺"
)
STILL_MASKED = Sentence("is masked still: the full number is needed", "仍是打码的：需要完整号码")
ANOTHER = Sentence(
    "is not the number of which some digits are to be seen in the order",
    "与订单里能看到的几位不符",
)
KNOWN_OTHERWISE = Sentence(
    "another phone of this buyer is known already", "这位买家已有另一个手机号"
)
TWO = Sentence(
    "the file says two different phones for this order", "文件里这个订单写了两个不同的手机号"
)


class Filled(NamedTuple):
    """A row that somebody has filled in; its repr hides the phone. `shop` may be empty."""

    line: int
    shop: str
    order_no: str
    phone: str

    def __repr__(self) -> str:
        return f"Filled(line={self.line}, shop={self.shop!r}, order_no={self.order_no!r}, …)"


class Answered(NamedTuple):
    """What became of a row: it says who bought (`matched`), or what is known; or not: why."""

    line: int
    status: Literal["matched", "known", "refused"]
    problem: Problem | None = None


class _Asked(NamedTuple):
    shop: str
    order_no: str
    masked_item: int | None
    customer_id: int | None
    phone_known: bool


def ask(conn: Conn, batch: Batch) -> None:
    """Orders that come without a phone which their platform can show. Spread over operators. Old
    ones are only written down, for a journey that may want them."""
    told = [
        (event, data)
        for event, data in batch.of(OrderPaid)
        if data.reveal and not any(key.kind == "phone" for key in event.keys)
    ]
    if not told:
        return
    able = _able(conn)
    conn.execute(
        SQL.add_reveals,
        {
            "shops": [data.shop for _, data in told],
            "order_nos": [data.order_no for _, data in told],
            "pointers": [
                next(key.hash for key in event.keys if key.kind == "order") for event, _ in told
            ],
            "pages": [data.reveal for _, data in told],
            "items": [event.sealed.get("masked_phone") for event, _ in told],
            "staff": [_whose(f"{data.shop}/{data.order_no}", able) for _, data in told],
            "ats": [event.occurred_at for event, _ in told],
        },
    )


def want(conn: Conn, orders: Sequence[tuple[str, str]], until: datetime) -> set[tuple[str, str]]:
    """Have the phones of these orders (shop, number) looked up until then, however old they are;
    of which ones their platform can show it."""
    if not orders:
        return set()
    shops, order_nos = map(list, zip(*sorted(orders), strict=True))
    params = {"shops": shops, "order_nos": order_nos, "until": until}
    return {(shop, order_no) for shop, order_no in conn.fetch(SQL.want_reveals, params)}


def _able(conn: Conn) -> list[str]:
    """Who has the platform's back office: head office's operators, else its owners."""
    members = [one for one in people.members(conn) if one.store is None]
    for role in ("operator", "owner"):
        if found := sorted(one.code for one in members if one.role == role):
            return found
    return []


def _whose(about: str, able: Sequence[str]) -> str:
    return able[int(share("reveal", about) * len(able))] if able else ""


def bring(
    conn: Conn, keys: Keys, region: str, rows: Sequence[Filled], by: str, now: datetime
) -> list[Answered]:
    """Take what was looked up: each phone identifies the buyer of its order. Audited."""
    asked = _asked(conn, rows)
    items = [one.masked_item for found in asked.values() for one in found if one.masked_item]
    seen = vault.open_items(conn, keys, items)
    answers: dict[int, Answered] = {}
    said: dict[tuple[str, str], list[tuple[int, _Asked, str]]] = {}
    for row in rows:
        found = _checked(row, asked.get(row.order_no, []), seen, region)
        if isinstance(found, Problem):
            answers[row.line] = Answered(row.line, "refused", found)
        else:
            one, phone = found
            said.setdefault((one.shop, one.order_no), []).append((row.line, one, phone))
    _same(conn, keys, said, answers)
    new = {order: (line, phone) for order, ((line, _, phone), *_) in said.items()
           if line not in answers}  # fmt: skip
    answers |= {
        line: Answered(line, "known")
        for told in said.values()
        for line, *_ in told[1:]
        if line not in answers
    }
    told = events.accept(conn, keys, region, [_event(*o, p, now) for o, (_, p) in new.items()], now)
    for (line, _), answer in zip(new.values(), told, strict=True):
        answers[line] = _answer(line, answer)
    many = sum(one.status == "matched" for one in answers.values())
    staff.audit(conn, by, "reveal.import", "orders", f"{many} of {len(rows)}", now)
    return [answers[row.line] for row in rows]


def _asked(conn: Conn, rows: Sequence[Filled]) -> dict[str, list[_Asked]]:
    numbers = sorted({row.order_no for row in rows})
    found: dict[str, list[_Asked]] = {}
    for one in conn.fetch(SQL.reveals_named, {"order_nos": numbers}):
        found.setdefault(one[1], []).append(_Asked(*one))
    return found


def _checked(
    row: Filled, asked: Sequence[_Asked], seen: dict[int, str], region: str
) -> tuple[_Asked, str] | Problem:
    here = [one for one in asked if row.shop in ("", one.shop)]
    if len(here) != 1:
        return Problem("order_no", WHICH_SHOP if here else NOT_ASKED)
    one = here[0]
    if is_masked(row.phone):
        return Problem("phone", STILL_MASKED)
    try:
        phone = normalise("phone", row.phone, region)
    except ValueError as error:
        return Problem("phone", wording(error))
    masked = seen.get(one.masked_item or 0, "")
    if masked and contradicts(masked, phone):
        return Problem("phone", ANOTHER)
    return one, phone


def _same(
    conn: Conn,
    keys: Keys,
    said: Mapping[tuple[str, str], Sequence[tuple[int, _Asked, str]]],
    answers: dict[int, Answered],
) -> None:
    """Nobody chooses between two phones of one order. Of buyers whose phone is known: is it this
    one?"""
    known: list[tuple[int, _Asked, str]] = []
    for told in said.values():
        if len({phone for *_, phone in told}) > 1:
            answers |= {line: _refused(line, TWO) for line, *_ in told}
        elif told[0][1].phone_known:
            known += told
    hashes = {phone: key_hash(keys, "phone", phone) for *_, phone in known}
    owners = identities.resolve(conn, [("phone", hashed) for hashed in hashes.values()])
    for line, one, phone in known:
        mine = owners.get(("phone", hashes[phone])) == one.customer_id
        answers[line] = Answered(line, "known") if mine else _refused(line, KNOWN_OTHERWISE)


def _event(shop: str, order_no: str, phone: str, now: datetime) -> Incoming:
    return Incoming(
        source=SOURCE,
        id=f"{shop}/{order_no}",
        kind="customer.identified",
        occurred_at=now.isoformat(),
        keys={"phone": phone, "order": f"{shop}/{order_no}"},
        data=msgspec.Raw(msgspec.json.encode(CustomerIdentified(how=HOW))),
    )


def _answer(line: int, answer: events.Answer) -> Answered:
    if answer.status == "rejected":
        return Answered(line, "refused", Problem(*apart(answer.reason)))
    return Answered(line, "matched" if answer.status == "accepted" else "known")


def _refused(line: int, why: Sentence) -> Answered:
    return Answered(line, "refused", Problem("phone", why))

"""Facts told as events: some twice, some late, some of people who turn out to be one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.build import DAY, facts, tell
from tests.segments.engines import READ
from tests.segments.worlds import NOW

from siyu.db.pool import Pool
from siyu.events.model import Incoming

PEOPLE = 30
SKUS = {"x": "skin", "y%": "hair", "z'": ""}
SPANS = (0, 1, 7, 29, 30, 31, 60, 90, 91)


def heard(zone: ZoneInfo, seed: int = 7) -> list[Incoming]:
    """By keys of three kinds, which nobody knows to be one person's until somebody proves it."""
    draw, made = Random(seed), facts()

    def at() -> float:
        span = NOW - timedelta(days=draw.choice(SPANS))
        night = datetime.combine(span.astimezone(zone), time(), zone).astimezone(UTC)
        edge = draw.choice((span, night, night - timedelta(seconds=1)))
        return (edge - DAY) / timedelta(days=1)

    def keys(*kinds: str) -> dict[str, str]:
        number = draw.randrange(PEOPLE)
        forms = {"phone": "138000001{:02}", "buyer": "a/b{}", "external_userid": "wm{}"}
        return {kind: forms[kind].format(number) for kind in kinds}

    def one_kind() -> dict[str, str]:
        return keys(draw.choice(("phone", "buyer", "external_userid")))

    said: list[Incoming] = []
    for number in (f"h{one}" for one in range(4 * PEOPLE)):
        said += _of_an_order(made, draw, number, at, one_kind)
    for _ in range(PEOPLE):
        added = at()
        friend = keys("external_userid")
        staff = draw.choice("ab")
        said.append(made("friend.added", at=added, keys=friend, staff=staff, way="card"))
        if draw.random() < 0.3:
            gone = draw.choice(("friend.deleted_by_customer", "friend.deleted_by_staff"))
            said.append(made(gone, at=min(added + 3, 18), keys=friend, staff=staff))
        name, sure = draw.choice(list(SKUS)), draw.choice((1, 0.8, 0.79))
        said.append(made("tag.set", at=at(), keys=one_kind(), name=name, confidence=sure))
        said.append(made("message.received", at=at(), keys=keys("external_userid")))
        given = draw.choice(("consent.given", "consent.withdrawn"))
        said.append(made(given, at=at(), keys=keys("phone")))
        month, day = draw.choice(((2, 29), (11, 20), (11, 27), (12, 26)))
        birthday = {"name": "birthday", "month": month, "day": day}
        said.append(made("profile.dated", at=at(), keys=one_kind(), **birthday))
    draw.shuffle(said)
    return said


def _of_an_order(made: Any, draw: Random, number: str, at: Any, one_kind: Any) -> list[Incoming]:
    """Paid, by somebody or a guest; perhaps given back, in part or whole, or cancelled."""
    shop, currency = draw.choice("ab"), draw.choice(("CNY", "CNY", "JPY"))
    named = {"shop": shop, "order_no": number}
    lines = [
        {"sku": sku, "category": SKUS[sku], "quantity": 2, "unit_minor": 60, "amount_minor": 120}
        for sku in draw.sample(list(SKUS), draw.randint(1, 2))
    ]
    who = {"order": f"{shop}/{number}"} | (one_kind() if draw.random() < 0.9 else {})
    paid, total = at(), 120 * len(lines)
    told = [made("order.paid", at=paid, keys=who, currency=currency, total_minor=total, lines=lines,
                 **named)]  # fmt: skip
    what = draw.choice(("", "", "", "part", "whole", "cancelled"))
    if what == "cancelled":
        return [*told, made("order.cancelled", at=paid + 0.01, **named)]
    if what:
        many = 1 if what == "part" else 2
        back = [{"sku": one["sku"], "quantity": many, "amount_minor": 60 * many} for one in lines]
        amount = 60 * many * len(lines)
        told.append(made("order.refunded", at=paid + 0.01, refund_no=f"r{number}", lines=back,
                         currency=currency, amount_minor=amount, **named))  # fmt: skip
    return told


def parted(said: list[Incoming]) -> tuple[list[Incoming], list[Incoming]]:
    """What was told at first, and what of it is gone again, which comes later."""
    gone = {"order.refunded", "order.cancelled"}
    return [one for one in said if one.kind not in gone], [one for one in said if one.kind in gone]


def proofs(seed: int = 8) -> list[Incoming]:
    """Keys of different kinds, and some of different people, are one person's."""
    draw, made = Random(seed), facts()
    said: list[Incoming] = []
    for number in range(0, PEOPLE, 2):
        other = draw.choice((number, number, number + 1))
        keys = {"phone": f"138000001{number:02}", "external_userid": f"wm{other}"}
        if draw.random() < 0.5:
            keys["buyer"] = f"a/b{number}"
        said.append(made("customer.identified", at=18, keys=keys, source_id=f"proof{number}"))
    return said


def twice(db: Pool, said: list[Incoming]) -> None:
    """Told, and told again."""
    tell(db, said)
    tell(db, said)


def known(db: Pool, currency: str, zone: ZoneInfo) -> dict[str, list[dict[str, Any]]]:
    """Every row of the database, as the naive interpreter reads it."""
    found: dict[str, list[dict[str, Any]]] = {
        "brand": [{"currency": currency, "time_zone": str(zone)}]
    }
    for table, columns in READ.items():
        names = ", ".join(f"{one}::text" if one == "data" else one for one in columns)
        rows = db.fetch(f"select {names} from {table}")
        found[table] = [dict(zip(columns, row, strict=True)) for row in rows]
    return found

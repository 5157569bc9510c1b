"""A small world with staff in two stores: orders, friendships, groups, tasks, contacts."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.analytics.small import Small, day_of

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 28)
BEGIN, END = (datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 28, 16, tzinfo=UTC))


def some_time(chance: random.Random) -> datetime:
    """Around the period, and often on the edge of a day in Shanghai."""
    day = BEGIN + timedelta(days=chance.randint(-6, 33))
    return day + chance.choice(
        [timedelta(0), timedelta(seconds=-1), timedelta(hours=chance.randint(0, 23))]
    )


def people(small: Small, seed: int, many: int = 400) -> None:
    """Customers with orders of both currencies, late refunds, friendships that end and begin again,
    groups that they join and leave, and work of staff in two stores."""
    chance = random.Random(seed)
    small.add("goods_share", category="", valid_from=date.min, basis_points=4_000)
    small.add("store", id=7, code="north", region="")
    for staff, store in (("ann", 7), ("bo", 7), ("chen", None)):
        small.add("staff_member", code=staff, role="guide", store_id=store, active=True)
    for who in range(1, many + 1):
        for kind in ("member", "member", "phone")[who % 3 :]:  # some have two cards
            small.add("identity", customer_id=who, kind=kind, created_at=BEGIN)
        for staff in chance.sample(["ann", "bo", "chen"], chance.choice([0, 1, 1, 2])):
            at = some_time(chance)
            gone = chance.choice([None, None, at + timedelta(days=chance.randint(1, 20))])
            again = gone + timedelta(days=3) if gone and chance.random() < 0.3 else at
            way = ("code", "link", "phone_search", "")[who % 4]
            small.friend(who, staff, at, deleted_at=gone, added_at=again, way=way)
        if chance.random() < 0.4:
            at = some_time(chance)
            left = chance.choice([None, at + timedelta(days=5), at - timedelta(days=1)])
            small.add("group_member", customer_id=who, carrier="wecom", chat="g", joined_at=at,
                      left_at=left, way="", purpose="")  # fmt: skip
        for _ in range(chance.choice([0, 1, 2, 3])):
            total = chance.randint(100, 90_000)
            back = chance.choice([0, 0, 0, chance.randint(1, total)])
            state = "refunded" if back == total else chance.choice(["paid"] * 6 + ["cancelled"])
            small.order(
                chance.choice([who] * 9 + [None]), some_time(chance), total, refunded_minor=back,
                state=state, currency=chance.choice(["CNY"] * 8 + ["GBP"]),
                shop=chance.choice(["s", "t"]),
            )  # fmt: skip
        _contacts(small, chance, who)
        if chance.random() < 0.3:
            small.add("task", touch_id=who, customer_id=who, kind="call", staff="bo", shop="s",
                      state=chance.choice(["done", "done", "open", "cancelled"]), minutes=who % 7,
                      outcome=chance.choice(["agreed", "refused", "no_answer"]),
                      created_at=some_time(chance), due_at=some_time(chance),
                      done_at=some_time(chance))  # fmt: skip
            small.add("ledger_entry", customer_id=who, cause="task", kind="staff_minute",
                      journey="", step="", shop=chance.choice(["s", "t"]), variant="",
                      quantity=who % 5, amount_minor=9, currency="CNY",
                      occurred_at=some_time(chance))  # fmt: skip
        if chance.random() < 0.1:
            small.add("refund", order_id=None, customer_id=who, shop="s", refund_no="r", sku="",
                      quantity=0, amount_minor=500, currency="CNY", refunded_at=some_time(chance),
                      whole=False)  # fmt: skip


def _contacts(small: Small, chance: random.Random, who: int) -> None:
    """Texts and calls with what they cost, cards, and codes by which some came."""
    for channel, kind in chance.sample(
        [("sms", "sms_segment"), ("voice_ai", "call_minute"), ("card", "card")],
        chance.randint(0, 3),
    ):
        at = some_time(chance)
        step = channel if channel == "card" else f"by_{channel}"
        if channel != "card":
            done = channel == "voice_ai" and chance.random() < 0.8
            small.add(
                "touch", customer_id=who, journey="plan", step=step, channel=channel, staff="",
                state=chance.choice(["sent", "delivered", "read", "failed"]), outcome=
                chance.choice(["answered", "no_answer"]) if done else "", sent_at=at,
                wished_at=at - timedelta(seconds=30),
                finished_at=at + timedelta(seconds=chance.randint(1, 99)) if done else None,
            )  # fmt: skip
        small.add("ledger_entry", customer_id=who, cause="t", kind=kind, journey="plan", step=step,
                  shop="s", variant="", quantity=1, amount_minor=chance.randint(1, 50),
                  currency="CNY", occurred_at=at)  # fmt: skip
    for one in small.told["friendship"]:
        if one["customer_id"] == who and chance.random() < 0.5:
            small.add("friend_match", customer_id=who, matched=True, how="state", source="orders",
                      step=chance.choice(["by_sms", "by_voice_ai", "card"]), journey="plan",
                      added_at=one["added_at"])  # fmt: skip


def lives(row: dict[str, Any], at: datetime) -> bool:
    """Whether this friendship lived at that moment, told from its story."""
    story = [(row["first_added_at"], True)]
    if row["deleted_at"] is not None:
        story.append((row["deleted_at"], False))
    if row["added_at"] != row["first_added_at"]:
        story.append((row["added_at"], True))
    past = [one for one in story if one[0] <= at]
    return bool(past) and past[-1][1]


def in_time(row: dict[str, Any], name: str) -> bool:
    return FIRST <= day_of(row[name]) <= LAST

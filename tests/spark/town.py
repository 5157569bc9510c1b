"""A brand of 400 customers over more than a year, of whom every report has something to say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from tests.analytics.pool import NOW, World

from siyu.db.pool import Pool
from siyu.staff import actions as staff
from siyu.staff.model import Member, Store

MANY = 400
STAFF = ("ann", "bo", "chen")
STEPS = {"sms": "sms", "voice_ai": "call", "wecom_message": "request"}  # of the plan, by channel
KINDS = {"sms": "sms_segment", "voice_ai": "call_minute", "wecom_message": "staff_minute"}
GOODS = {"x": "skin", "y%": "hair", "z'": "hair", "w": ""}
PLAYBOOK = """
with a as (
  insert into playbook (code, digest, installed_at, started_at, outcome_event, outcome_seconds)
  values ('plan', 't', %(at)s, %(at)s, 'order.paid', %(seconds)s)
)
insert into journey (code, playbook) values ('plan', 'plan')
"""
VISITS = """
insert into visit (journey_id, version, customer_id, key, shop, order_no, node, state, waiting_for,
  ends_kinds, since, entered_at, ended_at, held_out)
select j.id, 1, u.customer, 'k', 's', '', 'end', 1, '{}', '{}', u.at, u.at, u.at, u.held
from journey j, unnest(%(customers)s::bigint[], %(since)s::timestamptz[], %(held)s::bool[])
  as u (customer, at, held)
where j.code = 'plan'
"""


def town(db: Pool, folder: Path) -> World:
    """Its rows are written with the first question."""
    world, chance = World(db, folder), Random(20261129)
    with db.transaction() as conn:
        members = [Member(one, one, "guide", "hz" if one != "chen" else None) for one in STAFF]
        staff.seed(conn, world.home.brand, [Store("hz", "Store", "east")], members)
    world.add("goods_share", category="", valid_from=date.min, basis_points=4_001)
    world.add("goods_share", category="hair", valid_from=date(2026, 6, 1), basis_points=3_333)
    for day in (date.min, date(2026, 8, 1)):
        world.add("goods_cost", sku="x", currency="CNY", valid_from=day, unit_minor=day.month * 70)
    for day in (date(2026, 10, 20), date(2026, 11, 12)):
        for place, sku in product("st", GOODS):
            world.add("goods_stock", place=place, day=day, sku=sku, pieces=chance.randint(0, 99))
    walked: list[tuple[int, datetime, bool]] = []
    for who in range(1, MANY + 1):
        came = NOW - timedelta(days=chance.uniform(0, chance.choice((70, 420))))
        held = chance.random() < 0.2
        world.held(who, came, held)
        walked.append((who, came, held))
        _buys(world, chance, who, came)
        if not held:
            _befriends(world, chance, who, came)
            _hears(world, chance, who, came)
    with db.transaction() as conn:
        conn.execute(PLAYBOOK, {"at": NOW - timedelta(days=430), "seconds": 30 * 86_400})
        whose, since, left_alone = map(list, zip(*walked, strict=True))
        conn.execute(VISITS, {"customers": whose, "since": since, "held": left_alone})
    for place, rule in enumerate(("friend", "customer", "touch", "order")):
        for month in (9, 10):
            at = datetime(2026, month, 30, 15, 59, tzinfo=UTC)
            _costs(world, None, at, 10_001 + place, kind="tool_fee", step=rule, journey="")
    world.add(
        "correction", shop="s", correction_no="c", amount_minor=-777, currency="CNY",
        corrected_at=NOW, source="t", source_id="c", lines=1,
    )  # fmt: skip
    return world


def _past(chance: Random, since: datetime) -> datetime:
    """Some time since then."""
    return _edged(chance, since + (NOW - since) * chance.random(), since)


def _edged(chance: Random, at: datetime, since: datetime) -> datetime:
    """That time, often a midnight of the brand's before it or a second before that."""
    edge = at.replace(hour=16, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return max(since, chance.choice((at, at, edge, edge - timedelta(seconds=1))))


def _buys(world: World, chance: Random, who: int, came: datetime) -> None:
    """As often, as long and as dear as it is each one's way."""
    often, leaves = chance.gammavariate(0.6, 0.08), chance.betavariate(1, 4)  # a day, a purchase
    at, level = came, chance.gammavariate(3, 40)
    while at < NOW:
        skus = chance.sample(list(GOODS), chance.randint(1, 2))
        amounts = {sku: 100 + round(level * chance.gammavariate(3, 30)) for sku in skus}
        total, number = sum(amounts.values()), world.number
        back = chance.choice((0, 0, 0, 0, amounts[skus[0]]))
        state = "refunded" if back == total else chance.choice(["paid"] * 9 + ["cancelled"])
        currency = chance.choice(["CNY"] * 9 + ["USD"])
        world.add(
            "orders", id=number, shop=chance.choice("st"), order_no=f"o{number}",
            customer_id=chance.choice([who] * 12 + [None]), state=state, paid_at=at, source="t",
            source_id=f"{number}", currency=currency, total_minor=total, refunded_minor=back,
            event_id=number,
        )  # fmt: skip
        for line, (sku, amount) in enumerate(amounts.items()):
            world.add(
                "order_item", order_id=number, line=line, sku=sku, title="", category=GOODS[sku],
                quantity=chance.randint(1, 3), unit_minor=amount, amount_minor=amount,
            )  # fmt: skip
        if back:
            _gets_back(world, who, at, back, order_id=number, sku=skus[0], currency=currency)
        if chance.random() < leaves:
            break
        days = min(chance.expovariate(often), 999)
        at = _edged(chance, at + timedelta(days=days), at)
    if chance.random() < 0.1:
        _gets_back(world, who, min(at, NOW), 500)


def _gets_back(world: World, who: int, at: datetime, minor: int, **of: Any) -> None:
    row = {"order_id": None, "sku": "", "currency": "CNY"} | of
    world.add(
        "refund", shop="s", refund_no=f"r{world.number}", line=1, whole=False, customer_id=who,
        quantity=1, amount_minor=minor, refunded_at=at, source="t", source_id="1", **row,
    )  # fmt: skip


def _befriends(world: World, chance: Random, who: int, came: datetime) -> None:
    staff = chance.sample(STAFF, chance.choice((0, 0, 1, 1, 2)))
    for place, one in enumerate(staff):
        at = _past(chance, came)
        gone = chance.choice((None, None, _past(chance, at)))
        again = _past(chance, gone) if gone and chance.random() < 0.3 else at
        state = "live" if gone is None or again > gone else chance.choice(
            ("deleted_by_customer", "deleted_by_staff")
        )  # fmt: skip
        identity = 1_000 * (1 + place) + who
        world.add(
            "friendship", identity_id=identity, customer_id=who, staff=one, carrier="wecom",
            state=state, first_added_at=at, added_at=again, deleted_at=gone, changed_at=at,
            changed_source="t", changed_source_id="1",
            way=("code", "link", "phone_search")[who % 3],
        )  # fmt: skip
        step = chance.choice(("sms", "call", "card", ""))
        world.add(
            "friend_match", identity_id=identity, customer_id=who, matched=bool(step), how="state",
            step=step, source="orders" if step else "", journey="plan" if step else "", added_at=at,
        )  # fmt: skip
    if chance.random() < 0.4:
        at = _past(chance, came)
        world.add(
            "group_member", identity_id=who, customer_id=who, carrier="wecom", chat="g",
            joined_at=at, left_at=chance.choice((None, _past(chance, came))),
        )  # fmt: skip
    if staff and chance.random() < 0.3:
        world.add(
            "consent", identity_id=who, customer_id=who, channel="wecom", purpose="promotion",
            state="withdrawn", basis="consent", evidence="", changed_at=_past(chance, came),
            changed_source="t", changed_source_id="1",
        )  # fmt: skip


def _hears(world: World, chance: Random, who: int, came: datetime) -> None:
    for _ in range(chance.randint(0, 12)):
        at, channel = _past(chance, came), chance.choice(list(KINDS))
        known = channel == "voice_ai" and chance.random() < 0.8
        wecom = channel == "wecom_message"
        world.touch(
            who, at, channel, step=STEPS[channel], staff=chance.choice(STAFF) if wecom else "",
            purpose=chance.choice(("service", "promotion")),
            state=chance.choice(("sent", "delivered", "read", "replied", "failed")),
            outcome=chance.choice(("answered", "no_answer", "agreed")) if known else "",
            wished_at=at - timedelta(seconds=chance.uniform(0, 90)),
            finished_at=at + timedelta(seconds=chance.uniform(1, 99)) if known else None,
        )  # fmt: skip
        _costs(world, who, at, chance.randint(1, 90), kind=KINDS[channel], step=STEPS[channel])
        if chance.random() < 0.2:
            _says(world, who, at + timedelta(hours=chance.uniform(0, 99)))
        if chance.random() < 0.1:
            _costs(world, who, at, 15, kind="card", step="card")
        if known:
            _works(world, chance, who, at)


def _says(world: World, who: int, at: datetime) -> None:
    number = 10_000 + world.number
    world.add(
        "identity", id=number, kind="external_userid", hash=b"%d" % number, how="t",
        customer_id=who, created_at=at, first_customer_id=who,
    )  # fmt: skip
    world.add(
        "event", id=number, source="t", source_id=f"{number}", kind="message.received",
        occurred_at=at, received_at=at, backfill=False, data="{}",
    )  # fmt: skip
    world.add("event_subject", event_id=number, identity_id=number)
    world.add("event_applied", applied_seq=number, event_id=number, received_at=at)


def _costs(world: World, who: int | None, at: datetime, minor: int, **of: str) -> None:
    row = {"journey": "plan"} | of
    world.add(
        "ledger_entry", cause="touch", cause_id=world.number, customer_id=who, quantity=1,
        unit_minor=minor, amount_minor=minor, currency="CNY", shop="s", occurred_at=at, **row,
    )  # fmt: skip


def _works(world: World, chance: Random, who: int, at: datetime) -> None:
    done = at + timedelta(hours=chance.uniform(0, 60))
    world.add(
        "task", touch_id=world.number, kind="call", customer_id=who, staff=chance.choice(STAFF),
        script="", shop="s", order_no="", created_at=at, due_at=at + timedelta(days=1),
        state="done" if done < NOW else "open", done_at=done if done < NOW else None,
        outcome=chance.choice(("agreed", "refused", "no_answer")), minutes=chance.randint(0, 9),
    )  # fmt: skip

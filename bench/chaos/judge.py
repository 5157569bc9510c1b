"""What must hold after a run: computed from the database, and from what phones really got."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from play import Played
from world import SHOP, STOCK, World

from siyu.app import App
from siyu.outbox.model import PREFIX

# Each fact by what names it in the world: numbers of rows and tokens differ from run to run.
# `{who}`: a customer, as the least of the keys that lead there.
WHO = """
with who as (
  select customer_id, min(kind || ':' || encode(hash, 'hex')) as who
  from identity where kind not in ('state', 'order') group by customer_id)
"""
SAME: Mapping[str, str] = {
    "customers": """
        select who, array_agg(kind || ':' || encode(hash, 'hex') order by kind, hash)
        from identity join who using (customer_id)
        where kind not in ('state', 'order') group by 1""",
    "orders": """
        select shop, order_no, who, state, paid_at, total_minor, refunded_minor
        from orders left join who using (customer_id)""",
    "refunds": """
        select shop, refund_no, line, order_no, who, amount_minor, o.order_no as of
        from (select r.*, x.order_no as of from refund r left join orders x on x.id = r.order_id) o
          left join who using (customer_id)""",
    "friendships": """
        select who, staff, carrier, state, added_at from friendship join who using (customer_id)""",
    "consents": """
        select who, channel, purpose, state, changed_at
        from consent join who using (customer_id)""",
    "visits": """
        select j.code, who, v.key, v.state, case when v.state = 0 then v.node end, v.outcome,
          v.held_out
        from visit v join journey j on j.id = v.journey_id left join who using (customer_id)""",
    "orders of visits": """
        select j.code, v.key, o.shop, o.order_no
        from visit_order o join visit v on v.id = o.visit_id
          join journey j on j.id = v.journey_id""",
    "entries": """
        select j.code, k.source_id, e.outcome from journey_entry e
          join journey j on j.id = e.journey_id join event_key k on k.event_id = e.event_id""",
    "promises": """
        select offer, who, shop, order_no, state, reason, given_sku
        from promise left join who using (customer_id)
        where reason <> 'order_gone'""",  # made at all only if the order was there a moment alone
    "parcels": """
        select p.parcel_no, d.content, p.main_order_no, d.reason, d.offer, d.sku, d.card, who,
          p.packed_gift
        from parcel p left join parcel_decision d on d.parcel_id = p.id
          left join who using (customer_id)""",
    "ledger": """
        select kind, journey, step, count(*), sum(quantity), sum(amount_minor)
        from ledger_entry where cause not in ('touch', 'task', 'task_try') group by 1, 2, 3""",
    "hold-out": "select scope, who, held from holdout left join who using (customer_id)",
}
TOUCHES = """
select v.key, t.journey, t.node, t.round, t.channel, t.state,
  case when t.sent_at is null then t.reason end, t.order_no, t.outcome, t.intent
from touch t join visit v on v.id = t.visit_id"""
# What must be empty, in a run of any kind.
NEVER: Mapping[str, str] = {
    "an event waits": "select event_id, error from event_pending",
    "the numbers of what was applied have gaps": """
        select count(*), max(applied_seq) from event_applied
        having count(*) is distinct from coalesce(max(applied_seq), 0)""",
    "an event was accepted and not applied": """
        select k.source, k.source_id from event_key k
          left join event_applied a using (event_id) where a.event_id is null""",
    "an event was applied twice": """
        select event_id from event_applied group by 1 having count(*) > 1""",
    "a touch is in hand or in doubt": """
        select id, state, reason from touch
        where state in ('wished', 'owed', 'leased', 'unknown')""",
    "a wish came twice": """
        select visit_id, node, round from touch group by 1, 2, 3 having count(*) > 1""",
    "a wish was lost": """
        select m.visit_id, m.node from visit_move m
        where m.node in ('sms', 'say', 'more', 'call')
          and not exists (select from touch t where t.visit_id = m.visit_id and t.node = m.node)""",
    "a visit is parked": "select id, error from visit where state = 2",
    "a promise has no gift behind it": """
        select g.sku, g.reserved, count(p.id) from gift_stock g
          left join promise p on p.given_sku = g.sku and p.state = 'reserved'
        group by 1, 2 having g.reserved <> count(p.id)""",
    "a gift left the stock without a promise, or twice": """
        select g.sku, g.on_hand, count(p.id) from gift_stock g
          left join promise p on p.given_sku = g.sku and p.state = 'fulfilled'
        group by 1, 2 having g.on_hand <> STOCK - count(p.id)""".replace("STOCK", str(STOCK)),
    "a parcel carries gift and card, or was not decided": """
        select p.parcel_no from parcel p left join parcel_decision d on d.parcel_id = p.id
        where d.parcel_id is null or (d.content = 'gift') <> (d.sku <> '')
          or (d.content = 'card') <> (d.card <> '')""",
    "a text cost twice, or nothing": """
        select t.id, count(l.id) from touch t
          left join ledger_entry l on l.cause = 'touch' and l.cause_id = t.id and l.amount_minor > 0
        where t.channel = 'sms'
        group by t.id, t.state
        having count(l.id)
          <> (t.state in ('sent', 'delivered', 'read', 'replied', 'failed'))::int""",
}
OUT = "('sent', 'delivered', 'read', 'replied', 'failed')"
SHOWN = 5

State = dict[str, Counter[Any]]


def state(app: App, world: World) -> State:
    """Every fact of a run, by its natural key."""
    found = {name: Counter(_rows(app, sql)) for name, sql in SAME.items()}
    steady = world.orders(lambda buyer: buyer.steady)
    # Who became a friend by another door before the order was applied was promised nothing: their
    # parcel carries the friends' gift instead.
    either = world.orders(lambda buyer: buyer.adds_by_phone)
    found["promises"] = Counter(row for row in found["promises"].elements() if row[3] not in either)
    found["parcels"] = Counter(
        row[:2] if row[2] in either else row for row in found["parcels"].elements()
    )
    # A cancellation may find the short waits over.
    gone = {f"{SHOP}/{order}" for order in world.orders(lambda buyer: buyer.cancels)}
    found["visits"] = Counter(
        row[:3] if row[0] == "short" and row[2] in gone else row
        for row in found["visits"].elements()
    )
    touches = [row for row in _rows(app, TOUCHES) if row[7] in steady]
    found["touches of those who do nothing in between"] = Counter(touches)
    return found


def differences(before: State, after: State) -> list[str]:
    """What is not the same, each in words."""
    found: list[str] = []
    for name, rows in before.items():
        missing, more = rows - after[name], after[name] - rows
        if missing or more:
            found.append(
                f"{name}: {sum(missing.values())} only undisturbed, {sum(more.values())} only here;"
                f" {list(missing)[:SHOWN]} / {list(more)[:SHOWN]}"
            )
    return found


def offences(app: App, played: Played) -> list[str]:
    """What must never be, whatever was killed."""
    found = [
        f"{name}: {len(rows)}, as {rows[:SHOWN]}"
        for name, sql in NEVER.items()
        if (rows := app.db.fetch(sql))
    ]
    found += _told(app, played)
    found += _sent(app, played)
    if played.feeder.refused:
        found.append(f"refused at the door: {played.feeder.refused[:SHOWN]}")
    return found


def _told(app: App, played: Played) -> list[str]:
    """Whatever was answered is there, and nothing else."""
    rows = app.db.fetch("select source, source_id from event_key where source <> 'siyu'")
    kept = {f"{source}:{name}" for source, name in rows}
    lost, strange = played.feeder.told - kept, kept - played.feeder.told
    found = [f"events lost: {len(lost)}, as {sorted(lost)[:SHOWN]}"] if lost else []
    return found + ([f"events of nobody: {sorted(strange)[:SHOWN]}"] if strange else [])


def _sent(app: App, played: Played) -> list[str]:
    """The provider's record against ours."""
    effects = played.phones.effects
    tokens = Counter(one["id"] for one in effects)
    about = Counter(
        (one["to"], one["channel"], one["reference"]["journey"], one["reference"]["order_no"],
         one["reference"]["step"])
        for one in effects
    )  # fmt: skip
    rows = app.db.fetch(
        f"select id from touch where state in {OUT} and channel in ('sms', 'voice_ai')"  # noqa: S608
    )
    ours = {app.ids.encode(PREFIX, id_) for (id_,) in rows}
    found: list[str] = []
    if twice := [token for token, many in tokens.items() if many > 1]:
        found.append(f"sent twice: {twice[:SHOWN]}")
    if twice := [what for what, many in about.items() if many > 1]:
        found.append(f"two messages for one wish: {len(twice)}, as {twice[:SHOWN]}")
    if played.phones.provider.repeated:
        found.append(f"handed over again: {played.phones.provider.repeated[:SHOWN]}")
    if missing := ours - set(tokens):
        found.append(f"said to be sent, and never was: {len(missing)}, {sorted(missing)[:SHOWN]}")
    if more := set(tokens) - ours:
        found.append(f"sent, and not known as sent: {len(more)}, as {sorted(more)[:SHOWN]}")
    return found


def _rows(app: App, sql: str) -> list[tuple[Any, ...]]:
    with app.db.transaction() as conn:
        conn.execute("set local enable_seqscan = on")
        conn.execute("set local plan_cache_mode = auto")
        rows = conn.fetch(WHO + sql)
    return [tuple(tuple(v) if isinstance(v, list) else v for v in row) for row in rows]

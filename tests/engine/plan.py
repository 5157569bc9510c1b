"""The plan that is driven, and what must never be found in its database."""

from __future__ import annotations

PLAN = """
journey: plan
title: {zh: 计划, en: Plan}
enter: {on: order.paid, max_age: 2h}
reenter: {after: 2d}
concurrent: one per customer
ends_when: {any: [{friend: true}, {order: gone}]}
steps:
  - id: promise
    offer: {promise: face-mask, expires: 30d}
  - id: first
    send: {channel: sms, material: plain, purpose: service, lane: now, priority: 9}
  - {id: rest, wait: 10m}
  - id: again
    send: {channel: sms, material: plain, purpose: service, lane: now, priority: 5}
  - {id: answer, until: {touch: {step: again, is: finished}}, timeout: 6h}
  - {id: morning, wait: {until: "10:00"}}
  - id: last
    send: {channel: sms, material: plain, purpose: service, lane: now, priority: 7}
  - {id: end, exit: done}
"""
MORE = """  - id: more
    send: {channel: sms, material: plain, purpose: service, lane: now, priority: 6}
  - id: again
"""
OTHER = PLAN.replace("10m", "25m").replace("10:00", "11:00").replace("  - id: again\n", MORE)

UNDER_WAY = """
select v.key, v.state, v.version, v.node, v.customer_id, v.due_at <= %(now)s,
  (select array_agg(o.order_no order by o.order_no) from visit_order o where o.visit_id = v.id),
  (select coalesce(array_agg(t.node order by t.node), '{}') from touch t where t.visit_id = v.id)
from visit v order by v.id
"""
OVER = """
select v.key, t.node from touch t join visit v on v.id = t.visit_id
where t.finished_at is not null
  or t.state in ('delivered', 'read', 'replied', 'failed', 'withheld', 'withdrawn')
"""
# Whatever these find is wrong at any moment.
WRONG = {
    "a touch that left its wish without a ruling": """
        select t.id, t.state from touch t
        where t.state not in ('wished', 'withdrawn')
          and not exists (select from ruling r where r.touch_id = t.id)
        """,
    "more reserved, or less, than promises that hold a gift": """
        select g.sku, g.reserved from gift_stock g
        where g.reserved <> (
          select count(*) from promise p where p.state = 'reserved' and p.given_sku = g.sku)
        """,
    "a visit with two promises": """
        select visit_id from promise where visit_id is not null
        group by visit_id having count(*) > 1
        """,
    "a visit that ended before it began": """
        select id from visit where ended_at < entered_at or since < entered_at
        """,
    "two visits of a customer under way": """
        select customer_id from visit where state = 0 group by customer_id having count(*) > 1
        """,
    "a visit of who is somebody else by now": """
        select v.id from visit v join identity_merge m on m.loser = v.customer_id
        """,
    "poison": """
        select error from event_pending where error is not null
        union all select error from visit where error is not null
        """,
}  # fmt: skip
# And these, once everything has come to rest.
STUCK = {
    "an event that waits": "select event_id from event_pending",
    "a visit that is due": "select id from visit where due_at <= %(now)s",
    "a wish that is due": "select id from touch where state = 'wished' and due_at <= %(now)s",
    "something owed": "select id from touch where state = 'owed' and due_at <= %(now)s",
    "something held": "select id from touch where held and state in ('wished', 'owed', 'leased')",
    "a lease that nobody has": "select id from touch where state = 'leased'",
    "something in doubt": "select id from touch where state = 'unknown'",
    "a parcel that is due": "select parcel_id from parcel_due where cutoff_at <= %(now)s",
}

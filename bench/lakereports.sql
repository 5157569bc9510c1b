-- What reports ask besides: lakebase.py. What no report reads (visits, promises, parcels, dates) is not made.

-- name: friend_match
select i as owner, day(moment(i, 3)) as filed, i as customer_id, chance(i, 6) < 800000 as matched,
  case when chance(i, 6) < 800000 then 'state' else 'unmatched' end as how, case when chance(i, 6) < 800000 then
  's' || chance(i, 8) % 5 else '' end as step, case when chance(i, 6) < 800000 then ['new-orders', 'bench'][1 + chance(i, 7) % 2] else ''
  end as source, case when chance(i, 6) < 800000 then 'j' || chance(i, 7) % 2 else '' end as journey,
  moment(i, 3) as added_at
from range(1, everybody() + 1, 2) t(i);

-- name: consent
-- One of each customer; a twentieth has withdrawn it.
select i as owner, day(moment(i, 9)) as filed, i as customer_id, 'wecom' as channel, 'promotion' as purpose,
  case when chance(i, 10) < 50000 then 'withdrawn' else 'given' end as state, moment(i, 9) as changed_at
from range(1, everybody() + 1) t(i);

-- name: identity
-- A phone of each, an account of each friend, a member's number of a fifth.
select i as owner, day(moment(i, 1)) as filed, i + n * everybody() as id, i as customer_id,
  ['phone', 'external_userid', 'member'][n + 1] as kind, moment(i, 1) as created_at
from range(1, everybody() + 1) t(i), range(3) u(n)
where n = 0 or n = 1 and i % 2 = 1 or n = 2 and chance(i, 11) < 200000;

-- name: group_member
-- A fifth of all; a third of these has left, where that is not yet to come.
select i as owner, day(moment(i, 12)) as filed, i as customer_id, 'wecom' as carrier, 'chat-' || chance(i, 13) % 2000 as
  chat, moment(i, 12) as joined_at, case when chance(i, 14) < 333333 and moment(i, 12) + to_days((chance(i, 15) % 365)::int)
    < ended() then moment(i, 12) + to_days((chance(i, 15) % 365)::int) end as left_at, '' as way,
  '' as purpose
from range(1, everybody() + 1) t(i) where chance(i, 16) < 200000;

-- name: holdout
-- Everybody was drawn once; a tenth is left alone.
select i as owner, day(moment(i, 17)) as filed, 'j0' as scope, i as customer_id, chance(i, 18) < 100000 as held,
  0.1::float as probability, moment(i, 17) as assigned_at
from range(1, everybody() + 1) t(i);

-- name: ledger_entry
-- One of each touch, a gift of each friend, three cards of ten customers; of two tools a fee each month.
select touched(i) as owner, day(moment(i, 5)) as filed, i as id, touched(i) as customer_id, 'touch' as cause,
  case channel(i) when 'sms' then 'sms_segment' when 'voice_ai' then 'call_minute' else 'staff_minute' end as kind,
  'j' || chance(i, 2) % 9 as journey, 's' || chance(i, 3) % 5 as step, 'shop-' || chance(i, 10) % 10 as shop,
  '' as variant, 1::bigint as quantity, (5 + chance(i, 11) % 40)::bigint as amount_minor, 'CNY' as currency,
  moment(i, 5) as occurred_at
from range(0, 7 * everybody()) t(i)
union all
select i, day(moment(i, 3)), 7 * everybody() + i, i, 'parcel', 'gift', 'j' || chance(i, 7) % 2, 's' || chance(i, 8) % 5,
  'shop-' || chance(i, 10) % 10, '', 1, 600, 'CNY', moment(i, 3)
from range(1, everybody() + 1, 2) t(i)
union all
select 1 + draw(i, 19) % everybody(), day(moment(i, 20)), 8 * everybody() + i, 1 + draw(i, 19) % everybody(), 'parcel',
  'card', 'j' || chance(i, 21) % 2, 'card', 'shop-' || chance(i, 10) % 10, '', 1, 15, 'CNY', moment(i, 20)
from range(0, 3 * everybody() // 10) t(i)
union all
select -200000000000000000 - (9 * everybody() + 2 * m + n), date '2024-12-31' + to_months(m)::interval,
  9 * everybody() + 2 * m + n, null, 'tool_month', 'tool_fee', '', ['friend', 'touch'][n + 1], '', 'tool', 1,
  everybody(), 'CNY', timestamp '2024-12-31 15:59:59' + to_months(m)::interval
from range(22) t(m), range(2) u(n);

-- name: task
-- Three of ten customers. One in twenty was not done, nor is what is too young for it.
select 1 + draw(i, 22) % everybody() as owner, day(moment(i, 23)) as filed, i as id, i as touch_id,
  1 + draw(i, 22) % everybody() as customer_id, case when chance(i, 24) < 600000 then 'call' else 'friend_request' end
  as kind, guide(i) as staff, 'shop-' || chance(i, 10) % 10 as shop, case when worked(i) then 'done' else 'open' end as
  state, case when worked(i) then ['agreed', 'refused', 'no_answer', 'added'][1 + chance(i, 25) % 4] else '' end
  as outcome, (chance(i, 26) % 9)::int as minutes, moment(i, 23) as created_at, moment(i, 23) + to_days(1) as due_at,
  case when worked(i) then moment(i, 23) + to_seconds(chance(i, 27) % 200000) end as done_at
from range(0, 3 * everybody() // 10) t(i);

-- name: event
-- Ten of each customer: orders, touches that came, friends, and what these said and clicked.
select day(heard) as filed, row_number() over () as id, identity_id, kind, heard as occurred_at, '{"d":{}}' as data from (
  select buyer(i) as identity_id, 'order.paid' as kind, moment(i, 4) as heard from range(1, 2 * everybody() + 1) t(i)
  union all
  select touched(i), 'touch.delivered', moment(i, 5) from range(0, 7 * everybody()) t(i)
  union all
  select everybody() + i, 'friend.added', moment(i, 3) from range(1, everybody() + 1, 2) t(i)
  union all
  select everybody() + i, 'message.received', moment(i, 28) from range(1, everybody() + 1, 4) t(i)
  union all
  select i, 'link.clicked', moment(i, 29) from range(1, everybody() + 1, 6) t(i));

-- name: goods_cost
-- Of four fifths of all goods, twice.
select 0 as owner, valid_from as filed, 'sku-' || i as sku, 'CNY' as currency, valid_from,
  (300 + chance(i, 30) % 300)::bigint as unit_minor
from range(1600) t(i), (values (date '2020-01-01'), (date '2026-01-01')) d(valid_from);

-- name: goods_share
-- Of a third of the categories their own.
select 0 as owner, date '2020-01-01' as filed, case when i = 0 then '' else 'cat-' || i end as category,
  date '2020-01-01' as valid_from, (4000 + 100 * i)::int as basis_points
from range(5) t(i);

-- name: correction
select 0 as owner, day(moment(i, 31)) as filed, 'shop-0' as shop, -(chance(i, 32) % 1000)::bigint as amount_minor,
  'CNY' as currency, moment(i, 31) as corrected_at, 1::int as lines
from range(100) t(i);

-- name: staff_member
select 0 as owner, date '1970-01-01' as filed, 'guide-' || i as code, 'guide' as role, 1 + i % 50 as store_id, true as active
from range(500) t(i);

-- name: store
select 0 as owner, date '1970-01-01' as filed, i as id, 'store-' || i as code, 'r' || i % 5 as region
from range(1, 51) t(i);

-- name: paid_to
-- One order in a thousand was paid in a chat.
select 0 as owner, date '1970-01-01' as filed, i * 1000 as order_id, 'guide-' || i % 500 as staff
from range(1, 2000) t(i);

-- A brand with a large base, made by set statements: bench/base.py runs these in order and fills in the sizes.
-- Customer c has the identities 3c (phone), 3c + 1 (buyer) and, if a friend, 3c + 2 (WeCom); their orders are spread over two years.

-- name: stores
insert into store (code, name, region)
select 's' || lpad(i::text, 4, '0'), '门店' || i, 'r' || lpad((i %% 20)::text, 2, '0') from generate_series(1, %(stores)s::int) i;

-- name: guides
insert into staff_member (code, name, role, store_id)
select 'g' || lpad(i::text, 5, '0'), '导购' || i, 'guide', store.id from generate_series(1, %(guides)s::int) i
join store on store.code = 's' || lpad((1 + (i - 1) / 5)::text, 4, '0');

-- name: managers
insert into staff_member (code, name, role, store_id)
select code, name, 'operator', (select id from store where code = 's0001') from (values ('region-1', '区域经理'), ('store-1', '店长')) m (code, name);

-- name: customers
insert into customer (id, created_at, stage, name_item, name_at, name_source, name_source_id)
select p.c, %(start)s::timestamptz + p.c * %(span)s::interval / %(customers)s::int, 1 + p.c %% 5, p.item, %(start)s, 'bench', 'c' || p.c
from bench_person p order by p.c;

-- name: phones
insert into identity (id, kind, hash, customer_id, how, created_at, first_customer_id) overriding system value
select 3 * p.c, 'phone', p.subject, p.c, 'order.paid', %(start)s, p.c from bench_person p order by p.c;

-- name: others
insert into identity (id, kind, hash, customer_id, how, created_at, first_customer_id) overriding system value
select 3 * c + k, case k when 1 then 'buyer' else 'external_userid' end, decode(md5(k || '/' || c), 'hex'), c, 'order.paid', %(start)s, c
from generate_series(1, %(customers)s::int) c, generate_series(1, 2) k where k = 1 or c %% 5 < 2;

-- name: friendships
insert into friendship (identity_id, customer_id, staff, carrier, state, first_added_at, added_at, way, changed_at, changed_source, changed_source_id)
select 3 * c + 2, c, 'g' || lpad((1 + (c * 31) %% %(guides)s::int)::text, 5, '0'), 'wecom',
  case when c %% 40 = 0 then 'deleted_by_customer' else 'live' end, at, at, 'sms', at, 'bench', 'f' || c
from generate_series(1, %(customers)s::int) c, lateral (select %(start)s::timestamptz + c * %(span)s::interval / %(customers)s::int as at) t
where c %% 5 < 2;

-- name: matches
insert into friend_match (identity_id, customer_id, matched, how, step, source, state_code, added_at, journey)
select identity_id, customer_id, customer_id %% 200 <> 0, 'state', 'sms', 'new-orders', 'st' || customer_id, added_at, 'cascade' from friendship;

-- name: tags
insert into tag (identity_id, customer_id, name, source, source_id, tagged_at)
select 3 * c, c, (array['vip', '敏感肌', '尺码-42', '复购'])[1 + c %% 4], 'bench', 't' || c, %(start)s
from generate_series(1, %(customers)s::int) c where c %% 3 = 0;

-- name: orders
insert into orders (id, shop, order_no, identity_id, customer_id, state, paid_at, source, source_id, currency, total_minor, event_id)
overriding system value
select o, 'shop-' || (1 + o %% 10), 'N' || o, 3 * c, c, case when o %% 50 = 0 then 'refunded' else 'paid' end,
  %(start)s::timestamptz + o * %(span)s::interval / %(orders)s::int, 'bench', 'o' || o, 'CNY', 5000 + o %% 90000, o
from generate_series(1, %(orders)s::int) o, lateral (select 1 + (o::bigint * 7919) %% %(customers)s::int as c) x;

-- name: items
insert into order_item (order_id, line, sku, title, quantity, unit_minor, amount_minor)
select id, 1, 'sku-' || id %% 500, '面霜 ' || id %% 500, 1, total_minor, total_minor from orders;

-- name: parcels
insert into parcel (id, parcel_no, shop, main_order_no, cutoff_at, planned_at, planned_source, planned_source_id, packed_at, packed_gift, packed_card, shipped_at)
overriding system value
select o, 'P' || o, shop, order_no, paid_at + interval '8 hours', paid_at, 'bench', 'p' || o,
  case when o <= %(orders)s::int - 2000 then paid_at + interval '9 hours' end,
  case when o %% 2 = 0 then 'mask' else '' end, case when o %% 2 = 1 or o %% 1000 = 0 then 'card' else '' end,
  case when o <= %(orders)s::int - 2000 then paid_at + interval '20 hours' end
from (select id as o, * from orders) x;

-- name: parcel_orders
insert into parcel_order (parcel_id, shop, order_no) select id, shop, order_no from orders;

-- name: decisions
insert into parcel_decision (parcel_id, shop, order_no, customer_id, source, content, reason, offer, sku, card, state_code, frozen_at)
select id, shop, order_no, customer_id, 'new-orders', case when id %% 2 = 0 then 'gift' else 'card' end,
  case when id %% 2 = 0 then 'promised' else 'not_friend' end, case when id %% 2 = 0 then 'mask' end,
  case when id %% 2 = 0 then 'mask' else '' end, case when id %% 2 = 1 then 'card' else '' end, '', paid_at + interval '8 hours'
from orders where id <= %(orders)s::int - 2000 order by id;

-- name: parcels_due
insert into parcel_due (parcel_id, cutoff_at) select id, paid_at + interval '8 hours' from orders where id > %(orders)s::int - 2000;

-- name: visits
insert into visit (id, journey_id, version, customer_id, identity_id, key, shop, order_no, node, state, due_at, waiting_for, ends_kinds,
  since, entered_at, ended_at, outcome)
overriding system value
select o.id, j.id, 1, o.customer_id, o.identity_id, o.shop || '/' || o.order_no, o.shop, o.order_no,
  case when under then 'card' else 'done' end, case when under then 0 else 1 end,
  case when under then o.paid_at + interval '400 days' end, '{}', '{friend.added}', o.paid_at, o.paid_at,
  case when not under then o.paid_at + interval '2 days' end, case when under then '' else 'finished' end
from orders o, journey j, lateral (select o.id %% 20 = 0) u (under) where j.code = 'cascade';

-- name: moves
insert into visit_move (visit_id, at, node, why)
select id, entered_at, unnest(array['sms', 'wait-5', 'call']), 'passed' from visit;

-- name: entries
insert into journey_entry (journey_id, event_id, shop, order_no, customer_id, visit_id, outcome, reason, at)
select journey_id, id, shop, order_no, customer_id, id, 'enrolled', '', entered_at from visit;

-- name: touches
insert into touch (id, visit_id, node, round, customer_id, identity_id, journey, step, channel, purpose, lane, priority, shop, order_no, material,
  locale, state, reason, wished_at, due_at, sent_at, finished_at, outcome)
overriding system value
select 2 * v.id + k, v.id, s.step, 0, v.customer_id, v.identity_id, 'cascade', s.step, s.channel, 'order_invitation', 'now', 5, v.shop, v.order_no,
  s.step, 'zh', case when (v.id + k) %% 9 = 0 then 'withheld' else 'delivered' end,
  case when (v.id + k) %% 9 = 0 then (array['cap', 'no_consent', 'suppressed'])[1 + v.id %% 3] else '' end,
  v.entered_at + s.after, v.entered_at + s.after, case when (v.id + k) %% 9 <> 0 then v.entered_at + s.after end,
  v.entered_at + s.after, ''
from visit v, (values (0, 'sms', 'sms', interval '10 seconds'), (1, 'call', 'voice_ai', interval '5 minutes')) s (k, step, channel, after);

-- name: rulings
insert into ruling (touch_id, ruled_at, verdict, reason)
select id, wished_at, case state when 'withheld' then 'withhold' else 'allow' end, reason from touch;

-- name: promises
insert into promise (key, offer, customer_id, identity_id, shop, order_no, visit_id, state, given_sku, parcel_id, promised_at, expires_at, changed_at)
select 'b/' || id, 'mask', customer_id, identity_id, shop, order_no, id,
  case when id > %(orders)s::int - 2000 then 'promised' when id %% 2 = 0 then 'fulfilled' else 'lapsed' end,
  case when id %% 2 = 0 then 'mask' end, id, paid_at, paid_at + interval '30 days', paid_at
from orders;

-- name: ledger
insert into ledger_entry (cause, cause_id, kind, customer_id, identity_id, journey, step, shop, quantity, unit_minor, amount_minor, currency, occurred_at)
select 'touch', id, case channel when 'sms' then 'sms_segment' else 'call_minute' end, customer_id, identity_id, journey, step, shop, 1, 8, 8, 'CNY', sent_at
from touch where sent_at is not null;

-- name: tasks
insert into task (touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, outcome, minutes, created_at, due_at, done_at)
select 2 * o.id + 1, 'call', o.customer_id, o.identity_id, 'g' || lpad((1 + o.id %% %(guides)s::int)::text, 5, '0'), '{name} 您好', o.shop, o.order_no,
  case when o.id > %(orders)s::int - 20000 then 'open' else 'done' end, case when o.id > %(orders)s::int - 20000 then '' else 'agreed' end, 3,
  o.paid_at, o.paid_at + interval '1 day', case when o.id > %(orders)s::int - 20000 then null else o.paid_at + interval '3 hours' end
from orders o where o.id %% 7 = 0;

-- name: suppressions
insert into suppression (customer_id, channel, reason, since) select c, 'voice', 'do_not_call', %(start)s
from generate_series(1, %(customers)s::int, 97) c;

-- name: consents
insert into consent (identity_id, customer_id, channel, purpose, state, basis, evidence, changed_at, changed_source, changed_source_id)
select 3 * c, c, 'sms', 'promotion', case when c %% 11 = 0 then 'withdrawn' else 'given' end, 'consent', 'bench', %(start)s, 'bench', 'n' || c
from generate_series(1, %(customers)s::int) c where c %% 2 = 0;

-- name: audit
insert into audit (at, actor, action, object, reason)
select %(start)s::timestamptz + a * interval '3 minutes', 'operator-' || a %% 30, (array['customer.reveal', 'pause', 'prices.set'])[1 + a %% 3], 'cus_' || a, 'bench'
from generate_series(1, 200000) a;

-- name: partitions
select event_partition(m) from generate_series(%(start)s::timestamptz, %(start)s::timestamptz + %(span)s::interval + interval '40 days', interval '1 month') m;

-- name: events
-- Five for each order: paid, planned, delivered, called, shipped.
insert into event (id, source, source_id, kind, occurred_at, received_at, backfill, data)
select 5 * o.id + k, 'bench', 'e' || (5 * o.id + k), (array['order.paid', 'parcel.planned', 'touch.delivered', 'call.finished', 'parcel.shipped'])[1 + k],
  o.paid_at, o.paid_at, false, '{"keys":{"phone":"","order":""},"data":{"shop":"' || o.shop || '","order_no":"' || o.order_no || '","currency":"CNY","total_minor":9900}}'
from orders o, generate_series(0, 4) k;

-- name: subjects
insert into event_subject (event_id, identity_id) select 5 * o.id + k, o.identity_id from orders o, generate_series(0, 4) k;

-- name: keys
insert into event_key (source, source_id, event_id) select 'bench', 'e' || e, e from generate_series(5, 5 * %(orders)s::int + 4) e;

-- name: applied
insert into event_applied (applied_seq, event_id, received_at) select row_number() over (order by id), id, received_at from event;

-- name: next_ids
select setval('customer_id_seq', %(customers)s::int + 1), setval('event_id_seq', 5 * %(orders)s::int + 10),
  setval(pg_get_serial_sequence('identity', 'id'), 3 * %(customers)s::int + 10), setval(pg_get_serial_sequence('orders', 'id'), %(orders)s::int + 1),
  setval(pg_get_serial_sequence('parcel', 'id'), %(orders)s::int + 1), setval(pg_get_serial_sequence('visit', 'id'), %(orders)s::int + 1),
  setval(pg_get_serial_sequence('touch', 'id'), 2 * %(orders)s::int + 10);

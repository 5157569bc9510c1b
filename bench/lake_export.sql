-- A base for bench/lake_export.py, and what happens to a hundredth of it.

-- name: customers
insert into customer (id, created_at, stage)
select g, timestamptz '2024-01-01' + g %% 700 * interval '1 day', 4 from generate_series(1, %(n)s::bigint) g;

-- name: identities
insert into identity (kind, hash, customer_id, first_customer_id, how, event_id, created_at)
select 'buyer', decode(md5('b' || g), 'hex'), g, g, '', 0, timestamptz '2024-01-01' from generate_series(1, %(n)s::bigint) g;

-- name: events
-- As the product writes them down: keys as hashes, personal data as numbers of the vault.
insert into event (id, source, source_id, kind, occurred_at, received_at, backfill, data)
select g, 's', 'e' || g, case when g %% 2 = 0 then 'order.paid' else 'link.clicked' end, at, at, true,
  case when g %% 2 = 0 then '{"k":[["phone","' || h || '"],["buyer","' || h || '"],["order","' || h || '"]],"s":{"name":'
    || g || '},"d":{"type":"order.paid","shop":"s","order_no":"' || g || '","currency":"CNY","total_minor":19800,"lines":'
    || '[{"sku":"A1","title":"面霜","quantity":1,"unit_minor":9900,"amount_minor":9900},{"sku":"B2","title":"面霜",'
    || '"quantity":1,"unit_minor":9900,"amount_minor":9900}]}}'
    else '{"k":[["phone","' || h || '"]],"s":{},"d":{"type":"link.clicked","touch":"tch_' || g || '"}}' end
from generate_series(1, %(n)s::bigint * 10) g,
  lateral (select timestamptz '2024-01-01' + g %% 700 * interval '1 day' as at, encode(decode(md5('p' || g), 'hex'), 'base64') as h) t;

-- name: applied
insert into event_applied select id, id, received_at from event order by id;

-- name: subjects
insert into event_subject select g, 1 + g %% %(n)s::bigint from generate_series(1, %(n)s::bigint * 10) g;

-- name: orders
insert into orders (shop, order_no, identity_id, customer_id, state, paid_at, source, source_id, currency, total_minor,
  event_id)
select 's', g::text, 1 + g %% %(n)s::bigint, 1 + g %% %(n)s::bigint, 'paid', timestamptz '2024-01-01' + g %% 700 * interval '1 day', 's',
  'e' || g, 'CNY', 700, g from generate_series(2, %(n)s::bigint * 10, 2) g;

-- name: items
insert into order_item (order_id, line, sku, title, category, quantity, unit_minor, amount_minor)
select o.id, l, 'k' || o.id %% 997, '', 'c' || o.id %% 20, 1, 350, 350 from orders o, generate_series(1, 2) l;

-- name: tags
insert into tag (identity_id, customer_id, name, source, tagged_at)
select g, g, 't' || (g + l * 7) %% 100, 's', timestamptz '2025-01-01'
from generate_series(1, %(n)s::bigint) g, generate_series(1, 3) l on conflict do nothing;

-- name: touches
insert into touch (node, round, customer_id, journey, step, channel, purpose, lane, priority, shop, order_no, material,
  locale, state, wished_at, due_at, sent_at)
select 'n' || g, 0, g, 'j', 'sms', 'sms', 'promotion', 'now', 5, 's', '', 'm', 'zh', 'sent', at, at, at
from generate_series(1, %(n)s::bigint) g, lateral (select timestamptz '2025-01-01' + g %% 300 * interval '1 day' as at) t;

-- name: known
analyze;

-- name: since_events
insert into event (id, source, source_id, kind, occurred_at, received_at, backfill, data)
select %(n)s::bigint * 10 + g, 's', 'n' || g, 'link.clicked', at, at, true, '{"k":[],"d":{}}'
from generate_series(1, %(n)s::bigint / 100) g, (select timestamptz '2026-01-01' as at) t;

-- name: since_applied
insert into event_applied select id, id, received_at from event where id > %(n)s::bigint * 10;

-- name: since_subjects
insert into event_subject select %(n)s::bigint * 10 + g, g from generate_series(1, %(n)s::bigint / 100) g;

-- name: since_touches
update touch set state = 'delivered' where customer_id <= %(n)s::bigint / 100;

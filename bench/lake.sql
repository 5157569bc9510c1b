-- name: bought_untagged_quiet
-- Bought of cat-3 at least twice in 90 days (of what still is in the order), not tagged tag-7, the last touch older
-- than 7 days: as somebody writes it who knows these tables and this engine. Few are left after the first step, so
-- that everything else is asked about them alone. Its plan at 1 M customers: order_item (30,283 lines of cat-3) joined
-- with orders of 90 days (233,629), kept; refunds joined with them; grouped by order, then by customer (375 buyers);
-- touches read once, semi-joined with those, grouped (331); customers; anti-join with tags (294 left).
with recent as (
  select id, customer_id from orders
  where state = 'paid' and paid_at > $now - interval 90 day and paid_at <= $now
), line as (
  select r.id, r.customer_id, i.sku, i.quantity
  from order_item i join recent r on r.id = i.order_id where i.category = 'cat-3'
), back as (
  select r.order_id, sum(r.quantity) as units
  from refund r where exists (select 1 from line l where l.id = r.order_id and l.sku = r.sku) group by r.order_id
), held as (
  select l.id, l.customer_id from line l left join back b on b.order_id = l.id
  group by l.id, l.customer_id, b.units having sum(l.quantity) > coalesce(b.units, 0)
), buyer as (
  select customer_id from held group by customer_id having count(*) >= 2
), quiet as (
  select t.customer_id from touch t where t.customer_id in (select customer_id from buyer)
  group by t.customer_id having max(t.sent_at) <= $now - interval 7 day
)
select c.id from customer c join quiet q on q.customer_id = c.id
where c.merged_into is null
  and not exists (select 1 from tag t where t.customer_id = c.id and t.name = 'tag-7');

-- name: bought_untagged_quiet_postgres
-- The same, as somebody writes it for PostgreSQL.
with recent as (
  select id, customer_id from orders
  where state = 'paid' and paid_at > %(now)s - interval '90 days' and paid_at <= %(now)s
), line as (
  select r.id, r.customer_id, i.sku, i.quantity
  from order_item i join recent r on r.id = i.order_id where i.category = 'cat-3'
), back as (
  select r.order_id, sum(r.quantity) as units
  from refund r where exists (select 1 from line l where l.id = r.order_id and l.sku = r.sku) group by r.order_id
), held as (
  select l.id, l.customer_id from line l left join back b on b.order_id = l.id
  group by l.id, l.customer_id, b.units having sum(l.quantity) > coalesce(b.units, 0)
), buyer as (
  select customer_id from held group by customer_id having count(*) >= 2
), quiet as (
  select t.customer_id from touch t where t.customer_id in (select customer_id from buyer)
  group by t.customer_id having max(t.sent_at) <= %(now)s - interval '7 days'
)
select c.id from customer c join quiet q on q.customer_id = c.id
where c.merged_into is null
  and not exists (select 1 from tag t where t.customer_id = c.id and t.name = 'tag-7');

-- name: counts
-- Goods were counted twice in each shop.
insert into goods_stock (place, day, sku, pieces)
select 'shop-' || p, day, 'sku-' || s, (p * 7 + s) % 90
from generate_series(0, 9) p, generate_series(0, 1999) s, (values (date '2026-10-20'), (date '2026-11-10')) d (day)
on conflict do nothing;

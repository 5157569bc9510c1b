-- What the facts are, without ids: these are given out in the order of arrival, so customers and
-- identities are named by their keys.

-- name: names
create or replace temp view key as
select id, customer_id, kind || ':' || left(encode(hash, 'hex'), 6) as name from identity;
create or replace temp view who as
select customer_id, string_agg(name, ' ' order by name) as name from key group by customer_id;

-- name: identity
select name, customer_id is not null from key;

-- name: customer
select who.name, stage, synthetic, name_at, name_source_id, i.sealed is not null
from customer c join who on who.customer_id = c.id
left join vault_item i on i.id = c.name_item
where merged_into is null;

-- name: friendship
select key.name, who.name, staff, carrier, state, first_added_at, added_at, deleted_at,
  way, changed_at, changed_source_id
from friendship f join key on key.id = f.identity_id
left join who on who.customer_id = f.customer_id;

-- name: consent
select key.name, who.name, channel, purpose, state, basis, evidence, changed_at,
  changed_source_id
from consent c join key on key.id = c.identity_id
left join who on who.customer_id = c.customer_id;

-- name: tag
select key.name, who.name, t.name, tagged_at, source_id
from tag t join key on key.id = t.identity_id
left join who on who.customer_id = t.customer_id;

-- name: orders
select shop, order_no, key.name, who.name, o.customer_id is null, state, paid_at, source_id,
  currency, total_minor, refunded_minor, synthetic,
  (select string_agg(concat_ws(',', i.line, i.sku, i.quantity, i.amount_minor), ';' order by i.line)
from order_item i where i.order_id = o.id)
from orders o
left join key on key.id = o.identity_id
left join who on who.customer_id = o.customer_id;

-- name: refund
select r.shop, refund_no, line, r.order_no, whole, key.name, who.name, r.customer_id is null, sku,
  quantity, amount_minor, refunded_at, r.source_id, o.order_no, matched_line
from refund r
left join orders o on o.id = r.order_id
left join key on key.id = r.identity_id
left join who on who.customer_id = r.customer_id;

-- name: correction
select shop, correction_no, amount_minor, corrected_at, source_id, lines from correction;

-- name: parcel
select parcel_no, shop, main_order_no, cutoff_at, planned_at, packed_at, packed_gift, packed_card,
  shipped_at, (select string_agg(l.order_no, ',' order by l.order_no) from parcel_order l
  where l.parcel_id = p.id)
from parcel p;

-- name: payment
select carrier, trade_no, refund_no, key.name, who.name, p.customer_id is null, staff, amount_minor, currency, paid_at,
  source_id
from payment p
left join key on key.id = p.identity_id
left join who on who.customer_id = p.customer_id;

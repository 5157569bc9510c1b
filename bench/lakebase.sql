-- What segments are asked of; what reports ask besides is in lakereports.sql. The macros are in lakebase.py.

-- name: customer
select i as owner, day(moment(i, 1)) as filed, i as id, moment(i, 1) as created_at, (1 + chance(i, 2) % 5)::smallint
  as stage, false as synthetic, case when chance(i, 3) < 10000 then 1 + chance(i, 4) % everybody() end as merged_into
from range(1, everybody() + 1) t(i);

-- name: orders
select buyer(i) as owner, day(moment(i, 4)) as filed, i as id, buyer(i) as customer_id, 'shop-' || chance(i, 2) % 10 as shop, case when chance(i, 3)
  < 950000 then 'paid' else 'cancelled' end as state, moment(i, 4) as paid_at, 'CNY' as currency, paid(i) as total_minor, 0::bigint as refunded_minor, false as synthetic
from range(1, 2 * everybody() + 1) t(i);

-- name: order_item
select buyer(1 + i // 2) as owner, day(moment(1 + i // 2, 4)) as filed, 1 + i // 2 as order_id,
  (1 + i % 2)::smallint as line, 'sku-' || chance(i, 1) % 2000 as sku, 'cat-' ||
  (chance(i, 1) % 2000) % 12 as category, (1 + chance(i, 2) % 3)::int as quantity, 1000::bigint as unit_minor,
  1000::bigint as amount_minor
from range(0, 4 * everybody()) t(i) where i % 2 = 0 or chance(i, 3) < 500000;

-- name: refund
select buyer(1 + i // 2) as owner, day(back(i)) as filed, 1 + i as id,
  1 + i // 2 as order_id, null::bigint as customer_id, 'shop' as shop, 'r' || i as refund_no,
  'sku-' || chance(i, 1) % 2000 as sku, 1::int as quantity, 100::bigint as amount_minor, 'CNY' as currency,
  back(i) as refunded_at, false as whole
from range(0, 4 * everybody()) t(i) where (i % 2 = 0 or chance(i, 3) < 500000) and (1 + i // 2) % 10 = 0;

-- name: tag
select 1 + draw(i, 1) % everybody() as owner, day(moment(i, 3)) as filed, 1 + draw(i, 1) % everybody() as customer_id,
  'tag-' || chance(i, 2) % 40 as name, 'crm' as source, moment(i, 3) as tagged_at,
  100::smallint as confidence, null::timestamp as until
from range(0, 3 * everybody()) t(i);

-- name: touch
select touched(i) as owner, day(moment(i, 5)) as filed, i as id, touched(i) as customer_id, null::bigint as visit_id,
  'j' || chance(i, 2) % 9 as journey, 's' || chance(i, 3) % 5 as step, channel(i) as channel,
  case when chance(i, 6) < 200000 then 'service' else 'promotion' end as purpose, '' as shop, 'm' as material,
  1::int as material_version, case when chance(i, 10) < 500000 then 'a' else 'b' end as variant,
  case when chance(i, 11) < 50000 then moment(i, 5) end as clicked_at,
  case when chance(i, 7) < 30000 then 'failed' when chance(i, 7) < 800000 then 'delivered'
    when chance(i, 7) < 950000 then 'read' else 'replied' end as state,
  '' as reason, moment(i, 5) as wished_at, moment(i, 5) as sent_at,
  least(moment(i, 5) + to_seconds(chance(i, 8) % 90), ended()) as finished_at,
  case when channel(i) = 'voice_ai' then ['answered', 'no_answer', 'agreed', 'refused'][1 + chance(i, 9) % 4] else '' end
  as outcome, '' as intent, case when channel(i) = 'wecom_message' then guide(i) else '' end as staff
from range(0, 7 * everybody()) t(i);

-- name: friendship
select i as owner, day(moment(i, 3)) as filed, i as customer_id, guide(i) as staff,
  'wecom' as carrier, case when not gone(i) then 'live' when chance(i, 5) < 900000 then 'deleted_by_customer'
    else 'deleted_by_staff' end as state, '' as way,
  moment(i, 3) as first_added_at, moment(i, 3) as added_at, case when gone(i) then parted(i) end as deleted_at
from range(1, everybody() + 1, 2) t(i);

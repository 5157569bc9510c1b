-- name: pay
-- The orders that are new. Only the one applier writes orders, so nothing can conflict: with `on conflict` each
-- would go into the log twice. Returns as well whether its lines are told apart (nearly always not: then nothing
-- more is asked).
insert into orders as o (shop, order_no, identity_id, customer_id, pointer, state, paid_at, source, source_id,
  currency, total_minor, synthetic, event_id)
select v.shop, v.order_no, v.identity_id, v.customer_id, v.pointer, 'paid', v.paid_at, v.source, v.source_id,
  v.currency, v.total_minor, v.synthetic, v.event_id
from (
  select unnest(%(shops)s::text[]) as shop, unnest(%(order_nos)s::text[]) as order_no,
    unnest(%(identities)s::bigint[]) as identity_id, unnest(%(customers)s::bigint[]) as customer_id,
    unnest(%(pointers)b::bytea[]) as pointer, unnest(%(ats)s::timestamptz[]) as paid_at,
    unnest(%(sources)s::text[]) as source, unnest(%(source_ids)s::text[]) as source_id,
    unnest(%(currencies)s::text[]) as currency, unnest(%(totals)s::bigint[]) as total_minor,
    unnest(%(synthetic)s::boolean[]) as synthetic, unnest(%(events)s::bigint[]) as event_id
) as v
where not exists (select from orders t where t.shop = v.shop and t.order_no = v.order_no)
returning o.id, o.shop, o.order_no,
  exists (select from order_itemised i where i.shop = o.shop and i.order_no = o.order_no);

-- name: pay_again
-- Of several events about one order the latest by (time, source, id) holds, whenever it comes. Returns those that
-- were written: their lines are replaced.
update orders o set
  identity_id = v.identity_id, customer_id = v.customer_id, pointer = v.pointer, paid_at = v.paid_at,
  source = v.source, source_id = v.source_id, currency = v.currency, total_minor = v.total_minor,
  synthetic = v.synthetic, event_id = v.event_id
from (
  select unnest(%(shops)s::text[]) as shop, unnest(%(order_nos)s::text[]) as order_no,
    unnest(%(identities)s::bigint[]) as identity_id, unnest(%(customers)s::bigint[]) as customer_id,
    unnest(%(pointers)b::bytea[]) as pointer, unnest(%(ats)s::timestamptz[]) as paid_at,
    unnest(%(sources)s::text[]) as source, unnest(%(source_ids)s::text[]) as source_id,
    unnest(%(currencies)s::text[]) as currency, unnest(%(totals)s::bigint[]) as total_minor,
    unnest(%(synthetic)s::boolean[]) as synthetic, unnest(%(events)s::bigint[]) as event_id
) as v
where o.shop = v.shop and o.order_no = v.order_no
  and (o.paid_at, o.source, o.source_id) < (v.paid_at, v.source collate "C", v.source_id collate "C")
returning o.id, o.shop, o.order_no,
  exists (select from order_itemised i where i.shop = o.shop and i.order_no = o.order_no);

-- name: tell_lines
-- Lines that are told apart from their order: the latest by (time, source, id) hold. Returns the orders that are
-- there already.
with told as (
  insert into order_itemised as t (shop, order_no, told_at, source, source_id, lines)
  select * from unnest(%(shops)s::text[], %(order_nos)s::text[], %(ats)s::timestamptz[], %(sources)s::text[],
    %(source_ids)s::text[], %(lines)s::jsonb[])
  on conflict (shop, order_no) do update set
    told_at = excluded.told_at, source = excluded.source, source_id = excluded.source_id, lines = excluded.lines
  where (t.told_at, t.source, t.source_id) < (excluded.told_at, excluded.source, excluded.source_id)
  returning shop, order_no
)
select o.id from told t join orders o on o.shop = t.shop and o.order_no = t.order_no order by o.id;

-- name: itemise
-- Gives these orders the lines that are told apart; they have none of their own any more.
insert into order_item (order_id, line, sku, title, category, quantity, unit_minor, amount_minor)
select o.id, l.line, l.told->>'sku', coalesce(l.told->>'title', ''), coalesce(l.told->>'category', ''),
  (l.told->>'quantity')::integer, (l.told->>'unit_minor')::bigint, (l.told->>'amount_minor')::bigint
from orders o
join order_itemised i on i.shop = o.shop and i.order_no = o.order_no
cross join lateral jsonb_array_elements(i.lines) with ordinality as l (told, line)
where o.id = any(%(orders)s::bigint[]);

-- name: drop_items
-- Lines of orders that were told anew.
delete from order_item where order_id = any(%(orders)s::bigint[]);

-- name: takers
-- Whose refunds without reference had taken from orders that were told anew: the order may be another's now.
select distinct customer_id from refund
where order_id = any(%(orders)s::bigint[]) and order_no is null and customer_id is not null;

-- name: copy_items
-- Orders that are written here have no lines yet, so nothing can conflict: COPY is the cheapest way in.
copy order_item (order_id, line, sku, title, category, quantity, unit_minor, amount_minor) from stdin;

-- name: drop_refunds
-- Older versions of the refunds at hand, with all their lines; what they had taken from is settled anew.
delete from refund r
using unnest(%(shop)s::text[], %(refund_no)s::text[], %(whole)s::boolean[], %(refunded_at)s::timestamptz[],
  %(source)s::text[], %(source_id)s::text[]) as v (shop, refund_no, whole, at, source, source_id)
where r.shop = v.shop and r.refund_no = v.refund_no and r.whole = v.whole
  and (r.refunded_at, r.source, r.source_id) < (v.at, v.source collate "C", v.source_id collate "C")
returning r.order_id, r.customer_id;

-- name: refund
-- Not where a later version is there (it may have fewer lines than this one).
insert into refund (shop, refund_no, line, order_no, whole, identity_id, customer_id, sku, quantity,
  amount_minor, currency, refunded_at, source, source_id)
select v.*
from unnest(%(shop)s::text[], %(refund_no)s::text[], %(line)s::smallint[], %(order_no)s::text[],
  %(whole)s::boolean[], %(identity_id)s::bigint[], %(customer_id)s::bigint[], %(sku)s::text[],
  %(quantity)s::integer[], %(amount_minor)s::bigint[], %(currency)s::text[], %(refunded_at)s::timestamptz[],
  %(source)s::text[], %(source_id)s::text[])
  as v (shop, refund_no, line, order_no, whole, identity_id, customer_id, sku, quantity, amount_minor,
    currency, refunded_at, source, source_id)
where not exists (
  select from refund r
  where r.shop = v.shop and r.refund_no = v.refund_no and r.whole = v.whole
    and (r.refunded_at, r.source, r.source_id)
      > (v.refunded_at, v.source collate "C", v.source_id collate "C")
)
on conflict (shop, refund_no, line) do nothing;

-- name: correct
-- The latest version holds.
insert into correction as c (shop, correction_no, amount_minor, currency, corrected_at, source, source_id, lines)
select *
from unnest(%(shops)s::text[], %(numbers)s::text[], %(amounts)s::bigint[], %(currencies)s::text[],
  %(ats)s::timestamptz[], %(sources)s::text[], %(source_ids)s::text[], %(lines)s::integer[])
on conflict (shop, correction_no) do update set
  amount_minor = excluded.amount_minor, currency = excluded.currency, corrected_at = excluded.corrected_at,
  source = excluded.source, source_id = excluded.source_id, lines = excluded.lines
where (c.corrected_at, c.source, c.source_id) < (excluded.corrected_at, excluded.source, excluded.source_id);

-- name: take_payments
-- Payments in chats and what was given back of them; the latest version holds.
insert into payment as p (carrier, trade_no, refund_no, identity_id, customer_id, staff, amount_minor, currency,
  paid_at, source, source_id, request)
select *
from unnest(%(carrier)s::text[], %(trade_no)s::text[], %(refund_no)s::text[], %(identity_id)s::bigint[],
  %(customer_id)s::bigint[], %(staff)s::text[], %(amount_minor)s::bigint[], %(currency)s::text[],
  %(paid_at)s::timestamptz[], %(source)s::text[], %(source_id)s::text[], %(request)s::text[])
on conflict (carrier, trade_no, refund_no) do update set
  identity_id = excluded.identity_id, customer_id = excluded.customer_id, staff = excluded.staff,
  amount_minor = excluded.amount_minor, currency = excluded.currency, paid_at = excluded.paid_at,
  source = excluded.source, source_id = excluded.source_id
where (p.paid_at, p.source, p.source_id) < (excluded.paid_at, excluded.source, excluded.source_id);

-- name: unmet_requests
-- Of these customers: neither paid nor taken back, whenever they were asked.
select r.request, r.customer_id, r.staff, r.amount_minor, r.currency, r.asked_at, r.until from payment_request r
where r.customer_id = any(%(customers)s::bigint[]) and r.withdrawn_at is null
  and not exists (select from payment p where p.request = r.request)
order by r.asked_at, r.id;

-- name: loose_payments
-- Of these customers: payments that name no request.
select p.id, p.customer_id, p.staff, p.amount_minor, p.currency, p.paid_at from payment p
where p.customer_id = any(%(customers)s::bigint[]) and p.refund_no = '' and p.request = ''
order by p.paid_at, p.id;

-- name: meet_requests
update payment p set request = v.request
from unnest(%(payments)s::bigint[], %(requests)s::text[]) as v (id, request) where p.id = v.id;

-- name: lock_order
-- Whoever asks for an order, known or not, sees what others have asked for.
select pg_advisory_xact_lock(
  hashtextextended(current_schema() || ' payment of ' || %(shop)s || ' ' || %(order_no)s, 0));

-- name: ask_payment
-- With the eldest key of the customer's own (reads identities): after a split the request goes where that goes.
insert into payment_request (customer_id, identity_id, staff, shop, order_no, about, amount_minor, currency, asked_at, until)
values (%(customer)s, (
    select i.id from identity i where i.customer_id = %(customer)s and i.wrong_since is null
      and i.kind in ('external_userid', 'unionid', 'phone', 'buyer', 'member')
    order by i.id limit 1
  ), %(staff)s, %(shop)s, %(order_no)s, %(about)s, %(amount)s, %(currency)s, %(now)s, %(until)s)
returning id;

-- name: name_request
update payment_request set request = %(request)s where id = %(id)s;

-- name: open_request
-- Of an order: one that nobody has paid or taken back, and whose time is not over.
select r.request from payment_request r
where r.shop = %(shop)s and r.order_no = %(order_no)s and r.withdrawn_at is null and r.until > %(now)s
  and not exists (select from payment p where p.request = r.request)
limit 1;

-- name: withdraw_request
update payment_request r set withdrawn_at = %(now)s
where r.id = %(id)s and r.withdrawn_at is null and not exists (select from payment p where p.request = r.request)
returning r.request;

-- name: requests
-- The newest first, with what came of each and what was given back of that.
select r.id, r.request, r.customer_id, r.staff, r.shop, r.order_no, r.about, r.amount_minor, r.currency, r.asked_at,
  r.until, r.withdrawn_at, coalesce(m.paid, 0)::bigint, coalesce(m.back, 0)::bigint, m.paid_at
from payment_request r
left join lateral (
  select sum(p.amount_minor) filter (where p.refund_no = '') as paid, min(p.paid_at) filter (where p.refund_no = '') as paid_at,
    (select sum(b.amount_minor) from payment b join payment t on (t.carrier, t.trade_no) = (b.carrier, b.trade_no)
     where t.request = r.request and t.refund_no = '' and b.refund_no <> '') as back
  from payment p where p.request = r.request
) m on true
where (%(scope)s::text[] is null or r.staff = any(%(scope)s))
  and (%(id)s::bigint is null or r.id = %(id)s) and (%(staff)s = '' or r.staff = %(staff)s)
  and (%(customer)s::bigint is null or r.customer_id = %(customer)s)
order by r.id desc limit %(limit)s;

-- name: payments
-- What was paid to each member of staff in chats and given back, by day of the zone; and what of it, less what was
-- given back, paid an order that stands: that money is in the figures of orders. For a figure, not for the hot path.
with told as (
  select p.*, case when p.refund_no = '' then p.amount_minor else -p.amount_minor end as net, exists (
      select from payment t
      join payment_request r on r.request = t.request
      join orders o on o.shop = r.shop and o.order_no = r.order_no and o.state <> 'cancelled'
      where (t.carrier, t.trade_no) = (p.carrier, p.trade_no) and t.refund_no = '' and t.request <> '') as of_order
  from payment p
  where p.paid_at >= %(since)s and p.paid_at < %(until)s
    and (%(scope)s::text[] is null or p.staff = any(%(scope)s))
)
select staff, (paid_at at time zone %(zone)s)::date as day, currency, count(*) filter (where refund_no = ''),
  coalesce(sum(amount_minor) filter (where refund_no = ''), 0)::bigint,
  coalesce(sum(amount_minor) filter (where refund_no <> ''), 0)::bigint,
  coalesce(sum(net) filter (where of_order), 0)::bigint
from told
group by staff, day, currency order by staff, day desc, currency;

-- name: claim
-- A guest's order whose number somebody has claimed since. Reads `identity` (the room below) by the pointer that
-- both know; the partial index holds guests only.
update orders o set identity_id = i.id, customer_id = i.customer_id
from identity i
where i.kind = 'order' and i.hash = any(%(pointers)b::bytea[]) and o.pointer = i.hash and o.customer_id is null
returning o.id, o.customer_id;

-- name: affected
-- What must be settled anew: orders at hand that refunds name, and customers at hand (or of those orders) who
-- have refunds without reference. Nothing of both is the usual answer, so this is all that most batches pay.
with named as materialized (
  select o.id, o.shop, o.order_no, o.customer_id
  from unnest(%(shops)s::text[], %(order_nos)s::text[]) as v (shop, order_no)
  join orders o on o.shop = v.shop and o.order_no = v.order_no
  union
  select o.id, o.shop, o.order_no, o.customer_id from orders o where o.id = any(%(orders)s::bigint[])
), whose as (
  select customer_id from named
  union
  select * from unnest(%(customers)s::bigint[])
)
select true, n.id from named n
where exists (select from refund r where r.shop = n.shop and r.order_no = n.order_no)
union all
select false, w.customer_id from whose w
where exists (select from refund r where r.customer_id = w.customer_id and r.order_no is null);

-- name: link
-- Refunds that name an order take from it, and belong to whom it belongs.
update refund r set order_id = o.id, identity_id = o.identity_id, customer_id = o.customer_id
from orders o
where o.id = any(%(orders)s::bigint[]) and r.shop = o.shop and r.order_no = o.order_no
  and (r.order_id, r.identity_id, r.customer_id) is distinct from (o.id, o.identity_id, o.customer_id);

-- name: settle
-- What an order has lost, from all refunds that take from it. Unchanged rows are not written.
update orders o set refunded_minor = s.refunded_minor, state = s.state
from (
  select o.id,
    coalesce(sum(r.amount_minor) filter (where r.currency = o.currency), 0) as refunded_minor,
    case
      when bool_or(r.whole) then 'cancelled'
      when count(r.id) > 0
        and coalesce(sum(r.amount_minor) filter (where r.currency = o.currency), 0) >= o.total_minor
        then 'refunded'
      else 'paid'
    end as state
  from orders o left join refund r on r.order_id = o.id
  where o.id = any(%(orders)s::bigint[])
  group by o.id
) s
where o.id = s.id and (o.refunded_minor, o.state) is distinct from (s.refunded_minor, s.state);

-- name: loose
-- All refunds without reference of these customers.
select customer_id, shop, currency, sku, refunded_at, refund_no, line, id, quantity, order_id, matched_line
from refund
where customer_id = any(%(customers)s::bigint[]) and order_no is null;

-- name: bought
-- The lines that those may take from: only of skus that were given back, never of cancelled orders.
with wanted as materialized (
  select distinct customer_id, shop, currency, sku from refund
  where customer_id = any(%(customers)s::bigint[]) and order_no is null and quantity > 0
)
select o.customer_id, o.shop, o.currency, i.sku, o.paid_at, o.order_no, i.line, o.id, i.quantity,
  coalesce((
    select sum(r.quantity)::bigint from refund r
    where r.order_id = o.id and r.sku = i.sku and r.order_no is not null
  ), 0)
from orders o
join order_item i on i.order_id = o.id
join wanted w on w.customer_id = o.customer_id and w.shop = o.shop and w.currency = o.currency and w.sku = i.sku
where o.customer_id = any(%(customers)s::bigint[]) and o.state <> 'cancelled';

-- name: match
-- What each refund without reference takes from now; null: nothing.
update refund r set order_id = v.order_id, matched_line = v.line
from unnest(%(refunds)s::bigint[], %(orders)s::bigint[], %(lines)s::smallint[]) as v (id, order_id, line)
where r.id = v.id;

-- name: merge
-- Orders and refunds follow their customer; refunds that name an order are reached through it.
with v as materialized (
  select * from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as u (loser, winner)
), moved as (
  update orders o set customer_id = v.winner from v where o.customer_id = v.loser
  returning o.id, o.customer_id
), named as (
  update refund r set customer_id = m.customer_id from moved m
  where r.order_id = m.id and r.order_no is not null
), paid as (
  update payment p set customer_id = v.winner from v where p.customer_id = v.loser
), invited as (
  update size_invitation i set customer_id = v.winner from v where i.customer_id = v.loser
), asked as (
  update payment_request r set customer_id = v.winner from v where r.customer_id = v.loser
)
update refund r set customer_id = v.winner from v where r.customer_id = v.loser and r.order_no is null;

-- name: part
-- As `merge`, of the keys that a split took off.
with v as materialized (
  select * from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
    as u (identity_id, before, after)
), moved as (
  update orders o set customer_id = v.after from v
  where o.customer_id = v.before and o.identity_id = v.identity_id
  returning o.id, o.customer_id
), named as (
  update refund r set customer_id = m.customer_id from moved m
  where r.order_id = m.id and r.order_no is not null
), paid as (
  update payment p set customer_id = v.after from v
  where p.customer_id = v.before and p.identity_id = v.identity_id
), invited as (
  update size_invitation i set customer_id = v.after from v
  where i.customer_id = v.before and i.identity_id = v.identity_id
), asked as (
  update payment_request r set customer_id = v.after from v
  where r.customer_id = v.before and r.identity_id = v.identity_id
)
update refund r set customer_id = v.after from v
where r.customer_id = v.before and r.identity_id = v.identity_id and r.order_no is null;

-- name: buyers
-- Who has an order: a guest's that was claimed is known by nothing else.
select distinct customer_id from orders where customer_id = any(%(customers)s::bigint[]);

-- name: plan
-- The latest plan holds. Returns the parcels that were written, and whether each is new.
insert into parcel as p (parcel_no, shop, warehouse, main_order_no, cutoff_at, planned_at, planned_source,
  planned_source_id, synthetic)
select *
from unnest(%(numbers)s::text[], %(shops)s::text[], %(warehouses)s::text[], %(mains)s::text[],
  %(cutoffs)s::timestamptz[], %(ats)s::timestamptz[], %(sources)s::text[], %(source_ids)s::text[], %(synthetic)s::boolean[])
on conflict (parcel_no) do update set
  shop = excluded.shop, warehouse = excluded.warehouse, main_order_no = excluded.main_order_no, cutoff_at = excluded.cutoff_at,
  planned_at = excluded.planned_at, planned_source = excluded.planned_source,
  planned_source_id = excluded.planned_source_id, synthetic = excluded.synthetic
where p.planned_at is null
  or (p.planned_at, p.planned_source, p.planned_source_id)
    < (excluded.planned_at, excluded.planned_source, excluded.planned_source_id)
returning p.id, p.parcel_no, p.xmax = 0;

-- name: unload
-- Orders of parcels that were planned anew.
delete from parcel_order where parcel_id = any(%(parcels)s::bigint[]);

-- name: load
-- Orders of planned parcels.
insert into parcel_order (parcel_id, shop, order_no)
select * from unnest(%(parcels)s::bigint[], %(shops)s::text[], %(order_nos)s::text[])
on conflict do nothing;

-- name: pack
-- May be heard of before the plan. Of two reports the later holds.
insert into parcel as p (parcel_no, packed_at, packed_gift, packed_card)
select * from unnest(%(numbers)s::text[], %(ats)s::timestamptz[], %(gifts)s::text[], %(cards)s::text[])
on conflict (parcel_no) do update set
  packed_at = excluded.packed_at, packed_gift = excluded.packed_gift, packed_card = excluded.packed_card
where p.packed_at is null
  or (p.packed_at, p.packed_gift, p.packed_card)
    < (excluded.packed_at, excluded.packed_gift, excluded.packed_card);

-- name: ship
-- May be heard of before the plan. It left when it first left.
insert into parcel as p (parcel_no, shipped_at)
select * from unnest(%(numbers)s::text[], %(ats)s::timestamptz[])
on conflict (parcel_no) do update set shipped_at = least(p.shipped_at, excluded.shipped_at)
where p.shipped_at is null or p.shipped_at > excluded.shipped_at;

-- name: warehouses
-- A handful of rows.
select code, shops, time_zone, download_lag, audit_delay, ship_cutoff, margin, plans, items from warehouse
order by code;

-- name: set_warehouse
insert into warehouse (code, shops, time_zone, download_lag, audit_delay, ship_cutoff, margin, plans, items)
values (%(code)s, %(shops)s::jsonb, %(time_zone)s, %(download_lag)s, %(audit_delay)s, %(ship_cutoff)s, %(margin)s,
  %(plans)s, %(items)s::jsonb)
on conflict (code) do update set shops = excluded.shops, time_zone = excluded.time_zone,
  download_lag = excluded.download_lag, audit_delay = excluded.audit_delay, ship_cutoff = excluded.ship_cutoff,
  margin = excluded.margin, plans = excluded.plans, items = excluded.items;

-- name: drop_warehouse
delete from warehouse where code = %(code)s returning code;

-- name: seed_shops
-- By code.
insert into shop (code, name, platform, inserts, synthetic)
select * from unnest(%(codes)s::text[], %(names)s::text[], %(platforms)s::text[], %(inserts)s::boolean[],
  %(synthetic)s::boolean[])
on conflict (code) do update set
  name = excluded.name, platform = excluded.platform, inserts = excluded.inserts,
  synthetic = excluded.synthetic;

-- name: shops
-- All of them.
select code, name, platform, inserts, synthetic from shop order by code;

-- name: orders
-- By shop and number.
select o.shop, o.order_no, o.id, o.customer_id, o.identity_id, o.state, o.paid_at, o.total_minor,
  o.refunded_minor, o.currency
from unnest(%(shops)s::text[], %(order_nos)s::text[]) as v (shop, order_no)
join orders o on o.shop = v.shop and o.order_no = v.order_no;

-- name: items
select order_id, sku, title, quantity, amount_minor from order_item
where order_id = any(%(orders)s::bigint[]) order by order_id, line;

-- name: parcels_of
-- The parcel that stands for the order; else one that stands for another order and carries this one too; else a
-- further child of a split. Parcels without a plan don't count.
select distinct on (l.shop, l.order_no) l.shop, l.order_no, p.id, p.parcel_no, p.main_order_no, p.cutoff_at,
  p.packed_at
from unnest(%(shops)s::text[], %(order_nos)s::text[]) as v (shop, order_no)
join parcel_order l on l.shop = v.shop and l.order_no = v.order_no
join parcel p on p.id = l.parcel_id and p.planned_at is not null
order by l.shop, l.order_no, p.main_order_no is not distinct from l.order_no desc,
  p.main_order_no is not null desc, p.planned_at desc, p.parcel_no desc;

-- name: of_customer
-- The latest first.
select shop, order_no, id, customer_id, identity_id, state, paid_at, total_minor, refunded_minor, currency
from orders where customer_id = %(customer_id)s order by paid_at desc, order_no desc;

-- name: last_shops
-- Where each of them bought last, by the index of customers and times.
select distinct on (customer_id) customer_id, shop from orders
where customer_id = any(%(customers)s::bigint[]) order by customer_id, paid_at desc, id desc;

-- name: totals
-- The books, per currency. One pass over each table: for reports, not for the hot path.
with bought as (
  select o.currency, count(*) as orders, count(*) filter (where o.customer_id is null) as guests,
    count(*) filter (where o.state = 'cancelled') as cancelled,
    count(*) filter (where o.state = 'refunded') as refunded, sum(o.total_minor) as gross,
    coalesce(sum(greatest(o.total_minor - o.refunded_minor, 0)) filter (where o.state = 'cancelled'), 0) as lost
  from orders o group by o.currency
), lines as (
  select o.currency, count(*) as lines from orders o join order_item i on i.order_id = o.id group by o.currency
), given as (
  select r.currency, count(*) as lines, count(distinct (r.shop, r.refund_no)) as refunds,
    sum(r.amount_minor) as amount
  from refund r where not r.whole group by r.currency
), corrected as (
  select c.currency, count(*) as corrected, sum(c.lines) as lines, sum(c.amount_minor) as amount
  from correction c group by c.currency
), people as (
  select w.currency, count(distinct w.customer_id) as customers
  from (
    select o.currency, o.customer_id from orders o
    union all
    select r.currency, r.customer_id from refund r where not r.whole
  ) w group by w.currency
), money as (
  select currency from bought union select currency from given union select currency from corrected
)
select m.currency,
  (coalesce(l.lines, 0) + coalesce(g.lines, 0) + coalesce(c.lines, 0))::bigint,
  coalesce(b.orders, 0), coalesce(p.customers, 0), coalesce(b.guests, 0), coalesce(b.cancelled, 0),
  coalesce(b.refunded, 0), coalesce(g.refunds, 0), coalesce(g.lines, 0), coalesce(c.corrected, 0),
  coalesce(b.gross, 0)::bigint, (coalesce(g.amount, 0) + coalesce(b.lost, 0))::bigint,
  coalesce(c.amount, 0)::bigint,
  (coalesce(b.gross, 0) - coalesce(g.amount, 0) - coalesce(b.lost, 0) + coalesce(c.amount, 0))::bigint
from money m
left join bought b using (currency)
left join lines l using (currency)
left join given g using (currency)
left join corrected c using (currency)
left join people p using (currency)
order by m.currency;

-- name: unmatched
-- Refunds that take from nothing.
select currency, count(distinct (shop, refund_no)), count(*), sum(amount_minor)::bigint,
  count(*) filter (where order_no is not null)
from refund where order_id is null and not whole
group by currency order by currency;

-- name: begin_import
-- The open import of this file, or a new one. The update changes nothing: it is there for what it returns.
insert into order_import as i (file, digest, reading, mapping, shop, file_lines, started_at, updated_at)
values (%(file)s, %(digest)s, %(reading)s, %(mapping)s, %(shop)s, %(lines)s, %(now)s, %(now)s)
on conflict (digest, reading) where finished_at is null do update set file = excluded.file
returning id, events, lines, orders, refunds, corrections, duplicates, guests, cancellations, itemised;

-- name: import_refusals
select place, reason from order_import_refusal where import_id = %(id)s;

-- name: advance_import
-- Only from where this process left it: of two that import one file, one goes on. In one statement with what
-- was refused, which is nothing nearly always.
with moved as (
  update order_import set events = %(events)s, lines = %(lines)s, orders = %(orders)s, refunds = %(refunds)s,
    corrections = %(corrections)s, duplicates = %(duplicates)s, guests = %(guests)s,
    cancellations = %(cancellations)s, itemised = %(itemised)s, updated_at = %(now)s
  where id = %(id)s and events = %(before)s and finished_at is null
  returning id
), refused as (
  insert into order_import_refusal (import_id, place, reason)
  select m.id, r.place, r.reason
  from moved m, unnest(%(places)s::bigint[], %(reasons)s::text[]) as r (place, reason)
)
select id from moved;

-- name: finish_import
with forgotten as (
  delete from order_import_refusal where import_id = %(id)s
)
update order_import set finished_at = %(now)s, updated_at = %(now)s, rejected = %(rejected)s,
  unpaid = %(unpaid)s
where id = %(id)s and finished_at is null;

-- name: imports
-- The latest first.
select file, mapping, shop, file_lines, started_at, updated_at, finished_at, rejected,
  unpaid, events, lines, orders, refunds, corrections, duplicates, guests, cancellations, itemised
from order_import order by id desc limit %(limit)s;

-- name: add_upload
-- A new upload; or the open one of the very same file, so that a doubled click or a second window adds nothing.
insert into order_upload as u (file, bytes, digest, state, uploaded_by, uploaded_at, changed_at)
values (%(file)s, %(bytes)s, %(digest)s, 'looking', %(by)s, %(now)s, %(now)s)
on conflict (digest) where state in ('looking', 'unknown', 'ready', 'queued', 'importing')
  do update set file = u.file
returning id, xmax = 0;

-- name: uploads
-- The latest first.
select id, file, bytes, state, turn, sheet, mapping, look, dry, report, stop_wanted, error, error_zh, problems, uploaded_by,
  uploaded_at, started_by, changed_at, removed_at, stage, done, total, stage_done, stage_at, told_at
from order_upload
where id = any(%(ids)s::bigint[]) or (%(ids)s::bigint[] is null and (%(before)s::bigint is null or id < %(before)s))
order by id desc limit %(limit)s;

-- name: due_upload
-- The first that waits for one of these; one that was under way comes before those that wait for their turn.
select id from order_upload
where state in ('looking', 'queued', 'importing') and state = any(%(states)s::text[])
order by state = 'importing' desc, id limit 1;

-- name: set_reading
-- How it is to be read: it is looked at anew. Not while it is brought in, nor when it is gone.
update order_upload set state = 'looking', turn = turn + 1, mapping = %(mapping)s::jsonb, sheet = %(sheet)s,
  dry = null, stage = '', done = 0, total = 0, error = '', error_zh = '', problems = '[]', changed_at = %(now)s
where id = %(id)s and removed_at is null
  and state in ('looking', 'unknown', 'ready', 'refused', 'failed', 'cancelled');

-- name: looked
-- What a look has found, unless it is to be read otherwise by now.
update order_upload set state = %(state)s, look = coalesce(%(look)s::jsonb, look),
  mapping = coalesce(%(mapping)s::jsonb, mapping), dry = coalesce(%(dry)s::jsonb, dry), error = %(error)s, error_zh = %(error_zh)s,
  problems = %(problems)s::jsonb, stage = '', changed_at = %(now)s
where id = %(id)s and state = 'looking' and turn = %(turn)s;

-- name: start_upload
update order_upload set state = 'queued', started_by = %(by)s, stop_wanted = false, error = '', error_zh = '', problems = '[]',
  stage = '', done = 0, changed_at = %(now)s
where id = %(id)s and removed_at is null and mapping is not null and state in ('ready', 'cancelled', 'failed');

-- name: stop_upload
-- Before its turn it stops at once; under way it is asked to, and stops behind the batch.
update order_upload set state = case when state = 'queued' then 'cancelled' else state end,
  stop_wanted = state = 'importing', changed_at = %(now)s
where id = %(id)s and state in ('queued', 'importing');

-- name: take_upload
-- Its turn has come, or comes again after a restart.
update order_upload set state = 'importing', stage = '', changed_at = %(now)s
where id = %(id)s and state in ('queued', 'importing');

-- name: tell_upload
-- How far it is; what comes back is whether it is to stop. A stage that is new begins to be timed.
update order_upload set
  stage_at = case when stage = %(stage)s then stage_at else %(real)s end,
  stage_done = case when stage = %(stage)s then stage_done else %(done)s end,
  stage = %(stage)s, done = %(done)s, total = %(total)s, told_at = %(real)s
where id = %(id)s
returning stop_wanted or state not in ('looking', 'importing') or turn <> %(turn)s;

-- name: end_upload
update order_upload set state = %(state)s, report = coalesce(%(report)s::jsonb, report), error = %(error)s, error_zh = %(error_zh)s,
  problems = %(problems)s::jsonb, stage = '', stop_wanted = false, changed_at = %(now)s
where id = %(id)s and state = 'importing';

-- name: drop_upload
-- The file is not wanted any more. Not while it is brought in.
update order_upload set state = case when state in ('done', 'refused') then state else 'dropped' end, removed_at = %(now)s,
  changed_at = %(now)s
where id = %(id)s and removed_at is null and state not in ('queued', 'importing');

-- name: old_uploads
-- Of those of which something lies on the disk: whose file, or rejects, have lain there for long enough.
select w.id from unnest(%(ids)s::bigint[]) as w (id)
where not exists (
  select from order_upload u
  where u.id = w.id and (u.changed_at >= %(before)s or u.state in ('looking', 'queued', 'importing')))
order by w.id;

-- name: own_mappings
-- How the files were read that have come in, the latest first: the next one like them is known.
select distinct on (mapping->>'mapping') mapping from order_upload
where state = 'done' and mapping is not null order by mapping->>'mapping', id desc limit 200;

-- name: brought
-- Every file that was brought in, by page or by command, the latest first.
select id, file, mapping, shop, lines, file_lines, orders + refunds + corrections + cancellations + itemised, duplicates, rejected, started_at,
  finished_at
from order_import where (%(before)s::bigint is null or id < %(before)s) order by id desc limit %(limit)s;

-- name: count_goods
-- A file says it now.
insert into goods_stock (place, day, sku, pieces, told_at, source)
select v.place, v.day, v.sku, v.pieces, %(now)s, 'file'
from unnest(%(places)s::text[], %(days)s::date[], %(skus)s::text[], %(pieces)s::bigint[])
  as v (place, day, sku, pieces)
on conflict (place, day, sku) do update set pieces = excluded.pieces, told_at = excluded.told_at,
  source = excluded.source, source_id = '';

-- name: held
-- The last count of each place.
select g.place, g.day, count(*), sum(g.pieces)::bigint, l.counts
from (select place, max(day) as day, count(distinct day) as counts from goods_stock group by place) l
join goods_stock g on g.place = l.place and g.day = l.day
group by g.place, g.day, l.counts order by g.place;

-- name: hear_goods
-- Counts told by a system: of several for one place, day and sku the latest by (time, source, id) holds.
insert into goods_stock as g (place, day, sku, pieces, told_at, source, source_id)
select * from unnest(%(places)s::text[], %(days)s::date[], %(skus)s::text[], %(pieces)s::bigint[],
  %(ats)s::timestamptz[], %(sources)s::text[], %(source_ids)s::text[])
on conflict (place, day, sku) do update set pieces = excluded.pieces, told_at = excluded.told_at,
  source = excluded.source, source_id = excluded.source_id
where (g.told_at, g.source, g.source_id) < (excluded.told_at, excluded.source, excluded.source_id);

-- name: know_sizes
-- Which size of which style a sku is: the latest word holds. Whether a style is discontinued stays as it was where
-- nobody says so.
insert into goods_variant as v (sku, style, size, title, discontinued, told_at, source, source_id)
select w.sku, w.style, w.size, w.title, coalesce(w.discontinued, false), w.told_at, w.source, w.source_id
from unnest(%(skus)s::text[], %(styles)s::text[], %(sizes)s::text[], %(titles)s::text[], %(discontinued)s::boolean[],
  %(ats)s::timestamptz[], %(sources)s::text[], %(source_ids)s::text[])
  as w (sku, style, size, title, discontinued, told_at, source, source_id)
on conflict (sku) do update set style = excluded.style, size = excluded.size,
  title = case when excluded.title = '' then v.title else excluded.title end, discontinued = excluded.discontinued,
  told_at = excluded.told_at, source = excluded.source, source_id = excluded.source_id
where (v.told_at, v.source, v.source_id) < (excluded.told_at, excluded.source, excluded.source_id);

-- name: places_of
-- Where there are counts of these skus.
select distinct place from goods_stock where sku = any(%(skus)s::text[]) order by place;

-- name: lock_sizes
-- Counts and invitations change what is left of sizes one after the other.
select pg_advisory_xact_lock(hashtextextended(current_schema() || ' sizes', 0));

-- name: try_sizes
-- For who holds rows that others want: these may hold the lock.
select pg_try_advisory_xact_lock(hashtextextended(current_schema() || ' sizes', 0));

-- name: unsize
delete from size_stock where place = any(%(places)s::text[]);

-- name: size_up
-- What these places have of each style and size by their last counts. All skus of one size are its pieces.
insert into size_stock (place, style, size, title, pieces, discontinued, sizes_left)
select s.place, s.style, s.size, s.title, s.pieces, bool_or(s.discontinued) over (partition by s.place, s.style),
  count(*) over (partition by s.place, s.style)
from (
  select g.place, v.style, v.size, max(v.title) as title, sum(g.pieces)::bigint as pieces,
    bool_or(v.discontinued) as discontinued
  from (select place, max(day) as day from goods_stock where place = any(%(places)s::text[]) group by place) l
  join goods_stock g on g.place = l.place and g.day = l.day and g.pieces > 0
  join goods_variant v on v.sku = g.sku
  group by g.place, v.style, v.size
) s;

-- name: sizes
-- Left by style and size, with who is invited now and who waits. A style is left over where it is discontinued or
-- has few sizes left.
select z.place, z.style, z.size, z.title, z.pieces, z.discontinued, z.sizes_left,
  z.discontinued or z.sizes_left <= %(few)s,
  (select count(*) from size_invitation i where i.state = 'invited' and i.until > %(now)s
    and (i.place, i.style, i.size) = (z.place, z.style, z.size))
from size_stock z
where (%(place)s = '' or z.place = %(place)s) and (%(style)s = '' or z.style = %(style)s)
  and (not %(left_over)s or z.discontinued or z.sizes_left <= %(few)s)
order by z.style, z.place, z.size limit %(limit)s;

-- name: ask_size
-- Somebody may be invited; decided at `draw_at`, together with all who wait for it.
insert into size_invitation (key, visit_id, customer_id, identity_id, state, size_tag, own_store, few, factor, lasts,
  draw_at, gives_up_at, changed_at)
select v.*, %(now)s
from (
  select unnest(%(keys)s::text[]), unnest(%(visits)s::bigint[]), unnest(%(customers)s::bigint[]),
    unnest(%(identities)s::bigint[]), 'waiting', unnest(%(tags)s::text[]), unnest(%(own)s::boolean[]),
    unnest(%(few)s::integer[]), unnest(%(factors)s::integer[]), unnest(%(lasts)s::bigint[]) * interval '1 second',
    unnest(%(draws)s::timestamptz[]), unnest(%(ends)s::timestamptz[])
) v
on conflict (key) do nothing;

-- name: waiting_sizes
-- Whose turn it is to be decided, with what they have spent, net, in the brand's currency: of visits under way alone
-- (reads journeys). A row that somebody else holds is just leaving, or of two who become one: nobody waits for it here.
select i.key, i.customer_id, i.factor,
  coalesce((select sum(o.total_minor - o.refunded_minor) from orders o
    where o.customer_id = i.customer_id and o.state = 'paid' and o.currency = (select currency from brand)), 0)::bigint
from size_invitation i
where i.state = 'waiting' and i.draw_at <= %(now)s and i.gives_up_at > %(now)s
  and exists (select from visit t where t.id = i.visit_id and t.state = 0)
order by i.key for update of i skip locked;

-- name: fitting_sizes
-- What fits whom of those: left-over sizes that a tag of theirs names, in any store or in that of a guide of theirs.
select distinct i.key, z.place, z.style, z.size, z.title, z.pieces
from size_invitation i
join tag t on t.customer_id = i.customer_id and starts_with(t.name, i.size_tag)
  and (t.until is null or t.until > %(now)s)
join size_stock z on z.size = substr(t.name, length(i.size_tag) + 1) and (z.discontinued or z.sizes_left <= i.few)
where i.key = any(%(keys)s::text[])
  and (not i.own_store or exists (
    select from friendship f join staff_member m on m.code = f.staff join store s on s.id = m.store_id
    where f.customer_id = i.customer_id and f.state = 'live' and s.code = z.place))
order by i.key, z.style, z.place, z.size;

-- name: bound_sizes
-- How many live invitations there are to each of these.
select i.place, i.style, i.size, count(*)
from size_invitation i
where i.state = 'invited' and i.until > %(now)s and i.style = any(%(styles)s::text[])
group by i.place, i.style, i.size;

-- name: decide_sizes
-- What was decided; who still waits is decided on again a day later.
update size_invitation i set state = v.state, reason = v.reason, place = v.place, style = v.style, size = v.size,
  title = v.title, rank = v.rank, changed_at = %(now)s,
  draw_at = case when v.state = 'waiting' then %(again)s else i.draw_at end,
  until = case when v.state = 'invited' then %(now)s + i.lasts end
from (
  select unnest(%(keys)s::text[]) as key, unnest(%(states)s::text[]) as state, unnest(%(reasons)s::text[]) as reason,
    unnest(%(places)s::text[]) as place, unnest(%(styles)s::text[]) as style, unnest(%(sizes)s::text[]) as size,
    unnest(%(titles)s::text[]) as title, unnest(%(ranks)s::integer[]) as rank
) v
where i.key = v.key;

-- name: size_answers
select key, state, reason, draw_at from size_invitation where key = any(%(keys)s::text[]);

-- name: leave_sizes
-- Who is not there any more waits for nothing. An invitation stays until its time is over: its piece may be sold. What
-- somebody else decides on right now is left to itself: of an ended visit it is not decided again.
delete from size_invitation where key in (
  select key from size_invitation where visit_id = any(%(visits)s::bigint[]) and state <> 'invited'
  for update skip locked
);

-- name: size_invitations
-- Who is invited, and who waits and why: the next to be decided first.
select i.key, i.visit_id, i.customer_id, i.state, i.reason, i.place, i.style, i.size, i.title, i.rank, i.draw_at,
  i.changed_at, i.until
from size_invitation i
where i.state = any(%(states)s::text[])
  and case when i.state = 'invited' then i.until > %(now)s else i.gives_up_at > %(now)s
    and exists (select from visit t where t.id = i.visit_id and t.state = 0) end
  and (%(style)s = '' or i.style = %(style)s)
order by i.state desc, i.rank, i.key limit %(limit)s;

-- name: snapshot
-- All that one sync reads is of one moment.
set transaction isolation level repeatable read;

-- name: reached
-- How far everything has been applied: events, merges, splits, and the latest customer.
select coalesce((select max(applied_seq) from event_applied), 0), coalesce((select max(id) from identity_merge), 0),
  coalesce((select max(id) from identity_split), 0), coalesce((select max(id) from customer), 0);

-- name: zone
select time_zone from brand;

-- name: owners
-- Whose rows are written: in a table, so that each statement behind it knows how many they are.
create temporary table lake_owner (owner bigint primary key) on commit drop;

-- name: changed
-- Who had an event since: the customer of its key as it is now, both sides of each merge and split, new customers (a
-- split of keys that nobody knew makes two), and the orders of guests, whose events have no customer. What belongs
-- to nobody (refunds before their order) may be somebody's by now: it is few, and always written anew.
insert into lake_owner
with late as materialized (
  select a.event_id, a.received_at, s.identity_id
  from event_applied a left join event_subject s on s.event_id = a.event_id
  where a.applied_seq > %(seq)s
), guests as materialized (
  select e.data::jsonb -> 'd' ->> 'shop' as shop, e.data::jsonb -> 'd' ->> 'order_no' as order_no
  from late l join event e on e.id = l.event_id and e.received_at = l.received_at
  where l.identity_id is null
)
select i.customer_id from late l join identity i on i.id = l.identity_id
union select loser from identity_merge where id > %(merges)s
union select winner from identity_merge where id > %(merges)s
union select before from identity_split where id > %(splits)s
union select after from identity_split where id > %(splits)s
union select id from customer where id > %(people)s
union select -o.id from guests g join orders o on o.shop = g.shop and o.order_no = g.order_no
union select 0;

-- name: everybody
-- The whole base, for a lake from scratch.
insert into lake_owner
select id from customer
union all select -id from orders where customer_id is null
union all select 0;

-- name: claimed
-- Any order of theirs may have been a guest's before, by a claim or as it was first told: what the lake has of it as a
-- guest's ends.
insert into lake_owner
select -o.id from lake_owner w join orders o on o.customer_id = w.owner
on conflict do nothing;

-- name: counted
select count(*) from lake_owner;

-- name: planned
-- A table that has just been filled is unknown to the planner.
analyze lake_owner;

-- name: owner
select owner from lake_owner;

-- name: customer
select c.id as owner, (c.created_at at time zone %(zone)s)::date as day,
  c.id, c.created_at, c.stage, c.synthetic, c.merged_into
from lake_owner w join customer c on c.id = w.owner;

-- name: orders
select w.owner, (o.paid_at at time zone %(zone)s)::date as day,
  o.id, o.customer_id, o.shop, o.state, o.paid_at, o.currency, o.total_minor, o.refunded_minor, o.synthetic
from lake_owner w join orders o on o.customer_id = w.owner
union all
select w.owner, (o.paid_at at time zone %(zone)s)::date,
  o.id, o.customer_id, o.shop, o.state, o.paid_at, o.currency, o.total_minor, o.refunded_minor, o.synthetic
from lake_owner w join orders o on o.id = -w.owner and o.customer_id is null;

-- name: order_item
with o as (
  select w.owner, o.id, o.paid_at from lake_owner w join orders o on o.customer_id = w.owner
  union all
  select w.owner, o.id, o.paid_at from lake_owner w join orders o on o.id = -w.owner and o.customer_id is null
)
select o.owner, (o.paid_at at time zone %(zone)s)::date as day,
  i.order_id, i.line, i.sku, i.category, i.quantity, i.unit_minor, i.amount_minor
from o join order_item i on i.order_id = o.id;

-- name: refund
-- A refund belongs to whoever its order belongs to; one that takes from no order to its customer, if any.
with r as (
  select w.owner, o.id from lake_owner w join orders o on o.customer_id = w.owner
  union all
  select w.owner, o.id from lake_owner w join orders o on o.id = -w.owner and o.customer_id is null
)
select r.owner, (f.refunded_at at time zone %(zone)s)::date as day,
  f.id, f.order_id, f.customer_id, f.shop, f.refund_no, f.sku, f.quantity, f.amount_minor, f.currency, f.refunded_at, f.whole
from r join refund f on f.order_id = r.id
union all
select w.owner, (f.refunded_at at time zone %(zone)s)::date,
  f.id, f.order_id, f.customer_id, f.shop, f.refund_no, f.sku, f.quantity, f.amount_minor, f.currency, f.refunded_at, f.whole
from lake_owner w join refund f on f.customer_id = w.owner and f.order_id is null
union all
select w.owner, (f.refunded_at at time zone %(zone)s)::date,
  f.id, f.order_id, f.customer_id, f.shop, f.refund_no, f.sku, f.quantity, f.amount_minor, f.currency, f.refunded_at, f.whole
from lake_owner w join refund f on w.owner = 0 and f.customer_id is null and f.order_id is null;

-- name: friendship
select w.owner, (coalesce(f.first_added_at, f.changed_at) at time zone %(zone)s)::date as day,
  f.customer_id, f.staff, f.carrier, f.state, f.way, f.first_added_at, f.added_at, f.deleted_at
from lake_owner w join friendship f on f.customer_id = w.owner;

-- name: tag
select w.owner, (t.tagged_at at time zone %(zone)s)::date as day, t.customer_id, t.name, t.source, t.tagged_at
from lake_owner w join tag t on t.customer_id = w.owner;

-- name: consent
select w.owner, (c.changed_at at time zone %(zone)s)::date as day,
  c.customer_id, c.channel, c.purpose, c.state, c.changed_at
from lake_owner w join consent c on c.customer_id = w.owner;

-- name: correction
-- Few, and nobody's: always all of them.
select 0 as owner, (c.corrected_at at time zone %(zone)s)::date as day,
  c.shop, c.amount_minor, c.currency, c.corrected_at, c.lines
from correction c;

-- name: goods_cost
-- What goods cost is nobody's: always all of it.
select 0 as owner, valid_from as day, sku, currency, valid_from, unit_minor from goods_cost;

-- name: goods_share
select 0 as owner, valid_from as day, category, valid_from, basis_points from goods_share;

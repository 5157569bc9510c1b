-- name: snapshot
-- All that one sync reads is of one moment.
set transaction isolation level repeatable read;

-- name: whole
-- The engine's connections go by keys only; a sync may read whole tables, and sort in memory.
set local enable_seqscan = on;
set local work_mem = '64MB';

-- name: reached
-- How far everything has been applied: events, merges, splits, and the latest customer.
select coalesce((select max(applied_seq) from event_applied), 0), coalesce((select max(id) from identity_merge), 0),
  coalesce((select max(id) from identity_split), 0), coalesce((select max(id) from customer), 0);

-- name: zone
select time_zone from brand;

-- name: followed
-- What this database knows of a lake. None where it was written by another database, or by this one before it was
-- restored: then the row is not by whom it says, or of an earlier version than the files.
select 1 from lake
where id = %(id)s and xmin::text::bigint = by_xid::text::bigint %% 4294967296
  and version >= %(version)s and since <= %(since)s::text::xid8;

-- name: follow
-- A new lake. From now on news are kept for it.
insert into lake (id, version, since, by_xid, synced_at)
values (%(id)s, 0, pg_snapshot_xmin(pg_current_snapshot()), pg_current_xact_id(), %(real)s);

-- name: coming
-- Before any file of it is in force.
update lake set version = %(version)s, by_xid = pg_current_xact_id() where id = %(id)s;

-- name: moment
-- Whose news may be missing in this snapshot: whoever had not committed, the oldest of them.
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint;

-- name: news
select from lake_news where xid >= %(since)s::text::xid8 limit 1;

-- name: taken
-- The files are in force.
update lake set since = %(since)s::text::xid8, synced_at = %(real)s, by_xid = pg_current_xact_id() where id = %(id)s;

-- name: replaced
delete from lake where id = %(id)s;

-- name: forgotten
-- All of them where there are too many news: it is quicker to begin anew.
delete from lake where synced_at < %(silent)s or (select count(*) from lake_news) > %(most)s;

-- name: pruned
-- News that every lake has. A lake that begins meanwhile reads after them.
delete from lake_news where xid < coalesce(
  (select since from lake order by since limit 1), pg_snapshot_xmin(pg_current_snapshot()));

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
union select unnest(owners) from lake_news where xid >= %(since)s::text::xid8
union select 0;

-- name: everybody
-- The whole base, for a lake from scratch, or a table that is new in it.
insert into lake_owner
select id from customer
union all select -id from orders where customer_id is null
union all select -(%(parcels)s + parcel_id) from parcel_decision where customer_id is null
union all select -(%(entries)s + id) from ledger_entry where customer_id is null
union all select 0
on conflict do nothing;

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

-- name: side_by_side
-- The tables of events lie in the order of their numbers: walked side by side, a million of them cost 1.5 s of CPU,
-- hashed 3.1.
set local enable_hashjoin = off;

-- name: any_way
set local enable_hashjoin = on;

-- name: between
-- Where a part of the events lies, by number and by time.
select min(event_id), max(event_id), min(received_at), max(received_at) from event_applied
where applied_seq > %(after)s and applied_seq <= %(upto)s;

-- name: heard
-- Events as they were applied, a part of them. Where it lies (see `between`) is said of each table by itself: the
-- planner would not carry it from one to the other. That `received_at` is the same as well it must not be told: it
-- takes the two for independent, and expects a thousandth of the rows.
select (e.occurred_at at time zone %(zone)s)::date as filed, e.id, s.identity_id, e.kind, e.occurred_at, e.data
from event_applied a join event e on e.id = a.event_id
left join event_subject s on s.event_id = a.event_id and s.event_id between %(low)s and %(high)s
where a.applied_seq > %(after)s and a.applied_seq <= %(upto)s
  and e.id between %(low)s and %(high)s and e.received_at between %(first)s and %(last)s;

-- name: customer
select c.id as owner, (c.created_at at time zone %(zone)s)::date as filed,
  c.id, c.created_at, c.stage, c.synthetic, c.merged_into
from lake_owner w join customer c on c.id = w.owner;

-- name: orders
select w.owner, (o.paid_at at time zone %(zone)s)::date as filed,
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
select o.owner, (o.paid_at at time zone %(zone)s)::date as filed,
  i.order_id, i.line, i.sku, i.category, i.quantity, i.unit_minor, i.amount_minor
from o join order_item i on i.order_id = o.id;

-- name: refund
-- A refund belongs to whoever its order belongs to; one that takes from no order to its customer, if any.
with r as (
  select w.owner, o.id from lake_owner w join orders o on o.customer_id = w.owner
  union all
  select w.owner, o.id from lake_owner w join orders o on o.id = -w.owner and o.customer_id is null
)
select r.owner, (f.refunded_at at time zone %(zone)s)::date as filed,
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
select w.owner, (coalesce(f.first_added_at, f.changed_at) at time zone %(zone)s)::date as filed,
  f.customer_id, f.staff, f.carrier, f.state, f.way, f.first_added_at, f.added_at, f.deleted_at
from lake_owner w join friendship f on f.customer_id = w.owner;

-- name: tag
select w.owner, (t.tagged_at at time zone %(zone)s)::date as filed, t.customer_id, t.name, t.source, t.tagged_at,
  t.confidence, t.until
from lake_owner w join tag t on t.customer_id = w.owner;

-- name: consent
select w.owner, (c.changed_at at time zone %(zone)s)::date as filed,
  c.customer_id, c.channel, c.purpose, c.state, c.changed_at
from lake_owner w join consent c on c.customer_id = w.owner;

-- name: correction
-- Few, and nobody's: always all of them.
select 0 as owner, (c.corrected_at at time zone %(zone)s)::date as filed,
  c.shop, c.amount_minor, c.currency, c.corrected_at, c.lines
from correction c;

-- name: identity
select w.owner, (i.created_at at time zone %(zone)s)::date as filed, i.id, i.customer_id, i.kind, i.created_at
from lake_owner w join identity i on i.customer_id = w.owner;

-- name: customer_date
select w.owner, (d.changed_at at time zone %(zone)s)::date as filed,
  d.customer_id, d.name, d.calendar, d.month, d.day
from lake_owner w join customer_date d on d.customer_id = w.owner;

-- name: customer_child
select w.owner, (c.told_at at time zone %(zone)s)::date as filed, c.customer_id, c.child, c.month
from lake_owner w join customer_child c on c.customer_id = w.owner;

-- name: child_consent
select w.owner, (c.changed_at at time zone %(zone)s)::date as filed, c.customer_id, c.state
from lake_owner w join child_consent c on c.customer_id = w.owner;

-- name: group_member
select w.owner, (coalesce(g.joined_at, g.left_at) at time zone %(zone)s)::date as filed,
  g.customer_id, g.carrier, g.chat, g.joined_at, g.left_at, g.way, g.purpose
from lake_owner w join group_member g on g.customer_id = w.owner;

-- name: complaint
select w.owner, (coalesce(g.opened_at, g.closed_at) at time zone %(zone)s)::date as filed,
  g.customer_id, g.complaint, g.shop, g.opened_at, g.closed_at, g.open
from lake_owner w join complaint g on g.customer_id = w.owner;

-- name: promise
select w.owner, (p.promised_at at time zone %(zone)s)::date as filed,
  p.id, p.customer_id, p.offer, p.kind, p.shop, p.state, p.promised_at, p.expires_at, p.changed_at
from lake_owner w join promise p on p.customer_id = w.owner;

-- name: touch
select w.owner, (t.wished_at at time zone %(zone)s)::date as filed,
  t.id, t.customer_id, t.visit_id, t.journey, t.step, t.channel, t.purpose, t.shop, t.material,
  t.material_version, t.variant, t.state, t.reason, t.wished_at, t.sent_at, t.clicked_at, t.finished_at, t.outcome, t.intent, t.staff
from lake_owner w join touch t on t.customer_id = w.owner;

-- name: ledger_entry
-- A cost of no customer is its own owner.
select w.owner, (e.occurred_at at time zone %(zone)s)::date as filed,
  e.id, e.customer_id, e.cause, e.kind, e.journey, e.step, e.shop, e.variant, e.quantity, e.amount_minor, e.currency, e.occurred_at
from lake_owner w join ledger_entry e on e.customer_id = w.owner
union all
select w.owner, (e.occurred_at at time zone %(zone)s)::date,
  e.id, e.customer_id, e.cause, e.kind, e.journey, e.step, e.shop, e.variant, e.quantity, e.amount_minor, e.currency, e.occurred_at
from lake_owner w join ledger_entry e on e.id = -w.owner - %(entries)s and e.customer_id is null;

-- name: visit
select w.owner, (v.entered_at at time zone %(zone)s)::date as filed,
  v.id, v.journey_id, v.customer_id, v.shop, v.state, v.entered_at, v.ended_at, v.outcome, v.held_out
from lake_owner w join visit v on v.customer_id = w.owner;

-- name: holdout
select w.owner, (h.assigned_at at time zone %(zone)s)::date as filed,
  h.scope, h.customer_id, h.held, h.probability, h.assigned_at
from lake_owner w join holdout h on h.customer_id = w.owner;

-- name: friend_match
select w.owner, (m.added_at at time zone %(zone)s)::date as filed,
  m.customer_id, m.matched, m.how, m.step, m.source, m.journey, m.added_at
from lake_owner w join friend_match m on m.customer_id = w.owner;

-- name: task
select w.owner, (t.created_at at time zone %(zone)s)::date as filed,
  t.id, t.touch_id, t.customer_id, t.kind, t.staff, t.shop, t.state, t.outcome, t.minutes,
  t.created_at, t.due_at, t.done_at
from lake_owner w join task t on t.customer_id = w.owner;

-- name: parcel_decision
-- A parcel of no customer is its own owner.
select w.owner, (d.frozen_at at time zone %(zone)s)::date as filed,
  d.parcel_id, d.customer_id, d.shop, d.source, d.content, d.reason, d.frozen_at
from lake_owner w join parcel_decision d on d.customer_id = w.owner
union all
select w.owner, (d.frozen_at at time zone %(zone)s)::date,
  d.parcel_id, d.customer_id, d.shop, d.source, d.content, d.reason, d.frozen_at
from lake_owner w join parcel_decision d on d.parcel_id = -w.owner - %(parcels)s and d.customer_id is null;

-- name: brand
-- This one and the rest are nobody's, few, and always written whole. What has no time lies in one month.
select 0 as owner, date '1970-01-01' as filed, one, currency, time_zone from brand;

-- name: journey
select 0 as owner, date '1970-01-01' as filed, id, code from journey;

-- name: staff_member
-- No names.
select 0 as owner, date '1970-01-01' as filed, code, role, store_id, active from staff_member;

-- name: store
select 0 as owner, date '1970-01-01' as filed, id, code, region from store;

-- name: goods_cost
-- What goods cost is nobody's: always all of it.
select 0 as owner, valid_from as filed, sku, currency, valid_from, unit_minor from goods_cost;

-- name: goods_share
select 0 as owner, valid_from as filed, category, valid_from, basis_points from goods_share;

-- name: size_stock
-- What lies in stores now.
select 0 as owner, date '1970-01-01' as filed, place, style, size, pieces, discontinued, sizes_left from size_stock;

-- name: paid_to
-- Orders that were paid in a chat: few.
select 0 as owner, date '1970-01-01' as filed, order_id, staff from paid_to;

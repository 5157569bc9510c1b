-- name: lock
-- Segments are changed one after the other: whoever looks for circles sees all the others as they stay.
select pg_advisory_xact_lock(hashtextextended(current_schema() || ' segments', 0));

-- name: all
-- Every segment as it stands, retired ones too: a brand has some hundred.
select s.id, s.code, s.version, s.layer, s.live, v.text, v.set_by, v.set_at, v.made, s.retired_at,
  l.segment_id is not null, l.after, l.upto, l.due_at is not null
from segment s
join segment_version v on v.segment_id = s.id and v.version = s.version
left join segment_live l on l.segment_id = s.id
order by s.code;

-- name: versions
select v.version, v.text, v.set_by, v.set_at, v.note
from segment s join segment_version v on v.segment_id = s.id
where s.code = %(code)s order by v.version;

-- name: set
-- The next version of a segment, or its first. One that was retired is there again.
with s as (
  insert into segment as s (code, version, layer, live) values (%(code)s, 1, %(layer)s, %(live)s)
  on conflict (code) do update set version = s.version + 1, layer = excluded.layer, live = excluded.live,
    retired_at = null
  returning id, version
)
insert into segment_version (segment_id, version, text, set_by, set_at, note, made)
select id, version, %(text)s, %(by)s, %(now)s, %(note)s, %(made)s from s
returning segment_id, version;

-- name: retire
update segment set retired_at = %(now)s where code = %(code)s;

-- name: uses
-- What needs the members of which segment.
select s.code, u.used_by from segment_use u join segment s on s.id = u.segment_id order by 1, 2;

-- name: here
-- Which of the segments whose members are kept somebody is in.
select segment_id, since from segment_member where customer_id = %(customer)s and since is not null;

-- name: use
-- One user's needs as they are from now on.
with gone as (
  delete from segment_use where used_by = %(by)s and segment_id <> all(%(segments)s::bigint[])
)
insert into segment_use (segment_id, used_by) select unnest(%(segments)s::bigint[]), %(by)s order by 1
on conflict do nothing;

-- name: uses_of
select segment_id from segment_use where used_by = %(by)s;

-- name: idle
-- What is neither marked live nor used any more.
delete from segment_live l
where not exists (select from segment s where s.id = l.segment_id and s.live)
  and not exists (select from segment_use u where u.segment_id = l.segment_id)
returning segment_id;

-- name: unwatch
-- Of these alone members are kept.
delete from segment_live where segment_id <> all(%(segments)s::bigint[]) returning segment_id;

-- name: forget
delete from segment_member where segment_id = any(%(segments)s::bigint[]);

-- name: watch
-- One that is new, or says something else than before, is looked at from the beginning; who was in it stays until then.
insert into segment_live as l (segment_id, said, after, upto, swept, due_at)
select segment_id, said, 0, (select coalesce(max(id), 0) from customer), swept, %(now)s
from unnest(%(segments)s::bigint[], %(said)s::text[], %(swept)s::boolean[]) as n (segment_id, said, swept)
order by segment_id
on conflict (segment_id) do update set said = excluded.said, after = 0, upto = excluded.upto, swept = excluded.swept,
  due_at = excluded.due_at
where l.said <> excluded.said;

-- name: bought
-- Orders as the predicate `orders` counts them: with a thing in it, more of it bought than given back (reads commerce).
select count(*), max(o.paid_at),
  (array_agg(o.total_minor - o.refunded_minor order by o.paid_at desc, o.id desc))[1],
  (array_agg(o.currency order by o.paid_at desc, o.id desc))[1]
from orders o
where o.customer_id = %(customer)s and o.state = %(state)s and o.shop = coalesce(%(shop)s::text, o.shop)
  and o.currency = coalesce(%(currency)s::text, o.currency)
  and (%(since)s::timestamptz is null or o.paid_at > %(since)s::timestamptz)
  and (%(until)s::timestamptz is null or o.paid_at <= %(until)s::timestamptz)
  and (%(sku)s::text is null and %(category)s::text is null or (
    select coalesce(sum(i.quantity), 0) > case when o.state = 'paid' then (
      select coalesce(sum(r.quantity), 0) from refund r where r.order_id = o.id and r.sku in (
        select x.sku from order_item x where x.order_id = o.id
          and (%(sku)s::text is null or x.sku = %(sku)s::text)
          and (%(category)s::text is null or x.category = %(category)s::text))) else -1 end
      and count(*) > 0
    from order_item i where i.order_id = o.id and (%(sku)s::text is null or i.sku = %(sku)s::text)
      and (%(category)s::text is null or i.category = %(category)s::text)));

-- name: spent
-- What was paid and given back, as the predicate `spent` adds it up: of whole orders, or of their lines with a thing.
select count(distinct order_id), coalesce(sum(minor), 0)::bigint
from (
  select o.id, o.paid_at, o.shop, o.currency, o.total_minor - o.refunded_minor from orders o
  where o.customer_id = %(customer)s and o.state = 'paid' and %(sku)s::text is null and %(category)s::text is null
  union all
  select o.id, o.paid_at, o.shop, o.currency, i.amount_minor from orders o join order_item i on i.order_id = o.id
  where o.customer_id = %(customer)s and o.state = 'paid' and (i.sku = %(sku)s::text or i.category = %(category)s::text)
    and i.sku = coalesce(%(sku)s::text, i.sku) and i.category = coalesce(%(category)s::text, i.category)
  union all
  select null, o.paid_at, o.shop, o.currency, -r.amount_minor
  from orders o join refund r on r.order_id = o.id and r.currency = o.currency
  where o.customer_id = %(customer)s and o.state = 'paid' and not r.whole and r.sku <> ''
    and r.sku = coalesce(%(sku)s::text, r.sku) and (%(sku)s::text is not null or %(category)s::text is not null)
    and (%(category)s::text is null or exists (select from order_item i
      where i.order_id = o.id and i.sku = r.sku and i.category = %(category)s::text))
  union all
  select null, r.refunded_at, r.shop, r.currency, -r.amount_minor from refund r
  where r.customer_id = %(customer)s and r.order_id is null and not r.whole
    and r.sku = coalesce(%(sku)s::text, r.sku) and %(category)s::text is null
) p (order_id, at, shop, currency, minor)
where currency = %(currency)s and shop = coalesce(%(shop)s::text, shop)
  and (%(since)s::timestamptz is null or at > %(since)s::timestamptz)
  and (%(until)s::timestamptz is null or at <= %(until)s::timestamptz);

-- name: friend
-- The friendship that says most: one that lives, else the last one that did.
select staff, state, first_added_at, deleted_at, (count(*) filter (where state = 'live') over ())
from friendship where customer_id = %(customer)s and staff = coalesce(%(staff)s::text, staff)
order by state = 'live' desc, deleted_at desc nulls last, first_added_at desc limit 1;

-- name: tagged
select name, source, tagged_at, confidence, until from tag
where customer_id = %(customer)s and not over and (name = any(%(names)s::text[]) or starts_with(name, %(prefix)s::text))
  and source = coalesce(%(source)s::text, source)
order by tagged_at limit 1;

-- name: allowed
-- The latest word; given and withdrawn in the same moment is withdrawn.
select state, changed_at from consent
where customer_id = %(customer)s and channel = %(channel)s and purpose = %(purpose)s
order by changed_at desc, state desc limit 1;

-- name: profile
select stage, synthetic from customer where id = %(customer)s;

-- name: everybody
-- A page of customers, in id order.
select id from customer where id > %(after)s and merged_into is null order by id limit %(limit)s;

-- name: furthest_behind
-- Up to whom the first look has come that has the longest way to go; null: there is none.
select min(after) from segment_live where due_at is not null;

-- name: any_live
select from segment_live limit 1;

-- name: hold
-- Events, time and the first look settle memberships one after the other: each sees what the others have written.
select pg_advisory_xact_lock(hashtextextended(current_schema() || ' segment members', 0));

-- name: live
select segment_id, said, after, upto, due_at is not null from segment_live order by segment_id;

-- name: members
-- Of the customers of a batch: the index by customer.
select segment_id, customer_id, since, recheck_at from segment_member where customer_id = any(%(customers)s::bigint[]);

-- name: keep_members
insert into segment_member (segment_id, customer_id, since, recheck_at)
select segment_id, customer_id, since, recheck_at
from unnest(%(segments)s::bigint[], %(customers)s::bigint[], %(since)s::timestamptz[], %(rechecks)s::timestamptz[])
  as n (segment_id, customer_id, since, recheck_at)
order by 1, 2
on conflict (segment_id, customer_id) do update set since = excluded.since, recheck_at = excluded.recheck_at;

-- name: forget_members
delete from segment_member m
using unnest(%(segments)s::bigint[], %(customers)s::bigint[]) as n (segment_id, customer_id)
where m.segment_id = n.segment_id and m.customer_id = n.customer_id;

-- name: first_key
-- One key of each customer, by which a fact of our own finds them again; one that only points there is the last choice
-- (reads identities).
select distinct on (customer_id) customer_id, kind, hash from identity
where customer_id = any(%(customers)s::bigint[])
order by customer_id, kind = any(%(pointers)s::text[]), id;

-- name: whose
-- Whose an order or a touch is that an event names (reads commerce and the outbox).
select n.event_id, o.customer_id
from unnest(%(order_events)s::bigint[], %(shops)s::text[], %(order_nos)s::text[]) as n (event_id, shop, order_no)
join orders o on o.shop = n.shop and o.order_no = n.order_no
where o.customer_id is not null
union all
select n.event_id, t.customer_id
from unnest(%(touch_events)s::bigint[], %(touches)s::bigint[]) as n (event_id, touch_id) join touch t on t.id = n.touch_id
where t.customer_id is not null;

-- name: unite_members
-- Whoever one of two was in a segment as, the survivor is: they do not come in anew.
with gone as (
  delete from segment_member m using unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as n (loser, winner)
  where m.customer_id = n.loser
  returning m.segment_id, n.winner, m.since, m.recheck_at
)
insert into segment_member as m (segment_id, customer_id, since, recheck_at)
select segment_id, winner, min(since), min(recheck_at) from gone group by segment_id, winner order by 1, 2
on conflict (segment_id, customer_id) do update set
  since = least(m.since, excluded.since), recheck_at = least(m.recheck_at, excluded.recheck_at);

-- name: part_members
-- Both stay in the segments in which they were as one: nobody comes in anew by being told apart.
insert into segment_member as m (segment_id, customer_id, since, recheck_at)
select b.segment_id, v.after, min(b.since), min(b.recheck_at)
from unnest(%(befores)s::bigint[], %(afters)s::bigint[]) as v (before, after)
join segment_member b on b.customer_id = v.before
group by b.segment_id, v.after order by 1, 2
on conflict (segment_id, customer_id) do update set since = coalesce(m.since, excluded.since);

-- name: rechecks
-- Whom time may have moved, the earliest first.
select customer_id, min(recheck_at)
from (select customer_id, recheck_at from segment_member where recheck_at <= %(now)s
  order by recheck_at limit %(limit)s) m
group by customer_id;

-- name: news
-- Whose facts sweeps have changed, the earliest first; the number names the look.
select customer_id, max(id) from (select id, customer_id from segment_news order by id limit %(limit)s) n
group by customer_id;

-- name: add_news
-- Where no live segment reads what sweeps change, nobody asks.
insert into segment_news (customer_id)
select customer_id from unnest(%(customers)s::bigint[]) as n (customer_id)
where exists (select from segment_live where swept) order by 1;

-- name: forget_news
-- Before these are looked at: what is committed later is there for the next look.
delete from segment_news where customer_id = any(%(customers)s::bigint[]);

-- name: clear_news
delete from segment_news;

-- name: fill_on
update segment_live set after = %(after)s, due_at = case when %(done)s then null else due_at end
where segment_id = any(%(segments)s::bigint[]);

-- name: counted
-- How many are in each live segment, by the index of its members.
select segment_id, count(*) from segment_member where since is not null group by segment_id;

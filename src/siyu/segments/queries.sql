-- name: lock
-- Segments are changed one after the other: whoever looks for circles sees all the others as they stay.
select pg_advisory_xact_lock(hashtextextended('siyu segments', 0));

-- name: all
-- Every segment as it stands, retired ones too: a brand has some hundred.
select s.id, s.code, s.version, s.layer, s.live, v.text, v.set_by, v.set_at, s.retired_at, l.segment_id is not null,
  l.after, l.upto, l.due_at is not null
from segment s
join segment_version v on v.segment_id = s.id and v.version = s.version
left join segment_live l on l.segment_id = s.id
order by s.code;

-- name: versions
select v.version, v.text, v.set_by, v.set_at
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
insert into segment_version (segment_id, version, text, set_by, set_at)
select id, version, %(text)s, %(by)s, %(now)s from s
returning segment_id, version;

-- name: retire
update segment set retired_at = %(now)s where code = %(code)s;

-- name: uses
-- What needs the members of which segment.
select s.code, u.used_by from segment_use u join segment s on s.id = u.segment_id order by 1, 2;

-- name: use
-- One user's needs as they are from now on.
with gone as (
  delete from segment_use where used_by = %(by)s and segment_id <> all(%(segments)s::bigint[])
)
insert into segment_use (segment_id, used_by) select unnest(%(segments)s::bigint[]), %(by)s order by 1
on conflict do nothing;

-- name: unwatch
-- Of these alone members are kept.
delete from segment_live where segment_id <> all(%(segments)s::bigint[]) returning segment_id;

-- name: forget
delete from segment_member where segment_id = any(%(segments)s::bigint[]);

-- name: watch
-- One that is new, or says something else than before, is looked at from the beginning; who was in it stays until then.
insert into segment_live as l (segment_id, said, after, upto, due_at)
select segment_id, said, 0, (select coalesce(max(id), 0) from customer), %(now)s
from unnest(%(segments)s::bigint[], %(said)s::text[]) as n (segment_id, said)
order by segment_id
on conflict (segment_id) do update set said = excluded.said, after = 0, upto = excluded.upto, due_at = excluded.due_at
where l.said <> excluded.said;

-- name: bought
-- Orders as the predicate `orders` counts them: with a thing in it, more of it bought than given back (reads commerce).
select count(*), max(o.paid_at),
  (array_agg(o.total_minor - o.refunded_minor order by o.paid_at desc, o.id desc))[1],
  (array_agg(o.currency order by o.paid_at desc, o.id desc))[1]
from orders o
where o.customer_id = %(customer)s and o.state = %(state)s and o.shop = coalesce(%(shop)s::text, o.shop)
  and (%(since)s::timestamptz is null or o.paid_at > %(since)s::timestamptz and o.paid_at <= %(now)s::timestamptz)
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
select count(*), coalesce(sum(total_minor - refunded_minor), 0)::bigint from orders
where customer_id = %(customer)s and state = 'paid' and currency = %(currency)s and shop = coalesce(%(shop)s::text, shop)
  and (%(since)s::timestamptz is null or paid_at > %(since)s::timestamptz and paid_at <= %(now)s::timestamptz);

-- name: friend
-- The friendship that says most: one that lives, else the last one that did.
select staff, state, first_added_at, deleted_at, (count(*) filter (where state = 'live') over ())
from friendship where customer_id = %(customer)s
order by state = 'live' desc, deleted_at desc nulls last, first_added_at desc limit 1;

-- name: tagged
select source, tagged_at from tag where customer_id = %(customer)s and name = %(name)s order by tagged_at limit 1;

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

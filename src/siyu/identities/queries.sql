-- name: find
-- What is known of these keys. A pointer registered while its customer was being merged still names the one
-- that went: the chain of merges leads to the one that stays, however long it is.
with recursive found as materialized (
  select i.id, i.kind, i.hash, i.customer_id, i.used_by
  from unnest(%(kinds)b::text[], %(hashes)b::bytea[]) as w (kind, hash)
  join identity i on i.kind = w.kind and i.hash = w.hash
), chain (first, customer_id) as (
  select distinct customer_id, customer_id from found
  union
  select c.first, m.winner from chain c join identity_merge m on m.loser = c.customer_id
)
select f.id, f.kind, f.hash, c.customer_id, f.used_by, f.customer_id
from found f
join chain c on c.first = f.customer_id
where not exists (select from identity_merge m where m.loser = c.customer_id);

-- name: new_customers
-- Ids in the order in which they are given out.
select nextval('customer_id_seq') from generate_series(1, %(count)s);

-- name: add
-- In key order. A pointer that another room registered a moment ago stays as it is.
insert into identity as i (kind, hash, customer_id, how, event_id, created_at)
select w.kind, w.hash, w.customer_id, w.how, w.event_id, %(now)s
from unnest(%(kinds)b::text[], %(hashes)b::bytea[], %(customers)s::bigint[], %(hows)b::text[],
  %(events)s::bigint[]) as w (kind, hash, customer_id, how, event_id)
order by w.kind, w.hash
on conflict (kind, hash) do update set customer_id = i.customer_id
returning i.kind, i.hash, i.id;

-- name: use
-- Once used, for good: a second account scans the code in vain.
update identity i set used_by = w.used_by
from unnest(%(ids)s::bigint[], %(used_by)s::bigint[]) as w (id, used_by)
where i.id = w.id and i.used_by is null;

-- name: hand_over
-- All keys of the customers that went, and the single ones that were registered late.
update identity i set customer_id = w.winner
from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as w (loser, winner)
where i.customer_id = w.loser;

-- name: record_merges
-- History, and the way from a dead id to the living one.
insert into identity_merge (loser, winner, event_id, merged_at)
select w.loser, w.winner, w.event_id, %(now)s
from unnest(%(losers)s::bigint[], %(winners)s::bigint[], %(events)s::bigint[])
  as w (loser, winner, event_id);

-- name: set_subjects
-- The key that each fact came by; an event applied again (a replay) keeps its first.
insert into event_subject (event_id, identity_id)
select * from unnest(%(events)s::bigint[], %(identities)s::bigint[]) as w (event_id, identity_id)
order by w.event_id
on conflict (event_id) do nothing;

-- name: register
-- A pointer leads to one customer, for good: registering it again changes nothing.
insert into identity (kind, hash, customer_id, how, created_at)
select w.kind, w.hash, w.customer_id, w.how, %(now)s
from unnest(%(kinds)b::text[], %(hashes)b::bytea[], %(customers)s::bigint[], %(hows)b::text[])
  as w (kind, hash, customer_id, how)
order by w.kind, w.hash
on conflict (kind, hash) do nothing;

-- name: mark
-- Wrong since the first report that still stands; null: a later report took it back.
with mine as (
  select i.id, w.since from unnest(%(ids)s::bigint[], %(sinces)s::timestamptz[]) as w (id, since)
  join identity i on i.id = w.id order by i.id for update of i)
update identity i set wrong_since = mine.since from mine where i.id = mine.id;

-- name: reach
-- The newest first: a new phone is likelier to be answered than an old one; never one that is a stranger's.
select customer_id, id, hash from identity
where customer_id = any(%(customers)s::bigint[]) and kind = %(kind)s and wrong_since is null
order by customer_id, created_at desc, id desc;

-- name: kinds
-- Whether there is a way at all, not which: so many pointers of one customer are a row or none.
select distinct customer_id, kind from identity
where customer_id = any(%(customers)s::bigint[]) and kind = any(%(kinds)s::text[]) and wrong_since is null;

-- name: of_customer
-- In the order in which they became known.
select id, kind, hash, how, event_id, created_at, used_by, wrong_since from identity
where customer_id = %(customer_id)s order by id;

-- name: hashes
-- Vault subjects of identities.
select id, hash from identity where id = any(%(ids)s::bigint[]);

-- name: survivors
-- Follows merges to the end.
with recursive chain (first, customer_id) as (
  select distinct id, id from unnest(%(ids)s::bigint[]) as w (id)
  union
  select c.first, m.winner from chain c join identity_merge m on m.loser = c.customer_id
)
select c.first, c.customer_id from chain c
where not exists (select from identity_merge m where m.loser = c.customer_id);

-- name: of_events
-- Whom facts are about today; those without a key are about nobody.
select s.event_id, i.customer_id from event_subject s join identity i on i.id = s.identity_id
where s.event_id = any(%(events)s::bigint[]);

-- name: find
-- What is known of these keys. A pointer registered while its customer was being merged still names the one
-- that went: the chain of merges leads to the one that stays, however long it is.
with recursive found as materialized (
  select i.id, i.kind, i.hash, i.customer_id, i.used_by
  from unnest(%(kinds)s::text[], %(hashes)b::bytea[]) as w (kind, hash)
  join identity i on i.kind = w.kind and i.hash = w.hash
), chain (first, customer_id) as (
  select distinct customer_id, customer_id from found
  union
  select c.first, m.winner from chain c
  join identity_merge m on m.loser = c.customer_id and m.undone_by is null
)
-- Who was ever split from another: looked up only where anybody was.
select f.id, f.kind, f.hash, c.customer_id, f.used_by, f.customer_id,
  case when (select exists (select from identity_knot))
    then (select k.knot from identity_knot k where k.customer_id = c.customer_id) end
from found f
join chain c on c.first = f.customer_id
where not exists (select from identity_merge m where m.loser = c.customer_id and m.undone_by is null);

-- name: give_out
-- Ids of new customers and of new keys, each in the order in which they are given out.
select (select array_agg(nextval('customer_id_seq')) from generate_series(1, %(customers)s)),
  (select array_agg(nextval('identity_id_seq')) from generate_series(1, %(identities)s));

-- name: add
-- In key order. Nothing can conflict: only the one applier adds keys, and other rooms register none but states,
-- which events never add.
insert into identity (id, kind, hash, customer_id, first_customer_id, how, event_id, created_at)
overriding system value
select w.id, w.kind, w.hash, w.customer_id, w.customer_id, w.how, w.event_id, %(now)s
from (
  select unnest(%(ids)s::bigint[]) as id, unnest(%(kinds)s::text[]) as kind,
    unnest(%(hashes)b::bytea[]) as hash, unnest(%(customers)s::bigint[]) as customer_id,
    unnest(%(hows)s::text[]) as how, unnest(%(events)s::bigint[]) as event_id
) as w
order by w.kind, w.hash;

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

-- name: copy_subjects
-- The key that each fact came by. A fact is applied once. COPY writes a page at a time into the log, where an
-- insert writes each row under a head of its own: as long again as a row like this.
copy event_subject (event_id, identity_id) from stdin;

-- name: register
-- A pointer leads to one customer, for good: registering it again changes nothing.
-- It goes with the order that it was issued for: so a split knows whose it is.
insert into identity (kind, hash, customer_id, first_customer_id, how, created_at, beside)
select w.kind, w.hash, w.customer_id, w.customer_id, w.how, %(now)s,
  (select b.id from identity b where b.kind = 'order' and b.hash = w.beside)
from unnest(%(kinds)s::text[], %(hashes)b::bytea[], %(customers)s::bigint[], %(hows)s::text[],
  %(besides)b::bytea[]) as w (kind, hash, customer_id, how, beside)
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
select id, kind, hash, how, event_id, created_at, used_by, first_customer_id, wrong_since from identity
where customer_id = %(customer_id)s order by id;

-- name: hashes
-- Vault subjects of identities.
select id, hash from identity where id = any(%(ids)s::bigint[]);

-- name: survivors
-- Follows merges to the end.
with recursive chain (first, customer_id) as (
  select distinct id, id from unnest(%(ids)s::bigint[]) as w (id)
  union
  select c.first, m.winner from chain c
  join identity_merge m on m.loser = c.customer_id and m.undone_by is null
)
select c.first, c.customer_id from chain c
where not exists (select from identity_merge m where m.loser = c.customer_id and m.undone_by is null);

-- name: held
-- Every identity of these customers and of those who share a knot with them.
with who as materialized (
  select * from unnest(%(customers)s::bigint[]) as w (customer_id)
  union
  select customer_id from identity_knot where knot = any(%(knots)s::bigint[])
)
select i.id, i.kind, i.hash, i.customer_id, i.used_by, i.first_customer_id, i.beside, i.event_id is not null
from who join identity i on i.customer_id = who.customer_id
order by i.id;

-- name: past
-- What was ever heard of these identities, whole: of the few customers of a knot, or of one for people.
select e.id, e.source, e.source_id, e.kind, e.occurred_at, e.received_at, e.backfill, e.data
from event_subject s join event e on e.id = s.event_id
where s.identity_id = any(%(ids)s::bigint[]);

-- name: move
-- A key that goes to a customer of its own is that one's for good: a later split finds it there again.
update identity i set customer_id = w.after,
  first_customer_id = case when w.own then w.after else i.first_customer_id end
from unnest(%(ids)s::bigint[], %(afters)s::bigint[], %(own)s::boolean[]) as w (id, after, own)
where i.id = w.id;

-- name: record_splits
-- History.
insert into identity_split (identity_id, before, after, event_id, split_at)
select w.identity_id, w.before, w.after, w.event_id, %(now)s
from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[], %(events)s::bigint[])
  as w (identity_id, before, after, event_id);

-- name: redirect
-- Who was merged away and lives again is nobody else's any more (`winner` is its own id); who is still away is
-- now whose most of its keys are.
with w as materialized (
  select * from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as u (loser, winner)
), undone as (
  update identity_merge m set undone_by = %(event)s
  from w where m.loser = w.loser and m.undone_by is null and m.winner <> w.winner
  returning m.loser, w.winner
)
insert into identity_merge (loser, winner, event_id, merged_at)
select loser, winner, %(event)s, %(now)s from undone where loser <> winner;

-- name: knot
insert into identity_knot as k (customer_id, knot)
select * from unnest(%(customers)s::bigint[], %(knots)s::bigint[])
on conflict (customer_id) do update set knot = excluded.knot where k.knot <> excluded.knot;

-- name: unknot
-- Customers of a knot who are merged away have no part in it any more.
delete from identity_knot where customer_id = any(%(customers)s::bigint[]);

-- name: merges_of
-- Every merge that a customer had a part in, undone ones too.
select loser, winner, event_id, merged_at, undone_by from identity_merge where winner = %(customer_id)s
union
select loser, winner, event_id, merged_at, undone_by from identity_merge where loser = %(customer_id)s
order by 4, 1;

-- name: splits_of
-- Every identity that left this customer by a split, or came to it by one.
select identity_id, before, after, event_id, split_at from identity_split where before = %(customer_id)s
union
select identity_id, before, after, event_id, split_at from identity_split where after = %(customer_id)s
order by 5, 1;

-- name: knot_of
-- No row: never split from anybody.
select knot from identity_knot where customer_id = %(customer_id)s;

-- name: of_events
-- Whom facts are about today; those without a key are about nobody.
select s.event_id, i.customer_id from event_subject s join identity i on i.id = s.identity_id
where s.event_id = any(%(events)s::bigint[]);

-- name: eldest
-- A key that names this customer: one of their own that reaches them, where there is one.
select id from identity where customer_id = %(customer)s
order by kind in ('order', 'state'), wrong_since is not null, id limit 1;

-- name: still_of
-- Whose this key is today; no row where its customer, or one merged into them, was split since a time.
with recursive who (customer_id) as (
  select customer_id from identity where id = %(id)s
  union
  select m.loser from who w join identity_merge m on m.winner = w.customer_id and m.undone_by is null
)
select customer_id from identity where id = %(id)s and not exists (
  select from identity_split s where s.split_at >= %(since)s
    and (s.before in (select customer_id from who) or s.after in (select customer_id from who)));

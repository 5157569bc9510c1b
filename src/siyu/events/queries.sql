-- name: claim_keys
-- Who is first with an id gets it, for good: what comes back is new, what is missing was heard before. In key
-- order, so that two accepts can't deadlock. Before sealing: a redelivery must not seal anything again.
-- An id that another accept has in hand is waited for, and fails here: `claim_contested` then bears it.
insert into event_key (source, source_id, event_id)
select k.source, k.source_id, nextval('event_id_seq')
from (
  select w.source, w.source_id
  from unnest(%(sources)s::text[], %(source_ids)s::text[]) as w (source, source_id)
  where not exists (select from event_key e where e.source = w.source and e.source_id = w.source_id)
  order by w.source, w.source_id
) k
returning source, source_id, event_id;

-- name: claim_contested
-- As `claim_keys`, row by row: who was quicker keeps the id.
insert into event_key (source, source_id, event_id)
select k.source, k.source_id, nextval('event_id_seq')
from (
  select source, source_id
  from unnest(%(sources)s::text[], %(source_ids)s::text[]) as w (source, source_id)
  order by source, source_id
) k
on conflict do nothing
returning source, source_id, event_id;

-- name: store
-- The facts and their places in the queue, in one statement: neither is ever there without the other.
-- `unnest` for each column by itself: in `from` the server would first put every one of them aside.
with stored as (
  insert into event (id, source, source_id, kind, occurred_at, received_at, backfill, data)
  select unnest(%(ids)s::bigint[]), unnest(%(sources)s::text[]), unnest(%(source_ids)s::text[]),
    unnest(%(kinds)s::text[]), unnest(%(occurred)s::timestamptz[]), %(now)s, %(backfill)s, unnest(%(data)b::text[])
)
insert into event_pending (event_id, received_at, bucket)
select unnest(%(ids)s::bigint[]), %(now)s, unnest(%(buckets)s::smallint[]);

-- name: claim
-- The oldest of the queue. Two statements (this one, then `load`): joined to the partitioned event in one,
-- the plan flips and costs twice as much (engine-notes 4.3).
delete from event_pending
where event_id in (
  select event_id from event_pending where error is null order by event_id limit %(limit)s
)
returning event_id, received_at;

-- name: claim_these
-- A part of a batch that failed, tried again on its own.
delete from event_pending
where event_id = any(%(ids)s::bigint[]) and error is null
returning event_id, received_at;

-- name: load
-- The range of received_at leaves out all other partitions.
select id, source, source_id, kind, occurred_at, received_at, backfill, data
from event
where id = any(%(ids)s::bigint[]) and received_at between %(first)s and %(last)s;

-- name: sequence
-- Gapless, in the order of the facts: only the one applier writes here.
insert into event_applied (applied_seq, event_id, received_at)
select coalesce((select max(applied_seq) from event_applied), 0) + w.place, w.event_id, w.received_at
from unnest(%(ids)s::bigint[], %(received)s::timestamptz[]) with ordinality as w (event_id, received_at, place);

-- name: park
-- A poison event leaves the queue's head and stays visible.
update event_pending set error = %(error)s, parked_at = %(now)s where event_id = %(id)s and error is null;

-- name: unpark
-- Parked events back into the queue; all of them without ids.
update event_pending set error = null, parked_at = null
where error is not null and (%(ids)s::bigint[] is null or event_id = any(%(ids)s::bigint[]));

-- name: partitions
-- This month and the next one get a partition of their own.
select event_partition(%(now)s), event_partition(%(now)s::timestamptz + interval '1 month');

-- name: parked
-- The latest poison first.
select p.event_id, k.source, k.source_id, e.kind, p.error, p.parked_at, e.occurred_at
from event_pending p
join event e on e.id = p.event_id and e.received_at = p.received_at
join event_key k on k.source = e.source and k.source_id = e.source_id
where p.error is not null
order by p.parked_at desc, p.event_id desc
limit %(limit)s;

-- name: backlog
-- What is still to be applied; parked ones don't count.
select count(*) from event_pending where error is null;

-- name: crowded
-- Whether more wait than that: reads no further than it must, since it is asked under load.
select exists (select from event_pending where error is null order by event_id offset %(most)s limit 1);

-- name: head
-- The last place in the order of facts.
select coalesce(max(applied_seq), 0) from event_applied;

-- name: window
-- The next places in the order of facts.
select applied_seq, event_id, received_at from event_applied
where applied_seq > %(after)s order by applied_seq limit %(limit)s;

-- name: load_kinds
-- As `load`, of some kinds only; of all if none is named.
select id, source, source_id, kind, occurred_at, received_at, backfill, data
from event
where id = any(%(ids)s::bigint[]) and received_at between %(first)s and %(last)s
  and (cardinality(%(kinds)s::text[]) = 0 or kind = any(%(kinds)s::text[]));

-- name: get
-- By id in every partition: for people, not for the hot path.
select id, source, source_id, kind, occurred_at, received_at, backfill, data
from event where id = any(%(ids)s::bigint[]);

-- name: known
-- How many of these have been told before.
select count(*) from unnest(%(sources)s::text[], %(source_ids)s::text[]) as w (source, source_id)
join event_key using (source, source_id);

-- name: listen
-- All words at once; what nobody listens for any more goes.
with gone as (delete from heard_word where word <> all(%(words)s::text[]))
insert into heard_word (word) select unnest(%(words)s::text[]) on conflict do nothing;

-- name: words
-- A brand has some hundred; asked only where a batch holds a message.
select word from heard_word order by word;

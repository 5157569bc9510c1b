-- name: lock
-- Rules are changed one after the other: the words that are listened for follow from all of them.
select pg_advisory_xact_lock(hashtextextended('siyu tag rules', 0));

-- name: set
-- One that was dropped stands again.
insert into tag_rule as r (code, text, states, state_hashes, set_by, set_at)
values (%(code)s, %(text)s, %(states)s, %(hashes)s, %(by)s, %(now)s)
on conflict (code) do update set text = excluded.text, states = excluded.states,
  state_hashes = excluded.state_hashes, version = r.version + 1, set_by = excluded.set_by,
  set_at = excluded.set_at, dropped_at = null;

-- name: drop
update tag_rule set dropped_at = %(now)s where code = %(code)s and dropped_at is null returning code;

-- name: digest
-- Of all texts that stand: a batch asks it instead of reading some hundred texts. Null: there are none.
select md5(string_agg(text, '' order by code)) from tag_rule where dropped_at is null;

-- name: standing
select text, state_hashes, states from tag_rule where dropped_at is null order by code;

-- name: rules
-- With how often each has hit, whom, and when last; the log is read by its key.
select r.code, r.text, r.version, r.set_by, r.set_at, r.dropped_at, h.hits, h.people, h.last_at
from tag_rule r, lateral (
  select count(*) as hits, count(distinct customer_id) as people, max(at) as last_at from tag_hit where code = r.code
) h
where (%(code)s = '' or r.code = %(code)s) and (%(dropped)s or r.dropped_at is null) order by r.code;

-- name: touched
-- What a click came by, and whose it was (reads the outbox).
select id, material, journey, customer_id, identity_id from touch where id = any(%(touches)s::bigint[]);

-- name: hit
-- Each rule and fact once.
insert into tag_hit (code, event_id, identity_id, customer_id, tag, at)
select * from unnest(%(codes)s::text[], %(events)s::bigint[], %(identities)s::bigint[], %(customers)s::bigint[],
  %(tags)s::text[], %(ats)s::timestamptz[])
on conflict (code, event_id) do nothing;

-- name: past
-- A page of facts of these kinds by id, with whose they are today where a key says it (reads events and identities).
select i.customer_id, i.id, e.id, e.source, e.source_id, e.kind, e.occurred_at, e.received_at, e.backfill, e.data
from event e
left join event_subject s on s.event_id = e.id left join identity i on i.id = s.identity_id
where not exists (select from event_pending p where p.event_id = e.id) and e.id > %(after)s and e.kind = any(%(kinds)s::text[]) and e.occurred_at >= %(since)s
order by e.id limit %(limit)s;

-- name: hits
-- The log of a rule or of a customer, the latest first (reads events).
select h.code, h.customer_id, h.tag, h.at, e.kind, e.source, e.source_id
from tag_hit h join event e on e.id = h.event_id
where (%(code)s = '' or h.code = %(code)s) and (%(customer)s::bigint is null or h.customer_id = %(customer)s)
order by h.at desc, h.event_id desc, h.code limit %(limit)s;

-- name: hand_over
update tag_hit h set customer_id = v.winner
from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as v (loser, winner) where h.customer_id = v.loser;

-- name: part
update tag_hit h set customer_id = v.after
from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[]) as v (identity_id, before, after)
where h.customer_id = v.before and h.identity_id = v.identity_id;

-- name: any_waiting
select from tag_waiting where identity_id is null limit 1;

-- name: wait
-- The same again lasts from now on.
insert into tag_waiting as w (kind, hash, name, source, source_id, kept_at, expires_at)
select v.*, %(now)s, %(expires)s
from unnest(%(kinds)s::text[], %(hashes)s::bytea[], %(names)s::text[], %(sources)s::text[], %(source_ids)s::text[])
  as v (kind, hash, name, source, source_id)
order by 1, 2, 3
on conflict (kind, hash, name) do update set source = excluded.source, source_id = excluded.source_id,
  kept_at = excluded.kept_at, expires_at = excluded.expires_at, identity_id = null;

-- name: give
-- Whoever has one of these keys now (reads identities).
update tag_waiting w set identity_id = i.id
from unnest(%(kinds)s::text[], %(hashes)s::bytea[]) as k (kind, hash)
join identity i on i.kind = k.kind and i.hash = k.hash
where w.kind = k.kind and w.hash = k.hash and w.identity_id is null and w.expires_at > %(now)s
returning i.customer_id, i.id, w.name, w.source, w.source_id, w.kept_at;

-- name: waiting
-- How many wait, by tag and source: until when the last of them.
select name, source, count(*), min(kept_at), max(expires_at) from tag_waiting
where identity_id is null and expires_at > %(now)s group by name, source order by 3 desc, 1, 2 limit %(limit)s;

-- name: awaited
-- The longest waiting first; nobody's key is shown.
select kind, name, source, kept_at, expires_at from tag_waiting
where (%(name)s = '' or name = %(name)s) and identity_id is null and expires_at > %(now)s
order by kept_at, name limit %(limit)s;

-- name: forget
-- The index by source bounds it to one list; the prefix holds no wildcard.
delete from tag_waiting where source = %(source)s and identity_id is null and starts_with(source_id, %(prefix)s);

-- name: lapse
delete from tag_waiting where expires_at <= %(now)s;

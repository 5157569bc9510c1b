-- Columns of bytes travel in binary (`%(x)b`): as text each would be written in hex and read again.

-- name: look
-- What is there already for each wanted (subject, field, digest), in the order asked: its key and its item.
-- A repeat customer's event costs this one statement and nothing else.
select k.id, k.wrapped, i.id
from unnest(%(subjects)b::bytea[], %(fields)s::text[], %(digests)b::bytea[])
  with ordinality as w (subject, field, digest, place)
left join vault_key k on k.subject = w.subject
left join vault_item i on i.key_id = k.id and i.field = w.field and i.digest = w.digest
order by w.place;

-- name: make_keys
-- New subjects, in subject order so that two accepts can't deadlock. One that is there after all fails:
-- `make_keys_contested` then bears it.
insert into vault_key (subject, wrapped, created_at)
select w.subject, w.wrapped, %(now)s
from (
  select unnest(%(subjects)b::bytea[]) as subject, unnest(%(wrapped)b::bytea[]) as wrapped
) as w
order by w.subject
returning subject, id, wrapped;

-- name: make_keys_contested
-- The same where some may be there. An erased subject that is heard of again
-- starts afresh under a new key; what the old key sealed stays gone. DO UPDATE (reached only by an erased one,
-- or when another accept was quicker) makes the statement answer with the key that counts.
insert into vault_key as k (subject, wrapped, created_at)
select w.subject, w.wrapped, %(now)s
from (
  select unnest(%(subjects)b::bytea[]) as subject, unnest(%(wrapped)b::bytea[]) as wrapped
) as w
order by w.subject
on conflict (subject) do update set wrapped = coalesce(k.wrapped, excluded.wrapped), erased_at = null
returning k.subject, k.id, k.wrapped;

-- name: make_items
-- One value of one subject is sealed once; the look-ups that lead back to its key come with it: one of them may
-- be there (of a name before), an item is not, since `look` did not find it. One that is there after all fails:
-- `make_items_contested` then bears it.
with found as (
  insert into vault_lookup (kind, hash, key_id)
  select l.kind, l.hash, l.key_id
  from (
    select unnest(%(kinds)s::text[]) as kind, unnest(%(hashes)b::bytea[]) as hash,
      unnest(%(lookup_keys)s::bigint[]) as key_id
  ) as l
  where not exists (
    select from vault_lookup v where v.kind = l.kind and v.hash = l.hash and v.key_id = l.key_id)
  order by l.key_id, l.kind, l.hash
)
insert into vault_item (key_id, field, digest, sealed)
select w.key_id, w.field, w.digest, w.sealed
from (
  select unnest(%(keys)s::bigint[]) as key_id, unnest(%(fields)s::text[]) as field,
    unnest(%(digests)b::bytea[]) as digest, unnest(%(sealed)b::bytea[]) as sealed
) as w
order by w.key_id, w.field, w.digest
returning key_id, field, digest, id;

-- name: make_items_contested
-- DO UPDATE only when another accept was quicker: it answers with the item that is there.
with found as (
  insert into vault_lookup (kind, hash, key_id)
  select l.kind, l.hash, l.key_id
  from (
    select unnest(%(kinds)s::text[]) as kind, unnest(%(hashes)b::bytea[]) as hash,
      unnest(%(lookup_keys)s::bigint[]) as key_id
  ) as l
  order by l.key_id, l.kind, l.hash
  on conflict do nothing
)
insert into vault_item as i (key_id, field, digest, sealed)
select w.key_id, w.field, w.digest, w.sealed
from (
  select unnest(%(keys)s::bigint[]) as key_id, unnest(%(fields)s::text[]) as field,
    unnest(%(digests)b::bytea[]) as digest, unnest(%(sealed)b::bytea[]) as sealed
) as w
order by w.key_id, w.field, w.digest
on conflict (key_id, field, digest) do update set field = excluded.field
returning i.key_id, i.field, i.digest, i.id;

-- name: erase
-- Without its key nothing of a subject opens any more, and here the rows go as well. A dump from before still
-- holds the wrapped key beside the values: it opens there with the master key, until the dump is destroyed.
with gone as (
  update vault_key set wrapped = null, erased_at = %(now)s
  where subject = any(%(subjects)b::bytea[]) and wrapped is not null
  returning id
), items as (
  delete from vault_item where key_id in (select id from gone)
), ways as (
  delete from vault_lookup where key_id in (select id from gone)
)
select count(*) from gone;

-- name: forget
-- Single values, whose person stays: the sealed text goes with its row.
delete from vault_item where id = any(%(ids)s::bigint[]);

-- name: there
-- Those of these items that somebody can still open.
select i.id from vault_item i join vault_key k on k.id = i.key_id
where i.id = any(%(ids)s::bigint[]) and k.wrapped is not null;

-- name: sealed
-- Sealed values with what opens them: those that were named, and the latest of one field of each subject
-- (`newest`). One statement, since who sends asks for both: the name and the phone. Lateral: joined, the
-- planner may walk the whole index of items by their field.
select false as newest, i.id, k.subject, k.wrapped, i.field, i.sealed
from vault_item i join vault_key k on k.id = i.key_id
where i.id = any(%(ids)s::bigint[]) and k.wrapped is not null
union all
select true, i.id, k.subject, k.wrapped, i.field, i.sealed
from vault_key k, lateral (
  select id, field, sealed from vault_item
  where key_id = k.id and field = %(field)s
  order by id desc limit 1) i
where k.subject = any(%(subjects)b::bytea[]) and k.wrapped is not null;

-- name: found
-- Subjects that a look-up leads to.
select k.subject from vault_lookup l join vault_key k on k.id = l.key_id
where l.kind = %(kind)s and l.hash = %(hash)s and k.wrapped is not null
order by k.id;

-- name: known
-- The subject itself, while it is not erased.
select subject from vault_key where subject = %(hash)s and wrapped is not null;

-- name: bearing
-- Newest first by the key, which ends the index, of those who bear one pair, and all others with it. However
-- common the pair, one look walks so many of its bearers at most.
select k.subject
from (
  select key_id from vault_lookup where kind = %(kind)s and hash = %(first)b
  order by key_id desc limit %(looked)s
) l join vault_key k on k.id = l.key_id
where k.wrapped is not null and not exists (
  select from unnest(%(others)b::bytea[]) as o (hash)
  where not exists (
    select from vault_lookup v where v.kind = %(kind)s and v.hash = o.hash and v.key_id = l.key_id)
)
order by l.key_id desc limit %(most)s;

-- What db itself runs: the ledger of migrations and the virtual clock.

-- name: knows_migrations
-- A database that was never migrated has no ledger yet.
select to_regclass('schema_migration') is not null;

-- name: make_migrations
-- The first migration may have made it.
create table if not exists schema_migration (
  name text primary key,
  applied_at timestamptz not null
);

-- name: applied_migrations
select name from schema_migration order by name;

-- name: record_migration
insert into schema_migration (name, applied_at) values (%(name)s, %(at)s);

-- name: one_migrator
-- Held to the end of the transaction: two processes that start together migrate once.
select pg_advisory_xact_lock(hashtextextended('siyu migrate', 0));

-- name: clock_offset
select virtual_now, real_now from clock_offset;

-- name: set_clock_offset
insert into clock_offset (virtual_now, real_now) values (%(virtual)s, %(real)s)
on conflict (one) do update set virtual_now = excluded.virtual_now, real_now = excluded.real_now;

-- name: ring
-- There is work. Nothing is written, so nothing need reach the disk: who misses it looks by itself.
select set_config('synchronous_commit', 'off', true), pg_notify('siyu_work', %(who)s);

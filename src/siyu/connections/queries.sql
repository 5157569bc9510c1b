-- What connectors remember and when they ask: a few rows each, whatever the base.

-- name: get
-- What is over is gone, though nobody has swept it away yet.
select key, value from connector_entry
where connector = %(connector)s and key = any(%(keys)s::text[]) and (until_at is null or until_at > %(now)s);

-- name: put
-- In the order of keys, so that two who write the same ones wait for each other in one order.
insert into connector_entry (connector, key, value, until_at)
select %(connector)s, u.key, u.value, %(until)s
from unnest(%(keys)s::text[], %(values)s::bytea[]) as u (key, value)
order by u.key collate "C"
on conflict (connector, key) do update set value = excluded.value, until_at = excluded.until_at;

-- name: take
-- Of two who take at once one gets it: the other waits for the row, and finds it gone.
delete from connector_entry where connector = %(connector)s and key = %(key)s
returning value, until_at is not null and until_at <= %(now)s;

-- name: beginning
-- A range of the primary key, which is in the order of bytes.
select key from connector_entry
where connector = %(connector)s and starts_with(key, %(prefix)s) and (until_at is null or until_at > %(now)s)
order by key;

-- name: items
-- As `beginning`, with what is remembered: a look at all of them in one round trip.
select key, value from connector_entry
where connector = %(connector)s and starts_with(key, %(prefix)s) and (until_at is null or until_at > %(now)s)
order by key;

-- name: alone
-- Held to the end of the transaction: of several processes one goes and asks, the others wait for what it brings.
select pg_advisory_xact_lock(hashtextextended('siyu connector ' || %(connector)s || ' ' || %(key)s, 0));

-- name: sweep_entries
delete from connector_entry where until_at <= %(now)s;

-- name: wake
-- A vendor said that there is news; what is under way already runs once more after its end.
insert into connector_pull (connector, name, due_at)
select %(connector)s, n, %(now)s from unnest(%(names)s::text[]) as n
on conflict (connector, name) do update set due_at = least(connector_pull.due_at, excluded.due_at);

-- name: hint
-- A fact came in that these may have something to do with. Who is waiting out a failure is not woken.
update connector_pull set due_at = least(due_at, %(now)s)
where connector || '/' || name = any(%(pulls)s::text[]) and failures = 0 and (due_at is null or due_at > %(now)s);

-- name: plan
-- Pulls that nobody knew of before run at once.
-- One whose connector speaks for another account begins anew, at once; whoever runs it for the old one stops.
insert into connector_pull (connector, name, due_at, account)
select c, n, %(now)s, a from unnest(%(connectors)s::text[], %(names)s::text[], %(accounts)s::text[]) as u (c, n, a)
on conflict (connector, name) do update set account = excluded.account, cursor = '', due_at = excluded.due_at,
  lease_until = null, lease_token = connector_pull.lease_token + 1, ran_at = null, failures = 0, error = '',
  why = null, failing_since = null, alarm_at = null
where connector_pull.account <> excluded.account;

-- name: rest_others
-- What is asked for no more alarms nobody, and is due at once if it ever is again.
update connector_pull set due_at = least(due_at, %(now)s), failures = 0, error = '', why = null,
  failing_since = null, alarm_at = null
where connector || '/' || name <> all(%(pulls)s::text[])
  and (failures > 0 or due_at is null or due_at > %(now)s);

-- name: one_begins
-- Of two pulls that share something two processes could each claim one, and not see the other's lease.
select pg_advisory_xact_lock(hashtextextended('siyu pulls', 0));

-- name: begin
-- Under way `due_at` is empty, so that whoever wakes it meanwhile is not lost. A lease goes by real time;
-- one that is over may be taken from somebody who still runs, of this process too: hence the token. A process
-- that has not heard yet of another account leaves its pulls alone; one that was woken before it was planned is
-- nobody's yet.
with known as (
  select p.connector, p.name, u.share, u.account, p.lease_until
  from unnest(%(pulls)s::text[], %(shares)s::text[], %(accounts)s::text[]) as u (pull, share, account)
  join connector_pull p on p.connector || '/' || p.name = u.pull and p.account in (u.account, '')
), due as (
  select p.connector, p.name, k.account from connector_pull p join known k using (connector, name)
  where (p.lease_until is null and p.due_at <= %(now)s or p.lease_until < %(real)s)
    and not exists (
      select from known o
      where o.connector = k.connector and o.share = k.share and k.share <> '' and o.name <> k.name
        and o.lease_until >= %(real)s)
  order by p.due_at nulls first limit 1 for update of p skip locked)
update connector_pull p set due_at = null, lease_until = %(until)s, lease_token = p.lease_token + 1,
  account = due.account
from due where p.connector = due.connector and p.name = due.name
returning p.connector, p.name, p.cursor, p.failures, p.lease_token;

-- name: kept
-- In the transaction that stores the events of a page: killed after it, the next one goes on from here.
-- The lease begins anew with each page. No row: somebody else has it by now.
update connector_pull set cursor = %(cursor)s, lease_until = %(until)s
where connector = %(connector)s and name = %(name)s and lease_token = %(token)s;

-- name: ended
-- No row: as above.
update connector_pull set lease_until = null, due_at = least(due_at, %(next)s), failures = %(failures)s,
  error = %(error)s, why = %(why)s, ran_at = case when %(failures)s = 0 then %(now)s else ran_at end,
  failing_since = case when %(failures)s > 0 then coalesce(failing_since, %(now)s) end,
  alarm_at = case when %(failures)s > 0 then coalesce(alarm_at, %(alarm)s) end
where connector = %(connector)s and name = %(name)s and lease_token = %(token)s;

-- name: pulls
select connector, name, due_at, lease_until is not null, ran_at, failures, error from connector_pull
order by connector, name;

-- name: alarm
-- Told again it is the same one, and began when it did, unless it was over meanwhile.
insert into connector_alarm (connector, name, quota, why, since, until_at)
values (%(connector)s, %(name)s, %(quota)s, %(why)s, %(now)s, %(until)s)
on conflict (connector, name) do update set why = excluded.why, until_at = excluded.until_at,
  since = case when connector_alarm.until_at <= excluded.since then excluded.since else connector_alarm.since end;

-- name: calm
delete from connector_alarm where connector = %(connector)s and name = %(name)s;

-- name: calm_others
delete from connector_alarm where connector <> all(%(connectors)s::text[]);

-- name: sweep_alarms
delete from connector_alarm where until_at <= %(now)s;

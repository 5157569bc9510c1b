-- name: add
-- Its cursor begins at the end: history is not told.
insert into subscriber (url, kinds, created_at, told_seq, due_at)
values (%(url)s, %(kinds)s::text[], %(now)s, %(seq)s, %(now)s)
returning id;

-- name: resume
update subscriber
set active = true, stopped_why = '', failures = 0, failing_since = null, due_at = %(now)s, lease_until = null
where id = %(id)s;

-- name: remove
delete from subscriber where id = %(id)s;

-- name: page
select id, url, kinds, created_at, active, stopped_why, told_seq, told_at, due_at, failures, failing_since, error
from subscriber where id > %(after)s order by id limit %(limit)s;

-- name: claim
-- Those who have something to be told and whom nobody is telling: the lease keeps all others away while
-- the network is slow and no transaction is open.
update subscriber set lease_until = %(lease)s
where id in (
  select id from subscriber
  where active and lease_until is null and due_at <= %(now)s
    and told_seq < (select max(applied_seq) from event_applied)
  order by due_at limit %(limit)s for update skip locked)
returning id, url, kinds, created_at, active, stopped_why, told_seq, told_at, due_at, failures, failing_since, error;

-- name: advance
-- They took it, or there was nothing for them (no told_at): the cursor goes on, but only under the lease that
-- it was read under. Without a further lease they are free.
update subscriber
set told_seq = %(seq)s, told_at = coalesce(%(told_at)s, told_at), lease_until = %(lease)s, failures = 0, failing_since = null, error = ''
where id = %(id)s and lease_until = %(held)s and active;

-- name: put_off
-- The cursor stays: what they did not take comes again. `stopped_why` is empty as long as there is hope.
update subscriber
set lease_until = null, due_at = %(at)s, failures = failures + 1, error = %(error)s,
  failing_since = coalesce(failing_since, %(now)s), active = %(why)s = '', stopped_why = %(why)s
where id = %(id)s and lease_until = %(held)s and active;

-- name: reclaim
-- Whoever held the lease is gone. Real time.
update subscriber set lease_until = null where lease_until < %(real)s;

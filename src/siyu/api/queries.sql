-- What the API itself keeps: answers under idempotency keys.

-- name: lock_key
-- Held to the end of the write's transaction, however that ends: a crash leaves no key under way.
select pg_try_advisory_xact_lock(%(lock)s);

-- name: kept
-- Asked in a statement of its own, after the lock: it sees what the holder before has committed.
select request, status, body from kept_answer where key = %(key)s and until > %(now)s;

-- name: keep
-- In the transaction of the write. A few that ran out go at the same time, so that nobody must sweep.
with gone as (
  delete from kept_answer where key in (
    select key from kept_answer where until <= %(now)s and key <> %(key)s
    order by until limit 20 for update skip locked)
)
insert into kept_answer as k (key, request, status, body, until)
values (%(key)s, %(request)s, %(status)s, %(body)s, %(until)s)
on conflict (key) do update
  set request = excluded.request, status = excluded.status, body = excluded.body, until = excluded.until;

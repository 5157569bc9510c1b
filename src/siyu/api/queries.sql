-- What the API itself keeps: answers under idempotency keys; and what tells listeners that something has changed.

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

-- name: versions
-- One value per topic that is another one when something has changed: ends of indexes, small tables, and for
-- rows that only change, the server's own counters of writes (told within a second or, of a session that rests
-- then, ten). In the order of live.TOPICS; then the backlog, counted up to a bound, and its oldest.
select
  (select array_agg(scope || ' ' || since order by scope) from stop),
  (select max(applied_seq) from event_applied),
  (select max(id) from touch) + pg_stat_get_tuples_updated('touch'::regclass),
  (select max(id) from task) + pg_stat_get_tuples_updated('task'::regclass),
  pg_stat_get_tuples_inserted('visit'::regclass) + pg_stat_get_tuples_updated('visit'::regclass)
    + pg_stat_get_tuples_inserted('journey_version'::regclass) + pg_stat_get_tuples_updated('journey'::regclass),
  (select array_agg(concat_ws(' ', d.id, d.state, d.share, d.cancel_wanted) order by d.id)
    from (select * from dry_run order by id desc limit 20) d),
  (select array_agg(i.id || ' ' || i.events || ' ' || coalesce(i.finished_at::text, '') order by i.id)
    from (select id, events, finished_at from order_import order by id desc limit 20) i)
    || (select array_agg(concat_ws(' ', u.id, u.state, u.turn, u.stage, u.done, u.removed_at) order by u.id)
    from (select * from order_upload order by id desc limit 20) u),
  (select max(id) from match_claim) + pg_stat_get_tuples_updated('match_claim'::regclass)
    + pg_stat_get_tuples_inserted('friend_match'::regclass) + pg_stat_get_tuples_updated('friend_match'::regclass),
  array[
    (select max(event_id) from event_pending where error is not null)::text,
    (select string_agg(channel || quota, ' ' order by channel) from trouble),
    (select string_agg(channel || '/' || material, ' ' order by channel, material) from refused),
    (select string_agg(connector || '/' || name, ' ' order by connector, name) from connector_alarm),
    (select count(*) from journey_approval where state = 'waiting')::text,
    (select count(*) from subscriber where not active)::text],
  (select max(id) from audit),
  (select count(*) from (select from event_pending where error is null limit %(most)s) w),
  (select received_at from event_pending where error is null order by event_id limit 1);

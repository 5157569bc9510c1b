-- name: due
-- When each sweep has work next, asked after every tick: one statement instead of one per room, each
-- part the first entry of its own partial index, so the answer costs the same whatever waits.
-- A paused or unconnected channel has nothing to send, one in trouble nothing before it is probed.
select
  (select min(greatest(coalesce(due_at, lease_until), lease_until)) from connector_pull
    where connector || '/' || name = any(%(pulls)s::text[])) as pull,
  (select received_at from event_pending where error is null order by event_id limit 1) as apply,
  (select min(due_at) from visit where due_at is not null) as journeys,
  (select min(due_at) from touch where state = 'wished' and not held) as budget,
  (select min(cutoff_at) from parcel_due) as freeze,
  least(
    (select min(due_at) from segment_live where due_at is not null),
    (select min(recheck_at) from segment_member where recheck_at is not null),
    (select to_timestamp(0) from segment_news limit 1)) as members,  -- since when, nobody knows
  least(
    (select min(due_at) from journey_watch),
    (select min(recheck_at) from journey_member where recheck_at is not null)) as enter,
  least(
    (select min(due_at) from touch
      where cancel_wanted and state in ('sent', 'awaiting_staff', 'delivered', 'read')
        and channel = any(%(channels)s::text[])),
    (select min(valid_until) from touch
      where state = 'awaiting_staff' and finished_at is null and not cancel_wanted)) as cancel,
  (select min(greatest(o.due_at, r.probe_at))
    from unnest(%(channels)s::text[]) as c (channel) left join trouble r on r.channel = c.channel,
    (values ('now'), ('window')) as l (lane), generate_series(0, 9) as p (priority), lateral (
      select t.due_at from touch t
      where t.state = 'owed' and not t.held and t.channel = c.channel and t.lane = l.lane and t.priority = p.priority
        and t.journey <> all(array(select substr(scope, 9) from stop where scope like 'journey:%%'))
      order by t.due_at limit 1) o
    where not exists (select from stop s where s.scope in ('all', 'channel:' || c.channel))) as send,
  (select min(due_at) from touch where state = 'unknown' and channel = any(%(channels)s::text[])) as reconcile,
  least(
    (select min(expires_at) from promise where state in ('promised', 'claimable')),
    (select min(expires_at) from promise where state in ('held', 'committed')),
    (select min(ends_at) from booking where state = 'open')) as lapse,
  least(
    (select min(until) from tag where until is not null and not over),
    (select min(expires_at) from tag_waiting),
    (select min(until) from child_health)) as expire,
  least(
    (select min(hand_at) from staff_off where hand_at is not null),
    (select min(escalate_at) from task where state = 'open' and reported_at is null)) as people,
  (select min(greatest(s.due_at, a.received_at)) from subscriber s join event_applied a on a.applied_seq = s.told_seq + 1
    where s.active and s.lease_until is null) as tell,
  (select min(asked_at) from trial where state = 'owed' and channel = any(%(channels)s::text[])) as trial,
  (select min(due_at) from group_plan where paused_at is null) as groups,
  least(
    (select min(says_at) from group_plan),
    (select min(due_at) from group_post where due_at is not null)) as posts;

-- name: due_pull
-- `pull` of `due` alone: a handful of rows.
select min(greatest(coalesce(due_at, lease_until), lease_until)) from connector_pull
where connector || '/' || name = any(%(pulls)s::text[]);

-- name: late
-- Whether any visit has been due since before then: the first entry of an index.
select from visit where state = 0 and due_at < %(at)s limit 1;

-- name: send_due
-- `send` of `due`, by channel and lane: asked only when there is something to send soon.
select c.channel, l.lane, min(greatest(o.due_at, r.probe_at))
from unnest(%(channels)s::text[]) as c (channel) left join trouble r on r.channel = c.channel,
  (values ('now'), ('window')) as l (lane), generate_series(0, 9) as p (priority), lateral (
    select t.due_at from touch t
    where t.state = 'owed' and not t.held and t.channel = c.channel and t.lane = l.lane and t.priority = p.priority
      and t.journey <> all(array(select substr(scope, 9) from stop where scope like 'journey:%%'))
    order by t.due_at limit 1) o
where not exists (select from stop s where s.scope in ('all', 'channel:' || c.channel))
group by c.channel, l.lane;

-- name: beat
-- A process says that it lives and what its sweeps did since its last beat: one statement, whatever it was.
with me as (
  insert into worker (name, lanes, applies, started_at, beat_at)
  values (%(name)s, %(lanes)s, %(applies)s, %(started)s, %(real)s)
  on conflict (name) do update set applies = excluded.applies, beat_at = excluded.beat_at
), w as materialized (
  select *
  from unnest(%(minutes)s::timestamptz[], %(sweeps)s::text[], %(runs)s::int[], %(items)s::bigint[],
    %(seconds)s::float8[], %(failures)s::int[], %(errors)s::text[], %(lags)s::float8[])
    as u (minute, sweep, runs, items, seconds, failures, last_error, lag)
), total as (
  insert into sweep_total (sweep, runs, items, seconds, failures)
  select sweep, sum(runs), sum(items), sum(seconds), sum(failures) from w
  group by sweep order by sweep
  on conflict (sweep) do update set runs = sweep_total.runs + excluded.runs,
    items = sweep_total.items + excluded.items, seconds = sweep_total.seconds + excluded.seconds,
    failures = sweep_total.failures + excluded.failures
)
insert into sweep_run (minute, sweep, worker, runs, items, seconds, failures, last_error, lag)
select minute, sweep, %(name)s, runs, items, seconds, failures, last_error, lag from w
on conflict (minute, sweep, worker) do update set runs = sweep_run.runs + excluded.runs,
  items = sweep_run.items + excluded.items, seconds = sweep_run.seconds + excluded.seconds,
  failures = sweep_run.failures + excluded.failures,
  last_error = case when excluded.last_error = '' then sweep_run.last_error else excluded.last_error end,
  lag = greatest(sweep_run.lag, excluded.lag)
returning sweep;

-- name: leave
delete from worker where name = %(name)s;

-- name: prune
-- Old minutes, and processes that went without a word.
with gone as (delete from worker where beat_at < %(silent)s)
delete from sweep_run where minute < %(before)s;

-- name: workers
-- With the sessions that the server sees under each name: a killed process has none, however fresh its beat.
select w.name, w.lanes, w.applies, w.started_at, w.beat_at,
  (select count(*) from pg_stat_activity a where a.datname = current_database() and a.application_name = w.name)
from worker w order by w.started_at, w.name;

-- name: lately
-- How each sweep fared since then, over all processes; the error is the latest one.
select sweep, sum(runs)::bigint, sum(items)::bigint, sum(seconds), sum(failures)::bigint,
  coalesce((array_agg(last_error order by minute desc) filter (where last_error <> ''))[1], ''), max(lag)
from sweep_run where minute >= %(since)s
group by sweep order by sweep;

-- name: inbox
-- Applied ever (the sequence has no gaps), waiting, parked: together all that was accepted.
select coalesce((select max(applied_seq) from event_applied), 0),
  (select count(*) from event_pending where error is null),
  (select count(*) from event_pending where error is not null);

-- name: owed_now
-- By channel and lane, paused and unconnected ones as well; the index holds nothing else.
select channel, lane, count(*), min(due_at) from touch
where state = 'owed' and not held group by channel, lane order by channel, lane;

-- name: unknown_now
select channel, count(*) from touch where state = 'unknown' group by channel order by channel;

-- name: totals
select sweep, runs, items, seconds, failures from sweep_total order by sweep;

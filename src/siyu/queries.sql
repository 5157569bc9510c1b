-- name: due
-- When each sweep has work next, asked after every tick: one statement instead of one per room, each
-- part the first entry of its own partial index, so the answer costs the same whatever waits.
-- A paused or unconnected channel has nothing to send.
select
  (select received_at from event_pending where error is null order by event_id limit 1) as apply,
  (select min(due_at) from visit where state = 0) as journeys,
  (select min(due_at) from touch where state = 'wished' and not held) as budget,
  (select min(cutoff_at) from parcel_due) as freeze,
  least(
    (select min(due_at) from touch
      where cancel_wanted and state in ('sent', 'awaiting_staff', 'delivered', 'read')
        and channel = any(%(channels)s::text[])),
    (select min(valid_until) from touch
      where state = 'awaiting_staff' and finished_at is null and not cancel_wanted)) as cancel,
  (select min(t.due_at) from touch t
    where t.state = 'owed' and not t.held and t.channel = any(%(channels)s::text[])
      and not exists (
        select from stop s where s.scope in ('all', 'channel:' || t.channel, 'journey:' || t.journey))) as send,
  (select min(due_at) from touch where state = 'unknown' and channel = any(%(channels)s::text[])) as reconcile,
  (select min(expires_at) from promise where state in ('promised', 'claimable')) as lapse,
  (select min(due_at) from subscriber
    where active and lease_until is null and told_seq < (select max(applied_seq) from event_applied)) as tell;

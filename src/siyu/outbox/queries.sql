-- name: wish
-- One row per (visit, node, round), however often it is wished: a crash or a replay repeats nothing.
-- Written once, as it was ruled: a wish that is owed at once never stood in the queue of wishes.
-- `unnest` for each column by itself: in `from` the server would first put every one of them aside.
insert into touch (visit_id, node, round, customer_id, journey, step, channel, purpose, lane, priority,
  shop, order_no, material, locale, promise_id, state_code, state, reason, wished_at, due_at, not_after,
  finished_at, valid_until, probability, value, off_peak, invites, staff, counted)
select visit_id, node, round, customer_id, journey, step, channel, purpose, lane, priority,
  shop, order_no, material, locale, promise_id, state_code, state, reason, %(now)s, due_at, not_after,
  case when state = 'withheld' then %(now)s::timestamptz end, valid_until, probability, value, off_peak, invites,
  staff, counted
from (
  select unnest(%(visit_id)s::bigint[]) as visit_id, unnest(%(node)s::text[]) as node,
    unnest(%(round)s::int[]) as round, unnest(%(customer_id)s::bigint[]) as customer_id,
    unnest(%(journey)s::text[]) as journey, unnest(%(step)s::text[]) as step,
    unnest(%(channel)s::text[]) as channel, unnest(%(purpose)s::text[]) as purpose,
    unnest(%(lane)s::text[]) as lane, unnest(%(priority)s::smallint[]) as priority,
    unnest(%(shop)s::text[]) as shop, unnest(%(order_no)s::text[]) as order_no,
    unnest(%(material)s::text[]) as material, unnest(%(locale)s::text[]) as locale,
    unnest(%(promise_id)s::bigint[]) as promise_id, unnest(%(state_code)s::text[]) as state_code,
    unnest(%(state)s::text[]) as state, unnest(%(reason)s::text[]) as reason,
    unnest(%(due_at)s::timestamptz[]) as due_at, unnest(%(not_after)s::timestamptz[]) as not_after,
    unnest(%(valid_until)s::timestamptz[]) as valid_until, unnest(%(probability)s::real[]) as probability,
    unnest(%(value)s::int[]) as value, unnest(%(off_peak)s::boolean[]) as off_peak,
    unnest(%(invites)s::text[]) as invites,
    unnest(%(staff)s::text[]) as staff,
    unnest(%(counted)s::boolean[]) as counted
) w
on conflict (visit_id, node, round) do nothing
returning visit_id, node, round, id;

-- name: claim_wished
-- For the budget: what is to be ruled now. Held ones wait; what another worker rules is skipped.
-- Read here: whether its customer has been merged into another since.
select t.id, t.customer_id, t.visit_id, t.journey, t.channel, t.purpose, t.shop, t.order_no, t.lane, t.priority,
  t.valid_until,
  (select m.id from identity_merge m where m.loser = t.customer_id and m.undone_by is null limit 1) is not null,
  t.wished_at, t.value, t.material, t.invites, t.promise_id
from touch t
where t.state = 'wished' and not t.held and t.due_at <= %(now)s
order by t.due_at, t.id
limit %(limit)s
for update of t skip locked;

-- name: follow
-- A wish may have been written for a customer who was merged away a moment earlier.
update touch t set customer_id = n.winner
from unnest(%(ids)s::bigint[], %(winners)s::bigint[]) as n (id, winner)
where t.id = n.id;

-- name: owe
-- `|| ''` here and below: found by its key and then looked at. Asked as it is, a plan that was made in a quiet
-- night reads all that are wished instead, which is an index of few entries then (200,000 later: 90 ms).
update touch t set state = 'owed', due_at = n.due_at, not_after = n.not_after, reason = '', counted = n.counted
from unnest(%(ids)s::bigint[], %(due_ats)s::timestamptz[], %(not_afters)s::timestamptz[], %(counted)s::boolean[])
  as n (id, due_at, not_after, counted)
where t.id = n.id and t.state || '' = 'wished';

-- name: staff
update touch t set staff = n.staff
from unnest(%(ids)s::bigint[], %(staff)s::text[]) as n (id, staff)
where t.id = n.id;

-- name: defer
update touch t set due_at = n.due_at
from unnest(%(ids)s::bigint[], %(due_ats)s::timestamptz[]) as n (id, due_at)
where t.id = n.id and t.state || '' = 'wished';

-- name: withhold
-- Final. `unknown` is here for what a provider proved never to have had, after its time.
update touch t set state = 'withheld', reason = n.reason, lease_until = null, sent_at = null,
  finished_at = %(now)s
from unnest(%(ids)s::bigint[], %(reasons)s::text[]) as n (id, reason)
where t.id = n.id and t.state in ('wished', 'owed', 'leased', 'unknown')
returning t.id, t.state, t.reason, t.counted;

-- name: hold
-- What is in doubt may be owed again at any moment. Locked in id order, together with touches that this
-- transaction changes later: so whoever re-checks or records some of both waits, and is never waited for.
with mine as (
  select id, visit_id = any(%(visits)s::bigint[]) and state in ('wished', 'owed', 'leased', 'unknown') as unsent
  from touch
  where visit_id = any(%(visits)s::bigint[]) and state in ('wished', 'owed', 'leased', 'unknown') and not held
    or id = any(%(also)s::bigint[])
  order by id for update)
update touch t set held = true from mine where t.id = mine.id and mine.unsent;

-- name: release
with mine as (
  select id from touch where visit_id = any(%(visits)s::bigint[]) and held order by id for update)
update touch t set held = false from mine where t.id = mine.id;

-- name: withdraw
-- What has not left is withdrawn here. What is with a provider or a person, or may be, is only
-- marked: the cancel sweep asks for it back. `but` are steps whose touches stay.
with mine as (
  select id, state in ('wished', 'owed') as here from touch
  where visit_id = any(%(visits)s::bigint[]) and node <> all(%(but)s::text[])
    and (not cancel_wanted or reason = 'paused')
    and (state in ('wished', 'owed', 'leased', 'unknown')
      or finished_at is null and (state = 'awaiting_staff'
        or state in ('sent', 'delivered', 'read') and channel = any(%(calls)s::text[])))
  order by id for update)
update touch t set
  state = case when mine.here then 'withdrawn' else t.state end,
  finished_at = case when mine.here then %(now)s else t.finished_at end,
  due_at = case when mine.here or t.state = 'unknown' then t.due_at else %(now)s end,
  cancel_wanted = not mine.here,
  held = false,
  reason = %(reason)s
from mine where t.id = mine.id
returning t.id, t.state, t.reason, t.counted;

-- name: stoppable
-- What has not gone out to these customers, or can be asked back, locked in id order. Wishes come last (an append
-- goes from top to bottom), and one that somebody has in hand is passed by: a ruling holds it before it locks
-- the customer, and will know what was said.
with others as (
  select id, customer_id, channel, purpose, due_at, state = 'owed' as here from touch
  where customer_id = any(%(customers)s::bigint[]) and (not cancel_wanted or reason = 'paused')
    and (state in ('owed', 'leased', 'unknown')
      or finished_at is null and (state = 'awaiting_staff'
        or state in ('sent', 'delivered', 'read') and channel = any(%(calls)s::text[])))
  order by id for update
), wished as (
  select id, customer_id, channel, purpose, due_at, true from touch
  where customer_id = any(%(customers)s::bigint[]) and state || '' = 'wished'
  order by id for update skip locked
)
select * from others union all select * from wished;

-- name: ask_back
-- As `withdraw` does, and for good also where a pause has asked; `stoppable` has locked them.
update touch t set cancel_wanted = true, reason = n.reason,
  due_at = case when t.state = 'unknown' then t.due_at else %(now)s end
from unnest(%(ids)s::bigint[], %(reasons)s::text[]) as n (id, reason) where t.id = n.id;

-- name: lock_places
-- The lock on what all touches share, in the order of the key and after the customers. What a touch had taken at
-- an earlier ruling is given back in passing, and so is what ended since: whoever ends a touch marks its places
-- and waits for no account, since it may lock customers yet. What another ruling takes off is passed by: it
-- holds the account, and what it leaves is read here. The answer is what is used now.
with again as (
  delete from quota_use where touch_id = any(%(touches)s::bigint[]) returning name, period, starts
), ended as (
  select u.touch_id, u.name, u.period, u.starts
  from unnest(%(names)s::text[], %(periods)s::text[], %(starts)s::timestamptz[]) as w (name, period, starts)
  join quota_use u on u.name = w.name and u.period = w.period and u.starts = w.starts
  where u.free
  for update of u skip locked
), back as (
  delete from quota_use u using ended e
  where u.touch_id = e.touch_id and u.name = e.name and u.period = e.period and u.starts = e.starts
  returning u.name, u.period, u.starts
), wanted as (
  select name, period, starts, 0 as given
  from unnest(%(names)s::text[], %(periods)s::text[], %(starts)s::timestamptz[]) as w (name, period, starts)
  union all
  select name, period, starts, -1 from again
  union all
  select name, period, starts, -1 from back
)
insert into quota_account as a (name, period, starts, used)
select name, period, starts, sum(given) from wanted group by name, period, starts order by name, period, starts
on conflict (name, period, starts) do update set used = a.used + excluded.used
returning name, period, starts, used;

-- name: take_places
-- Under the lock of lock_places.
with taken as (
  insert into quota_use (touch_id, name, period, starts)
  select touch_id, name, period, starts
  from unnest(%(touches)s::bigint[], %(names)s::text[], %(periods)s::text[], %(starts)s::timestamptz[])
    as u (touch_id, name, period, starts)
  order by touch_id, name, period
  on conflict do nothing
  returning name, period, starts
), many as (
  select name, period, starts, count(*) as used from taken group by name, period, starts
)
update quota_account a set used = a.used + many.used
from many where a.name = many.name and a.period = many.period and a.starts = many.starts;

-- name: free_places
-- Of touches that ended before they left. A statement of its own: who ended one may have waited for the ruling
-- that took its places, and sees them only now.
update quota_use set free = true where touch_id = any(%(touches)s::bigint[]);

-- name: places_used
select a.name, a.period, a.starts, a.used - (
  select count(*) from quota_use u
  where u.free and u.name = a.name and u.period = a.period and u.starts = a.starts)
from quota_account a
where (a.name, a.period, a.starts) in (
  select * from unnest(%(names)s::text[], %(periods)s::text[], %(starts)s::timestamptz[]))
order by a.name, a.period;

-- name: limit_validity
-- A parcel's cut-off became known or earlier. Only what promises something about this order is bound by it.
-- `offset 0`: order by order, never all that are under way and then these.
with mine as (
  select t.id, min(n.valid_until) as valid_until
  from unnest(%(shops)s::text[], %(order_nos)s::text[], %(valid_untils)s::timestamptz[])
    as n (shop, order_no, valid_until), lateral (
      select t.id from touch t
      where t.shop = n.shop and t.order_no = n.order_no and t.order_no <> ''
        and t.state in ('wished', 'owed', 'leased', 'awaiting_staff')
        and (t.promise_id is not null or t.valid_until is not null)
      offset 0) t
  group by t.id order by t.id)
update touch t set valid_until = least(t.valid_until, mine.valid_until)
from mine where t.id = mine.id;

-- name: pause
insert into stop (scope, since, by) values (%(scope)s, %(now)s, %(by)s) on conflict (scope) do nothing;

-- name: recall
-- Calls and tasks of this scope that are with a provider or a person and not over: to be asked back.
with mine as (
  select id from touch
  where finished_at is null and not cancel_wanted
    and (state = 'awaiting_staff'
      or state in ('sent', 'delivered', 'read') and channel in ('voice_ai', 'voice_human'))
    and %(scope)s::text in ('all', 'channel:' || channel, 'journey:' || journey)
  order by id for update)
update touch t set cancel_wanted = true, reason = 'paused', due_at = %(now)s
from mine where t.id = mine.id;

-- name: in_hand
-- What is just being handed over, or of which nobody knows yet whether it was.
-- Two counts, since each of the two has an index of its own.
select (
    select count(*) from touch t where t.state = 'leased'
      and %(scope)s::text in ('all', 'channel:' || t.channel, 'journey:' || t.journey)
  ) + (
    select count(*) from touch t where t.state = 'unknown'
      and %(scope)s::text in ('all', 'channel:' || t.channel, 'journey:' || t.journey));

-- name: resume
delete from stop where scope = %(scope)s;

-- name: stops
select scope, since, by from stop order by scope;

-- name: reclaim
-- A worker died (or hung) between lease and record: whether it was sent is not known any more.
-- Lease deadlines are real time.
with dead as (
  select id from touch where state = 'leased' and lease_until < %(real)s
  order by lease_until, id limit %(limit)s for update skip locked)
update touch t set state = 'unknown', lease_until = null, sent_at = %(now)s, due_at = %(now)s,
  failures = t.failures + 1
from dead where t.id = dead.id
returning t.id, t.attempts;

-- name: owed
-- What may go out now on this channel, in the order of these lanes and priorities, then of their due times.
-- Each of them is the beginning of one part of the index, read only until there are enough: with 200,000 that
-- wait and as many that are owed for later 0.8 ms; sorted they took 600.
-- A paused outbox finds nothing; what is owed stays owed. Who is paused is asked once, not per touch.
-- Read here: what a small batch would otherwise ask of four rooms. Sub-selects, since they are looked up
-- by key and only for what is claimed; a join or `exists` may read a whole table instead. The consent is the
-- latest word of all identities of the customer, as for the ruling: it may have come between.
select t.id, t.customer_id, t.journey, t.step, t.channel, t.shop, t.order_no, t.material, t.locale,
  t.promise_id, t.state_code, t.not_after, t.valid_until,
  coalesce((select s.name from shop s where s.code = t.shop), t.shop),
  (select c.name_item from customer c where c.id = t.customer_id),
  (select m.id from identity_merge m where m.loser = t.customer_id and m.undone_by is null limit 1) is not null,
  t.channel <> 'sms' or exists (
    select from price where kind = 'sms_segment' and variant in ('', %(vendor)s) and valid_from <= %(today)s), t.staff,
  coalesce((
    select c.state from consent c
    where c.customer_id = t.customer_id and c.channel = %(consent)s and c.purpose = t.purpose
    order by c.changed_at desc, c.changed_source desc, c.changed_source_id desc limit 1) = 'withdrawn', false),
  t.attempts, case when t.material_version is not null then t.variant end
from unnest(%(lanes)s::text[], %(priorities)s::smallint[]) with ordinality as u (lane, priority, place), lateral (
  select * from touch t
  where t.state = 'owed' and not t.held and t.channel = %(channel)s and t.lane = u.lane
    and t.priority = u.priority and t.due_at <= %(now)s
    and t.journey <> all(array(select substr(scope, 9) from stop where scope like 'journey:%%'))
  order by t.due_at, t.id limit %(limit)s
  for update skip locked) t
where not exists (select from stop where scope in ('all', 'channel:' || %(channel)s::text))
order by u.place limit %(limit)s;

-- name: lease
-- Which text it is: a variant is drawn once, and how likely it was counts as any split does.
update touch t set state = 'leased', lease_until = %(lease_until)s, attempts = t.attempts + 1,
  identity_id = n.identity_id, segments = n.segments, material_version = n.version, variant = n.variant,
  probability = case when t.material_version is null then t.probability * n.probability else t.probability end
from unnest(%(ids)s::bigint[], %(identities)s::bigint[], %(segments)s::smallint[], %(versions)s::int[],
  %(variants)s::text[], %(probabilities)s::real[])
  as n (id, identity_id, segments, version, variant, probability)
where t.id = n.id;

-- name: wish_again
-- Its hours are over, or its customer has been merged into another: the budget rules anew.
update touch t set state = 'wished', customer_id = n.customer_id, due_at = %(now)s, not_after = null
from unnest(%(ids)s::bigint[], %(customers)s::bigint[]) as n (id, customer_id)
where t.id = n.id;

-- name: recheck
-- The last look before the network: what was held, paused or withdrawn since the lease does not go.
-- One statement by itself, and it waits for whoever is changing these rows. Extends the lease over the
-- call where it isn't fresh: written again, a row goes into each of its indexes anew. What is unwanted is locked
-- and named, and left as it is: `drop` ends it together with its event.
with mine as (
  select t.id, t.failures, t.lease_until, t.cancel_wanted as unwanted, not t.cancel_wanted and (t.held or exists (
      select from stop s where s.scope in ('all', 'channel:' || t.channel, 'journey:' || t.journey)
    )) as waits
  from touch t
  where t.id = any(%(ids)s::bigint[]) and t.state = 'leased' and t.lease_until >= %(real)s
  order by t.id for update of t
), written as (
  update touch t set
    state = case when waits then 'owed' else 'leased' end,
    lease_until = case when waits then null else %(lease_until)s end,
    attempts = t.attempts - case when waits then 1 else 0 end
  from mine
  where t.id = mine.id and not unwanted and (waits or mine.lease_until < %(fresh)s))
select id, case when unwanted then 'unwanted' when waits then 'owed' else 'leased' end, failures from mine;

-- name: drop
-- What the last look found unwanted. A worker that dies before this leaves a lease that runs out: in
-- doubt, the provider never had it, withdrawn.
with mine as (
  select id, state = 'leased' and cancel_wanted as unwanted from touch
  where id = any(%(ids)s::bigint[])
  order by id for update)
update touch t set state = 'withdrawn', lease_until = null, attempts = t.attempts - 1,
  finished_at = %(now)s, cancel_wanted = false
from mine where t.id = mine.id and mine.unwanted
returning t.id, t.state, t.reason, t.counted;

-- name: lock
-- Writers of many touches lock them in id order first, so that no two wait for each other. And whose they are,
-- and how far they were.
select id, customer_id, identity_id, state from touch where id = any(%(ids)s::bigint[]) order by id for update;

-- name: record
-- What the provider answered. Where a receipt was quicker, it knows more and stands. Locked in id order,
-- as everywhere. It also says whose each touch is by now, for the ledger: a merge may have been quicker.
with mine as (
  select n.*, t.customer_id
  from unnest(%(ids)s::bigint[], %(states)s::text[], %(vendor_ids)s::text[], %(reasons)s::text[],
    %(due_ats)s::timestamptz[], %(failures)s::smallint[])
    as n (id, state, vendor_id, reason, due_at, failures)
  join touch t on t.id = n.id
  order by t.id for update of t
), done as (
  update touch t set
    state = case when t.cancel_wanted and n.state = 'owed' then 'withdrawn' else n.state end,
    cancel_wanted = t.cancel_wanted and n.state <> 'owed',
    reason = case when t.cancel_wanted then t.reason else n.reason end,
    vendor_id = n.vendor_id,
    lease_until = null,
    due_at = coalesce(n.due_at, t.due_at),
    failures = n.failures,
    sent_at = case when n.state in ('sent', 'unknown') then %(now)s end,
    finished_at = case when n.state = 'failed' or t.cancel_wanted and n.state = 'owed' then %(now)s end
  from mine n where t.id = n.id and t.state in ('leased', 'unknown')
  returning t.id, t.state, t.attempts, t.reason, t.counted)
select mine.id, mine.customer_id, coalesce(done.state, ''), coalesce(done.attempts, 0),
  coalesce(done.reason, ''), coalesce(done.counted, false)
from mine left join done on done.id = mine.id
order by mine.id;

-- name: texts
-- Text messages that left, or may have left, and what they are made of: for the ledger.
select id, customer_id, identity_id, journey, step, shop, segments
from touch where id = any(%(ids)s::bigint[]) and channel = 'sms' and segments > 0 and attempts > 0
order by id;

-- name: overdue_people
-- A person must not go on promising what has stopped being true.
with late as (
  select id from touch
  where state = 'awaiting_staff' and finished_at is null and not cancel_wanted and valid_until <= %(now)s
  order by valid_until, id limit %(limit)s for update skip locked)
update touch t set cancel_wanted = true, reason = 'promise_expired', due_at = %(now)s
from late where t.id = late.id;

-- name: claim_cancels
-- Moving `due_at` is the claim: other workers pass by, and a provider that does not answer is asked later.
with due as (
  select id from touch
  where cancel_wanted and state in ('sent', 'awaiting_staff', 'delivered', 'read')
    and due_at <= %(now)s and channel = any(%(channels)s::text[])
  order by due_at, id limit %(limit)s for update skip locked)
update touch t set due_at = %(again)s from due where t.id = due.id
returning t.id, t.channel, t.identity_id, t.vendor_id, t.sent_at;

-- name: cancelled
-- `true`: it surely won't happen. `false`: too late, it stands; either way nobody asks again. What a pause
-- asked back is a wish again: after `resume` the budget rules whether it is still true and in its hours.
with mine as (
  select n.*, t.cancel_wanted from unnest(%(ids)s::bigint[], %(stopped)s::boolean[]) as n (id, stopped)
  join touch t on t.id = n.id
  order by t.id for update of t)
update touch t set cancel_wanted = false,
  state = case when not n.stopped or t.finished_at is not null then t.state
    when t.reason = 'paused' then 'wished' else 'withdrawn' end,
  sent_at = case when n.stopped and t.finished_at is null and t.reason = 'paused' then null else t.sent_at end,
  due_at = case when t.reason = 'paused' then %(now)s else t.due_at end,
  finished_at = case when n.stopped and t.finished_at is null and t.reason <> 'paused' then %(now)s
    else t.finished_at end,
  reason = case when t.reason = 'paused' then '' else t.reason end
from mine n where t.id = n.id and n.cancel_wanted
returning t.id, t.state, t.reason, t.counted;

-- name: owe_again
-- Stopped along with what was asked back, and wanted still: owed as it was ruled, due at once. Only under the
-- vendor's id that was stopped, since it may have been handed over anew by now, and never what is asked back
-- itself, which has an answer of its own. The rows are those that somebody has just in hand, or that are in
-- doubt: they may be recorded under that id yet, so nothing is known of them, and they stay as they are.
with mine as (
  select t.id, t.state in ('leased', 'unknown') as in_hand,
    t.state in ('sent', 'awaiting_staff') and t.finished_at is null and not t.cancel_wanted
      and t.vendor_id = n.vendor_id as along
  from unnest(%(ids)s::bigint[], %(vendor_ids)s::text[]) as n (id, vendor_id)
  join touch t on t.id = n.id
  order by t.id for update of t
), written as (
  update touch t set state = 'owed', due_at = %(now)s, vendor_id = '', sent_at = null
  from mine where t.id = mine.id and mine.along)
select id from mine where in_hand order by id;

-- name: pace
-- How quick these were; what is told again changes nothing.
insert into touch_pace (touch_id, did_at, heard_at, ended_at)
select * from unnest(%(ids)s::bigint[], %(did)s::timestamptz[], %(heard)s::timestamptz[], %(ended)s::timestamptz[])
on conflict do nothing returning touch_id;

-- name: paces
-- Welcomes wished for in a period, by day of the brand (oldest first) and in all (the last row, without a day):
-- what became of them, and their seconds. A range of touch_wished_at; each pace by its key.
with mine as (
  select (t.wished_at at time zone %(zone)s)::date as day,
    t.state in ('sent', 'delivered', 'read', 'replied') as sent,
    t.state in ('wished', 'owed', 'leased', 'unknown', 'awaiting_staff') as open,
    t.reason,
    extract(epoch from p.ended_at - p.heard_at)::float8 as heard,
    extract(epoch from p.ended_at - p.did_at)::float8 as did
  from touch t left join touch_pace p on p.touch_id = t.id
  where t.wished_at >= %(since)s and t.wished_at < %(until)s and t.channel = any(%(channels)s::text[]))
select day, count(*), count(*) filter (where sent),
  count(*) filter (where sent and heard is not null),
  count(*) filter (where sent and heard <= %(within)s),
  count(*) filter (where not sent and not open and reason = any(%(late)s::text[])),
  count(*) filter (where not sent and not open and reason = %(no_code)s),
  count(*) filter (where open),
  percentile_disc(0.5) within group (order by heard) filter (where sent),
  percentile_disc(0.95) within group (order by heard) filter (where sent),
  max(heard) filter (where sent),
  percentile_disc(0.5) within group (order by did) filter (where sent),
  percentile_disc(0.95) within group (order by did) filter (where sent),
  max(did) filter (where sent)
from mine group by grouping sets ((day), ()) order by day nulls last;

-- name: claim_unknown
-- Moving `due_at` is the claim, as in claim_cancels.
with due as (
  select id from touch
  where state = 'unknown' and due_at <= %(now)s and channel = any(%(channels)s::text[])
  order by due_at, id limit %(limit)s for update skip locked)
update touch t set due_at = %(again)s from due where t.id = due.id
returning t.id, t.channel, t.identity_id, t.vendor_id, t.sent_at, t.failures, t.valid_until, t.cancel_wanted;

-- name: reconcile
-- Only what is still unknown: a receipt that came meanwhile knows more. Somebody may have asked for it
-- to stop while we were asking: then what never arrived stays so.
with mine as (
  select n.*, t.state as was
  from unnest(%(ids)s::bigint[], %(states)s::text[], %(vendor_ids)s::text[], %(reasons)s::text[],
    %(due_ats)s::timestamptz[]) as n (id, state, vendor_id, reason, due_at)
  join touch t on t.id = n.id
  order by t.id for update of t)
update touch t set
  state = case when n.state = 'owed' and t.cancel_wanted then 'withdrawn' else n.state end,
  due_at = n.due_at,
  vendor_id = case when n.vendor_id = '' then t.vendor_id else n.vendor_id end,
  reason = case when n.reason = '' then t.reason else n.reason end,
  sent_at = case when n.state in ('owed', 'withheld', 'withdrawn', 'failed') then null else t.sent_at end,
  finished_at = case
    when n.state in ('withheld', 'withdrawn', 'failed') or n.state = 'owed' and t.cancel_wanted
    then %(now)s else t.finished_at end,
  cancel_wanted = t.cancel_wanted and n.state in ('sent', 'awaiting_staff')
from mine n where t.id = n.id and n.was = 'unknown'
returning t.id, t.state, t.reason, t.counted;

-- name: merge
-- What was owed to the one who is gone is ruled again, under the caps of the one who remains.
with mine as (
  select t.id, n.winner from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as n (loser, winner)
  join touch t on t.customer_id = n.loser
  order by t.id for update of t)
update touch t set customer_id = mine.winner,
  state = case when t.state = 'owed' then 'wished' else t.state end,
  due_at = case when t.state = 'owed' then %(now)s else t.due_at end
from mine where t.id = mine.id;

-- name: part
-- After a split: touches wished by hand go with the address that they have. All others go with their visit, which
-- journeys tells of in `follow`.
with mine as (
  select t.id, v.after
  from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
    as v (identity_id, before, after)
  join touch t on t.customer_id = v.before and t.identity_id = v.identity_id and t.visit_id is null
  order by t.id for update of t)
update touch t set customer_id = mine.after,
  state = case when t.state = 'owed' then 'wished' else t.state end,
  due_at = case when t.state = 'owed' then %(now)s else t.due_at end
from mine where t.id = mine.id
returning t.id, t.customer_id;

-- name: follow_visits
-- A touch is its visit's; what was owed is ruled again, under the caps of its own customer.
with mine as (
  select t.id, v.customer_id
  from unnest(%(visits)s::bigint[], %(customers)s::bigint[]) as v (visit_id, customer_id)
  join touch t on t.visit_id = v.visit_id and t.customer_id <> v.customer_id
  order by t.id for update of t)
update touch t set customer_id = mine.customer_id,
  state = case when t.state = 'owed' then 'wished' else t.state end,
  due_at = case when t.state = 'owed' then %(now)s else t.due_at end
from mine where t.id = mine.id
returning t.id, t.customer_id;

-- name: recall_split
-- On its way to an address that is somebody else's by now: asked back, as `withdraw` does, and for good also where
-- a pause has asked. What has not been leased yet will find its address anew.
with mine as (
  select t.id from touch t join identity i on i.id = t.identity_id
  where t.customer_id = any(%(customers)s::bigint[]) and i.customer_id <> t.customer_id
    and (not t.cancel_wanted or t.reason = 'paused')
    and (t.state in ('leased', 'unknown')
      or t.finished_at is null and (t.state = 'awaiting_staff'
        or t.state in ('sent', 'delivered', 'read') and t.channel = any(%(calls)s::text[])))
  order by t.id for update of t)
update touch t set cancel_wanted = true, reason = 'split',
  due_at = case when t.state = 'unknown' then t.due_at else %(now)s end
from mine where t.id = mine.id;

-- name: attracted
-- Who followed the link of a text: nothing else makes one `read`.
select distinct customer_id from touch
where customer_id = any(%(customers)s::bigint[]) and channel = 'sms' and state in ('read', 'replied');

-- name: receipts
-- States only climb (sent, failed, delivered, read, replied), so receipts may come in any order. A receipt
-- proves that it was sent, even of what was given up for absent; for what never left it is none of ours.
update touch t set
  state = n.state,
  reason = case when n.state = 'failed' then n.reason when t.state = 'failed' then '' else t.reason end,
  lease_until = null,
  sent_at = coalesce(t.sent_at, n.at),
  finished_at = case when t.outcome <> '' then t.finished_at when n.state = 'failed' then n.at end
from unnest(%(ids)s::bigint[], %(states)s::text[], %(reasons)s::text[], %(ats)s::timestamptz[])
  as n (id, state, reason, at)
where t.id = n.id and t.attempts > 0
  and array_position(%(ladder)s::text[], n.state)
    > coalesce(array_position(%(ladder)s::text[], t.state), 0)
returning t.id, t.state;

-- name: finished
-- The end of a call or of a task; of two ends of one touch the later stands, in whatever order they come.
update touch t set
  state = case when array_position(%(ladder)s::text[], n.state)
    > coalesce(array_position(%(ladder)s::text[], t.state), 0) then n.state else t.state end,
  reason = case when t.state = 'failed' and n.state = 'delivered' then '' else t.reason end,
  outcome = n.outcome, intent = n.intent, seconds = n.seconds,
  lease_until = null, cancel_wanted = false,
  sent_at = coalesce(t.sent_at, n.at), finished_at = n.at
from unnest(%(ids)s::bigint[], %(states)s::text[], %(outcomes)s::text[], %(intents)s::text[],
  %(seconds)s::int[], %(ats)s::timestamptz[]) as n (id, state, outcome, intent, seconds, at)
where t.id = n.id and t.attempts > 0
  and (t.outcome = '' or (n.at, n.seconds, n.outcome, n.intent)
    > (t.finished_at, t.seconds, t.outcome, t.intent))
returning t.id, t.channel, t.customer_id, t.identity_id, t.journey, t.step, t.shop, t.seconds, t.finished_at;

-- name: touches_of_customer
select id, visit_id, node, round, customer_id, identity_id, journey, step, channel, purpose, shop, order_no,
  material, promise_id, state_code, state, held, reason, wished_at, due_at, not_after, valid_until, sent_at,
  finished_at, attempts, outcome, intent, seconds, segments, probability
from touch where customer_id = %(customer)s order by wished_at, id;

-- name: queued
-- The index of what is owed begins with its channel; a look at so many of each tells enough.
select t.channel, t.reason, count(*), min(t.due_at)
from unnest(%(channels)s::text[]) as c (channel)
cross join lateral (
  select o.channel, o.reason, o.due_at from touch o
  where o.state = 'owed' and o.channel = c.channel and not o.held limit %(most)s) t
where t.reason = any(%(reasons)s::text[])
group by t.channel, t.reason order by t.channel, t.reason;

-- name: touches_of_visit
-- The unique key (visit, node, round) is the index.
select id, visit_id, node, round, customer_id, identity_id, journey, step, channel, purpose, shop, order_no,
  material, promise_id, state_code, state, held, reason, wished_at, due_at, not_after, valid_until, sent_at,
  finished_at, attempts, outcome, intent, seconds, segments, probability
from touch where visit_id = %(visit)s order by wished_at, id;

-- name: touches
select id, visit_id, node, round, customer_id, identity_id, journey, step, channel, purpose, shop, order_no,
  material, promise_id, state_code, state, held, reason, wished_at, due_at, not_after, valid_until, sent_at,
  finished_at, attempts, outcome, intent, seconds, segments, probability
from touch where id = any(%(ids)s::bigint[]) order by id;

-- name: page
select id, visit_id, node, round, customer_id, identity_id, journey, step, channel, purpose, shop, order_no,
  material, promise_id, state_code, state, held, reason, wished_at, due_at, not_after, valid_until, sent_at,
  finished_at, attempts, outcome, intent, seconds, segments, probability
from (select * from touch where id > %(after)s order by id limit %(scan)s) t
where (%(journey)s = '' or journey = %(journey)s) and (%(state)s = '' or state = %(state)s)
  and (%(since)s::timestamptz is null or wished_at >= %(since)s)
order by id limit %(limit)s;

-- name: link
-- Where a short link leads, as its text was sent: two rows by key. All languages of a text have the same links.
select x.links from touch t
join material_text x on x.code = t.material and x.version = t.material_version and x.variant = t.variant
where t.id = %(touch)s limit 1;

-- name: clicked
-- The first click; a later one told earlier changes nothing, an earlier one told later does.
with mine as (
  select id, min(at) as at from unnest(%(ids)s::bigint[], %(ats)s::timestamptz[]) as n (id, at) group by id order by id)
update touch t set clicked_at = mine.at from mine
where t.id = mine.id and (t.clicked_at is null or mine.at < t.clicked_at);

-- name: page_end
select max(id) from (select id from touch where id > %(after)s order by id limit %(scan)s) t;

-- name: page_of
-- Of one customer: all of theirs are read, which are few.
select id, visit_id, node, round, customer_id, identity_id, journey, step, channel, purpose, shop, order_no,
  material, promise_id, state_code, state, held, reason, wished_at, due_at, not_after, valid_until, sent_at,
  finished_at, attempts, outcome, intent, seconds, segments, probability
from touch
where customer_id = %(customer)s and id > %(after)s
  and (%(journey)s = '' or journey = %(journey)s) and (%(state)s = '' or state = %(state)s)
  and (%(since)s::timestamptz is null or wished_at >= %(since)s)
order by id limit %(limit)s;

-- name: last
-- The newest round of each node, and of all its rounds: is one held, and may one still go out or be asked back
-- (as `withdraw` would)? The unique key (visit, node, round) is the index.
select distinct on (visit_id, node)
  visit_id, step, node, state, outcome, intent, sent_at, finished_at,
  bool_or(held) over step,
  bool_or(state in ('wished', 'owed', 'leased', 'unknown') or finished_at is null and (state = 'awaiting_staff'
    or state in ('sent', 'delivered', 'read') and channel = any(%(calls)s::text[]))) over step
from touch where visit_id = any(%(visits)s::bigint[])
window step as (partition by visit_id, node order by round desc
  rows between unbounded preceding and unbounded following)
order by visit_id, node, round desc;

-- name: withheld_since
-- How many touches of these journeys were withheld since then, `most` at most of each: index touch_withheld_by.
select j.code, (select count(*) from (select from touch t where t.journey = j.code and t.state = 'withheld'
  and t.finished_at >= %(since)s order by t.finished_at limit %(most)s) x)
from unnest(%(journeys)s::text[]) as j (code);

-- name: ruled_on
-- What became of every touch of these visits: by the unique key of visit, step and round.
select visit_id, node, state, reason, sent_at is not null from touch
where visit_id = any(%(visits)s::bigint[]) order by visit_id, node, round;

-- name: wished_by
-- Every touch of these visits: whether it went out or still may.
select visit_id, node, round, state not in ('withheld', 'withdrawn')
from touch where visit_id = any(%(visits)s::bigint[]);

-- name: unsaid
-- The visits of a journey of whose touches one may still go out or be asked back (as `withdraw` would). For a
-- person who stops it: each part reads a partial index of its own, so what waits and not what was ever sent.
select distinct t.visit_id from (
  select visit_id, journey from touch where state = 'wished'
  union all select visit_id, journey from touch where state = 'owed'
  union all select visit_id, journey from touch where state = 'leased'
  union all select visit_id, journey from touch where state = 'unknown'
  union all select visit_id, journey from touch
    where state = 'awaiting_staff' and finished_at is null and not cancel_wanted
  union all select visit_id, journey from touch where cancel_wanted and reason = 'paused'
  union all select visit_id, journey from touch
    where finished_at is null and state in ('sent', 'delivered', 'read') and channel in ('voice_ai', 'voice_human')
) t
where t.journey = %(journey)s and t.visit_id is not null
order by 1;

-- name: counts
-- What a customer has had or surely will have; unknown ones count until they are known. The last column:
-- when a call was refused.
select customer_id, channel, purpose, coalesce(sent_at, due_at), id,
  case when outcome = 'refused' and channel in ('voice_ai', 'voice_human') then finished_at end
from touch
where customer_id = any(%(customers)s::bigint[])
  and state in ('owed', 'leased', 'sent', 'awaiting_staff', 'delivered', 'read', 'replied', 'unknown')
  and coalesce(sent_at, due_at) >= %(since)s
order by customer_id, id;

-- name: rivals
-- Other wishes of lane `window` that are due for these customers: some other batch rules them, perhaps in
-- this very moment, so they are read and not locked.
select t.id, t.customer_id, t.visit_id, t.journey, t.channel, t.purpose, t.shop, t.order_no, t.lane, t.priority,
  t.valid_until, false, t.wished_at, t.value, t.material, t.invites
from touch t
where t.customer_id = any(%(customers)s::bigint[]) and t.state || '' = 'wished' and t.lane = 'window'
  and not t.held and t.due_at <= %(now)s
order by t.customer_id, t.id;

-- name: due_channels
-- Which channels have something to send now, and how often in a row they have failed (then they are to be
-- probed): the others are not even asked. With the materials that each refuses, and until when they rest.
select c.channel, coalesce(r.failures, 0),
  array(select f.material from refused f where f.channel = c.channel order by f.material),
  array(select f.probe_at from refused f where f.channel = c.channel order by f.material)
from unnest(%(channels)s::text[]) as c (channel) left join trouble r on r.channel = c.channel, lateral (
  select from touch t
  where t.state = 'owed' and not t.held and t.channel = c.channel and t.lane = any(%(lanes)s::text[])
    and t.priority = any(%(priorities)s::smallint[]) and t.due_at <= %(now)s
  limit 1) t
where r.probe_at is null or r.probe_at <= %(now)s;

-- name: probe
-- Whoever moves it probes; everybody else finds that somebody does.
update trouble set probe_at = %(again)s where channel = %(channel)s and probe_at <= %(now)s;

-- name: troubled
-- Of two who find it in trouble at once, the longer pause counts; whoever has probed knows better. A probe that
-- nobody answers says nothing new: what was said before stays, so that staff is not told another thing each time.
insert into trouble as r (channel, since, probe_at, failures, reason, quota)
values (%(channel)s, %(now)s, %(until)s, %(failures)s, %(reason)s, %(quota)s)
on conflict (channel) do update set failures = greatest(r.failures, excluded.failures),
  reason = case when excluded.reason = '' and not excluded.quota then r.reason else excluded.reason end,
  quota = excluded.quota or excluded.reason = '' and r.quota,
  probe_at = case when excluded.failures > r.failures then excluded.probe_at
    else greatest(r.probe_at, excluded.probe_at) end
returning channel;

-- name: recovered
delete from trouble where channel = %(channel)s returning channel;

-- name: drop_others
-- What no channel carries is nobody's trouble any more.
with shut as (delete from trouble where channel <> all(%(channels)s::text[]))
delete from refused where channel <> all(%(channels)s::text[]);

-- name: refuse
-- Of two who find it refused at once, both are right: it rests from the later one on.
insert into refused as r (channel, material, since, probe_at, reason)
select %(channel)s, u.material, %(now)s, %(until)s, u.reason
from unnest(%(materials)s::text[], %(reasons)s::text[]) as u (material, reason)
order by u.material
on conflict (channel, material) do update set probe_at = greatest(r.probe_at, excluded.probe_at),
  reason = excluded.reason;

-- name: take_again
delete from refused where channel = %(channel)s and material = any(%(materials)s::text[]);

-- name: rest
-- Claimed, and of a material that is refused: looked at again when that is tried.
update touch t set due_at = n.due_at, reason = %(reason)s
from unnest(%(ids)s::bigint[], %(due_ats)s::timestamptz[]) as n (id, due_at)
where t.id = n.id and t.state || '' = 'owed';

-- name: waken
-- Somebody says that it is taken again. Locked in id order, as everywhere.
with mine as (
  select id from touch
  where state = 'owed' and channel = %(channel)s and material = any(%(materials)s::text[]) and reason = %(reason)s
  order by id for update)
update touch t set due_at = %(now)s, reason = '' from mine where t.id = mine.id;

-- name: journey_known
-- Reads journeys' table: a stop of nothing would be a stop that nobody notices to be missing.
select exists (select from journey where code = %(code)s);

-- name: stop_preview
-- What a stop of this scope would hold, and ask back, and what by now is past what it promises, by channel: each
-- part is the beginning of its own index, so that somebody in a hurry is answered at once whatever waits.
select channel, count(*) filter (where part = 'waiting'),
  count(*) filter (where part = 'waiting' and valid_until <= %(now)s),
  count(*) filter (where part = 'back'), count(*) filter (where part = 'in_hand')
from (
  (select 'waiting' as part, channel, valid_until from touch t where state = 'wished'
    and %(scope)s::text in ('all', 'channel:' || channel, 'journey:' || journey, 'material:' || channel || ':' || material)
    limit %(most)s)
  union all
  (select 'waiting', channel, valid_until from touch where state = 'owed'
    and %(scope)s::text in ('all', 'channel:' || channel, 'journey:' || journey, 'material:' || channel || ':' || material)
    limit %(most)s)
  union all
  (select 'back', channel, null from touch where state = 'awaiting_staff' and finished_at is null and not cancel_wanted
    and %(scope)s::text in ('all', 'channel:' || channel, 'journey:' || journey) limit %(most)s)
  union all
  (select 'back', channel, null from touch where finished_at is null and state in ('sent', 'delivered', 'read')
    and channel in ('voice_ai', 'voice_human') and not cancel_wanted
    and %(scope)s::text in ('all', 'channel:' || channel, 'journey:' || journey) limit %(most)s)
  union all
  (select 'in_hand', channel, null from touch where state = 'leased'
    and %(scope)s::text in ('all', 'channel:' || channel, 'journey:' || journey) limit %(most)s)
  union all
  (select 'in_hand', channel, null from touch where state = 'unknown'
    and %(scope)s::text in ('all', 'channel:' || channel, 'journey:' || journey) limit %(most)s)) x
group by channel order by channel;

-- name: waiting
-- What is wished for or owed and has not gone out.
-- Two counts, since each of the two has an index of its own.
select (
    select count(*) from touch t where t.state = 'wished'
      and %(scope)s::text in ('all', 'channel:' || t.channel, 'journey:' || t.journey, 'material:' || t.channel || ':' || t.material)
  ) + (
    select count(*) from touch t where t.state = 'owed'
      and %(scope)s::text in ('all', 'channel:' || t.channel, 'journey:' || t.journey, 'material:' || t.channel || ':' || t.material));

-- name: ask_trials
insert into trial (staff, journey, step, channel, material, text, link, segments, state, asked_by, asked_at)
select %(staff)s, %(journey)s, t.step, t.channel, t.material, t.text, t.link, t.segments, 'owed', %(by)s, %(now)s
from unnest(%(steps)s::text[], %(channels)s::text[], %(materials)s::text[], %(texts)s::text[],
  %(links)s::text[], %(segments)s::smallint[])
  with ordinality as t (step, channel, material, text, link, segments, place)
order by t.place
returning id;

-- name: claim_trials
-- From here on nobody takes it up again, whatever happens: at most once. A pause counts up to this moment,
-- and what nobody has sent for so long is not wanted any more.
with mine as (
  select t.id, case
    when t.asked_at <= %(stale)s then 'too_late'
    when exists (select from stop s where s.scope in ('all', 'channel:' || t.channel, 'journey:' || t.journey))
      then 'paused'
    else '' end as why
  from trial t
  where t.state = 'owed' and t.channel = any(%(channels)s::text[])
  order by t.asked_at, t.id limit %(limit)s for update skip locked)
update trial t set state = case when mine.why = '' then 'unknown' else 'withheld' end,
  reason = case when mine.why = '' then 'no answer' else mine.why end,
  sent_at = case when mine.why = '' then %(now)s::timestamptz end
from mine where t.id = mine.id
returning t.id, t.state, t.staff, t.journey, t.step, t.channel, t.material, t.text, t.link, t.segments;

-- name: record_trials
update trial t set state = n.state, reason = n.reason, vendor_id = n.vendor_id,
  sent_at = case when n.state = 'sent' then t.sent_at end
from unnest(%(ids)s::bigint[], %(states)s::text[], %(reasons)s::text[], %(vendor_ids)s::text[])
  as n (id, state, reason, vendor_id)
where t.id = n.id and t.state = 'unknown';

-- name: trials
select id, staff, journey, step, channel, material, text, state, reason, asked_by, asked_at, sent_at
from trial where id = any(%(ids)s::bigint[]) order by id;

-- name: trials_of
-- The latest of a journey first.
select id, staff, journey, step, channel, material, text, state, reason, asked_by, asked_at, sent_at
from trial where journey = %(journey)s order by id desc limit %(limit)s;

-- name: carrying
-- The latest touch of a customer that carried this state: a customer has a few touches, a state one order's.
select id from touch
where customer_id = %(customer)s and state_code = %(state)s and sent_at is not null
order by sent_at desc, id desc limit 1;

-- name: unreported
-- Handed over behind this place and up to then, and nothing was heard of it since. A range of touch_sent_at, which
-- is some minutes of sending; nobody waits for it.
select id, sent_at, identity_id, vendor_id from touch
where sent_at >= %(since)s and sent_at <= %(until)s and (sent_at, id) > (%(since)s, %(after)s)
  and state = 'sent' and channel = %(channel)s
order by sent_at, id limit %(limit)s;

-- name: invited_sizes
-- What the visits of these touches have invited to last: a text may name it.
select t.id, case when i.title = '' then i.style else i.title end, i.size, coalesce(s.name, i.place)
from touch t
cross join lateral (
  select i.title, i.style, i.size, i.place from size_invitation i
  where i.visit_id = t.visit_id and i.state = 'invited' order by i.changed_at desc, i.key limit 1
) i
left join store s on s.code = i.place
where t.id = any(%(ids)s::bigint[]);

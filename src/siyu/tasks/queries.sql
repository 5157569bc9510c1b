-- name: add
-- One task per touch, however often the outbox hands it over. One that was taken back (a pause) is open again, with
-- a time of its own: whoever is told when it is overdue is told from the first one on.
insert into task as k (touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, created_at,
  due_at, escalate_at, planned_for, planned_why, snoozed_until)
select touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, 'open', %(now)s, due_at,
  due_at + (select overdue_after from task_rules), planned_for, planned_why,
  case when planned_for > %(now)s then planned_for end
from unnest(%(touches)s::bigint[], %(kinds)s::text[], %(customers)s::bigint[], %(identities)s::bigint[],
  %(staff)s::text[], %(scripts)s::text[], %(shops)s::text[], %(order_nos)s::text[], %(due_ats)s::timestamptz[],
  %(planned)s::timestamptz[], %(whys)s::text[])
  as t (touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, due_at, planned_for, planned_why)
order by touch_id
on conflict (touch_id) do update set state = 'open', staff = excluded.staff, script = excluded.script,
  identity_id = excluded.identity_id, due_at = excluded.due_at, escalate_at = excluded.escalate_at,
  planned_for = excluded.planned_for, planned_why = excluded.planned_why, snoozed_until = excluded.snoozed_until,
  escalation = 0, escalated_to = ''
  where k.state = 'cancelled';

-- name: cancel
with mine as (
  select id from task where touch_id = any(%(touches)s::bigint[]) and state = 'open' order by id for update)
update task t set state = 'cancelled' from mine where t.id = mine.id;

-- name: states
select touch_id, state from task where touch_id = any(%(touches)s::bigint[]);

-- name: wanted
-- What people are asked for, and who comes first for it: who has this very task already (unless it was taken
-- back), the guide who is the customer's friend, the guide who had something about this order. Sub-selects: each
-- is a look-up by key.
select t.id, t.channel, t.customer_id, t.identity_id, t.shop, t.order_no, t.valid_until,
  coalesce((select k.staff from task k where k.touch_id = t.id and k.state <> 'cancelled'), ''),
  coalesce((select f.staff from friendship f join staff_member m on m.code = f.staff
    where f.customer_id = t.customer_id and f.state = 'live' and m.active and m.role = 'guide'
    order by f.added_at desc nulls last, f.staff limit 1), ''),
  coalesce((select k.staff from task k
    where t.order_no <> '' and k.shop = t.shop and k.order_no = t.order_no
    order by k.created_at desc, k.staff limit 1), ''),
  t.off_peak
from touch t where t.id = any(%(touches)s::bigint[]) order by t.id;

-- name: lock
-- Who counts loads and gives tasks by them does it alone: capacities hold whoever assigns at the same time.
select pg_advisory_xact_lock(hashtextextended(current_schema() || ' tasks', 0));

-- name: loads
-- Of a day's capacity are used: what is open, whatever day it came, and what was done today.
select staff, kind, false, count(*) from task
where staff = any(%(staff)s::text[]) and state = 'open' group by staff, kind
union all
select staff, kind, true, count(*) from task
where staff = any(%(staff)s::text[]) and state = 'done' and done_at >= %(midnight)s group by staff, kind;

-- name: overdue
-- How much each has open, how much of it is overdue and was told upwards, and whether it is on a screen.
select staff, count(*), count(*) filter (where due_at <= %(now)s), count(*) filter (where escalation > 0),
  count(*) filter (where held_until > %(real)s)
from task
where staff = any(%(staff)s::text[]) and state = 'open' group by staff;

-- name: reports
-- When somebody reported what, since then, and how long it took: what ended, calls that nobody answered, and what
-- was told and is not applied yet.
select done_at, minutes from task where staff = %(staff)s and state = 'done' and done_at >= %(since)s
union all
select at, minutes from task_try where staff = %(staff)s and at >= %(since)s
union all
select reported_at, 0 from task where staff = %(staff)s and state = 'open' and reported_at >= %(since)s;

-- name: add_note
-- What somebody wrote about it, sealed in the vault.
insert into task_note (task_id, item_id, by, at) values (%(task)s, %(item)s, %(by)s, %(at)s)
on conflict (task_id, item_id) do nothing;

-- name: notes
select item_id, by, at from task_note where task_id = any(%(tasks)s::bigint[]) order by at, id;

-- name: done
-- Of two reports on one task the later stands, in whatever order they come; what was done although it
-- had been cancelled was done.
-- Also: whether the phone turned out to be a stranger's, or was held for one and isn't.
update task t set state = 'done', outcome = n.outcome, minutes = n.minutes, done_at = n.at,
  staff = case when n.staff = '' then t.staff else n.staff end
from (
  select u.*, o.outcome as was
  from unnest(%(touches)s::bigint[], %(outcomes)s::text[], %(minutes)s::int[], %(staff)s::text[],
    %(ats)s::timestamptz[]) as u (touch_id, outcome, minutes, staff, at)
  join task o on o.touch_id = u.touch_id) as n
where t.touch_id = n.touch_id
  and (t.done_at is null or (n.at, n.minutes, n.outcome) > (t.done_at, t.minutes, t.outcome))
returning t.id, t.touch_id, t.customer_id, t.identity_id, t.shop, t.minutes, t.done_at,
  coalesce((select m.role from staff_member m where m.code = t.staff), ''), 'wrong_person' in (t.outcome, n.was);

-- name: wrong_since
-- Of these phones, since when each is a stranger's by the reports that stand; null: by none.
select i.id, (select min(k.done_at) from task k
  where k.customer_id = i.customer_id and k.identity_id = i.id and k.outcome = 'wrong_person')
from identity i where i.id = any(%(identities)s::bigint[]);

-- name: merge
-- Also: the phones of both which a report calls a stranger's, to be looked at again.
with mine as (
  select t.id, n.winner from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as n (loser, winner)
  join task t on t.customer_id = n.loser order by t.id for update of t
), moved as (
  update task t set customer_id = mine.winner from mine where t.id = mine.id
)
select distinct identity_id from task
where customer_id = any(%(losers)s::bigint[] || %(winners)s::bigint[]) and outcome = 'wrong_person'
  and identity_id is not null;

-- name: strangers
-- The phones of which a report of these customers' tasks says that a stranger answers.
select distinct identity_id from task
where customer_id = any(%(customers)s::bigint[]) and outcome = 'wrong_person' and identity_id is not null;

-- name: follow
-- A task is its touch's (the room below), which a split may have moved. Also its calls that nobody answered.
with mine as (
  select k.id, t.customer_id from task k join touch t on t.id = k.touch_id
  where k.customer_id = any(%(customers)s::bigint[]) and t.customer_id <> k.customer_id
  order by k.id for update of k
), moved as (
  update task k set customer_id = mine.customer_id from mine where k.id = mine.id
  returning k.id, k.customer_id
)
select 'task', id, customer_id from moved
union all
select 'task_try', y.id, moved.customer_id from moved join task_try y on y.task_id = moved.id;

-- name: page
-- Open ones, the most urgent first: `after` is the last task of the page before, whose due time never changes.
-- What was reported and is not applied yet is nobody's work any more.
select id, touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, outcome, minutes,
  created_at, due_at, done_at, reported_at, tries, snoozed_until, held_by, held_until, escalation, escalated_to,
  planned_for, planned_why
from task
where state = 'open' and reported_at is null
  and (%(after)s::bigint is null or (due_at, id) > (select a.due_at, a.id from task a where a.id = %(after)s))
  and (%(staff)s::text is null or staff = %(staff)s)
  and (%(among)s::text[] is null or staff = any(%(among)s))
  and (%(kind)s::text is null or kind = %(kind)s)
  and (%(escalated_to)s::text is null or escalated_to = %(escalated_to)s)
  and (%(due_before)s::timestamptz is null or due_at <= %(due_before)s)
  and (not %(unassigned)s or not exists (
    select from staff_member m where m.code = task.staff and m.active and m.role = 'guide'))
order by due_at, id limit %(limit)s;

-- name: page_of_state
-- By id: what has ended is read on from the last one that was seen.
select id, touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, outcome, minutes,
  created_at, due_at, done_at, reported_at, tries, snoozed_until, held_by, held_until, escalation, escalated_to,
  planned_for, planned_why
from task
where state = %(state)s and id > coalesce(%(after)s::bigint, 0)
  and (%(staff)s::text is null or staff = %(staff)s)
  and (%(among)s::text[] is null or staff = any(%(among)s))
  and (%(kind)s::text is null or kind = %(kind)s)
order by id limit %(limit)s;

-- name: get
select id, touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, outcome, minutes,
  created_at, due_at, done_at, reported_at, tries, snoozed_until, held_by, held_until, escalation, escalated_to,
  planned_for, planned_why
from task where id = %(id)s;

-- name: of_customer
select id, touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, outcome, minutes,
  created_at, due_at, done_at, reported_at, tries, snoozed_until, held_by, held_until, escalation, escalated_to,
  planned_for, planned_why
from task where customer_id = %(customer)s order by id;

-- name: open_of
-- Everything that one person still has to do, the most urgent first.
select id, touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, outcome, minutes,
  created_at, due_at, done_at, reported_at, tries, snoozed_until, held_by, held_until, escalation, escalated_to,
  planned_for, planned_why
from task
where state = 'open' and staff = %(staff)s order by due_at, id for update;

-- name: one_at_a_time
-- Two tabs of one account ask one after the other, so that the second finds what the first has taken.
select pg_advisory_xact_lock(hashtextextended(current_schema() || ' task of ' || %(by)s, 0));

-- name: next
-- The most urgent that nobody has on the screen; asked again, the same one, and whatever else the same account
-- held of this list is let go. Two who ask at the same moment never get the same: what one has locked the other
-- passes by. Holds end in real time.
with one as (
  select id from task
  where state = 'open' and staff = %(staff)s and reported_at is null
    and (%(kind)s::text is null or kind = %(kind)s)
    and (snoozed_until is null or snoozed_until <= %(now)s)
    and (held_until is null or held_until <= %(real)s or held_by = %(by)s)
  order by held_until is null or held_until <= %(real)s, due_at, id
  limit 1 for update skip locked
), others as (
  update task t set held_by = '', held_until = null
  where t.state = 'open' and t.staff = %(staff)s and t.held_by = %(by)s and t.id <> (select id from one)
)
update task t set held_by = %(by)s, held_until = %(until)s from one where t.id = one.id
returning t.id, t.touch_id, t.kind, t.customer_id, t.identity_id, t.staff, t.script, t.shop, t.order_no, t.state, t.outcome, t.minutes,
  t.created_at, t.due_at, t.done_at, t.reported_at, t.tries, t.snoozed_until, t.held_by, t.held_until, t.escalation, t.escalated_to,
  t.planned_for, t.planned_why;

-- name: lock_some
-- Those of a scope, to be given on.
select id, touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, outcome, minutes,
  created_at, due_at, done_at, reported_at, tries, snoozed_until, held_by, held_until, escalation, escalated_to,
  planned_for, planned_why
from task
where id = any(%(ids)s::bigint[]) and (%(scope)s::text[] is null or staff = any(%(scope)s))
order by id for update;

-- name: lock_one
select id, touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, outcome, minutes,
  created_at, due_at, done_at, reported_at, tries, snoozed_until, held_by, held_until, escalation, escalated_to,
  planned_for, planned_why
from task
where id = %(id)s for update;

-- name: report
-- Off the screen and off the list; the outcome itself is applied as an event. None: somebody was quicker.
update task set reported_at = %(now)s, held_by = '', held_until = null
where id = %(id)s and reported_at is null and state <> 'done'
returning id;

-- name: untold
-- What these guides were not told of by message, each one's most urgent first. What was given to somebody else is
-- new to them, and what is put off is told of when its time comes.
select id, staff, kind, customer_id, order_no, due_at from task
where state = 'open' and reported_at is null and staff = any(%(staff)s::text[]) and told_to <> staff
  and (snoozed_until is null or snoozed_until <= %(now)s)
order by staff, due_at, id;

-- name: told
with mine as (select id from task where id = any(%(ids)s::bigint[]) and staff = %(staff)s order by id for update)
update task t set told_to = t.staff from mine where t.id = mine.id;

-- name: snooze
update task set snoozed_until = %(until)s, held_by = '', held_until = null where id = %(id)s;

-- name: planned
-- What waits for quiet hours to come, and what was done of the hour that runs: so much of each is taken.
select staff, planned_for, count(*) from task
where staff = any(%(staff)s::text[]) and planned_for >= %(since)s and state <> 'cancelled' and id <> all(%(but)s::bigint[])
group by staff, planned_for;

-- name: permitted
-- In which hours customers may be spoken to, as the budget says (the room above; its rows alone), and of which
-- channel and purpose these touches are.
select null::bigint, channel, purpose, hours from quiet_hours
union all
select id, channel, purpose, '' from touch where id = any(%(touches)s::bigint[]);

-- name: replan
-- Given to somebody else, whose quiet hours are others.
with mine as (
  select t.id, n.planned_for, n.why
  from unnest(%(ids)s::bigint[], %(planned)s::timestamptz[], %(whys)s::text[]) as n (id, planned_for, why)
  join task t on t.id = n.id where t.state = 'open' order by t.id for update of t)
update task t set planned_for = mine.planned_for, planned_why = mine.why,
  snoozed_until = case when mine.planned_for > %(now)s then mine.planned_for end
from mine where t.id = mine.id;

-- name: learn
-- When the orders of shops that are stores of ours were paid, by weekday and hour of the brand's zone: what stands in
-- for visitors where nobody has counted them. Reads `orders` (commerce) by shop and time, of each store once a day.
insert into order_rhythm (store, learned_at, hours)
select s.store, %(now)s, coalesce((
    select jsonb_agg(jsonb_build_array(weekday, hour, orders) order by weekday, hour)
    from (
      select extract(isodow from paid_at at time zone %(zone)s)::int, extract(hour from paid_at at time zone %(zone)s)::int,
        count(*)
      from orders
      where shop = s.store and paid_at >= %(since)s and paid_at < %(now)s and state = 'paid'
      group by 1, 2
    ) as h (weekday, hour, orders)), '[]')
from unnest(%(stores)s::text[]) as s (store)
where not exists (select from order_rhythm r where r.store = s.store and r.learned_at > %(fresh)s)
order by 1
on conflict (store) do update set learned_at = excluded.learned_at, hours = excluded.hours;

-- name: learned
select store, hours from order_rhythm where store = any(%(stores)s::text[]) and learned_at > %(fresh)s;

-- name: order_hours
-- The same as `learn`, for who only looks.
select shop, extract(isodow from paid_at at time zone %(zone)s)::int, extract(hour from paid_at at time zone %(zone)s)::int,
  count(*)
from orders
where shop = any(%(stores)s::text[]) and paid_at >= %(since)s and paid_at < %(now)s and state = 'paid'
group by 1, 2, 3;

-- name: move
-- Whoever had it on the screen has it no more.
with mine as (
  select t.id, n.staff from unnest(%(ids)s::bigint[], %(staff)s::text[]) as n (id, staff)
  join task t on t.id = n.id where t.state = 'open' order by t.id for update of t)
update task t set staff = mine.staff, held_by = '', held_until = null from mine where t.id = mine.id;

-- name: tries_of
select at from task_try where task_id = %(task)s order by at;

-- name: tried
-- Each call once, however often it is told; and the task is due again, at the latest of the times told.
with n as (
  select t.id as task_id, u.at, u.staff, u.minutes, u.again
  from unnest(%(touches)s::bigint[], %(ats)s::timestamptz[], %(staff)s::text[], %(minutes)s::int[],
    %(agains)s::timestamptz[]) as u (touch_id, at, staff, minutes, again)
  join task t on t.touch_id = u.touch_id
  order by t.id for update of t
), new as (
  insert into task_try (task_id, at, staff, minutes)
  select distinct on (task_id, at) task_id, at, staff, minutes from n order by task_id, at, minutes desc
  on conflict (task_id, at) do nothing
  returning id, task_id, at, minutes, staff
), more as (
  update task t set reported_at = null, tries = t.tries + m.calls,
    snoozed_until = greatest(t.snoozed_until, m.again)
  from (select n.task_id, max(n.again) as again,
      (select count(*) from new where new.task_id = n.task_id) as calls
    from n group by n.task_id) m
  where t.id = m.task_id
  returning t.id, t.touch_id, t.customer_id, t.identity_id, t.shop)
select new.id, more.touch_id, more.customer_id, more.identity_id, more.shop, new.minutes, new.at,
  coalesce((select m.role from staff_member m where m.code = new.staff), '')
from new join more on more.id = new.task_id order by new.id;

-- name: rules
select most_tries, again_after, again_hours, overdue_after, head_office_after, per_hour from task_rules;

-- name: set_rules
-- What is open and nobody was told of goes by the new rules, too.
with new as (
  insert into task_rules (most_tries, again_after, again_hours, overdue_after, head_office_after, per_hour)
  values (%(most_tries)s, %(again_after)s, %(again_hours)s, %(overdue_after)s, %(head_office_after)s, %(per_hour)s)
  on conflict (one) do update set most_tries = excluded.most_tries, again_after = excluded.again_after,
    again_hours = excluded.again_hours, overdue_after = excluded.overdue_after,
    head_office_after = excluded.head_office_after, per_hour = excluded.per_hour
), mine as (
  select id from task where state = 'open' and escalation = 0 order by id for update)
update task t set escalate_at = t.due_at + %(overdue_after)s::interval from mine where t.id = mine.id;

-- name: claim_overdue
-- Taking the timer away is the claim; `escalated` sets the next one.
with late as (
  select id from task where state = 'open' and escalate_at <= %(now)s and reported_at is null
  order by escalate_at, id limit %(limit)s for update skip locked)
update task t set escalate_at = null from late where t.id = late.id
returning t.id, t.touch_id, t.staff, t.due_at, t.escalation, t.kind || ' ' || t.shop || '/' || t.order_no;

-- name: escalated
update task t set escalation = t.escalation + 1, escalated_to = n.told, escalate_at = n.next_at
from unnest(%(ids)s::bigint[], %(told)s::text[], %(next)s::timestamptz[]) as n (id, told, next_at)
where t.id = n.id;

-- name: add_reveals
-- One per order, however often it is told; what is to be seen of the phone may come with a later telling.
insert into reveal as r (shop, order_no, pointer, page, masked_item, staff, paid_at)
select * from unnest(%(shops)s::text[], %(order_nos)s::text[], %(pointers)b::bytea[], %(pages)s::text[],
  %(items)s::bigint[], %(staff)s::text[], %(ats)s::timestamptz[])
on conflict (shop, order_no) do update set masked_item = excluded.masked_item
  where r.masked_item is null and excluded.masked_item is not null;

-- name: want_reveals
-- Old orders of which a journey is about to speak: their phones are to be looked up until then.
update reveal r set wanted_until = greatest(r.wanted_until, %(until)s::timestamptz)
from unnest(%(shops)s::text[], %(order_nos)s::text[]) as n (shop, order_no)
where r.shop = n.shop and r.order_no = n.order_no
returning r.shop, r.order_no;

-- name: reveals
-- Phones that are to be looked up, the oldest order first. Until the parcel is packed at its cut-off, else for the
-- time that the setting gives. Reads `orders`, `parcel` and `identity` (rooms below) by their keys: whoever has told
-- the phone, here or elsewhere, has answered the question. Only orders since `since` are looked at, and older ones
-- while a journey wants them.
with wanted as (
  select r.id, r.shop, r.order_no, r.page, r.masked_item, r.staff, r.paid_at, greatest(r.wanted_until, coalesce((
      select min(p.cutoff_at) from parcel_order o join parcel p on p.id = o.parcel_id
      where o.shop = r.shop and o.order_no = r.order_no), r.paid_at + %(span)s::interval)) as until
  from reveal r
  where (r.paid_at >= %(since)s or r.wanted_until > %(now)s)
    and (%(after)s::bigint is null
      or (r.paid_at, r.id) > (select a.paid_at, a.id from reveal a where a.id = %(after)s))
    and (%(staff)s::text is null or r.staff = %(staff)s)
    and not exists (
      select from orders o where o.shop = r.shop and o.order_no = r.order_no and o.state <> 'paid')
    and not exists (
      select from identity i join identity p on p.customer_id = i.customer_id and p.kind = 'phone'
      where i.kind = 'order' and i.hash = r.pointer)
)
select id, shop, order_no, page, masked_item, staff, paid_at, until from wanted
where until > %(now)s order by paid_at, id limit %(limit)s;

-- name: reveals_named
-- Those of these order numbers, with the customer whose the order is and whether a phone of theirs is known.
select r.shop, r.order_no, r.masked_item, i.customer_id,
  exists (select from identity p where p.customer_id = i.customer_id and p.kind = 'phone')
from reveal r
left join identity i on i.kind = 'order' and i.hash = r.pointer
where r.order_no = any(%(order_nos)s::text[]);

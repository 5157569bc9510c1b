-- name: set
-- Whatever stands in its calendar now is said from now on; what came due before was put down before.
insert into group_plan (code, text, set_by, set_at, due_at, said_at, says_at)
values (%(code)s, %(text)s, %(by)s, %(now)s, %(now)s, %(now)s, %(says_at)s)
on conflict (code) do update set text = excluded.text, set_by = excluded.set_by, set_at = excluded.set_at,
  due_at = excluded.due_at, said_at = excluded.said_at,
  says_at = case when group_plan.paused_at is null then excluded.says_at end;

-- name: claim
-- Plans are few: whose time has come is looked at as a whole, and by one only.
update group_plan p set due_at = %(again)s
from (select code from group_plan where due_at <= %(now)s and paused_at is null order by code for update skip locked) d
where p.code = d.code returning p.code;

-- name: claim_said
-- Plans whose calendar says something by now, or these, locked: what it says is put down in this transaction.
select code, text, said_at from group_plan
where paused_at is null and (says_at <= %(now)s or code = any(%(codes)s::text[]))
order by code for update;

-- name: said
update group_plan p set said_at = %(now)s, says_at = w.says_at
from unnest(%(codes)s::text[], %(nexts)s::timestamptz[]) as w (code, says_at) where p.code = w.code;

-- name: pause
update group_plan set paused_at = %(now)s, paused_by = %(by)s, says_at = null
where code = %(code)s and paused_at is null;

-- name: resume
-- What its calendar said meanwhile is not said afterwards.
update group_plan set paused_at = null, paused_by = '', said_at = %(now)s, says_at = %(says_at)s, due_at = %(now)s
where code = %(code)s and paused_at is not null;

-- name: put_down
-- Each once, however often it is put down.
insert into group_post (purpose, at, material, through, chat, staff, text, state, reason, due_at, ended_at)
select * from unnest(%(purposes)s::text[], %(ats)s::timestamptz[], %(materials)s::text[], %(throughs)s::text[],
  %(chats)s::text[], %(staff)s::text[], %(texts)s::text[], %(states)s::text[], %(reasons)s::text[],
  %(due_ats)s::timestamptz[], %(ended_ats)s::timestamptz[])
on conflict (purpose, at, material, through, chat, staff) do nothing;

-- name: drop_posts
-- What a plan that is paused or given up has not said yet is not said, by hand neither. What is in doubt bears the reason
-- meanwhile, so that it is not said either once the carrier surely never had it (`record`), whatever became of the plan by
-- then. What somebody was to look for, since the carrier may have said it, ends as that: nobody knows.
update group_post set
  reason = case when state = 'by_hand' and reason = %(doubt)s then reason else 'plan_paused' end,
  state = case when state = 'unknown' then state when state = 'by_hand' and reason = %(doubt)s then 'failed' else 'withheld' end,
  due_at = case when state = 'unknown' then due_at end,
  ended_at = case when state = 'unknown' then ended_at else %(now)s end
where purpose = %(code)s and state in ('owed', 'unknown', 'by_hand')
returning id, state;

-- name: claim_owed
-- Whole presses, the oldest first. From `handed_at` on nobody knows whether the carrier has it, until it is said.
select id, purpose, at, material, through, chat, staff, text from group_post
where state = 'owed' and due_at <= %(now)s order by at, purpose, material, staff, id limit %(limit)s
for update skip locked;

-- name: record
-- Only of what is in that state yet: a receipt may have been quicker. What would be owed again, or be done by hand, though
-- its plan was paused or given up meanwhile is withheld; what the carrier may have all the same has failed.
with told as (
  select r.*, p.reason as was, r.state in ('owed', 'by_hand') and (p.reason = 'plan_paused'
      or r.state = 'by_hand' and not exists (select from group_plan g where g.code = p.purpose and g.paused_at is null))
    as stopped
  from unnest(%(ids)s::bigint[], %(states)s::text[], %(reasons)s::text[], %(vendor_ids)s::text[],
    %(due_ats)s::timestamptz[]) as r (id, state, reason, vendor_id, due_at)
  join group_post p on p.id = r.id where p.state = any(%(was)s::text[])
  order by p.id for update of p
)
update group_post p set
  state = case when not t.stopped then t.state when t.state = 'by_hand' and t.reason = %(doubt)s then 'failed'
    else 'withheld' end,
  reason = case when t.stopped and (t.state = 'owed' or t.reason <> %(doubt)s) then 'plan_paused'
    when t.state = 'unknown' and t.was = 'plan_paused' then t.was else t.reason end,
  due_at = case when not t.stopped then t.due_at end,
  vendor_id = case when t.vendor_id = '' then p.vendor_id else t.vendor_id end,
  handed_at = case when t.state = 'unknown' then %(now)s else p.handed_at end,
  ended_at = case when t.state in ('sent', 'failed', 'withheld') or t.stopped then %(now)s end
from told t where p.id = t.id
returning p.id, p.state;

-- name: unpressed
-- All posts of the presses that these belong to, where none of them went out by the carrier, or may have, or will.
select o.id from group_post o
join (
  select purpose, at, material, staff from group_post
  where (purpose, at, material, staff) in (
    select purpose, at, material, staff from group_post where id = any(%(ids)s::bigint[]) and through = 'group_message')
    and through = 'group_message'
  group by purpose, at, material, staff
  having bool_and(state = 'withheld' or state = 'by_hand' and reason <> %(doubt)s)
) w on (o.purpose, o.at, o.material, o.staff) = (w.purpose, w.at, w.material, w.staff)
where o.through = 'group_message';

-- name: claim_open
-- What is in doubt, or waits in Moments: asked about now, and again then if nothing is known.
update group_post p set due_at = %(again)s
from (select id from group_post where state in ('unknown', 'awaiting_staff') and due_at <= %(now)s
      order by due_at, id limit %(limit)s for update skip locked) d
where p.id = d.id returning p.id, p.through, p.chat, p.state, p.vendor_id, p.at, p.handed_at;

-- name: forgotten
-- What nobody has done by hand in its time.
update group_post set state = 'failed', reason = 'not_done', due_at = null, ended_at = %(now)s
where state = 'by_hand' and due_at <= %(now)s;

-- name: receipts
-- Of the carrier, whatever was known: it knows. Nobody does by hand what a plan says that is paused or given up.
update group_post p set
  state = case when r.state = 'by_hand' and g.code is null then 'withheld' else r.state end,
  reason = case when r.state = 'by_hand' and g.code is null then 'plan_paused' else r.reason end,
  due_at = case when g.code is not null then r.due_at end,
  ended_at = case when r.state = 'by_hand' and g.code is not null then null else r.at end
from unnest(%(ids)s::bigint[], %(states)s::text[], %(reasons)s::text[], %(due_ats)s::timestamptz[], %(ats)s::timestamptz[])
  as r (id, state, reason, due_at, at)
join group_post o on o.id = r.id
left join group_plan g on g.code = o.purpose and g.paused_at is null
where p.id = r.id and p.state in ('owed', 'unknown', 'awaiting_staff');

-- name: open_by_hand
-- Few: what is done by hand now, for whoever has it to be looked at.
select id, purpose, chat, staff from group_post where state = 'by_hand' and due_at is not null order by id;

-- name: pass_on
-- Nobody has the very same twice: where its heir has it already, or several come to one heir at once, one is kept, and
-- the others end. What somebody was to look for, since the carrier may have said it, ends as that: nobody knows.
with held as (
  select q.id, q.purpose, q.at, q.material, q.through, q.chat, n.staff
  from unnest(%(ids)s::bigint[], %(staff)s::text[]) as n (id, staff)
  join group_post q on q.id = n.id and q.state = 'by_hand'
  order by q.id for update of q
), moved as (
  select distinct on (h.purpose, h.at, h.material, h.through, h.chat, h.staff) h.id from held h
  where not exists (
    select from group_post o
    where (o.purpose, o.at, o.material, o.through, o.chat, o.staff) = (h.purpose, h.at, h.material, h.through, h.chat, h.staff))
  order by h.purpose, h.at, h.material, h.through, h.chat, h.staff, h.id
)
update group_post p set
  staff = case when m.id is null then p.staff else h.staff end,
  state = case when m.id is not null then p.state when p.reason = %(doubt)s then 'failed' else 'withheld' end,
  reason = case when m.id is not null or p.reason = %(doubt)s then p.reason else %(same)s end,
  due_at = case when m.id is not null then p.due_at end,
  ended_at = case when m.id is null then %(now)s else p.ended_at end
from held h left join moved m on m.id = h.id
where p.id = h.id
returning p.id, p.state;

-- name: done
-- The same words to other groups of that owner are done with it: it was one piece of work.
update group_post p set state = 'sent', due_at = null, ended_at = %(now)s, done_by = %(by)s
from group_post o
where o.id = %(id)s and p.state = 'by_hand' and (p.purpose, p.at, p.material, p.through, p.staff)
  = (o.purpose, o.at, o.material, o.through, o.staff)
returning p.id;

-- name: posts
-- Of a span, or these; the newest first.
select id, purpose, at, material, through, chat, staff, text, state, reason, ended_at, done_by,
  case when state = 'by_hand' then due_at end
from group_post
where at >= %(since)s and (%(ids)s::bigint[] is null or id = any(%(ids)s::bigint[]))
order by at desc, id limit %(limit)s;

-- name: drop
delete from group_plan where code = %(code)s;

-- name: lock_plans
-- These, as they stand until this transaction is over.
select code, text from group_plan where code = any(%(codes)s::text[]) order by code for update;

-- name: plans
select code, text, set_by, set_at, paused_at, paused_by from group_plan order by code;

-- name: figures
-- Members by purpose. Reads `group_member` (customers): each person once, however many of its groups they are in.
select purpose, count(distinct customer_id), count(distinct chat)
from group_member
where purpose <> '' and joined_at is not null and (left_at is null or left_at <= joined_at)
group by purpose;

-- name: days
-- Who came and who went by purpose and day of the brand's zone.
select purpose, day, count(*) filter (where what = 'joined'), count(*) filter (where what = 'left')
from (
  select g.purpose, (x.at at time zone %(zone)s)::date as day, x.what
  from group_member g, lateral (values ('joined', g.joined_at), ('left', g.left_at)) as x (what, at)
  where g.purpose <> '' and x.at >= %(since)s
) d
group by purpose, day order by purpose, day;

-- name: twice
-- Customers who are in several groups of one purpose.
with inside as (
  select customer_id, purpose, chat from group_member
  where purpose <> '' and joined_at is not null and (left_at is null or left_at <= joined_at)
)
select purpose, '', customer_id, array_agg(distinct chat order by chat) from inside
where customer_id > %(after)s
group by purpose, customer_id having count(distinct chat) > 1
order by customer_id, purpose limit %(limit)s;

-- name: mixed
-- Customers who are in groups of two purposes that are kept apart: each pair once.
with inside as (
  select customer_id, purpose, chat from group_member
  where purpose <> '' and joined_at is not null and (left_at is null or left_at <= joined_at)
)
select a.purpose, p.other, a.customer_id, array_agg(distinct a.chat order by a.chat) || array_agg(distinct b.chat order by b.chat)
from group_apart p
join inside a on a.purpose = p.purpose
join inside b on b.purpose = p.other and b.customer_id = a.customer_id
where p.purpose < p.other and a.customer_id > %(after)s
group by a.purpose, p.other, a.customer_id
order by a.customer_id, a.purpose, p.other limit %(limit)s;

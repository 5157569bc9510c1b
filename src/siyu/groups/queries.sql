-- name: set
insert into group_plan (code, text, set_by, set_at, due_at) values (%(code)s, %(text)s, %(by)s, %(now)s, %(now)s)
on conflict (code) do update set text = excluded.text, set_by = excluded.set_by, set_at = excluded.set_at,
  due_at = excluded.due_at;

-- name: claim
-- Plans are few: whose time has come is looked at as a whole, and by one only.
update group_plan p set due_at = %(again)s
from (select code from group_plan where due_at <= %(now)s order by code for update skip locked) d
where p.code = d.code returning p.code;

-- name: drop
delete from group_plan where code = %(code)s;

-- name: plans
select code, text, set_by, set_at from group_plan order by code;

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

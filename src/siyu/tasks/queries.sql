-- name: add
-- One task per touch, however often the outbox hands it over.
insert into task (touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, created_at, due_at)
select touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, 'open', %(now)s, due_at
from unnest(%(touches)s::bigint[], %(kinds)s::text[], %(customers)s::bigint[], %(identities)s::bigint[],
  %(staff)s::text[], %(scripts)s::text[], %(shops)s::text[], %(order_nos)s::text[], %(due_ats)s::timestamptz[])
  as t (touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, due_at)
order by touch_id
on conflict (touch_id) do nothing;

-- name: cancel
with mine as (
  select id from task where touch_id = any(%(touches)s::bigint[]) and state = 'open' order by id for update)
update task t set state = 'cancelled' from mine where t.id = mine.id;

-- name: states
select touch_id, state from task where touch_id = any(%(touches)s::bigint[]);

-- name: done
-- Of two reports on one task the later stands, in whatever order they come; what was done although it
-- had been cancelled was done.
update task t set state = 'done', outcome = n.outcome, minutes = n.minutes, done_at = n.at,
  staff = case when n.staff = '' then t.staff else n.staff end
from unnest(%(touches)s::bigint[], %(outcomes)s::text[], %(minutes)s::int[], %(staff)s::text[],
  %(ats)s::timestamptz[]) as n (touch_id, outcome, minutes, staff, at)
where t.touch_id = n.touch_id
  and (t.done_at is null or (n.at, n.minutes, n.outcome) > (t.done_at, t.minutes, t.outcome))
returning t.id, t.touch_id, t.customer_id, t.identity_id, t.shop, t.minutes, t.done_at;

-- name: merge
with mine as (
  select t.id, n.winner from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as n (loser, winner)
  join task t on t.customer_id = n.loser order by t.id for update of t)
update task t set customer_id = mine.winner from mine where t.id = mine.id;

-- name: follow
-- A task is its touch's (the room below), which a split may have moved.
with mine as (
  select k.id, t.customer_id from task k join touch t on t.id = k.touch_id
  where k.customer_id = any(%(customers)s::bigint[]) and t.customer_id <> k.customer_id
  order by k.id for update of k)
update task k set customer_id = mine.customer_id from mine where k.id = mine.id
returning k.id, k.customer_id;

-- name: open
select id, touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, outcome, minutes,
  created_at, due_at, done_at
from task
where state = 'open' and (%(staff)s::text is null or staff = %(staff)s)
order by due_at, id limit %(limit)s;

-- name: of_state
select id, touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, outcome, minutes,
  created_at, due_at, done_at
from task where state = %(state)s and id > %(after)s order by id limit %(limit)s;

-- name: get
select id, touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, outcome, minutes,
  created_at, due_at, done_at
from task where id = %(id)s;

-- name: of_customer
select id, touch_id, kind, customer_id, identity_id, staff, script, shop, order_no, state, outcome, minutes,
  created_at, due_at, done_at
from task where customer_id = %(customer)s order by id;


-- name: claim
-- What is due, in the order of time; locked until commit, so any number of sweeps share the work.
-- Walks the partial index visit_due: a million visits that wait cost nothing.
select id, journey_id, version, customer_id, identity_id, key, shop, order_no, node, round, since,
  held_out, arms
from visit
where state = 0 and due_at <= %(now)s
order by due_at
limit %(limit)s
for update skip locked;

-- name: claim_these
-- Of what was claimed before and given back, that which is still due and nobody else has in hand.
select id, journey_id, version, customer_id, identity_id, key, shop, order_no, node, round, since,
  held_out, arms
from visit
where id = any(%(ids)s::bigint[]) and state = 0 and due_at <= %(now)s
order by due_at
for update skip locked;

-- name: versions
-- The texts that a batch of visits walks on and this process has not read yet: nearly always none.
select v.journey_id, v.version, v.text
from journey_version v
join (select distinct * from unnest(%(journeys)s::bigint[], %(versions)s::int[])) as n (journey_id, version)
  on n.journey_id = v.journey_id and n.version = v.version;

-- name: orders_and_promises
-- A row per order of each visit (one without orders has a row all the same): the order with its state and
-- the cut-off of the parcel that stands for it, and the visit's latest promise. Reads commerce's and
-- offers' tables: one statement instead of a view per table and batch. A further child of a split order
-- (no main order) carries nothing that was promised. The promise is looked for by customer, since that
-- is what offers' index knows; where none is given, there can be none.
select n.id, (select max(p.id) from promise p where p.customer_id = n.customer_id and p.visit_id = n.id),
  vo.shop, vo.order_no, coalesce(o.state, ''),
  (select max(p.cutoff_at) from parcel_order po join parcel p on p.id = po.parcel_id
   where po.shop = vo.shop and po.order_no = vo.order_no and p.main_order_no is not null)
from unnest(%(ids)s::bigint[], %(customers)s::bigint[]) as n (id, customer_id)
left join visit_order vo on vo.visit_id = n.id
left join orders o on o.shop = vo.shop and o.order_no = vo.order_no
order by n.id, vo.joined_at, vo.shop, vo.order_no;

-- name: move
-- Every move of a batch in one statement, with its line of history. Only what is under way moves.
with n as (
  select * from unnest(%(id)s::bigint[], %(node)s::text[], %(round)s::int[], %(state)s::smallint[],
    %(since)s::timestamptz[], %(due_at)s::timestamptz[], %(waiting)s::text[], %(arms)s::text[],
    %(outcome)s::text[], %(error)s::text[], %(why)s::text[])
    as n (id, node, round, state, since, due_at, waiting, arms, outcome, error, why)
), moved as (
  update visit v set node = n.node, round = n.round, state = n.state, since = n.since, due_at = n.due_at,
    waiting_for = n.waiting::text[], arms = n.arms::jsonb, outcome = n.outcome, error = n.error,
    ended_at = case when n.state = 1 then %(now)s::timestamptz end
  from n where v.id = n.id and v.state = 0
)
insert into visit_move (visit_id, at, node, why)
select id, %(now)s, node, why from n where why <> '' order by id;

-- name: published
-- Every journey with a published version, for entries: a handful of rows.
select j.id, j.code, v.version, v.text
from journey j join journey_version v on v.journey_id = j.id and v.version = j.published_version
order by j.id;

-- name: wake
-- What was heard, per customer: their visits that listen for it are due now, and those that it may
-- end are named, so that their touches can be held in the same commit. Changing the row waits for a
-- sweep that has it in hand: what that sweep wished for is there when the touches are held.
with heard as (
  select customer_id, array_agg(kind) as kinds
  from unnest(%(customers)s::bigint[], %(kinds)s::text[]) as h (customer_id, kind)
  group by customer_id
)
update visit v set due_at = least(v.due_at, %(now)s::timestamptz)
from heard h
where v.customer_id = h.customer_id and v.state = 0
  and (v.waiting_for && h.kinds or v.customer_id = any(%(merged)s::bigint[]))
returning v.id, v.ends_kinds && h.kinds or v.customer_id = any(%(merged)s::bigint[]);

-- name: known
-- The visits that possible entrants already have.
select journey_id, id, customer_id, key, state = 0, entered_at
from visit
where journey_id = any(%(journeys)s::bigint[]) and customer_id = any(%(customers)s::bigint[]);

-- name: enrol
-- The visits that begin, each with its order and its first line of history; those that exist stay as they are.
with n as materialized (
  select * from unnest(%(journeys)s::bigint[], %(versions)s::int[], %(customers)s::bigint[],
    %(identities)s::bigint[], %(keys)s::text[], %(shops)s::text[], %(order_nos)s::text[], %(nodes)s::text[],
    %(ends)s::text[], %(held)s::boolean[])
    as n (journey_id, version, customer_id, identity_id, key, shop, order_no, node, ends, held_out)
), begun as (
  insert into visit (journey_id, version, customer_id, identity_id, key, shop, order_no, node, state, due_at,
    waiting_for, ends_kinds, since, entered_at, held_out)
  select journey_id, version, customer_id, identity_id, key, shop, order_no, node, 0, %(now)s,
    ends::text[], ends::text[], %(now)s, %(now)s, held_out
  from n
  order by journey_id, customer_id, key
  on conflict (journey_id, customer_id, key) do nothing
  returning id, journey_id, customer_id, key, shop, order_no, node
), orders as (
  insert into visit_order (visit_id, shop, order_no, joined_at)
  select id, shop, order_no, %(now)s from begun where order_no <> '' order by id
), noted as (
  insert into visit_move (visit_id, at, node, why)
  select id, %(now)s, node, 'entered' from begun order by id
)
select id, journey_id, customer_id, key from begun;

-- name: join_orders
insert into visit_order (visit_id, shop, order_no, joined_at)
select visit_id, shop, order_no, %(now)s
from unnest(%(visits)s::bigint[], %(shops)s::text[], %(order_nos)s::text[]) as n (visit_id, shop, order_no)
order by visit_id, shop, order_no
on conflict do nothing;

-- name: note
-- One line of history for visits that did not move by themselves: entered, merged.
insert into visit_move (visit_id, at, node, why)
select visit_id, %(now)s, node, why
from unnest(%(visits)s::bigint[], %(nodes)s::text[], %(whys)s::text[]) as n (visit_id, node, why)
order by visit_id;

-- name: entries
-- What became of each event that could have started a visit; a replayed event changes nothing.
insert into journey_entry (journey_id, event_id, shop, order_no, customer_id, visit_id, outcome, reason, at)
select journey_id, event_id, shop, order_no, customer_id, visit_id, outcome, reason, %(now)s
from unnest(%(journeys)s::bigint[], %(events)s::bigint[], %(shops)s::text[], %(order_nos)s::text[],
  %(customers)s::bigint[], %(visits)s::bigint[], %(outcomes)s::text[], %(reasons)s::text[])
  as n (journey_id, event_id, shop, order_no, customer_id, visit_id, outcome, reason)
order by journey_id, event_id
on conflict (journey_id, event_id) do nothing;

-- name: walks
-- The visits of customers who were merged, and of those they became; locked in id order.
select id, journey_id, customer_id, key, state = 0, entered_at
from visit where customer_id = any(%(customers)s::bigint[])
order by id for update;

-- name: unite
-- The losers' keys may collide with the winners' only between `unite`d rows, which all change here.
update visit v set customer_id = n.customer_id, key = n.key,
  state = case when n.into_id is null then v.state else 1 end,
  outcome = case when n.into_id is null then v.outcome else 'merged' end,
  ended_at = case when n.into_id is null then v.ended_at else %(now)s::timestamptz end,
  due_at = case when n.into_id is not null then null when v.state = 0 then %(now)s::timestamptz else v.due_at end
from unnest(%(ids)s::bigint[], %(customers)s::bigint[], %(keys)s::text[], %(into)s::bigint[])
  as n (id, customer_id, key, into_id)
where v.id = n.id;

-- name: hand_over_orders
-- What ended in favour of another visit goes on there: so an order that still stands keeps it going.
insert into visit_order (visit_id, shop, order_no, joined_at)
select n.into_id, vo.shop, vo.order_no, vo.joined_at
from unnest(%(ids)s::bigint[], %(into)s::bigint[]) as n (id, into_id)
join visit_order vo on vo.visit_id = n.id
order by 1, 2, 3
on conflict do nothing;

-- name: rename_entries
update journey_entry e set customer_id = n.winner
from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as n (loser, winner)
where e.customer_id = n.loser;

-- name: journey
-- Made at its first version; the lock keeps two publishers of one journey apart.
insert into journey (code, playbook) values (%(code)s, %(playbook)s)
on conflict (code) do update set playbook = excluded.playbook
returning id, published_version;

-- name: latest
select version, text from journey_version where journey_id = %(journey)s order by version desc limit 1;

-- name: add_version
insert into journey_version (journey_id, version, text, published_at)
values (%(journey)s, %(version)s, %(text)s, %(now)s);

-- name: publish
update journey set published_version = %(version)s where id = %(journey)s;

-- name: unpublish
-- Nobody enters any more, from the next apply on.
update journey set published_version = null where code = %(code)s returning id;

-- name: stop
-- Whoever is under way, parked ones too, ends here. In id order: sweeps that hold some are waited for.
with mine as (
  select id, node from visit where journey_id = %(journey)s and state in (0, 2)
  order by id limit %(limit)s for update
), ended as (
  update visit v set state = 1, outcome = 'stopped', ended_at = %(now)s, due_at = null, error = null
  from mine where v.id = mine.id
), noted as (
  insert into visit_move (visit_id, at, node, why)
  select id, %(now)s, node, %(why)s from mine order by id
)
select id from mine;

-- name: unpark
update visit set state = 0, error = null, due_at = %(now)s
where id = any(%(ids)s::bigint[]) and state = 2;

-- name: list
-- Each journey, what is published, and how many visits are where.
select j.code, j.published_version, v.published_at, j.playbook,
  count(w.id) filter (where w.state = 0), count(w.id) filter (where w.state = 1),
  count(w.id) filter (where w.state = 2), count(w.id) filter (where w.held_out)
from journey j
left join journey_version v on v.journey_id = j.id and v.version = j.published_version
left join visit w on w.journey_id = j.id
group by j.code, j.published_version, v.published_at, j.playbook
order by j.code;

-- name: get
-- One version of a journey; without a version, the published one.
select j.code, v.version, v.text, v.published_at
from journey j join journey_version v
  on v.journey_id = j.id and v.version = coalesce(%(version)s::int, j.published_version)
where j.code = %(code)s;

-- name: standing
-- How many visits under way stand at each step, and since when the one that is there longest.
select v.version, v.node, count(*), min(v.since)
from visit v join journey j on j.id = v.journey_id
where j.code = %(code)s and v.state = 0
group by v.version, v.node order by v.version, v.node;

-- name: outcomes
select v.outcome, v.held_out, count(*)
from visit v join journey j on j.id = v.journey_id
where j.code = %(code)s and v.state = 1
group by v.outcome, v.held_out order by 1, 2;

-- name: where
-- Where a customer is in each journey, since when, and why; ended walks as well, the latest first.
select v.id, j.code, v.version, v.customer_id, v.key, v.node, v.state, v.since, v.entered_at, v.ended_at,
  v.due_at, v.outcome, v.held_out, v.error
from visit v join journey j on j.id = v.journey_id
where v.customer_id = any(%(customers)s::bigint[])
order by v.customer_id, v.entered_at desc, v.id desc;

-- name: visits
select v.id, j.code, v.version, v.customer_id, v.key, v.node, v.state, v.since, v.entered_at, v.ended_at,
  v.due_at, v.outcome, v.held_out, v.error
from visit v join journey j on j.id = v.journey_id
where v.id = any(%(ids)s::bigint[])
order by v.id;

-- name: moves
select visit_id, at, node, why from visit_move where visit_id = any(%(ids)s::bigint[])
order by visit_id, at, ctid;

-- name: entries_of
select j.code, e.event_id, e.shop, e.order_no, e.visit_id, e.outcome, e.reason, e.at
from journey_entry e join journey j on j.id = e.journey_id
where e.customer_id = %(customer)s order by e.at, e.event_id;

-- name: entry_counts
-- What became of the events that could have started a visit of a journey.
select e.outcome, e.reason, count(*)
from journey_entry e join journey j on j.id = e.journey_id
where j.code = %(code)s group by e.outcome, e.reason order by 1, 2;

-- name: parked
select v.id, j.code, v.version, v.customer_id, v.key, v.node, v.state, v.since, v.entered_at, v.ended_at,
  v.due_at, v.outcome, v.held_out, v.error
from visit v join journey j on j.id = v.journey_id
where v.state = 2 order by v.id desc limit %(limit)s;

-- name: page
select v.id, j.code, v.version, v.customer_id, v.key, v.node, v.state, v.since, v.entered_at, v.ended_at,
  v.due_at, v.outcome, v.held_out, v.error
from (select * from visit where id > %(after)s order by id limit %(scan)s) v join journey j on j.id = v.journey_id
where (%(journey)s = '' or j.code = %(journey)s) and (%(state)s::smallint is null or v.state = %(state)s)
order by v.id limit %(limit)s;

-- name: page_end
select max(id) from (select id from visit where id > %(after)s order by id limit %(scan)s) v;

-- name: page_of
-- Of one customer, by the unique key of each journey: journeys are few.
select v.id, j.code, v.version, v.customer_id, v.key, v.node, v.state, v.since, v.entered_at, v.ended_at,
  v.due_at, v.outcome, v.held_out, v.error
from journey j join visit v on v.journey_id = j.id and v.customer_id = %(customer)s
where v.id > %(after)s
  and (%(journey)s = '' or j.code = %(journey)s) and (%(state)s::smallint is null or v.state = %(state)s)
order by v.id limit %(limit)s;

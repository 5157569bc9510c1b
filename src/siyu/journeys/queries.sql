-- name: claim
-- What is due, in the order of time; locked until commit, so any number of sweeps share the work.
-- Walks the partial index visit_due: a million visits that wait cost nothing.
select id, journey_id, version, customer_id, identity_id, key, shop, order_no, node, round, since,
  held_out, arms, vars, state = 1
from visit
where due_at <= %(now)s
order by due_at
limit %(limit)s
for update skip locked;

-- name: claim_these
-- Of what was claimed before and given back, that which is still due and nobody else has in hand.
select id, journey_id, version, customer_id, identity_id, key, shop, order_no, node, round, since,
  held_out, arms, vars, state = 1
from visit
where id = any(%(ids)s::bigint[]) and due_at <= %(now)s
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
-- Every move of a batch in one statement, with its line of history. What has ended stays as it ended: of it
-- only what it listens for is written. What went wrong goes on listening for its end.
-- `unnest` for each column by itself: in `from` the server would first put every one of them aside.
with n as (
  select unnest(%(id)s::bigint[]) as id, unnest(%(node)s::text[]) as node, unnest(%(round)s::int[]) as round,
    unnest(%(state)s::smallint[]) as state, unnest(%(since)s::timestamptz[]) as since,
    unnest(%(due_at)s::timestamptz[]) as due_at, unnest(%(waiting)s::text[]) as waiting,
    unnest(%(arms)s::text[]) as arms, unnest(%(outcome)s::text[]) as outcome, unnest(%(error)s::text[]) as error,
    unnest(%(why)s::text[]) as why
), moved as (
  update visit v set node = n.node, round = n.round, state = n.state, since = n.since, due_at = n.due_at,
    waiting_for = case when n.error is null then n.waiting::text[] else v.ends_kinds end, arms = coalesce(n.arms::jsonb, v.arms),
    outcome = case when v.state = 1 then v.outcome else n.outcome end, error = n.error,
    ended_at = case when v.state = 1 then v.ended_at when n.state = 1 then greatest(%(now)s::timestamptz, v.since) end
  from n where v.id = n.id and (v.state = 0 or v.state = 1 and n.state = 1)
)
insert into visit_move (visit_id, at, node, why)
select id, %(now)s, node, why from n where why <> '';

-- name: published
-- Every journey with a published version, for entries: a handful of rows.
select j.id, j.code, v.version, v.text
from journey j join journey_version v on v.journey_id = j.id and v.version = j.published_version
order by j.id;

-- name: wake
-- What was heard, per customer: their visits that listen for it are due now, and those that it may
-- end are named, so that their touches can be held in the same commit. Changing the row waits for a
-- sweep that has it in hand: what that sweep wished for is there when the touches are held. Walks the index
-- visit_listening: of those that ended it holds who still had something to say, and until they are asked once.
-- A parked one is not due before somebody has looked at it; its touches are held all the same. Locked in id order,
-- also those whose wishes a cut-off is about to limit: no sweep wishes on without knowing of it. Whose an order or
-- a touch is that an event names is read here (from commerce and the outbox), since this comes before them.
-- While a new live segment has its first look at everybody, nobody can tell who comes into it from who was there
-- before, and nothing is told (reads segments): so whoever is spoken of may have come in, or left.
with heard as (
  select customer_id, array_agg(kind) || case when exists (select from segment_live where due_at is not null)
    then array['segment.entered', 'segment.left'] else '{}' end as kinds
  from (
    select customer_id, kind from unnest(%(customers)s::bigint[], %(kinds)s::text[]) as h (customer_id, kind)
    union all
    select o.customer_id, n.kind
    from unnest(%(shops)s::text[], %(order_nos)s::text[], %(order_kinds)s::text[]) as n (shop, order_no, kind)
    join orders o on o.shop = n.shop and o.order_no = n.order_no
    union all
    select t.customer_id, n.kind
    from unnest(%(touches)s::bigint[], %(touch_kinds)s::text[]) as n (touch_id, kind)
    join touch t on t.id = n.touch_id
  ) h
  group by customer_id
), mine as (
  select v.id, v.waiting_for && h.kinds or v.customer_id = any(%(merged)s::bigint[]) as wakes,
    v.ends_kinds && h.kinds or v.customer_id = any(%(merged)s::bigint[]) as may_end
  from heard h join visit v on v.customer_id = h.customer_id
  where (v.state = 0 or v.waiting_for <> '{}')
    and (v.waiting_for && h.kinds or v.customer_id = any(%(merged)s::bigint[]) or 'parcel.planned' = any(h.kinds))
  order by v.id for update of v
)
update visit v set due_at = case when v.state <> 2 then least(v.due_at, %(now)s::timestamptz) end
from mine where v.id = mine.id and mine.wakes
returning v.id, mine.may_end;

-- name: known
-- The visits that possible entrants already have.
select journey_id, id, customer_id, key, state = 0, entered_at
from visit
where journey_id = any(%(journeys)s::bigint[]) and customer_id = any(%(customers)s::bigint[]);

-- name: draws
-- By which draw of its playbook's newcomers of these journeys are held out, and by the one that all share (reads budget);
-- and whether that playbook can't pay for newcomers, nor was given back anything since (reads ledger).
select j.id, coalesce(d.scope, ''), coalesce(d.share, 0), coalesce((select share from holdout_share where scope = '*'), 0),
  exists (select from spend_cap c where c.playbook = j.playbook and c.short_since is not null and 0 <= (
    select coalesce(sum(s.amount_minor - s.counted_minor), 0) from spend s
    where s.playbook = c.playbook and s.amount_minor <> s.counted_minor))
from journey j left join holdout_share d on d.scope = 'playbook:' || j.playbook and d.share > 0
where j.id = any(%(journeys)s::bigint[]);

-- name: enrol
-- The visits that begin, each with its order and its first line of history; those that exist stay as they are.
-- What comes by no key (a schedule, a set) hangs on the customer's first: so a split knows whose it is (reads
-- identities).
with n as materialized (
  select unnest(%(journeys)s::bigint[]) as journey_id, unnest(%(versions)s::int[]) as version,
    unnest(%(customers)s::bigint[]) as customer_id, unnest(%(identities)s::bigint[]) as identity_id,
    unnest(%(keys)s::text[]) as key, unnest(%(shops)s::text[]) as shop,
    unnest(%(order_nos)s::text[]) as order_no, unnest(%(nodes)s::text[]) as node,
    unnest(%(ends)s::text[]) as ends, unnest(%(held)s::boolean[]) as held_out
), begun as (
  insert into visit (journey_id, version, customer_id, identity_id, key, shop, order_no, node, state, due_at,
    waiting_for, ends_kinds, since, entered_at, held_out)
  select journey_id, version, customer_id,
    coalesce(identity_id, (select min(i.id) from identity i where i.customer_id = n.customer_id)),
    key, shop, order_no, node, 0, %(now)s, ends::text[], ends::text[], %(now)s, %(now)s, held_out
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
select b.id, b.journey_id, b.customer_id, b.key, j.pilot_most is not null
from begun b join journey j on j.id = b.journey_id;

-- name: pilots
-- Journeys that let only so many in; locked, so that places are given out one batch after the other.
select id, published_version, greatest(pilot_most - pilot_entered, 0), before_version, before_node, before_ends
from journey where id = any(%(journeys)s::bigint[]) and pilot_most is not null
order by id for update;

-- name: in_pilot
-- Who had a visit on the piloted version before: their place is taken already.
select distinct v.journey_id, v.customer_id
from unnest(%(journeys)s::bigint[], %(versions)s::int[]) as p (journey_id, version)
join visit v on v.journey_id = p.journey_id and v.version = p.version
where v.customer_id = any(%(customers)s::bigint[]) and v.id <> all(%(new)s::bigint[]);

-- name: count_pilots
update journey j set pilot_entered = j.pilot_entered + n.count
from unnest(%(journeys)s::bigint[], %(counts)s::int[]) as n (journey_id, count)
where j.id = n.journey_id;

-- name: enter_before
-- One too many for the pilot: begun in this very transaction, they begin on the version before instead.
with n as (
  select * from unnest(%(ids)s::bigint[], %(versions)s::int[], %(nodes)s::text[], %(ends)s::text[])
    as n (id, version, node, ends)
), noted as (
  update visit_move m set node = n.node from n where m.visit_id = n.id
)
update visit v set version = n.version, node = n.node, waiting_for = n.ends::text[],
  ends_kinds = n.ends::text[]
from n where v.id = n.id;

-- name: refuse
-- One too many, and no version before: as if they had never begun, which nobody else has seen.
with gone as (delete from visit where id = any(%(ids)s::bigint[])),
  orders as (delete from visit_order where visit_id = any(%(ids)s::bigint[]))
delete from visit_move where visit_id = any(%(ids)s::bigint[]);

-- name: join_orders
-- An order that joined before stays as it is.
insert into visit_order (visit_id, shop, order_no, joined_at)
select visit_id, shop, order_no, %(now)s
from (
  select unnest(%(visits)s::bigint[]) as visit_id, unnest(%(shops)s::text[]) as shop,
    unnest(%(order_nos)s::text[]) as order_no
) as n
where not exists (
  select from visit_order o where o.visit_id = n.visit_id and o.shop = n.shop and o.order_no = n.order_no)
order by visit_id, shop, order_no
returning visit_id;

-- name: join_contested
-- As `join_orders`, while somebody else lets the same orders join.
insert into visit_order (visit_id, shop, order_no, joined_at)
select visit_id, shop, order_no, %(now)s
from (
  select unnest(%(visits)s::bigint[]) as visit_id, unnest(%(shops)s::text[]) as shop,
    unnest(%(order_nos)s::text[]) as order_no
) as n
order by visit_id, shop, order_no
on conflict do nothing
returning visit_id;

-- name: note
-- One line of history for visits that did not move by themselves: entered, merged.
insert into visit_move (visit_id, at, node, why)
select visit_id, %(now)s, node, why
from unnest(%(visits)s::bigint[], %(nodes)s::text[], %(whys)s::text[]) as n (visit_id, node, why)
order by visit_id;

-- name: copy_entries
-- What became of each event, and of each other cause, that could have started a visit. A fact is applied once.
-- COPY writes a page at a time into the log, where an insert writes each row under a head of its own.
copy journey_entry (journey_id, event_id, cause, shop, order_no, customer_id, visit_id, outcome, reason, at)
from stdin;

-- name: keep
-- What steps have set, beside what was set before: visits that this transaction has claimed.
update visit v set vars = v.vars || n.vars::jsonb
from unnest(%(ids)s::bigint[], %(vars)s::text[]) as n (id, vars) where v.id = n.id;

-- name: reach
-- The first time counts.
insert into visit_goal (visit_id, goal, reached_at)
select visit_id, goal, %(now)s from unnest(%(visits)s::bigint[], %(goals)s::text[]) as n (visit_id, goal)
order by visit_id, goal
on conflict do nothing;

-- name: goals
-- How many visits have come to each goal of a journey, those who are held out apart.
select g.goal, v.held_out, count(*)
from visit v join journey j on j.id = v.journey_id join visit_goal g on g.visit_id = v.id
where j.code = %(code)s
group by g.goal, v.held_out order by 1, 2;

-- name: goals_of
select visit_id, goal, reached_at from visit_goal where visit_id = any(%(ids)s::bigint[])
order by visit_id, reached_at, goal;

-- name: hand_over_goals
-- What a visit had come to before it ended in favour of another: each goal once, at its first time.
with gone as (
  delete from visit_goal g using unnest(%(ids)s::bigint[], %(into)s::bigint[]) as n (id, into_id)
  where g.visit_id = n.id
  returning n.into_id, g.goal, g.reached_at
)
insert into visit_goal as g (visit_id, goal, reached_at)
select into_id, goal, min(reached_at) from gone group by into_id, goal order by 1, 2
on conflict (visit_id, goal) do update set reached_at = least(g.reached_at, excluded.reached_at);

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
  ended_at = case when n.into_id is null then v.ended_at else greatest(%(now)s::timestamptz, v.since) end,
  waiting_for = case when n.into_id is null then v.waiting_for else '{}' end,
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

-- name: part
-- After a split: visits go with the key that they came by, locked in id order. A key that the other one has
-- already (both were customers before) is told apart.
with mine as (
  select w.id, v.before, v.after
  from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
    as v (identity_id, before, after)
  join visit w on w.customer_id = v.before and w.identity_id = v.identity_id
  order by w.id for update of w)
update visit w set customer_id = mine.after,
  key = case when exists (
      select from visit x
      where x.journey_id = w.journey_id and x.customer_id = mine.after and x.key = w.key
    ) then w.key || ' (split ' || w.id || ')' else w.key end
from mine where w.id = mine.id
returning w.id, mine.before, w.customer_id;

-- name: part_orders
-- An order that joined the visit of somebody else has no part in it any more (reads commerce).
delete from visit_order vo
using visit v, orders o
where v.customer_id = any(%(customers)s::bigint[]) and v.state = 0 and vo.visit_id = v.id
  and o.shop = vo.shop and o.order_no = vo.order_no
  and o.customer_id = any(%(customers)s::bigint[]) and o.customer_id <> v.customer_id;

-- name: part_entries
-- By the key of the event (reads identities).
update journey_entry e set customer_id = v.after
from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
  as v (identity_id, before, after), event_subject s
where e.customer_id = v.before and s.event_id = e.event_id and s.identity_id = v.identity_id;

-- name: part_causes
-- What no event made goes with its visit, as `part` has left it.
update journey_entry e set customer_id = w.customer_id
from visit w
where e.customer_id = any(%(customers)s::bigint[]) and e.event_id is null and w.id = e.visit_id
  and w.customer_id <> e.customer_id;

-- name: part_members
-- Both stay in the sets in which they were as one: nobody comes in anew by being told apart.
insert into journey_member as m (journey_id, customer_id, since, recheck_at)
select b.journey_id, v.after, min(b.since), min(b.recheck_at)
from unnest(%(befores)s::bigint[], %(afters)s::bigint[]) as v (before, after)
join journey_member b on b.customer_id = v.before
group by b.journey_id, v.after order by 1, 2
on conflict (journey_id, customer_id) do update set since = coalesce(m.since, excluded.since);

-- name: journey
-- Made at its first version; the lock keeps two publishers of one journey apart. What a playbook brought stays its,
-- with its draw and its budget, whoever publishes another version by hand.
insert into journey as j (code, playbook) values (%(code)s, %(playbook)s)
on conflict (code) do update set playbook = case excluded.playbook when 'own' then j.playbook else excluded.playbook end
returning id;

-- name: watch
-- What a new entry has to look for begins now; the same entry, published again, goes on where it stands.
with new as (
  insert into journey_watch as w (journey_id, said, due_at) values (%(journey)s, %(said)s, %(now)s)
  on conflict (journey_id) do update set said = excluded.said, due_at = excluded.due_at, occurrence = null, after = 0
  where w.said <> excluded.said or %(afresh)s
  returning journey_id
)
delete from journey_member m using new where m.journey_id = new.journey_id;

-- name: walked_on
-- The versions of a journey on which somebody is under way.
select v.text from journey_version v
where v.journey_id = %(journey)s
  and exists (select from visit w where w.journey_id = v.journey_id and w.version = v.version and w.state <> 1)
order by v.version;

-- name: unwatch
with gone as (
  delete from journey_member where journey_id = %(journey)s
)
delete from journey_watch where journey_id = %(journey)s;

-- name: watched
-- How far these journeys have looked at who is in their set. Whoever asks anew of one customer holds the
-- row, so that nobody is seen to come in twice: events share it, time and the first look have it alone.
select journey_id, after from journey_watch where journey_id = any(%(journeys)s::bigint[])
order by journey_id for share;

-- name: next_watch
select journey_id, due_at, occurrence, after from journey_watch where due_at <= %(now)s
order by due_at, journey_id limit 1 for update;

-- name: go_on
update journey_watch set due_at = %(due_at)s, occurrence = %(occurrence)s, after = %(after)s
where journey_id = %(journey)s;

-- name: everybody
-- A page of customers, in id order.
select id from customer where id > %(after)s and merged_into is null order by id limit %(limit)s;

-- name: next_recheck
-- The journey that time may have brought somebody, or taken somebody from, first.
select journey_id from journey_member where recheck_at <= %(now)s order by recheck_at limit 1;

-- name: hold_watch
select journey_id from journey_watch where journey_id = %(journey)s for update;

-- name: rechecks
select customer_id, recheck_at from journey_member
where journey_id = %(journey)s and recheck_at <= %(now)s order by recheck_at limit %(limit)s;

-- name: members
select customer_id, since, recheck_at from journey_member
where journey_id = %(journey)s and customer_id = any(%(customers)s::bigint[]);

-- name: keep_members
insert into journey_member (journey_id, customer_id, since, recheck_at)
select %(journey)s, customer_id, since, recheck_at
from unnest(%(customers)s::bigint[], %(since)s::timestamptz[], %(rechecks)s::timestamptz[])
  as n (customer_id, since, recheck_at)
order by customer_id
on conflict (journey_id, customer_id) do update set since = excluded.since, recheck_at = excluded.recheck_at;

-- name: forget_members
delete from journey_member where journey_id = %(journey)s and customer_id = any(%(customers)s::bigint[]);

-- name: unite_members
-- Whoever one of two was in a set as, the survivor is: they do not come in anew.
with gone as (
  delete from journey_member m using unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as n (loser, winner)
  where m.customer_id = n.loser
  returning m.journey_id, n.winner, m.since, m.recheck_at
)
insert into journey_member as m (journey_id, customer_id, since, recheck_at)
select journey_id, winner, min(since), min(recheck_at) from gone group by journey_id, winner order by 1, 2
on conflict (journey_id, customer_id) do update set
  since = least(m.since, excluded.since), recheck_at = least(m.recheck_at, excluded.recheck_at);

-- name: wave
-- The wave of a journey that opened last; locked, so that nobody has the waves go on while it is judged.
select id, number, test, state, opened_at, reveal_until, judge_at from journey_wave
where journey_id = %(journey)s order by number desc limit 1 for update;

-- name: waves_before
-- Whether each wave so far was a test, in their order: a handful.
select test from journey_wave where journey_id = %(journey)s order by number;

-- name: open_wave
-- A wave with its people, each with the order that is spoken of (reads commerce). Who is not known by a phone (reads
-- identities) waits, where waits are allowed for.
with w as (
  insert into journey_wave (journey_id, number, test, state, opened_at, reveal_until, judge_at)
  values (%(journey)s, %(number)s, %(test)s, 'entering', %(now)s, %(reveal_until)s, %(judge_at)s)
  returning id
)
insert into wave_member (wave_id, journey_id, customer_id, place, score, shop, order_no, state, chosen_at)
select w.id, %(journey)s, n.customer_id, n.place, n.score, coalesce(o.shop, ''), coalesce(o.order_no, ''),
  case when %(reveals)s::boolean and not exists (
      select from identity i where i.customer_id = n.customer_id and i.kind = 'phone')
    then 'asked' else 'chosen' end, %(now)s
from w, unnest(%(customers)s::bigint[], %(orders)s::bigint[], %(scores)s::smallint[])
  with ordinality as n (customer_id, order_id, score, place)
left join orders o on o.id = n.order_id;

-- name: asked_of
-- Whose phones are not known: the orders that they are to be looked up for.
select customer_id, shop, order_no from wave_member where wave_id = %(wave)s and state = 'asked' order by place;

-- name: phone_came
-- Whose phone is known by now (reads identities) comes in.
update wave_member m set state = 'chosen'
where m.wave_id = %(wave)s and m.state = 'asked'
  and exists (select from identity i where i.customer_id = m.customer_id and i.kind = 'phone');

-- name: leave_out
-- These, or (null) all who still wait for their phones.
update wave_member set state = 'left_out', reason = %(reason)s
where wave_id = %(wave)s and (customer_id = any(%(customers)s::bigint[])
  or %(customers)s::bigint[] is null and state = any(%(states)s::text[]));

-- name: next_of_wave
-- The next to come in, the best first.
select customer_id, shop, order_no from wave_member
where wave_id = %(wave)s and state = 'chosen' order by place limit %(limit)s for update;

-- name: waits
select exists (select from wave_member where wave_id = %(wave)s and state = 'asked');

-- name: came_in
-- What became of them at the door.
update wave_member m set state = case when n.reason = '' then 'entered' else 'left_out' end, reason = n.reason
from unnest(%(customers)s::bigint[], %(reasons)s::text[]) as n (customer_id, reason)
where m.wave_id = %(wave)s and m.customer_id = n.customer_id;

-- name: wave_is
update journey_wave set state = %(state)s, reason = %(reason)s, said = %(said)s, judged = %(judged)s::jsonb, judged_at = %(at)s
where id = %(wave)s;

-- name: wave_figures
-- What the people of each wave have done since it opened, of those to whom something was sent: one look for each
-- person into friendships, consents, holds and costs, by index (reads customers, budget, outbox and ledger).
-- Measured by its own costs: what the journey has spent on these people since then.
with m as (
  select w.id as wave_id, w.number, w.opened_at, w.judge_at, m.customer_id, m.state, v.id as visit_id, v.held_out,
    v.id is not null and not v.held_out and exists (
      select from touch t where t.visit_id = v.id and t.sent_at is not null) as invited
  from journey_wave w
  join wave_member m on m.wave_id = w.id
  left join visit v on v.journey_id = w.journey_id and v.customer_id = m.customer_id and v.key = 'wave/' || w.number
  where w.id = any(%(waves)s::bigint[])
), each as (
  select m.wave_id, m.state, m.visit_id, m.held_out, m.invited,
    m.invited and exists (select from friendship f where f.customer_id = m.customer_id and f.added_at >= m.opened_at) as friend,
    m.invited and exists (select from friendship f where f.customer_id = m.customer_id
      and f.state = 'deleted_by_customer' and f.deleted_at >= m.opened_at) as deleted,
    m.invited and (exists (select from complaint g where g.customer_id = m.customer_id and g.opened_at >= m.opened_at)
      or exists (select from consent c where c.customer_id = m.customer_id and c.state = 'withdrawn'
        and c.changed_at >= m.opened_at)) as complained,
    (select sum(l.amount_minor) from ledger_entry l where l.customer_id = m.customer_id
      and l.journey = %(code)s and l.currency = %(currency)s and l.occurred_at >= m.opened_at) as cost_minor
  from m
)
select wave_id, count(*), count(*) filter (where held_out), count(*) filter (where invited),
  count(*) filter (where friend), coalesce(sum(cost_minor), 0)::bigint, count(*) filter (where deleted),
  count(*) filter (where complained), count(*) filter (where visit_id is not null),
  count(*) filter (where state = 'asked'), count(*) filter (where state = 'left_out')
from each group by wave_id;

-- name: wave_left_out
-- Why people of these waves were left out, and why messages to them were withheld (reads the outbox).
select m.wave_id, 'left_out', m.reason, count(*) from wave_member m
where m.wave_id = any(%(waves)s::bigint[]) and m.state = 'left_out' group by 1, 2, 3
union all
select w.id, 'withheld', t.reason, count(*)
from journey_wave w
join wave_member m on m.wave_id = w.id
join visit v on v.journey_id = w.journey_id and v.customer_id = m.customer_id and v.key = 'wave/' || w.number
join touch t on t.visit_id = v.id
where w.id = any(%(waves)s::bigint[]) and t.state = 'withheld'
group by 1, 2, 3
order by 1, 2, 4 desc, 3;

-- name: waves_of
-- The waves of a journey, the latest first.
select w.id, w.number, w.test, w.state, w.opened_at, w.reveal_until, w.judge_at, w.judged_at, w.reason, w.said,
  w.judged, w.decided_by, w.decided_at
from journey_wave w join journey j on j.id = w.journey_id
where j.code = %(code)s and w.number < %(before)s order by w.number desc limit %(limit)s;

-- name: next_look
-- When a journey's entries are looked at next; null: not before something is decided.
select w.due_at from journey_watch w join journey j on j.id = w.journey_id where j.code = %(code)s;

-- name: decide_wave
update journey_wave set state = %(state)s, decided_by = %(by)s, decided_at = %(now)s where id = %(wave)s;

-- name: look_again
update journey_watch set due_at = %(now)s, after = 0 where journey_id = %(journey)s;

-- name: unite_waved
-- Who is one now was in a wave once: as the one who came further.
with gone as (
  delete from wave_member m using unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as n (loser, winner)
  where m.customer_id = n.loser
  returning m.*, n.winner
)
insert into wave_member (wave_id, journey_id, customer_id, place, score, shop, order_no, state, reason, chosen_at)
select distinct on (wave_id, winner) wave_id, journey_id, winner, place, score, shop, order_no, state, reason, chosen_at
from gone order by wave_id, winner, state = 'entered' desc, place
on conflict (wave_id, customer_id) do nothing;

-- name: part_waved
-- Whoever is told apart goes on in the wave by which their visit came, as `part` has left it.
update wave_member m set customer_id = v.customer_id
from journey_wave w, visit v
where m.customer_id = any(%(customers)s::bigint[]) and w.id = m.wave_id
  and v.journey_id = w.journey_id and v.key = 'wave/' || w.number and v.customer_id = any(%(customers)s::bigint[])
  and v.customer_id <> m.customer_id
  and not exists (select from visit x where x.journey_id = w.journey_id and x.key = v.key and x.customer_id = m.customer_id)
  and not exists (select from wave_member x where x.wave_id = m.wave_id and x.customer_id = v.customer_id);

-- name: latest
select version, text from journey_version where journey_id = %(journey)s order by version desc limit 1;

-- name: add_version
insert into journey_version (journey_id, version, text, published_at)
values (%(journey)s, %(version)s, %(text)s, %(now)s);

-- name: lately
-- Who would have come in: buyers of the source's shops (commerce's table), or who did come in by other events.
select case when %(orders)s::boolean
  then (select count(distinct o.customer_id) from orders o
    where o.paid_at > %(since)s and o.paid_at <= %(now)s and o.state = 'paid'
      and (%(shops)s::text[] is null or o.shop = any(%(shops)s::text[])))
  else (select count(distinct v.customer_id) from visit v join journey j on j.id = v.journey_id
    where j.code = %(code)s and v.entered_at > %(since)s and v.entered_at <= %(now)s) end;

-- name: by_hand
-- Whom people have let in by hand since then, and these: each once. Under the lock of `state`.
select count(*) from (
  select customer_id from journey_entry
  where journey_id = %(journey)s and event_id is null and cause = 'by hand' and outcome = 'enrolled'
    and at > %(since)s
  union
  select unnest(%(customers)s::bigint[])) as people;

-- name: ask
insert into journey_approval as a (journey_id, version, pilot, people, cost_minor, currency, asked_by, asked_at)
values (%(journey)s, %(version)s, %(pilot)s, %(people)s, %(cost_minor)s, %(currency)s, %(by)s, %(now)s)
on conflict (journey_id) where state = 'waiting' do update set version = excluded.version,
  pilot = excluded.pilot, people = excluded.people, cost_minor = excluded.cost_minor,
  currency = excluded.currency, asked_by = excluded.asked_by, asked_at = excluded.asked_at;

-- name: waiting_one
select a.id, a.version, a.pilot, a.asked_by, v.text
from journey j
join journey_approval a on a.journey_id = j.id and a.state = 'waiting'
join journey_version v on v.journey_id = j.id and v.version = a.version
where j.code = %(code)s for update of a;

-- name: decided
update journey_approval set state = %(state)s, decided_by = %(by)s, decided_at = %(now)s, reason = %(reason)s
where id = %(id)s;

-- name: overtaken
-- What waited is not asked for any more, except for the version that is published now; none is after a stop.
update journey_approval set state = 'refused', decided_by = %(by)s, decided_at = %(now)s, reason = %(reason)s
where journey_id = %(journey)s and state = 'waiting' and version is distinct from %(version)s::int;

-- name: waiting
-- Few: what waits for a second person, the longest first.
select j.code, a.version, a.pilot, a.people, a.cost_minor, a.currency, a.asked_by, a.asked_at
from journey_approval a join journey j on j.id = a.journey_id
where a.state = 'waiting' order by a.asked_at, j.code;

-- name: answered
-- What became of what was asked, of one journey or of all; the latest first.
select j.code, a.version, a.pilot, a.people, a.asked_by, a.asked_at, a.state, a.decided_by, a.decided_at, a.reason
from journey_approval a join journey j on j.id = a.journey_id
where a.state <> 'waiting' and j.code = coalesce(%(code)s::text, j.code)
order by a.decided_at desc, a.id desc limit %(limit)s;

-- name: state
select id, published_version, pilot_most, pilot_entered, before_version
from journey where code = %(code)s for update;

-- name: publish
-- For everybody: a pilot, if there is one, is over.
update journey set published_version = %(version)s, pilot_most = null, pilot_entered = 0, before_version = null
where id = %(journey)s;

-- name: publish_pilot
update journey set published_version = %(version)s, pilot_most = %(most)s, pilot_entered = 0,
  before_version = %(before)s, before_node = %(node)s, before_ends = %(ends)s::text[]
where id = %(journey)s;

-- name: resize_pilot
update journey set pilot_most = %(most)s where id = %(journey)s;

-- name: unpublish
-- Nobody enters any more, from the next apply on. It answers what was published.
with was as (select id, published_version from journey where code = %(code)s for update),
  done as (update journey j set published_version = null, pilot_most = null from was where j.id = was.id)
select id, published_version from was;

-- name: under_way
select count(*) from visit where journey_id = %(journey)s and state in (0, 2);

-- name: stop
-- Whoever is under way, parked ones too, ends here. In id order: sweeps that hold some are waited for.
with mine as (
  select id, node from visit where journey_id = %(journey)s and state in (0, 2)
  order by id limit %(limit)s for update
), ended as (
  update visit v set state = 1, outcome = 'stopped', ended_at = greatest(%(now)s, v.since), due_at = null,
    error = null, waiting_for = '{}'
  from mine where v.id = mine.id
), noted as (
  insert into visit_move (visit_id, at, node, why)
  select id, %(now)s, node, %(why)s from mine order by id
)
select id from mine;

-- name: every_version
select j.id, v.version, v.text
from journey j join journey_version v on v.journey_id = j.id
where j.code = %(code)s order by v.version;

-- name: to_migrate
-- Who is under way on another version, parked ones too, by the step at which they stand.
select version, node, count(*) from visit
where journey_id = %(journey)s and version <> %(to)s and version = coalesce(%(origin)s::int, version)
  and state in (0, 2)
group by version, node order by version, node;

-- name: claim_migration
-- The next ones to move, in id order: sweeps that hold some are waited for. Who has come meanwhile to a step
-- of which nobody said where it leads (it is not in `nodes`) stays, and the next look finds them.
-- `after` keeps a walk over a large journey from reading its beginning again with every batch.
select id, version, node, round, since, arms from visit
where journey_id = %(journey)s and id > %(after)s and version <> %(to)s
  and version = coalesce(%(origin)s::int, version) and state in (0, 2) and node = any(%(nodes)s::text[])
order by id limit %(limit)s for update;

-- name: migrate
-- On to another text, with a line of history each. Whoever is under way is due at once and decides again;
-- a parked one stays with the person who looks at it.
with n as (
  select * from unnest(%(ids)s::bigint[], %(nodes)s::text[], %(rounds)s::int[], %(sinces)s::timestamptz[],
    %(arms)s::text[], %(ended)s::boolean[], %(whys)s::text[])
    as n (id, node, round, since, arms, ended, why)
), moved as (
  update visit v set version = %(version)s, node = n.node, round = n.round, since = n.since,
    arms = n.arms::jsonb, waiting_for = case when n.ended then '{}' else %(ends)s::text[] end,
    ends_kinds = %(ends)s::text[], state = case when n.ended then 1 else v.state end,
    outcome = case when n.ended then 'migrated' else '' end,
    ended_at = case when n.ended then %(now)s::timestamptz end,
    error = case when n.ended then null else v.error end,
    due_at = case when n.ended or v.state = 2 then null else %(now)s::timestamptz end
  from n where v.id = n.id
)
insert into visit_move (visit_id, at, node, why)
select id, %(now)s, node, why from n order by id;

-- name: unpark
-- Of these visits, or (null) of all, those that are parked; locked in id order, as everybody locks visits.
with p as materialized (
  select v.id, j.code from visit v join journey j on j.id = v.journey_id
  where v.state = 2 and (%(ids)s::bigint[] is null or v.id = any(%(ids)s::bigint[]))
    and (%(journey)s = '' or j.code = %(journey)s)
  order by v.id for update of v
), u as (
  update visit v set state = 0, error = null, due_at = %(now)s from p where v.id = p.id returning p.code
)
select code, count(*) from u group by code order by code;

-- name: list
-- A page of journeys, or (null) all: the published text, or else the latest, for the title.
select j.id, j.code, j.published_version, v.version, v.published_at, v.text, j.playbook, j.pilot_most,
  case when j.pilot_most is not null then j.pilot_entered end,
  (select a.version from journey_approval a where a.journey_id = j.id and a.state = 'waiting')
from (select * from journey where id > %(after)s order by id limit %(limit)s::int) j
join journey_version v on v.journey_id = j.id and v.version = coalesce(j.published_version,
  (select max(l.version) from journey_version l where l.journey_id = j.id))
order by j.id;

-- name: figures
-- Of each journey, counts that never look at more than `most` rows, each the beginning of an index in that
-- index's order, so that a million visits cost no more than ten thousand. Measured with 1 M visits of ten journeys on a
-- machine under load: 80 ms for all of them.
select j.id,
  (select count(*) from (select from visit v where v.journey_id = j.id and v.state = 0
    order by v.version, v.node, v.since limit %(most)s) x),
  (select count(*) from (select from visit v where v.journey_id = j.id and v.state = 1
    order by v.outcome, v.held_out, v.ended_at limit %(most)s) x),
  (select count(*) from (select from journey_entry e where e.journey_id = j.id and e.outcome = 'enrolled'
    and e.reason = '' and e.at >= %(today)s order by e.at limit %(most)s) x),
  (select count(*) from (select from journey_entry e where e.journey_id = j.id and e.outcome = 'enrolled'
    and e.reason = '' and e.at >= %(week)s order by e.at limit %(most)s) x)
from unnest(%(journeys)s::bigint[]) as j (id);

-- name: parked_by_journey
-- Few, or something is badly wrong: then it is enough to know that they are many.
select journey_id, count(*) from (select journey_id from visit where state = 2 order by id limit %(most)s) v
group by journey_id;

-- name: ended_by
-- How visits of these journeys ended since then: from one outcome to the next along the index visit_ended, and of
-- each as many as `most`.
with recursive kinds as (
  (select j.id, k.outcome, k.held_out from unnest(%(journeys)s::bigint[]) as j (id),
    lateral (select v.outcome, v.held_out from visit v where v.journey_id = j.id and v.state = 1
      order by v.outcome, v.held_out limit 1) k)
  union all
  select p.id, k.outcome, k.held_out from kinds p,
    lateral (select v.outcome, v.held_out from visit v where v.journey_id = p.id and v.state = 1
      and (v.outcome, v.held_out) > (p.outcome, p.held_out) order by v.outcome, v.held_out limit 1) k
)
select id, outcome, held_out, (select count(*) from (select from visit v where v.journey_id = k.id and v.state = 1
    and v.outcome = k.outcome and v.held_out = k.held_out and v.ended_at >= %(since)s
    order by v.ended_at limit %(most)s) x)
from kinds k order by 1, 2, 3;

-- name: became
-- What became of what could have started a visit of this journey since then, in the same way.
with recursive kinds as (
  (select e.outcome, e.reason from journey_entry e where e.journey_id = %(journey)s
    order by e.outcome, e.reason limit 1)
  union all
  select k.outcome, k.reason from kinds p,
    lateral (select e.outcome, e.reason from journey_entry e where e.journey_id = %(journey)s
      and (e.outcome, e.reason) > (p.outcome, p.reason) order by e.outcome, e.reason limit 1) k
)
select outcome, reason, (select count(*) from (select from journey_entry e where e.journey_id = %(journey)s
    and e.outcome = k.outcome and e.reason = k.reason and e.at >= %(since)s order by e.at limit %(most)s) x)
from kinds k order by 1, 2;

-- name: id
select id from journey where code = %(code)s;

-- name: people_at
-- Who stands at a step now, the longest first.
select id from visit
where journey_id = %(journey)s and version = %(version)s and node = %(node)s and state = 0
  and (since, id) > (%(since)s::timestamptz, %(after)s::bigint)
order by since, id limit %(limit)s;

-- name: parked_at
-- Few: every visit of a journey that waits for a person, at one step or ('') at any.
select v.id from visit v
where v.state = 2 and v.journey_id = %(journey)s and (%(node)s = '' or v.node = %(node)s)
  and (%(version)s::int is null or v.version = %(version)s) and v.id > %(after)s
order by v.id limit %(limit)s;

-- name: cohort
-- The latest who came in since then, and walk on this version. Looks at `scan` entries at most.
select v.id, e.at, v.node, v.state = 1 from (
  select visit_id, at from journey_entry
  where journey_id = %(journey)s and outcome = 'enrolled' and reason = '' and at >= %(since)s
  order by at desc limit %(scan)s) e
join visit v on v.id = e.visit_id
where v.version = %(version)s
order by e.at desc, v.id desc limit %(limit)s;

-- name: walked
-- The history of these visits, in its order.
select m.visit_id, m.node, m.why from visit_move m where m.visit_id = any(%(ids)s::bigint[])
order by m.visit_id, m.at, m.ctid;

-- name: get
-- One version of a journey; without a version, the published one.
select j.code, v.version, v.text, v.published_at
from journey j join journey_version v
  on v.journey_id = j.id and v.version = coalesce(%(version)s::int, j.published_version)
where j.code = %(code)s;

-- name: current
-- The published version, or else the latest; and the latest number that there is.
select j.id, j.code, v.version, v.text, v.published_at, j.published_version is not null, l.latest, j.playbook,
  j.pilot_most, case when j.pilot_most is not null then j.pilot_entered end
from journey j,
  lateral (select max(version) as latest from journey_version where journey_id = j.id) l
join journey_version v on true
where j.code = %(code)s and v.journey_id = j.id and v.version = coalesce(j.published_version, l.latest);

-- name: version_list
-- Every version with its text, and how many are on it: `most` at most.
select v.version, v.published_at, v.version is not distinct from j.published_version,
  (select count(*) from (select from visit w where w.journey_id = j.id and w.version = v.version and w.state = 0
    order by w.node, w.since limit %(most)s) x),
  (select count(*) from (select from visit w where w.journey_id = j.id and w.version = v.version and w.state = 2
    limit %(most)s) x),
  v.text
from journey j
join journey_version v on v.journey_id = j.id
where j.code = %(code)s
order by v.version;

-- name: standing
-- How many visits under way stand at each step (`most` at most), and since when the one that is there longest.
with recursive j as (select id from journey where code = %(code)s), places as (
  (select n.version, n.node from j, lateral (select v.version, v.node from visit v
    where v.journey_id = j.id and v.state = 0 order by v.version, v.node limit 1) n)
  union all
  select n.version, n.node from places p, j,
    lateral (select v.version, v.node from visit v where v.journey_id = j.id and v.state = 0
      and (v.version, v.node) > (p.version, p.node) order by v.version, v.node limit 1) n
)
select p.version, p.node, x.visits, x.since
from places p, j, lateral (select count(*) as visits, min(v.since) as since from (
  select v.since from visit v where v.journey_id = j.id and v.version = p.version and v.node = p.node and v.state = 0
  order by v.since limit %(most)s) v) x
order by p.version, p.node;

-- name: where
-- Where a customer is in each journey, since when, and why; ended walks as well, the latest first.
select v.id, j.code, v.version, v.customer_id, v.key, v.node, v.state, v.since, v.entered_at, v.ended_at,
  v.due_at, v.outcome, v.held_out, v.error
from visit v join journey j on j.id = v.journey_id
where v.customer_id = any(%(customers)s::bigint[])
order by v.customer_id, v.entered_at desc, v.id desc;

-- name: visits
select v.id, j.code, v.version, v.customer_id, v.key, v.node, v.state, v.since, v.entered_at, v.ended_at,
  v.due_at, v.outcome, v.held_out, v.error, v.waiting_for
from visit v join journey j on j.id = v.journey_id
where v.id = any(%(ids)s::bigint[])
order by v.id;

-- name: moves
select visit_id, at, node, why from visit_move where visit_id = any(%(ids)s::bigint[])
order by visit_id, at, ctid;

-- name: entries_of
select j.code, e.event_id, e.shop, e.order_no, e.visit_id, e.outcome, e.reason, e.at, e.cause
from journey_entry e join journey j on j.id = e.journey_id
where e.customer_id = %(customer)s order by e.at, e.event_id, j.code;

-- name: parked
select v.id, j.code, v.version, v.customer_id, v.key, v.node, v.state, v.since, v.entered_at, v.ended_at,
  v.due_at, v.outcome, v.held_out, v.error
from visit v join journey j on j.id = v.journey_id
where v.state = 2 and (%(journey)s = '' or j.code = %(journey)s) order by v.id desc limit %(limit)s;

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

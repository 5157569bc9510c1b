-- Figures read the tables of all rooms below: one pass over each, for reports, never on the hot path.

-- name: whole
-- A report reads whole tables; the engine's connections are set to go by keys only.
set local enable_seqscan = on;

-- name: buyers
-- One row per buyer in scope: when they first ordered (as no friend), when they became a friend within the
-- window, whether anything of the plan reached them, and the step that they followed last.
-- An order counts while it stands, whenever a refund arrives; an order that the source did not admit does
-- not. Friend at an order: added before, and not gone again at that moment.
with scoped as (
  select o.customer_id, min(o.paid_at) as first_at
  from orders o
  where o.paid_at >= %(since)s and o.paid_at < %(until)s and o.state = 'paid' and o.customer_id is not null
    and (%(shops)s::text[] is null or o.shop = any(%(shops)s::text[]))
    and not exists (
      select from friendship f
      where f.customer_id = o.customer_id and f.first_added_at <= o.paid_at
        and not (f.deleted_at is not null and f.deleted_at <= o.paid_at
                 and (f.added_at is null or f.added_at < f.deleted_at or f.added_at > o.paid_at)))
    and not exists (
      select from holdout h where h.scope = %(journey)s and h.customer_id = o.customer_id and h.held)
    and not exists (
      select from journey_entry e join journey j on j.id = e.journey_id and j.code = %(journey)s
      where e.customer_id = o.customer_id and e.shop = o.shop and e.order_no = o.order_no
        and e.reason in ('not_admitted', 'backfill', 'pilot'))
    and not exists (
      select from parcel_decision d
      where d.customer_id = o.customer_id and d.shop = o.shop and d.order_no = o.order_no
        and d.reason = 'not_admitted')
  group by o.customer_id
), followed as (
  -- everything of the plan that reached a buyer, messages and cards alike
  select s.customer_id, t.sent_at as at, t.step, t.id
  from scoped s join touch t on t.customer_id = s.customer_id
  where t.journey = %(journey)s and t.sent_at >= s.first_at and t.sent_at < s.first_at + %(window)s
  union all
  select s.customer_id, p.packed_at, 'card', p.id
  from scoped s
  join parcel_decision d on d.customer_id = s.customer_id and d.source = any(%(sources)s::text[])
  join parcel p on p.id = d.parcel_id and p.packed_card <> ''
  where p.packed_at >= s.first_at and p.packed_at < s.first_at + %(window)s
), added as (
  select s.customer_id, min(case when f.first_added_at > s.first_at then f.first_added_at
                                 when f.added_at > s.first_at then f.added_at end) as at
  from scoped s join friendship f on f.customer_id = s.customer_id
  group by s.customer_id
)
select s.customer_id,
       exists (select from followed w where w.customer_id = s.customer_id),
       a.at is not null and a.at <= s.first_at + %(window)s,
       coalesce(
         (select m.step from friend_match m
          where m.customer_id = s.customer_id and m.added_at = a.at and m.step <> ''
            and m.source = any(%(sources)s::text[])
          order by m.identity_id limit 1),
         (select w.step from followed w where w.customer_id = s.customer_id and w.at <= a.at
          order by w.at desc, w.id desc limit 1),
         %(other)s)
from scoped s left join added a on a.customer_id = s.customer_id
order by s.customer_id;

-- name: touches
-- What went out, by step; a card goes out with its parcel.
select t.step, count(*) from touch t
where t.journey = %(journey)s and t.sent_at >= %(since)s and t.sent_at < %(end)s
group by t.step
union all
select 'card', count(*) from parcel_decision d
join parcel p on p.id = d.parcel_id and p.packed_card <> ''
where d.source = any(%(sources)s::text[]) and p.packed_at >= %(since)s and p.packed_at < %(end)s
having count(*) > 0;

-- name: costs
select step, currency, sum(amount_minor)::bigint from ledger_entry
where journey = %(journey)s and reversed_at is null and occurred_at >= %(since)s and occurred_at < %(end)s
group by step, currency order by step, currency;

-- name: withheld
select reason, count(*) from touch
where journey = %(journey)s and state = 'withheld' and wished_at >= %(since)s and wished_at < %(end)s
group by reason order by reason;

-- name: unmatched
select count(*) from friend_match
where not matched and added_at >= %(since)s and added_at < %(end)s;

-- name: held_orders
-- The orders of buyers who are held out of a journey: their experiment is read apart.
select o.shop, o.order_no from orders o
join holdout h on h.customer_id = o.customer_id and h.held and h.scope = %(journey)s
where o.paid_at >= %(since)s;

-- name: matches
-- New friends of a period, matched to a buyer or not.
select matched, count(*) from friend_match where added_at >= %(since)s group by matched;

-- name: goes
-- How much hangs on these keys, room by room: what a merge or a split would move.
with v as materialized (
  select * from unnest(%(identities)s::bigint[], %(befores)s::bigint[]) as u (identity_id, customer_id)
), visits as materialized (
  select w.id from visit w join v on w.customer_id = v.customer_id and w.identity_id = v.identity_id
)
select
  (select count(*) from orders t join v on t.customer_id = v.customer_id and t.identity_id = v.identity_id),
  (select count(*) from friendship t join v on t.customer_id = v.customer_id and t.identity_id = v.identity_id),
  (select count(*) from consent t join v on t.customer_id = v.customer_id and t.identity_id = v.identity_id),
  (select count(*) from tag t join v on t.customer_id = v.customer_id and t.identity_id = v.identity_id),
  (select count(*) from promise t join v on t.customer_id = v.customer_id and t.identity_id = v.identity_id),
  (select count(*) from visits),
  (select count(*) from visits join touch t on t.visit_id = visits.id);

-- name: loop
-- What happened in [since, until): each part is one range of an index (orders_paid, touch_invited,
-- friendship_added) and keys from there, so it costs what happened then and not what ever was.
-- Invited: the first invitation of a visit went out then. A friend: new then to the brand, not to a further
-- guide. Again: an order that stands, of somebody who was a friend at it and had bought before.
with o as materialized (
  select customer_id, paid_at from orders
  where paid_at >= %(since)s and paid_at < %(until)s and state = 'paid'
), f as materialized (
  select distinct m.identity_id, m.customer_id, m.matched
  from friendship f join friend_match m on m.identity_id = f.identity_id
  where f.first_added_at >= %(since)s and f.first_added_at < %(until)s
    and m.added_at >= %(since)s and m.added_at < %(until)s
), a as materialized (
  select o.customer_id from o
  where exists (select from orders e where e.customer_id = o.customer_id and e.paid_at < o.paid_at and e.state = 'paid')
    and exists (
      select from friendship f
      where f.customer_id = o.customer_id and f.first_added_at <= o.paid_at
        and not (f.deleted_at is not null and f.deleted_at <= o.paid_at
                 and (f.added_at is null or f.added_at < f.deleted_at or f.added_at > o.paid_at)))
)
select (select count(*) from o), (select count(distinct customer_id) from o),
  (select count(distinct t.customer_id) from touch t
    where t.purpose = 'order_invitation' and t.sent_at >= %(since)s and t.sent_at < %(until)s
      and not exists (select from touch e where e.visit_id = t.visit_id and e.purpose = 'order_invitation'
                        and e.sent_at < %(since)s)),
  (select count(*) from f), (select count(distinct customer_id) from f),
  (select count(*) from f where not matched),
  (select count(*) from a), (select count(distinct customer_id) from a);

-- name: loop_orders
-- The orders that `loop` counts, the newest first.
select o.id, o.customer_id, o.shop, o.order_no, o.paid_at from orders o
where o.paid_at >= %(since)s and o.paid_at < %(until)s and o.state = 'paid'
  and (%(before)s::bigint is null or (o.paid_at, o.id) < (select paid_at, id from orders where id = %(before)s))
order by o.paid_at desc, o.id desc limit %(limit)s;

-- name: loop_invited
-- Each customer whom `loop` counts once, by the first invitation that went out.
select t.id, t.customer_id, t.shop, t.order_no, t.sent_at from touch t
where t.purpose = 'order_invitation' and t.sent_at >= %(since)s and t.sent_at < %(until)s
  and (%(before)s::bigint is null or (t.sent_at, t.id) < (select sent_at, id from touch where id = %(before)s))
  and not exists (select from touch e where e.visit_id = t.visit_id and e.purpose = 'order_invitation'
                    and e.sent_at < %(since)s)
  and not exists (
    select from touch e
    where e.customer_id = t.customer_id and e.purpose = 'order_invitation' and e.sent_at >= %(since)s
      and (e.sent_at, e.id) < (t.sent_at, t.id)
      and not exists (select from touch v where v.visit_id = e.visit_id and v.purpose = 'order_invitation'
                        and v.sent_at < %(since)s))
order by t.sent_at desc, t.id desc limit %(limit)s;

-- name: loop_friends
-- The new friends of `loop`; `matched` null: all, false: whom nothing leads to a buyer yet.
select distinct m.identity_id, m.customer_id, '', '', m.added_at
from friendship f join friend_match m on m.identity_id = f.identity_id
where f.first_added_at >= %(since)s and f.first_added_at < %(until)s
  and m.added_at >= %(since)s and m.added_at < %(until)s
  and (%(matched)s::boolean is null or m.matched = %(matched)s)
  and (%(before)s::bigint is null
    or (m.added_at, m.identity_id) < (select added_at, identity_id from friend_match where identity_id = %(before)s))
order by m.added_at desc, m.identity_id desc limit %(limit)s;

-- name: loop_again
-- The further orders of friends that `loop` counts, the newest first.
select o.id, o.customer_id, o.shop, o.order_no, o.paid_at from orders o
where o.paid_at >= %(since)s and o.paid_at < %(until)s and o.state = 'paid'
  and (%(before)s::bigint is null or (o.paid_at, o.id) < (select paid_at, id from orders where id = %(before)s))
  and exists (select from orders e where e.customer_id = o.customer_id and e.paid_at < o.paid_at and e.state = 'paid')
  and exists (
    select from friendship f
    where f.customer_id = o.customer_id and f.first_added_at <= o.paid_at
      and not (f.deleted_at is not null and f.deleted_at <= o.paid_at
               and (f.added_at is null or f.added_at < f.deleted_at or f.added_at > o.paid_at)))
order by o.paid_at desc, o.id desc limit %(limit)s;

-- name: repurchase
-- Customers whose first order that stands was in [since, until), and those with a further one within the window.
select count(*), count(*) filter (where exists (
    select from orders n where n.customer_id = o.customer_id and n.state = 'paid'
      and (n.paid_at, n.id) > (o.paid_at, o.id) and n.paid_at <= o.paid_at + %(window)s::interval))
from orders o
where o.paid_at >= %(since)s and o.paid_at < %(until)s and o.state = 'paid' and o.customer_id is not null
  and not exists (select from orders e where e.customer_id = o.customer_id and e.state = 'paid'
                    and (e.paid_at, e.id) < (o.paid_at, o.id));

-- name: attention
-- What waits for somebody: what, about what, how many, since when. Each part is the beginning of a partial index
-- that holds nothing but such rows, and stops at %(most)s; a healthy installation answers from empty indexes.
select 'provider_down', channel, failures::bigint, since from trouble
union all
select 'events_parked', '', count(*), min(parked_at) from (
  select parked_at from event_pending where error is not null order by event_id limit %(most)s) x
union all
select 'events_waiting', '', count(*), min(received_at) from (
  select received_at from event_pending where error is null order by event_id limit %(most)s) x
having min(received_at) < %(stuck)s
union all
select 'visits_parked', '', count(*), min(since) from (
  select since from visit where state = 2 order by id limit %(most)s) x
union all
select 'tasks_overdue', '', count(*), min(due_at) from (
  select due_at from task where state = 'open' and due_at < %(now)s and reported_at is null
  order by due_at, id limit %(most)s) x
union all
select 'tasks_unassigned', '', count(*), min(created_at) from (
  select created_at from task where state = 'open' and staff = '' order by due_at, id limit %(most)s) x
union all
select 'promises_expiring', '', count(*), min(expires_at) from (
  select expires_at from promise where state in ('promised', 'claimable') and expires_at < %(soon)s
  order by expires_at limit %(most)s) x
union all
select 'gift_short', sku, count(*), min(cutoff_at) from (
  select s.sku, d.cutoff_at
  from (select * from parcel_due where cutoff_at < %(soon)s order by cutoff_at, parcel_id limit %(most)s) d
  join parcel_order po on po.parcel_id = d.parcel_id
  join promise p on p.shop = po.shop and p.order_no = po.order_no and p.state = 'promised'
  join offer o on o.code = p.offer
  join gift_stock s on s.sku = o.sku and s.on_hand - s.reserved <= 0
  where not exists (
    select from offer b join gift_stock g on g.sku = b.sku
    where b.code = o.substitute and g.on_hand - g.reserved > 0)
) x group by sku
union all
select 'gift_low', s.sku, s.on_hand - s.reserved, null
from gift_stock s
join (
  select o.sku, count(*) as owed
  from (select offer from promise where state = 'promised' order by expires_at limit %(most)s) p
  join offer o on o.code = p.offer group by o.sku) n on n.sku = s.sku
where s.on_hand - s.reserved < n.owed
union all
select 'approvals_waiting', '', count(*), min(asked_at) from journey_approval where state = 'waiting'
union all
select 'subscribers_stopped', '', count(*), min(failing_since) from subscriber where not active and stopped_why <> ''
union all
select 'touches_in_doubt', '', count(*), min(sent_at) from (
  select sent_at from touch where state = 'unknown' and sent_at < %(doubt)s limit %(most)s) x
union all
select 'claims_open', '', count(*), min(claimed_at) from (
  select claimed_at from match_claim where state = 'open' order by id limit %(most)s) x
union all
select 'friends_unmatched', '', count(*), min(added_at) from (
  select added_at from friend_match where not matched order by added_at limit %(most)s) x;

-- name: one_moment
-- All figures of a report are of one moment, so that they add up.
set transaction isolation level repeatable read;

-- name: cohort
-- The buyers of a period, each once: in which group, when they first ordered as somebody to be won, when they
-- became a friend within the window. In a table, so that the statements behind it know how large it is.
-- What counts as what: `buyers`, above. Who only has orders that are gone again is no buyer, but what was spent
-- on them was spent: `began_at` is the first order of any kind. An order is told at or after its payment, so entries
-- before the period say nothing of it.
create temporary table report_cohort on commit drop as
with bought as materialized (
  select o.id, o.customer_id, o.shop, o.order_no, o.paid_at, o.state = 'paid' as stands
  from orders o
  where o.paid_at >= %(since)s and o.paid_at < %(until)s and o.customer_id is not null
    and (%(shops)s::text[] is null or o.shop = any(%(shops)s::text[]))
), known as materialized (
  select distinct o.id
  from bought o join friendship f on f.customer_id = o.customer_id
  where f.first_added_at <= o.paid_at
    and not (f.deleted_at is not null and f.deleted_at <= o.paid_at
             and (f.added_at is null or f.added_at < f.deleted_at or f.added_at > o.paid_at))
), refused as materialized (
  select o.id
  from bought o join journey_entry e
    on e.customer_id = o.customer_id and e.shop = o.shop and e.order_no = o.order_no
  where e.at >= %(since)s and e.reason in ('not_admitted', 'backfill', 'pilot')
    and e.journey_id = (select j.id from journey j where j.code = %(journey)s)
  union
  select o.id
  from bought o join parcel_decision d
    on d.customer_id = o.customer_id and d.shop = o.shop and d.order_no = o.order_no
  where d.reason = 'not_admitted'
), firsts as (
  select o.customer_id,
    min(o.paid_at) filter (where o.stands and k.id is null and r.id is null) as first_at,
    min(o.paid_at) filter (where k.id is null and r.id is null) as began_at,
    bool_and(k.id is not null) filter (where o.stands) as friend
  from bought o left join known k on k.id = o.id left join refused r on r.id = o.id
  group by o.customer_id
), added as (
  select s.customer_id, min(case when f.first_added_at > s.first_at then f.first_added_at
                                 when f.added_at > s.first_at then f.added_at end) as at
  from firsts s join friendship f on f.customer_id = s.customer_id
  where s.first_at is not null
  group by s.customer_id
)
select s.customer_id, s.first_at, s.began_at,
  case when s.friend is null then 'gone'
       when s.first_at is null then case when s.friend then 'friend' else 'not_admitted' end
       when h.customer_id is not null then 'held'
       else 'treated' end as kind,
  case when a.at <= s.first_at + %(window)s then a.at end as added_at
from firsts s
left join holdout h on h.scope = %(journey)s and h.customer_id = s.customer_id and h.held
left join added a on a.customer_id = s.customer_id;

-- name: count_cohort
-- A fresh table has no statistics: the planner would take it for a small one.
analyze report_cohort;

-- name: count_followed
analyze report_followed;

-- name: followed_by
-- Everything of the plan that reached a buyer in scope within the window, messages and cards alike.
create temporary table report_followed on commit drop as
select s.customer_id, t.sent_at as at, t.step, t.id
from report_cohort s join touch t on t.customer_id = s.customer_id
where s.kind = 'treated' and t.journey = %(journey)s and t.sent_at >= %(since)s and t.sent_at < %(end)s
  and t.sent_at >= s.first_at and t.sent_at < s.first_at + %(window)s
union all
select s.customer_id, p.packed_at, 'card', p.id
from report_cohort s
join parcel_decision d on d.customer_id = s.customer_id and d.source = %(source)s
join parcel p on p.id = d.parcel_id and p.packed_card <> ''
where s.kind = 'treated' and p.packed_at >= s.first_at and p.packed_at < s.first_at + %(window)s;

-- name: groups
-- How many there are of each kind, how many of them became friends, how many may still.
select kind, count(*), count(added_at),
  count(*) filter (where added_at is null and first_at + %(window)s > %(now)s)
from report_cohort where kind <> 'gone' group by kind;

-- name: reached
-- What each step sent to how many, in the order in which it usually comes; what raced the add, by seconds.
select f.step, count(distinct f.customer_id), count(*), count(*) filter (where f.at >= s.added_at),
  coalesce(max(extract(epoch from f.at - s.added_at)) filter (where f.at >= s.added_at), 0)::float8
from report_followed f join report_cohort s on s.customer_id = f.customer_id
group by f.step order by avg(f.at - s.first_at), f.step;

-- name: invited_friends
-- Buyers in scope whom anything reached, and the friends among them.
select count(*), count(s.added_at)
from report_cohort s
where s.kind = 'treated' and s.customer_id in (select customer_id from report_followed);

-- name: last_steps
-- The step that each new friend followed: that of the code they came by, else the last before.
with latest as (
  select distinct on (f.customer_id) f.customer_id, f.step
  from report_followed f join report_cohort s on s.customer_id = f.customer_id
  where f.at <= s.added_at
  order by f.customer_id, f.at desc, f.id desc
), coded as (
  select distinct on (m.customer_id) m.customer_id, m.step
  from report_cohort s join friend_match m on m.customer_id = s.customer_id and m.added_at = s.added_at
  where s.kind = 'treated' and m.step <> '' and m.source = %(source)s
  order by m.customer_id, m.identity_id
)
select coalesce(c.step, l.step, %(other)s), count(*)
from report_cohort s
left join coded c on c.customer_id = s.customer_id
left join latest l on l.customer_id = s.customer_id
where s.kind = 'treated' and s.added_at is not null
group by 1 order by 1;

-- name: cohort_costs
-- What was spent on the buyers in scope, and on those whose orders are gone again, each within the window: so a
-- short period is not charged for others.
select e.step, e.kind, e.currency, sum(e.quantity)::bigint, sum(e.amount_minor)::bigint
from report_cohort s join ledger_entry e on e.customer_id = s.customer_id
where s.kind in ('treated', 'gone') and e.journey = %(journey)s and e.reversed_at is null
  and e.occurred_at >= %(since)s and e.occurred_at < %(end)s
  and e.occurred_at >= s.began_at and e.occurred_at < coalesce(s.first_at, s.began_at) + %(window)s
group by e.step, e.kind, e.currency order by e.step, e.kind, e.currency;

-- name: forget_cohort
-- The next source has buyers of its own.
drop table report_cohort, report_followed;

-- name: withheld_by
-- By day of the brand, what was not sent and why. From an index of withheld touches alone.
select (wished_at at time zone %(zone)s)::date, channel, purpose, reason, count(*)
from touch
where state = 'withheld' and wished_at >= %(since)s and wished_at < %(until)s
  and (%(journey)s::text is null or journey = %(journey)s)
  and (%(shops)s::text[] is null or shop = any(%(shops)s::text[]))
group by 1, 2, 3, 4 order by 1, 2, 3, 4;

-- name: wished
-- How many touches were wished for.
select count(*) from touch
where wished_at >= %(since)s and wished_at < %(until)s
  and (%(journey)s::text is null or journey = %(journey)s)
  and (%(shops)s::text[] is null or shop = any(%(shops)s::text[]));

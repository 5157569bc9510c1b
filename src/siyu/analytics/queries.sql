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

-- name: lock_accounts
-- One ruling at a time per customer: two journeys can't both spend the last touch. The update is the
-- lock; in id order, so that two sweeps never cross.
insert into budget_account (customer_id, ruled_at)
select id, %(now)s from unnest(%(customers)s::bigint[]) as c (id) order by id
on conflict (customer_id) do update set ruled_at = excluded.ruled_at;

-- name: suppressions
select customer_id, channel, until from suppression where customer_id = any(%(customers)s::bigint[]);

-- name: rules
-- The brand's three short lists, and what sets these customers apart, as columns: all that a batch of
-- wishes needs of ours, in one round trip. Hold-outs by their key, of the journeys that ask.
select
  (select coalesce(jsonb_agg(jsonb_build_array(channel, purpose, days, most) order by channel, purpose, days), '[]')
    from cap),
  (select coalesce(jsonb_agg(jsonb_build_array(channel, purpose, hours)), '[]') from quiet_hours),
  (select coalesce(jsonb_agg(jsonb_build_array(shop, channel, allowed)), '[]') from shop_policy),
  s.customers, s.channels, s.untils, h.customers, h.scopes
from (
  select coalesce(array_agg(customer_id), '{}'), coalesce(array_agg(channel), '{}'),
    coalesce(array_agg(until), '{}')
  from suppression where customer_id = any(%(customers)s::bigint[])
) as s (customers, channels, untils), (
  select coalesce(array_agg(customer_id), '{}'), coalesce(array_agg(scope), '{}')
  from holdout where scope = any(%(journeys)s::text[]) and customer_id = any(%(customers)s::bigint[]) and held
) as h (customers, scopes);

-- name: shop_policies
select shop, channel, allowed, note from shop_policy order by shop, channel;

-- name: store_rulings
insert into ruling (touch_id, ruled_at, verdict, reason, at)
select touch_id, %(now)s, verdict, reason, at
from unnest(%(touches)s::bigint[], %(verdicts)s::text[], %(reasons)s::text[], %(ats)s::timestamptz[])
  as r (touch_id, verdict, reason, at)
order by touch_id;

-- name: set_caps
insert into cap (channel, purpose, days, most)
select channel, purpose, days, most
from unnest(%(channels)s::text[], %(purposes)s::text[], %(days)s::smallint[], %(most)s::smallint[])
  as c (channel, purpose, days, most)
order by channel, purpose, days
on conflict (channel, purpose, days) do update set most = excluded.most;

-- name: set_hours
insert into quiet_hours (channel, purpose, hours)
select channel, purpose, hours
from unnest(%(channels)s::text[], %(purposes)s::text[], %(hours)s::text[]) as h (channel, purpose, hours)
order by channel, purpose
on conflict (channel, purpose) do update set hours = excluded.hours;

-- name: default_caps
insert into cap (channel, purpose, days, most)
select channel, purpose, days, most
from unnest(%(channels)s::text[], %(purposes)s::text[], %(days)s::smallint[], %(most)s::smallint[])
  as c (channel, purpose, days, most)
order by channel, purpose, days
on conflict (channel, purpose, days) do nothing;

-- name: default_hours
insert into quiet_hours (channel, purpose, hours)
select channel, purpose, hours
from unnest(%(channels)s::text[], %(purposes)s::text[], %(hours)s::text[]) as h (channel, purpose, hours)
order by channel, purpose
on conflict (channel, purpose) do nothing;

-- name: set_shop_policy
insert into shop_policy (shop, channel, allowed, note)
select shop, channel, allowed, note
from unnest(%(shops)s::text[], %(channels)s::text[], %(allowed)s::boolean[], %(notes)s::text[])
  as p (shop, channel, allowed, note)
order by shop, channel
on conflict (shop, channel) do update set allowed = excluded.allowed, note = excluded.note;

-- name: suppress
-- The longer of two holds; null is for good. The first reason stays with the hold that stays.
insert into suppression as s (customer_id, channel, reason, since, until)
select customer_id, channel, reason, since, until
from unnest(%(customers)s::bigint[], %(channels)s::text[], %(reasons)s::text[], %(sinces)s::timestamptz[],
  %(untils)s::timestamptz[]) as n (customer_id, channel, reason, since, until)
order by customer_id, channel
on conflict (customer_id, channel) do update
  set reason = excluded.reason, since = excluded.since, until = excluded.until
  where s.until is not null and (excluded.until is null or excluded.until > s.until);

-- name: lift
delete from suppression where customer_id = %(customer)s and channel = %(channel)s;

-- name: assign
-- Sticky: who was assigned before keeps the group, whatever the share is now. The answer has all of them.
with w as materialized (
  select * from unnest(%(customers)s::bigint[], %(held)s::boolean[]) as h (customer_id, held)
), new as (
  insert into holdout (scope, customer_id, held, probability, assigned_at)
  select %(scope)s, customer_id, held, %(probability)s, %(now)s from w order by customer_id
  on conflict (scope, customer_id) do nothing
  returning customer_id, held
)
select customer_id, held from new
union all
select h.customer_id, h.held from w join holdout h on h.scope = %(scope)s and h.customer_id = w.customer_id;

-- name: holdouts
select customer_id, held from holdout
where scope = %(scope)s and customer_id = any(%(customers)s::bigint[]);

-- name: holdouts_of_customer
select scope, held, probability, assigned_at from holdout where customer_id = %(customer)s order by scope;

-- name: suppressions_of_customer
select channel, reason, since, until from suppression where customer_id = %(customer)s order by channel;

-- name: rulings
select touch_id, ruled_at, verdict, reason, at from ruling
where touch_id = any(%(touches)s::bigint[]) order by touch_id, id;

-- name: withheld_by_reason
select reason, count(*) from ruling where verdict = 'withhold' group by reason order by reason;

-- name: merge_accounts
insert into budget_account (customer_id, ruled_at)
select n.winner, max(a.ruled_at)
from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as n (loser, winner)
join budget_account a on a.customer_id = n.loser
group by n.winner order by n.winner
on conflict (customer_id) do update
  set ruled_at = greatest(budget_account.ruled_at, excluded.ruled_at);

-- name: merge_suppressions
-- What one of them asked for holds for the person; the longest hold wins.
with all_rows as (
  select n.winner as customer_id, s.channel, s.reason, s.since, s.until
  from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as n (loser, winner)
  join suppression s on s.customer_id = n.loser
), longest as (
  select distinct on (customer_id, channel) customer_id, channel, reason, since, until
  from all_rows order by customer_id, channel, until desc nulls first, since)
insert into suppression as s (customer_id, channel, reason, since, until)
select customer_id, channel, reason, since, until from longest order by customer_id, channel
on conflict (customer_id, channel) do update
  set reason = excluded.reason, since = excluded.since, until = excluded.until
  where s.until is not null and (excluded.until is null or excluded.until > s.until);

-- name: merge_holdouts
-- The earlier assignment wins: a person who was treated can't become one who never was.
with all_rows as (
  select n.winner as customer_id, h.scope, h.held, h.probability, h.assigned_at, h.customer_id as was
  from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as n (loser, winner)
  join holdout h on h.customer_id = n.loser
), first as (
  select distinct on (customer_id, scope) customer_id, scope, held, probability, assigned_at
  from all_rows order by customer_id, scope, assigned_at, was)
insert into holdout as h (scope, customer_id, held, probability, assigned_at)
select scope, customer_id, held, probability, assigned_at from first order by scope, customer_id
on conflict (scope, customer_id) do update
  set held = excluded.held, probability = excluded.probability, assigned_at = excluded.assigned_at
  where excluded.assigned_at < h.assigned_at;

-- name: forget_accounts
delete from budget_account where customer_id = any(%(losers)s::bigint[]);

-- name: forget_suppressions
delete from suppression where customer_id = any(%(losers)s::bigint[]);

-- name: forget_holdouts
delete from holdout where customer_id = any(%(losers)s::bigint[]);

-- name: ruled_at
select ruled_at from budget_account where customer_id = %(customer)s;

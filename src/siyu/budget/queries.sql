-- name: lock_accounts
-- One ruling at a time per customer: two journeys can't both spend the last touch. The update is the
-- lock; in id order, so that two sweeps never cross.
insert into budget_account (customer_id, ruled_at)
select id, %(now)s from unnest(%(customers)s::bigint[]) as c (id) order by id
on conflict (customer_id) do update set ruled_at = excluded.ruled_at;

-- name: suppressions
select customer_id, channel, until from suppression
where customer_id = any(%(customers)s::bigint[]) and purpose = '*';

-- name: rules
-- The brand's short lists, and what sets these customers apart, as columns: all that a batch of
-- wishes needs of ours, in one round trip. Hold-outs by their key, of the journeys that ask; a playbook's (reads journeys)
-- hold their services back as well, of whom the journey's own draw held out too: who began before stays served. Two looks at the
-- customers' rooms below, each only where a rule wants it: the layers that caps speak of, and who deleted us
-- and is nobody's friend since.
select
  (select coalesce(jsonb_agg(jsonb_build_array(channel, purpose, days, most, layer)
      order by layer, channel, purpose, days), '[]') from cap),
  (select coalesce(jsonb_agg(jsonb_build_array(channel, purpose, hours)), '[]') from quiet_hours),
  (select coalesce(jsonb_agg(jsonb_build_array(shop, channel, allowed)), '[]') from shop_policy),
  (select coalesce(jsonb_agg(jsonb_build_array(channel, per, period, most) order by channel, per, period), '[]')
    from quota),
  (select jsonb_build_array(window_hours, presses, cooldown_days) from pace where one),
  s.customers, s.channels, s.purposes, s.reasons, s.untils, h.customers, h.scopes,
  l.customers, l.layers, d.customers, d.ats
from (
  select coalesce(array_agg(customer_id), '{}'), coalesce(array_agg(channel), '{}'),
    coalesce(array_agg(purpose), '{}'), coalesce(array_agg(reason), '{}'), coalesce(array_agg(until), '{}')
  from suppression where customer_id = any(%(customers)s::bigint[])
) as s (customers, channels, purposes, reasons, untils), (
  select coalesce(array_agg(customer_id), '{}'), coalesce(array_agg(scope), '{}')
  from (
    select customer_id, scope
    from holdout where scope = any(%(journeys)s::text[]) and customer_id = any(%(customers)s::bigint[]) and held
    union all
    select o.customer_id, 'service:' || j.code
    from journey j join holdout o on o.scope = 'playbook:' || j.playbook
    join holdout mine on mine.scope = j.code and mine.customer_id = o.customer_id and mine.held
    where j.code = any(%(journeys)s::text[]) and o.customer_id = any(%(customers)s::bigint[]) and o.held
  ) as out (customer_id, scope)
) as h (customers, scopes), (
  select coalesce(array_agg(id), '{}'), coalesce(array_agg(layer), '{}')
  from (
    select id, 'A' || stage from customer
    where exists (select from cap where layer like 'A%%') and id = any(%(customers)s::bigint[])
    union all
    select customer_id, 'tag:' || name from tag
    where exists (select from cap where layer like '%%tag:%%') and not over and customer_id = any(%(customers)s::bigint[])
      and 'tag:' || name in (select substring(layer from 'tag:.*') from cap)
  ) as mine (id, layer)
) as l (customers, layers), (
  select coalesce(array_agg(id), '{}'), coalesce(array_agg(at), '{}')
  from (
    select customer_id, max(deleted_at) from friendship
    where %(parted)s::boolean and customer_id = any(%(customers)s::bigint[])
    group by customer_id
    having bool_or(state = 'deleted_by_customer') and not bool_or(state = 'live')
  ) as gone (id, at)
) as d (customers, ats);

-- name: guides
-- Who could press for these customers: whose friend each is, the latest first, and all active guides.
-- Reads two rooms below; asked only where presses are limited.
select f.customer_id, f.staff from friendship f
where f.customer_id = any(%(customers)s::bigint[]) and f.state = 'live'
  and not exists (select from staff_member m where m.code = f.staff and not m.active)  -- who has left presses nothing
union all
select null, m.code from staff_member m where m.role = 'guide' and m.active
order by 1, 2;

-- name: of_playbooks
-- Who pays for these journeys' touches, where that has a cap; and who works for them, where somebody was chosen
-- (reads journeys, playbooks, ledger).
select j.code, c.playbook, coalesce(p.staff, '{}')
from journey j left join spend_cap c on c.playbook = j.playbook left join playbook p on p.code = j.playbook
where j.code = any(%(journeys)s::text[]) and (c.playbook is not null or p.staff <> '{}');

-- name: on_the_way
-- Messages of a playbook that were allowed, have not cost anything by now and of which nobody has reckoned that they may
-- (reads outbox, journeys, ledger). A branch for each index.
select t.id, t.customer_id, t.journey, t.channel, t.purpose, t.shop, t.material
from (
  select * from touch where state = 'owed'
  union all select * from touch where state = 'leased'
  union all select * from touch where state = 'unknown'
  union all select * from touch
  where finished_at is null and state in ('sent', 'delivered', 'read') and channel = 'voice_ai'
) t join journey j on j.code = t.journey
where j.playbook = %(playbook)s and t.channel in ('sms', 'voice_ai')
  and not exists (select from spend s where s.cause = 'touch' and s.cause_id = t.id)
order by t.id;

-- name: short_of_money
-- What waits for the budget of a playbook: by its last ruling (reads outbox, journeys). Locked; what somebody else is
-- about to rule, or to end, is passed by.
select t.id from touch t join journey j on j.code = t.journey
where j.playbook = %(playbook)s and t.state = 'wished' and t.due_at > %(now)s and (
  select r.reason from ruling r where r.touch_id = t.id order by r.id desc limit 1) = 'playbook_budget'
order by t.id
for update of t skip locked;

-- name: hours
select channel, purpose, hours from quiet_hours order by channel, purpose;

-- name: drop_hours
delete from quiet_hours h
using unnest(%(channels)s::text[], %(purposes)s::text[]) as n (channel, purpose)
where h.channel = n.channel and h.purpose = n.purpose;

-- name: shop_policies
select shop, channel, allowed, note from shop_policy order by shop, channel;

-- name: store_rulings
insert into ruling (touch_id, ruled_at, verdict, reason, at, by_touch)
select touch_id, %(now)s, verdict, reason, at, by_touch
from unnest(%(touches)s::bigint[], %(verdicts)s::text[], %(reasons)s::text[], %(ats)s::timestamptz[],
  %(bys)s::bigint[]) as r (touch_id, verdict, reason, at, by_touch);

-- name: set_caps
insert into cap (layer, channel, purpose, days, most)
select layer, channel, purpose, days, most
from unnest(%(layers)s::text[], %(channels)s::text[], %(purposes)s::text[], %(days)s::smallint[],
  %(most)s::smallint[]) as c (layer, channel, purpose, days, most)
order by layer, channel, purpose, days
on conflict (layer, channel, purpose, days) do update set most = excluded.most;

-- name: drop_caps
delete from cap c
using unnest(%(layers)s::text[], %(channels)s::text[], %(purposes)s::text[], %(days)s::smallint[])
  as n (layer, channel, purpose, days)
where c.layer = n.layer and c.channel = n.channel and c.purpose = n.purpose and c.days = n.days;

-- name: set_quotas
insert into quota (channel, per, period, most)
select channel, per, period, most
from unnest(%(channels)s::text[], %(pers)s::text[], %(periods)s::text[], %(most)s::int[])
  as q (channel, per, period, most)
order by channel, per, period
on conflict (channel, per, period) do update set most = excluded.most;

-- name: drop_quotas
delete from quota q
using unnest(%(channels)s::text[], %(pers)s::text[], %(periods)s::text[]) as n (channel, per, period)
where q.channel = n.channel and q.per = n.per and q.period = n.period;

-- name: set_pace
insert into pace (window_hours, presses, cooldown_days) values (%(window)s, %(presses)s, %(cooldown)s)
on conflict (one) do update set window_hours = excluded.window_hours, presses = excluded.presses,
  cooldown_days = excluded.cooldown_days;

-- name: default_pace
insert into pace (window_hours, presses, cooldown_days) values (%(window)s, %(presses)s, %(cooldown)s)
on conflict (one) do nothing;

-- name: set_hours
insert into quiet_hours (channel, purpose, hours)
select channel, purpose, hours
from unnest(%(channels)s::text[], %(purposes)s::text[], %(hours)s::text[]) as h (channel, purpose, hours)
order by channel, purpose
on conflict (channel, purpose) do update set hours = excluded.hours;

-- name: default_caps
insert into cap (layer, channel, purpose, days, most)
select layer, channel, purpose, days, most
from unnest(%(layers)s::text[], %(channels)s::text[], %(purposes)s::text[], %(days)s::smallint[],
  %(most)s::smallint[]) as c (layer, channel, purpose, days, most)
order by layer, channel, purpose, days
on conflict (layer, channel, purpose, days) do nothing;

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

-- name: drop_shop_policy
delete from shop_policy s using unnest(%(shops)s::text[], %(channels)s::text[]) as p (shop, channel)
where s.shop = p.shop and s.channel = p.channel;

-- name: suppress
-- The longer of two holds for one reason; null is for good. Each hangs on the key whose word it was, and is its
-- owner's, who need not be whom the call was for; without one, on the customer's first (reads identities).
insert into suppression as s (customer_id, channel, purpose, reason, since, until, identity_id)
select distinct on (customer_id, channel, purpose, reason, identity_id) *
from (
  select coalesce(i.customer_id, n.customer_id), n.channel, n.purpose, n.reason, n.since, n.until,
    coalesce(n.identity_id, (select min(f.id) from identity f where f.customer_id = n.customer_id))
  from unnest(%(customers)s::bigint[], %(channels)s::text[], %(purposes)s::text[], %(reasons)s::text[],
    %(sinces)s::timestamptz[], %(untils)s::timestamptz[], %(identities)s::bigint[])
    as n (customer_id, channel, purpose, reason, since, until, identity_id)
  left join identity i on i.id = n.identity_id
) as w (customer_id, channel, purpose, reason, since, until, identity_id)
order by customer_id, channel, purpose, reason, identity_id, until desc nulls first
on conflict (customer_id, channel, purpose, reason, identity_id) do update
  set since = excluded.since, until = excluded.until
  where s.until is not null and (excluded.until is null or excluded.until > s.until)
returning customer_id;

-- name: barred
-- Where these customers are not contacted by their own word: suppressions, (true) consents that were taken
-- back, and a deletion of whoever is nobody's friend since: nothing on WeCom, and for a while no call that they
-- did not ask for. Reads customers; of a consent the latest word counts.
select customer_id, false, channel, purpose, reason, until from suppression
where customer_id = any(%(customers)s::bigint[]) and (until is null or until > %(now)s)
union all
select gone.customer_id, false, n.channel, n.purpose, n.reason,
  case when n.channel = 'voice' then gone.at + p.days * interval '24 hours' end
from (
  select customer_id, max(deleted_at) as at from friendship
  where customer_id = any(%(customers)s::bigint[])
  group by customer_id
  having bool_or(state = 'deleted_by_customer') and not bool_or(state = 'live')
) as gone, (
  select coalesce(max(cooldown_days), 0) as days from pace where one
) as p, (values ('wecom', '*', 'deleted'), ('voice', 'order_invitation', 'cooldown'),
  ('voice', 'promotion', 'cooldown'), ('voice', 'service', 'cooldown')) as n (channel, purpose, reason)
where n.channel = 'wecom' or gone.at + p.days * interval '24 hours' > %(now)s
union all
select customer_id, true, channel, purpose, 'opted_out', null from (
  select distinct on (customer_id, channel, purpose) customer_id, channel, purpose, state from consent
  where customer_id = any(%(customers)s::bigint[])
  order by customer_id, channel, purpose, changed_at desc, changed_source desc, changed_source_id desc
) as said
where state = 'withdrawn';

-- name: lift
delete from suppression
where customer_id = any(%(customers)s::bigint[]) and channel = %(channel)s and purpose = %(purpose)s
  and (%(reason)s::text is null or reason = %(reason)s);

-- name: settle_complaints
-- The hold of a complaint is there as long as the complaint is open (reads customers), under the key that it came by.
with mine as materialized (
  select customer_id, identity_id, min(opened_at) as since from complaint
  where customer_id = any(%(customers)s::bigint[]) and open group by customer_id, identity_id
), gone as (
  delete from suppression s
  where s.customer_id = any(%(customers)s::bigint[]) and s.reason = %(reason)s
    and not exists (select from mine m where m.customer_id = s.customer_id and m.identity_id = s.identity_id)
)
insert into suppression as s (customer_id, channel, purpose, reason, since, until, identity_id)
select customer_id, '*', 'promotion', %(reason)s, since, null, identity_id from mine order by customer_id, identity_id
on conflict (customer_id, channel, purpose, reason, identity_id) do update set since = excluded.since
  where s.since <> excluded.since
returning customer_id;

-- name: assign
-- Sticky: who was assigned before keeps the group, whatever the share is now. The answer has all of them.
with w as materialized (
  select * from unnest(%(customers)s::bigint[], %(held)s::boolean[], %(probabilities)s::real[])
    as h (customer_id, held, probability)
), new as (
  insert into holdout (scope, customer_id, held, probability, assigned_at)
  select %(scope)s, customer_id, held, probability, %(now)s from w
  where not exists (select from holdout h where h.scope = %(scope)s and h.customer_id = w.customer_id)
  order by customer_id
  returning customer_id, held, probability
)
select customer_id, held, probability from new
union all
select h.customer_id, h.held, h.probability from w join holdout h on h.scope = %(scope)s and h.customer_id = w.customer_id;

-- name: set_share
insert into holdout_share (scope, share, set_by, set_at) values (%(scope)s, %(share)s, %(by)s, %(now)s)
on conflict (scope) do update set share = excluded.share, set_by = excluded.set_by, set_at = excluded.set_at
  where holdout_share.share <> excluded.share;

-- name: share_of
select share from holdout_share where scope = %(scope)s;

-- name: assign_contested
-- As `assign`, while somebody else assigns the same: whom they were quicker with is in no part of the answer.
with w as materialized (
  select * from unnest(%(customers)s::bigint[], %(held)s::boolean[], %(probabilities)s::real[])
    as h (customer_id, held, probability)
), new as (
  insert into holdout (scope, customer_id, held, probability, assigned_at)
  select %(scope)s, customer_id, held, probability, %(now)s from w order by customer_id
  on conflict (scope, customer_id) do nothing
  returning customer_id, held, probability
)
select customer_id, held, probability from new
union all
select h.customer_id, h.held, h.probability from w join holdout h on h.scope = %(scope)s and h.customer_id = w.customer_id;

-- name: holdouts
select customer_id, held, probability from holdout
where scope = %(scope)s and customer_id = any(%(customers)s::bigint[]);

-- name: holdouts_of_customer
select scope, held, probability, assigned_at from holdout where customer_id = %(customer)s order by scope;

-- name: suppressions_of_customer
-- The longest for each reason: more than one key may have said it.
select distinct on (channel, purpose, reason) channel, purpose, reason, since, until from suppression
where customer_id = %(customer)s order by channel, purpose, reason, until desc nulls first, since;

-- name: rulings
select id, touch_id, ruled_at, verdict, reason, at, by_touch from ruling
where touch_id = any(%(touches)s::bigint[]) order by touch_id, id;

-- name: rulings_of_customer
-- A page in the order of ruling; a customer has few touches, and each few rulings.
select r.id, r.touch_id, r.ruled_at, r.verdict, r.reason, r.at, r.by_touch
from touch t cross join lateral (
  select * from ruling where ruling.touch_id = t.id and ruling.id > %(after)s
) r
where t.customer_id = %(customer)s
order by r.id limit %(limit)s;

-- name: rulings_of_touch
select id, touch_id, ruled_at, verdict, reason, at, by_touch from ruling
where touch_id = %(touch)s and id > %(after)s order by id limit %(limit)s;

-- name: outranked
-- Touches of these journeys that made way for a touch of another, by whose it was (reads the outbox, by the index of
-- what was withheld).
select t.journey, o.journey, count(*)
from touch t
cross join lateral (
  select r.by_touch from ruling r where r.touch_id = t.id and r.by_touch is not null order by r.id desc limit 1) w
join touch o on o.id = w.by_touch
where t.state = 'withheld' and t.reason = 'outranked' and t.wished_at >= %(since)s and t.wished_at < %(until)s
  and t.journey = any(%(journeys)s::text[])
group by t.journey, o.journey order by count(*) desc, t.journey, o.journey;

-- name: withheld_by_reason
select reason, count(*) from ruling where verdict = 'withhold' group by reason order by reason;

-- name: merge_accounts
-- All of both are locked first, in id order as by every ruling: `forget_accounts` deletes some of them.
with mine as (
  select customer_id, ruled_at from budget_account
  where customer_id = any(%(losers)s::bigint[]) or customer_id = any(%(winners)s::bigint[])
  order by customer_id for update
)
insert into budget_account (customer_id, ruled_at)
select n.winner, max(a.ruled_at)
from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as n (loser, winner)
join mine a on a.customer_id = n.loser
group by n.winner order by n.winner
on conflict (customer_id) do update
  set ruled_at = greatest(budget_account.ruled_at, excluded.ruled_at);

-- name: merge_suppressions
-- What one of them asked for holds for the person; of one reason and key the longest hold wins, and each stays
-- with its key.
with all_rows as (
  select n.winner as customer_id, s.channel, s.purpose, s.reason, s.since, s.until, s.identity_id
  from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as n (loser, winner)
  join suppression s on s.customer_id = n.loser
), longest as (
  select distinct on (customer_id, channel, purpose, reason, identity_id)
    customer_id, channel, purpose, reason, since, until, identity_id
  from all_rows order by customer_id, channel, purpose, reason, identity_id, until desc nulls first, since)
insert into suppression as s (customer_id, channel, purpose, reason, since, until, identity_id)
select customer_id, channel, purpose, reason, since, until, identity_id from longest
order by customer_id, channel, purpose, reason, identity_id
on conflict (customer_id, channel, purpose, reason, identity_id) do update
  set since = excluded.since, until = excluded.until
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

-- name: part_suppressions
-- After a split: whoever said it keeps it.
update suppression s set customer_id = v.after
from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
  as v (identity_id, before, after)
where s.customer_id = v.before and s.identity_id = v.identity_id;

-- name: part_holdouts
-- They were treated as one: both stay in the group that they were in.
insert into holdout (scope, customer_id, held, probability, assigned_at)
select distinct on (h.scope, v.after) h.scope, v.after, h.held, h.probability, h.assigned_at
from unnest(%(befores)s::bigint[], %(afters)s::bigint[]) as v (before, after)
join holdout h on h.customer_id = v.before
order by h.scope, v.after, h.assigned_at, v.before
on conflict (scope, customer_id) do nothing;

-- name: forget_accounts
delete from budget_account where customer_id = any(%(losers)s::bigint[]);

-- name: forget_suppressions
delete from suppression where customer_id = any(%(losers)s::bigint[]);

-- name: forget_holdouts
delete from holdout where customer_id = any(%(losers)s::bigint[]);

-- name: ruled_at
select ruled_at from budget_account where customer_id = %(customer)s;

-- name: put_off
-- Wishes that wait for a press of these guides on a day to come: only such have a guide. Reads `touch` (outbox) from
-- the index of wishes, from now on.
select staff, (due_at at time zone %(zone)s)::date, channel, material, count(*)
from touch
where state = 'wished' and not held and due_at > %(now)s and staff = any(%(staff)s::text[])
  and channel = any(%(pressed)s::text[])
group by 1, 2, 3, 4;

-- name: pressed
-- What these guides have used of today, and how many touches went out with others. Reads the outbox's accounts; what
-- was freed is taken off them only by the next ruling.
select g.code,
  coalesce((select a.used - (
      select count(*) from quota_use u where u.free and u.name = a.name and u.period = a.period and u.starts = a.starts)
    from quota_account a where a.name = 'guide:' || g.code and a.period = 'day' and a.starts = %(since)s), 0)::int,
  coalesce((select sum(a.used) from quota_account a
    where starts_with(a.name, 'bundle:' || g.code || ':') and a.starts >= %(since)s), 0)::int
from unnest(%(staff)s::text[]) as g (code);

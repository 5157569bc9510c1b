-- name: set_prices
-- What was posted keeps the price that it had.
insert into price (kind, variant, valid_from, unit_minor, currency, note)
select * from unnest(%(kinds)s::text[], %(variants)s::text[], %(days)s::date[], %(units)s::bigint[],
  %(currencies)s::text[], %(notes)s::text[])
on conflict (kind, variant, valid_from) do update set
  unit_minor = excluded.unit_minor, currency = excluded.currency, note = excluded.note;

-- name: drop_price
delete from price where kind = %(kind)s and variant = %(variant)s and valid_from = %(day)s
returning unit_minor, currency;

-- name: post
-- Prices are looked up here, so that nobody posts at a price of their own (but for money that was paid out, which is
-- what it is), for the brand's day on which each thing happened, once for each kind, variant and day of the batch; what comes back are kinds without one.
-- The first posting of a cause counts; only one that was reversed (it provably never happened) may come anew, or one
-- that is told otherwise now (`revise`). Nothing of something is an entry only where there was one. Of a playbook with a
-- cap each cost stands in `spend` as well, in the place of what was expected; no cap is locked here: whoever posts may
-- hold customers. Whose it is: its journey's (of a promise: its visit's, else its offer's; of a parcel: its source's).
-- Reads journeys, offers, acquisition: only where there is a cap at all.
with v as materialized (
  select u.*, (u.at at time zone coalesce((select time_zone from brand), 'UTC'))::date as day
  from unnest(%(causes)s::text[], %(cause_ids)s::bigint[], %(kinds)s::text[], %(customers)s::bigint[],
    %(identities)s::bigint[], %(journeys)s::text[], %(steps)s::text[], %(shops)s::text[],
    %(variants)s::text[], %(quantities)s::bigint[], %(ats)s::timestamptz[], %(paid)s::bigint[])
    as u (cause, cause_id, kind, customer_id, identity_id, journey, step, shop, variant, quantity, at, paid_minor)
), listed as materialized (
  select d.*, p.unit_minor, p.currency
  from (select distinct kind, variant, day from v) d, lateral (
    select p.unit_minor, p.currency from price p
    where p.kind = d.kind and p.variant in (d.variant, '') and p.valid_from <= d.day
    order by p.variant = d.variant desc, p.valid_from desc limit 1) p
), posted as (
  insert into ledger_entry as e (cause, cause_id, kind, customer_id, identity_id, journey, step, shop, variant,
    quantity, unit_minor, amount_minor, currency, occurred_at)
  select v.cause, v.cause_id, v.kind, v.customer_id, v.identity_id, v.journey, v.step, v.shop, v.variant,
    v.quantity, coalesce(v.paid_minor, p.unit_minor), v.quantity * coalesce(v.paid_minor, p.unit_minor),
    case when v.paid_minor is null then p.currency else (select currency from brand) end, v.at
  from v left join listed p on p.kind = v.kind and p.variant = v.variant and p.day = v.day
  where (v.paid_minor is not null or p.unit_minor is not null) and (v.quantity <> 0 or exists (
    select from ledger_entry x where x.cause = v.cause and x.cause_id = v.cause_id and x.kind = v.kind))
  order by v.cause, v.cause_id, v.kind
  on conflict (cause, cause_id, kind) do update set
    variant = excluded.variant, quantity = excluded.quantity, unit_minor = excluded.unit_minor,
    amount_minor = excluded.amount_minor, currency = excluded.currency, occurred_at = excluded.occurred_at,
    reversed_at = null
  where e.reversed_at is not null or %(revise)s and e.quantity <> excluded.quantity
  returning e.cause, e.cause_id, e.kind, e.journey, e.amount_minor, e.currency, e.occurred_at
), capped as (
  select p.*, c.playbook
  from posted p
  left join spend s on s.cause = p.cause and s.cause_id = p.cause_id and s.kind = p.kind
  left join journey j on j.code = p.journey
  left join promise m on p.cause = 'promise' and m.id = p.cause_id
  left join visit w on w.id = m.visit_id
  left join journey mj on mj.id = w.journey_id
  left join offer o on o.code = m.offer
  left join parcel_decision d on p.cause = 'parcel' and d.parcel_id = p.cause_id
  left join source r on r.code = d.source
  join spend_cap c on c.playbook = coalesce(s.playbook, j.playbook, mj.playbook, o.playbook, r.playbook)
    and c.currency = p.currency
  where (select exists (select from spend_cap)) and not p.kind = any(%(unbounded)s::text[])
), spent as (
  insert into spend as s (cause, cause_id, kind, playbook, day, amount_minor, booked)
  select c.cause, c.cause_id, c.kind, c.playbook,
    (c.occurred_at at time zone coalesce((select time_zone from brand), 'UTC'))::date, c.amount_minor, true
  from capped c order by c.cause, c.cause_id, c.kind
  on conflict (cause, cause_id, kind) do update set amount_minor = excluded.amount_minor, booked = true
), nothing as (
  update spend s set amount_minor = 0, booked = true from v
  where v.quantity = 0 and s.cause = v.cause and s.cause_id = v.cause_id and s.kind = v.kind and not s.booked
)
select distinct v.kind from v
where v.quantity <> 0 and v.paid_minor is null
  and not exists (select from listed p where p.kind = v.kind and p.variant = v.variant and p.day = v.day) order by 1;

-- name: repriced
-- What was posted for that day and later, where the list says another price by now. A cost whose price the list has
-- lost keeps it.
with v as materialized (
  select e.id, e.kind, e.variant, e.quantity, e.unit_minor, e.currency,
    (e.occurred_at at time zone %(zone)s)::date as day
  from ledger_entry e
  where e.reversed_at is null and e.occurred_at >= %(since)s and (%(kind)s = '' or e.kind = %(kind)s)
    and e.kind <> 'red_packet'  -- money has no price
), listed as materialized (
  select d.*, p.unit_minor, p.currency
  from (select distinct kind, variant, day from v) d, lateral (
    select p.unit_minor, p.currency from price p
    where p.kind = d.kind and p.variant in (d.variant, '') and p.valid_from <= d.day
    order by p.variant = d.variant desc, p.valid_from desc limit 1) p
), other as (
  select v.id, v.kind, v.variant, v.quantity, v.unit_minor, p.unit_minor as unit_now, p.currency
  from v join listed p on p.kind = v.kind and p.variant = v.variant and p.day = v.day
  where p.unit_minor <> v.unit_minor and p.currency = v.currency
), written as (
  update ledger_entry e set unit_minor = o.unit_now, amount_minor = o.quantity * o.unit_now
  from other o where e.id = o.id and %(write)s
), spent as (
  update spend s set amount_minor = o.quantity * o.unit_now
  from other o join ledger_entry e on e.id = o.id
  where s.cause = e.cause and s.cause_id = e.cause_id and s.kind = e.kind and s.booked and %(write)s
)
select kind, variant, currency, count(*), sum(quantity * unit_minor)::bigint, sum(quantity * unit_now)::bigint
from other group by kind, variant, currency order by kind, variant, currency;

-- name: reverse
-- The entry stays, at nothing: that it was once posted is part of the story. What is tried again is expected to cost
-- the same.
with spent as (
  update spend set booked = not cause_id = any(%(again)s::bigint[]),
    amount_minor = case when cause_id = any(%(again)s::bigint[]) then amount_minor else 0 end
  where cause = %(cause)s and cause_id = any(%(cause_ids)s::bigint[]) and booked
)
update ledger_entry set quantity = 0, amount_minor = 0, reversed_at = %(now)s
where cause = %(cause)s and cause_id = any(%(cause_ids)s::bigint[]) and reversed_at is null;

-- name: merge
-- Costs follow the customer.
update ledger_entry e set customer_id = v.winner
from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as v (loser, winner)
where e.customer_id = v.loser;

-- name: part
-- Costs of touches and tasks go where those go: `follow`.
update ledger_entry e set customer_id = v.after
from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
  as v (identity_id, before, after)
where e.customer_id = v.before and e.identity_id = v.identity_id and e.cause not in ('touch', 'task', 'task_try');

-- name: follow
-- What a cause cost is its customer's, who is another after a split.
update ledger_entry e set customer_id = v.customer_id
from unnest(%(cause_ids)s::bigint[], %(customers)s::bigint[]) as v (cause_id, customer_id)
where e.cause = %(cause)s and e.cause_id = v.cause_id;

-- name: price_list
-- Whole.
select kind, unit_minor, currency, note, variant, valid_from from price order by kind, variant, valid_from;

-- name: prices
-- Those of any variant that hold on a day.
select distinct on (kind) kind, unit_minor, currency, note, variant, valid_from
from price where variant = '' and valid_from <= (%(now)s at time zone coalesce((select time_zone from brand), 'UTC'))::date
order by kind, valid_from desc;

-- name: tools
select code, spread from tool order by code;

-- name: set_tool
-- The months that are booked keep the rule that they had. A tool that was given up begins anew with this month.
insert into tool (code, spread, since)
select %(code)s, %(spread)s, case when exists (select from tool_month where tool = %(code)s) then
  date_trunc('month', %(now)s at time zone coalesce((select time_zone from brand), 'UTC'))::date end
on conflict (code) do update set spread = excluded.spread;

-- name: drop_tool
delete from tool where code = %(code)s returning code;

-- name: begin_months
-- Every month of a tool that is over and not booked, from the first day of its fee on, and those whose entry was lost.
-- Returns what is to be booked: the last moment of the month is its own.
with span as (
  select t.code, t.spread, greatest(date_trunc('month', min(p.valid_from))::date, t.since) as first
  from tool t join price p on p.kind = 'tool_fee' and p.variant = t.code
  group by t.code, t.spread, t.since
), begun as (
  insert into tool_month (tool, month, spread)
  select s.code, m.month::date, s.spread
  from span s, lateral generate_series(s.first::timestamp, %(over)s::date - interval '1 month', interval '1 month') as m (month)
  order by s.code, m.month
  on conflict (tool, month) do nothing
  returning id, tool, month, spread
), lost as (
  select m.id, m.tool, m.month, m.spread from tool_month m
  where not exists (select from ledger_entry e
      where e.cause = 'tool_month' and e.cause_id = m.id and e.kind = 'tool_fee')
    and exists (select from price p
      where p.kind = 'tool_fee' and p.variant in (m.tool, '') and p.valid_from < m.month + interval '1 month')
)
select id, tool, spread, ((month + interval '1 month')::timestamp at time zone %(zone)s) - interval '1 second'
from (select * from begun union all select * from lost) every order by id;

-- name: set_costs
insert into goods_cost (sku, unit_minor, currency, valid_from)
select * from unnest(%(skus)s::text[], %(units)s::bigint[], %(currencies)s::text[], %(days)s::date[])
on conflict (sku, currency, valid_from) do update set unit_minor = excluded.unit_minor
where goods_cost.unit_minor <> excluded.unit_minor;

-- name: costs
-- Of skus above `after`.
select sku, unit_minor, currency, valid_from from goods_cost
where (sku, currency, valid_from) > (%(sku)s, %(currency)s, %(day)s::date)
order by sku, currency, valid_from limit %(limit)s;

-- name: count_costs
select count(*), count(distinct sku) from goods_cost;

-- name: set_share
insert into goods_share (category, basis_points, valid_from) values (%(category)s, %(basis_points)s, %(valid_from)s)
on conflict (category, valid_from) do update set basis_points = excluded.basis_points;

-- name: drop_share
delete from goods_share where category = %(category)s returning category;

-- name: shares
select category, basis_points, valid_from from goods_share order by category, valid_from;

-- name: total
-- Everything that was spent, per currency.
select currency, sum(amount_minor)::bigint from ledger_entry group by currency order by currency;

-- name: by_step
-- What each step has cost, by kind.
select journey, step, kind, currency, sum(quantity)::bigint, sum(amount_minor)::bigint
from ledger_entry where reversed_at is null
group by journey, step, kind, currency
order by journey, step, kind, currency;

-- name: of_customer
-- In the order of their time.
select id, cause, cause_id, kind, journey, step, shop, quantity, unit_minor, amount_minor, currency,
  occurred_at, reversed_at
from ledger_entry where customer_id = %(customer_id)s order by occurred_at, id;

-- name: page
select id, customer_id, cause, kind, journey, step, shop, variant, quantity, unit_minor, amount_minor, currency,
  occurred_at, reversed_at
from (select * from ledger_entry where id > %(after)s order by id limit %(scan)s) e
where (%(kind)s = '' or kind = %(kind)s) and (%(journey)s = '' or journey = %(journey)s)
order by id limit %(limit)s;

-- name: page_end
select max(id) from (select id from ledger_entry where id > %(after)s order by id limit %(scan)s) e;

-- name: page_of
select id, customer_id, cause, kind, journey, step, shop, variant, quantity, unit_minor, amount_minor, currency,
  occurred_at, reversed_at
from ledger_entry
where customer_id = %(customer)s and id > %(after)s
  and (%(kind)s = '' or kind = %(kind)s) and (%(journey)s = '' or journey = %(journey)s)
order by id limit %(limit)s;

-- name: lock_caps
-- All of them, in one order, whichever is spent of: so two that spend of several never cross.
select playbook from spend_cap order by playbook for update;

-- name: count_spend
-- Under the lock of lock_caps: what changed since (booked, taken back, never came true) is counted now. These touches
-- are ruled anew, so what was expected of them is given back. What another transaction is changing is passed by: it
-- is counted the next time. Where there is more left than before, newcomers come in again.
with again as (
  delete from spend where cause = 'touch' and cause_id = any(%(touches)s::bigint[]) and not booked
  returning playbook, day, -counted_minor as more
), changed as (
  select cause, cause_id, kind, playbook, day, amount_minor, amount_minor - counted_minor as more from spend
  where amount_minor <> counted_minor
    and not (cause = 'touch' and cause_id = any(%(touches)s::bigint[]) and not booked)
  for update skip locked
), counted as (
  update spend s set counted_minor = c.amount_minor from changed c
  where s.cause = c.cause and s.cause_id = c.cause_id and s.kind = c.kind
), news as (
  select playbook, day, sum(more)::bigint as more
  from (select playbook, day, more from again union all select playbook, day, more from changed) n
  group by playbook, day
), days as (
  insert into spend_day as d (playbook, day, used_minor) select playbook, day, more from news order by playbook, day
  on conflict (playbook, day) do update set used_minor = d.used_minor + excluded.used_minor
)
update spend_cap c set used_minor = c.used_minor + n.more,
  short_since = case when n.more >= 0 then c.short_since end
from (select playbook, sum(more)::bigint as more from news group by playbook) n where n.playbook = c.playbook;

-- name: caps
-- With what is not counted yet. `zone`: whose day it is.
select c.playbook, c.total_minor, c.daily_minor, c.currency,
  (c.used_minor + coalesce(u.more, 0))::bigint, (coalesce(d.used_minor, 0) + coalesce(u.today, 0))::bigint,
  case when coalesce(u.more, 0) >= 0 then c.short_since end, c.set_by, c.set_at
from spend_cap c
left join spend_day d on d.playbook = c.playbook and d.day = (%(now)s::timestamptz at time zone %(zone)s)::date
left join lateral (
  select sum(s.amount_minor - s.counted_minor) as more,
    sum(s.amount_minor - s.counted_minor) filter (where s.day = (%(now)s::timestamptz at time zone %(zone)s)::date) as today
  from spend s where s.playbook = c.playbook and s.amount_minor <> s.counted_minor) u on true
order by c.playbook;

-- name: paid_by
-- Which of these promises is paid by a playbook that has a cap: its visit's, else its offer's (reads journeys, offers).
select p.place, c.playbook
from unnest(%(places)s::bigint[], %(offers)s::text[], %(visits)s::bigint[]) as p (place, offer, visit_id)
left join visit v on v.id = p.visit_id
left join journey j on j.id = v.journey_id
left join offer o on o.code = p.offer
join spend_cap c on c.playbook = coalesce(j.playbook, o.playbook);

-- name: expect
-- Counted by count_spend, under the same lock. What was booked and taken back may be expected anew.
insert into spend as s (cause, cause_id, kind, playbook, day, amount_minor, booked)
select cause, cause_id, kind, playbook, (%(now)s::timestamptz at time zone %(zone)s)::date, amount_minor, false
from unnest(%(causes)s::text[], %(ids)s::bigint[], %(kinds)s::text[], %(playbooks)s::text[], %(amounts)s::bigint[])
  as e (cause, cause_id, kind, playbook, amount_minor)
order by cause, cause_id, kind
on conflict (cause, cause_id, kind) do update set amount_minor = excluded.amount_minor, booked = false,
  day = case when s.counted_minor = 0 then excluded.day else s.day end;

-- name: forget
-- It will not be paid: it ended before it cost anything. No cap is locked: who ends something may lock customers yet.
update spend set amount_minor = 0
where cause = %(cause)s and cause_id = any(%(ids)s::bigint[]) and not booked and amount_minor <> 0;

-- name: short
update spend_cap set short_since = case when playbook = any(%(short)s::text[]) then coalesce(short_since, %(now)s) end
where playbook = any(%(short)s::text[]) or short_since is not null and playbook = any(%(fit)s::text[]);

-- name: hold_ledger
-- Nobody posts until this commits, so that a new cap misses nothing of what was spent before. After lock_caps: nobody
-- who has posted locks caps.
lock table ledger_entry in share mode;

-- name: set_cap
insert into spend_cap (playbook, total_minor, daily_minor, currency, set_by, set_at)
values (%(playbook)s, %(total)s, %(daily)s, %(currency)s, %(by)s, %(now)s)
on conflict (playbook) do update set total_minor = excluded.total_minor, daily_minor = excluded.daily_minor,
  currency = excluded.currency, short_since = null, set_by = excluded.set_by, set_at = excluded.set_at
returning (xmax = 0);

-- name: cap_since
-- From when on a playbook can have cost anything: when the first of its journeys was published, of its offers promised,
-- of its sources' parcels frozen, and a day before (reads journeys, offers, acquisition).
select coalesce(least(
  (select min(v.published_at) from journey_version v join journey j on j.id = v.journey_id where j.playbook = %(playbook)s),
  (select min(m.promised_at) from promise m where m.offer = any(array(select code from offer where playbook = %(playbook)s))),
  (select min(d.frozen_at) from parcel_decision d
    where d.source = any(array(select code from source where playbook = %(playbook)s)))) - interval '1 day', '1970-01-01Z');

-- name: begin_cap
-- What it has spent up to now, entry by entry: once, when its first cap is set (reads journeys, offers, acquisition).
-- Nobody posts meanwhile, so no more of the ledger is read than since `cap_since`.
insert into spend (cause, cause_id, kind, playbook, day, amount_minor, booked)
select e.cause, e.cause_id, e.kind, %(playbook)s, (e.occurred_at at time zone %(zone)s)::date, e.amount_minor, true
from ledger_entry e
left join journey j on j.code = e.journey
left join promise m on e.cause = 'promise' and m.id = e.cause_id
left join visit w on w.id = m.visit_id
left join journey mj on mj.id = w.journey_id
left join offer o on o.code = m.offer
left join parcel_decision d on e.cause = 'parcel' and d.parcel_id = e.cause_id
left join source r on r.code = d.source
where e.occurred_at >= %(since)s
  and coalesce(j.playbook, mj.playbook, o.playbook, r.playbook) = %(playbook)s and e.currency = %(currency)s
  and not e.kind = any(%(unbounded)s::text[])
on conflict do nothing;

-- name: drop_spent
-- Of a playbook that has no cap any more, or not yet. Whoever ends what was expected may wait for the caps: what such a
-- one has locked is passed by, and goes with the next first cap.
with spent as (delete from spend where (cause, cause_id, kind) in (
    select cause, cause_id, kind from spend where playbook = %(playbook)s for update skip locked))
delete from spend_day where playbook = %(playbook)s;

-- name: drop_cap
delete from spend_cap where playbook = %(playbook)s;

-- name: set_prices
-- A new price holds from here on; what was posted keeps the price that it had.
insert into price (kind, unit_minor, currency, note)
select * from unnest(%(kinds)s::text[], %(units)s::bigint[], %(currencies)s::text[], %(notes)s::text[])
on conflict (kind) do update set
  unit_minor = excluded.unit_minor, currency = excluded.currency, note = excluded.note;

-- name: post
-- Prices are looked up here, so that nobody posts at a price of their own; what comes back are kinds without one.
-- The first posting of a cause counts; only one that was reversed (it provably never happened) may come anew.
with v as materialized (
  select *
  from unnest(%(causes)s::text[], %(cause_ids)s::bigint[], %(kinds)s::text[], %(customers)s::bigint[],
    %(identities)s::bigint[], %(journeys)s::text[], %(steps)s::text[], %(shops)s::text[],
    %(quantities)s::bigint[], %(ats)s::timestamptz[])
    as u (cause, cause_id, kind, customer_id, identity_id, journey, step, shop, quantity, at)
), posted as (
  insert into ledger_entry as e (cause, cause_id, kind, customer_id, identity_id, journey, step, shop,
    quantity, unit_minor, amount_minor, currency, occurred_at)
  select v.cause, v.cause_id, v.kind, v.customer_id, v.identity_id, v.journey, v.step, v.shop,
    v.quantity, p.unit_minor, v.quantity * p.unit_minor, p.currency, v.at
  from v join price p on p.kind = v.kind
  order by v.cause, v.cause_id, v.kind
  on conflict (cause, cause_id, kind) do update set
    quantity = excluded.quantity, unit_minor = excluded.unit_minor, amount_minor = excluded.amount_minor,
    currency = excluded.currency, occurred_at = excluded.occurred_at, reversed_at = null
  where e.reversed_at is not null
)
select distinct v.kind from v where not exists (select from price p where p.kind = v.kind) order by 1;

-- name: reverse
-- The entry stays, at nothing: that it was once posted is part of the story.
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

-- name: prices
-- The price list.
select kind, unit_minor, currency, note from price order by kind;

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
select id, customer_id, cause, kind, journey, step, shop, quantity, unit_minor, amount_minor, currency,
  occurred_at, reversed_at
from (select * from ledger_entry where id > %(after)s order by id limit %(scan)s) e
where (%(kind)s = '' or kind = %(kind)s) and (%(journey)s = '' or journey = %(journey)s)
order by id limit %(limit)s;

-- name: page_end
select max(id) from (select id from ledger_entry where id > %(after)s order by id limit %(scan)s) e;

-- name: page_of
select id, customer_id, cause, kind, journey, step, shop, quantity, unit_minor, amount_minor, currency,
  occurred_at, reversed_at
from ledger_entry
where customer_id = %(customer)s and id > %(after)s
  and (%(kind)s = '' or kind = %(kind)s) and (%(journey)s = '' or journey = %(journey)s)
order by id limit %(limit)s;

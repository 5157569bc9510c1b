-- name: lock
-- A freeze and an apply hold this lock until they commit: so a freeze and the apply of a friend's add see
-- each other whole, and frozen decisions become visible in the order of their `seq`. Taken before any
-- row that the other one waits for. Journeys never take it: they only make promises.
select pg_advisory_xact_lock(hashtextextended(current_schema() || ' promises and parcels', 0));

-- name: install
-- The offers of a playbook; a later install of the same code replaces its words, never its promises.
insert into offer (code, kind, title, value_minor, sku, substitute, playbook, terms)
select o.code, o.kind, o.title, o.value_minor, o.sku, o.substitute, %(playbook)s, o.terms
from unnest(%(codes)s::text[], %(kinds)s::text[], %(titles)s::jsonb[], %(values)s::bigint[],
            %(skus)s::text[], %(substitutes)s::text[], %(terms)s::jsonb[])
  as o (code, kind, title, value_minor, sku, substitute, terms)
order by o.code
on conflict (code) do update set kind = excluded.kind, title = excluded.title,
  value_minor = excluded.value_minor, sku = excluded.sku, substitute = excluded.substitute,
  playbook = excluded.playbook, terms = excluded.terms;

-- name: allot
-- What the terms allot, where nothing is allotted yet: from then on people say how much it is.
insert into allotment (offer, part, pieces, budget_minor)
select * from unnest(%(offers)s::text[], %(parts)s::text[], %(pieces)s::bigint[], %(budgets)s::bigint[])
  as a (offer, part, pieces, budget_minor)
order by offer, part
on conflict (offer, part) do nothing;

-- name: reallot
update allotment set pieces = %(pieces)s, budget_minor = %(budget)s where offer = %(offer)s and part = %(part)s;

-- name: bring_in
-- In the order of the file: the oldest is given first.
insert into coupon_code (offer, code)
select %(offer)s, c.code from unnest(%(codes)s::text[]) with ordinality as c (code, place) order by c.place
on conflict (offer, code) do nothing;

-- name: grow
update allotment set pieces = pieces + %(many)s where offer = %(offer)s and part = '';

-- name: allotted
-- Offers with what is left of them, nothing locked. Of slots, which are many, those that are asked for.
select o.code, o.title, o.value_minor, o.sku, o.substitute, o.kind, o.terms,
  a.part, a.pieces, a.taken, a.budget_minor, a.spent_minor
from offer o left join allotment a on a.offer = o.code and (not coalesce((o.terms ->> 'slots')::boolean, false)
  or a.part = '' or a.part = any(%(parts)s::text[]))
where o.code = any(%(codes)s::text[]);

-- name: hold_orders
-- Locked before an allotment is, as an apply does that takes orders back.
select o.shop, o.order_no, o.state
from unnest(%(shops)s::text[], %(orders)s::text[]) as w (shop, order_no)
join orders o on o.shop = w.shop and o.order_no = w.order_no
order by o.shop, o.order_no for share of o;

-- name: hold_customers
select id, merged_into from customer where id = any(%(ids)s::bigint[]) order by id for share;

-- name: lock_allotments
-- The row of the whole offer comes first: who has it hands out all its parts, of slots those that are asked for.
select a.offer, a.part, a.pieces, a.taken, a.budget_minor, a.spent_minor from allotment a join offer o on o.code = a.offer
where a.offer = any(%(codes)s::text[]) and (not coalesce((o.terms ->> 'slots')::boolean, false) or a.part = ''
  or a.part = any(%(parts)s::text[]))
order by a.offer, a.part for update of a;

-- name: resize_slots
update allotment set pieces = greatest(%(pieces)s, taken)
where offer = %(offer)s and starts_with(part, %(store)s) and part >= %(first)s;

-- name: reservations_by_key
select p.id, p.key, p.offer, p.customer_id, p.state, p.part, p.amount_minor,
  case when p.state in ('committed', 'fulfilled') then c.code end, p.reason, p.expires_at
from promise p left join coupon_code c on c.promise_id = p.id
where p.key = any(%(keys)s::text[]);

-- name: reservations
select p.id, p.key, p.offer, p.customer_id, p.state, p.part, p.amount_minor,
  case when p.state in ('committed', 'fulfilled') then c.code end, p.reason, p.expires_at
from promise p left join coupon_code c on c.promise_id = p.id
where p.id = any(%(ids)s::bigint[]) and p.allotted;

-- name: had
-- What was given back does not count against a customer; nor does a slot that they have come to.
select w.offer, w.customer_id, count(*)
from unnest(%(offers)s::text[], %(customers)s::bigint[]) as w (offer, customer_id)
join promise p on p.customer_id = w.customer_id and p.offer = w.offer
join offer o on o.code = p.offer
where p.allotted and p.state not in ('revoked', 'lapsed')
  and not (p.state = 'fulfilled' and coalesce((o.terms ->> 'slots')::boolean, false))
group by w.offer, w.customer_id;

-- name: take
-- The pots are locked by now. Their checks refuse whatever would exceed them.
with moved as (
  update allotment a set taken = a.taken + m.pieces, spent_minor = a.spent_minor + m.money
  from unnest(%(pot_offers)s::text[], %(pot_parts)s::text[], %(pieces)s::bigint[], %(money)s::bigint[])
    as m (offer, part, pieces, money)
  where a.offer = m.offer and a.part = m.part
)
insert into promise (key, offer, kind, customer_id, identity_id, shop, order_no, visit_id, state, allotted,
                     part, given_sku, amount_minor, promised_at, expires_at, changed_at)
select w.key, w.offer, w.kind, w.customer_id, w.identity_id, w.shop, w.order_no, w.visit_id, w.state, true,
       w.part, w.sku, w.amount_minor, %(now)s, w.expires_at, %(now)s
from unnest(%(keys)s::text[], %(offers)s::text[], %(kinds)s::text[], %(customers)s::bigint[],
            %(identities)s::bigint[], %(shops)s::text[], %(orders)s::text[], %(visits)s::bigint[],
            %(states)s::text[], %(parts)s::text[], %(skus)s::text[], %(amounts)s::bigint[],
            %(expires)s::timestamptz[])
  as w (key, offer, kind, customer_id, identity_id, shop, order_no, visit_id, state, part, sku, amount_minor,
        expires_at)
returning id, key, offer, customer_id, state, part, amount_minor, null::text, reason, expires_at;

-- name: take_codes
-- The oldest free codes of each pool, one for each coupon; whoever takes some holds the offer's row.
with w as (
  select id, offer, row_number() over (partition by offer order by id) as place
  from unnest(%(ids)s::bigint[], %(offers)s::text[]) as c (id, offer)
), free as (
  select p.offer, f.id, f.code, row_number() over (partition by p.offer order by f.id) as place
  from (select offer, count(*) as many from w group by offer) p, lateral (
    select c.id, c.code from coupon_code c
    where c.offer = p.offer and c.promise_id is null order by c.id limit p.many) f
)
update coupon_code c set promise_id = w.id
from free join w on w.offer = free.offer and w.place = free.place
where c.id = free.id
returning w.id, c.code;

-- name: add_codes
insert into coupon_code (offer, code, promise_id)
select * from unnest(%(offers)s::text[], %(codes)s::text[], %(ids)s::bigint[]) as c (offer, code, promise_id);

-- name: commit
update promise p set state = 'committed', changed_at = %(now)s,
  expires_at = %(now)s + make_interval(secs => (o.terms ->> 'valid_seconds')::float8)
from (select id, offer from promise where id = any(%(ids)s::bigint[]) and state = any(%(states)s::text[]) and allotted
      order by id for update) h
join offer o on o.code = h.offer
where p.id = h.id;

-- name: reserved_for
select p.id from promise p
join unnest(%(shops)s::text[], %(orders)s::text[]) as o (shop, order_no)
  on o.shop = p.shop and o.order_no = p.order_no
where p.allotted and p.state in ('held', 'committed')
order by p.id for update of p;

-- name: overdue
select id from promise where state in ('held', 'committed') and expires_at <= %(now)s
order by expires_at limit %(limit)s for update skip locked;

-- name: give_back
-- Each row with its pieces and money, back into the whole and into its part. A code that nobody was told is free
-- again; one from a pool that was told is used up, and stays taken from the allotment.
with gone as (
  select p.id, p.offer, p.part, p.amount_minor, p.state = 'committed' as told,
    p.state = 'committed' and o.terms ->> 'codes' = 'pool' as used_up
  from promise p join offer o on o.code = p.offer
  where p.id = any(%(ids)s::bigint[]) and p.state = any(%(states)s::text[]) and p.allotted
  order by p.id for update of p
), locked as materialized (
  select offer, part from allotment where offer in (select offer from gone) order by offer, part for update
), back as (
  update allotment a set taken = a.taken - b.pieces, spent_minor = a.spent_minor - b.money
  from (
    select g.offer, g.part, count(*) as pieces, 0 as money from gone g
    where g.part <> '' and not g.used_up group by g.offer, g.part
    union all
    select g.offer, '', count(*), coalesce(sum(g.amount_minor), 0) from gone g where not g.used_up group by g.offer
  ) b join locked l on l.offer = b.offer and l.part = b.part
  where a.offer = b.offer and a.part = b.part
), codes as (
  update coupon_code c set promise_id = case when g.told then c.promise_id end,
    revoked_at = case when g.told then %(now)s::timestamptz end
  from gone g where c.promise_id = g.id
)
update promise p set state = %(ended)s, reason = %(reason)s, changed_at = %(now)s
from gone where p.id = gone.id
returning p.id;

-- name: set_stock
-- What was counted; never below what parcels under way will take (then no row comes back).
insert into gift_stock (sku, on_hand) values (%(sku)s, %(on_hand)s)
on conflict (sku) do update set on_hand = excluded.on_hand
  where gift_stock.reserved <= excluded.on_hand
returning reserved;

-- name: stock_of
select sku, on_hand, reserved from gift_stock where sku = %(sku)s;

-- name: stock_held
-- Locked, so that what was seen is what is changed.
select on_hand from gift_stock where sku = %(sku)s for update;

-- name: sku_known
select from offer where sku = %(sku)s limit 1;

-- name: stocks
-- Every gift that has a stock or belongs to an offer: dozens. Which offers give it, and how many of the `most` open
-- promises that end first wait for it: for a parcel to come, or for the next one.
with open as (
  select o.sku, count(*) filter (where p.state = 'promised') as promised,
    count(*) filter (where p.state = 'claimable') as owed
  from (
    select offer, state from promise where state in ('promised', 'claimable') order by expires_at limit %(most)s) p
  join offer o on o.code = p.offer group by o.sku
)
select s.sku, g.on_hand, g.reserved,
  (select coalesce(array_agg(o.code order by o.code), '{}') from offer o where o.sku = s.sku),
  coalesce(n.promised, 0), coalesce(n.owed, 0)
from (select sku from gift_stock union select sku from offer) s
left join gift_stock g on g.sku = s.sku
left join open n on n.sku = s.sku
order by s.sku;

-- name: lock_stock
-- In sku order, like every writer of this table.
select sku, on_hand - reserved from gift_stock where sku = any(%(skus)s::text[]) order by sku for update;

-- name: offers
-- The catalogue: some dozens of rows.
select code, title, value_minor, sku, substitute, kind, terms from offer order by code;

-- name: promise
-- What is asked for, once per key, and the id of each; nothing at all where one offer is unknown (`known` says
-- which). An order that was taken back meanwhile gets no promise that could be kept: it is written down as
-- revoked. Reads commerce's orders: offer, order and promise in one round trip. Without an id is what
-- somebody else made in this very moment: it is looked for again.
with wanted as (
  select p.*, f.code is not null as known, coalesce(o.state <> 'paid', false) as gone
  from unnest(%(keys)s::text[], %(offers)s::text[], %(customers)s::bigint[], %(identities)s::bigint[],
              %(shops)s::text[], %(orders)s::text[], %(visits)s::bigint[], %(expires)s::timestamptz[])
    as p (key, offer, customer_id, identity_id, shop, order_no, visit_id, expires_at)
  left join offer f on f.code = p.offer
  left join orders o on o.shop = p.shop and o.order_no = p.order_no
), made as (
  insert into promise (key, offer, customer_id, identity_id, shop, order_no, visit_id, state, reason,
                       promised_at, expires_at, changed_at)
  select w.key, w.offer, w.customer_id, w.identity_id, w.shop, w.order_no, w.visit_id,
         case when w.gone then 'revoked' else 'promised' end, case when w.gone then 'order_gone' else '' end,
         %(now)s, w.expires_at, %(now)s
  from wanted w
  where (select bool_and(known) from wanted)
  order by w.key
  on conflict (key) do nothing
  returning key, id
)
select w.key, w.offer, w.known, coalesce(m.id, p.id)
from wanted w
left join made m on m.key = w.key
left join promise p on p.key = w.key;

-- name: ids_by_key
select key, id from promise where key = any(%(keys)s::text[]);

-- name: unpaid
-- Promises that stand, of which nobody has reckoned yet that they may cost something (reads ledger).
select p.id, p.offer from promise p
where p.id = any(%(ids)s::bigint[]) and p.state in ('promised', 'reserved', 'claimable') and not p.allotted
  and not exists (select from spend s where s.cause = 'promise' and s.cause_id = p.id);

-- name: open_of
-- Promises that a playbook pays for, that stand, and of which nobody has reckoned yet that they may cost something: its
-- visit's, else its offer's (reads journeys, ledger).
select p.id, p.offer, p.given_sku, p.amount_minor, p.promised_at
from promise p
join offer o on o.code = p.offer
left join visit v on v.id = p.visit_id
left join journey j on j.id = v.journey_id
where p.state in ('promised', 'reserved', 'held', 'committed', 'claimable')
  and coalesce(j.playbook, o.playbook) = %(playbook)s
  and not exists (select from spend s where s.cause = 'promise' and s.cause_id = p.id)
order by p.promised_at, p.id;

-- name: revoke
-- The gift goes back to the shelf. A parcel that was packed with it all the same makes it fulfilled.
with gone as (
  select p.id, p.state, p.given_sku from promise p
  join unnest(%(shops)s::text[], %(orders)s::text[]) as o (shop, order_no)
    on o.shop = p.shop and o.order_no = p.order_no
  where p.state = any(%(states)s::text[]) and not p.allotted
  order by p.id for update of p
), back as (
  update gift_stock s set reserved = s.reserved - g.many
  from (select given_sku, count(*) as many from gone where state = 'reserved' group by given_sku) g
  where s.sku = g.given_sku
)
update promise p set state = 'revoked', reason = %(reason)s, changed_at = %(now)s
from gone where p.id = gone.id
returning p.id;

-- name: given_by_visits
select p.id, p.allotted
from unnest(%(visits)s::bigint[], %(offers)s::text[]) as v (visit_id, offer)
join visit n on n.id = v.visit_id
join promise p on p.customer_id = n.customer_id and p.visit_id = v.visit_id and p.offer = v.offer
where p.state in ('promised', 'claimable', 'held', 'committed')
order by p.id for update of p;

-- name: revoke_promised
update promise set state = 'revoked', reason = %(reason)s, changed_at = %(now)s where id = any(%(ids)s::bigint[]);

-- name: lock_promises
select id from promise where id = any(%(ids)s::bigint[]) and state = any(%(states)s::text[])
order by id for update;

-- name: take_stock
update gift_stock s set reserved = s.reserved + t.many
from unnest(%(skus)s::text[], %(many)s::bigint[]) as t (sku, many) where s.sku = t.sku;

-- name: reserve
update promise p set state = 'reserved', reason = '', given_sku = r.sku, parcel_id = r.parcel_id,
  changed_at = %(now)s
from unnest(%(ids)s::bigint[], %(skus)s::text[], %(parcels)s::bigint[]) as r (id, sku, parcel_id)
where p.id = r.id;

-- name: reserve_unpromised
-- The friend's gift: nobody was told of it before, but once it is in a parcel it is kept like a promise.
insert into promise (key, offer, customer_id, identity_id, shop, order_no, state, given_sku, parcel_id,
                     promised_at, expires_at, changed_at)
select 'parcel:' || r.parcel_id, r.offer, r.customer_id, r.identity_id, r.shop, r.order_no, 'reserved',
       r.sku, r.parcel_id, %(now)s, %(expires_at)s, %(now)s
from unnest(%(parcels)s::bigint[], %(offers)s::text[], %(customers)s::bigint[], %(identities)s::bigint[],
            %(shops)s::text[], %(orders)s::text[], %(skus)s::text[])
  as r (parcel_id, offer, customer_id, identity_id, shop, order_no, sku)
order by r.parcel_id;

-- name: fulfil
-- What the packer put in ('' : no gift) settles the parcel's promise and the shelf. A gift that nobody
-- had reserved leaves the shelf too; the count never falls below what other parcels were told they get:
-- a shortage in the house is found by counting, not made by us.
with packed as (
  select * from unnest(%(parcels)s::bigint[], %(skus)s::text[]) as k (parcel_id, sku)
), held as (
  select p.id, p.state, p.given_sku, k.sku from packed k
  join promise p on p.parcel_id = k.parcel_id and p.state in ('reserved', 'revoked')
  order by p.id for update of p
), shelf as (
  select sku, sum(back) as back, sum(taken) as taken from (
    select given_sku as sku, 1 as back, 0 as taken from held where state = 'reserved'
    union all select sku, 0, 1 from packed where sku <> ''
  ) moves group by sku
), counted as (
  update gift_stock s set reserved = s.reserved - m.back,
    on_hand = greatest(s.on_hand - m.taken, s.reserved - m.back)
  from shelf m where s.sku = m.sku
)
update promise p set
  state = case when held.sku <> '' then 'fulfilled' when held.state = 'reserved' then 'claimable'
               else p.state end,
  reason = case when held.sku <> '' then 'packed' when held.state = 'reserved' then 'not_packed'
                else p.reason end,
  given_sku = nullif(held.sku, ''),
  parcel_id = case when held.sku <> '' then p.parcel_id end,
  expires_at = case when held.sku = '' then greatest(p.expires_at, %(grace)s) else p.expires_at end,
  changed_at = %(now)s
from held where p.id = held.id
returning p.id, p.state;

-- name: owe
update promise p set state = 'claimable', reason = o.reason, expires_at = greatest(p.expires_at, %(grace)s),
  changed_at = %(now)s
from (select p.id, w.reason from promise p
      join unnest(%(ids)s::bigint[], %(reasons)s::text[]) as w (id, reason) on w.id = p.id
      where p.state = any(%(states)s::text[]) order by p.id for update of p) o
where p.id = o.id;

-- name: redeem
-- Taken up outside a parcel. What was handed over was handed over, whatever the state said: what had gone back into
-- an allotment leaves it again, as far as there is some.
with r as (
  select p.id, p.offer, p.part, p.amount_minor, p.allotted and p.state in ('revoked', 'lapsed')
    and coalesce(o.terms ->> 'codes', '') <> 'pool' as again
  from promise p left join offer o on o.code = p.offer
  where p.id = any(%(ids)s::bigint[]) and p.state = any(%(states)s::text[])
  order by p.id for update of p
), locked as materialized (
  select offer, part from allotment where offer in (select offer from r where again) order by offer, part for update
), out as (
  update allotment a set taken = least(a.taken + b.pieces, a.pieces),
    spent_minor = least(a.spent_minor + b.money, a.budget_minor)
  from (
    select offer, part, count(*) as pieces, 0 as money from r where again and part <> '' group by offer, part
    union all
    select offer, '', count(*), coalesce(sum(amount_minor), 0) from r where again group by offer
  ) b join locked l on l.offer = b.offer and l.part = b.part
  where a.offer = b.offer and a.part = b.part
)
update promise p set state = 'fulfilled', reason = 'redeemed', changed_at = %(now)s
from r where p.id = r.id
returning p.id, p.kind, p.offer, p.customer_id, p.identity_id, p.shop,
  coalesce(p.given_sku, (select o.sku from offer o where o.code = p.offer), ''), p.amount_minor;

-- name: lapse
update promise p set state = 'lapsed', reason = 'expired', changed_at = %(now)s
from (select id from promise where state in ('promised', 'claimable') and expires_at <= %(now)s
      order by expires_at limit %(limit)s for update skip locked) late
where p.id = late.id
returning p.id;

-- name: merge
update promise p set customer_id = m.winner
from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as m (loser, winner)
where p.customer_id = m.loser;

-- name: part
-- After a split: a promise goes with the key that it came by.
update promise p set customer_id = v.after
from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
  as v (identity_id, before, after)
where p.customer_id = v.before and p.identity_id = v.identity_id;

-- name: part_by_order
-- One that names no key goes with its order (commerce has moved it before).
update promise p set customer_id = o.customer_id
from orders o
where p.customer_id = any(%(customers)s::bigint[]) and p.identity_id is null
  and o.shop = p.shop and o.order_no = p.order_no and o.customer_id = any(%(customers)s::bigint[])
  and o.customer_id <> p.customer_id;

-- name: follow
-- A promise that a sweep made for its visit while a merge or a split was on its way.
update promise p set customer_id = v.after
from unnest(%(visits)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[]) as v (visit_id, before, after)
where p.customer_id = v.before and p.visit_id = v.visit_id;

-- name: claim
-- What can still be kept for these customers, eldest first, and nobody else moves it until we commit.
select id, offer, customer_id, identity_id, shop, order_no, state, given_sku, parcel_id, reason,
       promised_at, expires_at, kind, part, amount_minor
from promise
where customer_id = any(%(customers)s::bigint[]) and state in ('promised', 'claimable')
  and expires_at > %(now)s
order by id for update;

-- name: of_customer
select id, offer, customer_id, identity_id, shop, order_no, state, given_sku, parcel_id, reason,
       promised_at, expires_at, kind, part, amount_minor
from promise where customer_id = %(customer_id)s order by promised_at, id;

-- name: liability
-- What is owed of each offer: what is committed and not taken up, and of gifts the `most` open promises that end
-- first. What a piece costs is looked up as of now: goods by their sku, a coupon by its offer; a red packet is what
-- is in it. `unpriced`: pieces of unknown cost.
with open as (
  select offer, state, given_sku, count(*) as many, sum(amount_minor) as money
  from promise where state in ('held', 'committed') group by offer, state, given_sku
  union all
  select offer, state, null, count(*), null from (
    select offer, state from promise where state in ('promised', 'claimable') order by expires_at limit %(most)s) p
  group by offer, state
), lines as (
  select n.*, c.unit_minor, c.currency, n.state <> 'held' and c.unit_minor is null and n.money is null
    and (o.kind <> 'presale' or coalesce(n.given_sku, o.sku) <> '') as unknown
  from open n join offer o on o.code = n.offer left join lateral (
    select p.unit_minor, p.currency from price p
    where p.kind = case o.kind when 'coupon' then 'coupon' else 'gift' end
      and p.variant in (case o.kind when 'coupon' then o.code else coalesce(n.given_sku, o.sku) end, '')
      and p.valid_from <= (%(now)s at time zone coalesce((select time_zone from brand), 'UTC'))::date
    order by p.variant <> '' desc, p.valid_from desc limit 1) c on o.kind <> 'red_packet'
)
select offer, coalesce(sum(many) filter (where state = 'held'), 0)::bigint,
  coalesce(sum(many) filter (where state = 'committed'), 0)::bigint,
  coalesce(sum(many) filter (where state = 'promised'), 0)::bigint,
  coalesce(sum(many) filter (where state = 'claimable'), 0)::bigint,
  coalesce(sum(coalesce(money, many * unit_minor)) filter (where state <> 'held'), 0)::bigint,
  coalesce(max(currency), (select currency from brand)),
  coalesce(sum(many) filter (where unknown), 0)::bigint
from lines group by offer order by offer;

-- name: by_code
-- Whose a code is or was.
select promise_id from coupon_code where offer = %(offer)s and code = %(code)s and promise_id is not null;

-- name: revoked_codes
select id, code, revoked_at from coupon_code
where offer = %(offer)s and revoked_at is not null and id > %(after)s order by id limit %(limit)s;

-- name: allotments
select a.offer, a.part, a.pieces, a.taken, a.budget_minor, a.spent_minor from allotment a join offer o on o.code = a.offer
where a.part = '' or not coalesce((o.terms ->> 'slots')::boolean, false) order by a.offer, a.part;

-- name: worth
-- What these promises are called and what they are worth to the customer.
select p.id, o.title, o.value_minor from promise p join offer o on o.code = p.offer
where p.id = any(%(ids)s::bigint[]);

-- name: page
select id, offer, customer_id, identity_id, shop, order_no, state, given_sku, parcel_id, reason,
       promised_at, expires_at, kind, part, amount_minor
from (select * from promise where id > %(after)s order by id limit %(scan)s) p
where (%(state)s = '' or state = %(state)s) and (%(offer)s = '' or offer = %(offer)s)
order by id limit %(limit)s;

-- name: page_end
select max(id) from (select id from promise where id > %(after)s order by id limit %(scan)s) p;

-- name: page_of
select id, offer, customer_id, identity_id, shop, order_no, state, given_sku, parcel_id, reason,
       promised_at, expires_at, kind, part, amount_minor
from promise
where customer_id = %(customer)s and id > %(after)s and (%(state)s = '' or state = %(state)s)
  and (%(offer)s = '' or offer = %(offer)s)
order by id limit %(limit)s;

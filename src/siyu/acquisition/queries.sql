-- name: install_sources
insert into source (code, title, admission, shops, journey, holdout, gift, card, playbook)
select s.code, s.title, s.admission, s.shops, s.journey, s.holdout, s.gift, s.card, %(playbook)s
from unnest(%(codes)s::text[], %(titles)s::jsonb[], %(admissions)s::jsonb[], %(shops)s::jsonb[],
            %(journeys)s::text[], %(holdouts)s::float8[], %(gifts)s::text[], %(cards)s::text[])
  as s (code, title, admission, shops, journey, holdout, gift, card)
order by s.code
on conflict (code) do update set title = excluded.title, admission = excluded.admission,
  shops = excluded.shops, journey = excluded.journey, holdout = excluded.holdout, gift = excluded.gift,
  card = excluded.card, playbook = excluded.playbook;

-- name: install_codes
insert into channel_code (code, source, step, staff, title)
select c.code, c.source, c.step, c.staff, c.title
from unnest(%(codes)s::text[], %(sources)s::text[], %(steps)s::text[], %(staff)s::text[],
            %(titles)s::text[]) as c (code, source, step, staff, title)
order by c.code
on conflict (code) do update set source = excluded.source, step = excluded.step,
  staff = excluded.staff, title = excluded.title;

-- name: payers
-- Sources whose playbook has a budget (reads ledger).
select s.code, c.playbook from spend_cap c join source s on s.playbook = c.playbook;

-- name: sources
-- Some dozens of rows.
select code, title, admission, shops, journey, holdout, gift, card from source order by code;

-- name: codes
select source, step, staff, title, code from channel_code order by code;

-- name: states
-- The state of each order and code; where there is none yet, the id of its row to be, since the state is
-- made of that id. Neither: there is no such channel code.
select w.code, w.shop, w.order_no, i.state_code,
       case when i.id is null and exists (select from channel_code c where c.code = w.code)
            then nextval(pg_get_serial_sequence('code_issue', 'id')) end
from unnest(%(codes)s::text[], %(shops)s::text[], %(orders)s::text[]) with ordinality
  as w (code, shop, order_no, place)
left join code_issue i on i.channel_code = w.code and i.shop = w.shop and i.order_no = w.order_no
order by w.place;

-- name: issue
-- Who asks second for the same order and code gets nothing back here and looks again.
insert into code_issue (id, state_code, state_hash, channel_code, step, customer_id, shop, order_no,
                        parcel_id, issued_at)
overriding system value
select w.id, w.state_code, w.state_hash, w.channel_code, w.step, w.customer_id, w.shop, w.order_no,
       w.parcel_id, %(now)s
from unnest(%(ids)s::bigint[], %(states)s::text[], %(hashes)b::bytea[], %(codes)s::text[],
            %(steps)s::text[], %(customers)s::bigint[], %(shops)s::text[], %(orders)s::text[],
            %(parcels)s::bigint[])
  as w (id, state_code, state_hash, channel_code, step, customer_id, shop, order_no, parcel_id)
order by w.channel_code, w.shop, w.order_no
on conflict (channel_code, shop, order_no) do nothing
returning channel_code, shop, order_no, state_code, state_hash, customer_id;

-- name: entry_number
-- The id of a page's state to be, since the state is made of it; and whether its channel code is known.
select nextval(pg_get_serial_sequence('entry_state', 'id')),
  exists (select from channel_code where code = %(code)s);

-- name: hold_customer
-- Two taps of one customer come after one another, and nobody is merged till we commit (reads customers).
select id from customer where id = %(customer)s for no key update;

-- name: entered
-- The first state that a page gave this customer (reads identities).
select e.state_code from identity i join entry_state e on e.state_hash = i.hash
where i.customer_id = %(customer)s and i.kind = 'state' and e.page = %(page)s order by e.id limit 1;

-- name: enter
insert into entry_state (id, state_code, state_hash, channel_code, page, ad, issued_at)
overriding system value
values (%(id)s, %(state)s, %(hash)b, %(code)s, %(page)s, %(ad)s, %(now)s);

-- name: anything_due
-- Asked before the lock is taken: an idle sweep waits for nobody.
select exists (select from parcel_due where cutoff_at <= %(now)s);

-- name: due
select parcel_id from parcel_due where cutoff_at <= %(now)s order by cutoff_at, parcel_id limit %(limit)s;

-- name: parcels
-- A row per parcel and known order, in the order of freezing. One statement over commerce and budget
-- tables: through their views it would be four, each with the parcels' orders sent back and forth.
select p.id, p.shop, p.main_order_no, p.packed_at is not null,
       coalesce(s.inserts, true) and coalesce(y.allowed, true),
       o.order_no, o.customer_id, o.identity_id, o.state <> 'paid'
from parcel_due d
join parcel p on p.id = d.parcel_id
left join shop s on s.code = p.shop
left join shop_policy y on y.shop = p.shop and y.channel = 'parcel_insert'
left join parcel_order po on po.parcel_id = p.id
left join orders o on o.shop = po.shop and o.order_no = po.order_no
where d.parcel_id = any(%(ids)s::bigint[])
order by d.cutoff_at, p.id, o.order_no;

-- name: buyers
-- Friend now; opted out: suppressed everywhere, or every consent that was ever given is withdrawn
-- (per channel and purpose the latest word over all identities). Reads customers and budget in one go.
select c.id,
       exists (select from friendship f where f.customer_id = c.id and f.state = 'live'),
       exists (select from suppression u where u.customer_id = c.id and u.channel = '*' and u.purpose = '*'
                 and u.since <= %(now)s and (u.until is null or u.until > %(now)s))
       or coalesce((
         select bool_and(latest.state = 'withdrawn') from (
           select distinct on (n.channel, n.purpose) n.state from consent n where n.customer_id = c.id
           order by n.channel, n.purpose, n.changed_at desc, n.changed_source desc,
                    n.changed_source_id desc
         ) latest
       ), false)
from unnest(%(customers)s::bigint[]) as c (id);

-- name: held
select scope, customer_id, held from holdout
where scope = any(%(scopes)s::text[]) and customer_id = any(%(customers)s::bigint[]);

-- name: late_orders
-- Those of these orders whose own parcel (not a further child) was frozen before.
select distinct w.shop, w.order_no
from unnest(%(shops)s::text[], %(orders)s::text[]) as w (shop, order_no)
join parcel_order po on po.shop = w.shop and po.order_no = w.order_no
join parcel p on p.id = po.parcel_id and p.main_order_no is not null
join parcel_decision d on d.parcel_id = p.id;

-- name: freeze
-- Once for good: a parcel that has its decision keeps it.
with decided as (
  insert into parcel_decision (parcel_id, shop, order_no, customer_id, source, content, reason, offer,
                               sku, promise_id, card, state_code, frozen_at)
  select d.parcel_id, d.shop, d.order_no, d.customer_id, d.source, d.content, d.reason, d.offer, d.sku,
         d.promise_id, d.card, d.state_code, %(now)s
  from unnest(%(parcels)s::bigint[], %(shops)s::text[], %(orders)s::text[], %(customers)s::bigint[],
              %(sources)s::text[], %(contents)s::text[], %(reasons)s::text[], %(offers)s::text[],
              %(skus)s::text[], %(promises)s::bigint[], %(cards)s::text[], %(states)s::text[])
         with ordinality
    as d (parcel_id, shop, order_no, customer_id, source, content, reason, offer, sku, promise_id, card,
          state_code, place)
  order by d.place
  on conflict (parcel_id) do nothing
)
delete from parcel_due where parcel_id = any(%(parcels)s::bigint[]);

-- name: plan
-- A parcel that was planned anew before its cut-off is frozen at the new one.
insert into parcel_due (parcel_id, cutoff_at)
select p.id, p.cutoff_at from parcel p
where p.parcel_no = any(%(numbers)s::text[]) and p.cutoff_at is not null
  and not exists (select from parcel_decision d where d.parcel_id = p.id)
order by p.id
on conflict (parcel_id) do update set cutoff_at = excluded.cutoff_at;

-- name: settle
-- Each packed parcel is booked once, by what the packer put in, as soon as its plan says whose it is. The
-- buyer is the decision's, else the main order's. (Reads commerce: the parcels of the batch in one statement.)
with packed as (
  insert into parcel_settled (parcel_id, settled_at)
  select p.id, %(now)s from parcel p
  where p.parcel_no = any(%(numbers)s::text[]) and p.packed_at is not null
    and p.planned_at is not null
  order by p.id
  on conflict (parcel_id) do nothing
  returning parcel_id
)
select p.id, coalesce(p.packed_gift, ''), coalesce(p.packed_card, ''), p.packed_at, p.shop,
       coalesce(d.customer_id, o.customer_id), o.identity_id, coalesce(s.journey, '')
from packed
join parcel p on p.id = packed.parcel_id
left join parcel_decision d on d.parcel_id = p.id
left join source s on s.code = d.source
left join orders o on o.shop = p.shop and o.order_no = coalesce(d.order_no, p.main_order_no)
order by p.id;

-- name: packed_beside_decided
-- What was decided for the packed ones of these parcels beside what their last report says, a key of the buyer,
-- and what was told of them last. (Reads commerce and identities: the parcels of the batch in one statement.)
select p.id, p.parcel_no, p.shop, p.warehouse, coalesce(d.order_no, p.main_order_no, ''),
       coalesce(d.content, 'none'), coalesce(nullif(d.sku, ''), d.card, ''), coalesce(p.packed_gift, ''),
       coalesce(p.packed_card, ''), p.packed_at,
       coalesce(p.packed_gift, '') <> coalesce(d.sku, '') or coalesce(p.packed_card, '') <> coalesce(d.card, ''),
       i.kind, i.hash, coalesce(told.turn, 0), told.how
from parcel p
left join parcel_decision d on d.parcel_id = p.id
left join orders o on o.shop = p.shop and o.order_no = coalesce(d.order_no, p.main_order_no)
left join identity i on i.id = o.identity_id
left join lateral (
  select t.turn, t.how from parcel_difference t where t.parcel_id = p.id order by t.turn desc limit 1) told on true
where p.parcel_no = any(%(numbers)s::text[]) and p.packed_at is not null
order by p.id;

-- name: keep_differences
insert into parcel_difference (parcel_id, turn, how, gift, card, packed_at)
select * from unnest(%(parcels)s::bigint[], %(turns)s::integer[], %(hows)s::text[], %(gifts)s::text[],
                     %(cards)s::text[], %(ats)s::timestamptz[]);

-- name: gone_promises
-- Orders that were taken back while something of theirs is still promised, by the events' orders and by
-- their customers: a refund without a reference may have found its order only now.
select p.shop, p.order_no from promise p
join orders o on o.shop = p.shop and o.order_no = p.order_no and o.state <> 'paid'
where p.customer_id = any(%(customers)s::bigint[]) and p.state in ('promised', 'reserved', 'claimable', 'held', 'committed')
union
select p.shop, p.order_no
from unnest(%(shops)s::text[], %(orders)s::text[]) as w (shop, order_no)
join promise p on p.shop = w.shop and p.order_no = w.order_no
  and p.state in ('promised', 'reserved', 'claimable', 'held', 'committed')
join orders o on o.shop = p.shop and o.order_no = p.order_no and o.state <> 'paid';

-- name: gone_parcels
-- Unpacked parcels that were to carry something at the cost of a playbook with a budget, and of which no order stands
-- any more; by orders and by customers as above (reads ledger). An order that nobody told of may stand.
with touched as (
  select d.parcel_id from parcel_decision d
  where (select exists (select from spend_cap)) and d.customer_id = any(%(customers)s::bigint[]) and d.content <> 'none'
  union
  select po.parcel_id
  from unnest(%(shops)s::text[], %(orders)s::text[]) as w (shop, order_no)
  join parcel_order po on po.shop = w.shop and po.order_no = w.order_no
  where (select exists (select from spend_cap))
)
select p.id from touched t join parcel p on p.id = t.parcel_id and p.packed_at is null
where exists (select from spend s where s.cause = 'parcel' and s.cause_id = p.id and not s.booked and s.amount_minor <> 0)
  and not exists (
    select from parcel_order x left join orders o on o.shop = x.shop and o.order_no = x.order_no
    where x.parcel_id = p.id and coalesce(o.state, 'paid') = 'paid')
order by p.id;

-- name: late_promises
-- Friends at last, but the parcel went without: who added just now, or was found to be a friend.
select p.id from promise p
where p.customer_id = any(%(customers)s::bigint[]) and p.state = 'promised'
  and (p.customer_id = any(%(added)s::bigint[])
       or exists (select from friendship f where f.customer_id = p.customer_id and f.state = 'live'))
  and exists (
    select from parcel_order po
    join parcel c on c.id = po.parcel_id and c.main_order_no is not null
    join parcel_decision d on d.parcel_id = c.id
    where po.shop = p.shop and po.order_no = p.order_no);

-- name: match_friends
-- How each new friend came; the first add of an account counts. The state that the add carried names
-- the step; whether it is a buyer's own, or the add shares another key with a buyer, makes it matched.
-- (Reads orders: a look per friend would be a query per add.)
with added as (
  select distinct on (a.identity_id) a.* from
    unnest(%(identities)s::bigint[], %(customers)s::bigint[], %(hashes)b::bytea[], %(at)s::timestamptz[])
    as a (identity_id, customer_id, state_hash, added_at)
  order by a.identity_id, a.added_at
), seen as (
  select a.identity_id, a.customer_id, a.added_at, a.state_hash, coalesce(i.state_code, e.state_code) as state_code,
         coalesce(i.step, c.step) as step, c.source, s.journey,
         i.customer_id = a.customer_id as own,
         exists (select from orders o where o.customer_id = a.customer_id)
         or exists (select from code_issue j where j.customer_id = a.customer_id) as buyer
  from added a
  left join code_issue i on i.state_hash = a.state_hash
  left join entry_state e on e.state_hash = a.state_hash
  left join channel_code c on c.code = coalesce(i.channel_code, e.channel_code)
  left join source s on s.code = c.source
)
insert into friend_match as m (identity_id, customer_id, matched, how, step, source, state_code, added_at,
                               journey, state_hash)
select identity_id, customer_id, buyer, case when own then 'state' when buyer then 'shared key'
       else 'unmatched' end, coalesce(step, ''), coalesce(source, ''), coalesce(state_code, ''), added_at,
       coalesce(journey, ''), state_hash
from seen order by identity_id
on conflict (identity_id) do update set customer_id = excluded.customer_id,
  matched = m.matched or excluded.matched, how = excluded.how, step = excluded.step,
  source = excluded.source, state_code = excluded.state_code, added_at = excluded.added_at,
  journey = excluded.journey, state_hash = excluded.state_hash
where excluded.added_at < m.added_at;

-- name: adds_by_state
-- New friends by the state that they came with: all, and those since a time. By the index on it.
select state_hash, count(*), count(*) filter (where added_at >= %(since)s)
from friend_match where state_hash = any(%(hashes)b::bytea[]) group by state_hash;

-- name: identify_friends
-- A friend whom nothing tied to a buyer, until a merge or an order did.
update friend_match m set matched = true, how = 'identified later'
where not m.matched and m.customer_id = any(%(customers)s::bigint[])
  and (exists (select from orders o where o.customer_id = m.customer_id)
       or exists (select from code_issue j where j.customer_id = m.customer_id));

-- name: merge_issues
update code_issue t set customer_id = m.winner
from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as m (loser, winner) where t.customer_id = m.loser;

-- name: merge_decisions
update parcel_decision t set customer_id = m.winner
from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as m (loser, winner) where t.customer_id = m.loser;

-- name: claim
-- Each report once. Whether it is open is asked of the friends: who is matched since needs no confirming.
-- It is the claim of whoever has that phone, who need not be whom the call was for; where nobody knows the phone,
-- the customer's first key stands in (reads identities).
insert into match_claim (event_id, customer_id, identity_id, staff, claimed_at, state)
select event_id, coalesce((select i.customer_id from identity i where i.id = c.identity_id), customer_id),
  coalesce(identity_id, (select min(f.id) from identity f where f.customer_id = c.customer_id)), staff, at, 'open'
from unnest(%(events)s::bigint[], %(customers)s::bigint[], %(identities)s::bigint[], %(staff)s::text[],
  %(ats)s::timestamptz[]) as c (event_id, customer_id, identity_id, staff, at)
order by event_id
on conflict (event_id) do nothing;

-- name: claiming
-- The account that a page was made for: of several of one customer the latest that nothing has matched.
select m.identity_id, m.matched, i.hash from friend_match m join identity i on i.id = m.identity_id
where m.customer_id = %(customer)s order by m.matched, m.added_at desc, m.identity_id desc limit 1;

-- name: claim_orders
-- The claim is the buyer's, and names the friend. Of an order that nobody has (or a guest has) it is noted with the
-- friend, and is over; so it is where the friend is matched by now.
insert into match_claim (event_id, customer_id, identity_id, staff, claimed_at, state, friend_id, decided_at, decided_by)
select c.event_id, coalesce(o.customer_id, m.customer_id), coalesce(o.identity_id, c.friend),
  coalesce((select min(f.staff) from friendship f where f.identity_id = c.friend and f.state = 'live'), ''), c.at,
  d.state, c.friend, case when d.state <> 'open' then c.at end, case when d.state <> 'open' then 'page' else '' end
from unnest(%(events)s::bigint[], %(friends)s::bigint[], %(shops)s::text[], %(orders)s::text[], %(proved)s::boolean[],
  %(ats)s::timestamptz[]) as c (event_id, friend, shop, order_no, proved, at)
join friend_match m on m.identity_id = c.friend
left join orders o on o.shop = c.shop and o.order_no = c.order_no
cross join lateral (select case when c.proved or o.customer_id = m.customer_id then 'confirmed'
  when o.customer_id is null or m.matched then 'refused' else 'open' end as state) d
order by c.event_id
on conflict (event_id) do nothing;

-- name: claims
-- Open ones of customers whom nothing has matched to a friend since.
select c.id, c.customer_id, c.staff, c.claimed_at from match_claim c
where c.state = 'open' and c.id > %(after)s
  and not exists (select from friend_match m where m.customer_id = c.customer_id and m.matched)
  and (%(scope)s::text[] is null or exists (
    select from serves s where s.customer_id = c.customer_id and s.staff = any(%(scope)s)))
order by c.id limit %(limit)s;

-- name: claim_of
-- By the event that told of it (its key is the events'): one look-up each.
select c.id from event_key k join match_claim c on c.event_id = k.event_id
where k.source = %(source)s and k.source_id = %(source_id)s and c.state = 'open';

-- name: candidates
-- Friends whom nothing ties to a buyer, who came in the weeks around the claims: nearest in time is a hint. Where a
-- friend gave the order's number it is that one.
select c.id, m.identity_id, m.customer_id, m.added_at,
  coalesce((select min(f.staff) from friendship f where f.identity_id = m.identity_id and f.state = 'live'), '')
from match_claim c
cross join lateral (
  select f.* from friend_match f
  where not f.matched and case when c.friend_id is not null then f.identity_id = c.friend_id else
      f.added_at between c.claimed_at - interval '60 days' and c.claimed_at + interval '7 days' end
    and (%(scope)s::text[] is null or exists (
      select from friendship h where h.identity_id = f.identity_id and h.staff = any(%(scope)s)))
  order by f.added_at desc limit %(most)s) m
where c.id = any(%(claims)s::bigint[])
order by c.id, m.added_at desc, m.identity_id;

-- name: decide_claim
update match_claim set state = %(state)s, friend_id = coalesce(%(friend)s, friend_id), decided_at = %(now)s, decided_by = %(by)s
where id = %(id)s and state = 'open'
returning customer_id;

-- name: claim_keys
-- A key of the friend's and the eldest of the customer's own (not a pointer), as facts carry them.
select kind, hash from identity where id = %(friend)s and kind = 'external_userid'
union all
(select kind, hash from identity
 where customer_id = %(customer)s and kind in ('phone', 'buyer', 'member', 'unionid') and wrong_since is null
 order by id limit 1);

-- name: unmatched
select exists (select from friend_match where identity_id = %(friend)s and not matched);

-- name: merge_matches
with claims as (
  update match_claim t set customer_id = m.winner
  from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as m (loser, winner) where t.customer_id = m.loser)
update friend_match t set customer_id = m.winner
from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as m (loser, winner) where t.customer_id = m.loser;

-- name: part_issues
-- After a split: a code goes with the order that it was issued for (commerce has moved it before).
update code_issue t set customer_id = o.customer_id
from orders o
where t.customer_id = any(%(customers)s::bigint[]) and o.shop = t.shop and o.order_no = t.order_no
  and o.customer_id = any(%(customers)s::bigint[]) and o.customer_id <> t.customer_id;

-- name: part_decisions
update parcel_decision t set customer_id = o.customer_id
from orders o
where t.customer_id = any(%(customers)s::bigint[]) and o.shop = t.shop and o.order_no = t.order_no
  and o.customer_id = any(%(customers)s::bigint[]) and o.customer_id <> t.customer_id;

-- name: part_matches
-- Friends go with their account, claims with the phone on which they were said.
with claims as (
  update match_claim t set customer_id = v.after
  from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
    as v (identity_id, before, after)
  where t.customer_id = v.before and t.identity_id = v.identity_id
)
update friend_match t set customer_id = v.after
from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
  as v (identity_id, before, after)
where t.customer_id = v.before and t.identity_id = v.identity_id;

-- name: unmatch_friends
-- Nothing ties them to a buyer any more.
update friend_match m set matched = false, how = 'unmatched'
where m.matched and m.customer_id = any(%(customers)s::bigint[])
  and not exists (select from orders o where o.customer_id = m.customer_id)
  and not exists (select from code_issue j where j.customer_id = m.customer_id);

-- name: decisions
-- By `seq`, which follows commits: who reads on from its last one misses none, whatever `now` was. (The
-- parcel's number is commerce's: one join by its key.)
select d.seq, p.parcel_no, d.shop, d.order_no, d.content, d.sku, d.card, d.state_code, d.reason,
       d.frozen_at, p.warehouse
from parcel_decision d join parcel p on p.id = d.parcel_id
where d.seq > %(after)s order by d.seq limit %(limit)s;

-- name: pick
-- A new list of what a warehouse has not got yet: decided, not packed, its order not taken back. Of two who ask at
-- once each gets every parcel that the other has not. (Reads commerce: the parcels that wait for a packer.)
with made as (
  insert into pick_list (warehouse, since, made_at, made_by)
  values (%(warehouse)s, %(since)s, %(now)s, %(by)s) returning id
), wanted as (
  select p.id, d.content, d.frozen_at from parcel p join parcel_decision d on d.parcel_id = p.id
  where p.packed_at is null and p.cutoff_at >= %(since)s and p.warehouse = %(warehouse)s and d.content <> 'none'
    and not exists (select from pick_line l where l.parcel_id = p.id)
    and not exists (select from orders o where o.shop = d.shop and o.order_no = d.order_no and o.state <> 'paid')
), taken as (
  insert into pick_line (parcel_id, list_id) select w.id, m.id from wanted w, made m order by w.id
  on conflict (parcel_id) do nothing
  returning parcel_id
)
select m.id, count(*) filter (where w.content = 'gift'), count(*) filter (where w.content = 'card'),
  min(w.frozen_at), max(w.frozen_at)
from made m left join (wanted w join taken t on t.parcel_id = w.id) on true
group by m.id;

-- name: picked
update pick_list set gifts = %(gifts)s, cards = %(cards)s, frozen_from = %(frozen_from)s,
  frozen_until = %(frozen_until)s
where id = %(id)s;

-- name: pick_due
-- What `pick` would put on a new list of each warehouse, counted: the same parcels, by the same conditions. (Reads
-- commerce: the parcels that wait for a packer.)
select p.warehouse, count(*) filter (where d.content = 'gift'), count(*) filter (where d.content = 'card'),
  min(d.frozen_at), max(d.frozen_at)
from parcel p join parcel_decision d on d.parcel_id = p.id
where p.packed_at is null and p.cutoff_at >= %(since)s and p.warehouse <> '' and d.content <> 'none'
  and not exists (select from pick_line l where l.parcel_id = p.id)
  and not exists (select from orders o where o.shop = d.shop and o.order_no = d.order_no and o.state <> 'paid')
group by p.warehouse order by p.warehouse;

-- name: waiting_by_warehouse
-- Planned parcels before their cut-off; `most` are looked at. (Reads commerce: who packs each.)
select p.warehouse, count(*)
from (select parcel_id from parcel_due order by cutoff_at, parcel_id limit %(most)s) w
join parcel p on p.id = w.parcel_id
group by p.warehouse;

-- name: pick_lists
-- The latest first.
select id, warehouse, since, made_at, made_by, gifts, cards, frozen_from, frozen_until from pick_list
where (%(id)s::bigint is null or id = %(id)s) and (%(warehouse)s = '' or warehouse = %(warehouse)s)
order by id desc limit %(limit)s;

-- name: pick_lines
-- What the list held when it was made: decisions never change.
select p.parcel_no, d.shop, p.warehouse, coalesce(d.order_no, ''), d.content,
       case when d.content = 'gift' then d.sku else d.card end, d.state_code, p.cutoff_at
from pick_line l
join parcel_decision d on d.parcel_id = l.parcel_id
join parcel p on p.id = l.parcel_id
where l.list_id = %(list)s order by p.cutoff_at, p.id;

-- name: known_parcels
-- Parcels by their numbers: who packs each, what it stands for, what was decided for it.
select p.parcel_no, p.shop, p.warehouse, coalesce(p.main_order_no, ''), coalesce(d.sku, ''), coalesce(d.card, '')
from parcel p left join parcel_decision d on d.parcel_id = p.id
where p.parcel_no = any(%(numbers)s::text[]) and p.planned_at is not null;

-- name: own_codes
-- What can be ours in a parcel: the gifts of offers, the cards of sources. (Reads offers.)
select 'gift', sku from offer where sku <> ''
union
select 'card', card from source where card <> '';

-- name: explain_parcels
select p.parcel_no, d.shop, d.order_no, d.content, d.reason, d.sku, d.card, d.state_code, d.promise_id,
       d.frozen_at, p.packed_at, coalesce(p.packed_gift, ''), coalesce(p.packed_card, '')
from parcel_decision d join parcel p on p.id = d.parcel_id
where d.customer_id = %(customer_id)s order by d.seq;

-- name: account
-- One row per fate of the packed parcels: decided content, reason, what was packed, how many. (What was
-- packed is commerce's: counted here in one pass rather than handed over parcel by parcel.)
select coalesce(d.content, 'none'), coalesce(d.reason, 'undecided'),
       coalesce(p.packed_gift, '') <> '', coalesce(p.packed_card, '') <> '', count(*)
from parcel p left join parcel_decision d on d.parcel_id = p.id
where p.packed_at is not null
  and (%(since)s::timestamptz is null or p.packed_at >= %(since)s)
  and (%(until)s::timestamptz is null or p.packed_at < %(until)s)
group by 1, 2, 3, 4 order by 1, 2, 3, 4;

-- name: match_counts
select how, count(*) from friend_match group by how order by how;

-- name: to_match
-- The newest first, as somebody at a desk takes them.
select m.identity_id, m.customer_id, m.added_at, m.source, m.how,
  coalesce((select min(f.staff) from friendship f where f.identity_id = m.identity_id and f.state = 'live'), '')
from friend_match m
where not m.matched and m.added_at <= coalesce(%(at)s::timestamptz, 'infinity')
  and (%(at)s::timestamptz is null or (m.added_at, m.identity_id) < (%(at)s, %(place)s::bigint))
  and (%(scope)s::text[] is null or exists (
    select from friendship f where f.identity_id = m.identity_id and f.staff = any(%(scope)s)))
order by m.added_at desc, m.identity_id desc limit %(limit)s;

-- name: friend
-- Whose account this is.
select customer_id from friend_match where identity_id = %(friend)s;

-- name: claimed
-- Who said so.
select customer_id from match_claim where id = %(claim)s;

-- name: unmatched_page
-- By the account: the key that the table has.
select identity_id, customer_id, added_at, source, how
from (select * from friend_match where identity_id > %(after)s order by identity_id limit %(scan)s) m
where not matched order by identity_id limit %(limit)s;

-- name: unmatched_end
select max(identity_id) from (
  select identity_id from friend_match where identity_id > %(after)s order by identity_id limit %(scan)s) m;

-- name: issued_to
-- Whose state it is: one look into its unique index.
select customer_id from code_issue where state_code = %(state)s;

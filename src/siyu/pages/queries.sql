-- name: lock_page
-- The version in force; whoever writes the next one waits here.
select p.version, v.text, p.retired_at from page p join page_version v on v.code = p.code and v.version = p.version
where p.code = %(code)s for update of p;

-- name: keep_page
-- One that was retired stands again.
insert into page (code, kind, version) values (%(code)s, %(kind)s, %(version)s)
on conflict (code) do update set kind = excluded.kind, version = excluded.version, retired_at = null;

-- name: write_page
insert into page_version (code, version, text, set_by, set_at)
values (%(code)s, %(version)s, %(text)s, %(by)s, %(now)s);

-- name: retire_page
update page set retired_at = %(now)s where code = %(code)s and retired_at is null;

-- name: page_in_force
-- Read at every opening: two rows by key.
select v.text from page p join page_version v on v.code = p.code and v.version = p.version
where p.code = %(code)s and p.retired_at is null;

-- name: pages
-- Dozens, each with the states that it gave out and the friends who came by one of these (reads acquisition).
-- `done`: who answered, booked or reserved there. Each figure is counted once for all pages: 40 pages over 100,000 answers,
-- bookings and states and 30,000 friends read an eighth of the blocks that looking for the friends of each page did.
with opened as (
  select page, sum(visits)::bigint as visits from page_visit where %(code)s = '' or page = %(code)s group by page
), answered as (
  select survey as page, count(distinct customer_id) as done from survey_answer
  where %(code)s = '' or survey = %(code)s group by survey
), booked as (
  select page, count(*) as done from booking
  where (%(code)s = '' or page = %(code)s) and state not in ('moved', 'cancelled') group by page
), went as (
  select page, count(*) as given from entry_state where %(code)s = '' or page = %(code)s group by page
), came as (
  select e.page, count(*) as friends from entry_state e join friend_match m on m.state_hash = e.state_hash
  where %(code)s = '' or e.page = %(code)s group by e.page
)
select p.code, p.kind, v.text, p.version, v.set_by, v.set_at, p.retired_at, coalesce(w.given, 0), coalesce(c.friends, 0),
  coalesce(o.visits, 0), coalesce(case p.kind when 'survey' then a.done else b.done end, 0)
from page p
join page_version v on v.code = p.code and v.version = p.version
left join opened o on o.page = p.code
left join answered a on a.page = p.code
left join booked b on b.page = p.code
left join went w on w.page = p.code
left join came c on c.page = p.code
where (%(code)s = '' or p.code = %(code)s) and (%(retired)s or p.retired_at is null)
order by p.code;

-- name: texts_of_kind
-- What pages of a kind say, also those that are retired.
select v.text from page p join page_version v on v.code = p.code and v.version = p.version
where p.kind = %(kind)s order by p.code;

-- name: note_visits
insert into page_visit as v (page, day, origin, medium, campaign, visits)
select page, (at at time zone %(zone)s)::date as day, origin, medium, campaign, count(*)
from unnest(%(pages)s::text[], %(ats)s::timestamptz[], %(origins)s::text[], %(mediums)s::text[], %(campaigns)s::text[])
  as u (page, at, origin, medium, campaign)
group by page, day, origin, medium, campaign order by page, day, origin, medium, campaign
on conflict (page, day, origin, medium, campaign) do update set visits = v.visits + excluded.visits;

-- name: sources
-- By advertisement: opened (by day), went on, became friends (reads acquisition). What was most opened first.
with seen as (
  select origin, medium, campaign, sum(visits)::bigint as visits from page_visit
  where page = %(page)s and day >= (%(since)s at time zone %(zone)s)::date group by origin, medium, campaign
), went as (
  select coalesce(e.ad->>'utm_source', '') as origin, coalesce(e.ad->>'utm_medium', '') as medium,
    coalesce(e.ad->>'utm_campaign', '') as campaign, count(distinct e.id) as given, count(m.identity_id) as friends
  from entry_state e left join friend_match m on m.state_hash = e.state_hash
  where e.page = %(page)s and e.issued_at >= %(since)s group by 1, 2, 3
)
select origin, medium, campaign, coalesce(visits, 0), coalesce(given, 0), coalesce(friends, 0)
from seen full join went using (origin, medium, campaign)
order by coalesce(visits, 0) desc, coalesce(given, 0) desc, origin, medium, campaign limit %(limit)s;

-- name: turnout
-- Of each service since then: booked (the moved once), came, missed, cancelled; of those whom a message with a link to its
-- page reached (reads the outbox), how many, how many booked, how many came.
-- The touches of the span are read once for all services, and not at all where no material leads to any.
with booked as (
  select b.offer as code, b.customer_id, b.booked_at, b.state
  from service s join booking b on b.offer = s.code and b.booked_at >= %(since)s
  where b.state <> 'moved'
), turned as (
  select code, count(*) as booked, count(*) filter (where state = 'kept') as kept,
    count(*) filter (where state = 'missed') as missed, count(*) filter (where state = 'cancelled') as cancelled
  from booked group by code
), leads as (
  select distinct service, material from unnest(%(services)s::text[], %(materials)s::text[]) as m (service, material)
), invited as (
  select l.service as code, t.customer_id, min(t.sent_at) as at
  from leads l join touch t on t.material = l.material
  where t.sent_at >= %(since)s and t.state not in ('failed', 'withheld', 'withdrawn')
  group by l.service, t.customer_id
), came as (
  select i.code, i.customer_id, bool_or(b.code is not null) as booked, bool_or(b.state = 'kept') as kept
  from invited i
  left join booked b on b.code = i.code and b.customer_id = i.customer_id and b.booked_at >= i.at
  group by i.code, i.customer_id
), reached as (
  select code, count(*) as invited, count(*) filter (where booked) as took, count(*) filter (where kept) as visited
  from came group by code
)
select s.code, coalesce(t.booked, 0), coalesce(t.kept, 0), coalesce(t.missed, 0), coalesce(t.cancelled, 0),
  coalesce(r.invited, 0), coalesce(r.took, 0), coalesce(r.visited, 0)
from service s left join turned t on t.code = s.code left join reached r on r.code = s.code
order by s.code;

-- name: subjects
-- Of each customer the eldest key of their own: a fact with it is about them (reads identities).
select distinct on (customer_id) customer_id, kind, hash, id from identity
where customer_id = any(%(customers)s::bigint[]) and wrong_since is null
  and kind in ('external_userid', 'unionid', 'phone', 'buyer', 'member')
order by customer_id, id;

-- name: recipient
-- Whom a touch was for, and by which key if one is known (reads the outbox).
select customer_id, identity_id from touch where id = %(touch)s;

-- name: answered
-- Whether a customer has answered a version: applied, or told and on its way (reads events).
select exists (
    select from survey_answer where customer_id = %(customer)s and survey = %(survey)s and version = %(version)s)
  or exists (select from event_key where source = 'siyu' and source_id = %(told)s);

-- name: note_answers
insert into survey_answer (event_id, survey, version, question, answer, customer_id, identity_id, item, at)
select * from unnest(%(events)s::bigint[], %(surveys)s::text[], %(versions)s::int[], %(questions)s::text[],
  %(answers)s::text[], %(customers)s::bigint[], %(identities)s::bigint[], %(items)s::bigint[], %(ats)s::timestamptz[])
on conflict (event_id) do nothing;

-- name: merge_answers
update survey_answer t set customer_id = m.winner
from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as m (loser, winner) where t.customer_id = m.loser;

-- name: part_answers
update survey_answer t set customer_id = v.after
from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[]) as v (identity_id, before, after)
where t.customer_id = v.before and t.identity_id = v.identity_id;

-- name: results
-- The newest version first; of several answers each counts a person once.
select version, question, answer, count(distinct customer_id), max(at) from survey_answer
where survey = %(survey)s group by version, question, answer order by version desc, question, answer;

-- name: texts
-- Words of their own, the latest first.
select customer_id, version, question, item, at from survey_answer
where survey = %(survey)s and item is not null order by at desc, event_id desc limit %(limit)s;

-- name: set_service
insert into service (code, text, set_by, set_at) values (%(code)s, %(text)s, %(by)s, %(now)s)
on conflict (code) do update set text = excluded.text, set_by = excluded.set_by, set_at = excluded.set_at;

-- name: lock_service
-- Two who close days at once do it one after the other.
select text from service where code = %(code)s for update;

-- name: services
select code, text, set_by, set_at from service where %(code)s = '' or code = %(code)s order by code;

-- name: taken_of
-- How many of these slots are taken; one that nobody has asked for is missing (reads offers).
select part, taken from allotment where offer = %(offer)s and part = any(%(parts)s::text[]);

-- name: hold_customer
-- Locked before promises and allotments are, as everywhere (reads customers).
select id from customer where id = %(customer)s for share;

-- name: book
-- Asked again under its key a promise is there already: nothing is told twice.
insert into booking (promise_id, page, offer, store, starts_at, ends_at, customer_id, identity_id, state, booked_at,
                     changed_at)
values (%(promise)s, %(page)s, %(offer)s, %(store)s, %(starts_at)s, %(ends_at)s, %(customer)s, %(identity)s, 'open',
        %(now)s, %(now)s)
on conflict (promise_id) do nothing;

-- name: hold_promise
-- Of a booking, locked before it is (reads offers).
select id from promise where id = %(id)s for update;

-- name: lock_booking
select promise_id, page, offer, store, starts_at, ends_at, customer_id, state, booked_at from booking
where promise_id = %(id)s for update;

-- name: booking
select promise_id, page, offer, store, starts_at, ends_at, customer_id, state, booked_at from booking
where promise_id = %(id)s;

-- name: end_bookings
update booking set state = %(state)s, changed_at = %(now)s where promise_id = any(%(ids)s::bigint[]);

-- name: bookings_of
-- A customer's, the next first; those that are over only if asked.
select promise_id, page, offer, store, starts_at, ends_at, customer_id, state, booked_at from booking
where customer_id = %(customer)s and (%(offer)s = '' or offer = %(offer)s) and (%(over)s or state = 'open')
order by coalesce(starts_at, ends_at) desc, promise_id desc limit 100;

-- name: bookings_in
-- What a store has between these times: slots by when they begin, pieces by when they are over. Whoever is bound
-- to a store sees that one (reads staff).
select b.promise_id, b.page, b.offer, b.store, b.starts_at, b.ends_at, b.customer_id, b.state, b.booked_at
from booking b
where b.store = %(store)s and coalesce(b.starts_at, b.ends_at) >= %(since)s
  and coalesce(b.starts_at, b.ends_at) < %(until)s and b.state <> 'moved'
order by coalesce(b.starts_at, b.ends_at), b.promise_id limit %(limit)s;

-- name: works_at
-- Whether one of these accounts is of this store (reads staff).
select exists (select from staff_member m join store s on s.id = m.store_id
  where m.code = any(%(staff)s::text[]) and s.code = %(store)s);

-- name: missed
-- Those whose time is over, with what has become of their promise: a till may have taken it (reads offers). The
-- promises are locked first, as an apply does.
with held as materialized (
  select p.id, p.state from booking o join promise p on p.id = o.promise_id
  where o.state = 'open' and o.ends_at <= %(now)s
  order by o.ends_at limit %(limit)s for update of p skip locked
)
select b.promise_id, b.page, b.offer, b.store, b.starts_at, b.ends_at, b.customer_id, b.state, b.booked_at, h.state
from held h join booking b on b.promise_id = h.id where b.state = 'open'
order by b.ends_at for update of b skip locked;

-- name: booked
-- Open or missed ones of these promises, locked.
select promise_id, page, offer, store, starts_at, ends_at, customer_id, state, booked_at from booking
where promise_id = any(%(ids)s::bigint[]) and state in ('open', 'missed') order by promise_id for update;

-- name: merge_bookings
update booking t set customer_id = m.winner
from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as m (loser, winner) where t.customer_id = m.loser;

-- name: part_bookings
update booking t set customer_id = v.after
from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[]) as v (identity_id, before, after)
where t.customer_id = v.before and t.identity_id = v.identity_id;

-- name: pieces
-- An offer and what is left of its parts; '' is the whole (reads offers).
select o.title, o.terms, a.part, a.pieces, a.taken from offer o left join allotment a on a.offer = o.code
where o.code = %(offer)s order by a.part;

-- name: holdings
-- All that a customer was promised and has set aside, the latest first (reads offers). A code only where it is told.
select p.id, p.offer, o.title, p.kind, p.state, p.reason, p.amount_minor, p.expires_at,
  case when p.state in ('committed', 'fulfilled') then c.code end, b.store, b.starts_at
from promise p
left join offer o on o.code = p.offer
left join coupon_code c on c.promise_id = p.id
left join booking b on b.promise_id = p.id
where p.customer_id = %(customer)s and p.state <> 'held' and coalesce(b.state, '') <> 'moved'
order by p.promised_at desc, p.id desc limit %(limit)s;

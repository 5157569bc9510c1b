-- name: set_brand
-- One row; a second seed changes it.
insert into brand (name, time_zone, currency, region, locale)
values (%(name)s, %(time_zone)s, %(currency)s, %(region)s, %(locale)s)
on conflict (one) do update set name = excluded.name, time_zone = excluded.time_zone,
  currency = excluded.currency, region = excluded.region, locale = excluded.locale;

-- name: set_stores
-- Seeded by code, so seeding again renames and never doubles.
insert into store (code, name, region)
select * from unnest(%(codes)s::text[], %(names)s::text[], %(regions)s::text[])
on conflict (code) do update set name = excluded.name, region = excluded.region;

-- name: set_members
-- An unknown store code leaves the member with head office: `seed` has refused it before.
insert into staff_member (code, name, role, store_id, active)
select m.code, m.name, m.role, s.id, m.active
from unnest(%(codes)s::text[], %(names)s::text[], %(roles)s::text[], %(stores)s::text[], %(active)s::boolean[])
  as m (code, name, role, store, active)
left join store s on s.code = m.store
on conflict (code) do update set name = excluded.name, role = excluded.role,
  store_id = excluded.store_id, active = excluded.active,
  name_from = case when staff_member.name = excluded.name then staff_member.name_from else '' end;

-- name: named_by
-- Whoever was taken in from a carrier's members is called as they are there.
update staff_member set name_from = %(source)s where code = %(code)s;

-- name: rename
-- Only those who were taken in, and only where the name is another one now.
update staff_member m set name = n.name
from unnest(%(codes)s::text[], %(names)s::text[]) as n (code, name)
where m.code = n.code and m.name_from = %(source)s and m.name <> n.name
returning m.code;

-- name: store_codes
-- Stores are few: all of them.
select code from store;

-- name: brand
-- At most one row.
select name, time_zone, currency, region, locale from brand;

-- name: members
-- People are few: all of them, by code.
select m.code, m.name, m.role, s.code, m.active
from staff_member m left join store s on s.id = m.store_id
order by m.code;

-- name: audit
-- Append-only.
insert into audit (at, actor, action, object, reason)
values (%(now)s, %(actor)s, %(action)s, %(object)s, %(reason)s);

-- name: audit_all
insert into audit (at, actor, action, object, reason)
select %(now)s, actor, action, object, reason
from unnest(%(actors)s::text[], %(actions)s::text[], %(objects)s::text[], %(reasons)s::text[])
  with ordinality as a (actor, action, object, reason, place)
order by place;

-- name: audited
-- The latest first.
select at, actor, action, object, reason from audit order by id desc limit %(limit)s;

-- name: duties
-- Everybody who may get work of a role, when and how much; and the brand's zone, for one round trip. People
-- are few. What somebody has of their own goes before what everybody has.
select m.code, s.code, (select b.time_zone from brand b),
  (select jsonb_object_agg(r.weekday, r.hours) from staff_rota r
    where r.staff = case when exists (select from staff_rota o where o.staff = m.code) then m.code else '*' end),
  (select jsonb_object_agg(d.day, d.hours) from (
    select distinct on (day) day, hours from staff_day
    where staff in (m.code, '*') and day between %(first)s::date and %(last)s::date
    order by day, staff = '*') d),
  (select array_agg(o.since order by o.id) from staff_off o
    where o.staff = m.code and (o.until is null or o.until > %(now)s)),
  (select array_agg(o.until order by o.id) from staff_off o
    where o.staff = m.code and (o.until is null or o.until > %(now)s)),
  (select jsonb_object_agg(c.work, c.per_day) from (
    select distinct on (work) work, per_day from staff_capacity where staff in (m.code, '*')
    order by work, staff = '*') c)
from staff_member m left join store s on s.id = m.store_id
where m.active and m.role = %(role)s and (%(codes)s::text[] is null or m.code = any(%(codes)s))
order by m.code;

-- name: guides
-- Active ones by id, for a page: those of a scope, of a store.
select m.id, m.code, m.name, coalesce(s.code, ''), coalesce(s.name, '')
from staff_member m left join store s on s.id = m.store_id
where m.active and m.role = 'guide' and m.id > %(after)s
  and (%(scope)s::text[] is null or m.code = any(%(scope)s))
  and (%(store)s = '' or s.code = %(store)s)
order by m.id limit %(limit)s;

-- name: member_known
select exists (select from staff_member where code = %(code)s);

-- name: stores
select code, name, region from store order by code;

-- name: clear_rota
delete from staff_rota where staff = %(staff)s;

-- name: set_rota
insert into staff_rota (staff, weekday, hours)
select %(staff)s, weekday, hours from unnest(%(weekdays)s::smallint[], %(hours)s::text[]) as r (weekday, hours)
order by weekday;

-- name: set_day
insert into staff_day (staff, day, hours, note) values (%(staff)s, %(day)s, %(hours)s, %(note)s)
on conflict (staff, day) do update set hours = excluded.hours, note = excluded.note;

-- name: clear_day
delete from staff_day where staff = %(staff)s and day = %(day)s;

-- name: set_capacity
insert into staff_capacity (staff, work, per_day) values (%(staff)s, %(work)s, %(per_day)s)
on conflict (staff, work) do update set per_day = excluded.per_day;

-- name: clear_capacity
delete from staff_capacity where staff = %(staff)s and work = %(work)s;

-- name: go_off
insert into staff_off (staff, since, until, reason, hand_at)
values (%(staff)s, %(since)s, %(until)s, %(reason)s, %(since)s);

-- name: come_back
-- A leave that has not begun is taken away, one under way ends now.
with gone as (
  delete from staff_off where staff = %(staff)s and since >= %(now)s returning id
), ended as (
  update staff_off set until = %(now)s, hand_at = null
  where staff = %(staff)s and since < %(now)s and (until is null or until > %(now)s) returning id)
select (select count(*) from gone) + (select count(*) from ended);

-- name: claim_leaves
-- Leaves that have begun and whose tasks are not (all) handed over. Moving `hand_at` is the claim; one that
-- is over by now needs no hand-over.
with due as (
  select id from staff_off where hand_at <= %(now)s order by hand_at, id limit %(limit)s for update skip locked
), claimed as (
  update staff_off o set hand_at = case when o.until <= %(now)s then null else %(again)s end
  from due where o.id = due.id
  returning o.staff, o.hand_at)
select distinct staff from claimed where hand_at is not null order by staff;

-- name: settle_leaves
update staff_off set hand_at = null where staff = any(%(staff)s::text[]) and since <= %(now)s and hand_at is not null;

-- name: rotas
select staff, weekday, hours from staff_rota order by staff, weekday;

-- name: days
select staff, day, hours, note from staff_day where day >= %(since)s::date order by day, staff;

-- name: capacities
select staff, work, per_day from staff_capacity order by staff, work;

-- name: leaves
select staff, since, until, reason from staff_off where until is null or until > %(now)s order by staff, since;

-- name: set_approval
update brand set approve_above_people = %(people)s, approve_above_minor = %(minor)s;

-- name: approval
select approve_above_people, approve_above_minor from brand;
-- name: audit_page
select id, at, actor, action, object, reason
from (select * from audit where id > %(after)s order by id limit %(scan)s) a
where (%(action)s = '' or action = %(action)s) and (%(actor)s = '' or actor = %(actor)s)
order by id limit %(limit)s;

-- name: audit_latest
-- The latest first. By the filter that narrows most (`by`), whose index it walks; the others look at what it finds,
-- `scan` lines of it at most.
select id, at, actor, action, object, reason
from (
  (select * from audit where %(by)s = 'object' and object = %(object)s and id < %(before)s
    order by id desc limit %(scan)s)
  union all
  (select * from audit where %(by)s = 'actor' and actor = %(actor)s and id < %(before)s
    order by id desc limit %(scan)s)
  union all
  (select * from audit where %(by)s = 'action' and action = %(action)s and id < %(before)s
    order by id desc limit %(scan)s)
  union all
  (select * from audit where %(by)s = '' and id < %(before)s order by id desc limit %(scan)s)
) a
where (%(action)s = '' or action = %(action)s) and (%(actor)s = '' or actor = %(actor)s)
  and (%(object)s = '' or object = %(object)s)
  and at >= coalesce(%(since)s::timestamptz, '-infinity') and at < coalesce(%(until)s::timestamptz, 'infinity')
order by id desc limit %(limit)s;

-- name: audit_latest_end
-- The last line that such a page has looked at.
select id, at from (
  (select id, at from audit where %(by)s = 'object' and object = %(object)s and id < %(before)s
    order by id desc limit %(scan)s)
  union all
  (select id, at from audit where %(by)s = 'actor' and actor = %(actor)s and id < %(before)s
    order by id desc limit %(scan)s)
  union all
  (select id, at from audit where %(by)s = 'action' and action = %(action)s and id < %(before)s
    order by id desc limit %(scan)s)
  union all
  (select id, at from audit where %(by)s = '' and id < %(before)s order by id desc limit %(scan)s)
) a order by id limit 1;

-- name: audit_before
-- The last line before a time: a period is read back from there.
select id from audit where at < %(until)s order by at desc, id desc limit 1;

-- name: audit_end
select max(id) from (select id from audit where id > %(after)s order by id limit %(scan)s) a;

-- name: set_goal
insert into goal (kind, target, days, since, by) values (%(kind)s, %(target)s, %(days)s, %(now)s, %(by)s)
on conflict (one) do update set kind = excluded.kind, target = excluded.target, days = excluded.days,
  since = excluded.since, by = excluded.by;

-- name: goal
select kind, target, days, since, by from goal;

-- name: add_account
insert into staff_account (staff, hash, must_change, scope, place, made_at, changed_at)
values (%(staff)s, %(hash)s, %(must_change)s, %(scope)s, %(place)s, %(now)s, %(now)s)
on conflict (staff) do nothing;

-- name: set_account_scope
update staff_account set scope = %(scope)s, place = %(place)s where staff = %(staff)s;

-- name: set_password
update staff_account set hash = %(hash)s, must_change = %(must_change)s, changed_at = %(now)s
where staff = %(staff)s;

-- name: set_account_active
update staff_account set active = %(active)s where staff = %(staff)s;

-- name: place_known
select exists (select from store where case %(scope)s when 'store' then code else region end = %(place)s);

-- name: accounts
-- People are few: all who may sign in, with how often they are signed in and when they were last seen.
select a.staff, m.name, m.role, s.code, coalesce(s.region, ''), a.scope, a.place, a.active and m.active,
  a.must_change, a.made_at, a.changed_at,
  (select count(*) from staff_session n where n.staff = a.staff and n.ends_at > %(real)s and n.seen_at > %(idle)s),
  (select max(n.seen_at) from staff_session n where n.staff = a.staff)
from staff_account a join staff_member m on m.code = a.staff left join store s on s.id = m.store_id
where %(staff)s::text is null or a.staff = %(staff)s
order by a.staff;

-- name: sign_in_hash
-- Of somebody who works here still, and whose account is on.
select a.hash from staff_account a join staff_member m on m.code = a.staff
where a.staff = %(staff)s and a.active and m.active;

-- name: count_attempt
-- One more, unless it is locked: then no row. How long the next one has to wait goes by how many there were;
-- counting before the password is looked at, since of a thousand tries at once none may be free. A try that need not
-- wait locks nobody out, not one either that began a moment before it.
insert into sign_in_attempt as a (key, tries, tried_at, locked_until)
values (%(key)s, 1, %(real)s, %(real)s)
on conflict (key) do update set tried_at = excluded.tried_at,
  tries = case when a.tried_at < %(since)s then 1 else a.tries + 1 end,
  locked_until = excluded.tried_at + interval '1 second' * case when a.tried_at < %(since)s then 0 else
    (%(waits)s::integer[])[least(a.tries + 1, cardinality(%(waits)s::integer[]))] end
where a.locked_until <= greatest(%(real)s, a.tried_at)
returning tries;

-- name: locked_until
select locked_until from sign_in_attempt where key = %(key)s;

-- name: sign_in_worked
-- The account begins anew.
delete from sign_in_attempt where key = %(account)s;

-- name: try_back
-- An address only gets this try back: who has one account may guess at others.
update sign_in_attempt set tries = greatest(tries - 1, 0), locked_until = tried_at where key = %(address)s;

-- name: forget_attempts
-- So that strangers who make up codes fill no disk.
delete from sign_in_attempt where tried_at < %(since)s;

-- name: begin_session
insert into staff_session (hash, staff, made_at, seen_at, ends_at, by)
values (%(hash)s, %(staff)s, %(real)s, %(real)s, %(ends)s, %(by)s);

-- name: session
-- Who is signed in by it, as they are now: role, store and scope hold from the next request on. Whom a carrier named
-- has used no password, and so has none to change.
select m.code, m.name, m.role, s.code, s.name, coalesce(s.region, ''), a.scope, a.place,
  a.must_change and n.by = '', n.seen_at
from staff_session n join staff_account a on a.staff = n.staff
join staff_member m on m.code = n.staff left join store s on s.id = m.store_id
where n.hash = %(hash)s and n.ends_at > %(real)s and n.seen_at > %(idle)s and a.active and m.active;

-- name: session_seen
update staff_session set seen_at = %(real)s where hash = %(hash)s;

-- name: end_session
delete from staff_session where hash = %(hash)s;

-- name: end_sessions_of
delete from staff_session where staff = any(%(staff)s::text[]);

-- name: forget_sessions
delete from staff_session where ends_at <= %(real)s;

-- name: scope_codes
-- All who ever worked there: the customers of somebody who left are still the store's.
select m.code from staff_member m join store s on s.id = m.store_id
where case %(scope)s when 'store' then s.code else s.region end = %(place)s;

-- name: clear_traffic
delete from store_traffic where store = any(%(stores)s::text[]);

-- name: set_traffic
insert into store_traffic (store, weekday, hour, visitors)
select * from unnest(%(stores)s::text[], %(weekdays)s::smallint[], %(hours)s::smallint[], %(visitors)s::int[]);

-- name: traffic
select store, weekday, hour, visitors from store_traffic where store = any(%(stores)s::text[]);

-- name: set_credit
insert into credit_rule (rule, days, since, by) values (%(rule)s, %(days)s, %(now)s, %(by)s)
on conflict (one) do update set rule = excluded.rule, days = excluded.days, since = excluded.since, by = excluded.by;

-- name: credit
select rule, days from credit_rule;

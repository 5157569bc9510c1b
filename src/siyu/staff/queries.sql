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
  store_id = excluded.store_id, active = excluded.active;

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

-- name: audited
-- The latest first.
select at, actor, action, object, reason from audit order by id desc limit %(limit)s;

-- name: audit_page
select id, at, actor, action, object, reason
from (select * from audit where id > %(after)s order by id limit %(scan)s) a
where (%(action)s = '' or action = %(action)s) and (%(actor)s = '' or actor = %(actor)s)
order by id limit %(limit)s;

-- name: audit_end
select max(id) from (select id from audit where id > %(after)s order by id limit %(scan)s) a;

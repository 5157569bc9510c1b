-- name: shelve
-- What is known of each, whatever it says. What was retired and is brought anew is in use again.
insert into material (code, channel, kind, title, tags, owner, valid_from, valid_until, playbook)
select code, channel, kind, title, array(select jsonb_array_elements_text(tags::jsonb)), owner, valid_from, valid_until,
  %(playbook)s
from unnest(%(codes)s::text[], %(channels)s::text[], %(kinds)s::text[], %(titles)s::text[], %(tags)s::text[],
  %(owners)s::text[], %(valid_from)s::date[], %(valid_until)s::date[])
  as t (code, channel, kind, title, tags, owner, valid_from, valid_until)
order by code
on conflict (code) do update
set channel = excluded.channel, kind = excluded.kind, title = excluded.title, tags = excluded.tags,
  owner = excluded.owner, valid_from = excluded.valid_from, valid_until = excluded.valid_until,
  playbook = excluded.playbook, retired_at = null, retired_by = '';

-- name: write
-- A new version of each that says something else than its newest; it takes effect at the next sending.
-- The rows of `shelve` are locked by now, so no two count from the same version.
with newest as (
  select distinct on (code) code, version, digest from material_version
  where code = any(%(codes)s::text[]) order by code, version desc
), fresh as (
  insert into material_version (code, version, digest, state, made_by, made_at)
  select s.code, coalesce(n.version, 0) + 1, s.digest, %(state)s, %(by)s, %(at)s
  from unnest(%(codes)s::text[], %(digests)s::text[]) as s (code, digest)
  left join newest n on n.code = s.code
  where n.digest is distinct from s.digest
  returning code, version
), said as (
  insert into material_text (code, version, locale, variant, weight, body, variables, links, form)
  select f.code, f.version, t.locale, t.variant, t.weight, t.body, t.variables::jsonb, t.links::jsonb, t.form::jsonb
  from unnest(%(of)s::text[], %(locales)s::text[], %(variants)s::text[], %(weights)s::int[], %(bodies)s::text[],
    %(variables)s::text[], %(links)s::text[], %(forms)s::text[])
    as t (code, locale, variant, weight, body, variables, links, form)
  join fresh f on f.code = t.code
)
select code, version from fresh order by code;

-- name: shelf
-- Of each of these (null: of all) the version in force: the newest approved one, or where nobody needs to
-- review it the newest that was not refused; without one the newest at all, which is not sent.
select m.code, v.version, m.valid_from, m.valid_until, m.retired_at is not null, v.fit,
  t.locale, m.channel, t.body, t.variables, m.title, m.kind, t.variant, t.weight, t.links, t.form
from material m
cross join lateral (
  select version, state = any(%(states)s::text[]) as fit from material_version v
  where v.code = m.code order by state = any(%(states)s::text[]) desc, version desc limit 1) v
join material_text t on t.code = m.code and t.version = v.version
where %(codes)s::text[] is null or m.code = any(%(codes)s::text[])
order by m.code, t.locale, t.variant;

-- name: about
select m.code, m.channel, m.kind, m.title, m.tags, m.owner, m.valid_from, m.valid_until, m.playbook, m.retired_at,
  m.retired_by, v.version, v.state, v.made_by, v.made_at
from material m
cross join lateral (
  select * from material_version v where v.code = m.code order by version desc limit 1) v
where (%(code)s = '' or m.code = %(code)s) and (%(kind)s = '' or m.kind = %(kind)s)
  and (%(tag)s = '' or %(tag)s = any(m.tags)) and (%(state)s = '' or v.state = %(state)s)
  and (%(retired)s or m.retired_at is null)
order by m.code;

-- name: versions
select version, state, made_by, made_at, decided_by, decided_at, why from material_version
where code = %(code)s order by version desc;

-- name: texts
select t.code, t.locale, m.channel, t.body, t.variables, m.title, m.kind, t.variant, t.weight, t.links, t.form
from material_text t join material m on m.code = t.code
where t.code = %(code)s and t.version = %(version)s order by t.locale, t.variant;

-- name: review
update material_version set state = %(state)s, decided_by = %(by)s, decided_at = %(now)s, why = %(why)s
where code = %(code)s and version = %(version)s and state = any(%(from)s::text[]);

-- name: retire
update material set retired_at = %(now)s, retired_by = %(by)s where code = %(code)s and retired_at is null;

-- name: intercepted
select word, allowed from intercept_word order by word;

-- name: intercept
insert into intercept_word (word, allowed, by, at) values (%(word)s, %(allowed)s, %(by)s, %(now)s)
on conflict (word) do update set allowed = excluded.allowed, by = excluded.by, at = excluded.at;

-- name: owners
-- Which of these belong to a playbook.
select code, playbook from material where code = any(%(codes)s::text[]) and playbook <> %(own)s order by code;

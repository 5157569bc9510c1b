-- name: installed
select code, digest, installed_at from playbook order by code;

-- name: install
-- The digest tells whether the files have changed since.
insert into playbook (code, digest, installed_at) values (%(code)s, %(digest)s, %(now)s)
on conflict (code) do update set digest = excluded.digest, installed_at = excluded.installed_at;

-- name: taken
-- Codes that another playbook has brought, or the brand has of its own: read here, across the rooms, so that one answer
-- names all. A segment that this playbook once brought is its, whoever has edited it since.
select 'source' as what, code, playbook from source
where code = any(%(sources)s::text[]) and playbook <> %(playbook)s
union all
select 'offer', code, playbook from offer
where code = any(%(offers)s::text[]) and playbook <> %(playbook)s
union all
select distinct 'material', code, playbook from material
where code = any(%(materials)s::text[]) and playbook <> %(playbook)s
union all
select 'journey', code, playbook from journey
where code = any(%(journeys)s::text[]) and playbook not in (%(playbook)s, 'own')
union all
select 'segment', s.code, coalesce(max(substring(v.set_by from 'playbook:(.*)')), 'own')
from segment s join segment_version v on v.segment_id = s.id
where s.code = any(%(segments)s::text[]) group by s.code having not bool_or(v.set_by = %(owner)s)
union all
select 'tag rule', code, coalesce(substring(set_by from 'playbook:(.*)'), 'own') from tag_rule
where code = any(%(rules)s::text[]) and set_by <> %(owner)s
order by 1, 2;

-- name: scopes
-- A draw is a journey's own, or that of its playbook (reads journeys).
select code from journey union select 'playbook:' || code from playbook order by 1;

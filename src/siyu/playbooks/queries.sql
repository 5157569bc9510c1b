-- name: installed
select code, digest, installed_at from playbook order by code;

-- name: install
-- The digest tells whether the files have changed since.
insert into playbook (code, digest, installed_at) values (%(code)s, %(digest)s, %(now)s)
on conflict (code) do update set digest = excluded.digest, installed_at = excluded.installed_at;

-- name: taken
-- Codes that another playbook has brought: read here, across three rooms, so that one answer names all.
select 'source' as what, code, playbook from source
where code = any(%(sources)s::text[]) and playbook <> %(playbook)s
union all
select 'offer', code, playbook from offer
where code = any(%(offers)s::text[]) and playbook <> %(playbook)s
union all
select distinct 'material', code, playbook from material
where code = any(%(materials)s::text[]) and playbook <> %(playbook)s
order by 1, 2;

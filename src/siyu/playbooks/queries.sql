-- name: installed
select code, digest, installed_at from playbook order by code;

-- name: install
-- The digest tells whether the files have changed since.
insert into playbook (code, digest, installed_at) values (%(code)s, %(digest)s, %(now)s)
on conflict (code) do update set digest = excluded.digest, installed_at = excluded.installed_at;

-- name: install
-- The texts of a playbook, all languages in one statement; an update takes effect at the next sending.
insert into material (code, locale, channel, body, variables, title, playbook)
select code, locale, channel, body, variables::jsonb, title, %(playbook)s
from unnest(%(codes)s::text[], %(locales)s::text[], %(channels)s::text[], %(bodies)s::text[],
            %(variables)s::text[], %(titles)s::text[]) as t(code, locale, channel, body, variables, title)
on conflict (code, locale) do update
set channel = excluded.channel, body = excluded.body, variables = excluded.variables,
    title = excluded.title, playbook = excluded.playbook;

-- name: materials
-- Both languages of each: who asks may need the other one.
select code, locale, channel, body, variables, title from material
where code = any(%(codes)s::text[]) order by code, locale;

-- name: listing
select code, locale, channel, body, variables, title from material order by code, locale;

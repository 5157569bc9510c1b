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
select p.code, p.kind, v.text, p.version, v.set_by, v.set_at, p.retired_at, coalesce(c.given, 0), coalesce(c.friends, 0)
from page p
join page_version v on v.code = p.code and v.version = p.version
left join lateral (
  select count(*) as given, count(m.identity_id) as friends from entry_state e
  left join friend_match m on m.state_hash = e.state_hash
  where e.page = p.code) c on true
where (%(code)s = '' or p.code = %(code)s) and (%(retired)s or p.retired_at is null)
order by p.code;

-- name: subject
-- A key of the customer's own by which a fact is about them (reads identities).
select kind, hash, id from identity
where customer_id = %(customer)s and kind in ('external_userid', 'unionid', 'phone', 'buyer', 'member')
  and wrong_since is null
order by id limit 1;

-- name: recipient
-- Whom a touch was for (reads the outbox).
select customer_id from touch where id = %(touch)s;

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

-- name: installed
-- It runs while one of its journeys lets somebody in (reads journeys).
select p.code, p.digest, p.installed_at, p.settings, p.started_at, p.started_by, p.stopped_at,
  coalesce(j.codes, '{}'), coalesce(j.open, '{}'), j.pilot, p.staff, p.shops
from playbook p
left join lateral (
  select array_agg(code order by code) as codes, array_agg(code order by code) filter (where published_version is not null) as open,
    max(pilot_most) as pilot
  from journey where playbook = p.code) j on true
order by p.code;

-- name: start
update playbook set settings = %(settings)s::jsonb, started_at = %(now)s, started_by = %(by)s, stopped_at = null
where code = %(code)s;

-- name: stopped
update playbook set stopped_at = %(now)s where code = %(code)s;

-- name: lock
select code from playbook where code = %(code)s for update;

-- name: greets
-- Other playbooks that run and greet whoever adds us: WeCom takes one greeting per add (reads journeys, content).
select distinct j.playbook from journey j join material m on m.playbook = j.playbook
where j.published_version is not null and j.playbook <> %(code)s and m.channel = %(channel)s and m.retired_at is null
order by 1;

-- name: heard
-- Which of these kinds was heard since then (reads events).
select k.kind from unnest(%(kinds)s::text[]) as k (kind)
where exists (select from event e where e.kind = k.kind and e.received_at >= %(since)s);

-- name: install
-- The digest tells whether the files have changed since.
insert into playbook (code, digest, installed_at, outcome_event, outcome_data, outcome_seconds)
values (%(code)s, %(digest)s, %(now)s, %(event)s, %(data)s::jsonb, %(seconds)s)
on conflict (code) do update set digest = excluded.digest, installed_at = excluded.installed_at,
  outcome_event = excluded.outcome_event, outcome_data = excluded.outcome_data, outcome_seconds = excluded.outcome_seconds;

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

-- name: journeys_of
select code from journey where playbook = %(code)s order by code;

-- name: seen
-- A brand's year, of orders that stand: a few looks over the orders of a year (reads commerce, customers, content).
with year as materialized (
  select customer_id, shop, paid_at, total_minor - refunded_minor as net from orders
  where state = 'paid' and currency = %(currency)s and paid_at > %(now)s::timestamptz - interval '455 days' and paid_at <= %(now)s
), lately as (
  select * from year where paid_at > %(now)s::timestamptz - interval '365 days'
), firsts as (
  select customer_id, min(paid_at) as at from orders
  where state = 'paid' and customer_id is not null group by customer_id
  having min(paid_at) > %(now)s::timestamptz - interval '270 days' and min(paid_at) <= %(now)s::timestamptz - interval '90 days'
)
select (select count(distinct customer_id) from lately), (select count(*) from lately),
  (select coalesce(sum(net), 0)::bigint from lately),
  (select coalesce(avg((exists (select from store s where s.code = l.shop))::int), 0)::float8 from lately l),
  (select count(*) from store),
  (select count(distinct customer_id) from friendship where state = 'live'),
  (select sum(net)::bigint from year where paid_at <= %(now)s::timestamptz - interval '365 days'),
  (select coalesce(sum(net), 0)::bigint from year where paid_at > %(now)s::timestamptz - interval '90 days'),
  (select count(*) from firsts),
  (select count(*) from firsts f where exists (select from orders o where o.customer_id = f.customer_id
    and o.state = 'paid' and o.paid_at > f.at and o.paid_at < f.at + interval '90 days')),
  (select count(*) from material where retired_at is null),
  (select max(paid_at) from orders),
  (select coalesce(%(now)s::date - min(paid_at)::date, 0) from lately),
  (select count(*) from (select customer_id from lately where customer_id is not null group by customer_id
    having max(paid_at) <= %(now)s::timestamptz - make_interval(days => %(old)s::int)) o
    where not exists (select from friendship f where f.customer_id = o.customer_id));

-- name: some_buyers
-- Whose orders stand for all: dealt by their number, so that nobody chooses them.
select distinct customer_id from orders
where paid_at > %(since)s and currency = %(currency)s and customer_id is not null and state = 'paid'
order by customer_id limit %(most)s;

-- name: categories
-- As the lines of the latest orders call them (reads commerce).
select distinct i.category
from (select id from orders where paid_at > %(since)s order by paid_at desc, id desc limit 5000) o
join order_item i on i.order_id = o.id
where i.category <> '' order by 1 limit 200;

-- name: friends_of
-- How many live friends each of these guides has, up to so many (reads customers).
select g.code, f.many from unnest(%(staff)s::text[]) as g (code), lateral (
  select count(*) as many from (
    select from friendship where staff = g.code and state = 'live' limit %(most)s) s) f;

-- name: choose
update playbook set staff = %(staff)s::text[], shops = %(shops)s::text[] where code = %(code)s;

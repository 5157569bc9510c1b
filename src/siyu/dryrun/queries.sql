-- Everything of a dry run lives in the schema `siyu_dry`, which the product's own migrations have made. Statements
-- `copy_…`, and those about `dry_run` at the end, run where the brand's tables are found by their bare names; all others
-- inside of it, where its own are.

-- name: make
create schema siyu_dry;

-- name: drop
drop schema if exists siyu_dry cascade;

-- name: wipe
-- As the migrations have made it: whatever has been written to is emptied, and every number begins anew. Quicker than
-- making it anew, which takes most of a second. Most tables were never touched: they have no size. No trigger tells of a deletion.
do $$
declare
  item record;
  filled boolean;
begin
  for item in
    select c.oid::regclass::text as name, pg_total_relation_size(c.oid) as size from pg_class c
    where c.relnamespace = 'siyu_dry'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> 'schema_migration' and (c.relkind = 'p' or pg_relation_size(c.oid) > 0)
  loop
    execute 'select exists (select from ' || item.name || ')' into filled;
    if item.size > 2000000 then execute 'truncate ' || item.name;
    elsif filled then execute 'delete from ' || item.name;
    end if;
  end loop;
  perform setval(s.seqrelid, s.seqstart, false) from pg_sequence s join pg_class c on c.oid = s.seqrelid
  where c.relnamespace = 'siyu_dry'::regnamespace and pg_sequence_last_value(s.seqrelid) is not null;
end $$;

-- name: where
select current_schema();

-- name: quiet
-- No lake follows it.
drop function if exists lake_hears, lake_hears_parcels, lake_hears_entries, lake_hears_one, lake_hears_one_parcel,
  lake_hears_one_entry, lake_hears_pointers, lake_hears_house cascade;

-- name: copy_rules
-- What the brand has set, as it is today; but nobody has to approve a dry run, and texts are tried over days on
-- which they are not valid yet, or not any more.
with a as (insert into siyu_dry.brand (name, time_zone, currency, region, locale)
    select name, time_zone, currency, region, locale from brand),
  b as (insert into siyu_dry.store overriding system value select * from store),
  c as (insert into siyu_dry.staff_member overriding system value select * from staff_member),
  d as (insert into siyu_dry.staff_rota select * from staff_rota),
  e as (insert into siyu_dry.staff_day select * from staff_day),
  f as (insert into siyu_dry.staff_capacity select * from staff_capacity),
  g as (insert into siyu_dry.price select * from price),
  h as (insert into siyu_dry.shop overriding system value select * from shop),
  i as (insert into siyu_dry.warehouse select * from warehouse),
  j as (insert into siyu_dry.material (code, channel, kind, title, playbook, retired_at)
    select code, channel, kind, title, playbook, retired_at from material),
  x as (insert into siyu_dry.material_version (code, version, digest, state, made_by)
    select code, version, digest, case state when 'refused' then state else 'approved' end, made_by
    from material_version),
  y as (insert into siyu_dry.material_text select * from material_text),
  k as (insert into siyu_dry.offer select * from offer),
  l as (insert into siyu_dry.gift_stock select * from gift_stock),
  v as (insert into siyu_dry.allotment select * from allotment),
  w as (insert into siyu_dry.coupon_code (offer, code)  -- as many as are free, but not those themselves
    select offer, id::text from coupon_code where promise_id is null order by id),
  m as (insert into siyu_dry.source select * from source),
  n as (insert into siyu_dry.channel_code select * from channel_code),
  o as (insert into siyu_dry.cap select * from cap),
  p as (insert into siyu_dry.quota select * from quota),
  aa as (insert into siyu_dry.holdout_share select * from holdout_share),
  q as (insert into siyu_dry.pace select * from pace),
  r as (insert into siyu_dry.quiet_hours select * from quiet_hours),
  s as (insert into siyu_dry.shop_policy select * from shop_policy),
  t as (insert into siyu_dry.segment overriding system value
    select id, code, version, layer, false, retired_at from segment),
  gc as (insert into siyu_dry.group_chat select * from group_chat),
  ga as (insert into siyu_dry.group_apart select * from group_apart),
  u as (insert into siyu_dry.segment_version select * from segment_version),
  z as (insert into siyu_dry.tag_rule select * from tag_rule),
  ab as (insert into siyu_dry.size_stock select * from size_stock)  -- as it is today: of then nobody knows sizes
insert into siyu_dry.task_rules select * from task_rules;

-- name: copy_people
-- Who everybody is, as it is known today; of a share of all customers nobody else is there to be chosen.
with a as (insert into siyu_dry.identity overriding system value select * from identity),
  b as (insert into siyu_dry.customer select * from customer
    where %(of_1024)s = 1024 or (hashtextextended(id::text, 0) & 1023) < %(of_1024)s),
  c as (insert into siyu_dry.customer_date select * from customer_date),
  f as (insert into siyu_dry.customer_child select * from customer_child),
  g as (insert into siyu_dry.child_consent select * from child_consent),
  d as (insert into siyu_dry.identity_merge overriding system value select * from identity_merge),
  e as (insert into siyu_dry.identity_split overriding system value select * from identity_split)
insert into siyu_dry.identity_knot select * from identity_knot;

-- name: look_into_vault
-- Personal data are not copied: whoever is erased meanwhile is erased here.
drop table siyu_dry.vault_key, siyu_dry.vault_item;
create view siyu_dry.vault_key as select * from vault_key;
create view siyu_dry.vault_item as select * from vault_item;

-- name: copy_orders
-- As they stood then: what was taken back later is not taken back yet.
with past as (
  select o.*, coalesce(r.back, 0) as back, coalesce(r.gone, false) as gone from orders o
  left join (select order_id, sum(amount_minor) as back, bool_or(whole) as gone from refund
    where refunded_at < %(since)s and order_id is not null group by order_id) r on r.order_id = o.id
  where o.paid_at < %(since)s
), a as (
  insert into siyu_dry.orders overriding system value
  select id, shop, order_no, identity_id, customer_id, pointer,
    case when state = 'paid' or back = 0 and not gone then 'paid' when gone then 'cancelled'
      when back >= total_minor then 'refunded' else 'paid' end,
    paid_at, source, source_id, currency, total_minor, back, synthetic, event_id
  from past
), b as (
  insert into siyu_dry.order_item
  select i.* from order_item i join past on past.id = i.order_id
), c as (
  insert into siyu_dry.order_itemised select * from order_itemised where told_at < %(since)s
), d as (
  insert into siyu_dry.payment overriding system value select * from payment where paid_at < %(since)s
)
insert into siyu_dry.refund overriding system value select * from refund where refunded_at < %(since)s;

-- name: copy_parcels
-- Those that were planned by then; a cut-off still to come is decided in the dry run.
with past as (
  select * from parcel where planned_at < %(since)s
), a as (
  insert into siyu_dry.parcel overriding system value
  select id, parcel_no, warehouse, shop, main_order_no, cutoff_at, planned_at, planned_source, planned_source_id,
    case when packed_at < %(since)s then packed_at end, case when packed_at < %(since)s then packed_gift end,
    case when packed_at < %(since)s then packed_card end, case when shipped_at < %(since)s then shipped_at end, synthetic
  from past
), b as (
  insert into siyu_dry.parcel_order select o.* from parcel_order o join past on past.id = o.parcel_id
), c as (
  insert into siyu_dry.parcel_decision overriding system value
  select d.* from parcel_decision d join past on past.id = d.parcel_id where d.frozen_at < %(since)s
)
insert into siyu_dry.parcel_due
select id, cutoff_at from past where cutoff_at >= %(since)s and (packed_at is null or packed_at >= %(since)s);

-- name: copy_relations
-- Friendships, groups, tags, consents and complaints as they stood then, as far as their times tell.
with a as (
  insert into siyu_dry.friendship overriding system value
  select id, identity_id, customer_id, staff, carrier,
    case when deleted_at >= %(since)s then 'live' else state end, first_added_at, least(added_at, %(since)s),
    case when deleted_at < %(since)s then deleted_at end, way, least(changed_at, %(since)s), changed_source,
    changed_source_id
  from friendship where first_added_at < %(since)s
), b as (
  insert into siyu_dry.group_member overriding system value
  select id, identity_id, customer_id, carrier, chat, joined_at, case when left_at < %(since)s then left_at end, way,
    purpose
  from group_member where joined_at < %(since)s
), c as (
  insert into siyu_dry.tag overriding system value select * from tag where tagged_at < %(since)s
), d as (
  insert into siyu_dry.consent select * from consent where changed_at < %(since)s
), h as (
  insert into siyu_dry.complaint overriding system value
  select id, identity_id, customer_id, complaint, shop, order_no, opened_at,
    case when closed_at < %(since)s then closed_at end
  from complaint where opened_at < %(since)s
), e as (
  insert into siyu_dry.friend_match select * from friend_match where added_at < %(since)s
), f as (
  insert into siyu_dry.code_issue overriding system value select * from code_issue where issued_at < %(since)s
), g as (
  insert into siyu_dry.holdout select * from holdout where assigned_at < %(since)s
)
insert into siyu_dry.suppression
select * from suppression where since < %(since)s
union all
select customer_id, '*', 'promotion', 'open_complaint', min(opened_at), null, identity_id from complaint
where opened_at < %(since)s and closed_at >= %(since)s group by customer_id, identity_id
on conflict do nothing;

-- name: copy_touches
-- What people had of us in the two months before: caps count it.
insert into siyu_dry.touch overriding system value
select * from touch
where sent_at >= %(since)s - interval '62 days' and sent_at < %(since)s
  and state in ('sent', 'delivered', 'read', 'replied', 'failed');

-- name: copy_facts
-- What happened in the period but for what followed from touches of ours, each laid on the end of its cell of
-- `grid` seconds (the order within a cell is kept), so that time goes in steps and nothing comes too late. History
-- that was brought in counts like what was heard at its time. Who became a friend by a touch of ours does so by the
-- rates, not again.
insert into siyu_dry.event (id, source, source_id, kind, occurred_at, received_at, backfill, data)
select e.id, e.source, e.source_id, e.kind,
  c.cell - make_interval(secs => greatest(0, extract(epoch from c.cell - e.occurred_at) / %(grid)s)::float8), c.cell, false, e.data
from event e
left join event_subject s on s.event_id = e.id
left join identity i on i.id = s.identity_id
cross join lateral (
  select least(to_timestamp(ceil(extract(epoch from e.occurred_at) / %(grid)s) * %(grid)s),
    %(until)s::timestamptz - interval '1 second') as cell) c
where e.occurred_at >= %(since)s and e.occurred_at < %(until)s and e.source <> %(ours)s and e.kind = any(%(kinds)s::text[])
  and not (e.kind = 'friend.added' and exists (select from friend_match m
    where m.customer_id = i.customer_id and m.added_at = e.occurred_at and m.journey <> ''))
  and (i.customer_id is null or (hashtextextended(i.customer_id::text, 0) & 1023) < %(of_1024)s);

-- name: copy_numbers
-- New rows get numbers that none of the brand's has.
select setval(('siyu_dry.' || quote_ident(d.sequencename))::regclass, coalesce(m.last_value, 1))
from pg_sequences d join pg_sequences m using (sequencename)
where d.schemaname = 'siyu_dry' and m.schemaname = current_schema();

-- name: copy_texts
-- The journeys that run today, as they are published.
select j.code, v.text, j.playbook from journey j
join journey_version v on v.journey_id = j.id and v.version = j.published_version
order by j.id;

-- name: analyze
analyze siyu_dry.identity, siyu_dry.customer, siyu_dry.orders, siyu_dry.order_item, siyu_dry.friendship, siyu_dry.tag,
  siyu_dry.consent, siyu_dry.touch, siyu_dry.event, siyu_dry.holdout;

-- name: facts
-- The steps of the period at which something happened.
select received_at, count(*) from event group by received_at order by received_at;

-- name: tell
-- Now it is heard.
insert into siyu_dry.event_pending (event_id, received_at, bucket)
select id, received_at, 0 from event where received_at = %(at)s and source <> %(ours)s order by occurred_at, id;

-- name: index_facts
create index replayed on event (received_at);

-- name: invited
-- By what these touches reach whom, and the code on their link: whoever adds us comes by it.
select t.id, t.channel, i.kind, i.hash, c.state_hash, coalesce(k.staff, ''),
  exists (select from friendship f where f.customer_id = t.customer_id and f.state = 'live')
from touch t
join identity i on i.id = t.identity_id
left join code_issue c on c.state_code = t.state_code and t.state_code <> ''
left join channel_code k on k.code = c.channel_code
where t.id = any(%(touches)s::bigint[]);

-- name: tasks
-- What people have to do, the most urgent first.
select id, touch_id, kind, staff, customer_id, shop, order_no from task
where state = 'open' and reported_at is null order by due_at, id;

-- name: counted
-- Of the journey that is tried: what could have started a visit, who came in.
select (select count(*) from event where source <> %(ours)s),
  (select count(*) from journey_entry e where e.journey_id = j.id),
  count(v.id), count(distinct v.customer_id), count(v.id) filter (where v.held_out), count(v.id) filter (where v.state = 2),
  (select count(*) from friend_match m where m.journey = j.code and m.added_at >= %(since)s)
from journey j left join visit v on v.journey_id = j.id
where j.code = %(code)s group by j.id, j.code;

-- name: refused
select e.reason, count(*) from journey_entry e join journey j on j.id = e.journey_id
where j.code = %(code)s and e.outcome = 'refused' group by e.reason order by count(*) desc, e.reason;

-- name: entered_by_day
select (v.entered_at at time zone %(zone)s)::date, count(*) from visit v join journey j on j.id = v.journey_id
where j.code = %(code)s group by 1;

-- name: minutes_by_day
select (e.occurred_at at time zone %(zone)s)::date, sum(e.quantity)::bigint from ledger_entry e
where e.journey = %(code)s and e.kind = 'staff_minute' group by 1;

-- name: steps
-- A touch that fell after it was sent (called back) had been sent.
select t.step, t.channel, count(*), count(*) filter (where t.sent_at is not null),
  count(*) filter (where t.state = 'withheld'),
  count(*) filter (where t.sent_at is null and t.state in ('wished', 'owed', 'leased', 'unknown', 'awaiting_staff')),
  count(*) filter (where t.state in ('delivered', 'read', 'replied') and t.outcome <> 'no_answer'),
  coalesce((select sum(l.amount_minor) from ledger_entry l where l.journey = %(code)s and l.step = t.step), 0)::bigint
from touch t where t.journey = %(code)s and t.wished_at >= %(since)s
group by t.step, t.channel order by min(t.id);

-- name: withheld
-- By which journey's touch, where one of another mattered more.
select t.step, t.channel, t.reason, count(*), coalesce(b.journey, '')
from touch t
left join lateral (select o.journey from ruling r join touch o on o.id = r.by_touch
  where r.touch_id = t.id and r.by_touch is not null order by r.id desc limit 1) b on true
where t.journey = %(code)s and t.state = 'withheld' and t.wished_at >= %(since)s
group by t.step, t.channel, t.reason, b.journey order by count(*) desc, t.step, t.reason;

-- name: collisions
-- Other journeys with the same people at the same time, and the touches of one that made way for the other's.
with mine as (
  select v.customer_id, v.entered_at, coalesce(v.ended_at, 'infinity') as ended_at
  from visit v join journey j on j.id = v.journey_id where j.code = %(code)s
), met as (
  select j.code as journey, count(distinct v.customer_id) as customers
  from mine m join visit v on v.customer_id = m.customer_id and v.entered_at <= m.ended_at
    and coalesce(v.ended_at, 'infinity') >= m.entered_at
  join journey j on j.id = v.journey_id where j.code <> %(code)s group by j.code
), gave as (
  select o.journey, count(distinct t.id) as gave_way
  from touch t join ruling r on r.touch_id = t.id join touch o on o.id = r.by_touch
  where t.journey = %(code)s and o.journey <> %(code)s group by o.journey
), took as (
  select t.journey, count(distinct t.id) as took
  from touch o join ruling r on r.by_touch = o.id join touch t on t.id = r.touch_id
  where o.journey = %(code)s and t.journey <> %(code)s group by t.journey
)
select coalesce(m.journey, g.journey, k.journey), coalesce(m.customers, 0), coalesce(g.gave_way, 0), coalesce(k.took, 0)
from met m full join gave g on g.journey = m.journey full join took k on k.journey = coalesce(m.journey, g.journey)
order by 2 desc, 1;

-- name: given
-- What its visits were promised, or had set aside, by offer.
select p.offer, count(*) from promise p join visit v on v.id = p.visit_id join journey j on j.id = v.journey_id
where j.code = %(code)s and p.promised_at >= %(since)s and p.state <> 'revoked' group by p.offer order by p.offer;

-- name: experience
-- What the brand's own touches of a channel did in the half year before: handed over, reached, added by them within
-- three days, refused; seconds of an answered call, minutes of a task; how calls were graded.
select t.channel, count(*),
  count(*) filter (where t.state in ('delivered', 'read', 'replied') and t.outcome not in ('no_answer', 'wrong_person')),
  count(*) filter (where m.identity_id is not null),
  count(*) filter (where t.outcome in ('refused', 'do_not_call')),
  avg(t.seconds) filter (where t.seconds > 0), avg(k.minutes) filter (where k.state = 'done'),
  jsonb_build_object('A', count(*) filter (where t.intent = 'A'), 'B', count(*) filter (where t.intent = 'B'),
    'C', count(*) filter (where t.intent = 'C'), 'D', count(*) filter (where t.intent = 'D'),
    'E', count(*) filter (where t.intent = 'E'), 'F', count(*) filter (where t.intent = 'F'))
from touch t
left join task k on k.touch_id = t.id
left join lateral (select f.identity_id from friend_match f
  where f.customer_id = t.customer_id and f.journey = t.journey and f.step = t.step
    and f.added_at >= t.sent_at and f.added_at < t.sent_at + interval '3 days' limit 1) m on true
where t.sent_at >= %(since)s - interval '180 days' and t.sent_at < %(since)s
group by t.channel;

-- name: named
-- Who has this account: the people of a story.
select customer_id from identity where kind = 'external_userid' and hash = %(hash)s;

-- name: latest
-- The latest touch of somebody's that is of this step, or says this.
select id from touch where customer_id = %(customer)s and %(touch)s in (step, material) order by id desc limit 1;

-- name: went
-- What became of every touch of a story, in the order in which they went out.
select t.customer_id, t.journey, t.step, t.material, t.channel, t.state, t.reason, coalesce(k.created_at, t.sent_at),
  t.wished_at
from touch t left join task k on k.touch_id = t.id order by coalesce(k.created_at, t.sent_at, t.wished_at), t.id;

-- name: came_to
-- Which tags people carry, how their visits ended, and what their parcels carry.
select customer_id, 'tagged', name, tagged_at from tag where not over
union all
select customer_id, 'ends', outcome, ended_at from visit where ended_at is not null
union all
select customer_id, 'packs', content, frozen_at from parcel_decision where customer_id is not null order by 4;

-- name: stuck
select j.code, v.node, v.error from visit v join journey j on j.id = v.journey_id where v.state = 2 order by v.id;

-- name: unread
select e.kind, e.source_id, p.error from event_pending p join event e on e.id = p.event_id where p.error is not null;

-- name: not_taken
-- What people answered here and could not be applied; the brand's own parked events were so without us.
select e.kind, p.error from event_pending p join event e on e.id = p.event_id
where p.error is not null and e.source = %(ours)s order by e.id limit 1;

-- name: ask
-- Unless too many wait already.
insert into dry_run (journey, text, since, until, seed, rates, ranges, asked_by, asked_at, state)
select %(journey)s, %(text)s, %(since)s, %(until)s, %(seed)s, %(rates)s, %(ranges)s, %(by)s, %(now)s, 'waiting'
where (select count(*) from dry_run where state in ('waiting', 'running')) < %(most)s
returning id;

-- name: asked
-- The latest first; of one (%(id)s) all, of a list neither the text nor what is long in the answer.
select id, journey, case when %(id)s::bigint is not null then text else '' end, since, until, seed, rates, ranges, asked_by,
  asked_at, state, turn, share, at_day, cancel_wanted,
  case when %(id)s::bigint is not null then told else told - '{days,steps,withheld,collisions,rates}'::text[] end,
  error, error_zh, problems, ended_at
from dry_run
where case when %(id)s::bigint is not null then id = %(id)s
  else (%(journey)s = '' or journey = %(journey)s) and (%(before)s::bigint is null or id < %(before)s) end
order by id desc limit %(limit)s;

-- name: due
-- One whose server has died comes before those that wait.
select id from dry_run where state in ('waiting', 'running') order by state = 'running' desc, id limit 1;

-- name: take
update dry_run set state = 'running', turn = turn + 1, share = 0, at_day = null
where id = %(id)s and state in ('waiting', 'running') returning turn;

-- name: how_far
-- What comes back is whether it is to stop.
update dry_run set share = %(share)s, at_day = %(day)s where id = %(id)s and turn = %(turn)s and state = 'running'
returning cancel_wanted;

-- name: give_back
update dry_run set state = 'waiting', share = 0, at_day = null, turn = 0
where id = %(id)s and turn = %(turn)s and state = 'running';

-- name: end_run
update dry_run set state = %(state)s, told = %(told)s::jsonb, error = %(error)s, error_zh = %(error_zh)s,
  problems = %(problems)s::jsonb, ended_at = %(now)s
where id = %(id)s and turn = %(turn)s and state = 'running';

-- name: cancel
-- Before its turn at once; under way it is asked to stop.
update dry_run set cancel_wanted = true, state = case when state = 'waiting' then 'cancelled' else state end,
  ended_at = case when state = 'waiting' then %(now)s end
where id = %(id)s and state in ('waiting', 'running');

-- name: prune
delete from dry_run where ended_at < %(before)s;

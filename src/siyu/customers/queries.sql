-- name: add
-- New customers with all that their first batch says. `created_at` is when we first heard of them: no fact.
-- Their ids have just been given out, so nothing can conflict.
insert into customer (id, created_at, stage, synthetic, name_item, name_at, name_source, name_source_id)
select v.id, %(now)s, v.stage, v.synthetic, v.name_item, v.name_at, v.name_source, v.name_source_id
from (
  select unnest(%(ids)s::bigint[]) as id, unnest(%(stages)s::smallint[]) as stage,
    unnest(%(synthetic)s::boolean[]) as synthetic, unnest(%(items)s::bigint[]) as name_item,
    unnest(%(name_ats)s::timestamptz[]) as name_at, unnest(%(name_sources)s::text[]) as name_source,
    unnest(%(name_source_ids)s::text[]) as name_source_id
) as v;

-- name: change
-- Rows that would stay the same are not written (most orders are of customers who bought before).
-- The stage only rises; a name is overwritten by a later fact only, whenever it comes.
update customer c set
  stage = greatest(c.stage, v.stage),
  synthetic = c.synthetic or v.synthetic,
  name_item = case when v.later then v.name_item else c.name_item end,
  name_at = case when v.later then v.name_at else c.name_at end,
  name_source = case when v.later then v.name_source else c.name_source end,
  name_source_id = case when v.later then v.name_source_id else c.name_source_id end
from (
  select u.*, u.name_item is not null and (
    old.name_at is null
    or (old.name_at, old.name_source, old.name_source_id) < (u.name_at, u.name_source, u.name_source_id)
  ) as later
  from (
    select unnest(%(ids)s::bigint[]) as id, unnest(%(stages)s::smallint[]) as stage,
      unnest(%(synthetic)s::boolean[]) as synthetic, unnest(%(items)s::bigint[]) as name_item,
      unnest(%(name_ats)s::timestamptz[]) as name_at, unnest(%(name_sources)s::text[]) as name_source,
      unnest(%(name_source_ids)s::text[]) as name_source_id
  ) as u
  join customer old on old.id = u.id
) v
where c.id = v.id and (c.stage < v.stage or (v.synthetic and not c.synthetic) or v.later);

-- name: befriend
-- One row per account and staff account. First and last times grow independently of the state, so that a
-- deletion that is heard of before its addition still ends in the same row.
insert into friendship as f (identity_id, customer_id, staff, carrier, state, first_added_at, added_at,
  deleted_at, way, changed_at, changed_source, changed_source_id)
select *
from unnest(%(identities)s::bigint[], %(customers)s::bigint[], %(staff)s::text[], %(carriers)s::text[],
  %(states)s::text[], %(firsts)s::timestamptz[], %(addeds)s::timestamptz[], %(deleteds)s::timestamptz[],
  %(ways)s::text[], %(ats)s::timestamptz[], %(sources)s::text[], %(source_ids)s::text[])
on conflict (identity_id, staff) do update set
  customer_id = excluded.customer_id,
  first_added_at = least(f.first_added_at, excluded.first_added_at),
  added_at = greatest(f.added_at, excluded.added_at),
  deleted_at = greatest(f.deleted_at, excluded.deleted_at),
  way = case when excluded.added_at is not null and
      (f.added_at is null or (f.added_at, f.way) < (excluded.added_at, excluded.way))
    then excluded.way else f.way end,
  (state, carrier, changed_at, changed_source, changed_source_id) = (
    select w.* from (values
      (f.state, f.carrier, f.changed_at, f.changed_source, f.changed_source_id),
      (excluded.state, excluded.carrier, excluded.changed_at, excluded.changed_source, excluded.changed_source_id)
    ) as w (state, carrier, at, source, source_id)
    order by w.at desc, w.source desc, w.source_id desc limit 1
  );

-- name: gather
-- One row per account and group. Joining and leaving each grow by themselves, so that they may come in any order.
insert into group_member as g (identity_id, customer_id, carrier, chat, joined_at, left_at, way, purpose)
select u.*, coalesce((select c.purpose from group_chat c where c.chat = u.chat), '')
from unnest(%(identities)s::bigint[], %(customers)s::bigint[], %(carriers)s::text[], %(chats)s::text[],
  %(joineds)s::timestamptz[], %(lefts)s::timestamptz[], %(ways)s::text[])
  as u (identity_id, customer_id, carrier, chat, joined_at, left_at, way)
on conflict (identity_id, chat) do update set
  customer_id = excluded.customer_id,
  joined_at = greatest(g.joined_at, excluded.joined_at),
  left_at = greatest(g.left_at, excluded.left_at),
  way = case when excluded.joined_at is not null and
      (g.joined_at is null or (g.joined_at, g.way) < (excluded.joined_at, excluded.way))
    then excluded.way else g.way end;

-- name: chats
-- Group chats that customers were in, in the order of their ids.
select chat from group_member where chat > %(after)s group by chat order by chat limit %(limit)s;

-- name: groups
-- Of these chats: who is in, how many of them are friends of ours, who came and who went since a time.
select g.chat, count(*) filter (where g.inside),
  count(*) filter (where g.inside and exists (
    select from friendship f where f.customer_id = g.customer_id and f.state = 'live')),
  count(*) filter (where g.joined_at >= %(since)s), count(*) filter (where g.left_at >= %(since)s)
from (select chat, customer_id, joined_at, left_at,
    joined_at is not null and (left_at is null or left_at <= joined_at) as inside
  from group_member where chat = any(%(chats)s::text[])) g
group by g.chat;

-- name: consent
-- The latest change wins.
insert into consent as c (identity_id, customer_id, channel, purpose, state, basis, evidence,
  changed_at, changed_source, changed_source_id)
select *
from unnest(%(identities)s::bigint[], %(customers)s::bigint[], %(channels)s::text[], %(purposes)s::text[],
  %(states)s::text[], %(bases)s::text[], %(evidence)s::text[],
  %(ats)s::timestamptz[], %(sources)s::text[], %(source_ids)s::text[])
on conflict (identity_id, channel, purpose) do update set
  customer_id = excluded.customer_id, state = excluded.state, basis = excluded.basis,
  evidence = excluded.evidence, changed_at = excluded.changed_at,
  changed_source = excluded.changed_source, changed_source_id = excluded.changed_source_id
where (c.changed_at, c.changed_source, c.changed_source_id)
  < (excluded.changed_at, excluded.changed_source, excluded.changed_source_id);

-- name: clear
-- What is taken away stays known, so that an older setting that comes later does not bring it back; and it
-- goes from all identities of the customer, since whoever took it away meant the person.
with said as materialized (
  select *
  from unnest(%(identities)s::bigint[], %(customers)s::bigint[], %(names)s::text[],
    %(ats)s::timestamptz[], %(sources)s::text[], %(source_ids)s::text[])
    as u (identity_id, customer_id, name, at, source, source_id)
), gone as (
  delete from tag t using said s
  where t.customer_id = s.customer_id and t.name = s.name
    and (t.tagged_at, t.source, t.source_id) < (s.at, s.source collate "C", s.source_id collate "C")
)
insert into tag_cleared as c (identity_id, customer_id, name, cleared_at, source, source_id)
select * from said
on conflict (identity_id, name) do update set
  customer_id = excluded.customer_id, cleared_at = excluded.cleared_at,
  source = excluded.source, source_id = excluded.source_id
where (c.cleared_at, c.source, c.source_id) < (excluded.cleared_at, excluded.source, excluded.source_id);

-- name: tag
-- Not where the customer's tag was taken away later. A setting by hand or by a journey may name no identity:
-- the customer's first one stands in (a read of `identity`, the room below). It answers which customers have not
-- carried the tag by any identity before, or not as surely, or for longer, each with the key that it hangs on;
-- `again`: it was told of this one before. What is over already when it comes is kept (the latest word counts) and not told.
with made as (
  insert into tag as t (identity_id, customer_id, name, tagged_at, source, source_id, confidence, until)
  select distinct on (w.identity_id, w.name) w.*
  from (
    select coalesce(u.identity_id, (select min(i.id) from identity i where i.customer_id = u.customer_id))
      as identity_id, u.customer_id, u.name, u.at, u.source collate "C" as source,
      u.source_id collate "C" as source_id, u.confidence, u.until
    from unnest(%(identities)s::bigint[], %(customers)s::bigint[], %(names)s::text[],
      %(ats)s::timestamptz[], %(sources)s::text[], %(source_ids)s::text[], %(confidences)s::smallint[],
      %(untils)s::timestamptz[])
      as u (identity_id, customer_id, name, at, source, source_id, confidence, until)
  ) w
  where w.identity_id is not null and not exists (
    select from tag_cleared c
    where c.customer_id = w.customer_id and c.name = w.name
      and (c.cleared_at, c.source, c.source_id) > (w.at, w.source, w.source_id)
  )
  order by w.identity_id, w.name, w.at desc, w.source desc, w.source_id desc
  on conflict (identity_id, name) do update set
    customer_id = excluded.customer_id, tagged_at = excluded.tagged_at,
    source = excluded.source, source_id = excluded.source_id,
    confidence = excluded.confidence, until = excluded.until, over = false
  where (t.tagged_at, t.source, t.source_id) < (excluded.tagged_at, excluded.source, excluded.source_id)
  returning t.id, t.identity_id, t.customer_id, t.name, t.confidence, t.until, t.tagged_at
)
select m.id, m.name, i.kind, i.hash, m.confidence, m.until, m.tagged_at,
  exists (select from tag t where t.id = m.id) as again
from made m join identity i on i.id = m.identity_id
where (m.until is null or m.until > %(now)s) and not exists (
  select from tag t
  where t.customer_id = m.customer_id and t.name = m.name and not t.over and t.confidence = m.confidence
    and (t.until is not distinct from m.until or m.until is null or t.until < m.until))
order by m.id;

-- name: expire
-- The first whose time has come, by the index of those; `carried`: by another key the customer still has it.
with gone as (
  update tag t set over = true
  from (
    select id from tag where until <= %(now)s and not over order by until, id limit %(limit)s
    for update skip locked
  ) d
  where t.id = d.id
  returning t.id, t.name, t.until, t.identity_id, t.customer_id
)
select g.id, g.name, g.until, i.kind, i.hash, exists (
  select from tag t where t.customer_id = g.customer_id and t.name = g.name and t.id <> g.id
    and (t.until is null or t.until > %(now)s))
from gone g join identity i on i.id = g.identity_id
order by g.until, g.id;

-- name: complain
-- One row per key and complaint. Opening and closing each grow by themselves, so that they may come in any order.
insert into complaint as c (identity_id, customer_id, complaint, shop, order_no, opened_at, closed_at)
select *
from unnest(%(identities)s::bigint[], %(customers)s::bigint[], %(complaints)s::text[], %(shops)s::text[],
  %(order_nos)s::text[], %(openeds)s::timestamptz[], %(closeds)s::timestamptz[])
on conflict (identity_id, complaint) do update set
  customer_id = excluded.customer_id,
  shop = case when excluded.opened_at > coalesce(c.opened_at, '-infinity') then excluded.shop else c.shop end,
  order_no = case when excluded.opened_at > coalesce(c.opened_at, '-infinity') then excluded.order_no else c.order_no end,
  opened_at = greatest(c.opened_at, excluded.opened_at),
  closed_at = greatest(c.closed_at, excluded.closed_at);

-- name: settle_complaints
-- Whatever key a closing came by: the complaint of this number of the customer is closed.
update complaint c set closed_at = m.closed_at
from (
  select customer_id, complaint, max(closed_at) as closed_at from complaint
  where customer_id = any(%(customers)s::bigint[]) group by customer_id, complaint having count(*) > 1
) m
where c.customer_id = m.customer_id and c.complaint = m.complaint and m.closed_at is distinct from c.closed_at;

-- name: complaints
-- Of these customers, the latest first; a closing without an opening is none yet.
select complaint, shop, order_no, opened_at, closed_at, open, identity_id, customer_id from complaint
where customer_id = any(%(customers)s::bigint[]) and opened_at is not null
order by opened_at desc, complaint, identity_id;

-- name: open_complaints
-- Who waits for an answer, the longest first, by the index of those.
select customer_id, complaint, shop, order_no, opened_at from complaint
where open and opened_at <= %(until)s::timestamptz
order by opened_at, id limit %(limit)s;

-- name: date
-- The latest word on a date counts.
insert into customer_date as d (identity_id, customer_id, name, calendar, month, day,
  changed_at, changed_source, changed_source_id)
select *
from unnest(%(identities)s::bigint[], %(customers)s::bigint[], %(names)s::text[], %(calendars)s::text[],
  %(months)s::smallint[], %(days)s::smallint[], %(ats)s::timestamptz[], %(sources)s::text[], %(source_ids)s::text[])
on conflict (identity_id, name) do update set
  customer_id = excluded.customer_id, calendar = excluded.calendar, month = excluded.month, day = excluded.day,
  changed_at = excluded.changed_at, changed_source = excluded.changed_source,
  changed_source_id = excluded.changed_source_id
where (d.changed_at, d.changed_source, d.changed_source_id)
  < (excluded.changed_at, excluded.changed_source, excluded.changed_source_id);

-- name: remark
-- The latest word of each member of staff counts.
insert into friend_remark as r (identity_id, customer_id, staff, item, changed_at, changed_source, changed_source_id)
select *
from unnest(%(identities)s::bigint[], %(customers)s::bigint[], %(staff)s::text[], %(items)s::bigint[],
  %(ats)s::timestamptz[], %(sources)s::text[], %(source_ids)s::text[])
on conflict (identity_id, staff) do update set
  customer_id = excluded.customer_id, item = excluded.item, changed_at = excluded.changed_at,
  changed_source = excluded.changed_source, changed_source_id = excluded.changed_source_id
where (r.changed_at, r.changed_source, r.changed_source_id)
  < (excluded.changed_at, excluded.changed_source, excluded.changed_source_id);

-- name: remarks
-- What staff have written on their cards of one customer, the latest first; what was taken away is left out.
select staff, item, changed_at from friend_remark
where customer_id = %(customer)s and item is not null order by changed_at desc, staff, identity_id;

-- name: absorb
-- The survivor keeps the higher stage and the later name; whoever went points to them.
with v as materialized (
  select * from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as u (loser, winner)
), lost as (
  select v.winner, c.* from v join customer c on c.id = v.loser
), best as (
  select winner, max(stage) as stage, bool_or(synthetic) as synthetic, min(created_at) as created_at
  from lost group by winner
), named as (
  select distinct on (winner) * from lost where name_item is not null
  order by winner, name_at desc, name_source desc, name_source_id desc
), gone as (
  update customer c set merged_into = v.winner from v where c.id = v.loser
), kept as (
  select w.id, b.stage, b.synthetic, b.created_at, n.name_item, n.name_at, n.name_source, n.name_source_id,
    n.name_item is not null and (w.name_at is null
      or (w.name_at, w.name_source, w.name_source_id) < (n.name_at, n.name_source, n.name_source_id)) as later
  from best b join customer w on w.id = b.winner left join named n on n.winner = b.winner
)
update customer w set
  stage = greatest(w.stage, k.stage),
  synthetic = w.synthetic or k.synthetic,
  created_at = least(w.created_at, k.created_at),
  name_item = case when k.later then k.name_item else w.name_item end,
  name_at = case when k.later then k.name_at else w.name_at end,
  name_source = case when k.later then k.name_source else w.name_source end,
  name_source_id = case when k.later then k.name_source_id else w.name_source_id end
from kept k where w.id = k.id;

-- name: hand_over
-- Eight tables that don't know one another, in one round trip.
with v as materialized (
  select * from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as u (loser, winner)
), friends as (
  update friendship f set customer_id = v.winner from v where f.customer_id = v.loser
), gathered as (
  update group_member g set customer_id = v.winner from v where g.customer_id = v.loser
), consents as (
  update consent c set customer_id = v.winner from v where c.customer_id = v.loser
), dated as (
  update customer_date d set customer_id = v.winner from v where d.customer_id = v.loser
), remarked as (
  update friend_remark r set customer_id = v.winner from v where r.customer_id = v.loser
), complained as (
  update complaint c set customer_id = v.winner from v where c.customer_id = v.loser
), cleared as (
  update tag_cleared c set customer_id = v.winner from v where c.customer_id = v.loser
)
update tag t set customer_id = v.winner from v where t.customer_id = v.loser;

-- name: part
-- After a split: what came by the keys that went, goes with them.
with v as materialized (
  select * from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
    as u (identity_id, before, after)
), friends as (
  update friendship f set customer_id = v.after from v
  where f.customer_id = v.before and f.identity_id = v.identity_id
), gathered as (
  update group_member g set customer_id = v.after from v
  where g.customer_id = v.before and g.identity_id = v.identity_id
), consents as (
  update consent c set customer_id = v.after from v
  where c.customer_id = v.before and c.identity_id = v.identity_id
), dated as (
  update customer_date d set customer_id = v.after from v
  where d.customer_id = v.before and d.identity_id = v.identity_id
), remarked as (
  update friend_remark r set customer_id = v.after from v
  where r.customer_id = v.before and r.identity_id = v.identity_id
), complained as (
  update complaint c set customer_id = v.after from v
  where c.customer_id = v.before and c.identity_id = v.identity_id
), cleared as (
  update tag_cleared c set customer_id = v.after from v
  where c.customer_id = v.before and c.identity_id = v.identity_id
)
update tag t set customer_id = v.after from v
where t.customer_id = v.before and t.identity_id = v.identity_id;

-- name: heard
-- All that was ever heard of these customers (reads identities and events): only after a split.
select i.customer_id, i.id, e.id, e.source, e.source_id, e.kind, e.occurred_at, e.received_at, e.backfill, e.data
from identity i join event_subject s on s.identity_id = i.id join event e on e.id = s.event_id
where i.customer_id = any(%(customers)s::bigint[]);

-- name: rewrite
-- Whole, from their events; who had been merged away lives again.
update customer c set stage = v.stage, synthetic = v.synthetic, name_item = v.name_item, name_at = v.name_at,
  name_source = v.name_source, name_source_id = v.name_source_id, merged_into = null
from unnest(%(ids)s::bigint[], %(stages)s::smallint[], %(synthetic)s::boolean[], %(items)s::bigint[],
  %(name_ats)s::timestamptz[], %(name_sources)s::text[], %(name_source_ids)s::text[])
  as v (id, stage, synthetic, name_item, name_at, name_source, name_source_id)
where c.id = v.id;

-- name: settle_tags
-- After a merge: what one of the two had taken away goes from the other too.
delete from tag t using tag_cleared c
where t.customer_id = any(%(winners)s::bigint[]) and c.customer_id = t.customer_id and c.name = t.name
  and (t.tagged_at, t.source, t.source_id) < (c.cleared_at, c.source, c.source_id);

-- name: news
-- Of those whom this batch told something about, who is somebody's friend: nobody else has a card to be written on.
-- Only the applier does this, one batch after the other: who reads on from its last `seq` misses none.
insert into friend_news (customer_id)
select c from unnest(%(customers)s::bigint[]) as c
where exists (select from friendship f where f.customer_id = c and f.state = 'live')
order by c
on conflict (customer_id) do update set seq = default;

-- name: advance
-- A stage that another room learned of (a click by its touch, a guest's order that was claimed).
update customer c set stage = v.stage
from unnest(%(ids)s::bigint[], %(stages)s::smallint[]) as v (id, stage)
where c.id = v.id and c.stage < v.stage;

-- name: friends
-- Who has a live friendship with anybody.
select distinct customer_id from friendship
where customer_id = any(%(customers)s::bigint[]) and state = 'live';

-- name: consents
-- Of all identities of a customer the latest word counts: whoever withdraws on one phone means the person.
select distinct on (customer_id, channel, purpose) customer_id, channel, purpose, state, basis, evidence,
  changed_at
from consent
where customer_id = any(%(customers)s::bigint[])
order by customer_id, channel, purpose, changed_at desc, changed_source desc, changed_source_id desc;

-- name: dates
-- Of all identities of a customer the latest word on a date counts.
select distinct on (customer_id, name) customer_id, name, calendar, month, day
from customer_date
where customer_id = any(%(customers)s::bigint[]) and name = any(%(names)s::text[])
order by customer_id, name, changed_at desc, changed_source desc, changed_source_id desc;

-- name: falling_on
-- Whose date of this name is one of these days, by the latest word of all their identities; a page of
-- customers in id order. The index answers for one day of the year, not for everybody.
select d.customer_id, min(d.identity_id)
from customer_date d
join unnest(%(calendars)s::text[], %(months)s::smallint[], %(days)s::smallint[]) as y (calendar, month, day)
  on y.calendar = d.calendar and y.month = d.month and y.day = d.day
where d.name = %(name)s and d.customer_id > %(after)s and not exists (
  select from customer_date l
  where l.customer_id = d.customer_id and l.name = d.name
    and (l.changed_at, l.changed_source, l.changed_source_id) > (d.changed_at, d.changed_source, d.changed_source_id)
)
group by d.customer_id order by d.customer_id limit %(limit)s;

-- name: newest
-- The next ones behind a `seq`, by its index: what has been read costs nothing.
select seq, customer_id from friend_news where seq > %(after)s order by seq limit %(limit)s;

-- name: cards
-- Whose friends they are, by account (reads `identity`, the room below, for what opens its value).
select f.customer_id, f.staff, i.hash, f.deleted_at
from friendship f join identity i on i.id = f.identity_id
where f.customer_id = any(%(customers)s::bigint[]) and f.state = 'live' and f.carrier = %(carrier)s
  and i.kind = %(kind)s
order by f.customer_id, f.id;

-- name: marks
-- Every word on every tag of theirs, set or taken away, by whichever key it came.
select customer_id, name, not over, source, case when over then until else tagged_at end
from tag where customer_id = any(%(customers)s::bigint[])
union all
select customer_id, name, false, source, cleared_at from tag_cleared where customer_id = any(%(customers)s::bigint[])
order by 1, 2, 5, 3, 4;

-- name: names
-- Vault items of the names.
select id, name_item from customer where id = any(%(customers)s::bigint[]) and name_item is not null;

-- name: there
select id from customer where id = any(%(customers)s::bigint[]);

-- name: profile
-- One customer.
select id, created_at, stage, name_item, synthetic, merged_into from customer where id = %(id)s;

-- name: friendships
-- In the order in which they began.
select staff, carrier, state, first_added_at, added_at, deleted_at, way from friendship
where customer_id = %(id)s order by first_added_at nulls last, id;

-- name: tags
-- One line per name: the latest setting.
select distinct on (name) name, source, tagged_at, confidence / 100.0::float8, until from tag
where customer_id = %(id)s and not over order by name, tagged_at desc, source desc, source_id desc;

-- name: dated
-- One line per name: the latest word.
select distinct on (name) name, calendar, month, day from customer_date
where customer_id = %(id)s order by name, changed_at desc, changed_source desc, changed_source_id desc;

-- name: carrying
-- Who carries this tag, or any (''); once per customer and tag, since it was last set. `tag_name` finds one tag.
select customer_id, name, max(tagged_at) from tag
where not over and (%(tag)s = '' or name = %(tag)s)
group by customer_id, name order by name, customer_id limit %(limit)s;

-- name: never
-- Whom nothing may reach: all that can be withdrawn has been, on every channel and for every purpose, and the latest
-- word of any of their keys counts. Reads all consents: asked for by hand, now and then.
with word as (
  select distinct on (customer_id, channel, purpose) customer_id, state, changed_at
  from consent
  order by customer_id, channel, purpose, changed_at desc, changed_source desc, changed_source_id desc
)
select customer_id, '', max(changed_at) from word
group by customer_id having count(*) filter (where state = 'withdrawn') = %(all)s
order by customer_id limit %(limit)s;

-- name: begin_list
-- The open one like it, if there is one, goes on: what it has told already it tells once.
insert into people_list as l (kind, tag, file, reading, begun_by, begun_at)
values (%(kind)s, %(tag)s, %(file)s, %(reading)s, %(by)s, %(now)s)
on conflict (kind, tag, reading) where undone_at is null do update set
  file = excluded.file, begun_by = excluded.begun_by, begun_at = excluded.begun_at, done_at = null,
  rows = 0, known = 0, refused = 0
returning l.id;

-- name: advance_list
-- No row where it was taken back meanwhile.
update people_list set rows = rows + %(rows)s, taken = taken + %(taken)s, known = known + %(known)s,
  refused = refused + %(refused)s, last_line = greatest(last_line, %(line)s),
  done_at = case when %(done)s then %(now)s::timestamptz end
where id = %(id)s and undone_at is null returning id;

-- name: people_lists
-- The latest first.
select id, kind, tag, file, rows, last_line, taken, known, refused, begun_by, begun_at, done_at, undone_by, undone_at
from people_list where %(id)s::bigint is null or id = %(id)s order by begun_at desc, id desc limit %(limit)s;

-- name: undo_list
-- Whether it is done or was interrupted; one that is under way stops with its next rows.
update people_list set undone_by = %(by)s, undone_at = %(now)s
where id = %(id)s and undone_at is null and kind <> 'blacklist' returning last_line;

-- name: list_waits
-- Is anything of it still to be applied? A fact is found by its name, which follows from list and line.
select exists (
  select from generate_series(1, %(lines)s) n
  join event_key k on k.source = %(source)s and k.source_id = %(list)s::text || '/' || n
  join event_pending p on p.event_id = k.event_id and p.error is null);

-- name: set_by_list
-- The tags that a list has set and nobody has set anew since, each with the key that it came by: told as facts, or
-- given when somebody appeared for whom they waited (reads tagging).
with lines as (
  select %(list)s::text || '/' || n as source_id from generate_series(1, %(lines)s) n
), came as (
  select l.source_id, s.identity_id
  from lines l join event_key k on k.source = %(source)s and k.source_id = l.source_id
  join event_subject s on s.event_id = k.event_id
  union all
  select l.source_id, w.identity_id
  from lines l join tag_waiting w on w.source = %(source)s and w.source_id = l.source_id
  where w.identity_id is not null
)
select t.identity_id, i.kind, i.hash, t.name
from came c
join tag t on t.identity_id = c.identity_id and t.source = %(source)s and t.source_id = c.source_id
join identity i on i.id = t.identity_id
where not exists (
  select from tag o
  where o.customer_id = t.customer_id and o.name = t.name and o.id <> t.id and o.tagged_at > t.tagged_at);

-- name: carry
-- Which of these customers carry which of these tags.
select customer_id, name from tag
where customer_id = any(%(customers)s::bigint[]) and name = any(%(names)s::text[]) and not over;

-- name: set_purposes
-- What each chat is for from now on; a chat that is not named is for nothing. Members of those that changed follow.
with new as (
  select * from unnest(%(chats)s::text[], %(purposes)s::text[]) as u (chat, purpose)
), gone as (
  delete from group_chat c where not exists (select from new where new.chat = c.chat) returning c.chat
), kept as (
  insert into group_chat as c (chat, purpose) select chat, purpose from new
  on conflict (chat) do update set purpose = excluded.purpose where c.purpose <> excluded.purpose
  returning c.chat, c.purpose
), changed as (
  select chat, purpose from kept union all select chat, '' from gone
)
update group_member g set purpose = changed.purpose from changed
where g.chat = changed.chat and g.purpose <> changed.purpose
returning g.customer_id;

-- name: clear_apart
delete from group_apart;

-- name: set_apart
insert into group_apart (purpose, other) select * from unnest(%(purposes)s::text[], %(others)s::text[]);

-- name: closed
-- Into groups of which purpose these customers are not invited, and whether since they are in one.
with inside as (
  select distinct customer_id, purpose from group_member
  where customer_id = any(%(customers)s::bigint[]) and purpose <> '' and joined_at is not null
    and (left_at is null or left_at <= joined_at)
)
select customer_id, purpose, true from inside
union all
select i.customer_id, a.other, false from inside i join group_apart a on a.purpose = i.purpose
order by 1, 2, 3;

-- name: child_consent
select changed_at, evidence, by from child_consent where customer_id = %(customer)s and state = 'given';

-- name: hold_child_consent
-- Whose word lets us keep it, held until the commit: who takes it back waits, and then finds all that was kept by it.
select identity_id from child_consent where customer_id = %(customer)s and state = 'given' for share;

-- name: consent_to_child
insert into child_consent (customer_id, identity_id, state, changed_at, evidence, by)
values (%(customer)s, %(identity)s, 'given', %(now)s, %(evidence)s, %(by)s)
on conflict (customer_id) do update set identity_id = excluded.identity_id, state = excluded.state,
  changed_at = excluded.changed_at, evidence = excluded.evidence, by = excluded.by;

-- name: child_words
-- Parents' words as events tell them. The latest counts, of two for one time the withdrawal. What it takes back is
-- deleted by the next statement, `unspoken`: this one may have waited for who kept a month by the word before.
insert into child_consent as c (customer_id, identity_id, state, changed_at, evidence, by)
select customer_id, identity_id, state, changed_at, evidence, ''
from unnest(%(customers)s::bigint[], %(identities)s::bigint[], %(states)s::text[], %(ats)s::timestamptz[],
  %(evidence)s::text[]) as u (customer_id, identity_id, state, changed_at, evidence)
on conflict (customer_id) do update set identity_id = excluded.identity_id, state = excluded.state,
  changed_at = excluded.changed_at, evidence = excluded.evidence, by = excluded.by
where (c.changed_at, c.state) < (excluded.changed_at, excluded.state);

-- name: unspoken
-- No word that stands, nothing kept.
delete from customer_child c
where c.customer_id = any(%(customers)s::bigint[])
  and not exists (select from child_consent w where w.customer_id = c.customer_id and w.state = 'given')
returning c.child;

-- name: tell_child
insert into customer_child (customer_id, child, identity_id, month, told_at)
values (%(customer)s, %(child)s, %(identity)s, %(month)s, %(now)s)
on conflict (customer_id, child) do update set identity_id = excluded.identity_id, month = excluded.month,
  told_at = excluded.told_at;

-- name: take_back_child_consent
-- `unspoken` then deletes all of them.
insert into child_consent (customer_id, identity_id, state, changed_at, evidence, by)
values (%(customer)s, %(identity)s, 'withdrawn', %(now)s, '', %(by)s)
on conflict (customer_id) do update set identity_id = excluded.identity_id, state = excluded.state,
  changed_at = excluded.changed_at, evidence = excluded.evidence, by = excluded.by;

-- name: children
-- With the note on health, sealed, where both words stand and its time is not over.
select c.child, c.month, c.told_at, h.told_at, h.until, h.item
from customer_child c join child_consent w on w.customer_id = c.customer_id and w.state = 'given'
  left join child_health_consent g on g.customer_id = c.customer_id and g.state = 'given'
  left join child_health h on h.customer_id = g.customer_id and h.child = c.child and h.until > %(now)s
where c.customer_id = %(customer)s order by c.child;

-- name: youngest
select c.customer_id, max(c.month)
from customer_child c join child_consent w on w.customer_id = c.customer_id and w.state = 'given'
where c.customer_id = any(%(customers)s::bigint[]) group by c.customer_id;

-- name: born_in
-- Whose youngest child was born in one of these months; the index answers for those months, not for everybody.
select distinct c.customer_id
from customer_child c join child_consent w on w.customer_id = c.customer_id and w.state = 'given'
where c.month = any(%(months)s::text[]) and c.customer_id > %(after)s
  and not exists (select from customer_child y where y.customer_id = c.customer_id and y.month > c.month)
order by c.customer_id limit %(limit)s;

-- name: part_child_words
-- A word goes with the key that it came by. One that was taken back counts for both: nobody knows yet whose it was.
with v as materialized (
  select * from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
    as u (identity_id, before, after)
)
insert into child_consent as c (customer_id, identity_id, state, changed_at, evidence, by)
select distinct on (v.after) v.after, v.identity_id, w.state, w.changed_at, w.evidence, w.by
from v join child_consent w on w.customer_id = v.before and (w.identity_id = v.identity_id or w.state = 'withdrawn')
order by v.after, w.changed_at desc, w.state desc, v.identity_id
on conflict (customer_id) do update set identity_id = excluded.identity_id, state = excluded.state,
  changed_at = excluded.changed_at, evidence = excluded.evidence, by = excluded.by
where (c.changed_at, c.state) < (excluded.changed_at, excluded.state);

-- name: leave_child_words
delete from child_consent c
using unnest(%(identities)s::bigint[], %(befores)s::bigint[]) as v (identity_id, before)
where c.customer_id = v.before and c.identity_id = v.identity_id and c.state = 'given';

-- name: part_children
with v as materialized (
  select * from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
    as u (identity_id, before, after)
)
insert into customer_child (customer_id, child, identity_id, month, told_at)
select distinct on (v.after, c.child) v.after, c.child, c.identity_id, c.month, c.told_at
from v join customer_child c on c.customer_id = v.before and c.identity_id = v.identity_id
order by v.after, c.child, v.before
on conflict (customer_id, child) do nothing;

-- name: leave_children
delete from customer_child c
using unnest(%(identities)s::bigint[], %(befores)s::bigint[]) as v (identity_id, before)
where c.customer_id = v.before and c.identity_id = v.identity_id;

-- name: hand_over_child_words
-- One person, one word: the latest of all who became one, of several for one time a withdrawal, then the one who stays.
with v as materialized (
  select * from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as u (loser, winner)
)
insert into child_consent as c (customer_id, identity_id, state, changed_at, evidence, by)
select distinct on (f.winner) f.winner, w.identity_id, w.state, w.changed_at, w.evidence, w.by
from (select winner, loser as member from v union select winner, winner from v) f
join child_consent w on w.customer_id = f.member
order by f.winner, w.changed_at desc, w.state desc, f.member <> f.winner, f.member
on conflict (customer_id) do update set identity_id = excluded.identity_id, state = excluded.state,
  changed_at = excluded.changed_at, evidence = excluded.evidence, by = excluded.by;

-- name: drop_child_words
-- Of who went; it waits for who keeps a month by one, so that the next statements find that month.
delete from child_consent where customer_id = any(%(losers)s::bigint[]);

-- name: hand_over_children
-- Of two that are told of the same child the one who stays knows better, of two who go the elder; the rest is one and
-- the same family. A note on health goes along with its child, and is deleted with the one that is dropped.
with v as materialized (
  select * from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as u (loser, winner)
), g as materialized (
  select distinct on (v.winner, w.child) v.winner, v.loser, w.child from v join customer_child w on w.customer_id = v.loser
  where not exists (select from customer_child o where o.customer_id = v.winner and o.child = w.child)
  order by v.winner, w.child, v.loser
), noted as (
  update child_health h set customer_id = g.winner from g where h.customer_id = g.loser and h.child = g.child
)
update customer_child c set customer_id = g.winner from g where c.customer_id = g.loser and c.child = g.child;

-- name: drop_children
-- What is left of who went.
delete from customer_child where customer_id = any(%(losers)s::bigint[]);

-- name: health_consent
select changed_at, evidence, by from child_health_consent where customer_id = %(customer)s and state = 'given';

-- name: say_health
-- A parent's word on notes on health, as somebody here writes it down.
insert into child_health_consent (customer_id, identity_id, state, changed_at, evidence, by)
values (%(customer)s, %(identity)s, %(state)s, %(now)s, %(evidence)s, %(by)s)
on conflict (customer_id) do update set identity_id = excluded.identity_id, state = excluded.state,
  changed_at = excluded.changed_at, evidence = excluded.evidence, by = excluded.by;

-- name: hold_health_consent
-- Whose word lets us keep a note, held until the commit, as `hold_child_consent`.
select identity_id from child_health_consent where customer_id = %(customer)s and state = 'given' for share;

-- name: hold_child
-- The child that the note is on, held until the commit; behind both words, as whoever takes them back goes. One
-- note at a time.
select month from customer_child where customer_id = %(customer)s and child = %(child)s for no key update;

-- name: note_health
-- One note on a child: the one before went by `drop_health`.
insert into child_health (customer_id, child, identity_id, item, told_at, until)
values (%(customer)s, %(child)s, %(identity)s, %(item)s, %(now)s, %(until)s);

-- name: other_month
-- A child of another month may be another child: what was noted on the one before says nothing of this one.
delete from child_health h using customer_child c
where h.customer_id = %(customer)s and h.child = %(child)s
  and c.customer_id = h.customer_id and c.child = h.child and c.month <> %(month)s
returning h.item;

-- name: health
-- The note itself, sealed, where both words stand and its time is not over.
select h.item from child_health h
  join child_consent w on w.customer_id = h.customer_id and w.state = 'given'
  join child_health_consent g on g.customer_id = h.customer_id and g.state = 'given'
where h.customer_id = %(customer)s and h.child = %(child)s and h.until > %(now)s;

-- name: drop_health
delete from child_health where customer_id = %(customer)s and child = %(child)s returning item;

-- name: unkept_health
-- No child, or not both words that stand: no note.
delete from child_health h
where h.customer_id = any(%(customers)s::bigint[]) and not (
  exists (select from child_consent w where w.customer_id = h.customer_id and w.state = 'given')
  and exists (select from child_health_consent w where w.customer_id = h.customer_id and w.state = 'given')
  and exists (select from customer_child c where c.customer_id = h.customer_id and c.child = h.child))
returning h.item;

-- name: expire_health
-- Whose time is over, by the index of that.
delete from child_health h
using (
  select customer_id, child from child_health where until <= %(now)s
  order by until limit %(limit)s for update skip locked
) d
where h.customer_id = d.customer_id and h.child = d.child
returning h.item;

-- name: health_words
-- As `child_words`; what is taken back is deleted by `unkept_health`.
insert into child_health_consent as c (customer_id, identity_id, state, changed_at, evidence, by)
select customer_id, identity_id, state, changed_at, evidence, ''
from unnest(%(customers)s::bigint[], %(identities)s::bigint[], %(states)s::text[], %(ats)s::timestamptz[],
  %(evidence)s::text[]) as u (customer_id, identity_id, state, changed_at, evidence)
on conflict (customer_id) do update set identity_id = excluded.identity_id, state = excluded.state,
  changed_at = excluded.changed_at, evidence = excluded.evidence, by = excluded.by
where (c.changed_at, c.state) < (excluded.changed_at, excluded.state);

-- name: part_health_words
-- As `part_child_words`.
with v as materialized (
  select * from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
    as u (identity_id, before, after)
)
insert into child_health_consent as c (customer_id, identity_id, state, changed_at, evidence, by)
select distinct on (v.after) v.after, v.identity_id, w.state, w.changed_at, w.evidence, w.by
from v join child_health_consent w
  on w.customer_id = v.before and (w.identity_id = v.identity_id or w.state = 'withdrawn')
order by v.after, w.changed_at desc, w.state desc, v.identity_id
on conflict (customer_id) do update set identity_id = excluded.identity_id, state = excluded.state,
  changed_at = excluded.changed_at, evidence = excluded.evidence, by = excluded.by
where (c.changed_at, c.state) < (excluded.changed_at, excluded.state);

-- name: leave_health_words
delete from child_health_consent c
using unnest(%(identities)s::bigint[], %(befores)s::bigint[]) as v (identity_id, before)
where c.customer_id = v.before and c.identity_id = v.identity_id and c.state = 'given';

-- name: part_health
-- A note goes with the key of the word that it is kept by; of two for one child nobody can tell which is whose.
with v as materialized (
  select * from unnest(%(identities)s::bigint[], %(befores)s::bigint[], %(afters)s::bigint[])
    as u (identity_id, before, after)
)
update child_health h set customer_id = g.after
from (
  select distinct on (v.after, w.child) v.before, v.after, w.child
  from v join child_health w on w.customer_id = v.before and w.identity_id = v.identity_id
  where not exists (select from child_health o where o.customer_id = v.after and o.child = w.child)
  order by v.after, w.child, v.before
) g
where h.customer_id = g.before and h.child = g.child;

-- name: leave_health
delete from child_health h
using unnest(%(identities)s::bigint[], %(befores)s::bigint[]) as v (identity_id, before)
where h.customer_id = v.before and h.identity_id = v.identity_id
returning h.item;

-- name: hand_over_health_words
-- As `hand_over_child_words`.
with v as materialized (
  select * from unnest(%(losers)s::bigint[], %(winners)s::bigint[]) as u (loser, winner)
)
insert into child_health_consent as c (customer_id, identity_id, state, changed_at, evidence, by)
select distinct on (f.winner) f.winner, w.identity_id, w.state, w.changed_at, w.evidence, w.by
from (select winner, loser as member from v union select winner, winner from v) f
join child_health_consent w on w.customer_id = f.member
order by f.winner, w.changed_at desc, w.state desc, f.member <> f.winner, f.member
on conflict (customer_id) do update set identity_id = excluded.identity_id, state = excluded.state,
  changed_at = excluded.changed_at, evidence = excluded.evidence, by = excluded.by;

-- name: drop_health_words
delete from child_health_consent where customer_id = any(%(losers)s::bigint[]);

-- Figures read the tables of all rooms below: one pass over each, for reports, never on the hot path.

-- name: whole
-- A report reads whole tables; the engine's connections are set to go by keys only.
set local enable_seqscan = on;

-- name: buyers
-- One row per buyer in scope: when they first ordered (as no friend), when they became a friend within the
-- window, whether anything of the plan reached them, and the step that they followed last.
-- An order counts while it stands, whenever a refund arrives; an order that the source did not admit does
-- not. Friend at an order: added before, and not gone again at that moment.
with scoped as (
  select o.customer_id, min(o.paid_at) as first_at
  from orders o
  where o.paid_at >= %(since)s and o.paid_at < %(until)s and o.state = 'paid' and o.customer_id is not null
    and (%(shops)s::text[] is null or o.shop = any(%(shops)s::text[]))
    and not exists (
      select from friendship f
      where f.customer_id = o.customer_id and f.first_added_at <= o.paid_at
        and not (f.deleted_at is not null and f.deleted_at <= o.paid_at
                 and (f.added_at is null or f.added_at < f.deleted_at or f.added_at > o.paid_at)))
    and not exists (
      select from holdout h where h.scope = %(journey)s and h.customer_id = o.customer_id and h.held)
    and not exists (
      select from journey_entry e join journey j on j.id = e.journey_id and j.code = %(journey)s
      where e.customer_id = o.customer_id and e.shop = o.shop and e.order_no = o.order_no
        and e.reason in ('not_admitted', 'backfill', 'pilot'))
    and not exists (
      select from parcel_decision d
      where d.customer_id = o.customer_id and d.shop = o.shop and d.order_no = o.order_no
        and d.reason = 'not_admitted')
  group by o.customer_id
), followed as (
  -- everything of the plan that reached a buyer, messages and cards alike
  select s.customer_id, t.sent_at as at, t.step, t.id
  from scoped s join touch t on t.customer_id = s.customer_id
  where t.journey = %(journey)s and t.sent_at >= s.first_at and t.sent_at < s.first_at + %(window)s
  union all
  select s.customer_id, p.packed_at, 'card', p.id
  from scoped s
  join parcel_decision d on d.customer_id = s.customer_id and d.source = any(%(sources)s::text[])
  join parcel p on p.id = d.parcel_id and p.packed_card <> ''
  where p.packed_at >= s.first_at and p.packed_at < s.first_at + %(window)s
), added as (
  select s.customer_id, min(case when f.first_added_at > s.first_at then f.first_added_at
                                 when f.added_at > s.first_at then f.added_at end) as at
  from scoped s join friendship f on f.customer_id = s.customer_id
  group by s.customer_id
)
select s.customer_id,
       exists (select from followed w where w.customer_id = s.customer_id),
       a.at is not null and a.at <= s.first_at + %(window)s,
       coalesce(
         (select m.step from friend_match m
          where m.customer_id = s.customer_id and m.added_at = a.at and m.step <> ''
            and m.source = any(%(sources)s::text[])
          order by m.identity_id limit 1),
         (select w.step from followed w where w.customer_id = s.customer_id and w.at <= a.at
          order by w.at desc, w.id desc limit 1),
         %(other)s)
from scoped s left join added a on a.customer_id = s.customer_id
order by s.customer_id;

-- name: touches
-- What went out, by step; a card goes out with its parcel.
select t.step, count(*) from touch t
where t.journey = %(journey)s and t.sent_at >= %(since)s and t.sent_at < %(end)s
group by t.step
union all
select 'card', count(*) from parcel_decision d
join parcel p on p.id = d.parcel_id and p.packed_card <> ''
where d.source = any(%(sources)s::text[]) and p.packed_at >= %(since)s and p.packed_at < %(end)s
having count(*) > 0;

-- name: costs
select step, currency, sum(amount_minor)::bigint from ledger_entry
where journey = %(journey)s and reversed_at is null and occurred_at >= %(since)s and occurred_at < %(end)s
group by step, currency order by step, currency;

-- name: withheld
select reason, count(*) from touch
where journey = %(journey)s and state = 'withheld' and wished_at >= %(since)s and wished_at < %(end)s
group by reason order by reason;

-- name: unmatched
select count(*) from friend_match
where not matched and added_at >= %(since)s and added_at < %(end)s;

-- name: held_orders
-- The orders of buyers who are held out of a journey: their experiment is read apart.
select o.shop, o.order_no from orders o
join holdout h on h.customer_id = o.customer_id and h.held and h.scope = %(journey)s
where o.paid_at >= %(since)s;

-- name: matches
-- New friends of a period, matched to a buyer or not.
select matched, count(*) from friend_match where added_at >= %(since)s group by matched;

-- ── Customers as people look for them ────────────────────────────────────────────────────────────
-- A list walks ids downwards, the newest first, by one of these keys; `matching` then asks the other filters of
-- what was walked. So a rare filter costs a bounded walk, never the base.

-- name: walk_all
select id from customer where id < %(before)s and merged_into is null order by id desc limit %(most)s;

-- name: walk_tagged
select distinct customer_id from tag where name = %(tag)s and not over and customer_id < %(before)s
order by customer_id desc limit %(most)s;

-- name: walk_served
-- Of each account its newest: a page costs the same in any base.
select distinct w.customer_id
from unnest(%(codes)s::text[]) as c (code), lateral (
  select distinct s.customer_id from serves s where s.staff = c.code and s.customer_id < %(before)s
  order by s.customer_id desc limit %(most)s) w
order by w.customer_id desc limit %(most)s;

-- name: walk_held
select distinct customer_id from suppression
where customer_id < %(before)s and (until is null or until > %(now)s) order by customer_id desc limit %(most)s;

-- name: walk_complained
select distinct customer_id from complaint where open and customer_id < %(before)s
order by customer_id desc limit %(most)s;

-- name: walk_tasked
select distinct customer_id from task where state = 'open' and customer_id < %(before)s
order by customer_id desc limit %(most)s;

-- name: matching
select c.id from customer c
where c.id = any(%(ids)s::bigint[])
  and (%(stage)s::smallint is null or c.stage = %(stage)s)
  and (%(tag)s = '' or exists (select from tag t where t.customer_id = c.id and t.name = %(tag)s and not t.over))
  and (%(shop)s = '' or exists (select from orders o where o.customer_id = c.id and o.shop = %(shop)s))
  and (%(guide)s = '' or exists (
    select from friendship f where f.customer_id = c.id and f.staff = %(guide)s and f.state = 'live'))
  and (%(friend)s = '' or %(friend)s = case
    when exists (select from friendship f where f.customer_id = c.id and f.state = 'live') then 'live'
    when exists (select from friendship f where f.customer_id = c.id) then 'gone' else 'never' end)
  and (not %(tasked)s or exists (select from task k where k.customer_id = c.id and k.state = 'open'))
  and (not %(held)s or exists (
    select from suppression s where s.customer_id = c.id and (s.until is null or s.until > %(now)s)))
  and (not %(complained)s or exists (select from complaint g where g.customer_id = c.id and g.open))
order by c.id desc limit %(most)s;

-- name: within
-- Those whom one of these accounts serves.
select c.id from unnest(%(ids)s::bigint[]) as c (id)
where exists (select from serves s where s.customer_id = c.id and s.staff = any(%(codes)s::text[]));

-- name: cards
-- What a list shows of each: by keys of the customer alone, for the few of a page.
select c.id, c.created_at, c.stage, c.name_item, p.hash, coalesce(f.live, '{}'), coalesce(f.gone, false),
  coalesce((select m.name from staff_member m where m.code = f.live[1]), f.live[1], ''),
  coalesce(t.names, '{}'), o.orders, o.total_minor, o.last_at, o.last, coalesce(v.journey, ''),
  coalesce(v.node, ''), v.due_at,
  exists (select from task k where k.customer_id = c.id and k.state = 'open'),
  exists (select from suppression s where s.customer_id = c.id and (s.until is null or s.until > %(now)s))
from unnest(%(ids)s::bigint[]) with ordinality as w (id, place)
join customer c on c.id = w.id
left join lateral (
  select i.hash from identity i where i.customer_id = c.id and i.kind = 'phone' and i.wrong_since is null
  order by i.created_at desc, i.id desc limit 1) p on true
left join lateral (
  select array_agg(f.staff order by f.added_at desc nulls last, f.staff) filter (where f.state = 'live') as live,
    bool_or(f.state <> 'live') as gone
  from friendship f where f.customer_id = c.id) f on true
left join lateral (
  select array_agg(n.name order by n.at desc, n.name) as names
  from (select name, max(tagged_at) as at from tag where customer_id = c.id and not over group by name
    order by 2 desc, 1 limit %(tags)s) n) t on true
left join lateral (
  select count(*) as orders,
    coalesce(sum(o.total_minor - o.refunded_minor) filter (where o.state = 'paid' and o.currency = %(currency)s), 0)
      ::bigint as total_minor,
    max(o.paid_at) as last_at, (array_agg(o.shop || '/' || o.order_no order by o.paid_at desc, o.id desc))[1] as last
  from orders o where o.customer_id = c.id) o on true
left join lateral (
  select j.code as journey, v.node, v.due_at from visit v join journey j on j.id = v.journey_id
  where v.customer_id = c.id and v.state = 0 and not v.held_out order by v.since desc, v.id desc limit 1) v on true
order by w.place;

-- name: staff_names
select code, name from staff_member where code = any(%(codes)s::text[]);

-- name: tag_names
-- Each name once, by hops over the index.
with recursive n (name) as (
  (select name from tag order by name limit 1)
  union all
  select (select t.name from tag t where t.name > n.name order by t.name limit 1) from n where n.name is not null
)
select name from n where name is not null limit %(most)s;

-- name: numbered
-- Orders of this number in any shop: one hop per shop, by the key that they have.
with recursive s (shop) as (
  (select shop from orders order by shop limit 1)
  union all
  select (select o.shop from orders o where o.shop > s.shop order by o.shop limit 1) from s where s.shop is not null
)
select o.customer_id from s, lateral (
  select customer_id from orders where shop = s.shop and order_no = %(order_no)s) o
where s.shop is not null and o.customer_id is not null
union
select o.customer_id from parcel p join parcel_order po on po.parcel_id = p.id
join orders o on o.shop = po.shop and o.order_no = po.order_no
where p.parcel_no = %(order_no)s and o.customer_id is not null;

-- name: money
-- What a customer bought and gave back, in one currency, and what was spent on them.
select count(*), coalesce(sum(total_minor - refunded_minor) filter (where state = 'paid' and currency = %(currency)s), 0)
  ::bigint, coalesce(sum(refunded_minor) filter (where currency = %(currency)s), 0)::bigint,
  min(paid_at), max(paid_at)
from orders where customer_id = %(customer)s;

-- name: spent
select kind, sum(quantity)::bigint, sum(amount_minor)::bigint, currency from ledger_entry
where customer_id = %(customer)s and reversed_at is null group by kind, currency order by currency, 3 desc, kind;

-- name: standing
-- Visits under way or parked, by the index of those that listen; the latest first.
select v.id, j.code, v.version, v.node, v.state, v.since, v.entered_at, v.due_at, v.waiting_for, v.shop, v.order_no,
  v.held_out, coalesce(v.error, '')
from journey j join visit v on v.journey_id = j.id and v.customer_id = %(customer)s
where v.state <> 1 order by v.since desc, v.id desc limit %(most)s;

-- name: timeline
-- Everything that happened to one customer and what did not, newest first, from the rooms that know it. Each part
-- begins with the customer's key; a cursor is (at, place), `place` being unique: id × 16 + the part's number. Two share
-- the last number: id × 32, or id × 64.
with parts as (
  select o.paid_at as at, o.id * 16 as place, 'order' as kind, o.id as ref, o.state as what, '' as reason,
    '' as channel, '' as purpose, '' as journey, '' as step, o.shop, o.order_no, o.total_minor as amount_minor,
    o.currency, '' as staff, '' as note, null::timestamptz as until
  from orders o where o.customer_id = %(customer)s and 'order' = any(%(kinds)s::text[])
  union all
  select r.at, r.id * 16 + 1, 'refund', r.id, case when r.whole then 'cancelled' else 'refunded' end, '', '', '', '',
    '', o.shop, o.order_no, case when r.whole then o.total_minor else r.amount_minor end, o.currency, '',
    r.refund_no, null
  from orders o, lateral (
    select min(id) as id, refund_no, whole, max(refunded_at) as at, sum(amount_minor)::bigint as amount_minor
    from refund where order_id = o.id group by refund_no, whole) r
  where o.customer_id = %(customer)s and 'refund' = any(%(kinds)s::text[])
  union all
  select coalesce(t.sent_at, t.finished_at, t.wished_at), t.id * 16 + 2, t.kind, t.id, t.state, t.reason, t.channel,
    t.purpose, t.journey, t.step, t.shop, t.order_no, null, '', t.staff, concat_ws(' ', nullif(t.outcome, ''),
    nullif(t.intent, '')), case when t.state in ('wished', 'owed') then t.due_at end
  from (
    select *, case when state in ('wished', 'owed', 'withheld', 'withdrawn') then 'withheld'
      when channel in ('voice_ai', 'voice_human') then 'call' else 'touch' end as kind
    from touch where customer_id = %(customer)s) t
  where t.kind = any(%(kinds)s::text[])
    and (t.kind = 'withheld' or not exists (select from task k where k.touch_id = t.id))
  union all
  select coalesce(k.done_at, k.created_at), k.id * 16 + 3, k.as_kind, k.id, k.state, '', 'task', '', '', k.kind, k.shop,
    k.order_no, null, '', k.staff, k.outcome, case when k.state = 'open' then k.due_at end
  from (select *, case kind when 'call' then 'call' else 'task' end as as_kind
    from task where customer_id = %(customer)s) k
  where k.as_kind = any(%(kinds)s::text[])
  union all
  select e.at, (hashtextextended(concat_ws('/', e.journey_id, e.event_id, e.cause, e.at), 0)
      & 576460752303423487) / 16 * 16 + 4, 'visit', coalesce(e.visit_id, 0), e.outcome, e.reason, '', '', j.code, '', e.shop,
    e.order_no, null, '', '', e.cause, null
  from journey_entry e join journey j on j.id = e.journey_id
  where e.customer_id = %(customer)s and 'visit' = any(%(kinds)s::text[])
  union all
  select v.ended_at, v.id * 16 + 5, 'visit', v.id, 'ended', v.outcome, '', '', j.code, v.node, v.shop, v.order_no,
    null, '', '', case when v.held_out then 'held_out' else '' end, null
  from journey j join visit v on v.journey_id = j.id and v.customer_id = %(customer)s
  where v.ended_at is not null and 'visit' = any(%(kinds)s::text[])
  union all
  select d.frozen_at, d.parcel_id * 1024 + 6, 'parcel', d.parcel_id, d.content, d.reason, '', '', '', '', d.shop,
    coalesce(d.order_no, ''), null, '', '', coalesce(d.offer, d.card), null
  from parcel_decision d where d.customer_id = %(customer)s and 'parcel' = any(%(kinds)s::text[])
  union all
  select x.packed_at, d.parcel_id * 1024 + least(x.turn, 63) * 16 + 6, 'parcel', d.parcel_id, x.how, d.content, '', '', '',
    '', d.shop, coalesce(d.order_no, ''), null, '', '', concat_ws(' + ', nullif(x.gift, ''), nullif(x.card, '')), null
  from parcel_decision d join parcel_difference x on x.parcel_id = d.parcel_id
  where d.customer_id = %(customer)s and 'parcel' = any(%(kinds)s::text[])
  union all
  select x.at, f.id * 64 + x.turn * 16 + 7, 'friend', f.id, x.what, '', '', '', '', '', '', '', null, '', f.staff, f.way,
    null
  from friendship f, lateral (values (0, 'added', f.first_added_at),
    (1, 'added_again', case when f.added_at > f.first_added_at then f.added_at end),
    (2, 'parted', f.deleted_at)) as x (turn, what, at)
  where f.customer_id = %(customer)s and x.at is not null and 'friend' = any(%(kinds)s::text[])
  union all
  select r.changed_at, (hashtextextended(concat_ws('/', r.identity_id, r.staff), 0) & 576460752303423487) / 16 * 16 + 7,
    'friend', 0, case when r.item is null then 'remark_gone' else 'remarked' end, '', '', '', '', '', '', '', null, '',
    r.staff, '', null
  from friend_remark r where r.customer_id = %(customer)s and 'friend' = any(%(kinds)s::text[])
  union all
  select t.tagged_at, t.id * 16 + 8, 'tag', t.id, 'set', '', '', '', '', '', '', '', null, '', '', t.name, null
  from tag t where t.customer_id = %(customer)s and 'tag' = any(%(kinds)s::text[])
  union all
  select h.at, (hashtextextended(concat_ws('/', h.event_id, h.code), 0) & 576460752303423487) / 16 * 16 + 12,
    'tag', 0, 'hit', '', '', '', '', '', '', '', null, '', '', h.tag || ' ← ' || h.code, null
  from tag_hit h where h.customer_id = %(customer)s and 'tag' = any(%(kinds)s::text[])
  union all
  select t.until, t.id * 16 + 11, 'tag', t.id, 'expired', '', '', '', '', '', '', '', null, '', '', t.name, null
  from tag t where t.customer_id = %(customer)s and t.over and 'tag' = any(%(kinds)s::text[])
  union all
  select c.cleared_at, (hashtextextended(concat_ws('/', c.identity_id, c.name), 0) & 576460752303423487) / 16 * 16 + 9,
    'tag', 0, 'cleared', '', '', '', '', '', '', '', null, '', '', c.name, null
  from tag_cleared c where c.customer_id = %(customer)s and 'tag' = any(%(kinds)s::text[])
  union all
  select c.changed_at, (hashtextextended(concat_ws('/', c.changed_at, c.changed_source, c.changed_source_id), 0)
      & 576460752303423487) / 16 * 16 + 10, 'consent', 0, min(c.state), min(c.basis),
    string_agg(distinct c.channel, ','), string_agg(distinct c.purpose, ','), '', '', '', '', null, '', '',
    min(c.evidence), null
  from consent c where c.customer_id = %(customer)s and 'consent' = any(%(kinds)s::text[])
  group by c.changed_at, c.changed_source, c.changed_source_id
  union all
  select m.merged_at, m.id * 16 + 11, 'merge', case when m.winner = %(customer)s then m.loser else m.winner end,
    'merged', case when m.undone_by is null then '' else 'undone' end, '', '', '', '', '', '', null, '', '', '', null
  from identity_merge m
  where (m.winner = %(customer)s or m.loser = %(customer)s) and 'merge' = any(%(kinds)s::text[])
  union all
  select max(s.split_at), min(s.id) * 16 + 12, 'merge',
    case when s.before = %(customer)s then s.after else s.before end, 'split', '', '', '', '', '', '', '', null, '', '',
    '', null
  from (select * from identity_split where before = %(customer)s
    union select * from identity_split where after = %(customer)s) s
  where 'merge' = any(%(kinds)s::text[])
  group by s.event_id, s.before, s.after
  union all
  select p.paid_at, p.id * 16 + 13, 'payment', p.id, case when p.refund_no = '' then 'paid' else 'refunded' end, '', '',
    '', '', '', '', '', p.amount_minor, p.currency, p.staff, p.trade_no, null
  from payment p where p.customer_id = %(customer)s and 'payment' = any(%(kinds)s::text[])
  union all
  select x.at, g.id * 64 + x.turn * 16 + 14, 'group', g.id, x.what, '', '', '', '', '', '', '', null, '', '', g.chat, null
  from group_member g, lateral (values (0, 'joined', g.joined_at), (1, 'left', g.left_at)) as x (turn, what, at)
  where g.customer_id = %(customer)s and x.at is not null and 'group' = any(%(kinds)s::text[])
  union all
  select x.at, c.id * 64 + x.turn * 16 + 46, 'complaint', 0, x.what, '', '', '', '', '', c.shop, c.order_no,
    null, '', '', c.complaint, null
  from complaint c, lateral (values (0, 'opened', c.opened_at),
    (1, 'settled', case when c.opened_at is not null and not c.open then c.closed_at end)) as x (turn, what, at)
  where c.customer_id = %(customer)s and x.at is not null and 'complaint' = any(%(kinds)s::text[])
  union all
  select c.claimed_at, c.id * 32 + 15, 'friend', c.id, 'claimed_' || c.state, '', '', '', '', '', '', '', null, '',
    c.staff, regexp_replace(e.source_id, '^claim/[0-9]+/(known/)?', ''), null
  from match_claim c join event e on e.id = c.event_id and e.source = 'siyu' and e.kind = 'order.claimed'
  where c.customer_id = %(customer)s and 'friend' = any(%(kinds)s::text[])
  union all
  select m.added_at, (hashtextextended(concat_ws('/', 'page', m.identity_id), 0) & 576460752303423487) / 16 * 16 + 7,
    'friend', 0, 'by_page', '', '', '', '', m.source, '', '', null, '', '', concat_ws(' · ', e.page, (
      select string_agg(a.key || ' ' || a.value, ' · ' order by a.key) from jsonb_each_text(e.ad) a
      where a.key like 'utm%%')), null
  from friend_match m join entry_state e on e.state_hash = m.state_hash
  where m.customer_id = %(customer)s and 'friend' = any(%(kinds)s::text[])
  union all
  select e.occurred_at, e.id * 32 + 31, 'segment', 0, split_part(e.kind, '.', 2), '', '', '', '', '', '', '', null, '', '',
    e.data::jsonb -> 'd' ->> 'segment', null
  from identity i join event_subject s on s.identity_id = i.id
  join event e on e.id = s.event_id and e.source = 'siyu' and e.kind in ('segment.entered', 'segment.left')
  where i.customer_id = %(customer)s and 'segment' = any(%(kinds)s::text[])
)
select * from parts
where %(at)s::timestamptz is null or (at, place) < (%(at)s, %(place)s::bigint)
order by at desc, place desc limit %(limit)s;

-- name: orders_by_time
-- The latest first; what a rare filter looks at is bounded (`scan`). `before` names the last row of the page
-- before: its time is looked up, so a cursor is one number. Guests' orders are head office's alone.
select o.id
from (
  select * from orders
  where (paid_at, id) < (
      least(coalesce((select c.paid_at from orders c where c.id = %(before)s), 'infinity'),
        coalesce(%(until)s::timestamptz, 'infinity')),
      coalesce(%(before)s::bigint, 9223372036854775807))
    and paid_at >= coalesce(%(since)s::timestamptz, '-infinity')
    and paid_at < coalesce(%(until)s::timestamptz, 'infinity')
  order by paid_at desc, id desc limit %(scan)s
) o
where (%(state)s = '' or o.state = %(state)s) and (%(shop)s = '' or o.shop = %(shop)s)
  and (%(scope)s::text[] is null
    or exists (select from serves s where s.customer_id = o.customer_id and s.staff = any(%(scope)s::text[])))
order by o.paid_at desc, o.id desc limit %(limit)s;

-- name: orders_by_time_end
select id from (
  select id, paid_at from orders
  where (paid_at, id) < (
      least(coalesce((select c.paid_at from orders c where c.id = %(before)s), 'infinity'),
        coalesce(%(until)s::timestamptz, 'infinity')),
      coalesce(%(before)s::bigint, 9223372036854775807))
    and paid_at >= coalesce(%(since)s::timestamptz, '-infinity')
    and paid_at < coalesce(%(until)s::timestamptz, 'infinity')
  order by paid_at desc, id desc limit %(scan)s
) o order by paid_at, id limit 1;

-- name: orders_by_shop
-- As `orders_by_time`, along the index of one shop.
select o.id
from (
  select * from orders
  where shop = %(shop)s
    and (paid_at, id) < (
      least(coalesce((select c.paid_at from orders c where c.id = %(before)s), 'infinity'),
        coalesce(%(until)s::timestamptz, 'infinity')),
      coalesce(%(before)s::bigint, 9223372036854775807))
    and paid_at >= coalesce(%(since)s::timestamptz, '-infinity')
    and paid_at < coalesce(%(until)s::timestamptz, 'infinity')
  order by paid_at desc, id desc limit %(scan)s
) o
where (%(state)s = '' or o.state = %(state)s)
  and (%(scope)s::text[] is null
    or exists (select from serves s where s.customer_id = o.customer_id and s.staff = any(%(scope)s::text[])))
order by o.paid_at desc, o.id desc limit %(limit)s;

-- name: orders_by_shop_end
select id from (
  select id, paid_at from orders
  where shop = %(shop)s
    and (paid_at, id) < (
      least(coalesce((select c.paid_at from orders c where c.id = %(before)s), 'infinity'),
        coalesce(%(until)s::timestamptz, 'infinity')),
      coalesce(%(before)s::bigint, 9223372036854775807))
    and paid_at >= coalesce(%(since)s::timestamptz, '-infinity')
    and paid_at < coalesce(%(until)s::timestamptz, 'infinity')
  order by paid_at desc, id desc limit %(scan)s
) o order by paid_at, id limit 1;

-- name: serves_more
-- Whether a scope holds more customers than can be asked one by one: reads no further than it must.
select exists (select from serves where staff = any(%(scope)s::text[]) offset %(most)s limit 1);

-- name: orders_of
-- Of some customers (those of a scope, or one): each one's latest, then the latest of all. Costs what the scope
-- holds, whatever the base.
with who as materialized (
  select distinct s.customer_id from serves s
  where %(customer)s::bigint is null and s.staff = any(%(scope)s::text[])
  union all
  select %(customer)s where %(customer)s is not null
    and (%(scope)s::text[] is null
      or exists (select from serves s where s.customer_id = %(customer)s and s.staff = any(%(scope)s::text[])))
)
select o.id
from who w, lateral (
  select o.id, o.paid_at from orders o
  where o.customer_id = w.customer_id
    and o.paid_at <= coalesce((select c.paid_at from orders c where c.id = %(before)s), 'infinity')
    and (o.paid_at, o.id) < (
      coalesce((select c.paid_at from orders c where c.id = %(before)s), 'infinity'),
      coalesce(%(before)s::bigint, 9223372036854775807))
    and o.paid_at < coalesce(%(until)s::timestamptz, 'infinity')
    and o.paid_at >= coalesce(%(since)s::timestamptz, '-infinity')
    and (%(state)s = '' or o.state = %(state)s) and (%(shop)s = '' or o.shop = %(shop)s)
  order by o.paid_at desc, o.id desc limit %(limit)s
) o
order by o.paid_at desc, o.id desc limit %(limit)s;

-- name: orders_named
-- By its number, in whichever shop: one look per shop along the unique key (shops hop by hop, since some sell
-- without being listed).
with recursive s (shop) as (
  (select shop from orders order by shop limit 1)
  union all
  select (select o.shop from orders o where o.shop > s.shop order by o.shop limit 1) from s where s.shop is not null
)
select o.id from s, lateral (
  select o.* from orders o where o.shop = s.shop and o.order_no = %(order_no)s) o
where (%(shop)s = '' or o.shop = %(shop)s)
  and (%(scope)s::text[] is null
    or exists (select from serves v where v.customer_id = o.customer_id and v.staff = any(%(scope)s::text[])))
order by o.paid_at desc, o.id desc;

-- name: order_rows
-- What a list shows of these orders.
select o.id, o.shop, o.order_no, o.customer_id, o.state, o.paid_at, o.total_minor, o.refunded_minor, o.currency
from orders o where o.id = any(%(ids)s::bigint[])
order by o.paid_at desc, o.id desc;

-- name: parcels_with
-- The parcels in which these orders travel; the one that stands for the order first.
select l.shop, l.order_no, p.id
from unnest(%(shops)s::text[], %(order_nos)s::text[]) as w (shop, order_no)
join parcel_order l on l.shop = w.shop and l.order_no = w.order_no
join parcel p on p.id = l.parcel_id
order by l.shop, l.order_no, p.main_order_no is not distinct from l.order_no desc, p.id;

-- name: promises_for
-- What was promised for these orders, eldest first.
select p.shop, p.order_no, p.id, p.offer, f.title, p.state, p.given_sku, p.reason, p.promised_at, p.expires_at
from unnest(%(shops)s::text[], %(order_nos)s::text[]) as w (shop, order_no)
join promise p on p.shop = w.shop and p.order_no = w.order_no
left join offer f on f.code = p.offer
order by p.promised_at, p.id;

-- name: order_seen
select from orders o
where o.id = %(id)s
  and (%(scope)s::text[] is null
    or exists (select from serves s where s.customer_id = o.customer_id and s.staff = any(%(scope)s::text[])));

-- name: order_items
select line, sku, title, category, quantity, unit_minor, amount_minor
from order_item where order_id = %(id)s order by line;

-- name: order_refunds
-- What takes from this order, named or matched.
select refund_no, line, whole, sku, quantity, amount_minor, currency, refunded_at, order_no is not null
from refund where order_id = %(id)s order by refunded_at, refund_no, line;

-- name: order_visits
-- The visits that this order began or joined.
select v.id, j.code, v.version, v.node, v.state, v.due_at, v.entered_at, v.ended_at, v.outcome, v.held_out
from visit_order o join visit v on v.id = o.visit_id join journey j on j.id = v.journey_id
where o.shop = %(shop)s and o.order_no = %(order_no)s
order by v.entered_at, v.id;

-- name: order_touches
-- Of its visits, and what was wished for it otherwise; one customer has few.
select t.id, t.journey, t.step, t.channel, t.state, t.reason, t.wished_at, t.sent_at, t.outcome
from touch t
where t.customer_id = %(customer)s
  and (t.visit_id = any(%(visits)s::bigint[]) or (t.shop = %(shop)s and t.order_no = %(order_no)s))
order by t.wished_at, t.id limit 200;

-- name: parcels_packed
-- The latest first; what a rare filter looks at is bounded (`scan`), and reads of a parcel what its index holds.
-- `fate`: what parcels in scope carry in truth; all others are out of scope, whatever they carry.
select p.id
from (
  select id, shop, warehouse, packed_at, packed_gift, packed_card from parcel
  where packed_at is not null
    and (packed_at, id) < (
      least(coalesce((select c.packed_at from parcel c where c.id = %(before)s), 'infinity'),
        coalesce(%(until)s::timestamptz, 'infinity')),
      coalesce(%(before)s::bigint, 9223372036854775807))
    and packed_at >= coalesce(%(since)s::timestamptz, '-infinity')
    and packed_at < coalesce(%(until)s::timestamptz, 'infinity')
  order by packed_at desc, id desc limit %(scan)s
) p
left join parcel_decision d on d.parcel_id = p.id
cross join lateral (
  select coalesce(p.packed_gift, '') as gift, coalesce(p.packed_card, '') as card,
    coalesce(d.content, 'none') as decided, coalesce(d.reason, 'undecided') as reason
) a
cross join lateral (
  select case when a.gift <> '' and a.card <> '' then 'both' when a.gift <> '' then 'gift'
    when a.card <> '' then 'card' else 'neither' end as carried
) b
where (%(shop)s = '' or p.shop = %(shop)s)
  and (%(warehouse)s = '' or p.warehouse = %(warehouse)s)
  and (%(reason)s = '' or a.reason = %(reason)s)
  and (%(decided)s = '' or a.decided = %(decided)s)
  and (%(item)s = '' or coalesce(nullif(d.sku, ''), d.card) = %(item)s)
  and (%(fate)s = '' or case when a.decided = 'none' then 'out_of_scope' else b.carried end = %(fate)s)
  and (not %(promised)s or d.promise_id is not null)
  and (%(mismatch)s = '' or case
    when a.decided = 'none' then case when b.carried = 'neither' then '' else 'stray' end
    when b.carried <> a.decided then 'other_kind'
    when a.gift <> coalesce(d.sku, '') or a.card <> coalesce(d.card, '') then 'other_item'
    else '' end = any(string_to_array(%(mismatch)s, ',')))
order by p.packed_at desc, p.id desc limit %(limit)s;

-- name: parcels_packed_end
select id from (
  select id, packed_at from parcel
  where packed_at is not null
    and (packed_at, id) < (
      least(coalesce((select c.packed_at from parcel c where c.id = %(before)s), 'infinity'),
        coalesce(%(until)s::timestamptz, 'infinity')),
      coalesce(%(before)s::bigint, 9223372036854775807))
    and packed_at >= coalesce(%(since)s::timestamptz, '-infinity')
    and packed_at < coalesce(%(until)s::timestamptz, 'infinity')
  order by packed_at desc, id desc limit %(scan)s
) p order by packed_at, id limit 1;

-- name: parcels_frozen
-- Decided and not packed, the latest cut-off first.
select p.id
from (
  select id, shop, warehouse, cutoff_at from parcel
  where packed_at is null
    and (cutoff_at, id) < (
      coalesce((select c.cutoff_at from parcel c where c.id = %(before)s), 'infinity'),
      coalesce(%(before)s::bigint, 9223372036854775807))
  order by cutoff_at desc, id desc limit %(scan)s
) p
join parcel_decision d on d.parcel_id = p.id
where (%(shop)s = '' or p.shop = %(shop)s)
  and (%(warehouse)s = '' or p.warehouse = %(warehouse)s)
  and (%(reason)s = '' or d.reason = %(reason)s)
  and (%(decided)s = '' or d.content = %(decided)s)
  and (not %(promised)s or d.promise_id is not null)
order by p.cutoff_at desc, p.id desc limit %(limit)s;

-- name: parcels_frozen_end
select id from (
  select id, cutoff_at from parcel
  where packed_at is null
    and (cutoff_at, id) < (
      coalesce((select c.cutoff_at from parcel c where c.id = %(before)s), 'infinity'),
      coalesce(%(before)s::bigint, 9223372036854775807))
  order by cutoff_at desc, id desc limit %(scan)s
) p order by cutoff_at, id limit 1;

-- name: parcels_waiting
-- Planned and not decided, the next cut-off first.
select p.id
from (
  select parcel_id, cutoff_at from parcel_due
  where (cutoff_at, parcel_id) > (
      coalesce((select c.cutoff_at from parcel c where c.id = %(before)s), '-infinity'),
      coalesce(%(before)s::bigint, 0))
  order by cutoff_at, parcel_id limit %(scan)s
) w join parcel p on p.id = w.parcel_id
where (%(shop)s = '' or p.shop = %(shop)s)
  and (%(warehouse)s = '' or p.warehouse = %(warehouse)s)
order by w.cutoff_at, w.parcel_id limit %(limit)s;

-- name: parcels_waiting_end
select parcel_id from (
  select parcel_id, cutoff_at from parcel_due
  where (cutoff_at, parcel_id) > (
      coalesce((select c.cutoff_at from parcel c where c.id = %(before)s), '-infinity'),
      coalesce(%(before)s::bigint, 0))
  order by cutoff_at, parcel_id limit %(scan)s
) w order by cutoff_at desc, parcel_id desc limit 1;

-- name: parcels_named
-- By its own number, or by an order's in whichever shop that has parcels.
select p.id from parcel p where p.parcel_no = %(number)s
union
select l.parcel_id from (
  with recursive s (shop) as (
    (select shop from parcel_order order by shop limit 1)
    union all
    select (select o.shop from parcel_order o where o.shop > s.shop order by o.shop limit 1)
    from s where s.shop is not null
  ) select shop from s where shop is not null
) s, lateral (
  select l.parcel_id from parcel_order l where l.shop = s.shop and l.order_no = %(number)s) l
order by 1 desc limit %(limit)s;

-- name: parcel_rows
-- What a list shows of these parcels: what was decided and why, for whom, what was packed. Before the cut-off
-- the buyer is the main order's, and the promise the eldest that is open for it.
select p.id, p.parcel_no, p.shop, p.main_order_no,
  (select array_agg(l.order_no order by l.order_no) from parcel_order l where l.parcel_id = p.id),
  p.planned_at, p.cutoff_at, d.content, d.reason, coalesce(d.sku, ''), coalesce(d.card, ''), d.frozen_at,
  p.packed_at, coalesce(p.packed_gift, ''), coalesce(p.packed_card, ''), p.shipped_at,
  coalesce(d.customer_id, o.customer_id), q.id, q.offer, f.title, q.state, p.warehouse
from unnest(%(ids)s::bigint[]) with ordinality as w (id, place)
join parcel p on p.id = w.id
left join parcel_decision d on d.parcel_id = p.id
left join orders o on o.shop = p.shop and o.order_no = p.main_order_no
left join lateral (
  select r.id, r.offer, r.state from promise r where r.id = d.promise_id
  union all
  (select r.id, r.offer, r.state from promise r
   where d.parcel_id is null and r.shop = p.shop and r.order_no = p.main_order_no
     and r.state in ('promised', 'claimable')
   order by r.id limit 1)
) q on true
left join offer f on f.code = q.offer
order by w.place;

-- name: fates
-- One row per fate of what was packed in the period: decided, why, what it carried, whether other things than
-- decided, whether for a promise; how many. Both sides come from their indexes alone. Numbers of parcels grow
-- with time: the decisions between the first and the last are read in one go (a look for each costs thrice).
with packed as materialized (
  select id, warehouse, coalesce(packed_gift, '') as gift, coalesce(packed_card, '') as card from parcel
  where packed_at >= %(since)s and packed_at < %(until)s and (%(shop)s = '' or shop = %(shop)s)
), decided as materialized (
  select parcel_id, content, reason, sku, card, promise_id is not null as promised from parcel_decision
  where parcel_id >= (select min(id) from packed) and parcel_id <= (select max(id) from packed)
)
select coalesce(d.content, 'none'), coalesce(d.reason, 'undecided'), p.gift <> '', p.card <> '',
  p.gift <> coalesce(d.sku, '') or p.card <> coalesce(d.card, ''), coalesce(d.promised, false), p.warehouse,
  count(*)
from packed p left join decided d on d.parcel_id = p.id
group by 1, 2, 3, 4, 5, 6, 7;

-- name: instructions
-- What packers were told and what they packed, by local day, warehouse and instruction. As `fates`: both sides from
-- their indexes, the decisions of the period in one go.
with packed as materialized (
  select id, warehouse, (packed_at at time zone %(zone)s)::date as day, coalesce(packed_gift, '') as gift,
    coalesce(packed_card, '') as card
  from parcel
  where packed_at >= %(since)s and packed_at < %(until)s and (%(shop)s = '' or shop = %(shop)s)
), decided as materialized (
  select parcel_id, content, sku, card from parcel_decision
  where parcel_id >= (select min(id) from packed) and parcel_id <= (select max(id) from packed)
)
select p.day, p.warehouse, coalesce(d.content, 'none'), coalesce(nullif(d.sku, ''), d.card, ''), p.gift <> '',
  p.card <> '', p.gift <> coalesce(d.sku, '') or p.card <> coalesce(d.card, ''), count(*)
from packed p left join decided d on d.parcel_id = p.id
group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4;

-- name: by_hash
-- A young table's statistics speak of one row, and then a loop in a loop looks cheap: not for whole periods.
set local enable_nestloop = off;

-- name: unpacked
-- What waits, now: for its cut-off, or decided and for the packer; no more than `most` of each are counted.
select 'waiting', '', count(*) from (
  select from parcel_due w join parcel p on p.id = w.parcel_id
  where (%(shop)s = '' or p.shop = %(shop)s) limit %(most)s) w
union all
select 'frozen', content, count(*) from (
  select d.content from parcel p join parcel_decision d on d.parcel_id = p.id
  where p.packed_at is null and p.cutoff_at is not null and (%(shop)s = '' or p.shop = %(shop)s)
  limit %(most)s) f
group by content;

-- name: open_promises
-- As `owed_promises`, with those whose parcel may still come.
select p.id, p.offer, f.title, p.customer_id, p.shop, p.order_no, p.reason, p.promised_at, p.expires_at
from promise p left join offer f on f.code = p.offer
where p.state in ('promised', 'claimable')
  and p.expires_at >= coalesce((select c.expires_at from promise c where c.id = %(after)s), '-infinity')
  and (p.expires_at, p.id) > (
    coalesce((select c.expires_at from promise c where c.id = %(after)s), '-infinity'), coalesce(%(after)s::bigint, 0))
  and p.expires_at < coalesce(%(by)s::timestamptz, 'infinity')
order by p.expires_at, p.id limit %(limit)s;

-- name: owed_promises
-- What we owe and has no parcel yet, the first to lapse first.
select p.id, p.offer, f.title, p.customer_id, p.shop, p.order_no, p.reason, p.promised_at, p.expires_at
from promise p left join offer f on f.code = p.offer
where p.state = 'claimable'
  and (p.expires_at, p.id) > (
    coalesce((select c.expires_at from promise c where c.id = %(after)s), '-infinity'), coalesce(%(after)s::bigint, 0))
  and p.expires_at <= coalesce(%(by)s::timestamptz, 'infinity')
order by p.expires_at, p.id limit %(limit)s;

-- name: channel_states
-- Each channel: paused since when by whom, in trouble since when, how often in a row and until when it is left
-- alone, when a batch last went out since `since` (the minute; real time), and the last thing that went wrong.
select c.channel, s.since, s.by, t.since, coalesce(t.failures, 0), t.probe_at, r.sent, r.error
from unnest(%(channels)s::text[]) as c (channel)
left join stop s on s.scope = 'channel:' || c.channel
left join trouble t on t.channel = c.channel
cross join lateral (
  select max(minute) filter (where items > 0 and failures < runs) as sent,
    coalesce((array_agg(last_error order by minute desc) filter (where last_error <> ''))[1], '') as error
  from sweep_run
  where minute >= %(since)s and sweep in ('send:' || c.channel || ':now', 'send:' || c.channel || ':window')
) r
order by c.channel;

-- name: shops_heard
-- Every shop that is listed or has sold, and when its last order was paid: one look each.
with recursive sold (shop) as (
  (select shop from orders order by shop limit 1)
  union all
  select (select o.shop from orders o where o.shop > s.shop order by o.shop limit 1) from sold s where s.shop is not null
)
select k.code, h.name, h.platform, h.inserts, h.synthetic,
  (select o.paid_at from orders o where o.shop = k.code order by o.paid_at desc, o.id desc limit 1)
from (select code from shop union select shop from sold where shop is not null) k
left join shop h on h.code = k.code
order by k.code;

-- name: goes
-- How much hangs on these keys, room by room: what a merge or a split would move.
with v as materialized (
  select * from unnest(%(identities)s::bigint[], %(befores)s::bigint[]) as u (identity_id, customer_id)
), visits as materialized (
  select w.id from visit w join v on w.customer_id = v.customer_id and w.identity_id = v.identity_id
)
select
  (select count(*) from orders t join v on t.customer_id = v.customer_id and t.identity_id = v.identity_id),
  (select count(*) from friendship t join v on t.customer_id = v.customer_id and t.identity_id = v.identity_id),
  (select count(*) from consent t join v on t.customer_id = v.customer_id and t.identity_id = v.identity_id),
  (select count(*) from tag t join v on t.customer_id = v.customer_id and t.identity_id = v.identity_id),
  (select count(*) from promise t join v on t.customer_id = v.customer_id and t.identity_id = v.identity_id),
  (select count(*) from visits),
  (select count(*) from visits join touch t on t.visit_id = visits.id);

-- name: loop
-- What happened in [since, until): each part is one range of an index (orders_paid, touch_invited,
-- friendship_added) and keys from there, so it costs what happened then and not what ever was.
-- Invited: the first invitation of a visit went out then. A friend: new then to the brand, not to a further
-- guide. Again: an order that stands, of somebody who was a friend at it and had bought before.
with o as materialized (
  select customer_id, paid_at from orders
  where paid_at >= %(since)s and paid_at < %(until)s and state = 'paid'
), f as materialized (
  select distinct m.identity_id, m.customer_id, m.matched
  from friendship f join friend_match m on m.identity_id = f.identity_id
  where f.first_added_at >= %(since)s and f.first_added_at < %(until)s
    and m.added_at >= %(since)s and m.added_at < %(until)s
), a as materialized (
  select o.customer_id from o
  where exists (select from orders e where e.customer_id = o.customer_id and e.paid_at < o.paid_at and e.state = 'paid')
    and exists (
      select from friendship f
      where f.customer_id = o.customer_id and f.first_added_at <= o.paid_at
        and not (f.deleted_at is not null and f.deleted_at <= o.paid_at
                 and (f.added_at is null or f.added_at < f.deleted_at or f.added_at > o.paid_at)))
)
select (select count(*) from o), (select count(distinct customer_id) from o),
  (select count(distinct t.customer_id) from touch t
    where t.purpose = 'order_invitation' and t.sent_at >= %(since)s and t.sent_at < %(until)s
      and not exists (select from touch e where e.visit_id = t.visit_id and e.purpose = 'order_invitation'
                        and e.sent_at < %(since)s)),
  (select count(*) from f), (select count(distinct customer_id) from f),
  (select count(*) from f where not matched),
  (select count(*) from a), (select count(distinct customer_id) from a);

-- name: loop_orders
-- The orders that `loop` counts, the newest first.
select o.id, o.customer_id, o.shop, o.order_no, o.paid_at from orders o
where o.paid_at >= %(since)s and o.paid_at < %(until)s and o.state = 'paid'
  and (%(before)s::bigint is null or (o.paid_at, o.id) < (select paid_at, id from orders where id = %(before)s))
order by o.paid_at desc, o.id desc limit %(limit)s;

-- name: loop_invited
-- Each customer whom `loop` counts once, by the first invitation that went out.
select t.id, t.customer_id, t.shop, t.order_no, t.sent_at from touch t
where t.purpose = 'order_invitation' and t.sent_at >= %(since)s and t.sent_at < %(until)s
  and (%(before)s::bigint is null or (t.sent_at, t.id) < (select sent_at, id from touch where id = %(before)s))
  and not exists (select from touch e where e.visit_id = t.visit_id and e.purpose = 'order_invitation'
                    and e.sent_at < %(since)s)
  and not exists (
    select from touch e
    where e.customer_id = t.customer_id and e.purpose = 'order_invitation' and e.sent_at >= %(since)s
      and (e.sent_at, e.id) < (t.sent_at, t.id)
      and not exists (select from touch v where v.visit_id = e.visit_id and v.purpose = 'order_invitation'
                        and v.sent_at < %(since)s))
order by t.sent_at desc, t.id desc limit %(limit)s;

-- name: loop_friends
-- The new friends of `loop`; `matched` null: all, false: whom nothing leads to a buyer yet.
select distinct m.identity_id, m.customer_id, '', '', m.added_at
from friendship f join friend_match m on m.identity_id = f.identity_id
where f.first_added_at >= %(since)s and f.first_added_at < %(until)s
  and m.added_at >= %(since)s and m.added_at < %(until)s
  and (%(matched)s::boolean is null or m.matched = %(matched)s)
  and (%(before)s::bigint is null
    or (m.added_at, m.identity_id) < (select added_at, identity_id from friend_match where identity_id = %(before)s))
order by m.added_at desc, m.identity_id desc limit %(limit)s;

-- name: loop_again
-- The further orders of friends that `loop` counts, the newest first.
select o.id, o.customer_id, o.shop, o.order_no, o.paid_at from orders o
where o.paid_at >= %(since)s and o.paid_at < %(until)s and o.state = 'paid'
  and (%(before)s::bigint is null or (o.paid_at, o.id) < (select paid_at, id from orders where id = %(before)s))
  and exists (select from orders e where e.customer_id = o.customer_id and e.paid_at < o.paid_at and e.state = 'paid')
  and exists (
    select from friendship f
    where f.customer_id = o.customer_id and f.first_added_at <= o.paid_at
      and not (f.deleted_at is not null and f.deleted_at <= o.paid_at
               and (f.added_at is null or f.added_at < f.deleted_at or f.added_at > o.paid_at)))
order by o.paid_at desc, o.id desc limit %(limit)s;

-- name: repurchase
-- Customers whose first order that stands was in [since, until), and those with a further one within the window.
select count(*), count(*) filter (where exists (
    select from orders n where n.customer_id = o.customer_id and n.state = 'paid'
      and (n.paid_at, n.id) > (o.paid_at, o.id) and n.paid_at <= o.paid_at + %(window)s::interval))
from orders o
where o.paid_at >= %(since)s and o.paid_at < %(until)s and o.state = 'paid' and o.customer_id is not null
  and not exists (select from orders e where e.customer_id = o.customer_id and e.state = 'paid'
                    and (e.paid_at, e.id) < (o.paid_at, o.id));

-- name: attention
-- What waits for somebody: what, about what, how many, since when. Each part is the beginning of a partial index
-- that holds nothing but such rows, and stops at %(most)s; a healthy installation answers from empty indexes.
-- What vendors say of it comes with it, in English and in Chinese where we have words for it; those tables are small.
select case when quota then 'quota_used' else 'provider_down' end, channel, failures::bigint, since, reason, reason
from trouble
union all
select 'template_rejected', channel || '/' || material, 1, since, reason, reason from refused
union all
select case when quota then 'quota_used' else 'vendor_warns' end, connector || '/' || name, 1, since,
  why ->> 'en', why ->> 'zh'
from connector_alarm where until_at is null or until_at > %(now)s
union all
select 'pull_failing', connector || '/' || name, failures::bigint, failing_since,
  coalesce(why ->> 'en', error), coalesce(why ->> 'zh', error)
from connector_pull where alarm_at <= %(now)s and failures > 0
union all
select x.*, '', '' from (
select 'events_parked', '', count(*), min(parked_at) from (
  select parked_at from event_pending where error is not null order by event_id limit %(most)s) x
union all
select 'events_waiting', '', count(*), min(received_at) from (
  select received_at from event_pending where error is null order by event_id limit %(most)s) x
having min(received_at) < %(stuck)s
union all
select 'visits_parked', '', count(*), min(since) from (
  select since from visit where state = 2 order by id limit %(most)s) x
union all
select 'tasks_overdue', '', count(*), min(due_at) from (
  select due_at from task where state = 'open' and due_at < %(now)s and reported_at is null
  order by due_at, id limit %(most)s) x
union all
select 'tasks_unassigned', '', count(*), min(created_at) from (
  select created_at from task where state = 'open' and staff = '' order by due_at, id limit %(most)s) x
union all
select 'promises_expiring', '', count(*), min(expires_at) from (
  select expires_at from promise where state in ('promised', 'claimable') and expires_at < %(soon)s
  order by expires_at limit %(most)s) x
union all
select 'gift_short', sku, count(*), min(cutoff_at) from (
  select s.sku, d.cutoff_at
  from (select * from parcel_due where cutoff_at < %(soon)s order by cutoff_at, parcel_id limit %(most)s) d
  join parcel_order po on po.parcel_id = d.parcel_id
  join promise p on p.shop = po.shop and p.order_no = po.order_no and p.state = 'promised'
  join offer o on o.code = p.offer
  join gift_stock s on s.sku = o.sku and s.on_hand - s.reserved <= 0
  where not exists (
    select from offer b join gift_stock g on g.sku = b.sku
    where b.code = o.substitute and g.on_hand - g.reserved > 0)
) x group by sku
union all
select 'gift_low', s.sku, s.on_hand - s.reserved, null
from gift_stock s
join (
  select o.sku, count(*) as owed
  from (select offer from promise where state = 'promised' order by expires_at limit %(most)s) p
  join offer o on o.code = p.offer group by o.sku) n on n.sku = s.sku
where s.on_hand - s.reserved < n.owed
union all
select 'approvals_waiting', '', count(*), min(asked_at) from journey_approval where state = 'waiting'
union all
select 'subscribers_stopped', '', count(*), min(failing_since) from subscriber where not active and stopped_why <> ''
union all
select 'touches_in_doubt', '', count(*), min(sent_at) from (
  select sent_at from touch where state = 'unknown' and sent_at < %(doubt)s limit %(most)s) x
union all
select 'claims_open', '', count(*), min(claimed_at) from (
  select claimed_at from match_claim where state = 'open' order by id limit %(most)s) x
union all
select 'complaints_open', '', count(*), min(opened_at) from (
  select opened_at from complaint where open order by opened_at limit %(most)s) x
union all
select 'friends_unmatched', '', count(*), min(added_at) from (
  select added_at from friend_match where not matched order by added_at limit %(most)s) x
) x;

-- name: brief
-- A day and the one that it is compared with, in one go. Each part is a range of an index: friendship_added,
-- friendship_deleted, touch_failed, and the blocks of ledger_entry that were written then. `offset 0`: friends by
-- their time first, then each by its key, also where the planner still takes these tables for empty.
select f.friends, f.unmatched,
  (select count(*) from friendship d
    where d.deleted_at >= s.since and d.deleted_at < s.until and d.state <> 'deleted_by_staff'),
  (select count(*) from touch t where t.state = 'failed' and t.finished_at >= s.since and t.finished_at < s.until),
  (select coalesce(sum(l.amount_minor), 0)::bigint from ledger_entry l
    where l.occurred_at >= s.since and l.occurred_at < s.until and l.currency = %(currency)s)
from unnest(%(sinces)s::timestamptz[], %(untils)s::timestamptz[]) with ordinality as s (since, until, place)
cross join lateral (
  select count(*) as friends, count(*) filter (where not x.matched) as unmatched from (
    select distinct f.identity_id, m.matched
    from (
      select identity_id from friendship
      where first_added_at >= s.since and first_added_at < s.until order by first_added_at offset 0) f
    cross join lateral (
      select matched, added_at from friend_match where identity_id = f.identity_id offset 0) m
    where m.added_at >= s.since and m.added_at < s.until) x) f
order by s.place;

-- name: one_moment
-- All figures of a report are of one moment, so that they add up.
set transaction isolation level repeatable read;

-- name: cohort
-- The buyers of a period, each once: in which group, when they first ordered as somebody to be won, when they
-- became a friend within the window. In a table, so that the statements behind it know how large it is.
-- What counts as what: `buyers`, above. Who only has orders that are gone again is no buyer, but what was spent
-- on them was spent: `began_at` is the first order of any kind. An order is told at or after its payment, so entries
-- before the period say nothing of it. `end`: what came later is not looked at.
create temporary table report_cohort on commit drop as
with bought as materialized (
  select o.id, o.customer_id, o.shop, o.order_no, o.paid_at, o.state = 'paid' as stands
  from orders o
  where o.paid_at >= %(since)s and o.paid_at < %(until)s and o.customer_id is not null
    and (%(shops)s::text[] is null or o.shop = any(%(shops)s::text[]))
), known as materialized (
  select distinct o.id
  from bought o join friendship f on f.customer_id = o.customer_id
  where f.first_added_at <= o.paid_at
    and not (f.deleted_at is not null and f.deleted_at <= o.paid_at
             and (f.added_at is null or f.added_at < f.deleted_at or f.added_at > o.paid_at))
), refused as materialized (
  select o.id
  from bought o join journey_entry e
    on e.customer_id = o.customer_id and e.shop = o.shop and e.order_no = o.order_no
  where e.at >= %(since)s and e.reason in ('not_admitted', 'backfill', 'pilot')
    and e.journey_id = (select j.id from journey j where j.code = %(journey)s)
  union
  select o.id
  from bought o join parcel_decision d
    on d.customer_id = o.customer_id and d.shop = o.shop and d.order_no = o.order_no
  where d.reason = 'not_admitted'
), firsts as (
  select o.customer_id,
    min(o.paid_at) filter (where o.stands and k.id is null and r.id is null) as first_at,
    min(o.paid_at) filter (where k.id is null and r.id is null) as began_at,
    min(o.paid_at) filter (where o.stands) as bought_at,
    bool_and(k.id is not null) filter (where o.stands) as friend
  from bought o left join known k on k.id = o.id left join refused r on r.id = o.id
  group by o.customer_id
), added as (
  select s.customer_id, min(case when f.first_added_at > s.first_at then f.first_added_at
                                 when f.added_at > s.first_at then f.added_at end) as at
  from firsts s join friendship f on f.customer_id = s.customer_id
  where s.first_at is not null
  group by s.customer_id
)
select s.customer_id, s.first_at, s.began_at, s.bought_at,
  case when s.friend is null then 'gone'
       when s.first_at is null then case when s.friend then 'friend' else 'not_admitted' end
       when h.customer_id is not null then 'held'
       else 'treated' end as kind,
  case when a.at <= s.first_at + %(window)s and a.at < %(end)s then a.at end as added_at,
  s.first_at + %(window)s as ends_at
from firsts s
left join holdout h on h.scope = %(journey)s and h.customer_id = s.customer_id and h.held
left join added a on a.customer_id = s.customer_id;

-- name: count_cohort
-- A fresh table has no statistics: the planner would take it for a small one.
analyze report_cohort;

-- name: count_followed
analyze report_followed;

-- name: followed_by
-- Everything of the plan that reached a buyer in scope within the window, messages and cards alike.
create temporary table report_followed on commit drop as
select s.customer_id, t.sent_at as at, t.step, t.id
from report_cohort s join touch t on t.customer_id = s.customer_id
where s.kind = 'treated' and t.journey = %(journey)s and t.sent_at >= %(since)s and t.sent_at < %(end)s
  and t.sent_at >= s.first_at and t.sent_at < s.first_at + %(window)s
union all
select s.customer_id, p.packed_at, 'card', p.id
from report_cohort s
join parcel_decision d on d.customer_id = s.customer_id and d.source = %(source)s
join parcel p on p.id = d.parcel_id and p.packed_card <> ''
where s.kind = 'treated' and p.packed_at >= s.first_at and p.packed_at < s.first_at + %(window)s
  and p.packed_at < %(end)s;

-- name: won_by
-- The step that each new friend followed: that of the code they came by, else the last before.
create temporary table report_won on commit drop as
with latest as (
  select distinct on (f.customer_id) f.customer_id, f.step
  from report_followed f join report_cohort s on s.customer_id = f.customer_id
  where f.at <= s.added_at
  order by f.customer_id, f.at desc, f.id desc
), coded as (
  select distinct on (m.customer_id) m.customer_id, m.step
  from report_cohort s join friend_match m on m.customer_id = s.customer_id and m.added_at = s.added_at
  where s.kind = 'treated' and m.step <> '' and m.source = %(source)s
  order by m.customer_id, m.identity_id
)
select s.customer_id, coalesce(c.step, l.step, %(other)s) as step, s.added_at as at
from report_cohort s
left join coded c on c.customer_id = s.customer_id
left join latest l on l.customer_id = s.customer_id
where s.kind = 'treated' and s.added_at is not null;

-- name: may_still
-- Who may still be won: no friend yet, and their window has not ended. `fresh`: the plan has hardly begun with them.
create temporary table report_open on commit drop as
select customer_id, first_at > %(now)s - %(hardly)s as fresh from report_cohort where kind = 'treated' and added_at is null and ends_at > %(now)s;

-- name: behind
-- Who stands behind each figure, once per figure and step. Figures are counts of this and lists are pages of it, so
-- that no list can say something else than its number.
create temporary view report_behind as
select b.figure, '' as step, s.customer_id, b.at
from report_cohort s
left join (select distinct customer_id from report_followed) f on f.customer_id = s.customer_id
left join report_open o on o.customer_id = s.customer_id
cross join lateral (values
  ('buyers', s.kind <> 'gone', s.bought_at),
  ('friends_before', s.kind = 'friend', s.bought_at),
  ('not_admitted', s.kind = 'not_admitted', s.bought_at),
  ('holdout', s.kind = 'held', s.first_at),
  ('holdout_friends', s.kind = 'held' and s.added_at is not null, s.added_at),
  ('in_scope', s.kind = 'treated', s.first_at),
  ('friends', s.kind = 'treated' and s.added_at is not null, s.added_at),
  ('still_open', o.customer_id is not null, s.first_at),
  ('fresh', o.fresh, s.first_at),
  ('invited', f.customer_id is not null, s.first_at),
  ('invited_friends', f.customer_id is not null and s.added_at is not null, s.added_at)
) as b (figure, counts, at)
where b.counts
union all
select 'reached', step, customer_id, min(at) from report_followed group by step, customer_id
union all
select 'won', step, customer_id, at from report_won;

-- name: figures
-- How many stand behind each.
select figure, step, count(*) from report_behind group by figure, step;

-- name: by_order
-- The same of those in scope, by the shop and the hour (the brand's) of the order from which they are watched.
with watched as materialized (
  select distinct on (s.customer_id) s.customer_id, o.shop,
    extract(hour from o.paid_at at time zone %(zone)s)::int as hour
  from report_cohort s join orders o on o.customer_id = s.customer_id and o.paid_at = s.first_at
  where s.kind = 'treated' and o.state = 'paid'
    and (%(shops)s::text[] is null or o.shop = any(%(shops)s::text[]))
  order by s.customer_id, o.shop
)
select p.part, p.value, b.figure, b.step, count(*)
from report_behind b
join watched w on w.customer_id = b.customer_id
cross join lateral (values ('shop', w.shop), ('hour', lpad(w.hour::text, 2, '0'))) as p (part, value)
where b.figure in ('in_scope', 'friends', 'reached', 'won')
group by p.part, p.value, b.figure, b.step order by p.part, p.value, b.figure, b.step;

-- name: counted
-- Those who stand behind one, whoever came to us last first.
select customer_id, at from report_behind
where figure = %(figure)s and step = %(step)s and (%(before)s::bigint is null or customer_id < %(before)s)
order by customer_id desc limit %(limit)s;

-- name: reached
-- What each step sent, in the order in which it usually comes; what raced the add, by seconds; the fresh among
-- those whom it reached.
select f.step, count(*), count(*) filter (where f.at >= s.added_at),
  coalesce(max(extract(epoch from f.at - s.added_at)) filter (where f.at >= s.added_at), 0)::float8,
  count(distinct f.customer_id) filter (where o.fresh)
from report_followed f join report_cohort s on s.customer_id = f.customer_id
left join report_open o on o.customer_id = f.customer_id
group by f.step order by avg(f.at - s.first_at), f.step;

-- name: not_reached
-- Whom a step was to reach and has not, by what became of their touch: withheld with its reason, failed, or it waits,
-- for a pause, for a provider that takes nothing, or just so.
select t.step,
  case when t.state = 'withheld' then 'withheld' when t.state in ('failed', 'unknown') then 'failed'
       when t.held then 'paused' when b.channel is not null then 'provider' else 'waiting' end as why,
  case when t.state = 'withheld' then t.reason else '' end as reason,
  count(distinct t.customer_id)
from report_cohort s
join touch t on t.customer_id = s.customer_id
left join trouble b on b.channel = t.channel
where s.kind = 'treated' and t.journey = %(journey)s and t.sent_at is null and t.state <> 'withdrawn'
  and t.wished_at >= %(since)s and t.wished_at < %(end)s
  and t.wished_at >= s.first_at and t.wished_at < s.first_at + %(window)s
group by 1, 2, 3 order by 1, 2, 3;

-- name: cohort_costs
-- What was spent on the buyers in scope, and on those whose orders are gone again, each within the window: so a
-- short period is not charged for others.
select e.step, e.kind, e.currency, sum(e.quantity)::bigint, sum(e.amount_minor)::bigint
from report_cohort s join ledger_entry e on e.customer_id = s.customer_id
where s.kind in ('treated', 'gone') and e.journey = %(journey)s and e.reversed_at is null
  and e.occurred_at >= %(since)s and e.occurred_at < %(end)s
  and e.occurred_at >= s.began_at and e.occurred_at < coalesce(s.first_at, s.began_at) + %(window)s
group by e.step, e.kind, e.currency order by e.step, e.kind, e.currency;

-- name: forget_cohort
-- The next source has buyers of its own.
drop table report_cohort, report_followed, report_won, report_open cascade;

-- name: without_buyer
-- Friends of the time of whom nothing says which buyer they are: counted, and listed.
create temporary table report_unmatched on commit drop as
select identity_id, customer_id, added_at from friend_match
where not matched and added_at >= %(since)s and added_at < %(end)s;

-- name: count_without_buyer
select count(*) from report_unmatched;

-- name: list_without_buyer
select identity_id, customer_id, added_at from report_unmatched
where %(before)s::bigint is null or identity_id < %(before)s
order by identity_id desc limit %(limit)s;

-- name: asked_withheld
-- A view takes no parameters: it reads them here.
create temporary table report_asked on commit drop as
select %(since)s::timestamptz as since, %(until)s::timestamptz as until, %(zone)s::text as zone,
  %(journey)s::text as journey, %(shops)s::text[] as shops;

-- name: count_asked
-- A fresh table has no statistics, and one row is what makes the index worth going by.
analyze report_asked;

-- name: behind_withheld
-- Every touch of the time that was not sent. Counts and lists are both of this.
create temporary view report_withheld as
select t.id, t.customer_id, t.wished_at, t.step, t.channel, t.purpose, t.reason,
  (t.wished_at at time zone a.zone)::date as day
from report_asked a
join touch t on t.state = 'withheld' and t.wished_at >= a.since and t.wished_at < a.until
where (a.journey is null or t.journey = a.journey) and (a.shops is null or t.shop = any(a.shops));

-- name: withheld_by
-- By day of the brand, what was not sent and why. From an index of withheld touches alone.
select day, channel, purpose, reason, count(*) from report_withheld group by 1, 2, 3, 4 order by 1, 2, 3, 4;

-- name: list_withheld
-- The touches behind one line, the newest first.
select id, customer_id, wished_at, step, channel, purpose, reason from report_withheld
where (%(channel)s = '' or channel = %(channel)s) and (%(purpose)s = '' or purpose = %(purpose)s)
  and (%(reason)s = '' or reason = %(reason)s) and (%(before)s::bigint is null or id < %(before)s)
order by id desc limit %(limit)s;

-- name: wished
-- How many touches were wished for.
select count(*) from touch
where wished_at >= %(since)s and wished_at < %(until)s
  and (%(journey)s::text is null or journey = %(journey)s)
  and (%(shops)s::text[] is null or shop = any(%(shops)s::text[]));

-- name: unpressed_by
-- Mass messages that reached nobody, by reason. A range of touch_failed, which is small.
select reason, count(*) from touch
where state = 'failed' and finished_at >= %(since)s and channel = any(%(channels)s::text[])
group by 1 order by 2 desc, 1;

-- name: unpressed
-- The same one by one, the newest first.
select id, customer_id, reason, finished_at, material, staff from touch
where state = 'failed' and finished_at >= %(since)s and channel = any(%(channels)s::text[])
  and (%(reason)s = '' or reason = %(reason)s) and (%(before)s::bigint is null or id < %(before)s)
order by id desc limit %(limit)s;

-- name: margins
-- What orders brought, as compile/money.py says it of the lake: the rules are in docs/guides/costs.md. Of these
-- customers; null: of everybody, guests too (a check asks that, no page does).
with mine as materialized (
  select o.id, o.customer_id, o.currency, o.state,
    (o.paid_at at time zone (select time_zone from brand))::date as day,
    o.total_minor - case when o.state = 'cancelled' then greatest(o.total_minor, o.refunded_minor)
      else o.refunded_minor end as net
  from orders o
  where %(customers)s::bigint[] is null or o.customer_id = any(%(customers)s)
), kept as (
  select m.id, m.day, m.currency, s.sku, s.category, greatest(s.quantity - coalesce(b.quantity, 0), 0) as quantity,
    greatest(s.amount - coalesce(b.amount, 0), 0) as amount
  from mine m
  cross join lateral (
    select i.sku, max(i.category collate "C") as category, sum(i.quantity)::bigint as quantity,
      sum(i.amount_minor)::bigint as amount
    from order_item i where i.order_id = m.id group by i.sku) s
  left join lateral (
    select sum(r.quantity)::bigint as quantity, sum(r.amount_minor)::bigint as amount
    from refund r
    where r.order_id = m.id and r.sku = s.sku and r.sku <> '' and r.currency = m.currency and not r.whole) b on true
  where m.state = 'paid'
  union all
  select m.id, m.day, m.currency, '', '', 0, greatest(m.net, 0)
  from mine m
  where m.state = 'paid' and not exists (select from order_item i where i.order_id = m.id)
), goods as (
  select k.id, k.amount,
    case when c.unit_minor is not null then 'known' when s.basis_points is not null then 'assumed' else 'unknown' end as how,
    coalesce(c.unit_minor * k.quantity, (k.amount * s.basis_points + 5000) / 10000, 0) as cost
  from kept k
  left join lateral (
    select c.unit_minor from goods_cost c
    where c.sku = k.sku and k.sku <> '' and c.currency = k.currency and c.valid_from <= k.day
    order by c.valid_from desc limit 1) c on true
  left join lateral (
    select s.basis_points from goods_share s
    where s.category in (k.category, '') and s.valid_from <= k.day
    order by s.category = k.category desc, s.valid_from desc limit 1) s on true
), sums as (
  select id, sum(cost) as cost, coalesce(sum(amount) filter (where how = 'assumed'), 0) as assumed,
    coalesce(sum(amount) filter (where how = 'unknown'), 0) as unknown
  from goods group by id
), parts as (
  select m.id, m.customer_id, m.day, m.currency, m.state = 'paid' as stands, m.net, coalesce(s.cost, 0)::bigint as cost,
    coalesce(s.assumed, 0) as assumed, least(coalesce(s.unknown, 0), greatest(m.net, 0)) as unknown
  from mine m left join sums s on s.id = m.id
), split as (
  select p.*, least(p.assumed, greatest(p.net, 0) - p.unknown) as taken from parts p
)
select id, customer_id, day, currency, stands, net, cost, (net - taken - unknown)::bigint, taken::bigint, unknown::bigint,
  (net - unknown - cost)::bigint
from split order by id;

-- name: unbooked
-- What must be booked by what there is, against what is: every text that left (or may have), every call and piece of
-- work by its minutes, all that was packed or handed over, every month of a tool. Where nothing is posted, the amount
-- is at the list's price of any variant. Reads whole tables: nobody waits for it.
with wanted as (
  select 'touch' as cause, id as cause_id, 'sms_segment' as kind, segments::bigint as quantity, sent_at as at
  from touch where channel = 'sms' and segments > 0 and sent_at is not null
  union all
  select 'touch', id, 'call_minute', (seconds + 59) / 60, finished_at from touch where channel like 'voice%%' and seconds > 0
  union all
  select 'task', id, 'staff_minute', minutes, done_at from task where state = 'done' and minutes > 0
  union all
  select 'task_try', id, 'staff_minute', minutes, at from task_try where minutes > 0
  union all
  select 'parcel', p.id, k.kind, 1, p.packed_at
  from parcel p
  cross join lateral (
    select 'gift' as kind where p.packed_gift <> ''
    union all select 'shipping_extra' where p.packed_gift <> ''
    union all select 'card' where p.packed_card <> '') k
  where p.packed_at is not null and p.planned_at is not null
  union all
  select 'promise', p.id, case when p.kind in ('coupon', 'red_packet') then p.kind else 'gift' end, 1, p.changed_at
  from promise p join offer o on o.code = p.offer
  where p.state = 'fulfilled' and p.reason = 'redeemed' and (p.kind <> 'presale' or coalesce(p.given_sku, o.sku) <> '')
  union all
  select 'trial', id, 'sms_segment', segments, asked_at from trial where segments > 0 and state in ('sent', 'unknown')
  union all
  select 'tool_month', id, 'tool_fee', 1, (month + interval '1 month' - interval '1 second') at time zone 'UTC'
  from tool_month
), posted as (
  select cause, cause_id, kind, quantity, unit_minor, amount_minor, currency from ledger_entry
  where not (cause = 'trial' and kind = 'call_minute')  -- of a test call nothing else is kept
), differing as (
  select cause, cause_id, kind, coalesce(w.quantity, 0) as wanted, coalesce(p.quantity, 0) as quantity, w.at,
    p.unit_minor, coalesce(p.amount_minor, 0) as amount_minor, p.currency
  from wanted w full join posted p using (cause, cause_id, kind)
  where coalesce(w.quantity, 0) <> coalesce(p.quantity, 0)
)
select d.cause, d.cause_id, d.kind, d.wanted, d.quantity,
  (d.wanted * coalesce(d.unit_minor, l.unit_minor))::bigint, d.amount_minor, coalesce(d.currency, l.currency, '')
from differing d
left join tool_month m on d.cause = 'tool_month' and m.id = d.cause_id
left join lateral (
  select p.unit_minor, p.currency from price p
  where p.kind = d.kind and p.variant in ('', coalesce(m.tool, '')) and p.valid_from <= d.at::date
  order by p.variant <> '' desc, p.valid_from desc limit 1
) l on d.unit_minor is null
order by d.cause, d.cause_id, d.kind;

-- name: misbooked
-- Entries that contradict themselves, and entries whose cause there is not.
select cause, cause_id, kind, case when e.reversed_at is null then e.quantity else 0 end, e.quantity,
  case when e.reversed_at is null then e.quantity * e.unit_minor else 0 end, e.amount_minor, e.currency
from ledger_entry e
where e.amount_minor <> e.quantity * e.unit_minor or e.reversed_at is not null and e.quantity <> 0
order by e.cause, e.cause_id, e.kind;

-- name: causeless
select e.cause, e.cause_id, e.kind, 0, e.quantity, 0, e.amount_minor, e.currency
from ledger_entry e
where not case e.cause
  when 'touch' then exists (select from touch t where t.id = e.cause_id)
  when 'task' then exists (select from task t where t.id = e.cause_id)
  when 'task_try' then exists (select from task_try t where t.id = e.cause_id)
  when 'parcel' then exists (select from parcel t where t.id = e.cause_id)
  when 'promise' then exists (select from promise t where t.id = e.cause_id)
  when 'trial' then exists (select from trial t where t.id = e.cause_id)
  when 'tool_month' then exists (select from tool_month t where t.id = e.cause_id)
  else false end
order by e.cause, e.cause_id, e.kind;

-- name: caused
-- What a cause is known by, where its number tells nobody anything.
select 'promise', id, offer || case when order_no = '' then '' else ' ' || shop || '/' || order_no end
from promise where id = any(%(promises)s::bigint[])
union all
select 'tool_month', id, tool || ' ' || to_char(month, 'YYYY-MM')
from tool_month where id = any(%(months)s::bigint[]);

-- name: misstated
-- Orders that do not say what was taken back of them.
select o.id, o.shop, o.order_no, o.currency, o.state, coalesce(r.amount, 0)::bigint, o.refunded_minor
from orders o
left join lateral (
  select sum(r.amount_minor) filter (where r.currency = o.currency) as amount, bool_or(r.whole) as whole, count(*) as many
  from refund r where r.order_id = o.id) r on true
where o.refunded_minor <> coalesce(r.amount, 0) or o.state <> case
  when r.whole then 'cancelled'
  when r.many > 0 and coalesce(r.amount, 0) >= o.total_minor then 'refunded' else 'paid' end
order by o.id;

-- name: brought
-- What is left of all orders, and was given back of none of them, per currency: what margins are made of.
select currency, sum(net)::bigint
from (
  select currency, total_minor - case when state = 'cancelled' then greatest(total_minor, refunded_minor)
    else refunded_minor end as net
  from orders
  union all
  select r.currency, -r.amount_minor from refund r left join orders o on o.id = r.order_id
  where not r.whole and (o.id is null or o.currency <> r.currency)
) every group by currency order by currency;

-- name: complaints
-- Who complained, and when; by the index of openings.
select customer_id, opened_at from complaint where opened_at >= %(since)s and opened_at < %(until)s;

-- name: counted_goods
-- What lay at each place by the counts that hold in these days: those of the days, and the last one before.
-- `costed`: pieces whose cost in this currency was known on the day of the count.
select g.place, g.day, sum(g.pieces)::bigint, coalesce(sum(g.pieces) filter (where c.unit_minor is not null), 0)::bigint,
  coalesce(sum(g.pieces::numeric * c.unit_minor), 0)::bigint
from goods_stock g
left join lateral (
  select unit_minor from goods_cost where sku = g.sku and currency = %(currency)s and valid_from <= g.day
  order by valid_from desc limit 1
) c on true
where g.day <= %(last)s and g.day >= coalesce(
  (select max(b.day) from goods_stock b where b.place = g.place and b.day <= %(first)s), %(first)s)
group by g.place, g.day order by g.place, g.day;

-- name: playbooks
-- What was installed, the one that was started last first: what counts as success, and how long after coming in.
select code, outcome_event, outcome_data::text, outcome_seconds from playbook
where %(code)s = '' or code = %(code)s order by started_at desc nulls last, installed_at desc, code;

-- name: playbook_people
-- Whoever came into a journey of a playbook in these days, by the first time: whether they were held out (mixed: of some
-- of its journeys only), whether their window is over, whether what counts as success has followed in it, the orders in
-- it, and whether they were friends of ours and deleted us in it. An order that was taken back is none.
with mine as materialized (
  select v.customer_id, min(v.entered_at) as at, bool_or(v.held_out) as held, bool_or(v.held_out) <> bool_and(v.held_out) as mixed
  from visit v join journey j on j.id = v.journey_id
  where j.playbook = %(playbook)s and v.entered_at >= %(since)s and v.entered_at < %(until)s
  group by v.customer_id
), span as (
  select *, at + make_interval(secs => %(seconds)s) as ends from mine
)
select m.customer_id, m.held, m.mixed, m.ends <= %(now)s,
  case %(event)s when 'order.paid' then o.ids is not null
    when 'friend.added' then exists (select from friendship f where f.customer_id = m.customer_id
      and f.first_added_at > m.at and f.first_added_at < m.ends)
    else exists (select from identity i join event_subject s on s.identity_id = i.id join event e on e.id = s.event_id
      where i.customer_id = m.customer_id and e.kind = %(event)s and e.occurred_at > m.at and e.occurred_at < m.ends
        and (e.data::jsonb -> 'd') @> %(data)s::jsonb) end,
  coalesce(o.ids, '{}'),
  exists (select from friendship f where f.customer_id = m.customer_id and f.state = 'deleted_by_customer'
    and f.deleted_at > m.at and f.deleted_at < m.ends)
from span m
left join lateral (
  select array_agg(o.id) as ids from orders o
  where o.customer_id = m.customer_id and o.state = 'paid' and o.paid_at > m.at and o.paid_at < m.ends) o on true
order by m.customer_id;

-- name: playbook_touches
select t.channel, count(*) filter (where t.sent_at is not null), count(*) filter (where t.state = 'withheld'),
  count(*) filter (where t.state = 'withheld' and t.reason = 'holdout')
from touch t join journey j on j.code = t.journey
where j.playbook = %(playbook)s and t.wished_at >= %(since)s and t.wished_at < %(until)s
group by t.channel order by t.channel;

-- name: playbook_journeys
select code from journey where playbook = %(playbook)s order by id;

-- name: playbook_costs
select l.kind, sum(l.quantity)::bigint, sum(l.amount_minor)::bigint, l.currency
from ledger_entry l join journey j on j.code = l.journey
where j.playbook = %(playbook)s and l.occurred_at >= %(since)s and l.occurred_at < %(until)s
group by l.kind, l.currency order by l.kind, l.currency;

-- name: promises_lapsing
-- How many of an offer lapse on a day, as far as nobody has taken them up; the first `most` to lapse. Each half is the
-- beginning of an index by when they lapse.
select (o.expires_at at time zone %(zone)s)::date, o.offer, count(*) from (
  (select offer, expires_at from promise where state in ('promised', 'claimable')
    and expires_at >= %(from)s and expires_at < %(to)s order by expires_at limit %(most)s)
  union all
  (select offer, expires_at from promise where state = 'committed'
    and expires_at >= %(from)s and expires_at < %(to)s order by expires_at limit %(most)s)
) o group by 1, 2 order by 1, 2;

-- name: order_deeds
-- What ties orders to us: who was paid for them in a chat; whose friend the customer was then (of several, who was
-- added last); who finished a task for them or wrote to them in so many days before. compile/credit.py says the same
-- of the lake.
with asked as (
  select o.id, o.customer_id, o.paid_at from orders o where o.id = any(%(ids)s::bigint[])
), friends as (
  select a.id, f.staff, greatest(f.first_added_at, case when f.added_at <= a.paid_at then f.added_at end) as at
  from asked a join friendship f on f.customer_id = a.customer_id
  where f.first_added_at <= a.paid_at and (f.deleted_at is null or f.deleted_at > a.paid_at
    or f.added_at >= f.deleted_at and f.added_at <= a.paid_at)
)
select a.id, t.staff, 'paid', a.paid_at from asked a join paid_to t on t.order_id = a.id
union all
select * from (select distinct on (f.id) f.id, f.staff, 'owner', f.at from friends f order by f.id, f.at desc, f.staff) o
union all
select a.id, t.staff, 'task', t.done_at
from asked a join task t on t.customer_id = a.customer_id
where t.state = 'done' and t.staff <> '' and t.done_at <= a.paid_at and t.done_at > a.paid_at - %(span)s::interval
union all
select a.id, t.staff, 'touch', t.sent_at
from asked a join touch t on t.customer_id = a.customer_id
where t.staff <> '' and t.sent_at <= a.paid_at and t.sent_at > a.paid_at - %(span)s::interval
order by 1, 4, 2;

-- name: order_numbers
select id from orders where order_no = %(order_no)s and (%(shop)s = '' or shop = %(shop)s) order by shop, id limit 10;

-- name: pool
-- Customers with a live friendship at the beginning and at the end of a period; those who came for the first time in it,
-- and those who ended one in it.
with one as (
  select customer_id, min(first_added_at) as came,
    bool_or(state = 'live' or deleted_at >= %(until)s) as there,
    bool_or(first_added_at < %(since)s and (deleted_at is null or deleted_at >= %(since)s)) as before,
    bool_or(state = 'deleted_by_customer' and deleted_at >= %(since)s and deleted_at < %(until)s) as left_us
  from friendship where first_added_at < %(until)s group by customer_id
)
select count(*) filter (where before), count(*) filter (where came >= %(since)s), count(*) filter (where left_us),
  count(*) filter (where there), (select count(*) from customer where merged_into is null)
from one;

-- name: came_by
-- New friends of a period by the source and the step whose code they came by, and in which of the stages A1 to A5 they are by
-- now; '': found by staff, or by a door that says nothing. (Reads acquisition, customers.)
select m.source, m.step, coalesce(s.title, '{}'), count(*),
  count(*) filter (where c.stage = 1), count(*) filter (where c.stage = 2), count(*) filter (where c.stage = 3),
  count(*) filter (where c.stage = 4), count(*) filter (where c.stage = 5)
from friend_match m join customer c on c.id = m.customer_id left join source s on s.code = m.source
where m.added_at >= %(since)s and m.added_at < %(until)s
group by 1, 2, 3 order by 4 desc, 1, 2;

-- name: asked_to_come
-- Of these steps (journey, step): customers whom it invited within a period, of those how many booked or reserved and how many
-- were in a store, each within so many seconds of the first invitation.
with mine as materialized (
  select t.journey, t.customer_id, min(t.sent_at) as at
  from touch t join unnest(%(journeys)s::text[], %(steps)s::text[]) as w (journey, step)
    on w.journey = t.journey and w.step = t.step
  where t.sent_at >= %(since)s and t.sent_at < %(until)s group by 1, 2
), did as materialized (
  select distinct m.journey, m.customer_id, e.kind = 'store.visited' as came
  from mine m join identity i on i.customer_id = m.customer_id join event_subject s on s.identity_id = i.id
  join event e on e.id = s.event_id
  where e.kind in ('store.visited', 'slot.booked', 'offer.reserved')
    and e.occurred_at >= m.at and e.occurred_at < m.at + make_interval(secs => %(seconds)s)
)
select m.journey, count(*),
  count(*) filter (where exists (select from did d where (d.journey, d.customer_id) = (m.journey, m.customer_id) and not d.came)),
  count(*) filter (where exists (select from did d where (d.journey, d.customer_id) = (m.journey, m.customer_id) and d.came))
from mine m group by m.journey order by m.journey;

-- name: came_in
-- Customers by their first coming into a journey: about which order (shop/number), when, whether held out.
select distinct on (v.customer_id) v.key, v.entered_at, v.held_out from visit v join journey j on j.id = v.journey_id
where j.code = %(journey)s order by v.customer_id, v.entered_at, v.id;

-- name: touched_friends
-- Of each playbook: its touches of a period by channel, of these those of somebody who was a friend just then (reads journeys,
-- outbox, customers). Who deleted us and came back is a friend from when they came back.
select j.playbook, t.channel, count(*), count(*) filter (where exists (
    select from friendship f where f.customer_id = t.customer_id and f.first_added_at <= t.sent_at
      and (f.deleted_at is null or f.deleted_at > t.sent_at or (f.added_at > f.deleted_at and f.added_at <= t.sent_at))))
from touch t join journey j on j.code = t.journey
where j.playbook <> '' and t.sent_at >= %(since)s and t.sent_at < %(until)s
  and t.state not in ('failed', 'withheld', 'withdrawn')
group by 1, 2 order by 1, 2;

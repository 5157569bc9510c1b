-- Siyu's database, whole, as a newcomer reads it. `migrations/` add up to exactly this (tests/test_schema.py).
-- Every table belongs to one room; only that room writes it (tests/test_ownership.py).
-- Money: bigint minor units beside its currency. Time: timestamptz. No now() anywhere: `now` is a parameter.
-- No foreign keys on the hot path (measured: 9 % of apply); a room writes its own rows in one transaction instead.

-- room: db
create table schema_migration (
  name text primary key,
  applied_at timestamptz not null
);
-- The sandbox's virtual clock: one row that every process sees; none in production.
create table clock_offset (
  one boolean primary key default true check (one),
  virtual_now timestamptz not null,
  real_now timestamptz not null
);

-- room: staff
create table brand (
  one boolean primary key default true check (one),
  name text not null,
  time_zone text not null,
  currency text not null,
  region text not null,            -- for phones without a country code: CN, GB, …
  locale text not null,            -- of what is sent: zh or en
  approve_above_people integer,    -- a second person has to approve what reaches more people, or costs
  approve_above_minor bigint       -- more; null: one person may decide
);
create table store (
  id bigint generated always as identity primary key,
  code text not null unique,
  name text not null,
  region text not null default ''
);
create table staff_member (
  id bigint generated always as identity primary key,
  code text not null unique,       -- the account on the carrier
  name text not null,
  role text not null check (role in ('guide', 'operator', 'engineer', 'owner', 'auditor')),
  store_id bigint,                 -- null: head office
  active boolean not null default true,
  name_from text not null default ''  -- the connector that keeps the name up to date; '' : it was said here
);
-- Of these, the staff '*' is everybody who has nothing of their own. No rota: at work at all hours.
create table staff_rota (          -- the usual week, in the brand's zone
  staff text not null,
  weekday smallint not null check (weekday between 1 and 7),  -- 1: Monday
  hours text not null,             -- 09:00-12:00,13:00-18:00
  primary key (staff, weekday)
);
create table staff_day (           -- a day that is not like its weekday: a holiday, an extra shift
  staff text not null,
  day date not null,
  hours text not null,             -- '' : free
  note text not null default '',
  primary key (staff, day)
);
create table staff_capacity (      -- no row: no limit
  staff text not null,
  work text not null,              -- call, friend_request; '*' : all work together
  per_day integer not null check (per_day >= 0),
  primary key (staff, work)
);
create table store_traffic (       -- visitors of a store in an hour of the week, as a file said; no rows: nobody has said
  store text not null,
  weekday smallint not null check (weekday between 1 and 7),  -- 1: Monday
  hour smallint not null check (hour between 0 and 23),       -- in the brand's zone
  visitors integer not null check (visitors >= 0),
  primary key (store, weekday, hour)
);
create table staff_off (           -- not at work, whatever the rota says
  id bigint generated always as identity primary key,
  staff text not null,
  since timestamptz not null,
  until timestamptz,               -- null: not known yet
  reason text not null default '',
  hand_at timestamptz              -- when to hand open tasks over (again); null: all are
);
create index staff_off_staff on staff_off (staff, since);
create index staff_off_due on staff_off (hand_at) where hand_at is not null;
-- One at a time: what the pool is worked for now, and how it is known that it is reached.
create table goal (
  one boolean primary key default true check (one),
  kind text not null check (kind in ('growth', 'repurchase', 'need', 'reputation')),
  target double precision check (target > 0 and target <= 1),  -- the rate to reach; null: no figure measures this goal
  days smallint,                   -- within which each customer is watched
  since timestamptz not null,
  by text not null
);
create table credit_rule (         -- to whom of us an order is credited; no row: to whose friend the customer was
  one boolean primary key default true check (one),
  rule text not null check (rule in ('owner', 'last', 'shared')),
  days smallint not null check (days between 1 and 180),  -- how long what somebody did before an order counts for it
  since timestamptz not null,
  by text not null
);
-- Who may sign in to the console. A role and a store say the scope unless `scope` says another.
create table staff_account (
  staff text primary key,          -- the member's code
  hash text not null,              -- argon2id
  must_change boolean not null,    -- the password is one that somebody else has seen
  active boolean not null default true,
  scope text check (scope in ('head_office', 'region', 'store', 'own')),  -- null: by role and store
  place text not null default '',  -- of a scope: the region or store; '' : the member's own
  made_at timestamptz not null,
  changed_at timestamptz not null  -- the password
);
create table staff_session (       -- real time
  hash bytea primary key,          -- keyed, of what the cookie holds
  staff text not null,
  made_at timestamptz not null,
  seen_at timestamptz not null,
  ends_at timestamptz not null,
  by text not null default ''      -- the connector that said who it is; '' : a password
);
create index staff_session_staff on staff_session (staff);
create index staff_session_ends on staff_session (ends_at);
create table sign_in_attempt (     -- counted before it is looked at; real time
  key bytea primary key,           -- keyed hash of the code, or of the address that it came from
  tries integer not null,
  tried_at timestamptz not null,
  locked_until timestamptz not null
);
create index sign_in_attempt_old on sign_in_attempt (tried_at);
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  object text not null,
  reason text not null default ''
);
create index audit_at on audit (at, id);
create index audit_actor on audit (actor, id);
create index audit_action on audit (action, id);
create index audit_object on audit (object, id);

-- room: vault
-- One data key per identity, wrapped by the master key. Erasing the key erases every value sealed under it.
create table vault_key (
  id bigint generated always as identity primary key,
  subject bytea not null unique,   -- keyed hash of (kind, value) of the identity: 16 bytes
  wrapped bytea,                   -- null once erased
  created_at timestamptz not null,
  erased_at timestamptz
);
create table vault_item (
  id bigint generated always as identity primary key,
  key_id bigint not null,
  field text not null,
  digest bytea not null,           -- keyed hash of the value: one value is sealed once
  sealed bytea not null,
  unique (key_id, field, digest)
);
create table vault_lookup (
  kind text not null,              -- last4, name, name2: two characters of it beside each other
  hash bytea not null,
  key_id bigint not null,
  primary key (kind, hash, key_id)
);

-- room: events
-- Not partitioned, so that a redelivery after month end is still a duplicate (engine-notes 4.1).
create table event_key (
  source text not null,
  source_id text not null,
  event_id bigint not null,
  primary key (source, source_id)
);
create sequence event_id_seq;
create table event (
  id bigint not null,
  source text not null,
  source_id text not null,
  kind text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  backfill boolean not null,       -- history brought in: it never enrols anybody
  data text not null,              -- sealed JSON: keys as hashes, personal fields as vault items
  primary key (id, received_at)
) partition by range (received_at);
create table event_default partition of event default;
-- The partition of a month (UTC). Not made where `event_default` already holds facts of that month: they stay there.
create function event_partition(moment timestamptz) returns text language plpgsql as $$
declare
  first timestamp := date_trunc('month', moment at time zone 'UTC');
  opens timestamptz := first at time zone 'UTC';
  closes timestamptz := (first + interval '1 month') at time zone 'UTC';
  name text := 'event_' || to_char(first, 'YYYY_MM');
begin
  if to_regclass(name) is null
    and not exists (select from event_default where received_at >= opens and received_at < closes) then
    execute format('create table %I partition of event for values from (%L) to (%L)', name, opens, closes);
  end if;
  return name;
end $$;
create table heard_word (          -- what is listened for in messages, before they are sealed
  word text primary key
);
create table event_pending (
  event_id bigint not null,        -- unique by event_key; found by one of two partial indexes
  received_at timestamptz not null,
  bucket smallint not null,        -- keeps the way to several lanes open
  error text,                      -- not null: parked
  parked_at timestamptz
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02);
create unique index event_pending_due on event_pending (event_id) where error is null;
create unique index event_pending_parked on event_pending (event_id) where error is not null;
create table event_applied (
  applied_seq bigint primary key,  -- gapless: what follows the order of facts follows this
  event_id bigint not null,
  received_at timestamptz not null
);

-- room: identities
create sequence customer_id_seq;
create table identity (
  id bigint generated always as identity primary key,
  kind text not null,              -- phone, buyer, member, external_userid, unionid, order, state
  hash bytea not null,
  customer_id bigint not null,
  how text not null,               -- the words of `explain`: which event said so
  event_id bigint,
  created_at timestamptz not null,
  used_by bigint,                  -- a pointer (state, order) once it has introduced an identity
  wrong_since timestamptz,         -- somebody else answered here: no way to this customer
  first_customer_id bigint not null,  -- whose it was before any merge: a split goes back there
  beside bigint,                   -- a registered pointer: the identity that it goes with
  unique (kind, hash)
);
create index identity_customer on identity (customer_id);
create table event_subject (
  event_id bigint primary key,
  identity_id bigint not null
);
create index event_subject_identity on event_subject (identity_id);
create table identity_merge (
  id bigint generated always as identity primary key,
  loser bigint not null,
  winner bigint not null,
  event_id bigint not null,
  merged_at timestamptz not null,
  undone_by bigint                 -- the event that split them again: history, no way any more
);
create index identity_merge_loser on identity_merge (loser) where undone_by is null;
create index identity_merge_history on identity_merge (winner);
create index identity_merge_lost on identity_merge (loser);
create table identity_split (      -- each identity that ever left a customer by a split
  id bigint generated always as identity primary key,
  identity_id bigint not null,
  before bigint not null,
  after bigint not null,
  event_id bigint not null,
  split_at timestamptz not null
);
create index identity_split_before on identity_split (before);
create index identity_split_after on identity_split (after);
-- Customers who have been split from one another, and whom events still name together: who is who among them is
-- settled anew from all their events, whenever one comes. Nearly nobody.
create table identity_knot (
  customer_id bigint primary key,
  knot bigint not null
);
create index identity_knot_knot on identity_knot (knot);

-- room: customers
create table customer (
  id bigint primary key,
  created_at timestamptz not null,
  stage smallint not null default 1 check (stage between 1 and 5),
  name_item bigint,                -- vault item
  name_at timestamptz,
  name_source text collate "C",
  name_source_id text collate "C",
  synthetic boolean not null default false,
  merged_into bigint
) with (fillfactor = 80);
create table friendship (
  id bigint generated always as identity primary key,
  identity_id bigint not null,     -- the external_userid
  customer_id bigint not null,
  staff text not null,             -- the account on the carrier
  carrier text not null,
  state text not null check (state in ('live', 'deleted_by_customer', 'deleted_by_staff')),
  first_added_at timestamptz,      -- null: only a deletion has been heard of so far
  added_at timestamptz,
  deleted_at timestamptz,
  way text collate "C" not null default '',
  changed_at timestamptz not null,
  changed_source text collate "C" not null,
  changed_source_id text collate "C" not null,
  unique (identity_id, staff)
);
create index friendship_customer on friendship (customer_id);
create index friendship_added on friendship (first_added_at);
create index friendship_deleted on friendship (deleted_at) where deleted_at is not null;  -- for the brief
create index friendship_staff on friendship (staff, customer_id);
create table group_member (        -- who is in which group chat, or was: in it unless the leaving is later
  id bigint generated always as identity primary key,
  identity_id bigint not null,     -- the external_userid
  customer_id bigint not null,
  carrier text not null,
  chat text collate "C" not null,
  joined_at timestamptz,           -- the last time; null: only a leaving has been heard of so far
  left_at timestamptz,
  way text collate "C" not null default '',
  purpose text not null default '',  -- of the chat (group_chat), so that a condition asks one table
  unique (identity_id, chat)
);
create index group_member_chat on group_member (chat);
create index group_member_customer on group_member (customer_id);
create table group_chat (          -- what a group chat is for
  chat text collate "C" primary key,
  purpose text not null
);
create table group_apart (         -- whoever is in a group of one purpose is not invited into one of the other; both ways
  purpose text not null,
  other text not null,
  primary key (purpose, other)
);
create table complaint (           -- what a customer complained about: open unless the closing is as late or later
  id bigint generated always as identity primary key,
  identity_id bigint not null,
  customer_id bigint not null,
  complaint text collate "C" not null,  -- its number, as whoever told of it calls it
  shop text not null default '',
  order_no text not null default '',
  opened_at timestamptz,           -- the last time; null: only a closing has been heard of so far
  closed_at timestamptz,
  open boolean not null generated always as (opened_at is not null and (closed_at is null or closed_at < opened_at)) stored,
  unique (identity_id, complaint)
);
create index complaint_customer on complaint (customer_id);
create index complaint_open on complaint (opened_at) where open;  -- who waits for an answer, the longest first
create index complaint_opened on complaint (opened_at) where opened_at is not null;  -- for reports
create table tag (
  id bigint generated always as identity primary key,
  identity_id bigint not null,
  customer_id bigint not null,
  name text not null,
  source text collate "C" not null,
  source_id text collate "C" not null default '',
  tagged_at timestamptz not null,
  confidence smallint not null default 100 check (confidence between 0 and 100),  -- in hundredths
  until timestamptz,               -- from then on nobody carries it, by themselves
  over boolean not null default false,  -- a sweep has seen that it is past `until`, and told it
  unique (identity_id, name)
);
create index tag_customer on tag (customer_id);
create index tag_name on tag (name, customer_id);
create index tag_until on tag (until) where until is not null and not over;
create table people_list (         -- a file of people that came in: whose tags can be taken back
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('tags', 'names', 'blacklist')),
  tag text not null,               -- of all of them; '' : each row says its own, or none is set
  file text not null,
  reading text not null,           -- what it says and how its columns are read, as a digest
  rows integer not null default 0, -- looked at in its last run
  last_line integer not null default 0,
  taken integer not null default 0,  -- of all its runs
  known integer not null default 0,  -- of its last run, like those refused
  refused integer not null default 0,
  begun_by text not null,
  begun_at timestamptz not null,
  done_at timestamptz,             -- null: under way, or interrupted
  undone_by text,
  undone_at timestamptz
);
create unique index people_list_open on people_list (kind, tag, reading) where undone_at is null;
create table tag_cleared (         -- a tag taken away: an older fact that comes later does not bring it back
  identity_id bigint not null,
  customer_id bigint not null,
  name text not null,
  source text collate "C" not null,
  source_id text collate "C" not null,
  cleared_at timestamptz not null,
  primary key (identity_id, name)
);
create index tag_cleared_customer on tag_cleared (customer_id);
create table friend_news (         -- friends of whom something new may be shown on their cards at the carrier
  customer_id bigint primary key,  -- once, however often: `seq` is taken anew
  seq bigint generated always as identity unique  -- only the one applier writes it: in the order of commits
);
create table consent (
  identity_id bigint not null,
  customer_id bigint not null,
  channel text not null,           -- sms, voice, wecom
  purpose text not null,           -- order_invitation, promotion, service; what is said of children stands in child_consent
  state text not null check (state in ('given', 'withdrawn')),
  basis text not null,             -- contract, consent, legitimate_interest
  evidence text not null,
  changed_at timestamptz not null,
  changed_source text collate "C" not null,
  changed_source_id text collate "C" not null,
  primary key (identity_id, channel, purpose)
);
create index consent_customer on consent (customer_id);

create table friend_remark (       -- the remark that a member of staff has written on a friend's card
  identity_id bigint not null,
  customer_id bigint not null,
  staff text not null,
  item bigint,                     -- of the vault; null: taken away
  changed_at timestamptz not null,
  changed_source text collate "C" not null,
  changed_source_id text collate "C" not null,
  primary key (identity_id, staff)
);
create index friend_remark_customer on friend_remark (customer_id);

create table customer_date (       -- a day that comes every year: no year, so it may stand in clear
  identity_id bigint not null,
  customer_id bigint not null,
  name text not null,              -- birthday, …
  calendar text not null check (calendar in ('solar', 'lunar')),
  month smallint not null,
  day smallint not null,
  changed_at timestamptz not null,
  changed_source text collate "C" not null,
  changed_source_id text collate "C" not null,
  primary key (identity_id, name)
);
create index customer_date_customer on customer_date (customer_id);
create index customer_date_day on customer_date (name, calendar, month, day, customer_id);
-- Of children only what their parent tells and lets us keep: the month of birth. No event, log or archive holds it, so what
-- is deleted here is gone; a child is never a customer.
create table child_consent (       -- a parent's separate word; no other consent says it
  customer_id bigint primary key,
  identity_id bigint not null,     -- the key that it came by: it goes along when a split takes that off
  state text not null check (state in ('given', 'withdrawn')),  -- one that was taken back bars an older one that comes late
  changed_at timestamptz not null,
  evidence text not null,          -- where it can be seen
  by text not null
);
create table customer_child (
  customer_id bigint not null,
  child smallint not null check (child between 1 and 9),  -- the first, the second …
  identity_id bigint not null,     -- of the word that it is kept by
  month text collate "C" not null check (month ~ '^[0-9]{4}-[0-9]{2}$'),
  told_at timestamptz not null,
  primary key (customer_id, child)
);
create index customer_child_month on customer_child (month, customer_id);
-- Notes on a child's health: sensitive, so by a word of their own, sealed, and for a time. No lake reads them, no segment.
create table child_health_consent (  -- a parent's separate word on that; the one on the month does not say it
  customer_id bigint primary key,
  identity_id bigint not null,     -- the key that it came by
  state text not null check (state in ('given', 'withdrawn')),
  changed_at timestamptz not null,
  evidence text not null,          -- where it can be seen
  by text not null
);
create table child_health (
  customer_id bigint not null,
  child smallint not null check (child between 1 and 9),  -- one whose month is kept
  identity_id bigint not null,     -- of the word that it is kept by
  item bigint not null,            -- of the vault: the text is nowhere else
  told_at timestamptz not null,
  until timestamptz not null,      -- from then on it is gone
  primary key (customer_id, child)
);
create index child_health_until on child_health (until);

-- room: tagging
create table tag_rule (            -- on what happening which tag is set: a brand's own texts
  code text primary key,
  text text not null,
  state_hashes bytea[] not null default '{}',  -- of the channel codes that it names, as keys are kept
  states text[] not null default '{}',         -- the same, in clear and in the same order
  version int not null default 1,
  set_by text not null,
  set_at timestamptz not null,
  dropped_at timestamptz
);
create table tag_hit (             -- which rule tagged whom when, by which fact
  code text not null,
  event_id bigint not null,
  identity_id bigint,              -- null: a touch told whose it was, not a key
  customer_id bigint not null,
  tag text not null,
  at timestamptz not null,         -- of the fact
  primary key (code, event_id)
);
create index tag_hit_customer on tag_hit (customer_id);
create table tag_waiting (         -- tags of people who are not here: of the key its keyed hash alone
  kind text not null check (kind in ('phone', 'member')),
  hash bytea not null,
  name text not null,
  source text not null,
  source_id text not null,
  kept_at timestamptz not null,
  expires_at timestamptz not null,
  identity_id bigint,              -- who it was given to; the row stays as long, so that its list can be taken back
  primary key (kind, hash, name)
);
create index tag_waiting_expires on tag_waiting (expires_at);
create index tag_waiting_open on tag_waiting (kind, hash) where identity_id is null;
create index tag_waiting_source on tag_waiting (source, source_id);

-- room: ledger
create table price (               -- what one unit costs the brand, from a day of its own on
  kind text not null,              -- sms_segment, call_minute, gift, …: ledger/model.py names them all
  variant text not null default '',      -- the vendor, the role of who works, the gift, the tool; '' : any
  valid_from date not null default '0001-01-01',
  unit_minor bigint not null check (unit_minor >= 0),
  currency text not null,
  note text not null default '',
  primary key (kind, variant, valid_from)
);
create table tool (                -- what is paid for by the month: its fee is a price of the kind tool_fee
  code text primary key,
  spread text not null check (spread in ('friend', 'customer', 'touch', 'order')),  -- over what of the month
  since date                       -- taken up again in this month: the months between are not booked
);
create table tool_month (          -- a month of a tool that is over, and is booked; its id is the entry's cause
  id bigint generated always as identity primary key,
  tool text not null,
  month date not null,             -- its first day
  spread text not null,            -- the rule as it was then
  unique (tool, month)
);
-- What goods cost the brand. What an order's lines cost is worked out from these, never stored: decisions/0014.
create table goods_cost (
  sku text not null,
  currency text not null,
  valid_from date not null,        -- for orders paid on that day or later
  unit_minor bigint not null check (unit_minor >= 0),
  primary key (sku, currency, valid_from)
);
create table goods_share (         -- where no cost is known: so much of what the line sold for
  category text not null,          -- '' : all others
  valid_from date not null,
  basis_points integer not null check (basis_points between 0 and 10000),
  primary key (category, valid_from)
);
create table ledger_entry (
  id bigint generated always as identity primary key,
  cause text not null,             -- ledger/model.py names them all
  cause_id bigint not null,
  kind text not null,
  customer_id bigint,
  identity_id bigint,
  journey text not null default '',
  step text not null default '',
  shop text not null default '',
  variant text not null default '',      -- as in the price list
  quantity bigint not null,
  unit_minor bigint not null,
  amount_minor bigint not null,
  currency text not null,
  occurred_at timestamptz not null,
  reversed_at timestamptz,         -- it provably never happened: amount 0, until the cause is posted anew
  unique (cause, cause_id, kind)
);
create index ledger_entry_customer on ledger_entry (customer_id);
create index ledger_entry_time on ledger_entry using brin (occurred_at);  -- for reports
-- What a playbook may cost. Whoever spends of it has the rows of all caps locked, before it locks customers.
create table spend_cap (
  playbook text primary key,
  total_minor bigint check (total_minor >= 0),   -- null: no bound in all
  daily_minor bigint check (daily_minor >= 0),   -- null: none on one day, by the brand's clocks
  currency text not null,          -- what was paid in another is not counted
  used_minor bigint not null default 0,  -- the `counted_minor` of all its rows in `spend`
  short_since timestamptz,         -- something was put off since too little is left: nobody new comes in
  set_by text not null,
  set_at timestamptz not null
);
create table spend_day (           -- the same for each day
  playbook text not null,
  day date not null,
  used_minor bigint not null,
  primary key (playbook, day)
);
create table spend (               -- what a playbook that has a cap has paid, or is expected to pay
  cause text not null,             -- as in the ledger
  cause_id bigint not null,
  kind text not null,
  playbook text not null,
  day date not null,               -- on which it was allowed; of what nobody allowed, on which it happened
  amount_minor bigint not null,
  counted_minor bigint not null default 0,  -- so much of it the cap's row counts: who locks that brings it up to date
  booked boolean not null,         -- it is in the ledger; else it is expected
  primary key (cause, cause_id, kind)
);
create index spend_uncounted on spend (playbook) where amount_minor <> counted_minor;

-- room: subscribers
-- Systems that are told of facts by signed webhooks. `told_seq` follows event_applied.applied_seq.
create table subscriber (
  id bigint generated always as identity primary key,
  url text not null,
  kinds text[] not null,           -- {}: every kind
  created_at timestamptz not null,
  active boolean not null default true,
  stopped_why text not null default '',  -- shown: why nothing is told any more
  told_seq bigint not null,        -- everything up to here they have taken, or it was not for them
  told_at timestamptz,
  due_at timestamptz not null,     -- after a failure: not before
  lease_until timestamptz,         -- real time: somebody is telling them
  failures integer not null default 0,
  failing_since timestamptz,
  error text not null default ''   -- of the last try
);
create index subscriber_due on subscriber (due_at) where active;

-- room: connections
create table connector_entry (     -- what a connector remembers: tokens, cursors, codes that live for seconds
  connector text not null,
  key text collate "C" not null,
  value bytea not null,            -- sealed under the master key
  until_at timestamptz,            -- null: for good
  primary key (connector, key)
);
create index connector_entry_over on connector_entry (until_at) where until_at is not null;
create table connector_pull (      -- what a connector goes and asks for, and how far it has come
  connector text not null,
  name text not null,
  due_at timestamptz,              -- null: it runs, and nobody has woken it since
  lease_until timestamptz,         -- real time: somebody runs it
  lease_token bigint not null default 0,  -- of the last claim: whoever has an older one stops
  cursor text not null default '',
  account text not null default '',  -- at the vendor: whose cursor that is
  ran_at timestamptz,              -- when it last came to its end
  failures integer not null default 0,
  error text not null default '',
  why jsonb,                       -- language → the error in words
  failing_since timestamptz,       -- its first failure in a row
  alarm_at timestamptz,            -- if it fails until then, somebody has to know
  primary key (connector, name)
);
create table connector_alarm (     -- what a vendor has told us that somebody has to act on
  connector text not null,
  name text not null,              -- the vendor's own word for it
  quota boolean not null,          -- something that was bought there is used up, or nearly
  why jsonb not null,              -- language → words
  since timestamptz not null,
  until_at timestamptz,            -- nothing tells when it is over: then
  primary key (connector, name)
);

-- room: commerce
create table shop (
  id bigint generated always as identity primary key,
  code text not null unique,
  name text not null,
  platform text not null,
  inserts boolean not null default true,   -- the shop's parcels may carry our gift or card
  synthetic boolean not null default false
);
create table orders (
  id bigint generated always as identity primary key,
  shop text not null,
  order_no text not null,
  identity_id bigint,              -- null: a guest
  customer_id bigint,
  pointer bytea,                   -- a guest's order number as identities know it: whoever claims it later gets the order
  state text not null check (state in ('paid', 'cancelled', 'refunded')),
  paid_at timestamptz not null,
  source text collate "C" not null,    -- of the event that tells it: the latest by (paid_at, source, source_id)
  source_id text collate "C" not null,
  currency text not null,
  total_minor bigint not null,
  refunded_minor bigint not null default 0,
  synthetic boolean not null default false,
  event_id bigint not null
) with (fillfactor = 85);
create index orders_customer on orders (customer_id, paid_at);
create index orders_paid on orders (paid_at, id);  -- a day, a week, the latest: what people look at
create index orders_shop on orders (shop, paid_at, id);
create index orders_guest on orders (pointer) where customer_id is null and pointer is not null;
-- Made last: of two indexes that look the same in a young table the planner takes the later one, and by orders_shop
-- an order would be looked for among all of its shop.
create unique index orders_number on orders (shop, order_no);
create table order_item (
  order_id bigint not null,
  line smallint not null,
  sku text not null,
  title text not null,
  category text not null default '',
  quantity integer not null,
  unit_minor bigint not null,
  amount_minor bigint not null,
  primary key (order_id, line)
);
-- What the lines of orders are, where a file of lines tells it: they hold whenever the order itself is told.
create table order_itemised (
  shop text not null,
  order_no text not null,
  told_at timestamptz not null,
  source text collate "C" not null,
  source_id text collate "C" not null,
  lines jsonb not null,
  primary key (shop, order_no)
);
-- Files of orders that were, or are being, brought in. The same file (`digest`: of what it says) read the same
-- way (`reading`) is one import until it is finished: whoever begins it again goes on at `events`.
create table order_import (
  id bigint generated always as identity primary key,
  file text not null,              -- its name, without folders
  digest text not null,
  reading text not null,           -- digest of the mapping and all else that decides what becomes of a row
  mapping text not null,
  shop text not null,
  file_lines bigint not null,
  started_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz,
  events bigint not null default 0,    -- so many of its events, in the order of the file, are dealt with
  lines bigint not null default 0,
  orders bigint not null default 0,
  refunds bigint not null default 0,
  corrections bigint not null default 0,
  duplicates bigint not null default 0,
  guests bigint not null default 0,
  cancellations bigint not null default 0,
  itemised bigint not null default 0,
  rejected bigint not null default 0,  -- these two are known when it is finished
  unpaid bigint not null default 0
);
create unique index order_import_open on order_import (digest, reading) where finished_at is null;
-- Which events of an unfinished import were refused: their rows are written down again when it goes on.
create table order_import_refusal (
  import_id bigint not null,
  place bigint not null,           -- of the event, in the order of the file
  reason text not null,
  primary key (import_id, place)
);
-- Files that somebody has put into HOME/uploads: looked at, read as somebody says, brought in (order_import).
create table order_upload (
  id bigint generated always as identity primary key,
  file text not null,
  bytes bigint not null,
  digest text not null,            -- of its bytes: the same file put here twice at once is one upload
  state text not null check (state in ('looking', 'unknown', 'ready', 'queued', 'importing', 'done', 'cancelled',
    'failed', 'refused', 'dropped')),
  turn integer not null default 0,       -- of readings: a look at an earlier one says nothing any more
  sheet text not null default '',
  mapping jsonb,                   -- how it is read; null: not known (yet)
  look jsonb,                      -- what it is; all samples masked
  dry jsonb,                       -- what an import would bring
  report jsonb,                    -- what the import has brought
  stage text not null default '',
  done bigint not null default 0,
  total bigint not null default 0,
  stage_done bigint not null default 0,  -- where the stage began, and when (real time): the rate
  stage_at timestamptz,
  told_at timestamptz,
  stop_wanted boolean not null default false,
  error text not null default '',
  error_zh text not null default '',
  problems jsonb not null default '[]',
  uploaded_by text not null,
  uploaded_at timestamptz not null,
  started_by text not null default '',
  changed_at timestamptz not null,
  removed_at timestamptz           -- the file is gone; its rejects stay a little longer
);
create index order_upload_due on order_upload (id) where state in ('looking', 'queued', 'importing');
create unique index order_upload_open on order_upload (digest)
  where state in ('looking', 'unknown', 'ready', 'queued', 'importing');
-- What was taken back. It may be heard of before its order (then order_id waits), or name no order at all
-- (then `decide.match` finds the latest earlier line with enough left, and every newcomer is matched again).
create table refund (
  id bigint generated always as identity primary key,
  shop text not null,
  refund_no text not null,
  line smallint not null,          -- -1: a cancellation; 0: an amount without goods; then the lines
  order_no text,                   -- null: the source gives no reference
  whole boolean not null,          -- a cancellation of the whole order
  identity_id bigint,              -- with a reference: whose the order is
  customer_id bigint,
  sku text not null,               -- '' : an amount without lines
  quantity integer not null,
  amount_minor bigint not null,
  currency text not null,
  refunded_at timestamptz not null,
  source text collate "C" not null,
  source_id text collate "C" not null,
  order_id bigint,                 -- the order it takes from; null: not matched
  matched_line smallint,
  unique (shop, refund_no, line)
);
create index refund_order on refund (shop, order_no) where order_no is not null;
create index refund_order_id on refund (order_id) where order_id is not null;
create index refund_customer on refund (customer_id) where order_no is null;
create index refund_lost on refund (customer_id) where order_id is null;
create table correction (          -- bookings that are no orders: totals stay true
  shop text not null,
  correction_no text not null,
  amount_minor bigint not null,
  currency text not null,
  corrected_at timestamptz not null,
  source text collate "C" not null,
  source_id text collate "C" not null,
  lines integer not null,
  primary key (shop, correction_no)
);
-- From these figures the cut-off of a parcel is worked out where the warehouse doesn't tell it.
create table warehouse (
  code text primary key,
  shops jsonb not null,            -- [] : every shop that no other warehouse names
  time_zone text not null,         -- of its ship_cutoff
  download_lag interval not null,  -- from payment until the warehouse's system has the order
  audit_delay interval,            -- from then until it is audited; null: audited at the ship_cutoff
  ship_cutoff time,                -- what is there by then leaves on the same day; null: no such hour
  margin interval not null,        -- what our answer needs to get there
  plans boolean not null,          -- it tells no plans itself: every order is a parcel of its own
  items jsonb not null default '{}'  -- our code of a gift or a card → the warehouse's own, where they differ
);
create table goods_stock (         -- what was counted of goods; what no file of a day names, a place had none of
  place text not null,             -- a shop, or a warehouse
  day date not null,
  sku text not null,
  pieces bigint not null check (pieces >= 0),
  told_at timestamptz not null default '-infinity',  -- of several counts of a day the one told last holds
  source text collate "C" not null default '',
  source_id text collate "C" not null default '',
  primary key (place, day, sku)
);
create table goods_variant (       -- which size of which style a sku is
  sku text primary key,
  style text not null,
  size text not null,
  title text not null,             -- what customers call the style
  discontinued boolean not null,
  told_at timestamptz not null,
  source text collate "C" not null,
  source_id text collate "C" not null
);
create index goods_variant_style on goods_variant (style);
create table size_stock (          -- what each place has of each style and size by its last count; worked out at each count
  place text not null,
  style text not null,
  size text not null,
  title text not null,
  pieces bigint not null,
  discontinued boolean not null,
  sizes_left integer not null,     -- of the style, at the place
  primary key (place, style, size)
);
create index size_stock_size on size_stock (size);
create table size_invitation (     -- who is invited to a left-over size, or waits until pieces are free
  key text primary key,            -- visit and step
  visit_id bigint not null,
  customer_id bigint not null,
  identity_id bigint,
  state text not null check (state in ('waiting', 'invited', 'none')),
  reason text not null default '', -- of who waits: no_pieces; of who gets nothing: nothing_fits
  size_tag text not null,          -- tags that begin so name a size
  own_store boolean not null,      -- only what lies in the store of a guide whose friend they are
  few integer not null,            -- so many sizes of a style left are broken sizes
  factor integer not null,         -- so many invitations for each piece
  lasts interval not null,
  draw_at timestamptz not null,    -- when it is decided next, together with all who wait for that moment
  gives_up_at timestamptz not null,  -- from then on nobody waits any more
  place text not null default '',
  style text not null default '',
  size text not null default '',
  title text not null default '',
  rank integer not null default 0, -- by value, at the last decision
  changed_at timestamptz not null,
  until timestamptz                -- an invitation binds its piece until then
);
create index size_invitation_draw on size_invitation (draw_at) where state = 'waiting';
create index size_invitation_live on size_invitation (place, style, size, until) where state = 'invited';
create index size_invitation_visit on size_invitation (visit_id);
create index size_invitation_customer on size_invitation (customer_id);
create table payment (             -- money taken in a chat, and given back of it; not an order
  id bigint generated always as identity primary key,
  carrier text not null,
  trade_no text not null,
  refund_no text not null,         -- '' : the payment itself
  identity_id bigint,              -- null: the carrier does not say who paid
  customer_id bigint,
  staff text not null,             -- who was paid
  amount_minor bigint not null,
  currency text not null,
  paid_at timestamptz not null,
  source text collate "C" not null,
  source_id text collate "C" not null,
  request text collate "C" not null default '',  -- the request that it meets
  unique (carrier, trade_no, refund_no)
);
create index payment_request_met on payment (request) where request <> '';
create table payment_request (     -- what somebody of us has asked a customer to pay in a chat
  id bigint generated always as identity primary key,
  request text collate "C" unique, -- its public name, which the carrier's form carries
  customer_id bigint not null,
  identity_id bigint,
  staff text not null,             -- whom what comes is credited to
  shop text not null default '',   -- the order that it pays; '' : none
  order_no text not null default '',
  about text not null,             -- what for, in the words of the form; names nobody
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  asked_at timestamptz not null,
  until timestamptz not null,
  withdrawn_at timestamptz
);
create index payment_request_customer on payment_request (customer_id);
create index payment_request_order on payment_request (shop, order_no) where order_no <> '';
-- Orders that were asked for and paid in a chat as a whole: whom they are credited to whatever the rule.
create view paid_to as
  select distinct on (o.id) o.id as order_id, p.staff
  from payment_request r
  join payment p on p.request = r.request and p.refund_no = ''
  join orders o on o.shop = r.shop and o.order_no = r.order_no
  where r.order_no <> '' and o.total_minor <= (
    select sum(t.amount_minor) from payment t
    where t.request = r.request and t.refund_no = '' and t.currency = o.currency)
  order by o.id, p.paid_at, p.id;
create index payment_customer on payment (customer_id) where customer_id is not null;
create index payment_time on payment (paid_at);
create table parcel (
  id bigint generated always as identity primary key,
  parcel_no text not null unique,
  warehouse text not null default '',  -- '' : nobody told
  shop text not null default '',   -- '' : packed or shipped before anybody told of its plan
  main_order_no text,              -- null: not the main child of a split order
  cutoff_at timestamptz,           -- null as long as there is no plan
  planned_at timestamptz,
  planned_source text collate "C",
  planned_source_id text collate "C",
  packed_at timestamptz,
  packed_gift text collate "C",    -- what the packer really put in; '' : none
  packed_card text collate "C",
  shipped_at timestamptz,
  synthetic boolean not null default false
);
create index parcel_main on parcel (shop, main_order_no);
create index parcel_packed on parcel (packed_at, id) include (shop, warehouse, packed_gift, packed_card)
  where packed_at is not null;     -- the account of a period reads nothing else of a parcel
create index parcel_unpacked on parcel (cutoff_at, id) where packed_at is null;
create table parcel_order (
  parcel_id bigint not null,
  shop text not null,
  order_no text not null,
  primary key (parcel_id, shop, order_no)
);
create index parcel_order_order on parcel_order (shop, order_no);

-- room: segments
create table segment (             -- a set of customers that somebody has described
  id bigint generated always as identity primary key,
  code text not null unique,
  version int not null,            -- the latest, which holds
  layer text not null,             -- the layer of which it is a band; empty: none
  live boolean not null,           -- somebody wants its members kept up to date
  retired_at timestamptz
);
create table segment_version (
  segment_id bigint not null,
  version int not null,
  text text not null,              -- YAML, as it was written
  set_by text not null,
  set_at timestamptz not null,
  note text not null,              -- why, in their words; may be empty
  made boolean not null,           -- out of figures, which may make another one: nobody has edited it
  primary key (segment_id, version)
);
create table segment_use (         -- what needs a segment's members: journey:CODE
  segment_id bigint not null,
  used_by text not null,
  primary key (segment_id, used_by)
);
-- Segments whose members are kept up to date, and how far the first look at everybody has come.
create table segment_live (
  segment_id bigint primary key,
  said text not null,              -- the tree, referenced ones included: another one is looked at anew
  after bigint not null,           -- customers up to this one are done
  upto bigint not null,            -- whoever is behind it was made later: events alone tell of them
  swept boolean not null,          -- its conditions read what sweeps change
  due_at timestamptz               -- null: everybody has been looked at
);
create index segment_live_due on segment_live (due_at) where due_at is not null;
-- Who is in a live segment, and when time alone may change that.
create table segment_member (
  segment_id bigint not null,
  customer_id bigint not null,
  since timestamptz,               -- null: not in it now
  recheck_at timestamptz,
  primary key (segment_id, customer_id)
);
create index segment_member_recheck on segment_member (recheck_at) where recheck_at is not null;
create index segment_member_customer on segment_member (customer_id);
-- Whose facts a sweep has changed without an event, where a live segment reads such facts: to be looked at again.
create table segment_news (
  id bigint generated always as identity primary key,
  customer_id bigint not null
);
create index segment_news_customer on segment_news (customer_id);

-- room: content
create table material (
  code text primary key,
  channel text not null,
  kind text not null,              -- text, image, poster, card, link, article, video
  title text not null default '',
  tags text[] not null default '{}',
  owner text not null default '',
  valid_from date,                 -- the brand's days, both within
  valid_until date,
  playbook text not null,
  retired_at timestamptz,
  retired_by text not null default ''
);
create table material_version (    -- what it says, as it was at a time: never changed, only reviewed
  code text not null,
  version integer not null,
  digest text not null,            -- of its texts: the same again is no new version
  state text not null check (state in ('draft', 'in_review', 'approved', 'refused')),
  made_by text not null,
  made_at timestamptz,             -- null: nobody said when
  decided_by text not null default '',
  decided_at timestamptz,
  why text not null default '',
  primary key (code, version)
);
create table material_text (
  code text not null,
  version integer not null,
  locale text not null,
  variant text not null,           -- '': there is one only; else a, b, ...
  weight integer not null,
  body text not null,
  variables jsonb not null,        -- name → type
  links jsonb not null,            -- name → where its short link leads
  form jsonb not null,             -- what its kind asks for
  primary key (code, version, locale, variant)
);
create table intercept_word (      -- what the brand adds to our list of words, or takes off it
  word text primary key,
  allowed boolean not null,
  by text not null,
  at timestamptz not null
);

-- room: offers
create table offer (
  code text primary key,
  kind text not null check (kind in ('gift', 'sample', 'coupon', 'red_packet', 'blind_box', 'presale', 'exchange')),
  title jsonb not null,            -- {zh, en}
  value_minor bigint not null,     -- what it is worth to the customer; of a red packet its mean
  sku text not null,               -- what is handed over; '' : no goods, or one of several prizes
  substitute text,                 -- another offer, when this one is out of stock
  playbook text not null,
  terms jsonb not null default '{}'      -- what its kind needs: offers/model.py reads it
);
create table allotment (           -- what may be given of an offer: as a whole ('' , the row that every reservation
                                   -- locks first) and of each part, a prize's sku or a store
  offer text not null,
  part text not null,
  pieces bigint,                   -- null: its parts or its money bound it
  taken bigint not null default 0 check (taken >= 0 and taken <= pieces),  -- held, committed or handed over
  budget_minor bigint,             -- of red packets
  spent_minor bigint not null default 0 check (spent_minor >= 0 and spent_minor <= budget_minor),
  primary key (offer, part)
) with (fillfactor = 40);
create table coupon_code (
  id bigint generated always as identity primary key,
  offer text not null,
  code text not null,
  promise_id bigint,               -- whose it is or was; null: free
  revoked_at timestamptz,          -- it had been told to a customer, so nobody else gets it
  unique (offer, code)
);
create index coupon_code_free on coupon_code (offer, id) where promise_id is null;
create index coupon_code_revoked on coupon_code (offer, id) where revoked_at is not null;
create index coupon_code_promise on coupon_code (promise_id) where promise_id is not null;
create table gift_stock (
  sku text primary key,
  on_hand bigint not null check (on_hand >= 0),
  reserved bigint not null default 0 check (reserved >= 0 and reserved <= on_hand)
);
create table promise (
  id bigint generated always as identity primary key,
  key text not null unique,
  offer text not null,
  kind text not null default 'gift',     -- the offer's
  customer_id bigint not null,
  identity_id bigint,
  shop text not null,
  order_no text not null,
  visit_id bigint,
  state text not null check (state in ('promised', 'reserved', 'held', 'committed', 'fulfilled', 'claimable', 'revoked', 'lapsed')),
  allotted boolean not null default false,  -- it draws from the offer's allotment; else from the gifts' shelf
  part text not null default '',   -- the prize or the store that it draws from
  amount_minor bigint,             -- drawn for a red packet
  given_sku text,                  -- reserved or sent: the gift or its substitute, the prize
  parcel_id bigint,
  reason text not null default '',
  promised_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null
);
create index promise_customer on promise (customer_id);
create index promise_order on promise (shop, order_no);
create index promise_open on promise (expires_at) where state in ('promised', 'claimable');
create index promise_owed on promise (expires_at, id) where state = 'claimable';
create index promise_allotted on promise (expires_at) where state in ('held', 'committed');
create index promise_liable on promise (offer, state) include (given_sku, amount_minor) where state in ('held', 'committed');
create index promise_parcel on promise (parcel_id) where parcel_id is not null;

-- room: outbox
create table touch (
  id bigint generated always as identity primary key,
  visit_id bigint,                 -- null: wished by hand
  node text not null,
  round integer not null,
  customer_id bigint not null,
  identity_id bigint,              -- where it goes: the phone or the account
  journey text not null,
  step text not null,              -- sms, call, request, human, card: how figures name the node
  channel text not null,
  purpose text not null,
  lane text not null check (lane in ('now', 'window')),
  priority smallint not null check (priority between 0 and 9),  -- 9 goes first
  shop text not null,
  order_no text not null,
  material text not null,
  material_version integer,        -- what was sent; null: not written out yet
  variant text not null default '',      -- drawn as it is written out
  locale text not null,
  promise_id bigint,
  state_code text not null default '',   -- the channel code's state that its link carries
  state text not null check (state in ('wished', 'owed', 'leased', 'sent', 'awaiting_staff', 'delivered',
    'read', 'replied', 'failed', 'unknown', 'withheld', 'withdrawn')),
  held boolean not null default false,
  reason text not null default '',
  wished_at timestamptz not null,
  due_at timestamptz not null,     -- wished: when to rule again; owed: to send; unknown, cancel_wanted: to ask
  not_after timestamptz,           -- the end of the hours that the ruling saw
  valid_until timestamptz,         -- a promise is true only until its cut-off
  lease_until timestamptz,         -- real time
  attempts integer not null default 0,   -- hand-overs
  failures smallint not null default 0,  -- those that failed, perhaps for its own sake: it is put off, and given up
  sent_at timestamptz,
  clicked_at timestamptz,          -- first
  finished_at timestamptz,
  cancel_wanted boolean not null default false,
  vendor_id text not null default '',
  outcome text not null default '',      -- answered, no_answer, refused, agreed, wrong_person …
  intent text not null default '',       -- A–F
  seconds integer not null default 0,
  segments smallint not null default 0,
  probability real not null default 1,
  value integer not null default 0,      -- expected worth, minor units: decides within one priority
  staff text not null default '',        -- the guide whose press the budget counted; '' : the channel finds one
  counted boolean not null default false,  -- it has taken places in what all share (quota_use)
  invites text not null default '', -- the purpose of the groups that it invites into
  off_peak boolean not null default false, -- work that may wait for the guide's quiet hours
  unique nulls not distinct (visit_id, node, round)
) with (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.02);
create index touch_invited on touch (sent_at, id)  -- whom a day's invitations reached
  where purpose = 'order_invitation' and sent_at is not null;
-- What is claimed is the beginning of an index, so that a claim costs the same whatever waits.
create index touch_wished on touch (held, due_at, id) where state = 'wished';
create index touch_owed on touch (channel, held, lane, priority, due_at, id) where state = 'owed';
create index touch_leased on touch (lease_until, id) where state = 'leased';
create index touch_unknown on touch (due_at, id) where state = 'unknown';
create index touch_with_staff on touch (valid_until, id)
  where state = 'awaiting_staff' and finished_at is null and not cancel_wanted;
create index touch_cancel on touch (due_at, id) where cancel_wanted;
create index touch_open_call on touch (id)  -- what a pause asks back
  where finished_at is null and state in ('sent', 'delivered', 'read') and channel in ('voice_ai', 'voice_human');
create index touch_customer on touch (customer_id, wished_at);
create index touch_withheld on touch (wished_at) where state = 'withheld';  -- these three for reports
create index touch_wished_at on touch using brin (wished_at);
create index touch_sent_at on touch using brin (sent_at);
create index touch_failed on touch (finished_at) where state = 'failed';
create index touch_withheld_by on touch (journey, finished_at) where state = 'withheld';
create index touch_order on touch (shop, order_no)  -- what a cut-off binds: most touches promise nothing
  where order_no <> '' and state in ('wished', 'owed', 'leased', 'awaiting_staff')
    and (promise_id is not null or valid_until is not null);
create table touch_pace (          -- of what a carrier takes for seconds only (a welcome): how quick it was
  touch_id bigint primary key,
  did_at timestamptz not null,     -- when the customer did what it answers, by the carrier's clock
  heard_at timestamptz not null,   -- when we were told of it
  ended_at timestamptz not null    -- when the carrier had it, or when it was found to be too late
);
-- Places in what all touches share, taken as the budget allows one: a carrier's quota, a guide's day.
create table quota_account (       -- locked in the order of its key, after the customers
  name text not null,              -- channel:wecom_mass, guide:CODE
  period text not null,
  starts timestamptz not null,
  used integer not null,           -- free ones among them are taken off at the next lock
  primary key (name, period, starts)
);
create table quota_use (           -- which touch is counted where: a second ruling gives the first place back
  touch_id bigint not null,
  name text not null,
  period text not null,
  starts timestamptz not null,
  free boolean not null default false,   -- its touch ended before it left
  primary key (touch_id, name, period, starts)
);
create index quota_use_free on quota_use (name, period, starts) where free;
create table stop (                -- what `siyu pause` has stopped: all, channel:…, journey:…
  scope text primary key,
  since timestamptz not null,
  by text not null
);
create table trouble (             -- channels whose provider takes nothing: probed now and then, else left alone
  channel text primary key,
  since timestamptz not null,      -- its first failure in a row
  probe_at timestamptz not null,   -- not before
  failures integer not null,       -- in a row: each makes the next pause longer
  reason text not null default '', -- the provider's last words
  quota boolean not null default false   -- what the brand has bought there is used up
);
create table refused (             -- materials that a provider does not take as they are: tried now and then
  channel text not null,
  material text not null,
  since timestamptz not null,
  probe_at timestamptz not null,   -- not before
  reason text not null,            -- the provider's words
  primary key (channel, material)
);
-- What somebody who works here sends to themself to see it. No touch, and nobody's customer: nothing that counts
-- touches finds it. `unknown` from before it is handed over until the answer, so it goes out at most once.
create table trial (
  id bigint generated always as identity primary key,
  staff text not null,             -- who gets it, at their own sealed phone or account
  journey text not null,
  step text not null,
  channel text not null,
  material text not null,
  text text not null,              -- as it goes out: marked, and about nobody
  link text not null,
  segments smallint not null,
  state text not null check (state in ('owed', 'unknown', 'sent', 'failed', 'withheld')),
  reason text not null default '',
  vendor_id text not null default '',
  asked_by text not null,
  asked_at timestamptz not null,
  sent_at timestamptz
);
create index trial_owed on trial (asked_at) where state = 'owed';
create index trial_journey on trial (journey, id);

-- room: tasks
create table task (
  id bigint generated always as identity primary key,
  touch_id bigint not null unique,
  kind text not null,              -- friend_request, call
  customer_id bigint not null,
  identity_id bigint,
  staff text not null,             -- assigned to
  script text not null,            -- rendered without personal data; the name is filled in on screen
  shop text not null,
  order_no text not null,
  state text not null check (state in ('open', 'done', 'cancelled')),
  outcome text not null default '',
  minutes integer not null default 0,
  created_at timestamptz not null,
  due_at timestamptz not null,
  done_at timestamptz,
  reported_at timestamptz,         -- an outcome was told and is not applied yet: nobody does it again
  tries smallint not null default 0,     -- calls that nobody answered
  snoozed_until timestamptz,       -- not before: somebody said later, or is to be called again
  held_by text not null default '',      -- who has it on the screen, and until when (real time)
  held_until timestamptz,
  escalate_at timestamptz,         -- null: never (again)
  escalation smallint not null default 0,
  escalated_to text not null default '',
  told_to text not null default '',     -- the guide who was told of it by message
  planned_for timestamptz,         -- work that may wait: the quiet hour it was given
  planned_why text not null default ''  -- and why that one: a code and its figures
);
create index task_open on task (staff, due_at, id) where state = 'open';
create index task_due on task (due_at, id) where state = 'open';
create index task_planned on task (staff, planned_for) where planned_for is not null;
create index task_done on task (staff, done_at) where state = 'done';
create index task_escalate on task (escalate_at, id) where state = 'open' and reported_at is null;
create index task_order on task (shop, order_no);
create index task_customer on task (customer_id);
create index task_open_customer on task (customer_id) where state = 'open';
create index task_staff on task (staff, customer_id);
-- Who serves whom: the scope of a guide is their own friends and tasks, that of a store its guides'. In a list
-- ask it per account (lateral, newest first, with the page's limit), so that a page costs the same in any base.
create view serves as
  select staff, customer_id from friendship union all select staff, customer_id from task;
create table task_try (            -- a call that nobody answered, and is made again
  id bigint generated always as identity primary key,
  task_id bigint not null,
  at timestamptz not null,
  staff text not null,
  minutes integer not null,
  unique (task_id, at)
);
create index task_try_staff on task_try (staff, at);
create table task_note (           -- what somebody wrote about a task; the words are in the vault
  id bigint generated always as identity primary key,
  task_id bigint not null,
  item_id bigint not null,
  by text not null,
  at timestamptz not null,
  unique (task_id, item_id)
);
-- Orders whose buyer's phone their platform shows to whoever asks there by hand. Whether it is still wanted is not kept
-- here: it isn't once the buyer's phone is known, the order is taken back, or its time is over.
create table reveal (
  id bigint generated always as identity primary key,
  shop text not null,
  order_no text not null,
  pointer bytea not null,          -- the order as identities know it
  page text not null,              -- where to look
  masked_item bigint,              -- vault item: what is to be seen of the phone; null: nothing
  staff text not null,             -- who looks; '' : nobody may
  paid_at timestamptz not null,
  wanted_until timestamptz,        -- an old order's, that a journey is about to speak of; null: by its own time
  unique (shop, order_no)
);
create index reveal_paid on reveal (paid_at, id);
create index reveal_wanted on reveal (wanted_until) where wanted_until is not null;
create index reveal_order on reveal (order_no);
create table order_rhythm (        -- when a store's orders are paid, where no file says when it has visitors; once a day
  store text primary key,
  learned_at timestamptz not null,
  hours jsonb not null             -- [[weekday, hour, orders], …] in the brand's zone
);
create table task_rules (
  one boolean primary key default true check (one),
  most_tries smallint not null check (most_tries between 1 and 9),
  again_after interval not null,   -- at the earliest after a call that nobody answered
  again_hours text not null,       -- and within these, in the brand's zone
  overdue_after interval,          -- then the store learns of it; null: never
  head_office_after interval,      -- and then head office
  per_hour smallint not null default 6 check (per_hour between 1 and 60)  -- tasks that may wait, in a guide's quiet hour
);

-- room: budget
create table budget_account (      -- locked in id order before a customer's wishes are ruled
  customer_id bigint primary key,
  ruled_at timestamptz not null
);
create table ruling (
  id bigint generated always as identity,
  touch_id bigint not null,
  ruled_at timestamptz not null,
  verdict text not null check (verdict in ('allow', 'allow_at', 'withhold')),
  reason text not null,
  at timestamptz,                  -- allow_at: from when
  by_touch bigint,                 -- outranked: by which touch
  primary key (touch_id, id)       -- always asked for by its touch
);
create table cap (
  layer text not null default '*', -- '*' : all; A4: a stage; tag:vip; A4+tag:vip
  channel text not null,           -- '*' : all
  purpose text not null,           -- '*' : all
  days smallint not null,
  most smallint not null,
  primary key (layer, channel, purpose, days)
);
create table quota (               -- what a carrier lets through
  channel text not null,
  per text not null check (per in ('customer', 'brand')),
  period text not null check (period in ('hour', 'day', 'week', 'month')),
  most integer check (most > 0),   -- null: as many as the month has days
  primary key (channel, per, period)
);
create table pace (                -- how fast a brand goes; one row
  one boolean primary key default true check (one),
  window_hours smallint not null,  -- how long wishes of lane window wait for one another; 0: not
  presses integer check (presses > 0),  -- a guide's per day; null: no limit
  cooldown_days smallint not null  -- no call after a refused one
);
create table quiet_hours (         -- the hours in which a touch may go out, in the brand's zone
  channel text not null,           -- '*' : all
  purpose text not null,
  hours text not null,             -- 08:00-22:00
  primary key (channel, purpose)
);
create table suppression (         -- each reason is a hold of its own, and ends for itself
  customer_id bigint not null,
  channel text not null,           -- '*' : all
  purpose text not null default '*',
  reason text not null,
  since timestamptz not null,
  until timestamptz,
  identity_id bigint,              -- whose word it was: it goes along when a split takes this identity off
  unique nulls not distinct (customer_id, channel, purpose, reason, identity_id)
);
create table shop_policy (
  shop text not null,
  channel text not null,
  allowed boolean not null,
  note text not null default '',
  primary key (shop, channel)
);
create table holdout (             -- sticky: once assigned, for good
  scope text not null,             -- the journey
  customer_id bigint not null,
  held boolean not null,
  probability real not null,
  assigned_at timestamptz not null,
  primary key (scope, customer_id)
);

create table holdout_share (       -- how many are held out by draws that several journeys share
  scope text primary key,          -- playbook:NAME, or * for all that have a draw at all
  share real not null,
  set_by text not null,
  set_at timestamptz not null
);

-- room: acquisition
create table source (
  code text primary key,
  title jsonb not null,
  admission jsonb not null,        -- a predicate over the customer
  shops jsonb not null,            -- [] : all
  journey text not null default '',
  holdout double precision not null default 0,  -- share of buyers who get nothing, so that lift can be seen
  gift text,                       -- offer in the parcel of a buyer who is a friend
  card text,                       -- material of the card
  playbook text not null
);
create table channel_code (
  code text primary key,           -- of the source and the step: new-orders/sms
  source text not null,
  step text not null,
  staff text not null,
  title text not null default ''
);
create table code_issue (          -- one state per order and step
  id bigint generated always as identity primary key,
  state_code text not null unique,
  state_hash bytea not null unique,  -- as events carry it
  channel_code text not null,
  step text not null,
  customer_id bigint not null,
  shop text not null,
  order_no text not null,
  parcel_id bigint,
  issued_at timestamptz not null,
  unique (channel_code, shop, order_no)
);
create index code_issue_customer on code_issue (customer_id);
create table entry_state (         -- a state for everybody who goes on from a page: a new one each time, but for whom a token names
  id bigint generated always as identity primary key,
  state_code text not null unique,
  state_hash bytea not null unique,  -- as events carry it
  channel_code text not null,
  page text not null,
  ad jsonb not null,               -- which advertisement, which click on it
  issued_at timestamptz not null
);
create index entry_state_page on entry_state (page);
create table parcel_due (          -- planned, not decided: the timer of the freeze
  parcel_id bigint primary key,
  cutoff_at timestamptz not null
);
create index parcel_due_cutoff on parcel_due (cutoff_at, parcel_id);
create table parcel_settled (      -- packed, and its gift and costs are booked
  parcel_id bigint primary key,
  settled_at timestamptz not null
);
create table parcel_decision (
  parcel_id bigint not null,
  seq bigint generated always as identity unique,  -- in the order of commits: what a warehouse follows
  shop text not null,
  order_no text,
  customer_id bigint,
  source text not null default '',
  content text not null check (content in ('gift', 'card', 'none')),
  reason text not null,
  offer text,
  sku text not null default '',
  promise_id bigint,
  card text not null default '',
  state_code text not null default '',
  frozen_at timestamptz not null,
  primary key (parcel_id) include (content, reason, sku, card, promise_id)  -- all that the account asks
);
create index parcel_decision_customer on parcel_decision (customer_id);
create table parcel_difference (   -- packed otherwise than decided, as it was told; the last turn holds
  parcel_id bigint not null,
  turn integer not null,
  how text not null check (how in ('other_kind', 'other_item', 'stray', 'as_decided')),
  gift text not null,              -- what the packer put in; '' : none
  card text not null,
  packed_at timestamptz not null,
  primary key (parcel_id, turn)
);
create table pick_list (           -- a file of decisions that a warehouse got
  id bigint generated always as identity primary key,
  warehouse text not null,
  since timestamptz not null,      -- cut-offs from then on
  made_at timestamptz not null,
  made_by text not null,
  gifts integer not null default 0,
  cards integer not null default 0,
  frozen_from timestamptz,         -- when the first and the last of its decisions were frozen; null: it is empty
  frozen_until timestamptz
);
create table pick_line (           -- each decision is on one list
  parcel_id bigint primary key,
  list_id bigint not null
);
create index pick_line_list on pick_line (list_id);
create table friend_match (        -- how each new friend came: matched to a buyer, or counted as unmatched
  identity_id bigint primary key,  -- the external_userid
  customer_id bigint not null,
  matched boolean not null,
  how text not null,               -- state, shared key, identified later, unmatched
  step text not null default '',
  source text not null default '',
  state_code text not null default '',
  added_at timestamptz not null,
  journey text not null default '',
  state_hash bytea                 -- as the add carried it, whoever gave it out
);
create index friend_match_customer on friend_match (customer_id);
create index friend_match_state on friend_match (state_hash, added_at) where state_hash is not null;
create index friend_match_unmatched on friend_match (added_at) where not matched;
create table match_claim (         -- "already added", said on the phone: staff confirm which friend it is
  id bigint generated always as identity primary key,
  event_id bigint not null unique,
  customer_id bigint not null,
  identity_id bigint,              -- the phone on which it was said
  staff text not null,             -- who heard it
  claimed_at timestamptz not null,
  state text not null check (state in ('open', 'confirmed', 'refused')),
  friend_id bigint,                -- the account (identity) that it was
  decided_at timestamptz,
  decided_by text not null default ''
);
create index match_claim_open on match_claim (id) where state = 'open';
create index match_claim_customer on match_claim (customer_id);

-- room: pages
create table page (                -- a page of the brand's; its text is in its versions
  code text primary key,
  kind text not null check (kind in ('entry', 'survey', 'booking', 'reserve', 'wallet')),
  version int not null,            -- the one in force
  retired_at timestamptz
);
create table page_version (
  code text not null,
  version int not null,
  text text not null,
  set_by text not null,
  set_at timestamptz not null,
  primary key (code, version)
);
create table page_visit (          -- how often a page was opened on a day (the brand's), by the advertisement that led there
  page text not null,
  day date not null,
  origin text not null,            -- its utm parameters: source, medium, campaign
  medium text not null,
  campaign text not null,
  visits integer not null,
  primary key (page, day, origin, medium, campaign)
);
create table survey_answer (       -- an answer to a question: a row for each choice
  event_id bigint primary key,
  survey text not null,            -- the page's code, or what another system calls it
  version int not null,
  question text not null,
  answer text not null,            -- QUESTION/CHOICE; '' : words of their own, in the vault
  customer_id bigint not null,
  identity_id bigint,
  item bigint,                     -- of the vault
  at timestamptz not null
);
create index survey_answer_survey on survey_answer (survey, version, question, answer);
create index survey_answer_customer on survey_answer (customer_id);
create index survey_answer_who on survey_answer (survey, customer_id);  -- how many answered
create table service (             -- what can be booked, when and where: a text of the brand's
  code text primary key,           -- also of the offer whose parts its slots are
  text text not null,
  set_by text not null,
  set_at timestamptz not null
);
create table booking (             -- a slot or a piece that somebody has set aside on a page: the promise of offers, and what
                                   -- became of it in the store
  promise_id bigint primary key,
  page text not null,
  offer text not null,
  store text not null,
  starts_at timestamptz,           -- null: no slot
  ends_at timestamptz not null,    -- from then on it is missed
  customer_id bigint not null,
  identity_id bigint,
  state text not null check (state in ('open', 'cancelled', 'moved', 'kept', 'missed')),
  booked_at timestamptz not null,
  changed_at timestamptz not null
);
create index booking_customer on booking (customer_id);
create index booking_page on booking (page, state);  -- how many booked there
create index booking_due on booking (ends_at) where state = 'open';
create index booking_offer on booking (offer, booked_at);
create index booking_store on booking (store, starts_at, promise_id);

-- room: journeys
create table journey (
  id bigint generated always as identity primary key,
  code text not null unique,
  published_version integer,
  pilot_most integer,              -- only so many customers enter on the published version; null: everybody
  pilot_entered integer not null default 0,
  before_version integer,          -- on which the others enter during a pilot, and where; null: they don't
  before_node text not null default '',
  before_ends text[] not null default '{}',
  playbook text not null
);
create table journey_version (
  journey_id bigint not null,
  version integer not null,
  text text not null,
  published_at timestamptz,
  primary key (journey_id, version)
);
create table journey_approval (    -- versions above the brand's limits: a second person says yes or no
  id bigint generated always as identity primary key,
  journey_id bigint not null,
  version integer not null,
  pilot integer,
  people bigint not null,          -- expected in thirty days
  cost_minor bigint not null,
  currency text not null,
  asked_by text not null,
  asked_at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'approved', 'refused')),
  decided_by text not null default '',
  decided_at timestamptz,
  reason text not null default ''
);
create unique index journey_approval_waiting on journey_approval (journey_id) where state = 'waiting';
create table visit (
  id bigint generated always as identity primary key,
  journey_id bigint not null,
  version integer not null,
  customer_id bigint not null,
  identity_id bigint,
  key text not null,               -- what it is about: shop/order_no of the first order
  shop text not null,
  order_no text not null,
  node text not null,
  round integer not null default 0,
  state smallint not null,         -- 0 under way, 1 ended, 2 parked
  due_at timestamptz,              -- a durable timer is this column
  waiting_for text[] not null,     -- kinds that wake it: of its node and of `ends_when`; ended: while it has touches
                                   -- that have not gone out, of `ends_when` alone
  ends_kinds text[] not null,      -- kinds that may end it: its unleased touches are held in the same commit
  since timestamptz not null,      -- at this node
  entered_at timestamptz not null,
  ended_at timestamptz,
  outcome text not null default '',
  held_out boolean not null default false,
  arms jsonb not null default '{}',
  vars jsonb not null default '{}',  -- what its steps have set
  error text,
  unique (journey_id, customer_id, key)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index visit_due on visit (due_at) where due_at is not null;
create index visit_parked on visit (id) where state = 2;
create index visit_listening on visit (customer_id) where state = 0 or waiting_for <> '{}';
-- For people who look: who stands where, how visits ended. Counts over them are bounded.
create index visit_standing on visit (journey_id, version, node, since, id) where state = 0;
create index visit_ended on visit (journey_id, outcome, held_out, ended_at) where state = 1;
create table visit_order (         -- three orders in an hour are one cascade
  visit_id bigint not null,
  shop text not null,
  order_no text not null,
  joined_at timestamptz not null,
  primary key (visit_id, shop, order_no)
);
create index visit_order_order on visit_order (shop, order_no);
create table visit_goal (          -- a goal is reached once, at its first time
  visit_id bigint not null,
  goal text not null,
  reached_at timestamptz not null,
  primary key (visit_id, goal)
);
create table visit_move (
  visit_id bigint not null,
  at timestamptz not null,
  node text not null,              -- where it went
  why text not null
);
create index visit_move_visit on visit_move (visit_id);
create table journey_entry (       -- whatever could have started a visit, and what became of it
  journey_id bigint not null,
  event_id bigint,                 -- null: no event, but `cause`
  cause text not null default '',  -- start of another journey's visit, a date, a schedule, time
  shop text not null,
  order_no text not null,
  customer_id bigint,
  visit_id bigint,
  outcome text not null,           -- enrolled, joined, refused
  reason text not null,
  at timestamptz not null,
  unique (journey_id, event_id)
);
create index journey_entry_customer on journey_entry (customer_id);
create index journey_entry_became on journey_entry (journey_id, outcome, reason, at);

-- Entries that no event makes, of each published journey that has such: how far they have come.
create table journey_watch (
  journey_id bigint primary key,
  said text not null,              -- the entry: another one begins anew
  due_at timestamptz,              -- when there is something to do; null: events alone make it
  occurrence timestamptz,          -- of a date or a schedule: the one that comes, or is under way
  after bigint not null default 0  -- customers up to this one are done
);
create index journey_watch_due on journey_watch (due_at);
-- Who is in the set whose newcomers a journey takes, and when time alone may change that.
create table journey_member (
  journey_id bigint not null,
  customer_id bigint not null,
  since timestamptz,               -- null: not in it now
  recheck_at timestamptz,
  primary key (journey_id, customer_id)
);
create index journey_member_recheck on journey_member (recheck_at) where recheck_at is not null;
create index journey_member_customer on journey_member (customer_id);
-- Journeys that take their people in waves, and who was chosen for each.
create table journey_wave (
  id bigint generated always as identity primary key,
  journey_id bigint not null,
  number integer not null,         -- 1, 2, 3 …; its visits have the key wave/1, wave/2 …
  test boolean not null,           -- a sample of those who would be next, before a large one
  state text not null check (state in ('entering', 'open', 'done', 'stopped', 'ended')),
  opened_at timestamptz not null,
  reveal_until timestamptz not null,  -- whose phone is not known by then is left out
  judge_at timestamptz not null,
  judged_at timestamptz,
  reason text not null default '', -- stopped: by which limit
  said text not null default '',   -- the same with its figures, in both languages
  judged jsonb,                    -- the figures that it was judged by
  decided_by text not null default '',  -- who had the waves go on, or ended them
  decided_at timestamptz,
  unique (journey_id, number)
);
create table wave_member (
  wave_id bigint not null,
  journey_id bigint not null,
  customer_id bigint not null,
  place integer not null,          -- 1 is the best
  score smallint not null,         -- of 1000
  shop text not null default '',   -- the last order: what is spoken of
  order_no text not null default '',
  state text not null check (state in ('chosen', 'asked', 'entered', 'left_out')),
  reason text not null default '', -- why left out
  chosen_at timestamptz not null,
  primary key (wave_id, customer_id)
);
create index wave_member_next on wave_member (wave_id, place) where state in ('chosen', 'asked');
create index wave_member_customer on wave_member (customer_id);

-- room: groups
create table group_plan (          -- groups of one purpose: the text that says how they are run
  code text primary key,
  text text not null,
  set_by text not null,
  set_at timestamptz not null,
  due_at timestamptz not null,     -- when its groups are looked at next
  said_at timestamptz not null,    -- what its calendar said until then stands in group_post
  says_at timestamptz,             -- when it says something next; null: never, or it is paused
  paused_at timestamptz,           -- its code is not led on, and nothing is said
  paused_by text not null default ''
);
create table group_post (          -- what a calendar said, once for each group; chat '': in Moments
  id bigint generated always as identity primary key,
  purpose text not null,
  at timestamptz not null,         -- when the calendar says it
  material text not null,
  through text not null check (through in ('group_message', 'moments')),
  chat text collate "C" not null,
  staff text not null,             -- who presses, or does it by hand: the group's owner
  text text not null,              -- as it goes out
  state text not null check (state in ('owed', 'unknown', 'awaiting_staff', 'by_hand', 'sent', 'failed', 'withheld')),
  reason text not null default '',
  vendor_id text not null default '',
  due_at timestamptz,              -- when it is looked at next; null: never, or its receipt will come
  handed_at timestamptz,
  ended_at timestamptz,
  done_by text not null default '',      -- who did it by hand
  unique (purpose, at, material, through, chat, staff)
);
create index group_post_due on group_post (due_at, id) where due_at is not null;
create index group_post_at on group_post (at, id);

-- room: playbooks
create table playbook (
  code text primary key,
  digest text not null,
  installed_at timestamptz not null,
  settings jsonb not null default '{}',  -- the values that it was started with, as they were said
  started_at timestamptz,          -- null: only installed
  started_by text not null default '',
  stopped_at timestamptz,
  staff text[] not null default '{}',    -- who presses and works for it; {}: everybody
  shops text[] not null default '{}',    -- whose orders its sources take; {}: as its files say
  outcome_event text not null default '',      -- what counts as success; '': it does not say
  outcome_data jsonb not null default '{}',
  outcome_seconds bigint not null default 0    -- so long after coming in
);

-- room: lake
-- The facts as files (docs/decisions/0013): which lakes follow this database, and what they don't learn from events.
create table lake (
  id text primary key,
  version bigint not null,         -- no later one was ever written: a lake that says so follows another database
  since xid8 not null,             -- news from before it are in the lake
  by_xid xid8 not null,            -- who wrote this row; of a restored dump it was somebody else
  synced_at timestamptz not null   -- real time
);
create table lake_news (           -- whose rows a statement has changed without an event, until every lake knows
  xid xid8 not null default pg_current_xact_id(),  -- so who commits late is not missed
  owners bigint[] not null         -- as in the lake: customers, or what belongs to none (lake/model.py)
);
alter table lake_news alter column owners set storage external;
-- `came`: rows as they are now; of a delete, those that are gone. Once or twice, it is all the same.
create function lake_hears() returns trigger language plpgsql as $$
begin
  insert into lake_news (owners) select array_agg(customer_id) from came having count(*) > 0;
  return null;
end $$;
-- A parcel without a customer is its own owner, and so is an entry.
create function lake_hears_parcels() returns trigger language plpgsql as $$
begin
  insert into lake_news (owners)
  select array_agg(coalesce(customer_id, -(100000000000000000 + parcel_id))) from came having count(*) > 0;
  return null;
end $$;
create function lake_hears_entries() returns trigger language plpgsql as $$
begin
  insert into lake_news (owners)
  select array_agg(coalesce(customer_id, -(200000000000000000 + id))) from came having count(*) > 0;
  return null;
end $$;
-- Rows one by one, of which few are wanted: whose they were. Each is looked at without keeping it for a function.
create function lake_hears_one() returns trigger language plpgsql as $$
begin
  insert into lake_news (owners) values (array[old.customer_id, new.customer_id]);
  return null;
end $$;
create function lake_hears_one_parcel() returns trigger language plpgsql as $$
begin
  insert into lake_news (owners) values (array[coalesce(old.customer_id, -(100000000000000000 + old.parcel_id))]);
  return null;
end $$;
create function lake_hears_one_entry() returns trigger language plpgsql as $$
begin
  insert into lake_news (owners) values (array[coalesce(old.customer_id, -(200000000000000000 + old.id))]);
  return null;
end $$;
-- A pointer that is given out (a link, a card) goes with a customer before any event names it.
create function lake_hears_pointers() returns trigger language plpgsql as $$
begin
  insert into lake_news (owners)
  select array_agg(distinct customer_id) from came where event_id is null having count(*) > 0;
  return null;
end $$;
-- What belongs to nobody is written whole.
create function lake_hears_house() returns trigger language plpgsql as $$
begin
  insert into lake_news (owners) values ('{0}');
  return null;
end $$;
do $$
declare
  name text;
  hears text;
  hears_one text;
begin
  for name, hears, hears_one in values ('touch', 'lake_hears', 'lake_hears_one'), ('task', 'lake_hears', 'lake_hears_one'),
    ('promise', 'lake_hears', 'lake_hears_one'), ('holdout', 'lake_hears', 'lake_hears_one'),
    ('friend_match', 'lake_hears', 'lake_hears_one'), ('visit', 'lake_hears', 'lake_hears_one'),
    ('parcel_decision', 'lake_hears_parcels', 'lake_hears_one_parcel'),
    ('ledger_entry', 'lake_hears_entries', 'lake_hears_one_entry') loop
    execute format('create trigger lake_came after insert on %I referencing new table as came
      for each statement execute function %I()', name, hears);
    execute format('create trigger lake_gone after delete on %I referencing old table as came
      for each statement execute function %I()', name, hears);
    execute format('create trigger lake_moved after update on %I for each row
      when (old.customer_id is distinct from new.customer_id) execute function %I()', name, hears_one);
    if name <> 'visit' then
      execute format('create trigger lake_changed after update on %I referencing new table as came
        for each statement execute function %I()', name, hears);
    end if;
  end loop;
end $$;
-- Most moves of a visit change nothing that is in the lake.
create trigger lake_changed after update on visit for each row
  when ((old.state, old.shop, old.entered_at, old.ended_at, old.outcome, old.held_out)
    is distinct from (new.state, new.shop, new.entered_at, new.ended_at, new.outcome, new.held_out))
  execute function lake_hears_one();
-- What conditions read of touches and promises is changed by sweeps: nobody waits for an event to hear of it.
create function segment_hears() returns trigger language plpgsql as $$
begin
  insert into segment_news (customer_id)
  select distinct customer_id from came
  where customer_id is not null and exists (select from segment_live where swept);
  return null;
end $$;
create function segment_hears_one() returns trigger language plpgsql as $$
begin
  insert into segment_news (customer_id)
  select new.customer_id where new.customer_id is not null and exists (select from segment_live where swept);
  return null;
end $$;
create trigger segment_came after insert on promise referencing new table as came
  for each statement execute function segment_hears();
create trigger segment_changed after update on promise for each row
  when (old.state is distinct from new.state) execute function segment_hears_one();
create trigger segment_came after insert on touch for each row
  when (new.sent_at is not null or new.finished_at is not null) execute function segment_hears_one();
create trigger segment_changed after update on touch for each row
  when ((old.sent_at, old.finished_at, old.outcome, old.intent) is distinct from
    (new.sent_at, new.finished_at, new.outcome, new.intent)
    or old.state is distinct from new.state and coalesce(new.sent_at, new.finished_at) is not null)
  execute function segment_hears_one();
create trigger lake_came after insert on identity referencing new table as came
  for each statement execute function lake_hears_pointers();
create trigger lake_changed after insert or update or delete on brand
  for each statement execute function lake_hears_house();
create trigger lake_changed after insert or update or delete on store
  for each statement execute function lake_hears_house();
create trigger lake_changed after insert or update or delete on staff_member
  for each statement execute function lake_hears_house();
create trigger lake_changed after insert or update or delete on goods_cost
  for each statement execute function lake_hears_house();
create trigger lake_changed after insert or update or delete on goods_share
  for each statement execute function lake_hears_house();
create trigger lake_changed after insert or update or delete on payment
  for each statement execute function lake_hears_house();
create trigger lake_changed after insert or update or delete on size_stock
  for each statement execute function lake_hears_house();
create trigger lake_changed after insert or update of code or delete on journey
  for each statement execute function lake_hears_house();

-- room: worker
-- Written every few seconds by each process, never by a sweep itself. Times here are real time.
create table worker (              -- processes that work; one whose beat is old is gone
  name text primary key,           -- also the application_name of its sessions: siyu HOST PID
  lanes text[] not null,
  applies boolean not null,        -- is this the one that applies?
  started_at timestamptz not null,
  beat_at timestamptz not null
);
create table sweep_run (           -- how each sweep fared, by the minute; docs/guides/operate.md
  minute timestamptz not null,
  sweep text not null,             -- apply, journeys, …; sends by channel and lane: send:sms:now
  worker text not null,
  runs integer not null,           -- batches, idle ones included
  items bigint not null,
  seconds double precision not null,
  failures integer not null,
  last_error text not null,        -- what went wrong and where, without values
  lag double precision not null,   -- seconds that the oldest due work had waited, at most
  primary key (minute, sweep, worker)
);
create table sweep_total (         -- since ever: counters that pruning does not turn back
  sweep text primary key,
  runs bigint not null,
  items bigint not null,
  seconds double precision not null,
  failures bigint not null
);

-- room: dryrun
-- Texts that are to be tried on the brand's own past, and what came of it.
create table dry_run (
  id bigint generated always as identity primary key,
  journey text not null,
  text text not null,
  since date not null,
  until date not null,
  seed text not null,
  rates text not null,             -- as they were given; '': none
  ranges boolean not null,         -- also at the low and the high rates
  asked_by text not null,
  asked_at timestamptz not null,
  state text not null check (state in ('waiting', 'running', 'done', 'cancelled', 'failed')),
  turn integer not null default 0, -- of takings: whoever had an earlier one has nothing to say any more
  share double precision not null default 0,
  at_day date,                     -- how far it is
  cancel_wanted boolean not null default false,
  told jsonb,                      -- the answer
  error text not null default '',
  error_zh text not null default '',
  problems jsonb not null default '[]',
  ended_at timestamptz
);
create index dry_run_of on dry_run (journey, id);
create index dry_run_due on dry_run (id) where state in ('waiting', 'running');

-- room: api
create table kept_answer (         -- what a write answered under its Idempotency-Key: asked again, it is told again
  key bytea primary key,           -- keyed hash of who asked, method, path and key
  request bytea not null,          -- keyed hash of all that and the body: another body is another request
  status smallint not null,
  body bytea not null,             -- no route that shows personal data keeps its answer
  until timestamptz not null       -- real time
);
create index kept_answer_until on kept_answer (until);

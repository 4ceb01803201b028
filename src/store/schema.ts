/**
 * One migration path: each entry runs once, in order, in a transaction of its own. An entry that has
 * been released is never changed; a new one is added.
 */
export const MIGRATIONS: readonly { readonly version: number; readonly sql: string }[] = [
  {
    version: 1,
    sql: `
create table interaction (
  id text primary key,
  client_id text not null,
  ani text,
  dnis text,
  language text not null,
  customer_id text,
  card_tries int not null default 0,
  created_at timestamptz not null,
  seen_at timestamptz not null
);

-- One row for every keyed request: the intent before, the outcome and the answer after.
create table operation (
  id text primary key,
  kind text not null,
  client_id text not null,
  key text not null,
  body_hash text not null,
  card_mac text,
  card_mac_key text,
  interaction_id text not null,
  customer_id text,
  subscription_id text,
  consent_id text,
  token_id text,
  plan_id text,
  attempt int not null,
  language text not null,
  gateway text not null,
  state text not null check (state in ('started','approved','pending','declined','failed','in_doubt')),
  error_code text,
  raw_code text,
  status_code int,
  gateway_transaction_id text,
  -- The call as the breaker counts it; a later look at the gateway changes none of the three.
  called_at timestamptz,
  latency_ms int,
  healthy boolean,
  order_json jsonb not null,
  answer text,
  started_at timestamptz not null,
  -- When settle sent it again: from then on a look-up that finds nothing proves nothing for a while.
  sent_again_at timestamptz,
  finished_at timestamptz,
  unique (client_id, key)
);
create index operation_interaction on operation (interaction_id, started_at);
create index operation_subscription on operation (subscription_id) where subscription_id is not null;
create index operation_transaction on operation (gateway_transaction_id) where gateway_transaction_id is not null;
create index operation_sample on operation (gateway, called_at desc) where called_at is not null;
-- One enrolment of a customer into a plan at a time, whatever key it comes under.
create unique index operation_enrolment on operation (customer_id, plan_id)
  where kind = 'subscribe' and state in ('started','pending','in_doubt');
create index operation_open on operation (started_at) where state in ('started','pending','in_doubt');

create table velocity (
  subject text not null,
  window_start timestamptz not null,
  n int not null,
  primary key (subject, window_start)
);
create index velocity_age on velocity (window_start);

create table disclosure (
  id text primary key,
  interaction_id text not null,
  customer_id text not null,
  plan_id text not null,
  amount_minor bigint not null,
  currency text not null,
  interval_count int not null,
  interval_unit text not null,
  first_charge_date text not null,
  language text not null,
  version text not null,
  text text not null,
  text_hash text not null,
  created_at timestamptz not null
);

create table consent (
  id text primary key,
  disclosure_id text not null references disclosure (id),
  interaction_id text not null,
  customer_id text not null,
  plan_id text not null,
  key_pressed text not null,
  ani text,
  dnis text,
  -- The operation that uses it: one consent, one enrolment.
  used_by text,
  created_at timestamptz not null
);
create index consent_interaction on consent (interaction_id, created_at desc);

create table card_token (
  id text primary key,
  customer_id text not null,
  interaction_id text not null,
  gateway text not null,
  reference text not null,
  network_transaction_id text,
  brand text not null,
  last4 text not null check (length(last4) <= 4),
  created_at timestamptz not null
);
-- Not unique: a gateway may give a card that it knows the same reference again.
create index card_token_reference on card_token (gateway, reference);

create table subscription (
  id text primary key,
  customer_id text not null,
  plan_id text not null,
  amount_minor bigint not null,
  currency text not null,
  interval_count int not null,
  interval_unit text not null,
  status text not null check (status in ('active','paused','past_due','cancelled')),
  gateway text not null,
  gateway_reference text not null,
  token_id text not null references card_token (id),
  card_brand text not null,
  card_last4 text not null,
  next_charge_date text,
  consent_id text not null,
  -- The language in which it was agreed.
  language text not null,
  confirmation_code text not null,
  version int not null,
  -- The operation that is changing it: one at a time.
  open_operation text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (gateway, gateway_reference)
);
create index subscription_open on subscription (open_operation) where open_operation is not null;
create index subscription_customer on subscription (customer_id, created_at desc);

-- The event for billing, committed with the state that it tells of.
create table outbox (
  id text primary key,
  subscription_id text not null,
  -- What it tells of, so that its delivery is part of that call's story.
  operation_id text not null,
  interaction_id text not null,
  sequence int not null,
  type text not null,
  body text not null,
  created_at timestamptz not null,
  delivered_at timestamptz,
  dead_at timestamptz,
  unique (subscription_id, sequence)
);
create index outbox_waiting on outbox (subscription_id, sequence) where delivered_at is null and dead_at is null;

-- Work to be done later. Claimed with FOR UPDATE SKIP LOCKED, fenced by attempts.
create table job (
  id text primary key,
  kind text not null,
  subject text not null,
  due_at timestamptz not null,
  lease_until timestamptz,
  claimed_at timestamptz,
  -- Counts the claims and fences them.
  attempts int not null default 0,
  -- Counts the rungs of the ladder of waits.
  step int not null default 0,
  last_error text,
  created_at timestamptz not null,
  unique (kind, subject)
);
create index job_due on job (kind, due_at);

-- Append-only. The place in the chain is given by ledger_seal, a moment later.
create table ledger (
  id text primary key,
  at text not null,
  actor text not null,
  action text not null,
  result text not null check (result in ('success','failure','unknown')),
  origin text not null,
  resource text not null,
  operation_id text,
  interaction_id text,
  subscription_id text,
  gateway_transaction_id text,
  detail jsonb not null,
  entry_hash text not null
);
create index ledger_at on ledger (at);
create index ledger_operation on ledger (operation_id) where operation_id is not null;
create index ledger_interaction on ledger (interaction_id) where interaction_id is not null;
create index ledger_subscription on ledger (subscription_id) where subscription_id is not null;
create index ledger_transaction on ledger (gateway_transaction_id) where gateway_transaction_id is not null;

create table ledger_seal (
  seq bigint primary key,
  entry_id text not null unique references ledger (id),
  chain_hash text not null
);

-- Entries that wait for their place in the chain.
create table ledger_unsealed (
  entry_id text primary key references ledger (id),
  -- Tells apart what was written in one millisecond: an intent comes before its outcome.
  n bigint generated always as identity
);

create table ledger_checkpoint (
  seq bigint primary key,
  chain_hash text not null,
  at text not null,
  key_id text not null,
  signature text not null
);

create function tokenline_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only';
end $$;
create trigger ledger_append_only before update or delete or truncate on ledger
  for each statement execute function tokenline_append_only();
create trigger ledger_seal_append_only before update or delete or truncate on ledger_seal
  for each statement execute function tokenline_append_only();
create trigger ledger_checkpoint_append_only before update or delete or truncate on ledger_checkpoint
  for each statement execute function tokenline_append_only();

-- One row for each gateway, and one for the operator's switch.
create table breaker (
  gateway text primary key,
  state text not null check (state in ('closed','open')),
  changed_at timestamptz not null,
  -- The interaction that is let through while it is open, and until when.
  probe_holder text,
  probe_until timestamptz
);
create table switch (
  name text primary key,
  state text not null check (state in ('on','off')),
  reason text not null,
  changed_by text not null,
  changed_at timestamptz not null
);
insert into switch values ('automated_payments', 'on', 'initial state', 'system', '2026-01-01T00:00:00Z');
`,
  },
  {
    version: 2,
    sql: `
-- Subscriptions that Tokenline charges itself. The charge under way, beside open_operation, which is
-- held by a change that may be waiting for it.
alter table subscription add column charging_operation text;
create unique index operation_charge on operation (subscription_id)
  where kind = 'charge' and state in ('started','pending','in_doubt');

-- Where each of them stands: its present period, and how the dates after it are counted.
create table schedule (
  subscription_id text primary key references subscription (id),
  anchor_date text not null,
  due_date text not null,
  next_index int not null,
  -- Declined tries since the last success, or since the card was changed.
  declines int not null,
  -- Tries in a row in which the issuer was not asked.
  failures int not null,
  -- The card that must not be charged again.
  stopped_token text,
  network_transaction_id text,
  updated_at timestamptz not null
);

-- One row for every period that has come due, at the terms that held then.
create table charge (
  subscription_id text not null references subscription (id),
  due_date text not null,
  amount_minor bigint not null,
  currency text not null,
  plan_id text not null,
  consent_id text not null,
  -- Operations that were begun for it; each has a key of its own.
  tries int not null,
  -- dropped: paused or cancelled before it was charged. skipped: passed over. unpaid: given up.
  state text not null check (state in ('open','paid','unpaid','skipped','dropped')),
  operation_id text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (subscription_id, due_date)
);
`,
  },
  {
    version: 3,
    sql: `
-- People who are signed in to the console, whichever replica they talk to. Only a hash of what their
-- browser holds is kept.
create table staff_session (
  id_hash text primary key,
  subject text not null,
  name text not null,
  roles json not null,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  ends_at timestamptz not null
);

-- What the console counts: calls by their beginning, and how far each has come.
create index interaction_begun on interaction (created_at);
create index disclosure_interaction on disclosure (interaction_id);
-- What somebody asks of a customer: their calls.
create index interaction_customer on interaction (customer_id, created_at desc)
  where customer_id is not null;
create index ledger_switch on ledger (at) where action in ('switch.on', 'switch.off');
create index outbox_dead on outbox (dead_at) where dead_at is not null;

-- How somebody says that an operation in doubt has ended, and what another person made of it. The
-- ledger keeps all of them; here stands the last one of each operation.
create table proposal (
  operation_id text primary key references operation (id),
  id text not null,
  ending text not null check (ending in ('approved','failed')),
  gateway_reference text,
  reason text not null,
  evidence text not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  expires_at timestamptz not null,
  state text not null check (state in ('open','confirmed','refused','withdrawn')),
  answered_by text,
  answered_at timestamptz
);

-- The newest operations, and the newest subscriptions.
create index operation_begun on operation (started_at desc, id desc);
create index subscription_begun on subscription (created_at desc, id desc);
create index outbox_operation on outbox (operation_id);

-- Cards that the gateway has answered for: what the limits on the share of declines look back at.
alter table operation add column bin_mac text;
create index operation_card on operation (called_at desc)
  where kind = 'tokenise' and state in ('approved','declined') and called_at is not null;
create index operation_bin on operation (bin_mac, called_at desc)
  where kind = 'tokenise' and state in ('approved','declined') and called_at is not null;

-- Until when looks found the gateway at work on it: it is not absent because the index does not show it
-- yet. 9999-12-31 where the last look did.
alter table operation add column under_way_until timestamptz;

-- Pay-by-link: cards that were declined on the page, and when we began to close it.
alter table operation add column page_declines int;
alter table operation add column page_closed_at timestamptz;
-- The event that has a link sent is of no subscription.
alter table outbox alter column subscription_id drop not null;

-- Agents who have opened a call's page: the ledger tells of each once. And the card entry that one of
-- them has begun.
create table agent_seat (
  interaction_id text not null,
  agent_id text not null,
  opened_at timestamptz not null,
  entry_begun_at timestamptz,
  primary key (interaction_id, agent_id)
);
`,
  },
];

-- What makes a repeated request one, and what has to leave the house. Neither is a decision; both hang on one.

create table macadam.idempotency (
  principal text not null default macadam.principal(),
  key text not null constraint idempotency_key check (length(key) between 1 and 255),
  request text not null,
  answer jsonb,
  claimed_at timestamptz not null default macadam.clock(),
  primary key (principal, key)
);
create index idempotency_age on macadam.idempotency (claimed_at);
alter table macadam.idempotency enable row level security;
create policy own on macadam.idempotency to macadam_application
  using (principal = (select macadam.principal()) or (select macadam.everywhere()));
grant select, insert, delete, update (answer) on macadam.idempotency to macadam_application;

create table macadam.outbox (
  number bigint generated always as identity primary key,
  destination text not null,
  division text not null,
  subject text not null,
  body jsonb not null,
  written_at timestamptz not null default macadam.clock(),
  due_at timestamptz not null default macadam.clock(),
  attempts integer not null default 0,
  problem text,
  delivered_at timestamptz
);
create index outbox_due on macadam.outbox (destination, due_at, number) where delivered_at is null;
create index outbox_order on macadam.outbox (destination, subject, number) where delivered_at is null;
call macadam.by_division('macadam.outbox');
grant select, insert, update (due_at, attempts, problem, delivered_at) on macadam.outbox to macadam_application;

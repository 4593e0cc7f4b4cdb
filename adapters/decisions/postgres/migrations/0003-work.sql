-- Batches: members are frozen when one opens, no date moves, and it closes when it is empty.

create table macadam.batch (
  id text primary key,
  standard text not null,
  team text not null,
  division text not null,
  opened_at timestamptz not null default macadam.clock(),
  opened_by text not null default macadam.principal(),
  due_on date not null,
  claimed_by text,
  snoozed_until date,
  closed_at timestamptz,
  closed_by text,
  version bigint not null default 1,
  unique (id, division),
  constraint batch_arrives_in_time check (due_on >= (opened_at at time zone 'UTC')::date),
  constraint batch_snooze_limit check (snoozed_until <= due_on)
);
create index batch_open on macadam.batch (team, due_on) where closed_at is null;
create index batch_standard on macadam.batch (standard, opened_at);
call macadam.never_backdated('macadam.batch', 'opened_at', 'opened_by');
call macadam.never_backdated('macadam.batch', 'closed_at', 'closed_by');
call macadam.audited('macadam.batch');
call macadam.by_division('macadam.batch');
grant select, insert, update (claimed_by, snoozed_until, closed_at, closed_by, division) on macadam.batch
  to macadam_application;

create table macadam.batch_member (
  batch text not null,
  asset text not null,
  standard text not null,
  division text not null,
  failing_since timestamptz not null,
  left_at timestamptz,
  left_as text constraint batch_member_left_as
    check (left_as in ('passed', 'gone', 'out-of-scope', 'excepted', 'reassigned')),
  observation text,
  primary key (batch, asset),
  foreign key (batch, division) references macadam.batch (id, division) on update cascade,
  constraint batch_member_left check ((left_at is null) = (left_as is null)),
  constraint batch_member_observed
    check (left_as not in ('passed', 'gone', 'out-of-scope') or observation is not null)
);
create unique index batch_member_once on macadam.batch_member (standard, asset) where left_at is null;
-- Whether a batch is empty is asked at each change of it.
create index batch_member_open on macadam.batch_member (batch) where left_at is null;
create index batch_member_asset on macadam.batch_member (asset);
call macadam.audited('macadam.batch_member');
call macadam.by_division('macadam.batch_member');
grant select, insert, update (left_at, left_as, observation) on macadam.batch_member to macadam_application;

-- Both look at all rows at once: asked for the first offender only, the planner would compare each with each.
create function macadam.freeze_members() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  at constant timestamptz := macadam.clock();
  late boolean;
begin
  select bool_or(batch.opened_at <> at or batch.closed_at is not null or batch.standard <> added.standard
    or added.left_at is not null) into late from added join macadam.batch on batch.id = added.batch;
  if late then
    raise exception 'the members of a batch are frozen when it opens' using errcode = 'MC001', column = 'members',
      hint = 'put them into the next batch';
  end if;
  return null;
end $$;
create trigger frozen after insert on macadam.batch_member referencing new table as added
  for each statement execute function macadam.freeze_members();

create function macadam.refuse_return() returns trigger language plpgsql as $$
declare
  at constant timestamptz := macadam.clock();
  back boolean;
  early boolean;
begin
  select bool_or(before.left_at is not null and after is distinct from before),
    bool_or(before.left_at is null and after.left_at <> at)
    into back, early from before join after using (batch, asset);
  if back then
    raise exception 'a member that left does not come back' using errcode = 'MC001', column = 'members',
      hint = 'put it into the next batch';
  end if;
  if early then
    raise exception 'a member leaves when it is recorded' using errcode = 'MC001', column = 'left_at',
      hint = 'leave the time to the store: nothing is backdated';
  end if;
  return null;
end $$;
create trigger leaves_once after update on macadam.batch_member
  referencing old table as before new table as after
  for each statement execute function macadam.refuse_return();

create function macadam.change_batch() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if old.closed_at is not null and new.division = old.division then
    raise exception 'the batch is closed' using errcode = 'MC001', column = 'closed_at',
      hint = 'what fails again is in a later batch';
  end if;
  if new.closed_at is not null and old.closed_at is null
    and exists (select from macadam.batch_member where batch = new.id and left_at is null) then
    raise exception 'the batch has members that still fail' using errcode = 'MC001', column = 'closed_at',
      hint = 'it closes by itself when a new observation shows that they pass';
  end if;
  new.version := old.version + 1;
  return new;
end $$;
create trigger changes before update on macadam.batch for each row execute function macadam.change_batch();

create table macadam.batch_dispute (
  number bigint generated always as identity primary key,
  batch text not null,
  division text not null,
  reason text not null,
  opened_at timestamptz not null default macadam.clock(),
  opened_by text not null default macadam.principal(),
  until_on date not null,
  outcome text constraint batch_dispute_outcome check (outcome in ('upheld', 'rejected', 'expired')),
  ended_at timestamptz,
  ended_by text,
  foreign key (batch, division) references macadam.batch (id, division) on update cascade,
  constraint batch_dispute_limit check (until_on between (opened_at at time zone 'UTC')::date
    and (opened_at at time zone 'UTC')::date + 14),
  constraint batch_dispute_ended check ((ended_at is null) = (outcome is null)),
  constraint batch_dispute_judge check (ended_by <> opened_by or outcome = 'expired')
);
create unique index batch_dispute_once on macadam.batch_dispute (batch) where ended_at is null;
create index batch_dispute_batch on macadam.batch_dispute (batch, number);
call macadam.never_backdated('macadam.batch_dispute', 'opened_at', 'opened_by');
call macadam.never_backdated('macadam.batch_dispute', 'ended_at', 'ended_by');
call macadam.audited('macadam.batch_dispute');
call macadam.by_division('macadam.batch_dispute');
grant select, insert, update (outcome, ended_at, ended_by) on macadam.batch_dispute to macadam_application;

create table macadam.batch_comment (
  number bigint generated always as identity primary key,
  batch text not null,
  division text not null,
  said_at timestamptz not null default macadam.clock(),
  said_by text not null default macadam.principal(),
  text text not null constraint batch_comment_text check (text <> '' and length(text) <= 10000),
  foreign key (batch, division) references macadam.batch (id, division) on update cascade
);
create index batch_comment_batch on macadam.batch_comment (batch, number);
call macadam.never_backdated('macadam.batch_comment', 'said_at', 'said_by');
call macadam.audited('macadam.batch_comment');
call macadam.by_division('macadam.batch_comment');
grant select, insert on macadam.batch_comment to macadam_application;

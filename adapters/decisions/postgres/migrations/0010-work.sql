-- Work in full: what fails and since when, whether it is in a batch, waits or is excepted; disputes that name assets;
-- whose fault unknowns are; and what is on its way from one team to another.

-- Rows of a store that was there before get what they lack; none of it is a decision, so nothing enters the log.
alter table macadam.batch disable trigger user;
alter table macadam.batch_member disable trigger user;
alter table macadam.batch_dispute disable trigger user;

alter table macadam.batch
  add column of text not null default 'failures' constraint batch_of check (of in ('failures', 'reassigned')),
  add column snoozes smallint not null default 0 constraint batch_snoozes_limit check (snoozes between 0 and 2);
update macadam.batch set snoozes = 1 where snoozed_until is not null;
-- When an owner's last batch of new failures opened is asked at each pass.
create index batch_turn on macadam.batch (standard, team, opened_at) where of = 'failures';

create or replace function macadam.change_batch() returns trigger language plpgsql
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
  if new.snoozed_until is not null and new.snoozed_until is distinct from old.snoozed_until then
    new.snoozes := old.snoozes + 1;
  end if;
  new.version := old.version + 1;
  return new;
end $$;

-- How far the passes over a standard (`standard/ID`), or over faults (`faults`), have come.
create table macadam.work_pass (
  subject text primary key,
  at timestamptz not null,
  -- The tick that was taken in last, and the sealed batch of facts that it knew.
  valid timestamptz not null,
  known bigint not null,
  -- How many batches, or fault items, were opened, so that no number is given twice.
  opened bigint not null
);
call macadam.audited('macadam.work_pass');
call macadam.for_everybody('macadam.work_pass');
grant select, insert, update (at, valid, known, opened) on macadam.work_pass to macadam_application;

create function macadam.refuse_turning_back() returns trigger language plpgsql as $$
begin
  if new.at < old.at or new.valid < old.valid or new.known < old.known or new.opened < old.opened then
    raise exception 'a pass over % is older than the last one', new.subject using errcode = 'MC001', column = 'known',
      hint = 'begin anew from the newest tick';
  end if;
  return new;
end $$;
create trigger forwards before update on macadam.work_pass
  for each row execute function macadam.refuse_turning_back();

-- What failed and was not seen to pass since. Its batch is the one of which it is a member that has not left.
create table macadam.failing_asset (
  standard text not null,
  asset text not null,
  name text not null,
  -- Null while nobody owns it; its division is then the empty text.
  team text,
  division text not null,
  since timestamptz not null,
  -- Null only of what was in a batch before this was recorded.
  observation text constraint failing_asset_observed check (observation <> ''),
  unknown boolean not null default false,
  -- What an exception may have accepted; null where none could ask.
  value text,
  -- The exception under which the last pass found it.
  excepted text,
  primary key (standard, asset)
);
create index failing_asset_excepted on macadam.failing_asset (standard, excepted) where excepted is not null;
create index failing_asset_team on macadam.failing_asset (standard, team);
create index failing_asset_asset on macadam.failing_asset (asset);
insert into macadam.failing_asset (standard, asset, name, team, division, since)
  select member.standard, member.asset, member.asset, batch.team, batch.division, member.failing_since
  from macadam.batch_member member join macadam.batch on batch.id = member.batch where member.left_at is null;
call macadam.audited('macadam.failing_asset');
call macadam.by_division('macadam.failing_asset');
grant select, insert, update, delete on macadam.failing_asset to macadam_application;

alter table macadam.batch_member
  -- Of one that was excepted the exception, of one that was reassigned the team that has it now.
  add column left_for text constraint batch_member_left_for
    check (left_for is null or left_as in ('excepted', 'reassigned')),
  add column failing text generated always as (case when left_at is null then asset end) stored;
grant update (left_for) on macadam.batch_member to macadam_application;
drop index macadam.batch_member_once;
create unique index batch_member_once on macadam.batch_member (standard, failing) where failing is not null;
-- Whoever is to be done is failing: at the end of a transaction, so that it may be written in any order.
alter table macadam.batch_member add constraint batch_member_fails foreign key (standard, failing)
  references macadam.failing_asset (standard, asset) deferrable initially deferred;

-- A dispute is of assets, each once in a batch: one after another would stop the clock for good.
drop index macadam.batch_dispute_once;
alter table macadam.batch_dispute add column end_reason text;
grant update (end_reason) on macadam.batch_dispute to macadam_application;
create table macadam.batch_dispute_asset (
  dispute bigint not null references macadam.batch_dispute (number),
  batch text not null,
  asset text not null,
  division text not null,
  primary key (batch, asset),
  constraint batch_dispute_asset_member foreign key (batch, asset) references macadam.batch_member (batch, asset),
  foreign key (batch, division) references macadam.batch (id, division) on update cascade
);
create index batch_dispute_asset_dispute on macadam.batch_dispute_asset (dispute);
insert into macadam.batch_dispute_asset (dispute, batch, asset, division)
  select dispute.number, dispute.batch, member.asset, dispute.division from macadam.batch_dispute dispute
  join macadam.batch_member member on member.batch = dispute.batch
    and (member.left_at is null or member.left_at > dispute.opened_at)
  order by dispute.number on conflict do nothing;
call macadam.audited('macadam.batch_dispute_asset');
call macadam.by_division('macadam.batch_dispute_asset');
grant select, insert on macadam.batch_dispute_asset to macadam_application;

create function macadam.freeze_dispute() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  at constant timestamptz := macadam.clock();
  late boolean;
  left_already boolean;
begin
  select bool_or(dispute.opened_at <> at or dispute.batch <> added.batch), bool_or(member.left_at is not null)
    into late, left_already
    from added join macadam.batch_dispute dispute on dispute.number = added.dispute
    join macadam.batch_member member on member.batch = added.batch and member.asset = added.asset;
  if late then
    raise exception 'the assets of a dispute are frozen when it is filed' using errcode = 'MC001', column = 'assets',
      hint = 'dispute the others anew';
  end if;
  if left_already then
    raise exception 'some of the assets are not to be done any more' using errcode = 'MC001', column = 'assets',
      hint = 'name assets that are left in the batch';
  end if;
  return null;
end $$;
create trigger frozen after insert on macadam.batch_dispute_asset referencing new table as added
  for each statement execute function macadam.freeze_dispute();

-- One item for whoever has to look better, never one for each asset that is left in the dark.
create table macadam.fault_item (
  id text primary key,
  subject_of text not null constraint fault_item_subject check (subject_of in ('source', 'standard')),
  subject text not null,
  team text,
  division text not null,
  causes jsonb not null,
  opened_at timestamptz not null default macadam.clock(),
  opened_by text not null default macadam.principal(),
  due_on date not null,
  closed_at timestamptz,
  closed_by text,
  observation text,
  constraint fault_item_arrives_in_time check (due_on >= (opened_at at time zone 'UTC')::date),
  constraint fault_item_observed check ((closed_at is null) = (observation is null))
);
create unique index fault_item_once on macadam.fault_item (subject_of, subject) where closed_at is null;
call macadam.never_backdated('macadam.fault_item', 'opened_at', 'opened_by');
call macadam.never_backdated('macadam.fault_item', 'closed_at', 'closed_by');
call macadam.audited('macadam.fault_item');
call macadam.by_division('macadam.fault_item');
grant select, insert, update (team, division, causes, closed_at, closed_by, observation) on macadam.fault_item
  to macadam_application;

create function macadam.change_fault() returns trigger language plpgsql as $$
begin
  if old.closed_at is not null then
    raise exception 'the fault is closed' using errcode = 'MC001', column = 'closed_at',
      hint = 'what is unknown again is in a later one';
  end if;
  return new;
end $$;
create trigger changes before update on macadam.fault_item for each row execute function macadam.change_fault();

-- "Not mine": an owner stays the owner until another team accepts, or the deputy CISO decides.
create table macadam.handover (
  number bigint generated always as identity primary key,
  assets text[] not null constraint handover_assets check (cardinality(assets) > 0),
  from_team text not null,
  division text not null,
  state text not null constraint handover_state
    check (state in ('asked', 'returned', 'deputy', 'done', 'withdrawn')),
  to_team text,
  -- That have a part in it, and see it: whose assets they are, and all that were asked.
  divisions text[] not null,
  bounces smallint not null default 0 constraint handover_bounces check (bounces between 0 and 2),
  begun_at timestamptz not null default macadam.clock(),
  begun_by text not null default macadam.principal(),
  version bigint not null default 1,
  constraint handover_asked check (to_team is not null or state not in ('asked', 'done')),
  constraint handover_divisions check (division = any (divisions)),
  constraint handover_elsewhere check (state <> 'asked' or to_team <> from_team)
);
create index handover_to on macadam.handover (to_team, state);
create index handover_from on macadam.handover (from_team, state);
call macadam.never_backdated('macadam.handover', 'begun_at', 'begun_by');
call macadam.audited('macadam.handover');
alter table macadam.handover enable row level security;
create policy by_divisions on macadam.handover for select to macadam_application
  using (divisions && (select macadam.divisions()) or (select macadam.everywhere()));
create policy answered on macadam.handover for update to macadam_application
  using (divisions && (select macadam.divisions()) or (select macadam.everywhere()));
create policy begun on macadam.handover for insert to macadam_application
  with check (division = any ((select macadam.divisions())::text[]) or (select macadam.everywhere()));
grant select, insert, update (state, to_team, divisions, bounces) on macadam.handover to macadam_application;

create function macadam.change_handover() returns trigger language plpgsql as $$
begin
  if old.state in ('done', 'withdrawn') then
    raise exception 'the hand-over is %', old.state using errcode = 'MC001', column = 'state',
      hint = 'begin another one';
  end if;
  if new.bounces < old.bounces or not new.divisions @> old.divisions then
    raise exception 'who was asked and refused is not forgotten' using errcode = 'MC001', column = 'bounces',
      hint = 'begin another one';
  end if;
  new.version := old.version + 1;
  return new;
end $$;
create trigger changes before update on macadam.handover for each row execute function macadam.change_handover();

create table macadam.handover_step (
  number bigint generated always as identity primary key,
  handover bigint not null references macadam.handover (number),
  what text not null constraint handover_step_what
    check (what in ('asked', 'accepted', 'refused', 'decided', 'withdrawn')),
  said_at timestamptz not null default macadam.clock(),
  said_by text not null default macadam.principal(),
  why text not null constraint handover_step_why check (why <> ''),
  to_team text
);
create index handover_step_handover on macadam.handover_step (handover, number);
call macadam.append_only('macadam.handover_step');
call macadam.never_backdated('macadam.handover_step', 'said_at', 'said_by');
call macadam.audited('macadam.handover_step');
alter table macadam.handover_step enable row level security;
create policy with_its_handover on macadam.handover_step to macadam_application
  using (exists (select from macadam.handover where handover.number = handover_step.handover))
  with check ((select macadam.principal()) is not null);
grant select, insert on macadam.handover_step to macadam_application;

alter table macadam.batch enable trigger user;
alter table macadam.batch_member enable trigger user;
alter table macadam.batch_dispute enable trigger user;

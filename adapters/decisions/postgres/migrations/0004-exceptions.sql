-- Exceptions and standards in force: two people each, nothing backdated, and an end to every exception.

create table macadam.exception (
  id text primary key,
  standard text not null,
  division text not null,
  selectors text[] not null constraint exception_selectors check (cardinality(selectors) > 0),
  reason text not null constraint exception_reason check (length(reason) >= 10),
  compensating text constraint exception_compensating check (length(compensating) >= 10),
  until date not null,
  renews text references macadam.exception (id),
  requested_at timestamptz not null default macadam.clock(),
  requested_by text not null default macadam.principal(),
  approved_at timestamptz,
  approved_by text,
  proof text,
  refused_at timestamptz,
  refused_by text,
  ended_at timestamptz,
  ended_by text,
  end_reason text,
  unique (id, division),
  constraint exception_two_people check (approved_by <> requested_by),
  constraint exception_limit check (until - (requested_at at time zone 'UTC')::date <= 180),
  constraint exception_future check (until >= (requested_at at time zone 'UTC')::date
    and until >= (approved_at at time zone 'UTC')::date),
  constraint exception_approved check ((approved_at is null) = (approved_by is null)),
  constraint exception_one_answer check (approved_at is null or refused_at is null),
  constraint exception_ended check ((ended_at is null) = (end_reason is null)
    and (ended_at is null or approved_at is not null))
);
create index exception_standard on macadam.exception (standard, until);
call macadam.never_backdated('macadam.exception', 'requested_at', 'requested_by');
call macadam.never_backdated('macadam.exception', 'approved_at', 'approved_by');
call macadam.never_backdated('macadam.exception', 'refused_at', 'refused_by');
call macadam.never_backdated('macadam.exception', 'ended_at', 'ended_by');
call macadam.audited('macadam.exception');
call macadam.by_division('macadam.exception');
grant select, insert, update (approved_at, approved_by, proof, refused_at, refused_by, ended_at, ended_by, end_reason)
  on macadam.exception to macadam_application;

create function macadam.change_exception() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.approved_at is not null or new.refused_at is not null or new.ended_at is not null then
      raise exception 'an exception is asked for before it is answered' using errcode = 'MC001',
        column = 'approved_at', hint = 'have somebody else approve it';
    end if;
    return new;
  end if;
  if (new.standard, new.division, new.selectors, new.reason, new.compensating, new.until, new.renews)
    is distinct from (old.standard, old.division, old.selectors, old.reason, old.compensating, old.until, old.renews)
    or (old.approved_at is not null and new.proof is distinct from old.proof) then
    raise exception 'what was asked for does not change' using errcode = 'MC001', column = 'until',
      hint = 'ask for a new exception that renews this one';
  end if;
  return new;
end $$;
create trigger changes before insert or update on macadam.exception
  for each row execute function macadam.change_exception();

-- What the selectors meant at approval, with the value that was accepted of each (null: any).
create table macadam.exception_asset (
  exception text not null,
  asset text not null,
  division text not null,
  accepted text,
  primary key (exception, asset),
  foreign key (exception, division) references macadam.exception (id, division)
);
create index exception_asset_asset on macadam.exception_asset (asset);
call macadam.append_only('macadam.exception_asset');
call macadam.audited('macadam.exception_asset');
call macadam.by_division('macadam.exception_asset');
grant select, insert on macadam.exception_asset to macadam_application;

create function macadam.freeze_assets() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  at constant timestamptz := macadam.clock();
  late boolean;
begin
  select bool_or(exception.approved_at is distinct from at) into late
    from added left join macadam.exception on exception.id = added.exception;
  if late then
    raise exception 'the assets of an exception are frozen when it is approved' using errcode = 'MC001',
      column = 'assets', hint = 'ask for another exception';
  end if;
  return null;
end $$;
create trigger frozen after insert on macadam.exception_asset referencing new table as added
  for each statement execute function macadam.freeze_assets();

create table macadam.standard_version (
  number bigint generated always as identity primary key,
  standard text not null,
  digest text not null,
  definition text not null,
  rollout jsonb not null,
  from_at timestamptz not null,
  proposed_at timestamptz not null default macadam.clock(),
  proposed_by text not null default macadam.principal(),
  approved_at timestamptz,
  approved_by text,
  constraint standard_two_people check (approved_by <> proposed_by),
  constraint standard_approved check ((approved_at is null) = (approved_by is null)),
  constraint standard_not_backdated check (from_at >= proposed_at and from_at >= approved_at)
);
create index standard_version_standard on macadam.standard_version (standard, from_at);
call macadam.never_backdated('macadam.standard_version', 'proposed_at', 'proposed_by');
call macadam.never_backdated('macadam.standard_version', 'approved_at', 'approved_by');
call macadam.audited('macadam.standard_version');
call macadam.for_everybody('macadam.standard_version');
grant select, insert, update (approved_at, approved_by) on macadam.standard_version to macadam_application;

create function macadam.ask_first() returns trigger language plpgsql as $$
begin
  if new.approved_at is not null then
    raise exception 'a standard is proposed before it is approved' using errcode = 'MC001', column = 'approved_at',
      hint = 'have somebody else approve it';
  end if;
  return new;
end $$;
create trigger asked before insert on macadam.standard_version for each row execute function macadam.ask_first();

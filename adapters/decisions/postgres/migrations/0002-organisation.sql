-- Who belongs where since when, who answers for what, and who was said to own an asset.

create table macadam.org_event (
  number bigint generated always as identity primary key,
  effective_on date not null,
  kind text not null constraint org_event_kind check (kind ~ '^[a-z][a-z-]*$'),
  body jsonb not null,
  recorded_at timestamptz not null default macadam.clock(),
  recorded_by text not null default macadam.principal()
);
create index org_event_effective on macadam.org_event (effective_on, number);
call macadam.append_only('macadam.org_event');
call macadam.never_backdated('macadam.org_event', 'recorded_at', 'recorded_by');
call macadam.audited('macadam.org_event');
call macadam.for_everybody('macadam.org_event');
grant select, insert on macadam.org_event to macadam_application;

create table macadam.person (
  id text primary key,
  name text not null,
  mail text,
  active boolean not null default true,
  external_id text unique,
  attributes jsonb not null default '{}',
  version bigint not null default 1,
  changed_at timestamptz not null default macadam.clock()
);
create index person_mail on macadam.person (lower(mail));
call macadam.audited('macadam.person');
call macadam.for_everybody('macadam.person');
grant select, insert, update on macadam.person to macadam_application;

create table macadam.accountability (
  number bigint generated always as identity primary key,
  person text not null references macadam.person (id),
  role text not null constraint accountability_role check (role ~ '^[a-z][a-z-]*$'),
  selector jsonb not null,
  from_on date not null,
  until_on date constraint accountability_until check (until_on >= from_on),
  recorded_at timestamptz not null default macadam.clock(),
  recorded_by text not null default macadam.principal(),
  ended_at timestamptz,
  ended_by text
);
create index accountability_person on macadam.accountability (person);
call macadam.never_backdated('macadam.accountability', 'recorded_at', 'recorded_by');
call macadam.never_backdated('macadam.accountability', 'ended_at', 'ended_by');
call macadam.audited('macadam.accountability');
call macadam.for_everybody('macadam.accountability');
grant select, insert, update (until_on, ended_at, ended_by) on macadam.accountability to macadam_application;

create table macadam.owner_decision (
  number bigint generated always as identity primary key,
  asset text not null,
  act text not null constraint owner_decision_act
    check (act in ('assign', 'confirm', 'hand-over', 'accept', 'bounce', 'release')),
  team text not null,
  previous_team text,
  division text not null,
  reason text not null,
  decided_at timestamptz not null default macadam.clock(),
  decided_by text not null default macadam.principal()
);
create index owner_decision_asset on macadam.owner_decision (asset, number desc);
call macadam.append_only('macadam.owner_decision');
call macadam.never_backdated('macadam.owner_decision', 'decided_at', 'decided_by');
call macadam.audited('macadam.owner_decision');
call macadam.by_division('macadam.owner_decision');
grant select, insert on macadam.owner_decision to macadam_application;

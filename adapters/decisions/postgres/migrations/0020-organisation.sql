-- Who answers for what is in the log of the organisation alone; owner rules are data; and a directory pushes people and groups.

-- What was said in a table of its own becomes events of the log: one truth.
do $$
declare
  carried bigint := (select count(*) from macadam.accountability where ended_at is null);
begin
  if carried > 0 then
    perform set_config('macadam.principal', 'migration', true);
    insert into macadam.org_event (effective_on, kind, body)
      select from_on, 'accountable', jsonb_build_object('id', 'accountability-' || number, 'person', person, 'for',
        jsonb_strip_nulls(jsonb_build_object('unit', coalesce(selector -> 'unit', selector -> 'division'),
          'pillar', selector -> 'pillar', 'kind', selector -> 'kind')))
      from macadam.accountability where ended_at is null order by from_on, number;
    insert into macadam.org_event (effective_on, kind, body)
      select until_on + 1, 'ended', jsonb_build_object('id', 'accountability-' || number)
      from macadam.accountability where ended_at is null and until_on is not null order by until_on, number;
    perform macadam.audit_append(array[format(
      '{"action":"organisation.accountable","detail":{"carried":%s},"outcome":"done","principal":"migration","subject":"accountability"}',
      carried)]);
    -- The deferred demand for an entry is met here, before the table goes.
    set constraints all immediate;
    perform set_config('macadam.principal', '', true);
  end if;
end $$;
drop table macadam.accountability;

-- What a directory says of a person. Someone who was taken out stays for the record, under an id that is never given again.
alter table macadam.person disable trigger audited;
alter table macadam.person
  add column user_name text,
  add column created_at timestamptz,
  add column removed_at timestamptz;
update macadam.person set created_at = changed_at;
alter table macadam.person enable trigger audited;
alter table macadam.person
  alter column created_at set default macadam.clock(),
  alter column created_at set not null,
  add constraint person_removed check (removed_at is null or (not active and external_id is null));
create unique index person_user_name on macadam.person (lower(user_name)) where removed_at is null;

create table macadam.person_group (
  id text primary key,
  name text not null,
  external_id text,
  -- The unit of the organisation whose people its members are.
  unit text,
  attributes jsonb not null default '{}',
  version bigint not null default 1,
  created_at timestamptz not null default macadam.clock(),
  changed_at timestamptz not null default macadam.clock(),
  removed_at timestamptz
);
create unique index person_group_unit on macadam.person_group (unit) where removed_at is null;
create index person_group_name on macadam.person_group (lower(name));
call macadam.audited('macadam.person_group');
call macadam.for_everybody('macadam.person_group');
grant select, insert, update on macadam.person_group to macadam_application;

create table macadam.group_member (
  "group" text not null references macadam.person_group (id),
  member text not null,
  -- A person, or a group inside it.
  sort text not null constraint group_member_sort check (sort in ('person', 'group')),
  primary key ("group", member)
);
create index group_member_member on macadam.group_member (member);
call macadam.audited('macadam.group_member');
call macadam.for_everybody('macadam.group_member');
grant select, insert, delete on macadam.group_member to macadam_application;

-- How owners are decided: each version whole, the newest one in force.
create table macadam.owner_rules (
  number bigint generated always as identity primary key,
  rules jsonb not null constraint owner_rules_list check (jsonb_typeof(rules) = 'array'),
  aliases jsonb not null constraint owner_rules_aliases check (jsonb_typeof(aliases) = 'object'),
  confirm_for int not null constraint owner_rules_days check (confirm_for between 1 and 3650),
  reason text not null constraint owner_rules_reason check (length(btrim(reason)) >= 10),
  recorded_at timestamptz not null default macadam.clock(),
  recorded_by text not null default macadam.principal()
);
call macadam.append_only('macadam.owner_rules');
call macadam.never_backdated('macadam.owner_rules', 'recorded_at', 'recorded_by');
call macadam.audited('macadam.owner_rules');
call macadam.for_everybody('macadam.owner_rules');
grant select, insert on macadam.owner_rules to macadam_application;

-- The acts that say whose an asset is; the others wait for an answer.
create index owner_decision_settled on macadam.owner_decision (asset, number desc)
  where act in ('assign', 'accept', 'confirm', 'release');

-- Ends what somebody may do at once, when the directory says that the person is gone.
create index role_grant_in_force on macadam.role_grant (person) where revoked_at is null;

-- What strangers broke: whoever is behind a machine counts as its person, the last administrator stays, a directory keeps to the people
-- that it made, a token says for which sources it speaks, and no text is without a bound. What was written before is left as it is.

-- Who made a person's record, and whether a directory did. A directory may change what it made.
alter table macadam.person disable trigger audited;
alter table macadam.person
  add column made_by text,
  add column from_directory boolean not null default false,
  -- When the address or the directory's id changed last: an account that is found by one of them is of whoever has it now.
  add column claims_at timestamptz;
update macadam.person set
  made_by = (select principal from macadam.audit
    where subject = person.id and action in ('person.put', 'person.import') order by number limit 1),
  claims_at = created_at;
update macadam.person set from_directory = true where user_name is not null and made_by like 'machine:%';
alter table macadam.person enable trigger audited;
alter table macadam.person
  alter column made_by set default macadam.principal(),
  alter column claims_at set default macadam.clock(),
  alter column claims_at set not null;

create function macadam.keep_claims() returns trigger language plpgsql as $$
begin
  if (new.mail, new.external_id) is distinct from (old.mail, old.external_id) then
    new.claims_at := macadam.clock();
  end if;
  new.made_by := old.made_by;
  new.from_directory := old.from_directory;
  return new;
end $$;
create trigger claims before update on macadam.person for each row execute function macadam.keep_claims();

-- A machine does nothing by itself: whoever made it, gave it a role or a token could have it do anything.
create function macadam.people_behind(id text) returns text[]
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with recursive behind (id) as (
    select $1
    union
    select one.by from behind cross join lateral (
      select made_by as by from macadam.person where person.id = behind.id
      union select granted_by from macadam.role_grant where person = behind.id
      union select issued_by from macadam.api_token where person = behind.id
    ) one where behind.id like 'machine:%' and one.by is not null
  )
  select array_agg(behind.id) from behind
$$;
revoke all on function macadam.people_behind(text) from public;
grant execute on function macadam.people_behind(text) to macadam_application;

-- Arguments: the columns of the two who have to be two people, and what they do. That they differ is a constraint of its own.
create function macadam.demand_two_people() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  one constant text := to_jsonb(new) ->> tg_argv[0];
  other constant text := to_jsonb(new) ->> tg_argv[1];
begin
  if one is null or other is null or one = other then return null; end if;
  if macadam.people_behind(one) && macadam.people_behind(other) then
    raise exception '% counts as %: whoever made a machine, gave it a role or a token is its person', other, one
      using errcode = 'MC001', column = tg_argv[0], hint = 'have somebody else do it, who had no part in that machine';
  end if;
  return null;
end $$;
create trigger two_people after insert or update of approved_by on macadam.exception
  for each row execute function macadam.demand_two_people('approved_by', 'requested_by');
create trigger two_people after insert or update of approved_by on macadam.standard_version
  for each row execute function macadam.demand_two_people('approved_by', 'proposed_by');
create trigger two_people after insert or update of ended_by on macadam.batch_dispute
  for each row when (new.outcome is distinct from 'expired')
  execute function macadam.demand_two_people('ended_by', 'opened_by');
-- The other way round nothing is gained: what a machine does with a role counts as its people's.
create trigger two_people after insert on macadam.role_grant
  for each row when (new.granted_by like 'machine:%') execute function macadam.demand_two_people('granted_by', 'person');

-- Without an administrator of the company nobody could make one. Asked at the end, so that one may be made in place of another.
create function macadam.keep_administrator() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  whose constant text := coalesce(to_jsonb(new) ->> 'person', to_jsonb(new) ->> 'id');
begin
  if whose like 'machine:%' or not exists (select from macadam.role_grant where person = whose
    and role = 'administrator' and division = '') then return null; end if;
  if exists (select from macadam.role_grant held join macadam.person on person.id = held.person
    where held.role = 'administrator' and held.division = '' and held.revoked_at is null
      and (held.until is null or held.until > macadam.clock())
      and person.active and person.removed_at is null and person.id not like 'machine:%') then return null; end if;
  raise exception '% is the last administrator of the company', whose using errcode = 'MC001', column = 'person',
    hint = 'make somebody else an administrator of the company first';
end $$;
create constraint trigger administrator_stays after update on macadam.role_grant deferrable initially deferred
  for each row when (old.revoked_at is null and new.revoked_at is not null and new.role = 'administrator' and new.division = '')
  execute function macadam.keep_administrator();
create constraint trigger administrator_stays after update on macadam.person deferrable initially deferred
  for each row when (old.active and not new.active) execute function macadam.keep_administrator();

-- For which sources and kinds a token speaks: `[{"source": "patrol", "kinds": ["shed"]}]`. None: it sends no facts.
alter table macadam.api_token add column sources jsonb not null default '[]' constraint api_token_sources
  check (jsonb_typeof(sources) = 'array' and jsonb_array_length(sources) <= 100);

-- A secret is shown once: of which version it was. Answers that held one are forgotten.
alter table macadam.webhook disable trigger audited;
alter table macadam.webhook add column shown_version integer;
update macadam.webhook set shown_version = secret_version;
alter table macadam.webhook enable trigger audited;
grant update (shown_version) on macadam.webhook to macadam_application;
delete from macadam.idempotency where jsonb_typeof(answer) = 'object' and answer ?| array['secret', 'token'];

-- The bounds of core/text/bounds.ts, for whatever comes by another way.
alter table macadam.exception
  add constraint exception_selectors_limit check (cardinality(selectors) <= 200) not valid,
  add constraint exception_text_limit check (length(reason) <= 10000 and length(compensating) <= 10000
    and length(proof) <= 10000 and length(end_reason) <= 10000) not valid;
alter table macadam.exception_asset
  add constraint exception_asset_limit check (octet_length(asset) <= 1000) not valid;
alter table macadam.failing_asset
  add constraint failing_asset_limit check (octet_length(asset) <= 1000) not valid;
alter table macadam.owner_decision
  add constraint owner_decision_limit check (octet_length(asset) <= 1000 and length(reason) <= 10000) not valid;
alter table macadam.handover_step
  add constraint handover_step_limit check (length(why) <= 10000) not valid;
alter table macadam.person
  add constraint person_limit check (length(id) <= 200 and length(name) <= 10000) not valid;

-- Who asks, what time it is, and the log that everything is written to.

-- Roles belong to the whole server, so another database of it may have made this one already.
do $$
begin
  begin
    create role macadam_application nologin;
  exception when duplicate_object or unique_violation or insufficient_privilege then null;
  end;
  if not exists (select from pg_roles where rolname = 'macadam_application') then
    raise exception 'there is no role macadam_application, and % may not create it', current_user
      using hint = format('run as an administrator: create role macadam_application nologin; grant macadam_application to %I', current_user);
  end if;
  begin
    execute format('grant macadam_application to %I', current_user);
  exception when insufficient_privilege or invalid_grant_operation then null;
  end;
end $$;

revoke all on schema macadam from public;
grant usage on schema macadam to macadam_application;

create table macadam.store (
  one boolean primary key default true check (one),
  simulated boolean not null,
  created_at timestamptz not null default now()
);
grant select on macadam.store to macadam_application;

-- The time of every decision: the transaction's; in a simulated store, and only there, the time that is being played.
create function macadam.clock() returns timestamptz language sql stable as $$
  select case when (select simulated from macadam.store)
    then coalesce(nullif(current_setting('macadam.clock', true), '')::timestamptz, now()) else now() end
$$;
create function macadam.today() returns date language sql stable as $$
  select (macadam.clock() at time zone 'UTC')::date
$$;

-- Who asks, and what that principal may see. Nothing is set: nothing is seen.
create function macadam.principal() returns text language sql stable as $$
  select nullif(current_setting('macadam.principal', true), '')
$$;
create function macadam.everywhere() returns boolean language sql stable as $$
  select coalesce(current_setting('macadam.divisions', true), '') = '*'
$$;
create function macadam.divisions() returns text[] language sql stable as $$
  select case when coalesce(current_setting('macadam.divisions', true), '') in ('', '*') then '{}'
    else current_setting('macadam.divisions')::text[] end
$$;

-- The four rules that tables are put under. The calls in parentheses are made once a statement, not once a row.
create procedure macadam.by_division(subject regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', subject);
  execute format('create policy by_division on %s to macadam_application using '
    '(division = any ((select macadam.divisions())::text[]) or (select macadam.everywhere()))', subject);
end $$;
create procedure macadam.for_everybody(subject regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', subject);
  execute format('create policy for_everybody on %s to macadam_application using '
    '((select macadam.principal()) is not null)', subject);
end $$;

create function macadam.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % is refused', tg_table_name, lower(tg_op) using errcode = 'MC001',
    hint = 'record what is true now as a new row';
end $$;
create procedure macadam.append_only(subject regclass) language plpgsql as $$
begin
  execute format('create trigger append_only before update or delete or truncate on %s '
    'for each statement execute function macadam.refuse_change()', subject);
end $$;

-- Arguments: a column of time, and the column of the person who did it.
create function macadam.refuse_backdating() returns trigger language plpgsql as $$
declare
  given jsonb := to_jsonb(new);
  before jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
begin
  if given -> tg_argv[0] is not distinct from before -> tg_argv[0]
    and given -> tg_argv[1] is not distinct from before -> tg_argv[1] then return null; end if;
  if tg_op = 'INSERT' and given ->> tg_argv[0] is null and given ->> tg_argv[1] is null then return null; end if;
  if before ->> tg_argv[0] is not null then
    raise exception '%.% was recorded already', tg_table_name, tg_argv[0] using errcode = 'MC001',
      column = tg_argv[0], hint = 'leave it as it is';
  end if;
  if (given ->> tg_argv[0])::timestamptz is distinct from macadam.clock() then
    raise exception '%.% is not the time at which it happens', tg_table_name, tg_argv[0] using errcode = 'MC001',
      column = tg_argv[0], hint = 'leave the time to the store: nothing is backdated';
  end if;
  if given ->> tg_argv[1] is distinct from macadam.principal() then
    raise exception '%.% is not who asks', tg_table_name, tg_argv[1] using errcode = 'MC001',
      column = tg_argv[1], hint = 'have the person do it';
  end if;
  return null;
end $$;
create procedure macadam.never_backdated(subject regclass, at text, who text) language plpgsql as $$
begin
  execute format('create trigger %I after insert or update on %s for each row '
    'execute function macadam.refuse_backdating(%L, %L)', 'never_backdated_' || at, subject, at, who);
end $$;

create trigger append_only before update or delete or truncate on macadam.store
  for each statement execute function macadam.refuse_change();
alter table macadam.store enable row level security;
create policy for_everybody on macadam.store to macadam_application using (true);

-- The log. `content` is canonical JSON; what is searched is taken from it, so that there is one truth.
create table macadam.audit_head (
  one boolean primary key default true check (one),
  number bigint not null,
  digest text not null
);
insert into macadam.audit_head (number, digest) values (0, repeat('0', 64));
alter table macadam.audit_head enable row level security;

create table macadam.audit (
  number bigint primary key,
  at text not null,
  previous text not null,
  content text not null,
  content_digest text not null,
  digest text not null,
  principal text generated always as (content::jsonb ->> 'principal') stored,
  action text generated always as (content::jsonb ->> 'action') stored,
  subject text generated always as (content::jsonb ->> 'subject') stored,
  division text generated always as (content::jsonb ->> 'division') stored,
  outcome text generated always as (content::jsonb ->> 'outcome') stored,
  constraint audit_complete check (
    coalesce(content::jsonb ->> 'principal', '') <> '' and coalesce(content::jsonb ->> 'action', '') <> ''
    and coalesce(content::jsonb ->> 'outcome', '') in ('done', 'refused'))
);
create index audit_subject on macadam.audit (subject, number);
create index audit_division on macadam.audit (division, number);
call macadam.append_only('macadam.audit');
alter table macadam.audit enable row level security;
create policy by_division on macadam.audit for select to macadam_application using
  (division = any ((select macadam.divisions())::text[]) or principal = (select macadam.principal())
    or (select macadam.everywhere()));
grant select on macadam.audit to macadam_application;

-- Chains entries to the log. Whoever holds the head's row is the only writer until that transaction ends, so call it last.
create function macadam.audit_append(contents text[]) returns bigint
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  entry text;
  stamp text := to_char(case when (select simulated from macadam.store) then macadam.clock() else clock_timestamp() end
    at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
  last bigint;
  before text;
  content_sha text;
  own text;
begin
  select number, digest into strict last, before from macadam.audit_head for update;
  foreach entry in array contents loop
    if entry::jsonb ->> 'principal' is distinct from macadam.principal() then
      raise exception 'an entry is in the name of somebody else' using errcode = 'MC001', column = 'principal',
        hint = 'record it as the principal of the transaction';
    end if;
    last := last + 1;
    content_sha := encode(sha256(convert_to(entry, 'UTF8')), 'hex');
    own := encode(sha256(convert_to(concat_ws(E'\n', last, before, stamp, content_sha), 'UTF8')), 'hex');
    insert into macadam.audit (number, at, previous, content, content_digest, digest)
      values (last, stamp, before, entry, content_sha, own);
    before := own;
  end loop;
  update macadam.audit_head set number = last, digest = before;
  return last;
end $$;
create function macadam.audit_newest() returns table (number bigint, digest text)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select number, digest from macadam.audit_head
$$;
revoke all on function macadam.audit_append(text[]), macadam.audit_newest() from public;
grant execute on function macadam.audit_append(text[]), macadam.audit_newest() to macadam_application;

-- Whoever has written to the log holds its head, so the newest entry is of this transaction or there is none of it.
create function macadam.demand_audit() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if (select xmin from macadam.audit order by number desc limit 1) is distinct from pg_current_xact_id()::xid then
    raise exception 'a change of % is not in the audit log', tg_table_name using errcode = 'MC002',
      hint = 'record what is done in the same transaction';
  end if;
  return null;
end $$;
create procedure macadam.audited(subject regclass) language plpgsql as $$
begin
  execute format('create constraint trigger audited after insert or update or delete on %s '
    'deferrable initially deferred for each row execute function macadam.demand_audit()', subject);
end $$;

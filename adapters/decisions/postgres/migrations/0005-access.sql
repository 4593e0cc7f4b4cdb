-- Who may do what where. Of secrets only digests are kept; nobody has a password.

create table macadam.identity (
  issuer text not null,
  subject text not null,
  person text not null references macadam.person (id),
  linked_at timestamptz not null default macadam.clock(),
  linked_by text not null default macadam.principal(),
  primary key (issuer, subject)
);
create index identity_person on macadam.identity (person);
call macadam.never_backdated('macadam.identity', 'linked_at', 'linked_by');
call macadam.audited('macadam.identity');
call macadam.for_everybody('macadam.identity');
grant select, insert, delete on macadam.identity to macadam_application;

create table macadam.role_grant (
  number bigint generated always as identity primary key,
  person text not null references macadam.person (id),
  role text not null constraint role_grant_role
    check (role in ('reader', 'engineer', 'standard-owner', 'deputy-ciso', 'administrator', 'auditor')),
  division text not null,
  until timestamptz,
  granted_at timestamptz not null default macadam.clock(),
  granted_by text not null default macadam.principal(),
  revoked_at timestamptz,
  revoked_by text,
  constraint role_grant_two_people check (granted_by <> person),
  constraint role_grant_until check (until > granted_at)
);
create unique index role_grant_once on macadam.role_grant (person, role, division) where revoked_at is null;
call macadam.never_backdated('macadam.role_grant', 'granted_at', 'granted_by');
call macadam.never_backdated('macadam.role_grant', 'revoked_at', 'revoked_by');
call macadam.audited('macadam.role_grant');
call macadam.by_division('macadam.role_grant');
create policy own on macadam.role_grant for select to macadam_application
  using (person = (select macadam.principal()));
grant select, insert, update (revoked_at, revoked_by) on macadam.role_grant to macadam_application;

create procedure macadam.by_person(subject regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', subject);
  execute format('create policy by_person on %s to macadam_application using '
    '(person = (select macadam.principal()) or (select macadam.everywhere()))', subject);
end $$;

create table macadam.api_token (
  id text primary key,
  person text not null references macadam.person (id),
  digest text not null unique constraint api_token_digest check (digest ~ '^[0-9a-f]{64}$'),
  name text not null,
  scopes text[] not null,
  issued_at timestamptz not null default macadam.clock(),
  issued_by text not null default macadam.principal(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_by text,
  constraint api_token_limit check (expires_at > issued_at and expires_at <= issued_at + interval '7 days')
);
create index api_token_person on macadam.api_token (person);
call macadam.never_backdated('macadam.api_token', 'issued_at', 'issued_by');
call macadam.never_backdated('macadam.api_token', 'revoked_at', 'revoked_by');
call macadam.audited('macadam.api_token');
call macadam.by_person('macadam.api_token');
grant select, insert, update (revoked_at, revoked_by) on macadam.api_token to macadam_application;

create table macadam.session (
  digest text primary key constraint session_digest check (digest ~ '^[0-9a-f]{64}$'),
  person text not null references macadam.person (id),
  started_at timestamptz not null default macadam.clock(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  constraint session_limit check (expires_at > started_at and expires_at <= started_at + interval '24 hours')
);
create index session_person on macadam.session (person);
create index session_expiry on macadam.session (expires_at);
call macadam.audited('macadam.session');
call macadam.by_person('macadam.session');
grant select, insert, update (ended_at) on macadam.session to macadam_application;

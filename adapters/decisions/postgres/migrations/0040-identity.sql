-- How people and machines log in: what is begun in one process and ended in another, used once, or used lately.

-- A machine is a person whose id says so. It has roles and tokens, and never a session, a link or an account elsewhere. What was
-- written before is left as it is.
alter table macadam.identity add constraint identity_of_people check (person not like 'machine:%') not valid;
alter table macadam.session add constraint session_of_people check (person not like 'machine:%') not valid;

-- Whoever could issue a token for another person could act in their name.
alter table macadam.api_token
  add constraint api_token_own check (issued_by = person or person like 'machine:%') not valid;

-- By which way somebody came in: a provider is told when they go.
alter table macadam.session add column means text not null default 'link'
  constraint session_means check (means in ('link', 'openid'));
alter table macadam.session add column issuer text
  constraint session_issuer check ((means = 'openid') = (issuer is not null));

create table macadam.login_link (
  digest text primary key constraint login_link_digest check (digest ~ '^[0-9a-f]{64}$'),
  person text not null references macadam.person (id)
    constraint login_link_of_people check (person not like 'machine:%'),
  made_at timestamptz not null default macadam.clock(),
  made_by text not null default macadam.principal(),
  expires_at timestamptz not null,
  used_at timestamptz,
  used_by text,
  constraint login_link_limit check (expires_at > made_at and expires_at <= made_at + interval '15 minutes')
);
create index login_link_person on macadam.login_link (person);
call macadam.never_backdated('macadam.login_link', 'made_at', 'made_by');
call macadam.never_backdated('macadam.login_link', 'used_at', 'used_by');
call macadam.audited('macadam.login_link');
call macadam.for_server('macadam.login_link');
grant select, insert, update (used_at, used_by) on macadam.login_link to macadam_application;

-- A log-in that was begun with a provider. Nobody is known yet, so there is nobody whose decision it were; nothing in it is
-- secret, since state, nonce and verifier are made of what only the browser has. It is taken out when the answer comes.
create table macadam.login_pending (
  digest text primary key constraint login_pending_digest check (digest ~ '^[0-9a-f]{64}$'),
  issuer text not null,
  return_to text not null,
  begun_at timestamptz not null default macadam.clock(),
  expires_at timestamptz not null,
  constraint login_pending_limit check (expires_at > begun_at and expires_at <= begun_at + interval '15 minutes')
);
create index login_pending_expiry on macadam.login_pending (expires_at);
call macadam.for_server('macadam.login_pending');
grant select, insert, delete on macadam.login_pending to macadam_application;

-- When a session or token was used last: not a decision, so not in the log, and apart from what is.
create table macadam.session_use (
  session text primary key references macadam.session (digest) on delete cascade,
  used_at timestamptz not null default macadam.clock()
);
create table macadam.token_use (
  token text primary key references macadam.api_token (id) on delete cascade,
  used_at timestamptz not null default macadam.clock()
);
alter table macadam.session_use enable row level security;
alter table macadam.token_use enable row level security;
-- Seen by whoever sees the session or the token: these ask the tables under the policies of their own.
create policy with_session on macadam.session_use to macadam_application
  using (exists (select from macadam.session where digest = session_use.session));
create policy with_token on macadam.token_use to macadam_application
  using (exists (select from macadam.api_token where id = token_use.token));
grant select, insert, update (used_at) on macadam.session_use, macadam.token_use to macadam_application;

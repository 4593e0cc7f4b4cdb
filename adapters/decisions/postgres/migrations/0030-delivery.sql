-- How work reaches people elsewhere: issues in trackers, webhooks, one digest a week. Settings are decisions and logged;
-- what happened to a message is neither.

create table macadam.tracker (
  id text primary key constraint tracker_id check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  kind text not null,
  division text not null,
  team text not null,
  base_url text not null,
  project text not null,
  -- Never the secret: the name of an environment variable or a file's path.
  secret text not null constraint tracker_secret check (secret ~ '^(env:[A-Z][A-Z0-9_]*|file:/.+)$'),
  options jsonb not null,
  active boolean not null default true,
  version bigint not null default 1,
  changed_at timestamptz not null default macadam.clock()
);
create unique index tracker_once on macadam.tracker (division, team) where active;
call macadam.audited('macadam.tracker');
call macadam.by_division('macadam.tracker');
grant select, insert, update (team, base_url, project, secret, options, active, version, changed_at, division)
  on macadam.tracker to macadam_application;

-- The server's own: only who sees all sees it.
create procedure macadam.for_server(subject regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', subject);
  execute format('create policy for_server on %s to macadam_application using ((select macadam.everywhere()))', subject);
end $$;

-- Which of the processes is asking a tracker, until when, and up to where it has been read.
create table macadam.tracker_poll (
  tracker text primary key references macadam.tracker (id),
  cursor text,
  leased_until timestamptz not null,
  problem text
);
call macadam.for_server('macadam.tracker_poll');
grant select, insert, update (cursor, leased_until, problem) on macadam.tracker_poll to macadam_application;

create table macadam.issue (
  batch text primary key,
  division text not null,
  tracker text not null references macadam.tracker (id),
  key text not null,
  url text not null,
  -- What the issue carries, so that it is found again.
  marker text not null,
  open boolean not null,
  -- Of what was last written there; null while that is not known.
  digest text,
  -- Comments up to this time have come in.
  comments_until timestamptz not null,
  linked_at timestamptz not null default macadam.clock(),
  unique (tracker, key),
  unique (tracker, marker),
  foreign key (batch, division) references macadam.batch (id, division) on update cascade
);
call macadam.by_division('macadam.issue');
grant select, insert, update (tracker, key, url, marker, open, digest, comments_until) on macadam.issue to macadam_application;

-- Makes a comment of there one comment here, however often it is read.
create table macadam.issue_comment (
  tracker text not null references macadam.tracker (id),
  remote text not null,
  division text not null,
  comment bigint not null references macadam.batch_comment (number),
  primary key (tracker, remote)
);
call macadam.by_division('macadam.issue_comment');
grant select, insert on macadam.issue_comment to macadam_application;

create table macadam.webhook (
  id text primary key constraint webhook_id check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  url text not null constraint webhook_url check (url ~ '^https?://' and length(url) <= 2000),
  -- Actions of the log: `batch.open`, `batch.*`, `*`.
  events text[] not null constraint webhook_events check (cardinality(events) between 1 and 50),
  division text not null,
  -- The secret is derived from the server's key, the id and this number, so there is none to store.
  secret_version integer not null default 1,
  -- Until then deliveries are signed with the secret before, too.
  previous_until timestamptz,
  active boolean not null default true,
  disabled_because text,
  version bigint not null default 1,
  changed_at timestamptz not null default macadam.clock()
);
call macadam.audited('macadam.webhook');
call macadam.by_division('macadam.webhook');
grant select, insert, update (url, events, division, secret_version, previous_until, active, disabled_because, version,
  changed_at) on macadam.webhook to macadam_application;

-- How an endpoint answers; no row while all is well.
create table macadam.webhook_failure (
  webhook text primary key references macadam.webhook (id),
  since timestamptz not null,
  failures integer not null,
  retry_at timestamptz not null,
  problem text not null
);
call macadam.for_server('macadam.webhook_failure');
grant select, insert, delete, update (failures, retry_at, problem) on macadam.webhook_failure to macadam_application;

create table macadam.digest (
  person text not null references macadam.person (id),
  -- Its Monday.
  week date not null constraint digest_week check (extract(isodow from week) = 1),
  made_at timestamptz not null default macadam.clock(),
  items integer not null,
  -- Somebody is handing it to the mail server, or died doing so.
  sending_at timestamptz,
  sent_at timestamptz,
  problem text,
  primary key (person, week)
);
call macadam.for_server('macadam.digest');
grant select, insert, update (sending_at, sent_at, problem) on macadam.digest to macadam_application;

-- Weeks of which everybody's digest was made.
create table macadam.digest_week (
  week date primary key,
  made_at timestamptz not null default macadam.clock()
);
call macadam.for_server('macadam.digest_week');
grant select, insert on macadam.digest_week to macadam_application;

-- What is logged is what is told: nobody can change something and forget to say so, and what is undone was never said.
create function macadam.announce() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  whose constant text := coalesce(new.division, '');
begin
  if new.action in ('batch.open', 'batch.leave', 'batch.close') and exists (select from macadam.tracker where active) then
    -- A message that nobody has taken yet says it all. Its lock keeps it from being taken before this is committed.
    perform from macadam.outbox where destination = 'tracker' and subject = new.subject and delivered_at is null
      and attempts = 0 for update skip locked;
    if not found then
      insert into macadam.outbox (destination, division, subject, body)
        values ('tracker', whose, new.subject, jsonb_build_object('batch', new.subject));
    end if;
  end if;
  insert into macadam.outbox (destination, division, subject, body)
    select 'webhook', whose, webhook.id || '/' || coalesce(new.subject, ''), jsonb_build_object(
      'webhook', webhook.id, 'type', new.action, 'timestamp', new.at, 'data', jsonb_build_object(
        'number', new.number, 'subject', new.subject, 'division', new.division, 'principal', new.principal,
        'detail', new.content::jsonb -> 'detail'))
    from macadam.webhook where active and (webhook.division = '' or webhook.division = whose)
      and events && array[new.action, split_part(new.action, '.', 1) || '.*', '*'];
  return null;
end $$;
create trigger announce after insert on macadam.audit for each row when (new.outcome = 'done')
  execute function macadam.announce();

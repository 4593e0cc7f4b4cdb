-- An exception pauses a member of a batch and takes it out no more; and a failure has the days of a new owner once.

alter table macadam.failing_asset
  -- Last day of the exception under which the last pass found it; null where it was recorded before this, too.
  add column excepted_until date constraint failing_asset_excepted_until
    check (excepted_until is null or excepted is not null),
  -- It is due on this day at the earliest, because of an exception.
  add column due_from date,
  -- When it first went from one team's batch to another team.
  add column handed_over_at timestamptz;

-- What is handed over a second time keeps its date, which may be over.
alter table macadam.batch drop constraint batch_arrives_in_time;
alter table macadam.batch add constraint batch_arrives_in_time
  check (of = 'reassigned' or due_on >= (opened_at at time zone 'UTC')::date);

-- An issue says which of its members are paused, so it is written anew when that changes.
create or replace function macadam.announce() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  whose constant text := coalesce(new.division, '');
begin
  if new.action in ('batch.open', 'batch.leave', 'batch.close', 'batch.pause', 'batch.resume') and exists (select from macadam.tracker where active) then
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

-- Whose an asset is, is no secret of a division: whoever takes or gives one has to know it, whatever they may see of the decision.
create function macadam.owners_settled(ids text[]) returns setof macadam.owner_decision
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select distinct on (asset) * from macadam.owner_decision
  where asset = any (ids) and act in ('assign', 'accept', 'confirm', 'release') and macadam.principal() is not null
  order by asset, number desc
$$;
revoke all on function macadam.owners_settled(text[]) from public;
grant execute on function macadam.owners_settled(text[]) to macadam_application;

-- What is in an open hand-over. A team asks for an asset once at a time; one that it asked for and that is another team's by now
-- cannot be accepted any more, so it does not stand in the way of the new owner.
create table macadam.handover_asset (
  asset text not null,
  from_team text not null,
  handover bigint not null references macadam.handover (number),
  primary key (asset, from_team)
);
alter table macadam.handover_asset enable row level security;

-- Of those that were asked for twice already, the first counts.
insert into macadam.handover_asset (asset, from_team, handover)
  select asset, from_team, min(number) from macadam.handover, unnest(assets) as asset
  where state not in ('done', 'withdrawn') group by asset, from_team;

create function macadam.hold_handover_assets() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  other record;
begin
  if tg_op = 'UPDATE' then
    if new.state in ('done', 'withdrawn') then
      delete from macadam.handover_asset where handover = new.number;
    end if;
    return null;
  end if;
  -- Waits for whoever asks at the same time.
  insert into macadam.handover_asset (asset, from_team, handover)
    select distinct asset, new.from_team, new.number from unnest(new.assets) as asset order by asset
    on conflict do nothing;
  select held.asset, held.handover into other from macadam.handover_asset held
    where held.asset = any (new.assets) and held.from_team = new.from_team and held.handover <> new.number
    order by held.asset limit 1;
  if found then
    raise exception '`%` is in hand-over % already', other.asset, other.handover using errcode = 'MC001',
      column = 'assets', hint = 'leave it out, or withdraw that one first';
  end if;
  return null;
end $$;
create trigger holds_assets after insert or update of state on macadam.handover
  for each row execute function macadam.hold_handover_assets();

-- A batch that goes to another division takes those along that have left it: that is no return.

create or replace function macadam.refuse_return() returns trigger language plpgsql as $$
declare
  at constant timestamptz := macadam.clock();
  back boolean;
  early boolean;
begin
  select bool_or(before.left_at is not null and to_jsonb(after) - 'division' is distinct from to_jsonb(before) - 'division'),
    bool_or(before.left_at is null and after.left_at <> at)
    into back, early from before join after using (batch, asset);
  if back then
    raise exception 'a member that left does not come back' using errcode = 'MC001', column = 'members',
      hint = 'put it into the next batch';
  end if;
  if early then
    raise exception 'a member leaves when it is recorded' using errcode = 'MC001', column = 'left_at',
      hint = 'leave the time to the store: nothing is backdated';
  end if;
  return null;
end $$;

insert into macadam.batch (id, standard, team, division, due_on)
  values ('b50', 'devices-are-patched', 'c', 'north', current_date + 14);
insert into macadam.failing_asset (standard, asset, name, team, division, since)
  values ('devices-are-patched', 'device:50', 'fifty', 'c', 'north', '2026-01-01');
insert into macadam.batch_member (batch, asset, standard, division, failing_since)
  values ('b50', 'device:50', 'devices-are-patched', 'north', '2026-01-01'),
    ('b50', 'device:51', 'devices-are-patched', 'north', '2026-01-01');
update macadam.batch_member set left_at = macadam.clock(), left_as = 'passed', observation = 'o51'
  where asset = 'device:51';
update macadam.batch set division = 'south' where id = 'b50';

insert into macadam.batch (id, standard, team, division, due_on, snoozed_until)
  values ('b1', 'devices-are-patched', 'a', 'north', current_date + 14, current_date + 7);
insert into macadam.batch_member (batch, asset, standard, division, failing_since)
  values ('b1', 'device:1', 'devices-are-patched', 'north', '2026-01-01T00:00:00.123456Z'),
    ('b1', 'device:2', 'devices-are-patched', 'north', '2026-01-01');
update macadam.batch_member set left_at = macadam.clock(), left_as = 'passed', observation = 'o1' where asset = 'device:2';
insert into macadam.batch_dispute (batch, division, reason, until_on) values ('b1', 'north', 'no such device', current_date);
insert into macadam.batch_comment (batch, division, text) values ('b1', 'north', 'on Monday');

insert into macadam.batch (id, standard, team, division, of, due_on)
  values ('b2', 'devices-are-patched', 'a', 'north', 'reassigned', current_date + 14);
insert into macadam.failing_asset (standard, asset, name, team, division, since, observation, unknown, value, excepted)
  values ('devices-are-patched', 'device:3', 'three', 'a', 'north', '2026-01-01', 'o1', false, null, null),
    ('devices-are-patched', 'device:4', 'four', null, '', '2026-01-01', 'o1', true, '["idle"]', 'e1');
insert into macadam.batch_member (batch, asset, standard, division, failing_since)
  values ('b2', 'device:3', 'devices-are-patched', 'north', '2026-01-01');
insert into macadam.work_pass (subject, at, valid, known, opened)
  values ('standard/devices-are-patched', macadam.clock(), '2026-01-01', 1, 2);
insert into macadam.batch_dispute (batch, division, reason, until_on) values ('b2', 'north', 'no such device', current_date);
insert into macadam.batch_dispute_asset (dispute, batch, asset, division)
  select max(number), 'b2', 'device:3', 'north' from macadam.batch_dispute;
insert into macadam.fault_item (id, subject_of, subject, team, division, causes, due_on)
  values ('source/lan/1', 'source', 'lan', 'a', 'north', '{"stale": 3}', current_date + 7);
insert into macadam.handover (assets, from_team, division, state, to_team, divisions)
  values ('{device:3}', 'a', 'north', 'asked', 'b', '{north,south}');
insert into macadam.handover_step (handover, what, why, to_team)
  select max(number), 'asked', 'it is theirs', 'b' from macadam.handover;

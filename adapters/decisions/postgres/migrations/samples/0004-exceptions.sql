insert into macadam.exception (id, standard, division, selectors, reason, compensating, until)
  values ('e1', 'devices-are-patched', 'north', '{device:*}', 'the vendor has no fix', null, current_date + 30);
select set_config('macadam.principal', 'approver', true);
update macadam.exception set approved_at = macadam.clock(), approved_by = 'approver', proof = 'p' where id = 'e1';
insert into macadam.exception_asset (exception, asset, division, accepted) values ('e1', 'device:1', 'north', '["idle"]');
select set_config('macadam.principal', 'sample', true);
insert into macadam.standard_version (standard, digest, definition, rollout, from_at)
  values ('devices-are-patched', 'd', 'id: devices-are-patched', '{"state": "warn"}', macadam.clock() + interval '1 day');

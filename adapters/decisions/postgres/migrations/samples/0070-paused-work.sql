insert into macadam.batch (id, standard, team, division, of, due_on)
  values ('b70', 'devices-are-patched', 'c', 'north', 'reassigned', current_date - 3);
insert into macadam.failing_asset
    (standard, asset, name, team, division, since, excepted, excepted_until, due_from, handed_over_at)
  values ('devices-are-patched', 'device:70', 'seventy', 'c', 'north', '2026-01-01', 'e70', current_date + 10,
    current_date + 25, '2026-01-02');
insert into macadam.batch_member (batch, asset, standard, division, failing_since)
  values ('b70', 'device:70', 'devices-are-patched', 'north', '2026-01-01');

insert into macadam.org_event (effective_on, kind, body) values ('2026-01-01', 'team-made', '{"team": "a", "under": null}');
insert into macadam.person (id, name, mail, external_id, attributes) values ('ann', 'Ann', 'ann@example.test', 'x1', '{"title": "é"}'),
  ('bob', 'Bob', null, null, '{}');
insert into macadam.accountability (person, role, selector, from_on, until_on)
  values ('ann', 'deputy-ciso', '{"division": "north"}', '2026-01-01', null);
insert into macadam.owner_decision (asset, act, team, previous_team, division, reason)
  values ('device:1', 'hand-over', 'b', 'a', 'north', 'they run it');

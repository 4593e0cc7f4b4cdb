insert into macadam.person (id, name, user_name, external_id) values ('dee', 'Dee', 'Dee@example.test', 'x9');
insert into macadam.person_group (id, name, external_id, unit, attributes) values ('g1', 'Shop', 'y1', 'shop', '{"note": "é"}');
insert into macadam.group_member ("group", member, sort) values ('g1', 'dee', 'person');
insert into macadam.owner_rules (rules, aliases, confirm_for, reason)
  values ('[{"id": "decided", "by": "explicit"}]', '{"@acme/shop": "shop"}', 180, 'the order that was agreed');

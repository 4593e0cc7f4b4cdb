insert into macadam.person (id, name, from_directory) values ('dora-70', 'Dora', true);
insert into macadam.person (id, name) values ('machine:patrol-70', 'The patrol');
insert into macadam.api_token (id, person, digest, name, scopes, sources, expires_at)
  values ('t70', 'machine:patrol-70', repeat('7', 64), 'patrol', '{Fact::ingest}', '[{"source": "patrol", "kinds": ["shed"]}]',
    macadam.clock() + interval '7 days');

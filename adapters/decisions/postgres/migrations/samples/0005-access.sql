insert into macadam.identity (issuer, subject, person) values ('https://id.example', '7', 'ann');
insert into macadam.role_grant (person, role, division) values ('ann', 'auditor', '');
insert into macadam.api_token (id, person, digest, name, scopes, expires_at)
  values ('t1', 'ann', repeat('a', 64), 'pipeline', '{work:read}', macadam.clock() + interval '7 days');
insert into macadam.session (digest, person, expires_at)
  values (repeat('b', 64), 'ann', macadam.clock() + interval '1 hour');

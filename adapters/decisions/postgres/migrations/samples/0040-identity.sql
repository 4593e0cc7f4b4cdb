insert into macadam.login_link (digest, person, expires_at)
  values (repeat('c', 64), 'ann', macadam.clock() + interval '10 minutes');
insert into macadam.login_pending (digest, issuer, return_to, expires_at)
  values (repeat('d', 64), 'https://id.example', '/', macadam.clock() + interval '10 minutes');
insert into macadam.session_use (session) values (repeat('b', 64));
insert into macadam.token_use (token) values ('t1');

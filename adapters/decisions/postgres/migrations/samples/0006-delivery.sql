insert into macadam.idempotency (key, request, answer) values ('k', 'POST /', '{"id": 1}');
insert into macadam.outbox (destination, division, subject, body) values ('jira', 'north', 'b1', '{"batch": "b1"}');

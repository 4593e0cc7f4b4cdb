insert into macadam.tracker (id, kind, division, team, base_url, project, secret, options)
  values ('t1', 'github', 'north', '', 'https://api.example', 'acme/road', 'env:TRACKER_TOKEN', '{"label": "é"}');
insert into macadam.tracker_poll (tracker, cursor, leased_until) values ('t1', 'c', macadam.clock());
insert into macadam.batch (id, standard, team, division, due_on) values ('b30', 's', 'a', 'north', macadam.today() + 9);
insert into macadam.issue (batch, division, tracker, key, url, marker, open, digest, comments_until)
  values ('b30', 'north', 't1', '7', 'https://example/7', 'm7', true, 'd', macadam.clock());
insert into macadam.batch_comment (batch, division, text) values ('b30', 'north', 'said there');
insert into macadam.issue_comment (tracker, remote, division, comment)
  select 't1', '9', 'north', number from macadam.batch_comment where batch = 'b30';
insert into macadam.webhook (id, url, events, division) values ('w1', 'https://hooks.example/x', '{batch.*}', 'north');
insert into macadam.webhook_failure (webhook, since, failures, retry_at, problem)
  values ('w1', macadam.clock(), 2, macadam.clock(), 'it answered 500');
insert into macadam.person (id, name) values ('p30', 'P');
insert into macadam.digest (person, week, items) values ('p30', '2026-11-23', 3);
insert into macadam.digest_week (week) values ('2026-11-16');

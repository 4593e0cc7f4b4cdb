insert into macadam.notice (id, incident, audience, template, text) values ('n131', 'incident/t/i1', 'victims', 'first', 'What we know.');
select set_config('macadam.principal', 'approver', true);
insert into macadam.notice_approval (notice, drafted_by) select id, drafted_by from macadam.notice where id = 'n131';
select set_config('macadam.principal', 'sample', true);
insert into macadam.notice_recipient (notice, recipient, digest) values ('n131', 'ann@example.com', repeat('e', 64));
insert into macadam.notice_receipt (notice, recipient, how) values ('n131', 'ann@example.com', 'opened');

insert into macadam.target_miss (standard, due, reason, note)
  values ('repository-owned', (macadam.clock() - interval '3 days')::date, 'hard-to-fix', 'The old ones have no owner left.');
insert into macadam.opinion (standard, year, answer, count) values ('repository-owned', 2027, 'worth-it', 3);
insert into macadam.opinion_given (batch) values ('b30');
insert into macadam.gate_day (standard, day, runs, blocked, milliseconds, slowest)
  values ('repository-owned', macadam.clock()::date, 10, 2, 4000, 900);

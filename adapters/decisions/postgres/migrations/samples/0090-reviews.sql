insert into macadam.review (number, title, at, known, digest, key, content)
  values (1, 'Weekly review', macadam.clock(), 7, repeat('a', 64), null, 'H4sIAAAAAAAAA');
insert into macadam.review (number, title, at, known, previous, digest, key, content)
  values (2, 'Weekly review', macadam.clock(), 8, 1, repeat('b', 64), repeat('c', 64), 'H4sIAAAAAAAAB');

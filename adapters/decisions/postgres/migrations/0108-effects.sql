-- Why targets were missed, what people think of standards, and what gates stopped.

-- A target whose day passed: whoever answers for the standard says why. The newest of a day counts.
create table macadam.target_miss (
  standard text not null constraint target_miss_standard check (length(standard) between 1 and 200),
  -- The day of the target.
  due date not null,
  reason text not null constraint target_miss_reason check (reason in ('deployment-delay', 'hard-to-fix', 'started-late',
    'no-capacity', 'waited-for-others', 'scope-grew', 'evidence-missing', 'other')),
  note text constraint target_miss_note check (length(note) between 1 and 2000),
  said_at timestamptz not null default macadam.clock(),
  said_by text not null default macadam.principal(),
  constraint target_miss_is_over check (due < (said_at at time zone 'UTC')::date),
  primary key (standard, due, said_at)
);
call macadam.append_only('macadam.target_miss');
call macadam.never_backdated('macadam.target_miss', 'said_at', 'said_by');
call macadam.audited('macadam.target_miss');
call macadam.for_everybody('macadam.target_miss');
grant select, insert on macadam.target_miss to macadam_application;

-- Who was asked about an item that closed, and answered; not what.
create table macadam.opinion_given (
  batch text not null references macadam.batch (id),
  person text not null default macadam.principal(),
  constraint opinion_once primary key (batch, person)
);
call macadam.append_only('macadam.opinion_given');
call macadam.audited('macadam.opinion_given');
call macadam.for_everybody('macadam.opinion_given');
grant select, insert on macadam.opinion_given to macadam_application;

-- What was answered, and by how many; not by whom, nor when but for the year.
create table macadam.opinion (
  standard text not null,
  year integer not null,
  answer text not null constraint opinion_answer check (answer in ('worth-it', 'too-costly', 'wrong')),
  -- Those that are told, and those that wait until ten came together: what changes by one answer would be that person's.
  count integer not null default 0 constraint opinion_count check (count >= 0),
  waiting integer not null default 0 constraint opinion_waiting check (waiting >= 0),
  primary key (standard, year, answer)
);
call macadam.for_everybody('macadam.opinion');
grant select, insert, update (count, waiting) on macadam.opinion to macadam_application;

-- What gates answered on a day, by standard: they run where changes are made, and say so afterwards.
create table macadam.gate_day (
  standard text not null constraint gate_day_standard check (length(standard) between 1 and 200),
  day date not null,
  runs integer not null constraint gate_day_runs check (runs > 0),
  blocked integer not null constraint gate_day_blocked check (blocked between 0 and runs),
  -- Of all runs together.
  milliseconds bigint not null constraint gate_day_milliseconds check (milliseconds >= 0),
  slowest integer not null constraint gate_day_slowest check (slowest >= 0),
  primary key (standard, day)
);
call macadam.for_everybody('macadam.gate_day');
grant select, insert, update (runs, blocked, milliseconds, slowest) on macadam.gate_day to macadam_application;

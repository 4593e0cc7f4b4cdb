import type { WorkDone } from '@macadam/core/figures/toil';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type {
  ExceptionStage,
  ListedBatch,
  ListedException,
  Listing,
  WorkCounts,
  WorkOf,
  WorkStage,
} from '../listing.ts';
import { clocks, dayOf, overdueAt } from './clock.ts';
import type { Session } from './schema.ts';

type Condition = RawBuilder<SqlBool>;

export function listing({ db, at }: Pick<Session, 'db' | 'at'>): Listing {
  const now = sql`${at}::timestamptz`;
  const today = dayOf(now);
  const overdue = overdueAt(now);
  const soon = sql<SqlBool>`exists (select from (${clocks(now)}) clock where here and due between ${today} and ${today} + 7)`;
  const excepted = sql<SqlBool>`exists (select from (${clocks(now)}) clock where here and paused)`;
  const disputed = sql<SqlBool>`exists (select from macadam.batch_dispute dispute where dispute.batch = batch.id and outcome is null)`;
  const open = sql<SqlBool>`batch.closed_at is null`;
  const stages: Readonly<Record<WorkStage, Condition>> = {
    open,
    overdue: sql<SqlBool>`${open} and ${overdue}`,
    soon: sql<SqlBool>`${open} and batch.due_on <= ${today} + 7 and ${soon}`,
    excepted: sql<SqlBool>`${open} and ${excepted}`,
    unclaimed: sql<SqlBool>`${open} and batch.claimed_by is null`,
    disputed: sql<SqlBool>`${open} and ${disputed}`,
    snoozed: sql<SqlBool>`${open} and batch.snoozed_until >= ${today}`,
    closed: sql<SqlBool>`batch.closed_at is not null`,
  };
  return {
    work: async ({ stage, after, limit, ...of }) => {
      const [key, falls] = stage === 'closed' ? [sql`batch.closed_at`, true] : [sql`batch.due_on`, false];
      const order = falls ? sql`desc` : sql`asc`;
      const type = falls ? sql`timestamptz` : sql`date`;
      const beyond = after
        ? sql<SqlBool>`(${key}, batch.id) ${falls ? sql`<` : sql`>`} (${after[0]}::${type}, ${after[1]})`
        : sql<SqlBool>`true`;
      const { rows } = await sql<Omit<ListedBatch, 'key'>>`select batch.*, told.* from macadam.batch batch,
          lateral (select count(*)::int as members, (count(*) filter (where here))::int as "left",
            (count(*) filter (where here and due < ${today}))::int as late,
            (count(*) filter (where here and disputed))::int as disputed,
            (count(*) filter (where here and paused))::int as excepted, min(due) filter (where here) as next_due
            from (${clocks(now)}) clock) told
        where ${stages[stage]} and ${holds(of)} and ${beyond}
        order by ${key} ${order}, batch.id ${order} limit ${limit}`.execute(db);
      return rows.map((row) => ({ ...row, key: [falls ? (row.closedAt ?? '') : row.dueOn, row.id] }));
    },
    workCounts: async (of = {}) => {
      const counted = Object.entries(stages).flatMap(([stage, condition]) =>
        stage === 'closed' ? [] : [sql`(count(*) filter (where ${condition}))::int as ${sql.ref(stage)}`],
      );
      const { rows } = await sql<WorkCounts>`select ${sql.join(counted)} from macadam.batch batch
        where ${open} and ${holds(of)}`.execute(db);
      return rows[0] ?? NO_WORK;
    },
    departures: (batch, limit) =>
      db
        .selectFrom('macadam.batchMember')
        .selectAll()
        .where('batch', '=', batch)
        .where('leftAt', 'is not', null)
        .orderBy('leftAt', 'desc')
        .orderBy('asset')
        .limit(limit)
        .execute(),
    exceptions: async ({ stage, standard, after, limit }) => {
      const [key, falls] =
        stage === 'over'
          ? [sql`coalesce(exception.ended_at, exception.refused_at, exception.until::timestamptz)`, true]
          : [sql`exception.until`, false];
      const order = falls ? sql`desc` : sql`asc`;
      const type = falls ? sql`timestamptz` : sql`date`;
      const beyond = after
        ? sql<SqlBool>`(${key}, exception.id) ${falls ? sql`<` : sql`>`} (${after[0]}::${type}, ${after[1]})`
        : sql<SqlBool>`true`;
      const { rows } = await sql<
        Omit<ListedException, 'key'> & { readonly place: string }
      >`select exception.*,
          ${key} as place, (select count(*)::int from macadam.exception_asset held where held.exception = exception.id) as assets
        from macadam.exception exception
        where ${stageOf(today)} = ${stage} and (${standard ?? null}::text is null or standard = ${standard ?? null})
          and ${beyond} order by ${key} ${order}, exception.id ${order} limit ${limit}`.execute(db);
      return rows.map(({ place, ...row }) => ({ ...row, key: [place, row.id] }));
    },
    exceptionCounts: async (standard) => {
      const { rows } = await sql<{ stage: ExceptionStage; number: number }>`select ${stageOf(today)} as stage,
          count(*)::int as number from macadam.exception exception
        where ${standard ?? null}::text is null or standard = ${standard ?? null} group by 1`.execute(db);
      const counts = { 'in-force': 0, waiting: 0, over: 0 };
      for (const { stage, number } of rows) counts[stage] = number;
      return counts;
    },
    openByTeam: async () => {
      const { rows } = await sql<{
        team: string;
        open: number;
        late: number;
      }>`select team, count(*)::int as open,
          (count(*) filter (where ${overdue}))::int as late
        from macadam.batch batch where ${open} group by 1`.execute(db);
      return new Map(rows.map(({ team, ...counted }) => [team, counted]));
    },
    openOf: async (asset, standards) => {
      const { rows } = await sql<{ batch: string }>`select batch from macadam.batch_member
        where standard = any (${[...standards]}::text[]) and asset = ${asset} and left_at is null order by 1`.execute(
        db,
      );
      return rows.map(({ batch }) => batch);
    },
    workDone: (standards) => workDone(db, now, standards),
    timeToFix: async (standards) => {
      const { rows } = await sql<{ standard: string; median: number; fixes: number }>`select standard,
          (percentile_cont(0.5) within group (order by extract(epoch from left_at - failing_since)))::float8 as median,
          count(*)::int as fixes
        from macadam.batch_member where left_as = 'passed' and standard = any (${[...standards]}::text[])
          and left_at > ${now} - interval '365 days' group by 1`.execute(db);
      return new Map(rows.map(({ standard, median, fixes }) => [standard, { medianSeconds: median, fixes }]));
    },
  };
}

type Counted = Readonly<Record<string, number>> & { readonly standard: string };

/** Each of four counts by itself, since a batch has many members and disputes. */
async function workDone(
  db: Session['db'],
  now: RawBuilder<unknown>,
  standards: readonly string[],
): Promise<ReadonlyMap<string, WorkDone>> {
  const wanted = sql`${[...standards]}::text[]`;
  const lately = (column: RawBuilder<unknown>) => sql`${column} > ${now} - interval '365 days'`;
  const counted = async (rows: RawBuilder<Counted>) =>
    new Map((await rows.execute(db)).rows.map((row) => [row.standard, row]));
  const { rows: teams } = await sql<{
    readonly standard: string;
    readonly team: string;
    readonly items: number;
    readonly closed: number;
    readonly snoozes: number;
  }>`select standard, team, count(*)::int as items, count(closed_at)::int as closed, sum(snoozes)::int as snoozes
    from macadam.batch where standard = any (${wanted}) and ${lately(sql`opened_at`)} group by 1, 2 order by 2`.execute(
    db,
  );
  const members = await counted(sql<Counted>`select member.standard, count(*)::int as assets,
      (count(*) filter (where left_as = 'passed'))::int as fixed,
      (count(*) filter (where left_as = 'reassigned'))::int as reassigned,
      (percentile_cont(0.5) within group (order by extract(epoch from left_at - failing_since))
        filter (where left_as = 'passed'))::float8 as median
    from macadam.batch_member member join macadam.batch on batch.id = member.batch
    where member.standard = any (${wanted}) and ${lately(sql`batch.opened_at`)} group by 1`);
  const disputes = await counted(sql<Counted>`select batch.standard, count(*)::int as opened,
      (count(*) filter (where outcome = 'upheld'))::int as upheld,
      (count(*) filter (where outcome = 'rejected'))::int as rejected
    from macadam.batch_dispute dispute join macadam.batch on batch.id = dispute.batch
    where batch.standard = any (${wanted}) and ${lately(sql`dispute.opened_at`)} group by 1`);
  const exceptions = await counted(sql<Counted>`select standard, count(*)::int as asked,
      count(approved_at)::int as approved, count(refused_at)::int as refused
    from macadam.exception where standard = any (${wanted}) and ${lately(sql`requested_at`)} group by 1`);
  const own = Map.groupBy(teams, ({ standard }) => standard);
  const known = new Set([...own.keys(), ...members.keys(), ...disputes.keys(), ...exceptions.keys()]);
  return new Map(
    [...known].map((standard) => {
      const rows = own.get(standard) ?? [];
      const sum = (name: 'items' | 'closed' | 'snoozes') => rows.reduce((total, row) => total + row[name], 0);
      const of = (counts: ReadonlyMap<string, Counted>, name: string) => counts.get(standard)?.[name] ?? 0;
      return [
        standard,
        {
          items: sum('items'),
          closed: sum('closed'),
          snoozes: sum('snoozes'),
          assets: of(members, 'assets'),
          fixed: of(members, 'fixed'),
          reassigned: of(members, 'reassigned'),
          medianSeconds: members.get(standard)?.median ?? null,
          disputes: {
            opened: of(disputes, 'opened'),
            upheld: of(disputes, 'upheld'),
            rejected: of(disputes, 'rejected'),
          },
          exceptions: {
            asked: of(exceptions, 'asked'),
            approved: of(exceptions, 'approved'),
            refused: of(exceptions, 'refused'),
          },
          teams: new Map(rows.map(({ team, items }) => [team, items])),
        },
      ] as const;
    }),
  );
}

const NO_WORK: WorkCounts = {
  open: 0,
  overdue: 0,
  soon: 0,
  unclaimed: 0,
  disputed: 0,
  excepted: 0,
  snoozed: 0,
};

/** What nobody answered until its last day was over waits for nobody. */
const stageOf = (today: RawBuilder<unknown>) => sql`case
  when exception.refused_at is not null or exception.ended_at is not null or exception.until < ${today} then 'over'
  when exception.approved_at is null then 'waiting' else 'in-force' end`;

function holds({ id, team, standard, division, concerning }: WorkOf): Condition {
  const all: Condition[] = [sql<SqlBool>`true`];
  if (id !== undefined) all.push(sql<SqlBool>`batch.id = ${id}`);
  if (team !== undefined) all.push(sql<SqlBool>`batch.team = ${team}`);
  if (standard !== undefined) all.push(sql<SqlBool>`batch.standard = ${standard}`);
  if (division !== undefined) all.push(sql<SqlBool>`batch.division = ${division}`);
  if (concerning)
    all.push(
      sql<SqlBool>`(batch.claimed_by = ${concerning.person} or batch.team = any (${[...concerning.teams]}::text[]))`,
    );
  return sql<SqlBool>`${sql.join(all, sql` and `)}`;
}

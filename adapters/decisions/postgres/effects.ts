import type { GateSum, Opinion } from '@macadam/core/figures/toil';
import { sql } from 'kysely';
import type { Effects, MissRecord } from '../effects.ts';
import type { Session } from './schema.ts';

const MISS = ['standard', 'due', 'reason', 'note', 'saidAt', 'saidBy'] as const;

/** Answers that are told together. */
const TOGETHER = 10;

export function effects({ db, at, enter }: Session): Effects {
  const now = sql`${at}::timestamptz`;
  return {
    miss: async ({ standard, due, reason, note }) => {
      enter('standard.miss', standard, undefined, { due, reason, note });
      return db
        .insertInto('macadam.targetMiss')
        .values({ standard, due, reason, note })
        .returning([...MISS])
        .executeTakeFirstOrThrow();
    },
    misses: async ({ standard, after } = {}) => {
      let query = db
        .selectFrom('macadam.targetMiss')
        .select([...MISS])
        .distinctOn(['due', 'standard'])
        .orderBy('due', 'desc')
        .orderBy('standard')
        .orderBy('saidAt', 'desc');
      if (standard !== undefined) query = query.where('standard', '=', standard);
      if (after !== undefined) query = query.where('saidAt', '>', after);
      return (await query.execute()) as readonly MissRecord[];
    },
    opine: async (batch, standard, answer) => {
      enter('standard.opinion', batch, undefined, { standard });
      await db.insertInto('macadam.opinionGiven').values({ batch }).execute();
      await sql`insert into macadam.opinion (standard, year, answer, waiting)
        values (${standard}, extract(year from ${now} at time zone 'UTC')::integer, ${answer}, 1)
        on conflict (standard, year, answer) do update set waiting = opinion.waiting + 1`.execute(db);
      await sql`update macadam.opinion set count = count + waiting, waiting = 0 where standard = ${standard}
        and (select sum(waiting) from macadam.opinion own where own.standard = ${standard}) >= ${TOGETHER}`.execute(
        db,
      );
    },
    hasOpined: async (batch) => {
      const { rows } = await sql`select from macadam.opinion_given
        where batch = ${batch} and person = macadam.principal()`.execute(db);
      return rows.length > 0;
    },
    opinions: async (standards) => {
      const { rows } = await sql<{
        standard: string;
        answer: Opinion;
        count: number;
      }>`select standard, answer, sum(count)::int as count
        from macadam.opinion where standard = any (${[...standards]}::text[])
          and year >= extract(year from ${now} at time zone 'UTC') - 1 group by 1, 2`.execute(db);
      const found = new Map<string, Record<Opinion, number>>();
      for (const { standard, answer, count } of rows) {
        const own = found.get(standard) ?? { 'worth-it': 0, 'too-costly': 0, wrong: 0 };
        own[answer] += count;
        found.set(standard, own);
      }
      return found;
    },
    gate: async (runs) => {
      const byStandard = Map.groupBy(runs, ({ standard }) => standard);
      // In one order, so that two that add at once never wait for each other.
      for (const [standard, own] of [...byStandard].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const blocked = own.filter((run) => run.blocked).length;
        const took = own.map(({ milliseconds }) => Math.round(milliseconds));
        const all = took.reduce((sum, one) => sum + one, 0);
        await sql`insert into macadam.gate_day (standard, day, runs, blocked, milliseconds, slowest)
          values (${standard}, (${now} at time zone 'UTC')::date, ${own.length}, ${blocked}, ${all}, ${Math.max(...took)})
          on conflict (standard, day) do update set runs = gate_day.runs + excluded.runs,
            blocked = gate_day.blocked + excluded.blocked, milliseconds = gate_day.milliseconds + excluded.milliseconds,
            slowest = greatest(gate_day.slowest, excluded.slowest)`.execute(db);
      }
    },
    gates: async (standards) => {
      const { rows } = await sql<
        GateSum & { readonly standard: string }
      >`select standard, sum(runs)::int as runs,
          sum(blocked)::int as blocked, (sum(milliseconds) / sum(runs))::float8 as "meanMilliseconds",
          max(slowest)::int as "slowestMilliseconds"
        from macadam.gate_day where standard = any (${[...standards]}::text[])
          and day > (${now} at time zone 'UTC')::date - 365 group by 1`.execute(db);
      return new Map(rows.map(({ standard, ...sum }) => [standard, sum]));
    },
  };
}

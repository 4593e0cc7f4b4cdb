import { type RawBuilder, sql } from 'kysely';
import type { Failing, FailingRecord, FailingSummary } from '../failing.ts';
import { PAGE, type Session } from './schema.ts';

export function failing({ db, at, enter }: Session): Failing {
  /** With the batch of which each is a member; the condition is of `failing`. */
  async function rows(
    standard: string,
    condition: RawBuilder<unknown>,
    limit: RawBuilder<unknown> = sql``,
  ): Promise<readonly FailingRecord[]> {
    const found = await sql<FailingRecord>`select failing.*, member.batch from macadam.failing_asset failing
      left join macadam.batch_member member on member.standard = failing.standard and member.failing = failing.asset
      where failing.standard = ${standard} and ${condition} order by failing.asset ${limit}`.execute(db);
    return found.rows;
  }
  // Asked of the whole at once: row by row it would be a look-up for everything that fails.
  const waitingOf = (standard: string) => sql`failing.team is not null and failing.excepted is null
    and not failing.unknown and failing.asset not in
      (select failing from macadam.batch_member where standard = ${standard} and failing is not null)`;

  return {
    pass: async (subject) =>
      (await db
        .selectFrom('macadam.workPass')
        .selectAll()
        .where('subject', '=', subject)
        .executeTakeFirst()) ?? null,
    passes: () => db.selectFrom('macadam.workPass').selectAll().orderBy('subject').execute(),
    recordPass: async (pass, detail) => {
      enter('work.pass', pass.subject, undefined, detail);
      const { valid, known, opened } = pass;
      await db
        .insertInto('macadam.workPass')
        .values({ ...pass, at })
        .onConflict((conflict) =>
          conflict.column('subject').doUpdateSet({
            // Whoever waited for its turn may have begun before the last pass did.
            at: sql<string>`greatest(work_pass.at, excluded.at)`,
            valid,
            known,
            opened,
          }),
        )
        .execute();
    },
    advancePasses: async (subjects, from, { valid, known }) => {
      if (subjects.length === 0) return;
      const advanced = await sql<{ subject: string }>`update macadam.work_pass
        set at = greatest(at, ${at}::timestamptz), valid = ${valid}::timestamptz, known = ${known}
        where subject = any (${subjects}) and valid = ${from.toISOString()}::timestamptz returning subject`.execute(
        db,
      );
      const detail = {
        from: 'idle',
        valid,
        known,
        passes: advanced.rows.map(({ subject }) => subject).sort(),
      };
      if (advanced.rows.length > 0) enter('work.pass', 'idle', undefined, detail);
    },

    list: (standard, { team, waiting, after = '', limit = PAGE } = {}) =>
      rows(
        standard,
        sql`failing.asset > ${after} and (${team ?? null}::text is null or failing.team = ${team ?? null})
          and ${waiting ? sql`failing.excepted is null and member.batch is null` : sql`true`}`,
        sql`limit ${limit}`,
      ),
    wanted: async (standard, { assets, all, waiting, exceptedBeside, named, teams }) => {
      if (all) return rows(standard, sql`true`);
      const found = new Map<string, FailingRecord>();
      const add = async (condition: RawBuilder<unknown>) => {
        for (const one of await rows(standard, condition)) found.set(one.asset, one);
      };
      if (assets.length > 0) await add(sql`failing.asset = any (${assets})`);
      if (waiting) await add(waitingOf(standard));
      if (exceptedBeside)
        await add(sql`failing.excepted is not null and not failing.excepted = any (${exceptedBeside})`);
      if (named && named.length > 0)
        await add(
          sql`failing.excepted is null and (failing.asset = any (${named}) or failing.name = any (${named}))`,
        );
      if (teams && teams.length > 0) await add(sql`failing.team = any (${teams})`);
      return [...found.values()];
    },
    teams: async (standard) => {
      const found = await sql<{
        team: string;
        division: string;
      }>`select distinct team, division from macadam.failing_asset
        where standard = ${standard} and team is not null order by team`.execute(db);
      return found.rows;
    },
    summaries: async (standards, touched) => {
      if (standards.length === 0) return [];
      const found = await sql<FailingSummary>`select failing.standard, failing.team, failing.division,
          bool_or(failing.team is not null and failing.excepted is null and not failing.unknown and member.batch is null)
            as waiting,
          bool_or(failing.excepted is not null) as excepted, bool_or(failing.asset = any (${touched})) as touched
        from macadam.failing_asset failing
        left join macadam.batch_member member on member.standard = failing.standard and member.failing = failing.asset
        where failing.standard = any (${standards}) group by failing.standard, failing.team, failing.division
        order by failing.standard, failing.team`.execute(db);
      return found.rows;
    },
    put: async (standard, assets) => {
      if (assets.length === 0) return;
      enter('work.fail', standard, undefined, { assets: assets.length });
      const column = <T>(of: (one: (typeof assets)[number]) => T) => assets.map(of);
      await sql`insert into macadam.failing_asset
          (standard, asset, name, team, division, since, observation, unknown, value, excepted, excepted_until, due_from,
            handed_over_at)
        select ${standard}, * from unnest(${column(({ asset }) => asset)}::text[], ${column(({ name }) => name)}::text[],
          ${column(({ team }) => team)}::text[], ${column(({ division }) => division)}::text[],
          ${column(({ since }) => since)}::timestamptz[], ${column(({ observation }) => observation)}::text[],
          ${column(({ unknown }) => unknown)}::boolean[], ${column(({ value }) => value)}::text[],
          ${column(({ excepted }) => excepted)}::text[], ${column(({ exceptedUntil }) => exceptedUntil)}::date[],
          ${column(({ dueFrom }) => dueFrom)}::date[], ${column(({ handedOverAt }) => handedOverAt)}::timestamptz[])
        on conflict (standard, asset) do update set name = excluded.name, team = excluded.team,
          division = excluded.division, since = excluded.since, observation = excluded.observation,
          unknown = excluded.unknown, value = excluded.value, excepted = excluded.excepted,
          excepted_until = excluded.excepted_until, due_from = excluded.due_from,
          handed_over_at = excluded.handed_over_at`.execute(db);
    },
    forget: async (standard, assets) => {
      if (assets.length === 0) return;
      enter('work.forget', standard, undefined, { assets: assets.length });
      await sql`delete from macadam.failing_asset where standard = ${standard} and asset = any (${assets})`.execute(
        db,
      );
    },
  };
}

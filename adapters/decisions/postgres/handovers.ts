import { sql } from 'kysely';
import type { HandoverRecord, Handovers, NewHandoverStep } from '../handovers.ts';
import { DecisionsError } from '../port.ts';
import { found } from './found.ts';
import { PAGE, type Session } from './schema.ts';

export function handovers({ db, enter }: Session): Handovers {
  const record = async (number: number) =>
    (await db.selectFrom('macadam.handover').selectAll().where('number', '=', number).executeTakeFirst()) ??
    null;

  const said = (handover: number, { what, why, toTeam }: NewHandoverStep) =>
    db.insertInto('macadam.handoverStep').values({ handover, what, why, toTeam }).execute();

  return {
    begin: async ({ assets, fromTeam, division }, step) => {
      const { state, toTeam, toDivision, bounces } = step;
      enter('handover.begin', fromTeam, division, { assets, toTeam, why: step.why });
      const divisions = [...new Set([division, ...(toDivision === null ? [] : [toDivision])])];
      const made = await db
        .insertInto('macadam.handover')
        .values({ assets: [...assets], fromTeam, division, state, toTeam, divisions, bounces })
        .returningAll()
        .executeTakeFirstOrThrow();
      await said(made.number, step);
      return made;
    },
    move: async (number, version, step) => {
      const { state, toTeam, toDivision, bounces, what, why } = step;
      const before = found((await record(number)) ?? undefined, `hand-over ${number}`);
      enter(`handover.${what}`, number, before.division, { toTeam, why });
      const { rows } = await sql<HandoverRecord>`update macadam.handover
        set state = ${state}, to_team = ${toTeam}, bounces = ${bounces},
          divisions = case when ${toDivision}::text is null or ${toDivision} = any (divisions) then divisions
            else divisions || ${toDivision}::text end
        where number = ${number} and version = ${version} returning *`.execute(db);
      const [moved] = rows;
      if (!moved)
        throw new DecisionsError(
          'conflict',
          `hand-over ${number} is no longer at version ${version}; read it again`,
        );
      await said(number, step);
      return moved;
    },
    handover: record,
    handovers: ({ fromTeam, toTeam, state, after = 0, limit = PAGE } = {}) => {
      let query = db
        .selectFrom('macadam.handover')
        .selectAll()
        .where('number', '>', after)
        .orderBy('number')
        .limit(limit);
      if (fromTeam !== undefined) query = query.where('fromTeam', '=', fromTeam);
      if (toTeam !== undefined) query = query.where('toTeam', '=', toTeam);
      if (state !== undefined) query = query.where('state', '=', state);
      return query.execute();
    },
    steps: (handover) =>
      db
        .selectFrom('macadam.handoverStep')
        .selectAll()
        .where('handover', '=', handover)
        .orderBy('number')
        .execute(),
  };
}

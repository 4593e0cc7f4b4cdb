import { sql } from 'kysely';
import type { Faults } from '../faults.ts';
import { DecisionsError } from '../port.ts';
import { PAGE, type Session } from './schema.ts';

export function faults({ db, at, by, enter }: Session): Faults {
  return {
    open: async (items) => {
      if (items.length === 0) return;
      for (const { id, division, ...given } of items) enter('fault.open', id, division, given);
      await db
        .insertInto('macadam.faultItem')
        .values(items.map((item) => ({ ...item, causes: JSON.stringify(item.causes) })))
        .execute();
    },
    change: async (items) => {
      if (items.length === 0) return;
      for (const { id, division, ...given } of items) enter('fault.change', id, division, given);
      await sql`update macadam.fault_item item set team = given.team, division = given.division, causes = given.causes
        from unnest(${items.map(({ id }) => id)}::text[], ${items.map(({ team }) => team)}::text[],
          ${items.map(({ division }) => division)}::text[],
          ${items.map(({ causes }) => JSON.stringify(causes))}::jsonb[]) given (id, team, division, causes)
        where item.id = given.id`.execute(db);
    },
    close: async (items) => {
      for (const { id, observation } of items) {
        const closed = await db
          .updateTable('macadam.faultItem')
          .set({ closedAt: at, closedBy: by, observation })
          .where('id', '=', id)
          .returning('division')
          .executeTakeFirst();
        if (!closed) throw new DecisionsError('missing', `there is no fault ${id}`);
        enter('fault.close', id, closed.division, { observation });
      }
    },
    faults: async ({ team, open, after = '', limit = PAGE } = {}) => {
      let query = db
        .selectFrom('macadam.faultItem')
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit);
      if (team !== undefined) query = query.where('team', '=', team);
      if (open !== undefined) query = query.where('closedAt', open ? 'is' : 'is not', null);
      return (await query.execute()) as Awaited<ReturnType<Faults['faults']>>;
    },
  };
}

import type { Organisation, OrgEventRecord } from '../organisation.ts';
import { groups } from './groups.ts';
import { owners } from './owners.ts';
import { people } from './people.ts';
import { chunks, ROWS, type Session } from './schema.ts';

export function organisation(session: Session): Organisation {
  const { db, enter } = session;
  return {
    recordEvents: async (events, source) => {
      enter('organisation.import', source, undefined, { events });
      const written: OrgEventRecord[] = [];
      for (const some of chunks(events, ROWS))
        written.push(
          ...(await db
            .insertInto('macadam.orgEvent')
            .values(
              some.map(({ effectiveOn, kind, body }) => ({ effectiveOn, kind, body: JSON.stringify(body) })),
            )
            .returningAll()
            .execute()),
        );
      return written;
    },
    events: async ({ on, known } = {}) => {
      let query = db.selectFrom('macadam.orgEvent').selectAll().orderBy('effectiveOn').orderBy('number');
      if (on !== undefined) query = query.where('effectiveOn', '<=', on);
      if (known !== undefined) query = query.where('recordedAt', '<=', known);
      return (await query.execute()) satisfies readonly OrgEventRecord[];
    },
    newestEvent: async () => {
      const newest = db.selectFrom('macadam.orgEvent').select((eb) => eb.fn.max('number').as('number'));
      return Number((await newest.executeTakeFirst())?.number ?? 0);
    },
    ...people(session),
    ...groups(session),
    ...owners(session),
  };
}

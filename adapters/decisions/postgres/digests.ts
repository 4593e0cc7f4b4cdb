import type { Updateable } from 'kysely';
import type { DigestRecord, Digests } from '../digests.ts';
import { found } from './found.ts';
import type { Schema, Session } from './schema.ts';

export function digests({ db, at }: Session): Digests {
  const change = (person: string, week: string, set: Updateable<Schema['macadam.digest']>) =>
    db
      .updateTable('macadam.digest')
      .set(set)
      .where('person', '=', person)
      .where('week', '=', week)
      .where('sentAt', 'is', null)
      .returning('person');
  return {
    make: async (person, week, items) => {
      const made = await db
        .insertInto('macadam.digest')
        .values({ person, week, items, sendingAt: null, sentAt: null, problem: null })
        .onConflict((conflict) => conflict.doNothing())
        .returning('person')
        .executeTakeFirst();
      return made !== undefined;
    },
    whole: async (week) => {
      const row = await db
        .selectFrom('macadam.digestWeek')
        .select('week')
        .where('week', '=', week)
        .executeTakeFirst();
      return row !== undefined;
    },
    finish: async (week) => {
      await db
        .insertInto('macadam.digestWeek')
        .values({ week })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    digest: async (person, week): Promise<DigestRecord | null> =>
      (await db
        .selectFrom('macadam.digest')
        .selectAll()
        .where('person', '=', person)
        .where('week', '=', week)
        .executeTakeFirst()) ?? null,
    sending: async (person, week) => {
      const taken = change(person, week, { sendingAt: at }).where('sendingAt', 'is', null);
      return (await taken.executeTakeFirst()) !== undefined;
    },
    sent: async (person, week) => {
      const set = { sentAt: at, problem: null };
      found(await change(person, week, set).executeTakeFirst(), `digest of ${person} for ${week}`);
    },
    unsent: async (person, week, problem) => {
      const set = { sendingAt: null, problem };
      found(await change(person, week, set).executeTakeFirst(), `digest of ${person} for ${week}`);
    },
  };
}

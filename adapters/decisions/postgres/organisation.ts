import type { Organisation, OrgEventRecord } from '../organisation.ts';
import { found } from './found.ts';
import { PAGE, type Session } from './schema.ts';

export function organisation({ db, at, by, enter }: Session): Organisation {
  return {
    recordEvent: async ({ effectiveOn, kind, body }) => {
      enter(`organisation.${kind}`, effectiveOn, undefined, body);
      return db
        .insertInto('macadam.orgEvent')
        .values({ effectiveOn, kind, body: JSON.stringify(body) })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    events: async ({ on, known } = {}) => {
      let query = db.selectFrom('macadam.orgEvent').selectAll().orderBy('effectiveOn').orderBy('number');
      if (on !== undefined) query = query.where('effectiveOn', '<=', on);
      if (known !== undefined) query = query.where('recordedAt', '<=', known);
      return (await query.execute()) satisfies readonly OrgEventRecord[];
    },

    putPerson: async (person) => {
      const { id, name, mail = null, active = true, externalId = null, attributes = {} } = person;
      const given = { name, mail, active, externalId, attributes: JSON.stringify(attributes), changedAt: at };
      enter('person.put', id, undefined, { name, mail, active, externalId, attributes });
      return db
        .insertInto('macadam.person')
        .values({ id, ...given })
        .onConflict((conflict) =>
          conflict
            .column('id')
            .doUpdateSet((eb) => ({ ...given, version: eb('macadam.person.version', '+', 1) })),
        )
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    person: async (id) =>
      (await db.selectFrom('macadam.person').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    personByExternalId: async (externalId) =>
      (await db
        .selectFrom('macadam.person')
        .selectAll()
        .where('externalId', '=', externalId)
        .executeTakeFirst()) ?? null,
    people: ({ after = '', limit = PAGE } = {}) =>
      db
        .selectFrom('macadam.person')
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute(),

    recordAccountability: async ({ person, role, selector, fromOn, untilOn = null }) => {
      enter('accountability.record', person, undefined, { role, selector, fromOn, untilOn });
      return db
        .insertInto('macadam.accountability')
        .values({ person, role, selector: JSON.stringify(selector), fromOn, untilOn })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    endAccountability: async (number) => {
      enter('accountability.end', number);
      const ended = await db
        .updateTable('macadam.accountability')
        .set({ endedAt: at, endedBy: by })
        .where('number', '=', number)
        .where('endedAt', 'is', null)
        .returning('number')
        .executeTakeFirst();
      found(ended, `accountability ${number} that has not ended`);
    },
    accountabilities: (on) =>
      db
        .selectFrom('macadam.accountability')
        .selectAll()
        .where('fromOn', '<=', on)
        .where((eb) => eb.or([eb('untilOn', 'is', null), eb('untilOn', '>=', on)]))
        .where('endedAt', 'is', null)
        .orderBy('number')
        .execute(),

    decideOwner: async (decision) => {
      const { asset, act, team, previousTeam, division, reason } = decision;
      enter(`owner.${act}`, asset, division, { team, previousTeam, reason });
      return db
        .insertInto('macadam.ownerDecision')
        .values({ asset, act, team, previousTeam, division, reason })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    ownerDecisions: (assets) =>
      db
        .selectFrom('macadam.ownerDecision')
        .selectAll()
        .where((eb) => eb('asset', '=', eb.fn.any(eb.val([...assets]))))
        .orderBy('number', 'desc')
        .execute(),
  };
}

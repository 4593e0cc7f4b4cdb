import type { Organisation } from '../organisation.ts';
import { chunks, PAGE, ROWS, type Session } from './schema.ts';

type Groups = Pick<
  Organisation,
  'putGroup' | 'group' | 'groups' | 'groupMembers' | 'groupsOf' | 'setGroupMembers'
>;

export function groups({ db, at, enter }: Session): Groups {
  const query = () => db.selectFrom('macadam.personGroup').selectAll().where('removedAt', 'is', null);
  return {
    putGroup: async ({ id, name, externalId = null, unit = null, attributes = {}, removedAt = null }) => {
      enter('group.put', id, undefined, { name, externalId, unit, attributes, removedAt });
      const given = { name, externalId, unit, attributes: JSON.stringify(attributes), removedAt };
      return db
        .insertInto('macadam.personGroup')
        .values({ id, ...given, changedAt: at })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet((eb) => ({
            ...given,
            changedAt: at,
            version: eb('macadam.personGroup.version', '+', 1),
          })),
        )
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    group: async (id) => (await query().where('id', '=', id).executeTakeFirst()) ?? null,
    groups: ({ after = '', limit = PAGE } = {}) =>
      query().where('id', '>', after).orderBy('id').limit(limit).execute(),
    groupMembers: (ids) =>
      db
        .selectFrom('macadam.groupMember')
        .selectAll()
        .where((eb) => eb('group', '=', eb.fn.any(eb.val([...ids]))))
        .orderBy('group')
        .orderBy('member')
        .execute(),
    groupsOf: (ids) =>
      db
        .selectFrom('macadam.groupMember')
        .selectAll()
        .where((eb) => eb('member', '=', eb.fn.any(eb.val([...ids]))))
        .orderBy('member')
        .orderBy('group')
        .execute(),
    setGroupMembers: async (group, { add, remove }) => {
      enter('group.members', group, undefined, { add, remove });
      const gone = remove.map(({ member }) => member);
      if (gone.length > 0)
        await db
          .deleteFrom('macadam.groupMember')
          .where('group', '=', group)
          .where((eb) => eb('member', '=', eb.fn.any(eb.val(gone))))
          .execute();
      for (const some of chunks(add, ROWS))
        await db
          .insertInto('macadam.groupMember')
          .values(some.map(({ member, sort }) => ({ group, member, sort })))
          .onConflict((conflict) => conflict.columns(['group', 'member']).doNothing())
          .execute();
    },
  };
}

import type { GivenPerson, Organisation } from '../organisation.ts';
import { chunks, PAGE, ROWS, type Session } from './schema.ts';

type People = Pick<
  Organisation,
  'putPerson' | 'putPeople' | 'person' | 'personByExternalId' | 'personByUserName' | 'people'
>;

export function people({ db, at, enter }: Session): People {
  const row = (person: GivenPerson) => {
    const { id, name, mail = null, active = true, externalId = null } = person;
    const { userName = null, attributes = {}, removedAt = null, fromDirectory = false } = person;
    return {
      id,
      name,
      mail,
      active,
      externalId,
      userName,
      attributes: JSON.stringify(attributes),
      removedAt,
      // Of a record that is there already it stays as it was.
      fromDirectory,
    };
  };
  const put = (rows: readonly ReturnType<typeof row>[]) =>
    db
      .insertInto('macadam.person')
      .values(rows.map((one) => ({ ...one, changedAt: at })))
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((eb) => ({
          name: eb.ref('excluded.name'),
          mail: eb.ref('excluded.mail'),
          active: eb.ref('excluded.active'),
          externalId: eb.ref('excluded.externalId'),
          userName: eb.ref('excluded.userName'),
          attributes: eb.ref('excluded.attributes'),
          removedAt: eb.ref('excluded.removedAt'),
          changedAt: at,
          version: eb('macadam.person.version', '+', 1),
        })),
      )
      .returningAll();
  const query = () => db.selectFrom('macadam.person').selectAll();
  return {
    putPerson: (person) => {
      const { id, attributes: _, ...given } = row(person);
      enter('person.put', id, undefined, { ...given, attributes: person.attributes ?? {} });
      return put([row(person)]).executeTakeFirstOrThrow();
    },
    putPeople: async (given) => {
      if (given.length === 0) return;
      enter(
        'person.import',
        `${given.length} people`,
        undefined,
        given.map(({ id, name, mail = null, active = true }) => ({ id, name, mail, active })),
      );
      for (const some of chunks(given, ROWS)) await put(some.map(row)).execute();
    },
    person: async (id) => (await query().where('id', '=', id).executeTakeFirst()) ?? null,
    personByExternalId: async (externalId) =>
      (await query().where('externalId', '=', externalId).executeTakeFirst()) ?? null,
    personByUserName: async (userName) =>
      (await query()
        .where((eb) => eb(eb.fn('lower', ['userName']), '=', userName.toLowerCase()))
        .where('removedAt', 'is', null)
        .executeTakeFirst()) ?? null,
    people: ({ after = '', limit = PAGE } = {}) =>
      query().where('id', '>', after).orderBy('id').limit(limit).execute(),
  };
}

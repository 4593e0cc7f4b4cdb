import type { Access } from '../access.ts';
import { found } from './found.ts';
import { PAGE, type Session } from './schema.ts';

export function access({ db, at, by, enter }: Session): Access {
  /** Whoever has left the company has no session and no token, whatever these say of themselves. */
  const active = () => db.selectFrom('macadam.person').select('id').where('active', '=', true);
  const inForce = () =>
    db
      .selectFrom('macadam.roleGrant')
      .selectAll()
      .where('revokedAt', 'is', null)
      .where((eb) => eb.or([eb('until', 'is', null), eb('until', '>', at)]));

  return {
    link: async ({ issuer, subject, person }) => {
      enter('identity.link', person, undefined, { issuer, subject });
      await db.insertInto('macadam.identity').values({ issuer, subject, person }).execute();
    },
    personOf: async (issuer, subject) =>
      (
        await db
          .selectFrom('macadam.identity')
          .select('person')
          .where('issuer', '=', issuer)
          .where('subject', '=', subject)
          .executeTakeFirst()
      )?.person ?? null,

    identities: (person) =>
      db.selectFrom('macadam.identity').selectAll().where('person', '=', person).orderBy('issuer').execute(),
    peopleByMail: async (mail) =>
      (
        await db
          .selectFrom('macadam.person')
          .select('id')
          .where((eb) => eb(eb.fn<string>('lower', ['mail']), '=', mail.toLowerCase()))
          .where('active', '=', true)
          .orderBy('id')
          .execute()
      ).map(({ id }) => id),

    grant: async ({ person, role, division, until = null }) => {
      enter('role.grant', person, division, { role, until });
      return db
        .insertInto('macadam.roleGrant')
        .values({ person, role, division, until })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    revoke: async (number) => {
      const { person, role, division } = found(
        await db
          .selectFrom('macadam.roleGrant')
          .selectAll()
          .where('number', '=', number)
          .where('revokedAt', 'is', null)
          .forUpdate()
          .executeTakeFirst(),
        `role ${number} in force`,
      );
      enter('role.revoke', person, division, { number, role });
      await db
        .updateTable('macadam.roleGrant')
        .set({ revokedAt: at, revokedBy: by })
        .where('number', '=', number)
        .execute();
    },
    roles: (person) => inForce().where('person', '=', person).orderBy('number').execute(),
    role: async (number) =>
      (await db
        .selectFrom('macadam.roleGrant')
        .selectAll()
        .where('number', '=', number)
        .executeTakeFirst()) ?? null,
    allRoles: ({ after = 0, limit = PAGE } = {}) =>
      inForce().where('number', '>', after).orderBy('number').limit(limit).execute(),
    everGranted: async (role) =>
      (await db
        .selectFrom('macadam.roleGrant')
        .select('number')
        .where('role', '=', role)
        .where('division', '=', '')
        .limit(1)
        .executeTakeFirst()) !== undefined,

    shutOut: async (person) => {
      enter('access.shut-out', person);
      const ended = { revokedAt: at, revokedBy: by };
      const [sessions, tokens, roles] = [
        await db
          .updateTable('macadam.session')
          .set({ endedAt: at })
          .where('person', '=', person)
          .where('endedAt', 'is', null)
          .executeTakeFirst(),
        await db
          .updateTable('macadam.apiToken')
          .set(ended)
          .where('person', '=', person)
          .where('revokedAt', 'is', null)
          .executeTakeFirst(),
        await db
          .updateTable('macadam.roleGrant')
          .set(ended)
          .where('person', '=', person)
          .where('revokedAt', 'is', null)
          .executeTakeFirst(),
      ].map(({ numUpdatedRows }) => Number(numUpdatedRows));
      return { sessions: sessions ?? 0, tokens: tokens ?? 0, roles: roles ?? 0 };
    },

    issueToken: async ({ id, person, digest, name, scopes, sources = [], expiresAt }) => {
      enter('token.issue', id, undefined, { person, name, scopes, sources, expiresAt });
      return db
        .insertInto('macadam.apiToken')
        .values({
          id,
          person,
          digest,
          name,
          scopes: [...scopes],
          sources: JSON.stringify(sources),
          expiresAt,
          revokedAt: null,
          revokedBy: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    revokeToken: async (id) => {
      enter('token.revoke', id);
      const revoked = await db
        .updateTable('macadam.apiToken')
        .set({ revokedAt: at, revokedBy: by })
        .where('id', '=', id)
        .where('revokedAt', 'is', null)
        .returning('id')
        .executeTakeFirst();
      found(revoked, `token ${id} that is not revoked`);
    },
    token: async (digest) =>
      (await db
        .selectFrom('macadam.apiToken')
        .selectAll()
        .where('digest', '=', digest)
        .where('revokedAt', 'is', null)
        .where('expiresAt', '>', at)
        .where('person', 'in', active())
        .executeTakeFirst()) ?? null,
    tokens: (person) =>
      db.selectFrom('macadam.apiToken').selectAll().where('person', '=', person).orderBy('id').execute(),
    tokenById: async (id) =>
      (await db.selectFrom('macadam.apiToken').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,

    startSession: async ({ digest, person, expiresAt, means = 'link', issuer = null }) => {
      enter('session.start', person, undefined, { expiresAt, means, issuer });
      await db.insertInto('macadam.session').values({ digest, person, expiresAt, means, issuer }).execute();
    },
    endSession: async (digest) => {
      const ended = db
        .updateTable('macadam.session')
        .set({ endedAt: at })
        .where('digest', '=', digest)
        .where('endedAt', 'is', null)
        .returning('person');
      enter('session.end', found(await ended.executeTakeFirst(), 'such session').person);
    },
    session: async (digest) =>
      (await db
        .selectFrom('macadam.session')
        .selectAll()
        .where('digest', '=', digest)
        .where('endedAt', 'is', null)
        .where('expiresAt', '>', at)
        .where('person', 'in', active())
        .executeTakeFirst()) ?? null,
    sessions: (person) =>
      db
        .selectFrom('macadam.session')
        .selectAll()
        .where('person', '=', person)
        .where('endedAt', 'is', null)
        .where('expiresAt', '>', at)
        .orderBy('startedAt')
        .execute(),
  };
}

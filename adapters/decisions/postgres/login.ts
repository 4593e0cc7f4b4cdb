import { sql } from 'kysely';
import type { TokenRecord } from '../access.ts';
import type { Holder, Login } from '../login.ts';
import type { Session } from './schema.ts';

const ROLES = sql`coalesce((select jsonb_agg(jsonb_build_object('role', role, 'division', division) order by number)
  from macadam.role_grant where role_grant.person = person.id and role_grant.revoked_at is null
    and (until is null or until > macadam.clock())), '[]')`;

export function login({ db, at, by, enter }: Session): Login {
  return {
    putLink: async ({ digest, person, expiresAt }) => {
      enter('link.make', person, undefined, { expiresAt });
      await db.insertInto('macadam.loginLink').values({ digest, person, expiresAt }).execute();
    },
    takeLink: async (digest) => {
      const taken = await db
        .updateTable('macadam.loginLink')
        .set({ usedAt: at, usedBy: by })
        .where('digest', '=', digest)
        .where('usedAt', 'is', null)
        .where('expiresAt', '>', at)
        .returning('person')
        .executeTakeFirst();
      if (taken) enter('link.use', taken.person);
      return taken?.person ?? null;
    },

    putPending: async ({ digest, issuer, returnTo, expiresAt }) => {
      await db.deleteFrom('macadam.loginPending').where('expiresAt', '<=', at).execute();
      await db.insertInto('macadam.loginPending').values({ digest, issuer, returnTo, expiresAt }).execute();
    },
    takePending: async (digest) =>
      (await db
        .deleteFrom('macadam.loginPending')
        .where('digest', '=', digest)
        .where('expiresAt', '>', at)
        .returning(['digest', 'issuer', 'returnTo', 'expiresAt'])
        .executeTakeFirst()) ?? null,

    sessionHolder: async (digest, idle) => {
      const { rows } = await sql<Holder>`select person.id as person, person.name, used_at, ${ROLES} as roles
        from macadam.session join macadam.person on person.id = session.person and person.active
        left join macadam.session_use on session_use.session = digest
        where digest = ${digest} and ended_at is null and expires_at > macadam.clock()
          and coalesce(used_at, started_at) > macadam.clock() - make_interval(secs => ${idle})`.execute(db);
      return rows[0] ?? null;
    },
    tokenHolder: async (digest) => {
      const { rows } = await sql<
        Holder & Pick<TokenRecord, 'id' | 'scopes' | 'sources'>
      >`select api_token.id, scopes, sources,
          person.id as person, person.name, used_at, ${ROLES} as roles
        from macadam.api_token join macadam.person on person.id = api_token.person and person.active
        left join macadam.token_use on token_use.token = api_token.id
        where digest = ${digest} and revoked_at is null and expires_at > macadam.clock()`.execute(db);
      return rows[0] ?? null;
    },

    // The row is touched, and so written to disk, once a minute and not once a request.
    sessionUsed: async (session) => {
      await sql`insert into macadam.session_use (session) select ${session}::text where not exists (select
        from macadam.session_use where session = ${session} and used_at > macadam.clock() - interval '1 minute')
        on conflict (session) do update set used_at = macadam.clock()`.execute(db);
    },
    tokenUsed: async (token) => {
      await sql`insert into macadam.token_use (token) select ${token}::text where not exists (select
        from macadam.token_use where token = ${token} and used_at > macadam.clock() - interval '1 minute')
        on conflict (token) do update set used_at = macadam.clock()`.execute(db);
    },
    sessionUse: async (digests) => {
      if (digests.length === 0) return new Map();
      const used = await db
        .selectFrom('macadam.sessionUse')
        .selectAll()
        .where('session', 'in', digests)
        .execute();
      return new Map(used.map(({ session, usedAt }) => [session, usedAt]));
    },
    tokenUse: async (ids) => {
      if (ids.length === 0) return new Map();
      const used = await db.selectFrom('macadam.tokenUse').selectAll().where('token', 'in', ids).execute();
      return new Map(used.map(({ token, usedAt }) => [token, usedAt]));
    },
  };
}

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { asOwner } from '@macadam/testing/decisions/test-database';
import { until } from '@macadam/testing/until';
import type { Attack } from '../attack.ts';

interface Session {
  readonly name: string;
  readonly mighty: boolean;
}

export const attack: Attack = {
  finding:
    'The application’s connection to the embedded database was a superuser’s once it took its role off',
  seconds: 400,
  run: async (start) => {
    const server = await start();
    const socket = join(server.folder, 'data/decisions/socket');
    const sessions = async (): Promise<readonly Session[]> => {
      await Promise.all(Array.from({ length: 5 }, () => server.done('/api/me')));
      return asOwner({ socket, user: 'macadam', database: 'postgres' }, async (client) => {
        const found = await client.query<Session>(
          `select distinct usename as name, rolsuper or rolbypassrls or rolcreaterole as mighty from pg_stat_activity
           join pg_roles on rolname = usename where backend_type = 'client backend' and pid <> pg_backend_pid()`,
        );
        return found.rows;
      });
    };
    let seen: readonly Session[] = [];
    // The one that migrated may be ending still; each look comes after five answers, so what answers is connected.
    await until(
      'no session has more rights than the application needs',
      async () => {
        seen = await sessions();
        assert.ok(seen.length > 0, 'it is connected');
        return seen.every(({ mighty }) => !mighty);
      },
      () => JSON.stringify(seen),
    );
  },
};

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { asOwner } from '@macadam/testing/decisions/test-database';
import type { Attack } from '../attack.ts';

export const attack: Attack = {
  finding:
    'The application’s connection to the embedded database was a superuser’s once it took its role off',
  run: async (start) => {
    const server = await start();
    await Promise.all(Array.from({ length: 5 }, () => server.ask('/api/me')));
    const socket = join(server.folder, 'data/decisions/socket');
    const rows = await asOwner({ socket, user: 'macadam', database: 'postgres' }, async (client) => {
      const found = await client.query<{ name: string; mighty: boolean }>(
        `select distinct usename as name, rolsuper or rolbypassrls or rolcreaterole as mighty from pg_stat_activity
         join pg_roles on rolname = usename where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
      return found.rows;
    });
    assert.ok(rows.length > 0, 'it is connected');
    assert.deepEqual(
      rows.filter(({ mighty }) => mighty),
      [],
    );
  },
};

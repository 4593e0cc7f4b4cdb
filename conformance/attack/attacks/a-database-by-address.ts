/** The decisions on a PostgreSQL server of somebody else's, over TCP: its sessions are ended, it dies under load, and comes back. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { type AuditVerdict, verifyAudit } from '@macadam/adapters/decisions/audit';
import { embeddedBinaries } from '@macadam/adapters/decisions/postgres/binaries';
import { openConnections } from '@macadam/adapters/decisions/postgres/connection';
import { atOneMoment, logHead, logRows } from '@macadam/adapters/decisions/postgres/log';
import { applicationLogin, postgresServer } from '@macadam/testing/decisions/postgres-server';
import { asOwner, trialFolder } from '@macadam/testing/decisions/test-database';
import { until } from '@macadam/testing/until';
import type { Attack } from '../attack.ts';
import type { Attacked } from '../server.ts';

const CALLERS = 12;

/** Many at once are answered or told to ask again, and none is told what stands where. */
async function asked(server: Attacked, secrets: readonly string[]): Promise<readonly number[]> {
  const answers = await Promise.all(Array.from({ length: CALLERS }, () => server.ask('/api/me')));
  for (const { status, text, headers } of answers) {
    assert.ok([200, 429, 503].includes(status), `${status} ${text.slice(0, 200)}`);
    assert.ok(status === 200 || headers['retry-after'] !== undefined, `${status} says when to ask again`);
    for (const secret of secrets) assert.ok(!text.includes(secret), text);
  }
  return answers.map(({ status }) => status);
}

async function logAt(url: string): Promise<AuditVerdict> {
  const connections = openConnections({ url }, { size: 1, unhurried: true });
  const { client, giveBack } = await connections.take();
  try {
    return await atOneMoment(client, async () => {
      const { number, digest } = await logHead(client);
      return verifyAudit(logRows(client), new Map([[number, digest]]));
    });
  } finally {
    giveBack();
    await connections.end();
  }
}

export const attack: Attack = {
  finding:
    'A database by address that ended its sessions, or died and came back, left a server that had to be started again',
  seconds: 900,
  run: async (start) => {
    const folder = trialFolder();
    const postgres = await postgresServer({ home: embeddedBinaries(), folder });
    try {
      const application = await applicationLogin(postgres.url);
      const secrets = [application, postgres.url].flatMap((url) => [
        new URL(url).password,
        new URL(url).host,
      ]);
      const server = await start({
        env: { DATABASE_URL: application, MACADAM_OWNER_DATABASE_URL: postgres.url },
      });
      await server.machine('before', { roles: ['reader'], scopes: ['*::*'] });
      for (let round = 0; round < 5; round += 1) {
        const answers = asked(server, secrets);
        await asOwner({ url: postgres.url }, (client) =>
          client.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
             where pid <> pg_backend_pid() and usename in ('application', 'installer')`,
          ),
        ).catch((error: Error) => assert.match(error.message, /permission denied/));
        await answers;
      }
      const under = asked(server, secrets);
      await postgres.kill();
      await under;
      await until(
        'whoever watches it is told',
        async () => (await server.ask('/api/health/ready', { token: '' })).status === 503,
      );
      await postgres.restart();
      let statuses: readonly number[] = [];
      await until(
        'it goes on by itself',
        async () => {
          statuses = await asked(server, secrets);
          return statuses.every((status) => status === 200);
        },
        () => `Answered were ${[...new Set(statuses)].join(', ')}.`,
      );
      await server.machine('after', { roles: ['reader'], scopes: ['*::*'] });
      const log = await logAt(postgres.url);
      assert.ok(log.whole, JSON.stringify(log));
      const { rows } = await asOwner({ url: postgres.url }, (client) =>
        client.query<{ id: string }>(`select id from macadam.person where id like 'machine:%' order by id`),
      );
      assert.deepEqual(
        rows.map(({ id }) => id).filter((id) => /before|after/.test(id)),
        ['machine:after', 'machine:before'],
      );
      await server.end();
    } finally {
      await postgres.end();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attack } from '../attack.ts';

const QUOTES = '"'.repeat(1_900_000);
const ROOT = join(import.meta.dirname, '../../..');

export const attack: Attack = {
  finding: 'A reason of 1.9 million quotes made every later backup one that cannot be restored',
  seconds: 900,
  run: async (start) => {
    const server = await start();
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const asked = await server.ask('/api/exceptions', {
      body: {
        team: 't',
        standard: 's',
        selectors: ['repository/a'],
        reason: QUOTES,
        compensating: 'long enough',
        until,
      },
    });
    assert.equal(asked.status, 400, asked.text.slice(0, 300));
    const long = [
      [
        '/api/owners/rules',
        { method: 'PUT', body: { rules: [], aliases: {}, confirmFor: 1, reason: QUOTES } },
      ],
      ['/api/machines/long', { method: 'PUT', body: { title: QUOTES } }],
      [
        '/api/organisation/events',
        {
          body: {
            events: [
              { on: '2026-01-01', event: 'created', unit: 'u', level: 'company', name: QUOTES, parent: null },
            ],
          },
        },
      ],
      ['/api/work-items/s/1/comments', { body: { text: QUOTES } }],
      [
        '/scim/v2/Users',
        {
          body: {
            schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
            userName: 'x',
            displayName: QUOTES,
          },
        },
      ],
    ] as const;
    for (const [path, given] of long) {
      const { status, text } = await server.ask(path, given);
      assert.equal(status, 400, `${path}: ${status} ${text.slice(0, 300)}`);
    }
    const backup = await server.ask('/api/backup?facts=no', {
      method: 'POST',
      headers: { connection: 'close' },
    });
    assert.equal(backup.status, 200, backup.text.slice(0, 300));
    const archive = join(server.folder, 'copy.tar');
    writeFileSync(archive, Buffer.from(backup.text, 'latin1'));
    const made = spawnSync(
      process.execPath,
      [
        join(ROOT, 'apps/cli/main.ts'),
        'backup',
        join(server.folder, 'own.tar'),
        '--data',
        join(server.folder, 'data'),
        '--decisions-only',
      ],
      { encoding: 'utf8', env: { ...process.env, HOME: server.folder } },
    );
    assert.equal(made.status, 0, made.stderr);
    const restored = spawnSync(
      process.execPath,
      [
        join(ROOT, 'apps/cli/main.ts'),
        'restore',
        join(server.folder, 'own.tar'),
        '--data',
        join(server.folder, 'again'),
      ],
      { encoding: 'utf8', env: { ...process.env, HOME: server.folder } },
    );
    assert.equal(restored.status, 0, restored.stderr);
  },
};

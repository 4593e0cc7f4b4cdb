import assert from 'node:assert/strict';
import type { Attack } from '../attack.ts';

export const attack: Attack = {
  finding: 'A single value that called itself incomplete was taken, though there is no half of it',
  run: async (start) => {
    const server = await start();
    const token = await server.machine('patrol', {
      roles: ['engineer'],
      scopes: ['Fact::*'],
      sources: [{ source: 'patrol', kinds: ['repository'] }],
    });
    const line = {
      kind: 'repository',
      id: 'repository/half',
      name: 'half',
      source: 'patrol',
      observedAt: new Date().toISOString(),
      assurance: 'tested',
      attributes: { default_branch: { value: 'main', complete: false } },
    };
    const answer = await server.ask('/api/observations', {
      token,
      method: 'POST',
      raw: `${JSON.stringify(line)}\n`,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    const told = answer.text;
    assert.match(told, /is not a list or map/, told.slice(0, 500));
  },
};

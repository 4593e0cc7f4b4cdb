/**
 * A standard that is cheap by what its kind says, and dear by what is sent: lists far longer than any. It is given up, by itself; in the
 * same run all other standards are judged, and whoever asks the server meanwhile is answered.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { Attack } from '../attack.ts';
import { folderWithStandards } from '../own-standards.ts';
import type { Attacked } from '../server.ts';

const SLOW = 'asset.owners.all(a, asset.owners.all(b, a == a || a == b))';
const SOUND = 'asset.owners.size() > 3';
const REPOSITORIES = 40;
const OWNERS = 6000;
/** Longest that somebody who asks for nothing dear may wait meanwhile. */
const ANSWER_MS = 15_000;

const line = (number: number): string =>
  JSON.stringify({
    kind: 'repository',
    id: `repository/long-${number}`,
    name: `long-${number}`,
    source: 'patrol',
    observedAt: new Date(Date.now() - 1000).toISOString(),
    assurance: 'effective',
    attributes: {
      name: { value: `long-${number}` },
      owners: { value: Array.from({ length: OWNERS }, (_, index) => `@owner-${index}`) },
    },
  });

interface Counts {
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
}

async function figuresOf(server: Attacked, id: string): Promise<Counts> {
  const { pass, fail, unknown } = (await server.done(`/api/standards/${id}`)).json<Counts>();
  return { pass, fail, unknown };
}

export const attack: Attack = {
  finding: 'A standard over lists that were made long on purpose took the run of all other standards with it',
  seconds: 900,
  run: async (start) => {
    const server = await start({ folder: folderWithStandards({ slow: SLOW, sound: SOUND }) });
    const token = await server.machine('patrol', {
      roles: ['engineer'],
      scopes: ['Fact::*'],
      sources: [{ source: 'patrol', kinds: ['repository'] }],
    });
    const raw = `${Array.from({ length: REPOSITORIES }, (_, number) => line(number)).join('\n')}\n`;
    const headers = { 'content-type': 'application/x-ndjson' };
    await server.done('/api/observations?as=ndjson', { token, raw, headers });
    let slowest = 0;
    let sound = await figuresOf(server, 'sound');
    for (const end = performance.now() + 150_000; sound.pass < REPOSITORIES; ) {
      assert.ok(performance.now() < end, `the other standard is not judged: ${JSON.stringify(sound)}`);
      slowest = Math.max(slowest, (await server.done('/api/me')).took);
      await pause(100);
      sound = await figuresOf(server, 'sound');
    }
    const slow = await figuresOf(server, 'slow');
    console.log(
      `    ${JSON.stringify(slow)} of the slow one; the slowest answer meanwhile: ${slowest.toFixed(0)} ms`,
    );
    assert.ok(slow.unknown >= REPOSITORIES, 'what is given up is unknown, and no pass');
    assert.ok(slowest < ANSWER_MS, `somebody waited ${slowest.toFixed(0)} ms`);
  },
};

/** `macadam facts`, over a store of one's own: what waits for a person is listed, and counts once that person says so. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openStores } from '@macadam/adapters/facts/open';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { startCommandLine } from '@macadam/testing/command-line';
import { loadHere } from './commands/test.ts';

const data = mkdtempSync(join(tmpdir(), 'macadam-correct-'));
const { kinds } = loadHere();
const line = startCommandLine();
after(() => rmSync(data, { recursive: true, force: true }));

const at = (hour: number) => new Date(Date.UTC(2026, 10, 1, hour));

function look(hour: number, names: readonly string[]): [Collection, Observation[]] {
  const time = at(hour).toISOString();
  const partition = { kind: 'repository', container: '/estate', containerName: 'estate', complete: true };
  return [
    {
      source: 'git',
      startedAt: time,
      finishedAt: time,
      status: 'complete',
      partitions: [{ ...partition, seen: names.length, witness: { id: 'folder', count: names.length } }],
      problems: [],
    },
    names.map((name) => ({
      kind: 'repository',
      id: `repository/file/${name}`,
      name,
      source: 'git',
      observedAt: time,
      receivedAt: time,
      assurance: 'configured',
      container: '/estate',
      attributes: { host: { value: 'file' }, path: { value: name } },
    })),
  ];
}

/** What is there, after what is told before. */
async function there(...told: readonly (readonly [number, readonly string[]])[]): Promise<readonly string[]> {
  const { facts, close } = await openStores(join(data, 'facts'), { kinds, now: () => at(20) });
  try {
    for (const [hour, seen] of told) await facts.append(...look(hour, seen), at(hour));
    await facts.settled();
    const names: string[] = [];
    for await (const { name } of facts.assets('repository')) names.push(name);
    return names;
  } finally {
    await close();
  }
}

const macadam = (...args: string[]) =>
  line.run({
    args: ['facts', ...args, '--data', data],
    cwd: data,
    env: { PATH: process.env.PATH, HOME: data },
  });

test('a look that misses most of an estate waits until somebody confirms it by name and reason', async () => {
  assert.deepEqual(await there([1, ['a', 'b', 'c', 'd']], [2, []]), ['a', 'b', 'c', 'd']);
  const { stdout } = macadam('list');
  assert.match(
    stdout,
    /4 of 4 are missing since the last scan, with all that they contain; confirm that they are gone/,
  );
  const digest = /^[0-9a-f]{64}/m.exec(stdout)?.[0] ?? '';
  const unexplained = macadam('confirm', digest, '--reason', ' ');
  assert.equal(unexplained.status, 2);
  assert.match(unexplained.stderr, /--reason: say why/);
  assert.match(macadam('confirm', 'f'.repeat(64), '--reason', 'no').stderr, /there is no collection f+/);
  assert.match(
    macadam('confirm', digest, '--reason', 'the disk was given back').stdout,
    /recorded as batch \d+/,
  );
  assert.deepEqual(await there(), []);
  assert.match(macadam('confirm', digest, '--reason', 'the disk was given back').stdout, /recorded before/);
  assert.match(macadam('retract', digest, '--reason', 'it was mounted in another place').stdout, /recorded/);
  assert.deepEqual(await there(), ['a', 'b', 'c', 'd'], 'what was retracted says nothing');
  assert.equal((await there([9, ['a', 'b', 'c', 'd', 'late']])).length, 5);
  const today = macadam('retract-after', 'today', '--reason', 'the clock was wrong');
  assert.match(today.stderr, /`today` is not a time: write 2026-08-01T10:00:00Z/);
  macadam('retract-after', at(8).toISOString(), '--reason', 'the clock was wrong');
  assert.deepEqual(await there(), ['a', 'b', 'c', 'd'], 'what was written for later says nothing');
  macadam('retire-asset', 'repository/file/b', '--reason', 'it was deleted');
  assert.deepEqual(await there(), ['a', 'c', 'd']);
  macadam('retire-source', 'git', '--reason', 'nobody looks there any more');
  assert.deepEqual(await there(), []);
});

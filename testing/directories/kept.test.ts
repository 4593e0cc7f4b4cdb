/** What a collection keeps of each person until its end: a directory of a hundred thousand has to fit beside everything else. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { source as entra } from '@macadam/adapters/sources/entra/source';
import { source as keycloak } from '@macadam/adapters/sources/keycloak/source';
import { source as ldap } from '@macadam/adapters/sources/ldap/source';
import { source as okta } from '@macadam/adapters/sources/okta/source';
import { LARGE_DIRECTORIES, type LargeDirectory, largeDirectory } from './large.ts';

const SOURCES = { entra, keycloak, okta, ldap };
const PEOPLE = 6000;
/** What was answered is let go of a little later than it could be, so that the least in use of so many people is taken. */
const STRETCH = 1500;
const EVERY = 250;
/** A person's record and observation take more than a kilobyte together; an id in a map alone takes so many bytes. */
const MOST_EACH = 200;
/** Pages in memory, and what the first requests load. */
const MOST = 6 << 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function inUse(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes that are in use more than before, the least of each stretch of people. */
async function keptOf(
  id: LargeDirectory,
  people: number,
  cacheDirectory: string,
): Promise<readonly number[]> {
  const large = await largeDirectory(id, people);
  const before = inUse();
  let told = 0;
  const least: number[] = [];
  const collection = await SOURCES[id].collect(
    {
      targets: large.targets,
      options: large.options,
      view: 'head',
      excludes: [],
      parameters: {},
      cacheDirectory,
      environment: large.environment,
      now: () => new Date('2026-11-01T00:00:00Z'),
    },
    ({ kind }) => {
      if (kind !== 'user') return;
      told += 1;
      if (told % EVERY !== 0) return;
      const stretch = Math.ceil(told / STRETCH) - 1;
      least[stretch] = Math.min(least[stretch] ?? Number.POSITIVE_INFINITY, inUse() - before);
    },
    () => {},
  );
  await large.close();
  assert.equal(told, people);
  const users = collection.partitions.find(({ kind }) => kind === 'user');
  assert.deepEqual([users?.complete, users?.seen], [true, people], JSON.stringify(users));
  return least;
}

for (const id of LARGE_DIRECTORIES)
  test(`${id}: what is kept of each person until the end is less than its id in a map`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'kept-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    // What the first requests compile and load is no person's.
    await keptOf(id, STRETCH, folder);
    const least = await keptOf(id, PEOPLE, folder);
    const [, some = 0, , all = 0] = least;
    const each = (all - some) / (2 * STRETCH);
    assert.ok(each < MOST_EACH, `${each.toFixed(0)} bytes a person: ${least.join(', ')}`);
    assert.ok(all < MOST, `${all} bytes of ${PEOPLE}`);
  });

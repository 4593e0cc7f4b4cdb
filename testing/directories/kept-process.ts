/**
 * What collections keep, for `kept.test.ts`: in a process without a test runner, which follows every promise of thousands of requests. Prints a line
 * of JSON for each source.
 */
import assert from 'node:assert/strict';
import { source as entra } from '@macadam/adapters/sources/entra/source';
import { source as keycloak } from '@macadam/adapters/sources/keycloak/source';
import { source as ldap } from '@macadam/adapters/sources/ldap/source';
import { source as okta } from '@macadam/adapters/sources/okta/source';
import { LARGE_DIRECTORIES, type LargeDirectory, largeDirectory } from './large.ts';

const SOURCES = { entra, keycloak, okta, ldap };
const [folder = '', people = '', stretch = ''] = process.argv.slice(2);
const EVERY = 250;
/** What the first requests compile and load is no person's. */
const FIRST = 500;

function inUse(): number {
  assert.ok(gc, 'start it with --expose-gc');
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function collect(id: LargeDirectory, people: number, onPerson: (told: number) => void): Promise<void> {
  const large = await largeDirectory(id, people);
  let told = 0;
  const collection = await SOURCES[id].collect(
    {
      targets: large.targets,
      options: large.options,
      view: 'head',
      excludes: [],
      parameters: {},
      cacheDirectory: folder,
      environment: large.environment,
      now: () => new Date('2026-11-01T00:00:00Z'),
    },
    ({ kind }) => {
      if (kind === 'user') onPerson(++told);
    },
    () => {},
  );
  await large.close();
  assert.equal(told, people);
  const users = collection.partitions.find(({ kind }) => kind === 'user');
  assert.deepEqual([users?.complete, users?.seen], [true, people], JSON.stringify(users));
}

for (const id of LARGE_DIRECTORIES) {
  await collect(id, FIRST, () => {});
  const before = inUse();
  /** Bytes that are in use more than before, the least of each stretch of people. */
  const least: number[] = [];
  await collect(id, Number(people), (told) => {
    if (told % EVERY !== 0) return;
    const index = Math.ceil(told / Number(stretch)) - 1;
    least[index] = Math.min(least[index] ?? Number.POSITIVE_INFINITY, inUse() - before);
  });
  console.log(JSON.stringify({ id, least }));
}

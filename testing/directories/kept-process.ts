/**
 * What collections keep, for `kept.test.ts`: in a process without a test runner, which follows every promise of thousands of requests. Prints a line
 * of JSON for each source. Start it with `--expose-gc --no-flush-bytecode`: functions that nobody called for a while, and the texts in them, would
 * be let go of in the midst of it.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { source as entra } from '@macadam/adapters/sources/entra/source';
import { source as keycloak } from '@macadam/adapters/sources/keycloak/source';
import { source as ldap } from '@macadam/adapters/sources/ldap/source';
import { source as okta } from '@macadam/adapters/sources/okta/source';
import { LARGE_DIRECTORIES, type LargeDirectory, largeDirectory } from './large.ts';

const SOURCES = { entra, keycloak, okta, ldap };
const [folder = ''] = process.argv.slice(2);

/** Bytes in objects and buffers; code is no person's. Buffers that the first collection of garbage lets go of are counted until the second. */
function inUse(): number {
  assert.ok(gc, 'start it with --expose-gc');
  gc();
  gc();
  const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => !/code|trusted/.test(name));
  const heap = spaces.reduce((sum, { space_used_size: size }) => sum + size, 0);
  return heap + process.memoryUsage().arrayBuffers;
}

/** Bytes more in use than before the collection, when so many people were told. */
async function looks(
  id: LargeDirectory,
  { people, askedAbout }: { readonly people: number; readonly askedAbout: number },
  when: readonly number[],
): Promise<readonly number[]> {
  const large = await largeDirectory(id, people, askedAbout);
  // What the collection before left is let go of by and by.
  for (let round = 0; round < 3; round += 1) {
    gc?.();
    await turn();
  }
  const before = inUse();
  const found: number[] = [];
  let told = 0;
  let isNewPage = true;
  const collection = await SOURCES[id].collect(
    {
      targets: large.targets,
      options: large.options,
      view: 'head',
      excludes: [],
      parameters: {},
      cacheDirectory: join(folder, `${people}-${askedAbout}`),
      environment: large.environment,
      now: () => new Date('2026-11-01T00:00:00Z'),
    },
    ({ kind }) => {
      if (kind !== 'user') return;
      told += 1;
      if (when.includes(told)) found.push(inUse() - before);
      // What requests leave is let go of after a collection of garbage: so each look finds what one page left.
      else if (isNewPage && askedAbout > 0) gc?.();
      if (isNewPage) setImmediate(() => (isNewPage = true));
      isNewPage = false;
    },
    () => {},
  );
  await large.close();
  assert.equal(told, people);
  const users = collection.partitions.find(({ kind }) => kind === 'user');
  assert.deepEqual([users?.complete, users?.seen], [true, people], JSON.stringify(users));
  return found;
}

/**
 * Of directories of two sizes, each larger than the pages that stay in memory, without a request for anybody: bytes for each person more when the last
 * is told of. A table of ids doubles its places between the two, so it stands for as many places a person as on the whole.
 */
async function listed(id: LargeDirectory): Promise<number> {
  // The longer its pages are, the more people it takes until one page more or less that is in use says little.
  const few = id === 'entra' ? 10_900 : 5450;
  const many = 2 * few;
  const [first = Number.NaN] = await looks(id, { people: few, askedAbout: 0 }, [few]);
  const [second = Number.NaN] = await looks(id, { people: many, askedAbout: 0 }, [many]);
  return (second - first) / (many - few);
}

/** Of one directory, whose people are asked about by themselves: bytes for each who was told of between two looks. There too a table doubles its places. */
async function told(id: LargeDirectory): Promise<{ readonly told: number; readonly all: number }> {
  const [few, many, people] = id === 'ldap' ? [1700, 3400, 4000] : [850, 1700, 2000];
  const [first = Number.NaN, all = Number.NaN] = await looks(id, { people, askedAbout: people }, [few, many]);
  return { told: (all - first) / (many - few), all };
}

for (const id of LARGE_DIRECTORIES) {
  // Compiles and loads what the others need.
  await looks(id, { people: 600, askedAbout: 600 }, []);
  // By LDAP nothing is listed before the first is told of.
  console.log(JSON.stringify({ id, listed: id === 'ldap' ? 0 : await listed(id), ...(await told(id)) }));
}

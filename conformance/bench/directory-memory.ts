/**
 * `node conformance/bench/directory-memory.ts SOURCE PEOPLE`: the most memory that a process has while it collects a directory of so many
 * people as a server does, and then while it writes them into a store. The directory is made in another process, page by page.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { overflow } from '@macadam/adapters/data-folder/overflow';
import { openStores } from '@macadam/adapters/facts/open';
import { source as entra } from '@macadam/adapters/sources/entra/source';
import { source as keycloak } from '@macadam/adapters/sources/keycloak/source';
import { source as ldap } from '@macadam/adapters/sources/ldap/source';
import { source as okta } from '@macadam/adapters/sources/okta/source';
import { emission } from '@macadam/core/facts/ingest';
import type { Observation } from '@macadam/core/facts/observation';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { type Large, type LargeDirectory, largeDirectory } from '@macadam/testing/directories/large';

const SOURCES = { entra, keycloak, okta, ldap };
/** As many as the server holds. */
const HELD = 20_000;

const mebibytes = (): number => Math.round(process.resourceUsage().maxRSS / 1024);
const seconds = ({ user, system }: NodeJS.CpuUsage): number => Math.round((user + system) / 1e5) / 10;

async function measured(id: LargeDirectory, people: number): Promise<void> {
  const host = fork(import.meta.filename, [id, String(people), 'host'], { stdio: 'inherit' });
  const large = await new Promise<Omit<Large, 'close'>>((resolve) =>
    host.once('message', (told) => resolve(told as Omit<Large, 'close'>)),
  );
  const folder = mkdtempSync(join(tmpdir(), 'directory-memory-'));
  const { kinds } = loadCatalogue([join(import.meta.dirname, '../..')]);
  const before = mebibytes();
  const begun = process.cpuUsage();
  const aside = overflow<Observation>(folder, HELD);
  const { emit, problems } = emission(kinds, aside.add);
  const collection = await SOURCES[id].collect(
    {
      targets: large.targets,
      options: large.options,
      view: 'head',
      excludes: [],
      parameters: {},
      cacheDirectory: folder,
      environment: large.environment,
      now: () => new Date(),
    },
    emit,
    () => {},
  );
  const collecting = { most: mebibytes(), spent: seconds(process.cpuUsage(begun)) };
  const users = collection.partitions.find(({ kind }) => kind === 'user');
  if (users?.seen !== people || !users.complete || problems().length > 0)
    throw new Error(`it is not whole: ${JSON.stringify({ users, problems: problems().slice(0, 3) })}`);
  const stores = await openStores(join(folder, 'data'), { kinds, now: () => new Date() });
  const opened = mebibytes();
  const writing = process.cpuUsage();
  const appended = await stores.facts.append(collection, { [Symbol.iterator]: aside.all }, new Date());
  console.log(
    JSON.stringify({
      source: id,
      people,
      observations: appended.observations,
      mebibytesBefore: before,
      mebibytesCollecting: collecting.most,
      secondsCollecting: collecting.spent,
      mebibytesStoreOpened: opened,
      mebibytesAppending: mebibytes(),
      secondsAppending: seconds(process.cpuUsage(writing)),
    }),
  );
  aside.close();
  await stores.close();
  rmSync(folder, { recursive: true, force: true });
  host.kill();
}

const [, , id, people, role] = process.argv;
if (id === undefined || !(id in SOURCES) || !/^\d+$/.test(people ?? '')) {
  console.error('usage: node conformance/bench/directory-memory.ts entra|keycloak|okta|ldap PEOPLE');
  process.exitCode = 2;
} else if (role === 'host') {
  const { targets, options, environment } = await largeDirectory(id as LargeDirectory, Number(people));
  process.send?.({ targets, options, environment });
} else await measured(id as LargeDirectory, Number(people));

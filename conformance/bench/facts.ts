/** The facts store: observations taken in durably and merged. */
import { createReadStream, createWriteStream, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ingestNdjson } from '@macadam/adapters/facts/ndjson';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import { assetId, type Collection, type Observation, type Statement } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import { applications } from './pass/standards.ts';
import { FULL, type Row, row, type Size } from './row.ts';
import { type Spent, scratch } from './spent.ts';

export interface Extent {
  /** Observations of one collection, and how many of them are taken in. */
  readonly each: number;
  readonly collections: number;
}

const LARGE: Extent = { each: 200_000, collections: 5 };
const SMALL: Extent = { each: 500, collections: 2 };

export const bench = ({ quick }: Size = FULL): Promise<readonly Row[]> => over(quick ? SMALL : LARGE);

export async function over(extent: Extent): Promise<readonly Row[]> {
  const { kind } = applications();
  const folder = scratch('facts');
  const stores = await openStores(join(folder, 'store'), {
    kinds: new Map([[kind.kind, kind]]),
    now: () => NOW,
  });
  try {
    const taken = await ingested(stores, kind, extent);
    return [...taken, ...(await lines(stores, kind, folder, extent))];
  } finally {
    await stores.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const NOW = new Date('2026-11-01T12:00:00Z');
const at = (minute: number) => new Date(Date.UTC(2026, 10, 1, 0, minute)).toISOString();

/** One application as its directory tells it: 14 attributes, about a kilobyte of text. */
function observation(kind: Kind, number: number, minute: number): Observation {
  const day = (days: number) => new Date(Date.UTC(2026, 9, 1) - days * 86_400_000).toISOString();
  const values: Readonly<Record<string, Statement>> = {
    directory: { value: 'main' },
    client_id: { value: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` },
    tenant: { value: assetId('tenant', [`t${number % 500}`]) },
    environment: { value: number % 3 === 0 ? 'production' : 'test' },
    owners: { value: [`team-${number % 2000}`] },
    emergency_contact: { value: { reach: `rota-${number % 90}`, confirmed_at: day(number % 200) } },
    enabled: { value: number % 7 > 0 },
    created_at: { value: day(200 + (number % 900)) },
    last_used_at: number % 5 === 0 ? { absent: true } : { value: day(number % 120) },
    credentials: {
      value: [
        {
          id: `c${number}`,
          kind: 'certificate',
          expires_at: day(-(number % 300)),
          added_at: day(number % 300),
        },
        { id: `m${number}`, kind: 'managed', added_at: day(number % 400) },
      ],
    },
    multi_tenant: { value: number % 6 === 0 },
    consent: { value: 'own_tenant' },
    instances_locked: { value: true },
    privileges: { value: [{ id: `p${number}`, permission: 'User.Read.All', across_tenants: false }] },
  };
  return {
    kind: kind.kind,
    id: assetId(kind.kind, ['main', `${number}`]),
    name: `application ${number}`,
    source: 'directory',
    observedAt: at(minute),
    receivedAt: at(minute + 1),
    assurance: 'configured',
    attributes: values,
  };
}

const collection = (minute: number): Collection => ({
  source: 'directory',
  startedAt: at(minute),
  finishedAt: at(minute + 1),
  status: 'complete',
  partitions: [],
  problems: [],
});

async function ingested(
  { facts, driver }: Stores,
  kind: Kind,
  { each, collections }: Extent,
): Promise<Row[]> {
  let taking = NOTHING;
  let settling = NOTHING;
  for (let round = 0; round < collections; round++) {
    const observations = Array.from({ length: each }, (_, index) =>
      observation(kind, round * each + index, round),
    );
    taking = await timed(taking, async () => {
      const { quarantined } = await facts.append(collection(round), observations, NOW);
      if (quarantined > 0) throw new Error(`${quarantined} observations were set aside`);
    });
    settling = await timed(settling, () => facts.settled());
  }
  const count = each * collections;
  const sizes = await driver.query<{ table: string; bytes: string; rows: string }>(
    `SELECT table, sum(bytes_on_disk) AS bytes, sum(rows) AS rows FROM system.parts
     WHERE active AND database = currentDatabase() AND table IN ('observation', 'kind_application') GROUP BY table`,
  );
  const bytes = new Map(sizes.map((one) => [one.table, Number(one.bytes) / count]));
  const held = Number(sizes.find(({ table }) => table === 'observation')?.rows ?? 0);
  if (held !== count) throw new Error(`${held} of ${count} observations are in the store`);
  const megabytes =
    Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;
  return [
    row({
      id: 'ingest',
      what: `observations of 14 attributes appended, synced and visible, ${count} in ${collections} collections; ${perProcessor(count, taking)}, ${bytes.get('observation')?.toFixed(0)} bytes on disk for each, ${Math.round(megabytes)} MB of memory at most`,
      unit: 'observations/s',
      ours: count / taking.seconds,
      peer: 100_000,
      peerName: 'the bound itself',
      goal: { of: 'ours', atLeast: 100_000 },
    }),
    row({
      id: 'settle',
      what: `of these, merged into the kind's table after the append; ${perProcessor(count, settling)}, ${bytes.get('kind_application')?.toFixed(0)} bytes on disk for each asset`,
      unit: 'assets/s',
      ours: count / settling.seconds,
      peer: 10_000,
      peerName: 'the bound itself',
      goal: { of: 'ours', atLeast: 10_000 },
    }),
  ];
}

const NOTHING: Spent = { seconds: 0, cpuSeconds: 0 };

/** What was spent before, and on this. */
async function timed({ seconds, cpuSeconds }: Spent, work: () => Promise<unknown>): Promise<Spent> {
  const before = process.cpuUsage();
  const started = performance.now();
  await work();
  const { user, system } = process.cpuUsage(before);
  return {
    seconds: seconds + (performance.now() - started) / 1000,
    cpuSeconds: cpuSeconds + (user + system) / 1e6,
  };
}

const perProcessor = (count: number, { cpuSeconds }: Spent): string =>
  `${Math.round(count / cpuSeconds)} for a second of one processor`;

/** The same observations by line in a file, as they are and with three attributes each, which is what most sources know. */
async function lines({ facts }: Stores, kind: Kind, folder: string, { each }: Extent): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [index, narrow] of [false, true].entries()) {
    const file = join(folder, `${index}.ndjson`);
    const minute = 2000 + index;
    const all = function* () {
      yield `${JSON.stringify({ collection: collection(minute) })}\n`;
      for (let number = 0; number < each; number++) {
        const whole = observation(kind, number, minute);
        const { enabled, environment, tenant } = whole.attributes;
        const few = { enabled, environment, tenant };
        yield `${JSON.stringify(narrow ? { ...whole, attributes: few } : whole)}\n`;
      }
    };
    await pipeline(all, createWriteStream(file));
    const spent = await timed(NOTHING, async () => {
      const { appended, refused } = await ingestNdjson(
        facts,
        createReadStream(file),
        new Date(at(minute + 1)),
      );
      const taken = appended[0]?.observations;
      if (refused.length > 0 || taken !== each) throw new Error(`${taken} of ${each} lines were taken`);
    });
    await facts.settled();
    rows.push(
      row({
        id: narrow ? 'ingest-short-lines' : 'ingest-lines',
        what: `${each} observations of ${narrow ? 3 : 14} attributes by line in a file, read, checked, synced and visible; ${perProcessor(each, spent)}`,
        unit: 'observations/s',
        ours: each / spent.seconds,
        peer: 100_000,
        peerName: 'the bound itself',
        goal: { of: 'ours', atLeast: 100_000 },
      }),
    );
  }
  return rows;
}

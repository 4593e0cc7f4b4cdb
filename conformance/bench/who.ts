/**
 * The emergency look-up at report size: 7,000,000 assets under 28,000,000 identifiers, 2,000 teams, 100,000 owners that people
 * decided. From the stores, and from a signed export opened anew for each question, as the command line does.
 */
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { openStores } from '@macadam/adapters/facts/open';
import type { OrgEvent } from '@macadam/core/org/org';
import { prepareAnswers } from '@macadam/services/ownership/answers';
import { orgTree, recordEvents } from '@macadam/services/ownership/log';
import { ownerSettings } from '@macadam/services/ownership/rules';
import { whoIn } from '@macadam/services/ownership/who';
import { exportWho } from '@macadam/services/ownership/who-export';
import { openWhoFile } from '@macadam/services/ownership/who-file';
import { prepareIndex } from '@macadam/services/ownership/who-index';
import { applications } from './pass/standards.ts';
import { FULL, type Row, row, type Size } from './row.ts';
import { percentile, scratch } from './spent.ts';

interface Extent {
  readonly assets: number;
  readonly decided: number;
  readonly asked: number;
}
const LARGE: Extent = { assets: 7_000_000, decided: 100_000, asked: 1000 };
const SMALL: Extent = { assets: 5000, decided: 50, asked: 20 };
const TEAMS = 2000;
const NOW = new Date('2026-11-01T12:00:00Z');
const DAY = '2026-01-01';

export const bench = ({ quick }: Size = FULL): Promise<readonly Row[]> => over(quick ? SMALL : LARGE);

async function over(extent: Extent): Promise<readonly Row[]> {
  const { kind } = applications();
  const kinds = new Map([[kind.kind, kind]]);
  const folder = scratch('who');
  chmodSync(folder, 0o711);
  const stores = await openStores(join(folder, 'store'), { kinds, now: () => NOW });
  const decisions = await openDecisions(join(folder, 'decisions'), { now: () => new Date() });
  try {
    const { driver } = stores;
    await filled(driver, extent);
    await organised(decisions, extent);
    const run = (id: string) => ({ id, divisions: 'all' }) as const;
    const given = await decisions.transaction(run('bench'), async (tx) => ({
      tree: await orgTree(tx, '2026-11-01'),
      settings: await ownerSettings(tx),
    }));
    const sources = { ...given, stores: { driver, kinds }, now: NOW };
    const online: number[] = [];
    for (let at = 0; at < extent.asked; at += 1) {
      const started = performance.now();
      const { count } = await decisions.transaction(
        run('machine:who'),
        (tx) => whoIn(tx, questionOf(at, extent), sources),
        { readOnly: true },
      );
      online.push(performance.now() - started);
      if (count > 0 !== at % 4 < 3) throw new Error(`${questionOf(at, extent)} gave ${count}`);
    }
    console.error(`  from the stores: p50 ${percentile(online, 0.5)} ms, p99 ${percentile(online, 0.99)} ms`);
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const file = join(folder, 'who');
    const begun = performance.now();
    const made = await exportWho(driver, {
      file,
      tree: given.tree,
      kinds,
      madeAt: NOW,
      signingKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    });
    const seconds = (performance.now() - begun) / 1000;
    const key = String(publicKey.export({ type: 'spki', format: 'pem' }));
    const offline: number[] = [];
    for (let at = 0; at < extent.asked; at += 1) {
      const started = performance.now();
      const map = openWhoFile(file, key);
      const { count } = map.who(questionOf(at, extent));
      map.close();
      offline.push(performance.now() - started);
      if (count > 0 !== at % 4 < 3) throw new Error(`${questionOf(at, extent)} gave ${count} offline`);
    }
    return [
      latency('who', 'whom to call, from the stores', online, extent),
      latency('who-offline', 'whom to call, from a signed export', offline, extent),
      row({
        id: 'who-export',
        unit: 's',
        ours: seconds,
        what: `a signed export of ${made.assets} assets under ${made.keys} identifiers, ${made.bytes} bytes`,
        peer: 900,
        peerName: 'the bound itself',
        goal: { of: 'ours', atMost: 900 },
      }),
    ];
  } finally {
    await decisions.close();
    await stores.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function latency(id: string, what: string, times: readonly number[], { assets, asked }: Extent): Row {
  const p99 = percentile(times, 0.99);
  const median = percentile(times, 0.5).toFixed(1);
  return row({
    id: `${id}-p99`,
    unit: 'ms',
    ours: p99,
    what: `${what}, p99 of ${asked} questions over ${assets} assets; median ${median} ms`,
    peer: 100,
    peerName: 'the bound itself',
    goal: { of: 'ours', atMost: 100 },
  });
}

const scattered = (at: number, assets: number) => (at * 7_368_787) % assets;

/** Three of four are known: by client id, by id, by name; the fourth is an address in no subnet, which is the most keys. */
function questionOf(at: number, { assets }: Extent): string {
  const number = scattered(at, assets);
  const sorts = [
    `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    `application/main/${number}`,
    `application ${number}`,
    `2001:db8:${(number % 65_536).toString(16)}::${(at % 65_536).toString(16)}`,
  ];
  return sorts[at % 4] ?? '';
}

/** Straight into the tables: what a pass would leave there. */
async function filled(driver: Driver, { assets }: Extent): Promise<void> {
  await prepareAnswers(driver);
  await prepareIndex(driver);
  const step = 500_000;
  for (let from = 0; from < assets; from += step) {
    const numbers = `FROM numbers(${from}, ${Math.min(step, assets - from)})`;
    const id = `concat('application/main/', toString(number))`;
    const client = `concat('00000000-0000-4000-8000-', leftPad(toString(number), 12, '0'))`;
    const owner = `concat('team-', toString(number % ${TEAMS}))`;
    const seen = `toInt64(${NOW.getTime()}) * 1000000`;
    const text = `['${'some text as rows have it, '.repeat(8)}']`;
    await driver.command(
      `INSERT INTO kind_application (\`@id\`, \`@name\`, client_id, \`client_id@at\`, owners, \`owners@state\`, \`owners@at\`, \`@whys\`, \`@known\`)
       SELECT ${id}, concat('application ', toString(number)), ${client}, ${seen}, [${owner}], 2, ${seen},
         map('credentials', concat(toString(cityHash64(number)), arrayElement(${text}, 1))), 1 ${numbers}`,
    );
    await driver.command(
      `INSERT INTO owner_answer SELECT ${id}, 'application', ${owner}, 'confirmed', '2026-11-01T12:00:00Z', 'codeowners', 0, 1 ${numbers}`,
    );
    await driver.command(
      `INSERT INTO who_asset SELECT ${id}, 'application', concat('application ', toString(number)), cityHash64(number), 1 ${numbers}`,
    );
    await driver.command(
      `INSERT INTO who_key SELECT arrayJoin([concat('id:', ${id}), concat('name:application ', toString(number)),
         concat('application:', ${client}), concat('host:', hex(cityHash64(number)), '.example.test')]), ${id}, cityHash64(number) ${numbers}`,
    );
  }
}

async function organised(decisions: Decisions, { assets, decided }: Extent): Promise<void> {
  const events: OrgEvent[] = [
    { on: DAY, event: 'created', unit: 'acme', level: 'company', name: 'Acme', parent: null },
    { on: DAY, event: 'joined', person: 'ann', unit: 'acme', name: 'Ann' },
    { on: DAY, event: 'accountable', id: 'a', person: 'ann', for: { unit: 'acme' } },
    {
      on: DAY,
      event: 'contacts',
      unit: 'acme',
      contacts: [{ by: 'phone', address: '+49 30 1', verified: DAY }],
    },
  ];
  for (let at = 0; at < TEAMS; at += 1)
    events.push({
      on: DAY,
      event: 'created',
      unit: `team-${at}`,
      level: 'team',
      name: `Team ${at}`,
      parent: 'acme',
    });
  await decisions.transaction({ id: 'bench', divisions: 'all' }, async (tx) => {
    await recordEvents(tx, events, 'bench');
    await tx.organisation.decideOwners(
      Array.from({ length: decided }, (_, at) => ({
        asset: `application/main/${scattered(at, assets)}`,
        act: 'assign',
        team: `team-${at % TEAMS}`,
        previousTeam: null,
        division: 'acme',
        reason: 'a bench',
      })),
    );
  });
}

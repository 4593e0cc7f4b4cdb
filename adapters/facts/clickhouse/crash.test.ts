/**
 * What a crash, a full disk and a torn write may cost: nothing that was acknowledged. MACADAM_CRASH_ROUNDS asks for
 * more kills than the three of a plain run, which are one after none, one and two acknowledgements.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { type Held, heldBy, round } from '@macadam/testing/facts/crash-fixture';
import { kinds } from '@macadam/testing/facts/devices';
import { openStores } from '../open.ts';
import { openChdb } from './chdb.ts';

const ROUNDS = Number(process.env.MACADAM_CRASH_ROUNDS ?? 3);
const SCENE = join(import.meta.dirname, '../../../testing/facts/crash-fixture.ts');
const root = mkdtempSync(join(tmpdir(), 'macadam-crash-'));
after(() => rmSync(root, { recursive: true, force: true }));

interface Line extends Partial<Held> {
  readonly acknowledged?: number;
  readonly failed?: string;
  readonly round?: number;
}

const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Line);

/** Starts the scene, kills it `after` so many acknowledgements and milliseconds, and gives what it said. */
function killed(directory: string, acknowledgements: number, delay: number): Promise<readonly Line[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SCENE, 'append', directory], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    let wrong = '';
    let counting = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (counting || said.split('"acknowledged"').length - 1 < acknowledgements) return;
      counting = true;
      setTimeout(() => child.kill('SIGKILL'), delay);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      wrong += text;
    });
    child.on('close', (code) =>
      code === null ? resolve(linesOf(said)) : reject(new Error(`it ended by itself with ${code}: ${wrong}`)),
    );
  });
}

/** What whoever opens it next is told. Rejects as the store does. */
async function reported(directory: string): Promise<Held> {
  const stores = await openStores(directory, { kinds, now: () => new Date() });
  try {
    return await heldBy(stores.facts);
  } finally {
    await stores.close();
  }
}

function holds(line: Line | undefined, acknowledged: ReadonlySet<number>): void {
  assert.ok(line?.held, 'the store does not open');
  const lost = [...acknowledged].filter((round) => !line.held?.includes(round));
  assert.deepEqual(lost, [], 'acknowledged, and lost');
  assert.equal(line.found, line.expected, 'the merged assets are not those of the last collection');
}

test(`killed ${ROUNDS} times at any moment, it loses nothing that it acknowledged and opens by itself`, async () => {
  const directory = join(root, 'killed');
  const acknowledged = new Set<number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    // A third of them before the first acknowledgement: while it opens, recovers, or appends the first.
    const lines = await killed(directory, round % 3, Math.random() * 60);
    if (lines[0]) holds(lines[0], acknowledged);
    for (const line of lines) if (line.acknowledged !== undefined) acknowledged.add(line.acknowledged);
  }
  holds(await reported(directory), acknowledged);
  assert.ok(acknowledged.size > 0);
});

/** Cuts the data of a table's newest part in half, as a write that never reached the disk would. */
async function tear(directory: string, table: string): Promise<string> {
  const driver = await openChdb({ directory: join(directory, 'engine') });
  const [part] = await driver.query<{ name: string; path: string }>(
    `SELECT name, path FROM system.parts WHERE database = currentDatabase() AND table = {table:String} AND active
     ORDER BY modification_time DESC, name DESC LIMIT 1`,
    { table },
  );
  await driver.close();
  assert.ok(part, `${table} has no part`);
  const data = join(part.path, 'data.bin');
  truncateSync(data, Math.floor(statSync(data).size / 2));
  return part.name;
}

/** What a few rounds left, without anything older that the engine would read in place of a torn part. */
const written = join(root, 'written');
const ROUNDS_WRITTEN = [1, 2, 3];
before(async () => {
  const { facts, close } = await openStores(written, { kinds, now: () => new Date() });
  for (const one of ROUNDS_WRITTEN) await facts.append(...round(one), new Date());
  await facts.settled();
  await close();
});

test('a torn part of what was observed is named, and nothing is served without it', async () => {
  const torn = join(root, 'torn');
  cpSync(written, torn, { recursive: true });
  const part = await tear(torn, 'observation');
  const says = new RegExp(
    `part \\S*${part} of table observation is damaged: /\\S+; restore it from a backup`,
  );
  // Neither the first time nor the next.
  await assert.rejects(reported(torn), says);
  await assert.rejects(reported(torn), says);
});

test('a torn part of the merged assets is made again without a hand', async () => {
  for (const table of ['kind_device', 'settled']) {
    await tear(written, table);
    holds(await reported(written), new Set(ROUNDS_WRITTEN));
  }
});

test('a full disk refuses what does not fit, keeps what it took, and takes more when there is room', (t) => {
  const directory = join(root, 'full');
  const script =
    'mount -t tmpfs -o size=128m none "$1" && dd if=/dev/zero of="$1/ballast" bs=1M count=40 2>/dev/null && ' +
    '"$2" "$3" fill "$1/store" "$1/ballast"';
  mkdirSync(directory);
  const run = spawnSync('unshare', ['-rm', 'sh', '-c', script, 'sh', directory, process.execPath, SCENE], {
    encoding: 'utf8',
  });
  if (run.error || /unshare|mount/.test(run.stderr)) {
    t.diagnostic(`left out: no small disk can be made here (${run.error?.message ?? run.stderr.trim()})`);
    return;
  }
  const lines = linesOf(run.stdout);
  const failed = lines.find((line) => line.failed !== undefined);
  assert.match(failed?.failed ?? '', /enough free space|No space left on device/, run.stderr);
  const acknowledged = new Set(lines.flatMap((line) => line.acknowledged ?? []));
  assert.ok(
    failed?.round !== undefined && acknowledged.has(failed.round),
    'it took no more when there was room',
  );
  const [, then, later] = lines.filter((line) => line.held);
  for (const line of [then, later]) {
    assert.deepEqual(
      [...acknowledged].filter((round) => !line?.held?.includes(round)),
      [],
    );
    assert.equal(line?.found, line?.expected);
  }
});

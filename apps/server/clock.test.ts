/** A measurement under a clock that cannot be right: nothing is written, what was is served, and what was written for later is taken back. */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { correct } from '@macadam/services/ingest/correction';
import { CLOCK_IS_RIGHT } from '@macadam/services/measure/clock';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { working } from '@macadam/testing/readers/built-repository';
import { folderRequest } from '@macadam/testing/server/folder-request';
import { PIPELINES, partOfCatalogue } from '@macadam/testing/server/part-of-catalogue';
import { measureEstate, openEstate } from './estate.ts';
import { type AppState, nothingShown } from './startup.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const root = realpathSync(mkdtempSync(join(tmpdir(), 'macadam-clock-')));
const decisionsFolder = trialFolder();
const began = Date.now();
let clock = began;
const now = () => new Date(clock);
let decisions: Decisions;
let shown: AppState = nothingShown('clock');
const said: string[] = [];

before(async () => {
  decisions = await openDecisions(preparedPlace(join(decisionsFolder, 'decisions')), { now });
  partOfCatalogue(join(root, 'catalogue'), PIPELINES);
  for (const name of ['one', 'two'])
    working(join(root, 'estate', name), {
      '.github/workflows/ci.yml': 'on: push\njobs: { a: { runs-on: x, steps: [{ uses: "a/b@v1" }] } }\n',
      'number.txt': name,
    });
});
after(async () => {
  delete process.env[CLOCK_IS_RIGHT];
  await shown.close();
  await decisions.close();
  rmSync(root, { recursive: true, force: true });
  rmSync(decisionsFolder, { recursive: true, force: true });
});

async function optionsNow() {
  const request = {
    ...(await folderRequest({ path: join(root, 'estate'), title: 'clock', cache: join(root, 'cache') })),
    catalogueRoots: [join(root, 'catalogue')],
    now,
  };
  return { data: join(root, 'data'), decisions, now, request, say: (line: string) => said.push(line) };
}

async function measured(): Promise<void> {
  await measureEstate(shown, { ...(await optionsNow()), progress: () => {} });
}

/** What is shown of the one standard. */
function figures(): unknown {
  const { state } = shown;
  assert.ok(typeof state === 'object' && 'scan' in state);
  const [one] = state.scan.standards;
  return { pass: one?.pass, fail: one?.fail, unknown: one?.unknown, asOf: state.scan.asOf };
}

async function written() {
  assert.ok(shown.stores);
  const { history } = shown.stores;
  assert.deepEqual(await history.broken(), []);
  return (await history.ticks()).map(({ valid }) => valid.getTime());
}

test('400 days ahead nothing is written, both times are named, and what was is served', async () => {
  await openEstate(shown, await optionsNow());
  await measured();
  clock += HOUR;
  await measured();
  const [served, ticks] = [figures(), await written()];
  assert.equal(ticks.length, 2);
  const batch = await shown.stores?.facts.newest();

  clock = began + 400 * DAY;
  await assert.rejects(measured(), (error: Error) => {
    assert.equal(error.name, 'WrongClock');
    assert.ok(error.message.includes(now().toISOString()), error.message);
    assert.ok(error.message.includes(new Date(ticks[1] ?? 0).toISOString()), error.message);
    assert.match(
      error.message,
      /Set the clock; or, if it is right, start the server once with MACADAM_CLOCK_IS_RIGHT=/,
    );
    return true;
  });
  assert.deepEqual(figures(), served);
  assert.deepEqual(await written(), ticks);
  assert.equal(await shown.stores?.facts.newest(), batch);
  assert.ok(shown.clock !== null && shown.around.banner !== null);

  // The next server under that clock says so when it starts, and serves the same.
  await shown.close();
  shown = nothingShown('clock');
  await openEstate(shown, await optionsNow());
  assert.deepEqual(figures(), served);
  assert.match(said.at(-1) ?? '', /the stores were last written at/);
});

test('with the clock set it goes on, and one that went back is told as well', async () => {
  clock = began + 2 * HOUR;
  await measured();
  assert.equal(shown.clock, null);
  assert.equal(shown.around.banner, null);
  clock = began + HOUR;
  await assert.rejects(measured(), /which is still to come\. .* macadam facts retract-after /);
});

test('what was written for later is taken back with a reason, and the history goes on as if it had not been', async () => {
  const before = figures() as { readonly pass: number; readonly fail: number };
  const ticks = await written();
  clock = began + 400 * DAY;
  process.env[CLOCK_IS_RIGHT] = now().toISOString().slice(0, 10);
  // Of two repositories one is gone at that time, and another one is there.
  const [gone, aside, added] = ['estate/two', 'aside', 'estate/three'].map((path) => join(root, path)) as [
    string,
    string,
    string,
  ];
  renameSync(gone, aside);
  working(added, { '.github/workflows/ci.yml': 'on: push\njobs: {}\n', 'number.txt': 'three' });
  await measured();
  assert.equal((await written()).length, ticks.length + 1);
  delete process.env[CLOCK_IS_RIGHT];
  renameSync(aside, gone);
  rmSync(added, { recursive: true });

  clock = began + 4 * HOUR;
  await assert.rejects(measured(), /still to come/);
  assert.ok(shown.stores);
  const correction = {
    what: 'retract-after',
    subject: now().toISOString(),
    reason: 'the clock was wrong',
    at: now(),
  } as const;
  assert.equal((await correct(shown.stores, correction)).repeated, false);
  assert.deepEqual(await written(), ticks);
  assert.equal((await correct(shown.stores, correction)).repeated, true);
  await assert.rejects(
    async () => correct(shown.stores as never, { ...correction, subject: 'today' }),
    /is not a time/,
  );

  await measured();
  const { pass, fail } = figures() as { readonly pass: number; readonly fail: number };
  assert.deepEqual([pass, fail], [before.pass, before.fail]);
  assert.equal((await written()).length, ticks.length + 1);
  const moments = (await shown.stores.history.ticks()).slice(-2);
  const [last, newest] = moments;
  assert.ok(last && newest);
  assert.deepEqual(
    await shown.stores.history.slice(newest),
    await shown.stores.history.slice(last),
    'nothing moved',
  );
});

/** A mistake in a file withdraws no standard: its last good version goes on judging, and the mistake is announced. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import type { Scan } from '@macadam/core/figures/scan';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { working } from '@macadam/testing/readers/built-repository';
import { folderRequest } from '@macadam/testing/server/folder-request';
import { PIPELINES, partOfCatalogue } from '@macadam/testing/server/part-of-catalogue';
import { measureEstate, openEstate } from './estate.ts';
import { type AppState, nothingShown } from './startup.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'macadam-last-good-')));
const catalogue = partOfCatalogue(join(root, 'catalogue'), {
  kinds: PIPELINES.kinds,
  standards: [...PIPELINES.standards, 'engineering/pipeline-from-governed-template'],
});
const estate = join(root, 'estate');
const decisionsFolder = trialFolder();
let decisions: Decisions;
let clock = Date.now();
const now = () => new Date(clock);
let shown: AppState | null = null;

const PINNED = 'standards/engineering/pipeline-uses-pinned/standard.yaml';
const TEMPLATE = 'standards/engineering/pipeline-from-governed-template/standard.yaml';
const WORKFLOW = 'on: push\njobs: { a: { runs-on: x, steps: [{ uses: "a/b@v1" }, { run: "echo" }] } }\n';

before(async () => {
  for (const name of ['one', 'two']) working(join(estate, name), { '.github/workflows/ci.yml': WORKFLOW });
  decisions = await openDecisions(preparedPlace(join(decisionsFolder, 'decisions')), { now });
});
after(async () => {
  await shown?.close();
  await decisions.close();
  rmSync(root, { recursive: true, force: true });
  rmSync(decisionsFolder, { recursive: true, force: true });
});

interface Measured {
  readonly scan: Scan;
  readonly blindSpots: readonly string[];
  readonly said: string;
  /** Failing assets and open work of the standard, as the history has them. */
  readonly failing: number;
  readonly open: readonly string[];
}

/** As the server measures; `anew` is a server that starts on what the last one left. */
async function measured({ anew = false } = {}): Promise<Measured> {
  clock += 3_600_000;
  if (anew) {
    await shown?.close();
    shown = null;
  }
  const said: string[] = [];
  const request = {
    ...(await folderRequest({ path: estate, title: 'last good', cache: join(root, 'cache') })),
    catalogueRoots: [catalogue],
    now,
  };
  const options = {
    data: join(root, 'data'),
    decisions,
    now,
    request,
    say: (line: string) => said.push(line),
  };
  const at = shown ?? nothingShown('last good');
  if (shown === null) await openEstate(at, options);
  shown = at;
  await measureEstate(at, { ...options, progress: () => {} });
  const { state, site } = at;
  assert.ok(site && typeof state === 'object' && 'scan' in state, said.join('\n'));
  const to = (await site.past.ticks()).at(-1);
  assert.ok(to);
  const rows = await site.past.standards({ from: null, to, known: false, fromFirst: false });
  const work = await decisions.transaction(
    { id: 'ann', divisions: 'all' },
    (tx) => tx.work.batches({ open: true }),
    { readOnly: true },
  );
  return {
    scan: state.scan,
    blindSpots: state.blindSpots.map(({ what, why, remedy }) => `${what}: ${why}; ${remedy}`),
    said: said.join('\n'),
    failing: rows.find(({ standard }) => standard === 'pipeline-uses-pinned')?.figures.fail ?? 0,
    open: work.filter(({ standard }) => standard === 'pipeline-uses-pinned').map(({ id }) => id),
  };
}

function edited(path: string, edit: (text: string) => string): () => void {
  const file = join(catalogue, path);
  const text = readFileSync(file, 'utf8');
  const changed = edit(text);
  assert.notEqual(changed, text);
  writeFileSync(file, changed);
  return () => writeFileSync(file, text);
}

let first: Measured;

/** The standard judges by what it was at first, and everybody is told. */
function goesOn(
  { failing, open, scan, said, blindSpots }: Measured,
  wrong: readonly string[] = ['pipeline-uses-pinned'],
): void {
  assert.deepEqual([failing, open], [2, first.open]);
  const [kept] = (scan.lastGood ?? []).filter(({ standard }) => standard === 'pipeline-uses-pinned');
  assert.deepEqual(scan.lastGood?.map(({ standard }) => standard).sort(), wrong);
  assert.ok(kept && Date.parse(kept.since) < clock - 3_000_000, 'since it judged first, and not since today');
  assert.match(said, /pipeline-uses-pinned\/standard\.yaml:\d+/);
  assert.match(blindSpots.join('\n'), /Standard pipeline-uses-pinned: .* goes on judging; correct .*:\d+/);
  const definition = (one: Scan) => one.standards.find(({ id }) => id === 'pipeline-uses-pinned')?.definition;
  assert.equal(definition(scan), definition(first.scan));
}

test('a mistake in a check changes no figure and closes no work, and is announced everywhere', async () => {
  first = await measured();
  assert.equal(first.failing, 2);
  assert.equal(first.open.length, 1);
  assert.equal(first.scan.lastGood, undefined);
  const mend = edited(PINNED, (text) => text.replace(/^(check:\s*>-\s*)asset\.(\w+)/m, '$1asset.no_$2'));
  const found = await measured();
  goesOn(found);
  const [kept] = found.scan.lastGood ?? [];
  assert.match(kept?.mistakes.join() ?? '', /pipeline-uses-pinned\/standard\.yaml:\d+:\d+: `check`: /);
  mend();
});

test('files that miss a field, or have nothing in them, are no reason either, also where a server starts', async () => {
  const mends = [edited(PINNED, (text) => text.replace(/^scope:/m, 'scop:')), edited(TEMPLATE, () => '')];
  const found = await measured({ anew: true });
  goesOn(found, ['pipeline-from-governed-template', 'pipeline-uses-pinned']);
  assert.match(found.said, /pipeline-from-governed-template\/standard\.yaml:\d+/);
  for (const mend of mends) mend();
});

test('a kind that does not load stays as it was, with its assets, and a parameter that does not fit leaves its standard as it was, also where a server starts', async () => {
  writeFileSync(
    join(estate, 'macadam.yaml'),
    'parameters:\n  pipeline-from-governed-template: { governed: [a/b] }\n',
  );
  const before = await measured();
  assert.deepEqual([before.failing, before.open, before.scan.lastGood], [2, first.open, undefined]);
  const standards = ({ scan }: Measured) =>
    scan.standards.map(({ id, definition, fail, unknown }) => ({ id, definition, fail, unknown }));
  writeFileSync(
    join(estate, 'macadam.yaml'),
    'parameters:\n  pipeline-from-governed-template: { governed: 7 }\n',
  );
  const mend = edited('kinds/pipeline.yaml', (text) => text.replace(/^attributes:/m, 'atributes:'));
  const found = await measured({ anew: true });
  assert.deepEqual([found.failing, found.open], [2, first.open]);
  assert.equal(found.scan.assets.pipeline, 2);
  assert.match(found.said, /kinds\/pipeline\.yaml:\d+/);
  assert.match(found.blindSpots.join('\n'), /Kind pipeline: its definition does not load/);
  assert.deepEqual(standards(found), standards(before));
  assert.match(found.scan.lastGood?.[0]?.mistakes.join() ?? '', /macadam\.yaml:2:1: `parameters.*governed`/);
  mend();
  rmSync(join(estate, 'macadam.yaml'));
});

test('a standard that is taken away is withdrawn, and its work is closed', async () => {
  rmSync(join(catalogue, PINNED, '..'), { recursive: true });
  const found = await measured();
  assert.deepEqual([found.failing, found.open, found.scan.lastGood], [0, [], undefined]);
});

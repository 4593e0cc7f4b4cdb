/** `--baseline` through the command line: fixed is what was looked at now, under the same definition, and passes. Nothing else is. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ChangeCause, Comparison } from '@macadam/core/figures/comparison';
import { git, working } from '@macadam/testing/readers/built-repository';
import { run } from './program.ts';

const root = mkdtempSync(join(tmpdir(), 'macadam-baseline-'));
const first = join(root, 'first');
const baseline = join(root, 'baseline.json');
after(() => rmSync(root, { recursive: true, force: true }));

const STANDARDS = ['pipeline-uses-pinned', 'repository-owned'].flatMap((id) => ['--standard', id]);
const WORKFLOW = (uses: string) =>
  `on: push\njobs: { a: { runs-on: x, steps: [{ uses: "${uses}" }, { run: "echo" }] } }\n`;
const PINNED = 'a/b@1234567890123456789012345678901234567890';
const CI = '.github/workflows/ci.yml';

async function scan(out: string, target: string, ...words: readonly string[]): Promise<void> {
  await run([
    'scan',
    target,
    '--quiet',
    '--soft-fail',
    '--format',
    'json',
    '--out',
    out,
    ...STANDARDS,
    ...words,
  ]);
}

before(async () => {
  for (const name of ['one', 'two', 'three']) working(join(first, name), { [CI]: WORKFLOW('a/b@v1') });
  await scan(baseline, first);
});

/** What changed in a copy of the estate, compared with the baseline; causes that something has. */
async function changed(
  edit: (estate: string) => void,
  target = (estate: string) => estate,
): Promise<Partial<Record<ChangeCause, number>>> {
  // In the place of the first, since a folder that is called otherwise is another estate.
  const kept = join(root, 'kept');
  cpSync(first, kept, { recursive: true });
  try {
    edit(first);
    const out = join(root, 'now.json');
    await scan(out, target(first), '--baseline', baseline);
    const { comparison } = JSON.parse(readFileSync(out, 'utf8')) as { readonly comparison: Comparison };
    return Object.fromEntries(Object.entries(comparison.counts).filter(([, count]) => count > 0));
  } finally {
    rmSync(first, { recursive: true });
    cpSync(kept, first, { recursive: true });
    rmSync(kept, { recursive: true });
  }
}

const commit = (repository: string, files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(repository, path), text);
  git(repository, ['add', '-A']);
  git(repository, ['commit', '-qm', 'edit']);
};
const say = (estate: string, text: string) => writeFileSync(join(estate, 'macadam.yaml'), text);

test('a pipeline that was pinned is fixed, and nothing else changed', async () => {
  assert.deepEqual(await changed(() => {}), {});
  assert.deepEqual(await changed((estate) => commit(join(estate, 'one'), { [CI]: WORKFLOW(PINNED) })), {
    fixed: 1,
  });
});

test('what is left out became unknown', async () => {
  const file = await changed((estate) => say(estate, `excludes: ["one/${CI}"]\n`));
  assert.deepEqual(file, { 'became-unknown': 1 });
  const whole = await changed((estate) => say(estate, 'excludes: [one]\n'));
  assert.equal(whole.fixed, undefined);
  assert.ok((whole['became-unknown'] ?? 0) + (whole['not-looked-at'] ?? 0) >= 2, JSON.stringify(whole));
});

test('what is not among the folders that were named was not looked at', async () => {
  const counts = await changed(
    () => {},
    (estate) => join(estate, 'one'),
  );
  assert.equal(counts.fixed, undefined);
  assert.equal(counts.left, undefined, 'nobody listed the estate');
  assert.equal(counts['not-looked-at'], 4, 'two repositories, each with its pipeline');
});

test('what is taken away has left, and what cannot be read became unknown', async () => {
  const gone = await changed((estate) => rmSync(join(estate, 'two'), { recursive: true }));
  assert.deepEqual(gone, { left: 2 });
  const file = await changed((estate) => {
    rmSync(join(estate, 'two', CI));
    commit(join(estate, 'two'), {});
  });
  assert.deepEqual(file, { left: 1 });
  const damaged = await changed((estate) => {
    const objects = join(estate, 'two/.git/objects');
    for (const name of readdirSync(objects)) rmSync(join(objects, name), { recursive: true });
    mkdirSync(join(objects, 'pack'), { recursive: true });
  });
  assert.equal(damaged.fixed, undefined);
  assert.equal(damaged.left, undefined);
  assert.ok((damaged['became-unknown'] ?? 0) + (damaged['not-looked-at'] ?? 0) >= 2, JSON.stringify(damaged));
});

test('what passes because its definition asks for less is relaxed', async () => {
  const counts = await changed((estate) =>
    say(estate, 'parameters: { pipeline-uses-pinned: { trusted_owners: [a] } }\n'),
  );
  assert.deepEqual(counts, { relaxed: 3 });
});

test('an estate that states its id for the first time, or another one, is the one that it was', async () => {
  const edit = (estate: string) => {
    say(estate, 'estate: acme\n');
    commit(join(estate, 'one'), { [CI]: WORKFLOW(PINNED) });
    rmSync(join(estate, 'two'), { recursive: true });
  };
  assert.deepEqual(await changed(edit), { fixed: 1, left: 2 });
  const { comparison } = JSON.parse(readFileSync(join(root, 'now.json'), 'utf8')) as {
    readonly comparison: Comparison;
  };
  assert.match(
    comparison.notes?.join(' ') ?? '',
    /`acme` was `.*first` in the earlier scan.*matched by their paths/,
  );
  assert.equal(comparison.stillFailing.length, 3, 'one pipeline, and two repositories without owners');
  assert.deepEqual(comparison.new, []);
});

test('of an estate that is not surely one of those that are scanned now it is said, and nothing of it is compared', async () => {
  const other = join(root, 'other');
  cpSync(first, other, { recursive: true });
  say(other, 'estate: other\n');
  const one = join(root, 'stated.json');
  await scan(one, other);
  rmSync(join(other, 'macadam.yaml'));
  rmSync(join(other, 'three'), { recursive: true });
  working(join(other, 'four'), { [CI]: WORKFLOW('a/b@v1') });
  const out = join(root, 'two.json');
  const words = ['--baseline', one, '--quiet', '--soft-fail', '--format', 'json', '--out', out];
  await run(['scan', first, other, ...STANDARDS, ...words]);
  const { comparison } = JSON.parse(readFileSync(out, 'utf8')) as { readonly comparison: Comparison };
  const notes = comparison.notes?.join(' ') ?? '';
  assert.match(notes, /`other`, and this one is of `.*first`, `.*other`: which of them it is cannot be told/);
  rmSync(other, { recursive: true });
});

test('what is excepted still fails', async () => {
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const exception = `{ standard: pipeline-uses-pinned, assets: ["*"], reason: Replaced in spring., approver: "@ann", until: ${until} }`;
  assert.deepEqual(await changed((estate) => say(estate, `exceptions:\n  - ${exception}\n`)), {
    excepted: 3,
  });
});

/** Which estate and which repository is which, on one data folder, from the folders on disk to what is shown. */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import type { Asset } from '@macadam/core/facts/asset';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { working } from '@macadam/testing/readers/built-repository';
import { folderRequest } from '@macadam/testing/server/folder-request';
import { PIPELINES, partOfCatalogue } from '@macadam/testing/server/part-of-catalogue';
import { measureEstate, openEstate } from './estate.ts';
import { type AppState, nothingShown } from './startup.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'macadam-estates-')));
const decisionsFolder = trialFolder();
let decisions: Decisions;
let clock = Date.now();
/** Every look is a minute after the one before. */
const now = () => new Date(clock);

before(async () => {
  decisions = await openDecisions(preparedPlace(join(decisionsFolder, 'decisions')), { now });
});
after(async () => {
  for (const shown of running.values()) await shown.close();
  await decisions.close();
  rmSync(root, { recursive: true, force: true });
  rmSync(decisionsFolder, { recursive: true, force: true });
});

/** What is about identity is the same for all kinds and standards. */
const catalogue = partOfCatalogue(join(root, 'catalogue'), PIPELINES);

const WORKFLOW =
  'on: push\njobs: { a: { runs-on: x, steps: [{ uses: "a/b@v1" }, { run: "echo ${{ github.head_ref }}" }] } }\n';

/** What runs on a data folder. */
const running = new Map<string, AppState>();

interface Look {
  /** Name → id, of repositories. */
  readonly repositories: Readonly<Record<string, string>>;
  readonly pipelines: readonly string[];
  readonly renamed: Readonly<Record<string, string>>;
  /** Assets in scope of a standard about pipelines. */
  readonly scope: number;
  readonly notices: readonly string[];
}

/** Measures a folder as the server does, and says what its data folder knows then. */
async function look(folder: string, data: string): Promise<Look> {
  clock += 60_000;
  const notices: string[] = [];
  const request = {
    ...(await folderRequest({ path: folder, title: 'estates', cache: join(root, 'cache') })),
    catalogueRoots: [catalogue],
    now,
  };
  const options = { data, decisions, now, request, say: (line: string) => notices.push(line) };
  const shown = running.get(data) ?? nothingShown('estates');
  if (!running.has(data)) await openEstate(shown, options);
  running.set(data, shown);
  await measureEstate(shown, { ...options, progress: () => {} });
  const { stores, state } = shown;
  assert.ok(stores && typeof state === 'object' && 'scan' in state, notices.join('\n'));
  const all = async (kind: string) => Array.fromAsync(stores.facts.assets(kind));
  const repositories = await all('repository');
  const renamedFrom = ({ attributes }: Asset) => {
    const held = attributes.get('renamed_from')?.statement;
    return held && 'value' in held ? String(held.value) : null;
  };
  const found = {
    repositories: Object.fromEntries(repositories.map(({ name, id }) => [name, id])),
    pipelines: (await all('pipeline')).map(({ id }) => id).sort(),
    renamed: Object.fromEntries(
      repositories.flatMap((one) => (renamedFrom(one) === null ? [] : [[one.name, renamedFrom(one) ?? '']])),
    ),
    scope: state.scan.standards.find(({ id }) => id === 'pipeline-uses-pinned')?.scope ?? 0,
    notices,
  };
  return found;
}

const pipelineOf = (repository: string) => `pipeline/${repository}/.github/workflows/ci.yml`;
let number = 0;
/** A repository with a pipeline, and a history that no other one has. */
function repository(folder: string): void {
  working(folder, { '.github/workflows/ci.yml': WORKFLOW, 'number.txt': `${++number}\n` });
}

describe('two estates on one data folder', () => {
  const [first, second, data] = ['first', 'second', 'two-data'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  /** Where the first one lies after it was moved. */
  const again = join(root, 'first-moved');
  /** As both are seen first: whatever is done to a folder later is held against that, without looking again. */
  let both: Look;
  /** As they all are seen before one is renamed. */
  let newest: Look;
  before(() => {
    for (const estate of [first, second]) repository(join(estate, 'a/app'));
    repository(join(second, 'only'));
  });

  test('stay apart although their paths are the same, and add up', async () => {
    const one = await look(first, data);
    assert.deepEqual(one.repositories, { 'a/app': 'repository/file/a/app' }, 'one estate has short names');
    both = await look(second, data);
    const ids = Object.values(both.repositories);
    assert.equal(new Set(ids).size, 3);
    assert.equal(both.pipelines.length, 3);
    assert.equal(both.scope, 3, 'the report is of both');
    assert.equal(both.repositories['a/app'], 'repository/file/a/app');
    assert.match(Object.keys(both.repositories).join(), /a\/app \(second-[0-9a-f]{8}\)/);
  });

  test('are the same however their folder is spelled, and measuring one leaves the other as it was', async () => {
    symlinkSync(first, join(root, 'link'));
    const spelled = relative(process.cwd(), join(root, 'link'));
    const again = await look(`${spelled}/`, data);
    assert.deepEqual(again.repositories, both.repositories);
    assert.equal(again.scope, 3);
    rmSync(join(root, 'link'));
  });

  test('keep everything when an id is stated, when the folder moves with it, and when it is taken out', async () => {
    const ids = async (folder: string) => Object.values((await look(folder, data)).repositories).sort();
    const known = Object.values(both.repositories).sort();
    writeFileSync(join(second, 'macadam.yaml'), 'estate: acme\n');
    assert.deepEqual(await ids(second), known);
    const moved = join(root, 'elsewhere');
    renameSync(second, moved);
    assert.deepEqual(await ids(moved), known);
    rmSync(join(moved, 'macadam.yaml'));
    assert.deepEqual(await ids(moved), known);
    renameSync(first, again);
    assert.deepEqual(await ids(again), known, 'one without a stated id, which is not where it was');
  });

  test('a stated id is in the ids of what is new there, and another one at the same place is another estate', async () => {
    const third = join(root, 'third');
    repository(join(third, 'new'));
    writeFileSync(join(third, 'macadam.yaml'), 'estate: beta\n');
    const { repositories, pipelines } = await look(third, data);
    assert.equal(repositories.new, 'repository/file:beta/new');
    assert.ok(pipelines.includes(pipelineOf('repository/file:beta/new')));
    writeFileSync(join(third, 'macadam.yaml'), 'estate: gamma\n');
    newest = await look(third, data);
    const ids = Object.values(newest.repositories);
    for (const estate of ['beta', 'gamma']) assert.ok(ids.includes(`repository/file:${estate}/new`), estate);
  });

  test('a repository that is renamed keeps its id, its contents, and the dates of its work', async () => {
    const work = () =>
      decisions.transaction(
        { id: 'ann', divisions: 'all' },
        async (tx) => {
          const open = await tx.work.batches({ open: true });
          const members = await Promise.all(open.map(({ id }) => tx.work.members(id)));
          return open.map(({ id, dueOn }, index) => ({
            id,
            dueOn,
            members: members[index]?.map(({ asset }) => asset).sort(),
          }));
        },
        { readOnly: true },
      );
    const before = await work();
    assert.ok(before.some(({ members }) => members?.includes(pipelineOf('repository/file/a/app'))));
    clock += 3 * 86_400_000;
    renameSync(join(again, 'a/app'), join(again, 'a/till'));
    const found = await look(again, data);
    assert.equal(found.repositories['a/till'], 'repository/file/a/app');
    assert.deepEqual(found.renamed, { 'a/till': 'a/app' });
    assert.deepEqual(found.pipelines, newest.pipelines);
    assert.deepEqual(await work(), before);
  });
});

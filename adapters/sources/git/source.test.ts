import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { git, working } from '@macadam/testing/readers/built-repository';
import { AWKWARD } from '@macadam/testing/readers/hostile-repositories';
import { sourceContract } from '@macadam/testing/sources/contract';
import type { CollectRequest } from '../port.ts';
import { source } from './source.ts';

const NOW = new Date('2026-11-01T00:00:00Z');

function temporary(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'macadam-source-test-')));
}

function request(
  root: string,
  targets: readonly string[],
  more: Partial<CollectRequest> = {},
): CollectRequest {
  return {
    targets,
    options: {},
    view: 'head',
    excludes: [],
    parameters: {},
    cacheDirectory: join(root, 'cache'),
    environment: { PATH: process.env.PATH, USER: 'tester' },
    now: () => NOW,
    ...more,
  };
}

async function collected(
  asked: CollectRequest,
): Promise<{ collection: Collection; observations: Observation[] }> {
  const observations: Observation[] = [];
  const collection = await source.collect(
    asked,
    (one) => observations.push(one),
    () => {},
  );
  return { collection, observations };
}

const names = (observations: readonly Observation[]) =>
  observations
    .filter(({ kind }) => kind === 'repository')
    .map(({ name }) => name)
    .sort();

sourceContract('git', async () => {
  const root = temporary();
  const estate = join(root, 'estate');
  mkdirSync(estate);
  working(join(estate, 'one'), {
    'package.json': '{"name":"one","dependencies":{"left":"^1.0.0"}}',
    '.github/workflows/ci.yml':
      'on: push\njobs: { a: { runs-on: x, steps: [{ uses: "a/b@v1" }, { run: "echo" }] } }\n',
    CODEOWNERS: '* @acme/team\n',
  });
  working(join(estate, 'deep/two'));
  AWKWARD['missing-tree']?.build(join(estate, 'broken'), root);
  return { source, request: request(root, [estate]), close: async () => rmSync(root, { recursive: true }) };
});

describe('finding repositories', () => {
  let root = '';
  let estate = '';
  before(() => {
    root = temporary();
    estate = join(root, 'estate');
    working(join(estate, 'app'));
    working(join(estate, 'app/vendor/app'));
    working(join(estate, 'node_modules/hidden'));
    working(join(estate, 'team/app'));
    working(join(estate, 'archive/old'));
    git(root, ['clone', '-q', '--bare', join(estate, 'app'), join(estate, 'bare.git')]);
    symlinkSync('..', join(estate, 'team/loop'));
    working(join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(estate, 'link'));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  test('nested, bare and equally named ones are found once each; links and node_modules are not entered', async () => {
    const { collection, observations } = await collected(request(root, [estate]));
    assert.deepEqual(
      names(observations),
      ['app', 'app/vendor/app', 'archive/old', 'team/app'],
      'a bare clone of `app` is `app`',
    );
    assert.deepEqual(
      collection.partitions.find(({ kind }) => kind === 'repository'),
      {
        kind: 'repository',
        container: estate,
        containerName: 'estate',
        complete: true,
        seen: 4,
        witness: { id: 'folder', count: 4 },
      },
    );
    assert.deepEqual(
      collection.problems.map(({ code }) => code),
      ['link-not-followed'],
    );
    assert.equal(collection.status, 'incomplete');
  });

  test('what is excluded is there and not looked at, with the line that says so', async () => {
    const excludes = ['archive', 'app/vendor/**', 'team/app/sub', '**/bare.git', 'link'].map(
      (pattern, index) => ({ pattern, stated: `macadam.yaml:${index + 2}` }),
    );
    const before = await collected(request(root, [estate]));
    const { observations, collection } = await collected(request(root, [estate], { excludes }));
    assert.deepEqual(names(observations), names(before.observations));
    const old = observations.find(({ name }) => name === 'archive/old')?.attributes ?? {};
    for (const name of ['secrets', 'codeowners', 'commits', 'head', 'update_targets'])
      assert.deepEqual(old[name], {
        unobserved: 'incomplete',
        why: 'macadam.yaml:2 leaves `archive` out, so nobody looked; take that line out to measure it',
      });
    const hidden = collection.partitions.filter(({ containerName }) => containerName === 'archive/old');
    assert.deepEqual(
      hidden.map(({ kind, complete, seen }) => [kind, complete, seen]),
      [
        ['pipeline', false, 0],
        ['dependency', false, 0],
        ['manifest', false, 0],
      ],
    );
    assert.equal(collection.status, 'incomplete');
  });

  test('a target that is a repository has its own name, and so do those inside it', async () => {
    const { observations } = await collected(request(root, [join(estate, 'app')]));
    assert.deepEqual(names(observations), ['app', 'app/vendor/app']);
  });

  test('several targets keep their repositories apart, and overlap in none', async () => {
    const targets = [join(estate, 'team'), join(estate, 'archive'), join(estate, 'archive/old')];
    const { collection, observations } = await collected(request(root, targets));
    assert.deepEqual(names(observations), ['archive/old', 'team/app']);
    assert.deepEqual(
      collection.partitions.filter(({ kind }) => kind === 'repository').map(({ seen }) => seen),
      [1, 1],
      'a target that another one holds is no container of its own',
    );
  });

  test('a target that is not there, or is no folder, fails the collection by name', async () => {
    writeFileSync(join(root, 'file'), '');
    const { collection, observations } = await collected(
      request(root, [join(root, 'nowhere'), join(root, 'file')]),
    );
    assert.equal(collection.status, 'failed');
    assert.deepEqual(observations, []);
    assert.deepEqual(
      collection.problems.map(({ code }) => code),
      ['target-missing', 'target-missing'],
    );
    assert.match(collection.problems[0]?.message ?? '', /there is no folder ".*nowhere"/);
  });

  test('an empty folder is a complete collection of nothing', async () => {
    mkdirSync(join(root, 'nothing'));
    const { collection } = await collected(request(root, [join(root, 'nothing')]));
    assert.equal(collection.status, 'complete');
    assert.deepEqual(
      collection.partitions.map(({ seen, witness }) => [seen, witness?.count]),
      [[0, 0]],
    );
  });
});

test('an estate of nothing but awkward repositories is measured to its end', async () => {
  const root = temporary();
  const estate = join(root, 'estate');
  const outside = join(root, 'outside');
  mkdirSync(estate);
  mkdirSync(outside);
  // The bomb is bounded by its own limit, which this source does not lower; it has its own test.
  const rows = Object.entries(AWKWARD).filter(([name]) => name !== 'bomb');
  for (const [name, { build }] of rows) build(join(estate, name), outside);
  const { collection, observations } = await collected(request(root, [estate]));
  assert.equal(existsSync(join(outside, 'canary')), false);
  assert.deepEqual(readdirSync(join(root, 'cache/scratch')), []);
  for (const [name, { codes, incomplete }] of rows) {
    const asset = observations.find((one) => one.kind === 'repository' && one.name === name);
    assert.ok(asset, `${name} is in the estate`);
    const found = new Set(
      collection.problems.filter((one) => one.asset === asset.id).map(({ code }) => code),
    );
    for (const code of codes) assert.ok(found.has(code), `${name}: ${code} in ${[...found]}`);
    if (incomplete === undefined) continue;
    for (const [attribute, statement] of Object.entries(asset.attributes)) {
      if (['host', 'path', 'head', 'hosted_at', 'default_branch', 'commits'].includes(attribute)) continue;
      const open = 'unobserved' in statement || ('complete' in statement && statement.complete === false);
      assert.ok(open, `${name}: ${attribute} claims to be known: ${JSON.stringify(statement)}`);
    }
    for (const partition of collection.partitions.filter(({ container }) => container === asset.id)) {
      assert.equal(partition.complete, false, `${name}: ${partition.kind}`);
      assert.equal(partition.cause, incomplete, `${name}: ${partition.kind}`);
    }
  }
  rmSync(root, { recursive: true, force: true });
});

test('repositories are told in the order in which they lie there, whichever is read first', async () => {
  const root = temporary();
  // So much is searched by threads, while others are read.
  const many = Array.from({ length: 46 }, (_, n) => [`part-${n}.txt`, `line ${n}\n`.repeat(12_000)]);
  working(join(root, 'estate', 'a-large-one'), Object.fromEntries(many));
  for (const name of ['b', 'c', 'd']) working(join(root, 'estate', name));
  const { observations } = await collected(request(root, [join(root, 'estate')]));
  const repositories = observations.filter(({ kind }) => kind === 'repository').map(({ name }) => name);
  assert.deepEqual(repositories, ['a-large-one', 'b', 'c', 'd']);
  rmSync(root, { recursive: true });
});

describe('a clone', () => {
  const DAY = 86_400_000;
  const now = () => new Date();
  const ages = async (folder: string) => {
    const { observations, collection } = await collected(request(folder, [join(folder, 'estate')], { now }));
    const codes = collection.problems.map(({ code }) => code);
    const days = new Set(
      observations.map(({ observedAt }) => Math.round((Date.now() - Date.parse(observedAt)) / DAY)),
    );
    return { days: [...days], codes };
  };
  const aged = (path: string, days: number) => {
    const at = new Date(Date.now() - days * DAY);
    utimesSync(path, at, at);
  };

  test('says what was so when it was fetched last, whenever it is read; what has no origin says what is so now', async () => {
    const root = temporary();
    const clone = join(root, 'estate', 'app');
    working(join(root, 'origin'));
    mkdirSync(join(root, 'estate'));
    git(root, ['clone', '-q', join(root, 'origin'), clone]);
    for (const name of ['description', 'info/exclude', 'config'])
      if (existsSync(join(clone, '.git', name))) aged(join(clone, '.git', name), 40);
    assert.deepEqual(await ages(root), { days: [40], codes: ['clone-old'] }, 'cloned and never fetched');
    git(clone, ['fetch', '-q']);
    assert.deepEqual(await ages(root), { days: [0], codes: [] });
    aged(join(clone, '.git', 'FETCH_HEAD'), 30);
    assert.deepEqual(await ages(root), { days: [30], codes: ['clone-old'] });
    const index = await collected(request(root, [join(root, 'estate')], { now, view: 'index' }));
    assert.ok(index.observations.every(({ observedAt }) => Date.now() - Date.parse(observedAt) < DAY));
    git(clone, ['remote', 'set-url', 'origin', 'https://code.example/acme/app.git']);
    assert.deepEqual(await ages(root), { days: [30], codes: ['clone-old'] });
    git(clone, ['remote', 'remove', 'origin']);
    assert.deepEqual(await ages(root), { days: [0], codes: [] });
    rmSync(root, { recursive: true });
  });

  test('beside its origin is as new as that, and one that went its own way disputes the tip and nothing else', async () => {
    const root = temporary();
    const estate = join(root, 'estate');
    working(join(estate, 'origin'), { 'a.txt': 'a', CODEOWNERS: '* @acme/team' });
    git(estate, ['clone', '-q', join(estate, 'origin'), join(estate, 'clone')]);
    for (const name of ['description', 'info/exclude', 'config']) aged(join(estate, 'clone/.git', name), 40);
    const tip = async () => {
      const { observations } = await collected(request(root, [estate], { now }));
      return observations.find(({ kind }) => kind === 'repository')?.attributes;
    };
    assert.deepEqual(await ages(root), { days: [0], codes: [] });
    assert.ok('value' in ((await tip())?.head ?? {}));
    for (const name of ['origin', 'clone']) {
      writeFileSync(join(estate, name, 'a.txt'), name);
      git(join(estate, name), ['commit', '-qam', name]);
    }
    const apart = await tip();
    assert.equal(apart?.head && 'unobserved' in apart.head ? apart.head.unobserved : '', 'disputed');
    assert.ok(apart?.owners && 'value' in apart.owners);
    git(join(estate, 'clone'), ['reset', '-q', '--hard', 'HEAD~1']);
    assert.ok('value' in ((await tip())?.head ?? {}), 'one that is only behind disputes nothing');
    rmSync(root, { recursive: true });
  });
});

/** The short run of `npm run pushes`, and a hook that is killed at every point. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { collectionFrom, observationFrom } from '@macadam/adapters/facts/line';
import { search } from '@macadam/adapters/readers/secrets/searcher';
import { assetsOf } from '@macadam/core/facts/asset';
import { ingest } from '@macadam/core/facts/ingest';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { canary } from '../../paved/secrets/push/canary.ts';
import { install } from '../../paved/secrets/push/install.ts';
import { letThroughBy } from '../../paved/secrets/push/let-through.ts';
import { type Resident, serve } from '../../paved/secrets/push/resident.ts';
import { samples } from '../../paved/secrets/samples.ts';
import { CASES, exists, SLOW } from './cases.ts';
import { pushAll } from './pushes.ts';
import { commits, fails, leftOver, makeScene, PROGRAM, push, type Scene } from './scene.ts';

function folderFor(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-pushes-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const { kinds, standards } = loadCatalogue([join(import.meta.dirname, '../..')]);

/** One for all tests: it runs a while until it is fast. */
const residentFolder = mkdtempSync(join(tmpdir(), 'macadam-resident-'));
const socket = join(residentFolder, 'socket');
let resident: Resident;
before(async () => {
  resident = await serve(socket, 1);
});
after(async () => {
  await resident.close();
  rmSync(residentFolder, { recursive: true, force: true });
});

const sceneFor = (t: TestContext) => makeScene(folderFor(t));

test('of every sort of push none with a secret is accepted and none without is refused', async (t) => {
  const sorts = Object.keys(CASES).filter((name) => !SLOW.includes(name));
  const { byCase } = await pushAll(sceneFor(t), { pushes: sorts.length + 1, seed: 5, slow: false });
  assert.deepEqual(
    sorts.filter((name) => !byCase.has(name)),
    [],
  );
});

test('a resident that is asked gives every sort of push the same answer', async (t) => {
  const sorts = Object.keys(CASES).filter((name) => !SLOW.includes(name));
  const scene = makeScene(folderFor(t), socket);
  await pushAll(scene, { pushes: sorts.length + 1, seed: 6, slow: false });
});

test('a resident, a hook alone, a commit and a scan see the same secrets at the same lines, whatever form a file has', async (t) => {
  const folder = folderFor(t);
  const clone = join(folder, 'clone');
  const git = (...parameters: string[]) => {
    const person = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
    const env = { PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
    const { status, stderr } = spawnSync('git', [...person, ...parameters], {
      cwd: clone,
      encoding: 'utf8',
      env,
    });
    return { status, said: stderr };
  };
  mkdirSync(clone);
  git('init', '-q', '-b', 'main');
  install({
    folder: clone,
    hook: 'pre-commit',
    program: PROGRAM,
    policy: { bypass: 'never', onFailure: 'refuse' },
  });
  const scanned = new Set<string>();
  for (const [path, bytes] of oddFiles()) {
    writeFileSync(join(clone, path), bytes);
    const found = search(path, bytes);
    assert.notEqual(found, 'binary', path);
    for (const { line, detector, confidence, allowed } of found === 'binary' ? [] : found.secrets)
      if (confidence !== 'low' && allowed === undefined) scanned.add(`${path}:${line} ${detector}`);
  }
  assert.ok(scanned.size >= 10 && scanned.size <= 20, `${[...scanned]}`);
  git('add', '-A');
  const committed = git('commit', '-qm', 'Begin');
  assert.equal(git('commit', '-qnm', 'Begin').status, 0);
  const pushedTo = async ({ server }: Scene) => {
    const to = { server, clone: join(clone, '.git'), address: server, pushEnvironment: {} };
    const { accepted, said } = await push(to, ['main']);
    return { accepted, said: said.replaceAll(server, 'SERVER') };
  };
  const asked = await pushedTo(makeScene(join(folder, 'asked'), socket));
  const alone = await pushedTo(makeScene(join(folder, 'alone')));
  assert.deepEqual([committed.status, asked.accepted, alone.accepted], [1, false, false]);
  assert.equal(asked.said, alone.said);
  assert.deepEqual(placesIn(asked.said), scanned);
  assert.deepEqual(placesIn(committed.said), scanned);
});

/** Files that a reader of bytes could take for something else: ends of lines, characters, long lines, what is no secret. */
function oddFiles(): Map<string, Buffer> {
  const of = samples('forms');
  const [first, second] = [of['github-token'] ?? '', of['gitlab-token'] ?? ''];
  const long = 'const value = read(cache, node.key);'.repeat(6_000);
  return new Map(
    Object.entries({
      'plain.env': `A=1\nTOKEN=${first}\n`,
      'without-end.env': `TOKEN=${first}`,
      'windows.env': `A=1\r\nTOKEN=${first}\r\nB=2\r\n`,
      'words.md': `Größe „${second}“ – ключ\n\npassword = "k9$Xw2!mQz7pL"\n`,
      'one-line.js': `${long}k="${first}";${long}`,
      'last.txt': `${'the order of the page\n'.repeat(50_000)}${second}\n`,
      'both.yaml': `password: \${DATABASE_PASSWORD}\nclient_secret: "x7Kp2mQ9vT4wZ8rB5nYc3dLh"\nkeys:\n  - ${first}\n`,
      'pairs.json': `[{"name": "API_TOKEN", "value": "x7Kp2mQ9vT4wZ8rB5nYc3dLh"}]\n`,
      'allowed.ts': `const key = '${first}'; // macadam:allow-secret made up for a test\n`,
      'examples.ts': `const password = "changeme"; const token = process.env.TOKEN ?? 'test';\n`,
      'yarn.lock': `secret_key: ${'4f9d0c2b7e61a853'.repeat(4)}\n`,
    }).map(([path, text]) => [path, Buffer.from(text)] as const),
  )
    .set('latin1.ini', Buffer.from(`gr\u00f6\u00dfe=1\ntoken=${second}\n`, 'latin1'))
    .set('wide.txt', Buffer.from(`\ufeffA=1\nTOKEN=${first}\n`, 'utf16le'));
}

/** What is told of files: `path:line rule`. */
const placesIn = (said: string): ReadonlySet<string> =>
  new Set(
    [...said.matchAll(/^(?:remote: )? {2}(\S+:\d+) *\n.*\[([a-z0-9-]+)\] *$/gm)].map(
      ([, place, rule]) => `${place} ${rule}`,
    ),
  );

test('a hook that is killed at any point lets nothing in and leaves nothing half, and what is let in is recorded', async (t) => {
  const scene = sceneFor(t);
  const log = join(scene.server, 'macadam/push-protection.ndjson');
  const contents = `k = "${samples('killed')['github-token']}"\n`;
  const tip = commits(scene.clone, null, [{ message: 'Begin', files: [{ path: 'a.env', contents }] }]);
  const option = ['-o', 'macadam.bypass=to see what a crash leaves'];
  let at = 0;
  for (let accepted = false; !accepted; ) {
    at += 1;
    assert.ok(at < 100, 'it never gets to its end');
    scene.pushEnvironment = {
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'killed-at.mjs')}`,
      MACADAM_KILLED_AT: String(at),
    };
    ({ accepted } = await push(scene, [...option, `${tip}:refs/heads/main`]));
    assert.equal(exists(scene.server, tip), accepted, `at ${at} its objects`);
    assert.equal(
      fails(scene.server, ['rev-parse', '-q', '--verify', 'refs/heads/main']),
      !accepted,
      `at ${at}`,
    );
    assert.deepEqual(leftOver(scene.server), [], `at ${at}`);
  }
  assert.ok(at > 6, `it was killed ${at - 1} times only`);
  assert.ok(existsSync(log));
  const last = readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '';
  assert.equal(JSON.parse(last).attributes.reason.value, 'to see what a crash leaves');
  // As `macadam ingest` reads them: the bypass is an asset of its own, and the repository is known by the canary.
  scene.pushEnvironment = {};
  const hook = join(scene.server, 'hooks/pre-receive');
  const canaryOf = () =>
    `${JSON.stringify(canary(scene.server, 'file/server.git', new Date(), { push_bypasses: letThroughBy(hook) }).record)}\n`;
  const passed = verdictOf(canaryOf());
  assert.deepEqual(
    [passed.bypasses, passed.protection],
    [0, { verdict: 'unknown', assurance: 'tested' }],
    'a reason alone does not say that the secret is worth nothing by now',
  );
  const records = readFileSync(log, 'utf8').match(/^\{"kind":"push-bypass".*\}\}$/gm) ?? [];
  assert.ok(records.length > 0);
  assert.equal(verdictOf(readFileSync(log, 'utf8')).bypasses, records.length);
  rmSync(log);
  assert.deepEqual(verdictOf(canaryOf()).protection, { verdict: 'pass', assurance: 'tested' });
});

/** What lines of observations come to: bypasses as assets, and what the standard says of a repository among them. */
function verdictOf(text: string) {
  const at = new Date(Date.now() + 1000);
  const receivedAt = at.toISOString();
  const mistakes: object[] = [];
  const mistake = (one: object) => mistakes.push(one);
  let collection: Collection | null = null;
  const found: Observation[] = [];
  for (const [index, line] of text.trim().split('\n').entries()) {
    // A record that was cut off costs no other.
    if (!line.endsWith('}}')) continue;
    const record = JSON.parse(line);
    if (record.collection !== undefined)
      collection = collectionFrom(record.collection, index + 1, receivedAt, mistake);
    else {
      const one = observationFrom({ record, line: index + 1, collection, receivedAt, mistake });
      if (one !== null) found.push(one);
    }
  }
  assert.deepEqual(mistakes, []);
  const assets = assetsOf(
    kinds,
    found.flatMap((one) => {
      const { observation, problems } = ingest(kinds, one);
      assert.deepEqual(problems, []);
      return observation ?? [];
    }),
  );
  const repository = assets.find(({ kind }) => kind === 'repository');
  const standard = standards.find(({ id }) => id === 'push-protection-on');
  assert.ok(standard);
  return {
    bypasses: assets.filter(({ kind }) => kind === 'push-bypass').length,
    protection: repository && {
      verdict: evaluate(standard.compiled, repository, { asOf: at, real: at }).verdict,
      assurance: repository.attributes.get('push_protection')?.assurance,
    },
  };
}

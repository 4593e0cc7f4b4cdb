/** What people install is what is tested: packed, installed into an empty project, run on their own Node. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { COMPILER_MEMORY, compiler } from './compiler.ts';
import { LIBRARIES, pack, readManifest, root } from './pack.ts';
import type { Manifest } from './repository.ts';

const MEGABYTE = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), 'macadam pack '));
const project = join(folder, 'project');
let tarballs: Map<string, string>;
/** The libraries that are built on packages of others. */
const LAYERS = new Set(['@macadam/core', '@macadam/adapters', '@macadam/services']);
const paved = LIBRARIES.filter((folder) => folder.startsWith('paved/'));
const OPTIONS = [
  '--module',
  'nodenext',
  '--target',
  'es2024',
  '--strict',
  '--noEmit',
  '--types',
  'node',
].concat('--typeRoots', join(root, 'node_modules/@types'));

/** A machine that knows nothing of this repository: another home, and a Node of its own on the path. */
function run(command: string, args: readonly string[], cwd = project) {
  const { npm_config_prefix: _prefix, NODE_PATH: _path, ...env } = process.env;
  const path = [dirname(process.execPath), ...(env.PATH ?? '').split(delimiter)]
    .filter((at) => !at.startsWith(root) || at === dirname(process.execPath))
    .join(delimiter);
  return spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...env, ...COMPILER_MEMORY, HOME: join(folder, 'home'), PATH: path },
  });
}

function must(command: string, args: readonly string[], cwd = project): string {
  const { status, stdout, stderr } = run(command, args, cwd);
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

/** What a README says to install before its start, besides packages of ours: what the package is given, because it imports nothing. */
function peers(): readonly (readonly [name: string, version: string])[] {
  return paved.flatMap((folder) => {
    const readme = readFileSync(join(root, folder, 'README.md'), 'utf8');
    const [, words = ''] = /`npm install ([^`]+)`, then try it/.exec(readme) ?? [];
    return [...words.matchAll(/(?<=^| )((?!@macadam\/)[^ ]+?)(?:@([^ ]+))?(?= |$)/g)].map(
      ([, name = '', version = '']) => [name, version] as const,
    );
  });
}

/** Packages of others, and nothing that these bring along: whoever imports what is not named does not find it. */
function link(name: string, version: string): void {
  const from = join(root, 'node_modules', name);
  assert.equal(JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')).version, version, name);
  if (existsSync(installed(name))) return;
  mkdirSync(dirname(installed(name)), { recursive: true });
  symlinkSync(from, installed(name), 'junction');
}

function linkDependencies({ dependencies = {} }: Manifest): void {
  for (const [name, version] of Object.entries(dependencies))
    if (!name.startsWith('@macadam/')) link(name, version);
}

/** What these depend on was installed here, by the lockfile: only they themselves are put beside it, without asking a registry. */
function place(name: string): void {
  mkdirSync(installed(name), { recursive: true });
  must('tar', ['-xzf', tarballs.get(name) ?? '', '--strip-components=1', '-C', installed(name)]);
  linkDependencies(readInstalled(name));
}

const installed = (name: string) => join(project, 'node_modules', name);
const readmeOf = (name: string) => readFileSync(join(installed(name), 'README.md'), 'utf8');
const readInstalled = (name: string): Manifest =>
  JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8'));

before(async () => {
  tarballs = await pack(folder, { check: false });
  mkdirSync(join(folder, 'home'));
  mkdirSync(project);
  writeFileSync(join(project, '.npmrc'), 'audit=false\nfund=false\n');
  writeFileSync(join(project, 'package.json'), '{"name":"consumer","private":true,"type":"module"}');
  for (const at of paved) linkDependencies(readManifest(at));
  const commands = [...tarballs].filter(([name]) => !LAYERS.has(name)).map(([, at]) => at);
  must('npm', ['install', '--no-save', '--offline', '--no-update-notifier', ...commands]);
  // Without engines, which are optional: nothing that is loaded here may need one to be loaded.
  for (const name of LAYERS) place(name);
  for (const [name, version] of peers()) link(name, version);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('push protection installs itself from its package, and refuses', () => {
  const server = join(folder, 'server.git');
  must('git', ['init', '-q', '--bare', server]);
  const secrets = join(installed('.bin'), 'macadam-secrets');
  must(secrets, ['install', server]);
  assert.match(run(secrets, ['canary', server]).stderr, /^macadam: the remote refused a push/);
});

test('push protection stays as a process of its package', async () => {
  const socket = join(folder, 'resident', 'socket');
  const resident = spawn(join(installed('.bin'), 'macadam-secrets'), [
    'serve',
    '--socket',
    socket,
    '--workers',
    '1',
  ]);
  let said = '';
  for (const stream of [resident.stdout, resident.stderr]) stream.on('data', (bytes) => (said += bytes));
  const ended = new Promise((end) => resident.on('close', end));
  await Promise.race([new Promise((heard) => resident.stdout.once('data', heard)), ended]);
  assert.equal(said, `answers at ${socket}\n`);
  resident.kill();
  assert.equal(await ended, 0);
});

test('each package carries licence, security policy and changes, and no Node or database of its own', () => {
  for (const [name, tarball] of tarballs) {
    for (const file of ['LICENSE', 'SECURITY.md', 'CHANGELOG.md', 'README.md'])
      assert.ok(existsSync(join(installed(name), file)), `${name} lacks ${file}`);
    const { dependencies = {} } = readInstalled(name);
    for (const dependency of Object.keys(dependencies))
      assert.doesNotMatch(
        dependency,
        /^node(-|$)|chdb|duckdb|sqlite|postgres|pglite/,
        `${name} depends on ${dependency}`,
      );
    assert.ok(statSync(tarball).size < 15 * MEGABYTE, `${name} is ${statSync(tarball).size} bytes`);
    const files = globSync('**/*', { cwd: installed(name), exclude: ['node_modules/**'] });
    assert.deepEqual(
      files.filter(
        (path) =>
          /\.(node|db|sqlite|wasm)$|\.test\.|(?<!\.d|\.github.*)\.ts$/.test(path) &&
          !/(^|\/)start\//.test(path),
      ),
      [],
      `${name} contains what it should not`,
    );
  }
});

test('every subpath of every library loads on a plain Node, its types resolve, and services of READMEs compile', () => {
  const lines: string[] = [];
  for (const at of LIBRARIES) {
    const { name, exports = {} } = readManifest(at);
    for (const key of Object.keys(exports)) {
      const all = key.includes('*')
        ? globSync('**/*.d.ts', { cwd: installed(name), exclude: ['node_modules/**'] })
        : [''];
      for (const file of all) lines.push(`${name}${key.slice(1).replace('*', file.replace(/\.d\.ts$/, ''))}`);
    }
  }
  assert.ok(lines.length > 10, lines.join());
  writeFileSync(
    join(project, 'load.js'),
    lines.map((line) => `await import(${JSON.stringify(line)});\n`).join(''),
  );
  must('node', ['load.js']);
  const types = lines
    .map((line, n) => `import * as m${n} from '${line}';\nexport const x${n} = m${n};\n`)
    .join('');
  writeFileSync(join(project, 'consumer.ts'), types);
  // Types are no part of what runs: whoever compiles against the stores installs those of the driver beside.
  mkdirSync(installed('@types'));
  symlinkSync(join(root, 'node_modules/@types/pg'), installed('@types/pg'), 'junction');
  const services = paved.flatMap((at) => {
    const [, service] =
      /^```ts\n(\/\/ service\.ts\n[\s\S]*?)^```/m.exec(readmeOf(readManifest(at).name)) ?? [];
    if (service === undefined) return [];
    writeFileSync(join(project, `service-${basename(at)}.ts`), service);
    return [`service-${basename(at)}.ts`];
  });
  assert.ok(services.length > 0, 'no README has a service to begin with');
  // At once, for they share most of what there is to read; each is a module, so none sees another.
  must('node', compiler(root, '--skipDefaultLibCheck', ...OPTIONS, 'consumer.ts', ...services));
});

test('each paved package stands alone: small, and what its README says to begin with runs from the tarball', () => {
  for (const at of paved) {
    const { name, dependencies = {} } = readManifest(at);
    const ours = Object.keys(dependencies).filter((one) => one.startsWith('@macadam/'));
    assert.deepEqual(ours, [], `${name} depends on packages of ours`);
    const size = statSync(tarballs.get(name) ?? '').size;
    // Most of what finds secrets is what they look like; a hook for git servers and a process for it come with it.
    assert.ok(size < (name === '@macadam/secrets' ? 120_000 : 50_000), `${name} has ${size} bytes`);
    const readme = readmeOf(name);
    const [, start] = /^```js\n(\/\/ start\.js\n[\s\S]*?)^```/m.exec(readme) ?? [];
    if (start !== undefined) {
      writeFileSync(join(project, 'start.js'), start);
      const printed = [...readme.matchAll(/prints ((?:`[^`]+`(?:, | and )?)+)/g)].flatMap(([, all = '']) =>
        [...all.matchAll(/`([^`]+)`/g)].map(([, line = '']) => line),
      );
      assert.ok(printed.length > 0, `${name} does not say what its start prints`);
      assert.deepEqual(must('node', ['start.js']).trim().split('\n'), printed, name);
    }
  }
});

test('the command line runs from its tarball: alone, and on the catalogue that it carries', () => {
  const manifest = readInstalled('macadam');
  assert.deepEqual(Object.keys(manifest.dependencies ?? {}), [], 'the bundle needs no other package');
  assert.equal(must('npx', ['--no', '--', 'macadam', '--version']).trim(), manifest.version);
  const estate = join(folder, 'estate');
  const repository = join(estate, 'one');
  mkdirSync(join(repository, '.github/workflows'), { recursive: true });
  writeFileSync(
    join(repository, '.github/workflows/ci.yml'),
    'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n',
  );
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    [...identity, 'commit', '-qm', 'Begin'],
  ])
    must('git', args, repository);
  const macadam = join(installed('.bin'), 'macadam');
  const asked = run(macadam, ['scan', estate, '--format', 'json', '--quiet']);
  assert.ok([0, 1, 3].includes(asked.status ?? -1), `exit ${asked.status}\n${asked.stderr}`);
  const scan = JSON.parse(asked.stdout);
  assert.equal(scan.schema, 'macadam.scan/1');
  assert.equal(scan.assets.repository, 1);
  const ids = globSync('standards/*/*/standard.yaml', { cwd: root }).map((path) => basename(dirname(path)));
  const judged = new Set(scan.standards.map(({ id }: { id: string }) => id));
  assert.ok(judged.has('repository-owned'), 'what a folder can be asked is judged');
  assert.deepEqual([...judged.difference(new Set(ids))], []);
  const page = run(macadam, ['scan', estate, '--format', 'html', '--quiet']).stdout;
  assert.match(page, /<!doctype html>/i);
  const listed = must(macadam, ['catalogue']);
  assert.deepEqual(
    ids.filter((id) => !listed.includes(id)),
    [],
    'the whole catalogue came along',
  );
  // The laws run every example, template and fix of the catalogue, so they show that all of it came along and works.
  assert.match(must(macadam, ['test']), /\b0 failed$/m);
});

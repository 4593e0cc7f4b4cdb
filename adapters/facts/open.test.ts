import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { device, give, options, picture } from '@macadam/testing/facts/devices';
import { lockFolder } from '../data-folder/lock.ts';
import { openStores } from './open.ts';

const root = mkdtempSync(join(tmpdir(), 'macadam-open-'));
after(() => rmSync(root, { recursive: true }));

test('a second opener is refused, and told by whom; the first goes on', async () => {
  const place = join(root, 'held');
  const { facts } = await openStores(place, options());
  await assert.rejects(
    openStores(place, options()),
    new RegExp(`${place} is held by process ${process.pid} on .*; stop that process first`),
  );
  const script = `import { openStores } from ${JSON.stringify(join(import.meta.dirname, 'open.ts'))};
    await openStores(${JSON.stringify(place)}, { kinds: new Map(), now: () => new Date() });`;
  const other = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.match(other.stderr, new RegExp(`DirectoryHeld.*is held by process ${process.pid} `));
  await give(facts, { started: 1, saw: { one: 'a' } });
  assert.match(await picture(facts), /"value":"a"/);
  await facts.close();
  await facts.close();
  await assert.rejects(give(facts, { started: 2, saw: {} }), /the facts store in .* is closed/);
  assert.equal(existsSync(join(place, 'macadam.lock')), false);
});

test('a kind that is defined anew has its assets merged anew from the same observations', async () => {
  const place = join(root, 'kinds');
  const { facts: first } = await openStores(place, options());
  await give(first, { started: 1, saw: { one: { model: { value: 'a' }, ports: { value: [1] } } } });
  await give(first, { started: 30, source: 'agent', saw: { one: 'b' } });
  assert.match(await picture(first), /lan and agent disagree|agent and lan disagree/);
  await first.close();
  const { ports: _, ...attributes } = device.attributes;
  const kind: Kind = kindSchema.parse({
    ...device,
    settle: '1m',
    attributes,
    migrations: [{ version: 2, why: 'Ports are a kind of their own.', drop: { ports: 'They stand there.' } }],
  });
  const { facts: second } = await openStores(place, options({ kinds: new Map([['device', kind]]) }));
  const now = await picture(second);
  assert.match(now, /"value":"b"/);
  assert.doesNotMatch(now, /ports/);
  await second.close();
});

test('a directory whose holder is dead, or another process of the same number, is taken over', async () => {
  const place = join(root, 'stale');
  lockFolder(place, new Date())();
  const dead = spawn(process.execPath, ['-e', '0']);
  await once(dead, 'exit');
  const lock = join(place, 'macadam.lock');
  const holder = (over: object) =>
    writeFileSync(
      lock,
      JSON.stringify({ pid: dead.pid, host: hostOf(place), began: '1', since: 'then', ...over }),
    );
  holder({});
  lockFolder(place, new Date())();
  holder({ pid: process.pid });
  lockFolder(place, new Date())();
  writeFileSync(lock, 'torn');
  lockFolder(place, new Date())();
  holder({ host: 'elsewhere' });
  assert.throws(() => lockFolder(place, new Date()), /is held by process \d+ on elsewhere since then/);
});

/** The name of this machine, as the lock writes it. */
function hostOf(place: string): string {
  const release = lockFolder(place, new Date());
  const { host } = JSON.parse(readFileSync(join(place, 'macadam.lock'), 'utf8')) as { host: string };
  release();
  return host;
}

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { rejects, system } from '@macadam/testing/decisions/sample';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { openDecisions } from './open.ts';

const root = trialFolder();
after(() => rmSync(root, { recursive: true }));
const options = { now: () => new Date() };
const place = join(root, 'store');
const person = { id: 'ann', name: 'Ann' };

test('a directory is made, kept private, reached by its socket alone, and opened again', async () => {
  const first = await openDecisions(place, options);
  await first.transaction(system, (tx) => tx.organisation.putPerson(person));
  assert.equal(statSync(place).mode & 0o777, 0o700);
  const pid = Number(readFileSync(join(place, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
  assert.equal(statSync(`/proc/${pid}`).uid, statSync(place).uid);
  assert.notEqual(statSync(place).uid, 0);
  // Lines 6 of the file: the addresses on which it listens.
  assert.equal(readFileSync(join(place, 'data/postmaster.pid'), 'utf8').split('\n')[5], '');
  await assert.rejects(
    openDecisions(place, options),
    /is held by process \d+ on .*; stop that process first/,
  );
  await first.close();
  await first.close();
  assert.throws(() => process.kill(pid, 0), /ESRCH/);
  assert.equal(existsSync(join(place, 'macadam.lock')), false);
  const second = await openDecisions(place, options);
  assert.equal((await second.transaction(system, (tx) => tx.organisation.person('ann')))?.name, 'Ann');
  await second.close();
});

const script = (body: string) => [
  '--input-type=module',
  '-e',
  `import { openDecisions } from ${JSON.stringify(join(import.meta.dirname, 'open.ts'))};
   const system = { id: 'system', divisions: 'all' };
   const store = await openDecisions(${JSON.stringify(place)}, { now: () => new Date() });
   ${body}`,
];

test('what a killed process left behind, server and lock, is cleared up by whoever opens next', async () => {
  const child = spawn(
    process.execPath,
    script(`await store.transaction(system, (tx) => tx.organisation.putPerson({ id: 'bob', name: 'Bob' }));
      console.log('ready'); setInterval(() => {}, 1000);`),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  const orphan = Number(readFileSync(join(place, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  process.kill(orphan, 0);
  const next = await openDecisions(place, options);
  assert.throws(() => process.kill(orphan, 0), /ESRCH/);
  assert.equal((await next.transaction(system, (tx) => tx.organisation.person('bob')))?.name, 'Bob');
  await next.close();
});

test('a process that ends without closing takes its server along', () => {
  const { status, stderr } = spawnSync(process.execPath, script('process.exit(0);'), { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const path = join(place, 'data/postmaster.pid');
  for (let waited = 0; existsSync(path) && waited < 200; waited += 1)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  assert.equal(existsSync(path), false);
});

test('a server that dies is started again, and nobody has to do anything', async () => {
  const store = await openDecisions(place, options);
  const pid = Number(readFileSync(join(place, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
  process.kill(pid, 'SIGKILL');
  for (let attempt = 0; ; attempt += 1)
    try {
      await store.transaction(system, (tx) => tx.organisation.putPerson({ id: 'eve', name: 'Eve' }));
      break;
    } catch (error) {
      if (attempt > 20) throw error;
      assert.match(`${error}`, /DecisionsError: PostgreSQL cannot be reached/);
    }
  assert.notEqual(Number(readFileSync(join(place, 'data/postmaster.pid'), 'utf8').split('\n')[0]), pid);
  await store.close();
});

test('a simulated store stays one, and a real one real', async () => {
  await rejects(
    openDecisions(place, { ...options, simulated: true }),
    'refused',
    /this is a real store and cannot become simulated; use another one/,
  );
  const again = await openDecisions(place, options);
  await again.close();
});

test('a path that is too long for a socket has its socket elsewhere', async () => {
  const long = join(root, 'd'.repeat(60), 'e'.repeat(60));
  mkdirSync(long, { recursive: true, mode: 0o755 });
  const store = await openDecisions(long, options);
  await store.transaction(system, (tx) => tx.organisation.people());
  await store.close();
});

test('what stands in the way is named: a folder that may not be passed, a server that is not there', async () => {
  const closed = join(root, 'closed');
  mkdirSync(closed, { mode: 0o755 });
  chmodSync(closed, 0o700);
  if (process.getuid?.() === 0)
    await rejects(
      openDecisions(join(closed, 'store'), options),
      'unavailable',
      /does not run as root, and \w+ may not pass .*closed to .*; use another directory or another account, or `chmod/,
    );
  await rejects(
    openDecisions('postgres://nobody:x@no-such-host.invalid/x', options),
    'unavailable',
    /PostgreSQL cannot be reached: getaddrinfo/,
  );
});

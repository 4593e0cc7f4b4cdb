import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { rejects, system } from '@macadam/testing/decisions/sample';
import { asOwner, trialFolder } from '@macadam/testing/decisions/test-database';
import { until } from '@macadam/testing/until';
import { openDecisions } from './open.ts';
import type { DecisionsError } from './port.ts';

const root = trialFolder();
after(() => rmSync(root, { recursive: true }));
const options = { now: () => new Date() };
const place = join(root, 'store');
const person = { id: 'ann', name: 'Ann' };
const AS_ROOT = process.getuid?.() === 0;

test('a directory is made, kept private, reached by its socket alone, and opened again', async () => {
  const first = await openDecisions(place, options);
  await first.transaction(system, (tx) => tx.organisation.putPerson(person));
  assert.equal(statSync(place).mode & 0o777, AS_ROOT ? 0o711 : 0o700);
  assert.equal(statSync(place).uid, process.getuid?.());
  const pid = Number(readFileSync(join(place, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
  for (const own of ['data', 'socket']) {
    assert.equal(statSync(join(place, own)).mode & 0o777, 0o700);
    assert.equal(statSync(`/proc/${pid}`).uid, statSync(join(place, own)).uid);
  }
  assert.notEqual(statSync(`/proc/${pid}`).uid, 0);
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

/** Waits for the end of a process: one that was killed stays in the list until somebody has asked for its end. */
async function ends(pid: number): Promise<true> {
  const runs = () => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  return until(`process ${pid} ends`, () => !runs());
}

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
  const next = await openDecisions(place, options);
  assert.equal(await ends(orphan), true);
  assert.equal((await next.transaction(system, (tx) => tx.organisation.person('bob')))?.name, 'Bob');
  await next.close();
});

test('a process that is killed takes its server along, whether or not anybody opens next', async () => {
  const child = spawn(process.execPath, script(`console.log('ready'); setInterval(() => {}, 1000);`), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const pid = Number(readFileSync(join(place, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(await ends(pid), true);
});

test('the application logs in as somebody who owns nothing, also where it takes its role off', async (t) => {
  const store = await openDecisions(place, options);
  t.after(() => store.close());
  await store.transaction(system, (tx) => tx.auditHead());
  const socket = { socket: join(place, 'socket'), user: 'macadam', database: 'postgres' };
  // The session that made the tables ends a moment after it was told to.
  const rows = await asOwner(socket, (client) =>
    until('the owner of the tables has gone', async () => {
      const found = await client.query(
        `select distinct usename, rolsuper, rolbypassrls, rolcreaterole, rolinherit from pg_stat_activity
         join pg_roles on rolname = usename where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
      return found.rows.every(({ usename }) => usename !== 'macadam') && found.rows;
    }),
  );
  const bare = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolinherit: false };
  assert.deepEqual(rows, [{ usename: 'macadam_server', ...bare }]);
  await asOwner({ ...socket, user: 'macadam_server' }, async (client) => {
    for (const statement of [
      'select * from macadam.person',
      'set role macadam',
      'reset role; select * from macadam.audit',
      'alter table macadam.audit disable trigger append_only',
      "copy (select 1) to program 'id'",
    ])
      await assert.rejects(
        client.query(statement),
        /permission denied|must be owner|must be a? ?superuser/,
        statement,
      );
  });
});

if (AS_ROOT)
  test('as root no link in the folder is followed, and nothing in it becomes the account’s but its own', async () => {
    const victim = join(root, 'victim');
    mkdirSync(victim, { mode: 0o700 });
    writeFileSync(join(victim, 'file'), 'precious');
    for (const name of ['socket', 'postgres.log', 'data.draft', 'hba.conf']) {
      const own = join(root, `linked-${name}`);
      mkdirSync(own, { mode: 0o755 });
      symlinkSync(
        name === 'socket' || name === 'data.draft' ? victim : join(victim, 'file'),
        join(own, name),
      );
      await rejects(openDecisions(own, options), 'unavailable', /is neither a file nor a folder/);
    }
    const hard = join(root, 'linked-hard');
    mkdirSync(hard, { mode: 0o755 });
    linkSync(join(victim, 'file'), join(hard, 'postgres.log'));
    await rejects(openDecisions(hard, options), 'unavailable', /has another name elsewhere/);
    assert.deepEqual([statSync(victim).uid, statSync(join(victim, 'file')).uid], [0, 0]);
    assert.equal(readFileSync(join(victim, 'file'), 'utf8'), 'precious');
  });

if (AS_ROOT)
  test('as root the server has an account under which nothing else runs, and a folder of an earlier release is taken back', async () => {
    const store = await openDecisions(place, options);
    const pid = Number(readFileSync(join(place, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
    const own = statSync(`/proc/${pid}`).uid;
    const others = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .filter(([name]) => name !== 'macadam')
      .map(([, , number]) => Number(number));
    assert.equal(others.includes(own), false);
    await store.close();
    const { uid, gid } = statSync(join(place, 'data'));
    chownSync(place, uid, gid);
    const again = await openDecisions(place, options);
    assert.equal(statSync(place).uid, 0);
    assert.equal((await again.transaction(system, (tx) => tx.organisation.person('ann')))?.name, 'Ann');
    await again.close();
  });

test('a process that ends without closing takes its server along', async () => {
  const { status, stderr } = spawnSync(process.execPath, script('process.exit(0);'), { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  await until('its server has ended', () => !existsSync(join(place, 'data/postmaster.pid')));
});

test('a server that dies is started again, and nobody has to do anything', async (t) => {
  const store = await openDecisions(place, options);
  t.after(() => store.close());
  const pid = Number(readFileSync(join(place, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
  process.kill(pid, 'SIGKILL');
  await until('it takes what is written', async () => {
    try {
      await store.transaction(system, (tx) => tx.organisation.putPerson({ id: 'eve', name: 'Eve' }));
      return true;
    } catch (error) {
      assert.match(`${error}`, /DecisionsError: PostgreSQL cannot be reached/);
      return false;
    }
  });
  assert.notEqual(Number(readFileSync(join(place, 'data/postmaster.pid'), 'utf8').split('\n')[0]), pid);
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
  const store = await openDecisions(preparedPlace(long), options);
  await store.transaction(system, (tx) => tx.organisation.people());
  await store.close();
});

test('a folder of another major version of PostgreSQL is refused, left as it is, and it is said how it comes along', async () => {
  const older = join(root, 'older');
  mkdirSync(join(older, 'data'), { recursive: true, mode: 0o711 });
  writeFileSync(join(older, 'data/PG_VERSION'), '17\n');
  await rejects(
    openDecisions(older, options),
    'unavailable',
    /older\/data was made by PostgreSQL 17, and this is 18; nothing in it was changed\. .*`macadam backup .*`macadam restore /,
  );
  assert.equal(readFileSync(join(older, 'data/PG_VERSION'), 'utf8'), '17\n');
});

test('what stands in the way is named: a folder that may not be passed, a server that is not there', async () => {
  const closed = join(root, 'closed');
  mkdirSync(closed, { mode: 0o755 });
  chmodSync(closed, 0o700);
  if (process.getuid?.() === 0)
    await rejects(
      openDecisions(join(closed, 'store'), options),
      'unavailable',
      /does not run as root, and [\w ]+ may not pass .*closed to .*; use another directory or another account, or `chmod/,
    );
  await rejects(
    openDecisions('postgres://nobody:x@no-such-host.invalid/x?sslmode=verify-full', options),
    'unavailable',
    /PostgreSQL cannot be reached: getaddrinfo/,
  );
});

test('an address without a host is refused with what to write, and not with its password', async () => {
  const opened = openDecisions('postgres://ann:hunted@/macadam?host=/run/postgresql', options);
  await assert.rejects(opened, (error: DecisionsError) => {
    assert.equal(error.fault, 'refused');
    assert.match(`${error.message}; ${error.fix}`, /no URL with a host; write it as postgres:/);
    assert.doesNotMatch(JSON.stringify([error.message, error.fix, error.cause]), /hunted/);
    return true;
  });
});

/** Connections are few: nobody waits for one without an end, nobody holds two, and none is lost. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { batch, north, system } from '@macadam/testing/decisions/sample';
import { asOwner, trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import { startEngine } from './engine.ts';

const folder = trialFolder();
const engine = await startEngine(preparedPlace(join(folder, 'decisions')), { fleeting: true });
const trials = trialsOn(engine.address);
after(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

const newest = (tx: { auditHead(): Promise<{ readonly number: number }> }) => tx.auditHead();

test('a transaction that is begun within another is refused, with what to do in its place', async () => {
  const { decisions, dispose } = await trials.open({ connections: 2 });
  const nested = decisions.transaction(system, () => decisions.transaction(system, newest));
  await assert.rejects(nested, /a transaction was begun within another: .*`readAs`/);
  // One after the other is no nesting, nor is one beside another.
  await decisions.transaction(system, newest);
  await Promise.all([1, 2, 3, 4].map(() => decisions.transaction(system, newest)));
  await dispose();
});

test('what another principal sees is read in the same transaction, and nothing is changed in that name', async () => {
  const { decisions, dispose } = await trials.open({ connections: 1 });
  await decisions.transaction(system, (tx) => tx.work.open([batch('b1', ['shed/a'], 'south')]));
  const seen = await decisions.transaction(north, async (tx) => ({
    before: await tx.work.batch('b1'),
    as: await tx.readAs(system, (other) => other.work.batch('b1')),
    after: await tx.work.batch('b1'),
  }));
  assert.deepEqual([seen.before, seen.as?.id, seen.after], [null, 'b1', null]);
  const meanwhile = decisions.transaction(north, (tx) => tx.readAs(system, () => tx.work.batch('b1')));
  await assert.rejects(meanwhile, /while the transaction reads as somebody else/);
  const changing = decisions.transaction(north, (tx) =>
    tx.readAs(system, (other) => other.organisation.putPerson({ id: 'x', name: 'X' })),
  );
  await assert.rejects(changing, /changes nothing/);
  const failed = decisions.transaction(north, (tx) =>
    tx.readAs(system, async () => {
      throw new Error('its own');
    }),
  );
  await assert.rejects(failed, /its own/);
  assert.equal(await decisions.transaction(north, (tx) => tx.work.batch('b1')), null);
  await dispose();
});

test('a wait for a connection ends, and says so', async () => {
  const { decisions, dispose } = await trials.open({ connections: 1, patience: 20 });
  const held = Promise.withResolvers<void>();
  const holding = decisions.transaction(system, () => held.promise);
  await assert.rejects(decisions.transaction(system, newest), {
    fault: 'unavailable',
    message: /every connection to PostgreSQL is in use/,
  });
  held.resolve();
  await holding;
  await decisions.transaction(system, newest);
  await dispose();
});

test('a session that PostgreSQL ends leaves its place to another', async () => {
  const { decisions, dispose, address } = await trials.open({ connections: 2 });
  const ended = () =>
    asOwner(address, (client) =>
      client.query(
        'select pg_terminate_backend(pid, 5000) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
      ),
    );
  for (let round = 0; round < 4; round += 1) {
    const broken = [1, 2].map(() =>
      decisions.transaction(system, async (tx) => {
        await ended();
        return tx.auditHead();
      }),
    );
    for (const { status } of await Promise.allSettled(broken)) assert.equal(status, 'rejected');
    const both = await Promise.all([1, 2].map(() => decisions.transaction(system, newest)));
    assert.equal(both.length, 2);
  }
  await dispose();
});

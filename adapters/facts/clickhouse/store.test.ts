import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { factsContract } from '@macadam/testing/facts/contract';
import { give, given, idOf, NOW, options, picture } from '@macadam/testing/facts/devices';
import type { FactsOptions } from '../port.ts';
import { openChdb } from './chdb.ts';
import type { Driver } from './driver.ts';
import { openServer } from './server.ts';
import { openStore } from './store.ts';

const EVENTS = ['retract', 'confirm', 'retire-source', 'retire-asset', 'forget'] as const;
const directory = mkdtempSync(join(tmpdir(), 'macadam-facts-'));
let count = 0;
/** Every store has a database of its own, which is dropped with it. */
const on = (driver: (database: string) => Promise<Driver>) => async (options: FactsOptions) => {
  const database = `test_${process.pid}_${count++}`;
  const facts = await openStore(await driver(database), options);
  const dispose = async () => {
    await facts.close();
    const again = await driver(database);
    await again.command(`DROP DATABASE \`${database}\` SYNC`);
    await again.close();
  };
  return { facts, dispose };
};

// One driver stays open: the engine lives as long as one does, and starting it takes most of a store's time.
const kept = await openChdb({ directory });
const compiled = () =>
  kept.query("SELECT event, value FROM system.events WHERE event LIKE 'Compile%' ORDER BY event");
const compiledBefore = await compiled();
factsContract(
  'chdb',
  on((database) => openChdb({ directory, database })),
);
test('small databases are opened and asked without anything being compiled', async () => {
  assert.deepEqual(await compiled(), compiledBefore);
});
const url = process.env.MACADAM_CLICKHOUSE_URL;
if (url)
  factsContract(
    'server',
    on((database) => openServer({ url, database })),
  );

test('expressions are compiled, statistics read and threads handed work in a large database only, also where it has grown since it was opened', async () => {
  const driver = await openChdb({ directory, database: 'compiling' });
  const settings = async () => {
    const rows = await driver.query<{ value: string }>(
      `SELECT value FROM system.settings
       WHERE name IN ('compile_expressions', 'use_statistics', 'local_filesystem_read_method') ORDER BY name`,
    );
    return rows.map(({ value }) => value).join();
  };
  const askOften = async () => {
    for (let asked = 0; asked < 500; asked += 1) await driver.command("SET log_comment = ''");
  };
  assert.equal(await settings(), '0,pread,0');
  await driver.command('CREATE TABLE row (one UInt8) ENGINE = MergeTree ORDER BY tuple()');
  await driver.command('INSERT INTO row SELECT 1 FROM numbers(1000000)');
  await askOften();
  assert.equal(await settings(), '1,pread_threadpool,1');
  await driver.command('TRUNCATE TABLE row');
  await askOften();
  assert.equal(await settings(), '0,pread,0');
  await driver.command('DROP DATABASE compiling SYNC');
  await driver.close();
});

/** A store on the engine that stays open, with a driver of which some functions are others. */
async function storeWith(over: (driver: Driver) => Partial<Driver>) {
  const database = `test_${process.pid}_${count++}`;
  const driver = await openChdb({ directory, database });
  const facts = await openStore({ ...driver, ...over(driver) }, options());
  const close = async () => {
    await facts.close();
    const again = await openChdb({ directory, database });
    await again.command(`DROP DATABASE \`${database}\` SYNC`);
    await again.close();
  };
  return { facts, close };
}

test('what was withdrawn stays so in a store that is opened again, and that and assets are looked for only where there may be some', async () => {
  const database = `test_${process.pid}_${count++}`;
  const opened = async () => openStore(await openChdb({ directory, database }), options());
  const first = await opened();
  const { collection } = await give(first, { started: 5, saw: { one: 'a' } });
  assert.deepEqual(EVENTS.filter(first.hasEvent), []);
  await first.retract(collection, 'it was of another network', NOW);
  await first.retireSource('wlan', 'it was taken down', NOW);
  assert.deepEqual(EVENTS.filter(first.hasEvent), ['retract', 'retire-source']);
  await first.close();
  const again = await opened();
  assert.deepEqual(EVENTS.filter(again.hasEvent), ['retract', 'retire-source']);
  await give(again, { started: 6, saw: { two: 'b' } });
  await give(again, { started: 7, source: 'wlan', saw: { three: 'c' } });
  await again.settled();
  const there = await Promise.all(['one', 'two', 'three'].map((serial) => again.asset(idOf(serial))));
  assert.deepEqual(
    there.map((asset) => asset?.name),
    [undefined, 'two', undefined],
  );
  assert.deepEqual([...again.inhabited()], ['device']);
  const all = await again.collections();
  assert.deepEqual(
    all.map(({ retracted, retired }) => [retracted, retired !== null]),
    [
      [true, false],
      [false, false],
      [false, true],
    ],
  );
  await again.close();
  const third = await opened();
  assert.deepEqual([...third.inhabited()], ['device'], 'of a kind of which there is something');
  await third.close();
  await kept.command(`DROP DATABASE \`${database}\` SYNC`);
});

test('what comes while a batch is being written is written together after it, and fails together', async () => {
  const gate = Promise.withResolvers<void>();
  let written: string[] = [];
  let [gated, broken] = [false, false];
  const { facts, close } = await storeWith((driver) => ({
    insert: async (insertion) => {
      if (broken) throw new Error('no room');
      written.push(insertion.table);
      if (gated) await gate.promise;
      await driver.insert(insertion);
    },
  }));
  written = [];
  gated = true;
  const give10 = (started: number) =>
    Array.from({ length: 10 }, (_, index) => give(facts, { started, saw: { [`d${index}`]: 'a' } }));
  const first = give(facts, { started: 1, saw: { one: 'a' } });
  while (written.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const others = give10(2);
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  gate.resolve();
  const answers = await Promise.all([first, ...others]);
  assert.equal(new Set(answers.map(({ batch }) => batch)).size, 11);
  assert.equal(written.filter((table) => table === 'batch').length, 2, 'eleven collections in two goes');
  await facts.settled();
  broken = true;
  const failed = await Promise.allSettled(give10(3));
  assert.deepEqual(
    failed.map((one) => one.status === 'rejected' && String(one.reason)),
    failed.map(() => 'Error: no room'),
  );
  broken = false;
  assert.equal((await facts.collections()).length, 11);
  await Promise.all(give10(3));
  assert.equal((await facts.collections()).length, 21);
  await close();
});

test('a small collection costs two statements: its digest is looked up only where it may be known, and settling has its own', async () => {
  let asked: string[] = [];
  const { facts, close } = await storeWith((driver) => ({
    insert: async (insertion) => {
      if (insertion.rows.length > 0) asked.push(`insert ${insertion.table}`);
      await driver.insert(insertion);
    },
    query: async (sql, parameters) => {
      asked.push(/FROM (\w+)/.exec(sql)?.[1] ?? sql);
      return driver.query(sql, parameters);
    },
  }));
  const one = (started: number, model: string) => {
    const [collection, observations] = given({ started, saw: { one: model } });
    return facts.append({ ...collection, partitions: [] }, observations, new Date('2026-11-01T00:00:00Z'));
  };
  // The first reads what is known, and the chain of its source.
  await one(1, 'a');
  await facts.settled();
  asked = [];
  const second = await one(2, 'b');
  // What is settled meanwhile goes by a driver of its own.
  assert.deepEqual(asked, ['insert observation', 'insert batch']);
  assert.equal((await facts.asset(idOf('one')))?.id, idOf('one'));
  assert.match(await picture(facts), /"b"/);
  asked = [];
  const again = await one(2, 'b');
  assert.deepEqual([again.repeated, again.batch, asked], [true, second.batch, ['batch']]);
  await close();
});

test('a page of collections is asked of the engine once, until something new is known', async () => {
  let [asked, broken] = [0, false];
  const { facts, close } = await storeWith((driver) => ({
    query: async (sql, parameters) => {
      if (sql.includes('AS retracted')) asked += 1;
      if (broken) throw new Error('no answer');
      return driver.query(sql, parameters);
    },
  }));
  await give(facts, { started: 1, saw: { one: 'a' } });
  broken = true;
  await assert.rejects(facts.collections({ limit: 5 }), /no answer/);
  broken = false;
  const [first, second] = await Promise.all([
    facts.collections({ limit: 5 }),
    facts.collections({ limit: 5 }),
  ]);
  assert.deepEqual([first?.length, second], [1, first]);
  assert.equal(asked, 2, 'once in vain, and once');
  await give(facts, { started: 2, saw: { one: 'b' } });
  assert.equal((await facts.collections({ limit: 5 })).length, 2);
  assert.equal((await facts.collections({ limit: 1 })).length, 1);
  await close();
});

test('a batch whose engine fails at its answer is there, whole, and is not taken away', async () => {
  let [nth, failing] = [0, false];
  const { facts, close } = await storeWith((driver) => ({
    insert: async (insertion) => {
      await driver.insert(insertion);
      if (insertion.table === 'batch' && nth++ === 0) {
        failing = true;
        throw new Error('no answer');
      }
    },
    query: async (sql, parameters) => {
      if (failing) throw new Error('no answer');
      return driver.query(sql, parameters);
    },
  }));
  await assert.rejects(give(facts, { started: 1, saw: { one: 'a' } }), /no answer/);
  failing = false;
  const again = await give(facts, { started: 1, saw: { one: 'a' } });
  assert.equal(again.repeated, true);
  assert.equal((await facts.observations(idOf('one'))).length, 1);
  assert.match(await picture(facts), /"value":"a"/);
  await close();
});

after(async () => {
  await kept.close();
  rmSync(directory, { recursive: true });
});

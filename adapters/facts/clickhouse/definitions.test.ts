/** A store that is opened again with kinds that changed in the meantime. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assetId, type Statement } from '@macadam/core/facts/observation';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { standardSchema } from '@macadam/core/verdicts/standard';
import { give, minute, options } from '@macadam/testing/facts/devices';
import { columnsOf, tableOf } from '../layout.ts';
import { type Facts, FactsError } from '../port.ts';
import { openChdb } from './chdb.ts';
import { openStore } from './store.ts';

const directory = mkdtempSync(join(tmpdir(), 'macadam-definitions-'));
const engine = await openChdb({ directory });
after(async () => {
  await engine.close();
  rmSync(directory, { recursive: true });
});

const description = 'Something that a test says.';
const why = 'Because a test says so.';
const ports = (fields: Readonly<Record<string, unknown>>) => ({
  type: 'list',
  element_key: 'number',
  of: fields,
});
const device = (
  attributes: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  migrations: readonly unknown[] = [],
): Kind =>
  kindSchema.parse({
    kind: 'device',
    description: 'A thing on a network, for tests.',
    key: ['serial'],
    fresh_for: '7d',
    migrations,
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, one]) => [name, { description, ...one }]),
    ),
  });
const base = { serial: { type: 'string', immutable: true } };
const BEFORE = device({
  ...base,
  memory: { type: 'string' },
  ports: ports({ number: { type: 'int' }, open: { type: 'string' } }),
  legacy: { type: 'bool' },
});
const changed = {
  ...base,
  memory_mib: { type: 'int' },
  ports: ports({ number: { type: 'int' }, listens: { type: 'bool' } }),
  tags: { type: 'list' },
};
const MIGRATION = {
  version: 2,
  why,
  rename: { memory: 'memory_mib', 'ports[].open': 'listens' },
  drop: { legacy: why },
  convert: {
    memory_mib: { from: 'string', to: 'int', by: 'int(value)' },
    'ports[].listens': { from: 'string', to: 'bool', by: 'value == "yes"' },
  },
};
const AFTER = device(changed, [MIGRATION]);

const judge = (kind: Kind, check: string) => {
  const definition = standardSchema.parse({
    id: 'generated',
    pillar: 'networks',
    title: 'A generated standard',
    statement: 'Everything meets a generated condition.',
    why: 'So that old facts are judged by a new definition.',
    origin: { report: 'none', lesson: 'Definitions change while facts stay.' },
    scope: { kind: 'device' },
    check,
    reasons: [{ id: 'bad', say: 'it is bad' }],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'warn' },
    toil: { owner_minutes: 1 },
  });
  const compiled = compileStandard(definition, kind, { file: 'test', lineOf: () => 1 });
  if ('mistakes' in compiled) throw new Error(compiled.mistakes.map(({ reason }) => reason).join('; '));
  const now = new Date('2026-11-01T12:00:00Z');
  return async (facts: Facts, valid?: { readonly valid: string; readonly known: number }) => {
    await facts.settled();
    const lines: string[] = [];
    for await (const asset of valid ? facts.assetsAsOf('device', valid) : facts.assets('device')) {
      const { verdict, reason } = evaluate(compiled, asset, { asOf: now, real: now });
      lines.push(`${asset.name}=${verdict}:${reason}`);
    }
    return lines.join(' ');
  };
};
const OLD_CHECK = 'asset.memory == "512" && !asset.ports.exists(p, p.open == "yes")';
const NEW_CHECK = 'asset.memory_mib == 512 && !asset.ports.exists(p, p.listens)';

const saw = (memory: string, ...open: string[]): Readonly<Record<string, Statement>> => ({
  memory: { value: memory },
  ports: { value: open.map((one, number) => ({ number, open: one })) },
  legacy: { value: true },
});
const SAW = {
  good: saw('512', 'no'),
  open: saw('512', 'no', 'yes'),
  odd: saw('plenty', 'no'),
  silent: { memory: { unobserved: 'forbidden', why: 'no right' } as const },
};

async function store(database: string, kind: Kind): Promise<Facts> {
  const driver = await openChdb({ directory, database });
  try {
    return await openStore(driver, options({ kinds: new Map([['device', kind]]) }));
  } catch (error) {
    // A store that is refused leaves the driver to whoever opened it.
    await driver.close();
    throw error;
  }
}

test('old facts are judged alike under a renamed and retyped kind, and its history stays', async () => {
  const first = await store('renamed', BEFORE);
  const appended = await give(first, { started: 10, saw: SAW, complete: false });
  const before = await judge(BEFORE, OLD_CHECK)(first);
  assert.equal(before, 'good=pass:meets odd=fail:bad open=fail:bad silent=unknown:forbidden');
  await first.close();

  const second = await store('renamed', AFTER);
  // What could be compared as text and is no number now is known no more, and never passes.
  const converted = 'good=pass:meets odd=unknown:failed open=fail:bad silent=unknown:forbidden';
  const newJudge = judge(AFTER, NEW_CHECK);
  assert.equal(await newJudge(second), converted);
  assert.equal(await newJudge(second, { valid: minute(30), known: appended.batch }), converted);
  const id = assetId('device', ['good']);
  const [recorded] = await second.observations(id);
  assert.deepEqual(recorded?.observation.attributes, SAW.good, 'an observation is never edited');
  assert.equal((await second.existence(id)).length, 1);
  assert.equal((await second.asset(id))?.attributes.get('memory_mib')?.source, 'lan');
  const table = await engine.query<{ name: string }>(
    `SELECT name FROM system.columns WHERE database = 'renamed' AND table = {table:String} ORDER BY position`,
    { table: tableOf(AFTER) },
  );
  assert.deepEqual(
    table.map(({ name }) => name).filter((name) => name !== '@known'),
    columnsOf(AFTER).map(({ name }) => name),
  );
  // The same attribute name under two versions: what is observed from now on is not converted again.
  const now = { memory_mib: { value: 512 }, ports: { value: [{ number: 1, listens: false }] } };
  await give(second, { started: 60, saw: { odd: now }, complete: false });
  assert.equal(
    await newJudge(second),
    'good=pass:meets odd=pass:meets open=fail:bad silent=unknown:forbidden',
  );
  assert.equal((await give(second, { started: 10, saw: SAW, complete: false })).repeated, true);
  await second.close();

  const third = await store('renamed', AFTER);
  assert.equal(
    await newJudge(third),
    'good=pass:meets odd=pass:meets open=fail:bad silent=unknown:forbidden',
  );
  await third.close();
});

test('without a migration the store is refused, names what to write, and goes on with the kinds of before', async () => {
  const first = await store('refused', BEFORE);
  await give(first, { started: 10, saw: SAW, complete: false });
  await first.settled();
  await first.close();
  await assert.rejects(store('refused', device(changed)), (error: unknown) => {
    assert.ok(error instanceof FactsError);
    assert.equal(error.fault, 'unmigrated');
    assert.match(error.message, /was observed under other definitions of its kinds:\n/);
    assert.match(
      error.message,
      /kinds\/device.yaml: `attributes`: `memory` is gone; state `migrations: \[{ version: 2/,
    );
    assert.match(error.message, /`attributes`: `legacy` is gone; .*`drop: { "legacy": WHY }`/);
    assert.match(error.message, /`attributes.ports.of`: `ports\[\].open` is gone/);
    return true;
  });
  const again = await store('refused', BEFORE);
  const text = await judge(BEFORE, OLD_CHECK)(again);
  assert.equal(text, 'good=pass:meets odd=fail:bad open=fail:bad silent=unknown:forbidden');
  await again.close();
});

test('a kind of which nothing was observed may change as it likes; what is only added is free', async () => {
  const first = await store('empty', BEFORE);
  await first.close();
  const second = await store('empty', device(changed));
  const observed = { memory_mib: { value: 512 }, ports: { value: [] } };
  await give(second, { started: 10, saw: { one: observed }, complete: false });
  assert.equal(await judge(device(changed), NEW_CHECK)(second), 'one=pass:meets');
  await second.close();
  const wider = device({ ...changed, extra: { type: 'string', optional: true } });
  const third = await store('empty', wider);
  assert.equal(await judge(wider, `${NEW_CHECK} && !has(asset.extra)`)(third), 'one=unknown:unobserved');
  await third.close();
});

test('a version that was in force cannot be taken back or rewritten', async () => {
  const first = await store('taken_back', AFTER);
  await give(first, { started: 10, saw: { one: { memory_mib: { value: 1 } } }, complete: false });
  await first.close();
  await assert.rejects(store('taken_back', BEFORE), /version 2 was in force and its migration is gone/);
  const rewritten = device(changed, [{ ...MIGRATION, drop: { other: why } }]);
  await assert.rejects(store('taken_back', rewritten), /version 2 was in force as it was/);
});

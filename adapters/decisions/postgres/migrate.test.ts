/**
 * Every store of an earlier release comes to this one's tables with all that it held. `released.json` has the digest of
 * each migration: one that ran somewhere is never edited. `samples/` has rows for each version as it was.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { rejects, system } from '@macadam/testing/decisions/sample';
import { asOwner, trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import type { ClientBase } from 'pg';
import { type AuditRow, verifyAudit } from '../audit.ts';
import { startEngine } from './engine.ts';
import { migrate, migrations } from './migrate.ts';
import { openStore } from './store.ts';

const folder = join(import.meta.dirname, 'migrations');
const all = migrations();
const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
const trials = trialsOn(engine.address);
after(async () => {
  await engine.stop();
  rmSync(root, { recursive: true });
});

async function sample(client: ClientBase, name: string): Promise<void> {
  await client.query("begin; select set_config('macadam.principal', 'sample', true)");
  await client.query(readFileSync(join(folder, 'samples', `${name}.sql`), 'utf8'));
  await client.query('select macadam.audit_append($1)', [
    [JSON.stringify({ action: 'sample.write', outcome: 'done', principal: 'sample', subject: name })],
  ]);
  await client.query('commit');
}

/** The rows of all tables. */
async function rowsOf(client: ClientBase): Promise<Map<string, Record<string, unknown>[]>> {
  const { rows: tables } = await client.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'macadam'::regnamespace and relkind = 'r' and relname <> 'migration'",
  );
  const found = new Map(tables.map(({ name }) => [name, [] as Record<string, unknown>[]]));
  const { rows } = await client.query<{ name: string; row: Record<string, unknown> }>(
    tables
      .map(({ name }) => `select '${name}' as name, to_jsonb(t) as row from macadam.${name} t`)
      .join(' union all '),
  );
  for (const { name, row } of rows) found.get(name)?.push(row);
  return found;
}

/** The log of decisions, as a store reads it. */
async function logOf(client: ClientBase): Promise<readonly AuditRow[]> {
  const { rows } = await client.query<AuditRow>(
    `select number::int, replace(to_json(at) #>> '{}', '+00:00', 'Z') as at, previous, content,
      content_digest as "contentDigest", digest from macadam.audit order by number`,
  );
  return rows;
}

/** Everything that the tables are, as the catalogue of the database has it. */
async function schemaOf(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    select format('%s.%s %s null=%s default=%s', attrelid::regclass, attname, format_type(atttypid, atttypmod),
        not attnotnull, pg_get_expr(adbin, adrelid)) as line
      from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where attrelid::regclass::text like 'macadam.%' and attnum > 0 and not attisdropped
    union all select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
      where connamespace = 'macadam'::regnamespace
    union all select indexdef from pg_indexes where schemaname = 'macadam'
    union all select format('%s %s %s', tablename, policyname, qual) from pg_policies where schemaname = 'macadam'
    union all select pg_get_triggerdef(pg_trigger.oid) from pg_trigger join pg_class on pg_class.oid = tgrelid
      where relnamespace = 'macadam'::regnamespace and not tgisinternal
    union all select pg_get_functiondef(oid) from pg_proc where pronamespace = 'macadam'::regnamespace
    union all select format('%s %s', relname, relacl) from pg_class where relnamespace = 'macadam'::regnamespace
    union all select format('%s.%s %s', attrelid::regclass, attname, attacl) from pg_attribute
      where attacl is not null and attrelid::regclass::text like 'macadam.%'
    order by 1`);
  return rows.map(({ line }) => line);
}

test('no migration that was released is edited, renamed or taken out', () => {
  const released: Record<string, string> = JSON.parse(readFileSync(join(folder, 'released.json'), 'utf8'));
  assert.deepEqual(
    Object.fromEntries(all.map(({ name, digest }) => [name, digest])),
    released,
    'add a new migration rather than edit one, and its digest to released.json',
  );
  const numbers = all.map(({ name }) => Number(name.slice(0, 4)));
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  );
  assert.deepEqual(
    readdirSync(join(folder, 'samples')).sort(),
    all.map(({ name }) => `${name}.sql`),
  );
});

/** What every store is brought to. */
let expected: readonly string[];
before(async () => {
  expected = await asOwner(await trials.database(), async (client) => {
    await migrate(client);
    return schemaOf(client);
  });
});

/** One store through all releases, each of which wrote its rows; it is copied as it was of each. */
const growing = await trials.database();
let releases = 0;

async function storeAsOf(index: number) {
  await asOwner(growing, async (client) => {
    for (; releases <= index; releases += 1) {
      await migrate(client, { steps: all.slice(0, releases + 1) });
      await sample(client, all[releases]?.name ?? '');
    }
  });
  return trials.copyOf(growing);
}

for (const [index, { name }] of all.entries())
  test(`a store as of ${name} is brought to the newest tables, and keeps all rows`, async () => {
    const old = await storeAsOf(index);
    const [before, found, now, log] = await asOwner(old, async (client) => {
      const held = await rowsOf(client);
      await migrate(client);
      await migrate(client);
      return [held, await schemaOf(client), await rowsOf(client), await logOf(client)] as const;
    });
    assert.deepEqual(found, expected);
    const carried = before.get('accountability')?.length ?? 0;
    before.delete('accountability');
    // The log goes on; that it is whole is asked below.
    before.delete('audit_head');
    const events = now.get('org_event')?.filter(({ kind }) => kind === 'accountable') ?? [];
    assert.ok(events.length >= carried, 'who was accountable is an event of the log');
    for (const [table, rows] of before)
      for (const row of rows)
        assert.ok(
          now.get(table)?.some((one) => Object.entries(row).every(([key, value]) => isSame(one[key], value))),
          `${table} lost ${JSON.stringify(row)}`,
        );
    const verdict = await verifyAudit(log);
    assert.deepEqual(
      [verdict.whole, verdict.whole && verdict.entries],
      [true, index + 2 + (index > 0 ? 1 : 0)],
    );
    // The tables are the same by now, whichever release they come from: the oldest is opened for all.
    if (index > 0) return;
    const store = await openStore(old, 'old', { now: () => new Date() });
    try {
      await store.transaction(system, (tx) => tx.organisation.putPerson({ id: 'new', name: 'N' }));
      assert.equal((await verifyAudit(store.auditLog())).whole, true);
    } finally {
      await store.close();
    }
  });

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

test('a store of a later release, or with another history, is left as it is', async () => {
  const address = await trials.database();
  const later = { name: '9999-later', sql: 'create table macadam.later ()', digest: 'x' };
  await asOwner(address, (client) => migrate(client, { steps: [...all, later] }));
  const open = () => openStore(address, 'later', { now: () => new Date() });
  await rejects(open(), 'newer', /was brought to 9999-later by a later release; start that release/);
  await asOwner(address, (client) =>
    client.query(
      "delete from macadam.migration where name = '9999-later'; update macadam.migration set digest = 'y'",
    ),
  );
  await rejects(open(), 'damaged', /migration 0001-foundation ran with another text/);
});

test('a migration that fails leaves nothing of itself, and those before it', async () => {
  const address = await trials.database();
  const bad = { name: '9999-bad', sql: 'create table macadam.half (); select 1 / 0', digest: 'x' };
  const ran = asOwner(address, (client) => migrate(client, { steps: [...all, bad] }));
  await rejects(ran, 'unavailable', /migration 9999-bad failed: division by zero/);
  const [state] = await asOwner(
    address,
    async (client) =>
      (
        await client.query(
          "select to_regclass('macadam.half') as half, (select count(*) from macadam.migration) as ran",
        )
      ).rows,
  );
  assert.deepEqual(state, { half: null, ran: String(all.length) });
});

test('a login that may make nothing in the database is told so, with the statement that lets it', async () => {
  const address = await trials.database();
  const poor = `create role poor login; set session authorization poor`;
  const ran = asOwner(address, async (client) => {
    await client.query(poor);
    await migrate(client);
  });
  const what =
    /schema macadam cannot be made: permission denied for database \w+; .*grant create on database/;
  await rejects(ran, 'refused', what);
});

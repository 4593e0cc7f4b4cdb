/** Both stores into a file and back: every row, every slice of the history, the log; and what is refused. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { verifyAudit } from '@macadam/adapters/decisions/audit';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { startEngine } from '@macadam/adapters/decisions/postgres/engine';
import { logRows } from '@macadam/adapters/decisions/postgres/log';
import { migrate, migrations } from '@macadam/adapters/decisions/postgres/migrate';
import { rowsIn, shapeOf } from '@macadam/adapters/decisions/postgres/rows';
import { type OwnerSession, visit } from '@macadam/adapters/decisions/postgres/visit';
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { quoted } from '@macadam/adapters/facts/clickhouse/table';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import { canonical } from '@macadam/core/text/canonical';
import { compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { standardSchema } from '@macadam/core/verdicts/standard';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { batch, rejects, system } from '@macadam/testing/decisions/sample';
import { asOwner, trialFolder } from '@macadam/testing/decisions/test-database';
import { device, give, kinds, picture } from '@macadam/testing/facts/devices';
import { until } from '@macadam/testing/until';
import { BackupError, type Part, readArchive, tarOf, writeArchive } from './archive.ts';
import { CONTENTS, type Contents, contentsPart, verifiedContents } from './contents.ts';
import { backup } from './make.ts';
import { restore } from './restore.ts';

const root = trialFolder();
after(() => rmSync(root, { recursive: true, force: true }));
const data = join(root, 'data');
const archive = join(root, 'made.tar');
const underLoad = join(root, 'under-load');
/** What was made of `archive`, by the first test. */
const restored = join(root, 'restored');
const now = () => new Date('2026-11-02T00:00:00Z');
const DAY = Date.UTC(2026, 10, 1);

const definition = standardSchema.parse({
  id: 'patched',
  pillar: 'engineering',
  title: 'Devices are new',
  statement: 'Every device is of today.',
  why: 'Old ones break.',
  origin: { report: 'none', lesson: 'They broke.' },
  scope: { kind: 'device' },
  check: "asset.model.startsWith('n')",
  reasons: [{ id: 'old', when: 'true', say: 'it is old' }],
  severity: 'low',
  measure: { kind: 'share' },
  rollout: { state: 'observe', on_unknown: 'allow' },
  toil: { owner_minutes: 0 },
});
const compiled = compileStandard(definition, device, { file: 'patched', lineOf: () => 1 });
if ('mistakes' in compiled) throw new TypeError(compiled.mistakes[0]?.reason);

const tick = ({ history, facts }: Stores, hours: number) =>
  history.tick({
    facts,
    kinds,
    standards: [compiled],
    exceptions: [],
    at: new Date(DAY + hours * 3_600_000),
  });

let stores: Stores;
let decisions: Decisions;
/** A server of others, on which everything that is restored by address has a database of its own. */
const server = await startEngine(preparedPlace(join(root, 'server')), { fleeting: true });
after(() => server.stop());
const onServer = (text: string) => asOwner(server.address, (client) => client.query(text));
const addressOf = (name: string) =>
  `postgres://${server.address.user}@localhost/${name}?host=${encodeURIComponent(server.address.socket)}`;
async function emptyDatabase(name: string): Promise<string> {
  await onServer(`create database ${name}`);
  return addressOf(name);
}

before(async () => {
  stores = await openStores(join(data, 'facts'), { kinds, now });
  await sampleRows(join(data, 'decisions'));
  decisions = await openDecisions(join(data, 'decisions'), { now: () => new Date() });
  await decisions.transaction(system, (tx) =>
    tx.webhooks.put({ id: 'all', url: 'https://a.example/', events: ['*'], division: '', active: true }),
  );
  for (let round = 0; round < 3; round += 1) {
    const saw = Object.fromEntries(
      Array.from({ length: 80 }, (_, index) => [
        `d${index}`,
        `${(index + round) % 3 === 0 ? 'n' : 'o'}${round}`,
      ]),
    );
    const { collection } = await give(stores.facts, { started: round * 60, saw });
    if (round === 1) await stores.facts.retract(collection, 'it was of another site', now());
    await tick(stores, round + 1);
  }
});
after(async () => {
  await stores.close();
  await decisions.close();
});

/** Rows for every table, by the samples that migrations are tested with: each as of its version. */
async function sampleRows(place: string): Promise<void> {
  const folder = join(import.meta.dirname, '../../adapters/decisions/postgres/migrations/samples');
  const engine = await startEngine(preparedPlace(place), { fleeting: true });
  await asOwner(engine.address, async (client) => {
    await client.query('drop schema if exists macadam cascade');
    for (const [index, { name }] of migrations().entries()) {
      await migrate(client, { steps: migrations().slice(0, index + 1) });
      await client.query("begin; select set_config('macadam.principal', 'sample', true)");
      await client.query(readFileSync(join(folder, `${name}.sql`), 'utf8'));
      await client.query('select macadam.audit_append($1)', [
        [JSON.stringify({ action: 'sample.write', outcome: 'done', principal: 'sample', subject: name })],
      ]);
      await client.query('commit');
    }
  });
  await engine.stop();
}

/** All rows of all tables, and where the counters stand. */
async function decidedIn(session: OwnerSession) {
  await session.query('begin');
  const shape = await shapeOf(session);
  const rows: Record<string, readonly string[]> = {};
  for (const table of Object.keys(shape.tables)) {
    const own: string[] = [];
    for await (const some of rowsIn(session, table)) own.push(...some);
    rows[table] = own.sort();
  }
  const verdict = await verifyAudit(logRows(session));
  await session.query('rollback');
  return { shape, rows, verdict };
}

/** All rows of all tables of the engine. */
async function held(driver: Driver): Promise<Record<string, readonly string[]>> {
  const tables = await driver.query<{ name: string }>(
    'SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name',
  );
  const found: Record<string, readonly string[]> = {};
  // What is only worked with is emptied when a store is opened.
  for (const { name } of tables.filter(({ name: own }) => !['affected', 'doomed'].includes(own)))
    found[name] = (await driver.query(`SELECT * FROM ${quoted(name)}`)).map(canonical).sort();
  return found;
}

async function slices({ history }: Stores): Promise<unknown> {
  const ticks = await history.ticks();
  const found: unknown[] = [ticks];
  for (const [index, moment] of ticks.entries()) {
    found.push(await history.slice(moment), await history.assetsAt(moment, {}, { limit: 1000 }));
    for (const other of ticks.slice(index + 1)) found.push(await history.account(moment, other));
  }
  return found;
}

const parts = (more: Partial<Parameters<typeof backup>[0]> = {}) =>
  backup({ decisions: join(data, 'decisions'), stores, release: '0.1.0', now, ...more });

/** Everything that can be asked of both stores. */
const all = async (place: string, opened: Stores) => ({
  decided: await visit(join(place, 'decisions'), now(), decidedIn),
  held: await held(opened.driver),
  newest: await opened.facts.newest(),
  picture: await picture(opened.facts),
  slices: await slices(opened),
  manifests: await opened.facts.manifests(),
});

test('what was restored answers everything as before, though both stores were in use', async () => {
  await stores.facts.settled();
  await writeArchive(archive, parts(), verifiedContents);
  const expected = await all(data, stores);
  assert.ok(
    Object.values(expected.decided.rows).every((rows) => rows.length > 0),
    'no table is without a row',
  );
  assert.equal(expected.decided.verdict.whole, true);
  assert.ok((expected.held.verdict_delta ?? []).length > 80 && expected.held.kind_device?.length === 80);

  // Written to from all sides while it is copied again.
  const cancel = new AbortController();
  let written = 0;
  const writing = (async () => {
    for (let round = 0; !cancel.signal.aborted; round += 1) {
      // What is decided names a batch of facts that is there.
      const { batch: known } = await give(stores.facts, { started: 1000 + round, saw: { d1: `n${round}` } });
      await decisions.transaction(system, async (tx) => {
        await tx.work.open([batch(`known-${known}`, [`a-${known}`, `b-${known}`])]);
      });
      await tick(stores, 100 + round);
      written += 1;
    }
  })();
  while (written < 2) await pause(5);
  await writeArchive(underLoad, parts(), verifiedContents);
  const during = written;
  cancel.abort();
  await writing;
  assert.deepEqual(
    readdirSync(join(data, 'facts/engine/shadow')).filter((name) => name.startsWith('copy_')),
    [],
    'what was only for the copy is let go',
  );
  // The engine serves one folder in a process.
  await stores.close();
  await decisions.close();

  // It may be there, and empty.
  mkdirSync(restored);
  chmodSync(restored, 0o711);
  const { contents, ended, webhooks } = await restore({ from: archive, data: restored, database: null });
  assert.deepEqual(readdirSync(restored).sort(), ['decisions', 'facts']);
  assert.equal(contents.decisions.rows.audit, expected.decided.rows.audit?.length);
  assert.deepEqual(ended, { sessions: 1, tokens: 2, links: 1 });
  assert.equal(webhooks, expected.decided.rows.webhook?.length);
  const again = await openStores(join(restored, 'facts'), { kinds, now });
  try {
    const found = await all(restored, again);
    assert.deepEqual(besideCredentials(found), besideCredentials(expected));
    onlyEnded(found.decided.rows, expected.decided.rows);
    // It goes on from there, and numbers nothing twice.
    const { batch: number } = await give(again.facts, { started: 900, saw: { d1: 'n9' } });
    assert.ok(number > expected.newest);
    await tick(again, 20);
  } finally {
    await again.close();
  }
  const opened = await openDecisions(join(restored, 'decisions'), { now });
  await opened.transaction(system, (tx) => tx.work.open([batch('after', ['x'])]));
  await opened.close();
  await oneMoment(join(root, 'restored-under-load'), await emptyDatabase('under_load'), during);
});

const CREDENTIALS = ['session', 'api_token', 'login_link', 'login_pending', 'audit', 'audit_head', 'outbox'];

function besideCredentials({ decided: { shape, rows, verdict }, ...rest }: Awaited<ReturnType<typeof all>>) {
  const others = Object.entries(rows).filter(([table]) => !CREDENTIALS.includes(table));
  const { outbox_number_seq: _, ...sequences } = shape.sequences;
  return { ...rest, ...shape, sequences, rows: Object.fromEntries(others), whole: verdict.whole };
}

/** Revoking and ending may have come after the backup, so nothing of it that lets anybody in is in force; and the log says so. */
function onlyEnded(
  found: Readonly<Record<string, readonly string[]>>,
  before: Readonly<Record<string, readonly string[]>>,
): void {
  assert.deepEqual(found.login_pending, []);
  const endings = { session: /^\([^,]*,ann,"[^"]+","[^"]+","[^"]+"/, api_token: /machine:restore,/ };
  for (const [table, says] of Object.entries(endings)) {
    assert.equal(found[table]?.length, before[table]?.length, table);
    for (const row of found[table] ?? []) assert.match(row, says);
  }
  for (const row of found.login_link ?? []) assert.match(row, /machine:restore/);
  const entries = (found.audit ?? []).filter((row) => !before.audit?.includes(row));
  assert.equal(entries.length, 1);
  const told = (found.outbox ?? []).filter((row) => !before.outbox?.includes(row));
  assert.equal(told.length, 1, 'whoever listens to everything is told of it');
  assert.match(entries[0] ?? '', /backup\.restore.*links.*:1.*sessions.*:1.*tokens.*:2.*machine:restore/);
}

/** Of a backup that was made under load: no store is ahead of the other, and nothing is half there. */
async function oneMoment(into: string, database: string, during: number): Promise<void> {
  await restore({ from: underLoad, data: into, database });
  const { rows, verdict } = await visit(database, now(), decidedIn);
  assert.equal(verdict.whole, true);
  const known = (rows.batch ?? []).flatMap((row) => /known-(\d+)/.exec(row)?.[1] ?? []).map(Number);
  assert.ok(known.length >= 2 && known.length <= during + 2, `${known.length} of ${during}`);
  for (const one of known)
    assert.equal((rows.batch_member ?? []).filter((row) => row.includes(`known-${one},`)).length, 2);
  const again = await openStores(join(into, 'facts'), { kinds, now });
  try {
    const newest = await again.facts.newest();
    assert.ok(
      known.every((one) => one <= newest),
      'no decision is ahead of the facts',
    );
    assert.deepEqual(await again.history.broken(), []);
    assert.ok((await again.history.ticks()).every((moment) => moment.known <= newest));
    const [count] = await again.driver.query<{ rows: string }>(
      'SELECT countIf(valid > (SELECT max(valid) FROM tick)) AS rows FROM verdict_delta',
    );
    assert.equal(Number(count?.rows), 0, 'no half of a tick');
  } finally {
    await again.close();
  }
}

async function refused(work: Promise<unknown>, says: RegExp): Promise<void> {
  const error = await work.then(
    () => assert.fail(`it was accepted, and should say ${says}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof BackupError, `${error}`);
  assert.match(error.message, says);
}
const into = () => join(root, `refused-${Math.random()}`);
async function forged(name: string, edit: (parts: Part[]) => Part[]): Promise<string> {
  const all: Part[] = [];
  for await (const part of readArchive(archive)) all.push(part);
  const path = join(root, name);
  rmSync(path, { recursive: true, force: true });
  await writeArchive(
    path,
    (async function* () {
      yield* edit(all);
    })(),
    async () => {},
  );
  return path;
}

test('what is damaged, cut off, or more than a backup is refused before anything is made', async () => {
  const whole = readFileSync(archive);
  const bytes = (name: string, made: Buffer) => {
    writeFileSync(join(root, name), made);
    return join(root, name);
  };
  const target = into();
  const on = (from: string) => restore({ from, data: target, database: null });
  await refused(on(bytes('cut.tar', whole.subarray(0, whole.length >> 1))), /cut.tar ends before its end/);
  const flipped = Buffer.from(whole);
  const spot = whole.indexOf('decisions/person') + 512 + 3;
  flipped[spot] = (flipped[spot] ?? 0) ^ 1;
  await refused(on(bytes('flipped.tar', flipped)), /is damaged: decisions\/person\/000000 was changed/);
  await refused(
    on(bytes('none.tar', Buffer.from('hello'.repeat(200)))),
    /none.tar is no backup, or is damaged/,
  );
  await refused(
    on(await forged('short.tar', (all) => all.slice(0, -1))),
    /backup.json, which is written last, is missing/,
  );
  await refused(on(await forged('less.tar', (all) => all.slice(1))), /is damaged: .* is missing/);
  const more = { name: 'decisions/extra/000000', bytes: Buffer.from('x') };
  await refused(
    on(await forged('more.tar', (all) => [more, ...all])),
    /holds decisions\/extra\/000000, which is no part/,
  );
  const out = { name: '../elsewhere', bytes: Buffer.from('x') };
  const tar: Buffer[] = [];
  for await (const some of tarOf(
    (async function* () {
      yield out;
    })(),
  ))
    tar.push(some);
  await refused(on(bytes('out.tar', Buffer.concat(tar))), /holds `\.\.\/elsewhere`/);
  await refused(on(join(root, 'nowhere.tar')), /there is no .*nowhere.tar/);
  const edited = await forged('edited', (all) =>
    all.map((part) =>
      part.name === CONTENTS
        ? {
            ...part,
            bytes: Buffer.from(
              Buffer.from(part.bytes).toString().replace('"release": "0.1.0"', '"release": "0.1.1"'),
            ),
          }
        : part,
    ),
  );
  await refused(on(edited), /is damaged: backup.json was changed/);
  assert.throws(() => readdirSync(target), /ENOENT/, 'nothing was made');
});

test('what a newer release made is refused, and names it', async () => {
  const contents = await verifiedContents(archive);
  const newer = (edit: (contents: Contents) => Contents) =>
    forged('newer', (all) =>
      all.map((part) => (part.name === CONTENTS ? contentsPart(edit(contents)) : part)),
    );
  const migration = { name: '9999-later', digest: 'a'.repeat(64) };
  const later = await newer((one) => ({
    ...one,
    release: '9.0.0',
    decisions: { ...one.decisions, migrations: [...one.decisions.migrations, migration] },
  }));
  const on = (from: string) => restore({ from, data: into(), database: null });
  await refused(on(later), /is of a newer release \(9\.0\.0, 9999-later\); restore it with that one/);
  const format = await newer((one) => ({ ...one, format: 'macadam.backup/2' as never }));
  await refused(on(format), /is of a newer release \(macadam\.backup\/2\)/);
});

test('a folder or a database that holds something is never written over', async () => {
  const full = into();
  mkdirSync(full);
  writeFileSync(join(full, 'mine'), 'x');
  await refused(
    restore({ from: archive, data: full, database: null }),
    /is not empty; name a folder that is/,
  );
  assert.deepEqual(readdirSync(full), ['mine']);
  await refused(writeArchive(archive, parts(), verifiedContents), /made.tar is there already/);
  // Again over itself.
  await refused(restore({ from: archive, data: restored, database: null }), /is not empty/);
});

/** What was made, without its facts. */
async function withoutFacts(): Promise<string> {
  const { parts: named, ...contents } = await verifiedContents(archive);
  const isDecided = ({ name }: { readonly name: string }) => name.startsWith('decisions/');
  const own = contentsPart({ ...contents, facts: null, parts: named.filter(isDecided) });
  return forged('decisions.tar', (all) => [...all.filter(isDecided), own]);
}

test('a restore into a database by address that was cut off is done again, and one that holds decisions is refused', async () => {
  const from = await withoutFacts();
  const database = await emptyDatabase('cut_off');
  // As a kill leaves it before the rows are there.
  await asOwner({ url: database }, (client) => migrate(client, { steps: migrations().slice(0, 3) }));
  const { contents } = await restore({ from, data: into(), database });
  const { rows } = await asOwner({ url: database }, (client) =>
    client.query<{ count: number }>('select count(*)::int as count from macadam.audit'),
  );
  assert.ok((rows[0]?.count ?? 0) >= (contents.decisions.rows.audit ?? Number.POSITIVE_INFINITY));
  await refused(restore({ from, data: into(), database }), IN_USE);
});
const IN_USE = /there are decisions in that database/;

/** Dies where the folder would get its name: the rows are there by then. */
const DIES_AT_NAMING = `
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
promises.rename = () => process.kill(process.pid, 'SIGKILL');
syncBuiltinESMExports();
const { restore } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'restore.ts')).href)});
const [from, data, database] = process.argv.slice(1);
await restore({ from, data, database });
`;

test('a restore by address that was killed before its folder had a name is done again, and not once anybody decided something', async () => {
  const unnamed = await emptyDatabase('unnamed');
  const target = into();
  const words = ['--input-type=module', '--eval', DIES_AT_NAMING, archive, target, unnamed];
  const [, signal] = await once(spawn(process.execPath, words, { stdio: 'ignore' }), 'exit');
  assert.equal(signal, 'SIGKILL');
  assert.equal(existsSync(target), false);
  // Another one that was killed there: the server lets go of who was killed a moment later.
  await until('nobody is connected to what was restored', async () => {
    const { rowCount } = await onServer("select from pg_stat_activity where datname = 'unnamed'");
    return rowCount === 0;
  });
  await onServer('create database decided template unnamed');
  await restore({ from: archive, data: target, database: unnamed });
  assert.deepEqual(readdirSync(target), ['facts']);
  assert.deepEqual(
    readdirSync(root).filter((name) => name.includes('.partial')),
    [],
  );
  // It has ended, so it is in use.
  await refused(restore({ from: archive, data: into(), database: unnamed }), IN_USE);
  const decided = addressOf('decided');
  await asOwner({ url: decided }, async (client) => {
    await client.query("begin; select set_config('macadam.principal', 'ann', true)");
    const entry = { action: 'batch.comment', outcome: 'done', principal: 'ann', subject: 'x' };
    await client.query('select macadam.audit_append($1)', [[JSON.stringify(entry)]]);
    await client.query('commit');
  });
  await refused(restore({ from: archive, data: into(), database: decided }), IN_USE);
});

test('a log that was broken before it was copied is not put back as if it were whole', async () => {
  const copy = join(root, 'broken.tar');
  await visit(join(restored, 'decisions'), now(), (session) =>
    session.query(
      "alter table macadam.audit disable trigger user; update macadam.audit set at = 'x' where number = 2",
    ),
  );
  await writeArchive(
    copy,
    backup({ decisions: join(restored, 'decisions'), stores: null, release: '0.1.0', now }),
    verifiedContents,
  );
  const database = await emptyDatabase('broken');
  await refused(restore({ from: copy, data: into(), database }), /the audit log in .* is broken at entry 2/);
  await rejects(
    (async () => {
      for await (const _ of backup({
        decisions: join(root, 'no-store'),
        stores: null,
        release: '0.1.0',
        now,
      }));
    })(),
    'missing',
    /there are no decisions in .*no-store/,
  );
});

test('a row that is larger than any part comes back, and what cannot be read back never gets its name', async () => {
  const place = preparedPlace(join(root, 'large-rows'));
  const large = await openDecisions(place, { now: () => new Date() });
  // Eight bytes of a part for each, so that it begins in one part, goes on in the next and ends in a third.
  const text = '"'.repeat(600_000);
  await large.transaction(system, async (tx) =>
    tx.audit({ action: 'large.text', subject: 'x', detail: text }),
  );
  const copy = join(root, 'large.tar');
  const made = () => backup({ decisions: place, stores: null, release: '0.1.0', now });
  // Of a backup that was killed: no process has this number.
  mkdirSync(`${copy}.4194305.partial`);
  await writeArchive(copy, made(), verifiedContents);
  await large.close();
  const database = await emptyDatabase('large');
  await restore({ from: copy, data: into(), database });
  const { rows } = await asOwner({ url: database }, (client) =>
    client.query("select content from macadam.audit where action = 'large.text'"),
  );
  assert.equal(JSON.parse(rows[0].content).detail, text);
  const unread = join(root, 'unread.tar');
  const broken = async function* () {
    for await (const part of readArchive(copy))
      yield part.name === CONTENTS ? part : { name: part.name, bytes: Buffer.from('no row\n') };
  };
  await refused(
    writeArchive(unread, broken(), verifiedContents),
    /is damaged: decisions\/audit\/000000 was changed/,
  );
  assert.equal(existsSync(unread), false);
  assert.deepEqual(
    readdirSync(root).filter((name) => name.includes('.partial')),
    [],
  );
});

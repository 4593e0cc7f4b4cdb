/** The log as it is read, followed, taken away and sampled; manifests of facts; the description; a backup over HTTP. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { type AuditRow, verifyAudit } from '@macadam/adapters/decisions/audit';
import type { AuditSample } from '@macadam/services/audit/sample';
import { verifiedContents } from '@macadam/services/backup/contents';
import { batch, north, request, south, system } from '@macadam/testing/decisions/sample';
import { kept } from '@macadam/testing/server/sample';
import { sampleServer } from '@macadam/testing/server/sample-server';
import { copiesOf } from '../api-backup.ts';

const sheds = await kept();
after(sheds.remove);
const everywhere = (role: 'auditor' | 'administrator' | 'reader') => ({ roles: [{ role, division: '' }] });
/** Whose right is taken while a stream of theirs is open. */
const leaving = { roles: [{ role: 'reader' as const, division: 'north' }] };
const server = await sampleServer({
  people: {
    lea: leaving,
    aud: everywhere('auditor'),
    adm: everywhere('administrator'),
    red: { roles: [{ role: 'reader', division: 'north' }] },
    sou: { roles: [{ role: 'auditor', division: 'south' }] },
  },
  site: () => sheds.site,
  port: 0,
  parts: {
    stores: () => sheds.stores,
    backup: (wanted) =>
      copiesOf({
        decisions: server.decisions.place,
        stores: () => sheds.stores,
        folder: join(sheds.folder, 'copies'),
        now: () => new Date(),
      }).backup(wanted),
  },
});
after(server.close);
const { decisions } = server;
await decisions.transaction(system, (tx) =>
  tx.work.open([batch('n1', ['a', 'b']), batch('s1', ['c'], 'south')]),
);
await decisions.transaction(north, (tx) => tx.permissions.request(request('e-north')));
await decisions.transaction(south, (tx) => tx.permissions.request(request('e-south', 'south')));

test('entries are listed newest first, a page at a time, to an auditor and by division', async () => {
  const first = (await server.ask('aud', 'GET', '/api/audit?limit=2')).json();
  assert.deepEqual(
    first.items.map((one: { action: string; subject: string }) => [one.action, one.subject]),
    [
      ['exception.request', 'e-south'],
      ['exception.request', 'e-north'],
    ],
  );
  const next = (await server.ask('aud', 'GET', `/api/audit?after=${first.next}`)).json();
  assert.deepEqual(
    next.items.map(({ number }: { number: number }) => number),
    [2, 1],
  );
  const south = (await server.ask('sou', 'GET', '/api/audit')).json();
  assert.deepEqual(
    south.items.map(({ subject }: { subject: string }) => subject),
    ['e-south', 's1'],
  );
  const one = (await server.ask('aud', 'GET', '/api/audit?action=batch.open&subject=n1')).json();
  assert.deepEqual([one.items.length, one.items[0].division, one.items[0].outcome], [1, 'north', 'done']);
  assert.equal((await server.ask('red', 'GET', '/api/audit')).statusCode, 403);
});

test('the whole log is for auditors of the company, and verifies elsewhere', async () => {
  assert.equal((await server.ask('sou', 'GET', '/api/audit/log')).statusCode, 403);
  const log = await server.ask('aud', 'GET', '/api/audit/log');
  assert.equal(log.headers['content-type'], 'application/x-ndjson; charset=utf-8');
  const [end = '', ...rows] = log.body.trimEnd().split('\n').reverse();
  const verdict = await verifyAudit(rows.reverse().map((line) => JSON.parse(line) as AuditRow));
  assert.equal(verdict.whole && verdict.entries, rows.length);
  const digest = verdict.whole && verdict.digest;
  assert.deepEqual(JSON.parse(end), { head: { number: rows.length, digest } });
  assert.equal((await server.ask('aud', 'HEAD', '/api/audit/log')).body, '');
  const drawn = (await server.ask('aud', 'GET', '/api/audit/sample?seed=one&n=3')).json() as AuditSample;
  const verdicts = drawn.drawn.filter(({ sort }) => sort === 'verdict');
  assert.deepEqual([verdicts.length, drawn.log.entries >= rows.length], [3, true]);
  assert.ok(verdicts.every(({ observations, definition }) => observations.length > 0 && definition !== null));
  assert.equal((await server.ask('aud', 'GET', '/api/audit/sample?n=3')).statusCode, 400);
});

test('the manifests of all collections are for auditors of the company, and verify elsewhere', async () => {
  assert.equal((await server.ask('sou', 'GET', '/api/audit/manifests')).statusCode, 403);
  const { body } = await server.ask('aud', 'GET', '/api/audit/manifests');
  const lines = body.trimEnd().split('\n');
  const signed = await sheds.stores.facts.manifests();
  assert.ok(signed.length >= 2);
  assert.deepEqual(
    lines.slice(0, -1).map((line) => JSON.parse(line)),
    signed,
  );
  const file = join(sheds.folder, 'manifests.ndjson');
  const verify = (written: readonly string[], ...words: readonly string[]) => {
    writeFileSync(file, written.join('\n'));
    const program = join(import.meta.dirname, '../../../docs/audit/verify-manifests.mjs');
    const { status, stdout } = spawnSync(process.execPath, [program, file, ...words], { encoding: 'utf8' });
    return { status, stdout };
  };
  const whole = verify(lines);
  assert.equal(whole.status, 0, whole.stdout);
  assert.match(
    whole.stdout,
    new RegExp(`^all holds: ${signed.length} manifests of \\d+ sources; without a key no`),
  );
  const [first = '', ...rest] = lines;
  const broken: readonly (readonly [readonly string[], number, RegExp])[] = [
    [rest, 1, /^manifest 2 of .* follows manifest 0: one is missing or stands twice$/m],
    [lines.slice(0, -1), 1, /^the line that ends the file is missing: it was cut off$/m],
    [[...lines, first], 1, /^broken at line \d+: something comes after the line that ends the file$/m],
    [
      [first.replace('"complete"', '"partial"'), ...rest],
      1,
      /^manifest 1 of .* is not what its digest was taken of$/m,
    ],
    [['{'], 1, /^broken at line 1: it is not JSON$/m],
    [[''], 2, /is empty: there is no manifest in it/],
  ];
  for (const [written, status, why] of broken) {
    const verdict = verify(written);
    assert.equal(verdict.status, status, verdict.stdout);
    assert.match(verdict.stdout, why);
  }
  const noted = verify(lines, `register=${'0'.repeat(64)}`);
  assert.deepEqual(
    [noted.status, noted.stdout.split('\n')[0]],
    [1, `the chain of register no longer holds the manifest ${'0'.repeat(64)}`],
  );
  assert.equal(verify(lines, join(sheds.folder, 'no-key.pem')).status, 2);
});

/** Events until `wanted` came. */
/** `begun`: told when the server has looked where its log ends, which is where a stream without a beginning goes on from. */
async function follow(
  who: string,
  wanted: number,
  from?: number,
  begun = () => {},
): Promise<Record<string, unknown>[]> {
  const gone = new AbortController();
  const answer = await fetch(`${server.url}api/events`, {
    signal: gone.signal,
    headers: { authorization: `Bearer ${who}`, ...(from !== undefined && { 'last-event-id': String(from) }) },
  });
  assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const found: Record<string, unknown>[] = [];
  let text = '';
  for await (const some of answer.body ?? []) {
    begun();
    text += Buffer.from(some).toString();
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, id, data] = /^id: (\d+)\nevent: entry\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (data === undefined) continue;
      found.push(JSON.parse(data));
      assert.equal(found.at(-1)?.number, Number(id));
    }
    if (found.length >= wanted) break;
  }
  gone.abort();
  return found;
}

test('events begin where they are asked to, and show a reader only its division, without what was said', async () => {
  const all = await follow('aud', 4, 0);
  assert.deepEqual(
    all.slice(0, 2).map(({ subject }) => subject),
    ['n1', 's1'],
  );
  assert.ok('detail' in (all[0] ?? {}));
  const own = await follow('red', 2, 0);
  assert.deepEqual(
    own.map(({ action, subject, division }) => [action, subject, division]),
    [
      ['batch.open', 'n1', 'north'],
      ['exception.request', 'e-north', 'north'],
    ],
  );
  assert.deepEqual(Object.keys(own[0] ?? {}), ['number', 'at', 'action', 'subject', 'division']);
  const unread = await server.ask('aud', 'GET', '/api/events', undefined, { 'last-event-id': 'zzz' });
  assert.deepEqual([unread.statusCode, unread.json().errors[0].field], [400, 'Last-Event-ID']);
  const gone = new AbortController();
  const ahead = await fetch(`${server.url}api/events`, {
    signal: gone.signal,
    headers: { authorization: 'Bearer aud', 'last-event-id': '99999999' },
  });
  const reader = (ahead.body ?? assert.fail()).getReader();
  let begun = '';
  while (!begun.includes('data: ')) begun += Buffer.from((await reader.read()).value ?? []).toString();
  assert.match(begun, /id: (\d+)\nevent: reset\ndata: \{"asked":99999999,"head":\1\}\n\n/);
  gone.abort();
  const begins = Promise.withResolvers<void>();
  const coming = follow('aud', 1, undefined, begins.resolve);
  await begins.promise;
  await decisions.transaction(system, (tx) => tx.work.comment('n1', 'soon'));
  assert.deepEqual(
    (await coming).map(({ action }) => action),
    ['batch.comment'],
  );
});

test('a right that is taken shows nothing more of a stream that is open, and ends it', async () => {
  const gone = new AbortController();
  const open = await fetch(`${server.url}api/events`, {
    signal: gone.signal,
    headers: { authorization: 'Bearer lea' },
  });
  const reader = (open.body ?? assert.fail()).getReader();
  await reader.read();
  leaving.roles = [];
  await decisions.transaction(system, (tx) => tx.work.comment('n1', 'not for who has left'));
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read())
    rest += Buffer.from(part.value).toString();
  assert.doesNotMatch(rest, /event: entry/);
});

test('a backup over HTTP is whole, is logged, and is for administrators', async () => {
  assert.equal((await server.ask('aud', 'POST', '/api/backup')).statusCode, 403);
  for (const [query, parts] of [
    ['', true],
    ['?facts=no', false],
  ] as const) {
    const made = await server.ask('adm', 'POST', `/api/backup${query}`);
    assert.equal(made.statusCode, 200, made.body);
    const file = join(sheds.folder, `made${parts}.tar`);
    writeFileSync(file, made.rawPayload);
    const contents = await verifiedContents(file);
    assert.equal(contents.facts !== null, parts);
    assert.ok((contents.decisions.rows.batch ?? 0) === 2);
  }
  const logged = (await server.ask('aud', 'GET', '/api/audit?action=backup.make')).json();
  assert.deepEqual(
    logged.items.map(({ subject }: { subject: string }) => subject),
    ['decisions', 'decisions, facts'],
  );
});

test('the description is open to everybody, as data and as a page that names each operation', async () => {
  const described = await server.ask('', 'GET', '/api/openapi.json', undefined, { authorization: '' });
  assert.equal(described.statusCode, 200);
  const { openapi, paths } = described.json();
  assert.equal(openapi, '3.1.0');
  assert.ok(Object.keys(paths).length > 15 && paths['/api/audit'] && !paths['/api']);
  const page = await server.ask('', 'GET', '/api', undefined, { authorization: '' });
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.doesNotMatch(page.body, /<script[^>]*>[^<]/);
  for (const [path, methods] of Object.entries(paths as Record<string, object>))
    for (const method of Object.keys(methods))
      assert.ok(page.body.includes(`<code>${method.toUpperCase()} ${path}</code>`), `${method} ${path}`);
});

test('nothing failed that nobody foresaw', () => {
  assert.deepEqual(server.failures, []);
});

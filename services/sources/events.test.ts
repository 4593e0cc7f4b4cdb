/** What hosts told of: kept until it was read, also over a new start, and taken from nobody without the secret. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { discoverSources } from '@macadam/adapters/discover';
import { keepConfigured, keyBeside } from './configured.ts';
import { sealed } from './credentials.ts';
import { toldSources } from './events.ts';

const folder = mkdtempSync(join(tmpdir(), 'told-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const known = await discoverSources();
const file = join(folder, 'told.ndjson');
const sources = join(folder, 'setup/sources.json');
const START = Date.parse('2026-11-01T00:00:00Z');
let at = START;
const open = (environment: Readonly<Record<string, string>> = {}) =>
  toldSources({ file, sources, typed: ['github', 'git'], known, environment, now: () => new Date(at) });

test('what was told waits until it was read by a reading that began later, and is there after a new start', () => {
  const told = open();
  assert.equal(told.last('github'), null);
  told.tell('github', ['acme/a', 'acme/b', 'acme/a']);
  assert.deepEqual(told.pending('github').toSorted(), ['acme/a', 'acme/b']);
  at += 1000;
  const begun = new Date(at);
  at += 1000;
  told.tell('github', ['acme/b']);
  told.tell('other', []);
  told.read('github', ['acme/a', 'acme/b'], begun);
  assert.deepEqual(told.pending('github'), ['acme/b'], 'what was told meanwhile is read again');
  assert.deepEqual(told.last('other'), new Date(at));
  appendFileSync(file, '{"source":"github","na');
  const again = open();
  assert.deepEqual(
    [...again.since('github')],
    [
      ['acme/a', new Date(START)],
      ['acme/b', new Date(at)],
    ],
  );
  assert.deepEqual(again.pending('github'), [], 'the first look lists all, and reads these first');
  assert.deepEqual(again.last('github'), new Date(at));
  assert.equal(readFileSync(file, 'utf8').endsWith('\n'), true);
  at += 49 * 3_600_000;
  assert.equal(open().since('github').size, 0, 'by then all was read in its turn');
});

test('events are taken for a source that has a secret, sealed, by reference or of the environment, and for no other', async () => {
  const key = keyBeside(sources, {});
  const entry = { source: 'github', targets: ['acme'], options: {} };
  const GITHUB_WEBHOOK_SECRET = 'long-enough-for-a-hook';
  keepConfigured(sources, [
    {
      ...entry,
      name: 'sealed',
      credentials: { GITHUB_WEBHOOK_SECRET: sealed(GITHUB_WEBHOOK_SECRET, 'GITHUB_WEBHOOK_SECRET', key) },
    },
    { ...entry, name: 'named', credentials: { GITHUB_WEBHOOK_SECRET: 'env:HOOK' } },
    { ...entry, name: 'short', credentials: { GITHUB_WEBHOOK_SECRET: 'env:SHORT' } },
    { ...entry, name: 'without', credentials: {} },
    { ...entry, name: 'foreign', source: 'okta', credentials: {} },
  ]);
  const told = open({ HOOK: 'another-one-of-length', SHORT: 'short', GITHUB_WEBHOOK_SECRET });
  const secretOf = async (name: string) => (await told.of(name))?.secret ?? null;
  assert.equal(await secretOf('sealed'), GITHUB_WEBHOOK_SECRET);
  assert.equal(await secretOf('named'), 'another-one-of-length');
  assert.equal(await secretOf('github'), GITHUB_WEBHOOK_SECRET, 'named where the server was started');
  for (const name of ['short', 'without', 'foreign', 'git', 'nobody'])
    assert.equal(await secretOf(name), null, name);
  assert.equal((await open().of('github')) ?? null, null);
  at += 60_000;
  told.tell('named', []);
  assert.deepEqual(told.last('github'), new Date(at), 'of any source of this kind');
});

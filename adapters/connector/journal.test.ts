import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openJournal } from './journal.ts';

const HOUR = 3_600_000;
const NOON = new Date('2026-11-01T12:00:00Z');

test('an interrupted run continues, a finished or old one does not, and nobody continues another one', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'journal-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'deep', 'journal');
  const owner = ['tok', 'en'].join('');

  const first = await openJournal(path, owner, NOON, HOUR);
  await first.put('page', [1, 2], '2026-11-01T11:30:00Z');
  await first.put('old', 'x', '2026-11-01T10:59:00Z');
  await appendFile(path, '{"key":"cut","at":"2026-11-01T1');
  assert.equal((await stat(path)).mode & 0o077, 0);
  assert.ok(!(await readFile(path, 'utf8')).includes(owner));

  const second = await openJournal(path, owner, NOON, HOUR);
  assert.equal(second.resumed, 1);
  assert.deepEqual(second.get('page'), { at: '2026-11-01T11:30:00Z', value: [1, 2] });
  await second.put('after the cut', 3, '2026-11-01T11:31:00Z');
  assert.equal((await openJournal(path, owner, NOON, HOUR)).resumed, 2);

  assert.equal((await openJournal(path, 'somebody else', NOON, HOUR)).resumed, 0);
  const third = await openJournal(path, owner, NOON, HOUR);
  await third.put('page', 1, NOON.toISOString());
  await third.finish();
  assert.equal((await openJournal(path, owner, NOON, HOUR)).resumed, 0);
});

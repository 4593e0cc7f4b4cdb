/** `macadam recover`: an administrator where none is left; the log has who, whom and why before anybody can use it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { AuditRecord } from '@macadam/adapters/decisions/port';
import { followLink } from '@macadam/adapters/identity/link';
import { startCommandLine } from '@macadam/testing/command-line';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';

const folder = trialFolder();
const data = join(folder, 'data');
const place = preparedPlace(join(data, 'decisions'));
const commandLine = startCommandLine();
after(() => rmSync(folder, { recursive: true, force: true }));
const now = () => new Date();
const reader = { id: 'test', divisions: 'all' } as const;

const recover = (...words: readonly string[]) =>
  commandLine.run({
    args: ['recover', ...words, '--data', data],
    cwd: folder,
    env: { ...process.env, DATABASE_URL: '', XDG_STATE_HOME: folder },
  });

/** What the log has of it, the oldest first. */
async function entries(): Promise<readonly AuditRecord[]> {
  const decisions = await openDecisions(place, { now });
  try {
    const all = await decisions.transaction(reader, (tx) => tx.auditEntries({ limit: 500 }), {
      readOnly: true,
    });
    return all.filter(({ principal }) => principal === 'machine:recovery').reverse();
  } finally {
    await decisions.close();
  }
}

test('whoever recovers has to say why, and what is refused changes nothing', async () => {
  const short = recover('ben', '--reason', 'locked');
  assert.equal(short.status, 2, short.stdout);
  assert.match(short.stderr, /--reason: say in at least 10 characters why nobody else can/);
  const nobody = recover('ben; drop', '--reason', 'Ann has left, and nobody else may');
  assert.equal(nobody.status, 2, nobody.stdout);
  assert.match(nobody.stderr, /is not an id of a person/);
  assert.deepEqual(await entries(), []);
});

test('beside a running server nothing is recovered', async () => {
  const running = await openDecisions(place, { now });
  const { status, stderr } = recover('ben', '--reason', 'Ann has left, and nobody else may');
  await running.close();
  assert.equal(status, 2);
  assert.match(stderr, /--data: \S+ is held by process \d+ .*; stop that process first/);
  assert.deepEqual(await entries(), []);
});

test('`macadam recover` makes an administrator, and its entry is in the log with the reason', async () => {
  const reason = 'Ann has left, and nobody else is an administrator';
  const { status, stdout, stderr } = recover('ben', '--reason', reason);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^ben is now an administrator of the company; the log says so, with the reason$/m);
  const [first, ...rest] = await entries();
  assert.deepEqual(
    [first?.action, first?.subject, first?.outcome, first?.detail],
    ['access.recover', 'ben', 'done', { reason }],
  );
  assert.ok(
    rest.some(({ action, subject }) => action === 'role.grant' && subject.startsWith('ben')),
    JSON.stringify(rest),
  );
  const key = /\/login\/link\?key=(\S+)/.exec(stdout)?.[1] ?? '';
  const decisions = await openDecisions(place, { now });
  const session = await followLink({ decisions, now, random: randomBytes }, key);
  const roles = await decisions.transaction(reader, (tx) => tx.access.roles('ben'), { readOnly: true });
  await decisions.close();
  assert.equal(session?.person, 'ben');
  assert.deepEqual(
    roles.map(({ role, division }) => [role, division]),
    [['administrator', '']],
  );
});

test('asked again, the second is in the log as the first was, and gives no second role', async () => {
  const reason = 'the first link was lost on the way';
  const { status, stdout } = recover('ben', '--reason', reason);
  assert.equal(status, 0);
  assert.match(stdout, /ben was already an administrator/);
  const told = (await entries()).filter(({ action }) => action === 'access.recover');
  assert.deepEqual(told.at(-1)?.detail, { reason });
  assert.equal(told.length, 2);
});

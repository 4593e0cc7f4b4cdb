/** What runs beside requests: once for several processes, in spite of failures, and ended when the server ends. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { DecisionPrincipal, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { COLLECT } from '@macadam/services/work/acts';
import { RECONCILE } from '@macadam/services/work/tick';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { until } from '@macadam/testing/until';
import { mailServerIn } from './deliveries.ts';
import { collectAsked, type JobOptions, notify, startJobs } from './jobs.ts';

const folder = trialFolder();
const decisions = await openDecisions(preparedPlace(join(folder, 'decisions')), { now: () => new Date() });
after(async () => {
  await decisions.close();
  rmSync(folder, { recursive: true, force: true });
});
const ann: DecisionPrincipal = { id: 'ann', divisions: 'all' };
const ben: DecisionPrincipal = { id: 'ben', divisions: 'all' };
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const told = (action: string) =>
  decisions.transaction(ann, (tx: DecisionTransaction) => tx.auditEntries({ action, limit: 50 }));

async function granted(id: string, until: string): Promise<void> {
  const reason = 'It is replaced with the building.';
  const asked = { id, standard: 'locked', division: 'north', selectors: ['a'], reason, until };
  await decisions.transaction(ann, (tx) => tx.permissions.request(asked));
  await decisions.transaction(ben, (tx) => tx.permissions.approve(id, [{ asset: 'a', accepted: null }]));
}

const begun: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of begun.splice(0)) await one.close();
});

function jobs(options: Partial<JobOptions>) {
  const failures: string[] = [];
  const started = startJobs({
    decisions,
    now: () => new Date(),
    random: () => 0.5,
    work: () => null,
    restMs: 20,
    failed: (job, error) => failures.push(`${job}: ${(error as Error).message}`),
    ...options,
  });
  begun.push(started);
  return { ...started, failures };
}

// First: what jobs of the other tests notice at later times would leave nothing to tell.
test('two processes tell of an exception that is about to end once', async () => {
  await granted('soon', day(6));
  const now = new Date();
  const counts = await Promise.all([notify(decisions, now), notify(decisions, now)]);
  const first = counts.reduce((sum, count) => sum + count, 0);
  const entries = (await told('exception.ending')).filter(({ subject }) => subject === 'soon');
  assert.equal(entries.length, 1);
  assert.ok(first >= 1);
  assert.deepEqual(entries[0]?.division, 'north');
  assert.deepEqual(entries[0]?.detail, {
    standard: 'locked',
    endsAt: `${day(7)}T00:00:00.000Z`,
  });
  assert.equal(await notify(decisions, now), 0);
  // A day before its end it is told once more, and of what is over no more.
  const later = new Date(Date.parse(`${day(7)}T00:00:00Z`) - 43_200_000);
  assert.ok((await notify(decisions, later)) >= 1);
  const again = (await told('exception.ending')).filter(({ subject }) => subject === 'soon');
  assert.equal(again.length, 2);
});

test('work is gone over at first, and again only when something was decided', async () => {
  let passes = 0;
  const work = {
    takeIn: async () => {},
    pass: async () => {
      passes += 1;
      // What it does itself is nothing new.
      await decisions.transaction(RECONCILE, async (tx) =>
        tx.audit({ action: 'work.pass', subject: 'a test' }),
      );
    },
  };
  const running = jobs({ work: () => work });
  await until('there is a pass', () => passes === 1);
  await pause(300);
  assert.equal(passes, 1);
  await decisions.transaction(ann, async (tx) => tx.audit({ action: 'owner.assign', subject: 'it' }));
  await until('there is another', () => passes > 1);
  await decisions.transaction(ann, async (tx) => tx.audit({ action: 'session.start', subject: 'it' }));
  await pause(300);
  assert.equal(passes, 2, 'who logs in changes no work');
  await running.close();
  await decisions.transaction(ann, async (tx) => tx.audit({ action: 'owner.assign', subject: 'it' }));
  await pause(200);
  assert.equal(passes, 2, 'nothing begins after the end');
  assert.deepEqual(running.failures, []);
});

test('when an exception ends, work is gone over though nobody did anything', async () => {
  await granted('short', day(3));
  let [passes, ahead] = [0, 0];
  const work = {
    takeIn: async () => {},
    pass: async () => {
      passes += 1;
    },
  };
  const running = jobs({ work: () => work, now: () => new Date(Date.now() + ahead) });
  await until('there is a pass', () => passes === 1);
  await pause(300);
  assert.equal(passes, 1);
  ahead = 5 * 86_400_000;
  await until('its instant is noticed', () => passes > 1);
  await running.close();
});

test('a job that fails is told of, is tried again, and takes nothing else with it', async () => {
  let [tries, others] = [0, 0];
  const work = {
    takeIn: async () => {},
    pass: async () => {
      tries += 1;
      throw new Error('the store of facts is away');
    },
  };
  const away = jobs({
    work: () => work,
    // Time flies: pauses after failures are of seconds.
    random: () => -0.499,
  });
  const well = {
    takeIn: async () => {},
    pass: async () => {
      others += 1;
    },
  };
  const beside = jobs({ work: () => well });
  await until('it is tried again, and the other was gone over', () => tries >= 2 && others > 0);
  assert.equal(others, 1);
  await away.close();
  await beside.close();
  assert.equal(away.failures[0], 'reconcile: the store of facts is away');
});

test('whoever asks for a look again gets one, once for all who asked, and again after it failed', async () => {
  const post = (asset: string) =>
    decisions.transaction(RECONCILE, (tx) =>
      tx.delivery.post({ destination: COLLECT, division: 'north', subject: asset, body: { asset } }),
    );
  let looks = 0;
  const look = async () => {
    looks += 1;
    if (looks === 1) throw new Error('the disk is full');
  };
  await post('a');
  await post('b');
  await assert.rejects(
    collectAsked(decisions, look, () => new Date(Date.now() - 60_000)),
    /the disk is full/,
  );
  assert.equal(await collectAsked(decisions, look, () => new Date()), 2, 'the refused look was given back');
  assert.equal(looks, 2);
  assert.equal(await collectAsked(decisions, look, () => new Date()), 0);
  assert.equal(looks, 2, 'nobody asked any more');
});

test('keys of requests are kept for two days, and then forgotten', async () => {
  const claim = (now: () => Date) => {
    const running = jobs({ now });
    return running;
  };
  await decisions.transaction(ann, (tx) => tx.delivery.claimKey('k1', 'request'));
  const today = claim(() => new Date());
  await pause(300);
  await today.close();
  const kept = await decisions.transaction(ann, (tx) => tx.delivery.claimKey('k1', 'request'));
  assert.equal(kept.fresh, false);
  const later = claim(() => new Date(Date.now() + 3 * 86_400_000));
  await until(
    'it is forgotten',
    async () => (await decisions.transaction(ann, (tx) => tx.delivery.claimKey('k1', 'request'))).fresh,
  );
  await later.close();
  assert.deepEqual([...today.failures, ...later.failures], []);
});

test('a mail server is named without its password, or there is none', () => {
  assert.equal(mailServerIn({}), null);
  const from = 'macadam@acme.example';
  const url = 'smtps://mailer@mail.acme.example';
  assert.deepEqual(
    mailServerIn({ MACADAM_SMTP_URL: url, MACADAM_MAIL_FROM: from, MACADAM_SMTP_PASSWORD: 'file:/run/mail' }),
    { host: 'mail.acme.example', port: 465, tls: true, from, user: 'mailer', password: 'file:/run/mail' },
  );
  assert.equal(mailServerIn({ MACADAM_SMTP_URL: 'smtp://[::1]:2525', MACADAM_MAIL_FROM: from })?.host, '::1');
  assert.throws(() => mailServerIn({ MACADAM_SMTP_URL: url }), /MACADAM_MAIL_FROM: name the address/);
  const secret = 'smtps://mailer:hush@mail.acme.example';
  assert.throws(
    () => mailServerIn({ MACADAM_SMTP_URL: secret, MACADAM_MAIL_FROM: from }),
    /leave the password out; MACADAM_SMTP_PASSWORD says where it is/,
  );
  assert.throws(
    () => mailServerIn({ MACADAM_SMTP_URL: 'mail.acme.example', MACADAM_MAIL_FROM: from }),
    /MACADAM_SMTP_URL: give smtp:\/\/host:587 or smtps:\/\/host:465/,
  );
});

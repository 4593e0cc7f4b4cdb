import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { startEngine } from '@macadam/adapters/decisions/postgres/engine';
import { deliverDue } from '@macadam/adapters/delivery/lane';
import { type Mailing, mailLane } from '@macadam/adapters/mail/send';
import type { OrgEvent } from '@macadam/core/org/org';
import { weekOf } from '@macadam/core/work/digest';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { as, batch, day, north, other, request, system } from '@macadam/testing/decisions/sample';
import { asOwner, trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { recordEvents } from '../../ownership/log.ts';
import { makeDigests, type Weekly } from './weekly.ts';

const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
const trials = trialsOn(engine.address);
after(async () => {
  await engine.stop();
  rmSync(root, { recursive: true });
});

const PASSWORD = 'canary'.repeat(4);
interface Mailed {
  readonly to: string;
  readonly text: string;
}

async function postOffice(options: Partial<SMTPServerOptions> = {}) {
  const mailed: Mailed[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _, done) =>
      username === 'macadam' && password === PASSWORD
        ? done(null, { user: 'macadam' })
        : done(new Error('Invalid username or password')),
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const text = Buffer.concat(parts).toString();
        mailed.push({ to: session.envelope.rcptTo.map(({ address }) => address).join(), text });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  return {
    mailed,
    server: {
      host: '127.0.0.1',
      port,
      tls: false,
      user: 'macadam',
      password: 'env:SMTP',
      from: 'Macadam <macadam@acme.test>',
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const START = '2026-01-01';
const ORG: readonly OrgEvent[] = [
  { on: START, event: 'created', unit: 'acme', level: 'company', name: 'Acme', parent: null },
  { on: START, event: 'created', unit: 'north', level: 'division', name: 'North', parent: 'acme' },
  { on: START, event: 'created', unit: 'north-team', level: 'team', name: 'Team', parent: 'north' },
  ...['ann', 'bob', 'nora', 'mute'].map(
    (person): OrgEvent => ({ on: START, event: 'joined', person, unit: 'north-team' }),
  ),
];

const weekly: Weekly = {
  now: () => new Date(),
  hour: 0,
  title: (standard) => `The rule ${standard}`,
  place: (asset) => (asset.startsWith('f') ? { repository: 'acme/road', path: asset.slice(0, 2) } : null),
};

interface Desk {
  readonly decisions: Decisions;
  readonly again: () => Promise<Decisions>;
  readonly query: (text: string) => Promise<unknown[]>;
}

const office = (what: string, body: (desk: Desk) => Promise<void>): void => {
  test(what, () => atDesk(body));
};

async function atDesk(body: (desk: Desk) => Promise<void>): Promise<void> {
  const { decisions, again, address, dispose } = await trials.open();
  try {
    const run = as(decisions);
    await run(system, async (tx) => {
      for (const id of ['ann', 'bob', 'nora'])
        await tx.organisation.putPerson({ id, name: id, mail: `${id}@acme.test` });
      await tx.organisation.putPerson({ id: 'mute', name: 'mute' });
      await recordEvents(tx, ORG, 'test');
      await tx.work.open([{ ...batch('b1', ['f1:a', 'f1:b', 'f2:a', 'host']), dueOn: day(3) }]);
    });
    await body({
      decisions,
      again,
      query: async (text) => (await asOwner(address, (client) => client.query(text))).rows,
    });
  } finally {
    await dispose();
  }
}

const mailing = (server: Mailing['server'], more: Partial<Mailing> = {}): Mailing => ({
  server,
  now: () => new Date(),
  random: () => 0.5,
  environment: { SMTP: PASSWORD },
  url: 'https://macadam.acme.test/work',
  ...more,
});
const deliver = async (decisions: Decisions, own: Mailing) => {
  while ((await deliverDue(decisions, mailLane(decisions, own), own)) > 0);
};
/** Quoted-printable, undone as far as these texts need it. */
const plain = (text: string) => text.replaceAll(/=\r\n/g, '').replaceAll(/=3D/g, '=');

office(
  'everybody gets one mail a week, whoever makes and sends it, and however often',
  async ({ decisions, again }) => {
    const second = await again();
    const post = await postOffice();
    try {
      const run = as(decisions);
      await run(north, (tx) => tx.permissions.request({ ...request('e1'), until: day(2) }));
      await run(other, (tx) => tx.permissions.approve('e1', [{ asset: 'device:1', accepted: null }]));
      const made = await Promise.all([makeDigests(decisions, weekly), makeDigests(second, weekly)]);
      assert.equal(made[0] + made[1], 3);
      const own = mailing(post.server);
      await Promise.all([deliver(decisions, own), deliver(second, own)]);
      assert.equal(await makeDigests(second, weekly), 0);
      await deliver(decisions, own);
      assert.deepEqual(post.mailed.map(({ to }) => to).sort(), [
        'ann@acme.test',
        'bob@acme.test',
        'nora@acme.test',
      ]);
      const nora = plain(post.mailed.find(({ to }) => to.startsWith('nora'))?.text ?? '');
      for (const part of [
        'Subject: Macadam: 1 due soon, 1 exception ends',
        'From: Macadam <macadam@acme.test>',
        'Auto-Submitted: auto-generated',
        'DUE SOON\r\nacme/road\r\n  - The rule devices-are-patched: 2 places, due on',
        'In no repository\r\n  - The rule devices-are-patched: 1 place, due on',
        'EXCEPTIONS THAT END\r\n  - e1 of devices-are-patched ends after',
        'https://macadam.acme.test/work',
        '<h3>acme/road</h3><ul><li>The rule devices-are-patched: 2 places, due on',
      ])
        assert.ok(nora.includes(part), `${part} in ${nora}`);
      assert.ok(!nora.includes(PASSWORD));
      const week = weekOf(new Date());
      const record = await run(system, (tx) => tx.digests.digest('ann', week));
      assert.ok(record?.sentAt);
      const ids = post.mailed.map(({ text }) => /^Message-ID: (<digest\.\S+@acme\.test>)/im.exec(text)?.[1]);
      assert.equal(new Set(ids).size, 3);
    } finally {
      await post.close();
      await second.close();
    }
  },
);

test('line ends in an address or in a title add neither a header nor a reader', () =>
  atDesk(async ({ decisions, query }) => {
    const post = await postOffice();
    try {
      await makeDigests(decisions, { ...weekly, title: () => 'a rule\r\nBcc: eve@evil.test\r\n\r\nhello' });
      await query(
        `update macadam.outbox set body = jsonb_set(body, '{to}', to_jsonb((body ->> 'to') || E'\\r\\nBcc: eve@evil.test'))
         where body ->> 'person' = 'nora'`,
      );
      await deliver(decisions, mailing(post.server));
      assert.deepEqual(post.mailed.map(({ to }) => to).sort(), ['ann@acme.test', 'bob@acme.test']);
      for (const { text } of post.mailed)
        assert.doesNotMatch(text.split('\r\n\r\n')[0] ?? '', /^(bcc|hello)/im);
    } finally {
      await post.close();
    }
  }));

office(
  'while the mail server cannot take it, it waits; what it refuses for good is not tried again',
  async (one) => {
    const { decisions, query } = one;
    let answer: { code: number; text: string } | null = { code: 451, text: 'try again later' };
    const post = await postOffice({
      onRcptTo: ({ address }, _, done) => {
        const fault = address.startsWith('bob') ? { code: 550, text: 'no such user' } : answer;
        if (!fault) return done();
        done(Object.assign(new Error(fault.text), { responseCode: fault.code }));
      },
    });
    try {
      await makeDigests(decisions, weekly);
      const own = mailing(post.server);
      await deliver(decisions, mailing({ ...post.server, port: 1 }));
      assert.match(
        JSON.stringify(await query('select problem from macadam.outbox where delivered_at is null')),
        /the mail server: connect ECONNREFUSED/,
      );
      await query('update macadam.outbox set due_at = now() where delivered_at is null');
      await deliver(decisions, own);
      assert.equal(post.mailed.length, 0);
      answer = null;
      await query('update macadam.outbox set due_at = now() where delivered_at is null');
      await deliver(decisions, own);
      assert.deepEqual(post.mailed.map(({ to }) => to).sort(), ['ann@acme.test', 'nora@acme.test']);
      const [bob] = await query("select problem, sent_at from macadam.digest where person = 'bob'");
      assert.match(JSON.stringify(bob), /550 no such user.*"sent_at":null/);
      assert.deepEqual(await query('select * from macadam.outbox where delivered_at is null'), []);
    } finally {
      await post.close();
    }
  },
);

/** A server that takes a whole mail, and breaks the connection before it can say so. */
async function broken() {
  const taken: string[] = [];
  const ANSWERS: Readonly<Record<string, string>> = {
    EHLO: '250-x\r\n250 AUTH PLAIN',
    AUTH: '235 ok',
    DATA: '354 go',
  };
  const server = createServer((socket) => {
    let text = '';
    let reading = false;
    socket.on('error', () => {});
    socket.write('220 x ESMTP\r\n');
    socket.on('data', (part) => {
      text += part;
      if (!reading) {
        const verb = text.slice(0, 4).toUpperCase();
        reading = verb === 'DATA';
        text = '';
        socket.write(`${ANSWERS[verb] ?? '250 ok'}\r\n`);
      } else if (text.endsWith('\r\n.\r\n')) {
        taken.push(text);
        socket.destroy();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { taken, port, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

office(
  'where nobody knows whether a mail was taken, it is not sent a second time',
  async ({ decisions, query }) => {
    const post = await postOffice();
    const breaking = await broken();
    try {
      await makeDigests(decisions, weekly);
      // One died after it had said that it would begin.
      await as(decisions)(system, (tx) => tx.digests.sending('ann', weekOf(new Date())));
      await deliver(decisions, mailing({ ...post.server, port: breaking.port }));
      await query('update macadam.outbox set due_at = now() where delivered_at is null');
      await deliver(decisions, mailing(post.server));
      assert.equal(breaking.taken.length, 2);
      assert.deepEqual(post.mailed, []);
      assert.deepEqual(await query('select person, sent_at from macadam.digest order by 1'), [
        { person: 'ann', sent_at: null },
        { person: 'bob', sent_at: null },
        { person: 'nora', sent_at: null },
      ]);
    } finally {
      await breaking.close();
      await post.close();
    }
  },
);

office(
  'a password that is not there is said, and no mail is counted as begun',
  async ({ decisions, query }) => {
    const post = await postOffice();
    try {
      await makeDigests(decisions, weekly);
      await deliver(decisions, mailing(post.server, { environment: {} }));
      const said = JSON.stringify(await query('select problem from macadam.outbox'));
      assert.match(said, /mail: the environment has no SMTP/);
      await query('update macadam.outbox set due_at = now()');
      await deliver(decisions, mailing(post.server));
      assert.equal(post.mailed.length, 3);
      assert.equal(await makeDigests(decisions, { ...weekly, hour: 24 * 8 }), 0);
    } finally {
      await post.close();
    }
  },
);

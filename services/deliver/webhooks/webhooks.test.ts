import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startEngine } from '@macadam/adapters/decisions/postgres/engine';
import { deliverDue } from '@macadam/adapters/delivery/lane';
import { addressFor } from '@macadam/adapters/webhooks/address';
import { send } from '@macadam/adapters/webhooks/send';
import { webhookSecret } from '@macadam/adapters/webhooks/signature';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { as, batch, rejects, south, system } from '@macadam/testing/decisions/sample';
import { asOwner, trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import { selfSigned } from '@macadam/testing/self-signed';
import { closed } from '@macadam/testing/trackers/fake';
import { Webhook } from 'standardwebhooks';
import { type Telling, webhookLane } from './deliver.ts';

const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
const trials = trialsOn(engine.address);
after(async () => {
  await engine.stop();
  rmSync(root, { recursive: true });
});

const KEY = 'canary'.repeat(8);

interface Told {
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Somebody who is told; answers `status` with `headers`. */
async function receiver() {
  const told: Told[] = [];
  const answers: { status: number; headers: Record<string, string> } = { status: 204, headers: {} };
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    told.push({ headers: request.headers, text: Buffer.concat(parts).toString() });
    response.writeHead(answers.status, answers.headers).end('x'.repeat(100_000));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { told, answers, url: `http://127.0.0.1:${port}/in?a=1`, close: () => closed(server) };
}

function scene(
  what: string,
  body: (scene: {
    readonly decisions: Awaited<ReturnType<typeof trials.open>>['decisions'];
    readonly again: Awaited<ReturnType<typeof trials.open>>['again'];
    readonly at: Awaited<ReturnType<typeof receiver>>;
    readonly deliver: (telling?: Partial<Telling>) => Promise<void>;
    readonly query: (text: string) => Promise<unknown[]>;
  }) => Promise<void>,
): void {
  test(what, async () => {
    const { decisions, again, address, dispose } = await trials.open();
    const at = await receiver();
    try {
      const base = { now: () => new Date(), random: () => 0.5, key: KEY, allowed: ['127.0.0.1/32'] };
      await body({
        decisions,
        again,
        at,
        deliver: async (more = {}) => {
          const telling = { ...base, ...more };
          while ((await deliverDue(decisions, webhookLane(decisions, telling), telling)) > 0);
        },
        query: async (text) => (await asOwner(address, (client) => client.query(text))).rows,
      });
    } finally {
      await at.close();
      await dispose();
    }
  });
}

const endpoint = (url: string, ...events: string[]) => ({
  id: 'w1',
  url,
  events,
  division: 'north',
  active: true,
});

scene(
  'what was decided is told, signed as the specification’s own library expects, and nothing else is',
  async (one) => {
    const { decisions, at, deliver } = one;
    const run = as(decisions);
    await run(system, (tx) => tx.webhooks.put(endpoint(at.url, 'batch.open', 'batch.close')));
    await run(system, (tx) => tx.work.open([batch('b1', ['d1']), batch('s1', ['d2'], 'south')]));
    await run(system, (tx) => tx.work.claim('b1', true));
    await assert.rejects(run(system, (tx) => tx.work.open([batch('b2', ['d1'])])));
    await run(system, (tx) => tx.work.leave([{ batch: 'b1', asset: 'd1', as: 'passed', observation: 'o1' }]));
    await deliver();
    const secret = webhookSecret(KEY, 'w1', 1);
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    const judge = new Webhook(secret);
    const verified = at.told.map(({ text, headers }) =>
      judge.verify(text, headers as Record<string, string>),
    ) as {
      type: string;
      timestamp: string;
      data: { subject: string; detail?: unknown; principal: string };
    }[];
    assert.deepEqual(
      verified.map(({ type, data }) => [type, data.subject, data.principal]),
      [
        ['batch.open', 'b1', 'system'],
        ['batch.close', 'b1', 'system'],
      ],
    );
    assert.equal(
      (verified[0]?.data.detail as { standard: string } | undefined)?.standard,
      'devices-are-patched',
    );
    assert.ok(Math.abs(Date.parse(verified[0]?.timestamp ?? '') - Date.now()) < 600_000);
    assert.equal(new Set(at.told.map(({ headers }) => headers['webhook-id'])).size, 2);
    const [first] = at.told;
    assert.ok(first);
    assert.throws(
      () => judge.verify(first.text.replace('b1', 'b2'), first.headers as Record<string, string>),
      /No matching signature/,
    );
    assert.throws(
      () =>
        new Webhook(webhookSecret(KEY, 'w2', 1)).verify(first.text, first.headers as Record<string, string>),
      /No matching signature/,
    );
  },
);

scene('while it fails its messages wait together, then come in order and under the same ids', async (one) => {
  const { decisions, at, deliver, query } = one;
  const run = as(decisions);
  await run(system, (tx) => tx.webhooks.put(endpoint(at.url, 'batch.*')));
  at.answers.status = 500;
  await run(system, (tx) => tx.work.open([batch('b1', ['d1', 'd2'])]));
  await deliver();
  for (const asset of ['d1', 'd2'])
    await run(system, (tx) =>
      tx.work.leave([{ batch: 'b1', asset, as: 'passed', observation: `saw-${asset}` }]),
    );
  await run(system, (tx) => tx.work.open(['c1', 'c2', 'c3', 'c4'].map((id) => batch(id, [id]))));
  await deliver();
  assert.equal(at.told.length, 1, 'the others wait until it works');
  assert.match(
    JSON.stringify(await query('select problem, failures from macadam.webhook_failure')),
    /it answered 500/,
  );
  at.answers.status = 200;
  const forward = async () => {
    await query('update macadam.outbox set due_at = now() where delivered_at is null');
    await query("update macadam.webhook_failure set retry_at = now() - interval '1 second'");
  };
  await forward();
  await deliver();
  const subjects = at.told.map(({ text }) => JSON.parse(text) as { type: string; data: { subject: string } });
  assert.deepEqual(
    subjects.filter(({ data }) => data.subject === 'b1').map(({ type }) => type),
    ['batch.open', 'batch.open', 'batch.leave', 'batch.leave', 'batch.close'],
  );
  assert.equal(
    at.told[0]?.headers['webhook-id'],
    at.told.find(({ text }, index) => index > 0 && text === at.told[0]?.text)?.headers['webhook-id'],
  );
  assert.equal(subjects.length, 9);
  assert.deepEqual(await query('select * from macadam.webhook_failure'), []);
});

scene(
  'after days of failing it is disabled, which is in the log; what waits comes when it is put right',
  async (one) => {
    const { decisions, at, deliver, query } = one;
    const run = as(decisions);
    await run(system, (tx) => tx.webhooks.put(endpoint(at.url, 'batch.open')));
    at.answers.status = 302;
    at.answers.headers = { location: 'http://127.0.0.1:1/elsewhere' };
    await run(system, (tx) => tx.work.open([batch('b1', ['d1'])]));
    await deliver();
    await query(
      "update macadam.webhook_failure set since = now() - interval '5 days', retry_at = now() - interval '1 hour'",
    );
    await query('update macadam.outbox set due_at = now() where delivered_at is null');
    await deliver();
    const record = await run(system, (tx) => tx.webhooks.webhook('w1'));
    assert.deepEqual(
      [record?.active, record?.disabledBecause],
      [false, 'it failed for 5 days; the last time it answered 302'],
    );
    const [entry] = await run(system, (tx) => tx.auditEntries({ action: 'webhook.disable' }));
    assert.deepEqual(
      [entry?.principal, entry?.subject, entry?.outcome],
      ['machine:deliveries', 'w1', 'done'],
    );
    await query('update macadam.outbox set due_at = now() where delivered_at is null');
    await deliver();
    assert.equal(at.told.length, 2, 'a redirect is not followed, and nothing is sent once it is disabled');
    at.answers.status = 200;
    await run(system, (tx) => tx.webhooks.put(endpoint(at.url, 'batch.open')));
    await query('update macadam.outbox set due_at = now() where delivered_at is null');
    await deliver();
    assert.equal(at.told.length, 3);
  },
);

scene(
  'an endpoint that says 410 is disabled at once, and one that names a time is left alone until then',
  async (one) => {
    const { decisions, at, deliver, query } = one;
    const run = as(decisions);
    await run(system, (tx) => tx.webhooks.put(endpoint(at.url, '*')));
    at.answers.status = 429;
    at.answers.headers = { 'retry-after': '7200' };
    await deliver();
    const [wait] = (await query(
      'select extract(epoch from due_at - now())::float as wait from macadam.outbox where delivered_at is null',
    )) as { wait: number }[];
    // What it is told first is that it was made.
    assert.ok(wait && wait.wait > 7100 && wait.wait < 7205, JSON.stringify(wait));
    at.answers.status = 410;
    await query("update macadam.webhook_failure set retry_at = now() - interval '1 hour'");
    await query('update macadam.outbox set due_at = now() where delivered_at is null');
    await deliver();
    assert.match(
      (await run(system, (tx) => tx.webhooks.webhook('w1')))?.disabledBecause ?? '',
      /it answered 410/,
    );
  },
);

scene(
  'a new secret signs beside the one before, for as long as was said',
  async ({ decisions, at, deliver, query }) => {
    const run = as(decisions);
    await run(system, (tx) => tx.webhooks.put(endpoint(at.url, 'batch.open')));
    await run(system, (tx) => tx.webhooks.rotate('w1', new Date(Date.now() + 3_600_000).toISOString()));
    await run(system, (tx) => tx.work.open([batch('b1', ['d1'])]));
    await deliver();
    const [first] = at.told;
    assert.ok(first);
    for (const version of [1, 2])
      new Webhook(webhookSecret(KEY, 'w1', version)).verify(
        first.text,
        first.headers as Record<string, string>,
      );
    await query("update macadam.webhook set previous_until = now() - interval '1 second'").catch(() => {});
    await run(system, (tx) => tx.webhooks.rotate('w1', new Date(Date.now() - 1000).toISOString()));
    await run(system, (tx) => tx.work.open([batch('b2', ['d2'])]));
    await deliver();
    const second = at.told[1];
    assert.ok(second);
    new Webhook(webhookSecret(KEY, 'w1', 3)).verify(second.text, second.headers as Record<string, string>);
    assert.throws(
      () =>
        new Webhook(webhookSecret(KEY, 'w1', 2)).verify(
          second.text,
          second.headers as Record<string, string>,
        ),
      /No matching signature/,
    );
    assert.equal(
      JSON.stringify(await query('select * from macadam.webhook, macadam.outbox')).includes(KEY),
      false,
    );
  },
);

scene('two processes tell each thing once', async ({ decisions, again, at }) => {
  const second = await again();
  try {
    await as(decisions)(system, (tx) => tx.webhooks.put(endpoint(at.url, 'batch.open')));
    const ids = Array.from({ length: 30 }, (_, index) => `b${index}`);
    await as(decisions)(system, (tx) => tx.work.open(ids.map((id) => batch(id, [id]))));
    const telling = { now: () => new Date(), random: () => 0.5, key: KEY, allowed: ['127.0.0.1/32'] };
    const all = async (store: typeof second) => {
      while ((await deliverDue(store, webhookLane(store, telling), telling)) > 0);
    };
    await Promise.all([all(decisions), all(second)]);
    const told = at.told.map(({ text }) => (JSON.parse(text) as { data: { subject: string } }).data.subject);
    assert.deepEqual(told.sort(), ids.sort());
  } finally {
    await second.close();
  }
});

scene(
  'what is too long is left out and said to be; another division sees no endpoint',
  async ({ decisions, at, deliver }) => {
    const run = as(decisions);
    await run(system, (tx) => tx.webhooks.put(endpoint(at.url, 'batch.open')));
    const many = Array.from({ length: 5000 }, (_, index) => `device:${String(index).padStart(20, '0')}`);
    await run(system, (tx) => tx.work.open([batch('b1', many)]));
    await deliver();
    const { data } = JSON.parse(at.told[0]?.text ?? '{}') as { data: Record<string, unknown> };
    assert.deepEqual([data.detailOmitted, data.detail, data.subject], [true, undefined, 'b1']);
    assert.deepEqual(await run(south, (tx) => tx.webhooks.webhooks()), []);
    await rejects(
      run(system, (tx) => tx.webhooks.put({ ...endpoint('ftp://x', '*'), id: 'w2' })),
      'refused',
      /it is not a web address/,
    );
  },
);

test('no delivery goes to where the house’s own things are, however it is written', async () => {
  const hidden = [
    'http://127.0.0.1/',
    'https://127.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://[::1]/',
    'https://10.1.2.3/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::ffff:10.0.0.1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://0.0.0.0/',
    'https://100.64.0.1/',
    'https://[64:ff9b::a00:1]/',
    'https://192.168.1.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[2002:a00:1::]/',
  ];
  for (const url of hidden) {
    const outcome = await send(url, {}, '{}', { allowed: [] });
    assert.ok('problem' in outcome, url);
    assert.match(outcome.problem, /not on the internet and not allowed$/, url);
  }
  const named = (...addresses: string[]) => ({
    allowed: [],
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  });
  const url = new URL('https://rebind.example/');
  assert.deepEqual(await addressFor(url, named('93.184.215.14')), { address: '93.184.215.14', family: 4 });
  assert.deepEqual(await addressFor(url, named('93.184.215.14', '10.0.0.7')), {
    problem: 'rebind.example is 10.0.0.7, which is not on the internet and not allowed',
  });
  assert.deepEqual(await addressFor(url, named()), { problem: 'rebind.example has no address' });
  assert.deepEqual(await addressFor(new URL('http://plain.example/'), named('93.184.215.14')), {
    problem: 'plain.example would be told in clear; give an https address',
  });
});

test('the connection is made to the address that was looked at: the name is not asked a second time', async () => {
  const at = await receiver();
  try {
    let asked = 0;
    const url = at.url.replace('127.0.0.1', 'inside.example');
    const outcome = await send(url, {}, '{}', {
      allowed: ['127.0.0.0/8'],
      resolve: async () => {
        asked += 1;
        return [{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
      },
    });
    assert.deepEqual([outcome, asked], [{ status: 204 }, 1]);
    assert.match(at.told[0]?.headers.host ?? '', /^inside\.example:/);
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const late = await send(`http://127.0.0.1:${port}/`, {}, '{}', { allowed: ['127.0.0.1'], timeoutMs: 50 });
    await closed(silent);
    assert.deepEqual(late, { problem: 'it did not answer in time' });
  } finally {
    await at.close();
  }
});

test('an endpoint with a certificate that nobody vouches for is told nothing', async () => {
  const other = await selfSigned();
  try {
    const outcome = await send(`${other.url}/in`, {}, '{}', { allowed: ['127.0.0.0/8'] });
    assert.deepEqual(outcome, { problem: 'the connection failed (DEPTH_ZERO_SELF_SIGNED_CERT)' });
    assert.equal(other.asked(), 0);
  } finally {
    await other.close();
  }
});

/** Facts and log are two stores: whatever fails between them, in the end neither is without the other. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { openStores } from '@macadam/adapters/facts/open';
import { incomingIn } from '@macadam/adapters/incoming';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { kinds } from '@macadam/testing/facts/devices';
import { finishReceived, type Sent, takeReceived } from './receive.ts';

const place = trialFolder();
const folder = mkdtempSync(join(tmpdir(), 'macadam-receive-'));
const now = () => new Date('2026-11-02T00:00:00Z');
const decisions = await openDecisions(preparedPlace(join(place, 'decisions')), { now: () => new Date() });
const stores = await openStores(join(folder, 'facts'), { kinds, now });
after(async () => {
  await stores.close();
  await decisions.close();
  for (const one of [place, folder]) rmSync(one, { recursive: true, force: true });
});

const sent: Sent = {
  principal: { id: 'machine:collector', divisions: 'all' },
  sources: 'all',
  subject: 'upload',
  as: 'ndjson',
  receivedAt: now().toISOString(),
  taken: { at: now().toISOString(), stated: false },
};
const line = (name: string) =>
  `${JSON.stringify({
    kind: 'device',
    id: `device/${name}`,
    name,
    source: 'patrol',
    observedAt: '2026-11-01T00:00:00Z',
    assurance: 'effective',
    attributes: {},
  })}\n`;
const body = async function* (name: string) {
  yield Buffer.from(line(name));
};
const entries = async () =>
  (
    await decisions.transaction({ id: 'test', divisions: 'all' }, (tx) => tx.auditEntries({ limit: 500 }), {
      readOnly: true,
    })
  ).filter(({ action }) => action.startsWith('fact.'));

/** The log, of which the N-th transaction fails. */
function failing(nth: number): Decisions {
  let count = 0;
  return {
    ...decisions,
    transaction: (...given) => {
      count += 1;
      return count === nth
        ? Promise.reject(new Error('the log cannot be had'))
        : decisions.transaction(...given);
    },
  };
}

for (const [what, broken] of [
  ['the first entry fails', { decisions: failing(1), facts: stores.facts }],
  ['the second entry fails', { decisions: failing(2), facts: stores.facts }],
  [
    'the facts fail',
    { decisions, facts: { append: () => Promise.reject(new Error('the engine is not there')) } },
  ],
] as const)
  test(`${what}: in the end there are facts with entries, or neither`, async () => {
    const spool = join(folder, what.replaceAll(' ', '-'));
    const incoming = incomingIn(spool);
    const before = await stores.facts.newest();
    const told = (await entries()).length;
    const received = await incoming.receive(body(what.replaceAll(' ', '-')), 1000);
    await assert.rejects(takeReceived({ ...broken, incoming }, received, sent));
    await received.leave();
    await finishReceived({ decisions, facts: stores.facts }, incoming);
    const after = await stores.facts.newest();
    const [newest, ...rest] = (await entries()).slice(0, (await entries()).length - told);
    const { batches = [] } = (newest?.detail ?? {}) as { batches?: readonly { batch: number }[] };
    if (after === before) assert.deepEqual(batches, []);
    else {
      assert.equal(newest?.action, 'fact.ingest');
      assert.deepEqual(
        batches.map(({ batch }) => batch),
        [after],
      );
      assert.ok(rest.some(({ action }) => action === 'fact.receive'));
    }
    assert.deepEqual(readdirSync(spool), []);
  });

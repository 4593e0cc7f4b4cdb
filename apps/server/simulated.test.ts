/** A simulated company as a newcomer opens it: with work, owners and every role, and a second time as it was. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { DecisionPrincipal } from '@macadam/adapters/decisions/port';
import { trialFolder } from '@macadam/adapters/decisions/postgres/trial';
import { ownership } from '@macadam/adapters/organisation/answers';
import { entryHere } from './entry.ts';
import { simulatedSite } from './simulated.ts';

const folder = trialFolder();
const now = () => new Date('2026-11-24T18:00:00Z');
const who: DecisionPrincipal = { id: 'reader', divisions: 'all' };
const decisions = await openDecisions(join(folder, 'decisions'), { now, simulated: true });
after(async () => {
  await decisions.close();
  rmSync(folder, { recursive: true, force: true });
});

async function opened() {
  const made = await simulatedSite(join(folder, 'facts'), 'tiny', { decisions, now }, () => {});
  try {
    await made.work.pass();
    const ticks = await made.stores.history.ticks();
    return {
      ticks: ticks.length,
      simulated: made.site.simulated,
      owners: await ownership(made.stores.driver),
      broken: await made.stores.history.broken(),
      ...(await decisions.transaction(
        who,
        async (tx) => ({
          batches: await tx.work.batches({ limit: 5000 }),
          exceptions: await tx.permissions.exceptions({ limit: 500 }),
          faults: await tx.faults.faults({ limit: 500 }),
          handovers: await tx.handovers.handovers({}),
        }),
        { readOnly: true },
      )),
    };
  } finally {
    await made.stores.close();
  }
}

test('what is opened a second time is what was opened first', async () => {
  const random = randomBytes;
  const entry = entryHere({
    ...{ decisions, now, random, origin: undefined, simulated: true, site: () => null, env: {} },
  });
  assert.match(await entry.linkFor({ id: 'ann', name: 'Ann' }, true), /^\/login\/link\?key=/);
  const first = await opened();
  assert.match(first.simulated ?? '', /is made up \(size tiny, seed 1\)/);
  assert.ok(first.batches.some(({ closedAt }) => closedAt === null));
  assert.ok(first.batches.some(({ closedAt }) => closedAt !== null));
  assert.ok(first.exceptions.length > 0 && first.faults.length > 0 && first.handovers.length > 0);
  assert.ok(first.owners.some(({ confirmed }) => confirmed > 0));
  assert.deepEqual(first.broken, []);
  assert.deepEqual(await opened(), first);
  const roles = await decisions.transaction(who, (tx) => tx.access.roles('ann'), { readOnly: true });
  assert.deepEqual(roles.map(({ role, division }) => `${role}${division}`).sort(), [
    ...['administrator', 'auditor', 'deputy-ciso', 'engineer', 'reader', 'standard-owner'],
  ]);
});

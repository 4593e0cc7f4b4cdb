/**
 * A process that is there to die: the crash test starts it, and kills it, its server, or both.
 *
 *     node crash-fixture.ts DIR LANES ROUND
 *
 * One line of JSON each, written at once: first `{held: …}` with what the store holds, then `{acknowledged: id}` for each
 * batch until it is killed. Each batch comes in one transaction with three members, a comment, a message and an exception.
 */
import { writeSync } from 'node:fs';
import { type AuditVerdict, verifyAudit } from '@macadam/adapters/decisions/audit';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { type Decisions, DecisionsError } from '@macadam/adapters/decisions/port';
import { batch, request, system } from './sample.ts';

export interface Held {
  /** Batches that are there with all that belongs to them. */
  readonly whole: readonly string[];
  /** What is there in part. */
  readonly torn: readonly string[];
  readonly audit: AuditVerdict;
}

const ASSETS = ['a', 'b', 'c'];
const say = (what: object) => writeSync(1, `${JSON.stringify(what)}\n`);

/** Comments have to be asked for one batch at a time, so only those of batches of this round are looked at. */
export async function held(store: Decisions, round: number): Promise<Held> {
  const counts = new Map<string, number>();
  const count = (id: string) => counts.set(id, (counts.get(id) ?? 0) + 1);
  const limit = 1_000_000;
  await store.transaction(system, async (tx) => {
    const batches = await tx.work.batches({ limit });
    for (const { id } of batches) {
      count(id);
      const said = id.startsWith(`${round}-`) ? await tx.work.comments(id) : [{ batch: id }];
      for (const one of said) count(one.batch);
    }
    for (const { remaining } of await tx.work.view(batches.map(({ id }) => id)))
      for (const asset of remaining) count(asset.slice(0, asset.lastIndexOf('-')));
    for (const { id } of await tx.permissions.exceptions({ limit })) count(id);
    for (const { subject, action } of await tx.auditEntries({ limit }))
      if (action === 'batch.open') count(subject);
  });
  const [whole, torn] = [[...counts].filter(([, n]) => n === 7), [...counts].filter(([, n]) => n !== 7)];
  return {
    whole: whole.map(([id]) => id),
    torn: torn.map(([id, n]) => `${id}: ${n} of 7`),
    audit: await verifyAudit(store.auditLog()),
  };
}

async function lane(store: Decisions, name: string): Promise<never> {
  for (let index = 0; ; index += 1) {
    const id = `${name}-${index}`;
    try {
      await store.transaction(system, async (tx) => {
        await tx.work.open([
          batch(
            id,
            ASSETS.map((asset) => `${id}-${asset}`),
          ),
        ]);
        await tx.work.comment(id, 'x');
        await tx.permissions.request(request(id));
        await tx.delivery.post({ destination: 'd', division: '', subject: id, body: {} });
      });
      say({ acknowledged: id });
    } catch (error) {
      // The server was killed under us; what was under way is in doubt, and what comes next is not.
      if (!(error instanceof DecisionsError) || error.fault !== 'unavailable') throw error;
    }
  }
}

if (import.meta.main) {
  const [directory = '', lanes = '', round = ''] = process.argv.slice(2);
  const store = await openDecisions(directory, { now: () => new Date() });
  say({ held: await held(store, Number(round) - 1) });
  await Promise.all(Array.from({ length: Number(lanes) }, (_, index) => lane(store, `${round}-${index}`)));
}

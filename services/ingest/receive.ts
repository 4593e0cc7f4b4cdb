/**
 * What somebody sent, into the facts, and into the log: first that it was received and for whom it speaks, then, when it is stored, in
 * which batches. Facts and log are two stores, so where something dies in between, what was received is still there, and is taken in once
 * more: the same content changes nothing the second time. So no facts are without an entry, and no entry is without its facts.
 */
import type { SpeaksFor } from '@macadam/adapters/decisions/access';
import type { DecisionPrincipal, Decisions } from '@macadam/adapters/decisions/port';
import type { Facts, WrittenObservation } from '@macadam/adapters/facts/port';
import { FORMATS } from '@macadam/adapters/imports/findings/recognition';
import type { Incoming, Received } from '@macadam/adapters/incoming';
import type { Observation } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { type Append, formatOf, type Intake, intake } from './ingest.ts';

/** What was said beside the bytes. */
const sentSchema = z.object({
  /** In whose name. */
  principal: z.object({
    id: z.string(),
    divisions: z.union([z.literal('all'), z.array(z.string()).readonly()]),
  }),
  sources: z.union([
    z.literal('all'),
    z.array(z.object({ source: z.string(), kinds: z.array(z.string()).readonly() })).readonly(),
  ]),
  subject: z.string(),
  as: z.enum(FORMATS).nullable(),
  receivedAt: z.string(),
  taken: z.object({ at: z.string(), stated: z.boolean() }),
});
export type Sent = z.infer<typeof sentSchema>;

/** Whoever sent it does not speak for that source, or not of that kind. */
export class NotTheirs extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotTheirs';
  }
}

interface Stores {
  readonly decisions: Decisions;
  readonly facts: Pick<Facts, 'append'>;
}

/**
 * Rejects with `NotTheirs`, and as the stores do; which batches were taken until then is in the log all the same. Where that cannot be
 * logged now, it is by `finishReceived`. A document is held whole while it is read, so a large one waits for those before it: rejects with
 * `NoTurn` where they take long, and then nothing was begun.
 */
export async function takeReceived(
  { incoming, ...stores }: Stores & { readonly incoming: Pick<Incoming, 'alone'> },
  received: Received,
  sent: Sent,
): Promise<Intake> {
  const { as } = sent;
  const format = await formatOf({ bytes: received.read(), as });
  if (format === 'ndjson') return begun(stores, received, sent);
  return incoming.alone(received, () => begun(stores, received, sent));
}

async function begun(stores: Stores, received: Received, sent: Sent): Promise<Intake> {
  const { principal, subject, as, sources } = sent;
  const { bytes, sha256, id } = received;
  await received.begun(sent);
  await stores.decisions.transaction(principal, async (tx) =>
    tx.audit({ action: 'fact.receive', subject, detail: { id, bytes, sha256, as, sources } }),
  );
  return stored(stores, received, sent);
}

/** In the log this is who ends what somebody else began. */
const INTAKE: DecisionPrincipal = { id: 'machine:intake', divisions: 'all' };

/** Ends what was begun before a crash, or while the log could not be had; gives how much there was. Rejects as the stores do. */
export async function finishReceived(stores: Stores, incoming: Incoming): Promise<number> {
  const found = await incoming.unfinished();
  const failures: unknown[] = [];
  for (const { received, note } of found) {
    const sent = sentSchema.parse(note);
    const { bytes, sha256, id } = received;
    try {
      await stores.decisions.transaction(INTAKE, async (tx) =>
        tx.audit({
          action: 'fact.receive',
          subject: sent.subject,
          detail: { id, bytes, sha256, as: sent.as, sources: sent.sources, again: sent.principal.id },
        }),
      );
      // What is wrong with it was told to whoever sent it, if anybody is there still.
      await stored(stores, received, { ...sent, principal: INTAKE }).catch((error: unknown) => {
        if (!(error instanceof NotTheirs)) throw error;
      });
    } catch (error) {
      failures.push(error);
    } finally {
      await received.leave();
    }
  }
  if (failures.length > 0) throw failures[0];
  return found.length;
}

async function stored(
  { decisions, facts }: Stores,
  received: Received,
  { principal, sources, subject, as, receivedAt, taken }: Sent,
): Promise<Intake> {
  const batches: { readonly source: string; readonly batch: number; readonly observations: number }[] = [];
  const append: Append = async (collection, observations, at) => {
    const appended = await facts.append(collection, observations, at);
    const { batch, observations: count } = appended;
    batches.push({ source: collection.source, batch, observations: count });
    return appended;
  };
  const entered = async (mistakes: number, failed: string | null) => {
    const detail = { id: received.id, sha256: received.sha256, batches, mistakes, failed };
    await decisions.transaction(principal, async (tx) =>
      tx.audit({ action: 'fact.ingest', subject, detail }),
    );
    await received.finished();
  };
  let taking: Intake;
  try {
    taking = await intake(
      {
        bytes: received.read(),
        file: subject,
        as,
        subject,
        receivedAt: new Date(receivedAt),
        takenAt: { at: new Date(taken.at), stated: taken.stated },
      },
      spokenFor(sources, append),
    );
  } catch (error) {
    await entered(0, error instanceof Error ? error.message.slice(0, 1000) : 'unknown');
    throw error;
  }
  await entered(taking.mistakes.length, null);
  return taking;
}

/** Each collection and observation is held against what its sender speaks for, before it is stored. */
function spokenFor(sources: readonly SpeaksFor[] | 'all', append: Append): Append {
  if (sources === 'all') return append;
  return (collection, observations, at) => {
    const { source } = collection;
    const kinds = new Set(sources.filter((one) => one.source === source).flatMap((one) => one.kinds));
    if (kinds.size === 0)
      throw new NotTheirs(
        `this token does not speak for the source \`${source}\`; issue one whose \`sources\` name it and its kinds`,
      );
    const demand = <O extends Pick<Observation, 'kind'>>(observation: O): O => {
      if (kinds.has(observation.kind)) return observation;
      const what = `this token speaks for the source \`${source}\`, and not of the kind \`${observation.kind}\``;
      throw new NotTheirs(`${what}; issue one whose \`sources\` name both`);
    };
    for (const { kind } of collection.partitions) demand({ kind });
    return append(collection, demanded(observations, demand), at);
  };
}

type Observations = Parameters<Append>[1];

function demanded(
  observations: Observations,
  demand: <O extends Observation | WrittenObservation>(observation: O) => O,
): Observations {
  if (Symbol.asyncIterator in observations)
    return (async function* () {
      for await (const one of observations) yield demand(one);
    })();
  return (function* () {
    for (const one of observations) yield demand(one);
  })();
}

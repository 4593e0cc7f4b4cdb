/** What people say of facts that no source can say: that so many are gone, that a look was wrong, that nobody looks any more. */
import type { History } from '@macadam/adapters/facts/history/open';
import { type Facts, FactsError, type Sealed } from '@macadam/adapters/facts/port';

export const CORRECTIONS = ['confirm', 'retract', 'retire-source', 'retire-asset', 'retract-after'] as const;

export interface Correction {
  readonly what: (typeof CORRECTIONS)[number];
  /** The digest of a collection, the id of a source or of an asset; of `retract-after` a time, as RFC 3339 writes it. */
  readonly subject: string;
  /** For people; required. */
  readonly reason: string;
  readonly at: Date;
}

export type Corrected = Pick<
  Facts,
  'confirm' | 'retract' | 'retireSource' | 'retireAsset' | 'collections' | 'newest'
>;

/** Records it. The next tick shows what it changes. Rejects with `FactsError` for what is not there. */
export function correct(
  { facts, history }: { readonly facts: Corrected; readonly history: Pick<History, 'retractTicks'> },
  { what, subject, reason, at }: Correction,
): Promise<Pick<Sealed, 'batch' | 'repeated'>> {
  switch (what) {
    case 'retract-after':
      return retractAfter(facts, history, { subject, reason, at });
    case 'confirm':
      return facts.confirm(subject, reason, at);
    case 'retract':
      return facts.retract(subject, reason, at);
    case 'retire-source':
      return facts.retireSource(subject, reason, at);
    case 'retire-asset':
      return facts.retireAsset(subject, reason, at);
  }
}

/** A time, and not a day: what is taken back has to be named to the second. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** Every collection that began after a time, and every tick that was written for later: what a wrong clock wrote. */
async function retractAfter(
  facts: Corrected,
  history: Pick<History, 'retractTicks'>,
  { subject, reason, at }: Omit<Correction, 'what'>,
): Promise<Pick<Sealed, 'batch' | 'repeated'>> {
  const after = TIME.test(subject) ? new Date(subject) : new Date(Number.NaN);
  if (Number.isNaN(after.getTime()))
    throw new FactsError('invalid', `\`${subject}\` is not a time: write 2026-08-01T10:00:00Z`);
  const late = (await facts.collections()).filter(
    ({ retracted, collection }) => !retracted && Date.parse(collection.startedAt) > after.getTime(),
  );
  let batch = await facts.newest();
  for (const { digest } of late) batch = (await facts.retract(digest, reason, at)).batch;
  const ticks = await history.retractTicks(after);
  return { batch, repeated: late.length === 0 && ticks.length === 0 };
}

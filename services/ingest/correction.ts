/** What people say of facts that no source can say: that so many are gone, that a look was wrong, that nobody looks any more. */
import type { Facts, Sealed } from '@macadam/adapters/facts/port';

export const CORRECTIONS = ['confirm', 'retract', 'retire-source', 'retire-asset'] as const;

export interface Correction {
  readonly what: (typeof CORRECTIONS)[number];
  /** The digest of a collection, the id of a source or of an asset. */
  readonly subject: string;
  /** For people; required. */
  readonly reason: string;
  readonly at: Date;
}

export type Corrected = Pick<Facts, 'confirm' | 'retract' | 'retireSource' | 'retireAsset'>;

/** Records it. The next tick shows what it changes. Rejects with `FactsError` for what is not there. */
export function correct(facts: Corrected, { what, subject, reason, at }: Correction): Promise<Sealed> {
  switch (what) {
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

/**
 * Frozen reviews under attack: single bits of a file and of the facts in it, each another one, by a seed. Some are sealed
 * anew, as somebody does who has no key; then the trusted key has to notice.
 */
import { generateKeyPairSync, hash, type KeyObject } from 'node:crypto';
import { readReview, reviewText } from '@macadam/core/figures/review-file';
import { verifyReview } from '@macadam/core/figures/review-verify';
import { seeded } from '@macadam/core/figures/seeded';
import { type Frozen, freezeReview, type PreviousReview } from '@macadam/services/progress/freeze';
import { FULL_MINUTES, leakEstate } from '@macadam/testing/server/leaks';
import type { Case, Suite } from '../suite.ts';

const SEED = 20261128;
const CHANGES = 10_000;
/** Deriving every figure takes longer than reading every byte, so beside them only this share is sealed anew. */
const RESEALED = 0.03;

export const suite: Suite = {
  name: 'reviews',
  proves: 'every random single-bit change to a frozen review and the facts beneath it is detected',
  vectors: [],
  load: async (_, { changes = CHANGES }) => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const trustedKey = hash('sha256', publicKey.export({ type: 'spki', format: 'der' }));
    const made = await secondReview(privateKey);
    const random = seeded(SEED);
    const bits = Buffer.byteLength(made.text) * 8;
    const pick = () => Math.floor(random() * bits);
    const changed = (bit: number): Buffer => {
      const bytes = Buffer.from(made.text);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return bytes;
    };
    const whole: Case = {
      id: 'unchanged',
      run: () =>
        verifyReview(Buffer.from(made.text), { trustedKey }).verdict === 'holds' ? null : 'it does not hold',
    };
    const flips = Array.from({ length: changes }, (_, index): Case => {
      const bit = pick();
      return {
        id: `bit ${bit} (${index + 1})`,
        run: () =>
          verifyReview(changed(bit), { trustedKey }).verdict === 'holds' ? 'it was not noticed' : null,
      };
    });
    const resealed = Array.from({ length: Math.ceil(changes * RESEALED) }, (_, index): Case => {
      const bit = pick();
      return {
        id: `sealed anew, bit ${bit} (${index + 1})`,
        run: () => resealedHolds(changed(bit), trustedKey),
      };
    });
    return [whole, ...flips, ...resealed];
  },
};

/** A review after another one, with everything that a review can hold: causes, amounts, cohorts, council, reasons. */
async function secondReview(key: KeyObject): Promise<Frozen> {
  const { source, days, look, remove } = await leakEstate();
  const [first = new Date(0), ...later] = days;
  const frozen = async (previous: PreviousReview | null): Promise<Frozen> => {
    const made = await freezeReview({
      source: { ...source, commitments: { 'water-kept': { share: 0.9, by: '2027-03-31' } } },
      head: {
        number: previous === null ? 1 : 2,
        title: 'Weekly',
        frozenAt: '2026-11-05T13:00:00Z',
        frozenBy: 'ann',
        simulated: false,
      },
      minutes: FULL_MINUTES,
      previous,
      exceptions: [],
      divisions: new Map([['plumbers', 'north']]),
      key,
    });
    if (!('text' in made)) throw new Error(made.why);
    return made;
  };
  try {
    const seen = await look(first, new Set());
    const { review, digest } = await frozen(null);
    const { at, known } = review.head;
    const gone = new Set(seen.slice(0, 5).map(({ name }) => name));
    for (const day of later) await look(day, gone);
    return await frozen({ number: 1, digest, at, known, figures: review.figures });
  } finally {
    await remove();
  }
}

function resealedHolds(bytes: Buffer, trustedKey: string): string | null {
  let text: string;
  try {
    text = reviewText(readReview(bytes.toString()), generateKeyPairSync('ed25519').privateKey);
  } catch {
    // What is no review any more cannot be sealed as one.
    return null;
  }
  return verifyReview(Buffer.from(text), { trustedKey }).verdict === 'holds' ? 'it was not noticed' : null;
}

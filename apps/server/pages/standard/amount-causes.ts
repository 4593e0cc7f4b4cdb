/** Why amounts moved, as people are told it. */
import type { AmountCause } from '@macadam/adapters/facts/history/amounts';

const WORDS: Readonly<Record<string, string>> = {
  reweighed: 'amount changed',
  corrected: 'learned late, or counted for the first time',
  taken: 'the day came from which it is counted who is to go',
};
const STEPS: Readonly<Record<string, string>> = {
  definition: ', by a changed definition',
  clock: ', by expired evidence',
};

export const amountCauseText = ({ cell, step }: Pick<AmountCause, 'cell' | 'step'>): string =>
  `${WORDS[cell] ?? cell.replaceAll('-', ' ')}${STEPS[step] ?? ''}`;

/** Why figures moved, as people are told it: cells of the account under the names of what happened. */
import { type CellCount, changesIn } from '@macadam/adapters/facts/history/read';
import { type AccountCell, type AccountEntry, described } from '@macadam/core/figures/accounting';

/** What a change is called in a list of changes; where it is of a figure, what it was or is. */
const CHANGE_WORDS: Readonly<Record<AccountCell, string>> = {
  'entered-pass': 'added, passing',
  'entered-fail': 'added, failing',
  'entered-unknown': 'added, unknown',
  'gone-pass': 'removed, was passing',
  'gone-fail': 'removed, was failing',
  'gone-unknown': 'removed, was unknown',
  'out-of-scope-pass': 'out of scope, was passing',
  'out-of-scope-fail': 'out of scope, was failing',
  'out-of-scope-unknown': 'out of scope, was unknown',
  fixed: 'fixed',
  regressed: 'newly failing',
  'lost-pass': 'became unknown, was passing',
  'lost-fail': 'became unknown, was failing',
  'revealed-pass': 'became known, passing',
  'revealed-fail': 'became known, failing',
  'reassigned-in': 'moved here from another team',
  'reassigned-out': 'moved to another team',
  granted: 'excepted, still failing',
  ended: 'no longer excepted',
  covered: 'newly failing, excepted',
  uncovered: 'was excepted; fixed, removed or unknown',
};
export const changeWords = (cell: AccountCell): string => CHANGE_WORDS[cell];

/** In the order in which they are shown. */
export const CAUSES_OF_CHANGE = [
  'entered',
  'fixed',
  'regressed',
  'lost',
  'revealed',
  'left',
  'tightened',
  'relaxed',
  'reassigned',
  'excepted',
] as const;
export type CauseOfChange = (typeof CAUSES_OF_CHANGE)[number];

/** What each means. A path is told, not its ends: what grew too old and was seen again is both lost and revealed. */
export const MEANINGS: Readonly<Record<CauseOfChange, string>> = {
  entered: 'came into being or into scope',
  fixed: 'failed, then passed',
  regressed: 'passed, then failed',
  lost: 'was decided, became unknown',
  revealed: 'was unknown, became decided',
  left: 'is gone, or out of scope',
  tightened: 'judged worse because the standard changed',
  relaxed: 'judged better because the standard changed',
  reassigned: 'belongs to another team now',
  excepted: 'an exception began, ended, or came to cover it or not',
};

export function causeOf(entry: Pick<AccountEntry, 'cell' | 'step'>): CauseOfChange {
  const name = described(entry);
  if (name === 'tightened' || name === 'relaxed') return name;
  const { cell } = entry;
  if (cell === 'fixed' || cell === 'regressed') return cell;
  if (cell.startsWith('entered-')) return 'entered';
  if (cell.startsWith('lost-')) return 'lost';
  if (cell.startsWith('revealed-')) return 'revealed';
  if (cell.startsWith('reassigned-')) return 'reassigned';
  return cell.startsWith('gone-') || cell.startsWith('out-of-scope-') ? 'left' : 'excepted';
}

/** How often each happened, each change an asset of a list and never a sum that cancels. A handover has two halves, and is counted once. */
export function causesOf(
  cells: Iterable<Pick<AccountEntry, 'cell' | 'step'> & Pick<CellCount, 'count' | 'takenBack'>>,
): ReadonlyMap<CauseOfChange, number> {
  const sums = new Map<CauseOfChange, number>();
  for (const one of cells) {
    if (one.cell === 'reassigned-out') continue;
    const cause = causeOf(one);
    sums.set(cause, (sums.get(cause) ?? 0) + changesIn(one));
  }
  return sums;
}

/**
 * What people may do with a batch. Nobody closes one and nobody moves its date: a claim says who is at it, a snooze
 * silences reminders, a dispute stops the clock for a time. Each act is of the batch as it is when it arrives, so of two
 * people who act at once the second is told what the first did.
 */
import type { RequestDiagnostic } from '../text/diagnostic.ts';
import { type Batch, dayAfter, remaining, type WorkPolicy } from './batch.ts';

export type WorkAct =
  | { readonly act: 'claim' | 'release' }
  | { readonly act: 'snooze'; readonly until: string }
  | { readonly act: 'dispute'; readonly assets: readonly string[]; readonly why: string }
  /** Of the dispute that holds the asset; by the standard's owner. */
  | { readonly act: 'settle'; readonly asset: string; readonly upheld: boolean; readonly why: string }
  | { readonly act: 'comment'; readonly text: string };

export interface ActContext {
  readonly by: string;
  readonly now: Date;
  readonly policy: WorkPolicy;
}

export type Acted = { readonly batch: Batch } | { readonly refusal: RequestDiagnostic };

export function act(batch: Batch, what: WorkAct, context: ActContext): Acted {
  const now = context.now.toISOString();
  if (batch.closedAt !== null && what.act !== 'comment')
    return no('', `${batch.id} has closed`, 'nothing is left to be done');
  switch (what.act) {
    case 'claim':
      return batch.claimedBy === null || batch.claimedBy === context.by
        ? { batch: { ...batch, claimedBy: context.by } }
        : no('', `${batch.claimedBy} has claimed it`, 'ask them to release it');
    case 'release':
      return batch.claimedBy === context.by
        ? { batch: { ...batch, claimedBy: null } }
        : no('', `${context.by} has not claimed it`, 'only who claimed it can release it');
    case 'snooze':
      return snooze(batch, what.until, context);
    case 'dispute':
      return dispute(batch, what, context);
    case 'settle':
      return settle(batch, what, context);
    case 'comment': {
      const comment = { by: context.by, at: now, text: what.text };
      return what.text.trim() === ''
        ? no('text', 'it is empty', 'write something')
        : { batch: { ...batch, comments: [...batch.comments, comment] } };
    }
  }
}

const no = (field: string, reason: string, fix: string): Acted => ({ refusal: { field, reason, fix } });

function snooze(batch: Batch, until: string, { now, policy }: ActContext): Acted {
  const today = now.toISOString().slice(0, 10);
  const latest = [batch.due, dayAfter(now.toISOString(), policy.snooze)].sort()[0] ?? batch.due;
  if (batch.snoozes >= policy.snoozes)
    return no(
      '',
      `it was snoozed ${batch.snoozes} times already`,
      'do it, dispute it, or ask for an exception',
    );
  if (!/^\d{4}-\d{2}-\d{2}$/.test(until) || until <= today)
    return no('until', `\`${until}\` is no later day`, 'name a day such as 2027-03-01 after today');
  if (until > latest)
    return no(
      'until',
      'it is too far away',
      latest > today ? `name ${latest} or a day before` : 'it is due: do it',
    );
  return { batch: { ...batch, snoozedUntil: until, snoozes: batch.snoozes + 1 } };
}

function dispute(
  batch: Batch,
  { assets, why }: WorkAct & { readonly act: 'dispute' },
  { by, now }: ActContext,
): Acted {
  const left = new Set(remaining(batch));
  const stranger = assets.find((asset) => !left.has(asset));
  const before = batch.disputes.find((one) => one.assets.some((asset) => assets.includes(asset)));
  if (assets.length === 0) return no('assets', 'it names no asset', 'name those whose verdict is false');
  if (stranger !== undefined)
    return no('assets', `${stranger} is not to be done here`, 'name assets that are left in the batch');
  // Once an asset and batch, else one dispute after another would stop the clock for good.
  if (before) return no('assets', `${before.by} has disputed some of them already`, 'leave those out');
  if (why.trim().length < 10)
    return no('why', 'it does not say what is false', 'write at least ten characters');
  const made = { assets: assets.toSorted(), by, why, at: now.toISOString(), settled: null };
  return { batch: { ...batch, disputes: [...batch.disputes, made] } };
}

function settle(
  batch: Batch,
  { asset, upheld, why }: WorkAct & { readonly act: 'settle' },
  { by, now }: ActContext,
): Acted {
  const held = batch.disputes.find(({ assets }) => assets.includes(asset));
  if (!held) return no('asset', `nobody disputes ${asset}`, 'name an asset that is disputed');
  if (held.settled) return no('', `${held.settled.by} has settled it`, 'nothing is left to be decided');
  if (held.by === by) return no('', `${by} disputed it`, 'let the owner of the standard decide');
  const settled = { by, at: now.toISOString(), upheld, why };
  const disputes = batch.disputes.map((one) => (one === held ? { ...one, settled } : one));
  return { batch: { ...batch, disputes } };
}

/** False verdicts that a batch proved: each counts against its standard. */
export const defects = ({ disputes }: Batch): number =>
  disputes
    .filter(({ settled }) => settled?.upheld === true)
    .reduce((sum, { assets }) => sum + assets.length, 0);

/** Whether people are reminded of it on a day. */
export const isQuiet = ({ snoozedUntil, closedAt }: Batch, now: Date): boolean =>
  closedAt !== null || (snoozedUntil !== null && now.toISOString().slice(0, 10) <= snoozedUntil);

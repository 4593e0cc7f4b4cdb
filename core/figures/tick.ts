/**
 * What one tick changes for an asset: the path from how it stood, by the old facts under the new definition, then the new facts, then
 * these under the new clock. Of whole standards a store finds the same by queries.
 */

import { strongestCause } from '../facts/observation.ts';
import type { CompiledStandard } from '../verdicts/compiled-standard.ts';
import type { Decided } from '../verdicts/evaluate.ts';
import { type Move, path, type State, type Status } from './accounting.ts';

/** A move with the reasons of both sides, which are shown but never counted. */
export interface StandingChange extends Move {
  readonly fromReason: string;
  readonly toReason: string;
}

/** How an asset stood under a standard when the last tick was written. */
export interface PreviousStatus {
  readonly state: State;
  readonly team: string;
  readonly reason: string;
}

/** A verdict with its reason; of O there is none. */
export type Judged = Pick<Status, 'verdict'> & { readonly reason: string };

const NOWHERE: Judged = { verdict: 'O', reason: '' };

/** What each step of a tick says of an asset. */
export interface Steps {
  readonly definition: Judged;
  readonly evidence: Judged;
  readonly clock: Judged;
}

interface ChangesAlongInput {
  readonly standard: string;
  readonly asset: string;
  readonly start: PreviousStatus & { readonly excepted: boolean };
  readonly steps: Steps;
  readonly after: Pick<Status, 'team' | 'excepted' | 'gone'>;
}

/**
 * The path of one asset through a tick, with reasons; where its last move does not say the reason that is left, a record
 * that belongs to no figure does.
 */
export function changesAlong({ standard, asset, start, steps, after }: ChangesAlongInput): StandingChange[] {
  const { definition, evidence, clock } = steps;
  const { state, team, excepted } = start;
  const moves = path(
    standard,
    asset,
    { verdict: state === 'X' ? 'F' : state, excepted, team, gone: false },
    {
      definition: definition.verdict,
      evidence: evidence.verdict,
      after: { ...after, verdict: clock.verdict },
    },
  );
  const changes: StandingChange[] = [];
  const reasons = { definition, evidence, clock, reassigned: clock, exception: clock };
  let { reason } = start;
  for (const move of moves) {
    const toReason = reasons[move.step].reason;
    changes.push({ ...move, fromReason: reason, toReason });
    reason = toReason;
  }
  if (reason === clock.reason || clock.verdict === 'O') return changes;
  const step =
    clock.reason !== evidence.reason
      ? 'clock'
      : evidence.reason !== definition.reason
        ? 'evidence'
        : 'definition';
  const left = moves.at(-1)?.to ?? state;
  changes.push({
    standard,
    asset,
    step,
    from: left,
    to: left,
    team: after.team,
    toTeam: after.team,
    gone: false,
    fromReason: reason,
    toReason: clock.reason,
  });
  return changes;
}

/** A decision as a tick carries it. */
export function judgedAs(standard: CompiledStandard, decision: Decided): Judged {
  if (decision === 'pass') return { verdict: 'P', reason: 'meets' };
  if (decision === 'not-applicable') return NOWHERE;
  if (typeof decision === 'number') {
    return { verdict: 'F', reason: standard.reasons[decision]?.definition.id ?? '' };
  }
  return { verdict: 'U', reason: strongestCause(decision.causes.map(({ cause }) => cause)) };
}

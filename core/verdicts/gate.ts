/**
 * The gate: the same question as everywhere else, asked before a change exists, with an answer that lets it through or
 * not. Pure; every later gate calls it. `effectOf` only decides, allocates nothing for a definite verdict and takes about a
 * microsecond a standard; `decide` gives the words.
 */

import type { Related } from '../facts/related.ts';
import type { PreparedAsset } from '../facts/row.ts';
import type { CompiledStandard } from './compiled-standard.ts';
import { type Clock, type Decided, judgeOf, type StandardJudge, type Verdict } from './evaluate.ts';
import { acceptedValue, type Exception, exceptionsOf, type StandardExceptions } from './exception.ts';
import type { Standard } from './standard.ts';

/** What a gate does, weakest first. `ask`: a person decides, and the answer is recorded where the gate runs. */
export const EFFECTS = ['allow', 'warn', 'ask', 'block'] as const;
export type Effect = (typeof EFFECTS)[number];
export type RolloutStep = Standard['rollout']['state'];

export interface GateDecision {
  readonly standard: CompiledStandard;
  readonly verdict: Verdict;
  readonly effect: Effect;
  /** The exception that lets a failure through, if one is in force. */
  readonly exception: Exception | null;
}

export interface Gate {
  /** Standards that are asked, in order of their ids. */
  readonly standards: readonly CompiledStandard[];
  /** The strongest effect of all standards on an asset. */
  readonly effectOf: (row: PreparedAsset) => Effect;
  readonly decide: (row: PreparedAsset) => readonly GateDecision[];
}

export interface GateOptions {
  readonly exceptions?: readonly Exception[];
  /** Finds assets across relations; without it what looks across one is unknown. */
  readonly related?: Related;
}

/**
 * The step that is in force on a day. An announced day is kept: from `enforce_from` on (UTC) a standard that warns is
 * enforced, and one that is to be enforced warns until then.
 */
export function stepOn({ state, enforce_from: from }: Standard['rollout'], asOf: Date): RolloutStep {
  if (from === undefined || (state !== 'warn' && state !== 'enforce')) return state;
  return asOf.getTime() >= Date.parse(`${from}T00:00:00Z`) ? 'enforce' : 'warn';
}

/** What a step does with a failure, and with what cannot be decided. Only an enforced standard stops anybody. */
export function effectsOf(
  rollout: Standard['rollout'],
  asOf: Date,
): { readonly fail: Effect; readonly unknown: Effect } {
  const step = stepOn(rollout, asOf);
  if (step === 'enforce') return { fail: 'block', unknown: rollout.on_unknown };
  if (step === 'warn') return { fail: 'warn', unknown: rollout.on_unknown === 'allow' ? 'allow' : 'warn' };
  return { fail: 'allow', unknown: 'allow' };
}

export const stronger = (a: Effect, b: Effect): Effect => (EFFECTS.indexOf(a) >= EFFECTS.indexOf(b) ? a : b);

interface Asked {
  readonly standard: CompiledStandard;
  readonly id: string;
  readonly judge: StandardJudge;
  readonly fail: Effect;
  readonly unknown: Effect;
  readonly exceptions: StandardExceptions;
}

/** Whether a gate asks it at all: one in `draft` or `observe` is only measured. */
export const isAsked = ({ definition: { rollout } }: CompiledStandard): boolean =>
  rollout.state === 'warn' || rollout.state === 'enforce';

/** Prepares standards of one kind. One that no gate asks may be among them; it lets everything through. */
export function gateOf(
  standards: readonly CompiledStandard[],
  clock: Clock,
  { exceptions = [], related }: GateOptions = {},
): Gate {
  const asked: readonly Asked[] = standards
    .toSorted((a, b) => (a.definition.id < b.definition.id ? -1 : 1))
    .map((standard) => {
      const { id, rollout } = standard.definition;
      return {
        standard,
        id,
        judge: judgeOf(standard, clock, related),
        ...effectsOf(rollout, clock.asOf),
        exceptions: exceptionsOf(exceptions, id),
      };
    });
  const exceptionOf = (one: Asked, row: PreparedAsset): Exception | null => {
    const { id, name } = row['@asset'];
    return one.exceptions.inForce({ id, name, value: () => acceptedValue(one.judge.judge(row)) }, clock.asOf);
  };
  const effect = (one: Asked, row: PreparedAsset, decided: Decided): Effect => {
    if (decided === 'pass' || decided === 'not-applicable') return 'allow';
    if (typeof decided !== 'number') return one.unknown;
    return exceptionOf(one, row) === null ? one.fail : 'allow';
  };
  return {
    standards: asked.map(({ standard }) => standard),
    effectOf: (row) => {
      let strongest: Effect = 'allow';
      for (const one of asked) {
        const own = effect(one, row, one.judge.decide(row));
        if (own !== 'allow') strongest = stronger(strongest, own);
      }
      return strongest;
    },
    decide: (row) =>
      asked.map((one) => {
        const verdict = one.judge.judge(row);
        const exception = verdict.verdict === 'fail' ? exceptionOf(one, row) : null;
        return { standard: one.standard, verdict, exception, effect: effectNamed(one, verdict, exception) };
      }),
  };
}

function effectNamed(one: Asked, { verdict }: Verdict, exception: Exception | null): Effect {
  if (verdict === 'fail') return exception === null ? one.fail : 'allow';
  return verdict === 'unknown' ? one.unknown : 'allow';
}

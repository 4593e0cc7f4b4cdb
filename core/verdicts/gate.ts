/**
 * The gate: the same question as everywhere else, asked before a change exists, with an answer that lets it through or
 * not. Pure; every later gate calls it. `effectOf` only decides, allocates nothing for a definite verdict and takes about a
 * microsecond a standard; `decide` gives the words.
 */

import type { Asset } from '../facts/asset.ts';
import type { Related } from '../facts/related.ts';
import type { PreparedAsset } from '../facts/row.ts';
import type { CompiledStandard } from './compiled-standard.ts';
import { type Clock, type Decided, judgeOf, type StandardJudge, type Verdict } from './evaluate.ts';
import { acceptedValue, type Exception, exceptionsOf, type StandardExceptions } from './exception.ts';
import {
  everAsked,
  type RingFound,
  type Rollout,
  type RolloutStep,
  ringOf,
  stepOfRing,
  stepOn,
} from './rollout.ts';

/** What a gate does, weakest first. `ask`: a person decides, and the answer is recorded where the gate runs. */
export const EFFECTS = ['allow', 'warn', 'ask', 'block'] as const;
export type Effect = (typeof EFFECTS)[number];

export interface GateDecision {
  readonly standard: CompiledStandard;
  readonly verdict: Verdict;
  readonly effect: Effect;
  /** The exception that lets a failure through, if one is in force. */
  readonly exception: Exception | null;
  /** The step that is in force for this asset. */
  readonly step: RolloutStep;
  /** The name of its ring; null: it is in none. */
  readonly ring: string | null;
  /** A ring selects by owner, and nobody can tell whose it is: it counts as in no ring. */
  readonly ringUndecided: boolean;
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
  /** Whose an asset is: its team and the units above; null where nobody can tell. Left out: what its `owners` state. */
  readonly ownersOf?: (asset: Asset) => readonly string[] | null;
}

/** What a gate does with a failure, and with what cannot be decided. */
export interface StepEffects {
  readonly fail: Effect;
  readonly unknown: Effect;
}

/** What a step does with a failure, and with what cannot be decided. Only an enforced standard stops anybody. */
export function effectsAt(step: RolloutStep, onUnknown: Effect): StepEffects {
  if (step === 'enforce') return { fail: 'block', unknown: onUnknown };
  if (step === 'warn') return { fail: 'warn', unknown: onUnknown === 'allow' ? 'allow' : 'warn' };
  return { fail: 'allow', unknown: 'allow' };
}

/** What a standard does on a day with whoever is in no ring. */
export const effectsOf = (rollout: Rollout, asOf: Date): StepEffects =>
  effectsAt(stepOn(rollout, asOf), rollout.on_unknown);

export const stronger = (a: Effect, b: Effect): Effect => (EFFECTS.indexOf(a) >= EFFECTS.indexOf(b) ? a : b);

interface Asked {
  readonly standard: CompiledStandard;
  readonly id: string;
  readonly judge: StandardJudge;
  readonly rollout: Rollout;
  /** Of whoever is in no ring. */
  readonly base: StepEffects;
  readonly exceptions: StandardExceptions;
}

/** Whether a gate asks it at all: one in `draft` or `observe` is only measured. */
export const isAsked = ({ definition: { rollout } }: CompiledStandard): boolean => everAsked(rollout);

/** Prepares standards of one kind. One that no gate asks may be among them; it lets everything through. */
export function gateOf(
  standards: readonly CompiledStandard[],
  clock: Clock,
  { exceptions = [], related, ownersOf = statedOwners }: GateOptions = {},
): Gate {
  const asked: readonly Asked[] = standards
    .toSorted((a, b) => (a.definition.id < b.definition.id ? -1 : 1))
    .map((standard) => {
      const { id, rollout } = standard.definition;
      return {
        standard,
        id,
        judge: judgeOf(standard, clock, related),
        rollout,
        base: effectsOf(rollout, clock.asOf),
        exceptions: exceptionsOf(exceptions, id),
      };
    });
  const exceptionOf = (one: Asked, row: PreparedAsset): Exception | null => {
    const { id, name } = row['@asset'];
    return one.exceptions.inForce({ id, name, value: () => acceptedValue(one.judge.judge(row)) }, clock.asOf);
  };
  const ringIn = ({ rollout }: Asked, row: PreparedAsset): RingFound => {
    const asset = row['@asset'];
    return ringOf(rollout, { id: asset.id, name: asset.name, owners: ownersOf(asset) });
  };
  const effectsIn = (one: Asked, row: PreparedAsset): StepEffects => {
    const { rollout, base } = one;
    if (rollout.rings === undefined) return base;
    return effectsAt(stepOfRing(rollout, ringIn(one, row).ring, clock.asOf), rollout.on_unknown);
  };
  const effect = (one: Asked, row: PreparedAsset, decided: Decided): Effect => {
    if (decided === 'pass' || decided === 'not-applicable') return 'allow';
    if (typeof decided !== 'number') return effectsIn(one, row).unknown;
    return exceptionOf(one, row) === null ? effectsIn(one, row).fail : 'allow';
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
        const { ring, undecided } = ringIn(one, row);
        return {
          standard: one.standard,
          verdict,
          exception,
          effect: effectNamed(effectsIn(one, row), verdict, exception),
          step: stepOfRing(one.rollout, ring, clock.asOf),
          ring: ring?.name ?? null,
          ringUndecided: undecided,
        };
      }),
  };
}

/** What the asset itself says of whose it is; null where it says nothing. */
function statedOwners({ attributes }: Asset): readonly string[] | null {
  const statement = attributes.get('owners')?.statement;
  if (statement === undefined || !('value' in statement) || !Array.isArray(statement.value)) return null;
  return statement.value.filter((one): one is string => typeof one === 'string');
}

function effectNamed(effects: StepEffects, { verdict }: Verdict, exception: Exception | null): Effect {
  if (verdict === 'fail') return exception === null ? effects.fail : 'allow';
  return verdict === 'unknown' ? effects.unknown : 'allow';
}

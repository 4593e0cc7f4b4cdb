/**
 * Judges the verdicts of an audit sample again, from the observations and the definition that the sample itself brings:
 * the one thing that docs/audit/verify-sample.mjs cannot do without the language of checks. Whether the observations are
 * what was collected is what that verifier says.
 */

import { assetsOf } from '@macadam/core/facts/asset';
import type { Kind } from '@macadam/core/kinds/kind';
import { compileStandard, looksAround } from '@macadam/core/verdicts/compiled-standard';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { standardSchema } from '@macadam/core/verdicts/standard';
import type { AuditSample, Drawn } from './sample.ts';

export interface JudgedAgain {
  readonly standard: string;
  readonly asset: string;
  /** `open`: it could not be judged again, and `why` says why. */
  readonly result: 'same' | 'other' | 'open';
  readonly why: string;
}

export function judgeSample(
  { drawn }: Pick<AuditSample, 'drawn'>,
  kinds: ReadonlyMap<string, Kind>,
): readonly JudgedAgain[] {
  return drawn.flatMap((one) => {
    if (!one.verdict) return [];
    const { standard, asset } = one.verdict;
    return [{ standard, asset, ...judgedAgain(one, one.verdict, kinds) }];
  });
}

const STATES = { pass: 'P', fail: 'F', unknown: 'U', 'not-applicable': 'O' } as const;

function judgedAgain(
  { definition, observations, missing }: Drawn,
  { asset: id, state, at }: NonNullable<Drawn['verdict']>,
  kinds: ReadonlyMap<string, Kind>,
): Pick<JudgedAgain, 'result' | 'why'> {
  const open = (why: string) => ({ result: 'open' as const, why });
  if (observations.length === 0) return open(missing || 'the sample has no observation of it');
  const read = standardSchema.safeParse(definition);
  if (!read.success) return open('the sample has no definition of its standard that this release reads');
  const kind = kinds.get(read.data.scope.kind);
  if (!kind) return open(`this release has no kind \`${read.data.scope.kind}\``);
  const compiled = compileStandard(read.data, kind, { file: 'the sample', lineOf: () => 1, kinds });
  if ('mistakes' in compiled) return open('this release cannot compile the definition');
  if (looksAround(compiled)) return open('its check reads other assets, which the sample does not hold');
  const known = observations.flatMap(({ observation }) =>
    Date.parse(observation.receivedAt) <= Date.parse(at) ? [observation] : [],
  );
  const asset = assetsOf(kinds, known).find((one) => one.id === id);
  if (!asset) return open(`nothing was known of it at ${at}, by the observations in the sample`);
  const when = new Date(at);
  const { verdict, reason } = evaluate(compiled, asset, { asOf: when, real: when });
  // An exception is laid over a failure and does not change it.
  const stood = state === 'X' ? 'F' : state;
  return STATES[verdict] === stood
    ? { result: 'same', why: verdict }
    : { result: 'other', why: `it was recorded as ${stood} and is ${STATES[verdict]} (${reason})` };
}

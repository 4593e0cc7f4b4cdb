/** A verdict with its reason as one small number, as the queries of a tick carry it, and what it says. */

import { CAUSES, strongestCause } from '@macadam/core/facts/observation';
import type { Judged } from '@macadam/core/figures/tick';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Decided } from '@macadam/core/verdicts/evaluate';
import { CODE, STEP } from '../sql/pass.ts';
import { quotedText, texts } from '../sql/text.ts';
import { RANK } from '../sql/value.ts';

import { STATE } from './moves.ts';

export { quotedText, texts };

/** Stands where a standard was not judged, by this query or in this step. */
export const NOT_JUDGED = 65_535;

/** A pass's number without what no reason says: the path of what is not known. */
export const shortened = (number: string): string =>
  `toUInt16(if(${number} % ${STEP} = ${CODE.unknown}, intDiv(${number}, ${STEP * RANK}) * ${STEP} + ${CODE.unknown}, ${number}))`;

/** The same of a decision of the closures. */
export function codeOf(decided: Decided): number {
  if (decided === 'pass') return CODE.pass;
  if (decided === 'not-applicable') return CODE.na;
  if (typeof decided === 'number') return decided * STEP + CODE.fail;
  const cause = strongestCause(decided.causes.map((one) => one.cause));
  return (CAUSES.length - CAUSES.indexOf(cause)) * STEP + CODE.unknown;
}

/** SQL of the verdict of a code, by the numbers of the history's states. */
export const verdictOf = (code: string): string =>
  `toInt8([${STATE.F}, ${STATE.P}, ${STATE.U}, ${STATE.O}][${code} % ${STEP} + 1])`;

/** SQL of the reason of a code of the standard at a place among these, counted from 1. */
export function reasonOf(standards: readonly CompiledStandard[], code: string, place: string): string {
  const fails = `[${standards.map(({ reasons }) => texts(reasons.map(({ definition }) => definition.id))).join(', ')}]`;
  const [verdict, detail] = [`${code} % ${STEP}`, `intDiv(${code}, ${STEP})`];
  return `multiIf(${verdict} = ${CODE.na}, '', ${verdict} = ${CODE.pass}, 'meets',
    ${verdict} = ${CODE.fail}, ${fails}[${place}][${detail} + 1], ${texts(CAUSES)}[${CAUSES.length + 1} - ${detail}])`;
}

/** What a code of a standard says. */
export function judgedOf(standard: CompiledStandard, code: number): Judged {
  const detail = Math.floor(code / STEP);
  switch (code % STEP) {
    case CODE.na:
      return { verdict: 'O', reason: '' };
    case CODE.pass:
      return { verdict: 'P', reason: 'meets' };
    case CODE.fail:
      return { verdict: 'F', reason: standard.reasons[detail]?.definition.id ?? '' };
    default:
      return { verdict: 'U', reason: CAUSES[CAUSES.length - detail] ?? '' };
  }
}

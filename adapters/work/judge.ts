/** What is there of failing assets right now, for whoever accepts it: the same evaluation as everywhere. */
import type { CompiledStandard } from '@macadam/core/compiled-standard';
import { type Clock, evaluate } from '@macadam/core/evaluate';
import { acceptedValue } from '@macadam/core/exception';
import type { Kind } from '@macadam/core/kind';
import { sideNow } from '../facts/history/sides.ts';
import type { Facts } from '../facts/port.ts';
import { looksAround } from '../facts/rejudge.ts';
import type { AcceptedOptions } from './accepted.ts';

export interface JudgeOptions {
  readonly facts: Facts;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CompiledStandard[];
  readonly now: () => Date;
}

/** Assets that do not fail by now, or are not there, have no value. */
export function judgeIn({ facts, kinds, standards, now }: JudgeOptions): AcceptedOptions['judge'] {
  const byId = new Map(standards.map((one) => [one.definition.id, one]));
  return async (standard, assets) => {
    const compiled = byId.get(standard);
    const values = new Map<string, string>();
    if (!compiled) return values;
    const at = now();
    const clock: Clock = { asOf: at, real: at };
    const related = looksAround(compiled)
      ? (await sideNow(facts, kinds, compiled.kind.kind, at)).related
      : undefined;
    for (const id of assets) {
      const asset = await facts.asset(id);
      const verdict = asset && evaluate(compiled, asset, clock, related);
      if (verdict?.verdict === 'fail') values.set(id, acceptedValue(verdict));
    }
    return values;
  };
}

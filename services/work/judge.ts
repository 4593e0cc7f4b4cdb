/** What is there of failing assets right now, for whoever accepts it: the same evaluation as everywhere. */

import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { relatedNow } from '@macadam/adapters/facts/history/around';
import type { Facts } from '@macadam/adapters/facts/port';
import type { Kind } from '@macadam/core/kinds/kind';
import { type CompiledStandard, looksAround } from '@macadam/core/verdicts/compiled-standard';
import { type Clock, evaluate } from '@macadam/core/verdicts/evaluate';
import { acceptedValue } from '@macadam/core/verdicts/exception';
import { assetsById } from '../ownership/who.ts';
import type { AcceptedOptions } from './accepted.ts';

export interface JudgeOptions {
  readonly driver: Driver;
  readonly facts: Facts;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CompiledStandard[];
  readonly now: () => Date;
}

/** Assets that are read at once, with what they look at. */
const AT_ONCE = 200;

/** Assets that do not fail by now, or are not there, have no value. */
export function judgeIn({ driver, facts, kinds, standards, now }: JudgeOptions): AcceptedOptions['judge'] {
  const byId = new Map(standards.map((one) => [one.definition.id, one]));
  return async (standard, assets) => {
    const compiled = byId.get(standard);
    const values = new Map<string, string>();
    if (!compiled) return values;
    const at = now();
    const clock: Clock = { asOf: at, real: at };
    for (let first = 0; first < assets.length; first += AT_ONCE) {
      const found = await assetsById(driver, kinds, assets.slice(first, first + AT_ONCE));
      const page = [...found.values()];
      const related =
        page.length > 0 && looksAround(compiled)
          ? await relatedNow({ driver, facts, kinds }, compiled.kind, page, at)
          : undefined;
      for (const asset of page) {
        const verdict = evaluate(compiled, asset, clock, related);
        if (verdict.verdict === 'fail') values.set(asset.id, acceptedValue(verdict));
      }
    }
    return values;
  };
}

export interface JudgeMany {
  /** Asset → the value of its failure, or null where it passes or is out of scope; what is not there or cannot be told is left out. */
  readonly judge: (
    standard: string,
    assets: readonly string[],
  ) => Promise<ReadonlyMap<string, string | null>>;
  readonly judges: (standard: string) => boolean;
}

/** Many assets at once, by standards that look at one asset alone. */
export function judgeManyIn({ driver, kinds, standards, now }: Omit<JudgeOptions, 'facts'>): JudgeMany {
  const byId = new Map(standards.filter((one) => !looksAround(one)).map((one) => [one.definition.id, one]));
  return {
    judges: (standard) => byId.has(standard),
    judge: async (standard, assets) => {
      const compiled = byId.get(standard);
      const values = new Map<string, string | null>();
      if (!compiled) return values;
      const at = now();
      for (const [id, asset] of await assetsById(driver, kinds, assets)) {
        const verdict = evaluate(compiled, asset, { asOf: at, real: at });
        if (verdict.verdict === 'fail') values.set(id, acceptedValue(verdict));
        else if (verdict.verdict !== 'unknown') values.set(id, null);
      }
      return values;
    },
  };
}

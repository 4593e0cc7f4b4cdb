/**
 * Verdicts over the company as the engine computes it: the passes of the standards, whose clocks run with the ticks, so
 * that one SELECT judges every asset at every tick.
 */

import { quoted } from '@macadam/adapters/facts/layout';
import type { Parameter } from '@macadam/adapters/facts/sql/constants';
import { type NamedColumn, type Pass, pass } from '@macadam/adapters/facts/sql/pass';
import { quotedText as text } from '@macadam/adapters/facts/sql/text';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Calendar } from './calendar.ts';

export interface Codes {
  /** What the numbers are made of, over rows whose facts are of `tick` and whose clock is `ahead` ticks further. */
  readonly named: readonly NamedColumn[];
  /** SQL of each standard's number over such rows with the columns of `named`. */
  readonly codes: readonly string[];
}

/** Throws `TypeError` for a standard that only closures can judge. */
export function codesOf(kind: Kind, standards: readonly CompiledStandard[], calendar: Calendar): Codes {
  const at = (tick: number) => {
    const clock = calendar.tickAt(tick);
    return pass(kind, standards, { asOf: clock, real: clock });
  };
  const [first, second, last] = [at(0), at(1), at(calendar.ticks)];
  const [refused] = first.refused;
  if (refused) {
    const { id } = refused.standard.definition;
    throw new TypeError(`${id} cannot be judged in the engine: ${refused.refusal.refused}`);
  }
  if (first.joined !== '') throw new TypeError(`a standard of ${kind.kind} looks across a relation`);
  if (first.sql !== second.sql || first.sql !== last.sql)
    throw new TypeError(`the checks of ${kind.kind} change their form with the clock`);
  /** What moves with the clock stands in many places: each a column, so that it is read once. */
  const moving = new Map<string, string>();
  const bound = (sql: string) =>
    sql.replaceAll(/\{(p\d+):(\w+(?:\(\w+\))?)\}/g, (_, name: string, type: string) => {
      const text = constant(name, type, [first, second, last], calendar.ticks);
      if (!text.includes(CLOCK)) return text;
      const column = moving.get(text) ?? `@clock${moving.size}`;
      moving.set(text, column);
      return quoted(column);
    });
  const named = first.named.map(({ name, sql }) => ({ name, sql: bound(sql) }));
  const codes = first.codes.map(bound);
  return { named: [...[...moving].map(([sql, name]) => ({ name, sql })), ...named], codes };
}

const CLOCK = '(tick + ahead)';

function constant(name: string, type: string, passes: readonly [Pass, Pass, Pass], ticks: number): string {
  const [start, next, end] = passes.map(({ parameters }) => parameters.get(name));
  if (start === undefined) throw new TypeError(`a pass binds no ${name}`);
  if (same(start, next) && same(start, end)) return literal(start, type);
  if (typeof start !== 'bigint' || typeof next !== 'bigint' || end !== start + (next - start) * BigInt(ticks))
    throw new TypeError('a constant moves with the clock, and not evenly');
  return `(toInt64(${start}) + toInt64(${next - start}) * ${CLOCK})`;
}

const same = (a: Parameter, b: Parameter | undefined) => String(a) === String(b) && typeof a === typeof b;

function literal(value: Parameter, type: string): string {
  if (typeof value === 'object') {
    const items = [...value].map((item) => (typeof item === 'string' ? text(item) : String(item)));
    return `CAST([${items.join()}], ${text(type)})`;
  }
  return type === 'String' ? text(String(value)) : `to${type}(${text(String(value))})`;
}

/** Constants of a query: bound as parameters, each value once, so that equal expressions stay equal text. */
import type { Position } from '@macadam/core/cel/tree';
import type { Type } from '@macadam/core/cel/type';
import { Refused, type Scalar } from './value.ts';

export type Parameter = string | number | bigint | readonly string[] | readonly bigint[];

export interface Constants {
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly text: (value: string) => string;
  /**
   * Integers, and nanoseconds of timestamps and durations: signed, and Int128 beyond 64 bits. Signed and unsigned texts of 64
   * bits have no type in common, and what the engine makes of both hides NULL from its conversions.
   */
  readonly integer: (value: bigint) => string;
  /** Unsigned integers, which are UInt64 however small. */
  readonly unsigned: (value: bigint) => string;
  readonly double: (value: number) => string;
  readonly texts: (values: readonly string[]) => string;
  readonly integers: (values: readonly bigint[]) => string;
}

export function constants(): Constants {
  const parameters = new Map<string, Parameter>();
  const names = new Map<string, string>();
  const bind = (value: Parameter, type: string): string => {
    const key = `${type} ${JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part))}`;
    const name = names.get(key) ?? `p${names.size}`;
    names.set(key, name);
    parameters.set(name, value);
    return `{${name}:${type}}`;
  };
  return {
    parameters,
    text: (value) => bind(value, 'String'),
    integer: (value) => bind(value, BigInt.asIntN(64, value) === value ? 'Int64' : 'Int128'),
    unsigned: (value) => bind(value, 'UInt64'),
    double: (value) =>
      Number.isFinite(value)
        ? bind(Object.is(value, -0) ? '-0' : String(value), 'Float64')
        : Number.isNaN(value)
          ? 'nan'
          : value > 0
            ? 'inf'
            : '-inf',
    texts: (values) => bind(values, 'Array(String)'),
    integers: (values) => bind(values, 'Array(Int64)'),
  };
}

/** A constant as a scalar of its type. */
export function literal(
  constants: Constants,
  type: Type,
  value: bigint | number | string | boolean,
  at: Position,
): Scalar {
  const base = { is: 'scalar', type, nullable: false, cause: '0', constant: value } as const;
  switch (typeof value) {
    case 'boolean':
      return { ...base, sql: value ? 'true' : 'false' };
    case 'bigint':
      return { ...base, sql: type.name === 'uint' ? constants.unsigned(value) : constants.integer(value) };
    case 'number':
      return { ...base, sql: constants.double(value) };
    default:
      // Half a surrogate pair has no UTF-8.
      if (!value.isWellFormed()) throw new Refused('text that is not Unicode', at);
      return { ...base, sql: constants.text(value) };
  }
}

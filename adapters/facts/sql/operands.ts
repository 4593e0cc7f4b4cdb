/** Operands: whether they are undecided, whether two can be compared, and results that follow from them. */
import type { Type } from '@macadam/core/cel/type';
import type { Environment } from './translation.ts';
import {
  both,
  either,
  noOf,
  not,
  openOf,
  plainOf,
  type RecordValue,
  type Scalar,
  type SqlValue,
  strongest,
  when,
  yesOf,
} from './value.ts';

/** A scalar where it is known not to be NULL, or where its value will not count. */
export const known = plainOf;

/** Where a value is undecided, and why. */
export function lostOf(value: SqlValue): { readonly undecided: string; readonly cause: string } {
  return value.is === 'scalar' ? { undecided: openOf(value), cause: value.cause } : value;
}

/** Undecided where an operand is, with the causes of all that are; else where `condition` (never NULL) holds, with `cause`. */
export function strictly(operands: readonly SqlValue[], value: Scalar, condition = '0', cause = '0'): Scalar {
  const lost = operands.map(lostOf);
  const undecided = either(...lost.map((part) => part.undecided));
  return undecidedWhere(
    value,
    either(undecided, condition),
    when(undecided, strongest(...lost.map((part) => part.cause)), when(condition, cause, '0')),
  );
}

/** The value, made undecided where a condition (never NULL) holds. */
export function undecidedWhere(value: Scalar, condition: string, cause: string): Scalar {
  if (condition === '0') return value;
  return {
    is: 'scalar',
    type: value.type,
    sql: `if(${condition}, NULL, ${value.sql})`,
    nullable: true,
    cause: value.nullable ? when(condition, cause, value.cause) : cause,
    plain: plainOf(value),
    short: isShort(value),
    undecided: either(condition, openOf(value)),
    ...(value.type.name === 'bool'
      ? { yes: both(not(condition), yesOf(value)), no: both(not(condition), noOf(value)) }
      : {}),
  };
}

interface StrictInput {
  readonly type: Type;
  readonly sql: string;
  readonly operands: readonly Scalar[];
  readonly env: Environment;
  readonly fails?: boolean;
  readonly plain?: string | undefined;
  readonly over?: string;
}

/**
 * A result of operands, undecided where any of them is; `fails` where it can be an error by itself, which `over` says
 * without NULL, if it can. `plain` is the same text over the operands' texts without NULL.
 */
export function strict({ type, sql, operands, env, fails = false, plain, over = '0' }: StrictInput): Scalar {
  const causes = strongest(...operands.map(({ cause }) => cause));
  const nullable = fails || operands.some((operand) => operand.nullable);
  const bare =
    plain !== undefined && (!fails || over !== '0')
      ? { plain, undecided: either(...operands.map(openOf), over) }
      : {};
  if (!fails) return { is: 'scalar', type, sql, nullable, cause: causes, ...bare };
  const failed = causes === '0' ? env.error : `if(${causes} > 0, ${causes}, ${env.error})`;
  const failure = 'undecided' in bare ? bare.undecided : `isNull(${sql})`;
  return { is: 'scalar', type, sql, nullable, cause: `if(${failure}, ${failed}, 0)`, ...bare };
}

/** A value of any shape, undecided where a condition holds. */
export function guarded(value: SqlValue, condition: string, cause: string): SqlValue {
  if (condition === '0') return value;
  switch (value.is) {
    case 'scalar':
      return undecidedWhere(value, condition, cause);
    case 'record':
      return {
        ...value,
        undecided: either(condition, value.undecided),
        cause: when(condition, cause, value.cause),
        select: (field, at) => guarded(value.select(field, at), condition, cause),
        has: (field, at) => undecidedWhere(value.has(field, at), condition, cause),
        optional: (field, at) => {
          const inner = value.optional(field, at);
          return {
            ...inner,
            undecided: either(condition, inner.undecided),
            cause: when(condition, cause, inner.cause),
          };
        },
      } satisfies RecordValue;
    default:
      return {
        ...value,
        undecided: either(condition, value.undecided),
        cause: when(condition, cause, value.cause),
      };
  }
}

/** Whether the text is known to be of 64 bits: integers and durations always are. */
export function isShort({ type, constant, short = false }: Scalar): boolean {
  if (type.name !== 'timestamp') return true;
  return typeof constant === 'bigint' ? BigInt.asIntN(64, constant) === constant : short;
}

/** Beside a double every number counts as its nearest double. */
export function beside(value: Scalar, other: Scalar, sql = value.sql): string {
  return other.type.name === 'double' && value.type.name !== 'double' ? `toFloat64(${sql})` : sql;
}

export const TEXTS = ['string', 'enum'];
const NUMBERS = ['int', 'uint', 'double'];

/** Whether ClickHouse's `=` of two values is CEL's: bool and int compare there, and are different here. */
export function sameKind(a: Type, b: Type): boolean {
  if (TEXTS.includes(a.name)) return TEXTS.includes(b.name);
  if (NUMBERS.includes(a.name)) return NUMBERS.includes(b.name);
  return a.name === b.name;
}

/** Arrays of doubles compare NaN as equal to itself. */
export function comparesByArray(type: Type): boolean {
  return ['string', 'enum', 'int', 'bool', 'timestamp', 'duration', 'parameter', 'dyn'].includes(type.name);
}

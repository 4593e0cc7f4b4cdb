/**
 * Overload id → SQL. An int is Int64, a uint UInt64; arithmetic is done in 128 bits and narrowed, so that overflow is NULL
 * and never wraps. A timestamp or duration is a number of nanoseconds. What is not here is refused by its id.
 */
import { parseDuration, parseTimestamp } from '@macadam/core/cel/runtime/time';
import { BOOL, DOUBLE, DURATION, INT, STRING, TIMESTAMP, type Type, UINT } from '@macadam/core/cel/type';
import type { Typed } from '@macadam/core/cel/typed';
import { literal } from './constants.ts';
import { isShort, strict } from './operands.ts';
import type { Environment } from './translation.ts';
import { both, either, not, openOf, plainOf, Refused, type Scalar } from './value.ts';

export type Template = (operands: readonly Scalar[], env: Environment, node: Typed) => Scalar;

const NEVER: Scalar = { is: 'scalar', type: BOOL, sql: 'NULL', nullable: true, cause: '0' };

/** A result that no operand makes an error. */
function sure(type: Type, write: (...sql: string[]) => string): Template {
  return (operands, env) =>
    strict({
      type,
      sql: write(...operands.map(({ sql }) => sql)),
      operands,
      env,
      fails: false,
      plain: write(...operands.map(plainOf)),
    });
}

/** A result that is NULL where CEL has an error. */
function unsure(type: Type, write: (...sql: string[]) => string): Template {
  return (operands, env) =>
    strict({ type, sql: write(...operands.map(({ sql }) => sql)), operands, env, fails: true });
}

/** For a text in which a condition stands on an operand: NULL would be taken for false there. */
function careful(type: Type, write: (...sql: string[]) => string, fails = true): Template {
  return (operands, env) => {
    const open = operands.filter(({ nullable }) => nullable).map(({ sql }) => `isNull(${sql})`);
    const text = write(...operands.map(({ sql }) => sql));
    const sql = open.length > 0 ? `if(${open.join(' OR ')}, NULL, ${text})` : text;
    const plain = fails ? undefined : write(...operands.map(plainOf));
    return strict({ type, sql, operands, env, fails, plain });
  };
}

const BITS = new Map<Type, string>([
  [INT, 'Int64'],
  [UINT, 'UInt64'],
  [DURATION, 'Int64'],
]);

const MAX = 2n ** 63n - 1n;
const MIN = -MAX - 1n;
const FIRST = -62_135_596_800_000_000_000n;
const LAST = 253_402_300_799_999_999_999n;

/** An error whatever the row. */
function never(type: Type, env: Environment): Scalar {
  const bits = BITS.get(type) ?? 'Int64';
  return { is: 'scalar', type, sql: `CAST(NULL, 'Nullable(${bits})')`, nullable: true, cause: env.error };
}

/** Within the range of the type, else NULL. */
function narrow(type: Type, wide: string): string {
  if (type !== TIMESTAMP) return `accurateCastOrNull(${wide}, '${BITS.get(type)}')`;
  return `if(${wide} BETWEEN toInt128('${FIRST}') AND toInt128('${LAST}'), ${wide}, NULL)`;
}

/** `a + b`, `a - b`. With one side known, 64 bits and one comparison are enough. */
function sum(type: Type, sign: '+' | '-'): Template {
  return (operands, env) => {
    const [a = NEVER, b = NEVER] = operands;
    const [x, y] = [a.constant, b.constant];
    const signed = type === INT || type === DURATION;
    if (typeof x === 'bigint' && typeof y === 'bigint') {
      const exact = sign === '+' ? x + y : x - y;
      const [least, most] =
        type === TIMESTAMP ? [FIRST, LAST] : type === UINT ? [0n, 2n ** 64n - 1n] : [MIN, MAX];
      return exact >= least && exact <= most
        ? literal(env.constants, type, exact, { line: 1, column: 1 })
        : never(type, env);
    }
    if (signed && isShort(a) && isShort(b) && (typeof x === 'bigint' || typeof y === 'bigint')) {
      const known = typeof y === 'bigint' ? y : (x as bigint);
      const open = typeof y === 'bigint' ? a : b;
      // The values of the open side for which the result leaves 64 bits.
      let over: string | null;
      if (sign === '+')
        over =
          known === 0n
            ? null
            : known > 0n
              ? `> ${env.constants.integer(MAX - known)}`
              : `< ${env.constants.integer(MIN - known)}`;
      else if (typeof y === 'bigint')
        over =
          known === 0n
            ? null
            : known > 0n
              ? `< ${env.constants.integer(MIN + known)}`
              : `> ${env.constants.integer(MAX + known)}`;
      else
        over =
          known >= 0n ? `< ${env.constants.integer(known - MAX)}` : `> ${env.constants.integer(known - MIN)}`;
      const plain = `(${a.sql} ${sign} ${b.sql})`;
      const bare = `(${plainOf(a)} ${sign} ${plainOf(b)})`;
      if (over === null) return strict({ type, sql: plain, operands, env, fails: false, plain: bare });
      const beyond = `(${plainOf(open)} ${over})`;
      const guarded = `if(${open.sql} ${over}, NULL, ${plain})`;
      const result = strict({ type, sql: guarded, operands, env, fails: true, plain: bare, over: beyond });
      if (sign === '+' || typeof x !== 'bigint' || x < 0n) return result;
      return { ...result, minus: { from: x, open: plainOf(open), undecided: openOf(open) } };
    }
    const sql = narrow(type, `(toInt128(${a.sql}) ${sign} toInt128(${b.sql}))`);
    if (!signed || !isShort(a) || !isShort(b)) return strict({ type, sql, operands, env, fails: true });
    // 64 bits wrap where the sign of the result is none that it can have.
    const [p, q] = [plainOf(a), plainOf(b)];
    const bare = `(${p} ${sign} ${q})`;
    const [m, n] = sign === '+' ? [`bitXor(${p}, ${bare})`, q] : [`bitXor(${p}, ${q})`, p];
    const over = `(bitAnd(${m}, bitXor(${n}, ${bare})) < 0)`;
    return strict({ type, sql, operands, env, fails: true, plain: bare, over });
  };
}

const wide = (type: Type, operator: string) =>
  unsure(type, (a, b) => narrow(type, `(toInt128(${a}) ${operator} toInt128(${b}))`));

function divided(type: Type, name: 'intDiv' | 'modulo'): Template {
  const general = careful(type, (a, b) => {
    // Both truncate toward zero; intDiv of a negative Int128 does not everywhere, so signs are set apart.
    const by = `abs(toInt128(if(${b} = 0, 1, ${b})))`;
    const whole = `(intDiv(abs(toInt128(${a})), ${by}) * if((${a} < 0) = (${b} < 0), 1, -1))`;
    const rest = `(toInt128(${a}) - ${whole} * toInt128(${b}))`;
    if (name === 'intDiv') return `if(${b} = 0, NULL, ${narrow(type, whole)})`;
    // Where the quotient does not fit, the remainder is an error with it.
    const none = type === INT ? `${b} = 0 OR (${b} = -1 AND ${a} = -9223372036854775808)` : `${b} = 0`;
    return `if(${none}, NULL, ${narrow(type, rest)})`;
  });
  return (operands, env, node) => {
    const [a = NEVER, b = NEVER] = operands;
    const by = b.constant;
    // With such a divisor nothing can go wrong, and 64 bits truncate toward zero by themselves.
    if (type === INT && typeof by === 'bigint' && by !== 0n && by !== -1n && isShort(a))
      return strict({
        type,
        sql: `toInt64(${name}(${a.sql}, ${b.sql}))`,
        operands,
        env,
        fails: false,
        plain: `toInt64(${name}(${plainOf(a)}, ${plainOf(b)}))`,
      });
    return general(operands, env, node);
  };
}

const TURNED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** `c - x < d` as `x > c - d`: x says alone where the difference leaves 64 bits, and nothing is subtracted. */
function byRest(result: Scalar, [a, b]: readonly Scalar[], sign: string, env: Environment): Scalar {
  const most = b?.constant;
  if (!a?.minus || typeof most !== 'bigint') return result;
  const { from, open, undecided } = a.minus;
  const bound = from - most;
  if (bound > MAX || bound < MIN || most > MAX || most < MIN) return result;
  const within = `(${open} ${TURNED[sign]} ${env.constants.integer(bound)})`;
  const beyond = `(${open} < ${env.constants.integer(from - MAX)})`;
  const decided = not(undecided);
  // Beyond, the difference is larger than any: only the side on which it would lie must leave that out.
  const small = sign === '<' || sign === '<=';
  return {
    ...result,
    plain: within,
    undecided: either(undecided, beyond),
    yes: small ? both(decided, within) : both(decided, not(beyond), within),
    no: small ? both(decided, not(beyond), not(within)) : both(decided, not(within)),
  };
}

const ORDERED = ['bool', 'int64', 'uint64', 'double', 'string', 'timestamp', 'duration'];
const MIXED = ['int64', 'uint64', 'double'];

function order(id: string, sign: string): [string, Template][] {
  const plainly = sure(BOOL, (a, b) => `(${a} ${sign} ${b})`);
  const template: Template = (operands, env, node) =>
    byRest(plainly(operands, env, node), operands, sign, env);
  // Beside a double every number counts as its nearest double.
  const asDoubles = sure(BOOL, (a, b) => `(toFloat64(${a}) ${sign} toFloat64(${b}))`);
  return [
    ...ORDERED.map((word): [string, Template] => [`${id}_${word}`, template]),
    ...MIXED.flatMap((a) =>
      MIXED.filter((b) => b !== a).map((b): [string, Template] => [
        `${id}_${a}_${b}`,
        a === 'double' || b === 'double' ? asDoubles : template,
      ]),
    ),
  ];
}

/** A constant text read when the query is made; text of the data is left to closures, which know the formats. */
function readConstant(
  type: Type,
  read: (text: string) => { readonly seconds: number; readonly nanos: number } | null,
): Template {
  return ([text = NEVER], env, { at }) => {
    if (typeof text.constant !== 'string')
      throw new Refused(`${type.name}() of text that is not constant`, at);
    const found = read(text.constant);
    if (found)
      return literal(env.constants, type, BigInt(found.seconds) * 1_000_000_000n + BigInt(found.nanos), at);
    return never(type, env);
  };
}

/** ClickHouse leaves the text alone where nothing is looked for; CEL puts the new text between all characters. */
const replaceAll: Template = (operands, env, { at }) => {
  const [text = NEVER, old = NEVER, by = NEVER] = operands;
  if (typeof old.constant !== 'string' || old.constant === '')
    throw new Refused('replace of text that is not constant', at);
  return strict({ type: STRING, sql: `replaceAll(${text.sql}, ${old.sql}, ${by.sql})`, operands, env });
};

const matches: Template = (operands, env, { at }) => {
  const [text = NEVER, pattern = NEVER] = operands;
  if (typeof pattern.constant !== 'string') throw new Refused('a pattern that is not constant', at);
  // ClickHouse lets the dot match a line break; CEL does not.
  const regex = env.constants.text(`(?-s)${pattern.constant}`);
  return strict({
    type: BOOL,
    sql: `match(${text.sql}, ${regex})`,
    operands: [text],
    env,
    fails: false,
    plain: `match(${plainOf(text)}, ${regex})`,
  });
};

const floorDiv = (value: string, by: string) => `intDiv(${value} - positiveModulo(${value}, ${by}), ${by})`;
/** Days since 1970 as a date of the proleptic Gregorian calendar: counted from 1 March of year 0, so that the leap day ends a year. */
function calendar(part: 'year' | 'month' | 'day' | 'dayOfYear'): Template {
  return sure(INT, (a) => {
    const days = floorDiv(`toInt128(${a})`, DAY);
    const shifted = `toInt64(${days} + 719468)`;
    const era = floorDiv(shifted, '146097');
    const dayOfEra = `positiveModulo(${shifted}, 146097)`;
    const yearOfEra = `intDiv(${dayOfEra} - intDiv(${dayOfEra}, 1460) + intDiv(${dayOfEra}, 36524) - intDiv(${dayOfEra}, 146096), 365)`;
    const dayOfYear = `(${dayOfEra} - (365 * ${yearOfEra} + intDiv(${yearOfEra}, 4) - intDiv(${yearOfEra}, 100)))`;
    const fromMarch = `intDiv(5 * ${dayOfYear} + 2, 153)`;
    const year = `(${yearOfEra} + ${era} * 400 + if(${fromMarch} < 10, 0, 1))`;
    switch (part) {
      case 'year':
        return `toInt64(${year})`;
      case 'month':
        return `toInt64(if(${fromMarch} < 10, ${fromMarch} + 2, ${fromMarch} - 10))`;
      case 'day':
        return `toInt64(${dayOfYear} - intDiv(153 * ${fromMarch} + 2, 5) + 1)`;
      case 'dayOfYear': {
        // January and February are days 306 to 365 of the year that began in March; 400 years end in a leap year.
        const leap = `(${yearOfEra} % 4 = 0 AND (${yearOfEra} % 100 != 0 OR ${yearOfEra} = 0))`;
        return `toInt64(if(${fromMarch} < 10, ${dayOfYear} + 59 + ${leap}, ${dayOfYear} - 306))`;
      }
    }
  });
}

/** The days of a month counted from 0. */
const fromZero =
  (template: Template): Template =>
  (operands, env, node) => {
    const value = template(operands, env, node);
    return { ...value, sql: `(${value.sql} - 1)`, plain: `(${plainOf(value)} - 1)` };
  };

const BILLION = "toInt128('1000000000')";
const DAY = "toInt128('86400000000000')";

/** A part of the time of day in UTC. */
const clock = (unit: string, count: string) =>
  sure(
    INT,
    (a) => `toInt64(${floorDiv(`positiveModulo(toInt128(${a}), ${DAY})`, `toInt128('${unit}')`)} % ${count})`,
  );

/** Truncated toward zero. */
const spans = (unit: string) =>
  sure(INT, (a) => `toInt64(sign(${a}) * intDiv(abs(toInt128(${a})), toInt128('${unit}')))`);

const countable = (unit: bigint): Template =>
  unsure(DURATION, (a) => narrow(DURATION, `(toInt128(${a}) * toInt128('${unit}'))`));

const DIGITS = "'^[+-]?[0-9]+$'";

export const OVERLOADS: Readonly<Record<string, Template>> = Object.fromEntries<Template>([
  ...order('less', '<'),
  ...order('less_equals', '<='),
  ...order('greater', '>'),
  ...order('greater_equals', '>='),

  ['add_int64', sum(INT, '+')],
  ['add_uint64', sum(UINT, '+')],
  ['add_double', sure(DOUBLE, (a, b) => `(${a} + ${b})`)],
  ['add_string', sure(STRING, (a, b) => `concat(${a}, ${b})`)],
  ['add_timestamp_duration', sum(TIMESTAMP, '+')],
  ['add_duration_timestamp', sum(TIMESTAMP, '+')],
  ['add_duration_duration', sum(DURATION, '+')],
  ['subtract_int64', sum(INT, '-')],
  ['subtract_uint64', sum(UINT, '-')],
  ['subtract_double', sure(DOUBLE, (a, b) => `(${a} - ${b})`)],
  ['subtract_timestamp_timestamp', sum(DURATION, '-')],
  ['subtract_timestamp_duration', sum(TIMESTAMP, '-')],
  ['subtract_duration_duration', sum(DURATION, '-')],
  ['multiply_int64', wide(INT, '*')],
  ['multiply_uint64', wide(UINT, '*')],
  ['multiply_double', sure(DOUBLE, (a, b) => `(${a} * ${b})`)],
  ['divide_int64', divided(INT, 'intDiv')],
  ['divide_uint64', divided(UINT, 'intDiv')],
  ['divide_double', sure(DOUBLE, (a, b) => `divide(toFloat64(${a}), toFloat64(${b}))`)],
  ['modulo_int64', divided(INT, 'modulo')],
  ['modulo_uint64', divided(UINT, 'modulo')],
  ['negate_int64', unsure(INT, (a) => narrow(INT, `(-toInt128(${a}))`))],
  ['negate_double', sure(DOUBLE, (a) => `(-toFloat64(${a}))`)],

  ['size_string', sure(INT, (a) => `toInt64(lengthUTF8(${a}))`)],
  ['string_size', sure(INT, (a) => `toInt64(lengthUTF8(${a}))`)],
  ['starts_with_string', sure(BOOL, (a, b) => `startsWith(${a}, ${b})`)],
  ['ends_with_string', sure(BOOL, (a, b) => `endsWith(${a}, ${b})`)],
  ['contains_string', sure(BOOL, (a, b) => `(position(${a}, ${b}) > 0)`)],
  ['matches', matches],
  ['matches_string', matches],

  ['string_lower_ascii', sure(STRING, (a) => `lower(${a})`)],
  ['string_upper_ascii', sure(STRING, (a) => `upper(${a})`)],
  ['string_reverse', sure(STRING, (a) => `reverseUTF8(${a})`)],
  [
    'string_char_at_int',
    careful(
      STRING,
      (a, b) => `if(${b} < 0 OR ${b} > toInt64(lengthUTF8(${a})), NULL, substringUTF8(${a}, ${b} + 1, 1))`,
    ),
  ],
  [
    'string_substring_int',
    careful(
      STRING,
      (a, b) => `if(${b} < 0 OR ${b} > toInt64(lengthUTF8(${a})), NULL, substringUTF8(${a}, ${b} + 1))`,
    ),
  ],
  [
    'string_substring_int_int',
    careful(
      STRING,
      (a, b, c) =>
        `if(${b} < 0 OR ${c} > toInt64(lengthUTF8(${a})) OR ${c} < ${b}, NULL, substringUTF8(${a}, ${b} + 1, ${c} - ${b}))`,
    ),
  ],
  ['string_replace_string_string', replaceAll],
  ['string_index_of_string', sure(INT, (a, b) => `(toInt64(positionUTF8(${a}, ${b})) - 1)`)],

  ['bool_to_bool', sure(BOOL, (a) => a)],
  ['int64_to_int64', sure(INT, (a) => a)],
  ['uint64_to_uint64', sure(UINT, (a) => a)],
  ['double_to_double', sure(DOUBLE, (a) => a)],
  ['string_to_string', sure(STRING, (a) => a)],
  ['timestamp_to_timestamp', sure(TIMESTAMP, (a) => a)],
  ['duration_to_duration', sure(DURATION, (a) => a)],
  ['int64_to_double', sure(DOUBLE, (a) => `toFloat64(${a})`)],
  ['uint64_to_double', sure(DOUBLE, (a) => `toFloat64(${a})`)],
  ['int64_to_uint64', unsure(UINT, (a) => `accurateCastOrNull(${a}, 'UInt64')`)],
  ['uint64_to_int64', unsure(INT, (a) => `accurateCastOrNull(${a}, 'Int64')`)],
  // 2^63 itself has no place; the specification's suite puts the open ends at ±2^63.
  [
    'double_to_int64',
    unsure(
      INT,
      (a) =>
        `if(isFinite(${a}) AND ${a} > -9223372036854775808. AND ${a} < 9223372036854775808., accurateCastOrNull(trunc(${a}), 'Int64'), NULL)`,
    ),
  ],
  [
    'double_to_uint64',
    unsure(
      UINT,
      (a) =>
        `if(${a} > -1 AND ${a} < 18446744073709551616., accurateCastOrNull(abs(trunc(${a})), 'UInt64'), NULL)`,
    ),
  ],
  ['string_to_int64', unsure(INT, (a) => `if(match(${a}, ${DIGITS}), toInt64OrNull(${a}), NULL)`)],
  ['int64_to_string', sure(STRING, (a) => `toString(${a})`)],
  ['uint64_to_string', sure(STRING, (a) => `toString(${a})`)],
  ['bool_to_string', careful(STRING, (a) => `if(${a}, 'true', 'false')`, false)],
  [
    'string_to_bool',
    careful(
      BOOL,
      (a) =>
        `multiIf(match(${a}, '^(1|t|T|true|TRUE|True)$'), true, match(${a}, '^(0|f|F|false|FALSE|False)$'), false, NULL)`,
    ),
  ],
  ['string_to_timestamp', readConstant(TIMESTAMP, parseTimestamp)],
  ['string_to_duration', readConstant(DURATION, parseDuration)],
  ['int64_to_timestamp', unsure(TIMESTAMP, (a) => narrow(TIMESTAMP, `(toInt128(${a}) * ${BILLION})`))],
  ['timestamp_to_int64', sure(INT, (a) => `toInt64(${floorDiv(`toInt128(${a})`, BILLION)})`)],
  ['int64_to_duration', sure(DURATION, (a) => a)],
  ['duration_to_int64', sure(INT, (a) => a)],
  ['days_int64', countable(86_400_000_000_000n)],
  ['hours_int64', countable(3_600_000_000_000n)],

  ['timestamp_to_hours', clock('3600000000000', '24')],
  ['timestamp_to_minutes', clock('60000000000', '60')],
  ['timestamp_to_seconds', clock('1000000000', '60')],
  ['timestamp_to_milliseconds', clock('1000000', '1000')],
  // 1970-01-01 was a Thursday; Sunday is 0.
  [
    'timestamp_to_day_of_week',
    sure(INT, (a) => `toInt64(positiveModulo(${floorDiv(`toInt128(${a})`, DAY)} + 4, 7))`),
  ],
  ['timestamp_to_year', calendar('year')],
  ['timestamp_to_month', calendar('month')],
  ['timestamp_to_day_of_month_1_based', calendar('day')],
  ['timestamp_to_day_of_month', fromZero(calendar('day'))],
  ['timestamp_to_day_of_year', calendar('dayOfYear')],
  [
    'duration_to_milliseconds',
    sure(INT, (a) => `toInt64(sign(${a}) * intDiv(abs(toInt128(${a})) % 1000000000, 1000000))`),
  ],
  ['duration_to_hours', spans('3600000000000')],
  ['duration_to_minutes', spans('60000000000')],
  ['duration_to_seconds', spans('1000000000')],

  ['math_ceil_double', sure(DOUBLE, (a) => `ceil(${a})`)],
  ['math_floor_double', sure(DOUBLE, (a) => `floor(${a})`)],
  ['math_trunc_double', sure(DOUBLE, (a) => `trunc(${a})`)],
  ['math_isNaN_double', sure(BOOL, (a) => `isNaN(${a})`)],
  ['math_isInf_double', sure(BOOL, (a) => `isInfinite(${a})`)],
  ['math_isFinite_double', sure(BOOL, (a) => `isFinite(${a})`)],
  ['math_abs_int', unsure(INT, (a) => narrow(INT, `abs(toInt128(${a}))`))],
  ['math_abs_double', sure(DOUBLE, (a) => `abs(${a})`)],
  ['math_abs_uint', sure(UINT, (a) => a)],
  ['math_sign_int', sure(INT, (a) => `toInt64(sign(${a}))`)],
  ['math_sign_uint', sure(UINT, (a) => `toUInt64(sign(${a}))`)],
  ['math_@max_int', sure(INT, (a) => a)],
  ['math_@min_int', sure(INT, (a) => a)],
  ['math_@max_uint', sure(UINT, (a) => a)],
  ['math_@max_uint_uint', careful(UINT, (a, b) => `if(${a} >= ${b}, ${a}, ${b})`, false)],
  ['math_@max_int_int', careful(INT, (a, b) => `if(${a} >= ${b}, ${a}, ${b})`, false)],
  ['math_@min_uint', sure(UINT, (a) => a)],
  ['math_@min_uint_uint', careful(UINT, (a, b) => `if(${a} <= ${b}, ${a}, ${b})`, false)],
  ['math_@min_int_int', careful(INT, (a, b) => `if(${a} <= ${b}, ${a}, ${b})`, false)],
  ['math_bitAnd_int_int', sure(INT, (a, b) => `bitAnd(toInt64(${a}), toInt64(${b}))`)],
  ['math_bitOr_int_int', sure(INT, (a, b) => `bitOr(toInt64(${a}), toInt64(${b}))`)],
  ['math_bitXor_int_int', sure(INT, (a, b) => `bitXor(toInt64(${a}), toInt64(${b}))`)],
  ['math_bitNot_int_int', sure(INT, (a) => `bitNot(toInt64(${a}))`)],
]);

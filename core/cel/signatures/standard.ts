/** The CEL specification's standard definitions; ids are those of cel-go's `overloads`. */
import { loose, rowsOf, type Signature } from '../signature.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  parameter,
  STRING,
  TIMESTAMP,
  type Type,
  typeOf,
  UINT,
} from '../type.ts';

const { plain, method } = rowsOf('standard');
const A = parameter('A');
const B = parameter('B');

/** How ids name the types that have a literal, an order or a conversion. */
const WORD = {
  bool: BOOL,
  int64: INT,
  uint64: UINT,
  double: DOUBLE,
  string: STRING,
  bytes: BYTES,
  timestamp: TIMESTAMP,
  duration: DURATION,
} as const;
type Word = keyof typeof WORD;

const same = (operator: string, id: string, words: readonly Word[]): readonly Signature[] =>
  words.map((word) => plain(`${id}_${word}`, operator, [WORD[word], WORD[word]], WORD[word]));

const NUMBERS = ['int64', 'uint64', 'double'] as const;
const ORDER = { '_<_': 'less', '_<=_': 'less_equals', '_>_': 'greater', '_>=_': 'greater_equals' } as const;

const comparisons = Object.entries(ORDER).flatMap(([operator, id]) => [
  ...Object.entries(WORD).map(([word, type]) => plain(`${id}_${word}`, operator, [type, type], BOOL)),
  ...NUMBERS.flatMap((a) =>
    NUMBERS.filter((b) => b !== a).map((b) =>
      loose(plain(`${id}_${a}_${b}`, operator, [WORD[a], WORD[b]], BOOL)),
    ),
  ),
]);

const arithmetic: readonly Signature[] = [
  ...same('_+_', 'add', [...NUMBERS, 'string', 'bytes']),
  plain('add_list', '_+_', [listOf(A), listOf(A)], listOf(A)),
  plain('add_timestamp_duration', '_+_', [TIMESTAMP, DURATION], TIMESTAMP),
  plain('add_duration_timestamp', '_+_', [DURATION, TIMESTAMP], TIMESTAMP),
  plain('add_duration_duration', '_+_', [DURATION, DURATION], DURATION),
  ...same('_-_', 'subtract', NUMBERS),
  plain('subtract_timestamp_timestamp', '_-_', [TIMESTAMP, TIMESTAMP], DURATION),
  plain('subtract_timestamp_duration', '_-_', [TIMESTAMP, DURATION], TIMESTAMP),
  plain('subtract_duration_duration', '_-_', [DURATION, DURATION], DURATION),
  ...same('_*_', 'multiply', NUMBERS),
  ...same('_/_', 'divide', NUMBERS),
  ...same('_%_', 'modulo', ['int64', 'uint64']),
  plain('negate_int64', '-_', [INT], INT),
  plain('negate_double', '-_', [DOUBLE], DOUBLE),
];

const logic: readonly Signature[] = [
  plain('logical_not', '!_', [BOOL], BOOL),
  plain('logical_and', '_&&_', [BOOL, BOOL], BOOL),
  plain('logical_or', '_||_', [BOOL, BOOL], BOOL),
  plain('conditional', '_?_:_', [BOOL, A, A], A),
  plain('equals', '_==_', [A, A], BOOL),
  plain('not_equals', '_!=_', [A, A], BOOL),
  plain('in_list', '@in', [A, listOf(A)], BOOL),
  plain('in_map', '@in', [A, mapOf(A, B)], BOOL),
  plain('index_list', '_[_]', [listOf(A), INT], A),
  plain('index_map', '_[_]', [mapOf(A, B), A], B),
];

const sizes = [
  ['string', STRING],
  ['bytes', BYTES],
  ['list', listOf(A)],
  ['map', mapOf(A, B)],
] as const;

const text: readonly Signature[] = [
  ...sizes.flatMap(([word, type]) => [
    plain(`size_${word}`, 'size', [type], INT),
    method(`${word}_size`, 'size', [type], INT),
  ]),
  method('starts_with_string', 'startsWith', [STRING, STRING], BOOL),
  method('ends_with_string', 'endsWith', [STRING, STRING], BOOL),
  method('contains_string', 'contains', [STRING, STRING], BOOL),
  plain('matches', 'matches', [STRING, STRING], BOOL),
  method('matches_string', 'matches', [STRING, STRING], BOOL),
];

const CONVERSIONS: readonly (readonly [name: string, to: Word, from: readonly Word[]])[] = [
  ['bool', 'bool', ['bool', 'string']],
  ['bytes', 'bytes', ['bytes', 'string']],
  ['double', 'double', ['double', 'int64', 'uint64', 'string']],
  ['duration', 'duration', ['duration', 'int64', 'string']],
  ['int', 'int64', ['int64', 'double', 'duration', 'string', 'timestamp', 'uint64']],
  ['string', 'string', ['string', 'bool', 'bytes', 'double', 'duration', 'int64', 'timestamp', 'uint64']],
  ['timestamp', 'timestamp', ['timestamp', 'int64', 'string']],
  ['uint', 'uint64', ['uint64', 'double', 'int64', 'string']],
];

const conversions: readonly Signature[] = [
  ...CONVERSIONS.flatMap(([name, to, from]) =>
    from.map((word) => plain(`${word}_to_${to}`, name, [WORD[word]], WORD[to])),
  ),
  loose(plain('to_dyn', 'dyn', [A], DYN)),
  loose(plain('type', 'type', [A], typeOf(A))),
];

const accessor = (name: string, id: string, withZone = `${id}_with_tz`): readonly Signature[] => [
  method(id, name, [TIMESTAMP], INT),
  method(withZone, name, [TIMESTAMP, STRING], INT),
];
const part = (name: string, id: string): Signature => method(id, name, [DURATION as Type], INT);

const times: readonly Signature[] = [
  ...accessor('getFullYear', 'timestamp_to_year'),
  ...accessor('getMonth', 'timestamp_to_month'),
  ...accessor('getDayOfYear', 'timestamp_to_day_of_year'),
  ...accessor('getDayOfMonth', 'timestamp_to_day_of_month'),
  ...accessor('getDate', 'timestamp_to_day_of_month_1_based'),
  ...accessor('getDayOfWeek', 'timestamp_to_day_of_week'),
  ...accessor('getHours', 'timestamp_to_hours'),
  ...accessor('getMinutes', 'timestamp_to_minutes'),
  ...accessor('getSeconds', 'timestamp_to_seconds', 'timestamp_to_seconds_tz'),
  ...accessor('getMilliseconds', 'timestamp_to_milliseconds'),
  part('getHours', 'duration_to_hours'),
  part('getMinutes', 'duration_to_minutes'),
  part('getSeconds', 'duration_to_seconds'),
  part('getMilliseconds', 'duration_to_milliseconds'),
];

export const STANDARD: readonly Signature[] = [
  ...comparisons,
  ...arithmetic,
  ...logic,
  ...text,
  ...conversions,
  ...times,
];

/**
 * cel-go's math extension. `math.greatest` and `math.least` of three or more values take them as one list, as cel-go's
 * macro has it; their ids keep its inner names `@max` and `@min`.
 */
import { loose, rowsOf, type Signature } from '../signature.ts';
import { BOOL, DOUBLE, DYN, INT, listOf, type Type, UINT } from '../type.ts';

const { plain } = rowsOf('math');
const NUMBERS: readonly (readonly [string, Type])[] = [
  ['int', INT],
  ['double', DOUBLE],
  ['uint', UINT],
];

const extreme = (name: string, inner: string): readonly Signature[] => [
  ...NUMBERS.map(([word, type]) => plain(`math_@${inner}_${word}`, name, [type], type)),
  ...NUMBERS.flatMap(([first, a]) =>
    NUMBERS.map(([second, b]) =>
      first === second
        ? plain(`math_@${inner}_${first}_${second}`, name, [a, b], a)
        : loose(plain(`math_@${inner}_${first}_${second}`, name, [a, b], DYN)),
    ),
  ),
  ...NUMBERS.map(([word, type]) => plain(`math_@${inner}_list_${word}`, name, [listOf(type)], type)),
];

const ofDouble = (name: string, gives: Type): Signature =>
  plain(`math_${name}_double`, `math.${name}`, [DOUBLE], gives);
const ofEach = (name: string, gives?: Type): readonly Signature[] =>
  NUMBERS.map(([word, type]) => plain(`math_${name}_${word}`, `math.${name}`, [type], gives ?? type));
const ofBits = (name: string): readonly Signature[] => [
  plain(`math_${name}_int_int`, `math.${name}`, [INT, INT], INT),
  plain(`math_${name}_uint_uint`, `math.${name}`, [UINT, UINT], UINT),
];
const shift = (name: string): readonly Signature[] => [
  plain(`math_${name}_int_int`, `math.${name}`, [INT, INT], INT),
  plain(`math_${name}_uint_int`, `math.${name}`, [UINT, INT], UINT),
];

export const MATH: readonly Signature[] = [
  ...extreme('math.greatest', 'max'),
  ...extreme('math.least', 'min'),
  ...['ceil', 'floor', 'round', 'trunc'].map((name) => ofDouble(name, DOUBLE)),
  ...['isNaN', 'isInf', 'isFinite'].map((name) => ofDouble(name, BOOL)),
  ...ofEach('abs'),
  ...ofEach('sign'),
  ...ofEach('sqrt', DOUBLE),
  ...['bitAnd', 'bitOr', 'bitXor'].flatMap(ofBits),
  // cel-go's ids of the one-operand complement name the type twice.
  plain('math_bitNot_int_int', 'math.bitNot', [INT], INT),
  plain('math_bitNot_uint_uint', 'math.bitNot', [UINT], UINT),
  ...['bitShiftLeft', 'bitShiftRight'].flatMap(shift),
];

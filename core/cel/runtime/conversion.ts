/**
 * Conversions between bool, int, uint, double and string (CEL specification, "Type Conversions"). What does not fit is an
 * error; doubles round toward zero. Conversions of bytes are encoding.ts's, those of times time.ts's.
 */
import { type Int, int, uint } from './arithmetic.ts';
import { excerpt } from './text.ts';
import { type Uint, type Unknown, undefinedHere } from './value.ts';

const BOOLS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);

export function stringToBool(text: string): boolean | Unknown {
  return BOOLS.get(text) ?? undefinedHere(`${excerpt(text)} is not a bool`);
}

export function uintToInt(value: Uint): Int | Unknown {
  return int(value.value);
}

const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;

/**
 * Toward zero. Both ends of an int64 are refused: the doubles there stand for numbers outside as well, and the
 * specification's suite has −2^63 as an error.
 */
export function doubleToInt(value: number): Int | Unknown {
  if (Number.isSafeInteger(value)) return value + 0;
  if (!(value > -TWO_63 && value < TWO_63)) return undefinedHere(`${value} is outside the 64 bits of an int`);
  const whole = Math.trunc(value) + 0;
  return Number.isSafeInteger(whole) ? whole : BigInt(whole);
}

/** Decimal digits with an optional sign. */
export function stringToInt(text: string): Int | Unknown {
  if (!/^[+-]?\d+$/.test(text)) return undefinedHere(`${excerpt(text)} is not an int`);
  if (text.length <= 15) return Number(text) + 0;
  // So long a text has leading zeros or is out of range; converting a hostile one whole would take long.
  const digits = text.replace(/^[+-]?0*/, '');
  if (digits.length > 19) return undefinedHere('the text is outside the 64 bits of an int');
  const magnitude = BigInt(digits);
  return int(text.startsWith('-') ? -magnitude : magnitude);
}

export function intToUint(value: Int): Uint | Unknown {
  return uint(BigInt(value));
}

export function doubleToUint(value: number): Uint | Unknown {
  if (!(value > -1 && value < TWO_64)) return undefinedHere(`${value} is outside the 64 bits of a uint`);
  return uint(BigInt(Math.trunc(value)));
}

export function stringToUint(text: string): Uint | Unknown {
  if (!/^\d+$/.test(text)) return undefinedHere(`${excerpt(text)} is not a uint`);
  const digits = text.replace(/^0+/, '');
  if (digits.length > 20) return undefinedHere('the text is outside the 64 bits of a uint');
  return uint(BigInt(digits));
}

/** The nearest double. */
export function intToDouble(value: Int): number {
  return Number(value);
}

export function uintToDouble(value: Uint): number {
  return Number(value.value);
}

const DECIMAL = /^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const SPECIAL = /^([+-]?)(inf|infinity|nan)$/i;

/** Decimal with an optional exponent, `NaN`, `Infinity` or `inf` in any case; a number beyond the largest double is an error. */
export function stringToDouble(text: string): number | Unknown {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return Number.isFinite(value)
      ? value
      : undefinedHere(`${excerpt(text)} is outside the range of a double`);
  }
  const special = SPECIAL.exec(text);
  if (!special) return undefinedHere(`${excerpt(text)} is not a double`);
  if (special[2]?.toLowerCase() === 'nan') return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

export function intToString(value: Int): string {
  return String(value);
}

export function uintToString(value: Uint): string {
  return String(value.value);
}

/** The shortest text that reads back as the same double (ECMA-262, Number::toString); −0 keeps its sign. */
export function doubleToString(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

export function boolToString(value: boolean): string {
  return value ? 'true' : 'false';
}

/** Calls of which only running shows the types: the row of the signatures that fits the values is taken then. */
import { SIGNATURES } from '../language.ts';
import type { Signature } from '../signature.ts';
import type { Type } from '../type.ts';
import { elementOf, optionalElement } from './access.ts';
import { compare } from './compare.ts';
import { equals, isList, numberOf, whole } from './equality.ts';
import { count, within } from './fold.ts';
import { FUNCTIONS } from './functions.ts';
import { joinAll } from './logic.ts';
import { typeNameOf, typeOf } from './types.ts';
import { type Data, Double, MapValue, Unknown, undefinedHere } from './value.ts';

/** A function by its name, over boxed values of any type. `ids` are the rows that may fit, where that is known. */
export function dispatcher(name: string, ids?: readonly string[]): (...values: readonly Data[]) => Data {
  const own = OPERATORS[name];
  const rows = SIGNATURES.filter(
    (row) => (ids?.includes(row.id) ?? row.function === name) && Object.hasOwn(FUNCTIONS, row.id),
  );
  return (...values) => {
    if (values.some((value) => value instanceof Unknown)) return joinAll(values);
    const result = own?.(...values);
    return result === undefined ? byRow(name, rows, values) : result;
  };
}

function byRow(name: string, rows: readonly Signature[], values: readonly Data[]): Data {
  const row = rows.find(
    ({ takes }) =>
      takes.length === values.length && takes.every((type, index) => fits(type, values[index] as Data)),
  );
  const run = row && FUNCTIONS[row.id];
  if (!row || !run) return undefinedHere(`\`${name.replaceAll('_', '')}\` does not take these types`);
  const given = values.map(whole);
  if (given.some((value) => value instanceof Unknown)) return joinAll(given);
  const held = given.map((value, index) =>
    row.takes[index]?.name === 'double' ? (value as Double).value : value,
  );
  const result = run(...(held as never[]));
  return row.gives.name === 'double' && typeof result === 'number' ? new Double(result) : result;
}

/** Whether a value is of a type, down to what lists and maps hold; what is not known inside is left to `whole`. */
function fits(type: Type, value: Data): boolean {
  if (type.name === 'parameter' || type.name === 'dyn' || value instanceof Unknown) return true;
  if (type.name === 'list' && isList(value)) {
    // `math.greatest` and `math.least` take numbers of different types in one list.
    const number = NUMBERS.has(type.of.name);
    return value.every((item) => (number && numberOf(item) !== undefined) || fits(type.of, item));
  }
  if (type.name === 'map' && value instanceof MapValue) {
    return [...value.entries.values()].every(([key, held]) => fits(type.key, key) && fits(type.of, held));
  }
  return type.name === typeNameOf(value);
}

const NUMBERS = new Set<string>(['int', 'uint', 'double']);

const ordered =
  (holds: (order: number) => boolean) =>
  (a: Data, b: Data): Data => {
    const order = compare(a, b);
    return order === undefined ? undefinedHere('these two types have no order') : holds(order);
  };

/** What looks at values of any type; undefined leaves it to the rows. */
const OPERATORS: Readonly<Record<string, (...values: readonly Data[]) => Data | undefined>> = {
  '_==_': (a, b) => equals(a as Data, b as Data),
  '_!=_': (a, b) => {
    const same = equals(a as Data, b as Data);
    return same instanceof Unknown ? same : !same;
  },
  '_<_': (a, b) => ordered((order) => order < 0)(a as Data, b as Data),
  '_<=_': (a, b) => ordered((order) => order <= 0)(a as Data, b as Data),
  '_>_': (a, b) => ordered((order) => order > 0)(a as Data, b as Data),
  '_>=_': (a, b) => ordered((order) => order >= 0)(a as Data, b as Data),
  '!_': (a) => (typeof a === 'boolean' ? !a : undefinedHere('a condition is needed here')),
  '@in': (a, b) => within(a as Data, b as Data),
  '_[_]': (a, b) => elementOf(a as Data, b as Data, ''),
  '_[?_]': (a, b) => optionalElement(a as Data, b as Data),
  size: (value) => {
    const name = typeNameOf(value as Data);
    return name === 'list' || name === 'map' ? count(value as Data) : undefined;
  },
  type: (value) => typeOf(value as Data),
  dyn: (value) => value,
};

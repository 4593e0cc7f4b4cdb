/**
 * What a value of an attribute has to look like, and when two spellings of it say the same. A list has no order of its
 * own: its elements are told apart, and ordered, by their key or else as a whole. Times and numbers are what they stand for.
 */

import { compareStrings } from '../cel/runtime/order.ts';
import { parseDurationWithDays, parseTimestamp } from '../cel/runtime/time.ts';
import { fieldType, type Type, typeName } from '../cel/type.ts';
import { isUnobserved, type Value } from '../facts/observation.ts';
import { canonical } from '../text/canonical.ts';
import { nanosOf } from '../text/instant.ts';
import { ascending } from '../text/order.ts';
import { shown } from './diagnose.ts';
import type { FieldDefinition, Kind } from './kind.ts';

export type ValueShape = ScalarShape | RecordShape | ListShape | MapShape;
export interface ScalarShape {
  readonly is: 'scalar';
  readonly type: Type;
}
export interface RecordShape {
  readonly is: 'record';
  readonly type: Type;
  readonly fields: readonly FieldShape[];
}
export interface FieldShape {
  readonly name: string;
  readonly shape: ValueShape;
  readonly optional: boolean;
}
export interface ListShape {
  readonly is: 'list';
  readonly type: Type;
  readonly of: ValueShape;
  /** Field that tells its elements apart; null: the whole element does. */
  readonly key: FieldShape | null;
}
export interface MapShape {
  readonly is: 'map';
  readonly type: Type;
  readonly of: ValueShape;
}

type Fields = Readonly<Record<string, FieldDefinition>>;
type Raw = Readonly<Record<string, Value | undefined>>;

function shapeOf(definition: FieldDefinition, label: string): ValueShape {
  const type = fieldType(definition, label);
  const { of = 'string', element_key } = definition;
  switch (type.name) {
    case 'list':
    case 'map': {
      const inner = typeof of === 'string' ? scalarOf(type.of) : recordOf(type.of, of, `${label}[]`);
      if (type.name === 'map') return { is: 'map', type, of: inner };
      const key = inner.is === 'record' ? inner.fields.find(({ name }) => name === element_key) : undefined;
      return { is: 'list', type, of: inner, key: key ?? null };
    }
    case 'record':
      return recordOf(type, definition.fields ?? {}, label);
    default:
      return scalarOf(type);
  }
}

const SHAPES = new WeakMap<Kind, ReadonlyMap<string, ValueShape>>();

/** The shapes of a kind's attributes, worked out once. */
export function shapesOf(kind: Kind): ReadonlyMap<string, ValueShape> {
  const known = SHAPES.get(kind);
  if (known) return known;
  const entries = Object.entries(kind.attributes);
  const made = new Map(entries.map(([name, one]) => [name, shapeOf(one, `${kind.kind}.${name}`)]));
  SHAPES.set(kind, made);
  return made;
}

const scalarOf = (type: Type): ValueShape => ({ is: 'scalar', type });

const recordOf = (type: Type, fields: Fields, label: string): ValueShape => ({
  is: 'record',
  type,
  fields: Object.entries(fields).map(([name, field]) => ({
    name,
    shape: shapeOf(field, `${label}.${name}`),
    optional: field.optional,
  })),
});

/** `x` is no such value, in words that follow on the name of who says so. */
export const misfitText = (value: unknown, { type }: ValueShape): string =>
  `says ${shown(value)}, which is no ${typeName(type)}`;

/** Every place in a value that holds what its type does not have, outermost only: `jobs[].line`, and what is wrong. */
export function misfitsIn(
  shape: ValueShape,
  value: Value | undefined,
  path: string,
): readonly (readonly [path: string, text: string])[] {
  if (isUnobserved(value)) return [];
  if (value === undefined || !fitsAtAll(shape, value)) return [[path, misfitText(value, shape)]];
  switch (shape.is) {
    case 'scalar':
      return [];
    case 'list':
      return (value as readonly Value[]).flatMap((one) => misfitsIn(shape.of, one, `${path}[]`));
    case 'map':
      return Object.values(recordIn(value) ?? {}).flatMap((one) => misfitsIn(shape.of, one, `${path}[]`));
    default:
      return shape.fields.flatMap(({ name, shape: inner }) => {
        const held = own(value, name);
        return held === undefined ? [] : misfitsIn(inner, held, `${path}.${name}`);
      });
  }
}

/** A record, list of fields or map as it came; null for anything else. */
export const recordIn = (value: Value | undefined): Raw | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : null;

/** The one text of a scalar, by what it stands for; null where it does not fit its type. */
export function scalarText(type: Type, value: unknown): string | null {
  const order = scalarOrder(type, value);
  return order === null ? null : typeof order === 'string' ? JSON.stringify(order) : String(order);
}

/** What a scalar is ordered by: of one type always a string, or always numbers. Null where it does not fit its type. */
function scalarOrder(type: Type, value: unknown): string | number | bigint | null {
  switch (type.name) {
    case 'bool':
      return typeof value === 'boolean' ? Number(value) : null;
    case 'int':
      return Number.isSafeInteger(value) ? (value as number) : null;
    case 'double':
      return typeof value === 'number' ? value : null;
    case 'string':
      return typeof value === 'string' ? value : null;
    case 'enum':
      return typeof value === 'string' && type.values.includes(value) ? value : null;
    case 'timestamp':
    case 'duration': {
      if (typeof value !== 'string') return null;
      const time = type.name === 'timestamp' ? parseTimestamp(value) : parseDurationWithDays(value);
      return time && nanosOf(time);
    }
    default:
      return null;
  }
}

/** `MISFIT`: no such value at all. `ROUGH`: something inside has to be put right. `HOLED`: it says nothing in places. */
export const [MISFIT, ROUGH, HOLED, WHOLE] = [0, 1, 2, 3] as const;
export type Quality = typeof MISFIT | typeof ROUGH | typeof HOLED | typeof WHOLE;

/** How well a value is what it should be. Almost every value is whole: it is looked at once, and nothing is made of it. */
export function qualityOf(shape: ValueShape, value: Value): Quality {
  switch (shape.is) {
    case 'scalar':
      return fits(shape.type, value) ? WHOLE : MISFIT;
    case 'record': {
      const given = recordIn(value);
      return given ? fieldsQuality(shape, given) : MISFIT;
    }
    case 'map': {
      const given = recordIn(value);
      if (!given) return MISFIT;
      let least: Quality = WHOLE;
      for (const key of Object.keys(given)) least = lesser(least, placed(shape.of, given[key]));
      return least;
    }
    default:
      return Array.isArray(value) ? elementsQuality(shape, value) : MISFIT;
  }
}

/** Whether it is such a value from outside, whatever stands in it. */
export function fitsAtAll(shape: ValueShape, value: Value): boolean {
  if (shape.is === 'scalar') return fits(shape.type, value);
  return shape.is === 'list' ? Array.isArray(value) : recordIn(value) !== null;
}

/** Whether a record is there of which nothing is known. */
export function isBlank(shape: ValueShape, value: Value | undefined): boolean {
  const given = shape.is === 'record' ? recordIn(value) : null;
  if (shape.is !== 'record' || given === null) return false;
  return shape.fields.every(({ name, shape: inner, optional }) => {
    const held = Object.hasOwn(given, name) ? given[name] : undefined;
    if (held === undefined) return !optional;
    return isUnobserved(held) || !fitsAtAll(inner, held) || isBlank(inner, held);
  });
}

/** As `scalarOrder(…) !== null`, without a number of it. */
function fits(type: Type, value: unknown): boolean {
  switch (type.name) {
    case 'timestamp':
      return typeof value === 'string' && parseTimestamp(value) !== null;
    case 'duration':
      return typeof value === 'string' && parseDurationWithDays(value) !== null;
    default:
      return scalarOrder(type, value) !== null;
  }
}

const lesser = (a: Quality, b: Quality): Quality => (a < b ? a : b);

/** Of what stands inside another value, where a misfit is to be put right. */
function placed(shape: ValueShape, value: Value | undefined): Quality {
  if (value === undefined) return ROUGH;
  if (isUnobserved(value)) return HOLED;
  const quality = qualityOf(shape, value);
  return quality === MISFIT ? ROUGH : quality;
}

function fieldsQuality({ fields }: RecordShape, given: Raw): Quality {
  let least: Quality = WHOLE;
  let known = 0;
  for (const { name, shape, optional } of fields) {
    if (!Object.hasOwn(given, name)) {
      if (!optional) least = lesser(least, HOLED);
      continue;
    }
    known += 1;
    least = lesser(least, placed(shape, given[name]));
  }
  return known === Object.keys(given).length ? least : ROUGH;
}

function elementsQuality(shape: ListShape, value: readonly Value[]): Quality {
  let least: Quality = WHOLE;
  let last: Value | undefined;
  for (const element of value) {
    // What cannot be told apart is put right, and so is what does not stand where it belongs.
    if (isUnobserved(element)) return ROUGH;
    least = lesser(least, placed(shape.of, element));
    if (least === ROUGH) return ROUGH;
    if (!isNamed(shape, element)) return ROUGH;
    if (last !== undefined && compareElements(shape, last, element) >= 0) return ROUGH;
    last = element;
  }
  return least;
}

/** Whether it is known which element it is. */
function isNamed({ of, key }: ListShape, element: Value): boolean {
  if (!key) return !hasHole(of, element);
  const held = own(element, key.name);
  return held !== undefined && !hasHole(key.shape, held);
}

/** Whether anything that belongs into a value is not known. */
function hasHole(shape: ValueShape, value: Value): boolean {
  if (isUnobserved(value) || !fitsAtAll(shape, value)) return true;
  switch (shape.is) {
    case 'scalar':
      return false;
    case 'list':
      return (value as readonly Value[]).some((one) => hasHole(shape.of, one));
    case 'map':
      return Object.values(recordIn(value) ?? {}).some((one) => one === undefined || hasHole(shape.of, one));
    default:
      return shape.fields.some(({ name, shape: inner, optional }) => {
        const held = own(value, name);
        return held === undefined ? !optional : hasHole(inner, held);
      });
  }
}

/**
 * Whether what is not known of elements could make two of them one: two of the nameless, or one of them and a named one.
 * Elements of which the same places are known are compared at once, so the cost is that of sorting them, times how many
 * ways there are to leave places open.
 */
export function anyCouldBeOne(
  shape: ListShape,
  nameless: readonly Value[],
  named: readonly Value[],
): boolean {
  if (nameless.length === 0) return false;
  const groups = new Map<string, SlotGroup>();
  const add = (element: Value, isNameless: boolean) => {
    const slots = shape.key
      ? slotsOf(shape.key.shape, own(element, shape.key.name))
      : slotsOf(shape.of, element);
    const pattern = slots.map((slot) => (slot === null ? '-' : '+')).join('');
    const group = groups.get(pattern) ?? { pattern, nameless: [], named: [] };
    groups.set(pattern, group);
    (isNameless ? group.nameless : group.named).push(slots);
  };
  for (const element of nameless) add(element, true);
  for (const element of named) add(element, false);
  for (const group of groups.values())
    for (const other of groups.values()) if (anyMatch(group, other)) return true;
  return false;
}

/** What is known of an element, place by place. Null: nothing, so it could be like any other. */
type Slots = readonly (string | null)[];

/** Elements of which the same places are known. */
interface SlotGroup {
  readonly pattern: string;
  readonly nameless: Slots[];
  readonly named: Slots[];
}

/** Whether a nameless element of one group is like an element of another, or like another of its own. */
function anyMatch(group: SlotGroup, other: SlotGroup): boolean {
  const shared = [...group.pattern].flatMap((known, at) =>
    known === '+' && other.pattern[at] === '+' ? [at] : [],
  );
  const projected = (slots: Slots) => JSON.stringify(shared.map((at) => slots[at]));
  const seen = new Set(group.nameless.map(projected));
  if (group === other && seen.size < group.nameless.length) return true;
  const rest = group === other ? other.named : [...other.nameless, ...other.named];
  return seen.size > 0 && rest.some((slots) => seen.has(projected(slots)));
}

/** Undefined is taken for nothing known; only an optional field is known to be absent. */
function slotsOf(shape: ValueShape, value: Value | undefined): Slots {
  const open = value === undefined || isUnobserved(value) || !fitsAtAll(shape, value);
  if (shape.is !== 'record') return [open || hasHole(shape, value) ? null : textOf(shape, value)];
  return shape.fields.flatMap(({ name, shape: inner, optional }) => {
    const held = open ? undefined : own(value, name);
    const slots = slotsOf(inner, held);
    if (!optional || inner.is === 'list' || inner.is === 'map') return slots;
    if (open || isUnobserved(held)) return [null, ...slots];
    return [held === undefined ? 'absent' : 'present', ...slots];
  });
}

/** By the key, else as a whole; for elements that have one and fit. */
export function compareElements({ of, key }: ListShape, a: Value, b: Value): number {
  return key ? compare(key.shape, recordIn(a)?.[key.name], recordIn(b)?.[key.name]) : compare(of, a, b);
}

/** An order of values of one shape without holes; zero exactly for those that say the same. What is absent comes first. */
function compare(shape: ValueShape, a: Value | undefined, b: Value | undefined): number {
  switch (shape.is) {
    case 'scalar': {
      const [x, y] = [scalarOrder(shape.type, a), scalarOrder(shape.type, b)];
      if (x === null || y === null) return Number(x !== null) - Number(y !== null);
      return typeof x === 'string' && typeof y === 'string'
        ? compareStrings(x, y)
        : ascending(x as number, y as number);
    }
    case 'list':
      return inTurn(sorted(shape, a), sorted(shape, b), (x, y) => compareElements(shape, x, y));
    case 'map': {
      const byKey = ([x]: Entry, [y]: Entry) => compareStrings(x, y);
      const [x, y] = [a, b].map((one) => Object.entries(recordIn(one) ?? {}).sort(byKey));
      return inTurn(
        x ?? [],
        y ?? [],
        (one, other) => byKey(one, other) || compare(shape.of, one[1], other[1]),
      );
    }
    default: {
      const [x, y] = [recordIn(a), recordIn(b)];
      if (x === null || y === null) return Number(x !== null) - Number(y !== null);
      for (const { name, shape: inner } of shape.fields) {
        const order = compare(inner, own(x, name), own(y, name));
        if (order !== 0) return order;
      }
      return 0;
    }
  }
}

type Entry = readonly [string, Value | undefined];

/** The elements of a list, each once. */
function sorted(shape: ListShape, value: Value | undefined): readonly Value[] {
  const elements = Array.isArray(value) ? (value as readonly Value[]) : [];
  return elements
    .toSorted((a, b) => compareElements(shape, a, b))
    .filter((one, at, all) => at === 0 || compareElements(shape, all[at - 1] ?? one, one) !== 0);
}

function inTurn<T>(a: readonly T[], b: readonly T[], order: (a: T, b: T) => number): number {
  for (const [at, one] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    const found = order(one, other);
    if (found !== 0) return found;
  }
  return a.length - b.length;
}

const own = (value: Value | undefined, name: string): Value | undefined => {
  const given = recordIn(value);
  return given && Object.hasOwn(given, name) ? given[name] : undefined;
};

/** The one text of a value, whatever its spelling and the order of its lists. What does not fit has one too. */
export function textOf(shape: ValueShape, value: Value): string {
  if (isUnobserved(value)) return canonical(value);
  if (shape.is === 'list' ? !Array.isArray(value) : shape.is !== 'scalar' && !recordIn(value))
    return `!${canonical(value)}`;
  switch (shape.is) {
    case 'scalar':
      return scalarText(shape.type, value) ?? `!${canonical(value)}`;
    case 'record':
      return `{${shape.fields
        .map(({ name, shape: inner }) => {
          const held = own(value, name);
          if (held !== undefined) return textOf(inner, held);
          // None of a list is the complete empty list.
          return inner.is === 'list' ? '[]' : inner.is === 'map' ? '{}' : '';
        })
        .join()}}`;
    case 'map': {
      const entries = Object.entries(recordIn(value) ?? {}).sort(([a], [b]) => ascending(a, b));
      return `{${entries.map(([key, held]) => `${JSON.stringify(key)}:${held === undefined ? '' : textOf(shape.of, held)}`).join()}}`;
    }
    default:
      return `[${[...new Set((value as readonly Value[]).map((one) => textOf(shape.of, one)))].sort().join()}]`;
  }
}

/** What tells an element of a list from the others; null where that is not known. */
export function keyText(shape: ListShape, element: Value): string | null {
  if (!isNamed(shape, element)) return null;
  return shape.key ? textOf(shape.key.shape, own(element, shape.key.name) ?? '') : textOf(shape.of, element);
}

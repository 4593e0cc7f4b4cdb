/**
 * A merged asset as a row of its kind's table, and back. Both directions keep everything that an expression, a verdict's
 * message or its evidence can see; what the columns cannot hold exactly (a year outside 1678 to 2262, a scalar element
 * that is unobserved, data that does not fit its type) makes the row `@outside` and is kept as JSON in `@held`.
 *
 * Of all other rows `@held` is the row itself as one text, for whoever reads whole assets: an engine takes longer to plan some
 * hundred columns than to read them. Rows that queries made, or an earlier release, have no such text.
 *
 * Of an attribute `x`: `x@at` is when it was observed, in nanoseconds since 1970, and 0 where it is unobserved; then
 * `x@cause` is 1 + the index in `CAUSES`. Of a list, map or record `x@state` says 0 nobody looked, 1 partial,
 * 2 complete, 3 absent. Of a field `x/f@state` says 0 absent, 1 value, 2 + index in `CAUSES` unobserved.
 */

import { hash } from 'node:crypto';
import { parseDurationWithDays, parseTimestamp } from '@macadam/core/cel/runtime/time';
import type { Type } from '@macadam/core/cel/type';
import type { Asset, Attribute } from '@macadam/core/facts/asset';
import {
  ASSURANCES,
  CAUSES,
  isUnobserved,
  type Statement,
  type Value,
} from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import { instant as instantOf } from '@macadam/core/text/instant';
import { columnsOf, layoutOf, type Place, ROW_COLUMNS } from './layout.ts';

/** One value of a row, as ClickHouse's JSONEachRow reads it. Nanoseconds are decimal text. */
export type Cell = string | number | boolean | null | readonly Cell[] | { readonly [key: string]: Cell };
export type Row = Readonly<Record<string, Cell>>;

export const STATE = { none: 0, partial: 1, complete: 2, absent: 3 } as const;
export const FIELD = { absent: 0, value: 1, unobserved: 2 } as const;

const HELD = ROW_COLUMNS.findIndex(({ name }) => name === '@held');
const WHYS = ROW_COLUMNS.findIndex(({ name }) => name === '@whys');

const UNSAID = 'the source did not say';
const INT64 = 1n << 63n;

interface Writing {
  readonly cells: Cell[];
  readonly whys: Record<string, string>;
  outside: boolean;
}

/** Where the columns of a place stand in a row; a column that a place does not have stands nowhere, at -1. */
interface Slot extends Place {
  readonly value: number;
  readonly state: number;
  readonly fields: readonly Slot[];
}

interface AttributeSlot extends Slot {
  readonly at: number;
  readonly cause: number;
  readonly source: number;
  readonly assurance: number;
}

interface Slots {
  readonly names: readonly string[];
  readonly attributes: readonly AttributeSlot[];
  /** Names the columns: what a row as one text begins with. */
  readonly digest: string;
}

const known = new WeakMap<Kind, Slots>();

function slotsOf(kind: Kind): Slots {
  const before = known.get(kind);
  if (before) return before;
  const columns = columnsOf(kind);
  const names = columns.map(({ name }) => name);
  const numbers = new Map(names.map((name, number) => [name, number]));
  const number = (name: string) => numbers.get(name) ?? -1;
  const slot = (place: Place): Slot => ({
    ...place,
    value: number(place.column),
    state: number(`${place.column}@state`),
    fields: place.fields.map(slot),
  });
  const attributes = layoutOf(kind).map((place) => ({
    ...slot(place),
    at: number(`${place.column}@at`),
    cause: number(`${place.column}@cause`),
    source: number(`${place.column}@source`),
    assurance: number(`${place.column}@assurance`),
  }));
  const digest = hash('sha256', columns.map(({ name, type }) => `${name} ${type}`).join()).slice(0, 16);
  const made = { names, attributes, digest };
  known.set(kind, made);
  return made;
}

/** The row of an asset: a value for every column of its kind. */
export function rowOf(kind: Kind, asset: Asset): Row {
  const cells = cellsOf(kind, asset);
  return Object.fromEntries(slotsOf(kind).names.map((name, number) => [name, cells[number] ?? null]));
}

/** As `rowOf`, in the order of `columnNames`. */
export function cellsOf(kind: Kind, asset: Asset): readonly Cell[] {
  const { names, attributes, digest } = slotsOf(kind);
  const cells: Cell[] = new Array(names.length).fill(null);
  const writing: Writing = { cells, whys: {}, outside: !wellFormed(asset.id) || !wellFormed(asset.name) };
  for (const slot of attributes) writeAttribute(writing, slot, asset.attributes.get(slot.name));
  const { whys, outside } = writing;
  const own: Readonly<Record<string, Cell>> = {
    '@id': asset.id,
    '@name': asset.name,
    '@path': asset.location?.path ?? null,
    '@line': asset.location?.line ?? null,
    '@outside': outside ? 1 : 0,
    '@held': '',
    '@whys': whys,
  };
  for (let number = 0; number < ROW_COLUMNS.length; number += 1)
    cells[number] = own[names[number] ?? ''] ?? null;
  cells[HELD] = outside
    ? JSON.stringify({ ...asset, attributes: [...asset.attributes] })
    : // The engine keeps an array as the text that it was written as; one within a text would be read twice.
      [digest, ...cells];
  return cells;
}

function writeAttribute(writing: Writing, slot: AttributeSlot, held: Attribute | undefined): void {
  const { cells, whys } = writing;
  const { shape } = slot;
  const statement: Statement = held?.statement ?? { unobserved: 'unobserved', why: 'nobody looked' };
  const seen = held?.observedAt ? nanosText(instantOf(held.observedAt)) : '0';
  const silent = isUnobserved(statement);
  // Observed, but at no time that the column can say: 0 is taken, and beyond 64 bits nothing is.
  if (!silent && (seen === '0' || seen === null)) writing.outside = true;
  cells[slot.at] = silent || seen === null ? '0' : seen;
  cells[slot.cause] = silent ? CAUSES.indexOf(statement.unobserved) + 1 : 0;
  cells[slot.source] = held?.source ?? '';
  cells[slot.assurance] = held?.assurance ? ASSURANCES.indexOf(held.assurance) + 1 : 0;
  if (silent) whys[slot.path] = statement.why;
  const value = 'value' in statement ? statement.value : undefined;
  if (isUnobserved(value)) writing.outside = true;
  if (shape === 'scalar') {
    if (value === undefined && !silent && !slot.optional) writing.outside = true;
    cells[slot.value] = value === undefined ? null : scalar(writing, slot.type, value);
    return;
  }
  const partial = 'complete' in statement && statement.complete === false;
  if (shape === 'record' && !silent && (partial || (value === undefined && !slot.optional)))
    writing.outside = true;
  cells[slot.state] = silent
    ? STATE.none
    : value === undefined
      ? STATE.absent
      : partial
        ? STATE.partial
        : STATE.complete;
  writeValue(writing, slot, value, slot.path);
}

/** Everything but a scalar; an undefined value writes what stands where nothing is. */
function writeValue(writing: Writing, slot: Slot, value: Value | undefined, path: string): void {
  const { cells } = writing;
  const { column, shape, type } = slot;
  switch (shape) {
    case 'list':
    case 'map':
    case 'opaque':
      cells[slot.value] = whole(writing, slot, value);
      return;
    case 'record': {
      const given = record(writing, value);
      for (const field of slot.fields) {
        const raw = given && Object.hasOwn(given, field.name) ? given[field.name] : undefined;
        const inner = `${path}.${field.name}`;
        const state = given ? stateOf(writing, field, raw, inner) : FIELD.absent;
        cells[field.state] = state;
        const held = state === FIELD.value ? raw : undefined;
        if (field.shape === 'scalar') cells[field.value] = cell(writing, field, held);
        else writeValue(writing, field, held, inner);
      }
      return;
    }
    case 'records': {
      if (value !== undefined && !Array.isArray(value)) writing.outside = true;
      const items: readonly Value[] = Array.isArray(value) ? value : [];
      const given = items.map((item) => record(writing, item));
      for (const field of slot.fields) {
        const states: number[] = [];
        cells[field.value] = given.map((item, index) => {
          const raw = item && Object.hasOwn(item, field.name) ? item[field.name] : undefined;
          const state = item ? stateOf(writing, field, raw, `${path}[${index}].${field.name}`) : FIELD.absent;
          states.push(state);
          return cell(writing, field, state === FIELD.value ? raw : undefined);
        });
        cells[field.state] = states;
      }
      return;
    }
    default:
      throw new TypeError(`${type.name} ${column} is a scalar`);
  }
}

function stateOf({ whys }: Writing, field: Place, raw: Value | undefined, path: string): number {
  if (isUnobserved(raw)) {
    whys[path] = raw.why;
    return FIELD.unobserved + CAUSES.indexOf(raw.unobserved);
  }
  if (raw !== undefined) return FIELD.value;
  if (field.optional) return FIELD.absent;
  whys[path] = UNSAID;
  return FIELD.unobserved + CAUSES.indexOf('unobserved');
}

function cell(writing: Writing, place: Place, value: Value | undefined): Cell {
  if (place.shape !== 'scalar') return whole(writing, place, value);
  return value === undefined ? null : scalar(writing, place.type, value);
}

function whole(writing: Writing, { shape, type }: Place, value: Value | undefined): Cell {
  if (shape === 'opaque') return value === undefined ? '' : JSON.stringify(value);
  if (type.name === 'list') {
    if (value !== undefined && !Array.isArray(value)) writing.outside = true;
    const items: readonly Value[] = Array.isArray(value) ? value : [];
    return items.map((item) => scalar(writing, type.of, item) ?? zero(type.of));
  }
  if (type.name !== 'map') throw new TypeError(`${type.name} is neither a list nor a map`);
  const cells: [string, Cell][] = [];
  for (const [key, item] of Object.entries(record(writing, value) ?? {})) {
    if (!wellFormed(key) || item === undefined) writing.outside = true;
    else cells.push([key, scalar(writing, type.of, item) ?? zero(type.of)]);
  }
  return Object.fromEntries(cells);
}

function record(
  writing: Writing,
  value: Value | undefined,
): Readonly<Record<string, Value | undefined>> | null {
  if (value === undefined) return null;
  if (typeof value === 'object' && !Array.isArray(value) && !isUnobserved(value))
    return value as Readonly<Record<string, Value | undefined>>;
  writing.outside = true;
  return null;
}

/** Null for what does not fit, which makes the row `@outside`. */
function scalar(writing: Writing, type: Type, value: Value): Cell {
  const fit = fitting(type, value);
  if (fit === null) writing.outside = true;
  return fit;
}

function fitting(type: Type, value: Value): Cell {
  switch (type.name) {
    case 'bool':
      return typeof value === 'boolean' ? value : null;
    case 'int':
      return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
    case 'double':
      // JSON of JavaScript drops the sign of −0.
      if (Object.is(value, -0)) return '-0';
      return typeof value === 'number' && Number.isFinite(value) ? value : null;
    case 'enum':
      return typeof value === 'string' && type.values.includes(value) ? value : null;
    case 'timestamp':
    case 'duration': {
      if (typeof value !== 'string') return null;
      return nanosText((type.name === 'timestamp' ? parseTimestamp : parseDurationWithDays)(value));
    }
    default:
      return typeof value === 'string' && wellFormed(value) ? value : null;
  }
}

function zero(type: Type): Cell {
  return type.name === 'bool' ? false : type.name === 'string' || type.name === 'enum' ? '' : 0;
}

/** Half a surrogate pair has no UTF-8. */
const wellFormed = (text: string): boolean => text.isWellFormed();

/** Nanoseconds as a number of 64 bits; null for what has none. */
function nanosText(time: { readonly seconds: number; readonly nanos: number } | null): string | null {
  if (time === null) return null;
  const { seconds, nanos } = time;
  // Almost every time is after 1970, and far from the end: its digits are those of its parts.
  if (seconds > 0 && seconds < 9_223_372_036) return `${seconds}${String(nanos).padStart(9, '0')}`;
  const all = BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
  return all >= -INT64 && all < INT64 ? String(all) : null;
}

/** The asset of a row, which has to hold every column; 64-bit integers as text, or what is beyond 2^53 is lost. */
export function assetOf(kind: Kind, row: Row): Asset {
  const held = row['@held'];
  const { names, attributes } = slotsOf(kind);
  return (
    (typeof held === 'string' ? exactAsset(held) : null) ??
    assetOfCells(
      kind,
      names.map((name) => row[name] ?? null),
      attributes,
    )
  );
}

/** The asset of what stands in `@held`; null where the columns of the row have to be read. With `names` it has these attributes alone. */
export function heldAsset(kind: Kind, held: string, names?: readonly string[]): Asset | null {
  const { attributes, digest } = slotsOf(kind);
  const beginning = `["${digest}",`;
  if (!held.startsWith(beginning)) return exactAsset(held);
  const cells: readonly Cell[] = JSON.parse(`[${held.slice(beginning.length)}`);
  return assetOfCells(
    kind,
    cells,
    names ? attributes.filter(({ name }) => names.includes(name)) : attributes,
  );
}

/** An asset that the columns cannot hold. */
function exactAsset(held: string): Asset | null {
  if (!held.startsWith('{')) return null;
  const asset = JSON.parse(held) as Asset & { readonly attributes: readonly [string, Attribute][] };
  return { ...asset, attributes: new Map(asset.attributes) };
}

function assetOfCells(kind: Kind, cells: readonly Cell[], slots: readonly AttributeSlot[]): Asset {
  const [id, name, path, line = null] = cells;
  const whys = cells[WHYS] as Readonly<Record<string, string>>;
  const attributes = new Map<string, Attribute>();
  for (const slot of slots) attributes.set(slot.name, readAttribute(cells, slot, whys));
  const asset = { id: String(id), kind: kind.kind, name: String(name), attributes };
  if (typeof path !== 'string') return asset;
  return { ...asset, location: line === null ? { path } : { path, line: Number(line) } };
}

function readAttribute(
  cells: readonly Cell[],
  slot: AttributeSlot,
  whys: Readonly<Record<string, string>>,
): Attribute {
  const source = String(cells[slot.source]) || null;
  const assurance = ASSURANCES[Number(cells[slot.assurance]) - 1] ?? null;
  const cause = CAUSES[Number(cells[slot.cause]) - 1];
  if (cause) {
    return {
      statement: { unobserved: cause, why: whys[slot.path] ?? '' },
      source,
      observedAt: null,
      receivedAt: null,
      assurance,
    };
  }
  return {
    statement: readStatement(cells, slot, whys),
    source,
    observedAt: instant(BigInt(String(cells[slot.at]))),
    receivedAt: null,
    assurance,
  };
}

function readStatement(
  cells: readonly Cell[],
  slot: Slot,
  whys: Readonly<Record<string, string>>,
): Statement {
  if (slot.shape === 'scalar') {
    const raw = cells[slot.value] ?? null;
    return raw === null ? { absent: true } : { value: plain(slot.type, raw) };
  }
  const state = Number(cells[slot.state]);
  if (state === STATE.absent) return { absent: true };
  const value = readValue(cells, slot, slot.path, whys);
  return state === STATE.partial ? { value, complete: false } : { value };
}

function readValue(
  cells: readonly Cell[],
  slot: Slot,
  path: string,
  whys: Readonly<Record<string, string>>,
): Value {
  if (slot.shape === 'record') {
    return object(slot.fields, (field) => {
      const inner = `${path}.${field.name}`;
      const state = Number(cells[field.state]);
      if (state !== FIELD.value) return gap(state, inner, whys);
      return field.shape === 'record' || field.shape === 'records'
        ? readValue(cells, field, inner, whys)
        : readCell(field, cells[field.value] ?? null);
    });
  }
  if (slot.shape !== 'records') return readCell(slot, cells[slot.value] ?? null);
  const states = slot.fields.map((field) => cells[field.state] as readonly Cell[]);
  const length = states[0]?.length ?? 0;
  return Array.from({ length }, (_, index) =>
    object(slot.fields, (field, number) => {
      const state = Number(states[number]?.[index]);
      return state === FIELD.value
        ? readCell(field, (cells[field.value] as readonly Cell[])[index] ?? null)
        : gap(state, `${path}[${index}].${field.name}`, whys);
    }),
  );
}

function object(
  fields: readonly Slot[],
  read: (field: Slot, number: number) => Value | undefined,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    fields.flatMap((field, number) => {
      const value = read(field, number);
      return value === undefined ? [] : [[field.name, value]];
    }),
  );
}

function gap(state: number, path: string, whys: Readonly<Record<string, string>>): Value | undefined {
  const cause = CAUSES[state - FIELD.unobserved];
  return cause ? { unobserved: cause, why: whys[path] ?? '' } : undefined;
}

function readCell({ shape, type }: Place, raw: Cell): Value {
  if (shape === 'opaque') return JSON.parse(String(raw)) as Value;
  if (type.name === 'list') return (raw as readonly Cell[]).map((item) => plain(type.of, item));
  if (type.name === 'map')
    return Object.fromEntries(
      Object.entries(raw as object).map(([key, item]) => [key, plain(type.of, item)]),
    );
  return plain(type, raw);
}

function plain(type: Type, raw: Cell): Value {
  switch (type.name) {
    case 'bool':
      return raw === true || raw === 1;
    case 'int':
    case 'double':
      return Number(raw);
    case 'timestamp':
      return instant(BigInt(String(raw)));
    case 'duration':
      return `${raw}ns`;
    default:
      return String(raw);
  }
}

/** Nanoseconds since 1970 as RFC 3339 text. */
export function instant(nanos: bigint): string {
  const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = new Date(Number((nanos - fraction) / 1_000_000n)).toISOString().slice(0, 19);
  return fraction === 0n ? `${seconds}Z` : `${seconds}.${String(fraction).padStart(9, '0')}Z`;
}

/** The names of a kind's columns, for an insert of whole rows. */
export const columnNames = (kind: Kind): readonly string[] => slotsOf(kind).names;

const parts = new WeakMap<readonly string[], WeakMap<Kind, Kind>>();

/**
 * The kind with some of its attributes alone, for whoever needs no more of an asset: what an engine takes for a row grows with its columns,
 * of which a wide kind has 273. Hold the list of names: what is worked out for it is kept by it.
 */
export function partOf(kind: Kind, names: readonly string[]): Kind {
  const known = parts.get(names) ?? new WeakMap<Kind, Kind>();
  parts.set(names, known);
  const found = known.get(kind);
  if (found) return found;
  const attributes = Object.entries(kind.attributes).filter(([name]) => names.includes(name));
  const part: Kind = { ...kind, attributes: Object.fromEntries(attributes) };
  known.set(kind, part);
  return part;
}

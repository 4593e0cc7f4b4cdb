/**
 * Attributes and their fields as values: the columns of the kind's table, aged against one standard's cutoffs. What
 * is older than the cutoff is undecided, with its cause; that is the only place where age counts.
 */
import type { Type } from '@macadam/core/cel/type';
import type { Kind } from '@macadam/core/kinds/kind';
import { FIELD, STATE } from '../columns.ts';
import { type AttributePlace, layoutOf, type Place } from '../layout.ts';
import { opened } from './lists.ts';
import {
  either,
  type ListValue,
  type MapValue,
  not,
  type OptionalValue,
  pathStrength,
  RANK,
  type RecordValue,
  Refused,
  type Scalar,
  type SqlValue,
  scalar,
  strength,
  when,
} from './value.ts';

/** Numbers of paths, in the order in which paths are compared. */
export type PathIndex = (path: string) => number;

export interface Aging {
  /** Nanoseconds since 1970 before which evidence is stale, as SQL; whether that is after 1970 decides how 0 is seen. */
  readonly cutoff: string;
  readonly positive: boolean;
}

/** How a place is read: of a row its columns, of an element a lambda's parameters, of one element an index. */
type Access = (column: string) => string;

/** Where an asset's attributes are read, and how causes call it. */
export interface View {
  readonly access: Access;
  /** `asset`, or its kind where another looks at it. */
  readonly root: string;
  readonly aging: Aging;
  readonly index: PathIndex;
  /** Where the asset was never seen, so that all of it is unknown, and that cause. */
  readonly unseen?: { readonly condition: string; readonly cause: string };
}

/** An asset: `asset` itself, or one at the other end of a relation. */
export function assetValue(kind: Kind, type: Type, view: View): RecordValue {
  const places = new Map(layoutOf(kind).map((place) => [place.name, place]));
  const find = (field: string) => attribute(attributeOf(places, field), view);
  return {
    is: 'record',
    type,
    undecided: '0',
    cause: '0',
    select: (field, at) => read(find(field), at),
    has: (field) => has(find(field)),
    optional: (field, at) => optional(find(field), at),
  };
}

function attributeOf(places: ReadonlyMap<string, AttributePlace>, field: string): AttributePlace {
  const found = places.get(field);
  if (!found) throw new TypeError(`the kind has no ${field}`);
  return found;
}

/** A place with what is known about it: undecided, absent, or a value. */
export interface Held {
  readonly place: Place;
  readonly path: string;
  readonly undecided: string;
  /** Where the stored value does not count; elsewhere it is NULL by itself when undecided. */
  readonly veil: string;
  readonly cause: string;
  /** Decided, and nothing there. '0' where the kind rules it out, and of a list or map: none of it is the complete empty one. */
  readonly absent: string;
  readonly partial: string;
  readonly access: Access;
  readonly root: string;
  /** Stands for `value` where nobody looked, with an attribute that only an approval sets. */
  readonly zero: string | null;
  /** Of a record or an element; else an attribute. */
  readonly field: boolean;
  readonly index: PathIndex;
}

export function attribute(place: AttributePlace, { access, root, aging, index, unseen }: View): Held {
  const { column, shape, definition } = place;
  const path = `${root}.${place.path}`;
  const number = pathStrength(index(path));
  const at = access(`${column}@at`);
  const stale = String(strength('stale') + number);
  const silent = () => `(8 - ${access(`${column}@cause`)}) * ${RANK} + ${number}`;
  const zero = definition.set_by === 'approval' ? zeroOf(place) : null;
  const state = () => access(`${column}@state`);
  let lost: string;
  let cause: string;
  if (zero !== null) {
    // Always observed: an approval does not age, and without one there is the zero value.
    lost = '0';
    cause = '0';
  } else if (definition.immutable) {
    lost = `(${at} = 0)`;
    cause = when(lost, silent(), '0');
  } else {
    lost = aging.positive ? `(${at} < ${aging.cutoff})` : `(${at} = 0 OR ${at} < ${aging.cutoff})`;
    cause = when(lost, `if(${at} = 0, ${silent()}, ${stale})`, '0');
  }
  const undecided = unseen ? either(unseen.condition, lost) : lost;
  return {
    place,
    path,
    undecided,
    veil: undecided,
    cause: unseen ? when(unseen.condition, unseen.cause, cause) : cause,
    absent: !canBeAbsent(place)
      ? '0'
      : shape === 'scalar'
        ? `isNull(${access(column)})`
        : `${state()} = ${STATE.absent}`,
    partial: shape === 'scalar' || shape === 'record' ? '0' : `${state()} = ${STATE.partial}`,
    access,
    root,
    zero:
      zero === null
        ? null
        : shape === 'scalar'
          ? zero === 'false'
            ? `(${at} != 0 AND assumeNotNull(${access(column)}))`
            : `if(${at} = 0, ${zero}, assumeNotNull(${access(column)}))`
          : `if(${at} = 0, ${zero}, ${access(column)})`,
    field: false,
    index,
  };
}

const canBeAbsent = ({ optional, type }: Place) => optional && type.name !== 'list' && type.name !== 'map';

function zeroOf({ shape, type }: Place): string | null {
  if (shape === 'list') return `[]`;
  switch (type.name) {
    case 'bool':
      return 'false';
    case 'int':
    case 'double':
      return '0';
    case 'string':
      return "''";
    default:
      return null;
  }
}

/** A field of a record, or of an element: its state says whether it is there. */
function fieldOf(
  place: Place,
  parent: Pick<Held, 'undecided' | 'cause' | 'access' | 'root' | 'index'>,
): Held {
  const path = `${parent.root}.${place.path}`;
  const number = pathStrength(parent.index(path));
  const state = parent.access(`${place.column}@state`);
  const own = `${state} >= ${FIELD.unobserved}`;
  return {
    place,
    path,
    undecided: either(parent.undecided, `(${own})`),
    veil: parent.undecided,
    cause: when(parent.undecided, parent.cause, `if(${own}, (9 - ${state}) * ${RANK} + ${number}, 0)`),
    absent: canBeAbsent(place) ? `${state} = ${FIELD.absent}` : '0',
    partial: '0',
    access: parent.access,
    root: parent.root,
    zero: null,
    field: true,
    index: parent.index,
  };
}

const BOOLEAN: Type = { name: 'bool' };

function has(held: Held): Scalar {
  const there = held.absent === '0' ? 'true' : not(`(${held.absent})`);
  if (held.undecided === '0') return scalar(BOOLEAN, there);
  const value = scalar(BOOLEAN, `if(${held.undecided}, NULL, ${there})`, held.cause);
  return { ...value, plain: there, undecided: held.undecided };
}

function undefinedAt(held: Held): string {
  return String(strength('undefined') + pathStrength(held.index(held.path)));
}

function read(held: Held, at: { line: number; column: number }): SqlValue {
  const { place, access, undecided } = held;
  const { column, shape, type } = place;
  switch (shape) {
    case 'scalar': {
      const stored = held.zero ?? access(column);
      // Where a field of an element is unobserved its column is NULL already.
      const sql = when(held.veil, 'NULL', stored);
      const cause = place.optional
        ? when(undecided, held.cause, when(held.absent, undefinedAt(held), '0'))
        : held.cause;
      const plain = held.zero ?? `assumeNotNull(${access(column)})`;
      // A field has a value where its state says so; an attribute that must have one has it while it is fresh.
      const missing = place.optional || held.field ? `isNull(${access(column)})` : '0';
      const open = held.zero === null ? either(held.veil, missing) : held.veil;
      const compares = { open: sql, with: ['true'], equal: true, others: ['false'] } as const;
      return {
        ...scalar(type, sql, cause),
        plain,
        undecided: open,
        nullable: cause !== '0' || open !== '0',
        short: true,
        ...(type.name === 'bool' ? { compares } : {}),
      };
    }
    case 'list':
      return plainList(held, held.zero ?? access(column));
    case 'records':
      return recordList(held);
    case 'map':
      return mapValue(held);
    case 'record':
      return recordValue(held);
    default:
      throw new Refused('a list, record or map too deep for columns', at);
  }
}

function optional(held: Held, at: { line: number; column: number }): OptionalValue {
  const value = read({ ...held, undecided: '0', veil: '0', cause: '0' }, at);
  return {
    is: 'optional',
    undecided: held.undecided,
    cause: held.cause,
    present: held.absent === '0' ? '1' : not(`(${held.absent})`),
    value,
  };
}

function recordValue(held: Held): RecordValue {
  const fields = new Map(held.place.fields.map((place) => [place.name, place]));
  // An absent record has absent fields: reading one is an error, and never a value.
  const gone = held.absent;
  const inside = (name: string): Held => {
    const place = fields.get(name);
    if (!place) throw new TypeError(`${held.path} has no ${name}`);
    if (gone === '0') return fieldOf(place, held);
    const missing = when(held.undecided, held.cause, when(gone, undefinedAt(held), '0'));
    return fieldOf(place, { ...held, undecided: either(held.undecided, `(${gone})`), cause: missing });
  };
  return {
    is: 'record',
    type: held.place.type,
    undecided: held.undecided,
    cause: held.cause,
    select: (field, at) => read(inside(field), at),
    has: (field) => has(inside(field)),
    optional: (field, at) => optional(inside(field), at),
  };
}

function elementRecord(
  place: Place,
  { access, root, index }: Pick<Held, 'access' | 'root' | 'index'>,
): RecordValue {
  const fields = new Map(place.fields.map((field) => [field.name, field]));
  const inside = (name: string): Held => {
    const field = fields.get(name);
    if (!field) throw new TypeError(`${place.path} has no ${name}`);
    return fieldOf(field, { undecided: '0', cause: '0', access, root, index });
  };
  const type: Type = place.type.name === 'list' ? place.type.of : place.type;
  return {
    is: 'record',
    type,
    undecided: '0',
    cause: '0',
    select: (field, at) => read(inside(field), at),
    has: (field) => has(inside(field)),
    optional: (field, at) => optional(inside(field), at),
  };
}

function listBase(held: Held): Pick<ListValue, 'is' | 'undecided' | 'cause' | 'partial' | 'partialCause'> {
  return {
    is: 'list',
    undecided: held.undecided,
    cause: held.cause,
    partial: held.partial,
    partialCause: String(strength('incomplete') + pathStrength(held.index(held.path))),
  };
}

function plainList(held: Held, array: string): ListValue {
  const of: Type = held.place.type.name === 'list' ? held.place.type.of : { name: 'string' };
  return {
    ...listBase(held),
    of,
    array,
    open: (depth) => opened(depth, array, (take) => ({ ...scalar(of, take(array)), short: true })),
    element: (index) => ({ ...scalar(of, `${array}[${index} + 1]`), short: true }),
  };
}

function recordList(held: Held): ListValue {
  const { place, access, root, index } = held;
  const of: Type = place.type.name === 'list' ? place.type.of : place.type;
  const base = access(`${place.fields[0]?.column}@state`);
  return {
    ...listBase(held),
    of,
    open: (depth) =>
      opened(depth, base, (take) =>
        elementRecord(place, { access: (column) => take(access(column)), root, index }),
      ),
    element: (at) =>
      elementRecord(place, { access: (column) => `${access(column)}[${at} + 1]`, root, index }),
  };
}

function mapValue(held: Held): MapValue {
  const of: Type = held.place.type.name === 'map' ? held.place.type.of : { name: 'string' };
  return {
    is: 'map',
    of,
    sql: held.access(held.place.column),
    undecided: held.undecided,
    cause: held.cause,
    partial: held.partial,
    unseen: (field) => {
      const path = field === undefined ? held.path : `${held.path}.${field}`;
      return String(strength('incomplete') + pathStrength(held.index(path)));
    },
  };
}

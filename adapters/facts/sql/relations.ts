/**
 * `related("relation")`: the assets at the other end, joined as one array of tuples a row. Each tuple holds the columns
 * that the expression asks for, so that a fold over a relation is a fold over any other list.
 */
import type { Position } from '@macadam/core/cel/tree';
import { assetType } from '@macadam/core/cel/type';
import type { Kind } from '@macadam/core/kinds/kind';
import { relationsOf } from '@macadam/core/kinds/relation';
import { layoutOf, quoted } from '../layout.ts';
import { opened } from './lists.ts';
import { type Aging, assetValue, attribute, type Held, type PathIndex } from './places.ts';
import { either, type ListValue, pathStrength, Refused, strength } from './value.ts';

/** The joins of one query; equal ones are shared by its standards. */
export interface Joins {
  readonly take: (key: string, make: (name: string) => Making) => Join;
  /** What follows the table's name in FROM. */
  readonly sql: () => string;
}

interface Making {
  /** The subquery that gives `@k<n>` and, from a tuple's SQL, `@g<n>`. */
  readonly from: (tuple: string) => string;
  /** SQL of the row's own side. */
  readonly on: string;
}

interface Join {
  /** The array of tuples. */
  readonly array: string;
  /** Where a column stands in a tuple, counted from 1. */
  readonly place: (column: string) => number;
}

export function joins(): Joins {
  const made = new Map<string, { making: Making; columns: string[]; name: string }>();
  return {
    take: (key, make) => {
      let join = made.get(key);
      if (!join) {
        const name = String(made.size);
        join = { making: make(name), columns: ['@id'], name };
        made.set(key, join);
      }
      const { columns, name } = join;
      return {
        array: quoted(`@g${name}`),
        place: (column) => {
          if (!columns.includes(column)) columns.push(column);
          return columns.indexOf(column) + 1;
        },
      };
    },
    sql: () =>
      [...made.values()]
        .map(({ making, columns, name }) => {
          const tuple = `tuple(${columns.map(quoted).join(', ')})`;
          return ` LEFT JOIN (${making.from(tuple)}) AS ${quoted(`@j${name}`)} ON ${making.on} = ${quoted(`@k${name}`)}`;
        })
        .join(''),
  };
}

export interface Surroundings {
  readonly kind: Kind;
  readonly kinds: ReadonlyMap<string, Kind> | null;
  /** Kinds of which every partition was listed to its end lately enough. */
  readonly whole: ReadonlySet<string>;
  readonly agingOf: (kind: string) => Aging;
  readonly index: PathIndex;
  readonly joins: Joins;
  /** What stands behind FROM for assets of a kind. */
  readonly source: (kind: Kind) => string;
}

/** Throws `Refused`. */
export function relatedValue(name: string, around: Surroundings, at: Position): ListValue {
  const { kind, kinds, whole, agingOf, index, joins: all, source } = around;
  const relation = kinds ? relationsOf(kind, kinds).find((one) => one.name === name) : undefined;
  if (!relation) throw new Refused('a relation that is not followed', at);
  const { by, other, inverse } = relation;
  const incomplete = String(strength('incomplete') + pathStrength(index(`related(${name})`)));
  const aging = agingOf(other.kind);
  const forward = !inverse;
  const owner = forward ? kind : other;
  const found = layoutOf(owner).find((place) => place.name === by);
  if (!found) throw new Refused('a relation by an attribute that the kind lacks', at);
  const root = forward ? 'asset' : other.kind;
  const held = attribute(found, { access: quoted, root, aging: agingOf(owner.kind), index });
  const many = found.shape === 'list';
  if (found.type.name !== 'string' && !many)
    throw new Refused('a relation by an attribute that is not an id', at);
  if (forward && many) throw new Refused('a relation by a list of ids', at);
  const table = source(other);
  const key = `${name} ${held.undecided}`;
  const join = all.take(key, (number) => ({
    on: forward ? quoted(by) : '`@id`',
    from: (tuple) =>
      forward
        ? `SELECT \`@id\` AS ${quoted(`@k${number}`)}, [${tuple}] AS ${quoted(`@g${number}`)} FROM ${table}`
        : backwards({ tuple, number, table, by, held, many }),
  }));
  // An id that nobody saw stands for an asset of which everything is unknown: a tuple of zeros.
  const array = forward ? `arrayResize(${join.array}, if(isNull(${quoted(by)}), 0, 1))` : join.array;
  const unseen = String(strength('unobserved') + pathStrength(index(other.kind)));
  const open = either(held.undecided, held.partial === '0' ? '0' : `(${held.partial})`);
  return {
    is: 'list',
    of: assetType(other),
    undecided: forward ? held.undecided : '0',
    cause: forward ? held.cause : '0',
    partial: forward
      ? '0'
      : whole.has(other.kind)
        ? `ifNull((SELECT max(toUInt8(${open})) FROM ${table}), 0) = 1`
        : '1',
    partialCause: incomplete,
    open: (depth) =>
      opened(depth, array, (take) => {
        const access = (column: string) => take(`tupleElement(${array}, ${join.place(column)})`);
        return assetValue(other, assetType(other), {
          access,
          root: other.kind,
          aging,
          index,
          ...(forward ? { unseen: { condition: `(${access('@id')} = '')`, cause: unseen } } : {}),
        });
      }),
    element: null,
  };
}

interface BackwardsInput {
  readonly tuple: string;
  readonly number: string;
  readonly table: string;
  readonly by: string;
  readonly held: Held;
  readonly many: boolean;
}

/** Assets of the other kind by what they refer to; one of which that is not known refers to nothing that is known. */
function backwards({ tuple, number, table, by, held, many }: BackwardsInput): string {
  const group = `arraySort(t -> t.1, groupArray(${tuple}))`;
  const known = `NOT ${held.undecided}${held.absent === '0' ? '' : ` AND NOT ${held.absent}`}`;
  const key = quoted(`@k${number}`);
  const from = many
    ? `${table} ARRAY JOIN ${quoted(by)} AS ${key} WHERE ${known}`
    : `${table} WHERE ${known}`;
  return `SELECT ${many ? key : `${quoted(by)} AS ${key}`}, ${group} AS ${quoted(`@g${number}`)} FROM ${from} GROUP BY ${key}`;
}

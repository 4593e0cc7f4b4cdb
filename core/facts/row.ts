/**
 * Assets as expressions see them, prepared once and read by every standard: one class a kind, an own property for each
 * attribute and beside it, under `<name>@`, when it was observed. Age is then one comparison with a cutoff when an
 * attribute is read, and none at all while the oldest of them is fresh.
 */

import { saidDuration, saidTimestamp } from '../cel/runtime/time.ts';
import { type Data, MapValue, type RecordValue, type Unknown, unknown } from '../cel/runtime/value.ts';
import { fieldType } from '../cel/type.ts';
import type { AttributeDefinition, Kind } from '../kinds/kind.ts';
import { instant } from '../text/instant.ts';
import type { Asset, Attribute } from './asset.ts';
import { dataOf, recordMaker } from './data.ts';
import { isUnobserved } from './observation.ts';

/** A prepared asset. Beside its attributes: `@asset`, `@path` (how causes name it), `@oldest`. */
export type PreparedAsset = RecordValue & {
  readonly '@asset': Asset;
  readonly '@path': string;
  /** Milliseconds since 1970 of the oldest attribute that ages; Infinity when none does. */
  readonly '@oldest': number;
};

/** Makes rows of a kind. `path` is what causes call the asset: `asset`, or its kind where another looks at it. */
export function rowsOf(kind: Kind, path = 'asset'): (asset: Asset) => PreparedAsset {
  const attributes = Object.entries(kind.attributes).map(([name, definition]) => {
    const own = `${path}.${name}`;
    return { name, definition, path: own, type: fieldType(definition, `${kind.kind}.${name}`) };
  });
  const make = recordMaker([
    ...attributes.flatMap(({ name }) => [name, `${name}@`]),
    '@asset',
    '@path',
    '@oldest',
  ]);
  return (asset) => {
    const values: unknown[] = [];
    let oldest = Number.POSITIVE_INFINITY;
    for (const { name, definition, path: own, type } of attributes) {
      const held = asset.attributes.get(name);
      const at = observedAt(held, definition);
      if (at < oldest) oldest = at;
      values.push(valueIn(held, definition, type, own), at);
    }
    return make([...values, asset, path, oldest]) as PreparedAsset;
  };
}

type FieldType = ReturnType<typeof fieldType>;

function valueIn(
  held: Attribute | undefined,
  definition: AttributeDefinition,
  type: FieldType,
  path: string,
): Data | undefined {
  const statement = held?.statement ?? { unobserved: 'unobserved', why: 'nobody looked' };
  if (isUnobserved(statement)) {
    const zero = definition.set_by === 'approval' ? zeroValue(definition) : undefined;
    return zero ?? unknown(statement.unobserved, path, statement.why);
  }
  if ('value' in statement)
    return dataOf({
      raw: statement.value,
      type,
      path,
      complete: statement.complete ?? true,
      why: statement.why,
    });
  return type.name === 'list' ? [] : type.name === 'map' ? new MapValue(new Map(), true, path) : undefined;
}

/** Milliseconds, rounded down so that an attribute never looks younger than it is. Infinity for what never ages. */
function observedAt(held: Attribute | undefined, { immutable, set_by }: AttributeDefinition): number {
  // An approval is in force until it ends, however long ago it was given.
  const seen = immutable || set_by === 'approval' || !held?.observedAt ? null : instant(held.observedAt);
  return seen ? seen.seconds * 1000 + Math.floor(seen.nanos / 1_000_000) : Number.POSITIVE_INFINITY;
}

/** What an attribute that only an approval sets is worth while no approval is in force. */
function zeroValue(definition: AttributeDefinition): Data | undefined {
  switch (definition.type) {
    case 'bool':
      return false;
    case 'int':
    case 'double':
      return 0;
    case 'string':
      return '';
    case 'list':
      return [];
    default:
      return undefined;
  }
}

/** What an attribute is that was observed too long ago; `allowed` says how long that is, for people. */
export function stale(row: PreparedAsset, name: string, allowed: string | undefined): Unknown {
  const seen = saidTimestamp(row['@asset'].attributes.get(name)?.observedAt ?? 'never');
  const why = `last seen ${seen}, more than ${saidDuration(allowed ?? '')} ago`;
  return unknown('stale', `${row['@path']}.${name}`, why);
}

/** An asset that another refers to and nobody saw: everything about it is unknown. */
export function unseenRow(kind: Kind, id: string): RecordValue {
  const gap = unknown('unobserved', kind.kind, `${id} is referred to, and no source of this run sees it`);
  const names = Object.keys(kind.attributes);
  return recordMaker(names)(names.map(() => gap)) as RecordValue;
}

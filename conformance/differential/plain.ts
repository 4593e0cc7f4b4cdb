/** What the reference sees of a case's facts, and the completions of what is not known in them. */

import { isUnobserved, type Value } from '@macadam/core/facts/observation';
import type { FieldDefinition, Kind } from '@macadam/core/kinds/kind';
import {
  attributeValue,
  FRESH,
  type RandomFacts,
  recordValue,
  type Said,
  STALE,
  type Subject,
  scalarValue,
  type World,
} from './kinds.ts';
import { readDuration, readTimestamp } from './operations.ts';
import { type Plain, undecided } from './plain-value.ts';
import type { Random } from './random.ts';

/** The asset after ageing: what was last seen at `STALE` is too old, unless it never changes. */
export function plainAsset(kind: Kind, facts: RandomFacts, root = 'asset'): Plain {
  const fields = new Map<string, Plain>();
  for (const [name, about] of Object.entries(kind.attributes)) {
    const path = `${root}.${name}`;
    const said = facts[name];
    const value = said ? stated(said, about, path) : undecided('unobserved', path);
    if (value) fields.set(name, value);
  }
  return { is: 'record', of: fields, path: root };
}

/** The lists that `related` gives for one asset of the world's kind. */
export function plainRelations(
  { kind, kinds, others, whole }: World,
  { name, facts }: Subject,
): Map<string, Plain> {
  const other = kinds.get('other') ?? kind;
  const found = new Map(others.map((one) => [`other/${one.name}`, plainAsset(other, one.facts, 'other')]));
  const gap = undecided('unobserved', 'other');
  const unseen: Plain = {
    is: 'record',
    of: new Map(Object.keys(other.attributes).map((attribute) => [attribute, gap])),
    path: 'other',
  };
  const asset = plainAsset(kind, facts);
  const held = (record: Plain, attribute: string) =>
    record.is === 'record' ? record.of.get(attribute) : undefined;
  const relations = new Map<string, Plain>();
  for (const relation of ['home', 'peers']) {
    const path = `related(${relation})`;
    const by = held(asset, relation);
    const ids = by === undefined ? [] : by.is === 'list' ? by.of : [by];
    const known = ids.filter((id) => id.is === 'string');
    const list: Plain = {
      is: 'list',
      of: known.map((id) => found.get(id.of) ?? unseen),
      complete: known.length === ids.length && (by?.is !== 'list' || by.complete),
      path,
    };
    relations.set(relation, by?.is === 'undecided' ? by : list);
  }
  const pointing = [...found.values()].map((one) => ({ one, thing: held(one, 'thing') }));
  relations.set('pointers', {
    is: 'list',
    of: pointing
      .filter(({ thing }) => thing?.is === 'string' && thing.of === `thing/${name}`)
      .map(({ one }) => one),
    complete: whole && pointing.every(({ thing }) => thing?.is !== 'undecided'),
    path: 'related(pointers)',
  });
  return relations;
}

function stated(said: Said, about: Kind['attributes'][string], path: string): Plain | null {
  const { statement, observedAt } = said;
  if (isUnobserved(statement)) return undecided(statement.unobserved, path);
  if (observedAt === STALE && !about.immutable) return undecided('stale', path);
  if ('absent' in statement) return none(about, path);
  return plain(statement.value, about, path, statement.complete ?? true);
}

/** None of a list or map is the complete empty one. */
function none({ type }: FieldDefinition, path: string): Plain | null {
  if (type === 'list') return { is: type, of: [], complete: true, path };
  return type === 'map' ? { is: type, of: new Map(), complete: true, path } : null;
}

function plain(value: Value, about: FieldDefinition, path: string, complete = true): Plain {
  if (isUnobserved(value)) return undecided(value.unobserved, path);
  const of = about.of ?? 'string';
  const inner = (item: Value, at: string): Plain =>
    typeof of === 'string'
      ? plain(item, { type: of, optional: false }, at)
      : plain(item, { type: 'record', optional: false, fields: of as Record<string, FieldDefinition> }, at);
  switch (about.type) {
    case 'bool':
      return { is: 'bool', of: value as boolean };
    case 'int':
      return { is: 'int', of: BigInt(value as number) };
    case 'double':
      return { is: 'double', of: value as number };
    case 'timestamp':
      return readTimestamp(value as string);
    case 'duration':
      return readDuration(value as string);
    case 'list': {
      const items = (value as readonly Value[]).map((item) => inner(item, `${path}[]`));
      return listOf(items, elementOf(about), path, complete);
    }
    case 'map':
      return {
        is: 'map',
        of: new Map(
          Object.entries(value).map(([key, item]) => [key, inner(item as Value, `${path}.${key}`)]),
        ),
        complete,
        path,
      };
    case 'record': {
      const given = value as Readonly<Record<string, Value>>;
      const fields = new Map<string, Plain>();
      for (const [name, field] of Object.entries(about.fields ?? {})) {
        const item = given[name];
        const own = `${path}.${name}`;
        const held =
          item !== undefined
            ? whole(plain(item, field, own), own)
            : field.optional
              ? none(field, own)
              : undecided('unobserved', own);
        if (held) fields.set(name, held);
      }
      return { is: 'record', of: fields, path };
    }
    default:
      return { is: 'string', of: value as string };
  }
}

/** Inside another value nothing is known in part: of what is not whole nothing is. */
const whole = (value: Plain, path: string): Plain =>
  value.is === 'list' && !value.complete ? undecided('incomplete', path) : value;

const elementOf = ({ of = 'string' }: FieldDefinition): FieldDefinition =>
  typeof of === 'string'
    ? { type: of, optional: false }
    : { type: 'record', optional: false, fields: of as Record<string, FieldDefinition> };

/**
 * A list has no order of its own and each element once. An element with a hole could be another: then it leaves open how
 * many there are.
 */
function listOf(items: readonly Plain[], about: FieldDefinition, path: string, complete: boolean): Plain {
  const open = items.filter(holed);
  const known = items
    .filter((item) => !holed(item))
    .sort((a, b) => order(a, b, about))
    .filter((item, at, all) => at === 0 || order(all[at - 1] ?? item, item, about) !== 0);
  const all = [...open, ...known];
  const counted = open.every((one, at) =>
    all.every((other, place) => place === at || !mayBeOne(one, other, about)),
  );
  return { is: 'list', of: [...known, ...open], complete: complete && counted, path };
}

/** Whether what is not known of two elements could make them the same. */
function mayBeOne(a: Plain | undefined, b: Plain | undefined, about: FieldDefinition): boolean {
  const open = (value: Plain | undefined) => value?.is === 'undecided';
  if (open(a) || open(b)) return true;
  if (a?.is === 'record' && b?.is === 'record')
    return Object.entries(about.fields ?? {}).every(([name, field]) =>
      mayBeOne(a.of.get(name), b.of.get(name), field),
    );
  return (a && holed(a)) || (b && holed(b)) || order(a, b, about) === 0;
}

function holed(value: Plain): boolean {
  if (value.is === 'undecided') return true;
  if (value.is === 'list') return !value.complete || value.of.some(holed);
  return (value.is === 'map' || value.is === 'record') && [...value.of.values()].some(holed);
}

/** Field by field in the order of the kind, what is absent first; texts by their code points. */
function order(a: Plain | undefined, b: Plain | undefined, about: FieldDefinition): number {
  if (!a || !b) return Number(a !== undefined) - Number(b !== undefined);
  if (a.is === 'record' && b.is === 'record') {
    for (const [name, field] of Object.entries(about.fields ?? {})) {
      const found = order(a.of.get(name), b.of.get(name), field);
      if (found !== 0) return found;
    }
    return 0;
  }
  if (a.is === 'list' && b.is === 'list') {
    for (const [at, one] of a.of.entries()) {
      const found = at < b.of.length ? order(one, b.of[at], elementOf(about)) : 1;
      if (found !== 0) return found;
    }
    return a.of.length - b.of.length;
  }
  if (a.is === 'string' && b.is === 'string') {
    const [x, y] = [a, b].map(({ of }) => Array.from(of, (point) => point.codePointAt(0) ?? 0));
    for (const [at, one] of (x ?? []).entries()) if (one !== y?.[at]) return one - (y?.[at] ?? -1);
    return (x?.length ?? 0) - (y?.length ?? 0);
  }
  const [x, y] = [a, b].map((one) => ('of' in one ? (one.of as number | bigint | boolean) : 0));
  if (x === undefined || y === undefined || x === y) return 0;
  return x < y ? -1 : 1;
}

/** One way in which everything unknown could turn out: the oracle asks that no definite verdict minds. */
export function complete(random: Random, kind: Kind, facts: RandomFacts): RandomFacts {
  const completed: Record<string, Said> = {};
  for (const [name, about] of Object.entries(kind.attributes)) {
    const said = facts[name];
    const unknown = !said || isUnobserved(said.statement) || (said.observedAt === STALE && !about.immutable);
    if (unknown) {
      const absent = about.optional && random.chance(40);
      completed[name] = {
        statement: absent ? { absent: true } : { value: attributeValue(random, about, false) },
        observedAt: FRESH,
      };
    } else if ('value' in said.statement) {
      const filled = fill(random, said.statement.value, about);
      const more = said.statement.complete === false ? extend(random, filled, about) : filled;
      completed[name] = { statement: { value: more }, observedAt: said.observedAt };
    } else completed[name] = said;
  }
  return completed;
}

function fill(random: Random, value: Value, about: FieldDefinition): Value {
  const of = about.of ?? 'string';
  const element = (item: Value): Value => {
    if (typeof of === 'string') return isUnobserved(item) ? scalarValue(random, of) : item;
    const fields = of as Record<string, FieldDefinition>;
    return isUnobserved(item)
      ? recordValue(random, fields as never, false)
      : fill(random, item, { type: 'record', optional: false, fields });
  };
  if (about.type === 'list') return (value as readonly Value[]).map(element);
  if (about.type === 'map')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, element(item as Value)]));
  if (about.type !== 'record') return value;
  const record: Record<string, Value> = {};
  for (const [name, field] of Object.entries(about.fields ?? {})) {
    const item = (value as Readonly<Record<string, Value>>)[name];
    if (item === undefined ? !field.optional : isUnobserved(item)) {
      if (!field.optional || random.chance(60)) record[name] = attributeValue(random, field, false);
    } else if (item !== undefined) record[name] = fill(random, item, field);
  }
  return record;
}

function extend(random: Random, value: Value, about: Kind['attributes'][string]): Value {
  const more = attributeValue(random, about, false);
  return about.type === 'list'
    ? [...(value as readonly Value[]), ...(more as readonly Value[])]
    : { ...(more as object), ...(value as object) };
}

/**
 * Documented answers with one fault each, read as if they had been saved so: a field that is left out, one that is null, one of another
 * type, a word that no version knows, and a field that nobody described. What rests on it becomes unknown, and says why; nothing is thrown,
 * nothing fits no kind, and no fact changes into another one without a word.
 */
import type { Observation, Statement, Value } from '@macadam/core/facts/observation';

export interface Mutation {
  /** What was done, for a message: `status of the 2nd item left out`. */
  readonly said: string;
  readonly kind: 'left-out' | 'null' | 'other-type' | 'unknown-word' | 'extra';
  readonly exchange: unknown;
}

/** A word that no API has, so that it is found again where it was passed on as free text. */
export const UNHEARD = 'UNHEARD_OF_7c31';

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deeper than any field that is read. */
const DEPTH = 4;

/** Every mutation of the body of an exchange, one fault each. */
export function* mutationsOf(format: string, exchange: Json): Generator<Mutation> {
  for (const { path, value } of placesIn(exchange.body, [], DEPTH)) {
    const name = path.at(-1);
    // How something is called says nothing of it.
    if (typeof name !== 'string' || name === 'displayName') continue;
    const where = path.join('.');
    const changed = (kind: Mutation['kind'], to: unknown): Mutation => ({
      said: `\`${where}\` ${kind}`,
      kind,
      exchange: { ...exchange, body: replaced(exchange.body, path, to) },
    });
    const isOptional = SET_ONLY.has(name) || OPTIONAL[format]?.has(name) === true;
    // A list of nothing has no list in an answer of Google, so a list that is left out is an empty one.
    const isListOfGoogle = format === 'google' && path.length === 1 && Array.isArray(value);
    // Go writes an empty list as null.
    const isListOfGo = format === 'kubernetes' && name === 'items';
    if (!isListOfGoogle && !isOptional) yield changed('left-out', undefined);
    if (value !== null && !MEANS_NONE.has(name) && !isOptional && !isListOfGo) yield changed('null', null);
    // What may be null may be a number too.
    if (value !== null) yield changed('other-type', Array.isArray(value) ? 7_131_000_007 : [UNHEARD]);
    if (typeof value === 'string' && /^[A-Za-z_]+$/.test(value) && !NAMES.has(name) && !isNameOf(path))
      yield changed('unknown-word', UNHEARD);
  }
  const items = listIn(exchange.body);
  if (items !== null)
    yield {
      said: 'a field that nobody described',
      kind: 'extra',
      exchange: { ...exchange, body: withExtra(exchange.body) },
    };
}

/** Fields that their vendors describe as null where there is none of it. */
const MEANS_NONE: ReadonlySet<string> = new Set([
  'servicePrincipalLockConfiguration',
  'isAssignableToRole',
  'lastLogin',
  'reject_unsigned_commits',
  'default_branch',
  'policyText',
]);
/** Names of things, of which another one is another thing: an event of another name is another event. */
const NAMES: ReadonlySet<string> = new Set(['default_branch', 'name', 'Key', 'event_name']);
/** A binding may be for an account that is nowhere. */
const isNameOf = (path: Place['path']): boolean => path.includes('subjects') && path.at(-1) === 'namespace';
/** Flags that are left out where they are not set. */
const SET_ONLY: ReadonlySet<string> = new Set([
  'isSuperAdminRole',
  // Of a key that a certificate stands on.
  'managed',
  'realmMappings',
  'clientMappings',
  'realm-management',
]);

/** The same, by format: fields that are left out, or null, where there is none of it. */
const OPTIONAL: Readonly<Record<string, ReadonlySet<string>>> = {
  // A policy is of what comes in where it does not say of which traffic it is, a rule without a host of every name, a binding of nobody.
  kubernetes: new Set(['policyTypes', 'host', 'subjects']),
  // A public address, and a lock that every object gets.
  aws: new Set(['Association', 'Rule']),
  'aws-config': new Set(['association', 'rule']),
  // Nothing in a cell is nobody.
  cmdb: new Set(['Owned by']),
};

interface Place {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

function* placesIn(value: unknown, path: readonly (string | number)[], depth: number): Generator<Place> {
  if (path.length > 0) yield { path, value };
  if (depth === 0) return;
  if (Array.isArray(value))
    // The first two of a list stand for all.
    for (const [index, item] of value.slice(0, 2).entries())
      yield* placesIn(item, [...path, index], isRecord(item) ? depth : depth - 1);
  else if (isRecord(value))
    for (const [name, inner] of Object.entries(value)) yield* placesIn(inner, [...path, name], depth - 1);
}

/** `undefined` leaves it out. */
function replaced(value: unknown, [first, ...rest]: readonly (string | number)[], to: unknown): unknown {
  if (first === undefined) return to;
  if (Array.isArray(value))
    return value.map((item, index) => (index === first ? replaced(item, rest, to) : item));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    if (name !== first) return [[name, inner] as const];
    const made = replaced(inner, rest, to);
    return made === undefined ? [] : [[name, made] as const];
  });
  return Object.fromEntries(entries);
}

function listIn(body: unknown): readonly unknown[] | null {
  if (Array.isArray(body)) return body;
  return isRecord(body) ? (Object.values(body).find(Array.isArray) ?? null) : null;
}

function withExtra(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withExtra);
  return isRecord(value) ? { ...value, unheardOf: { nested: [UNHEARD] } } : value;
}

export interface Outcome {
  readonly directory: string;
  readonly observations: readonly Observation[];
  /** Problems and why partitions are not whole, a line each. */
  readonly said: readonly string[];
}

/** What changed without a word; null where nothing did. */
export function silentChange(before: Outcome, after: Outcome, kind: Mutation['kind']): string | null {
  const news = after.said.filter((line) => !before.said.includes(line));
  const found = new Map(after.observations.map((one) => [one.id, one] as const));
  for (const one of before.observations) {
    const now = found.get(one.id);
    if (now === undefined) {
      if (news.length === 0 && !after.observations.some(({ id }) => isNewName(id)))
        return `${one.id} is gone, and nothing says why`;
      continue;
    }
    for (const [name, was] of Object.entries(one.attributes)) {
      const is = now.attributes[name];
      if (is === undefined) return `${name} of ${one.id} is not stated any more`;
      if (!isTold(was, is, kind) && !isSaidTwice(one, name, is))
        return `${name} of ${one.id} was ${JSON.stringify(was)}, and is ${JSON.stringify(is)}`;
    }
  }
  const known = new Set(before.observations.map(({ id }) => id));
  const added = after.observations.find(({ id }) => !known.has(id) && !isNewName(id));
  return added === undefined || news.length > 0 ? null : `${added.id} is new, and nothing says why`;
}

/** Something whose own id was changed is another thing. */
const isNewName = (id: string): boolean => id.includes(UNHEARD) || id.includes('7131000007');

/** The host says of a token itself whether it is active, and an end that has passed says as much: either stands without the other. */
const isSaidTwice = ({ kind }: Observation, name: string, is: Statement): boolean => {
  if (!('value' in is)) return false;
  // What a directory repeats of a device is its word alone, and is asked for nowhere.
  if (name === 'compliant') return is.assurance === 'configured';
  return kind === 'credential' && name === 'state' && (is.value === 'active' || is.value === 'expired');
};

function isTold(was: Statement, is: Statement, kind: Mutation['kind']): boolean {
  if (JSON.stringify(was) === JSON.stringify(is) || 'unobserved' in is) return true;
  if ('absent' in is) return kind === 'null' || 'absent' in was;
  if ('complete' in is && is.complete === false) return true;
  if (!('value' in is)) return false;
  return isToldInside('value' in was ? was.value : undefined, is.value, kind);
}

function isToldInside(was: Value | undefined, is: Value | undefined, kind: Mutation['kind']): boolean {
  const text = JSON.stringify(is) ?? '';
  if ((JSON.stringify(was) ?? '') === text) return true;
  // What the host calls something, or wrote beside it, is passed on as it stands.
  if (text.includes(UNHEARD) || text.includes('7131000007')) return true;
  if (is === undefined) return kind === 'null';
  if (isRecord(is) && 'unobserved' in is) return true;
  // Records without an id come last, whatever their place was.
  if (Array.isArray(was) && Array.isArray(is))
    return (
      was.every((one: Value) => is.some((other: Value) => isToldInside(one, other, kind))) &&
      is.filter((one: Value) => !(JSON.stringify(one) ?? '').includes('"unobserved"')).length <= was.length
    );
  if (!isRecord(was) || !isRecord(is)) return false;
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...names].every((name) =>
    isToldInside(was[name] as Value | undefined, is[name] as Value | undefined, kind),
  );
}

/** Random kinds, and random assets of them in every state that a fact can have. */

import { CAUSES, type Cause, type Statement, type Value } from '@macadam/core/facts/observation';
import { type FieldDefinition, type Kind, kindSchema } from '@macadam/core/kinds/kind';
import type { Random } from './random.ts';

type Definition = Kind['attributes'][string];

/** When assets are judged; what is observed before `STALE` is too old for the kinds made here. */
export const NOW = '2026-11-01T12:00:00Z';
export const FRESH = '2026-10-30T00:00:00Z';
export const STALE = '2026-09-01T00:00:00Z';

const SCALARS = ['bool', 'int', 'double', 'string', 'enum(red, green, blue)', 'timestamp', 'duration'];

/** A kind, another that it is related to, and what is known of that other's assets. */
export interface World {
  readonly kind: Kind;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly others: readonly Subject[];
  /** Whether the other kind was listed to its end, and lately. */
  readonly whole: boolean;
  /** When it was listed to its end; null for never. */
  readonly listed: string | null;
}

export interface Subject {
  readonly name: string;
  readonly facts: RandomFacts;
}

const ID = { type: 'string', optional: true, description: 'Id of an asset of the other kind.' };

/** In one world of three, kinds are related: by an id, by a list of ids, and backwards. */
export function randomWorld(random: Random): World {
  const related = random.chance(33);
  const kind = randomKind(
    random,
    'thing',
    related && { home: ID, peers: { ...ID, type: 'list', of: 'string' } },
    {
      home: { to: 'other', by: 'home' },
      peers: { to: 'other', by: 'peers' },
      pointers: { from: 'other', by: 'at' },
    },
  );
  const other = randomKind(random, 'other', related && { thing: ID }, { at: { to: 'thing', by: 'thing' } });
  const kinds = new Map([kind, other].map((one) => [one.kind, one]));
  const wild = random.chance(5);
  const others = related
    ? Array.from({ length: 12 }, (_, at) => ({
        name: `o${at}`,
        facts: randomFacts(random, other, `o${at}`, wild),
      }))
    : [];
  const whole = random.chance(75);
  return { kind, kinds, others, whole, listed: whole ? FRESH : random.chance(50) ? STALE : null };
}

function randomKind(
  random: Random,
  name: string,
  references: Readonly<Record<string, unknown>> | false,
  relations: Readonly<Record<string, unknown>>,
): Kind {
  const attributes: Record<string, unknown> = {
    key: { type: 'string', immutable: true, description: 'Its natural key.' },
    ...(references || {}),
  };
  const count = 5 + random.int(5);
  for (let at = 0; at < count; at++) attributes[`a${at}`] = randomAttribute(random);
  return kindSchema.parse({
    kind: name,
    description: 'A kind made for one round of cases.',
    key: ['key'],
    fresh_for: '7d',
    attributes,
    relations: references ? relations : {},
  });
}

function randomAttribute(random: Random): unknown {
  const about = {
    description: 'Made for one round of cases.',
    optional: random.chance(40),
    immutable: random.chance(15),
  };
  const roll = random.int(100);
  if (roll < 60) return { ...about, type: random.pick(SCALARS) };
  if (roll < 72) return { ...about, type: 'list', of: random.pick(SCALARS) };
  if (roll < 88) return { ...about, type: 'list', of: randomFields(random) };
  if (roll < 95) return { ...about, type: 'record', fields: randomFields(random) };
  return { ...about, type: 'map', of: random.pick(SCALARS) };
}

function randomFields(random: Random): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const count = 1 + random.int(3);
  for (let at = 0; at < count; at++) {
    const [type, optional, roll] = [random.pick(SCALARS), random.chance(40), random.int(100)];
    // Columns hold a list inside a list of records, and a map inside a record alone.
    const container = roll < 12 ? 'list' : roll < 15 ? 'map' : null;
    fields[`f${at}`] = container ? { type: container, of: type, optional } : { type, optional };
  }
  return fields;
}

const INTEGERS = [
  0,
  1,
  -1,
  2,
  3,
  7,
  10,
  100,
  2 ** 31,
  -(2 ** 31),
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
];
const DOUBLES = [0, -0, 0.5, 1, -1, 2.5, 1e300, -1e300, 5e-324, 1e18, 9.3e18];
/** Some outside the basic plane, some equal but for their case, some that read as other types. */
const STRINGS = [
  '',
  'a',
  'b',
  'ab',
  'A',
  'é',
  'e\u0301',
  '😀',
  '\uFFFD',
  'a😀b',
  '10',
  '-3',
  'red',
  '2026-01-01T00:00:00Z',
  'a.b',
  'x\ny',
  ' a ',
  'a,b,,c',
  '10.1.2.3',
  '010.1.2.3',
  '::1',
  'fe80::1:2',
  '2001:DB8::0',
  '10.0.0.0/8',
  '1.2.3',
  '1.2.3-rc.1',
  'true',
];
const TIMES = [
  NOW,
  FRESH,
  '2026-10-31T23:59:59.999999999Z',
  '1970-01-01T00:00:00Z',
  '1969-12-31T23:59:59.5Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '1677-09-21T00:12:43Z',
  '2262-04-11T23:47:17Z',
  '2024-02-29T12:00:00+02:00',
];
const DURATIONS = ['0s', '1s', '-1s', '24h', '720h', '1h30m', '-1.5s', '1ns', '2160h', '87600h'];
const KEYS = ['k', 'l', 'm', 'a b'];

/** Years that a column of 64-bit nanoseconds cannot hold. */
const FAR = new Set([
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '1677-09-21T00:12:43Z',
  '2262-04-11T23:47:17Z',
]);
const NEAR = TIMES.filter((time) => !FAR.has(time));

export const WORDS = { INTEGERS, DOUBLES, STRINGS, TIMES, DURATIONS, KEYS };

/** `wild`: also what the columns of an engine cannot hold, which only closures can judge. */
export function scalarValue(random: Random, type: string, wild = true): Value {
  switch (type) {
    case 'bool':
      return random.chance(50);
    case 'int':
      return random.chance(60) ? random.int(5) - 1 : random.pick(INTEGERS);
    case 'double':
      return random.chance(50) ? random.int(9) / 4 - 1 : random.pick(DOUBLES);
    case 'timestamp':
      return random.pick(wild ? TIMES : NEAR);
    case 'duration':
      return random.pick(DURATIONS);
    case 'string':
      return random.pick(STRINGS);
    default:
      return random.pick(['red', 'green', 'blue']);
  }
}

const hole = (random: Random) => ({ unobserved: cause(random), why: 'for a case' });
const cause = (random: Random): Cause => random.pick(CAUSES.filter((one) => one !== 'undefined'));

type Fields = NonNullable<Definition['fields']>;

export function recordValue(random: Random, fields: Fields, holes: boolean, wild = true): Value {
  const record: Record<string, Value> = {};
  for (const [name, field] of Object.entries(fields)) {
    if (field.optional && random.chance(30)) continue;
    record[name] = holes && random.chance(8) ? hole(random) : attributeValue(random, field, holes, wild);
  }
  return record;
}

/** A value of an attribute's type; with `holes`, parts of it may be unobserved. */
export function attributeValue(random: Random, about: FieldDefinition, holes: boolean, wild = true): Value {
  const of = about.of ?? 'string';
  const element = () =>
    typeof of === 'string' ? scalarValue(random, of, wild) : recordValue(random, of as Fields, holes, wild);
  switch (about.type) {
    case 'list':
      return Array.from({ length: random.int(4) }, () =>
        wild && holes && random.chance(8) ? hole(random) : element(),
      );
    case 'map':
      return Object.fromEntries(KEYS.filter(() => random.chance(40)).map((key) => [key, element()]));
    case 'record':
      return recordValue(random, about.fields ?? {}, holes, wild);
    default:
      return scalarValue(random, about.type, wild);
  }
}

/** What one source says of one attribute, and when. */
export interface Said {
  readonly statement: Statement;
  readonly observedAt: string;
}

export type RandomFacts = Readonly<Record<string, Said>>;

export function randomFacts(random: Random, kind: Kind, name: string, wild = random.chance(15)): RandomFacts {
  const facts: Record<string, Said> = { key: { statement: { value: name }, observedAt: FRESH } };
  for (const [attribute, about] of Object.entries(kind.attributes)) {
    if (attribute === 'key') continue;
    const observedAt = random.chance(8) ? STALE : FRESH;
    const roll = random.int(100);
    if (roll < 12) facts[attribute] = { statement: hole(random), observedAt };
    else if (about.optional && roll < 35) facts[attribute] = { statement: { absent: true }, observedAt };
    else {
      const value = reference(random, attribute, about) ?? attributeValue(random, about, true, wild);
      const partial = (about.type === 'list' || about.type === 'map') && random.chance(20);
      facts[attribute] = { statement: partial ? { value, complete: false } : { value }, observedAt };
    }
  }
  return facts;
}

/** Ids that attributes of relations hold: some of assets that nobody saw. */
function reference(random: Random, attribute: string, about: Definition): Value | null {
  const id = () => (attribute === 'thing' ? `thing/t${random.int(12)}` : `other/o${random.int(14)}`);
  if (!['home', 'peers', 'thing'].includes(attribute)) return null;
  return about.type === 'list' ? Array.from({ length: random.int(4) }, id) : id();
}

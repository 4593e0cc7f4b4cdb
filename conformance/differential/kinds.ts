/** Random kinds, and random assets of them in every state that a fact can have. */
import { type Kind, kindSchema } from '@macadam/core/kind';
import { CAUSES, type Cause, type Statement, type Value } from '@macadam/core/observation';
import type { Random } from './random.ts';

type Definition = Kind['attributes'][string];

/** When assets are judged; what is observed before `STALE` is too old for the kinds made here. */
export const NOW = '2026-11-01T12:00:00Z';
export const FRESH = '2026-10-30T00:00:00Z';
export const STALE = '2026-09-01T00:00:00Z';

const SCALARS = ['bool', 'int', 'double', 'string', 'enum(red, green, blue)', 'timestamp', 'duration'];

export function randomKind(random: Random): Kind {
  const attributes: Record<string, unknown> = {
    key: { type: 'string', immutable: true, description: 'Its natural key.' },
  };
  const count = 5 + random.int(5);
  for (let at = 0; at < count; at++) attributes[`a${at}`] = randomAttribute(random);
  return kindSchema.parse({
    kind: 'thing',
    description: 'A kind made for one round of cases.',
    key: ['key'],
    fresh_for: '7d',
    attributes,
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
  for (let at = 0; at < count; at++)
    fields[`f${at}`] = { type: random.pick(SCALARS), optional: random.chance(40) };
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

export const WORDS = { INTEGERS, DOUBLES, STRINGS, TIMES, DURATIONS, KEYS };

export function scalarValue(random: Random, type: string): Value {
  switch (type) {
    case 'bool':
      return random.chance(50);
    case 'int':
      return random.chance(60) ? random.int(5) - 1 : random.pick(INTEGERS);
    case 'double':
      return random.chance(50) ? random.int(9) / 4 - 1 : random.pick(DOUBLES);
    case 'timestamp':
      return random.pick(TIMES);
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

export function recordValue(random: Random, fields: Fields, holes: boolean): Value {
  const record: Record<string, Value> = {};
  for (const [name, field] of Object.entries(fields)) {
    if (field.optional && random.chance(30)) continue;
    record[name] = holes && random.chance(8) ? hole(random) : scalarValue(random, field.type);
  }
  return record;
}

/** A value of an attribute's type; with `holes`, parts of it may be unobserved. */
export function attributeValue(random: Random, about: Definition, holes: boolean): Value {
  const of = about.of ?? 'string';
  const element = () =>
    typeof of === 'string' ? scalarValue(random, of) : recordValue(random, of as Fields, holes);
  switch (about.type) {
    case 'list':
      return Array.from({ length: random.int(4) }, () =>
        holes && random.chance(3) ? hole(random) : element(),
      );
    case 'map':
      return Object.fromEntries(KEYS.filter(() => random.chance(40)).map((key) => [key, element()]));
    case 'record':
      return recordValue(random, about.fields ?? {}, holes);
    default:
      return scalarValue(random, about.type);
  }
}

/** What one source says of one attribute, and when. */
export interface Said {
  readonly statement: Statement;
  readonly observedAt: string;
}

export type RandomFacts = Readonly<Record<string, Said>>;

export function randomFacts(random: Random, kind: Kind, name: string): RandomFacts {
  const facts: Record<string, Said> = { key: { statement: { value: name }, observedAt: FRESH } };
  for (const [attribute, about] of Object.entries(kind.attributes)) {
    if (attribute === 'key') continue;
    const observedAt = random.chance(8) ? STALE : FRESH;
    const roll = random.int(100);
    if (roll < 12) facts[attribute] = { statement: hole(random), observedAt };
    else if (about.optional && roll < 35) facts[attribute] = { statement: { absent: true }, observedAt };
    else {
      const value = attributeValue(random, about, true);
      const partial = (about.type === 'list' || about.type === 'map') && random.chance(20);
      facts[attribute] = { statement: partial ? { value, complete: false } : { value }, observedAt };
    }
  }
  return facts;
}

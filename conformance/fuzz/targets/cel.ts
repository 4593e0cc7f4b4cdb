/**
 * Any text as an expression: parsing and checking give a value, never a throw; what reads prints so that it reads back;
 * and what a standard may say runs over hostile assets, never throws, and is of its type or unknown.
 */
import { readFileSync } from 'node:fs';
import { check } from '@macadam/core/cel/check';
import { compile, elements } from '@macadam/core/cel/compile';
import { language, SIGNATURES } from '@macadam/core/cel/language';
import { parse } from '@macadam/core/cel/parse';
import { print } from '@macadam/core/cel/print';
import { isList } from '@macadam/core/cel/runtime/equality';
import { typeNameOf } from '@macadam/core/cel/runtime/types';
import { type Data, Double, MapValue, Optional, PartialList, Unknown } from '@macadam/core/cel/runtime/value';
import {
  assetType,
  BOOL,
  DURATION,
  DYN,
  INT,
  listOf,
  STRING,
  TIMESTAMP,
  type Type,
} from '@macadam/core/cel/type';
import { boundsOf } from '@macadam/core/cel/value-size';
import { dataOf } from '@macadam/core/facts/data';
import type { Value } from '@macadam/core/facts/observation';
import { kindSchema } from '@macadam/core/kinds/kind';
import type { Target } from '../target.ts';

const about = { description: 'Whatever a stranger may write.' };
const KIND = kindSchema.parse({
  kind: 'thing',
  description: 'A thing that strangers describe.',
  key: ['serial'],
  fresh_for: '7d',
  attributes: {
    serial: { type: 'string', ...about },
    on: { type: 'bool', ...about },
    count: { type: 'int', ...about },
    part: { type: 'double', ...about },
    name: { type: 'string', optional: true, ...about },
    ends: { type: 'timestamp', optional: true, ...about },
    grace: { type: 'duration', ...about },
    tags: { type: 'list', of: 'string', ...about },
    words: { type: 'map', of: 'string', ...about },
    items: {
      type: 'list',
      of: {
        id: { type: 'string' },
        ends: { type: 'timestamp', optional: true },
        size: { type: 'int', optional: true },
      },
      ...about,
    },
  },
});
const ASSET = assetType(KIND);
const SCOPE: Readonly<Record<string, Type>> = { asset: ASSET, now: TIMESTAMP };

const hole = { unobserved: 'forbidden', why: 'no right' } as const;
const pair = { id: 'a', ends: '2026-10-01T00:00:00Z', size: 1 };
/** What sources may send: the plain, the empty, the extreme, the torn, and what is not of its type at all. */
const ASSETS: readonly (readonly [raw: Readonly<Record<string, Value>>, complete: boolean])[] = [
  [
    {
      on: true,
      count: 3,
      part: 0.5,
      name: 'a.b',
      ends: '2026-11-01T00:00:00Z',
      grace: '24h',
      tags: ['a', 'b'],
      words: { a: '10.0.0.1', b: '1.2.3' },
      items: [pair, { id: 'b' }],
    },
    true,
  ],
  [{ on: false, count: 0, part: -0, grace: '0s', tags: [], words: {}, items: [] }, true],
  [
    {
      on: true,
      count: Number.MAX_SAFE_INTEGER,
      part: 1e308,
      name: '\ud800a\udc00😀\0',
      grace: '-87600h',
      ends: '9999-12-31T23:59:59.999999999Z',
      tags: ['', '\uffff', '😀', 'a', 'a'],
      words: { constructor: 'x', __proto__: 'y', '': '' },
      items: [{ ...pair, ends: '0001-01-01T00:00:00Z' }],
    },
    false,
  ],
  [
    {
      on: hole,
      count: -Number.MAX_SAFE_INTEGER,
      part: hole,
      name: hole,
      grace: hole,
      ends: hole,
      tags: ['a', hole],
      words: { a: hole },
      items: [hole, { id: hole, ends: hole }, {}],
    },
    true,
  ],
  [
    {
      on: 'yes',
      count: 0.5,
      part: 'x',
      name: 1,
      ends: 'today',
      grace: '1',
      tags: 'a',
      words: [],
      items: [1],
    },
    true,
  ],
];

/** The asset as a row has it: each attribute by itself, a missing optional one as it is. */
function assetOf(raw: Readonly<Record<string, Value>>, complete: boolean): Data {
  const fields = Object.entries(ASSET.fields).map(([name, { type, optional }]) => {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    return [
      name,
      optional && value === undefined
        ? undefined
        : dataOf({ raw: value, type, path: `asset.${name}`, complete }),
    ];
  });
  return Object.fromEntries(fields) as Data;
}
const BINDINGS = ASSETS.map(([raw, complete]) => ({
  asset: assetOf(raw, complete),
  now: dataOf({ raw: '2026-11-01T00:00:00Z', type: TIMESTAMP, path: 'now' }),
}));

/** Whether a value is of a type, as far as is known; what stands inside lists, maps and optionals is boxed. */
function fits(value: Data, type: Type, boxed: boolean): boolean {
  if (value instanceof Unknown || type.name === 'dyn' || type.name === 'parameter') return true;
  switch (type.name) {
    case 'double':
      return boxed ? value instanceof Double : typeof value === 'number';
    case 'int':
      return typeof value === 'bigint' ? !Number.isSafeInteger(Number(value)) : Number.isSafeInteger(value);
    case 'enum':
      return typeof value === 'string';
    case 'list': {
      const items = value instanceof PartialList ? value.items : isList(value) ? value : null;
      return items?.every((item) => fits(item, type.of, true)) ?? false;
    }
    case 'map':
      return (
        value instanceof MapValue &&
        [...value.entries.values()].every(
          ([key, held]) => fits(key, type.key, true) && fits(held, type.of, true),
        )
      );
    case 'optional':
      return value instanceof Optional && (value.value === undefined || fits(value.value, type.of, true));
    default:
      return typeNameOf(value) === type.name;
  }
}

function runs(text: string, expected: Type): void {
  const compiled = compile(text, SCOPE, expected, { certain: ['now'], bounds: BOUNDS });
  if ('mistakes' in compiled) return;
  const { expression } = compiled;
  for (const bindings of BINDINGS) {
    const value = expression.run(bindings);
    if (!fits(value, expression.type, false)) {
      throw new Error(`${text} is of type ${JSON.stringify(expression.type)}, and gave ${String(value)}`);
    }
    if (expression.type.name === 'list') elements(expression, bindings);
  }
}

const ITEM: Type = ASSET.fields.items?.type.name === 'list' ? ASSET.fields.items.type.of : STRING;

/** Set by a text that is run as code. */
const ESCAPED = 'escaped_from_its_quotes';

/** Lists are as long as they are here, so that what is refused is what takes long. */
const BOUNDS = { ...boundsOf(KIND), otherwise: 10 };

/** The specification's language with everything there is; the standards' is `compile`'s own. */
const WHOLE = language('cel', [...new Set(SIGNATURES.map(({ library }) => library))]);

export const target: Target = {
  seeds() {
    const tests = readFileSync(`${import.meta.dirname}/../../../core/cel/parse.test.ts`, 'utf8');
    const quoted = [...tests.matchAll(/^ {2}\['((?:[^'\\]|\\.)*)',/gm)].map(([, text = '']) => text);
    return [
      'asset.items.all(i, has(i.ends) && i.ends < now) || asset.count + 1 == -2',
      'asset.tags.map(t, t + "x").join(",").split(",", 2)[0].upperAscii().reverse().trim() == "X"',
      'asset.?name.orValue("") == "%s %d".format([asset.tags, asset.count]) && ip("::1").isLoopback()',
      'has(asset.ends) ? now - asset.ends < asset.grace + days(3) : now.getHours("Europe/Berlin") == 1',
      'asset.words.all(k, v, k != v) && math.greatest(asset.count, 3) / 2 == int(asset.part) % 7',
      'cel.bind(x, asset.count * asset.count, x + x) > 0 || semver("1.2.3").isLessThan(semver("2.0.0"))',
      'asset.items.filter(i, i.id.matches("^a")).size() > 0 ? asset.on : "x" in ["x"]',
      ...quoted.map((text) => text.replaceAll(/\\([\\'])/g, '$1')),
    ];
  },
  words: [
    ...["'", '"', '\\', '\u2028', '`', '${', '*/'].map((out) => `${out};process.env.${ESCAPED}='yes';//`),
    '&&',
    '||',
    '?',
    ':',
    '.?',
    '[?',
    '{?',
    '.all(x,',
    'has(',
    'cel.bind(x,',
    '"""',
    '\\U0001F600',
    '//',
    ...new Set(SIGNATURES.map((row) => `${row.function}(`).filter((call) => /^[a-z]/.test(call))),
  ],
  fuzz(text) {
    delete process.env[ESCAPED];
    for (const macros of ['standard', 'all'] as const) {
      const result = parse(text, { macros });
      if ('mistake' in result) continue;
      check(result.tree, SCOPE, DYN, { language: WHOLE });
      if (macros === 'all') continue;
      const printed = print(result.tree);
      const again = parse(printed);
      if ('mistake' in again || print(again.tree) !== printed)
        throw new Error(`does not read back: ${printed}`);
    }
    for (const expected of [BOOL, INT, STRING, DURATION, listOf(STRING), listOf(ITEM)]) runs(text, expected);
    if (process.env[ESCAPED] !== undefined) throw new Error(`a text became code: ${text}`);
  },
};

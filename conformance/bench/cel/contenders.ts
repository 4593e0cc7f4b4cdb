/** The same conditions over the same assets, by each evaluator in its own best form: compiled once, data prepared once. */

import { compile } from '@macadam/core/cel/compile';
import { NOTHING_AROUND } from '@macadam/core/cel/generate';
import { timestampOfDate } from '@macadam/core/cel/runtime/time';
import { assetType, TIMESTAMP } from '@macadam/core/cel/type';
import { merge } from '@macadam/core/facts/asset';
import type { Statement, Value } from '@macadam/core/facts/observation';
import { rowsOf } from '@macadam/core/facts/row';
import { kindSchema } from '@macadam/core/kinds/kind';
import { NOW, type Pair, type Plain } from './mix.ts';

/** A condition made ready: called with what stands in `given` for an asset, and with `beside`. */
export interface Asked {
  readonly run: (given: never, beside: never) => unknown;
  readonly given: readonly unknown[];
  readonly beside: unknown;
}
export type Contender = (pair: Pair) => Asked;

const text = (description: string) => ({ type: 'string', description });
export const KIND = kindSchema.parse({
  kind: 'thing',
  description: 'What the mix is about.',
  key: ['on'],
  fresh_for: '7d',
  attributes: {
    on: { type: 'bool', description: 'Whether it is on.' },
    off: { type: 'bool', description: 'Whether it is off.' },
    n: { type: 'int', description: 'A small number.' },
    m: { type: 'int', description: 'Another number.' },
    share: { type: 'double', description: 'A part of a whole.' },
    name: text('What it is called.'),
    state: text('How far it is.'),
    seen: { type: 'timestamp', description: 'When it was seen.' },
    used: { type: 'timestamp', optional: true, description: 'When it was used.' },
    tags: { type: 'list', of: 'string', description: 'Words about it.' },
    ports: { type: 'list', of: 'int', description: 'Numbers it listens on.' },
    labels: { type: 'map', of: 'string', description: 'Words by name.' },
    owner: {
      type: 'record',
      description: 'Who answers for it.',
      fields: { team: { type: 'string' }, members: { type: 'list', of: 'string' } },
    },
    keys: {
      type: 'list',
      description: 'What opens it.',
      of: {
        id: { type: 'string' },
        strong: { type: 'bool' },
        bits: { type: 'int' },
        ends: { type: 'timestamp', optional: true },
      },
    },
  },
});

const isoOf = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString());

export function ours(assets: readonly Plain[]): Contender {
  const make = rowsOf(KIND);
  const now = timestampOfDate(new Date(NOW));
  const around = { ...NOTHING_AROUND, cutoffs: { thing: NOW - 7 * 86_400_000 } };
  const bindings = assets.map((asset) => ({ asset: make(merged(asset)), now }));
  return ({ cel }) => {
    const scope = { asset: assetType(KIND), now: TIMESTAMP };
    const compiled = compile(cel, scope, { name: 'bool' }, { certain: ['asset', 'now'] });
    if ('mistakes' in compiled) throw new Error(`${cel}: ${compiled.mistakes.map(({ reason }) => reason)}`);
    const { run } = compiled.expression;
    return { run, given: bindings, beside: around };
  };
}

function merged(asset: Plain) {
  const said = {
    ...asset,
    seen: isoOf(asset.seen),
    used: isoOf(asset.used),
    keys: asset.keys.map((key) => ({ ...key, ends: isoOf(key.ends) })),
  };
  const attributes = Object.fromEntries(
    Object.entries(said).map(([name, value]): [string, Statement] => [
      name,
      value === undefined ? { absent: true } : { value: value as Value },
    ]),
  );
  const time = new Date(NOW).toISOString();
  return merge(KIND, [
    {
      kind: 'thing',
      id: 'thing/x',
      name: 'x',
      source: 'bench',
      observedAt: time,
      receivedAt: time,
      assurance: 'configured',
      attributes,
    },
  ]);
}

export function byHand(assets: readonly Plain[]): Contender {
  return ({ js }) => {
    const run = new Function(`"use strict"; return function byHand(a, now) { return ${js}; };`)();
    return { run, given: assets, beside: NOW };
  };
}

/** Peers are installed at their first use, so the type checker must not look for them. */
const peer = (name: string): string => name;

interface CelJs {
  readonly Environment: new () => CelJsEnvironment;
}
interface CelJsEnvironment {
  registerVariable(name: string, type: string): CelJsEnvironment;
  parse(text: string): (context: unknown) => unknown;
}
interface Bufbuild {
  readonly celEnv: () => unknown;
  readonly parse: (text: string) => unknown;
  readonly plan: (environment: unknown, expression: unknown) => unknown;
}
interface Wkt {
  readonly timestampFromMs: (milliseconds: number) => unknown;
}

/** Its ints are bigints and its times dates. */
export async function celJs(assets: readonly Plain[]): Promise<Contender> {
  const { Environment }: CelJs = await import(peer('@marcbachmann/cel-js'));
  const time = (value: number | undefined) => (value === undefined ? undefined : new Date(value));
  const contexts = assets.map((asset) => ({ asset: plain(asset, time), now: new Date(NOW) }));
  const environment = new Environment()
    .registerVariable('asset', 'map')
    .registerVariable('now', 'google.protobuf.Timestamp');
  return ({ cel }) => {
    const run = environment.parse(cel);
    return { run, given: contexts, beside: undefined };
  };
}

/** Its ints are bigints and its times messages. */
export async function bufbuild(assets: readonly Plain[]): Promise<Contender> {
  const { celEnv, parse, plan }: Bufbuild = await import(peer('@bufbuild/cel'));
  const { timestampFromMs }: Wkt = await import(peer('@bufbuild/protobuf/wkt'));
  const time = (value: number | undefined) => (value === undefined ? undefined : timestampFromMs(value));
  const contexts = assets.map((asset) => ({ asset: asMap(plain(asset, time)), now: time(NOW) }));
  const environment = celEnv();
  return ({ cel }) => {
    const run = plan(environment, parse(cel)) as (context: unknown) => unknown;
    return { run, given: contexts, beside: undefined };
  };
}

function plain(asset: Plain, time: (value: number | undefined) => unknown): Record<string, unknown> {
  const held = {
    ...asset,
    n: BigInt(asset.n),
    m: BigInt(asset.m),
    ports: asset.ports.map(BigInt),
    seen: time(asset.seen),
    used: time(asset.used),
    keys: asset.keys.map((key) => present({ ...key, bits: BigInt(key.bits), ends: time(key.ends) })),
  };
  return present(held);
}

const present = (record: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

/** Its maps are `Map`s; its messages stay as they are. */
function asMap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asMap);
  if (typeof value !== 'object' || value === null || '$typeName' in value) return value;
  return new Map(Object.entries(value).map(([key, held]) => [key, asMap(held)]));
}

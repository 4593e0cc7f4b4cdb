/** The generated closures beside JavaScript by hand and two other CEL evaluators, and a gate's time for one asset. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleSchema } from '@macadam/adapters/catalogue/example';
import { loadCatalogue } from '@macadam/adapters/catalogue/load';
import { merge } from '@macadam/core/asset';
import { readDocument } from '@macadam/core/document';
import { judgeOf, rowOf } from '@macadam/core/evaluate';
import type { Statement, Value } from '@macadam/core/observation';
import { ensureInstalled } from '../install.ts';
import { type Ask, bufbuild, byHand, type Contender, celJs, ours } from './cel/contenders.ts';
import { assets, MIX } from './cel/mix.ts';
import { type Row, row } from './row.ts';

const ASSETS = 64;
/** Nanoseconds that each expression is measured for, after as long to warm up. */
const SLICE = 4_000_000n;

/** Nanoseconds for one answer, summed over the mix; every answer is compared with those given. */
function cost(contender: Contender, answers: readonly (readonly unknown[])[]): number {
  return MIX.map((pair, index) => {
    const ask = contender(pair);
    for (const [asset, expected] of (answers[index] ?? []).entries()) {
      const given = ask(asset);
      if (given !== expected)
        throw new Error(`${pair.cel} on asset ${asset}: ${given} instead of ${expected}`);
    }
    rounds(ask);
    return rounds(ask);
  }).reduce((sum, one) => sum + one, 0);
}

/** The least time of several, so that what else the machine does counts little. */
function rounds(ask: Ask): number {
  let least = Number.POSITIVE_INFINITY;
  let count = 8;
  for (const end = process.hrtime.bigint() + SLICE; ; ) {
    const started = process.hrtime.bigint();
    for (let round = 0; round < count; round++) for (let asset = 0; asset < ASSETS; asset++) ask(asset);
    const spent = Number(process.hrtime.bigint() - started);
    least = Math.min(least, spent / (count * ASSETS));
    if (process.hrtime.bigint() > end) return least;
    if (spent < 200_000) count *= 2;
  }
}

async function mix(): Promise<Row[]> {
  const all = assets(ASSETS);
  const hand = byHand(all);
  const answers = MIX.map((pair) => {
    const ask = hand(pair);
    return all.map((_, asset) => Boolean(ask(asset)));
  });
  const yes = answers.flat().filter(Boolean).length / answers.flat().length;
  const asBoolean: Contender = (pair) => {
    const ask = hand(pair);
    return (asset) => Boolean(ask(asset));
  };
  const perSecond = (nanoseconds: number) => (MIX.length * 1e9) / nanoseconds;
  const own = perSecond(cost(ours(all), answers));
  const compared = (id: string, peerName: string, peer: number, atLeast: number): Row =>
    row({
      id,
      what: `${MIX.length} conditions over ${ASSETS} prepared assets (${Math.round(yes * 100)} % true), every answer compared first: answers a second, each condition as often`,
      unit: 'answers/s',
      ours: own,
      peer,
      peerName,
      goal: { of: 'ratio', atLeast },
    });
  return [
    compared('cel-closures-hand', 'JavaScript written by hand', perSecond(cost(asBoolean, answers)), 0.5),
    compared('cel-closures-cel-js', '@marcbachmann/cel-js', perSecond(cost(await celJs(all), answers)), 20),
    compared('cel-closures-bufbuild', '@bufbuild/cel', perSecond(cost(await bufbuild(all), answers)), 200),
  ];
}

/** Every standard of the catalogue over the assets of its examples that state what was observed. */
function gate(): Row {
  const root = join(import.meta.dirname, '../..');
  const { standards } = loadCatalogue([root]);
  const questions = standards.flatMap(({ folder, compiled }) =>
    globSync('examples/*.yaml', { cwd: folder }).flatMap((file) => {
      const path = join(folder, file);
      const document = readDocument(readFileSync(path, 'utf8'), path, exampleSchema);
      if ('mistakes' in document || !document.value.attributes) return [];
      const now = new Date(document.value.now);
      const statements = Object.entries(document.value.attributes).map(([name, given]) => [
        name,
        stated(given),
      ]);
      const time = now.toISOString();
      const asset = merge(compiled.kind, [
        {
          ...{ kind: compiled.kind.kind, id: 'x', name: 'x', source: 'bench' },
          ...{ observedAt: time, receivedAt: time, assurance: 'configured' },
          attributes: Object.fromEntries(statements),
        },
      ]);
      const judge = judgeOf(compiled, { asOf: now, real: now });
      return [{ decide: judge.decide, row: rowOf(compiled.kind, asset) }];
    }),
  );
  const times = new Float64Array(400 * questions.length);
  let at = 0;
  for (let round = 0; round < 800; round++) {
    for (const { decide, row: asset } of questions) {
      const started = process.hrtime.bigint();
      decide(asset);
      const spent = Number(process.hrtime.bigint() - started);
      if (round >= 400) times[at++] = spent;
    }
  }
  times.sort();
  return row({
    id: 'cel-closures-gate',
    what: `one standard on one prepared asset, decided in process: p99 of ${times.length} decisions, ${questions.length} pairs of the catalogue's own in turn, the clock's own time with it`,
    unit: 'µs',
    ours: (times[Math.floor(times.length * 0.99)] ?? 0) / 1000,
    peer: 2,
    peerName: 'the bound itself',
    goal: { of: 'ours', atMost: 2 },
  });
}

function stated(given: unknown): Statement {
  const known = typeof given === 'object' && given !== null && !Array.isArray(given);
  if (known && ('unobserved' in given || 'absent' in given || 'value' in given)) return given as Statement;
  return { value: given as Value };
}

export async function bench(): Promise<readonly Row[]> {
  ensureInstalled(join(import.meta.dirname, '..'));
  return [...(await mix()), gate()];
}

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
import { bufbuild, byHand, type Contender, celJs, ours } from './cel/contenders.ts';
import { assets, MIX } from './cel/mix.ts';
import { type Row, row } from './row.ts';

const ASSETS = 64;
/** Nanoseconds of one slice of measuring. */
const SLICE = 4_000_000n;

let loops = 0;

/** Nanoseconds for one answer, summed over the mix; every answer is compared with those given. */
function cost(contender: Contender, answers: readonly (readonly unknown[])[]): number {
  return MIX.map((pair, index) => {
    const { run, given, beside } = contender(pair);
    for (const [asset, expected] of (answers[index] ?? []).entries()) {
      const answer = Boolean(run(given[asset] as never, beside as never));
      if (answer !== expected) throw new Error(`${pair.cel} on asset ${asset}: ${answer}, not ${expected}`);
    }
    // A loop of its own for each, so that none pays for what another has taught the engine about it; a text that
    // stood there before would be the same loop.
    const loop = new Function(
      'run, given, beside, count',
      `let yes = 0; // ${++loops}
      for (let round = 0; round < count; round++)
        for (let at = 0; at < given.length; at++) if (run(given[at], beside) === true) yes++;
      return yes;`,
    );
    return settled((count) => loop(run, given, beside, count));
  }).reduce((sum, one) => sum + one, 0);
}

/** The least nanoseconds for one answer, once six slices in a row have found no better: by then it is compiled. */
function settled(loop: (count: number) => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  let count = 8;
  for (let idle = 0, slice = 0; idle < 6 && slice < 60; slice++) {
    const before = least;
    for (const end = process.hrtime.bigint() + SLICE; process.hrtime.bigint() < end; ) {
      const started = process.hrtime.bigint();
      loop(count);
      const spent = Number(process.hrtime.bigint() - started);
      least = Math.min(least, spent / (count * ASSETS));
      if (spent < 200_000) count *= 2;
    }
    idle = least < before * 0.98 ? 0 : idle + 1;
  }
  return least;
}

async function mix(): Promise<Row[]> {
  const all = assets(ASSETS);
  const hand = byHand(all);
  const answers = MIX.map((pair) => {
    const { run, given, beside } = hand(pair);
    return given.map((one) => Boolean(run(one as never, beside as never)));
  });
  const yes = answers.flat().filter(Boolean).length / answers.flat().length;
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
    compared('cel-closures-hand', 'JavaScript written by hand', perSecond(cost(hand, answers)), 0.5),
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

/** The generated closures beside JavaScript by hand and two other CEL evaluators, and a gate's time for one asset. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { merge } from '@macadam/core/facts/asset';
import type { Observation, Statement, Value } from '@macadam/core/facts/observation';
import { readDocument } from '@macadam/core/text/document';
import { judgeOf, rowOf } from '@macadam/core/verdicts/evaluate';
import { exampleSchema } from '@macadam/services/catalogue/example';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { ensureInstalled } from '../install.ts';
import { bufbuild, byHand, type Contender, celJs, ours } from './cel/contenders.ts';
import { assets, MIX } from './cel/mix.ts';
import { FULL, type Row, row, type Size } from './row.ts';

const ASSETS = 64;
/** Nanoseconds of one slice of measuring, and how many there may be. */
let slice = 4_000_000n;
let slices = 60;

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
  for (let idle = 0, round = 0; idle < 6 && round < slices; round++) {
    const before = least;
    for (const end = process.hrtime.bigint() + slice; process.hrtime.bigint() < end; ) {
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
function gate(rounds: number): Row[] {
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
      const observation: Observation = {
        kind: compiled.kind.kind,
        id: 'x',
        name: 'x',
        source: 'bench',
        observedAt: time,
        receivedAt: time,
        assurance: 'configured',
        attributes: Object.fromEntries(statements),
      };
      const { decide } = judgeOf(compiled, { asOf: now, real: now });
      const prepared = rowOf(compiled.kind, merge(compiled.kind, [observation]));
      const text = JSON.stringify(observation);
      const fromText = () =>
        decide(rowOf(compiled.kind, merge(compiled.kind, [JSON.parse(text) as Observation])));
      return [{ decide: () => decide(prepared), fromText }];
    }),
  );
  const p99 = (asked: readonly (() => unknown)[]): number => {
    const times = new Float64Array(rounds * asked.length);
    let at = 0;
    for (let round = 0; round < 2 * rounds; round++) {
      for (const ask of asked) {
        const started = process.hrtime.bigint();
        ask();
        const spent = Number(process.hrtime.bigint() - started);
        if (round >= rounds) times[at++] = spent;
      }
    }
    times.sort();
    return (times[Math.floor(times.length * 0.99)] ?? 0) / 1000;
  };
  const decided = p99(questions.map(({ decide }) => decide));
  const read = p99(questions.map(({ fromText }) => fromText));
  const turns = `${rounds} rounds over ${questions.length} pairs of the catalogue's own, the clock's own time with it`;
  return [
    row({
      id: 'cel-closures-gate',
      what: `one standard on one prepared asset, decided in process: p99 of ${turns}`,
      unit: 'µs',
      ours: decided,
      peer: 2,
      peerName: 'the bound itself',
      goal: { of: 'ours', atMost: 2 },
    }),
    row({
      id: 'gate-from-json',
      what: `the same from an observation's JSON: read, merged, prepared and decided: p99 of ${turns}`,
      unit: 'µs',
      ours: read,
      peer: decided,
      peerName: 'the prepared asset',
      goal: { of: 'ours', atMost: 1000 },
    }),
  ];
}

function stated(given: unknown): Statement {
  const known = typeof given === 'object' && given !== null && !Array.isArray(given);
  if (known && ('unobserved' in given || 'absent' in given || 'value' in given)) return given as Statement;
  return { value: given as Value };
}

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  ensureInstalled(join(import.meta.dirname, '..'));
  if (quick) {
    slice = 20_000n;
    slices = 1;
  }
  // Before the mix: a gate runs in a process that has not just run four evaluators over the same functions.
  const asked = gate(quick ? 2 : 400);
  return [...(await mix()), ...asked];
}

/**
 * The plan: of each flow the first call fails, then the second, and so on until none is left to fail; each in every way in which such a call
 * fails. After each failure what was refused is asked again, as whoever saw it would, and then all of it is there once, with its entries.
 */
import assert from 'node:assert/strict';
import { randomOf } from '../fuzz-api/value.ts';
import { arm, callsMade, disarm, type Fault, hasStruck, type Place, WAYS, type Way } from './drivers.ts';
import { FLOWS, type Flow, type Outcome, type Step } from './flows.ts';
import { unmatched } from './ledger.ts';
import { openScene, type Scene } from './scene.ts';

export interface PlanOptions {
  readonly seed: number;
  /** Of so many faults one is tried, which by chance; 1: all. */
  readonly every?: number;
  /** Only flows whose name holds one of these. */
  readonly flows?: readonly string[];
  /** Only faults at these. */
  readonly places?: readonly string[];
  /** Only calls that fail so. */
  readonly ways?: readonly string[];
  /** The decisions lie on a PostgreSQL server over TCP. */
  readonly byAddress?: boolean;
  readonly progress?: (line: string) => void;
}

/** What was tried of one sort of calls of a flow, in one way in which they fail. */
export interface Tried {
  readonly flow: string;
  readonly place: Place;
  readonly way: Way;
  /** How many calls of the flow can fail so. */
  readonly calls: number;
  readonly faults: number;
  readonly violations: number;
}

export interface PlanResult {
  readonly faults: number;
  readonly tried: readonly Tried[];
  /** A sentence for each that was not as it should be, with the fault that showed it. */
  readonly violations: readonly string[];
}

/** More than any flow has: then it never ends. */
const MOST_CALLS = 5000;
/** Of calls that another flow tries one by one. */
const FIRST_CALLS = 12;
const TRIES = 6;

export async function runPlan({
  seed,
  every = 1,
  flows,
  places,
  ways,
  byAddress,
  progress,
}: PlanOptions): Promise<PlanResult> {
  const random = randomOf(seed);
  const scene = await openScene(byAddress);
  const violations: string[] = [];
  const tried: Tried[] = [];
  let number = 0;
  try {
    const chosen = FLOWS.filter(({ name }) => flows?.some((part) => name.includes(part)) ?? true);
    for (const flow of chosen)
      for (const place of flow.places.filter((one) => places?.includes(one) ?? true))
        for (const way of WAYS[place].filter((one) => ways?.includes(one) ?? true)) {
          const apart = every === 1 ? 1 : every * (flow.cost ?? 1);
          const rare = flow.triedElsewhere?.[place] ?? 1;
          const step = (at: number) => {
            const most = at < FIRST_CALLS ? apart : Math.max(apart, rare);
            // By chance, except where each is tried.
            return every === 1 ? most : 1 + Math.floor(random() * (2 * most - 1));
          };
          const found = violations.length;
          let [nth, faults, last] = [step(0), 0, 0];
          for (; nth < MOST_CALLS; nth += step(nth)) {
            const fault = { place, way, nth };
            number += 1;
            const before = violations.length;
            const struck = await oneRound({ scene, flow, fault, number, violations });
            // A plan takes hours: what it finds is said at once.
            for (const violation of violations.slice(before)) progress?.(`✗ ${violation}`);
            if (struck === null) break;
            faults += 1;
            last = nth;
          }
          if (nth >= MOST_CALLS) violations.push(`${flow.name}: ${place}: more than ${MOST_CALLS} calls`);
          // Two rounds of a flow may make a call more or less.
          const calls = Math.max(callsMade(), last);
          tried.push({
            flow: flow.name,
            place,
            way,
            calls,
            faults,
            violations: violations.length - found,
          });
          progress?.(`${flow.name}: ${place}, ${way}: ${calls} calls, ${faults} tried`);
        }
    await scene.verifyLog().catch((error: Error) => violations.push(error.message));
    const faults = tried.reduce((sum, one) => sum + one.faults, 0);
    return { faults, tried, violations: [...new Set(violations)] };
  } finally {
    await scene.close();
  }
}

interface RoundAsked {
  readonly scene: Scene;
  readonly flow: Flow;
  readonly fault: Fault;
  readonly number: number;
  readonly violations: string[];
}

/** Null where the flow ended before there were so many calls. */
async function oneRound({ scene, flow, fault, number, violations }: RoundAsked): Promise<string | null> {
  const { steps, settle, check, refused } = await flow.round(scene, number);
  const at = (struck: string | null) =>
    `${flow.name}, ${placeSaid(fault.place)} ${fault.nth} ${fault.way} (${struck?.replaceAll(/\s+/g, ' ').slice(0, 90)})`;
  arm(fault);
  let struck: string | null = null;
  let done = false;
  try {
    for (const step of steps) {
      const { first, last } = await takenUntilDone(step, refused ? 0 : TRIES);
      if (first && !first.done && !first.honest)
        violations.push(`${at(disarmedNot())}: ${step.name} answered ${first.said.slice(0, 300)}`);
      done = last.done;
      // Where it is not asked again, only a fault excuses that it is not done.
      assert.ok(
        done || (refused && hasStruck()),
        `${step.name} is never done: ${last.done ? '' : last.said}`,
      );
    }
    struck = disarm();
    await settle?.();
    await (done ? check() : refused?.());
    const strays = await unmatched(scene);
    for (const stray of strays) violations.push(`${at(struck)}: ${stray}`);
  } catch (error) {
    struck = disarm();
    violations.push(`${at(struck)}: ${(error as Error).message.slice(0, 600)}`);
  }
  return struck;
}

const placeSaid = (place: Place) => (place === 'file' ? 'write' : place);

/** How a call fails, in words. */
const SAID: Readonly<Record<Place, Readonly<Partial<Record<Way, string>>>>> = {
  query: {
    lost: 'the connection dies before it',
    unanswered: 'it is done, and nobody hears of it',
    full: 'no room on the disk, no memory, by turns',
  },
  engine: {
    full: 'no room on the disk, no memory, by turns',
    unanswered: 'its answer cannot be read',
  },
  file: { full: 'no room on the disk', broken: 'the disk fails' },
  message: { lost: 'the connection dies before it', unanswered: 'it arrives, and the answer does not' },
};

/** What a plan tried, as a table of Markdown: one row for each flow, sort of call and way to fail. */
export function tableOf(tried: readonly Tried[]): string {
  const cells = [
    ['flow', 'what fails', 'how', 'calls', 'tried', 'violations'],
    ...tried.map(({ flow, place, way, calls, faults, violations }) => [
      flow,
      placeSaid(place),
      SAID[place][way] ?? way,
      String(calls),
      String(faults),
      String(violations),
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (at < 3 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const [head = [], ...rows] = cells;
  const rule = `| ${widths.map((width, at) => (at < 3 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
/** What was struck is known when the round ends; the step that saw it says what it was. */
const disarmedNot = () => '…';

/** What was said at first, where that was not that it is done; and at last. */
async function takenUntilDone(
  step: Step,
  tries: number,
): Promise<{ readonly first: Outcome | null; readonly last: Outcome }> {
  let first: Outcome | null = null;
  for (let again = 0; ; again += 1) {
    const outcome = await step.take();
    if (outcome.done || again >= tries) return { first, last: outcome };
    first ??= outcome;
  }
}

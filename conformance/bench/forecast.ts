/**
 * The forecast held against what then happened, in made-up standards whose pace has shocks that it was never told of: weeks
 * in which nearly nothing is fixed, bursts of new failures, a drift. Its 85 % day has to cover 75 to 95 of 100 outcomes.
 */
import { forecast, type ObservedStep } from '@macadam/core/figures/forecast';
import { seeded } from '@macadam/core/figures/seeded';
import { type BenchModule, FULL, row } from './row.ts';

interface Company {
  pass: number;
  fail: number;
  readonly pace: number;
  readonly inflow: number;
  readonly burst: number;
  drift: number;
  frozen: number;
}

function company(random: () => number): Company {
  const scope = 50 + Math.floor(random() * 3000);
  const fail = Math.floor(scope * (0.2 + 0.6 * random()));
  return {
    pass: scope - fail,
    fail,
    pace: 0.01 + 0.06 * random(),
    inflow: 0.0005 + 0.004 * random(),
    burst: random() < 0.5 ? 0.02 : 0.06,
    drift: 1,
    frozen: 0,
  };
}

/** One week of it; the step as a history would have counted it. */
function week(of: Company, random: () => number): ObservedStep {
  if (of.frozen === 0 && random() < 0.02) of.frozen = 2 + Math.floor(random() * 4);
  const slow = of.frozen > 0 ? 0.1 : 1;
  of.frozen = Math.max(0, of.frozen - 1);
  of.drift *= 1 + (random() - 0.5) * 0.08;
  const chance = Math.min(1, slow * of.pace * of.drift * (0.4 + 1.2 * random()));
  let ended = 0;
  for (let at = 0; at < of.fail; at++) if (random() < chance) ended += 1;
  const scope = of.pass + of.fail;
  let began = Math.floor(scope * of.inflow * 2 * random());
  if (random() < 0.02) began += Math.floor(scope * of.burst * random());
  const step = { pass: of.pass, fail: of.fail, unknown: 0, ended, began, passing: 0 };
  of.pass += ended;
  of.fail += began - ended;
  return step;
}

const TARGET = 0.9;

/** Whether the cautious day held; null where there was no forecast with dates. */
function outcome(seed: number): boolean | null {
  const random = seeded(seed);
  const of = company(random);
  const steps: ObservedStep[] = [];
  for (let count = 8 + Math.floor(random() * 20); count > 0; count--) steps.push(week(of, random));
  const now = { pass: of.pass, fail: of.fail, unknown: 0 };
  const made = forecast({ steps, now, target: TARGET, random: seeded(seed + 1_000_000) });
  if (made.kind !== 'expected') return null;
  for (let weeks = 0; weeks <= 400; weeks++) {
    if (of.pass >= TARGET * (of.pass + of.fail)) return made.cautious === null || weeks <= made.cautious;
    week(of, random);
  }
  return false;
}

export const bench: BenchModule['bench'] = async ({ quick } = FULL) => {
  const held: boolean[] = [];
  for (let seed = 1; seed <= (quick ? 20 : 1500); seed++) {
    const one = outcome(seed);
    if (one !== null) held.push(one);
  }
  const covered = (100 * held.filter(Boolean).length) / Math.max(1, held.length);
  return [
    row({
      id: 'forecast-coverage',
      what: `outcomes at or before the 85 % day, of ${held.length} made-up standards with shocks`,
      unit: '%',
      ours: covered,
      peer: 85,
      peerName: 'what it says of itself',
      goal: { of: 'ours', atLeast: 75, atMost: 95 },
    }),
  ];
};

/**
 * What is excepted when, and what changes hands: drawn before anything is played, of assets that fail to the end, so that
 * the history can say the same. Pure.
 */
import type { Moment } from '@macadam/adapters/facts/history/record';
import { type Calendar, DAY } from '../calendar.ts';
import type { Lasting } from './overlay.ts';
import { dice } from './people.ts';

export interface PlannedException {
  readonly id: string;
  readonly standard: string;
  readonly team: string;
  readonly division: string;
  readonly assets: readonly Lasting[];
  readonly reason: string;
  readonly compensating: string;
  /** Number of the pass before which it is asked for. */
  readonly asked: number;
  /** Number of the pass before which it is answered; null: nobody has. */
  readonly answered: number | null;
  readonly approved: boolean;
  readonly until: string;
  /** Number of the pass before which somebody ends it. */
  readonly ended: number | null;
  readonly renews: string | null;
}

/** How a request fares: when it is asked for and until when it holds, as shares of the history; beyond it in days. */
interface Fate {
  readonly asked: number;
  readonly until: number | { readonly days: number };
  readonly answer: 'approved' | 'refused' | 'waiting';
  readonly ended?: number;
  readonly renewed?: { readonly days: number };
}

const FATES: readonly Fate[] = [
  { asked: 0.35, until: 0.7, answer: 'approved' },
  { asked: 0.75, until: { days: 4 }, answer: 'approved' },
  { asked: 0.3, until: 0.65, answer: 'approved', renewed: { days: 80 } },
  { asked: 0.95, until: { days: 60 }, answer: 'waiting' },
  { asked: 0.4, until: { days: 20 }, answer: 'approved', ended: 0.8 },
  { asked: 0.7, until: { days: 75 }, answer: 'approved' },
  { asked: 0.6, until: { days: 30 }, answer: 'refused' },
];

const WHY = [
  [
    'The product ends this year, and nothing new is built on it.',
    'It is reached from inside its segment alone.',
  ],
  [
    'The vendor has announced a release that can do it.',
    'Every use is logged, and the log is looked at daily.',
  ],
  ['The customer changes the interface with the next contract.', 'Access is limited to two named addresses.'],
] as const;

const STANDARDS = 14;
const EACH = 4;
const ASSETS = 8;

export interface PlanOptions {
  readonly calendar: Calendar;
  /** Of every pass. */
  readonly passes: readonly Moment[];
  readonly lasting: readonly Lasting[];
  readonly divisionOf: (team: string) => string;
}

export function plannedExceptions({
  calendar,
  passes,
  lasting,
  divisionOf,
}: PlanOptions): PlannedException[] {
  const byStandard = Map.groupBy(lasting, ({ standard }) => standard);
  const standards = drawn([...byStandard.keys()], STANDARDS, (id) =>
    dice(calendar, `excepts ${id}`, 1 << 30),
  );
  const turns = [...FATES];
  let count = 0;
  return standards.flatMap((standard) => {
    const byTeam = Map.groupBy(byStandard.get(standard) ?? [], ({ team }) => team);
    const teams = drawn(
      [...byTeam.keys()].filter((team) => divisionOf(team) !== ''),
      EACH,
      (team) => dice(calendar, `excepts ${standard} ${team}`, 1 << 30),
    );
    return teams.flatMap((team): PlannedException[] => {
      for (const [index, fate] of turns.entries()) {
        const made = requests(fate, count + 1, { standard, team, assets: byTeam.get(team) ?? [] });
        // What does not fail early enough for one has the next; whoever had its turn goes to the end.
        if (made.length === 0) continue;
        turns.push(...turns.splice(index, 1));
        count += 1;
        return made;
      }
      return [];
    });
  });

  function requests(
    fate: Fate,
    number: number,
    { standard, team, assets }: { standard: string; team: string; assets: readonly Lasting[] },
  ): PlannedException[] {
    const at = (share: number) => Math.round(share * (passes.length - 1));
    const asked = at(fate.asked);
    const moment = passes[asked];
    if (!moment) return [];
    const failing = assets.filter(({ last }) => last * 1000 < moment.valid.getTime()).slice(0, ASSETS);
    if (failing.length === 0) return [];
    const [reason, compensating] = WHY[number % WHY.length] ?? WHY[0];
    const untilOf = (end: Fate['until']) =>
      // Over before the pass: the instant of its end is the midnight after its last day.
      typeof end === 'number'
        ? dayOf(passes[Math.max(asked + 1, at(end))] ?? moment, -1)
        : dayOf(passes.at(-1) ?? moment, end.days);
    const first: PlannedException = {
      id: `SIM-${String(number).padStart(3, '0')}`,
      standard,
      team,
      division: divisionOf(team),
      assets: failing,
      reason,
      compensating,
      asked,
      until: untilOf(fate.until),
      renews: null,
      answered: fate.answer === 'waiting' ? null : asked,
      approved: fate.answer === 'approved',
      ended: fate.ended === undefined ? null : Math.max(asked + 1, at(fate.ended)),
    };
    if (!fate.renewed || typeof fate.until !== 'number') return [first];
    // Before the first one ends.
    const renewing = Math.max(asked + 1, at(fate.until)) - 1;
    const again = { asked: renewing, answered: renewing, until: untilOf(fate.renewed), renews: first.id };
    return renewing > asked ? [first, { ...first, ...again, id: `${first.id}-renewed` }] : [first];
  }
}

const dayOf = ({ valid }: Moment, days: number) =>
  new Date(valid.getTime() + days * DAY).toISOString().slice(0, 10);

/** Some of a list, the same ones whoever asks, in order of what was drawn. */
export function drawn<T>(all: readonly T[], most: number, number: (one: T) => number): readonly T[] {
  return all
    .map((one) => ({ one, at: number(one) }))
    .sort((a, b) => a.at - b.at)
    .slice(0, most)
    .map(({ one }) => one);
}

/** From which tick on history shows assets as excepted, and at which they fail again: two that follow each other are one. */
export function spansOf(
  planned: readonly PlannedException[],
  passes: readonly Moment[],
  ticks: readonly Moment[],
): readonly { readonly assets: readonly Lasting[]; readonly from: Moment; readonly to: Moment | null }[] {
  const followed = new Set(planned.flatMap(({ renews }) => renews ?? []));
  const byId = new Map(planned.map((one) => [one.id, one]));
  return planned
    .filter(({ approved, id }) => approved && !followed.has(id))
    .flatMap((one) => {
      const first = (one.renews === null ? one : byId.get(one.renews)) ?? one;
      const from = first.answered === null ? undefined : passes[first.answered];
      if (!from) return [];
      const over = Date.parse(`${one.until}T00:00:00Z`) + DAY;
      const by = one.ended === null ? undefined : passes[one.ended];
      const to = by ?? ticks.find(({ valid }) => valid.getTime() >= over) ?? null;
      return [{ assets: one.assets, from, to }];
    });
}

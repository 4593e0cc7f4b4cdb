/** After a tick: passes over every standard that it touched, and at start over what was written and not taken in. */

import type { DecisionPrincipal, Decisions } from '@macadam/adapters/decisions/port';
import type { History } from '@macadam/adapters/facts/history/open';
import type { Ticked } from '@macadam/adapters/facts/history/tick';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { everAsked } from '@macadam/core/verdicts/rollout';
import type { WorkEvent } from '@macadam/core/work/reconcile';
import type { SeenEvidence } from './evidence.ts';
import { type Passed, type PassOptions, pass, type Sight, subjectOfStandard } from './pass.ts';
import { type Seeing, sightAt, sightsOf } from './visibility.ts';

export interface WorkOptions extends Omit<PassOptions, 'standard' | 'sight' | 'rollout'> {
  readonly decisions: Decisions;
  readonly history: Pick<History, 'changesAt' | 'everFailed' | 'ticks'>;
  readonly evidence: SeenEvidence;
  readonly standards: readonly CompiledStandard[];
  /** Only in a simulated store: the time at which it happens. */
  readonly at?: Date;
}

/** The principal that opens and closes batches. */
export const RECONCILE: DecisionPrincipal = { id: 'reconcile', divisions: 'all' };

/** What came of each standard; whoever throws leaves the others done, and may be asked again. */
export type Worked = ReadonlyMap<string, Passed>;

/** Takes a tick in that was just written. */
export async function workOfTick(ticked: Ticked, options: WorkOptions): Promise<Worked> {
  const seeing = seeingOf(options);
  const all = await standardsOf(options, ticked.changed);
  return each(all, options, (standard) => sightsOf(ticked, standard, seeing));
}

/** Takes in whatever tick was written and not taken in, and lets time have its way: at start, and now and then. */
export async function catchUp(options: WorkOptions): Promise<Worked> {
  const seeing = seeingOf(options);
  const newest = (await options.history.ticks()).at(-1);
  const all = await standardsOf(options, []);
  return each(all, options, (standard) => (newest ? sightAt(newest, standard, seeing) : null));
}

const seeingOf = ({ history, evidence, standards }: WorkOptions): Seeing => ({
  history,
  evidence,
  standards: new Map(standards.map((one) => [one.definition.id, one])),
});

/** Those in force, and those of which there is work although they are not. */
async function standardsOf(
  { decisions, standards, at }: WorkOptions,
  touched: readonly string[],
): Promise<readonly string[]> {
  const passes = await decisions.transaction(RECONCILE, (tx) => tx.failing.passes(), {
    readOnly: true,
    ...(at && { at }),
  });
  const prefix = subjectOfStandard('');
  const known = passes.flatMap(({ subject }) =>
    subject.startsWith(prefix) ? [subject.slice(prefix.length)] : [],
  );
  return [...new Set([...standards.map(({ definition }) => definition.id), ...touched, ...known])].sort();
}

async function each(
  all: readonly string[],
  { decisions, history: _, evidence: __, standards, at, ...options }: WorkOptions,
  sightOf: (standard: string) => Sight | null,
): Promise<Worked> {
  const compiled = new Map(standards.map((one) => [one.definition.id, one.definition]));
  const worked = new Map<string, Passed>();
  for (const id of all) {
    const definition = compiled.get(id);
    const standard = {
      id,
      severity: definition?.severity ?? 'low',
      // While a standard is a draft or only observed, nobody has to do anything yet.
      opens: definition !== undefined && everAsked(definition.rollout),
    };
    const rollout = definition && { rollout: definition.rollout };
    const body = (tx: Parameters<typeof pass>[0]) =>
      pass(tx, { ...options, ...rollout, standard, sight: sightOf(id) });
    worked.set(id, await decisions.transaction(RECONCILE, body, at ? { at } : {}));
  }
  return worked;
}

/** Rollout states in which somebody has to do something. */
export const OPENING: ReadonlySet<string> = new Set(['warn', 'enforce']);

/** Everything that was opened, left or closed, in order of standard. */
export const eventsOf = (worked: Worked): readonly WorkEvent[] =>
  [...worked.values()].flatMap(({ events }) => events);

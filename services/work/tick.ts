/** After a tick: passes over every standard that it touched, and at start over what was written and not taken in. */

import type { DecisionPrincipal, Decisions } from '@macadam/adapters/decisions/port';
import type { History } from '@macadam/adapters/facts/history/open';
import type { Moment } from '@macadam/adapters/facts/history/record';
import type { Ticked } from '@macadam/adapters/facts/history/tick';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { everAsked } from '@macadam/core/verdicts/rollout';
import type { WorkEvent } from '@macadam/core/work/reconcile';
import type { SeenEvidence } from './evidence.ts';
import { idleStandards } from './idle.ts';
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

/** A standard, and how far its passes have come. */
interface Passing {
  readonly id: string;
  /** While it is a draft or only observed, nobody has to do anything yet. */
  readonly opens: boolean;
  /** Time of the tick that was taken in last, in milliseconds; null: none was. */
  readonly taken: number | null;
}

/** Takes a tick in that was just written. */
export async function workOfTick(ticked: Ticked, options: WorkOptions): Promise<Worked> {
  const { moment, previous, changed, late } = ticked;
  const seeing = seeingOf(options);
  const all = await standardsOf(options, changed);
  // Where something was learned late the past is otherwise, and whoever took in the tick before knows nothing of that.
  const quiet = all.filter(
    ({ id, taken }) => late === 0 && !changed.includes(id) && taken === previous?.valid.getTime(),
  );
  const idle = await idleOf(quiet, options, moment);
  return each(all, options, (standard) => (idle.has(standard) ? 'idle' : sightsOf(ticked, standard, seeing)));
}

/** Takes in whatever tick was written and not taken in, and lets time have its way: at start, and now and then. */
export async function catchUp(options: WorkOptions): Promise<Worked> {
  const seeing = seeingOf(options);
  const newest = (await options.history.ticks()).at(-1);
  const all = await standardsOf(options, []);
  if (!newest) return each(all, options, () => null);
  const quiet = all.filter(({ taken }) => taken === newest.valid.getTime());
  const idle = await idleOf(quiet, options, newest);
  return each(all, options, (standard) => (idle.has(standard) ? 'idle' : sightAt(newest, standard, seeing)));
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
): Promise<readonly Passing[]> {
  const passes = await decisions.transaction(RECONCILE, (tx) => tx.failing.passes(), {
    readOnly: true,
    at,
  });
  const prefix = subjectOfStandard('');
  const taken = new Map(
    passes.flatMap(({ subject, valid }) =>
      subject.startsWith(prefix) ? [[subject.slice(prefix.length), Date.parse(valid)] as const] : [],
    ),
  );
  const rollouts = new Map(standards.map(({ definition: { id, rollout } }) => [id, rollout]));
  return [...new Set([...rollouts.keys(), ...touched, ...taken.keys()])].sort().map((id) => {
    const rollout = rollouts.get(id);
    return { id, opens: rollout !== undefined && everAsked(rollout), taken: taken.get(id) ?? null };
  });
}

/** Of standards about which a tick says nothing new, those of which there is nothing to do; their passes stand at that tick then. */
async function idleOf(
  quiet: readonly Passing[],
  { decisions, at, teams, exceptions, touched }: WorkOptions,
  moment: Moment,
): Promise<ReadonlySet<string>> {
  if (quiet.length === 0) return new Set();
  const body = async (tx: Parameters<typeof pass>[0]) => {
    const asked = { standards: quiet, valid: moment.valid, teams };
    const idle = await idleStandards(tx, {
      ...asked,
      exceptions,
      touched,
    });
    const behind = quiet.filter(({ id, taken }) => taken !== moment.valid.getTime() && idle.includes(id));
    const [first] = behind;
    if (first?.taken != null)
      await tx.failing.advancePasses(
        behind.map(({ id }) => subjectOfStandard(id)),
        new Date(first.taken),
        { valid: moment.valid.toISOString(), known: moment.known },
      );
    return new Set(idle);
  };
  return decisions.transaction(RECONCILE, body, at ? { at } : {});
}

async function each(
  all: readonly Passing[],
  { decisions, history: _, evidence: __, standards, at, ...options }: WorkOptions,
  sightOf: (standard: string) => Sight | 'idle' | null,
): Promise<Worked> {
  const compiled = new Map(standards.map((one) => [one.definition.id, one.definition]));
  const worked = new Map<string, Passed>();
  for (const { id, opens } of all) {
    const sight = sightOf(id);
    if (sight === 'idle') {
      worked.set(id, { events: [], from: 'idle' });
      continue;
    }
    const definition = compiled.get(id);
    const standard = { id, severity: definition?.severity ?? 'low', opens };
    const rollout = definition && { rollout: definition.rollout };
    const body = (tx: Parameters<typeof pass>[0]) => pass(tx, { ...options, ...rollout, standard, sight });
    worked.set(id, await decisions.transaction(RECONCILE, body, at ? { at } : {}));
  }
  return worked;
}

/** Rollout states in which somebody has to do something. */
export const OPENING: ReadonlySet<string> = new Set(['warn', 'enforce']);

/** Everything that was opened, left or closed, in order of standard. */
export const eventsOf = (worked: Worked): readonly WorkEvent[] =>
  [...worked.values()].flatMap(({ events }) => events);

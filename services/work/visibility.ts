/** What a tick saw of one standard, for a pass over its work: from the tick's own changes, or from the history. */

import { digestOf } from '@macadam/adapters/facts/history/definitions';
import type { EverFailed } from '@macadam/adapters/facts/history/failing';
import type { History } from '@macadam/adapters/facts/history/open';
import type { Moment } from '@macadam/adapters/facts/history/record';
import type { Ticked } from '@macadam/adapters/facts/history/tick';
import type { StandingChange } from '@macadam/core/figures/tick';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { SeenEvidence } from './evidence.ts';
import type { SeenStanding, Sight } from './pass.ts';

export interface Seeing {
  readonly history: Pick<History, 'everFailed' | 'changesAt'>;
  readonly evidence: SeenEvidence;
  /** Those in force, by id; one that is not here was withdrawn. */
  readonly standards: ReadonlyMap<string, CompiledStandard>;
}

interface Stands extends Pick<EverFailed, 'asset' | 'state' | 'team' | 'step' | 'gone'> {
  readonly since?: string;
}

/** Of a tick that was just written. Where something was learned late, the past is otherwise, and all is read anew. */
export function sightsOf(
  { moment, previous, changed, late }: Ticked,
  standard: string,
  seeing: Seeing,
): Sight {
  const whole = wholeOf(moment, standard, seeing);
  return {
    moment,
    after: late > 0 ? null : previous,
    changes: async () => {
      if (!changed.includes(standard)) return [];
      const changes = await seeing.history.changesAt(moment, standard);
      return told(lastOf(changes, moment), moment, standard, seeing);
    },
    whole,
  };
}

/** Where each asset came to stand within the tick. */
function lastOf(changes: readonly StandingChange[], moment: Moment): readonly Stands[] {
  const last = new Map<string, Stands>();
  for (const change of changes) {
    const { asset, to, toTeam, step, gone } = change;
    // What began to fail within this tick fails since then, also where its evidence was lost after that.
    const failed = to === 'F' || to === 'X' || (to === 'U' && last.get(asset)?.since !== undefined);
    last.set(asset, {
      asset,
      state: to,
      team: toTeam,
      step,
      gone,
      ...(failed && { since: moment.valid.toISOString() }),
    });
  }
  return [...last.values()];
}

/** Of a tick that was written some time ago: nothing is at hand but the history. */
export const sightAt = (moment: Moment, standard: string, seeing: Seeing): Sight => ({
  moment,
  after: null,
  changes: async () => [],
  whole: wholeOf(moment, standard, seeing),
});

const wholeOf =
  (moment: Moment, standard: string, seeing: Seeing): Sight['whole'] =>
  async (held) => {
    const known = new Set(held.map(({ asset }) => asset));
    const ever = await seeing.history.everFailed(standard, moment);
    const stands = ever.flatMap(({ since, ...one }): Stands[] =>
      since === null && !known.has(one.asset)
        ? []
        : [{ ...one, ...(since !== null && { since: since.toISOString() }) }],
    );
    return told(stands, moment, standard, seeing);
  };

/** Says of each what it is called and what its verdict rests on. */
async function told(
  stands: readonly Stands[],
  { known }: Moment,
  standard: string,
  { evidence, standards }: Seeing,
): Promise<readonly SeenStanding[]> {
  const compiled = standards.get(standard);
  const definition = compiled ? `definition:${digestOf(compiled)}` : 'withdrawn';
  const kind = compiled?.definition.scope.kind;
  const here = stands.filter(({ gone }) => !gone).map(({ asset }) => asset);
  const seen = kind === undefined ? new Map() : await evidence.seen(kind, here, known);
  const unseen =
    kind !== undefined && stands.some(({ gone }) => gone) ? await evidence.unseen(kind, known) : '';
  return stands.map(({ asset, state, team, step, gone, since }) => {
    const observed = gone ? { by: unseen } : seen.get(asset);
    return {
      asset,
      state,
      team,
      gone,
      // A definition that was changed, or evidence that the store does not hold itself.
      by: step === 'definition' ? definition : (observed?.by ?? `batch:${known}#${asset}`),
      ...(observed?.name !== undefined && { name: observed.name }),
      ...(since !== undefined && (state === 'F' || state === 'X' || state === 'U') && { since }),
    };
  });
}

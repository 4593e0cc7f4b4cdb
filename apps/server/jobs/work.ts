/** Work in the running server: what a tick saw is taken in, and time has its way. */
import type { Decisions } from '@macadam/adapters/decisions/port';
import { digestOf } from '@macadam/adapters/facts/history/definitions';
import type { Ticked } from '@macadam/adapters/facts/history/tick';
import type { Stores } from '@macadam/adapters/facts/open';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Exception } from '@macadam/core/verdicts/exception';
import { currentTree } from '@macadam/services/ownership/log';
import { decidedOwners } from '@macadam/services/ownership/owners';
import { evidenceIn } from '@macadam/services/work/evidence';
import { passFaults } from '@macadam/services/work/faults';
import { judgeIn } from '@macadam/services/work/judge';
import { teamsOf, type WorkTeams } from '@macadam/services/work/teams';
import { catchUp, RECONCILE, type WorkOptions, workOfTick } from '@macadam/services/work/tick';

export interface WorkParts {
  readonly stores: Stores;
  readonly decisions: Decisions;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CompiledStandard[];
  /** Those of the estate's file, beside those that the store holds. */
  readonly exceptions: readonly Exception[];
  readonly now: () => Date;
  /** The team that runs the sources, where one is known. */
  readonly sources?: string | null;
}

export interface ServerWork {
  readonly takeIn: (ticked: Ticked) => Promise<void>;
  /** Safe at any time and in any number of processes. */
  readonly pass: () => Promise<void>;
}

export function workHere({
  stores,
  decisions,
  kinds,
  standards,
  exceptions,
  now,
  sources = null,
}: WorkParts): ServerWork {
  const { history, facts, driver } = stores;
  const definitions = new Map(standards.map((one) => [one.definition.id, `definition:${digestOf(one)}`]));
  const shared = {
    decisions,
    history,
    standards,
    exceptions,
    evidence: evidenceIn(driver),
    judge: judgeIn({ driver, facts, kinds, standards, now }),
  };
  /** Owners that were decided before this were heard of. */
  let heard = '';

  async function options(): Promise<WorkOptions> {
    const { at, tree, decided } = await decisions.transaction(
      RECONCILE,
      async (tx) => ({ at: tx.at, tree: await currentTree(decisions, tx), decided: await decidedOwners(tx) }),
      { readOnly: true },
    );
    const byTree = teamsOf(tree);
    const teams: WorkTeams = {
      ...byTree,
      of: (team, asset) => byTree.of(decided.get(asset)?.owner ?? team, asset),
    };
    const touched = [...decided].flatMap(([asset, one]) => (one.at >= heard ? [asset] : []));
    heard = at;
    return { ...shared, teams, touched };
  }

  async function faults({ teams }: WorkOptions): Promise<void> {
    const moment = (await history.ticks()).at(-1);
    if (!moment) return;
    await decisions.transaction(RECONCILE, (tx) =>
      passFaults(tx, {
        moment,
        teams,
        facts,
        untold: () => history.untold(moment),
        ownerOf: () => sources,
        definitionOf: (standard) => definitions.get(standard) ?? null,
      }),
    );
  }

  return {
    takeIn: async (ticked) => {
      const given = await options();
      await workOfTick(ticked, given);
      await faults(given);
    },
    pass: async () => {
      const given = await options();
      await catchUp(given);
      await faults(given);
    },
  };
}

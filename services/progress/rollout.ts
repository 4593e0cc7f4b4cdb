/**
 * How a standard is rolled out here: which ring stands at which step, what the next step would do by owner, and what each change of
 * its definition did to verdicts, which is never told as anybody's fixing.
 */

import { changesIn } from '@macadam/adapters/facts/history/read';
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import { NOBODY } from '@macadam/adapters/facts/history/teams';
import { wholeKinds } from '@macadam/core/facts/enumeration';
import { relatedIn } from '@macadam/core/facts/related';
import { described, type State } from '@macadam/core/figures/accounting';
import {
  announcedSteps,
  type ConsideredStep,
  impactOf,
  type OwnerImpact,
  type RolloutAsset,
} from '@macadam/core/figures/rollout-impact';
import { judgedAs } from '@macadam/core/figures/tick';
import type { Kind } from '@macadam/core/kinds/kind';
import { judgeOf, rowOf } from '@macadam/core/verdicts/evaluate';
import { type Rollout, type RolloutStep, stepOfRing } from '@macadam/core/verdicts/rollout';
import type { CatalogueStandard } from '../catalogue/load.ts';
import { type StoredRequest, storedFacts } from '../measure/stored.ts';
import type { WorkTeams } from '../work/teams.ts';

export interface RolloutRequest {
  readonly past: Retrospect;
  readonly between: Between;
  readonly standard: CatalogueStandard;
  readonly teams: Pick<WorkTeams, 'above' | 'division'>;
  /** Null: only what is counted can be told, and nothing be judged for a later day. */
  readonly stores: StoredRequest['stores'] | null;
  readonly kinds: ReadonlyMap<string, Kind>;
  /** Left out: the next one that is announced. */
  readonly step?: ConsideredStep;
  /** As of which steps stand. */
  readonly now: Date;
}

export interface RingStanding {
  /** Null: whoever is in no ring. */
  readonly ring: string | null;
  readonly owners: readonly string[];
  readonly assets: readonly string[];
  readonly step: RolloutStep;
  readonly warn: string | null;
  readonly enforce: string | null;
}

export interface BlastRadius extends ConsideredStep {
  readonly owners: readonly (OwnerImpact & { readonly division: string | null })[];
  /** Why nobody was judged as of that day; null where everybody was, or the day is no later than the facts. */
  readonly notJudgedThen: string | null;
}

export interface VersionChange {
  readonly digest: string;
  readonly from: Date;
  /** Assets that were judged worse, or better, because the definition changed. */
  readonly tightened: number;
  readonly relaxed: number;
  readonly owners: readonly { readonly team: string; readonly tightened: number; readonly relaxed: number }[];
}

export interface StandardRollout {
  readonly rollout: Rollout;
  readonly rings: readonly RingStanding[];
  /** Null: no step was asked about, and none is announced. */
  readonly next: BlastRadius | null;
  /** Newest first. Of the first of all there is no change: before it nothing was judged. */
  readonly versions: readonly VersionChange[];
}

/** So many assets are judged as of a later day. */
const MOST = 100_000;
const PAGE = 20_000;
/** Versions whose changes are told. */
const VERSIONS = 10;

export async function rolloutOfStandard(request: RolloutRequest): Promise<StandardRollout> {
  const { standard, now } = request;
  const { rollout } = standard.definition;
  const step = request.step ?? announcedSteps(rollout, now)[0];
  return {
    rollout,
    rings: ringsOf(rollout, now),
    next: step === undefined ? null : await blastRadius(request, step),
    versions: await versionChanges(request),
  };
}

function ringsOf(rollout: Rollout, now: Date): readonly RingStanding[] {
  const rings = (rollout.rings ?? []).map((ring) => ({
    ring: ring.name,
    owners: ring.owners,
    assets: ring.assets,
    step: stepOfRing(rollout, ring, now),
    warn: ring.warn ?? null,
    enforce: ring.enforce ?? null,
  }));
  const rest = stepOfRing(rollout, null, now);
  const enforce = rollout.enforce_from ?? null;
  return [...rings, { ring: null, owners: [], assets: [], step: rest, warn: null, enforce }];
}

async function blastRadius(request: RolloutRequest, step: ConsideredStep): Promise<BlastRadius> {
  const { past, between, standard, teams } = request;
  const { rollout } = standard.definition;
  const figures = await past.figures(between, standard.id);
  const few = figures.pass + figures.fail + figures.unknown <= MOST;
  const byName = (rollout.rings ?? []).some(({ assets }) => assets.length > 0);
  const ahead = Date.parse(`${step.on}T00:00:00Z`) > between.to.valid.getTime();
  const listed = few || byName ? await listedAssets(request) : null;
  const judged = few && ahead && listed !== null ? await judgedThen(request, step.on) : null;
  const assets =
    listed === null
      ? await countedAssets(request)
      : listed.map((one) => ({ ...one, later: laterOf(one, judged) }));
  const notJudgedThen =
    !ahead || judged !== null ? null : 'more assets are in scope than are judged as of a later day (100,000)';
  const owners = impactOf(rollout, step, assets).map((one) => ({
    ...one,
    division: teams.division(one.team) || null,
  }));
  return { ...step, owners, notJudgedThen };
}

/** An exception that holds today is taken to hold then: whether it is renewed is for people to decide. */
function laterOf({ id, state }: RolloutAsset, judged: ReadonlyMap<string, State> | null): State | null {
  const verdict = judged?.get(id) ?? null;
  return verdict === 'F' && state === 'X' ? 'X' : verdict;
}

const ownersOf = ({ teams }: RolloutRequest, team: string): readonly string[] | null =>
  team === NOBODY || team === '' ? null : team.split(', ').flatMap((one) => teams.above(one));

/** Every asset in scope, as the history lists it. */
async function listedAssets(request: RolloutRequest): Promise<readonly RolloutAsset[]> {
  const { past, between, standard } = request;
  const found: RolloutAsset[] = [];
  const names = await namesOf(request);
  for (let after: string | undefined; ; ) {
    const page = { limit: PAGE, after };
    const rows = await past.assets(between, { standard: standard.id }, page);
    for (const { asset, team, state } of rows)
      found.push({
        id: asset,
        name: names.get(asset) ?? asset,
        count: 1,
        team,
        owners: ownersOf(request, team),
        state,
        later: null,
      });
    if (rows.length < PAGE) return found;
    after = rows.at(-1)?.asset;
  }
}

/** What assets are called, where a ring selects by that. */
async function namesOf({ stores, standard }: RolloutRequest): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  const byName = (standard.definition.rollout.rings ?? []).some(({ assets }) => assets.length > 0);
  if (stores === null || !byName) return names;
  for await (const { id, name } of stores.facts.assets(standard.definition.scope.kind)) names.set(id, name);
  return names;
}

/** Where there are too many to list: so many of each team that stand alike. */
async function countedAssets(request: RolloutRequest): Promise<readonly RolloutAsset[]> {
  const { past, between, standard } = request;
  const counts = await past.teams(between, standard.id);
  return counts.flatMap(({ team = '', pass, fail, unknown, excepted }) => {
    const owners = ownersOf(request, team);
    const alike = (state: State, count: number): RolloutAsset => ({
      id: '',
      name: '',
      count,
      team,
      owners,
      state,
      later: null,
    });
    return [alike('P', pass), alike('F', fail - excepted), alike('X', excepted), alike('U', unknown)].filter(
      ({ count }) => count > 0,
    );
  });
}

/** How each asset would stand on a later day, if nothing is done and evidence gets no older: as `scan --as-of` says it. */
async function judgedThen(
  { stores, kinds, standard, between }: RolloutRequest,
  day: string,
): Promise<ReadonlyMap<string, State> | null> {
  if (stores === null) return null;
  const moment = between.to;
  const facts = await storedFacts({ stores, moment, kinds: [...kinds.values()], standards: [standard] });
  if (facts === null) return null;
  const { compiled } = standard;
  const related = relatedIn(kinds, facts.assets, wholeKinds(facts.enumerated));
  const clock = { asOf: new Date(`${day}T00:00:00Z`), real: moment.valid };
  const { decide } = judgeOf(compiled, clock, related);
  return new Map(
    facts.assets
      .filter(({ kind }) => kind === compiled.kind.kind)
      .map((asset) => [asset.id, judgedAs(compiled, decide(rowOf(compiled.kind, asset))).verdict] as const),
  );
}

/** What every change of the definition did, by team, from the tick that it came with. */
async function versionChanges({ past, standard }: RolloutRequest): Promise<readonly VersionChange[]> {
  const versions = (await past.versions(standard.id)).slice(-VERSIONS).toReversed();
  const changes: VersionChange[] = [];
  for (const { digest, first, before } of versions) {
    const between: Between = { from: before, to: first, known: false, fromFirst: false };
    const cells = await past.cellsByTeam(between, standard.id);
    const byTeam = new Map<string, { tightened: number; relaxed: number }>();
    for (const cell of cells) {
      const name = described(cell);
      // A cell of the overlay tells the same asset a second time.
      if ((name !== 'tightened' && name !== 'relaxed') || OVERLAY.has(cell.cell)) continue;
      const own = byTeam.get(cell.team ?? '') ?? { tightened: 0, relaxed: 0 };
      byTeam.set(cell.team ?? '', own);
      own[name] += changesIn(cell);
    }
    const owners = [...byTeam]
      .map(([team, { tightened, relaxed }]) => ({ team, tightened, relaxed }))
      .sort((a, b) => b.tightened - a.tightened || (a.team < b.team ? -1 : 1));
    const sum = (name: 'tightened' | 'relaxed') => owners.reduce((total, one) => total + one[name], 0);
    changes.push({
      digest,
      from: first.valid,
      tightened: sum('tightened'),
      relaxed: sum('relaxed'),
      owners,
    });
  }
  return changes;
}

const OVERLAY: ReadonlySet<string> = new Set(['covered', 'uncovered']);

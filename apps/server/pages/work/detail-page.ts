/** What is shown of one row of work when it is opened. */

import { authorise } from '@macadam/adapters/authorisation/authorise';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { EvidenceShown } from '@macadam/adapters/report-formats/html/parts/evidence';
import type { Asset } from '@macadam/core/facts/asset';
import type { WorkRow } from '@macadam/core/work/by-repository';
import { assetsById } from '@macadam/services/ownership/who';
import type { Proposal } from '@macadam/services/work/proposal';
import { sightingsOf } from '@macadam/services/work/sightings';
import type { ServerContext } from '../history/pages.ts';
import type { Visit } from '../page.ts';
import type { RowDetail } from './detail.ts';
import { firstOf, type ShownRow } from './row.ts';

export interface DetailAround {
  /** Address of what it was opened from. */
  readonly back: string;
  readonly nameOf: (repository: string | null) => string;
}

export async function detailOf(
  call: Visit,
  tx: DecisionTransaction,
  shown: ShownRow,
  { back, nameOf }: DetailAround,
): Promise<RowDetail> {
  const site = call.parts.site();
  const { row, item } = shown;
  const standard = site?.standards.get(item.standard);
  const { id, division, team } = item;
  const resource = { id, division, team, standard: item.standard };
  const may = (action: Parameters<typeof authorise>[1]) => authorise(call.caller, action, resource).allowed;
  const pauses = (await tx.work.view([item.id]))[0]?.pauses ?? [];
  const exception = pauses.find(({ asset }) => asset === firstOf(row))?.exception ?? null;
  const readable = exception !== null && (await tx.permissions.exception(exception)) !== null;
  return {
    shown,
    repository: row.repository === null ? (shown.asset?.name ?? firstOf(row)) : nameOf(row.repository),
    readme: standard?.readme ?? '',
    why: standard?.definition.why ?? 'The standard is no longer in the catalogue.',
    proposal: standard ? await proposalFor(site, row) : null,
    evidence: await evidenceFor(site, row),
    failingSince: await failingSince(tx, item.id, firstOf(row)),
    exception: readable ? exception : null,
    may: {
      check: may('WorkItem::comment'),
      act: may('WorkItem::dispute'),
      except: may('Exception::request'),
    },
    back,
    today: tx.at.slice(0, 10),
  };
}

/** Null: nothing here proposes a change. A fix that fails is no reason to show no work. */
export async function proposalFor(site: ServerContext | null, row: WorkRow): Promise<Proposal | null> {
  if (!site?.proposals || row.repository === null) return null;
  const paths = row.assets.map(({ path }) => path).filter((path) => path !== '');
  try {
    return await site.proposals({
      repository: row.repository,
      standard: row.work.standard,
      paths: [...new Set(paths)].sort(),
    });
  } catch (error) {
    const notes = [
      `the change could not be worked out here (${(error as Error).message}); the command says more`,
    ];
    return { patch: '', commit: null, notes, withheld: null };
  }
}

const MOST_SOURCES = 3;

async function evidenceFor(site: ServerContext | null, row: WorkRow): Promise<readonly EvidenceShown[]> {
  const kind = site?.standards.get(row.work.standard)?.definition.scope.kind;
  if (!site?.stores || kind === undefined) return [];
  const { driver, kinds } = site.stores;
  const seen = (await sightingsOf(driver, kind, [firstOf(row)])).get(firstOf(row)) ?? [];
  const repository =
    row.repository === null
      ? undefined
      : (await assetsById(driver, kinds, [row.repository])).get(row.repository);
  const what = repository && commitSaid(repository);
  return seen.slice(0, MOST_SOURCES).map(({ source, observedAt, learnedAt }) => ({
    source,
    observedAt,
    learnedAt,
    ...(what !== undefined && { what }),
  }));
}

/** The commit that was judged, and its branch. */
export function commitSaid({ attributes }: Asset): string | undefined {
  const text = (name: string) => {
    const held = attributes.get(name)?.statement;
    return held && 'value' in held && typeof held.value === 'string' ? held.value : null;
  };
  const [commit, branch] = [text('head'), text('default_branch')];
  if (commit === null) return undefined;
  return branch === null ? commit.slice(0, 7) : `${commit.slice(0, 7)} on ${branch}`;
}

async function failingSince(tx: DecisionTransaction, batch: string, asset: string): Promise<string | null> {
  // Members are in order of asset, and `after` is where the page begins.
  const before = asset.slice(0, -1);
  for (const one of await tx.work.members(batch, { after: before, limit: 200 }))
    if (one.asset === asset) return one.failingSince;
  return null;
}

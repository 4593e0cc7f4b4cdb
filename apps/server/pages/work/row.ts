/** Rows of work as people read them: what fails first in each, where, and the line itself. */
import type { ListedBatch, TimeToFix } from '@macadam/adapters/decisions/listing';
import type { Asset } from '@macadam/core/facts/asset';
import type { Finding, VerdictName } from '@macadam/core/figures/scan';
import type { OrgTree } from '@macadam/core/org/org';
import { judgeOf, rowOf, type Verdict } from '@macadam/core/verdicts/evaluate';
import type { WorkRow } from '@macadam/core/work/by-repository';
import { assetsById } from '@macadam/services/ownership/who';
import { findingOf, withPlaces } from '../../shown-places.ts';
import { labelOf } from '../assets/title.ts';
import type { ServerContext } from '../history/pages.ts';
import { namesIn } from '../page.ts';

export interface ShownRow {
  readonly row: WorkRow;
  readonly item: ListedBatch;
  /** The standard's label. */
  readonly title: string;
  readonly severity: string | null;
  readonly team: string;
  readonly claimedBy: string | null;
  /** Of the first asset: why it fails, its places and lines; null where it cannot be read. */
  readonly finding: Finding | null;
  /** The first asset, as it is by now, and whether it fails still. */
  readonly asset: Asset | null;
  readonly verdict: VerdictName | null;
  /** By the standard's own estimate, for one asset; null where it makes none. */
  readonly minutes: number | null;
  readonly timeToFix: TimeToFix | null;
  readonly fixable: boolean;
}

export interface RowContext {
  readonly site: ServerContext | null;
  readonly tree: OrgTree;
  readonly items: ReadonlyMap<string, ListedBatch>;
  readonly timeToFix: ReadonlyMap<string, TimeToFix>;
  readonly now: Date;
}

/** The asset that stands for a row. */
export const firstOf = ({ assets }: WorkRow): string => assets[0]?.id ?? '';

/** What names a row in an address: its repository, or the asset that lies in none. */
export const rowKey = (row: WorkRow): string => row.repository ?? firstOf(row);

export async function shownRows(rows: readonly WorkRow[], context: RowContext): Promise<readonly ShownRow[]> {
  const { site, tree, items, timeToFix, now } = context;
  const { unit, person } = namesIn(tree);
  const verdicts = await verdictsOf(site, rows, now);
  const findings = await findingsOf(site, verdicts);
  return rows.flatMap((row): ShownRow[] => {
    const item = items.get(row.work.id);
    if (item === undefined) return [];
    const standard = site?.standards.get(item.standard);
    const verdict = verdicts.get(row);
    return [
      {
        row,
        item,
        title: labelOf(site, item.standard),
        // A finding may be less grave than its standard: a secret of a test is. Of several assets the first says nothing of the others.
        severity:
          row.assets.length === 1 && verdict?.verdict === 'fail'
            ? verdict.severity
            : (standard?.definition.severity ?? null),
        team: unit(item.team),
        claimedBy: item.claimedBy === null ? null : person(item.claimedBy),
        finding: findings.get(row) ?? null,
        asset: verdict?.asset ?? null,
        verdict: verdict?.verdict ?? null,
        minutes: standard?.definition.toil.owner_minutes || null,
        timeToFix: timeToFix.get(item.standard) ?? null,
        fixable: standard?.fix != null,
      },
    ];
  });
}

async function verdictsOf(
  site: ServerContext | null,
  rows: readonly WorkRow[],
  now: Date,
): Promise<ReadonlyMap<WorkRow, Verdict>> {
  const verdicts = new Map<WorkRow, Verdict>();
  if (!site?.stores) return verdicts;
  const assets = await assetsById(site.stores.driver, site.stores.kinds, [...new Set(rows.map(firstOf))]);
  for (const row of rows) {
    const standard = site.standards.get(row.work.standard);
    const asset = assets.get(firstOf(row));
    if (!standard || !asset) continue;
    const { compiled } = standard;
    const judge = judgeOf(compiled, { real: now, asOf: now }, site.related);
    verdicts.set(row, judge.judge(rowOf(compiled.kind, asset)));
  }
  return verdicts;
}

async function findingsOf(
  site: ServerContext | null,
  verdicts: ReadonlyMap<WorkRow, Verdict>,
): Promise<ReadonlyMap<WorkRow, Finding>> {
  if (site === null) return new Map();
  const rows = [...verdicts.keys()];
  const findings = await withPlaces(
    site,
    [...verdicts.values()].map((verdict) => findingOf(verdict.asset, verdict)),
    [...verdicts.values()].map(({ asset }) => asset),
  );
  return new Map(
    rows.flatMap((row, index) => {
      const finding = findings[index];
      return finding ? [[row, finding] as const] : [];
    }),
  );
}

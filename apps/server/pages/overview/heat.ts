/** Divisions by pillar: which standards are below their target there. */
import type { Between } from '@macadam/adapters/facts/history/retrospect';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { type HeatCell, heatMap } from '@macadam/adapters/report-formats/html/parts/heat-map';
import { emptyState } from '@macadam/adapters/report-formats/html/parts/states';
import type { ServerContext } from '../history/pages.ts';
import { momentsOf, type StandardsQuery, standardsAt } from './address.ts';
import type { StandardRow } from './reading.ts';
import { PILLAR_ORDER, pillarName } from './words.ts';

export interface DivisionFigures {
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
}

/** Standard → division → its figures, of teams whose division is known. */
export type ByDivision = ReadonlyMap<string, ReadonlyMap<string, DivisionFigures>>;

export async function byDivision(
  site: ServerContext,
  between: Between,
  ids: readonly string[],
): Promise<ByDivision> {
  const found = new Map(ids.map((id) => [id, new Map<string, DivisionFigures>()]));
  // Of all standards at once: a statement for each takes as long as all of their rows.
  for (const { standard = '', team = '', pass, fail, unknown } of await site.past.byTeam(between)) {
    const division = site.divisions.get(team);
    const sums = found.get(standard);
    if (division === undefined || sums === undefined) continue;
    const before = sums.get(division) ?? { pass: 0, fail: 0, unknown: 0 };
    sums.set(division, {
      pass: before.pass + pass,
      fail: before.fail + fail,
      unknown: before.unknown + unknown,
    });
  }
  return found;
}

export type Below = 'below' | 'cannot-tell' | 'reached' | 'not-there';

/** Whether a division reaches what the company promised of a standard; without a target, whether everything passes. */
export function belowTarget(row: Pick<StandardRow, 'now'>, figures: DivisionFigures | undefined): Below {
  const { pass, fail, unknown } = figures ?? { pass: 0, fail: 0, unknown: 0 };
  const scope = pass + fail + unknown;
  if (scope === 0) return 'not-there';
  const share = row.now.target?.share ?? 1;
  if (pass >= share * scope) return 'reached';
  return pass + unknown < share * scope ? 'below' : 'cannot-tell';
}

export function heatOf(rows: readonly StandardRow[], figures: ByDivision, query: StandardsQuery): Markup {
  const divisions = [...new Set([...figures.values()].flatMap((own) => [...own.keys()]))].sort();
  const pillars = PILLAR_ORDER.filter((pillar) =>
    rows.some((row) => row.pillar === pillar && row.now.shares.scope > 0),
  );
  if (divisions.length === 0)
    return emptyState({
      kind: 'unknown',
      says: 'No team belongs to a division that is known.',
      next: html`Say who belongs where in a file that <code>org</code> of macadam.yaml names, or connect a directory (SCIM).`,
    });
  const cellOf = (division: string, pillar: string): HeatCell => {
    const stands = rows
      .filter((row) => row.pillar === pillar)
      .map((row) => belowTarget(row, figures.get(row.id)?.get(division)));
    const number = (of: Below) => stands.filter((one) => one === of).length;
    return {
      bad: number('below'),
      unknown: number('cannot-tell'),
      of: stands.length - number('not-there'),
      href: standardsAt({ ...momentsOf(query), pillar, division }),
    };
  };
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Divisions">${heatMap({
    caption: 'Standards below their target, by division and pillar',
    columns: pillars.map(pillarName),
    rows: divisions.map((name) => ({
      label: html`<bdi>${name}</bdi>`,
      name,
      cells: pillars.map((pillar) => cellOf(name, pillar)),
    })),
  })}</div><p class="legend note"><span>standards below their target, of those that apply</span><span><i class="lg-h heat-0"></i>none</span><span><i class="lg-h heat-1"></i>to a quarter</span><span><i class="lg-h heat-2"></i>to a half</span><span><i class="lg-h heat-3"></i>to three quarters</span><span><i class="lg-h heat-4"></i>more</span><span><svg class="lg" aria-hidden="true"><rect class="b-unknown" x=".5" y="3" width="15" height="8"/></svg>cannot tell</span></p>`;
}

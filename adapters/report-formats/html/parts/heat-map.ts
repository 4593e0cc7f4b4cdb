/** A table of groups by pillar: how many standards are below their target of those that apply, darker for more, hatched for what cannot be told. */
import { count } from '../../figures.ts';
import { type Child, html, type Markup } from '../markup.ts';

export interface HeatCell {
  readonly bad: number;
  readonly unknown: number;
  /** Those that apply; 0: nothing of the pillar is there. */
  readonly of: number;
  /** The list of the bad ones. */
  readonly href: string;
}

export interface HeatRow {
  readonly label: Child;
  readonly cells: readonly HeatCell[];
}

/** Shades are shares: a quarter of those that apply, a half, three quarters, more. */
export function heatStep({ bad, of }: Pick<HeatCell, 'bad' | 'of'>): 0 | 1 | 2 | 3 | 4 {
  if (bad === 0 || of === 0) return 0;
  const share = bad / of;
  return share <= 0.25 ? 1 : share <= 0.5 ? 2 : share <= 0.75 ? 3 : 4;
}

const HATCH = html`<svg class="hatch-fill" aria-hidden="true"><rect width="100%" height="100%"/></svg>`;

function cell({ bad, unknown, of, href }: HeatCell, what: string): Markup {
  if (of === 0) return html`<td><span class="heat-cell heat-0"><small>none</small></span></td>`;
  const said = `${bad} of ${of} below target${unknown > 0 ? `, ${unknown} unknown` : ''}: ${what}`;
  return html`<td><a class="heat-cell heat-${heatStep({ bad, of })}" href="${href}" aria-label="${said}"><b>${count(bad)}</b><small>of ${count(of)}</small>${unknown > 0 && html`<i>${HATCH}<span>${count(unknown)}</span></i>`}</a></td>`;
}

export function heatMap({
  caption,
  columns,
  rows,
}: {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (HeatRow & { readonly name: string })[];
}): Markup {
  const sum = (cells: readonly HeatCell[]) => ({
    bad: cells.reduce((total, { bad }) => total + bad, 0),
    of: cells.reduce((total, { of }) => total + of, 0),
  });
  const total = (cells: readonly HeatCell[]) => {
    const { bad, of } = sum(cells);
    return html`<td class="tot"><b>${count(bad)}</b> <small>of ${count(of)}</small></td>`;
  };
  return html`<table class="grid heat"><caption class="hidden">${caption}</caption><colgroup><col class="w-div">${columns.map(() => html`<col>`)}<col class="w-tot"></colgroup>
<thead><tr><th scope="col">Division</th>${columns.map((column) => html`<th scope="col">${column}</th>`)}<th scope="col" class="tot">All</th></tr></thead>
<tbody>${rows.map(({ label, name, cells }) => html`<tr><th scope="row">${label}</th>${cells.map((one, at) => cell(one, `${name}, ${columns[at] ?? ''}`))}${total(cells)}</tr>`)}</tbody></table>`;
}

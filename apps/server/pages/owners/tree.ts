/** The organisation as a table: who answers for what, and what of it fails, is late or cannot be told. */
import { count } from '@macadam/adapters/report-formats/figures';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { glyph, icon } from '@macadam/adapters/report-formats/html/signs';
import { type OrgTree, type OrgUnit, pathOf } from '@macadam/core/org/org';
import type { RolledUp } from '@macadam/core/org/roll-up';

/** Failing and unknown count an asset and a standard; late counts work items. */
export type UnitAmounts = {
  readonly fail: number;
  readonly unknown: number;
  readonly late: number;
  readonly open: number;
};

export interface OwnersTree {
  readonly tree: OrgTree;
  readonly sums: RolledUp<UnitAmounts>;
  /** Unit → who is accountable for it. */
  readonly heads: ReadonlyMap<string, string>;
  /** The unit whose parts are shown; null: divisions alone. */
  readonly open: string | null;
}

const NOTHING: UnitAmounts = { fail: 0, unknown: 0, late: 0, open: 0 };
const MOST = 300;

export const unitAt = (id: string): string => `/owners/${encodeURIComponent(id)}`;

/** An owner by name, with its page where the organisation has one: sources name owners that it does not know. */
export const ownerLink = ({ id, name, known }: NamedOwner): Markup =>
  known ? html`<a href="${unitAt(id)}"><bdi>${name}</bdi></a>` : html`<bdi>${name}</bdi>`;

export interface NamedOwner {
  readonly id: string;
  readonly name: string;
  /** Whether the organisation of today has it. */
  readonly known: boolean;
}

export function treeTable(own: OwnersTree): Markup {
  const { tree, sums } = own;
  const below = Map.groupBy(tree.units.values(), ({ parent }) => parent ?? '');
  const opened = new Set(own.open === null ? [] : pathOf(tree, own.open).map(({ id }) => id));
  const rows: Markup[] = [];
  const walk = (unit: OrgUnit, depth: number) => {
    if (rows.length >= MOST) return;
    const children = (below.get(unit.id) ?? []).toSorted(
      (a, b) => amountsOf(sums, b.id).fail - amountsOf(sums, a.id).fail || (a.name < b.name ? -1 : 1),
    );
    const shown = depth === 0 || opened.has(unit.id);
    rows.push(unitRow(unit, own, { depth, children: children.length, shown }));
    if (shown) for (const child of children) walk(child, depth + 1);
  };
  for (const unit of tree.units.values())
    if (unit.parent === null || !tree.units.has(unit.parent)) walk(unit, 0);
  return html`<table class="grid tree stacked quiet"><colgroup><col><col class="w-std2"><col class="w-n4"><col class="w-n4"><col class="w-n5"></colgroup><thead><tr><th scope="col">Who</th><th scope="col">Accountable</th><th scope="col" class="num">Failing</th><th scope="col" class="num">Late</th><th scope="col" class="num">Unknown</th></tr></thead>
<tbody>${rows}${elsewhereRows(sums)}</tbody></table>
<p class="note">Late counts work items; failing and unknown count an asset and a standard. What nobody owns is nobody’s work: it is late for no one, and that is why it is listed.</p>`;
}

const amountsOf = ({ units }: RolledUp<UnitAmounts>, id: string): UnitAmounts => units.get(id) ?? NOTHING;

interface RowShape {
  readonly depth: number;
  readonly children: number;
  readonly shown: boolean;
}

/** Late work items of a unit, a row each; null where no list is of a unit as large. */
function lateAt({ id, level }: OrgUnit): string | null {
  if (level !== 'team' && level !== 'division') return null;
  return pathWith('/work', { show: 'overdue', by: 'standard', mine: 'no', [level]: id });
}

function unitRow(unit: OrgUnit, { sums, heads }: OwnersTree, { depth, children, shown }: RowShape): Markup {
  const { id, name } = unit;
  const amounts = amountsOf(sums, id);
  const twist =
    depth > 0 &&
    (children === 0
      ? html`<span class="tw"></span>`
      : html`<a class="tw" href="${pathWith('/owners', { open: shown ? '' : id })}" aria-label="${shown ? 'Close' : 'Open'} ${name}">${icon(shown ? 'down' : 'next')}</a>`);
  return html`<tr class="lv${String(Math.min(depth, 3))}"><th scope="row"><span class="name">${twist}<a href="${unitAt(id)}"><bdi>${name}</bdi></a></span></th><td class="hd ink-2">${heads.get(id) ?? ''}</td>${numbers(amounts, { unit: unitAt(id), late: lateAt(unit) })}</tr>`;
}

/** Each leads to the list that comes to it. */
function numbers(
  { fail, unknown, late }: UnitAmounts,
  at: { readonly unit: string; readonly late: string | null },
): Markup {
  const number = (value: number, href: string | null, className: string) =>
    value === 0
      ? html`<td class="num"><span class="ink-3">0</span></td>`
      : href === null
        ? html`<td class="num">${count(value)}</td>`
        : html`<td class="num"><a href="${href}"${className !== '' && html` class="${className}"`}>${count(value)}</a></td>`;
  return html`${number(fail, at.unit, 'strong')}${number(late, at.late, 'bad')}${number(unknown, at.unit, '')}`;
}

function elsewhereRows({ elsewhere }: RolledUp<UnitAmounts>): Markup {
  const nobody = elsewhere.get('') ?? null;
  const strangers = [...elsewhere].filter(
    ([name, { fail, unknown, late }]) => name !== '' && fail + unknown + late > 0,
  );
  const sum = strangers.reduce(
    (all, [, one]) => ({
      fail: all.fail + one.fail,
      unknown: all.unknown + one.unknown,
      late: all.late + one.late,
      open: all.open + one.open,
    }),
    NOTHING,
  );
  const plain = ({ fail, unknown, late }: UnitAmounts) =>
    html`<td class="num">${count(fail)}</td><td class="num">${count(late)}</td><td class="num">${count(unknown)}</td>`;
  return html`${strangers.length > 0 && html`<tr class="lv1"><th scope="row"><span class="name">${glyph('said-so')}Owners that the organisation does not know (${count(strangers.length)})</span></th><td></td>${plain(sum)}</tr>`}${nobody !== null && html`<tr class="lv1 nobody"><th scope="row"><span class="name">${glyph('said-so')}<a href="#queue">Nobody</a></span></th><td></td>${plain(nobody)}</tr>`}`;
}

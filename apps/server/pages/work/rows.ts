/** Work by repository: what fails, where, the line itself, by when, and what changes it. */

import { count } from '@macadam/adapters/report-formats/figures';
import { duration, writtenDay } from '@macadam/adapters/report-formats/html/dates';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { dueChip } from '@macadam/adapters/report-formats/html/parts/due';
import { sign } from '@macadam/adapters/report-formats/html/signs';
import { place } from '@macadam/adapters/report-formats/html/words';
import { worstPlaces } from '@macadam/core/figures/worst';
import type { WorkRow } from '@macadam/core/work/by-repository';
import { assetAt } from '../history/address.ts';
import type { ShownRow } from './row.ts';

export interface ShownRepository {
  /** Id of the asset; null for what lies in none. */
  readonly id: string | null;
  readonly name: string;
  /** Whether there is a page of it. */
  readonly known: boolean;
  readonly rows: readonly ShownRow[];
}

export interface RepositoryContext {
  readonly today: string;
  readonly addressOf: (row: WorkRow) => string;
  /** Which one is opened beside the list. */
  readonly opened: ShownRow | null;
}

export function repositorySection(own: ShownRepository, context: RepositoryContext): Markup {
  const { id, name, known, rows } = own;
  const late = rows.filter(({ row }) => row.late > 0).length;
  const heading =
    known && id !== null ? html`<a href="${assetAt(id)}"><bdi>${name}</bdi></a>` : html`<bdi>${name}</bdi>`;
  return html`<div class="repo"><h3>${heading}<span class="ink-3">${count(rows.length)} open${late > 0 && html`, <span class="bad">${count(late)} late</span>`}</span></h3>
<ul>${rows.map((row) => rowItem(row, context))}</ul></div>`;
}

function rowItem(shown: ShownRow, { addressOf, today, opened }: RepositoryContext): Markup {
  const { row, title, severity, minutes } = shown;
  const here = opened?.row === row;
  return html`<li${here && html` class="is"`}><a class="hit" href="${addressOf(row)}#item"${here && html` aria-current="true"`}>${sign('fail', 'fails')}<span class="what"><span class="t">${title}</span>${severity === 'critical' && html`<span class="sev">critical</span>`}<span class="at ink-3">${whereSaid(shown)}</span></span>
${changeSaid(shown)}${minutes !== null && html`<span class="min ink-3">${duration(minutes * row.assets.length)}</span>`}</a>
<span class="due">${dueOf(shown, today)}</span><span class="how ink-3">${shown.fixable ? 'command' : 'by hand'}</span></li>`;
}

/** An item that an exception allows to fail waits, and still fails. */
export function dueOf({ row }: ShownRow, today: string): Markup {
  return row.exceptedUntil === null
    ? dueChip(row.due, today)
    : html`<span class="chip plain" title="still failing; due ${writtenDay(row.due)}">excepted</span>`;
}

/** The first place, and how much more there is. */
function whereSaid({ row, finding, asset }: ShownRow): Child {
  const { assets } = row;
  const places = finding === null ? [] : worstPlaces([finding], MOST_PLACES);
  const [first] = places;
  const at = place(first?.location ?? finding?.location ?? asset?.location) || assets[0]?.path || '';
  const shown =
    at === ''
      ? row.repository === null
        ? (asset?.name ?? assets[0]?.id ?? '')
        : 'the repository itself'
      : at;
  const more =
    assets.length > 1
      ? `, ${count(assets.length - 1)} more ${assets.length === 2 ? 'asset' : 'assets'}`
      : places.length > 1
        ? `, ${count(places.length - 1)} more ${places.length === 2 ? 'line' : 'lines'}`
        : '';
  return html`<bdi>${shown}</bdi>${more}`;
}

const MOST_PLACES = 50;
export const SETTLED = 'it no longer fails; the next scan takes it off this list';

/** The line that fails, where it was read; else why it fails, in words. */
function changeSaid({ row, finding, verdict }: ShownRow): Markup {
  const words = (said: string) => html`<span class="chg said">${said}</span>`;
  if (verdict === 'pass' || verdict === 'not-applicable') return words(SETTLED);
  if (row.exceptedUntil !== null)
    return words(`excepted until ${writtenDay(row.exceptedUntil)}, still failing`);
  if (finding === null) return words('why it fails is unknown now');
  const [first] = worstPlaces([finding], 1);
  const line = first?.code?.lines[(first.location?.line ?? 0) - first.code.from];
  return line === undefined || line.trim() === ''
    ? words(finding.message)
    : html`<span class="chg">${line.trim()}</span>`;
}

/** The date control of a page whose figures are of a moment that one can choose. */

import type { Between } from '@macadam/adapters/facts/history/retrospect';
import type { ShownDate } from '@macadam/adapters/report-formats/html/console';
import { dayNear, fullDay } from '@macadam/adapters/report-formats/html/dates';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { icon } from '@macadam/adapters/report-formats/html/signs';
import type { ServerContext } from '../history/pages.ts';
import { weekly } from './moments.ts';
import { hasBefore } from './reading.ts';

/** `address`: of the same page at another moment; undefined for now. */
export async function dateOf(
  site: ServerContext,
  between: Between,
  { path, address }: { readonly path: string; readonly address: (at: string | undefined) => string },
): Promise<ShownDate> {
  const ticks = await site.past.ticks();
  const newest = ticks.at(-1) ?? between.to;
  const { to } = between;
  const steps = weekly(ticks, newest);
  const href = (at: Date) => address(at.getTime() === newest.valid.getTime() ? undefined : at.toISOString());
  const earlier =
    steps.findLast(({ valid }) => valid < to.valid) ?? ticks.findLast(({ valid }) => valid < to.valid);
  const later = steps.find(({ valid }) => valid > to.valid) ?? ticks.find(({ valid }) => valid > to.valid);
  const inPast = to.valid.getTime() !== newest.valid.getTime();
  return {
    at: to.valid,
    past: inPast ? (between.known ? 'late data included' : 'as published') : null,
    earlier: earlier ? href(earlier.valid) : null,
    later: later ? href(later.valid) : null,
    others: steps
      .toReversed()
      .filter(({ valid }) => valid.getTime() !== newest.valid.getTime())
      .slice(0, 8)
      .map(({ valid }) => ({ at: valid, href: href(valid) })),
    path,
  };
}

/** Scans that can be chosen to compare with: the newest few, and one of each week before. */
const NEWEST = 4;
const WEEKS = 9;

/** As addresses have it: `2026-11-30T12:00:00Z`. */
const addressed = (at: Date): string => at.toISOString().replace('.000Z', 'Z');

/** With which look a page is compared, as a form; null where there is none before it. `kept`: what of its address stays. */
export async function compareControl(
  site: ServerContext,
  between: Between,
  { path, kept }: { readonly path: string; readonly kept: Readonly<Record<string, string | undefined>> },
): Promise<Markup | null> {
  if (!hasBefore(between)) return null;
  const from = between.from.valid;
  const sameDay = from.toISOString().slice(0, 10) === between.to.valid.toISOString().slice(0, 10);
  const said = sameDay ? `${from.toISOString().slice(11, 16)} UTC` : fullDay(from);
  const before = (await site.past.ticks()).filter(({ valid }) => valid < between.to.valid);
  const chosen = [
    ...before.slice(-NEWEST),
    ...weekly(before, between.to).slice(-WEEKS - 1, -1),
    between.from,
  ];
  const scans = [...new Set(chosen.map(({ valid }) => valid.getTime()))]
    .toSorted((a, b) => b - a)
    .map((time) => new Date(time));
  const fields = Object.entries(kept).map(
    ([name, value]) => value !== undefined && html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<details class="pop"><summary class="btn">Compared with ${said}${icon('down')}</summary><div class="menu"><form action="${path}" class="compare">${fields}<label>An earlier scan, UTC<select name="from">${scans.map((valid) => html`<option value="${addressed(valid)}"${valid.getTime() === from.getTime() && html` selected`}>${dayNear(valid.toISOString().slice(0, 10), between.to.valid.toISOString())}, ${valid.toISOString().slice(11, 16)}</option>`)}</select></label>
<label><input type="checkbox" name="as" value="known"${between.known && html` checked`}> Include late data</label><button>Compare</button></form></div></details>`;
}

/** The overview and the list of standards as answers. */

import { authorise } from '@macadam/adapters/authorisation/authorise';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { PAGE_SECTIONS } from '@macadam/adapters/report-formats/html/sections';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { z } from 'zod';
import type { RawAnswer } from '../../http/route.ts';
import { leftOutAt } from '../../left-out.ts';
import { nothingScanned } from '../../time-range.ts';
import { requireNone, unknownName } from '../../unknown-name.ts';
import { framed } from '../history/frame.ts';
import type { ServerContext } from '../history/pages.ts';
import type { Visit } from '../page.ts';
import { pageAnswer } from '../page-answer.ts';
import { overviewAt, SORTS, STATUS_FILTERS, type StandardsQuery, standardsAt } from './address.ts';
import { leadOf, overviewBody, stateSentence } from './body.ts';
import { compareControl, dateOf } from './date-control.ts';
import { dutiesFor } from './duties.ts';
import { belowTarget, byDivision, heatOf } from './heat.ts';
import { type ListPage, listBody, listed, listHeading } from './list-body.ts';
import { readStandards, type StandardsReading } from './reading.ts';
import { PILLAR_ORDER } from './words.ts';

const text = z.string().max(2000).optional();
/** What an empty field of a form holds was not given. */
const given = text.transform((value) => (value === '' ? undefined : value));

export const standardsQuery = {
  at: given,
  from: given,
  as: given,
  status: z.enum(STATUS_FILTERS).optional(),
  pillar: given,
  division: given,
  accountable: given,
  sort: z.enum(SORTS).optional(),
  search: given,
  by: z.enum(['division']).optional(),
};

/** Null: nothing was scanned yet. `report`: whether there is one of the newest look. */
export async function overviewPage(
  visit: Visit,
  tx: DecisionTransaction,
  {
    site,
    query,
    report,
  }: { readonly site: ServerContext; readonly query: StandardsQuery; readonly report: boolean },
): Promise<RawAnswer | null> {
  const reading = await readStandards(site, query);
  if (reading === null) return null;
  const { parts } = visit;
  const heat = query.by === 'division' ? await heatFor(site, reading, query) : null;
  const at = reading.between.to.valid;
  return pageAnswer(
    framed({
      title: `Overview, ${site.title}`,
      heading: stateSentence(reading),
      when: leadOf(reading, query),
      trail: [],
      simulated: site.simulated,
      sections: { current: 'overview' },
      date: await dateOf(site, reading.between, {
        path: '/',
        address: (moment) => overviewAt({ at: moment, by: query.by }),
      }),
      acts: html`${await compareControl(site, reading.between, {
        path: '/',
        kept: { at: query.at, by: query.by },
      })}${mayFreeze(visit) && !reading.inPast && html`<a class="btn go" href="${PAGE_SECTIONS.reviews.href}">Start the review</a>`}`,
      body: overviewBody({
        reading,
        duties: await dutiesFor(visit, tx),
        query,
        heat,
        // A clock that is wrong is said wherever figures are.
        notices: [parts.picture.around().banner, await leftOutNotice(site, at)],
        report,
      }),
    }),
  );
}

const mayFreeze = ({ caller }: Visit): boolean =>
  authorise(caller, 'Review::freeze', { id: '', division: '' }).allowed;

async function heatFor(
  site: ServerContext,
  reading: StandardsReading,
  query: StandardsQuery,
): Promise<Markup> {
  const ids = reading.rows.filter(({ now }) => now.shares.scope > 0).map(({ id }) => id);
  return heatOf(reading.rows, await byDivision(site, reading.between, ids), query);
}

async function leftOutNotice(site: ServerContext, at: Date): Promise<Child> {
  const left = await leftOutAt(site, at);
  if (left.length === 0) return null;
  const files = left.reduce((sum, one) => sum + one.files, 0);
  return html`<aside class="banner" aria-label="Left out"><p><strong>${plural(files, 'file')} left out.</strong> They were not scanned: unknown, and neither passing nor fixed.</p><ul>${left.map(({ said, files: own }) => html`<li>${said}: ${plural(own, 'file')}</li>`)}</ul></aside>`;
}

/** Throws where nothing was scanned yet, and for names that are none. */
export async function standardsPage(site: ServerContext, query: StandardsQuery): Promise<RawAnswer> {
  if (query.pillar !== undefined)
    requireNone(400, unknownName('query.pillar', 'pillar', query.pillar, PILLAR_ORDER));
  if (query.division !== undefined)
    requireNone(400, unknownName('query.division', 'division', query.division, site.divisions.values()));
  const reading = await readStandards(site, query);
  if (reading === null) throw nothingScanned();
  const { division } = query;
  const ids = reading.rows.map(({ id }) => id);
  const figures = division === undefined ? null : await byDivision(site, reading.between, ids);
  const inDivision =
    division === undefined || figures === null
      ? null
      : new Set(
          reading.rows
            .filter((row) => belowTarget(row, figures.get(row.id)?.get(division)) === 'below')
            .map(({ id }) => id),
        );
  const page: ListPage = { reading, query, inDivision };
  return pageAnswer(
    framed({
      title: `Standards, ${site.title}`,
      heading: listHeading(page),
      when: leadOfList(page),
      trail: [],
      simulated: site.simulated,
      sections: { current: 'standards' },
      date: await dateOf(site, reading.between, {
        path: '/standards',
        address: (moment) => standardsAt({ ...query, at: moment, from: undefined }),
      }),
      body: listBody(page),
    }),
  );
}

function leadOfList(page: ListPage): string {
  const rows = listed(page);
  const failing = rows.reduce((sum, { now }) => sum + now.figures.fail, 0);
  const unknown = rows.reduce((sum, { now }) => sum + now.figures.unknown, 0);
  return `${plural(failing, 'failure')} and ${plural(unknown, 'unknown')}: of each standard by itself, never one percentage.`;
}

/** What was measured: the page that this machine's user sees first, and every format of it. */
import { authorise } from '@macadam/adapters/authorisation/authorise';
import { textOf, verbatim } from '@macadam/adapters/report-formats/html/markup';
import { page } from '@macadam/adapters/report-formats/html/page';
import { navigation } from '@macadam/adapters/report-formats/html/sections';
import type { Format, Report } from '@macadam/adapters/report-formats/port';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { answer, type RawAnswer, type ServerParts } from '../http/route.ts';
import { answerPast } from '../pages/history/pages.ts';
import { HTML, pageAnswer } from '../pages/page-answer.ts';
import { measuringLine } from '../pages/progress/measuring-line.ts';
import { waitingPage, watched } from '../pages/progress/progress-page.ts';
import { pastQuery, searchOf } from './past.ts';

const reads = { action: 'Figure::read', of: 'anywhere', method: 'GET' } as const;
/** The report names assets of every division. */
const COMPANY = { id: '', division: '' };

/** The report is rendered once for everybody, so it names nobody. */
const SECTIONS = navigation({ current: 'picture', visitor: null });

/** A report is rendered once; it stays the same. */
const rendered = new WeakMap<Report, Map<string, Promise<RawAnswer>>>();

function once(report: Report, id: string, render: () => Promise<RawAnswer>): Promise<RawAnswer> {
  const own = rendered.get(report) ?? new Map<string, Promise<RawAnswer>>();
  rendered.set(report, own);
  const made = own.get(id) ?? render();
  own.set(id, made);
  return made;
}

function reportIn({ picture }: ServerParts): Report {
  const state = picture.state();
  if (state === 'history') throw new HttpProblem(404, 'nothing was measured; the history is at /');
  if (!('scan' in state)) throw new HttpProblem(503, 'still measuring', [], { 'retry-after': '2' });
  return state;
}

const inFormat = async (report: Report, format: Format): Promise<RawAnswer> => ({
  headers: { 'content-type': format.mediaType },
  body: await format.render(report, { color: false }),
});

/** Where the line of the moment goes into a page that is kept. */
const LIVE = '<!-- measuring -->';

/** The page with the line of the moment in place of a text that stands in it once; `then` follows it there. */
function withLive(shown: RawAnswer, { measuring }: ServerParts, place: string, then = ''): RawAnswer {
  if (typeof shown.body !== 'string') return shown;
  const status = measuring?.() ?? null;
  const line = status === null ? '' : textOf(measuringLine(status));
  return { ...shown, body: shown.body.replace(place, () => `${line}${then}`) };
}

/** Where a page of the history begins. */
const CONTENT = '<main id="content">';

export const routes = [
  answer({
    ...reads,
    path: '/',
    summary: 'Show the picture',
    media: HTML,
    query: pastQuery,
    does: async ({ parts, query, caller, permit }) => {
      const state = parts.picture.state();
      if (state !== 'history' && !('scan' in state)) return pageAnswer(waitingPage(state));
      if (state === 'history' || !authorise(caller, 'Fact::read', COMPANY).allowed) {
        const site = parts.site();
        const answered = site && (await answerPast(site, '/history', searchOf(query), caller.name, []));
        if (answered) return withLive(pageAnswer(answered), parts, CONTENT, CONTENT);
        if (state !== 'history') permit('Fact::read', COMPANY);
        throw new HttpProblem(503, 'nothing is known yet', [], { 'retry-after': '2' });
      }
      const kept = await once(state, 'page', async () =>
        pageAnswer(page(state, { ...parts.picture.around(), sections: SECTIONS, live: verbatim(LIVE) })),
      );
      return withLive(kept, parts, LIVE);
    },
  }),
  answer({
    ...reads,
    path: '/progress.json',
    summary: 'Say how far the measuring is',
    media: 'application/json',
    does: ({ parts }) => {
      const state = parts.picture.state();
      const body = state !== 'history' && !('scan' in state) ? watched(state) : { ready: true };
      return { headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
    },
  }),
  answer({
    ...reads,
    action: 'Fact::read',
    of: () => COMPANY,
    path: '/scan.:format',
    summary: 'Give what was measured in a format',
    media: '*/*',
    params: { format: z.string().regex(/^[a-z]{1,20}$/) },
    does: ({ parts, params: { format: id } }) => {
      const format = parts.picture.formats.find((known) => known.id === id);
      if (format === undefined && id !== 'html') throw new HttpProblem(404, `there is no format \`${id}\``);
      const report = reportIn(parts);
      return once(report, id, async () =>
        format && id !== 'html' ? inFormat(report, format) : pageAnswer(page(report, parts.picture.around())),
      );
    },
  }),
];

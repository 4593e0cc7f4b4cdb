/** What was measured: the page that this machine's user sees first, and every format of it. */
import { COMPANY } from '@macadam/adapters/authorisation/authorise';
import { type Around, page, reportBody } from '@macadam/adapters/report-formats/html/page';
import type { Format, Report } from '@macadam/adapters/report-formats/port';
import { labelOf } from '@macadam/core/verdicts/standard';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { answer, type Call, type RawAnswer, type ServerParts } from '../http/route.ts';
import { REPORT_SCRIPT } from '../pages/files.ts';
import { bareFrame } from '../pages/history/frame.ts';
import { overviewPage, standardsQuery } from '../pages/overview/pages.ts';
import { HTML, pageAnswer } from '../pages/page-answer.ts';
import { type Measuring, waitingPage, watched } from '../pages/progress/progress-page.ts';

const reads = { action: 'Figure::read', of: 'anywhere', method: 'GET' } as const;
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

/** The report within the frame of the server: rendered once for everybody, so it names nobody. */
const framedReport = (report: Report, { around, simulated }: FramedReport): RawAnswer =>
  pageAnswer(
    bareFrame({
      title: `${report.title}: security standards`,
      simulated,
      sections: { current: 'overview' },
      scripts: [REPORT_SCRIPT.href],
      body: reportBody(report, around),
    }),
  );

/** It names assets of every division. Throws 403 for whoever may not read those. */
function reportPage({ parts, permit }: Pick<Call, 'parts' | 'permit'>, report: Report): Promise<RawAnswer> {
  permit('Fact::read', COMPANY);
  const simulated = parts.site()?.simulated ?? null;
  return once(report, 'page', async () =>
    framedReport(report, { around: parts.picture.around(), simulated }),
  );
}

const waiting = ({ site }: Pick<ServerParts, 'site'>, state: Measuring): RawAnswer =>
  pageAnswer(
    waitingPage(
      state,
      [...(site()?.standards.values() ?? [])].map(({ definition }) => labelOf(definition)),
    ),
  );

interface FramedReport {
  readonly around: Around;
  readonly simulated: string | null;
}

export const routes = [
  answer({
    ...reads,
    path: '/',
    summary: 'Show the picture',
    media: HTML,
    query: standardsQuery,
    does: async (call, tx) => {
      const { parts, query } = call;
      const state = parts.picture.state();
      const report = state !== 'history' && 'scan' in state;
      const site = parts.site();
      const shown = site && (await overviewPage(call, tx, { site, query, report }));
      if (shown) return shown;
      if (report) return reportPage(call, state);
      if (state !== 'history') return waiting(parts, state);
      throw new HttpProblem(503, 'nothing is known yet', [], { 'retry-after': '2' });
    },
  }),
  answer({
    ...reads,
    path: '/report',
    summary: 'Show the report of the newest scan',
    media: HTML,
    does: (call) => {
      const state = call.parts.picture.state();
      return state !== 'history' && !('scan' in state)
        ? waiting(call.parts, state)
        : reportPage(call, reportIn(call.parts));
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

/** Frameworks as pages: what an outside body asks, and where each requirement stands today. */
import { count } from '@macadam/adapters/report-formats/figures';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { moment, plural } from '@macadam/adapters/report-formats/html/words';
import { REQUIREMENT_STATUSES, type RequirementStatus } from '@macadam/core/figures/framework-status';
import { countsOf, frameworkIn, requirementsOf } from '../../api/frameworks.ts';
import { anId } from '../../http/bounds.ts';
import { answer } from '../../http/route.ts';
import { siteOf } from '../../server-context.ts';
import { standingPage } from '../page.ts';
import { HTML } from '../page-answer.ts';
import { STATUS_WORDS } from '../reviews/body.ts';

const WORDS: Readonly<Record<RequirementStatus, string>> = {
  ...STATUS_WORDS,
  'nothing-maps': 'nothing maps',
};

type Requirements = Awaited<ReturnType<typeof requirementsOf>>;

function countsSentence(requirements: Requirements): string {
  const counts = countsOf(requirements);
  return `${REQUIREMENT_STATUSES.flatMap((status) => (counts[status] > 0 ? [`${count(counts[status])} ${WORDS[status]}`] : [])).join(', ')}.`;
}

const frameworkBody = (
  id: string,
  requirements: Requirements,
): Markup => html`<section aria-labelledby="stands"><h2 id="stands">Where does each requirement stand?</h2>
<p class="answer">${plural(requirements.length, 'requirement')}: ${countsSentence(requirements)}</p>
<p>A requirement stands as the worst of the standards that answer it does. Where nothing maps, it is a gap.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Requirements"><table class="past"><thead><tr><th scope="col">Requirement</th><th scope="col">Status</th><th scope="col">Standards</th></tr></thead><tbody>${requirements.map(
  ({ requirement, status, standards }) =>
    html`<tr><th scope="row">${requirement}</th><td>${WORDS[status]}</td><td>${standards.map(
      ({ standard, label, status: own }, at) =>
        html`${at > 0 && ', '}${label === null ? html`<code>${standard}</code>` : html`<a href="/standards/${standard}">${label}</a>`} <span class="quiet">${own === null ? 'not in force here' : WORDS[own]}</span>`,
    )}</td></tr>`,
)}</tbody></table></div><p class="note"><a href="/api/oscal/assessment-results?framework=${id}">OSCAL assessment results</a>, <a href="/api/oscal/plan-of-action">plan of action and milestones</a></p></section>`;

export const frameworkPages = [
  answer({
    method: 'GET',
    path: '/frameworks',
    summary: 'Show what outside bodies ask, and how much of it is met',
    media: HTML,
    action: 'Figure::read',
    of: 'anywhere',
    does: async (call, tx) => {
      const site = siteOf(call.parts);
      const rows: Markup[] = [];
      for (const one of site.frameworks ?? []) {
        const requirements = await requirementsOf(site, one);
        rows.push(
          html`<li><a href="/frameworks/${one.framework}">${one.title}</a>: ${plural(requirements.length, 'requirement')}, ${countsSentence(requirements)}</li>`,
        );
      }
      return standingPage(call, {
        section: 'reviews',
        heading: 'Frameworks',
        title: 'Frameworks',
        when: moment(tx.at),
        body: html`<section aria-labelledby="asked"><h2 id="asked">What do others ask of us?</h2><ul>${rows}</ul></section>`,
      });
    },
  }),
  answer({
    method: 'GET',
    path: '/frameworks/:id',
    summary: 'Show where every requirement of a framework stands',
    media: HTML,
    action: 'Figure::read',
    of: 'anywhere',
    params: { id: anId },
    does: async (call, tx) => {
      const { site, framework } = frameworkIn(call.parts, call.params.id);
      const requirements = await requirementsOf(site, framework);
      const { title } = framework;
      return standingPage(call, {
        section: 'reviews',
        heading: title,
        title,
        when: moment(tx.at),
        body: frameworkBody(framework.framework, requirements),
      });
    },
  }),
];

/** Frameworks as pages: what an outside body asks, and where each requirement stands today. */

import { count } from '@macadam/adapters/report-formats/figures';
import { moment } from '@macadam/adapters/report-formats/html/dates';
import { html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { REQUIREMENT_STATUSES, type RequirementStatus } from '@macadam/core/figures/framework-status';
import { countsOf, frameworkIn, requirementsOf } from '../../api/frameworks.ts';
import { anId } from '../../http/bounds.ts';
import { siteOf } from '../../server-context.ts';
import { capital } from '../overview/words.ts';
import { shownPage, standingPage } from '../page.ts';
import { STATUS_WORDS } from '../reviews/body.ts';

const WORDS: Readonly<Record<RequirementStatus, string>> = {
  ...STATUS_WORDS,
  'nothing-maps': 'answered by no standard',
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
<p>A requirement stands as the worst of the standards that answer it does. What no standard answers is a gap.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Requirements"><table class="past"><thead><tr><th scope="col">Requirement</th><th scope="col">Status</th><th scope="col">Standards</th></tr></thead><tbody>${requirements.map(
  ({ requirement, group, status, standards }) =>
    html`<tr><th scope="row">${requirement}${group !== null && html`<div class="of">${group}</div>`}</th><td>${WORDS[status]}</td><td>${joined(standards, ({ standard, label, status: own }) => html`${label === null ? html`<code>${standard}</code>` : html`<a href="/standards/${standard}">${label}</a>`} <span class="quiet">${own === null ? 'not in force here' : WORDS[own]}</span>`)}</td></tr>`,
)}</tbody></table></div><p class="note"><a href="/api/oscal/assessment-results?framework=${id}">OSCAL assessment results</a>, <a href="/api/oscal/plan-of-action">plan of action and milestones</a></p></section>`;

interface FrameworkLine {
  readonly id: string;
  readonly title: string;
  /** How many requirements it has. */
  readonly of: number;
  readonly counts: Readonly<Record<RequirementStatus, number>>;
}

function frameworksHeading(all: readonly FrameworkLine[]): string {
  const sum = (number: (one: FrameworkLine) => number) => all.reduce((total, one) => total + number(one), 0);
  const kept = sum(({ counts }) => counts.met + counts['on-track']);
  return `${count(kept)} of ${plural(
    sum(({ of }) => of),
    'requirement',
  )} of ${plural(all.length, 'framework')} ${kept === 1 ? 'is' : 'are'} met or on track.`;
}

function frameworksBody(all: readonly FrameworkLine[]): Markup {
  const words = REQUIREMENT_STATUSES.map(
    (status) => html`<th scope="col" class="num">${capital(WORDS[status])}</th>`,
  );
  const rows = all.map(
    ({ id, title, of, counts }) =>
      html`<tr><th scope="row"><a href="/frameworks/${id}">${title}</a></th><td class="num" data-label="requirements">${count(of)}</td>${REQUIREMENT_STATUSES.map((status) => html`<td class="num" data-label="${WORDS[status]}">${counts[status] === 0 ? html`<span class="ink-3">0</span>` : count(counts[status])}</td>`)}</tr>`,
  );
  return html`<section aria-labelledby="asked"><h2 id="asked">What others ask of us<span class="sub">a requirement stands as the worst of the standards that answer it</span></h2><div class="scroll" tabindex="0" role="group" aria-label="Frameworks"><table class="grid quiet frames stacked"><colgroup><col class="w-frame"></colgroup><thead><tr><th scope="col">Framework</th><th scope="col" class="num">Requirements</th>${words}</tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

export const frameworkPages = [
  shownPage({
    path: '/frameworks',
    summary: 'Show what outside bodies ask, and how much of it is met',
    action: 'Figure::read',
    of: 'anywhere',
    does: async (call, tx) => {
      const site = siteOf(call.parts);
      const all: FrameworkLine[] = [];
      for (const one of site.frameworks ?? []) {
        const requirements = await requirementsOf(site, one);
        all.push({
          id: one.framework,
          title: one.title,
          counts: countsOf(requirements),
          of: requirements.length,
        });
      }
      return standingPage(call, {
        section: 'frameworks',
        heading: frameworksHeading(all),
        title: 'Frameworks',
        when: moment(tx.at),
        body: frameworksBody(all),
      });
    },
  }),
  shownPage({
    path: '/frameworks/:id',
    summary: 'Show where every requirement of a framework stands',
    action: 'Figure::read',
    of: 'anywhere',
    params: { id: anId },
    does: async (call, tx) => {
      const { site, framework } = frameworkIn(call.parts, call.params.id);
      const requirements = await requirementsOf(site, framework);
      const { title } = framework;
      return standingPage(call, {
        section: 'frameworks',
        heading: title,
        title,
        when: moment(tx.at),
        body: frameworkBody(framework.framework, requirements),
      });
    },
  }),
];

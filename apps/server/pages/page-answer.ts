/** Pages as answers: the policy that a page states is also a header, and what goes wrong is a page too. */

import { actionWords, isAction } from '@macadam/adapters/authorisation/actions';
import { html } from '@macadam/adapters/report-formats/html/markup';
import type { Page } from '@macadam/adapters/report-formats/html/page';
import { REPORTED } from '../http/policy-reports.ts';
import type { ProblemBody } from '../http/problem.ts';
import type { RawAnswer } from '../http/route.ts';
import { framed } from './history/frame.ts';
import { capital } from './overview/words.ts';

export const HTML = 'text/html';

export const pageAnswer = ({ text, policy }: Page): RawAnswer => ({
  headers: {
    'content-type': 'text/html; charset=utf-8',
    // Neither `frame-ancestors` nor where to report has an effect in a meta element, so a page that is a file cannot say it itself.
    'content-security-policy': `${
      policy.includes('frame-ancestors') ? policy : `${policy}; frame-ancestors 'none'`
    }; ${REPORTED}`,
  },
  body: text,
});

/** A refusal names the action as a scope of a token does; whoever reads a page is told it in words. */
const plainAction = (detail: string): string =>
  detail.replace(/^(\w+::\w+) takes /, (said, action: string) =>
    isAction(action) ? `To ${actionWords(action)} takes ` : said,
  );

/** A problem for people. `ways` says how one logs in, where nobody is. */
export function problemPage({ status, title, detail, errors }: ProblemBody, ways: string): RawAnswer {
  const body = html`<section aria-labelledby="what"><h2 id="what">What is wrong?</h2><p class="answer">${plainAction(detail)}</p>
${status !== 401 && errors.length > 0 && html`<ul>${errors.map(({ field, reason, fix }) => html`<li>${field !== '' && html`<code>${field}</code>: `}${reason !== detail && `${reason}; `}${field === '' && reason === detail ? capital(fix) : fix}.</li>`)}</ul>`}
${status === 401 && html`<p>${ways}</p>`}</section>`;
  const page = framed({
    title,
    heading: title,
    when: html`Answer ${status}. <a href="/">Overview</a>`,
    trail: [],
    simulated: null,
    date: null,
    ...(status === 401 && { sections: null }),
    body,
  });
  return { ...pageAnswer(page), status };
}

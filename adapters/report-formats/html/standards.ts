/** The third question: how each standard is doing, by pillar, as an interval and never as one pooled percentage. */
import type { ScanPlace, ScanStandard } from '@macadam/core/figures/scan';
import {
  count,
  isShort,
  listed,
  measureText,
  percentDown,
  share,
  standings,
  unmeasured,
} from '../figures.ts';
import type { Report, StandardText } from '../port.ts';
import { bar } from './bar.ts';
import { chapters } from './markdown.ts';
import { type Child, html, type Markup } from './markup.ts';
import { listLink, plural, standingOf, unbroken } from './words.ts';

export function standards(report: Report): Markup {
  const all = report.scan.standards;
  const pillars = Map.groupBy(all, (standard) => standard.pillar);
  return html`<section id="standards" aria-labelledby="standards-title">
<h2 id="standards-title">How is each standard doing?</h2>
<p class="answer">${all.length === 0 ? 'No standard is in force.' : `${standings(all)}.`}</p>
<p class="legend"><span class="mark pass">passes</span><span class="mark unknown">unknown</span><span class="mark fail">fails</span><span class="quiet">The true share lies between the end of the solid part and the end of the hatched part. A standard with no known failure but something unknown is undecided, not met.</span></p>
${[...pillars].map(
  ([
    pillar,
    members,
  ]) => html`<h3 class="pillar">${pillar} <span class="quiet">${standings(members)}</span></h3>
${members.map((standard) => row(standard, report))}`,
)}
</section>`;
}

function row(standard: ScanStandard, report: Report): Markup {
  return html`<article class="standard" id="standard-${standard.id}" aria-labelledby="title-${standard.id}">
<h4 id="title-${standard.id}">${standard.title}</h4>
<p class="severity ${standard.severity}">${standard.severity}</p>
<div class="graph">${bar(standard)}</div>
<p class="share"><span class="standing">${standingOf(standard)}</span> ${shareOf(standard)}</p>
<p class="counts">${counts(standard, report.settled !== undefined)}</p>
${notes(standard).map((note) => html`<p class="note">${note}</p>`)}
${about(standard, report.standards.get(standard.id), report)}
</article>`;
}

function shareOf(standard: ScanStandard): Child {
  if (standard.scope === 0)
    return isShort(standard.containers) && html`<span class="quiet">${listed(standard.containers)}</span>`;
  const open = unmeasured(standard);
  const figure = unbroken(open === null ? share(standard) : `${share(standard)}; ${open}`);
  return html`${figure}${standard.containers && html` <span class="quiet">${listed(standard.containers)}</span>`}`;
}

function counts(standard: ScanStandard, listed: boolean): Child {
  const { id } = standard;
  const part = (value: number, verdict: string, word: string, opens: boolean): Child => {
    const text = `${count(value)} ${word}`;
    const shown = opens && value > 0 ? listLink({ standard: id, verdict }, text) : text;
    return html`<span class="mark ${verdict}">${shown}</span>`;
  };
  return [
    part(standard.pass, 'pass', 'pass', listed),
    part(standard.unknown, 'unknown', 'unknown', true),
    part(standard.fail, 'fail', 'fail', true),
    part(standard.notApplicable, 'not-applicable', 'out of scope', listed),
  ];
}

function notes(standard: ScanStandard): Child[] {
  const { excepted, adjustedAtLeast } = standard;
  const notes: Child[] = [];
  const measured = measureText(standard);
  if (measured !== null) notes.push(unbroken(measured));
  if (standard.outOfReach)
    notes.push(html`No source of this run can judge it: see the <a href="#blind-spots">blind spots</a>.`);
  const apart = (standard.places ?? []).filter(({ scope }) => scope > 0);
  if (apart.some(({ place }) => place !== 'product')) notes.push(byPlace(standard, apart));
  if (excepted > 0) {
    const link = listLink(
      { standard: standard.id, verdict: 'fail', excepted: 'yes' },
      plural(excepted, 'failure'),
    );
    const adjusted =
      adjustedAtLeast === null ? '' : ` Adjusted share: at least ${unbroken(percentDown(adjustedAtLeast))}.`;
    notes.push(
      html`${link} under an exception in force, counted as ${excepted === 1 ? 'the failure it is' : 'the failures they are'}.${adjusted}`,
    );
  }
  return notes;
}

/** The figures by place, each with the list behind it. */
function byPlace(standard: ScanStandard, places: readonly ScanPlace[]): Child {
  return places.map((one, index) => {
    const name = one.place ?? 'place not known';
    const fails = listLink(
      { standard: standard.id, verdict: 'fail', place: one.place ?? '' },
      `${plural(one.fail, 'failure')}`,
    );
    const failing = one.fail > 0 ? html`, ${fails}` : '';
    return html`${index > 0 ? '; ' : ''}${name} ${unbroken(share(one))}${failing}`;
  });
}

function about(standard: ScanStandard, text: StandardText | undefined, report: Report): Markup | null {
  if (text === undefined) return null;
  const reasons = Map.groupBy(
    report.scan.findings.filter((finding) => finding.standard === standard.id),
    (finding) => `${finding.verdict}\n${finding.reason}`,
  );
  const mappings = Object.entries(text.mappings);
  return html`<details class="about"><summary>About this standard</summary><div class="prose">
<p class="statement">${text.statement}</p><p>${text.why}</p>
${
  reasons.size > 0 &&
  html`<h5>Reasons found</h5><ul>${[...reasons].map(([key, members]) => {
    const [verdict = '', reason = ''] = key.split('\n');
    return html`<li>${listLink({ standard: standard.id, verdict, reason }, count(members.length))} ${verdict}: ${reason}</li>`;
  })}</ul>`
}
${chapters(text.guidance).map(({ heading, body }) => html`${heading !== '' && html`<h5>${heading}</h5>`}<div${heading === 'Fix' && html` id="fix-${standard.id}"`}>${body}</div>`)}
${text.fixable && html`<p>A patch can be written for you: <code>macadam fix --standard ${standard.id}</code></p>`}
${mappings.length > 0 && html`<h5>Asked for by</h5><ul>${mappings.map(([framework, ids]) => html`<li>${framework}: ${ids.join(', ')}</li>`)}</ul>`}
<p class="quiet">${standard.id}</p></div></details>`;
}

/** The first question: what fails, where, how much of it, and what to do. */
import type { Finding, ScanStandard } from '@macadam/core/figures/scan';
import { type FailingPlace, worstFirst, worstPlaces } from '@macadam/core/figures/worst';
import { count } from '../figures.ts';
import { gravestFirst } from '../gravest.ts';
import type { NextStep, Report } from '../port.ts';
import { command } from './actions.ts';
import { codeLines, placeLink } from './code.ts';
import { html, type Markup } from './markup.ts';
import { listLink, plural } from './words.ts';

/** Places of each standard. */
const PLACES = 2;

export function failing(report: Report): Markup {
  const failures = worstFirst(report.scan.findings);
  const own = gravestFirst(failures);
  const answer =
    own.length === 0
      ? nothing(report)
      : `${plural(own.length, 'standard')} ${own.length === 1 ? 'fails' : 'fail'}, with ${plural(failures.length, 'failure')}.`;
  return html`<section id="failing" aria-labelledby="failing-title">
<h2 id="failing-title">What fails?</h2>
<p class="answer">${answer}</p>
${own.length > 0 && html`<ol class="failing">${own.map(([id, findings]) => entry(id, findings, report))}</ol>`}
</section>`;
}

function nothing({ scan }: Report): string {
  if (scan.standards.every(({ scope }) => scope === 0))
    return 'Nothing was measured, so nothing can be said.';
  const excepted = scan.standards.reduce((sum, standard) => sum + standard.excepted, 0);
  const unknown = scan.standards.reduce((sum, standard) => sum + standard.unknown, 0);
  if (excepted > 0) return `Nothing but ${plural(excepted, 'failure')} under an exception.`;
  return unknown > 0
    ? `Nothing is known to fail; ${plural(unknown, 'verdict')} ${unknown === 1 ? 'is' : 'are'} unknown.`
    : 'Nothing.';
}

function entry(id: string, findings: readonly Finding[], { scan, actions }: Report): Markup {
  const standard = scan.standards.find((one) => one.id === id);
  const severity = findings[0]?.severity ?? 'low';
  const kind = findings[0]?.asset.kind ?? 'asset';
  const step = actions.find((one) => one.standard === id);
  const places = worstPlaces(findings, PLACES);
  const more = findings.length - new Set(places.map(({ finding }) => finding)).size;
  return html`<li class="failure"><h3><a class="plain" href="#standard-${id}">${standard?.title ?? id}</a></h3>
<p class="about-failure"><code>${id}</code> <span class="severity ${severity}">${severity}</span> ${listLink({ standard: id, verdict: 'fail', excepted: 'no' }, many(findings.length, kind, standard))}</p>
<ul class="places">${places.map(placeEntry)}</ul>
${more > 0 && html`<p class="quiet more-places">and ${count(more)} more</p>`}
${todo(step)}</li>`;
}

const many = (failures: number, kind: string, standard: ScanStandard | undefined): string =>
  standard === undefined ? plural(failures, kind) : `${count(failures)} of ${plural(standard.scope, kind)}`;

function placeEntry(one: FailingPlace): Markup {
  const { finding, location, link, code, text } = one;
  const { asset, message } = finding;
  const name = asset.container ?? asset.name;
  const said = text === message || finding.location?.line === location?.line ? message : text;
  return html`<li><p><bdi>${name}</bdi> ${placeLink(location, link)} <span class="quiet">${said}</span></p>${codeLines(code, location?.line)}</li>`;
}

function todo(step: NextStep | undefined): Markup | null {
  if (step === undefined) return null;
  return command(step.command);
}

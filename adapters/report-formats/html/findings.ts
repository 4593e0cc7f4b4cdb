/**
 * The fourth question: which assets. The script draws the list and its filters; without a script the first findings
 * stand here in groups whose ids are the very fragments that the numbers link to.
 */
import type { Finding } from '@macadam/core/figures/scan';
import { count } from '../figures.ts';
import type { Report } from '../port.ts';
import { address } from './browser/address.ts';
import { placeLink } from './code.ts';
import { html, type Markup } from './markup.ts';
import { plural } from './words.ts';

/** Findings that are written out for readers without a script. */
const MOST = 1000;

export function findings(report: Report): Markup {
  const all = report.scan.findings;
  const fails = all.filter((finding) => finding.verdict === 'fail').length;
  const assets = new Set(all.map((finding) => finding.asset.id)).size;
  const answer =
    all.length === 0
      ? 'There are no findings.'
      : `${plural(fails, 'failure')} and ${plural(all.length - fails, 'unknown')} on ${plural(assets, 'asset')}.`;
  return html`<section id="findings" aria-labelledby="list-title">
<h2 id="list-title" tabindex="-1">Which assets?</h2>
<p class="answer">${answer}</p>
<div id="live" hidden>
<form id="filters" role="search" aria-label="Findings">
<label class="wide">Search<input name="search" type="search" autocomplete="off" spellcheck="false"></label>
${['standard', 'verdict', 'owner', 'kind', 'repository', 'place'].map((name) => html`<label>${name[0]?.toUpperCase()}${name.slice(1)}<select name="${name}"><option value="">any</option></select></label>`)}
<label>Group by<select name="group"><option value="">nothing</option><option value="repository">repository</option><option value="owner">owner</option><option value="standard">standard</option></select></label>
</form>
<ul id="chips" aria-label="Filters in force"></ul>
<p id="status" role="status"></p>
<div id="result"></div>
</div>
<noscript>${written(report)}</noscript>
</section>`;
}

function written(report: Report): Markup {
  const all = report.scan.findings;
  const { print } = address();
  const titles = new Map(report.scan.standards.map((standard) => [standard.id, standard.title]));
  const groups = Map.groupBy(all.slice(0, MOST), ({ standard, verdict }) => print({ standard, verdict }));
  return html`${all.length > MOST && html`<p>The first ${count(MOST)} of ${count(all.length)} are written here. The whole list needs the page's script, or another format (<code>macadam scan --format csv</code>).</p>`}
${[...groups].map(
  ([
    fragment,
    members,
  ]) => html`<h3 id="${fragment.slice(1)}">${members[0]?.verdict}: ${titles.get(members[0]?.standard ?? '') ?? members[0]?.standard}</h3>
<ul class="plain-list">${members.map(line)}</ul>`,
)}`;
}

function line(finding: Finding): Markup {
  return html`<li><bdi>${finding.asset.name}</bdi>: ${finding.message}${finding.exception && html` (excepted until ${finding.exception.until})`}
${placeLink(finding.location, finding.link)} <span class="quiet">${finding.owner === null ? 'no known owner' : finding.owner}</span></li>`;
}

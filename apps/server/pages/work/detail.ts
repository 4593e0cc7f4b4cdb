/** One row of work, opened: why it fails, what changes it, how we know, and what else can be done with it. */

import { count } from '@macadam/adapters/report-formats/figures';
import { codeLines, placeLink } from '@macadam/adapters/report-formats/html/code';
import { duration, lasted, moment, writtenDay } from '@macadam/adapters/report-formats/html/dates';
import { exceptionAt, pathWith, workAt } from '@macadam/adapters/report-formats/html/link';
import { chapters } from '@macadam/adapters/report-formats/html/markdown';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { dueInWords } from '@macadam/adapters/report-formats/html/parts/due';
import { type EvidenceShown, evidenceLine } from '@macadam/adapters/report-formats/html/parts/evidence';
import { icon } from '@macadam/adapters/report-formats/html/signs';
import { plainly, plural, sentence } from '@macadam/adapters/report-formats/html/words';
import { worstPlaces } from '@macadam/core/figures/worst';
import type { Proposal } from '@macadam/services/work/proposal';
import { assetAt, standardAt } from '../history/address.ts';
import { changeSection, commandBox, commandOf } from './change.ts';
import type { ShownRow } from './row.ts';
import { SETTLED } from './rows.ts';

export interface RowDetail {
  readonly shown: ShownRow;
  /** What it lies in, as people call it. */
  readonly repository: string;
  readonly readme: string;
  readonly why: string;
  /** Null: nothing proposes a change here. */
  readonly proposal: Proposal | null;
  readonly evidence: readonly EvidenceShown[];
  /** When the first of its assets was seen failing. */
  readonly failingSince: string | null;
  /** The exception that pauses it, where the reader may see it. */
  readonly exception: string | null;
  readonly may: { readonly check: boolean; readonly act: boolean; readonly except: boolean };
  /** Address of the list without it. */
  readonly back: string;
  readonly today: string;
}

const MOST_PLACES = 6;
const MOST_ASSETS = 12;

export function detailSection(detail: RowDetail): Markup {
  const { shown, repository, back, today } = detail;
  const { row, title, item } = shown;
  return html`<section aria-labelledby="item-title" class="detail" id="item">
<a class="back only-narrow" href="${back}">${icon('previous')}All of it</a>
<p class="crumbs">${row.repository === null ? html`<bdi>${repository}</bdi>` : html`<a href="${assetAt(row.repository)}"><bdi>${repository}</bdi></a>`}<span>/</span><a href="${workAt(item.id)}">work item ${item.id}</a></p>
<h2 id="item-title"><a class="quiet" href="${standardAt(item.standard)}">${title}</a></h2>
<p class="tags">${tags(shown, today)}</p>
${whyOf(detail)}
${placesShown(shown)}
${howToChange(detail)}
<div class="h2"><h3>How we know</h3></div>
${detail.evidence.length === 0 ? html`<p class="note">Nothing that a source read of it can be shown here.</p>` : detail.evidence.map(evidenceLine)}
<p class="note">${detail.failingSince !== null && html`Fails since ${moment(detail.failingSince)}. `}Nobody closes it by hand: it closes when a new scan finds nothing left.</p>
${moves(detail)}</section>`;
}

function tags({ row, severity, minutes, timeToFix, claimedBy, team }: ShownRow, today: string): Child {
  const plain = (text: Child) => html`<span class="chip plain">${text}</span>`;
  return [
    row.exceptedUntil === null
      ? dueInWords(row.due, today)
      : plain(`excepted until ${writtenDay(row.exceptedUntil)}, still failing`),
    severity !== null &&
      (severity === 'critical' ? html`<span class="chip late">critical</span>` : plain(severity)),
    minutes !== null && plain(`about ${duration(minutes * row.assets.length)}`),
    timeToFix !== null &&
      plain(`so far fixed in ${lasted(timeToFix.medianSeconds)} (median of ${count(timeToFix.fixes)})`),
    plain(html`<bdi>${team}</bdi>`),
    plain(claimedBy === null ? 'nobody has claimed it' : html`claimed by <bdi>${claimedBy}</bdi>`),
  ];
}

function whyOf({ shown, why, exception }: RowDetail): Markup {
  const { finding, verdict, row } = shown;
  const said =
    verdict === 'pass' || verdict === 'not-applicable'
      ? SETTLED
      : finding === null
        ? 'Why it fails is unknown now: its facts cannot be read here.'
        : verdict === 'unknown'
          ? `Unknown now: ${finding.message}`
          : finding.message;
  return html`<p class="why">${sentence(plainly(said))}. ${why}</p>${row.exceptedUntil !== null && html`<p class="note">Excepted until ${writtenDay(row.exceptedUntil)}${exception !== null && html` by <a href="${exceptionAt(exception)}">exception ${exception}</a>`}: it fails still, in every figure, and is due ${writtenDay(row.due)}, after it.</p>`}`;
}

/** Where it fails, with the lines of code; several assets are named one by one. */
function placesShown({ finding, row, asset }: ShownRow): Markup {
  const places = finding === null ? [] : worstPlaces([finding], MOST_PLACES);
  const located = places.filter(({ location }) => location !== null);
  const others = row.assets.filter(({ id }) => id !== asset?.id).slice(0, MOST_ASSETS);
  return html`${
    located.length > 0 &&
    html`<ul class="places">${located.map(
      ({ location, link, code, text }) =>
        html`<li><p>${placeLink(location, link)} <span class="ink-3">${text}</span></p>${codeLines(code, location?.line)}</li>`,
    )}</ul>`
  }
<p class="note">${asset ? html`<a href="${assetAt(asset.id)}"><bdi>${asset.name}</bdi></a>` : html`<bdi>${row.assets[0]?.id}</bdi>`}${others.length > 0 && html`, and ${joined(others, ({ id, path }) => html`<a href="${assetAt(id)}"><bdi>${path || id}</bdi></a>`)}`}${row.assets.length - 1 > others.length && `, and ${plural(row.assets.length - 1 - others.length, 'more asset')}`}</p>`;
}

function howToChange({ shown, proposal, readme }: RowDetail): Markup {
  const { item, row, fixable } = shown;
  const asked = readme === '' ? readme : withoutOtherReasons(readme, reasonsOf(shown.finding));
  const steps = chapters(asked).find(({ heading }) => heading === 'Fix')?.body ?? null;
  const patchAt = pathWith(`${workAt(item.id)}/patch`, { in: row.repository ?? '' });
  return html`${fixable && commandBox(commandOf(item.standard, proposal))}
${proposal !== null && changeSection(proposal, patchAt)}
${steps !== null && html`<details${(!fixable || proposal === null) && html` open`}><summary>How it is fixed</summary><div class="prose">${steps}</div></details>`}`;
}

const reasonsOf = (finding: ShownRow['finding']): readonly string[] =>
  finding === null
    ? []
    : [finding.reason, ...finding.evidence.flatMap(({ reason }) => (reason === undefined ? [] : [reason]))];

/** Of a table of what to do the rows of these reasons; all of it where it has none of them. */
function withoutOtherReasons(readme: string, reasons: readonly string[]): string {
  const [before = '', fix = ''] = readme.split(/(?=^## Fix$)/m);
  const isOf = (line: string) => reasons.some((reason) => line.split('|')[1]?.includes(`\`${reason}\``));
  const lines = fix.split('\n');
  if (!lines.some((line) => /^\| `/.test(line) && isOf(line))) return readme;
  return `${before}${lines.filter((line) => !/^\| `/.test(line) || isOf(line)).join('\n')}`;
}

function moves({ shown, may }: RowDetail): Markup {
  const { row, item } = shown;
  const at = workAt(item.id);
  const own = { in: row.repository ?? row.assets[0]?.id ?? '' };
  return html`<div class="moves">${
    may.check &&
    html`<form method="post" action="${at}/check">${row.assets.slice(0, MOST_CHECKED).map(({ id }) => html`<input type="hidden" name="asset" value="${id}">`)}<button class="btn small" data-key="r">${icon('again')}Check again</button></form>`
  }${may.act && html`<a class="btn small" href="${workAt(item.id, own)}#not-mine-to" data-key="h">Hand over</a><a class="btn small" href="${workAt(item.id, own)}#dispute-why" data-key="d">It is wrong</a>`}${may.except && html`<a class="btn small" href="${workAt(item.id, own)}#except-reason" data-key="e">Ask for an exception</a>`}<a class="btn small bare" href="${at}">What happened</a></div>`;
}

/** Assets that are looked at again at once. */
const MOST_CHECKED = 20;

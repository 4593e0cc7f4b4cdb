/**
 * The whole report as one HTML document that needs nothing else: no network, no file beside it. Its policy forbids
 * everything but its own style sheet and script, each named by digest, so nothing that was read from a repository can
 * run, load or send anything even if it got into the markup.
 */

import { createHash } from 'node:crypto';
import type { Report } from '../port.ts';
import { actions } from './actions.ts';
import type { Payload } from './browser/rows.ts';
import { moment } from './dates.ts';
import { failing } from './failing.ts';
import { findings } from './findings.ts';
import { honesty } from './honesty.ts';
import { embeddedJson, html, type Markup, textOf, verbatim } from './markup.ts';
import { place } from './places.ts';
import { SCRIPT } from './script.ts';
import { drawings, LOGO } from './signs.ts';
import { standards } from './standards.ts';
import { STYLE } from './style.ts';
import { plural } from './words.ts';

export interface Page {
  readonly text: string;
  /** The content security policy in its `meta` element; a server sends the same as a header. */
  readonly policy: string;
}

function digest(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
}

/** A policy for a document that has only these inline sources and talks to nobody. */
function policyFor(sources: { readonly style: string; readonly script: string }): string {
  return [
    "default-src 'none'",
    `script-src ${digest(sources.script)}`,
    `style-src ${digest(sources.style)}`,
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** What only a server that keeps history can add: what changed, and whether all of it is made up. */
export interface Around {
  readonly since: Markup | null;
  readonly banner: Markup | null;
}

const NOTHING_AROUND: Around = { since: null, banner: null };

/** The report as a file. */
export function page(report: Report, around: Around = NOTHING_AROUND): Page {
  const policy = policyFor({ style: STYLE, script: SCRIPT });
  const body = html`<a class="skip" href="#failing">Skip to the report</a>
<div class="report">${masthead(report, true)}${around.banner}
<main>${answers(report, around)}</main>
<footer><p>Made by ${report.scan.engine}, catalogue ${report.scan.catalogue}. This page is whole: it loads nothing, and sends nothing.</p></footer></div>
${data(report)}`;
  const text = textOf(html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${report.title}: security standards</title><style>${verbatim(STYLE)}</style></head>
<body>${drawings(textOf(body))}${body}<script>${verbatim(SCRIPT)}</script></body></html>
`);
  return { text, policy };
}

/** The same for a page of the server, whose script is `SCRIPT` at an address of its own. */
export function reportBody(report: Report, around: Around): Markup {
  return html`<div class="report">${masthead(report, false)}${around.banner}${place('measuring')}${answers(report, around)}</div>${data(report)}`;
}

const answers = (report: Report, { since }: Around): Markup =>
  html`${failing(report)}${since}${actions(report)}${honesty(report)}${standards(report)}${findings(report)}`;

const data = (report: Report): Markup =>
  html`<script type="application/json" id="payload">${embeddedJson(payload(report))}</script>`;

function masthead(report: Report, branded: boolean): Markup {
  const { scan } = report;
  const kinds = Object.entries(scan.assets);
  return html`<header class="masthead">${branded && html`<p class="brand">${LOGO}Macadam</p>`}<h1><bdi>${report.title}</bdi></h1>
<p class="of">Collected ${moment(scan.collectedAt)}${scan.asOf !== scan.collectedAt && html`, judged as of ${moment(scan.asOf)}`}</p>
<ul class="assets" aria-label="Assets">${kinds.map(([kind, number]) => html`<li>${plural(number, kind)}</li>`)}</ul>
<nav aria-label="Questions"><ol><li><a href="#failing">What fails</a></li><li><a href="#first">What first</a></li><li><a href="#honesty">How honest</a></li><li><a href="#standards">Standards</a></li><li><a href="#findings">Assets</a></li></ol></nav></header>`;
}

function payload(report: Report): Payload {
  const { comparison } = report;
  const changes: Record<string, string> = Object.create(null);
  for (const fingerprint of comparison?.new ?? []) changes[fingerprint] = 'new';
  for (const fingerprint of comparison?.stillFailing ?? []) changes[fingerprint] = 'still-failing';
  for (const { fingerprint, cause } of comparison?.changes ?? [])
    if (cause === 'became-unknown') changes[fingerprint] = cause;
  const fixable = [...report.standards.values()].filter((text) => text.fixable).map((text) => text.id);
  const blind = report.blindSpots.map((spot) => spot.findings ?? []);
  return { scan: report.scan, ...settled(report), changes, blind, fixable };
}

/** Each asset once, and of each verdict only where its asset stands: passes are many. */
function settled(report: Report): Pick<Payload, 'settled' | 'assets'> {
  const assets: Payload['assets'][number][] = [];
  const positions = new Map<string, number>();
  const verdicts: Record<string, Record<string, number[]>> = Object.create(null);
  for (const { standard, verdict, asset, owner } of report.settled ?? []) {
    const position = positions.get(asset.id) ?? assets.push({ ...asset, owner }) - 1;
    positions.set(asset.id, position);
    verdicts[standard] ??= {};
    verdicts[standard][verdict] ??= [];
    verdicts[standard][verdict].push(position);
  }
  return { settled: verdicts, assets };
}

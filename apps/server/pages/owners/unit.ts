/** The page of a team, read by its lead: what holds and what fails of theirs, by when; whom to call; what is suggested to be theirs. */

import { count } from '@macadam/adapters/report-formats/figures';
import { bar, barLegend } from '@macadam/adapters/report-formats/html/bar';
import { moment } from '@macadam/adapters/report-formats/html/dates';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { dueChip } from '@macadam/adapters/report-formats/html/parts/due';
import { glyph, sign } from '@macadam/adapters/report-formats/html/signs';
import { plural } from '@macadam/adapters/report-formats/html/words';
import type { Figures } from '@macadam/core/figures/accounting';
import type { EmergencyContact, OrgUnit } from '@macadam/core/org/org';
import type { Facet } from '@macadam/services/assets/search';
import type { UnitAmounts } from '@macadam/services/progress/unit';
import { amountsAt, assetAt, assetsAt, changesAt, mailAt, standardAt } from '../history/address.ts';
import type { CauseOfChange } from '../history/causes.ts';
import { CAUSE_NAMES } from '../overview/words.ts';
import { amountCauseText } from '../standard/amount-causes.ts';
import { contactLink, verifiedSaid } from '../who/contact.ts';
import { unitAt } from './tree.ts';

export interface HeldStandard extends Pick<Figures, 'pass' | 'fail' | 'unknown'> {
  readonly id: string;
  readonly label: string;
  /** 0 to 1; null where none is stated. */
  readonly target: number | null;
  /** The earliest day of what is open; null where nothing is. */
  readonly due: string | null;
}

/** What moved a standard of theirs between two looks. */
export interface MovedStandard {
  readonly id: string;
  readonly label: string;
  readonly now: Figures;
  readonly before: Figures;
  readonly causes: ReadonlyMap<CauseOfChange, number>;
  /** Of what is weighed, and of a cohort: what it counts, and why that moved. */
  readonly amounts: (UnitAmounts & { readonly unit: string }) | null;
}

export interface UnitPage {
  readonly unit: OrgUnit;
  /** Nothing lies below it: what is listed of it is its own. */
  readonly alone: boolean;
  readonly trail: readonly { readonly href: string; readonly label: string }[];
  readonly standards: readonly HeldStandard[];
  readonly moved: {
    /** Null where there is no earlier scan. */
    readonly from: Date | null;
    readonly to: Date;
    readonly standards: readonly MovedStandard[];
  };
  readonly work: { readonly open: number; readonly late: number };
  readonly head: string | null;
  readonly contacts: readonly EmergencyContact[];
  readonly instead: OrgUnit | null;
  readonly kinds: readonly Facet[];
  readonly assets: number;
  readonly people: readonly { readonly name: string; readonly email: string | null }[];
  readonly parts: readonly { readonly id: string; readonly name: string; readonly level: string }[];
  readonly suggested: readonly {
    readonly id: string;
    readonly kind: string;
    readonly name: string;
    readonly reason: string;
  }[];
  readonly today: string;
}

const kindSaid = (kind: string) => kind.replaceAll('-', ' ');
type Standing = 'fail' | 'unknown' | 'pass';
const standingOf = ({ fail, unknown }: HeldStandard): Standing =>
  fail > 0 ? 'fail' : unknown > 0 ? 'unknown' : 'pass';

export function unitHeading({ unit, standards, work, alone }: UnitPage): {
  readonly heading: Child;
  readonly lead: Child;
  readonly acts: Child;
} {
  const number = (standing: Standing) => standards.filter((one) => standingOf(one) === standing).length;
  const [pass, fail, unknown] = [number('pass'), number('fail'), number('unknown')];
  const failures = standards.reduce((sum, one) => sum + one.fail, 0);
  const rest = [
    ...(fail > 0 ? [`fails ${count(fail)}`] : []),
    ...(unknown > 0 ? [`and ${count(unknown)} ${unknown === 1 ? 'is' : 'are'} unknown`] : []),
  ];
  const at = pathWith('/work', { team: unit.id, by: 'standard' });
  return {
    heading:
      standards.length === 0
        ? html`<bdi>${unit.name}</bdi>: no standard applies to what it owns.`
        : html`<bdi>${unit.name}</bdi> meets ${count(pass)} of its ${plural(standards.length, 'standard')}${rest.length > 0 && `, ${rest.join(', ')}`}.`,
    lead: html`${plural(failures, 'failure')}${alone ? html` in <a href="${at}">${plural(work.open, 'work item')}</a>` : html` in ${plural(work.open, 'work item')}`}, ${work.late === 0 ? 'none' : count(work.late)} of them late.`,
    acts: html`<a class="btn" href="${pathWith('/who', { text: unit.name })}">Whom to call</a>${alone && html`<a class="btn go" href="${pathWith('/work', { team: unit.id })}">Their work</a>`}`,
  };
}

export function unitBody(page: UnitPage): Markup {
  return html`<div class="asset"><div class="stack">${holds(page)}${moved(page)}${suggested(page)}</div><aside class="stack" aria-label="About it">${whom(page)}${owns(page)}${parts(page)}${people(page)}</aside></div>`;
}

const RANK: Readonly<Record<Standing, number>> = { fail: 0, unknown: 1, pass: 2 };
const SAID: Readonly<Record<Standing, string>> = { fail: 'fails', unknown: 'unknown', pass: 'passes' };

function holds({ standards, unit, alone, today }: UnitPage): Markup | null {
  if (standards.length === 0) return null;
  const sum = (of: 'fail' | 'unknown') => standards.reduce((all, one) => all + one[of], 0);
  const number = (one: HeldStandard, value: number, state: string | undefined, strong: boolean) =>
    value === 0
      ? html`<span class="ink-3">0</span>`
      : alone
        ? html`<a${strong && html` class="strong"`} href="${assetsAt(one.id, { team: unit.id, state })}">${count(value)}</a>`
        : html`${count(value)}`;
  const ordered = standards.toSorted(
    (a, b) =>
      RANK[standingOf(a)] - RANK[standingOf(b)] ||
      ((a.due ?? '9') < (b.due ?? '9') ? -1 : (a.due ?? '9') > (b.due ?? '9') ? 1 : 0) ||
      (a.label < b.label ? -1 : 1),
  );
  return html`<section aria-labelledby="holds"><div class="h2"><h2 id="holds">What holds</h2>${barLegend}</div>
<table class="grid holds quiet"><colgroup><col class="w-std2"><col><col class="w-n4"><col class="w-n4"><col class="w-n5"><col class="w-hd"></colgroup><thead><tr><th scope="col">Standard</th><th scope="col">Share of theirs</th><th scope="col" class="num">Assets</th><th scope="col" class="num">Failing</th><th scope="col" class="num">Unknown</th><th scope="col" class="due">Due</th></tr></thead>
<tbody>${ordered.map((one) => {
    const scope = one.pass + one.fail + one.unknown;
    const standing = standingOf(one);
    return html`<tr><th scope="row"><span class="name">${sign(standing, SAID[standing])}<a href="${standardAt(one.id)}">${one.label}</a></span></th><td>${bar({ scope, pass: one.pass, fail: one.fail, unknown: one.unknown }, one.target)}</td><td class="num">${number(one, scope, undefined, false)}</td><td class="num">${number(one, one.fail, 'fail', true)}</td><td class="num">${number(one, one.unknown, 'unknown', false)}</td><td class="due">${one.due !== null && (alone ? html`<a href="${pathWith('/work', { team: unit.id, standard: one.id })}">${dueChip(one.due, today)}</a>` : dueChip(one.due, today))}</td></tr>`;
  })}</tbody><tfoot><tr><th scope="row">${plural(standards.length, 'standard')}</th><td></td><td></td><td class="num">${count(sum('fail'))}</td><td class="num">${count(sum('unknown'))}</td><td></td></tr></tfoot></table></section>`;
}

/** Between any two dates; each number has its list. */
function moved({ moved: { from, to, standards }, unit }: UnitPage): Markup | null {
  if (from === null) return null;
  const window = { unit: unit.id, from: from.toISOString(), to: to.toISOString() };
  const day = (date: Date) => date.toISOString().slice(0, 10);
  const change = (now: number, before: number) => {
    const by = now - before;
    return by === 0 ? html`<span class="ink-3">0</span>` : html`${by > 0 ? '+' : '−'}${count(Math.abs(by))}`;
  };
  const control = html`<form action="${unitAt(unit.id)}" class="ask" role="search" aria-label="Dates"><label>From<input type="date" name="from" value="${day(from)}"></label><label>To<input type="date" name="to" value="${day(to)}"></label><button class="btn">Show</button></form>`;
  const row = ({ id, label, now, before, causes }: MovedStandard) =>
    html`<tr><th scope="row"><a href="${standardAt(id, { from: window.from, to: window.to })}">${label}</a></th><td class="num">${change(now.pass, before.pass)}</td><td class="num">${change(now.fail, before.fail)}</td><td class="num">${change(now.unknown, before.unknown)}</td><td>${joined([...causes], ([cause, number]) => html`<a href="${changesAt(id, { ...window, cause })}">${count(number)} ${number === 1 && cause === 'excepted' ? 'exception' : CAUSE_NAMES[cause]}</a>`)}</td></tr>`;
  const amountRow = ({ id, label, amounts }: MovedStandard) => {
    if (amounts === null || amounts.before === null || amounts.causes === null || amounts.causes.length === 0)
      return null;
    const { now, before, causes } = amounts;
    const why = joined(
      causes,
      (cause) =>
        html`<a href="${amountsAt(id, window, cause)}">${count(cause.changes)} ${amountCauseText(cause)}</a>`,
    );
    return html`<tr><th scope="row"><span class="hidden">${label}: </span>in ${amounts.unit}</th><td class="num">${change(now.pass, before.pass)}</td><td class="num">${change(now.fail, before.fail)}</td><td class="num">${change(now.unknown, before.unknown)}</td><td>${why}</td></tr>`;
  };
  const rows = standards.map((one) => html`${one.causes.size > 0 && row(one)}${amountRow(one)}`);
  return html`<section aria-labelledby="moved"><div class="h2"><h2 id="moved">What moved</h2><span class="more">${moment(from.toISOString())} to ${moment(to.toISOString())}</span></div>${control}
${
  rows.length === 0
    ? html`<p>Nothing of theirs moved between these two scans.</p>`
    : html`<div class="scroll" tabindex="0" role="group" aria-label="What moved, and why"><table class="grid tall quiet"><caption class="hidden">What moved, and why</caption><colgroup><col class="w-std2"><col class="w-n5"><col class="w-n5"><col class="w-n5"><col></colgroup><thead><tr><th scope="col">Standard</th><th scope="col" class="num">Passing</th><th scope="col" class="num">Failing</th><th scope="col" class="num">Unknown</th><th scope="col">Why</th></tr></thead><tbody>${rows}</tbody></table></div>`
}</section>`;
}

function suggested({ suggested: all, unit }: UnitPage): Markup | null {
  if (all.length === 0) return null;
  return html`<section aria-labelledby="suggested"><div class="h2"><h2 id="suggested">What is suggested to be theirs</h2><span class="more">nobody owns it today</span></div>
<ul class="proof theirs">${all.map(({ id, kind, name, reason }) => html`<li>${glyph('said-so')}<span><a href="${assetAt(id)}"><bdi>${name}</bdi></a>, ${kindSaid(kind)}: ${reason}</span><form method="post" action="/owners"><input type="hidden" name="assets" value="${id}"><input type="hidden" name="to" value="team"><input type="hidden" name="team" value="${unit.id}"><input type="hidden" name="reason" value="Its team said on its own page that it is theirs: ${reason}"><button class="btn small">Ours<span class="hidden">: ${name}</span></button></form></li>`)}</ul></section>`;
}

function whom({ contacts, instead, head, today }: UnitPage): Markup {
  const [first, ...others] = contacts;
  return html`<section aria-labelledby="whom" class="box"><h2 id="whom">Whom to call</h2>${
    first === undefined
      ? html`<p class="bad">Nobody has given a number.</p>`
      : html`<p class="call">${contactLink(first)}<span class="ink-2">${verifiedSaid(first.verified, today)}</span></p>${others.length > 0 && html`<p class="call second"><span class="ink-2">then</span>${others.slice(0, 3).map((one) => contactLink(one))}</p>`}`
  }${instead !== null && html`<p class="note">These are of <a href="${unitAt(instead.id)}"><bdi>${instead.name}</bdi></a>: it has given none of its own.</p>`}<p class="note">Accountable: ${head === null ? html`<span class="bad">nobody</span>` : html`<bdi>${head}</bdi>`}.</p></section>`;
}

function owns({ kinds, unit, alone, assets }: UnitPage): Markup {
  return html`<section aria-labelledby="owns" class="box"><h2 id="owns">What it owns</h2>${
    assets === 0
      ? html`<p class="note">Nothing, as of the last assignment.</p>`
      : html`<dl class="attrs numbers">${kinds.map(({ value, count: number }) => html`<dt>${kindSaid(value)}</dt><dd>${alone ? html`<a href="${pathWith('/assets', { kind: value, owner: unit.id })}">${count(number)}</a>` : count(number)}</dd>`)}</dl>`
  }</section>`;
}

const parts = ({ parts: all }: UnitPage): Markup | null =>
  all.length === 0
    ? null
    : html`<section aria-labelledby="parts" class="box"><h2 id="parts">Its parts</h2><ul>${all.map(({ id, name, level }) => html`<li><a href="${unitAt(id)}"><bdi>${name}</bdi></a> <span class="ink-3">${level}</span></li>`)}</ul></section>`;

function people({ people: all }: UnitPage): Markup | null {
  if (all.length === 0) return null;
  return html`<section aria-labelledby="people" class="box"><h2 id="people">Who is in it</h2><ul>${all.map(({ name, email }) => html`<li>${email === null ? html`<bdi>${name}</bdi>` : html`<a href="${mailAt(email)}"><bdi>${name}</bdi></a>`}</li>`)}</ul><p class="note">${all.length === 1 ? '1 person' : `${count(all.length)} people`}, as the directory says. Nobody is ranked.</p></section>`;
}

/** A standard as its owner works on it: what it says, what its examples come out as, and what would change if it said something else. */
import { count, counted } from '@macadam/adapters/report-formats/figures';
import { bar } from '@macadam/adapters/report-formats/html/bar';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { intervalEnds } from '@macadam/adapters/report-formats/html/parts/interval';
import { emptyState, errorState } from '@macadam/adapters/report-formats/html/parts/states';
import { type Glyph, glyph } from '@macadam/adapters/report-formats/html/signs';
import { plural, sentence } from '@macadam/adapters/report-formats/html/words';
import { share } from '@macadam/core/figures/share';
import type { Kind } from '@macadam/core/kinds/kind';
import type { DraftMistake, DraftTexts, ExampleResult } from '@macadam/services/judge/draft';
import type { Tally, TeamChange, Transition, WhatIf } from '@macadam/services/judge/what-if';
import { assetsAt, standardAt } from '../history/address.ts';
import { diff } from '../work/change.ts';
import { type DraftQuery, definitionAt, parameterField } from './address.ts';

export interface DefinitionPage {
  readonly id: string;
  /** What its assets are called, one of them. */
  readonly noun: string;
  readonly kind: Kind;
  readonly before: DraftTexts;
  readonly typed: DraftTexts;
  readonly query: Partial<DraftQuery>;
  readonly mistakes: readonly DraftMistake[];
  readonly examples: readonly ExampleResult[];
  readonly target: number | null;
  /** Of the newest look. */
  readonly now: Tally & { readonly unnamed: number };
  /** Teams with the most failures now. */
  readonly failing: readonly { readonly team: string; readonly fail: number }[];
  /** Null where nothing is tried, or it cannot be read. */
  readonly tried: Tried | null;
  /** Said where functions or queries would take too long. */
  readonly tooCostly: string | null;
  readonly minutes: number;
  readonly divisions: ReadonlyMap<string, string>;
}

export interface Tried {
  readonly whatIf: WhatIf;
  readonly patch: string;
  /** Where the file lies in the catalogue. */
  readonly file: string;
  readonly setByEstate: readonly string[];
}

export function definitionBody(page: DefinitionPage): Markup {
  return html`<div class="cols define"><form class="stack trying" id="def" action="${definitionAt(page.id)}" data-checker="/api/standards/${page.id}/draft">
${statementSection(page)}${scopeSection(page)}${checkSection(page)}${examplesSection(page)}</form>
<div class="stack against">${page.tooCostly !== null && costly(page.tooCostly)}${page.tried === null ? nowSections(page) : triedSections(page, page.tried)}</div></div>`;
}

const area = (name: 'statement' | 'where' | 'check', value: string, rows: number, more: Child = null) =>
  html`<textarea class="field${name === 'statement' ? ' say' : ' cel'}" id="${name}" name="${name}" rows="${rows}" spellcheck="${name === 'statement' ? 'true' : 'false'}"${more}>
${value}</textarea>`;

function statementSection({ before, typed, mistakes }: DefinitionPage): Markup {
  const was = before.statement !== typed.statement;
  return html`<section aria-labelledby="d1"><h2 id="d1"><label for="statement">Statement</label></h2>${area('statement', typed.statement, 2, described('statement', mistakes))}${wrong('statement', mistakes)}
<p class="note">${was && html`Was “${before.statement}” `}One sentence that is true or false of one asset.</p></section>`;
}

function scopeSection({ typed, mistakes, noun, now, tried }: DefinitionPage): Markup {
  const { pass, fail, unknown, notApplicable } = tried?.whatIf.changed ?? now;
  const scope = pass + fail + unknown;
  const all =
    tried === null ? counted(scope, noun) : `${count(scope)} of ${counted(scope + notApplicable, noun)}`;
  return html`<section aria-labelledby="d2"><div class="h2"><h2 id="d2"><label for="where">Scope</label><span class="sub">${noun}, where this is true</span></h2><span class="more">${all}</span></div><div class="editor">${area('where', typed.where, rowsOf(typed.where), described('where', mistakes))}</div>${wrong('where', mistakes)}</section>`;
}

function checkSection(page: DefinitionPage): Markup {
  const { typed, before, mistakes, kind } = page;
  const names = Object.keys(before.params);
  const parameters = names.map((name) => {
    const field = parameterField(names, name);
    const now = typed.params[name] ?? '';
    const was = before.params[name] ?? '';
    return (
      field !== null &&
      html`<label>${name}<input class="field" name="${field}" value="${now}"${described(name, mistakes)}>${now !== was && html`<span class="was">was <del>${was}</del></span>`}${wrong(name, mistakes)}</label>`
    );
  });
  const reasons = mistakes.filter(({ field }) => field.startsWith('reasons'));
  return html`<section aria-labelledby="d3"><div class="h2"><h2 id="d3"><label for="check">Check</label><span class="sub">true is a pass</span></h2></div><div class="editor">${area('check', typed.check, rowsOf(typed.check), described('check', mistakes))}</div>${wrong('check', mistakes)}${reasons.map((one) => html`<p class="wrongly">${glyph('fail')}<span>A reason reads what this no longer says: ${one.reason}.</span></p>`)}
${parameters.length > 0 && html`<div class="pair">${parameters}</div>`}
<div class="acts"><button class="main">Show what would change</button></div>
<details class="attributes"><summary>${plural(Object.keys(kind.attributes).length, 'attribute')} of ${kind.kind.replaceAll('-', ' ')}</summary><table class="grid tall quiet"><thead><tr><th scope="col">Attribute</th><th scope="col">Type</th><th scope="col">What it says</th></tr></thead><tbody>${Object.entries(
    kind.attributes,
  ).map(
    ([name, { type, description }]) =>
      html`<tr><th scope="row"><code>asset.${name}</code></th><td>${type}</td><td>${description}</td></tr>`,
  )}</tbody></table></details></section>`;
}

const rowsOf = (text: string): number =>
  Math.min(
    16,
    Math.max(
      1,
      text.split('\n').reduce((sum, line) => sum + Math.ceil(Math.max(1, line.length) / 72), 0),
    ),
  );

const described = (field: string, mistakes: readonly DraftMistake[]): Child =>
  mistakes.some((one) => one.field === field) && html` aria-invalid="true" aria-describedby="wrong-${field}"`;

const wrong = (field: string, mistakes: readonly DraftMistake[]): Child => {
  const own = mistakes.filter((one) => one.field === field);
  const place = ({ line, column }: DraftMistake) =>
    ['check', 'where'].includes(field) && html`Line ${line}, column ${column}: `;
  return (
    own.length > 0 &&
    html`<p class="wrongly" id="wrong-${field}" role="alert">${glyph('fail')}<span>${joined(own, (one) => html`${place(one)}${sentence(one.reason)}${!one.reason.endsWith('?') && '.'}`, ' ')}</span></p>`
  );
};

/** The reason that came out, and which one the example names where that is another. */
function reasonShown(came: string, named: string): string {
  const said = came === 'meets' || came === 'out-of-scope' ? '' : came;
  if (came === named) return said;
  return said === '' ? `not ${named}` : `${said}, not ${named}`;
}

const VERDICT_WORDS = {
  pass: 'pass',
  fail: 'fail',
  unknown: 'unknown',
  'not-applicable': 'does not apply',
} as const;

const said = (verdict: ExampleResult['verdict']): Markup =>
  verdict === null
    ? html`<span class="name">no verdict</span>`
    : html`<span class="name">${glyph(verdict)}${VERDICT_WORDS[verdict]}</span>`;

function examplesSection({ examples, mistakes }: DefinitionPage): Markup {
  const right = examples.filter(({ asExpected }) => asExpected).length;
  const sub = html`<span class="sub">${count(right)} of ${count(examples.length)} come out as they say</span>`;
  return html`<section class="result" aria-labelledby="d4"><h2 id="d4">Examples${examples.length > 0 && mistakes.length === 0 && sub}</h2>${
    examples.length === 0
      ? emptyState({
          kind: 'unknown',
          says: 'No example shows what this standard means.',
          next: html`Add one: a file in its folder <code>examples/</code>.`,
        })
      : html`<table class="grid examples quiet"><caption class="hidden">Examples</caption><thead><tr><th scope="col">Example</th><th scope="col">It says</th><th scope="col">Comes out</th><th scope="col">Reason</th></tr></thead><tbody>${examples.map(
          ({ name, describe, expected, verdict, reason, asExpected }) =>
            html`<tr${!asExpected && html` class="odd"`}><th scope="row" title="${describe}">${name.replaceAll('-', ' ')}</th><td>${said(expected.verdict)}</td><td>${said(verdict)}</td><td class="ink-2">${reasonShown(reason, asExpected ? reason : expected.reason)}</td></tr>`,
        )}</tbody></table>`
  }</section>`;
}

const costly = (why: string): Markup =>
  errorState({
    says: 'What would change is unknown.',
    holds: html`${sentence(why)}. The standard in force judges as before.`,
    next: 'Write the check in simpler terms, or try it on a smaller scope.',
  });

function tallyRow(label: Child, tally: Tally, target: number | null, links: Child[] | null): Markup {
  const figures = share({
    pass: tally.pass,
    fail: tally.fail,
    unknown: tally.unknown,
    notApplicable: tally.notApplicable,
    excepted: 0,
  });
  const { least, most } = intervalEnds({
    pass: tally.pass,
    unknown: tally.unknown,
    scope: figures.scope,
    atLeast: figures.atLeast,
    atMost: figures.atMost,
  });
  const numbers = links ?? [tally.pass, tally.unknown, tally.fail].map(count);
  return html`<tr><th scope="row">${label}</th><td class="num">${least}</td><td>${bar({ scope: figures.scope, pass: tally.pass, unknown: tally.unknown, fail: tally.fail }, target)}</td><td>${most}</td>${numbers.map((number) => html`<td class="num">${number}</td>`)}</tr>`;
}

const tallyHead = html`<thead><tr><th scope="col"><span class="hidden">Which</span></th><th scope="col" class="num">At least</th><th scope="col"><span class="hidden">Share</span></th><th scope="col">At most</th><th scope="col" class="num">Pass</th><th scope="col" class="num">Unknown</th><th scope="col" class="num">Fail</th></tr></thead>`;

/** As it is in force. */
function nowSections({ id, now, target, failing }: DefinitionPage): Markup {
  const link = (state: 'pass' | 'unknown' | 'fail') =>
    now[state] === 0 ? '0' : html`<a href="${assetsAt(id, { state })}">${count(now[state])}</a>`;
  return html`<section aria-labelledby="d5"><h2 id="d5">How it judges today</h2><table class="grid whatif quiet"><caption class="hidden">As it is in force</caption>${tallyHead}<tbody>${tallyRow('Today', now, target, [link('pass'), link('unknown'), link('fail')])}</tbody></table>${now.unnamed > 0 && html`<p class="note">Of the unknown, ${count(now.unnamed)} are counted and not identified.</p>`}
<p class="note">Change the statement, the scope, the check or a parameter: what would change is listed here before anything is saved.</p></section>
<section aria-labelledby="d6"><div class="h2"><h2 id="d6">Who fails now</h2><span class="more"><a href="${standardAt(id)}#teams">All teams</a></span></div>${
    failing.length === 0
      ? emptyState({ kind: 'good', says: 'Nobody fails.' })
      : html`<table class="grid whose quiet"><caption class="hidden">Teams with the most failures</caption><thead><tr><th scope="col">Team</th><th scope="col" class="num">Failing</th></tr></thead><tbody>${failing.map(({ team, fail }) => html`<tr><th scope="row">${teamName(team)}</th><td class="num"><a href="${assetsAt(id, { team, state: 'fail' })}">${count(fail)}</a></td></tr>`)}</tbody></table>`
  }</section>`;
}

const teamName = (team: string): Child =>
  team === '' || team === 'nobody' ? html`<span class="ink-3">unowned</span>` : html`<bdi>${team}</bdi>`;

/** Assets that stand so today, and would stand otherwise: what is said of them, after their number. */
const MOVES: Readonly<Record<string, { readonly sign: Glyph; readonly says: string }>> = {
  'pass fail': { sign: 'newly-failing', says: 'newly fail' },
  'unknown fail': { sign: 'became-known', says: 'become known, and fail' },
  'na fail': { sign: 'added', says: 'come into scope, and fail' },
  'fail pass': { sign: 'fixed', says: 'fail today, and would pass' },
  'unknown pass': { sign: 'became-known', says: 'become known, and pass' },
  'na pass': { sign: 'added', says: 'come into scope, and pass' },
  'pass unknown': { sign: 'became-unknown', says: 'pass today, and become unknown' },
  'fail unknown': { sign: 'became-unknown', says: 'fail today, and become unknown' },
  'na unknown': { sign: 'added', says: 'come into scope, and are unknown' },
  'pass na': { sign: 'removed', says: 'pass today, and leave the scope' },
  'fail na': { sign: 'removed', says: 'fail today, and leave the scope' },
  'unknown na': { sign: 'removed', says: 'are unknown today, and leave the scope' },
};
export const moveWords = ({ from, to }: Pick<Transition, 'from' | 'to'>): string =>
  MOVES[`${from} ${to}`]?.says ?? 'change';

function triedSections(page: DefinitionPage, { whatIf, patch, file, setByEstate }: Tried): Markup {
  const { id, query, target, minutes, now } = page;
  const failing = sumOf(whatIf.teams, 'newlyFailing');
  const list = ({ from, to, count: number }: Transition) => {
    const { sign = 'not-applicable' } = MOVES[`${from} ${to}`] ?? {};
    return html`<li>${glyph(sign)}<span><a href="${definitionAt(id, query, '/changes', { from, to })}">${count(number)}</a> ${moveWords({ from, to })}</span></li>`;
  };
  const hours = Math.round((failing * minutes) / 60);
  return html`<section aria-labelledby="d5"><h2 id="d5">What would change<span class="sub">judged now; nothing is saved</span></h2><table class="grid whatif quiet"><caption class="hidden">Today, and with the change</caption>${tallyHead}<tbody>${tallyRow('Today', whatIf.today, target, null)}${tallyRow(html`<span class="strong">With the change</span>`, whatIf.changed, target, null)}</tbody></table>
${whatIf.transitions.length === 0 ? html`<p class="note">Each asset keeps its verdict.</p>` : html`<ul class="proof moved quiet">${whatIf.transitions.map(list)}${failing > 0 && minutes > 0 && html`<li>${glyph('not-applicable')}<span>Costs owners about ${hours === 0 ? plural(failing * minutes, 'minute') : `${count(hours)} h`}: ${minutes} min for each of ${count(failing)}</span></li>`}</ul>`}${now.unnamed > 0 && html`<p class="note">${count(now.unnamed)} more are counted and not identified: they stay unknown.</p>`}</section>
${whatIf.teams.length > 0 && whoseSection(page, whatIf.teams)}${patchSection({ id, query, patch, file, setByEstate })}`;
}

const sumOf = (teams: readonly TeamChange[], of: 'newlyFailing' | 'noLongerFailing' | 'other'): number =>
  teams.reduce((sum, team) => sum + team[of], 0);

/** Teams that are named; the others are one row. */
const TEAMS = 12;

function whoseSection({ id, query, divisions }: DefinitionPage, teams: readonly TeamChange[]): Markup {
  const shown = teams.slice(0, TEAMS);
  const others = teams.slice(TEAMS);
  const cells = (of: Pick<TeamChange, 'newlyFailing' | 'noLongerFailing' | 'other'>) =>
    [of.newlyFailing, of.noLongerFailing, of.other].map(
      (number) => html`<td class="num">${count(number)}</td>`,
    );
  const sums = (some: readonly TeamChange[]) => ({
    newlyFailing: sumOf(some, 'newlyFailing'),
    noLongerFailing: sumOf(some, 'noLongerFailing'),
    other: sumOf(some, 'other'),
  });
  return html`<section aria-labelledby="d6"><div class="h2"><h2 id="d6">Whose</h2><span class="more"><a href="${definitionAt(id, query, '/changes')}">All that change</a></span></div><table class="grid whose quiet"><caption class="hidden">Teams of which something would change</caption><thead><tr><th scope="col">Team</th><th scope="col" class="num">Newly failing</th><th scope="col" class="num">No longer</th><th scope="col" class="num">Other</th></tr></thead><tbody>${shown.map((team) => html`<tr><th scope="row" title="${divisions.get(team.team) ?? ''}"><a href="${definitionAt(id, query, '/changes', { team: team.team })}">${teamName(team.team)}</a></th>${cells(team)}</tr>`)}${others.length > 0 && html`<tr><th scope="row">${plural(others.length, 'other team')}</th>${cells(sums(others))}</tr>`}</tbody><tfoot><tr><th scope="row">${plural(teams.length, 'team')}</th>${cells(sums(teams))}</tr></tfoot></table></section>`;
}

function patchSection({
  id,
  query,
  patch,
  file,
  setByEstate,
}: Pick<Tried, 'patch' | 'file' | 'setByEstate'> & Pick<DefinitionPage, 'id' | 'query'>): Markup {
  return html`<section aria-labelledby="d7"><div class="h2"><h2 id="d7">To make it so<span class="sub">standards are kept in a repository</span></h2>${patch !== '' && html`<span class="more"><a href="${definitionAt(id, query, '/patch')}" download>As a patch</a></span>`}</div>
${patch === '' ? html`<p class="note">Nothing of the file changes.</p>` : html`${diff(patch)}<p class="note">Apply it with <code>git apply ${id}.patch</code> where <code>${file}</code> is kept, try it with <code>macadam standards check</code>, and have it approved there.</p>`}
${setByEstate.length > 0 && html`<p class="note">${joined(setByEstate, (name) => html`<code>${name}</code>`)} ${setByEstate.length === 1 ? 'is' : 'are'} set in macadam.yaml, under <code>parameters.${id}</code>: change ${setByEstate.length === 1 ? 'it' : 'them'} there.</p>`}</section>`;
}

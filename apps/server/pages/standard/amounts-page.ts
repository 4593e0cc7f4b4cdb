/** What a standard counts, by team, and why that moved: each number of changes leads to a list of as many assets. */

import type { AmountCause, AmountChange } from '@macadam/adapters/facts/history/amounts';
import { count, interval } from '@macadam/adapters/report-formats/figures';
import { moment } from '@macadam/adapters/report-formats/html/dates';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { signed } from '@macadam/adapters/report-formats/html/parts/interval';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { STEPS } from '@macadam/core/figures/accounting';
import { AMOUNT_CELLS } from '@macadam/core/figures/measure';
import { labelOf } from '@macadam/core/verdicts/standard';
import { measureByTeam, type TeamMeasure, unitOf } from '@macadam/services/progress/amounts';
import { z } from 'zod';
import { amountRows, amountsAsked, amountsOf, amountsQuery, isOf } from '../../api/amounts.ts';
import { anId } from '../../http/bounds.ts';
import { assetAt, standardAt } from '../history/address.ts';
import { shownPage, standingPage } from '../page.ts';
import { amountCauseText } from './amount-causes.ts';

const LISTED = 100;
const TEAMS = 200;

interface Asked {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly as?: string | undefined;
  readonly team?: string | undefined;
  readonly unit?: string | undefined;
}

function address(id: string, asked: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(
    Object.entries(asked).filter((pair): pair is [string, string] => pair[1] !== undefined),
  ).toString();
  return `${standardAt(id)}/amounts${query === '' ? '' : `?${query}`}`;
}

const shareText = ({ atLeast, atMost }: TeamMeasure): string =>
  atLeast === null || atMost === null ? 'nothing in scope' : interval(atLeast, atMost);

const blindText = ({ tally }: TeamMeasure): string => {
  const blind = tally.blindPass + tally.blindFail + tally.blindUnknown;
  return blind === 0 ? '' : `${plural(blind, 'asset')} of an unknown amount`;
};

function teamsSection(teams: readonly TeamMeasure[] | null, unit: string, id: string, asked: Asked): Markup {
  if (teams === null)
    return html`<section aria-labelledby="teams"><h2 id="teams">Which team has how many?</h2><p class="answer">Cannot tell: amounts were not kept at that scan. They are from the first scan after Macadam began to keep them.</p></section>`;
  const shown = teams.slice(0, TEAMS);
  return html`<section aria-labelledby="teams"><h2 id="teams">Which team has how many?</h2><p class="answer">${plural(teams.length, 'team')}${teams.length > TEAMS && `; the first ${TEAMS} are here, all in the API`}.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Teams"><table class="past"><thead><tr><th scope="col">Team</th><th scope="col">Share of ${unit}</th><th scope="col" class="amount">pass</th><th scope="col" class="amount">fail</th><th scope="col" class="amount">unknown</th></tr></thead><tbody>${shown.map(
    (one) =>
      html`<tr><th scope="row"><a href="${address(id, { ...asked, team: one.team })}">${one.team}</a></th><td>${shareText(one)}<div class="of">${blindText(one)}</div></td><td class="amount">${count(one.tally.pass)}</td><td class="amount">${count(one.tally.fail)}</td><td class="amount">${count(one.tally.unknown)}</td></tr>`,
  )}</tbody></table></div></section>`;
}

function causesSection(causes: readonly AmountCause[] | null, id: string, asked: Asked): Markup {
  const said =
    causes === null
      ? 'Cannot tell for these two scans: amounts were not kept at the earlier one, or the standard counts no amounts.'
      : causes.length === 0
        ? 'Nothing moved.'
        : `${plural(causes.length, 'cause')}; their sums are the difference between both scans.`;
  return html`<section aria-labelledby="causes"><h2 id="causes">Why did it move?</h2><p class="answer">${said}</p>
${
  causes !== null &&
  causes.length > 0 &&
  html`<div class="scroll" tabindex="0" role="group" aria-label="Causes"><table class="past"><thead><tr><th scope="col">Cause</th><th scope="col" class="amount">Assets</th><th scope="col" class="amount">pass</th><th scope="col" class="amount">fail</th><th scope="col" class="amount">unknown</th></tr></thead><tbody>${causes.map(
    (one) =>
      html`<tr><th scope="row">${amountCauseText(one)}</th><td class="amount"><a href="${address(id, { ...asked, cell: one.cell, step: one.step })}">${count(one.changes)}</a></td><td class="amount">${signed(one.moved.pass)}</td><td class="amount">${signed(one.moved.fail)}</td><td class="amount">${signed(one.moved.unknown)}</td></tr>`,
  )}</tbody></table></div>`
}</section>`;
}

function listSection(rows: readonly AmountChange[], pages: Markup | null): Markup {
  const amount = (verdict: string | null, value: number | null) =>
    verdict === null ? 'not in scope' : `${verdict}, ${value === null ? 'amount unknown' : count(value)}`;
  return html`<section aria-labelledby="list"><h2 id="list">Which assets?</h2>
<div class="scroll" tabindex="0" role="group" aria-label="Assets"><table class="past"><thead><tr><th scope="col">Asset</th><th scope="col">Team</th><th scope="col">Was</th><th scope="col">Is</th><th scope="col">Scan</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row" class="id"><a href="${assetAt(row.asset)}">${row.asset}</a></th><td>${row.team}</td><td>${amount(row.from, row.before)}</td><td>${amount(row.to, row.after)}</td><td>${moment(row.at.toISOString())}</td></tr>`,
  )}</tbody></table></div>${pages}</section>`;
}

export const amountsPage = shownPage({
  path: '/standards/:id/amounts',
  summary: 'Show what a standard counts, by team, and why that moved',
  action: 'Fact::read',
  of: 'anywhere',
  params: { id: anId },
  query: {
    ...amountsQuery,
    cell: z.enum(AMOUNT_CELLS).optional(),
    step: z.enum(STEPS).optional(),
    page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  },
  does: async (call, tx) => {
    const { id } = call.params;
    const { cell, step, page, ...asked } = call.query;
    const given = await amountsAsked(call.parts, id, asked);
    const { site, found, between } = given;
    const unit = unitOf(found);
    const label = labelOf(found.definition);
    const whose = asked.team ?? asked.unit;
    const of = await amountsOf(call.parts, tx, asked);
    const causes = await site.past.amountCauses(between, found.compiled, of);
    const body = async (): Promise<Markup> => {
      if (cell !== undefined && step !== undefined) {
        const offset = (page - 1) * LISTED;
        const wanted = { team: asked.team, unit: asked.unit, cell, step, offset, limit: LISTED + 1 };
        const rows = await amountRows(call, tx, given, wanted);
        const at = (number: number) => address(id, { ...asked, cell, step, page: String(number) });
        const pages =
          page > 1 || rows.length > LISTED
            ? html`<nav class="pages" aria-label="Pages of assets">${page > 1 && html`<a href="${at(1)}">First</a>`}${rows.length > LISTED && html`<a href="${at(page + 1)}" rel="next">After</a>`}</nav>`
            : null;
        const total = causes?.find((one) => one.cell === cell && one.step === step)?.changes ?? 0;
        return html`<p class="answer">${plural(total, 'change')}: ${amountCauseText({ cell, step })}${whose !== undefined && `, of ${whose}`}. <a href="${address(id, { ...asked })}">All causes</a></p>${listSection(rows.slice(0, LISTED), pages)}`;
      }
      const teams = await measureByTeam(site.past, between, found);
      const own = teams?.filter((one) => isOf(of, one)) ?? null;
      return html`${teamsSection(own, unit, id, asked)}${causesSection(causes, id, asked)}`;
    };
    const title = `${label}: ${unit}`;
    const from = between.from === null ? '' : html`${moment(between.from.valid.toISOString())} to `;
    return standingPage(call, {
      section: 'standards',
      trail: [
        { href: '/standards', label: 'Standards' },
        { href: standardAt(id), label },
      ],
      heading: title,
      title,
      when: html`${from}${moment(between.to.valid.toISOString())}`,
      body: await body(),
    });
  },
});

/** Targets as a page: what will be missed, what was, and why; whoever owns a standard says why in a form. */

import { authorise } from '@macadam/adapters/authorisation/authorise';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { count, interval, percentDown, share } from '@macadam/adapters/report-formats/figures';
import { calendarDay, moment } from '@macadam/adapters/report-formats/html/dates';
import { type Attempt, choices, field, form as formOf } from '@macadam/adapters/report-formats/html/form';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { asksWhy, countedReasons, MISS_REASONS, type TargetSignal } from '@macadam/core/figures/missed';
import { STATUS_CAUSE_WORDS } from '@macadam/core/figures/target';
import type { StandardTarget } from '@macadam/services/progress/targets';
import { z } from 'zod';
import { missAsked, ofStandard, recordMiss, targetsIn } from '../../api/targets.ts';
import { anId } from '../../http/bounds.ts';
import type { RawAnswer } from '../../http/route.ts';
import { paceText } from '../overview/standards-table.ts';
import { form, readForm, shownPage, standingPage, type Visit, written } from '../page.ts';

const SIGNALS: Readonly<Record<TargetSignal, string>> = {
  missed: 'missed',
  'at-risk': 'at risk',
  'cannot-tell': 'cannot tell',
  kept: 'kept so far',
};

const words = (code: string): string => code.replaceAll('-', ' ');

function dayText({ target, daysLeft }: StandardTarget): Markup {
  const day = calendarDay(target.by);
  if (daysLeft < 0) return html`${day}, ${plural(-daysLeft, 'day')} ago`;
  return html`${day}, ${daysLeft === 0 ? 'today' : `in ${plural(daysLeft, 'day')}`}`;
}

function row(one: StandardTarget): Markup {
  const { standard, progress, signal, target, miss, misses } = one;
  const why =
    progress.cause === null || progress.cause === 'missed' ? '' : STATUS_CAUSE_WORDS[progress.cause];
  const reasons = countedReasons(misses);
  const pace = progress.cause === 'never' ? paceText(progress.forecast) : '';
  return html`<tr><th scope="row"><a href="/standards/${standard}">${progress.label}</a></th><td>${SIGNALS[signal]}${why !== '' && html`<div class="of">${why}${pace}</div>`}</td><td>${nowText(progress)}</td><td>${percentDown(target.share)} by ${dayText(one)}</td><td><bdi>${progress.accountable ?? 'nobody is named'}</bdi></td><td>${missText(signal, miss)}${reasons.length > 0 && html`<div class="of">${reasons.map(({ reason, count: many }) => `${words(reason)}: ${count(many)}`).join(', ')}</div>`}</td></tr>`;
}

/** Where it stands, of what it counts. */
function nowText({ figures, shares, measure }: StandardTarget['progress']): string {
  if (measure === null) {
    const { pass, unknown, containers } = figures;
    const { scope, atLeast, atMost } = shares;
    return share({ scope, pass, unknown, atLeast, atMost, containers: containers ?? null });
  }
  const { atLeast, atMost, unit } = measure;
  if (atLeast === null || atMost === null) return 'nothing in scope';
  return `${interval(atLeast, atMost)} of ${unit}`;
}

function missText(signal: TargetSignal, miss: StandardTarget['miss']): Child {
  if (miss === null) return signal === 'missed' ? 'nobody said why yet' : '';
  return html`${words(miss.reason)}${miss.note !== null && html`: <bdi>${miss.note}</bdi>`}`;
}

async function targetsPage(
  call: Visit,
  tx: DecisionTransaction,
  attempt: Attempt | null,
): Promise<RawAnswer> {
  const targets = await targetsIn(call.parts, tx);
  const many = (signal: TargetSignal) => targets.filter((one) => one.signal === signal).length;
  const unexplained = targets.filter(
    (one) =>
      asksWhy(one) &&
      one.miss === null &&
      authorise(call.caller, 'Standard::propose', ofStandard({ params: { id: one.standard } })).allowed,
  );
  // What nothing is in scope of is no news.
  const isIdle = ({ progress, miss }: StandardTarget) =>
    progress.cause === 'nothing-in-scope' && miss === null;
  const [shown, idle] = [targets.filter((one) => !isIdle(one)), targets.filter(isIdle)];
  const said = (['missed', 'at-risk', 'cannot-tell', 'kept'] as const)
    .filter((signal) => many(signal) > 0)
    .map((signal) => `${count(many(signal))} ${SIGNALS[signal]}`)
    .join(', ');
  const tableOf = (name: string, rows: readonly StandardTarget[]) =>
    html`<div class="scroll" tabindex="0" role="group" aria-label="${name}"><table class="past"><thead><tr><th scope="col">Standard</th><th scope="col">Signal</th><th scope="col">Now</th><th scope="col">Target</th><th scope="col">Accountable</th><th scope="col">Why it was missed</th></tr></thead><tbody>${rows.map(row)}</tbody></table></div>`;
  return standingPage(call, {
    section: 'reviews',
    below: true,
    heading:
      targets.length === 0 ? 'No standard has a target.' : `${plural(targets.length, 'target')}: ${said}.`,
    title: 'Targets',
    when: html`${moment(tx.at)}. What will be missed comes first.`,
    body: html`<section aria-labelledby="targets"><h2 id="targets" class="hidden">Targets</h2>${shown.length > 0 && tableOf('Targets', shown)}${idle.length > 0 && html`<details><summary>${plural(idle.length, 'target')} of which nothing is in scope</summary>${tableOf('Targets of which nothing is in scope', idle)}</details>`}</section>${unexplained.map((one) => explainForm(one, attempt))}`,
  });
}

function explainForm({ standard, progress, target }: StandardTarget, attempt: Attempt | null): Markup {
  const on = { form: `miss-${standard}`, attempt };
  const fields = [
    choices({
      ...on,
      name: 'reason',
      label: 'Reason',
      one: true,
      options: MISS_REASONS.map((one) => ({ value: one, label: words(one) })),
    }),
    field({ ...on, name: 'note', label: 'What happened', kind: 'area', optional: true }),
  ];
  return html`<section aria-labelledby="why-${standard}"><h2 id="why-${standard}">Why was ${calendarDay(target.by)} missed: ${progress.label}?</h2>${formOf({ action: `/targets/${standard}`, fields, button: 'Record the reason' })}</section>`;
}

const typed = z.strictObject({ reason: missAsked.shape.reason, note: written.optional() });

export const targetPages = [
  shownPage({
    path: '/targets',
    summary: 'Show targets, those that are missed or at risk first',
    action: 'Figure::read',
    of: 'anywhere',
    does: (call, tx) => targetsPage(call, tx, null),
  }),
  form({
    path: '/targets/:id',
    name: ({ params: { id } }) => `miss-${id}`,
    summary: 'Say why the target of a standard was missed',
    action: 'Standard::propose',
    params: { id: anId },
    of: ofStandard,
    does: async (call, tx) => {
      const { reason, note = null } = readForm(typed, call.body);
      await recordMiss(call, tx, { reason, note, due: undefined });
      return '/targets';
    },
    reads: 'Figure::read',
    page: (call, tx, attempt) => targetsPage(call, tx, attempt),
  }),
];

/** What happened to a work item, from what the store keeps of it: the newest first. */

import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { BatchRecord, MemberRecord } from '@macadam/adapters/decisions/work';
import { calendarDay } from '@macadam/adapters/report-formats/html/dates';
import { exceptionAt } from '@macadam/adapters/report-formats/html/link';
import { type Child, html } from '@macadam/adapters/report-formats/html/markup';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { assetAt } from '../history/address.ts';
import type { WorkEventShown } from './item.ts';

/** Departures that are told one by one; the API has all of them. */
const MOST = 1000;

/** Of one, and of several. */
const LEFT: Readonly<Record<NonNullable<MemberRecord['leftAs']>, readonly [string, string]>> = {
  passed: ['met the standard', 'met the standard'],
  gone: ['was there no more', 'were there no more'],
  'out-of-scope': ['was no longer in scope', 'were no longer in scope'],
  excepted: ['was excepted', 'were excepted'],
  reassigned: ['went to another team', 'went to another team'],
};

const OUTCOMES = {
  upheld: 'The dispute was right: the verdict was false, a defect of the standard.',
  rejected: 'The dispute was rejected: the verdict is right.',
  expired: 'Nobody decided the dispute in time; the clock goes on.',
} as const;

export async function eventsOfWork(
  tx: DecisionTransaction,
  batch: BatchRecord,
  person: (id: string) => string,
  unit: (id: string) => string,
): Promise<readonly WorkEventShown[]> {
  const gone = await tx.listing.departures(batch.id, MOST);
  const events: WorkEventShown[] = [
    {
      at: batch.openedAt,
      by: null,
      what:
        batch.of === 'reassigned'
          ? 'Opened, with what was another team’s.'
          : 'Opened: these assets fail the standard.',
    },
  ];
  if (batch.closedAt !== null)
    events.push({ at: batch.closedAt, by: null, what: 'Closed: nothing was left.' });
  for (const [, own] of Map.groupBy(gone, ({ leftAt, leftAs, leftFor }) => `${leftAt} ${leftAs} ${leftFor}`))
    events.push(departed(own, unit));
  for (let after = 0, more = true; more; ) {
    const page = await tx.work.comments(batch.id, { after });
    for (const { saidAt, saidBy, text } of page)
      events.push({ at: saidAt, by: person(saidBy), what: 'said', text });
    after = page.at(-1)?.number ?? after;
    more = page.length > 0;
  }
  for (const one of await tx.work.disputes(batch.id)) {
    const { openedAt, openedBy, assets, reason, untilOn, outcome, endedAt, endedBy, endReason } = one;
    const what = html`disputed ${plural(assets.length, 'verdict')}; the clock stands still until ${calendarDay(untilOn)} at most`;
    events.push({ at: openedAt, by: person(openedBy), what, text: reason });
    if (outcome !== null && endedAt !== null)
      events.push({
        at: endedAt,
        by: endedBy === null || outcome === 'expired' ? null : person(endedBy),
        what: OUTCOMES[outcome],
        text: endReason ?? undefined,
      });
  }
  return events.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

function departed(own: readonly MemberRecord[], unit: (id: string) => string): WorkEventShown {
  const [first] = own;
  const { leftAs = null, leftFor = null, leftAt = null } = first ?? {};
  const why: Child =
    leftFor === null
      ? ''
      : leftAs === 'excepted'
        ? html` by <a href="${exceptionAt(leftFor)}">exception ${leftFor}</a>`
        : html`: <bdi>${unit(leftFor)}</bdi>`;
  return {
    at: leftAt ?? '',
    by: null,
    what: html`<details><summary>${plural(own.length, 'asset')} ${leftAs === null ? 'left' : LEFT[leftAs][own.length === 1 ? 0 : 1]}</summary>${why && html`<p>${why}</p>`}<ul>${own.map(
      ({ asset, observation }) =>
        html`<li><a href="${assetAt(asset)}">${asset}</a>${observation !== null && html` <span class="quiet">seen in <code>${observation}</code></span>`}</li>`,
    )}</ul></details>`,
  };
}

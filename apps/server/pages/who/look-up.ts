/** Pages that answer at once: whom to call, and the organisation of a day. */

import { authorise, COMPANY } from '@macadam/adapters/authorisation/authorise';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { calendarDay } from '@macadam/adapters/report-formats/html/dates';
import { html } from '@macadam/adapters/report-formats/html/markup';
import { searchAssets } from '@macadam/services/assets/search';
import { currentTree, orgTree } from '@macadam/services/ownership/log';
import { peopleNamed, unitsNamed } from '@macadam/services/ownership/named';
import type { ReachedAsset } from '@macadam/services/ownership/who-reached';
import { z } from 'zod';
import { reachedBy } from '../../api/who.ts';
import { aDay } from '../../http/day.ts';
import { passedStores } from '../../server-context.ts';
import { organisationBody, organisationHeading } from '../organisation/page.ts';
import { optional, shownPage, standingPage, type Visit } from '../page.ts';
import { type WhoFound, whoPage } from './answer.ts';

/** Of each sort, that are shown where a part of a name was given. */
const NAMED = 12;

/** By what it is exactly; else whatever is called so in part. */
async function foundBy(call: Visit, tx: DecisionTransaction, text: string): Promise<WhoFound> {
  const { parts, now } = call;
  const exact = await reachedBy(parts, tx, text, now);
  if (exact.count > 0) return { ...exact, assets: exact.found, units: [], people: [] };
  const { driver, kinds } = await passedStores(parts);
  const named = await searchAssets(driver, kinds, { text }, { limit: NAMED + 1 });
  const assets: ReachedAsset[] = [];
  for (const { id } of named.rows.slice(0, NAMED))
    assets.push(...(await reachedBy(parts, tx, id, now)).found.filter(({ asset }) => asset.id === id));
  const tree = await currentTree(parts.decisions, tx);
  return {
    key: null,
    // What the index names and has no answer yet is on no list.
    count: named.rows.length > NAMED ? named.count : assets.length,
    assets,
    units: unitsNamed(tree, text, NAMED),
    people: peopleNamed(tree, text, NAMED),
    looked: exact.looked,
  };
}

export const lookUps = [
  shownPage({
    path: '/who',
    summary: 'Show whom to call about anything',
    action: 'Owner::read',
    of: 'anywhere',
    holds: 'search',
    query: { text: z.string().max(2000).optional() },
    does: async (call, tx) => {
      const text = optional(call.query.text) ?? '';
      const found = text === '' ? null : await foundBy(call, tx, text);
      const { heading, lead, body } = whoPage({
        text,
        found,
        today: tx.at.slice(0, 10),
        mayTell: authorise(call.caller, 'Notice::read', COMPANY).allowed,
      });
      return standingPage(call, { section: 'who', heading, title: 'Whom to call', when: lead, body });
    },
  }),
  shownPage({
    path: '/organisation',
    summary: 'Show the organisation of a day',
    action: 'Organisation::read',
    of: 'anywhere',
    query: { on: aDay.optional() },
    does: async (call, tx) => {
      const today = tx.at.slice(0, 10);
      const day = call.query.on ?? today;
      const tree = await orgTree(tx, day);
      const body = organisationBody({ tree, today });
      const title = 'Organisation';
      return standingPage(call, {
        section: 'organisation',
        heading: organisationHeading(tree),
        title,
        when: html`As of ${calendarDay(day)}.`,
        body,
      });
    },
  }),
];

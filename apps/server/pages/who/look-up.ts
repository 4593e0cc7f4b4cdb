/** Pages that answer at once: whom to call, what cannot be seen, and the organisation of a day. */
import type { FaultRecord } from '@macadam/adapters/decisions/faults';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { calendarDay, moment } from '@macadam/adapters/report-formats/html/words';
import { searchAssets } from '@macadam/services/assets/search';
import { currentTree, orgTree } from '@macadam/services/ownership/log';
import { peopleNamed, unitsNamed } from '@macadam/services/ownership/named';
import type { ReachedAsset } from '@macadam/services/ownership/who-reached';
import { z } from 'zod';
import { reachedBy } from '../../api/who.ts';
import { aDay } from '../../http/day.ts';
import { answer } from '../../http/route.ts';
import { wasLooked } from '../../readiness.ts';
import { passedStores } from '../../server-context.ts';
import { type FaultLine, faultListBody } from '../faults/list.ts';
import { organisationBody } from '../organisation/page.ts';
import { namesIn, optional, standingPage, type Visit } from '../page.ts';
import { HTML } from '../page-answer.ts';
import { type WhoFound, whoPage } from './answer.ts';

const FAULTS = 200;

/** The most pressing of a page first; pages are in order of id. */
const byDue = (a: FaultRecord, b: FaultRecord) =>
  a.dueOn < b.dueOn ? -1 : a.dueOn > b.dueOn ? 1 : a.id < b.id ? -1 : 1;

/** Of each sort, that are shown where a part of a name was given. */
const NAMED = 12;

/** By what it is exactly; else whatever is called so in part. */
async function foundBy(call: Visit, tx: DecisionTransaction, text: string): Promise<WhoFound> {
  const { parts, now } = call;
  const exact = await reachedBy(parts, tx, text, now);
  if (exact.count > 0) return { ...exact, assets: exact.found, units: [], people: [] };
  const { driver, kinds } = await passedStores(parts);
  const named = await searchAssets(driver, kinds, { text }, { limit: NAMED });
  const assets: ReachedAsset[] = [];
  for (const { id } of named.rows)
    assets.push(...(await reachedBy(parts, tx, id, now)).found.filter(({ asset }) => asset.id === id));
  const tree = await currentTree(parts.decisions, tx);
  return {
    key: null,
    count: named.count,
    assets,
    units: unitsNamed(tree, text, NAMED),
    people: peopleNamed(tree, text, NAMED),
    looked: exact.looked,
  };
}

export const lookUps = [
  answer({
    method: 'GET',
    path: '/who',
    summary: 'Show whom to call about anything',
    media: HTML,
    action: 'Owner::read',
    of: 'anywhere',
    holds: 'search',
    query: { text: z.string().max(2000).optional() },
    does: async (call, tx) => {
      const text = optional(call.query.text) ?? '';
      const found = text === '' ? null : await foundBy(call, tx, text);
      const { heading, lead, body } = whoPage({ text, found, today: tx.at.slice(0, 10) });
      return standingPage(call, { section: 'who', heading, title: 'Whom to call', when: lead, body });
    },
  }),
  answer({
    method: 'GET',
    path: '/faults',
    summary: 'Show what cannot be seen, and whose that is',
    media: HTML,
    action: 'WorkItem::read',
    of: 'anywhere',
    query: { show: z.enum(['open', 'closed']).default('open'), after: z.string().max(2000).optional() },
    does: async (call, tx) => {
      const { show, after = '' } = call.query;
      const names = namesIn(await currentTree(call.parts.decisions, tx));
      const found = await tx.faults.faults({ open: show === 'open', after, limit: FAULTS + 1 });
      const last = found.slice(0, FAULTS).at(-1);
      const rows = found
        .slice(0, FAULTS)
        .sort(byDue)
        .map(({ subjectOf, subject, team, division, causes, openedAt, dueOn, closedAt }): FaultLine => {
          const standard = subjectOf === 'standard' ? call.parts.site()?.standards.get(subject) : undefined;
          return {
            subjectOf,
            subject,
            causes,
            openedAt,
            dueOn,
            closedAt,
            title: standard?.definition.title ?? subject,
            team: team === null ? null : names.unit(team),
            division: division === '' ? '' : names.unit(division),
          };
        });
      const next = found.length > FAULTS && last ? pathWith('/faults', { show, after: last.id }) : null;
      const body = faultListBody({
        show,
        rows,
        next,
        today: tx.at.slice(0, 10),
        looked: await wasLooked(tx, 'faults'),
      });
      const title = 'Blind spots';
      return standingPage(call, { section: 'faults', heading: title, title, when: moment(tx.at), body });
    },
  }),
  answer({
    method: 'GET',
    path: '/organisation',
    summary: 'Show the organisation of a day',
    media: HTML,
    action: 'Organisation::read',
    of: 'anywhere',
    query: { on: aDay.optional() },
    does: async (call, tx) => {
      const today = tx.at.slice(0, 10);
      const day = call.query.on ?? today;
      const body = organisationBody({ tree: await orgTree(tx, day), today });
      const title = 'Organisation';
      return standingPage(call, {
        section: 'organisation',
        heading: title,
        title,
        when: calendarDay(day),
        body,
      });
    },
  }),
];

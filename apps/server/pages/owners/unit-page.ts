/** A team, or any unit above teams: what holds and what fails of theirs, by when, and whom to call. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Count } from '@macadam/adapters/facts/history/read';
import { pathOf, peopleOf } from '@macadam/core/org/org';
import { unitsBelow } from '@macadam/core/org/roll-up';
import { searchAssets } from '@macadam/services/assets/search';
import { currentTree } from '@macadam/services/ownership/log';
import { contactsOf } from '@macadam/services/ownership/named';
import { z } from 'zod';
import { unownedIn } from '../../api/owners.ts';
import { HttpProblem } from '../../http/problem.ts';
import { answer, type RawAnswer } from '../../http/route.ts';
import { passedStores, siteOf } from '../../server-context.ts';
import { labelOf } from '../assets/title.ts';
import type { ServerContext } from '../history/pages.ts';
import { standingPage, type Visit } from '../page.ts';
import { HTML } from '../page-answer.ts';
import { headOf, newestOf } from './sums.ts';
import { unitAt } from './tree.ts';
import { type HeldStandard, type UnitPage, unitBody, unitHeading } from './unit.ts';

/** What nobody owns is gone through so far for what is suggested to be theirs. */
const GONE_THROUGH = 100;
const MOST_ITEMS = 500;
const MOST_SUGGESTED = 12;

export const unitItem = answer({
  method: 'GET',
  path: '/owners/:id',
  summary: 'Show what a team or a unit owns, and how it stands',
  media: HTML,
  action: 'Owner::read',
  of: 'anywhere',
  holds: 'search',
  params: { id: z.string().min(1).max(500) },
  does: (call, tx) => page(call, call.params.id, tx),
});

async function page(call: Visit, id: string, tx: DecisionTransaction): Promise<RawAnswer> {
  const site = siteOf(call.parts);
  const stores = await passedStores(call.parts);
  const tree = await currentTree(call.parts.decisions, tx);
  const unit = tree.units.get(id);
  if (unit === undefined)
    throw new HttpProblem(404, `there is no team or unit \`${id}\` in the organisation`, [
      { field: 'id', reason: 'the organisation of today does not have it', fix: 'look for it at /owners' },
    ]);
  const teams = unitsBelow(tree, id);
  const alone = teams.length === 1;
  const owned = await searchAssets(stores.driver, stores.kinds, { owners: teams }, { limit: 1 });
  const work = await tx.listing.work({
    concerning: { person: '', teams },
    stage: 'open',
    limit: MOST_ITEMS,
  });
  const children = [...tree.units.values()].filter(({ parent }) => parent === id);
  const shown: UnitPage = {
    unit,
    alone,
    trail: [
      { href: '/owners', label: 'Owners' },
      ...pathOf(tree, id)
        .slice(1)
        .toReversed()
        .map((above) => ({ href: unitAt(above.id), label: above.name })),
    ],
    standards: await standardsOf(site, teams, work),
    work: { open: work.length, late: work.filter(({ late }) => late > 0).length },
    head: headOf(tree, id),
    ...contactsOf(tree, id),
    kinds: owned.kinds,
    assets: owned.count,
    people: peopleOf(tree, id).map(({ name, email }) => ({ name, email })),
    parts: children.map((one) => ({ id: one.id, name: one.name, level: one.level })),
    suggested: alone ? await suggestedTo(call, tx, id) : [],
    today: tx.at.slice(0, 10),
  };
  const { heading, lead, acts } = unitHeading(shown);
  return standingPage(call, {
    section: 'owners',
    heading,
    title: unit.name,
    when: lead,
    trail: shown.trail,
    acts,
    body: unitBody(shown),
  });
}

async function standardsOf(
  site: ServerContext,
  teams: readonly string[],
  work: readonly { readonly standard: string; readonly nextDue: string | null; readonly dueOn: string }[],
): Promise<readonly HeldStandard[]> {
  const between = await newestOf(site);
  const counts = between === null ? [] : await site.past.byTeam(between, teams);
  const sum = (own: readonly Count[], of: 'pass' | 'fail' | 'unknown') =>
    own.reduce((all, one) => all + one[of], 0);
  return [...Map.groupBy(counts, ({ standard = '' }) => standard)].map(([id, own]) => {
    const due = work
      .filter(({ standard }) => standard === id)
      .map(({ nextDue, dueOn }) => nextDue ?? dueOn)
      .sort()[0];
    return {
      id,
      label: labelOf(site, id),
      pass: sum(own, 'pass'),
      fail: sum(own, 'fail'),
      unknown: sum(own, 'unknown'),
      target: site.standards.get(id)?.definition.target?.share ?? null,
      due: due ?? null,
    };
  });
}

async function suggestedTo(
  call: Visit,
  tx: DecisionTransaction,
  team: string,
): Promise<UnitPage['suggested']> {
  const unowned = await unownedIn({
    parts: call.parts,
    asking: tx,
    filter: {},
    now: call.now,
    page: { after: undefined, limit: GONE_THROUGH },
  });
  const theirs = unowned.flatMap(({ asset, suggestions }) => {
    // Only where nobody is suggested before them.
    const [own] = suggestions;
    return own?.owner === team
      ? [{ id: asset.id, kind: asset.kind, name: asset.name, reason: own.reason }]
      : [];
  });
  return theirs.slice(0, MOST_SUGGESTED);
}

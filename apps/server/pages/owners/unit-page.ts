/** A team, or any unit above teams: what holds and what fails of theirs, by when, and whom to call. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { pathOf, peopleOf } from '@macadam/core/org/org';
import { searchAssets } from '@macadam/services/assets/search';
import { currentTree } from '@macadam/services/ownership/log';
import { contactsOf } from '@macadam/services/ownership/named';
import { unitOf } from '@macadam/services/progress/amounts';
import { z } from 'zod';
import { unownedIn } from '../../api/owners.ts';
import { unitStands } from '../../api/progress.ts';
import { unitIn } from '../../asked-unit.ts';
import type { RawAnswer } from '../../http/route.ts';
import { passedStores, siteOf } from '../../server-context.ts';
import { labelOf } from '../assets/title.ts';
import { causesOf } from '../history/causes.ts';
import type { ServerContext } from '../history/pages.ts';
import { shownPage, standingPage, type Visit } from '../page.ts';
import { headOf, newestOf } from './sums.ts';
import { unitAt } from './tree.ts';
import { type HeldStandard, type UnitPage, unitBody, unitHeading } from './unit.ts';

/** What nobody owns is gone through so far for what is suggested to be theirs. */
const GONE_THROUGH = 100;
const MOST_ITEMS = 500;
const MOST_SUGGESTED = 12;

export const unitItem = shownPage({
  path: '/owners/:id',
  summary: 'Show what a team or a unit owns, and how it stands',
  action: 'Owner::read',
  of: 'anywhere',
  holds: 'search',
  params: { id: z.string().min(1).max(500) },
  query: {
    from: z.string().max(100).optional().describe('A time or a day; left out: a week before `to`'),
    to: z.string().max(100).optional().describe('Left out: the newest scan'),
  },
  does: (call, tx) => page(call, call.params.id, tx, call.query),
});

interface Dates {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

async function page(call: Visit, id: string, tx: DecisionTransaction, dates: Dates): Promise<RawAnswer> {
  const site = siteOf(call.parts);
  const stores = await passedStores(call.parts);
  const tree = await currentTree(call.parts.decisions, tx);
  const found = await unitIn(call.parts, tx, id);
  const { unit, teams } = found;
  const given = { from: dates.from || undefined, to: dates.to || undefined };
  const { between, standards } = await unitStands(call.parts, found, given);
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
    moved: {
      from: between.from?.valid ?? null,
      to: between.to.valid,
      standards: standards.flatMap(({ standard, now, before, cells, amounts }) => {
        const causes = causesOf(cells);
        if (before === null || (causes.size === 0 && (amounts?.causes ?? []).length === 0)) return [];
        const known = site.standards.get(standard);
        const weighed = amounts && known ? { ...amounts, unit: unitOf(known) } : null;
        return [{ id: standard, label: labelOf(site, standard), now, before, causes, amounts: weighed }];
      }),
    },
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
  const counts = between === null ? [] : await site.past.ofTeams(between, teams);
  return counts.map(({ standard: id = '', pass, fail, unknown }) => {
    const due = work
      .filter(({ standard }) => standard === id)
      .map(({ nextDue, dueOn }) => nextDue ?? dueOn)
      .sort()[0];
    return {
      id,
      label: labelOf(site, id),
      pass,
      fail,
      unknown,
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

/**
 * Whoever opens a simulated company gets a place in it. Much of what there is to be tried takes two people, who are never the same
 * by the rules that hold for everybody, so it is also said whom else one may be.
 */

import type { Decisions } from '@macadam/adapters/decisions/port';
import type { Simulated } from '@macadam/adapters/facts/simulated';
import { pathOf } from '@macadam/core/org/org';
import { orgTree, recordEvents } from '@macadam/services/ownership/log';
import { AUDITOR, COMPANY_CISO, deputyOf, functionDeputyOf, leadOf } from './people.ts';
import { SIMULATION } from './play.ts';

export interface Visit {
  readonly team: string;
  readonly others: readonly VisitRole[];
}

/** Somebody whom a visitor may be. */
export interface VisitRole {
  readonly person: string;
  readonly does: string;
  /** In a word or two, for a button. */
  readonly role: string;
  /** The page on which their day begins. */
  readonly opens: string;
}

/** Joins a team that has work, unless the person is in one already. Null where no team has any. */
export async function admitVisitor(
  decisions: Decisions,
  mark: Pick<Simulated, 'organisation'>,
  visitor: string,
  pillarOf: (standard: string) => string | undefined,
): Promise<Visit | null> {
  return decisions.transaction(SIMULATION, async (tx) => {
    const tree = await orgTree(tx, tx.at.slice(0, 10));
    const own = [...(tree.people.get(visitor)?.units ?? [])];
    const batches = await tx.work.batches({ open: true, limit: 1000, ...(own.length > 0 && { teams: own }) });
    const batch = batches.find(({ team }) => tree.units.get(team)?.level === 'team');
    if (!batch) return null;
    const { team, standard } = batch;
    if (own.length === 0) {
      const name = (await tx.organisation.person(visitor))?.name ?? visitor;
      const event = { on: tx.at.slice(0, 10), event: 'joined', person: visitor, unit: team, name } as const;
      const recorded = await recordEvents(tx, [event], 'the visitor of a simulated company');
      if ('refusals' in recorded) throw new TypeError(recorded.refusals[0]?.reason);
    }
    const division = pathOf(tree, team).find(({ level }) => level === 'division')?.id ?? '';
    const other = mark.organisation.teams.find(
      (one) => one.division === division && one.id !== team && tree.units.has(one.id),
    );
    const pillar = pillarOf(standard);
    const offered = [
      {
        person: deputyOf(division),
        does: `answers exceptions and decides hand-overs of ${division}`,
        role: 'Deputy CISO',
        opens: '/exceptions',
      },
      ...(other
        ? [
            {
              person: leadOf(other.id),
              does: `takes what you hand over to ${other.id}`,
              role: 'Engineer',
              opens: '/work',
            },
          ]
        : []),
      ...(pillar
        ? [
            {
              person: functionDeputyOf(pillar),
              does: `settles disputes about ${pillar}`,
              role: 'Owner of standards',
              opens: `/standards?pillar=${pillar}`,
            },
          ]
        : []),
      {
        person: COMPANY_CISO,
        does: 'approves what you draft about an incident, and exceptions of every division',
        role: 'Approver',
        opens: '/assets?kind=incident',
      },
      {
        person: AUDITOR,
        does: 'reads the log of everything, and changes nothing',
        role: 'Auditor',
        opens: '/audit',
      },
    ];
    // Not every company has somebody for each of these.
    const others: Visit['others'][number][] = [];
    for (const one of offered) if ((await tx.access.roles(one.person)).length > 0) others.push(one);
    return { team, others };
  });
}

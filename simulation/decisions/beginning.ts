/** What there is before anything happens: the organisation, its people and their roles, and how owners are decided. */

import type { DecisionPrincipal, Decisions } from '@macadam/adapters/decisions/port';
import type { Simulated } from '@macadam/adapters/facts/simulated';
import { treeAt } from '@macadam/core/org/org';
import { OWNER_RULES } from '@macadam/core/org/owner';
import { recordEvents } from '@macadam/services/ownership/log';
import { setOwnerSettings } from '@macadam/services/ownership/rules';
import { teamsOf, type WorkTeams } from '@macadam/services/work/teams';
import { type Calendar, DAY } from '../calendar.ts';
import { COMPANY, COMPANY_PEOPLE, deputyOf, functionDeputyOf, leadOf, simulatedPeople } from './people.ts';

export interface Beginning {
  /** Of the first day, and of the last. */
  readonly before: WorkTeams;
  readonly after: WorkTeams;
}

/** `at`: some days before the first tick. Rejects where the organisation cannot be: that is a mistake of the model. */
export async function beginCompany(
  decisions: Decisions,
  by: DecisionPrincipal,
  mark: Simulated,
  { calendar, at }: { readonly calendar: Calendar; readonly at: Date },
): Promise<Beginning> {
  const { begun, reorganised, people } = simulatedPeople(mark, calendar);
  const day = (tick: number) => calendar.tickAt(tick).toISOString().slice(0, 10);
  const first = treeAt(begun, day(0));
  await decisions.transaction(
    by,
    async (tx) => {
      await tx.organisation.putPeople(people);
      const recorded = await recordEvents(tx, begun, COMPANY);
      if ('refusals' in recorded) throw new TypeError(recorded.refusals[0]?.reason);
      const rules = { rules: [...OWNER_RULES], aliases: {}, confirmFor: 180 };
      const set = await setOwnerSettings(
        tx,
        rules,
        'As the company begins: what repositories and tags say.',
        first,
      );
      if ('objections' in set) throw new TypeError(set.objections[0]?.reason);
      for (const { id } of mark.organisation.divisions)
        await tx.access.grant({ person: deputyOf(id), role: 'deputy-ciso', division: id });
      for (const { pillar } of mark.organisation.functions)
        await tx.access.grant({ person: functionDeputyOf(pillar), role: 'standard-owner', division: '' });
      for (const { id, division } of mark.organisation.teams)
        await tx.access.grant({ person: leadOf(id), role: 'engineer', division });
      for (const { person, role } of COMPANY_PEOPLE) await tx.access.grant({ person, role, division: '' });
    },
    { at },
  );
  const [change] = reorganised;
  if (change)
    await decisions.transaction(
      by,
      async (tx) => {
        const recorded = await recordEvents(tx, reorganised, `${COMPANY} reorganisation`);
        if ('refusals' in recorded) throw new TypeError(recorded.refusals[0]?.reason);
      },
      { at: new Date(Date.parse(`${change.on}T09:00:00Z`) - 7 * DAY) },
    );
  return { before: teamsOf(first), after: teamsOf(treeAt([...begun, ...reorganised], day(calendar.ticks))) };
}

/** The organisation as a log, and who works in it: people by role alone, since nobody here is anybody. */
import { hash } from 'node:crypto';
import type { GivenPerson } from '@macadam/adapters/decisions/organisation';
import type { Simulated } from '@macadam/adapters/facts/simulated';
import type { EmergencyContact, OrgEvent } from '@macadam/core/org/org';
import { type Calendar, DAY } from '../calendar.ts';

export const COMPANY = 'simulated-company';
/** Who looks at everything, and has no part in it. */
export const AUDITOR = 'company-auditor';
/** Who answers for the risk of the whole company beside the visitor, so that what the visitor asks for is approved by somebody else. */
export const COMPANY_CISO = 'company-ciso';
/** Those of the company who belong to no division. With the visitor there are two of each role. */
export const COMPANY_PEOPLE = [
  { person: AUDITOR, name: 'Auditor of the company', role: 'auditor' },
  { person: 'company-second-auditor', name: 'Second auditor of the company', role: 'auditor' },
  { person: COMPANY_CISO, name: 'CISO of the company', role: 'deputy-ciso' },
  { person: 'company-administrator', name: 'Administrator of the company', role: 'administrator' },
] as const;
/** Who answers for a pillar throughout the company, and owns its standards. */
export const functionDeputyOf = (pillar: string): string => `function-${pillar}-deputy-ciso`;
export const leadOf = (team: string): string => `${team}-lead`;
export const engineerOf = (team: string): string => `${team}-engineer`;
export const deputyOf = (division: string): string => `${division}-deputy-ciso`;

/** The team that runs every source of a simulated company, and answers for what its standards cannot tell. */
export const sourcesTeam = ({ organisation }: Pick<Simulated, 'organisation'>): string | null =>
  organisation.teams.find(({ division }) => division === 'developer')?.id ?? null;

export interface SimulatedPeople {
  /** From before the first tick on. */
  readonly begun: readonly OrgEvent[];
  /** Recorded in the week before they hold. */
  readonly reorganised: readonly OrgEvent[];
  readonly people: readonly GivenPerson[];
}

export function simulatedPeople(
  { organisation }: Pick<Simulated, 'organisation'>,
  calendar: Calendar,
): SimulatedPeople {
  const { divisions, functions, teams } = organisation;
  const day = (tick: number) => calendar.tickAt(tick).toISOString().slice(0, 10);
  const on = new Date(calendar.tickAt(0).getTime() - 30 * DAY).toISOString().slice(0, 10);
  const created = (
    unit: string,
    level: 'company' | 'division' | 'organisation' | 'team',
    name: string,
    parent: string | null,
  ): OrgEvent => ({ on, event: 'created', unit, level, name, parent });
  const people = new Map<string, string>();
  const joined = (person: string, unit: string, name: string): OrgEvent => {
    people.set(person, name);
    return { on, event: 'joined', person, unit, name };
  };
  const reached = (unit: string): OrgEvent => ({
    on,
    event: 'contacts',
    unit,
    contacts: contactsOf(unit, calendar),
  });
  const organisations = new Map(teams.map((team) => [team.organisation, team.division]));
  const begun: OrgEvent[] = [
    created(COMPANY, 'company', 'A simulated company', null),
    reached(COMPANY),
    ...COMPANY_PEOPLE.map(({ person, name }) => joined(person, COMPANY, name)),
    ...divisions.flatMap(({ id, name, deputy }) => [
      created(id, 'division', name, COMPANY),
      reached(id),
      joined(deputyOf(id), id, deputy),
      { on, event: 'accountable', id: `deputy-${id}`, person: deputyOf(id), for: { unit: id } } as const,
    ]),
    ...functions.flatMap(({ pillar, deputy }) => {
      const person = functionDeputyOf(pillar);
      return [
        joined(person, COMPANY, deputy),
        { on, event: 'accountable', id: `deputy-for-${pillar}`, person, for: { pillar } } as const,
      ];
    }),
    ...[...organisations].map(([id, division]) => created(id, 'organisation', id, division)),
    ...teams.flatMap(({ id, organisation: parent }) => [
      created(id, 'team', id, parent),
      reached(id),
      joined(leadOf(id), id, `Lead of ${id}`),
      joined(engineerOf(id), id, `Engineer of ${id}`),
    ]),
  ];
  const reorganised = teams.flatMap(({ id, ends, into }): OrgEvent[] =>
    ends !== undefined && into !== undefined ? [{ on: day(ends), event: 'merged', unit: id, into }] : [],
  );
  // Without an address: nothing of a simulated company is ever sent to anybody.
  return { begun, reorganised, people: [...people].map(([id, name]) => ({ id, name })) };
}

/** A number below `sides` that is the same whoever asks. */
export const dice = ({ seed }: Pick<Calendar, 'seed'>, what: string, sides: number): number =>
  Number.parseInt(hash('sha256', `${seed} ${what}`).slice(0, 8), 16) % sides;

/** Verified at some time within two years, or never: some are too old to be relied on. */
function contactsOf(unit: string, calendar: Calendar): readonly EmergencyContact[] {
  const last = calendar.tickAt(calendar.ticks).getTime();
  const verified = (by: string) => {
    const drawn = dice(calendar, `contact ${unit} ${by}`, 100);
    const days = drawn < 70 ? drawn * 2 : drawn * 7;
    return drawn > 95 ? null : new Date(last - days * DAY).toISOString().slice(0, 10);
  };
  return [
    { by: 'page', address: `simulated:${unit}`, verified: verified('page') },
    { by: 'chat', address: `#simulated-${unit}`, verified: verified('chat') },
  ];
}

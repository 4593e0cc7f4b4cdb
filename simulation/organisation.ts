/** Who works in the simulated company, by role: it names no person. */
import type { Size } from './size.ts';

export interface Division {
  readonly id: string;
  readonly name: string;
  /** Share of the company's assets, in percent. */
  readonly weight: number;
  readonly deputy: string;
}

export interface Organisation {
  readonly divisions: readonly Division[];
  /** Deputies who answer for one function of security in every division. */
  readonly functions: readonly { readonly pillar: string; readonly deputy: string }[];
  readonly teams: readonly Team[];
}

/** `ends`: at this tick its work passes to `into`. Names of teams are never used again. */
export interface Team {
  readonly id: string;
  readonly division: string;
  readonly organisation: string;
  readonly ends?: number;
  readonly into?: string;
}

const NAMES = [
  ['cloud', 'Cloud platform', 22],
  ['productivity', 'Productivity', 16],
  ['identity', 'Identity', 12],
  ['data', 'Data and analytics', 10],
  ['developer', 'Developer tools', 9],
  ['search', 'Search and media', 8],
  ['business', 'Business applications', 7],
  ['devices', 'Devices', 5],
  ['games', 'Games', 4],
  ['health', 'Health', 3],
  ['research', 'Research', 2],
  ['corporate', 'Corporate functions', 2],
] as const;

export const DIVISIONS: readonly Division[] = NAMES.map(([id, name, weight]) => ({
  id,
  name,
  weight,
  deputy: `Deputy CISO, ${name}`,
}));

const FUNCTIONS = {
  identities: 'Identities and secrets',
  tenants: 'Tenants and isolation',
  networks: 'Networks',
  engineering: 'Engineering systems',
  detection: 'Monitoring and detection',
  response: 'Response and remediation',
  governance: 'Governance and culture',
} as const;

/** Teams of an organisation within a division. */
const TOGETHER = 20;

/** The divisions in which every fifth team passes into the one before it, at a tick. */
export const REORGANISED: readonly number[] = [1, 4];
export const reorganisedAt = (ticks: number): number => Math.ceil(ticks * 0.6);

export const teamsIn = ({ teams }: Size, division: number): number =>
  Math.floor(teams / DIVISIONS.length) + (division < teams % DIVISIONS.length ? 1 : 0);

const endsInReorganisation = (division: number, number: number): boolean =>
  REORGANISED.includes(division) && number % 5 === 1;

const teamId = (division: string, number: number): string => `${division}-${String(number).padStart(3, '0')}`;

export function organisation(size: Size, ticks: number): Organisation {
  const teams = DIVISIONS.flatMap(({ id }, division) =>
    Array.from({ length: teamsIn(size, division) }, (_, number): Team => {
      const unit = `${id}-organisation-${Math.floor(number / TOGETHER) + 1}`;
      const team = { id: teamId(id, number), division: id, organisation: unit };
      return endsInReorganisation(division, number)
        ? { ...team, ends: reorganisedAt(ticks), into: teamId(id, number - 1) }
        : team;
    }),
  );
  const functions = Object.entries(FUNCTIONS).map(([pillar, name]) => ({
    pillar,
    deputy: `Deputy CISO, ${name}`,
  }));
  return { divisions: DIVISIONS, functions, teams };
}

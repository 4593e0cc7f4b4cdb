/**
 * The org file: who belongs to the organisation, who has left, and who is a machine. `macadam.yaml` names it;
 * what it says decides whether an owner that CODEOWNERS names still exists. It may also say how the teams lie below
 * divisions and who is accountable for what (`adapters/imports/organisation/yaml.ts` reads that).
 */
import { z } from 'zod';
import { ownerKind } from './codeowners.ts';

const name = z.string().regex(/^@?[^\s@]+$/, 'a login without spaces, such as `ada`');
const teamName = z.string().regex(/^@?[^\s@/]+(\/[^\s@/]+)?$/, 'a team such as `acme/platform`');

const unit = z.string().regex(/^[^\s@]+$/, 'an id without spaces, such as `cloud`');
const contacts = z
  .array(
    z.strictObject({
      by: z.enum(['phone', 'email', 'page', 'chat']),
      address: z.string().min(3),
      /** Day on which somebody last tried it. */
      verified: z.iso.date().nullable().default(null),
    }),
  )
  .optional();

export const orgSchema = z.strictObject({
  /** The top of the tree; `company` where it is left out. */
  company: z.strictObject({ id: unit, name: z.string().min(1), contacts }).optional(),
  divisions: z.array(z.strictObject({ id: unit, name: z.string().min(1), contacts })).default([]),
  organisations: z
    .array(z.strictObject({ id: unit, name: z.string().min(1), parent: unit.optional(), contacts }))
    .default([]),
  /** Deputy CISOs: a person and a division (any unit), a pillar of standards or a kind of assets. */
  accountable: z
    .array(
      z.strictObject({
        person: name,
        unit: unit.optional(),
        pillar: z.string().optional(),
        kind: z.string().optional(),
      }),
    )
    .optional(),
  /** Unit that has ended → the unit that took over what it owns. */
  merged: z.record(unit, unit).default({}),
  people: z
    .array(
      z.strictObject({
        login: name,
        email: z.string().optional(),
        /** `left` for who no longer works here; `bot` for an account that no person answers for. */
        state: z.enum(['active', 'left', 'bot']).default('active'),
      }),
    )
    .optional(),
  teams: z
    .array(
      z.strictObject({
        name: teamName,
        /** The unit that it lies below; the company where it is left out. */
        parent: unit.optional(),
        contacts,
        /** Logins. Left out, the team is taken to have somebody. */
        members: z.array(name).optional(),
        /** Names of repositories that the team owns as a whole, where CODEOWNERS names nobody. */
        repositories: z.array(z.string()).default([]),
      }),
    )
    .optional(),
  /** False when the file lists only a part: who is not in it is then unobserved, not missing. */
  complete: z.boolean().default(true),
});

export type Org = z.infer<typeof orgSchema>;
export type OwnerState = 'active' | 'left' | 'bot' | 'missing';

const bare = (text: string): string => text.replace(/^@/, '').toLowerCase();

/**
 * State of an owner as CODEOWNERS writes it, or undefined where nothing here can tell. Names compare without regard
 * to case, as hosts do. A team is as alive as its members: active when one of them is, else a bot's, else left.
 */
export function ownerState(owner: string, org: Org | undefined): OwnerState | undefined {
  // The host reserves the suffix for applications.
  if (owner.endsWith('[bot]')) return 'bot';
  if (org === undefined) return undefined;
  const otherwise = org.complete ? 'missing' : undefined;
  const wanted = bare(owner);
  if (ownerKind(owner) !== 'team') {
    if (org.people === undefined) return undefined;
    const person = org.people.find((each) =>
      owner.startsWith('@') ? bare(each.login) === wanted : each.email?.toLowerCase() === wanted,
    );
    return person?.state ?? otherwise;
  }
  if (org.teams === undefined) return undefined;
  const team = org.teams.find(
    (each) => bare(each.name) === wanted || bare(each.name) === wanted.split('/')[1],
  );
  if (team === undefined) return otherwise;
  if (team.members === undefined) return 'active';
  const states = team.members.map((member) => ownerState(`@${bare(member)}`, org));
  if (states.includes('active')) return 'active';
  if (states.includes(undefined)) return undefined;
  return states.includes('bot') ? 'bot' : 'left';
}

/** Teams that the org file gives a whole repository, as CODEOWNERS would write them. */
export function teamsOf(repository: string, org: Org | undefined): string[] {
  const teams = org?.teams ?? [];
  return teams
    .filter((team) => team.repositories.includes(repository))
    .map((team) => `@${team.name.replace(/^@/, '')}`);
}

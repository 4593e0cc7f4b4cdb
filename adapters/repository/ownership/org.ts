/**
 * The org file: who belongs to the organisation, who has left, and who is a machine. `macadam.yaml` names it;
 * what it says decides whether an owner that CODEOWNERS names still exists.
 */
import { z } from 'zod';
import { ownerKind } from './codeowners.ts';

const name = z.string().regex(/^@?[^\s@]+$/, 'a login without spaces, such as `ada`');
const teamName = z.string().regex(/^@?[^\s@/]+(\/[^\s@/]+)?$/, 'a team such as `acme/platform`');

export const orgSchema = z.strictObject({
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

/** What could not be seen of many repositories, said once an attribute and cause: a thousand of them are not a thousand problems. */
import { CAUSES, isUnobserved, type Problem, type Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';

const HOST_ATTRIBUTES = [
  'default_branch_protection',
  'rule_bypasses',
  'push_protection',
  'push_bypasses',
  'secret_scanning',
  'vulnerability_alerts',
  'vulnerabilities',
  'archived',
  'visibility',
] as const;

/** As a file keeps them for the next run; repositories by their numbers. */
export const blindSpotsSchema = z.array(
  z.object({
    attribute: z.enum(HOST_ATTRIBUTES),
    cause: z.enum(CAUSES),
    why: z.string(),
    repositories: z.array(z.int()),
  }),
);
export type KeptBlindSpots = z.infer<typeof blindSpotsSchema>;

type Attributes = Readonly<Record<string, Statement>>;

export interface BlindSpots {
  /** What a reading says of a repository: of what it does not mention nothing is missing. */
  read(repository: number, attributes: Attributes): void;
  /** What a list says of it, which leaves open whatever it does not mention. */
  listed(repository: number, attributes: Attributes): void;
  /** Forgets all other repositories. */
  retain(repositories: ReadonlySet<number>): void;
  /** Whether asking again may tell more. */
  failed(): boolean;
  /** `of` is how many repositories were seen. */
  problems(of: number): Problem[];
  kept(): KeptBlindSpots;
}

/** `before`: what could not be seen of each when it was read last. */
export function blindSpots(before: KeptBlindSpots = []): BlindSpots {
  let spots = before.map((spot) => ({ ...spot, repositories: new Set(spot.repositories) }));
  const note = (attribute: (typeof HOST_ATTRIBUTES)[number], repository: number, lack: Lack): void => {
    const same = spots.filter((spot) => spot.attribute === attribute);
    for (const { repositories } of same) repositories.delete(repository);
    if (lack === undefined) return;
    const { unobserved: cause, why } = lack;
    const known = same.find((spot) => spot.cause === cause);
    if (known) known.repositories.add(repository);
    else spots.push({ attribute, cause, why, repositories: new Set([repository]) });
  };
  const filled = () => {
    spots = spots.filter(({ repositories }) => repositories.size > 0);
    return spots;
  };
  return {
    read(repository, attributes) {
      for (const name of HOST_ATTRIBUTES) note(name, repository, lackOf(attributes[name]));
    },
    listed(repository, attributes) {
      for (const name of HOST_ATTRIBUTES)
        if (attributes[name] !== undefined) note(name, repository, lackOf(attributes[name]));
    },
    retain(known) {
      for (const spot of spots) spot.repositories = spot.repositories.intersection(known);
    },
    failed: () => filled().some(({ cause }) => cause === 'failed'),
    problems: (of) =>
      filled().map(({ attribute, cause, why, repositories }) => ({
        code: cause === 'forbidden' ? 'permission-missing' : 'settings-unread',
        cause,
        message: `${attribute} of ${repositories.size} of ${of} repositories could not be seen: ${why}`,
        remedy:
          cause === 'failed' ? 'scan again' : 'give the token the permission, or scan with one that has it',
      })),
    kept: () => filled().map((spot) => ({ ...spot, repositories: [...spot.repositories] })),
  };
}

type Lack = ReturnType<typeof lackOf>;

function lackOf(statement: Statement | undefined) {
  if (statement === undefined || isUnobserved(statement)) return statement;
  if (!('value' in statement) || typeof statement.value !== 'object') return undefined;
  return Object.values(statement.value).find((field) => isUnobserved(field));
}

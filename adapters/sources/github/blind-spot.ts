/** What could not be seen of many repositories, said once an attribute: a thousand of them are not a thousand problems. */
import { type Cause, isUnobserved, type Problem, type Statement } from '@macadam/core/facts/observation';

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
];

export interface BlindSpots {
  note(attributes: Readonly<Record<string, Statement>>): void;
  /** Whether asking again may tell more. */
  failed(): boolean;
  /** `of` is how many repositories were seen. */
  problems(of: number): Problem[];
}

export function blindSpots(): BlindSpots {
  const spots = new Map<string, { count: number; cause: Cause; why: string }>();
  return {
    note(attributes) {
      for (const name of HOST_ATTRIBUTES) {
        const lack = lackOf(attributes[name]);
        if (lack === undefined) continue;
        const before = spots.get(name);
        const cause = before?.cause === 'failed' ? before.cause : lack.unobserved;
        spots.set(name, { count: (before?.count ?? 0) + 1, cause, why: before?.why ?? lack.why });
      }
    },
    failed: () => [...spots.values()].some(({ cause }) => cause === 'failed'),
    problems: (of) =>
      [...spots].map(([name, { count, cause, why }]) => ({
        code: cause === 'forbidden' ? 'permission-missing' : 'settings-unread',
        cause,
        message: `${name} of ${count} of ${of} repositories could not be seen: ${why}`,
        remedy:
          cause === 'failed' ? 'scan again' : 'give the token the permission, or scan with one that has it',
      })),
  };
}

function lackOf(statement: Statement | undefined) {
  if (statement === undefined || isUnobserved(statement)) return statement;
  if (!('value' in statement) || typeof statement.value !== 'object') return undefined;
  return Object.values(statement.value).find((field) => isUnobserved(field));
}

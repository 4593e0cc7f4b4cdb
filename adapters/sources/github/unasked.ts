/** A repository of which nothing is asked: it is listed, and why the rest is not known is said of each attribute. */
import type { Unobserved } from '@macadam/core/facts/observation';
import { leftOutReading, type Reading } from '../../readers/read.ts';
import type { ListedRepository } from './account.ts';
import type { HostRun } from './repository.ts';

export function unasked(
  { host, request }: Pick<HostRun, 'host' | 'request'>,
  { id, full_name }: ListedRepository,
  why: Unobserved,
): Reading {
  const names = [
    'archived',
    'visibility',
    'default_branch_protection',
    'rule_bypasses',
    'push_protection',
    'secret_scanning',
    'vulnerability_alerts',
  ];
  return leftOutReading(
    {
      host: host.name,
      path: String(id),
      name: full_name,
      source: 'github',
      view: 'head',
      now: request.now(),
      parameters: request.parameters,
      attributes: Object.fromEntries(names.map((name) => [name, why])),
    },
    why,
  );
}

/** What passed the push protection of a repository, from the alerts that the host keeps of it. Secrets are asked to be left out of the answer. */

import type { Statement, Value } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { compact } from '../../compact.ts';
import type { Connector } from '../../connector/connector.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import type { Account } from './account.ts';
import { listingOf } from './listing.ts';

const account = z.object({ login: z.string() }).nullish();
const alertSchema = z.object({
  number: z.int(),
  state: z.string(),
  resolution: z.string().nullish(),
  resolved_by: account,
  push_protection_bypassed: z.boolean().nullish(),
  push_protection_bypassed_by: account,
  push_protection_bypassed_at: z.iso.datetime().nullish(),
  push_protection_bypass_request_reviewer: account,
});
type Alert = z.infer<typeof alertSchema>;

/** Ways to close an alert that say that nothing is out. `wont_fix` says that it is, and stays. */
const NO_SECRET: readonly unknown[] = ['false_positive', 'used_in_tests'];

/** What was pushed past the protection of a repository, by its number. Undefined where the organisation does not tell of all of them. */
export type OrganisationBypasses = ((id: number) => Statement) | undefined;

/** One list for all repositories, shown to owners and security managers; a server that does not know the question lists all alerts. */
export async function organisationBypasses(
  connector: Connector,
  { login, type }: Account,
): Promise<OrganisationBypasses> {
  if (type !== 'organisation') return undefined;
  const alerts = await listingOf({
    connector,
    path: `/orgs/${login}/secret-scanning/alerts?is_bypassed=true&hide_secret=true`,
    schema: z.looseObject({ repository: z.object({ id: z.int() }) }),
    what: 'what was pushed past push protection',
    permission: PERMISSIONS.alerts,
  });
  if (alerts.gap !== undefined) return undefined;
  const byRepository = Map.groupBy(alerts.items, ({ repository }) => repository.id);
  return (id) => bypassesIn(byRepository.get(id) ?? []);
}

/** Asked only where push protection is on: without it nothing can be bypassed. */
export async function readPushBypasses(connector: Connector, repository: string): Promise<Statement> {
  const { items, gap } = await listingOf({
    connector,
    path: `/repos/${repository}/secret-scanning/alerts?hide_secret=true`,
    schema: z.unknown(),
    what: 'what was pushed past its push protection',
    permission: PERMISSIONS.alerts,
  });
  return gap ?? bypassesIn(items);
}

function bypassesIn(alerts: readonly unknown[]): Statement {
  const bypasses: Record<string, Value>[] = [];
  let complete = true;
  for (const alert of alerts) {
    const parsed = alertSchema.safeParse(alert);
    // A host that does not say whether an alert is a bypass: it may be one.
    if (parsed.data?.push_protection_bypassed == null) complete = false;
    else if (parsed.data.push_protection_bypassed) bypasses.push(bypassOf(parsed.data));
  }
  return { value: bypasses, complete };
}

function bypassOf(alert: Alert): Record<string, Value> {
  const by = alert.push_protection_bypassed_by?.login;
  const at = alert.push_protection_bypassed_at;
  return compact({
    number: alert.number,
    ...(at == null ? {} : { at }),
    by,
    revoked: alert.state === 'resolved' && alert.resolution === 'revoked',
    second_person: isSettledByAnother(alert, by),
  });
}

function isSettledByAnother(alert: Alert, by: string | undefined): Value {
  const closed = alert.state === 'resolved' && NO_SECRET.includes(alert.resolution);
  const settlers = [
    alert.push_protection_bypass_request_reviewer?.login,
    closed ? alert.resolved_by?.login : undefined,
  ].filter((login) => login !== undefined);
  if (settlers.length === 0) return false;
  if (by !== undefined) return settlers.some((login) => login !== by);
  return {
    unobserved: 'unobserved',
    why: 'the account that pushed is gone, so nobody can say whether another one settled it; revoke the secret',
  };
}

/** Roles of an account as applications: who may take one on, what it may do, and when somebody last did. */

import type { Observation, Statement, Value } from '@macadam/core/facts/observation';
import { isRecord, type Json, recordsIn, textIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { trustList } from '../federated-trust.ts';
import { lackingIds } from '../listing.ts';
import { type Item, listOf, required, timeOf, timestamp, unobserved } from '../statement.ts';
import { tenantId } from './account.ts';
import type { AwsAnswers } from './answers.ts';
import { federatedTrusts, statementsIn, type Trust, trustIn } from './policy.ts';

/** AWS follows the use of a role for so long. */
const TRACKED_DAYS = 400;
const DAY_MS = 86_400_000;

export function rolesOf(scope: ExportScope, account: string, answers: AwsAnswers): Listed {
  const { items, gaps } = answers.list('iam/get-account-authorization-details', 'RoleDetailList');
  const known = items.filter(({ record }) => typeof record.RoleId === 'string' && record.RoleId !== '');
  return {
    kind: 'application',
    format: 'role',
    observations: known.map((item) => roleOf(scope, account, item)),
    gaps: [...gaps, ...lackingIds(items.length - known.length, 'roles have no `RoleId`; save them again')],
    total: totalIn(answers) ?? null,
  };
}

function totalIn(answers: AwsAnswers): Listed['total'] {
  const [summary] = answers.of('iam/get-account-summary');
  const map = summary === undefined ? null : summary.body.SummaryMap;
  const count = isRecord(map) ? map.Roles : undefined;
  return typeof count === 'number' ? { id: 'iam:GetAccountSummary', count } : null;
}

function roleOf(scope: ExportScope, account: string, item: Item): Observation {
  const { RoleId, RoleName, AssumeRolePolicyDocument } = item.record;
  const statements = statementsIn(AssumeRolePolicyDocument);
  const trust = statements === null ? null : trustIn(statements);
  const unread = unobserved(
    `the trust policy of the role in ${item.file} could not be read; look at the answer`,
  );
  const created = required(timeOf(item, 'CreateDate'), 'it does not say when it was made');
  const name = textIn(RoleName) ?? String(RoleId);
  return observationOf(scope, {
    kind: 'application',
    key: [scope.directory, String(RoleId)],
    name,
    attributes: {
      directory: { value: scope.directory },
      client_id: { value: String(RoleId) },
      tenant: { value: tenantId(account) },
      enabled: { value: true },
      created_at: created,
      last_used_at: lastUse(scope, item, created),
      credentials: trust === null ? unread : { value: credentialsOf(trust), complete: true },
      trusts:
        statements === null ? unread : { value: trustList(federatedTrusts(statements)), complete: true },
      ...(trust === null ? { multi_tenant: unread, consent: unread } : reachOf(trust, account)),
      instances_locked: { value: true },
      privileges: privilegesOf(item),
    },
    format: 'role',
  });
}

/** A role that was never used has an empty record; one that has none at all was not asked for it. */
function lastUse(scope: ExportScope, item: Item, created: Statement): Statement {
  const { RoleLastUsed: used } = item.record;
  if (!isRecord(used))
    return unobserved(`\`RoleLastUsed\` is not among the fields saved in ${item.file}; ask for it`);
  const last = timeOf({ record: used, file: item.file }, 'LastUsedDate');
  if ('value' in last) return { value: last.value, window: `${TRACKED_DAYS * 24}h` };
  // A record that says where, and not when, is of a use.
  if ((used.LastUsedDate ?? used.Region ?? null) !== null) return last;
  const born = 'value' in created ? Date.parse(String(created.value)) : Number.NaN;
  const days = (Date.parse(scope.takenAt) - born) / DAY_MS;
  // What was made since is followed for its whole life.
  const hours = Math.floor(
    Math.min(TRACKED_DAYS, Number.isNaN(days) ? TRACKED_DAYS : Math.max(0, days)) * 24,
  );
  return { absent: true, window: `${hours}h` };
}

function credentialsOf({ services, issuers }: Trust): readonly Value[] {
  const added = unobserved('a trust policy does not say since when it is in force');
  return [
    ...services.map((id): Value => ({ id, kind: 'managed', added_at: added })),
    ...issuers.map((id): Value => ({ id, kind: 'federated', added_at: added })),
  ];
}

/** Another account that may take a role on is to it what a tenant that consented is to an application. */
function reachOf({ accounts, everybody, open }: Trust, account: string): Record<string, Statement> {
  if (everybody) return { multi_tenant: { value: true }, consent: { value: 'any_tenant' } };
  if (open !== null) {
    const why = unobserved(
      `whose accounts may take the role on is not known: ${open}; look at its trust policy`,
    );
    return { multi_tenant: why, consent: why };
  }
  const others = [...accounts].filter((one) => one !== account);
  return {
    multi_tenant: { value: others.length > 0 },
    consent: { value: others.length > 0 ? 'listed_tenants' : 'own_tenant' },
  };
}

function privilegesOf({ record, file }: Item): Statement {
  const { AttachedManagedPolicies: attached, RolePolicyList: inline } = record;
  if (!Array.isArray(attached) || !Array.isArray(inline))
    return unobserved(`the policies of the role are not among the fields saved in ${file}; ask for them`);
  const reviewed = unobserved('IAM does not say who reviewed a policy');
  const entry = (id: string, permission: string): Value => ({
    id,
    permission,
    across_tenants: false,
    reviewed_at: reviewed,
  });
  const policies = [
    ...attached
      .filter(isRecord)
      .flatMap(({ PolicyArn, PolicyName }) =>
        typeof PolicyArn === 'string' ? [entry(PolicyArn, nameOfPolicy(PolicyArn, PolicyName))] : [],
      ),
    ...inline
      .filter(isRecord)
      .flatMap(({ PolicyName }) =>
        typeof PolicyName === 'string' ? [entry(`inline/${PolicyName}`, PolicyName)] : [],
      ),
  ];
  return listOf(
    policies,
    policies.length === attached.length + inline.length
      ? null
      : `some policies in ${file} have no name; look at the answer`,
  );
}

/** The last part of an ARN is the policy's name too. */
const nameOfPolicy = (arn: string, name: unknown): string =>
  typeof name === 'string' ? name : (arn.split('/').at(-1) ?? arn);

/** Second steps of a user, of the type that the form of its serial tells. */
export function methodsIn(
  body: Json,
  file: string,
): { readonly methods: readonly Value[]; readonly unread: number } {
  const devices = recordsIn(body.MFADevices);
  const methods = devices.flatMap(({ SerialNumber, EnableDate }): readonly Value[] => {
    if (typeof SerialNumber !== 'string') return [];
    const at = typeof EnableDate === 'string' ? timestamp(EnableDate) : null;
    const registered = at ?? unobserved(`\`EnableDate\` in ${file} is not a time; look at the answer`);
    // `u2f` is how AWS writes both, and does not tell a passkey from a key of hardware.
    const isKey = /:u2f\//.test(SerialNumber);
    return [
      {
        id: SerialNumber,
        type: isKey ? 'security_key' : 'totp',
        phishing_resistant: isKey,
        registered_at: registered,
      },
    ];
  });
  return { methods, unread: devices.length - methods.length };
}

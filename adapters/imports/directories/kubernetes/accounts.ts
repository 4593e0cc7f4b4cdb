/** Accounts of workloads: what they can prove themselves with, and what was bound to them. */
import type { Observation, Statement, Value } from '@macadam/core/facts/observation';
import { isRecord } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { gapOf, isWhole } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { required, timeOf, timestamp, unobserved } from '../statement.ts';
import { type KubernetesObject, objectsIn, recordsIn } from './object.ts';

export function accountsOf(scope: ExportScope, lists: SavedLists): Listed {
  const accounts = lists.list('/serviceaccounts');
  const { objects, gaps } = objectsIn(accounts.items, '/serviceaccounts');
  return {
    kind: 'application',
    observations: objects.map((one) => accountOf(scope, one, lists)),
    gaps: [...accounts.gaps, ...gaps],
  };
}

function accountOf(scope: ExportScope, account: KubernetesObject, lists: SavedLists): Observation {
  const metadata = { record: account.record.metadata as never, file: account.file };
  const attributes: Record<string, Statement> = {
    directory: { value: scope.directory },
    client_id: { value: account.uid },
    enabled: { value: true },
    created_at: required(timeOf(metadata, 'creationTimestamp'), 'the object does not say when it was made'),
    credentials: credentialsOf(account, lists),
    privileges: privilegesOf(account, lists),
  };
  return observationOf(scope, {
    kind: 'application',
    key: [scope.directory, account.uid],
    name: `${account.namespace}/${account.name}`,
    attributes,
  });
}

const TOKEN_TYPE = 'kubernetes.io/service-account-token';

/** A secret names its account by an annotation; one that was asked for without its type is told by that alone. */
function isTokenOf({ record, namespace }: KubernetesObject, account: KubernetesObject): boolean {
  const metadata = isRecord(record.metadata) ? record.metadata : {};
  const annotations = isRecord(metadata.annotations) ? metadata.annotations : {};
  if (record.type !== undefined && record.type !== TOKEN_TYPE) return false;
  if (namespace !== account.namespace) return false;
  const uid = annotations['kubernetes.io/service-account.uid'];
  if (typeof uid === 'string') return uid === account.uid;
  return annotations['kubernetes.io/service-account.name'] === account.name;
}

function credentialsOf(account: KubernetesObject, lists: SavedLists): Statement {
  const secrets = lists.list('/secrets');
  const { objects, gaps } = objectsIn(secrets.items, '/secrets');
  const platform: Value = {
    id: 'projected',
    kind: 'managed',
    added_at: unobserved('the platform makes it anew every hour or so'),
  };
  const tokens = objects
    .filter((one) => isTokenOf(one, account))
    .map((one): Value => {
      const metadata = isRecord(one.record.metadata) ? one.record.metadata : {};
      const at =
        typeof metadata.creationTimestamp === 'string' ? timestamp(metadata.creationTimestamp) : null;
      const added = at ?? unobserved(`\`creationTimestamp\` in ${one.file} is no time; look at the answer`);
      return { id: one.uid, kind: 'secret', added_at: added };
    });
  const value = [platform, ...tokens];
  if (isWhole(secrets) && gaps.length === 0) return { value, complete: true };
  return { value, complete: false, why: (gaps[0] ?? gapOf(secrets)).why };
}

function privilegesOf(account: KubernetesObject, lists: SavedLists): Statement {
  const found: Value[] = [];
  const reviewed = unobserved('a cluster does not say who reviewed a binding');
  let open: string | null = null;
  for (const address of ['/clusterrolebindings', '/rolebindings']) {
    const listing = lists.list(address);
    const { objects, gaps } = objectsIn(listing.items, address);
    if (!isWhole(listing)) open ??= gapOf(listing).why;
    else if (gaps[0] !== undefined) open ??= gaps[0].why;
    for (const binding of objects) {
      if (!recordsIn(binding.record.subjects).some((subject) => names(subject, account))) continue;
      const role = isRecord(binding.record.roleRef) ? String(binding.record.roleRef.name) : 'unknown';
      const where = address === '/rolebindings' ? ` in ${binding.namespace}` : '';
      found.push({
        id: binding.uid,
        permission: `${role}${where}`,
        across_tenants: false,
        reviewed_at: reviewed,
      });
    }
  }
  if (open === null) return { value: found, complete: true };
  return { value: found, complete: false, why: open };
}

function names(subject: Readonly<Record<string, unknown>>, account: KubernetesObject): boolean {
  const { kind, name, namespace } = subject;
  if (kind === 'ServiceAccount') return name === account.name && namespace === account.namespace;
  if (kind !== 'Group') return false;
  return (
    name === 'system:serviceaccounts' ||
    name === `system:serviceaccounts:${account.namespace}` ||
    name === 'system:authenticated'
  );
}

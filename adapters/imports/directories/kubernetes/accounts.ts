/** Accounts of workloads: what they can prove themselves with, and what was bound to them. */
import type { Observation, Statement, Value } from '@macadam/core/facts/observation';
import { isRecord, recordIn, recordsIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { gapOf, isWhole, type Listing } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { listOf, required, timeOf, timestamp, unobserved } from '../statement.ts';
import { type KubernetesObject, lacking, namespacedIn, objectsIn } from './object.ts';

export function accountsOf(scope: ExportScope, lists: SavedLists): Listed {
  const { objects, listing } = namespacedIn(lists, '/serviceaccounts');
  const tokens = tokensIn(lists, objects);
  return {
    kind: 'application',
    observations: objects.map((one) => accountOf(scope, one, { lists, tokens })),
    gaps: listing.gaps,
  };
}

interface Around {
  readonly lists: SavedLists;
  readonly tokens: Tokens;
}

function accountOf(scope: ExportScope, account: KubernetesObject, { lists, tokens }: Around): Observation {
  const metadata = { record: account.record.metadata as never, file: account.file };
  return observationOf(scope, {
    kind: 'application',
    key: [scope.directory, account.uid],
    name: `${account.namespace}/${account.name}`,
    attributes: {
      directory: { value: scope.directory },
      client_id: { value: account.uid },
      enabled: { value: true },
      created_at: required(timeOf(metadata, 'creationTimestamp'), 'the object does not say when it was made'),
      credentials: credentialsOf(account, tokens),
      privileges: privilegesOf(account, lists),
    },
  });
}

const TOKEN_TYPE = 'kubernetes.io/service-account-token';

/** Secrets that are tokens, each with the account that it is of. */
interface Tokens {
  readonly of: (account: KubernetesObject) => readonly KubernetesObject[];
  readonly listing: Listing;
}

/** A secret names its account by an annotation; one that was asked for without its type is told by that alone. */
function tokensIn(lists: SavedLists, accounts: readonly KubernetesObject[]): Tokens {
  const { objects, listing } = namespacedIn(lists, '/secrets');
  const byUid = new Set(accounts.map(({ uid }) => uid));
  const byName = new Set(accounts.map(({ namespace, name }) => `${namespace}/${name}`));
  // Where accounts are missing, a token may be of one of those.
  const areListed = isWhole(namespacedIn(lists, '/serviceaccounts').listing);
  const says = (secret: KubernetesObject): boolean => {
    const { type } = secret.record;
    if (type !== undefined && typeof type !== 'string') return false;
    if (type !== undefined && type !== TOKEN_TYPE) return true;
    const { uid, name } = namedBy(secret);
    if (typeof uid === 'string') return byUid.has(uid) || !areListed;
    if (typeof name === 'string') return byName.has(`${secret.namespace}/${name}`) || !areListed;
    return false;
  };
  return {
    of: (account) => objects.filter((one) => isTokenOf(one, account)),
    listing: lacking(listing, objects, { what: 'of which account they are a token', says }),
  };
}

function namedBy({ record }: KubernetesObject): { readonly uid: unknown; readonly name: unknown } {
  const metadata = recordIn(record.metadata);
  const annotations = recordIn(metadata.annotations);
  return {
    uid: annotations['kubernetes.io/service-account.uid'],
    name: annotations['kubernetes.io/service-account.name'],
  };
}

function isTokenOf(secret: KubernetesObject, account: KubernetesObject): boolean {
  const { type } = secret.record;
  if (type !== undefined && type !== TOKEN_TYPE) return false;
  if (secret.namespace !== account.namespace) return false;
  const { uid, name } = namedBy(secret);
  return typeof uid === 'string' ? uid === account.uid : name === account.name;
}

function credentialsOf(account: KubernetesObject, tokens: Tokens): Statement {
  const platform: Value = {
    id: 'projected',
    kind: 'managed',
    added_at: unobserved('the platform makes it anew every hour or so'),
  };
  const own = tokens.of(account).map((one): Value => {
    const metadata = recordIn(one.record.metadata);
    const at = typeof metadata.creationTimestamp === 'string' ? timestamp(metadata.creationTimestamp) : null;
    const added = at ?? unobserved(`\`creationTimestamp\` in ${one.file} is not a time; look at the answer`);
    return { id: one.uid, kind: 'secret', added_at: added };
  });
  const value = [platform, ...own];
  return listOf(value, tokens.listing.gaps[0]?.why);
}

function privilegesOf(account: KubernetesObject, lists: SavedLists): Statement {
  const found: Value[] = [];
  const reviewed = unobserved('a cluster does not say who reviewed a binding');
  let open: string | null = null;
  for (const address of ['/clusterrolebindings', '/rolebindings']) {
    const { objects, listing } = bindingsIn(lists, address);
    if (!isWhole(listing)) open ??= gapOf(listing).why;
    for (const binding of objects) {
      if (!recordsIn(binding.record.subjects).some((subject) => names(subject, account))) continue;
      const role = roleOf(binding);
      const where = address === '/rolebindings' ? ` in ${binding.namespace}` : '';
      found.push({
        id: binding.uid,
        permission:
          role === null
            ? unobserved(`\`roleRef\` of ${binding.name} names no role; save the bindings again`)
            : `${role}${where}`,
        across_tenants: false,
        reviewed_at: reviewed,
      });
    }
  }
  return listOf(found, open);
}

function bindingsIn(
  lists: SavedLists,
  address: string,
): { readonly objects: readonly KubernetesObject[]; readonly listing: Listing } {
  const ofCluster = lists.list(address);
  const all = objectsIn(ofCluster.items, address);
  const found =
    address === '/rolebindings'
      ? namespacedIn(lists, address)
      : { objects: all.objects, listing: { ...ofCluster, gaps: [...ofCluster.gaps, ...all.gaps] } };
  const says = ({ record: { subjects } }: KubernetesObject): boolean =>
    subjects === undefined ||
    subjects === null ||
    (Array.isArray(subjects) && subjects.every((one) => isRecord(one) && isSubject(one)));
  return {
    objects: found.objects,
    listing: lacking(found.listing, found.objects, { what: 'for whom they are', says }),
  };
}

const SUBJECTS: ReadonlySet<unknown> = new Set(['User', 'Group', 'ServiceAccount']);

const isSubject = ({ kind, name, namespace }: Readonly<Record<string, unknown>>): boolean =>
  SUBJECTS.has(kind) &&
  typeof name === 'string' &&
  (kind !== 'ServiceAccount' || typeof namespace === 'string');

function roleOf({ record: { roleRef } }: KubernetesObject): string | null {
  const name = isRecord(roleRef) ? roleRef.name : undefined;
  return typeof name === 'string' ? name : null;
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

/** How the API of Kubernetes, and `kubectl`, write addresses, lists and errors. */
import { isRecord, recordsIn, type SavedAnswer } from '../answer.ts';
import { type Api, apiOf, narrowingIn, splitAddress, withParameter } from '../api.ts';
import { pageKey } from '../listing.ts';
import { continuationOf } from './certificates.ts';
import { ENDPOINTS } from './description.ts';

const GROUP = /^(?:api\/v1|apis\/[^/]+\/[^/]+)\/?/i;

const isList = (body: unknown): body is Readonly<Record<string, unknown>> =>
  isRecord(body) && typeof body.kind === 'string' && body.kind.endsWith('List');

function next({ address, query, body }: SavedAnswer): string | null {
  const token = continuationOf(body);
  return token === null ? null : pageKey(address, withParameter(query ?? '', 'continue', token));
}

/** What a body says that it is a list of; a list of several kinds says so of its items alone. */
function pathIn(body: unknown): string | null {
  if (!isList(body)) return null;
  const items = recordsIn(body.items);
  const kinds = new Set(
    body.kind === 'List' ? items.map(({ kind }) => kind) : [String(body.kind).slice(0, -4)],
  );
  const [kind] = kinds;
  return kinds.size === 1 && typeof kind === 'string' ? (PATHS[kind] ?? null) : null;
}

const PATHS: Readonly<Record<string, string | undefined>> = {
  Namespace: '/namespaces',
  ServiceAccount: '/serviceaccounts',
  Secret: '/secrets',
  Service: '/services',
  Pod: '/pods',
  Ingress: '/ingresses',
  NetworkPolicy: '/networkpolicies',
  RoleBinding: '/rolebindings',
  ClusterRoleBinding: '/clusterrolebindings',
};

export const KUBERNETES: Api = apiOf({
  endpoints: ENDPOINTS,
  unused: {},
  singletons: [],
  addressOf: (line) => splitAddress(line, GROUP),
  pathIn,
  lists: {
    // An empty list may be written as null, as Go does; one that is not there is none.
    listIn: (body) => (isList(body) ? ('items' in body ? (body.items ?? []) : null) : undefined),
    next,
    total: () => null,
    endUnknown: () => null,
    narrows: (query) => {
      const narrowing = narrowingIn(query, ['labelselector', 'fieldselector']);
      const selects = new URLSearchParams(query).get('fieldSelector');
      return selects === 'type=kubernetes.io/service-account-token' ? null : narrowing;
    },
    continues: (query) => new URLSearchParams(query).has('continue'),
    isError: (body) => isRecord(body) && body.kind === 'Status' && body.status === 'Failure',
    errorOf: (body) =>
      isRecord(body) && typeof body.message === 'string' ? body.message.slice(0, 200) : 'no reason given',
    isForbidden: (status, body) =>
      status === 401 ||
      status === 403 ||
      (isRecord(body) && (body.reason === 'Forbidden' || body.reason === 'Unauthorized')),
    isRemoval: () => false,
  },
});

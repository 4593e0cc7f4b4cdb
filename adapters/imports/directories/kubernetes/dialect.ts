/** How the API of Kubernetes, and `kubectl`, write addresses, lists and errors. */
import { isRecord, type SavedAnswer } from '../answer.ts';
import { type Api, apiOf, narrowingIn, splitAddress } from '../api.ts';
import { pageKey } from '../listing.ts';
import { ENDPOINTS } from './description.ts';

const GROUP = /^(?:api\/v1|apis\/[^/]+\/[^/]+)\/?/i;

const isList = (body: unknown): body is Readonly<Record<string, unknown>> =>
  isRecord(body) && typeof body.kind === 'string' && body.kind.endsWith('List');

const tokenIn = (body: unknown): string | null => {
  const metadata = isRecord(body) && isRecord(body.metadata) ? body.metadata : {};
  return typeof metadata.continue === 'string' && metadata.continue !== '' ? metadata.continue : null;
};

function next({ address, query, body }: SavedAnswer): string | null {
  const token = tokenIn(body);
  if (token === null) return null;
  const parameters = new URLSearchParams(query ?? '');
  parameters.set('continue', token);
  return pageKey(address, parameters.toString());
}

/** What a body says that it is a list of; a list of several kinds says so of its items alone. */
function pathIn(body: unknown): string | null {
  if (!isList(body)) return null;
  const items = Array.isArray(body.items) ? body.items.filter(isRecord) : [];
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
  unused: [],
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

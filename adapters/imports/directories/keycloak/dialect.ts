/** How Keycloak's admin API writes addresses, lists and errors. */
import { isRecord, type SavedAnswer } from '../answer.ts';
import { type Api, apiOf, narrowingIn, splitAddress } from '../api.ts';
import { pageKey } from '../listing.ts';
import { ENDPOINTS, UNUSED } from './description.ts';

const BELOW_REALM = /^.*?admin\/realms\/[^/]+\/?/i;

/** The realm itself, and lists of events by whom they are about, get addresses of their own. */
function addressOf(line: string): { readonly address: string; readonly query: string } | null {
  if (/\/\.well-known\/openid-configuration(?:$|[\s?#])/.test(line))
    return { address: '/openid-configuration', query: '' };
  const [, path = '', query = ''] =
    /^(?:GET\s+)?(?:https?:\/\/[^/\s]+)?\/?([^\s?#]*)(?:\?(\S.*))?$/i.exec(line.trim()) ?? [];
  if (BELOW_REALM.test(path) && path.replace(BELOW_REALM, '') === '') return { address: '/realm', query };
  const asked = splitAddress(line, BELOW_REALM);
  if (asked?.address !== '/events') return asked;
  const parameters = new URLSearchParams(asked.query);
  const user = parameters.get('user');
  const client = parameters.get('client');
  if (user !== null) return { address: `/events/user/${user}`, query: asked.query };
  if (client !== null) return { address: `/events/client/${client}`, query: asked.query };
  return parameters.get('direction') === 'asc' ? { address: '/events/oldest', query: asked.query } : asked;
}

/** Without a word of how many were asked for, that is how many come. */
const USUAL_PAGE = 100;

function next({ address, query, body }: SavedAnswer): string | null {
  if (!Array.isArray(body) || query === null || address.startsWith('/events/')) return null;
  const parameters = new URLSearchParams(query);
  const most = parameters.get('max');
  if (most === null || body.length < Number(most) || Number(most) < 1) return null;
  parameters.set('first', String(Number(parameters.get('first') ?? 0) + Number(most)));
  return pageKey(address, parameters.toString());
}

function endUnknown({ address, query, body }: SavedAnswer): string | null {
  const isOpen =
    Array.isArray(body) &&
    body.length > 0 &&
    body.length % USUAL_PAGE === 0 &&
    !address.startsWith('/events/') &&
    (query === null || !new URLSearchParams(query).has('max'));
  return isOpen ? 'does not show whether more follow; ask with `first` and `max`' : null;
}

export const KEYCLOAK: Api = apiOf({
  endpoints: ENDPOINTS,
  unused: UNUSED,
  singletons: [
    '/openid-configuration',
    '/realm',
    '/events/config',
    '/users/{id}/role-mappings',
    '/clients/{id}/service-account-user',
  ],
  addressOf,
  pathIn: (body) => {
    if (!isRecord(body)) return null;
    if (typeof body.issuer === 'string' && typeof body.token_endpoint === 'string')
      return '/openid-configuration';
    return typeof body.realm === 'string' && 'sslRequired' in body ? '/realm' : null;
  },
  partOf: (address) =>
    address === '/users/count' ? { list: '/users', template: '/users', form: 'count' } : null,
  lists: {
    listIn: () => undefined,
    next,
    total: () => null,
    endUnknown,
    narrows: (query) =>
      narrowingIn(query, [
        'search',
        'username',
        'email',
        'enabled',
        'q',
        'exact',
        'viewableonly',
        'clientid',
      ]),
    continues: (query) => Number(new URLSearchParams(query).get('first') ?? 0) > 0,
    isError: (body) =>
      isRecord(body) &&
      (body.error !== undefined || body.errorMessage !== undefined) &&
      body.id === undefined,
    errorOf: (body) =>
      isRecord(body)
        ? [body.error, body.error_description, body.errorMessage]
            .filter((said) => typeof said === 'string' && said !== '')
            .join(': ')
            .slice(0, 200)
        : 'no reason given',
    isForbidden: (status) => status === 401 || status === 403,
    isRemoval: () => false,
  },
});

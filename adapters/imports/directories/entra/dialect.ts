/** How Microsoft Graph writes addresses, lists and errors. */
import { isRecord } from '../answer.ts';
import { type Api, apiOf, decodedText, errorIn, narrowingIn, splitAddress } from '../api.ts';
import { type ListDialect, pageKey } from '../listing.ts';
import { ENDPOINTS, UNUSED } from './description.ts';

function addressOf(line: string): { readonly address: string; readonly query: string } | null {
  const asked = splitAddress(line, /^(?:v\d+\.\d+|beta)\//i);
  return asked === null ? null : { address: tidy(asked.address), query: asked.query };
}

/** One spelling of an address: `signins` as `signIns`. */
const tidy = (path: string): string => path.replace(/^\/auditLogs\/signins(?=$|\/)/i, '/auditLogs/signIns');

/** `…/$metadata#groups('ID')/members(id,displayName)/$entity` → `/groups/ID/members`; null for what names only a type. */
function pathIn(body: unknown): string | null {
  const context = isRecord(body) ? body['@odata.context'] : undefined;
  if (typeof context !== 'string') return null;
  const [, fragment] = /\$metadata#(.*)$/.exec(context) ?? [];
  if (fragment === undefined) return null;
  const path = fragment
    .replace(/\('([^']*)'\)/g, '/$1')
    .replace(/\([^)]*\)*/g, '')
    .replace(/\/\$entity$|\/\$delta$/, '');
  if (/^(directoryObjects|Collection\b|Edm\.|microsoft\.graph\.)/.test(path) || path === '') return null;
  return tidy(`/${path}`);
}

const DENIED =
  /^(Authorization_RequestDenied|Forbidden|AccessDenied|Authentication_RequestFromNonPremiumTenantOrB2CTenant|UnauthorizedAccessException)$/i;

const LISTS: ListDialect = {
  listIn: (body) => (isRecord(body) ? body.value : undefined),
  next: ({ body }) => {
    const link = isRecord(body) ? body['@odata.nextLink'] : undefined;
    const asked = typeof link === 'string' ? addressOf(link) : null;
    if (asked !== null) return pageKey(asked.address, asked.query);
    return link === undefined || link === null ? null : 'a page without an address';
  },
  total: (body) => {
    const count = isRecord(body) ? body['@odata.count'] : undefined;
    return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
  },
  endUnknown: () => null,
  // The parameters of a page that another led to are those of the first page.
  narrows: (query) => narrowingIn(query, ['filter', 'search', 'skip', 'deltatoken']),
  continues: (query) => /(?:^|&)\$?skiptoken=/i.test(decodedText(query)),
  isError: (body) => errorIn(body) !== null,
  errorOf: (body) => {
    const error = errorIn(body);
    const said = [error?.code, error?.message].filter((part) => typeof part === 'string' && part !== '');
    return said.join(': ').slice(0, 200) || 'no reason given';
  },
  isForbidden: (status, body) =>
    status === 403 || status === 401 || DENIED.test(String(errorIn(body)?.code ?? '')),
  isRemoval: (record) => Object.hasOwn(record, '@removed'),
};

const MANAGED_DEVICES = '/deviceManagement/managedDevices';

export const GRAPH: Api = apiOf({
  endpoints: ENDPOINTS,
  unused: UNUSED,
  singletons: ['/policies/authorizationPolicy', '/policies/authenticationMethodsPolicy'],
  addressOf,
  pathIn,
  lists: LISTS,
  // The devices of one person are a part of all of them.
  partOf: (address) =>
    /^\/(users\/[^/]+|me)\/managedDevices$/i.test(address)
      ? { list: MANAGED_DEVICES, template: MANAGED_DEVICES, form: 'cast' }
      : null,
});

/** How Microsoft Graph writes addresses, lists and errors. */
import type { AnswerDialect, Json, SavedAnswer } from '../answer.ts';
import { isRecord } from '../answer.ts';
import { type ListDialect, pageKey } from '../listing.ts';
import { ENDPOINTS, UNUSED } from './description.ts';

const URL_OF_GRAPH =
  /^(?:GET\s+)?(?:https?:\/\/[^/\s]+)?\/?(?:(?:v\d+\.\d+|beta)\/)?([^\s?#]*)(?:\?(\S.*))?$/i;

/** Address and query of a request line or a full URL. */
function addressOf(line: string): { readonly address: string; readonly query: string } | null {
  const [, path, query = ''] = URL_OF_GRAPH.exec(line.trim()) ?? [];
  if (path === undefined || path === '') return null;
  return { address: tidy(decoded(path)), query };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** One spelling of an address: no slash at the end, `signins` as `signIns`. */
const tidy = (path: string): string =>
  `/${path.replace(/^\/+|\/+$/g, '')}`.replace(/^\/auditLogs\/signins(?=$|\/)/i, '/auditLogs/signIns');

/** `…/$metadata#groups('ID')/members(id,displayName)/$entity` → `/groups/ID/members`; null for what names only a type. */
function addressIn(body: unknown): string | null {
  const context = isRecord(body) ? body['@odata.context'] : undefined;
  if (typeof context !== 'string') return null;
  const [, fragment] = /\$metadata#(.*)$/.exec(context) ?? [];
  if (fragment === undefined) return null;
  const path = fragment
    .replace(/\('([^']*)'\)/g, '/$1')
    .replace(/\([^)]*\)*/g, '')
    .replace(/\/\$entity$|\/\$delta$/, '');
  if (/^(directoryObjects|Collection\b|Edm\.|microsoft\.graph\.)/.test(path) || path === '') return null;
  return isKnown(tidy(path)) ? tidy(path) : null;
}

/** What an address asks for: a list, one item of it, how many it has, or only its items of one type. */
export interface Resolved {
  /** Address of the list. */
  readonly list: string;
  /** The described path of the list, with `{id}` for ids. */
  readonly template: string;
  readonly form: 'list' | 'item' | 'count' | 'cast';
}

const MANAGED_DEVICES = '/deviceManagement/managedDevices';
const TEMPLATES = [...ENDPOINTS, ...UNUSED].map(({ path }) => path);

/** Null for an address that is not described. */
export function resolve(address: string): Resolved | null {
  // The devices of one person are a part of all of them.
  if (/^\/(users\/[^/]+|me)\/managedDevices$/i.test(address))
    return { list: MANAGED_DEVICES, template: MANAGED_DEVICES, form: 'cast' };
  const forms = [
    { form: 'list', list: address },
    { form: 'count', list: address.replace(/\/\$count$/, '') },
    { form: 'cast', list: address.replace(/\/(?:microsoft\.)?graph\.\w+(?:\/\$count)?$/, '') },
    { form: 'list', list: address.replace(/\/delta$/, '') },
    { form: 'item', list: address.replace(/\/[^/]+$/, '') },
  ] as const;
  for (const [index, { form, list }] of forms.entries()) {
    if (index > 0 && list === address) continue;
    const template = templateOf(list);
    if (template !== null) return { list, template, form };
  }
  return null;
}

export const isKnown = (address: string): boolean => resolve(address) !== null;

const templateOf = (path: string): string | null =>
  TEMPLATES.find((template) => patternOf(template).test(path)) ?? null;

const PATTERNS = new Map<string, RegExp>();
function patternOf(template: string): RegExp {
  const known = PATTERNS.get(template);
  if (known) return known;
  const source = template
    .split('/')
    .map((part) => (part === '{id}' ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  const pattern = new RegExp(`^${source}$`, 'i');
  PATTERNS.set(template, pattern);
  return pattern;
}

/** Number of a page: `users-2`, `users.page3`, `users_2`. */
const PAGE = /[-._ ](?:page[-._ ]?)?\d{1,6}$/i;

/** `groups/ID/members-2.json` → `/groups/ID/members`, below any folder: the longest end of the path that is known. */
function addressOfFile(path: string): string | null {
  const whole = path.replace(/\.json$/i, '');
  for (const named of [whole, whole.replace(PAGE, '')]) {
    const parts = named.split('/');
    for (let start = 0; start < parts.length; start += 1) {
      const address = `/${parts.slice(start).join('/')}`;
      if (isKnown(address)) return tidy(address);
    }
    const alias = ALIASES.get((parts.at(-1) ?? '').toLowerCase());
    if (alias !== undefined) return alias;
  }
  return null;
}

/** The last word of a list's path, where no other list ends with it. */
const ALIASES = new Map(
  [...ENDPOINTS]
    .filter(({ path }) => !path.includes('{id}'))
    .map(({ path }) => [(path.split('/').at(-1) ?? '').toLowerCase(), path] as const),
);

const errorIn = (body: unknown): Json | null => (isRecord(body) && isRecord(body.error) ? body.error : null);

const isError = (body: unknown): boolean => errorIn(body) !== null;

export const ANSWERS: AnswerDialect = { addressOf, addressIn, addressOfFile, isError };

const DENIED =
  /^(Authorization_RequestDenied|Forbidden|AccessDenied|Authentication_RequestFromNonPremiumTenantOrB2CTenant|UnauthorizedAccessException)$/i;

function narrows(query: string): string | null {
  const names = [...new URLSearchParams(query).keys()].map((name) => name.replace(/^\$/, '').toLowerCase());
  const narrowing = names.filter((name) => ['filter', 'search', 'skip', 'deltatoken'].includes(name));
  // The parameters of a page that another led to are those of the first page.
  return narrowing.length === 0 ? null : narrowing.map((name) => `\`$${name}\``).join(' and ');
}

export const LISTS: ListDialect = {
  items: 'value',
  next: ({ body }: SavedAnswer) => {
    const link = isRecord(body) ? body['@odata.nextLink'] : undefined;
    const asked = typeof link === 'string' ? addressOf(link) : null;
    if (asked !== null) return pageKey(asked.address, asked.query);
    return link === undefined || link === null ? null : 'a page without an address';
  },
  total: (body) => {
    const count = isRecord(body) ? body['@odata.count'] : undefined;
    return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
  },
  narrows,
  continues: (query) => /(?:^|&)\$?skiptoken=/i.test(decoded(query)),
  isError,
  errorOf: (body) => {
    const error = errorIn(body);
    const said = [error?.code, error?.message].filter((part) => typeof part === 'string' && part !== '');
    return said.join(': ').slice(0, 200) || 'no reason given';
  },
  isForbidden: (status, body) =>
    status === 403 || status === 401 || DENIED.test(String(errorIn(body)?.code ?? '')),
  isRemoval: (record) => Object.hasOwn(record, '@removed'),
};

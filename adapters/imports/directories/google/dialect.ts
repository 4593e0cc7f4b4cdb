/** How the Admin SDK and Cloud Identity write addresses, lists and errors. */
import { isRecord, type SavedAnswer } from '../answer.ts';
import { type Api, apiOf, errorIn, narrowingIn, splitAddress, withParameter } from '../api.ts';
import { pageKey } from '../listing.ts';
import { ENDPOINTS, UNUSED } from './description.ts';

const LISTS = ['users', 'groups', 'members', 'memberships', 'items', 'devices', 'deviceUsers'];

export const GOOGLE: Api = apiOf({
  endpoints: ENDPOINTS,
  unused: UNUSED,
  singletons: [],
  addressOf: (line) => splitAddress(line, /^\/?(?:admin\/(?:directory|reports)\/v1|v1(?:beta1)?)\//i),
  pathIn: () => null,
  lists: {
    listIn: (body) => {
      if (!isRecord(body)) return undefined;
      const name = LISTS.find((one) => Array.isArray(body[one]));
      // A list of nothing is left out of its answer, and leaves what every list has.
      return name === undefined ? (isEmptyList(body) ? [] : undefined) : body[name];
    },
    next: ({ address, query, body }: SavedAnswer) => {
      const token = isRecord(body) ? body.nextPageToken : undefined;
      if (typeof token !== 'string' || token === '') return null;
      return pageKey(address, withParameter(query ?? '', 'pageToken', token));
    },
    total: () => null,
    endUnknown: () => null,
    narrows: (query) => narrowingIn(query, ['query', 'domain', 'filter', 'userkey', 'roleid']),
    continues: (query) => /(?:^|&)pageToken=/.test(query),
    isError: (body) => errorIn(body) !== null,
    errorOf: (body) => String(errorIn(body)?.message ?? 'no reason given').slice(0, 200),
    isForbidden: (status, body) => [401, 403].includes(Number(errorIn(body)?.code ?? status)),
    isRemoval: () => false,
  },
});

const isEmptyList = (body: Readonly<Record<string, unknown>>): boolean =>
  !Object.hasOwn(body, 'id') &&
  !Object.hasOwn(body, 'name') &&
  Object.keys(body).every((name) => ['kind', 'etag'].includes(name));

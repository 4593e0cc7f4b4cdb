/** How Okta's management API writes addresses, lists and errors. */
import { isRecord, type SavedAnswer } from '../answer.ts';
import { type Api, apiOf, narrowingIn, splitAddress } from '../api.ts';
import { linkedNext, linkUnknown } from '../link-header.ts';
import { pageKey } from '../listing.ts';
import { ENDPOINTS, UNUSED } from './description.ts';

const addressOf = (line: string) => splitAddress(line, /^\/?api\/v1\//i);

/** Lists of who holds roles name the page that follows in their body, the others in a header. */
export function nextInBody(body: unknown): string | null {
  const links = isRecord(body) && Array.isArray(body.value) ? body._links : undefined;
  const next = isRecord(links) ? links.next : undefined;
  return isRecord(next) && typeof next.href === 'string' && next.href !== '' ? next.href : null;
}

function next(answer: SavedAnswer): string | null {
  const named = nextInBody(answer.body);
  if (named === null) return linkedNext(answer, addressOf);
  const asked = addressOf(named);
  return asked === null ? null : pageKey(asked.address, asked.query);
}

export const OKTA: Api = apiOf({
  endpoints: ENDPOINTS,
  unused: UNUSED,
  singletons: ['/org'],
  addressOf,
  pathIn: () => null,
  lists: {
    listIn: (body) => (isRecord(body) && Array.isArray(body.value) ? body.value : undefined),
    next,
    total: () => null,
    endUnknown: (answer) => (isRecord(answer.body) ? null : linkUnknown(answer)),
    narrows: (query) => narrowingIn(query, ['filter', 'search', 'q']),
    continues: (query) => /(?:^|&)after=/.test(query),
    isError: (body) => isRecord(body) && typeof body.errorCode === 'string',
    errorOf: (body) =>
      isRecord(body)
        ? [body.errorCode, body.errorSummary].filter(Boolean).join(': ').slice(0, 200)
        : 'no reason given',
    isForbidden: (status, body) =>
      status === 401 || status === 403 || (isRecord(body) && /^E00000(06|11)$/.test(String(body.errorCode))),
    isRemoval: () => false,
  },
});

/** How GitLab's REST API writes addresses, lists and errors. */
import { isRecord } from '../answer.ts';
import { type Api, apiOf, narrowingIn, splitAddress } from '../api.ts';
import { linkedNext, linkUnknown } from '../link-header.ts';
import { ENDPOINTS, UNUSED } from './description.ts';

/** A host may have its GitLab below a path of its own. */
const addressOf = (line: string) => splitAddress(line, /^\/?(?:.*?\/)?api\/v4\//i);

export const GITLAB: Api = apiOf({
  endpoints: ENDPOINTS,
  unused: UNUSED,
  singletons: [
    '/user',
    '/metadata',
    '/projects/{id}/push_rule',
    '/projects/{id}/merge_request_approval_setting',
    '/projects/{id}/security_settings',
  ],
  addressOf,
  pathIn: () => null,
  lists: {
    // Rules of pushes that nobody ever set are answered by `null`.
    listIn: (body) => (body === null ? [] : undefined),
    next: (answer) => linkedNext(answer, addressOf),
    total: () => null,
    endUnknown: linkUnknown,
    narrows: (query) =>
      narrowingIn(query, [
        'search',
        'state',
        'revoked',
        'user_id',
        'created_before',
        'created_after',
        'last_used_before',
        'last_used_after',
        'active',
        'archived',
        'owned',
        'membership',
        'visibility',
        'min_access_level',
      ]),
    continues: (query) => /(?:^|&)(?:page=(?!1(?:&|$))|cursor=|id_after=)/.test(query),
    isError: (body) =>
      isRecord(body) &&
      !Object.hasOwn(body, 'id') &&
      (typeof body.message === 'string' || typeof body.error === 'string'),
    errorOf: (body) =>
      isRecord(body) ? String(body.message ?? body.error).slice(0, 200) : 'no reason given',
    isForbidden: (status, body) =>
      status === 401 ||
      status === 403 ||
      (isRecord(body) && /^(40[13]\b|insufficient_scope)/.test(String(body.message ?? body.error))),
    isRemoval: () => false,
  },
});

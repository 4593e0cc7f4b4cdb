/** Saved answers of a GitLab host, as one collection. Values of tokens are never read. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { isRecord } from '../answer.ts';
import { type Api, apiOf, narrowingIn, splitAddress } from '../api.ts';
import {
  type ExportRead,
  type ExportRequest,
  type ExportScope,
  type Listed,
  observationOf,
} from '../export.ts';
import { linkedNext, linkUnknown } from '../link-header.ts';
import type { Listing } from '../listing.ts';
import { readOf, savedFolder, scopeOf } from '../reading.ts';
import type { SavedLists } from '../saved-lists.ts';
import { type Item, textOf, timeOf, timestamp, unexpected, unobserved } from '../statement.ts';
import { ENDPOINTS, UNUSED } from './description.ts';

const addressOf = (line: string) => splitAddress(line, /^\/?api\/v4\//i);

const GITLAB: Api = apiOf({
  endpoints: ENDPOINTS,
  unused: UNUSED,
  singletons: [],
  addressOf,
  pathIn: () => null,
  lists: {
    listIn: () => undefined,
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

export function readGitlab(request: ExportRequest): ExportRead {
  const saved = savedFolder(request, GITLAB);
  const hosts = saved.answers.flatMap(({ host }) => (host === null ? [] : [{ id: host, name: host }]));
  const missing =
    'does not say of which host it is; save answers with their requests, or give the host by `--subject`';
  const named = scopeOf('gitlab', request, hosts, missing);
  if ('mistakes' in named) return named;
  const { scope } = named;
  const listed = [usersOf(scope, saved.lists), credentialsOf(scope, saved.lists)];
  return readOf({ scope, saved, listed, parents: [], notes: [] });
}

const numberOf = ({ record: { id } }: Item): string | null =>
  typeof id === 'number' && Number.isSafeInteger(id)
    ? String(id)
    : typeof id === 'string' && id !== ''
      ? id
      : null;

const nameless = ({ items }: Listing, address: string) =>
  items
    .filter((item) => numberOf(item) === null)
    .map(({ file }) => ({
      code: 'id-missing',
      cause: 'incomplete' as const,
      why: `one of ${address} in ${file} has no \`id\`; save it again`,
    }));

function usersOf(scope: ExportScope, lists: SavedLists): Listed {
  const users = lists.list('/users');
  const observations = users.items.flatMap((item) => {
    const id = numberOf(item);
    if (id === null) return [];
    const state = textOf(item, 'state');
    const attributes: Record<string, Statement> = {
      directory: { value: scope.directory },
      object_id: { value: id },
      enabled: 'value' in state ? enabledBy(item, state.value) : state,
    };
    const name = typeof item.record.username === 'string' ? item.record.username : id;
    return [observationOf(scope, { kind: 'user', key: [scope.directory, id], name, attributes })];
  });
  return { kind: 'user', observations, gaps: [...users.gaps, ...nameless(users, '/users')] };
}

function enabledBy(item: Item, state: string): Statement {
  if (state === 'active') return { value: true };
  const closed = ['blocked', 'deactivated', 'banned', 'ldap_blocked', 'blocked_pending_approval'];
  return closed.includes(state)
    ? { value: false }
    : unexpected(item, 'state', state, 'a state that this version knows');
}

/** Lists of credentials: of what, and of which type. */
const SOURCES = [
  { path: '/personal_access_tokens', prefix: 'personal', type: 'personal_token' },
  { path: '/projects/{id}/access_tokens', prefix: 'access', type: 'secret' },
  { path: '/groups/{id}/access_tokens', prefix: 'access', type: 'secret' },
  { path: '/deploy_tokens', prefix: 'deploy', type: 'secret' },
  { path: '/projects/{id}/deploy_tokens', prefix: 'deploy', type: 'secret' },
  { path: '/groups/{id}/deploy_tokens', prefix: 'deploy', type: 'secret' },
  { path: '/projects/{id}/deploy_keys', prefix: 'key', type: 'ssh_key' },
] as const;

function credentialsOf(scope: ExportScope, lists: SavedLists): Listed {
  const observations = new Map<string, Observation>();
  const gaps: Listed['gaps'][number][] = [
    {
      code: 'list-of-each-parent',
      cause: 'incomplete',
      why: 'tokens are listed below each project and group, and no answer counts them all; save those of every one',
    },
  ];
  for (const { path, prefix, type } of SOURCES) {
    const listings = path.includes('{id}') ? [...lists.below(path).values()] : [lists.list(path)];
    for (const listing of listings) {
      // What was not saved at all is said once, above.
      gaps.push(
        ...listing.gaps.filter(({ code }) => code !== 'list-not-saved'),
        ...nameless(listing, listing.address),
      );
      for (const item of listing.items) {
        const id = numberOf(item);
        if (id === null) continue;
        const one = credentialOf(scope, item, `${prefix}/${id}`, type);
        observations.set(one.id, one);
      }
    }
  }
  return { kind: 'credential', observations: [...observations.values()], gaps };
}

function credentialOf(scope: ExportScope, item: Item, id: string, type: string): Observation {
  const expires =
    type === 'ssh_key' && item.record.expires_at === undefined
      ? unobserved('the list does not say when the key ends; update GitLab')
      : dayOf(item, 'expires_at');
  const created = timeOf(item, 'created_at');
  const { name, title } = item.record;
  const called =
    typeof name === 'string' && name !== '' ? name : typeof title === 'string' && title !== '' ? title : id;
  const attributes: Record<string, Statement> = {
    store: { value: scope.directory },
    credential_id: { value: id },
    type: { value: type },
    thumbprint: { absent: true },
    state: stateOf(item, expires, scope),
    issued_at: 'value' in created ? created : unobserved('the host does not say when it was made'),
    expires_at: expires,
  };
  return observationOf(scope, { kind: 'credential', key: [scope.directory, id], name: called, attributes });
}

/** A day, as GitLab writes most ends: it counts from its beginning, in UTC. */
function dayOf(item: Item, field: string): Statement {
  const value = item.record[field];
  const day =
    typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? timestamp(`${value}T00:00:00Z`) : null;
  return day === null ? timeOf(item, field) : { value: day };
}

function stateOf(item: Item, expires: Statement, scope: ExportScope): Statement {
  const { revoked, active, expired } = item.record;
  if (revoked === true) return { value: 'revoked' };
  if (expired === true) return { value: 'expired' };
  const ended = 'value' in expires && Date.parse(String(expires.value)) <= Date.parse(scope.takenAt);
  if (ended) return { value: 'expired' };
  if (active === true) return { value: 'active' };
  if (active === false)
    return unobserved(
      `${item.file} says that it is not active, and neither revoked nor expired; save it again`,
    );
  const isTold = revoked === false || expired === false || item.record.can_push !== undefined;
  return isTold && ('value' in expires || 'absent' in expires || item.record.can_push !== undefined)
    ? { value: 'active' }
    : unobserved(`${item.file} does not say whether it was revoked; save it with a newer version`);
}

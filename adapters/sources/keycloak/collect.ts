/**
 * Realms of Keycloak by its admin API, read only. What is asked is turned into observations by the reader of saved answers: the network
 * adds pages, waiting and refusals, and nothing of its own to what they mean.
 */

import type { Collection, Observation, Problem } from '@macadam/core/facts/observation';
import type { NoAnswer } from '../../connector/outcome.ts';
import { resultsInOrder } from '../../connector/pool.ts';
import { type Overflow, overflow } from '../../data-folder/overflow.ts';
import { isRecord, type Json, type SavedAnswer } from '../../imports/directories/answer.ts';
import { firstSeen, laidOver, skeletonOf } from '../../imports/directories/by-page.ts';
import { idTable } from '../../imports/directories/id-table.ts';
import { KEYCLOAK } from '../../imports/directories/keycloak/dialect.ts';
import { MOST_SIGN_INS, USES } from '../../imports/directories/keycloak/events.ts';
import { readKeycloak, realmIn } from '../../imports/directories/keycloak/read.ts';
import { holdersOf, type PowerRole, powerRoles } from '../../imports/directories/keycloak/roles.ts';
import { usersOf } from '../../imports/directories/keycloak/users.ts';
import { onceEach } from '../../imports/directories/listing.ts';
import { askedFolder } from '../../imports/directories/reading.ts';
import { idOf, type SavedLists, savedLists } from '../../imports/directories/saved-lists.ts';
import { collectEach, PAGES_HELD, requestBudget } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { withEnvironment } from '../stated-environment.ts';
import { credentialMissing } from '../token.ts';
import { credentialFor, type RealmAddress, realmAt, variablesFor } from './credential.ts';
import { type Asked, answersOf, pagesOf } from './listing.ts';
import { type Realm, realmOf } from './realm.ts';

const AT_ONCE = 4;
const USERS: Asked = { address: '/users', path: '/users?briefRepresentation=false', paged: true };
const DAY_MS = 86_400_000;

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  const { now, options } = request;
  const realms = realmsOf(request.targets);
  const budget = requestBudget(options.budget);
  const asked = {
    source: 'keycloak',
    request,
    targets: realms,
    nameOf: ({ url }: RealmAddress) => url,
    emit: withEnvironment(options.environment, emit),
    report,
  };
  return collectEach(asked, async (address, collected) => {
    const credential = credentialFor(address, realms.length, request.environment);
    if (credential === undefined) {
      const { id, secret } = variablesFor(address);
      return collected.unread(
        credentialMissing(
          `client for the realm ${address.url}`,
          `set ${id} and ${secret} to a client of the realm with a service account`,
        ),
      );
    }
    const realm = realmOf({ address, credential, request, budget });
    const refusal = await realm.refusal();
    if (refusal !== null) return collected.unread(noToken(address, refusal));
    const users = overflow<SavedAnswer>(request.cacheDirectory, PAGES_HELD);
    try {
      const answers = await answersOfRealm(realm, address, users);
      const folder = collected.asked(`the realm ${address.url}`, null);
      const lists = savedLists(KEYCLOAK, answers);
      const named = realmIn(folder, lists);
      if ('mistakes' in named) return collected.unread(notTold(address, answers));
      const known = idTable();
      for (const answer of users.all()) {
        const page = firstSeen(KEYCLOAK, answer, (id) => known.add(id));
        const below = await belowPage(realm, page, now());
        collected.passOn(usersOf(named.scope, laidOver(below, lists)).observations);
        answers.push(skeletonOf(KEYCLOAK, answer, () => false));
      }
      const read = readKeycloak(folder, askedFolder(KEYCLOAK, answers), known.size());
      if ('batch' in read) collected.read(read.batch);
    } finally {
      users.close();
    }
  });
}

function realmsOf(targets: readonly string[]): readonly RealmAddress[] {
  if (targets.length === 0) throw new TypeError('the keycloak source needs the address of a realm');
  const realms = targets.map(realmAt);
  return onceEach(realms, (one) => one.url);
}

function noToken(address: RealmAddress, refusal: NoAnswer): Problem {
  const names = variablesFor(address);
  const isRefused = refusal.outcome === 'forbidden';
  return {
    code: isRefused ? 'credential-refused' : 'realm-unreachable',
    cause: isRefused ? 'forbidden' : 'failed',
    message: `the realm ${address.url} gives no token: ${refusal.message}`,
    remedy: `look at the address, and whether ${names.id} and ${names.secret} are of a client with a service account there`,
  };
}

/** The realm does not say who it is, so nothing of it can be taken: why is in its own answer. */
function notTold(address: RealmAddress, answers: readonly SavedAnswer[]): Problem {
  const said = answers.find((one) => one.address === '/openid-configuration')?.body;
  const error = isRecord(said) && typeof said.error === 'string' ? said.error : 'it names no issuer';
  return {
    code: 'realm-unreachable',
    cause: 'failed',
    message: `the realm ${address.url} does not say who it is: ${error}`,
    remedy: 'check whether the address is right, and whether the host answers from here',
  };
}

/** The lists of the realm, then what stands below their items. */
async function answersOfRealm(
  realm: Realm,
  address: RealmAddress,
  users: Overflow<SavedAnswer>,
): Promise<SavedAnswer[]> {
  const answers: SavedAnswer[] = [];
  const ask = async (asked: readonly Asked[]): Promise<SavedLists> => {
    answers.push(...(await answersOfAll(realm, asked)));
    return savedLists(KEYCLOAK, answers);
  };
  // Without waiting for anything below them: pages by number shift when somebody is removed meanwhile.
  for await (const page of pagesOf(realm, USERS)) users.add(page);
  let lists = await ask([
    {
      address: '/openid-configuration',
      path: `/realms/${encodeURIComponent(address.realm)}/.well-known/openid-configuration`,
    },
    { address: '/realm', path: '' },
    { address: '/users/count' },
    { address: '/clients', paged: true },
    { address: '/roles', path: '/roles?briefRepresentation=true', paged: true },
    { address: '/identity-provider/instances' },
    { address: '/events/config' },
    { address: '/events/oldest', path: '/events?direction=asc&max=1' },
  ]);
  lists = await ask([...belowClients(lists), ...flows(lists)]);
  lists = await ask(belowRoles(lists));
  const { roles } = powerRoles(lists);
  lists = await ask(roles.flatMap(holders));
  await askGroups(groupsIn(lists, roles), ask);
  return answers;
}

const answersOfAll = async (realm: Realm, asked: readonly Asked[]): Promise<readonly SavedAnswer[]> =>
  (await resultsInOrder(asked, AT_ONCE, (one) => answersOf(realm, one))).flat();

/** What the accounts of one page sign in with, and whether they did. */
async function belowPage(realm: Realm, page: SavedAnswer, now: Date): Promise<SavedLists> {
  const credentials = await answersOfAll(realm, belowUsers(savedLists(KEYCLOAK, [page])));
  const events = await answersOfAll(realm, signIns(savedLists(KEYCLOAK, credentials), now));
  return savedLists(KEYCLOAK, [page, ...credentials, ...events]);
}

/** Groups, then the groups inside of them, as deep as they go. */
async function askGroups(
  first: readonly string[],
  ask: (asked: readonly Asked[]) => Promise<SavedLists>,
): Promise<void> {
  const asked = new Set<string>();
  for (let groups = first; groups.length > 0; ) {
    for (const id of groups) asked.add(id);
    const lists = await ask(
      groups.flatMap((id): readonly Asked[] => [
        { address: `/groups/${id}/members`, paged: true },
        { address: `/groups/${id}/children`, paged: true },
      ]),
    );
    const inner = groups.flatMap((id) => lists.of('/groups/{id}/children', id).items);
    groups = [...new Set(inner.flatMap(({ record }) => idOf(record) ?? []))].filter((id) => !asked.has(id));
  }
}

const recordsOf = (lists: SavedLists, address: string): readonly Json[] =>
  lists.list(address).items.map(({ record }) => record);

function belowClients(lists: SavedLists): readonly Asked[] {
  const uses = USES.map((type) => `type=${type}`).join('&');
  return recordsOf(lists, '/clients').flatMap((record): readonly Asked[] => {
    const id = idOf(record);
    if (id === null) return [];
    const { clientId, serviceAccountsEnabled, bearerOnly } = record;
    const asked: Asked[] = [{ address: `/clients/${id}/roles`, paged: true }];
    if (serviceAccountsEnabled === true) asked.push({ address: `/clients/${id}/service-account-user` });
    if (bearerOnly !== true && typeof clientId === 'string')
      asked.push({
        address: `/events/client/${clientId}`,
        path: `/events?client=${encodeURIComponent(clientId)}&${uses}&max=1`,
      });
    return asked;
  });
}

function flows(lists: SavedLists): readonly Asked[] {
  const [realm] = recordsOf(lists, '/realm');
  const named = [realm?.browserFlow, realm?.directGrantFlow, realm?.resetCredentialsFlow];
  return [...new Set(named)].flatMap((flow) =>
    typeof flow === 'string' && flow !== ''
      ? [{ address: `/authentication/flows/${encodeURIComponent(flow)}/executions` }]
      : [],
  );
}

function belowUsers(lists: SavedLists): readonly Asked[] {
  return recordsOf(lists, '/users').flatMap((record) => {
    const id = idOf(record);
    return id === null || record.enabled === false ? [] : [{ address: `/users/${id}/credentials` }];
  });
}

/** What composite roles bring along, and what service accounts hold. */
function belowRoles(lists: SavedLists): readonly Asked[] {
  const roles = [
    ...recordsOf(lists, '/roles'),
    ...[...lists.below('/clients/{id}/roles').values()].flatMap(({ items }) =>
      items.map(({ record }) => record),
    ),
  ];
  const composites = roles.flatMap((record) => {
    const id = idOf(record);
    return id === null || record.composite !== true
      ? []
      : [{ address: `/roles-by-id/${id}/composites`, paged: true }];
  });
  const accounts = [...lists.below('/clients/{id}/service-account-user').values()].flatMap(({ items }) =>
    items.flatMap(({ record }) => idOf(record) ?? []),
  );
  return [...composites, ...accounts.map((id) => ({ address: `/users/${id}/role-mappings` }))];
}

const STRONG: ReadonlySet<unknown> = new Set(['webauthn', 'webauthn-passwordless']);

/** Of accounts without a strong method nobody asks how they signed in. */
function signIns(lists: SavedLists, now: Date): readonly Asked[] {
  const from = new Date(now.getTime() - 8 * DAY_MS).toISOString().slice(0, 10);
  return [...lists.below('/users/{id}/credentials')].flatMap(([id, { items }]) =>
    items.some(({ record }) => STRONG.has(record.type))
      ? [
          {
            address: `/events/user/${id}`,
            path: `/events?user=${encodeURIComponent(id)}&type=LOGIN&dateFrom=${from}&max=${MOST_SIGN_INS}`,
          },
        ]
      : [],
  );
}

function holders({ client, name }: PowerRole): readonly Asked[] {
  const role = encodeURIComponent(name);
  const at = client === null ? `/roles/${role}` : `/clients/${client}/roles/${role}`;
  return [
    { address: `${at}/users`, paged: true },
    { address: `${at}/groups`, path: `${at}/groups?briefRepresentation=true`, paged: true },
  ];
}

const groupsIn = (lists: SavedLists, roles: readonly PowerRole[]): readonly string[] => [
  ...new Set(
    roles.flatMap((role) => holdersOf(role, lists).groups.items.flatMap(({ record }) => idOf(record) ?? [])),
  ),
];

/**
 * A tenant of Entra ID by Microsoft Graph, read only. What is asked is turned into observations by the reader of saved answers: the
 * network adds pages, waiting and refusals, and nothing of its own to what they mean.
 */
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { type Connector, connect } from '../../connector/connector.ts';
import { inParallel } from '../../connector/pool.ts';
import type { SavedAnswer } from '../../imports/directories/answer.ts';
import { GRAPH } from '../../imports/directories/entra/dialect.ts';
import { isAbout } from '../../imports/directories/entra/groups.ts';
import { readEntra, tenantIn } from '../../imports/directories/entra/read.ts';
import { REGISTRATION } from '../../imports/directories/entra/users.ts';
import { askedFolder } from '../../imports/directories/reading.ts';
import { type SavedLists, savedLists } from '../../imports/directories/saved-lists.ts';
import type { Item } from '../../imports/directories/statement.ts';
import { collectTargets, requestBudget } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { longLists, passOnAccounts, type Registered } from './accounts.ts';
import { principalIn } from './changes.ts';
import { tokenFor, variableFor } from './credential.ts';
import { answersOf, BATCH, batchedAnswers } from './listing.ts';
import {
  decisionsOf,
  grantsOf,
  LISTS,
  membersOf,
  methodsOf,
  ownersOf,
  roundsOf,
  trustsOf,
} from './requests.ts';

const AT_ONCE = 4;
/** Lists as long as there are accounts, which are read by themselves. */
const LONG: ReadonlySet<string> = new Set(['/users', REGISTRATION]);

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  const { now, options } = request;
  const tenants = tenantsOf(request.targets);
  const startedAt = now().toISOString();
  const collected = collectTargets({ source: 'entra', query: tenants.join(' '), startedAt, emit });
  const otherTenant = (mistakes: readonly { readonly file: string; readonly reason: string }[]) => {
    for (const { file, reason } of mistakes)
      collected.unread({ code: 'other-tenant', cause: 'failed', message: `${file} ${reason}` });
  };
  for (const [index, tenant] of tenants.entries()) {
    report({ name: tenant, done: index, total: tenants.length });
    const token = tokenFor(tenant, tenants.length, request.environment);
    if (token === undefined) {
      collected.unread({
        code: 'credential-missing',
        cause: 'forbidden',
        message: `there is no token for the tenant ${tenant}, so nothing of it was read`,
        remedy: `set ${variableFor(tenant)} to an access token for Microsoft Graph`,
      });
      continue;
    }
    const connector = connectorTo(options.url, token, request, requestBudget(options.budget));
    const asked = {
      folder: `the tenant ${tenant}`,
      files: [],
      subject: tenant,
      takenAt: new Date(startedAt),
      receivedAt: now(),
    };
    const principal = principalIn(token);
    const long = await longLists(
      connector,
      request.cacheDirectory,
      principal === null ? null : { principal: `${connector.origin} ${tenant} ${principal}`, now },
    );
    try {
      const answers = await answersOfTenant(connector);
      const lists = savedLists(GRAPH, answers);
      const named = tenantIn(asked, lists);
      if ('mistakes' in named) {
        otherTenant(named.mistakes);
        continue;
      }
      const accounts = await passOnAccounts({
        scope: named.scope,
        lists,
        long,
        wanted: askedAgain(lists),
        methodsOf: (items, registered) =>
          batchesOf(connector, undecidedUsers(items, registered).map(methodsOf)),
        passOn: collected.passOn,
      });
      const read = readEntra(asked, askedFolder(GRAPH, [...answers, ...accounts.answers]), accounts.seen);
      if ('mistakes' in read) otherTenant(read.mistakes);
      else collected.read(read.batch);
    } finally {
      long.close();
    }
  }
  return collected.collection(now());
}

function tenantsOf(names: readonly string[]): readonly string[] {
  if (names.length === 0) throw new TypeError('the entra source needs the id of a tenant');
  const odd = names.find((name) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name));
  if (odd !== undefined)
    throw new TypeError(
      `${JSON.stringify(odd)} is not the id of a tenant; it is written like 84841066-274d-4ec0-a5c1-276be684bdd3`,
    );
  return [...new Set(names.map((name) => name.toLowerCase()))];
}

function connectorTo(
  url: string | undefined,
  token: string,
  request: CollectRequest,
  budget: number | undefined,
): Connector {
  return connect({
    baseUrl: url ?? 'https://graph.microsoft.com',
    authorization: `Bearer ${token}`,
    headers: { accept: 'application/json', 'user-agent': 'macadam' },
    now: () => request.now().getTime(),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    ...(budget === undefined ? {} : { budget }),
  });
}

/** In the order of asking, whichever came first. */
async function answersOfAll(connector: Connector, paths: readonly string[]): Promise<readonly SavedAnswer[]> {
  const found = new Map<number, readonly SavedAnswer[]>();
  await inParallel(paths, AT_ONCE, async (path, index) => {
    found.set(index, await answersOf(connector, path));
  });
  return [...paths.keys()].flatMap((index) => found.get(index) ?? []);
}

/** The same, twenty by one request. */
async function batchesOf(connector: Connector, paths: readonly string[]): Promise<readonly SavedAnswer[]> {
  const batches = Array.from({ length: Math.ceil(paths.length / BATCH) }, (_, index) =>
    paths.slice(index * BATCH, (index + 1) * BATCH),
  );
  const found = new Map<number, readonly SavedAnswer[]>();
  await inParallel(batches, AT_ONCE, async (batch, index) => {
    found.set(index, await batchedAnswers(connector, batch));
  });
  return [...batches.keys()].flatMap((index) => found.get(index) ?? []);
}

const ROLE_LISTS: readonly string[] = [
  'roleAssignments',
  'roleAssignmentScheduleInstances',
  'roleEligibilityScheduleInstances',
].map((list) => `/roleManagement/directory/${list}`);

/** Accounts that something else of the tenant names. */
function askedAgain(lists: SavedLists): ReadonlySet<unknown> {
  const below = ['/applications/{id}/owners', '/groups/{id}/members'].flatMap((path) => [
    ...lists.below(path).values(),
  ]);
  return new Set([
    ...ROLE_LISTS.flatMap((list) => lists.list(list).items.map(({ record }) => record.principalId)),
    ...below.flatMap(({ items }) => items.map(({ record }) => record.id)),
  ]);
}

/** The lists of the tenant without its accounts, then what stands below their items. */
async function answersOfTenant(connector: Connector): Promise<readonly SavedAnswer[]> {
  const answers: SavedAnswer[] = [];
  const ask = async (paths: readonly string[]): Promise<void> => {
    answers.push(...(await answersOfAll(connector, paths)));
  };
  await ask(LISTS.filter(({ endpoint }) => !LONG.has(endpoint)).map(({ path }) => path));
  const lists = savedLists(GRAPH, answers);
  const itemsOf = (address: string) => lists.list(address).items.map(({ record }) => record);
  const idsOf = (records: readonly Readonly<Record<string, unknown>>[]): readonly string[] =>
    records.flatMap(({ id }) => (typeof id === 'string' && id !== '' ? [id] : []));
  const held = new Set(ROLE_LISTS.flatMap((list) => itemsOf(list).map(({ principalId }) => principalId)));
  const groups = idsOf(
    itemsOf('/groups').filter(({ id, isAssignableToRole }) => isAssignableToRole === true || held.has(id)),
  );
  const own = new Set(itemsOf('/applications').map(({ appId }) => appId));
  const principals = itemsOf('/servicePrincipals').filter(
    ({ appId, servicePrincipalType }) => servicePrincipalType === 'ManagedIdentity' || own.has(appId),
  );
  const reviews = idsOf(
    itemsOf('/identityGovernance/accessReviews/definitions').filter((record) =>
      groups.some((group) => isAbout(record, group)),
    ),
  );
  await ask([
    ...idsOf(itemsOf('/applications')).map(ownersOf),
    ...idsOf(itemsOf('/applications')).map(trustsOf),
    ...idsOf(principals).map(grantsOf),
    ...groups.map(membersOf),
    ...reviews.map(roundsOf),
  ]);
  const rounds = savedLists(GRAPH, answers).below(
    '/identityGovernance/accessReviews/definitions/{id}/instances',
  );
  await ask(
    [...rounds].flatMap(([review, { items }]) =>
      idsOf(items.map(({ record }) => record)).map((round) => decisionsOf(review, round)),
    ),
  );
  return answers;
}

const STRONG = /^(fido2SecurityKey|windowsHelloForBusiness|macOsSecureEnclaveKey|passKey\w+)$/i;

/**
 * One request an account is dear, so it is asked only of those of whom the report shows no strong method: of the others it is known that
 * they have one, and no standard asks for more.
 */
function undecidedUsers(accounts: readonly Item[], registered: Registered): readonly string[] {
  return accounts.flatMap(({ record: { id, accountEnabled } }) => {
    if (typeof id !== 'string' || accountEnabled === false) return [];
    const names = registered(id)?.record.methodsRegistered;
    const isStrong = Array.isArray(names) && names.some((name) => STRONG.test(String(name)));
    return isStrong ? [] : [id];
  });
}

/**
 * A tenant of Entra ID by Microsoft Graph, read only. What is asked is turned into observations by the reader of saved answers: the
 * network adds pages, waiting and refusals, and nothing of its own to what they mean.
 */
import type { Collection, Observation } from '@macadam/core/facts/observation';
import type { Connector } from '../../connector/connector.ts';
import { resultsInOrder } from '../../connector/pool.ts';
import type { SavedAnswer } from '../../imports/directories/answer.ts';
import { GRAPH } from '../../imports/directories/entra/dialect.ts';
import { isAbout } from '../../imports/directories/entra/groups.ts';
import { readEntra, tenantIn } from '../../imports/directories/entra/read.ts';
import { REGISTRATION } from '../../imports/directories/entra/users.ts';
import type { Mistakes } from '../../imports/directories/export.ts';
import { askedFolder } from '../../imports/directories/reading.ts';
import { type SavedLists, savedLists } from '../../imports/directories/saved-lists.ts';
import type { Item } from '../../imports/directories/statement.ts';
import { collectEach, connectTo, requestBudget } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { tenantsOf } from '../tenants.ts';
import { credentialMissing, tokenOf, variableOf } from '../token.ts';
import { longLists, passOnAccounts, type Registered } from './accounts.ts';
import { principalIn } from './changes.ts';
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
const TOKEN = 'ENTRA_TOKEN';
/** Lists as long as there are accounts, which are read by themselves. */
const LONG: ReadonlySet<string> = new Set(['/users', REGISTRATION]);

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  const { now, options, environment } = request;
  const tenants = tenantsOf('entra', request.targets);
  const budget = requestBudget(options.budget);
  const nameOf = (tenant: string) => tenant;
  return collectEach(
    { source: 'entra', request, targets: tenants, nameOf, emit, report },
    async (tenant, collected) => {
      const token = tokenOf(TOKEN, tenant, tenants.length, environment);
      if (token === undefined)
        return collected.unread(
          credentialMissing(
            `token for the tenant ${tenant}`,
            `set ${variableOf(TOKEN, tenant)} to an access token for Microsoft Graph`,
          ),
        );
      const otherTenant = ({ mistakes }: Mistakes) => {
        for (const { file, reason } of mistakes)
          collected.unread({ code: 'other-tenant', cause: 'failed', message: `${file} ${reason}` });
      };
      const baseUrl = options.url ?? 'https://graph.microsoft.com';
      const connector = connectTo(baseUrl, `Bearer ${token}`, request, budget);
      const asked = collected.asked(`the tenant ${tenant}`, tenant);
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
        if ('mistakes' in named) return otherTenant(named);
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
        if ('mistakes' in read) otherTenant(read);
        else collected.read(read.batch);
      } finally {
        long.close();
      }
    },
  );
}

/** In the order of asking, whichever came first. */
const answersOfAll = async (
  connector: Connector,
  paths: readonly string[],
): Promise<readonly SavedAnswer[]> =>
  (await resultsInOrder(paths, AT_ONCE, (path) => answersOf(connector, path))).flat();

/** The same, twenty by one request. */
async function batchesOf(connector: Connector, paths: readonly string[]): Promise<readonly SavedAnswer[]> {
  const batches = Array.from({ length: Math.ceil(paths.length / BATCH) }, (_, index) =>
    paths.slice(index * BATCH, (index + 1) * BATCH),
  );
  return (await resultsInOrder(batches, AT_ONCE, (batch) => batchedAnswers(connector, batch))).flat();
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

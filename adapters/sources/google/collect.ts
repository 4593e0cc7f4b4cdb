/**
 * Customers of Google Workspace by the Admin SDK and Cloud Identity, read only. What is asked is turned into observations by the reader of
 * saved answers: the network adds pages, waiting and refusals, and nothing of its own to what they mean.
 */
import type { Collection, Observation } from '@macadam/core/facts/observation';
import type { Answer } from '../../connector/outcome.ts';
import { isRecord, type Json, recordIn, type SavedAnswer, textIn } from '../../imports/directories/answer.ts';
import { withParameter } from '../../imports/directories/api.ts';
import { GOOGLE } from '../../imports/directories/google/dialect.ts';
import { readGoogle } from '../../imports/directories/google/read.ts';
import { groupsHolding } from '../../imports/directories/google/roles.ts';
import { askedFolder } from '../../imports/directories/reading.ts';
import { askedLists } from '../asked-lists.ts';
import { collectEach, connectTo, requestBudget } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { withEnvironment } from '../stated-environment.ts';
import { credentialMissing, tokenOf, variableOf } from '../token.ts';

const AT_ONCE = 4;
const TOKEN = 'GOOGLE_TOKEN';
const DIRECTORY = '/admin/directory/v1';

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  const { options } = request;
  const customers = customersOf(request.targets);
  const named = {
    source: 'google',
    request,
    targets: customers,
    nameOf: (customer: string) => customer,
    emit: withEnvironment(options.environment, emit),
    report,
  };
  return collectEach(named, async (customer, collected) => {
    const token = tokenOf(TOKEN, customer, customers.length, request.environment);
    if (token === undefined)
      return collected.unread(
        credentialMissing(
          `token for the customer ${customer}`,
          `set ${variableOf(TOKEN, customer)} to an access token with the scopes that docs/sources/google.md lists`,
        ),
      );
    const answers = await answersOf(customer, token, request);
    const asked = collected.asked(`the customer ${customer}`, customer);
    const read = readGoogle(asked, askedFolder(GOOGLE, answers));
    if ('batch' in read) return collected.read(read.batch);
    for (const { file, reason } of read.mistakes)
      collected.unread({
        code: 'other-customer',
        cause: 'failed',
        message: `${file} ${reason}`,
        remedy: `check whether ${variableOf(TOKEN, customer)} is of this customer`,
      });
  });
}

function customersOf(names: readonly string[]): readonly string[] {
  if (names.length === 0) throw new TypeError('the google source needs the id of a customer');
  const odd = names.find((name) => !/^C[0-9a-z]+$/i.test(name));
  if (odd !== undefined)
    throw new TypeError(
      `${JSON.stringify(odd)} is not the id of a customer; it is written like C01abc23d, and stands under Account settings`,
    );
  return [...new Set(names)];
}

/** The lists of the customer, then who is in the groups that hold roles. */
async function answersOf(
  customer: string,
  token: string,
  request: CollectRequest,
): Promise<readonly SavedAnswer[]> {
  const budget = requestBudget(request.options.budget);
  const connectorTo = (baseUrl: string) =>
    connectTo(request.options.url ?? baseUrl, `Bearer ${token}`, request, budget);
  const admin = connectorTo('https://admin.googleapis.com');
  const identity = connectorTo('https://cloudidentity.googleapis.com');
  const { ask, answers } = askedLists(
    {
      api: GOOGLE,
      connectorFor: (path) => (path.startsWith('/v1/') ? identity : admin),
      next: followed,
      kept: keptOf,
      errorBody: (message, status) => ({ error: { code: status, message } }),
    },
    AT_ONCE,
  );
  const first = await ask([
    `${DIRECTORY}/users?customer=${customer}&maxResults=500`,
    `${DIRECTORY}/customer/${customer}/roles?maxResults=100`,
    `${DIRECTORY}/customer/${customer}/roleassignments?maxResults=200`,
    `/v1/devices?customer=customers/${customer}&pageSize=100`,
  ]);
  await ask(
    groupsHolding(first).map((id) => `${DIRECTORY}/groups/${encodeURIComponent(id)}/members?maxResults=200`),
  );
  return answers();
}

/** The same request again, with the token of the page that follows. */
function followed(path: string, { body }: Answer): string | null {
  const token = textIn(recordIn(body).nextPageToken);
  const [address = '', query = ''] = path.split('?');
  return token === null ? null : `${address}?${withParameter(query, 'pageToken', token)}`;
}

/** What is read of an item. Everything else stays behind: names, telephones, addresses, keys that people registered. */
const KEPT: ReadonlySet<string> = new Set([
  'id',
  'name',
  'customerId',
  'primaryEmail',
  'suspended',
  'archived',
  'isAdmin',
  'lastLoginTime',
  'roleId',
  'roleName',
  'isSuperAdminRole',
  'assignedTo',
  'assigneeType',
  'orgUnitId',
  'type',
  'deviceType',
  'hostname',
]);

const itemOf = (item: unknown): unknown =>
  isRecord(item) ? Object.fromEntries(Object.entries(item).filter(([name]) => KEPT.has(name))) : item;

/** A body keeps all that it has beside its list, since a list of nothing is known by having nothing else. */
const keptOf = (body: unknown): unknown =>
  isRecord(body)
    ? Object.fromEntries(
        Object.entries(body).map(([name, value]): [string, Json[string]] => [
          name,
          Array.isArray(value) ? value.map(itemOf) : value,
        ]),
      )
    : body;

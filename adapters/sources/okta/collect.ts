/**
 * Organisations of Okta by its management API, read only. What is asked is turned into observations by the reader of saved answers: the
 * network adds pages, waiting and refusals, and nothing of its own to what they mean.
 */
import type { Collection, Observation, Problem } from '@macadam/core/facts/observation';
import { nextOf } from '../../connector/pages.ts';
import { overflow } from '../../data-folder/overflow.ts';
import { isRecord, type Json, type SavedAnswer } from '../../imports/directories/answer.ts';
import { firstSeen, laidOver, skeletonOf } from '../../imports/directories/by-page.ts';
import { idTable } from '../../imports/directories/id-table.ts';
import { isWhole, onceEach } from '../../imports/directories/listing.ts';
import { nextInBody, OKTA } from '../../imports/directories/okta/dialect.ts';
import { isClient, organisationIn, readOkta, usersOf } from '../../imports/directories/okta/read.ts';
import { groupsHolding, groupsWithRoles, holdersOfRoles } from '../../imports/directories/okta/roles.ts';
import { askedFolder } from '../../imports/directories/reading.ts';
import { idOf, type SavedLists, savedLists } from '../../imports/directories/saved-lists.ts';
import { type AskedLists, askedLists, fieldsAlone } from '../asked-lists.ts';
import { collectEach, connectTo, PAGES_HELD, requestBudget } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { withEnvironment } from '../stated-environment.ts';
import { credentialMissing, tokenOf, variableOf } from '../token.ts';
import { authorizationOf, type OrganisationAddress, organisationAt } from './credential.ts';

const AT_ONCE = 4;
const TOKEN = 'OKTA_TOKEN';

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  const { options } = request;
  const organisations = organisationsOf(request.targets);
  const budget = requestBudget(options.budget);
  const named = {
    source: 'okta',
    request,
    targets: organisations,
    nameOf: ({ url }: OrganisationAddress) => url,
    emit: withEnvironment(options.environment, emit),
    report,
  };
  return collectEach(named, async (address, collected) => {
    const { host, url } = address;
    const token = tokenOf(TOKEN, host, organisations.length, request.environment);
    if (token === undefined)
      return collected.unread(
        credentialMissing(
          `token for the organisation ${host}`,
          `set ${variableOf(TOKEN, host)} to a token of it`,
        ),
      );
    const connector = connectTo(url, authorizationOf(token), request, budget);
    const { ask, answers, pages, apart, add } = askedLists(
      {
        api: OKTA,
        connectorFor: () => connector,
        next: (_, { headers, body }) => nextInBody(body) ?? nextOf(headers.get('link')) ?? null,
        kept: fieldsAlone(KEPT),
        errorBody: (message, status) => ({ errorCode: `HTTP ${status}`, errorSummary: message }),
      },
      AT_ONCE,
    );
    const asked = collected.asked(`the organisation ${host}`, null);
    const users = overflow<SavedAnswer>(request.cacheDirectory, PAGES_HELD);
    try {
      for await (const page of pages('/api/v1/users?limit=200')) users.add(page);
      const lists = await listsOf(ask);
      const organisation = organisationIn(asked, lists);
      if ('mistakes' in organisation) return collected.unread(notTold(host, answers()));
      const known = idTable();
      for (const answer of users.all()) {
        const page = firstSeen(OKTA, answer, (id) => known.add(id));
        const below = await belowPage(apart, page);
        collected.passOn(usersOf(organisation.scope, laidOver(below, lists)).observations);
        add(skeletonOf(OKTA, answer, () => false));
      }
      const read = readOkta(asked, askedFolder(OKTA, answers()), known.size());
      if ('batch' in read) collected.read(read.batch);
    } finally {
      users.close();
    }
  });
}

function organisationsOf(targets: readonly string[]): readonly OrganisationAddress[] {
  if (targets.length === 0) throw new TypeError('the okta source needs the address of an organisation');
  const all = targets.map(organisationAt);
  return onceEach(all, (one) => one.url);
}

/** Every asset is named by the organisation's own id, so nothing can be taken without: why is in its answer. */
function notTold(host: string, answers: readonly SavedAnswer[]): Problem {
  const answer = answers.find((one) => one.address === '/org');
  const said = isRecord(answer?.body) && typeof answer.body.errorSummary === 'string' ? answer.body : null;
  const isRefused = answer?.status === 401 || answer?.status === 403;
  return {
    code: isRefused ? 'credential-refused' : 'organisation-unreachable',
    cause: isRefused ? 'forbidden' : 'failed',
    message: `the organisation ${host} does not say who it is: ${String(said?.errorSummary ?? 'its answer has no `id`')}`,
    remedy: isRefused
      ? `give the token okta.orgs.read, and check whether ${variableOf(TOKEN, host)} is of this organisation`
      : 'check whether the address is right, and whether the host answers from here',
  };
}

/** The lists of the organisation without its accounts, then what stands below their items. */
async function listsOf(ask: AskedLists['ask']): Promise<SavedLists> {
  const first = await ask([
    '/api/v1/org',
    '/api/v1/apps?limit=200',
    '/api/v1/devices?limit=200',
    '/api/v1/iam/assignees/users?limit=100',
    '/api/v1/groups?limit=1000&expand=stats',
  ]);
  const second = await ask([
    ...idsIn(first, '/apps', isClient).flatMap((id) => [
      `/api/v1/apps/${id}/credentials/secrets`,
      `/api/v1/apps/${id}/credentials/jwks`,
    ]),
    ...holdersOfRoles(first).map((id) => `/api/v1/users/${encodeURIComponent(id)}/roles`),
    ...groupsWithRoles(first).map((id) => `/api/v1/groups/${encodeURIComponent(id)}/roles`),
  ]);
  return ask(groupsHolding(second).map((id) => `/api/v1/groups/${encodeURIComponent(id)}/users?limit=1000`));
}

/** What the accounts of one page sign in with. */
async function belowPage(apart: AskedLists['apart'], page: SavedAnswer): Promise<SavedLists> {
  const ids = idsIn(savedLists(OKTA, [page]), '/users', canSignIn);
  const enrolments = await apart(ids.map((id) => `/api/v1/users/${id}/authenticator-enrollments`));
  const enrolled = savedLists(OKTA, enrolments);
  // An organisation of an older kind has no enrolments, and its factors say as much as they do.
  const factors = await apart(
    ids
      .filter((id) => !isWhole(enrolled.of('/users/{id}/authenticator-enrollments', decodeURIComponent(id))))
      .map((id) => `/api/v1/users/${id}/factors`),
  );
  return savedLists(OKTA, [page, ...enrolments, ...factors]);
}

/** Ids of items that are asked about, as they stand in an address. */
const idsIn = (lists: SavedLists, path: string, isAsked: (record: Json) => boolean): readonly string[] =>
  lists
    .list(path)
    .items.flatMap(({ record }) => (isAsked(record) ? (idOf(record) ?? []) : []))
    .map(encodeURIComponent);

/** Of an account that cannot sign in nobody asks by what it would. */
const canSignIn = ({ status }: Json): boolean =>
  !['STAGED', 'SUSPENDED', 'DEPROVISIONED'].includes(String(status));

/** What is read of an answer. Everything else stays behind, and so does every value of a secret. */
const KEPT: ReadonlySet<string> = new Set([
  'id',
  'status',
  'created',
  'lastLogin',
  'key',
  'kid',
  'type',
  'factorType',
  'label',
  'signOnMode',
  'assignmentType',
  'companyName',
  'subdomain',
  'profile',
  'login',
  'userType',
  'platform',
  'displayName',
  'name',
  '_links',
  'assignee',
  'next',
  'href',
  '_embedded',
  'stats',
  'hasAdminPrivilege',
  'hasAdminPrivlege',
  'value',
]);

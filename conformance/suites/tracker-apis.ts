/**
 * Mirroring work as issues, under the vendors' own descriptions: Jira Cloud's (OpenAPI, as Atlassian publishes it) and
 * Azure DevOps' work item tracking 7.1 (Swagger, of the repository MicrosoftDocs/vsts-rest-api-specs).
 *
 * The second is wrong in ways that are known, and named below: it is generated from a server of another language.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAzureDevops } from '@macadam/adapters/trackers/azure-devops/fake';
import { trackerKind as azureDevops } from '@macadam/adapters/trackers/azure-devops/tracker';
import { startJira } from '@macadam/adapters/trackers/jira/fake';
import { trackerKind as jira } from '@macadam/adapters/trackers/jira/tracker';
import type { SceneExchange } from '@macadam/testing/trackers/fake';
import type { Case, Suite } from '../suite.ts';
import type { Description } from './github-api/judge.ts';
import { exchangesOf } from './trackers/exchanges.ts';
import { exchangeCases } from './trackers/judged.ts';

const JIRA_FILE = 'trackers/jira-cloud.json';
const AZURE_FILE = 'trackers/azure-devops-wit.json';

const ISSUE = '/rest/api/3/issue/{issueIdOrKey}';
const JIRA = [
  '/rest/api/3/issue',
  '/rest/api/3/search/jql',
  ISSUE,
  `${ISSUE}/comment`,
  `${ISSUE}/transitions`,
];
const WIT = '/{organization}/{project}/_apis/wit';
const AZURE = [
  `${WIT}/workitemtypes/{type}/states`,
  `${WIT}/workitems/\${type}`,
  `${WIT}/workitems/{id}`,
  `${WIT}/workItems/{workItemId}/comments`,
  `${WIT}/workitemsbatch`,
  '/{organization}/{project}/{team}/_apis/wit/wiql',
];

export const suite: Suite = {
  name: 'tracker-apis',
  proves:
    "requests that mirror work, and the fakes' answers, are valid under Jira's and Azure DevOps' own descriptions",
  vectors: [JIRA_FILE, AZURE_FILE],
  needsInstall: true,
  load: async (vectors) => [...(await jiraCases(vectors)), ...(await azureCases(vectors))],
};

const folder = `${import.meta.dirname}/..`;
const described = (vectors: string, file: string): Description =>
  JSON.parse(readFileSync(join(vectors, file), 'utf8'));

async function jiraCases(vectors: string): Promise<Case[]> {
  const { judgeBy } = await import('./github-api/judge.ts');
  const judge = await judgeBy(folder, "Jira's", described(vectors, JIRA_FILE), JIRA);
  return exchangeCases('jira', judge, await exchangesOf(jira, startJira));
}

async function azureCases(vectors: string): Promise<Case[]> {
  const { judgeBy } = await import('./github-api/judge.ts');
  const judge = await judgeBy(folder, "Azure DevOps'", withAnyValues(described(vectors, AZURE_FILE)), AZURE);
  // No answer but success is described.
  const exchanges = (await exchangesOf(azureDevops, startAzureDevops)).filter(({ status }) => status < 400);
  return exchangeCases('azure-devops', judge, exchanges, {
    // Queries of a team only are described; those of a project are the same without it. Host and organisation stand before.
    path: (path) => `/acme${path.replace('/_apis/wit/wiql', '/team/_apis/wit/wiql')}`,
    answer: unwrapped,
    // `ids` is asked of one of two operations that share a path; paging belongs to the other, which is not described.
    known: (fault) =>
      /\bids\b/.test(fault) || /^parameter (\$top|order|continuationToken) is not documented$/.test(fault),
  });
}

/** Lists travel as `{ count, value }` and are described as the list alone. */
function unwrapped({ path, answer }: SceneExchange): unknown {
  const listed = /\/(states|workitemsbatch)\?/.test(path);
  return listed ? (answer as { readonly value: unknown }).value : answer;
}

/** What may hold anything is described as an object, which a text is not; examples are in files of their own. */
function withAnyValues(description: Description): Description {
  return JSON.parse(JSON.stringify(description), (name, value: unknown) => {
    if (name === 'x-ms-examples') return undefined;
    // A patch is a list of operations, as every example of it shows.
    if (name === 'JsonPatchDocument')
      return { type: 'array', items: { $ref: '#/definitions/JsonPatchOperation' } };
    if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'object')
      return value;
    const bare = Object.keys(value).every((key) => key === 'type' || key === 'description');
    return bare ? {} : value;
  });
}

/** As much of Azure DevOps as is asked for, over HTTP. It reads the few forms of WIQL that are sent, and no others. */
import {
  type HeldComment,
  type HeldIssue,
  type SceneReply,
  type SceneRequest,
  type SceneState,
  startScene,
  type TrackerScene,
} from '@macadam/testing/trackers/fake';
import { escaped, textOfHtml } from './html.ts';

const SECRET = 'canary'.repeat(8);
const PROJECT = 'Road Works';
const TYPE = 'Issue';

export function startAzureDevops({
  pageSize = 200,
}: {
  readonly pageSize?: number;
} = {}): Promise<TrackerScene> {
  return startScene({
    base: '/acme',
    project: PROJECT,
    secret: SECRET,
    authorization: `Basic ${Buffer.from(`:${SECRET}`).toString('base64')}`,
    shown: ({ body }) => textOfHtml(String(body)),
    bodyOf: (text) => `<div>${escaped(text)}</div>`,
    reply: (request, state) => reply(request, state, pageSize),
  });
}

const refused = (status: number, message: string): SceneReply => ({
  status,
  body: { $id: '1', message, typeName: 'WorkItemException', errorCode: 0, eventId: 3200 },
});
const STATES = [
  { name: 'To Do', color: 'b2b2b2', category: 'Proposed' },
  { name: 'Doing', color: '007acc', category: 'InProgress' },
  { name: 'Done', color: '339933', category: 'Completed' },
];

function reply(
  { method, path, query, sent, headers }: SceneRequest,
  state: SceneState,
  pageSize: number,
): SceneReply {
  const root = `/${encodeURIComponent(PROJECT)}/_apis/wit`;
  if (!path.startsWith(root)) return refused(404, 'TF200016: The following project does not exist.');
  if (!query.get('api-version')?.startsWith('7.1')) return refused(400, 'No api-version was supplied.');
  const rest = path.slice(root.length);
  if (rest === `/workitemtypes/${TYPE}/states`) return { status: 200, body: { count: 3, value: STATES } };
  if (rest === '/wiql') return found((sent as { query: string }).query, state);
  if (rest === '/workitemsbatch') {
    const { ids, fields } = sent as { ids: readonly number[]; fields: readonly string[] };
    const value = ids.flatMap((id) => {
      const issue = state.issues.find(({ number }) => number === id);
      return issue ? [itemAnswer(state.url, issue, fields)] : [];
    });
    return { status: 200, body: { count: value.length, value } };
  }
  const patching = method === 'PATCH' || rest === `/workitems/$${TYPE}`;
  if (patching && headers['content-type'] !== 'application/json-patch+json')
    return refused(415, 'TF400898: The request is of another content type.');
  if (rest === `/workitems/$${TYPE}`) {
    const fields = fieldsOf(sent);
    const issue = state.add({
      title: fields['System.Title'] ?? '',
      body: fields['System.Description'],
      labels: (fields['System.Tags'] ?? '').split('; '),
    });
    return { status: 200, body: itemAnswer(state.url, issue) };
  }
  const [, number, comments] = /^\/work[iI]tems\/(\d+)(\/comments)?$/.exec(rest) ?? [];
  const issue = state.issues.find((one) => String(one.number) === number);
  if (!issue) return refused(404, `TF401232: Work item ${number} does not exist.`);
  if (comments !== undefined) return commented({ method, query, sent, issue, state, pageSize });
  if (method === 'PATCH') {
    const fields = fieldsOf(sent);
    issue.title = fields['System.Title'] ?? issue.title;
    issue.body = fields['System.Description'] ?? issue.body;
    issue.changedAt = state.now();
    const to = fields['System.State'];
    if (to !== undefined && !STATES.some(({ name }) => name === to))
      return refused(400, `TF401320: Rule Error for field State: ${to}.`);
    if (to !== undefined) state.turn(issue, to !== 'Done');
  }
  return { status: 200, body: itemAnswer(state.url, issue) };
}

interface CommentedInput {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly sent: unknown;
  readonly issue: HeldIssue;
  readonly state: SceneState;
  readonly pageSize: number;
}

function commented({ method, query, sent, issue, state, pageSize }: CommentedInput): SceneReply {
  if (method === 'POST') {
    const comment = state.say(issue, 'Macadam', (sent as { text: unknown }).text);
    return { status: 200, body: commentAnswer(state.url, issue, comment) };
  }
  const from = Number(query.get('continuationToken') ?? 0);
  const all = query.get('order') === 'desc' ? issue.comments.toReversed() : issue.comments;
  const comments = all.slice(from, from + pageSize).map((one) => commentAnswer(state.url, issue, one));
  const more = from + pageSize < all.length;
  return {
    status: 200,
    body: {
      totalCount: all.length,
      count: comments.length,
      comments,
      ...(more && { continuationToken: String(from + pageSize) }),
    },
  };
}

function fieldsOf(sent: unknown): Readonly<Record<string, string>> {
  const operations = sent as readonly {
    readonly op: string;
    readonly path: string;
    readonly value: string;
  }[];
  return Object.fromEntries(operations.map(({ path, value }) => [path.replace('/fields/', ''), value]));
}

const WIQL =
  /^SELECT \[System\.Id\] FROM WorkItems WHERE \[System\.TeamProject\] = @project AND \[System\.Tags\] CONTAINS '([\w-]+)'(?: AND \[System\.ChangedDate\] >= '([^']+)')? ORDER BY \[System\.Id\]$/;

function found(wiql: string, state: SceneState): SceneReply {
  const [whole, tag = '', since] = WIQL.exec(wiql) ?? [];
  if (whole === undefined) return refused(400, `TF51006: The query statement is missing a clause: ${wiql}`);
  const after = since === undefined ? 0 : Date.parse(since);
  const workItems = state.issues
    .filter(({ labels, changedAt }) => labels.includes(tag) && Date.parse(changedAt) >= after)
    .map(({ number }) => ({ id: number, url: `${state.url}/_apis/wit/workItems/${number}` }));
  return {
    status: 200,
    body: { queryType: 'flat', queryResultType: 'workItem', asOf: state.now(), columns: [], workItems },
  };
}

function itemAnswer(url: string, issue: HeldIssue, wanted?: readonly string[]) {
  const fields: Readonly<Record<string, string>> = {
    'System.Title': issue.title,
    'System.Description': String(issue.body),
    'System.State': issue.open ? 'To Do' : 'Done',
    'System.Tags': issue.labels.join('; '),
    'System.CreatedDate': issue.createdAt,
    'System.ChangedDate': issue.changedAt,
    'Microsoft.VSTS.Common.StateChangeDate': issue.turnedAt ?? issue.createdAt,
  };
  return {
    id: issue.number,
    rev: 1,
    fields: wanted ? Object.fromEntries(wanted.map((name) => [name, fields[name]])) : fields,
    url: `${url}/_apis/wit/workItems/${issue.number}`,
  };
}

function commentAnswer(url: string, { number }: HeldIssue, { id, author, body, at }: HeldComment) {
  const identity = { id: author, displayName: author, uniqueName: `${author}@example.test` };
  return {
    workItemId: number,
    id,
    version: 1,
    text: String(body),
    createdBy: identity,
    createdDate: at,
    modifiedBy: identity,
    modifiedDate: at,
    url: `${url}/_apis/wit/workItems/${number}/comments/${id}`,
  };
}

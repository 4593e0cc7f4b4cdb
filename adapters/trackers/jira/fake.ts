/** As much of Jira Cloud as is asked for, over HTTP. Its search reads the few forms of JQL that are sent, and no others. */
import {
  type HeldComment,
  type HeldIssue,
  type SceneReply,
  type SceneRequest,
  type SceneState,
  startScene,
  type TrackerScene,
} from '@macadam/testing/trackers/fake';
import { documentOf, wordsOf } from './document.ts';

const SECRET = ['macadam@example.test', 'canary'.repeat(4)].join(':');
const PROJECT = 'ROAD';

export function startJira({ pageSize = 100 }: { readonly pageSize?: number } = {}): Promise<TrackerScene> {
  return startScene({
    project: PROJECT,
    secret: SECRET,
    authorization: `Basic ${Buffer.from(SECRET).toString('base64')}`,
    shown: ({ body }) => wordsOf(body),
    bodyOf: (text) => documentOf([{ text }]),
    reply: (request, state) => reply(request, state, pageSize),
  });
}

const errors = (status: number, ...errorMessages: string[]): SceneReply => ({
  status,
  body: { errorMessages, errors: {} },
});
/** As Jira writes times. */
const stamped = (at: string) => at.replace('Z', '+0000');

const CATEGORIES = {
  new: { id: 2, key: 'new', name: 'To Do', colorName: 'blue-gray' },
  indeterminate: { id: 4, key: 'indeterminate', name: 'In Progress', colorName: 'yellow' },
  done: { id: 3, key: 'done', name: 'Done', colorName: 'green' },
};
const statusOf = (category: keyof typeof CATEGORIES) => ({
  id: String(10_000 + CATEGORIES[category].id),
  name: CATEGORIES[category].name,
  statusCategory: CATEGORIES[category],
});
const TRANSITIONS = [
  { id: '31', name: 'Finish', to: statusOf('done'), isAvailable: true },
  { id: '21', name: 'Start', to: statusOf('indeterminate'), isAvailable: true },
  { id: '11', name: 'Back', to: statusOf('new'), isAvailable: true },
];

function reply({ method, path, query, sent }: SceneRequest, state: SceneState, pageSize: number): SceneReply {
  const given = (sent ?? {}) as {
    readonly fields?: Readonly<Record<string, unknown>>;
    readonly transition?: { readonly id: string };
    readonly body?: unknown;
    readonly jql?: string;
    readonly nextPageToken?: string;
  };
  if (path === '/rest/api/3/search/jql') return found(given.jql ?? '', given.nextPageToken, state, pageSize);
  if (path === '/rest/api/3/issue') return created(given.fields ?? {}, state);
  const [, number, part] = /^\/rest\/api\/3\/issue\/ROAD-(\d+)(\/\w+)?$/.exec(path) ?? [];
  const issue = state.issues.find((one) => String(one.number) === number);
  if (!issue) return errors(404, 'Issue does not exist or you do not have permission to see it.');
  switch (`${method} ${part ?? ''}`) {
    case 'GET ':
      return { status: 200, body: issueAnswer(state, issue, query.get('fields')?.split(',')) };
    case 'PUT ':
      issue.title = String(given.fields?.summary ?? issue.title);
      issue.body = given.fields?.description ?? issue.body;
      issue.changedAt = state.now();
      return { status: 204 };
    case 'GET /transitions':
      return { status: 200, body: { expand: 'transitions', transitions: TRANSITIONS } };
    case 'POST /transitions': {
      const to = TRANSITIONS.find(({ id }) => id === given.transition?.id);
      if (!to) return errors(400, 'It is not on the appropriate screen, or unknown.');
      state.turn(issue, to.to.statusCategory.key !== 'done');
      return { status: 204 };
    }
    case 'POST /comment':
      return { status: 201, body: commentAnswer(state.url, issue, state.say(issue, 'macadam', given.body)) };
    case 'GET /comment': {
      const from = Number(query.get('startAt') ?? 0);
      const most = Math.min(pageSize, Number(query.get('maxResults') ?? 50));
      const all = query.get('orderBy') === '-created' ? issue.comments.toReversed() : issue.comments;
      const comments = all.slice(from, from + most).map((one) => commentAnswer(state.url, issue, one));
      return { status: 200, body: { startAt: from, maxResults: most, total: all.length, comments } };
    }
    default:
      return errors(405, 'Method not allowed');
  }
}

function created(fields: Readonly<Record<string, unknown>>, state: SceneState): SceneReply {
  const { summary, description, labels, project } = fields;
  if ((project as { key?: unknown } | undefined)?.key !== PROJECT)
    return { status: 400, body: { errorMessages: [], errors: { project: 'valid project is required' } } };
  if (/\n/.test(String(summary)) || String(summary).length > 255)
    return {
      status: 400,
      body: { errorMessages: [], errors: { summary: 'Summary must be one short line.' } },
    };
  const { number } = state.add({
    title: String(summary),
    body: description,
    labels: (labels ?? []) as readonly string[],
  });
  const key = `${PROJECT}-${number}`;
  const id = String(20_000 + number);
  return { status: 201, body: { id, key, self: `${state.url}/rest/api/3/issue/${id}` } };
}

const JQL =
  /^project = "ROAD" AND labels = "([\w-]+)"(?: AND updated >= "-(\d+)m")? ORDER BY (created|updated) ASC$/;

function found(jql: string, token: string | undefined, state: SceneState, pageSize: number): SceneReply {
  const [whole, label = '', minutes] = JQL.exec(jql) ?? [];
  if (whole === undefined) return errors(400, `Error in the JQL Query: ${jql}`);
  const after = minutes === undefined ? 0 : Date.now() - Number(minutes) * 60_000;
  const all = state.issues.filter(
    ({ labels, changedAt }) => labels.includes(label) && Date.parse(changedAt) >= after,
  );
  const from = Number(token ?? 0);
  const last = from + pageSize >= all.length;
  const issues = all.slice(from, from + pageSize).map((one) => issueAnswer(state, one));
  return {
    status: 200,
    body: { issues, isLast: last, ...(!last && { nextPageToken: String(from + pageSize) }) },
  };
}

function issueAnswer({ url }: SceneState, issue: HeldIssue, wanted?: readonly string[]) {
  const fields: Readonly<Record<string, unknown>> = {
    summary: issue.title,
    status: statusOf(issue.open ? 'new' : 'done'),
    labels: issue.labels,
    updated: stamped(issue.changedAt),
    created: stamped(issue.createdAt),
    statuscategorychangedate: issue.turnedAt === null ? null : stamped(issue.turnedAt),
  };
  const id = String(20_000 + issue.number);
  return {
    id,
    key: `${PROJECT}-${issue.number}`,
    self: `${url}/rest/api/3/issue/${id}`,
    fields: wanted ? Object.fromEntries(wanted.map((name) => [name, fields[name]])) : fields,
  };
}

function commentAnswer(url: string, issue: HeldIssue, { id, author, body, at }: HeldComment) {
  return {
    self: `${url}/rest/api/3/issue/${20_000 + issue.number}/comment/${id}`,
    id: String(id),
    author: {
      self: `${url}/rest/api/3/user?accountId=${author}`,
      accountId: author,
      displayName: author,
      active: true,
    },
    body,
    created: stamped(at),
    updated: stamped(at),
    jsdPublic: true,
  };
}

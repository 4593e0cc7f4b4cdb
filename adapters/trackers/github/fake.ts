/** As much of GitHub's issues as is asked for, over HTTP. */

import {
  type HeldComment,
  type HeldIssue,
  type SceneReply,
  type SceneRequest,
  type SceneState,
  startScene,
  type TrackerScene,
} from '@macadam/testing/trackers/fake';
import { accountAnswer } from '../../sources/github/fake-answers.ts';

const SECRET = ['ghp', 'tracker'.repeat(5)].join('_');
const OWNER = 'acme';
const NAME = 'road';

export function startIssueHost({
  pageSize = 100,
}: {
  readonly pageSize?: number;
} = {}): Promise<TrackerScene> {
  return startScene({
    project: `${OWNER}/${NAME}`,
    secret: SECRET,
    authorization: `Bearer ${SECRET}`,
    shown: ({ body }) => String(body),
    bodyOf: (text) => text,
    reply: (request, state) => reply(request, state, pageSize),
  });
}

const missing: SceneReply = {
  status: 404,
  body: { message: 'Not Found', documentation_url: 'https://docs.example', status: '404' },
};
/** GitHub tells no fractions of seconds. */
const second = (at: string) => `${at.slice(0, 19)}Z`;

function reply({ method, path, query, sent }: SceneRequest, state: SceneState, pageSize: number): SceneReply {
  const [, number, comments] = new RegExp(`^/repos/${OWNER}/${NAME}/issues(?:/(\\d+))?(/comments)?$`).exec(
    path,
  ) ?? ['', 'none'];
  const given = (sent ?? {}) as Readonly<Record<string, unknown>>;
  if (number === undefined) {
    if (method === 'POST') {
      const issue = state.add({
        title: String(given.title),
        body: given.body,
        labels: (given.labels ?? []) as readonly string[],
      });
      return { status: 201, body: issueAnswer(state.url, issue) };
    }
    const since = Date.parse(query.get('since') ?? '') || 0;
    const listed = state.issues.filter(({ changedAt }) => Date.parse(second(changedAt)) >= since - 999);
    return page({
      all: listed,
      query,
      path,
      url: state.url,
      pageSize,
      answer: (one) => issueAnswer(state.url, one),
    });
  }
  const issue = state.issues.find((one) => String(one.number) === number);
  if (!issue) return missing;
  if (comments !== undefined) {
    if (method === 'POST')
      return {
        status: 201,
        body: commentAnswer(state.url, issue, state.say(issue, 'macadam-bot', given.body)),
      };
    const since = Date.parse(query.get('since') ?? '') || 0;
    const listed = issue.comments.filter(({ at }) => Date.parse(second(at)) >= since - 999);
    return page({
      all: listed,
      query,
      path,
      url: state.url,
      pageSize,
      answer: (one) => commentAnswer(state.url, issue, one),
    });
  }
  if (method === 'PATCH') {
    if (given.title !== undefined) issue.title = String(given.title);
    if (given.body !== undefined) issue.body = given.body;
    issue.changedAt = state.now();
    if (given.state !== undefined) state.turn(issue, given.state === 'open');
  }
  return { status: 200, body: issueAnswer(state.url, issue) };
}

function page<T>({
  all,
  query,
  path,
  url,
  pageSize,
  answer,
}: {
  readonly all: readonly T[];
  readonly query: URLSearchParams;
  readonly path: string;
  readonly url: string;
  readonly pageSize: number;
  readonly answer: (one: T) => unknown;
}): SceneReply {
  const at = Number(query.get('page') ?? 1);
  const body = all.slice((at - 1) * pageSize, at * pageSize).map(answer);
  const next = new URLSearchParams(query);
  next.set('page', String(at + 1));
  return {
    status: 200,
    body,
    ...(at * pageSize < all.length && { headers: { link: `<${url}${path}?${next}>; rel="next"` } }),
  };
}

function issueAnswer(url: string, issue: HeldIssue) {
  const { number, title, body, open, labels, createdAt, changedAt, turnedAt, comments } = issue;
  const own = `${url}/repos/${OWNER}/${NAME}/issues/${number}`;
  return {
    id: 5000 + number,
    node_id: `I_${number}`,
    url: own,
    repository_url: `${url}/repos/${OWNER}/${NAME}`,
    labels_url: `${own}/labels{/name}`,
    comments_url: `${own}/comments`,
    events_url: `${own}/events`,
    html_url: `https://github.example/${OWNER}/${NAME}/issues/${number}`,
    number,
    title,
    body,
    user: accountAnswer(url, 'macadam-bot', 7, 'Bot'),
    labels: labels.map((name, id) => ({
      id,
      node_id: `L_${id}`,
      url: `${url}/labels/${name}`,
      name,
      description: null,
      color: 'ededed',
      default: false,
    })),
    state: open ? 'open' : 'closed',
    state_reason: open ? (turnedAt === null ? null : 'reopened') : 'completed',
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: comments.length,
    created_at: second(createdAt),
    updated_at: second(changedAt),
    closed_at: open || turnedAt === null ? null : second(turnedAt),
    author_association: 'NONE',
  };
}

function commentAnswer(url: string, issue: HeldIssue, { id, author, body, at }: HeldComment) {
  const own = `${url}/repos/${OWNER}/${NAME}/issues`;
  return {
    id,
    node_id: `IC_${id}`,
    url: `${own}/comments/${id}`,
    html_url: `https://github.example/${OWNER}/${NAME}/issues/${issue.number}#issuecomment-${id}`,
    issue_url: `${own}/${issue.number}`,
    body,
    user: accountAnswer(url, author, 8, author.endsWith('bot') ? 'Bot' : 'User'),
    created_at: second(at),
    updated_at: second(at),
    author_association: 'NONE',
  };
}

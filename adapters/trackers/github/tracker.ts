/**
 * Issues of one repository, over GitHub's REST API (version 2022-11-28), on github.com and on Enterprise Server. The mark
 * stands in a comment of the text that readers do not see; it is found by reading the list of issues, which GitHub keeps
 * up to date at once, and not by its search, which lags behind.
 */
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import { z } from 'zod';
import { isAnswer } from '../../connector/outcome.ts';
import { nextOf } from '../../connector/pages.ts';
import { failed, odd, problemOf, type TrackerConnection, trackerConnection } from '../answer.ts';
import { MARKER } from '../issue-text.ts';
import type {
  IssueBlock,
  IssueText,
  RemoteComment,
  RemoteIssue,
  Tracker,
  TrackerAnswer,
  TrackerKind,
} from '../port.ts';

const issueSchema = z.object({
  number: z.int().positive(),
  html_url: z.string(),
  title: z.string(),
  state: z.string(),
  body: z.string().nullish(),
  closed_at: z.string().nullish(),
  updated_at: z.string(),
  pull_request: z.unknown().optional(),
});
const commentSchema = z.object({
  id: z.int(),
  body: z.string().optional(),
  user: z.object({ login: z.string() }).nullish(),
  created_at: z.string(),
});
const done = z.unknown();
const LABEL = 'macadam';
const PAGE = 100;
const MOST_PAGES = 500;

export const trackerKind: TrackerKind = {
  id: 'github',
  description: 'issues of a GitHub repository',
  project: 'owner/repository',
  credential: 'a token that may read and write issues of the repository',
  objections: ({ project }): readonly RequestDiagnostic[] =>
    /^[\w-]+\/(?!\.{1,2}$)[\w.-]+$/.test(project)
      ? []
      : [
          {
            field: 'project',
            reason: `\`${project}\` is no repository`,
            fix: 'name it as `owner/repository`',
          },
        ],
  open: ({ baseUrl, project }, access) =>
    issuesOf(
      trackerConnection(
        {
          baseUrl,
          authorization: `Bearer ${access.secret}`,
          headers: {
            accept: 'application/vnd.github+json',
            'user-agent': 'macadam',
            'x-github-api-version': '2022-11-28',
          },
        },
        access,
      ),
      `/repos/${project}/issues`,
    ),
};

function issuesOf({ ask, send }: TrackerConnection, root: string): Tracker {
  async function listed<T>(
    path: string,
    schema: z.ZodType<T>,
    what: string,
  ): Promise<TrackerAnswer<readonly T[]>> {
    const all: T[] = [];
    let next: string | undefined = path;
    for (let page = 0; next !== undefined; page += 1) {
      if (page === MOST_PAGES) return odd(what);
      const outcome = await send({ path: next });
      if (!isAnswer(outcome)) return problemOf(outcome, what);
      const parsed = z.array(schema).safeParse(outcome.body);
      if (!parsed.success) return odd(what);
      all.push(...parsed.data);
      next = nextOf(outcome.headers.get('link'));
    }
    return { done: all };
  }
  const changes = async (since: string): Promise<TrackerAnswer<readonly RemoteIssue[]>> => {
    const query = `state=all&sort=created&direction=asc&per_page=${PAGE}&since=${encodeURIComponent(since)}`;
    const issues = await listed(`${root}?${query}`, issueSchema, 'the list of issues');
    if (failed(issues)) return issues;
    return { done: issues.done.filter(({ pull_request: pull }) => pull === undefined).map(remoteOf) };
  };
  return {
    find: async (marker, since) => {
      const all = await changes(since);
      return failed(all) ? all : { done: all.done.filter((issue) => issue.marker === marker) };
    },
    create: async (marker, text) => {
      const json = { ...written(text, marker), labels: [LABEL] };
      const made = await ask({ method: 'POST', path: root, json }, issueSchema, 'making an issue');
      return failed(made) ? made : { done: remoteOf(made.done) };
    },
    read: async (key) => {
      const outcome = await send({ path: `${root}/${encodeURIComponent(key)}` });
      if (outcome.outcome === 'not-found') return { done: null };
      if (!isAnswer(outcome)) return problemOf(outcome, `issue ${key}`);
      const parsed = issueSchema.safeParse(outcome.body);
      return parsed.success ? { done: remoteOf(parsed.data) } : odd(`issue ${key}`);
    },
    change: async (key, { text, open }) => {
      const state =
        open === undefined
          ? {}
          : { state: open ? 'open' : 'closed', state_reason: open ? 'reopened' : 'completed' };
      const json = { ...(text && written(text, text.marker)), ...state };
      const path = `${root}/${encodeURIComponent(key)}`;
      const changed = await ask(
        { method: 'PATCH', path, json, repeatable: true },
        done,
        `changing issue ${key}`,
      );
      return failed(changed) ? changed : { done: null };
    },
    comment: async (key, body) => {
      const path = `${root}/${encodeURIComponent(key)}/comments`;
      const said = await ask({ method: 'POST', path, json: { body } }, done, `commenting on issue ${key}`);
      return failed(said) ? said : { done: null };
    },
    comments: async (key, since) => {
      const path = `${root}/${encodeURIComponent(key)}/comments?per_page=${PAGE}&since=${encodeURIComponent(since)}`;
      const comments = await listed(path, commentSchema, `the comments of issue ${key}`);
      if (failed(comments)) return comments;
      return {
        done: comments.done
          .map(
            ({ id, body = '', user, created_at: at }): RemoteComment => ({
              id: String(id),
              author: user?.login ?? 'ghost',
              text: body,
              at,
            }),
          )
          .filter(({ at }) => Date.parse(at) >= Date.parse(since)),
      };
    },
    changes,
  };
}

function remoteOf(issue: z.infer<typeof issueSchema>): RemoteIssue {
  const { number, html_url: url, title, state, body, closed_at: closedAt, updated_at: changedAt } = issue;
  return {
    key: String(number),
    url,
    title,
    open: state === 'open',
    marker: MARKER.exec(body ?? '')?.[0] ?? null,
    since: closedAt ?? null,
    changedAt,
  };
}

const written = ({ title, body }: IssueText, marker: string) => ({
  title,
  body: `${body.map(markdownOf).join('\n\n')}\n\n<!-- ${marker} -->\n`,
});

function markdownOf(block: IssueBlock): string {
  if ('text' in block) return block.text.replaceAll('<', '&lt;');
  const items = block.items.map(({ name, note }) => `- ${code(name)} ${note}`);
  return `**${code(block.head)}**\n\n${items.join('\n')}`;
}

/** Names stand as code: nobody is mentioned, no other issue is linked and no mark-up begins. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const inner = text.replaceAll(/\s+/g, ' ');
  return longest === 0 ? `${fence}${inner}${fence}` : `${fence} ${inner} ${fence}`;
}

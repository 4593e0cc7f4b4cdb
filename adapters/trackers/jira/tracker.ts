/**
 * Issues of one project, over Jira Cloud's REST API version 3. The mark is a label, which any search finds. Its search may
 * lag behind by seconds; an attempt to make an issue is repeated a minute later at the earliest, and two issues of one
 * mark become one by the plan.
 */

import { z } from 'zod';
import { isAnswer } from '../../connector/outcome.ts';
import { failed, odd, problemOf, type TrackerConnection, trackerConnection } from '../answer.ts';
import { MARKER } from '../issue-text.ts';
import { objectionsTo } from '../objections.ts';
import type {
  IssueChange,
  IssueText,
  RemoteComment,
  RemoteIssue,
  Tracker,
  TrackerAnswer,
  TrackerKind,
  TrackerSettings,
} from '../port.ts';
import { documentOf, wordsOf } from './document.ts';

const optionsSchema = z.strictObject({ issueType: z.string().min(1).default('Task') });
const statusSchema = z.object({
  name: z.string().optional(),
  statusCategory: z.object({ key: z.string() }),
});
const issueSchema = z.object({
  key: z.string(),
  fields: z.object({
    summary: z.string().nullish(),
    status: statusSchema,
    labels: z.array(z.string()).nullish(),
    updated: z.string(),
    statuscategorychangedate: z.string().nullish(),
  }),
});
const foundSchema = z.object({ issues: z.array(issueSchema), nextPageToken: z.string().nullish() });
const transitionsSchema = z.object({
  transitions: z.array(z.object({ id: z.string(), to: statusSchema })),
});
const commentsSchema = z.object({
  comments: z.array(
    z.object({
      id: z.string(),
      author: z.object({ displayName: z.string().optional() }).nullish(),
      body: z.unknown(),
      created: z.string(),
    }),
  ),
  total: z.int(),
});
const FIELDS = ['summary', 'status', 'labels', 'updated', 'statuscategorychangedate'];
const LABEL = 'macadam';
const PAGE = 100;
const MOST_PAGES = 500;

export const trackerKind: TrackerKind = {
  id: 'jira',
  description: 'issues of a Jira Cloud project',
  project: 'the key of a project, as in `SEC`',
  credential: 'an account and its API token, as `account@example.test:token`',
  objections: (settings) =>
    objectionsTo(settings, {
      project: /^[A-Z][A-Z0-9_]{1,254}$/,
      called: 'not a key of a project',
      fix: 'name it as in `SEC`',
      options: optionsSchema,
      give: '`issueType`, or nothing',
    }),
  open: (settings, access) =>
    issuesOf(
      trackerConnection(
        {
          baseUrl: settings.baseUrl,
          authorization: access.secret.includes(':')
            ? `Basic ${Buffer.from(access.secret).toString('base64')}`
            : `Bearer ${access.secret}`,
          headers: { accept: 'application/json', 'user-agent': 'macadam' },
        },
        access,
      ),
      settings,
      access.now,
    ),
};

function issuesOf({ ask, send }: TrackerConnection, settings: TrackerSettings, now: () => Date): Tracker {
  const { issueType } = optionsSchema.parse(settings.options);
  const remoteOf = ({ key, fields }: z.infer<typeof issueSchema>): RemoteIssue => ({
    key,
    url: `${settings.baseUrl.replace(/\/$/, '')}/browse/${key}`,
    title: fields.summary ?? '',
    open: fields.status.statusCategory.key !== 'done',
    marker: fields.labels?.find((label) => MARKER.test(label)) ?? null,
    since: instant(fields.statuscategorychangedate),
    changedAt: instant(fields.updated) ?? fields.updated,
  });
  const pathOf = (key: string) => `/rest/api/3/issue/${encodeURIComponent(key)}`;

  /** Asking a question twice does no harm, though it is sent as POST. */
  async function search(jql: string): Promise<TrackerAnswer<readonly RemoteIssue[]>> {
    const found: RemoteIssue[] = [];
    let nextPageToken: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const json = {
        jql,
        fields: FIELDS,
        maxResults: PAGE,
        ...(nextPageToken !== undefined && { nextPageToken }),
      };
      const path = '/rest/api/3/search/jql';
      const answer = await ask(
        { method: 'POST', path, json, repeatable: true },
        foundSchema,
        'searching issues',
      );
      if (failed(answer)) return answer;
      found.push(...answer.done.issues.map(remoteOf));
      nextPageToken = answer.done.nextPageToken ?? undefined;
      if (nextPageToken === undefined) return { done: found };
    }
    return odd('searching issues');
  }

  async function turn(key: string, open: boolean): Promise<TrackerAnswer<null>> {
    const path = `${pathOf(key)}/transitions`;
    const answer = await ask({ path }, transitionsSchema, `the transitions of ${key}`);
    if (failed(answer)) return answer;
    const wanted = open ? ['new', 'indeterminate'] : ['done'];
    const transition = wanted
      .map((category) => answer.done.transitions.find(({ to }) => to.statusCategory.key === category))
      .find((one) => one !== undefined);
    if (!transition)
      return {
        problem: `${key}: its workflow has no transition ${open ? 'out of' : 'to'} a status that counts as done`,
        fault: 'refused',
      };
    const json = { transition: { id: transition.id } };
    const done = await ask({ method: 'POST', path, json }, z.unknown(), `moving ${key}`);
    return failed(done) ? done : { done: null };
  }

  return {
    find: (marker) => search(`project = "${settings.project}" AND labels = "${marker}" ORDER BY created ASC`),
    create: async (marker, text) => {
      const fields = {
        project: { key: settings.project },
        issuetype: { name: issueType },
        ...fieldsOf(text),
        labels: [LABEL, marker],
      };
      const request = { method: 'POST', path: '/rest/api/3/issue', json: { fields } } as const;
      const made = await ask(request, z.object({ key: z.string() }), 'making an issue');
      if (failed(made)) return made;
      const { key } = made.done;
      const at = now().toISOString();
      const url = `${settings.baseUrl.replace(/\/$/, '')}/browse/${key}`;
      return { done: { key, url, title: text.title, open: true, marker, since: null, changedAt: at } };
    },
    read: async (key) => {
      const outcome = await send({ path: `${pathOf(key)}?fields=${FIELDS.join(',')}` });
      if (outcome.outcome === 'not-found') return { done: null };
      if (!isAnswer(outcome)) return problemOf(outcome, key);
      const parsed = issueSchema.safeParse(outcome.body);
      return parsed.success ? { done: remoteOf(parsed.data) } : odd(key);
    },
    change: async (key, { text, open }: IssueChange) => {
      if (text) {
        const json = { fields: fieldsOf(text) };
        const request = { method: 'PUT', path: pathOf(key), json, repeatable: true } as const;
        const changed = await ask(request, z.unknown(), `changing ${key}`);
        if (failed(changed)) return changed;
      }
      return open === undefined ? { done: null } : turn(key, open);
    },
    comment: async (key, text) => {
      const json = { body: documentOf([{ text }]) };
      const said = await ask(
        { method: 'POST', path: `${pathOf(key)}/comment`, json },
        z.unknown(),
        `commenting on ${key}`,
      );
      return failed(said) ? said : { done: null };
    },
    comments: async (key, since) => {
      const found: RemoteComment[] = [];
      let read = 0;
      // Newest first, so that what is old is not read again and again.
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const path = `${pathOf(key)}/comment?orderBy=-created&startAt=${read}&maxResults=${PAGE}`;
        const answer = await ask({ path }, commentsSchema, `the comments of ${key}`);
        if (failed(answer)) return answer;
        const fresh = answer.done.comments.map(({ id, author, body, created }) => ({
          id,
          author: author?.displayName ?? 'unknown',
          text: wordsOf(body),
          at: instant(created) ?? created,
        }));
        const wanted = fresh.filter(({ at }) => Date.parse(at) >= Date.parse(since));
        found.push(...wanted);
        // A host may give fewer at a time than it was asked for.
        read += fresh.length;
        if (fresh.length === 0 || wanted.length < fresh.length || read >= answer.done.total)
          return { done: found.reverse() };
      }
      return odd(`the comments of ${key}`);
    },
    changes: (since) => {
      // An absolute time would be read in the account's own time zone.
      const minutes = Math.max(0, Math.ceil((now().getTime() - Date.parse(since)) / 60_000)) + 1;
      return search(
        `project = "${settings.project}" AND labels = "${LABEL}" AND updated >= "-${minutes}m" ORDER BY updated ASC`,
      );
    },
  };
}

const fieldsOf = ({ title, body }: IssueText) => ({ summary: title, description: documentOf(body) });

/** `2026-11-25T10:00:00.000+0100` is how Jira writes times. */
function instant(text: string | null | undefined): string | null {
  const at = Date.parse((text ?? '').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

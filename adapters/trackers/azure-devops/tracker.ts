/**
 * Work items of one project, over the REST API 7.1 of Azure DevOps. The mark is a tag. Which states count as done is asked
 * of the work item type, since every process has its own.
 */

import { z } from 'zod';
import { isAnswer } from '../../connector/outcome.ts';
import { failed, odd, problemOf, type TrackerConnection, trackerConnection } from '../answer.ts';
import { MARKER } from '../issue-text.ts';
import { objectionsTo } from '../objections.ts';
import type {
  IssueText,
  RemoteComment,
  RemoteIssue,
  Tracker,
  TrackerAnswer,
  TrackerKind,
  TrackerSettings,
} from '../port.ts';
import { escaped, htmlOf, textOfHtml } from './html.ts';

const optionsSchema = z.strictObject({ type: z.string().min(1).default('Issue') });
const itemSchema = z.object({ id: z.int().positive(), fields: z.record(z.string(), z.unknown()) });
const referencesSchema = z.object({ workItems: z.array(z.object({ id: z.int().positive() })).nullish() });
const itemsSchema = z.object({ value: z.array(itemSchema.nullable()) });
const statesSchema = z.object({ value: z.array(z.object({ name: z.string(), category: z.string() })) });
const commentsSchema = z.object({
  comments: z.array(
    z.object({
      id: z.int(),
      text: z.string().nullish(),
      createdBy: z.object({ displayName: z.string().optional() }).nullish(),
      createdDate: z.string(),
    }),
  ),
  continuationToken: z.string().nullish(),
});
const VERSION = 'api-version=7.1';
const COMMENTS_VERSION = 'api-version=7.1-preview.4';
const TAG = 'macadam';
/** As many as can be read at once. */
const PAGE = 200;
const MOST_PAGES = 500;
const FIELDS = [
  'System.Title',
  'System.State',
  'System.Tags',
  'System.ChangedDate',
  'Microsoft.VSTS.Common.StateChangeDate',
];

export const trackerKind: TrackerKind = {
  id: 'azure-devops',
  description: 'work items of an Azure DevOps project',
  project: 'the name of a project',
  credential: 'a personal access token that may read and write work items',
  objections: (settings) =>
    objectionsTo(settings, {
      project: /^[^\\/:*?"<>|;#${},+=[\]]{1,64}$/,
      called: 'not a name of a project',
      fix: 'name it as its address does',
      options: optionsSchema,
      give: '`type`, or nothing',
    }),
  open: (settings, access) =>
    itemsOf(
      trackerConnection(
        {
          baseUrl: settings.baseUrl,
          authorization: `Basic ${Buffer.from(`:${access.secret}`).toString('base64')}`,
          headers: { accept: 'application/json', 'user-agent': 'macadam' },
        },
        access,
      ),
      settings,
    ),
};

interface States {
  readonly closed: ReadonlySet<string>;
  readonly close: string | undefined;
  readonly reopen: string | undefined;
}

function itemsOf({ ask, send }: TrackerConnection, settings: TrackerSettings): Tracker {
  const { type } = optionsSchema.parse(settings.options);
  const project = `/${encodeURIComponent(settings.project)}`;
  const root = `${project}/_apis/wit`;
  const pathOf = (key: string) => `${root}/workitems/${encodeURIComponent(key)}?${VERSION}`;
  let known: States | undefined;

  async function states(): Promise<TrackerAnswer<States>> {
    if (known) return { done: known };
    const path = `${root}/workitemtypes/${encodeURIComponent(type)}/states?${VERSION}`;
    const answer = await ask({ path }, statesSchema, `the states of ${type}`);
    if (failed(answer)) return answer;
    const named = (category: string) => answer.done.value.filter((state) => state.category === category);
    const completed = named('Completed');
    known = {
      closed: new Set([...completed, ...named('Removed')].map(({ name }) => name)),
      close: completed[0]?.name,
      reopen: (named('Proposed')[0] ?? named('InProgress')[0])?.name,
    };
    return { done: known };
  }

  const remoteOf = ({ id, fields }: z.infer<typeof itemSchema>, { closed }: States): RemoteIssue => {
    const field = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '');
    return {
      key: String(id),
      url: `${settings.baseUrl.replace(/\/$/, '')}${project}/_workitems/edit/${id}`,
      title: field('System.Title'),
      open: !closed.has(field('System.State')),
      marker: MARKER.exec(field('System.Tags'))?.[0] ?? null,
      since: field('Microsoft.VSTS.Common.StateChangeDate') || null,
      changedAt: field('System.ChangedDate'),
    };
  };

  async function query(where: string): Promise<TrackerAnswer<readonly RemoteIssue[]>> {
    const current = await states();
    if (failed(current)) return current;
    const wiql = `SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND ${where} ORDER BY [System.Id]`;
    const asked = await ask(
      {
        method: 'POST',
        path: `${root}/wiql?timePrecision=true&${VERSION}`,
        json: { query: wiql },
        repeatable: true,
      },
      referencesSchema,
      'searching work items',
    );
    if (failed(asked)) return asked;
    const ids = (asked.done.workItems ?? []).map(({ id }) => id);
    const found: RemoteIssue[] = [];
    for (let at = 0; at < ids.length; at += PAGE) {
      const answer = await ask(
        {
          method: 'POST',
          path: `${root}/workitemsbatch?${VERSION}`,
          // What was deleted in between is left out rather than failing the rest.
          json: { ids: ids.slice(at, at + PAGE), fields: FIELDS, errorPolicy: 'omit' },
          repeatable: true,
        },
        itemsSchema,
        'reading work items',
      );
      if (failed(answer)) return answer;
      found.push(...answer.done.value.flatMap((item) => (item ? [remoteOf(item, current.done)] : [])));
    }
    return { done: found };
  }

  const patch = (method: 'POST' | 'PATCH', path: string, fields: Readonly<Record<string, string>>) => ({
    method,
    path,
    json: Object.entries(fields).map(([name, value]) => ({ op: 'add', path: `/fields/${name}`, value })),
    contentType: 'application/json-patch+json',
    repeatable: method === 'PATCH',
  });

  return {
    find: (marker) => query(`[System.Tags] CONTAINS '${marker}'`),
    create: async (marker, text) => {
      const current = await states();
      if (failed(current)) return current;
      const path = `${root}/workitems/$${encodeURIComponent(type)}?${VERSION}`;
      const fields = { ...fieldsOf(text), 'System.Tags': `${TAG}; ${marker}` };
      const made = await ask(patch('POST', path, fields), itemSchema, 'making a work item');
      return failed(made) ? made : { done: remoteOf(made.done, current.done) };
    },
    read: async (key) => {
      const current = await states();
      if (failed(current)) return current;
      const outcome = await send({ path: pathOf(key) });
      if (outcome.outcome === 'not-found') return { done: null };
      if (!isAnswer(outcome)) return problemOf(outcome, `work item ${key}`);
      const parsed = itemSchema.safeParse(outcome.body);
      return parsed.success ? { done: remoteOf(parsed.data, current.done) } : odd(`work item ${key}`);
    },
    change: async (key, { text, open }) => {
      const current = await states();
      if (failed(current)) return current;
      const state = open === undefined ? undefined : open ? current.done.reopen : current.done.close;
      if (open !== undefined && state === undefined)
        return {
          problem: `${type} has no state that counts as ${open ? 'to do' : 'done'}`,
          fault: 'refused',
        };
      const fields = { ...(text && fieldsOf(text)), ...(state !== undefined && { 'System.State': state }) };
      const changed = await ask(
        patch('PATCH', pathOf(key), fields),
        z.unknown(),
        `changing work item ${key}`,
      );
      return failed(changed) ? changed : { done: null };
    },
    comment: async (key, text) => {
      const path = `${root}/workItems/${encodeURIComponent(key)}/comments?${COMMENTS_VERSION}`;
      const json = { text: escaped(text) };
      const said = await ask({ method: 'POST', path, json }, z.unknown(), `commenting on work item ${key}`);
      return failed(said) ? said : { done: null };
    },
    comments: async (key, since) => {
      const found: RemoteComment[] = [];
      const first = `${root}/workItems/${encodeURIComponent(key)}/comments?$top=${PAGE}&order=desc&${COMMENTS_VERSION}`;
      let path = first;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const answer = await ask({ path }, commentsSchema, `the comments of work item ${key}`);
        if (failed(answer)) return answer;
        const { comments, continuationToken: next } = answer.done;
        const wanted = comments
          .map(({ id, text, createdBy, createdDate: at }) => ({
            id: `${key}/${id}`,
            author: createdBy?.displayName ?? 'unknown',
            text: textOfHtml(text ?? ''),
            at,
          }))
          .filter(({ at }) => Date.parse(at) >= Date.parse(since));
        found.push(...wanted);
        if (!next || wanted.length < comments.length) return { done: found.reverse() };
        path = `${first}&continuationToken=${encodeURIComponent(next)}`;
      }
      return odd(`the comments of work item ${key}`);
    },
    changes: (since) =>
      query(`[System.Tags] CONTAINS '${TAG}' AND [System.ChangedDate] >= '${new Date(since).toISOString()}'`),
  };
}

const fieldsOf = ({ title, body }: IssueText) => ({
  'System.Title': title,
  'System.Description': body.map(htmlOf).join('\n'),
});

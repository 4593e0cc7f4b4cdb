/** Pull requests of one repository, over GitHub's REST API (version 2022-11-28), on github.com and on Enterprise Server. */
import { z } from 'zod';
import { isAnswer } from '../../connector/outcome.ts';
import { failed, problemOf, trackerConnection } from '../../trackers/answer.ts';
import type { TrackerAccess } from '../../trackers/port.ts';
import { BRANCH, type ChangeHost, type PullRequest } from '../port.ts';

const repositorySchema = z.object({ default_branch: z.string() });
const referenceSchema = z.object({ object: z.object({ sha: z.string() }) });
const madeSchema = z.object({ sha: z.string() });
const pullSchema = z.object({
  number: z.int().positive(),
  html_url: z.string(),
  state: z.enum(['open', 'closed']),
  merged_at: z.string().nullish(),
  body: z.string().nullish(),
});
const done = z.unknown();
/** More proposals on one branch than any repository has seen. */
const MOST = 100;

/** `repository`: `owner/name`. The token may write contents and pull requests. */
export function githubChanges(baseUrl: string, repository: string, access: TrackerAccess): ChangeHost {
  const { ask, send } = trackerConnection(
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
  );
  const root = `/repos/${repository}`;
  const owner = repository.split('/')[0] ?? '';
  const point = async (commit: string) => {
    const path = `${root}/git/refs/heads/${BRANCH}`;
    const outcome = await send({ method: 'GET', path: `${root}/git/ref/heads/${BRANCH}` });
    if (isAnswer(outcome))
      return ask(
        { method: 'PATCH', path, json: { sha: commit, force: true }, repeatable: true },
        done,
        'moving the branch',
      );
    if (outcome.outcome !== 'not-found') return problemOf(outcome, 'the branch of the change');
    const json = { ref: `refs/heads/${BRANCH}`, sha: commit };
    return ask({ method: 'POST', path: `${root}/git/refs`, json }, done, 'making the branch');
  };
  return {
    base: async () => {
      const named = await ask({ path: root }, repositorySchema, `the repository ${repository}`);
      if (failed(named)) return named;
      const branch = named.done.default_branch;
      const at = await ask(
        { path: `${root}/git/ref/heads/${branch}` },
        referenceSchema,
        `the branch ${branch}`,
      );
      return failed(at) ? at : { done: { branch, commit: at.done.object.sha } };
    },
    proposals: async () => {
      const query = `head=${encodeURIComponent(`${owner}:${BRANCH}`)}&state=all&sort=created&direction=desc&per_page=${MOST}`;
      const all = await ask(
        { path: `${root}/pulls?${query}` },
        z.array(pullSchema),
        'the list of pull requests',
      );
      return failed(all) ? all : { done: all.done.map(proposalOf) };
    },
    commit: async (base, files, message) => {
      const tree = files.map(({ path, text, executable }) => ({
        path,
        mode: executable ? '100755' : '100644',
        type: 'blob',
        content: text,
      }));
      const made = await ask(
        { method: 'POST', path: `${root}/git/trees`, json: { base_tree: base, tree } },
        madeSchema,
        'writing the files',
      );
      if (failed(made)) return made;
      const commit = await ask(
        {
          method: 'POST',
          path: `${root}/git/commits`,
          json: { message, tree: made.done.sha, parents: [base] },
        },
        madeSchema,
        'making the commit',
      );
      if (failed(commit)) return commit;
      const pointed = await point(commit.done.sha);
      return failed(pointed) ? pointed : { done: commit.done.sha };
    },
    open: async (branch, { title, body }) => {
      const json = { title, body, head: BRANCH, base: branch, maintainer_can_modify: true };
      const opened = await ask(
        { method: 'POST', path: `${root}/pulls`, json },
        pullSchema,
        'opening a pull request',
      );
      return failed(opened) ? opened : { done: proposalOf(opened.done) };
    },
    change: async (number, { title, body }) => {
      const path = `${root}/pulls/${number}`;
      const changed = await ask(
        { method: 'PATCH', path, json: { title, body }, repeatable: true },
        done,
        `changing pull request ${number}`,
      );
      return failed(changed) ? changed : { done: null };
    },
    close: async (number, { title, body }, comment) => {
      // What it is closed for is written first: closed without a word of ours it would count as declined.
      const path = `${root}/pulls/${number}`;
      const json = { title, body, state: 'closed' };
      const closed = await ask(
        { method: 'PATCH', path, json, repeatable: true },
        done,
        `closing pull request ${number}`,
      );
      if (failed(closed)) return closed;
      const said = await ask(
        { method: 'POST', path: `${root}/issues/${number}/comments`, json: { body: comment } },
        done,
        `commenting on pull request ${number}`,
      );
      if (failed(said)) return said;
      const gone = await send({
        method: 'DELETE',
        path: `${root}/git/refs/heads/${BRANCH}`,
        repeatable: true,
      });
      return isAnswer(gone) || gone.outcome === 'not-found'
        ? { done: null }
        : problemOf(gone, 'taking the branch away');
    },
  };
}

const proposalOf = ({
  number,
  html_url: url,
  state,
  merged_at: merged,
  body,
}: z.infer<typeof pullSchema>): PullRequest => ({
  number,
  url,
  state: state === 'open' ? 'open' : typeof merged === 'string' ? 'merged' : 'closed',
  body: body ?? '',
});

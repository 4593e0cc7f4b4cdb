import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Statement } from '@macadam/core/facts/observation';
import type { Connector, ConnectorRequest } from '../../connector/connector.ts';
import type { RequestOutcome } from '../../connector/outcome.ts';
import {
  commitMemory,
  type HostedCommit,
  isLasting,
  readHeads,
  verify,
  withVerification,
} from './history.ts';

const OPEN = { unobserved: 'unobserved', why: 'only the host knows' } as const;
const SHA = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);

function host(answer: (request: ConnectorRequest) => unknown): Connector & { asked: ConnectorRequest[] } {
  const asked: ConnectorRequest[] = [];
  return {
    origin: 'https://host.example',
    asked,
    async request(request): Promise<RequestOutcome> {
      asked.push(request);
      const body = answer(request);
      if (body === undefined)
        return { outcome: 'failed', code: 'status-502', message: 'the host answered 502 5 times' };
      return { outcome: 'ok', status: 200, headers: new Headers(), body };
    },
    spent: () => ({ sent: asked.length, counted: asked.length }),
  };
}

test("the host's word fills what the files left open, and overrules only who made the commit", () => {
  const commit = { sha: SHA, signature: 'gpg', valid: OPEN, trusted: OPEN, made_by_host: false };
  const signature = (state: string, isValid = false, wasSignedByGitHub = false) => ({
    signature: { state, isValid, wasSignedByGitHub },
    associatedPullRequests: { nodes: [] },
  });
  assert.deepEqual(verify(commit, signature('VALID', true, true)), {
    ...commit,
    valid: true,
    trusted: true,
    made_by_host: true,
    reviewed_merge: false,
  });
  assert.deepEqual(verify(commit, signature('INVALID')), { ...commit, valid: false, trusted: false });
  assert.deepEqual(verify(commit, signature('UNKNOWN_KEY')), { ...commit, trusted: false });
  assert.deepEqual(verify(commit, signature('GPGVERIFY_UNAVAILABLE')), commit);
  assert.deepEqual(verify({ ...commit, valid: false }, signature('VALID', true)), {
    ...commit,
    valid: false,
    trusted: true,
  });
  assert.deepEqual(verify(commit, { signature: null }), { ...commit, trusted: false });
  assert.deepEqual(verify(commit, undefined), commit);
});

test('what the host made is a reviewed merge only where somebody else approved what it merged', () => {
  const commit = {
    sha: SHA,
    signature: 'gpg',
    valid: OPEN,
    trusted: OPEN,
    made_by_host: OPEN,
    reviewed_merge: OPEN,
  };
  const review = (login: string | null, state = 'APPROVED') => ({
    state,
    author: login === null ? null : { login },
  });
  const mergeOf = (oid: string, reviews: readonly ReturnType<typeof review>[], merged = true) => ({
    signature: { state: 'VALID', isValid: true, wasSignedByGitHub: true },
    associatedPullRequests: {
      nodes: [
        {
          merged,
          mergeCommit: { oid },
          author: { login: 'ada' },
          latestOpinionatedReviews: { nodes: [...reviews] },
        },
      ],
    },
  });
  const said = (hosted: ReturnType<typeof mergeOf>) => verify(commit, hosted).reviewed_merge;
  assert.equal(said(mergeOf(SHA, [review('ben')])), true);
  assert.equal(said(mergeOf(SHA, [review('ben', 'CHANGES_REQUESTED'), review('caro')])), true);
  assert.equal(said(mergeOf(SHA, [])), false, 'nobody looked');
  assert.equal(said(mergeOf(SHA, [review('ada')])), false, 'its author');
  assert.equal(said(mergeOf(SHA, [review(null)])), false, 'an account that is gone may be its author');
  assert.equal(
    said(mergeOf(OTHER, [review('ben')])),
    false,
    'made in the editor on a branch, and merged by another commit',
  );
  assert.equal(said(mergeOf(SHA, [review('ben')], false)), false);
  const byPerson = verify(commit, {
    signature: { state: 'VALID', isValid: true, wasSignedByGitHub: false },
    associatedPullRequests: { nodes: [] },
  });
  assert.equal(byPerson.made_by_host, false);
  assert.ok(!('reviewed_merge' in byPerson));
  const older = verify(commit, { signature: { state: 'VALID', isValid: true, wasSignedByGitHub: true } });
  assert.deepEqual(older.reviewed_merge, {
    unobserved: 'forbidden',
    why: 'the host does not show the pull request that it is the merge of: the token needs Pull requests: read (classic tokens: repo)',
  });
});

test('a hundred commits are one call, and a call that fails leaves them open with its reason', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-commits-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const commits: Statement = {
    complete: false,
    value: Array.from({ length: 130 }, (_, index) => ({
      sha: index.toString(16).padStart(40, '0'),
      signature: 'gpg',
      trusted: OPEN,
      made_by_host: false,
    })),
  };
  const signed = { signature: { isValid: true, state: 'VALID', wasSignedByGitHub: false } };
  const good = host(({ json }) => {
    const { query } = json as { query: string };
    return {
      data: {
        repository: Object.fromEntries(
          [...query.matchAll(/(c[0-9a-f]{40}):/g)].map(([, alias]) => [alias, signed]),
        ),
      },
    };
  });
  const asked = { commits, address: '/graphql', repository: 'acme/app' };
  const file = join(folder, 'commits.json');
  const memory = commitMemory(file, true);
  const filled = await withVerification({ ...asked, connector: good, memory });
  assert.equal(good.asked.length, 2);
  assert.ok(filled !== undefined && 'value' in filled && Array.isArray(filled.value));
  assert.equal(filled.complete, false);
  assert.ok(filled.value.every((commit: { trusted: unknown }) => commit.trusted === true));

  // What the host will say again is not asked again, and what is remembered may be lost.
  assert.deepEqual(await withVerification({ ...asked, connector: good, memory }), filled);
  assert.equal(good.asked.length, 2);
  writeFileSync(file, '{"0');
  await withVerification({ ...asked, connector: good, memory });
  assert.equal(good.asked.length, 4);

  const connector = host(() => undefined);
  const nothing = { recall: async () => new Map(), keep: async () => {} };
  const bad = await withVerification({ ...asked, connector, memory: nothing });
  assert.ok(bad !== undefined && 'value' in bad && Array.isArray(bad.value));
  assert.deepEqual(bad.value[0].trusted, {
    unobserved: 'failed',
    why: 'how the host verified its commits could not be read: the host answered 502 5 times; scan again',
  });
});

test('only what the host will say again is remembered of a commit', () => {
  const sha = '1'.repeat(40);
  const signature = { isValid: true, state: 'VALID', wasSignedByGitHub: false };
  const approved = {
    merged: true,
    mergeCommit: { oid: sha },
    author: { login: 'ada' },
    latestOpinionatedReviews: { nodes: [{ state: 'APPROVED', author: { login: 'ben' } }] },
  };
  const merge = (nodes: readonly (typeof approved)[]) => ({
    signature: { ...signature, wasSignedByGitHub: true },
    associatedPullRequests: { nodes: [...nodes] },
  });
  const cases: readonly (readonly [hosted: HostedCommit, cloud: boolean, server: boolean])[] = [
    [{ signature: null }, true, true],
    [{ signature }, true, false],
    [{ signature: { ...signature, isValid: false, state: 'UNKNOWN_KEY' } }, false, false],
    [{ signature: { ...signature, isValid: false, state: 'GPGVERIFY_UNAVAILABLE' } }, false, false],
    [merge([approved]), true, false],
    [merge([]), false, false],
    [{ signature: { ...signature, wasSignedByGitHub: true } }, false, false],
  ];
  for (const [hosted, cloud, server] of cases) {
    assert.deepEqual(
      [isLasting(sha, hosted, true), isLasting(sha, hosted, false)],
      [cloud, server],
      JSON.stringify(hosted),
    );
  }
});

test('heads: null without commits, missing where the host hides or fails', async () => {
  const connector = host(({ json }) => {
    const { ids } = (json as { variables: { ids: string[] } }).variables;
    if (ids.includes('down')) return undefined;
    const known: Record<string, unknown> = {
      empty: { id: 'empty', isEmpty: true, defaultBranchRef: null },
      full: { id: 'full', isEmpty: false, defaultBranchRef: { name: 'main', target: { oid: OTHER } } },
    };
    return {
      data: { nodes: ids.map((id) => known[id] ?? null) },
      errors: [{ type: 'NOT_FOUND', path: ['nodes', 2], message: 'no' }],
    };
  });
  const ids = ['empty', 'full', 'hidden', ...Array.from({ length: 97 }, (_, index) => `n${index}`), 'down'];
  assert.deepEqual(
    [...(await readHeads(connector, '/graphql', ids))],
    [
      ['empty', null],
      ['full', { branch: 'main', commit: OTHER }],
    ],
  );
  assert.equal(connector.asked.length, 2);
});

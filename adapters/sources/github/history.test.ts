import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Statement } from '@macadam/core/facts/observation';
import type { Connector, ConnectorRequest } from '../../connector/connector.ts';
import type { RequestOutcome } from '../../connector/outcome.ts';
import { readHeads, verify, withVerification } from './history.ts';

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
    state,
    isValid,
    wasSignedByGitHub,
  });
  assert.deepEqual(verify(commit, signature('VALID', true, true)), {
    ...commit,
    valid: true,
    trusted: true,
    made_by_host: true,
  });
  assert.deepEqual(verify(commit, signature('INVALID')), { ...commit, valid: false, trusted: false });
  assert.deepEqual(verify(commit, signature('UNKNOWN_KEY')), { ...commit, trusted: false });
  assert.deepEqual(verify(commit, signature('GPGVERIFY_UNAVAILABLE')), commit);
  assert.deepEqual(verify({ ...commit, valid: false }, signature('VALID', true)), {
    ...commit,
    valid: false,
    trusted: true,
  });
  assert.deepEqual(verify(commit, null), { ...commit, trusted: false });
  assert.deepEqual(verify(commit, undefined), commit);
});

test('a hundred commits are one call, and a call that fails leaves them open with its reason', async () => {
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
  const filled = await withVerification(commits, good, '/graphql', 'acme/app');
  assert.equal(good.asked.length, 2);
  assert.ok(filled !== undefined && 'value' in filled && Array.isArray(filled.value));
  assert.equal(filled.complete, false);
  assert.ok(filled.value.every((commit: { trusted: unknown }) => commit.trusted === true));

  const bad = await withVerification(
    commits,
    host(() => undefined),
    '/graphql',
    'acme/app',
  );
  assert.ok(bad !== undefined && 'value' in bad && Array.isArray(bad.value));
  assert.deepEqual(bad.value[0].trusted, {
    unobserved: 'failed',
    why: 'how the host verified its commits could not be read: the host answered 502 5 times; scan again',
  });
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

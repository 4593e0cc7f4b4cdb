import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnobserved, type Statement } from '@macadam/core/facts/observation';
import type { Connector } from '../../connector/connector.ts';
import type { RequestOutcome } from '../../connector/outcome.ts';
import { refusedOwners, withOwnerStates } from './owners.ts';

const UNASKED = { unobserved: 'unobserved', why: 'no org file' } as const;

function codeowners(...names: string[]): Statement {
  const kind = (name: string) => (name.includes('/') ? 'team' : name.startsWith('@') ? 'user' : 'email');
  const owners = names.map((name, index) => ({ name, line: index + 1, kind: kind(name), state: UNASKED }));
  return { value: { path: 'CODEOWNERS', covers_all: true, owners } };
}

function host(answers: Readonly<Record<string, unknown>>): Connector & { asked: string[] } {
  const asked: string[] = [];
  return {
    origin: 'https://host.example',
    asked,
    async request({ path }): Promise<RequestOutcome> {
      asked.push(path);
      const body = answers[path.split('?')[0] ?? ''];
      if (body === undefined) return { outcome: 'not-found', status: 404, message: 'Not Found' };
      return { outcome: 'ok', status: 200, headers: new Headers(), body };
    },
    spent: () => ({ sent: asked.length, counted: asked.length }),
  };
}

function unknownOwner(line: number, source: string, name: string) {
  return { kind: 'Unknown owner', line, column: source.indexOf(name) + 1, source, message: 'Unknown owner' };
}

async function statesOf(statement: Statement, connector: Connector): Promise<Record<string, unknown>> {
  const filled = await withOwnerStates({
    codeowners: statement,
    connector,
    repository: 'acme/app',
    commit: 'c0ffee',
    memory: new Map(),
  });
  assert.ok(filled !== undefined && 'value' in filled);
  const { owners } = filled.value as { owners: { name: string; state: unknown }[] };
  return Object.fromEntries(owners.map(({ name, state }) => [name, state]));
}

test('the host says who is unknown; accounts say whether they are people', async () => {
  const connector = host({
    '/repos/acme/app/codeowners/errors': {
      errors: [
        unknownOwner(2, '* @ada @gone', '@gone'),
        unknownOwner(3, '* @left', '@left'),
        unknownOwner(6, '/x @acme/nobody', '@acme/nobody'),
        { kind: 'Invalid pattern', line: 9, message: 'no' },
      ],
    },
    '/users/ada': { type: 'User' },
    '/users/left': { type: 'User' },
    '/users/robot': { type: 'Bot' },
    '/users/out': { type: 'User', suspended_at: '2026-01-01T00:00:00Z' },
  });
  const statement = codeowners(
    '@ada',
    '@gone',
    '@left',
    '@robot',
    '@acme/core',
    '@acme/nobody',
    'x@example.com',
    '@out',
  );
  assert.deepEqual(await statesOf(statement, connector), {
    '@ada': 'active',
    '@gone': 'missing',
    '@left': 'left',
    '@robot': 'bot',
    '@acme/core': 'active',
    '@acme/nobody': 'missing',
    'x@example.com': 'active',
    '@out': 'left',
  });
  assert.equal(connector.asked[0], '/repos/acme/app/codeowners/errors?ref=c0ffee');
});

test('what the host does not tell stays unobserved, with what would let it', async () => {
  const { '@ada': state } = await statesOf(codeowners('@ada'), host({}));
  assert.deepEqual(state, {
    unobserved: 'forbidden',
    why: 'the token may not see what the host makes of its CODEOWNERS file: it needs Contents: read (classic tokens: repo)',
  });
});

test('an unknown owner that the answer does not name leaves its line open, never active', async () => {
  const errors = [{ kind: 'Unknown owner', line: 1, message: 'somebody is unknown' }];
  const { '@ada': state } = await statesOf(
    codeowners('@ada'),
    host({ '/repos/acme/app/codeowners/errors': { errors } }),
  );
  assert.ok(isUnobserved(state) && state.unobserved === 'failed');
  const said = refusedOwners({
    errors: [{ ...errors[0], message: 'Unknown owner on line 1: make sure @acme/core.x, exists' }],
  });
  assert.ok(!isUnobserved(said));
  assert.deepEqual([...said.names], ['@acme/core.x']);
  assert.ok(isUnobserved(refusedOwners({ errors: 3 })));
});

test('a statement without owners is passed through unasked', async () => {
  const connector = host({});
  for (const statement of [
    undefined,
    { absent: true },
    { unobserved: 'failed', why: 'x' },
    codeowners(),
  ] as const) {
    assert.deepEqual(
      await withOwnerStates({
        codeowners: statement,
        connector,
        repository: 'acme/app',
        commit: 'c0ffee',
        memory: new Map(),
      }),
      statement,
    );
  }
  assert.deepEqual(connector.asked, []);
});

test('what the org file says against an owner stands; what it says for one is held against the host', async () => {
  const owners = [
    { name: '@left', line: 1, kind: 'user', state: 'left' },
    { name: '@gone', line: 2, kind: 'user', state: 'active' },
  ];
  const errors = [unknownOwner(2, '* @gone', '@gone')];
  const answers = { '/repos/acme/app/codeowners/errors': { errors }, '/users/left': { type: 'User' } };
  const statement = { value: { path: 'CODEOWNERS', owners } };
  assert.deepEqual(await statesOf(statement, host(answers)), { '@left': 'left', '@gone': 'missing' });
  assert.deepEqual(await statesOf(statement, host({})), { '@left': 'left', '@gone': 'active' });
});

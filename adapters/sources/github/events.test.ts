/** What an event of GitHub names, and that nothing else is read from it. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { githubEvents } from './events.ts';

const SECRET = 'a-secret-of-the-webhook';

const event = (name: string, payload: unknown, signature?: string) => {
  const raw = Buffer.from(JSON.stringify(payload) ?? '');
  const signed = `sha256=${createHmac('sha256', SECRET).update(raw).digest('hex')}`;
  const headers = { 'x-github-event': name, 'x-hub-signature-256': signature ?? signed };
  return { headers, raw, body: payload };
};
const names = (name: string, payload: unknown) => githubEvents.names(event(name, payload));
const repository = { full_name: 'Acme/Shop.js', default_branch: 'main' };
const organization = { login: 'Acme' };

test('an event names the repository, the people or everything that it may have changed', () => {
  assert.deepEqual(names('push', { ref: 'refs/heads/main', repository }), ['acme/shop.js']);
  assert.deepEqual(names('push', { ref: 'refs/heads/other', repository }), []);
  assert.deepEqual(names('branch_protection_rule', { repository, organization }), ['acme/shop.js']);
  assert.deepEqual(names('deploy_key', { repository }), ['acme/shop.js']);
  assert.deepEqual(names('member', { repository, organization }), ['acme']);
  assert.deepEqual(names('membership', { organization }), ['acme']);
  const ruleset = (source_type: string) => ({ repository_ruleset: { source_type } });
  assert.deepEqual(names('repository_ruleset', { repository, organization, ...ruleset('Repository') }), [
    'acme/shop.js',
  ]);
  assert.deepEqual(names('repository_ruleset', { organization, ...ruleset('Organization') }), ['acme/*']);
  assert.deepEqual(names('repository_ruleset', { repository, organization, ...ruleset('Organization') }), [
    'acme/*',
  ]);
  assert.deepEqual(names('ping', { repository, organization }), []);
  assert.deepEqual(names('star', { repository, organization }), []);
  assert.deepEqual(names('workflow_run', { action: 'completed', repository }), []);
});

test('what could lead elsewhere is no name, and whatever comes gives names or none', () => {
  for (const full_name of ['../..', 'acme/..', 'acme/.', 'acme', 'acme/a/b', 'acme/*', 'acme/a?b', 7, null])
    assert.deepEqual(
      names('repository', { repository: { full_name } }).filter(
        (name) => name !== 'acme' && name !== 'acme/*',
      ),
      [],
      String(full_name),
    );
  fc.assert(
    fc.property(
      fc.constantFrom('push', 'repository', 'repository_ruleset', 'member', 'organization', 'x'),
      fc.oneof(
        fc.jsonValue(),
        fc.record({ repository: fc.jsonValue(), organization: fc.jsonValue(), ref: fc.jsonValue() }),
      ),
      (name, payload) => {
        for (const one of names(name, payload)) assert.match(one, /^[\w-]+(\/(\*|[\w.-]+))?$/);
      },
    ),
  );
});

test('only what is signed with the secret over every byte is taken for signed', () => {
  const right = event('push', { repository });
  assert.equal(githubEvents.isSigned(right, SECRET), true);
  assert.equal(githubEvents.isSigned(right, `${SECRET}x`), false);
  assert.equal(
    githubEvents.isSigned({ ...right, raw: Buffer.concat([right.raw, Buffer.from(' ')]) }, SECRET),
    false,
  );
  for (const signature of [
    '',
    'sha256=',
    `sha1=${'0'.repeat(40)}`,
    `sha256=${'0'.repeat(64)}`,
    `sha256=${'g'.repeat(64)}`,
  ])
    assert.equal(githubEvents.isSigned(event('push', {}, signature), SECRET), false, signature);
  const { 'x-hub-signature-256': given } = right.headers;
  assert.equal(
    githubEvents.isSigned(
      { ...right, headers: { ...right.headers, 'x-hub-signature-256': String(given).toUpperCase() } },
      SECRET,
    ),
    false,
  );
  assert.equal(githubEvents.isSigned({ ...right, headers: {} }, SECRET), false);
  // The values that GitHub's documentation gives to try this with.
  const documented = {
    headers: {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    raw: Buffer.from('Hello, World!'),
    body: null,
  };
  assert.equal(githubEvents.isSigned(documented, "It's a Secret to Everybody"), true);
});

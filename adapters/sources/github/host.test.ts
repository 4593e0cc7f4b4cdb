import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentFor } from '../mirror.ts';
import { hostOf } from './host.ts';
import { missingPermission } from './permission.ts';

test('every address of a host leads to the same places', () => {
  const dotcom = hostOf();
  assert.deepEqual(dotcom, {
    name: 'github.com',
    api: 'https://api.github.com',
    graphql: 'https://api.github.com/graphql',
    web: 'https://github.com',
  });
  for (const url of ['https://github.com', 'https://api.github.com/', 'https://github.com/acme'])
    assert.deepEqual(hostOf(url), dotcom);
  const server = {
    name: 'ghe.example:8443',
    api: 'https://ghe.example:8443/api/v3',
    graphql: 'https://ghe.example:8443/api/graphql',
    web: 'https://ghe.example:8443',
  };
  for (const path of ['', '/', '/api', '/api/v3', '/api/v3/'])
    assert.deepEqual(hostOf(`https://ghe.example:8443${path}`), server);
  assert.deepEqual(hostOf('https://acme.ghe.com').api, 'https://api.acme.ghe.com');
  assert.throws(() => hostOf('ghe.example'), {
    name: 'TypeError',
    message: '`ghe.example` is not the address of a GitHub API',
  });
});

test('a refusal names its permission as the settings page spells it, or the scope that is missing', () => {
  const named = (headers: Record<string, string>) => missingPermission(new Headers(headers));
  assert.equal(named({ 'x-accepted-github-permissions': 'administration=read' }), 'Administration: read');
  assert.equal(
    named({ 'x-accepted-github-permissions': 'pull_requests=write,contents=read; metadata=read' }),
    'Pull requests: write and Contents: read, or Metadata: read',
  );
  const scopes = { 'x-accepted-oauth-scopes': 'admin:org, read:org' };
  assert.equal(named({ ...scopes, 'x-oauth-scopes': 'repo' }), 'the scope `admin:org` or `read:org`');
  assert.equal(named({ ...scopes, 'x-oauth-scopes': 'read:org' }), undefined);
  assert.equal(named({}), undefined);
});

test('git sees a world of its own: one protocol, no helpers, no tracing, the token for one origin', () => {
  const token = ['ghs', 'x'.repeat(36)].join('_');
  const environment = {
    PATH: '/usr/bin',
    GIT_TRACE_CURL: '1',
    GIT_TRACE_REDACT: '0',
    GIT_SSH_COMMAND: 'evil',
    HOME: '/root',
  };
  const seen = environmentFor({ url: 'https://ghe.example/a/b.git', token, environment });
  const settings = Object.fromEntries(
    Array.from({ length: Number(seen.GIT_CONFIG_COUNT) }, (_, index) => [
      seen[`GIT_CONFIG_KEY_${index}`],
      seen[`GIT_CONFIG_VALUE_${index}`],
    ]),
  );
  assert.equal(settings['protocol.allow'], 'never');
  assert.equal(settings['protocol.https.allow'], 'always');
  assert.equal(settings['credential.helper'], '');
  assert.equal(settings['http.followRedirects'], 'false');
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  assert.equal(settings['http.https://ghe.example/.extraHeader'], `Authorization: Basic ${basic}`);
  assert.deepEqual(
    Object.keys(seen).filter((name) => /TRACE|SSH_COMMAND|^HOME$/.test(name)),
    [],
  );
});

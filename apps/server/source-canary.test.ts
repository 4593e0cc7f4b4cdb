/**
 * Credentials of every source that takes one, through a server as people run it: set up sealed or by reference, right and wrong, measured,
 * backed up and read again. No credential, however it may be written, and no secret of an answer stands in anything that comes of it.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { auditFileOf } from '@macadam/adapters/decisions/audit-file';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { discoverSources } from '@macadam/adapters/discover';
import { openStores } from '@macadam/adapters/facts/open';
import { fakeAzure } from '@macadam/adapters/sources/azure/fake';
import { fakeGraph, sampleTenant } from '@macadam/adapters/sources/entra/fake';
import { fakeWorld, OWNER, type World } from '@macadam/adapters/sources/github/fake-world';
import { fakeGitlab, fillSample } from '@macadam/adapters/sources/gitlab/fake';
import { fakeGoogle, sampleCustomer } from '@macadam/adapters/sources/google/fake';
import { fakeKeycloak, sampleRealm } from '@macadam/adapters/sources/keycloak/fake';
import { fakeDirectory, sampleEntries } from '@macadam/adapters/sources/ldap/fake';
import { fakeOkta, sampleOrganisation } from '@macadam/adapters/sources/okta/fake';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { type ConfiguredSource, keepConfigured, keyBeside } from '@macadam/services/sources/configured';
import { sealed } from '@macadam/services/sources/credentials';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { StartedServer } from '@macadam/testing/server/started-server';
import { until } from '@macadam/testing/until';
import { HERE } from './folder.ts';

const TENANT = '8a1b0000-0000-4000-8000-000000000001';
const BASE = 'dc=north,dc=example';
/** What answers hold of secrets ends so. */
const IN_ANSWERS = 'hush-wren';

interface Target {
  readonly target: string;
  /** What whoever is wrong asks for, where both are refused: two that are told the same at the same time say one thing. */
  readonly strangerAt?: string;
  readonly options?: Readonly<Record<string, string>>;
  /** Variable → its value; what is no secret stands among them too. */
  readonly credentials: Readonly<Record<string, string>>;
  /** The variable that holds the secret. */
  readonly secret: string;
}

/** What right credentials and wrong ones end with: whatever holds one of them, however written, holds this. */
const ENDS = { right: 'own-wren-8e1d', wrong: 'own-wren-77aa' };
const secretOf = (source: string): string => `secret-of-${source}-${ENDS.right}`;
/** What a code host signs its events with. */
const HOOK = secretOf('webhook');
const strangerTo = (source: string): string => `stranger-to-${source}-${ENDS.wrong}`;

/** Every source that takes a credential, each asked where something answers as its host does. */
async function targetsIn(
  folder: string,
  hub: World,
  t: TestContext,
): Promise<Readonly<Record<string, Target>>> {
  const closing: (() => Promise<unknown>)[] = [];
  t.after(() => Promise.all(closing.map((close) => close())));
  const kept = <F extends { readonly close: () => Promise<unknown> }>(fake: F): F => {
    closing.push(fake.close);
    return fake;
  };
  const graph = kept(await fakeGraph([sampleTenant(TENANT, secretOf('entra'))]));
  const realms = kept(await fakeKeycloak([sampleRealm('north', secretOf('keycloak'), new Date())]));
  const organisation = kept(await fakeOkta(sampleOrganisation('00o1', secretOf('okta'))));
  const customer = kept(await fakeGoogle(sampleCustomer('C01abc23d', secretOf('google'))));
  const resources = kept(await fakeAzure(TENANT, secretOf('azure')));
  const account = { dn: `cn=macadam,${BASE}`, password: secretOf('ldap') };
  const directory = kept(await fakeDirectory(sampleEntries(BASE), account));
  const repositories = join(folder, 'repositories');
  const host = kept(await fakeGitlab(repositories, secretOf('gitlab')));
  fillSample(host, repositories);
  const cluster = kept(await echoing(`Bearer ${secretOf('kubernetes')}`));
  const cloud = kept(await echoing(null));
  return {
    entra: {
      target: TENANT,
      options: { url: graph.url },
      credentials: { ENTRA_TOKEN: secretOf('entra') },
      secret: 'ENTRA_TOKEN',
    },
    keycloak: {
      target: `${realms.url}/realms/north`,
      credentials: { KEYCLOAK_CLIENT_ID: 'macadam', KEYCLOAK_CLIENT_SECRET: secretOf('keycloak') },
      secret: 'KEYCLOAK_CLIENT_SECRET',
    },
    okta: { target: organisation.url, credentials: { OKTA_TOKEN: secretOf('okta') }, secret: 'OKTA_TOKEN' },
    google: {
      target: 'C01abc23d',
      options: { url: customer.url },
      credentials: { GOOGLE_TOKEN: secretOf('google') },
      secret: 'GOOGLE_TOKEN',
    },
    azure: {
      target: TENANT,
      options: { url: resources.url },
      credentials: { AZURE_TOKEN: secretOf('azure') },
      secret: 'AZURE_TOKEN',
    },
    ldap: {
      target: `${directory.url}/${BASE}`,
      credentials: { LDAP_BIND_DN: account.dn, LDAP_BIND_PASSWORD: account.password },
      secret: 'LDAP_BIND_PASSWORD',
    },
    gitlab: { target: host.url, credentials: { GITLAB_TOKEN: secretOf('gitlab') }, secret: 'GITLAB_TOKEN' },
    github: {
      target: 'acme',
      options: { url: hub.fake.url },
      credentials: { GITHUB_TOKEN: OWNER, GITHUB_WEBHOOK_SECRET: HOOK },
      secret: 'GITHUB_TOKEN',
    },
    kubernetes: {
      target: cluster.url,
      credentials: { KUBERNETES_TOKEN: secretOf('kubernetes') },
      secret: 'KUBERNETES_TOKEN',
    },
    aws: {
      target: '123456789012',
      strangerAt: '210987654321',
      options: { url: cloud.url, regions: 'eu-central-1' },
      credentials: { AWS_ACCESS_KEY_ID: 'AKIAOFTHETEST0000000', AWS_SECRET_ACCESS_KEY: secretOf('aws') },
      secret: 'AWS_SECRET_ACCESS_KEY',
    },
  };
}

/** A host that repeats in every refusal what it was sent, as no host should; and that answers whoever is right with a secret in each item. */
async function echoing(
  right: string | null,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const { authorization = '' } = request.headers;
    const isRight = authorization === right;
    response.writeHead(isRight ? 200 : 403, { 'content-type': 'application/json' });
    const item = {
      metadata: {
        name: 'kube-system',
        namespace: 'shop',
        uid: 'uid-1',
        annotations: { last: `copy-${IN_ANSWERS}` },
      },
      data: { token: `token-${IN_ANSWERS}` },
    };
    const refusal = {
      kind: 'Status',
      status: 'Failure',
      reason: 'Forbidden',
      message: `not by ${authorization}`,
    };
    response.end(JSON.stringify(isRight ? { kind: 'List', metadata: {}, items: [item] } : refusal));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A text as it stands, and as others write it: in hex, in an address, and in base64 whatever stands before it. */
function writtenAs(text: string): readonly string[] {
  const base64 = ['', 'x', 'xx'].flatMap((before) => {
    const whole = Buffer.from(`${before}${text}`).toString('base64');
    // Without what the bytes before and after it may change.
    return whole.slice(before === '' ? 0 : 4, Math.floor((before.length + text.length) / 3) * 4);
  });
  return [
    ...new Set([
      text,
      encodeURIComponent(text),
      Buffer.from(text).toString('hex'),
      ...base64,
      ...base64.map((one) => one.replaceAll('+', '-').replaceAll('/', '_')),
    ]),
  ];
}

function entriesOf(targets: Readonly<Record<string, Target>>, file: string) {
  const key = keyBeside(file, {});
  const environment: Record<string, string> = {};
  const sources: ConfiguredSource[] = [];
  for (const [source, asked] of Object.entries(targets)) {
    const { target, strangerAt = target, options = {}, credentials, secret } = asked;
    const own = { source, targets: [target], options };
    const kept = Object.entries(credentials).map(([name, value]) => [name, sealed(value, name, key)]);
    sources.push({ ...own, name: source, credentials: Object.fromEntries(kept) });
    const stranger = Object.entries(credentials).map(([name, value]) => {
      const variable = `STRANGER_${source}_${name}`.toUpperCase();
      environment[variable] = name === secret ? strangerTo(source) : value;
      return [name, `env:${variable}`];
    });
    sources.push({
      ...own,
      name: `${source}-stranger`,
      targets: [strangerAt],
      credentials: Object.fromEntries(stranger),
    });
  }
  keepConfigured(file, sources);
  return environment;
}

/** All that a server says to who asks it, by address. */
async function answersOf(server: StartedServer, assets: readonly string[]): Promise<Map<string, string>> {
  const paths = [
    '/',
    '/standards',
    '/assets',
    '/sources',
    '/work',
    '/exceptions',
    '/api/collections?limit=500',
    '/api/measuring',
    '/api/standards/phishing-resistant-credentials/assets?limit=500',
    '/faults',
    '/settings',
    ...assets.flatMap((id) => [`/assets/${encodeURIComponent(id)}`, `/api/assets/${encodeURIComponent(id)}`]),
  ];
  const found = new Map<string, string>();
  const take = async (path: string, accept: string): Promise<void> => {
    const answer = await server.ask(path, { headers: { accept } });
    const text = await answer.text();
    assert.equal(answer.status, 200, `${path}: ${text.slice(0, 300)}`);
    found.set(`${path} as ${accept}`, text);
  };
  for (const path of paths) await take(path, '*/*');
  for (const path of ['/api/standards/phishing-resistant-credentials/assets', '/api/collections'])
    await take(path, 'text/csv');
  const backup = await server.ask('/api/backup', { method: 'POST' });
  const archive = Buffer.from(await backup.arrayBuffer()).toString('latin1');
  assert.equal(backup.status, 200, archive.slice(0, 300));
  found.set('a backup', archive);
  return found;
}

/** A rule of one repository ends, its host tells so, and the server reads that one again and nothing else. */
async function toldOf({ state, fake }: World, server: StartedServer): Promise<void> {
  const strict = state.repositories.find(({ name }) => name === 'strict');
  assert.ok(strict);
  strict.classic = undefined;
  const body = JSON.stringify({ action: 'deleted', repository: { full_name: 'acme/strict' } });
  const send = (signature: string) =>
    server.ask('/webhooks/github', {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'branch_protection_rule',
        'x-hub-signature-256': `sha256=${signature}`,
      },
    });
  assert.equal((await send('0'.repeat(64))).status, 401);
  const from = fake.exchanged.length;
  assert.equal((await send(createHmac('sha256', HOOK).update(body).digest('hex'))).status, 202);
  await until('it was read again', async () => (await server.json('/api/measuring')).last.outcome === 'read');
  const asked = fake.exchanged.slice(from).map(({ path }) => path);
  assert.ok(asked.includes('/repos/acme/strict/branches/main/protection'));
  assert.deepEqual(
    asked.filter((path) => /\/repos\/acme\/(?!strict)|\/orgs\/acme\/repos/.test(path)),
    [],
  );
  const page = await (await server.ask('/sources?source=github')).text();
  assert.match(page, /Waiting to be read/);
  assert.match(page, /Last event of the host<\/th><td><time/);
}

test('no credential of any source, and no secret of an answer, stands in what a server says, shows, logs, keeps or backs up', async (t) => {
  const folder = trialFolder();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const hub = await fakeWorld();
  t.after(hub.close);
  const targets = await targetsIn(folder, hub, t);
  const takes = (await discoverSources()).filter(({ credentials = [] }) => credentials.length > 0);
  assert.deepEqual(Object.keys(targets).toSorted(), takes.map(({ id }) => id).toSorted());
  const file = join(folder, 'setup/sources.json');
  const environment = entriesOf(targets, file);
  const data = join(folder, 'data');
  mkdirSync(join(folder, 'estate'));
  writeFileSync(join(folder, 'estate/macadam.yaml'), '{}\n');
  const server = new StartedServer(
    ['--estate', join(folder, 'estate'), '--data', data, '--every', 'never', '--sources', file],
    { cache: join(folder, 'cache'), env: { ...environment, DEBUG: '*', LOG_LEVEL: 'trace' } },
  );
  const traces = new Map<string, string>();
  try {
    await server.login();
    await until(
      'it has measured',
      async () => {
        const { last, collected } = await server.json('/api/measuring');
        assert.equal(last?.problem ?? null, null);
        return collected !== null;
      },
      () => server.said.slice(-2000),
    );
    await toldOf(hub, server);
    const listed = await (await server.ask('/assets')).text();
    const ids = [
      ...new Set(
        [...listed.matchAll(/href="\/assets\/([^"?#]+)"/g)].map(([, id = '']) => decodeURIComponent(id)),
      ),
    ];
    assert.ok(ids.length > 20, `${ids.length} assets were found`);
    // Pages of one of each sort; all that was observed is read from the store, below.
    const shown = [...Map.groupBy(ids, (id) => id.split('/').slice(0, 2).join('/')).values()].flatMap(
      (alike) => alike.slice(0, 1),
    );
    for (const [path, text] of await answersOf(server, shown)) traces.set(path, text);
  } finally {
    if (!server.hasEnded) await server.end();
  }
  traces.set('what the server said', server.said);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !path.startsWith(join(folder, 'repositories')))
      traces.set(relative(folder, path), readFileSync(path, 'latin1'));
  }
  // The engine compresses what it keeps.
  cpSync(join(HERE, 'kinds'), join(folder, 'catalogue/kinds'), { recursive: true });
  const { kinds } = loadCatalogue([join(folder, 'catalogue')]);
  const stores = await openStores(join(data, 'facts'), { kinds, now: () => new Date() });
  const collections = await stores.facts.collections();
  const strict = await stores.facts.asset(`repository/${new URL(hub.fake.url).host}/101`);
  assert.deepEqual(strict?.attributes.get('default_branch_protection')?.statement, { absent: true });
  traces.set('the collections', JSON.stringify(collections));
  const observed = await stores.driver.query<{ readonly asset: string }>('SELECT * FROM observation');
  for (const kind of kinds.keys())
    for await (const asset of stores.facts.assets(kind)) {
      assert.ok(
        observed.some((row) => row.asset === asset.id),
        `nothing was read of ${asset.id}`,
      );
      traces.set(`what is merged of ${asset.id}`, JSON.stringify([...asset.attributes]));
    }
  traces.set('what was observed', observed.map((row) => JSON.stringify(row)).join('\n'));
  await stores.close();
  const decisions = await openDecisions(join(data, 'decisions'), { now: () => new Date() });
  const log = await Array.fromAsync(auditFileOf(decisions.auditLog()));
  traces.set('the log of decisions', Buffer.concat(log.map((part) => Buffer.from(part))).toString('utf8'));
  await decisions.close();
  assert.match(traces.get('the log of decisions') ?? '', /backup\.make/);
  for (const source of Object.keys(targets)) {
    const own = collections.filter(({ collection }) => collection.source === source);
    assert.equal(
      own.filter(({ collection }) => collection.part !== true).length,
      2,
      `${source} was asked with the right credential and with a wrong one`,
    );
    assert.equal(own.filter(({ collection }) => collection.part).length, source === 'github' ? 1 : 0);
    assert.ok(
      own.some(({ collection }) => collection.status === 'failed'),
      `${source} refuses a stranger`,
    );
    if (source !== 'aws')
      assert.ok(
        own.some(({ collection }) => collection.status !== 'failed'),
        `${source} was measured: ${JSON.stringify(own.map(({ collection }) => collection.problems))}`,
      );
  }
  const ends = [ENDS.right, ENDS.wrong, OWNER];
  for (const [source, { credentials, secret }] of Object.entries(targets))
    assert.ok(
      ends.some((end) => credentials[secret]?.endsWith(end)),
      `nobody looks for that of ${source}`,
    );
  const looked = ends.flatMap(writtenAs);
  for (const [name, text] of traces) {
    for (const written of looked) {
      const at = text.indexOf(written);
      assert.ok(at < 0, `${name} holds a credential: …${text.slice(Math.max(0, at - 60), at)}`);
    }
    const at = text.search(new RegExp(`[a-z]-${IN_ANSWERS}`));
    assert.ok(at < 0, `${name} holds a secret of an answer: ${text.slice(at - 60, at + 30)}`);
  }
});

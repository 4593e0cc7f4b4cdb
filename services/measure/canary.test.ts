/** Credentials and secrets in answers, through everything that comes of measuring: no canary stands in a report, a problem, a kept line or a file. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { discoverFormats } from '@macadam/adapters/discover';
import { fakeAzure } from '@macadam/adapters/sources/azure/fake';
import { source as azure } from '@macadam/adapters/sources/azure/source';
import { fakeGraph, sampleTenant } from '@macadam/adapters/sources/entra/fake';
import { source as entra } from '@macadam/adapters/sources/entra/source';
import { fakeGitlab, fillSample } from '@macadam/adapters/sources/gitlab/fake';
import { source as gitlab } from '@macadam/adapters/sources/gitlab/source';
import { fakeGoogle, sampleCustomer } from '@macadam/adapters/sources/google/fake';
import { source as google } from '@macadam/adapters/sources/google/source';
import { fakeKeycloak, sampleRealm } from '@macadam/adapters/sources/keycloak/fake';
import { source as keycloak } from '@macadam/adapters/sources/keycloak/source';
import { fakeDirectory, sampleEntries } from '@macadam/adapters/sources/ldap/fake';
import { source as ldap } from '@macadam/adapters/sources/ldap/source';
import { fakeOkta, sampleOrganisation } from '@macadam/adapters/sources/okta/fake';
import { source as okta } from '@macadam/adapters/sources/okta/source';
import { linesOf } from '../ingest/export.ts';
import { type Ask, type Measured, measure } from './measure.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const TENANT = '8a1b0000-0000-4000-8000-000000000001';
/**
 * Credentials that we were given end so; what answers hold of secrets ends with `hush-wren`.
 * Both have letters beyond `f`, so that no digest in what is shown reads like one.
 */
const OWN = 'own-wren';
const CANARIES = /(?:own|hush)-wren/;

interface World {
  readonly asks: (secretOf: (name: string) => string) => readonly Ask[];
  readonly close: () => Promise<void>;
}

async function worldOf(folder: string): Promise<World> {
  const secret = (name: string): string => `secret-of-${name}-${OWN}`;
  const repositories = join(folder, 'repositories');
  const graph = await fakeGraph([sampleTenant(TENANT, secret('entra'))]);
  const realms = await fakeKeycloak([sampleRealm('north', secret('keycloak'), NOW)]);
  const organisation = await fakeOkta(sampleOrganisation('00o1', secret('okta')));
  const customer = await fakeGoogle(sampleCustomer('C01abc23d', secret('google')));
  const resources = await fakeAzure(TENANT, secret('azure'));
  const base = 'dc=north,dc=example';
  const directory = await fakeDirectory(sampleEntries(base), {
    dn: `cn=macadam,${base}`,
    password: secret('ldap'),
  });
  const host = await fakeGitlab(repositories, secret('gitlab'));
  fillSample(host, repositories);
  const fakes = [graph, realms, organisation, customer, resources, directory, host];
  return {
    asks: (secretOf) => [
      {
        source: entra,
        targets: [TENANT],
        options: { url: graph.url },
        environment: { ENTRA_TOKEN: secretOf('entra') },
      },
      {
        source: keycloak,
        targets: [`${realms.url}/realms/north`],
        options: {},
        environment: { KEYCLOAK_CLIENT_ID: 'macadam', KEYCLOAK_CLIENT_SECRET: secretOf('keycloak') },
      },
      {
        source: okta,
        targets: [organisation.url],
        options: {},
        environment: { OKTA_TOKEN: secretOf('okta') },
      },
      {
        source: google,
        targets: ['C01abc23d'],
        options: { url: customer.url },
        environment: { GOOGLE_TOKEN: secretOf('google') },
      },
      {
        source: azure,
        targets: [TENANT],
        options: { url: resources.url },
        environment: { AZURE_TOKEN: secretOf('azure') },
      },
      {
        source: ldap,
        targets: [`${directory.url}/${base}`],
        options: {},
        environment: { LDAP_BIND_DN: directory.account.dn, LDAP_BIND_PASSWORD: secretOf('ldap') },
      },
      {
        source: gitlab,
        targets: [host.url],
        options: {},
        environment: { PATH: process.env.PATH, GITLAB_TOKEN: secretOf('gitlab') },
      },
    ],
    close: async () => {
      for (const fake of fakes) await fake.close();
    },
  };
}

async function measured(asks: readonly Ask[], folder: string): Promise<Measured> {
  const found = await measure({
    estateFolder: folder,
    catalogueRoots: [join(import.meta.dirname, '../..')],
    standards: [],
    pillars: ['identities', 'tenants', 'engineering'],
    cacheDirectory: join(folder, 'cache'),
    now: () => NOW,
    asks,
    view: 'head',
    engine: 'test',
    title: 'test',
    environment: {},
    progress: () => {},
  });
  assert.ok('report' in found);
  return found;
}

/** Everything that a measurement shows or keeps, by name. */
async function tracesOf({ report, collected }: Measured, folder: string): Promise<Map<string, string>> {
  const traces = new Map<string, string>();
  for (const format of await discoverFormats())
    traces.set(`the report as ${format.id}`, await format.render(report, { color: false, width: 200 }));
  for (const batch of collected)
    traces.set(`lines of ${batch.collection.source}`, [...linesOf(batch)].join(''));
  for (const file of readdirSync(join(folder, 'cache'), { recursive: true, withFileTypes: true }))
    if (file.isFile()) traces.set(file.name, readFileSync(join(file.parentPath, file.name), 'latin1'));
  return traces;
}

test('no credential of a directory or a host, and no secret in its answers, stands in anything that is shown or kept', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-canary-'));
  const world = await worldOf(folder);
  t.after(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const right = await measured(
    world.asks((name) => `secret-of-${name}-${OWN}`),
    folder,
  );
  for (const { collection, observations } of right.collected)
    assert.ok(observations.length > 0, `${collection.source} was measured`);
  const wrong = await measured(
    world.asks((name) => `stranger-to-${name}-${OWN}`),
    folder,
  );
  for (const { collection } of wrong.collected)
    assert.equal(collection.status, 'failed', `${collection.source} refuses a stranger`);
  for (const one of [right, wrong])
    for (const [name, text] of await tracesOf(one, folder))
      assert.ok(!CANARIES.test(text), `${name}: ${text.slice(text.search(CANARIES) - 60).slice(0, 90)}`);
});

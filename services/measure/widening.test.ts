/** Directories judged by the catalogue: each permission that is taken away only widens what is known of every standard. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { githubDescription } from '@macadam/adapters/imports/directories/github/description';
import * as entra from '@macadam/adapters/sources/entra/fake';
import { source as entraSource } from '@macadam/adapters/sources/entra/source';
import * as github from '@macadam/adapters/sources/github/fake-world';
import { source as githubSource } from '@macadam/adapters/sources/github/source';
import * as gitlab from '@macadam/adapters/sources/gitlab/fake';
import { source as gitlabSource } from '@macadam/adapters/sources/gitlab/source';
import * as google from '@macadam/adapters/sources/google/fake';
import { source as googleSource } from '@macadam/adapters/sources/google/source';
import * as keycloak from '@macadam/adapters/sources/keycloak/fake';
import { source as keycloakSource } from '@macadam/adapters/sources/keycloak/source';
import { fakeDirectory, sampleEntries } from '@macadam/adapters/sources/ldap/fake';
import { source as ldapSource } from '@macadam/adapters/sources/ldap/source';
import * as okta from '@macadam/adapters/sources/okta/fake';
import { source as oktaSource } from '@macadam/adapters/sources/okta/source';
import { type Ask, measure } from './measure.ts';

const TENANT = '8a1b0000-0000-4000-8000-000000000001';
const BASE = 'dc=north,dc=example';
const NOW = new Date('2026-11-01T00:00:00Z');

/** What is kept of the catalogue once it was read, for all of them. */
const cache = mkdtempSync(join(tmpdir(), 'macadam-widening-cache-'));
after(() => rmSync(cache, { recursive: true, force: true }));

/** Of each standard, how many pass and fail at least: what is unknown may be either. */
type Figures = ReadonlyMap<string, { readonly atLeast: number; readonly atMost: number; readonly n: number }>;

interface World {
  readonly ask: Ask;
  readonly permissions: readonly string[];
  readonly take: (permission: string) => void;
  readonly give: (permission: string) => void;
  /** How many standards have something to judge, at least. */
  readonly judged: number;
  /** Whether kinds lie inside of others: of what was not listed nobody looks for what lies in it. */
  readonly isNested?: boolean;
  readonly close: () => Promise<void>;
}

async function figures({ ask }: World, folder: string): Promise<Figures> {
  const measured = await measure({
    estateFolder: folder,
    catalogueRoots: [join(import.meta.dirname, '../..')],
    standards: [],
    pillars: ['identities', 'tenants', 'engineering'],
    cacheDirectory: cache,
    now: () => NOW,
    asks: [ask],
    view: 'head',
    engine: 'test',
    title: 'test',
    environment: {},
    progress: () => {},
  });
  assert.ok('report' in measured);
  const { standards } = measured.report.scan;
  return new Map(
    standards.map(({ id, pass, fail, unknown }) => {
      const n = pass + fail + unknown;
      return [id, { atLeast: n === 0 ? 0 : pass / n, atMost: n === 0 ? 1 : (pass + unknown) / n, n }];
    }),
  );
}

async function widens(t: TestContext, world: World): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-widening-'));
  t.after(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const whole = await figures(world, folder);
  assert.ok(
    [...whole.values()].filter(({ n }) => n > 0).length > world.judged,
    'several standards have something to judge',
  );
  for (const permission of world.permissions) {
    world.take(permission);
    const less = await figures(world, folder);
    world.give(permission);
    for (const [id, before] of whole) {
      const now = less.get(id);
      if (now === undefined && world.isNested === true) continue;
      assert.ok(now, id);
      // What is not listed any more is not known to be there: nothing of it counts as met.
      if (now.n === 0) continue;
      assert.ok(
        now.atLeast <= before.atLeast || now.n < before.n,
        `${id} without ${permission}: at least ${now.atLeast}, was ${before.atLeast}`,
      );
      assert.ok(
        now.atMost >= before.atMost || now.n < before.n,
        `${id} without ${permission}: at most ${now.atMost}, was ${before.atMost}`,
      );
    }
  }
}

test('without any one permission no interval of a standard narrows, and every standard is still shown', async (t) => {
  const tenant = entra.sampleTenant(TENANT, 'a-token');
  const fake = await entra.fakeGraph([tenant]);
  await widens(t, {
    ask: {
      source: entraSource,
      targets: [TENANT],
      options: { url: fake.url },
      environment: { ENTRA_TOKEN: 'a-token' },
    },
    permissions: [...entra.allPermissions()],
    take: (permission) => tenant.permissions.delete(permission),
    give: (permission) => tenant.permissions.add(permission),
    judged: 5,
    close: fake.close,
  });
});

test('without any one role of a realm no interval of a standard narrows', async (t) => {
  const realm = keycloak.sampleRealm('north', 'a-secret', NOW);
  const fake = await keycloak.fakeKeycloak([realm]);
  await widens(t, {
    ask: {
      source: keycloakSource,
      targets: [`${fake.url}/realms/north`],
      options: { environment: 'production' },
      environment: { KEYCLOAK_CLIENT_ID: 'macadam', KEYCLOAK_CLIENT_SECRET: 'a-secret' },
    },
    permissions: keycloak.allPermissions(),
    take: (permission) => realm.permissions.delete(permission),
    give: (permission) => realm.permissions.add(permission),
    judged: 5,
    close: fake.close,
  });
});

test('without any one scope of an organisation no interval of a standard narrows', async (t) => {
  const organisation = okta.sampleOrganisation('00o1', 'a-token');
  const fake = await okta.fakeOkta(organisation);
  await widens(t, {
    ask: {
      source: oktaSource,
      targets: [fake.url],
      options: { environment: 'production' },
      environment: { OKTA_TOKEN: 'a-token' },
    },
    permissions: okta.allPermissions(),
    take: (permission) => organisation.permissions.delete(permission),
    give: (permission) => organisation.permissions.add(permission),
    judged: 5,
    close: fake.close,
  });
});

test('without any one scope of a customer no interval of a standard narrows', async (t) => {
  const customer = google.sampleCustomer('C01abc23d', 'a-token');
  const fake = await google.fakeGoogle(customer);
  await widens(t, {
    ask: {
      source: googleSource,
      targets: [customer.id],
      options: { url: fake.url, environment: 'production' },
      environment: { GOOGLE_TOKEN: 'a-token' },
    },
    permissions: google.allPermissions(),
    take: (permission) => customer.permissions.delete(permission),
    give: (permission) => customer.permissions.add(permission),
    judged: 3,
    close: fake.close,
  });
});

test('without any one permission of a code host no interval of a standard narrows', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-widening-gitlab-'));
  const fake = await gitlab.fakeGitlab(folder, 'a-token');
  gitlab.fillSample(fake, folder);
  await widens(t, {
    ask: {
      source: gitlabSource,
      targets: [fake.url],
      options: { environment: 'production' },
      environment: { PATH: process.env.PATH, GITLAB_TOKEN: 'a-token' },
    },
    permissions: gitlab.allPermissions(),
    take: (permission) => fake.permissions.delete(permission),
    give: (permission) => fake.permissions.add(permission),
    judged: 5,
    isNested: true,
    close: async () => {
      await fake.close();
      rmSync(folder, { recursive: true, force: true });
    },
  });
});

test('without any one permission of GitHub no interval of a standard narrows', async (t) => {
  const world = await github.fakeWorld();
  github.fillSample(world);
  const needed = Map.groupBy(githubDescription.endpoints, ({ permission }) => permission);
  await widens(t, {
    ask: {
      source: githubSource,
      targets: ['acme'],
      options: { url: world.fake.url, environment: 'production' },
      environment: { PATH: process.env.PATH, GITHUB_TOKEN: github.OWNER },
    },
    permissions: [...needed.keys()],
    take: (permission) => {
      world.state.faults = (needed.get(permission) ?? []).map(({ path }) => github.refusalOf(path));
    },
    give: () => {
      world.state.faults = [];
    },
    judged: 8,
    isNested: true,
    close: world.close,
  });
});

test('without any one attribute of a directory no interval of a standard narrows', async (t) => {
  const fake = await fakeDirectory(sampleEntries(BASE), { dn: `cn=macadam,${BASE}`, password: 'a-secret' });
  await widens(t, {
    ask: {
      source: ldapSource,
      targets: [`${fake.url}/${BASE}`],
      options: { environment: 'production', privileged: '(cn=server-admins)' },
      environment: { LDAP_BIND_DN: fake.account.dn, LDAP_BIND_PASSWORD: fake.account.password },
    },
    permissions: [
      'entryuuid',
      'employeetype',
      'pwdchangedtime',
      'pwdaccountlockedtime',
      'pwdlastsuccess',
      'authtimestamp',
      'createtimestamp',
      'member',
      'objectclass',
    ],
    take: (attribute) => fake.hidden.add(attribute),
    give: (attribute) => fake.hidden.delete(attribute),
    judged: 3,
    close: fake.close,
  });
});

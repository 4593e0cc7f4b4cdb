/**
 * Two sources that are asked in one measurement: a cloud and a code host, with the chain from a branch to an identity of production; a cluster and
 * a code host, with the builds of what runs.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { commitFiles } from '@macadam/adapters/sources/fake-git';
import { fakeWorld, OWNER, type World } from '@macadam/adapters/sources/github/fake-world';
import { source as github } from '@macadam/adapters/sources/github/source';
import type { Source } from '@macadam/adapters/sources/port';
import { withEnvironment } from '@macadam/adapters/sources/stated-environment';
import { sigstoreAuthority } from '@macadam/testing/sigstore-authority';
import { readExport } from '../ingest/export.ts';
import { type Ask, measure } from './measure.ts';

let world: World;
const folder = mkdtempSync(join(tmpdir(), 'entrances-'));
before(async () => {
  world = await fakeWorld();
});
after(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Saved answers of an account with one role, whose trust is in an environment of the code host. */
function account(): Source {
  const issuer = `${new URL(world.fake.url).host}/_services/token`;
  const statement = {
    Effect: 'Allow',
    Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${issuer}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${issuer}:sub`]: 'repo:acme/plain:environment:production' } },
  };
  const role = {
    RoleId: 'AROAEXAMPLE',
    RoleName: 'release',
    CreateDate: '2026-10-31T00:00:00Z',
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [statement] },
    AttachedManagedPolicies: [],
    RolePolicyList: [],
    RoleLastUsed: {},
  };
  const answers = {
    'sts-get-caller-identity.json': {
      UserId: 'A',
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/a',
    },
    'iam-get-account-authorization-details.json': {
      UserDetailList: [],
      GroupDetailList: [],
      Policies: [],
      RoleDetailList: [role],
    },
  };
  return {
    id: 'aws',
    description: 'Saved answers of AWS.',
    target: 'ACCOUNT',
    options: [],
    collect: async ({ now }, emit) => {
      const files = Object.entries(answers).map(([path, body]) => ({
        path,
        bytes: Buffer.from(JSON.stringify(body)),
      }));
      const read = readExport('aws', {
        folder: 'aws',
        files,
        subject: null,
        takenAt: now(),
        receivedAt: now(),
      });
      assert.ok('batch' in read);
      const send = withEnvironment('production', emit, ({ kind }) => kind === 'application');
      for (const one of read.batch.observations) send(one);
      return read.batch.collection;
    },
  };
}

async function judged(asks: readonly Ask[]) {
  const measured = await measure({
    asks,
    standards: ['entrances-to-production-guarded'],
    pillars: [],
    estateFolder: folder,
    catalogueRoots: [join(import.meta.dirname, '../..')],
    cacheDirectory: join(folder, 'cache'),
    view: 'head',
    engine: 'test',
    title: 'test',
    environment: { PATH: process.env.PATH, GITHUB_TOKEN: OWNER },
    now: () => new Date(),
    progress: () => {},
  });
  assert.ok('report' in measured);
  const { standards, findings } = measured.report.scan;
  const [finding] = findings;
  return finding === undefined
    ? { pass: standards[0]?.pass, unknown: standards[0]?.unknown }
    : { reason: finding.reason, chain: finding.evidence.map(({ text }) => text) };
}

test('a chain from a branch to an identity of production is one chain, and without the code host nobody knows', async () => {
  const host = new URL(world.fake.url).host;
  // The cloud is asked first: what it sees waits for the code host.
  const cloud = { source: account(), targets: ['123456789012'], options: {} };
  const both = [cloud, { source: github, targets: ['acme'], options: { url: world.fake.url } }];
  const plain = world.state.repositories.find(({ name }) => name === 'plain');
  assert.ok(plain);
  const id = `${host}/_services/token repo:acme/plain:environment:production`;
  assert.deepEqual(await judged(both), {
    reason: 'unmade',
    chain: [`any branch → a job that names acme/plain production, which it makes → ${id} → this identity`],
  });

  plain.environments = [{ name: 'production', branches: 'all' }];
  assert.deepEqual(await judged(both), {
    reason: 'any-branch',
    chain: [`any branch → a job that names acme/plain production → ${id} → this identity`],
  });

  plain.environments = [{ name: 'production', branches: [{ name: 'main', type: 'branch' }] }];
  assert.deepEqual(await judged(both), { pass: 1, unknown: 0 });

  const job = 'environment: production\n    runs-on: [self-hosted]\n    steps:\n      - run: make deploy\n';
  world.state.heads.plain = commitFiles(join(world.root, 'acme/plain.git'), 'main', {
    '.github/workflows/release.yml': `on: push\njobs:\n  ship:\n    ${job}`,
  });
  world.state.runners = [{ id: 4, name: 'builder', group: 1, labels: ['self-hosted'], ephemeral: false }];
  world.state.runnerGroups = [{ id: 1, name: 'all', visibility: 'all', allowsPublic: true }];
  assert.deepEqual(await judged(both), {
    reason: 'shared-machine',
    chain: [
      'any branch of all repositories of acme → a job on builder, which stays → .github/workflows/release.yml: ship, which names acme/plain production → this identity',
    ],
  });

  const alone = await judged([cloud]);
  assert.equal(alone.reason, 'unobserved');
});

const COMMIT = 'c'.repeat(40);
const REPOSITORY = 'https://github.com/acme/shop';
const TEMPLATE = 'https://github.com/acme/templates/.github/workflows/release.yml@refs/tags/v4';
const RUN = `${REPOSITORY}/actions/runs/17/attempts/1`;
const ISSUER = 'https://token.actions.githubusercontent.com';
const BUILD_TYPE = 'https://actions.github.io/buildtypes/workflow/v1';
const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** Provenance as a release of the template signs it. */
const provenanceOf = (digest: string): object => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'ghcr.io/acme/shop', digest: { sha256: digest.slice('sha256:'.length) } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        workflow: { ref: 'refs/tags/v1', repository: REPOSITORY, path: '.github/workflows/ship.yml' },
      },
      internalParameters: { github: { event_name: 'push' } },
      resolvedDependencies: [{ uri: `git+${REPOSITORY}@refs/tags/v1`, digest: { gitCommit: COMMIT } }],
    },
    runDetails: {
      builder: { id: TEMPLATE },
      metadata: { invocationId: RUN, finishedOn: '2026-11-20T10:04:00Z' },
    },
  },
});
const EXTENSIONS = {
  8: ISSUER,
  9: TEMPLATE,
  10: '7'.repeat(40),
  11: 'github-hosted',
  12: REPOSITORY,
  13: COMMIT,
  14: 'refs/tags/v1',
  18: `${REPOSITORY}/.github/workflows/ship.yml@refs/tags/v1`,
  19: COMMIT,
  20: 'push',
  21: RUN,
};

/** A cluster of production that runs one image for each digest. */
function cluster(digests: readonly string[]): Source {
  const pods = digests.map((digest, index) => ({
    metadata: { name: `p${index}`, namespace: 'shop', uid: `u${index}` },
    status: { phase: 'Running', containerStatuses: [{ imageID: `ghcr.io/acme/shop@${digest}` }] },
  }));
  return {
    id: 'kubernetes',
    description: 'Saved answers of a cluster.',
    target: 'CONTEXT',
    options: [],
    collect: async ({ now }, emit) => {
      const answers = { pods, namespaces: [{ metadata: { name: 'kube-system', uid: 'cluster' } }] };
      const files = Object.entries(answers).map(([name, items]) => ({
        path: `${name}.json`,
        bytes: Buffer.from(JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata: {}, items })),
      }));
      const read = readExport('kubernetes', {
        folder: 'cluster',
        files,
        subject: null,
        takenAt: now(),
        receivedAt: now(),
      });
      assert.ok('batch' in read, JSON.stringify(read));
      const send = withEnvironment('production', emit, ({ kind }) => kind === 'running-image');
      for (const one of read.batch.observations) if (one.kind === 'running-image') send(one);
      return {
        ...read.batch.collection,
        // Of what else a cluster has nothing was saved.
        problems: [],
        partitions: read.batch.collection.partitions.filter(({ kind }) => kind === 'running-image'),
      };
    },
  };
}

test('builds of what runs are verified by what the code host keeps of them, and an image without one is found', async () => {
  const authority = sigstoreAuthority(new Date('2026-01-01T00:00:00Z'));
  const estate = mkdtempSync(join(folder, 'estate-'));
  writeFileSync(join(estate, 'root.json'), authority.trustedRoot);
  writeFileSync(join(estate, 'macadam.yaml'), 'builds: { policy: builds.yaml }\n');
  writeFileSync(
    join(estate, 'builds.yaml'),
    `trust_root: root.json\nbuilders:\n  - id: "https://github.com/acme/templates/*"\n    issuer: ${ISSUER}\n    build_types: [${BUILD_TYPE}]\n    sources: ["https://github.com/acme/*"]\n    refs: ["refs/tags/*"]\n    environment: production\n    templates: [acme/templates/]\n`,
  );
  const [shown, forged, unknown] = [digestOf('a'), digestOf('b'), digestOf('d')];
  const signedAt = new Date('2026-11-20T10:05:00Z');
  const bundle = authority.bundle(provenanceOf(shown), EXTENSIONS, signedAt);
  // Signed by an authority that the policy does not name.
  const strange = sigstoreAuthority(new Date('2026-01-01T00:00:00Z'));
  world.state.stored = { '1.json.sn': packed(JSON.stringify(bundle)) };
  world.state.attestations = {
    [shown]: ['1.json.sn'],
    [forged]: [strange.bundle(provenanceOf(forged), EXTENSIONS, signedAt)],
  };
  const running = { source: cluster([shown, forged, unknown]), targets: ['shop'], options: {} };
  const host = { source: github, targets: ['acme'], options: { url: world.fake.url } };
  const measuredBy = async (asks: readonly Ask[]) => {
    const measured = await measure({
      asks,
      standards: ['builds-from-governed-templates', 'running-images-are-known'],
      pillars: [],
      estateFolder: estate,
      catalogueRoots: [join(import.meta.dirname, '../..')],
      cacheDirectory: join(folder, 'cache'),
      view: 'head',
      engine: 'test',
      title: 'test',
      environment: { PATH: process.env.PATH, GITHUB_TOKEN: OWNER },
      now: () => new Date(),
      progress: () => {},
    });
    assert.ok('report' in measured);
    const { standards, findings } = measured.report.scan;
    const [builds] = standards.filter(({ id }) => id === 'builds-from-governed-templates');
    return {
      pass: builds?.pass,
      fail: builds?.fail,
      unknown: builds?.unknown,
      found: findings
        .filter(({ verdict }) => verdict === 'fail')
        .map(({ standard, reason, asset }) => `${standard} ${reason} ${asset.name}`)
        .toSorted(),
      problems: measured.collected.flatMap(({ collection }) => collection.problems.map(({ code }) => code)),
    };
  };
  const short = (digest: string) => `ghcr.io/acme/shop@${digest.slice(0, 19)}`;
  assert.deepEqual(await measuredBy([running, host]), {
    pass: 1,
    fail: 2,
    unknown: 0,
    found: [
      `builds-from-governed-templates unproved ${short(forged)}`,
      `builds-from-governed-templates unproved ${short(unknown)}`,
      `running-images-are-known no-build ${short(forged)}`,
      `running-images-are-known no-build ${short(unknown)}`,
    ],
    problems: [],
  });

  // Nobody says that there is none where attestations are not shown, or where a file cannot be fetched.
  world.state.faults = [{ match: /attestations\/repositories/, times: 9, status: 403 }];
  const refused = await measuredBy([running, host]);
  assert.deepEqual([refused.pass, refused.fail, refused.problems], [1, 0, ['attestations-unread']]);
  world.state.faults = [];
  world.state.stored = {};
  const unfetched = await measuredBy([running, host]);
  assert.deepEqual([unfetched.pass, unfetched.fail], [0, 2]);
  const alone = await measuredBy([running]);
  assert.deepEqual([alone.pass, alone.fail, alone.problems], [0, 0, ['attestations-unread']]);
});

/** Snappy of what is shorter than 65,536 bytes, and nothing in it repeated. */
function packed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const size = bytes.length;
  const length = [(size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, size >> 14];
  return Buffer.concat([Buffer.from([...length, 61 << 2, (size - 1) & 0xff, (size - 1) >> 8]), bytes]);
}

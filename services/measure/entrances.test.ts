/** A cloud and a code host that are asked in one measurement: the chain from a branch to an identity of production, and what it comes to. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { commitFiles } from '@macadam/adapters/sources/fake-git';
import { fakeWorld, OWNER, type World } from '@macadam/adapters/sources/github/fake-world';
import { source as github } from '@macadam/adapters/sources/github/source';
import type { Source } from '@macadam/adapters/sources/port';
import { withEnvironment } from '@macadam/adapters/sources/stated-environment';
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

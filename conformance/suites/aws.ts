/**
 * Two accounts as moto answers for them, by the official SDK: what the source makes of them, what each permission that is taken away leaves
 * unknown, that a throttled request is asked again, and what a change between two measurements is in the history of a running server.
 */
import { spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectWith } from '@macadam/adapters/sources/aws/collect';
import { source } from '@macadam/adapters/sources/aws/source';
import { collectBy as collectCertificates } from '@macadam/adapters/sources/certificates/collect';
import { readPkcs12 } from '@macadam/adapters/sources/certificates/pkcs12';
import { source as certificates } from '@macadam/adapters/sources/certificates/source';
import { ingest } from '@macadam/core/facts/ingest';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { diagnose } from '@macadam/core/kinds/diagnose';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { aesStore, certificate, PASSWORD } from '@macadam/testing/certificates/stores';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { StartedServer } from '@macadam/testing/server/started-server';
import type { Case, Suite } from '../suite.ts';
import {
  type Ask,
  administrator,
  CONFORMANCE,
  closedTo,
  fill,
  keepCertificate,
  load,
  NORTH,
  organise,
  person,
  REGION,
  ROOT,
  recordFlows,
  secondAccount,
  trust,
} from './aws/account.ts';
import { type Gate, gateBefore } from './aws/gate.ts';
import { LiveEstate, same, settled } from './live/estate.ts';
import { freePort, lacksMoto, startMoto } from './moto/process.ts';

/** Made for tests, and used nowhere; Certificate Manager takes no key of Ed25519. */
const PAIR = { certificate, key: keyOf(aesStore) };

function keyOf(store: Buffer): string {
  const [key] = readPkcs12(store, PASSWORD).keys;
  if (key === undefined) throw new Error('the store holds no key');
  const opened = createPrivateKey({ key: key.der, format: 'der', type: 'pkcs8', passphrase: PASSWORD });
  return opened.export({ type: 'pkcs8', format: 'pem' }).toString();
}

const { kinds } = loadCatalogue([join(import.meta.dirname, '../..')]);
const KEY = { AWS_ACCESS_KEY_ID: ROOT.accessKeyId, AWS_SECRET_ACCESS_KEY: ROOT.secretAccessKey };

interface Collected {
  readonly collection: Collection;
  readonly observations: readonly Observation[];
}

async function collected(gate: Gate, accounts: readonly string[]): Promise<Collected> {
  const observations: Observation[] = [];
  const collection = await collectWith(
    load,
    {
      targets: accounts,
      options: { url: gate.url, role: 'reader', environment: 'production', home: REGION, flows: 'read' },
      view: 'head',
      excludes: [],
      parameters: {},
      cacheDirectory: '/nonexistent',
      environment: KEY,
      now: () => new Date(),
    },
    { emit: (one) => observations.push(one), report: () => {} },
  );
  return { collection, observations };
}

export const suite: Suite = {
  name: 'aws',
  proves:
    'accounts of AWS are measured as moto tells of them by the official SDK, and their changes have the right cause',
  vectors: [],
  lacks: lacksMoto,
  runsPeer: true,
  needsInstall: true,
  load: async () => {
    const service = await startMoto(await freePort());
    const gate = await gateBefore(service.endpoint);
    try {
      const north = administrator(service.endpoint, ROOT);
      const south = await secondAccount(service.endpoint);
      await fill(north, 'north');
      await fill(south.ask, 'south');
      await organise(north, south.id);
      await keepCertificate(south.ask, PAIR);
      await recordFlows(north, 'logs-north');
      const accounts = [NORTH, south.id];
      const whole = await collected(gate, accounts);
      const cases = [
        ...wholeCases(whole),
        ...organisationCases(whole, south.id),
        ...flowCases(whole),
        ...(await certificateCases(gate, south.id)),
        ...(await permissionCases(gate)),
        ...(await throttledCases(gate)),
      ];
      const history = await historyCases(gate, accounts, north).catch((error: Error) => [
        settled('a server measures two accounts twice', error.message),
      ]);
      return [...cases, ...history];
    } finally {
      gate.close();
      service.stop();
    }
  },
};

function wholeCases({ collection, observations }: Collected): readonly Case[] {
  const misfits = observations.flatMap((one) => {
    const kind = kinds.get(one.kind);
    if (kind === undefined) return [`there is no kind ${one.kind}`];
    return [
      ...diagnose(kind, one.attributes).map((each) => `${one.id}: ${JSON.stringify(each)}`),
      ...ingest(kinds, one).problems.map(({ message }) => message),
    ];
  });
  const names = (kind: string, format?: string): string =>
    observations
      .filter((one) => one.kind === kind && one.format === format)
      .map(({ name }) => name)
      .toSorted()
      .join();
  const problems = collection.problems.map(({ code }) => code).toSorted();
  const tenants = observations.filter(({ kind }) => kind === 'tenant').map(({ id }) => id);
  return [
    settled('every observation fits its kind', misfits[0] ?? null),
    // The second account does not manage the organisation, and so cannot say which accounts there are.
    settled('every list of two accounts is whole', same(problems, ['tenants-not-listed'])),
    settled('people', same(names('user'), 'ann,ann,bob,bob')),
    settled('programs', same(names('application'), 'batch,batch,ci,ci')),
    settled(
      'roles',
      same(
        names('application', 'role'),
        'OrganizationAccountAccessRole,anybody,anybody,partner,partner,platform,platform',
      ),
    ),
    settled('keys that sign', same(names('signing-key'), 'tokens,tokens')),
    settled(
      'buckets',
      same(names('cloud-resource', 'AWS::S3::Bucket'), 'data-north,data-south,logs-north,logs-south'),
    ),
    settled('machines', same(observations.filter(({ format }) => format === 'AWS::EC2::Instance').length, 4)),
    settled('accounts', same(new Set(tenants).size, 2)),
    settled(
      'no secret is in an observation',
      /canary/.test(JSON.stringify([collection, observations])) ? 'one is' : null,
    ),
  ];
}

function organisationCases({ observations }: Collected, member: string): readonly Case[] {
  const tenant = observations.find(({ kind, id }) => kind === 'tenant' && id.endsWith(member));
  const said = (name: string): unknown => {
    const statement = tenant?.attributes[name];
    return statement && 'value' in statement ? statement.value : statement;
  };
  const active = Date.parse(String(said('last_active_at')));
  return [
    settled('whose an account is, by its tag', same(said('owners'), ['payments'])),
    settled(
      'when an account ends, by the schedule that closes it',
      same(said('expires_at'), '2027-01-31T00:00:00Z'),
    ),
    settled('what a trail delivered of it', same(Math.abs(Date.now() - active) < 3_600_000, true)),
  ];
}

function flowCases({ observations }: Collected): readonly Case[] {
  const known = observations.flatMap(({ attributes: { senders } }) =>
    senders !== undefined && 'value' in senders ? [senders] : [],
  );
  const sent = known.flatMap(
    ({ value }) => value as readonly { readonly rule: string; readonly service: string }[],
  );
  return [
    settled(
      'who sent by a list of prefixes, by flow records in a bucket',
      same(
        sent.map(({ rule, service }) => [rule.replace(/^sgr-[0-9a-f]+/, 'sgr'), service]),
        [['sgr/192.0.2.0/24', 'reports']],
      ),
    ),
    settled(
      'no list of senders of the account that records flows is open',
      known.find(({ complete }) => complete === false)?.why ?? null,
    ),
  ];
}

/** The certificate of a test, in a file of one boundary and in the account of another. */
async function certificateCases(gate: Gate, account: string): Promise<readonly Case[]> {
  const folder = trialFolder();
  const file = join(folder, 'boundaries.yaml');
  writeFileSync(join(folder, 'shop.pem'), PAIR.certificate);
  writeFileSync(
    file,
    `boundaries:\n  shop: [{ path: shop.pem }]\n  account: [{ aws: "${account}", role: reader, home: ${REGION}, url: "${gate.url}" }]\n`,
  );
  const look = async (): Promise<Collected> => {
    const observations: Observation[] = [];
    const collection = await collectCertificates(
      { load },
      {
        targets: [file],
        options: {},
        view: 'head',
        excludes: [],
        parameters: {},
        cacheDirectory: folder,
        environment: KEY,
        now: () => new Date(),
      },
      { emit: (one) => observations.push(one), report: () => {} },
    );
    return { collection, observations };
  };
  const placesIn = ({ observations }: Collected): readonly string[] => {
    const found = observations.find(
      ({ attributes: { type } }) => type && 'value' in type && type.value === 'certificate',
    );
    const places = found?.attributes.found_in;
    return places && 'value' in places
      ? (places.value as readonly { readonly place: string }[]).map(({ place }) =>
          place.replace(/[0-9a-f-]{36}$/, 'id'),
        )
      : [];
  };
  const whole = await look();
  const cases = [
    settled('certificates of an account are listed whole', same(whole.collection.problems, [])),
    settled(
      'one certificate in a file, in Certificate Manager and in IAM is one',
      same(placesIn(whole), [
        'shop.pem',
        `arn:aws:acm:${REGION}:${account}:certificate/id`,
        `arn:aws:iam::${account}:server-certificate/front`,
      ]),
    ),
    settled(
      'its key stays where it is',
      /PRIVATE KEY|canary/.test(JSON.stringify(whole)) ? 'it is told' : null,
    ),
  ];
  const described = await certificates.described?.();
  for (const { path, permission } of described?.endpoints ?? []) {
    if (!permission.includes(':')) continue;
    gate.refused.add(permission);
    const less = await look();
    gate.refused.clear();
    const isNamed = less.collection.problems.some(({ remedy }) => remedy === `grant ${permission}`);
    cases.push(settled(`without ${permission} it is named (${path})`, isNamed ? null : 'it is not'));
    const isOpen = less.observations.every(
      ({ attributes: { found_in: places } }) => places && 'complete' in places && places.complete === false,
    );
    cases.push(settled(`without ${permission} no list of places is whole`, isOpen ? null : 'one is'));
  }
  rmSync(folder, { recursive: true, force: true });
  return cases;
}

/** Each permission is taken away in turn: it is named, nothing is known better without it, and nothing is called absent. */
async function permissionCases(gate: Gate): Promise<readonly Case[]> {
  const whole = await collected(gate, [NORTH]);
  const described = await source.described?.();
  const permissions = new Set(
    (described?.endpoints ?? [])
      .flatMap(({ permission }) => permission.split(', '))
      .filter((one) => one.includes(':')),
  );
  const cases: Case[] = [];
  for (const permission of permissions) {
    gate.refused.add(permission);
    const less = await collected(gate, [NORTH]);
    gate.refused.clear();
    // moto has neither analyses nor grants: nothing of an account leads to these.
    if (NOT_IN_MOTO.has(permission)) continue;
    // A count that is not told stands beside nothing.
    const isNamed = permission === 'iam:GetAccountSummary' || JSON.stringify(less).includes(permission);
    cases.push(settled(`without ${permission} it is named`, isNamed ? null : 'it is not'));
    // Where nobody analysed anything, as little is known with the permission.
    const isNone = permission === 'ec2:DescribeNetworkInsightsAccessScopeAnalyses';
    const known = better(whole, less);
    cases.push(
      settled(
        `without ${permission} nothing is known better`,
        isNone && known === 'as much is known' ? null : known,
      ),
    );
  }
  return cases;
}

const NOT_IN_MOTO: ReadonlySet<string> = new Set([
  'ec2:GetNetworkInsightsAccessScopeContent',
  'ec2:GetNetworkInsightsAccessScopeAnalysisFindings',
  's3:ListAccessGrants',
]);

function better(whole: Collected, less: Collected): string | null {
  for (const one of less.observations) {
    const full = whole.observations.find(({ id }) => id === one.id);
    if (full === undefined) return `${one.id} is new`;
    for (const [name, statement] of Object.entries(one.attributes)) {
      if ('unobserved' in statement || ('complete' in statement && statement.complete === false)) continue;
      // A trail goes on, and a time since the beginning too.
      if (name === 'last_event_at' || name === 'last_used_at') continue;
      if (JSON.stringify(statement) !== JSON.stringify(full.attributes[name]))
        return `${name} of ${one.id} is ${JSON.stringify(statement)}`;
    }
  }
  const lost = less.collection.partitions.filter(({ complete }) => !complete).length;
  const before = whole.collection.partitions.filter(({ complete }) => !complete).length;
  const unknown = (all: Collected): number =>
    all.observations
      .flatMap(({ attributes }) => Object.values(attributes))
      .filter((one) => 'unobserved' in one || ('complete' in one && one.complete === false)).length;
  const witnesses = (all: Collected): number =>
    all.collection.partitions.filter(({ witness }) => witness !== undefined).length;
  return lost > before ||
    unknown(less) > unknown(whole) ||
    less.observations.length < whole.observations.length ||
    witnesses(less) < witnesses(whole)
    ? null
    : 'as much is known';
}

async function throttledCases(gate: Gate): Promise<readonly Case[]> {
  gate.asked.length = 0;
  const whole = await collected(gate, [NORTH]);
  for (const permission of new Set(gate.asked)) gate.throttled.add(permission);
  const again = await collected(gate, [NORTH]);
  const left = [...gate.throttled];
  const shown = ({ observations }: Collected) => observations.map(({ id }) => id).toSorted();
  return [
    settled(
      'every request was throttled once',
      same(
        left.filter((one) => whole && !FILLING.test(one)),
        [],
      ),
    ),
    settled(
      'and asked again',
      same(
        [again.collection.problems.length, shown(again)],
        [whole.collection.problems.length, shown(whole)],
      ),
    ),
  ];
}

/** What the source never asks. */
const FILLING = /:(?:Create|Enable|Start|Run|DescribeImages|Assume|other)/;

/** The first file that holds one, of what a server kept and of a backup of it. */
async function keptSecret(server: StartedServer, folder: string): Promise<string | null> {
  await server.end();
  const command = join(CONFORMANCE, '../apps/cli/main.ts');
  const backup = join(folder, 'backup');
  const made = spawnSync(process.execPath, [command, 'backup', backup, '--data', join(folder, 'data')], {
    encoding: 'utf8',
  });
  if (made.status !== 0) return `no backup was made: ${made.stderr}`;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const holding = files
    .map((one) => join(one.parentPath, one.name))
    .find((file) => readFileSync(file).includes('canary'));
  return holding === undefined ? null : `${holding} holds one`;
}

/** Somebody comes and somebody goes, a bucket is closed, a way out is taken away, and a role is taken from everybody. */
async function historyCases(gate: Gate, accounts: readonly string[], north: Ask): Promise<readonly Case[]> {
  const folder = trialFolder();
  const estate = join(folder, 'estate');
  mkdirSync(estate, { recursive: true });
  writeFileSync(join(estate, 'macadam.yaml'), '{}\n');
  const args = ['--estate', estate, '--data', join(folder, 'data'), '--every', 'never'];
  for (const account of accounts) args.push('--aws', account);
  args.push('--aws-environment', 'production', '--aws-role', 'reader', '--aws-url', gate.url);
  const env = { ...KEY, NODE_PATH: join(CONFORMANCE, 'node_modules') };
  const server = new StartedServer(args, { cache: join(folder, 'cache'), env });
  const live = new LiveEstate(server);
  try {
    await server.login();
    await live.begun();
    const before = await live.verdicts('phishing-resistant-credentials');
    await person(north, 'cyn');
    await north('iam', 'DeleteLoginProfile', { UserName: 'bob' });
    await north('iam', 'DeleteUser', { UserName: 'bob' });
    await north('iam', 'UpdateAssumeRolePolicy', {
      RoleName: 'anybody',
      PolicyDocument: trust({ Service: 'ec2.amazonaws.com' }),
    });
    await north('s3', 'PutBucketPolicy', { Bucket: 'data-north', Policy: closedTo('data-north') });
    const found = (
      await north('ec2', 'DescribeSubnets', { Filters: [{ Name: 'default-for-az', Values: ['true'] }] })
    ).Subnets as readonly { readonly SubnetId: string }[];
    for (const { SubnetId } of found)
      await north('ec2', 'ModifySubnetAttribute', { SubnetId, MapPublicIpOnLaunch: { Value: false } });
    await live.measured();
    const changed = async (standard: string) =>
      [...(await live.changes(standard)).values()].flat().toSorted();
    const ways = await changed('segments-default-outbound-off');
    return [
      settled('four people are judged', same(before.size, 4)),
      settled(
        // By which method they sign in AWS does not say, so nobody fails by it.
        'one came and one went',
        same(await changed('phishing-resistant-credentials'), ['entered-unknown', 'gone-unknown']),
      ),
      settled('a closed bucket is fixed', same(await changed('resources-inside-perimeter'), ['fixed'])),
      settled(
        'a role that everybody could take on is out of scope',
        same(await changed('multi-tenant-applications-contained'), ['out-of-scope-fail']),
      ),
      settled(
        `ways out of ${REGION} that nobody made are fixed where nothing is attached`,
        same(ways, ['fixed', 'fixed']),
      ),
      settled('no secret in what the server says', /canary/.test(server.said) ? 'one is' : null),
      settled('no secret in what it keeps, and in a backup', await keptSecret(server, folder)),
    ];
  } finally {
    if (!server.hasEnded) await server.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A cluster as the API's own description has it, in a server of the test: pages, refusals, and what each right that is missing leaves unknown. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { assetId, type Observation } from '@macadam/core/facts/observation';
import type { CollectRequest } from '../port.ts';
import { source } from './source.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const SIMPLE = new Date('2026-01-01T00:00:00Z').toISOString();

type Objects = Readonly<Record<string, readonly object[]>>;

const object = (name: string, more: object = {}, namespace = 'shop') => ({
  metadata: { name, namespace, uid: `uid-of-${name}`, creationTimestamp: SIMPLE },
  ...more,
});

const SAMPLE: Objects = {
  namespaces: ['kube-system', 'shop', 'open'].map((name) => ({
    metadata: { name, uid: `uid-of-${name}`, creationTimestamp: SIMPLE },
  })),
  serviceaccounts: [object('web'), object('job')],
  secrets: [
    {
      type: 'kubernetes.io/service-account-token',
      metadata: {
        name: 'job-token',
        namespace: 'shop',
        uid: 'uid-of-token',
        creationTimestamp: SIMPLE,
        annotations: {
          'kubernetes.io/service-account.uid': 'uid-of-job',
          'kubectl.kubernetes.io/last-applied-configuration': 'canary-of-a-copy',
        },
      },
      data: { token: 'canary-of-a-token' },
    },
  ],
  services: [
    object('web', { spec: {}, status: { loadBalancer: { ingress: [{ hostname: 'lb.example' }] } } }),
  ],
  ingresses: [
    object('front', {
      spec: {
        rules: [{ host: 'shop.example', http: { paths: [{ backend: { service: { name: 'web' } } }] } }],
      },
    }),
  ],
  networkpolicies: [
    object('closed', { spec: { podSelector: {}, policyTypes: ['Egress'], egress: [] } }),
    {
      metadata: { name: 'bank', namespace: 'shop', uid: 'uid-of-bank', labels: { team: 'payments' } },
      spec: {
        podSelector: { matchLabels: { app: 'web' } },
        policyTypes: ['Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }, {}],
      },
    },
  ],
  pods: [
    object('web-1', { status: { phase: 'Running' } }),
    object('done', { status: { phase: 'Succeeded' } }),
  ],
  rolebindings: [
    object('reads', {
      roleRef: { name: 'view' },
      subjects: [{ kind: 'Group', name: 'system:serviceaccounts:shop' }],
    }),
  ],
  clusterrolebindings: [
    {
      metadata: { name: 'rules', uid: 'uid-of-rules' },
      roleRef: { name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'job', namespace: 'shop' }],
    },
  ],
};

interface Cluster {
  readonly url: string;
  readonly forbidden: Set<string>;
  readonly asked: string[];
}

/** Pages of one object each; `expiring` names a list whose second page is refused once. */
async function cluster(t: TestContext, objects: Objects, expiring = new Set<string>()): Promise<Cluster> {
  const forbidden = new Set<string>();
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const plural = url.pathname.split('/').at(-1) ?? '';
    asked.push(url.pathname + url.search);
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const failure = (code: number, reason: string) =>
      answer(code, { kind: 'Status', status: 'Failure', code, reason, message: `${plural}: ${reason}` });
    if (request.headers.authorization !== 'Bearer canary-of-the-reader') return failure(401, 'Unauthorized');
    if (forbidden.has(plural)) return failure(403, 'Forbidden');
    const at = Number(url.searchParams.get('continue') ?? 0);
    if (at > 0 && expiring.delete(plural)) return failure(410, 'Expired');
    const all = objects[plural] ?? [];
    answer(200, {
      kind: plural === 'secrets' ? 'SecretList' : 'SomeList',
      metadata: at + 1 < all.length ? { continue: String(at + 1) } : {},
      items: all.slice(at, at + 1),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, forbidden, asked };
}

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const running = (name: string, ...imageIDs: readonly string[]) =>
  object(name, { status: { phase: 'Running', containerStatuses: imageIDs.map((imageID) => ({ imageID })) } });

async function collected(clusters: readonly Cluster[], more: Partial<CollectRequest> = {}) {
  const observations: Observation[] = [];
  const environment = Object.fromEntries(
    clusters.map(({ url }) => [
      `KUBERNETES_TOKEN_${new URL(url).host.replaceAll(/[^0-9]+/g, '_')}`,
      'canary-of-the-reader',
    ]),
  );
  const collection = await source.collect(
    {
      targets: clusters.map(({ url }) => url),
      options: { environment: 'production' },
      view: 'head',
      excludes: [],
      parameters: {},
      cacheDirectory: '/nonexistent',
      environment,
      now: () => NOW,
      ...more,
    },
    (one) => observations.push(one),
    () => {},
  );
  assert.ok(
    !JSON.stringify([collection, observations]).includes('canary'),
    'values of secrets stay where they are',
  );
  const attribute = (kind: string, key: readonly string[], name: string): unknown => {
    const found = observations.find(({ id }) => id === assetId(kind, key));
    assert.ok(found, `${kind} ${key.join()} is among ${observations.map(({ id }) => id).join()}`);
    return found.attributes[name];
  };
  return { collection, observations, attribute };
}

const DIRECTORY = 'kubernetes/uid-of-kube-system';

test('a cluster: identities with tokens that never end and what is bound to them, services, and ways out of namespaces', async (t) => {
  const north = await cluster(t, SAMPLE, new Set(['namespaces']));
  const { collection, attribute } = await collected([north]);
  assert.deepEqual([collection.status, collection.problems], ['complete', []]);
  const ids = (name: string, field: string) =>
    (
      attribute('application', [DIRECTORY, `uid-of-${name}`], field) as { value: readonly { id: string }[] }
    ).value.map(({ id }) => id);
  assert.deepEqual(ids('web', 'credentials'), ['projected']);
  assert.deepEqual(ids('job', 'credentials'), ['projected', 'uid-of-token']);
  assert.deepEqual(ids('web', 'privileges'), ['uid-of-reads']);
  assert.deepEqual(ids('job', 'privileges'), ['uid-of-rules', 'uid-of-reads']);
  assert.deepEqual(attribute('service', [DIRECTORY, 'uid-of-web'], 'dns_names'), {
    value: ['lb.example', 'shop.example', 'web.shop.svc'],
    complete: true,
  });
  const space = (name: string, what: string) => attribute('subnet', [DIRECTORY, `namespace/${name}`], what);
  assert.deepEqual(
    [space('shop', 'workloads'), space('shop', 'default_outbound'), space('open', 'default_outbound')],
    [{ value: 1 }, { value: false }, { value: true }],
  );
  assert.deepEqual(space('shop', 'egress'), {
    value: [
      { id: 'uid-of-bank/0/0', destination: '192.0.2.0/24', tag: 'payments' },
      { id: 'uid-of-bank/1/0', destination: 'any', tag: 'payments' },
    ],
    complete: true,
  });
  assert.ok(
    north.asked
      .filter((one) => one.startsWith('/api/v1/secrets'))
      .every((one) => one.includes('fieldSelector')),
  );
});

test('without any one right nothing is known better, and the right is named', async (t) => {
  const north = await cluster(t, SAMPLE);
  const full = await collected([north]);
  const described = await source.described?.();
  for (const { path, permission } of described?.endpoints ?? []) {
    north.forbidden.add(path.slice(1));
    const less = await collected([north]);
    north.forbidden.clear();
    assert.ok(
      JSON.stringify([less.collection, less.observations]).includes(permission),
      `${permission} is named`,
    );
    for (const one of less.observations) {
      const before = full.observations.find(({ id }) => id === one.id);
      for (const [name, statement] of Object.entries(one.attributes)) {
        if ('unobserved' in statement || ('complete' in statement && !statement.complete)) continue;
        assert.deepEqual(statement, before?.attributes[name], `${name} of ${one.id} without ${permission}`);
      }
    }
  }
});

test('two clusters are two, each by its own token, and one that does not say which it is takes nothing', async (t) => {
  const other = { ...SAMPLE, namespaces: [{ metadata: { name: 'kube-system', uid: 'uid-of-south' } }] };
  const both = [await cluster(t, SAMPLE), await cluster(t, other)];
  const { collection } = await collected(both);
  const containers = new Set(collection.partitions.map(({ container }) => container));
  assert.deepEqual([...containers], [DIRECTORY, 'kubernetes/uid-of-south']);
  const nameless = await cluster(t, { ...SAMPLE, namespaces: [] });
  const none = await collected([nameless]);
  assert.deepEqual([none.collection.status, none.observations], ['failed', []]);
  assert.match(none.collection.problems[0]?.message ?? '', /nobody knows which cluster it is/);
  const unset = await collected([nameless], { environment: {} });
  assert.match(unset.collection.problems[0]?.remedy ?? '', /KUBERNETES_TOKEN_127_0_0_1_/);
});

test('what pods run is delivered by digest, joined with an inventory and with builds, and what no registry named is a gap', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-inventories-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, 'shop.json'),
    JSON.stringify({
      bomFormat: 'CycloneDX',
      metadata: { component: { type: 'container', name: `registry.example.com/shop@${digest('a')}` } },
      components: [{ type: 'library', name: 'left', purl: 'pkg:npm/left@1.0.0' }],
    }),
  );
  writeFileSync(join(folder, 'note.json'), '{}');
  const pods = [
    running('one', `docker-pullable://registry.example.com:5000/shop@${digest('a')}`, ''),
    running('two', `registry.example.com:5000/shop@${digest('a')}`),
    object('over', {
      status: { phase: 'Failed', containerStatuses: [{ imageID: `x@${digest('b')}` }] },
    }),
  ];
  const options = { environment: 'production', inventories: folder };
  const one = await collected([await cluster(t, { ...SAMPLE, pods })], { options });
  const key = ['kubernetes/uid-of-kube-system', digest('a')];
  assert.deepEqual(one.attribute('running-image', key, 'name'), { value: 'registry.example.com:5000/shop' });
  assert.deepEqual(one.attribute('running-image', key, 'pods'), { value: 2 });
  assert.deepEqual(one.attribute('running-image', key, 'packages'), { value: 1 });
  assert.match(
    JSON.stringify(one.attribute('running-image', key, 'builds')),
    /nobody has asked for its provenance/,
  );
  assert.equal(one.observations.filter(({ kind }) => kind === 'running-image').length, 1);
  assert.deepEqual(
    one.collection.problems.map(({ code, message }) => `${code}: ${message}`),
    ['inventory-unused: note.json is no inventory (CycloneDX, SPDX), and no record of a vulnerability (OSV)'],
  );
  const local = await collected([await cluster(t, { ...SAMPLE, pods: [running('one', digest('c'))] })]);
  const part = local.collection.partitions?.find(({ kind }) => kind === 'running-image');
  assert.equal(part?.complete, false, JSON.stringify(part));
});

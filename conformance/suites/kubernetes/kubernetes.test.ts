import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeOf } from '../../judge.ts';
import { assetsOf } from './assets.ts';
import { readRules } from './cases.ts';
import { commandLine } from './command.ts';
import { differenceOf, differenceOfPaths, pointsOf } from './finding.ts';
import { fieldsOf, listOf, objectsOf } from './object.ts';
import { selects } from './selector.ts';
import { workloadOf } from './workload.ts';

const rules = await readRules();

/** The objects on which a rule alerts or that it cannot judge, each with its verdict. */
function judged(name: string, ...manifests: readonly string[]): readonly string[] {
  const rule = rules.get(name);
  assert.ok(rule, name);
  const judge = judgeOf(rule);
  return assetsOf(manifests.flatMap(objectsOf)).flatMap(({ object, facts }) => {
    const { verdict } = judge(facts);
    return verdict === 'fail' || verdict === 'unknown' ? [`${object} ${verdict}`] : [];
  });
}

test('a flag is read with and without its equals sign, and the last of a name counts', () => {
  const { program, flags } = commandLine('/usr/bin/kubelet --a=1 --b two --c --a=2,3 -v=4');
  assert.equal(program, 'kubelet');
  assert.deepEqual(
    Object.entries(flags).map(([name, { value, items }]) => [name, value, items.length]),
    [
      ['a', '2,3', 2],
      ['b', 'two', 1],
      ['c', 'true', 1],
    ],
  );
});

test("a cron job's containers are found at its kind's path, with amounts as numbers and images taken apart", () => {
  const [object] = objectsOf(`
kind: CronJob
spec: { jobTemplate: { spec: { template: { spec: { containers: [
  { name: a, image: "r.example:5000/x/y:1@sha256:00", resources: { limits: { cpu: 250m, memory: 1Ki, other: much } } }] } } } } }`);
  assert.ok(object);
  const container = fieldsOf(listOf(workloadOf(object)?.containers)[0]);
  assert.equal(container.path, 'spec.jobTemplate.spec.template.spec.containers[0]');
  assert.deepEqual(container.amounts, { limits: { cpu: 0.25, memory: 1024 }, requests: {} });
  assert.deepEqual(container.reference, { registry: 'r.example:5000', tag: '1', digest: 'sha256:00' });
});

test('a selector selects by every label and expression, an empty one everything', () => {
  const labels = { app: 'a', tier: 'web' };
  assert.equal(selects({}, labels), true);
  assert.equal(selects({ matchLabels: { app: 'a', tier: 'db' } }, labels), false);
  const selector = (operator: string, values?: string[]) => ({
    matchExpressions: [{ key: 'app', operator, values }],
  });
  assert.equal(selects(selector('NotIn', ['b']), labels), true);
  assert.equal(selects(selector('DoesNotExist'), labels), false);
  assert.equal(selects(selector('Near'), labels), false);
});

test('what a sensor could not read is unknown, unless a flag decides', () => {
  const kubelet = (line: string, file: string) =>
    `{ kind: KubeletInfo, metadata: { name: n }, data: { cmdLine: "kubelet ${line}", configFile: { ${file} } } }`;
  const text = Buffer.from('rotateCertificates: false').toString('base64');
  assert.deepEqual(judged('kubelet-rotate-certificates', kubelet('', '')), ['KubeletInfo/n unknown']);
  assert.deepEqual(judged('kubelet-rotate-certificates', kubelet('--rotate-certificates', '')), []);
  assert.deepEqual(judged('kubelet-rotate-certificates', kubelet('', `content: ${text}`)), [
    'KubeletInfo/n fail',
  ]);
});

test('a workload has the rights of its service account, when it mounts the token', () => {
  const access = `
kind: ClusterRole
metadata: { name: all }
rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]
---
kind: ClusterRoleBinding
metadata: { name: b }
subjects: [{ kind: ServiceAccount, name: s, namespace: n }]
roleRef: { kind: ClusterRole, name: all }`;
  const pod = (mounts: string) =>
    `{ kind: Pod, metadata: { name: p, namespace: n }, spec: { serviceAccountName: s${mounts}, containers: [{ name: c }] } }`;
  assert.deepEqual(judged('workload-with-administrative-roles', access, pod('')), ['Pod/p fail']);
  const unmounted = pod(', automountServiceAccountToken: false');
  assert.deepEqual(judged('workload-with-administrative-roles', access, unmounted), []);
});

test('rules of which the cases show one side only have another', () => {
  assert.deepEqual(
    judged(
      'etcd-auto-tls-disabled',
      '{ kind: Pod, metadata: { name: e }, spec: { containers: [{ command: [etcd, --auto-tls] }] } }',
    ),
    ['Pod/e fail'],
  );
  assert.deepEqual(judged('endpoints-in-default-namespace', '{ kind: Endpoints, metadata: { name: e } }'), [
    'Endpoints/e fail',
  ]);
  assert.deepEqual(
    judged('lease-in-default-namespace', '{ kind: Lease, metadata: { name: l, namespace: n } }'),
    [],
  );
  const encryption = Buffer.from('resources: [{ resources: [secrets], providers: [{ identity: {} }] }]');
  assert.deepEqual(
    judged(
      'ensure-that-the-api-server-encryption-providers-are-appropriately-configured',
      `{ kind: ControlPlaneInfo, metadata: { name: c }, data: { APIServerInfo: { cmdLine: kube-apiserver,
        encryptionProviderConfigFile: { content: ${encryption.toString('base64')} } } } }`,
    ),
    ['ControlPlaneInfo/c fail'],
  );
});

test('a difference says which objects, how many alerts or which paths', () => {
  const alert = (names: readonly string[], message = '') => ({
    alertMessage: message,
    failedPaths: ['spec.a'],
    reviewPaths: null,
    object: names.map((name) => ({ kind: 'Pod', name })),
  });
  const failing = [{ object: 'Pod/a', verdict: 'fail', paths: ['spec.b'] }] as const;
  assert.equal(differenceOf(failing, [alert(['a']), alert(['a'])]), null);
  assert.equal(differenceOf(failing, [alert(['b'])]), 'alerts on Pod/b there, here on Pod/a');
  assert.equal(differenceOf(failing, [alert([]), alert([])]), '2 alerts there, here 1: Pod/a');
  assert.equal(differenceOf(failing, []), '0 alerts there, here 1: Pod/a');
  assert.equal(differenceOfPaths(failing, [alert(['a'])]), 'at spec.a there, here at spec.b');
  const unknown = [{ object: 'Pod/a', verdict: 'unknown', why: 'failed' }] as const;
  assert.equal(differenceOf(unknown, [alert([], 'Failed to analyze config file')]), null);
  assert.equal(differenceOf(unknown, [alert(['a'])]), 'unknown: Pod/a: failed');
  assert.equal(
    differenceOf([], [alert([], 'Failed to analyze config file')]),
    '1 could not be analysed there, 0 are unknown here',
  );
});

test('every path at fault can be said', () => {
  for (const [name, rule] of rules) assert.doesNotThrow(() => pointsOf(rule), name);
});

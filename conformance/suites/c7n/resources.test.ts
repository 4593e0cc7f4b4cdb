import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeOf } from '../../judge.ts';
import type { Json } from './answers.ts';
import { resourcesOf } from './resources.ts';

function recorded(answers: Readonly<Record<string, Json>>) {
  const files = Object.entries(answers).map(([name, data]) => {
    const status_code = 'Error' in data ? 400 : 200;
    return [`${name}.json`, { status_code, data: { ...data, ResponseMetadata: {} } }] as const;
  });
  return Object.fromEntries(files);
}

const resources = (type: string, answers: Readonly<Record<string, Json>>) =>
  resourcesOf(type, recorded(answers));

test('descriptions are of what was listed, by what identifies it', () => {
  const answers = {
    'states.ListStateMachines_1': { stateMachines: [{ name: 'a' }, { name: 'b' }] },
    'states.DescribeStateMachine_1': { name: 'b', level: 2 },
    'states.DescribeStateMachine_2': { name: 'a', level: 1 },
  };
  assert.deepEqual(resources('step-machine', answers), [
    { name: 'a', level: 1 },
    { name: 'b', level: 2 },
  ]);
});

test('of names alone, the descriptions are the resources', () => {
  const answers = {
    'eks.ListClusters_1': { clusters: ['one'] },
    'eks.DescribeCluster_1': { cluster: { name: 'one', logging: { on: true }, subnets: [{ id: 1 }] } },
  };
  assert.deepEqual(resources('eks', answers), [{ name: 'one', logging: { on: true }, subnets: [{ id: 1 }] }]);
});

test('containers are not the resources that are in them', () => {
  const answers = {
    'ecs.ListClusters_1': { clusterArns: ['arn:c'] },
    'ecs.ListServices_1': { serviceArns: ['arn:s'] },
    'ecs.DescribeServices_1': { services: [{ serviceArn: 'arn:s', events: [{ id: '1' }] }], failures: [] },
  };
  assert.deepEqual(resources('ecs-service', answers), [{ serviceArn: 'arn:s', events: [{ id: '1' }] }]);
  const nested = { 'ec2.DescribeInstances_1': { Reservations: [{ Instances: [{ InstanceId: 'i' }] }] } };
  assert.deepEqual(resources('ec2', nested), [{ InstanceId: 'i' }]);
});

test('pages join, repetitions do not count, and versions are not repetitions', () => {
  const volume = { VolumeId: 'v1', Size: 1 };
  const pages = {
    'ec2.DescribeVolumes_1': { Volumes: [volume] },
    'ec2.DescribeVolumes_2': { Volumes: [{ ...volume, Size: 2 }, { VolumeId: 'v2' }] },
  };
  assert.deepEqual(resources('ebs', pages), [volume, { VolumeId: 'v2' }]);
  const versions = [
    { LaunchTemplateId: 'lt', VersionNumber: 1 },
    { LaunchTemplateId: 'lt', VersionNumber: 2 },
  ];
  const answers = {
    'ec2.DescribeLaunchTemplates_1': { LaunchTemplates: [{ LaunchTemplateId: 'lt' }] },
    'ec2.DescribeLaunchTemplateVersions_1': { LaunchTemplateVersions: versions },
  };
  assert.deepEqual(resources('launch-template-version', answers).length, 2);
});

test('tags come by ARN, by number, in order, or in the resource', () => {
  const tag = { Key: 'Env', Value: 'x' };
  const own = {
    'ecs.DescribeClusters_1': { clusters: [{ clusterArn: 'arn:c', tags: [{ key: 'Env', value: 'x' }] }] },
  };
  const map = { 'rest.GetStages_1': { item: [{ stageName: 's', tags: { Env: 'x' } }] } };
  const parameter = {
    'ssm.DescribeParameters_1': { Parameters: [{ Name: 'b' }, { Name: '/a/b' }] },
    'tagging.GetResources_1': {
      ResourceTagMappingList: [{ ResourceARN: 'arn:aws:ssm:us-east-1:1:parameter/a/b', Tags: [tag] }],
    },
  };
  const zone = {
    'route53.ListHostedZones_1': { HostedZones: [{ Id: '/hostedzone/Z1', Name: 'a.' }] },
    'route53.ListTagsForResources_1': { ResourceTagSets: [{ ResourceId: 'Z1', Tags: [tag] }] },
  };
  const ordered = {
    'sns.ListTopics_1': { Topics: [{ TopicArn: 'arn:t1' }, { TopicArn: 'arn:t2' }] },
    'sns.ListTagsForResource_1': { Tags: [] },
    'sns.ListTagsForResource_2': { Tags: [tag] },
  };
  const tagged = (type: string, answers: Readonly<Record<string, Json>>) =>
    (resources(type, answers) as { Tags?: unknown[] }[]).map(({ Tags }) => Tags);
  assert.deepEqual(tagged('ecs', own), [[tag]]);
  assert.deepEqual(tagged('rest-stage', map), [[tag]]);
  assert.deepEqual(tagged('ssm-parameter', parameter), [undefined, [tag]]);
  assert.deepEqual(tagged('hostedzone', zone), [[tag]]);
  assert.deepEqual(tagged('sns', ordered), [undefined, [tag]]);
});

test('what else was read hangs under its name', () => {
  const keys = {
    'kms.ListKeys_1': { Keys: [{ KeyId: 'k1' }, { KeyId: 'k2' }] },
    'kms.ListAliases_1': { Aliases: [{ AliasName: 'alias/a', TargetKeyId: 'k2' }] },
  };
  const [first, second] = resources('kms-key', keys) as { AliasNames?: unknown }[];
  assert.deepEqual([first?.AliasNames, second?.AliasNames], [undefined, ['alias/a']]);
  const buckets = {
    's3.ListBuckets_1': { Buckets: [{ Name: 'a' }], Owner: { ID: '1' } },
    's3.GetBucketVersioning_1': { Status: 'Enabled' },
  };
  assert.deepEqual(resources('s3', buckets), [{ Name: 'a', Versioning: { Status: 'Enabled' } }]);
});

test('a description that failed leaves its resource seen in part', () => {
  const answers = {
    'kms.ListKeys_1': { Keys: [{ KeyId: 'k1' }, { KeyId: 'k2' }] },
    'kms.DescribeKey_1': { Error: { Code: 'AccessDeniedException' } },
    'kms.DescribeKey_2': { KeyMetadata: { KeyId: 'k2', Enabled: true } },
  };
  const verdicts = (check: string) =>
    resources('kms-key', answers).map((each) => judgeOf({ check })(each).verdict);
  assert.deepEqual(verdicts('has(asset.Origin)'), ['unknown', 'fail']);
  assert.deepEqual(verdicts('has(asset.Enabled) && asset.Enabled'), ['unknown', 'pass']);
  assert.deepEqual(verdicts('asset.KeyId == "k1"'), ['pass', 'fail']);
});

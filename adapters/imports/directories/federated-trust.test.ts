/** Which changes of code fit what an identity trusts: what issuers write and clouds ask for, each form once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { federatedTrusts } from './aws/policy.ts';
import { trustList } from './federated-trust.ts';

const GITHUB = 'token.actions.githubusercontent.com';

const fromOf = (subject: string | null, isPattern = true, issuer = GITHUB, also: string | null = null) => {
  const [value] = trustList([{ issuer, subject, isPattern, also }]) as [{ readonly from: unknown }];
  return typeof value.from === 'string' ? value.from : 'unknown';
};

test('of a subject of GitHub it is known which changes have a job that fits it', () => {
  const cases: readonly (readonly [string | null, string])[] = [
    [null, 'anyone'],
    ['*', 'anyone'],
    ['repo:*', 'anyone'],
    ['repo:acme*', 'anyone'],
    ['repo:*/shop:environment:production', 'anyone'],
    ['repo:acme/*', 'any_change'],
    ['repo:acme/shop*', 'any_change'],
    ['repo:acme/shop:*', 'any_change'],
    ['repo:acme/shop:pull_request', 'any_change'],
    ['repo:acme/shop:ref:*', 'any_change'],
    ['repo:acme/shop:ref:refs/heads/*', 'any_change'],
    ['repo:acme/shop:ref:refs/heads/release-?', 'any_change'],
    ['repo:acme/shop:environment:*', 'any_change'],
    ['repo:acme/shop:environment:prod*', 'any_change'],
    ['repo:acme/shop:ref:refs/heads/main', 'branch'],
    ['repo:acme/*:ref:refs/heads/main', 'unknown'],
    ['repo:acme/shop-*:environment:production', 'unknown'],
    ['repo:acme/*:pull_request', 'any_change'],
    ['repo:acme/shop:ref:refs/tags/v*', 'tag'],
    ['repo:acme/shop:environment:production', 'environment'],
    ['job_workflow_ref:acme/ci/.github/workflows/a.yml@refs/heads/main', 'unknown'],
  ];
  for (const [subject, expected] of cases) assert.equal(fromOf(subject), expected, String(subject));
  for (const issuer of ['token.actions.acme.ghe.com', 'code.acme.example/_services/token'])
    assert.equal(fromOf('repo:acme/shop:environment:production', true, issuer), 'environment', issuer);
});

test('a star in an exact subject is a character, so that it opens nothing', () => {
  assert.equal(fromOf('repo:acme/shop:environment:*', false), 'environment');
  assert.equal(fromOf('*', false), 'unknown');
  assert.equal(fromOf('repo:acme/shop:ref:refs/heads/a*', false), 'branch');
});

test('GitLab and accounts of a cluster have rules of their own, and nobody else is guessed', () => {
  const gitlab = 'gitlab.com';
  assert.equal(fromOf('project_path:acme/shop:ref_type:branch:ref:main', true, gitlab), 'branch');
  assert.equal(fromOf('project_path:acme/shop:ref_type:branch:ref:*', true, gitlab), 'any_change');
  assert.equal(fromOf('project_path:acme/shop:*', true, gitlab), 'any_change');
  assert.equal(fromOf('project_path:acme/*:ref_type:branch:ref:main', true, gitlab), 'unknown');
  assert.equal(fromOf('project_path:acme/shop:ref_type:tag:ref:v*', true, gitlab), 'tag');
  assert.equal(fromOf('project_path:*', true, gitlab), 'anyone');
  assert.equal(fromOf(null, true, gitlab), 'anyone');
  const cluster = 'oidc.eks.eu-central-1.amazonaws.com/id/ABC';
  assert.equal(fromOf('system:serviceaccount:shop:web', true, cluster), 'workload');
  assert.equal(fromOf('system:serviceaccount:shop:*', true, cluster), 'unknown');
  assert.equal(fromOf('anything', true, 'ci.example.com'), 'unknown');
});

test('a condition that is not worked out leaves open what is wide, and not what is narrow already', () => {
  const also = 'it asks for an actor';
  assert.equal(fromOf('repo:acme/shop:*', true, GITHUB, also), 'unknown');
  assert.equal(fromOf('repo:acme/shop:environment:production', true, GITHUB, also), 'environment');
});

const policy = (condition: object | undefined, more: readonly object[] = []) =>
  trustList(
    federatedTrusts([
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${GITHUB}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        ...(condition === undefined ? {} : { Condition: condition }),
      },
      ...more,
    ] as never),
  ) as readonly { readonly subject: string; readonly from: unknown }[];

test('the conditions of AWS are read by operator and key, whatever their case', () => {
  const audience = { StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' } };
  const answers = (condition: object | undefined, more: readonly object[] = []) =>
    policy(condition, more).map(
      ({ subject, from }) => `${subject} ${typeof from === 'string' ? from : 'unknown'}`,
    );
  assert.deepEqual(answers(undefined), ['* anyone']);
  assert.deepEqual(answers(audience), ['* anyone']);
  assert.deepEqual(
    answers({ ...audience, StringLike: { [`${GITHUB}:sub`]: ['repo:a/b:*', 'repo:a/c:*'] } }),
    ['repo:a/b:* any_change', 'repo:a/c:* any_change'],
  );
  assert.deepEqual(
    answers({ 'ForAnyValue:StringEquals': { [`${GITHUB.toUpperCase()}:SUB`]: 'repo:a/b:environment:live' } }),
    ['repo:a/b:environment:live environment'],
  );
  // An exact name beside a pattern is the narrower of the two, in whatever order they stand.
  const exact = { StringEquals: { [`${GITHUB}:sub`]: 'repo:a/b:ref:refs/heads/main' } };
  const like = { StringLike: { [`${GITHUB}:sub`]: 'repo:a/*' } };
  for (const both of [
    { ...exact, ...like },
    { ...like, ...exact },
  ])
    assert.deepEqual(answers(both), ['repo:a/b:ref:refs/heads/main branch']);
  assert.deepEqual(answers({ StringNotLike: { [`${GITHUB}:sub`]: 'repo:evil/*' } }), ['* unknown']);
  assert.deepEqual(answers({ StringEquals: { [`${GITHUB}:actor`]: 'ann' } }), ['* unknown']);
  assert.deepEqual(answers(audience, [{ Effect: 'Deny', Principal: '*', Action: '*' }]), ['* unknown']);
  // Two statements that name the same are as wide as the wider one.
  const wide = { Effect: 'Allow', Principal: { Federated: `arn:aws:iam::1:oidc-provider/${GITHUB}` } };
  assert.deepEqual(answers({ StringEquals: { [`${GITHUB}:actor`]: 'ann' } }, [wide]), ['* anyone']);
});

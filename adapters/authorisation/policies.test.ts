import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { ACTIONS, coveringScopes, isScope } from './actions.ts';
import { groupsOf, loadedPolicies, readPolicies, schemaText } from './policies.ts';

const policies = readPolicies();

function problems(texts: Record<string, string>): string[] {
  const answer = cedar.validate({ schema: schemaText(), policies: { staticPolicies: texts } });
  assert.equal(answer.type, 'success');
  return [...answer.validationErrors, ...answer.validationWarnings].map(
    ({ policyId, error }) => `${policyId}: ${error.message}`,
  );
}

test('every policy keeps to the schema, and a misspelt one does not', () => {
  assert.deepEqual(problems(Object.fromEntries(policies.map(({ id, text }) => [id, text]))), []);
  const [wrong = ''] = problems({
    wrong: 'permit (principal, action == Action::"WorkItem::burn", resource);',
  });
  assert.match(wrong, /unrecognized action `Action::"WorkItem::burn"`/);
});

test('every policy has an id of its own, and every forbid says why', () => {
  assert.equal(loadedPolicies().size, policies.length);
  assert.deepEqual(
    policies.filter(({ effect, reason }) => effect === 'forbid' && reason.length < 20).map(({ id }) => id),
    [],
  );
});

test('a policy is asked wherever its head lets it apply', () => {
  const nouns = (id: string) => policies.find((policy) => policy.id === id)?.nouns;
  assert.deepEqual(nouns('work-is-taken-up-by-its-team'), ['WorkItem']);
  assert.deepEqual(nouns('nobody-grants-themselves'), ['Access']);
  assert.equal(nouns('tokens-are-held-to-their-scopes'), 'all');
  assert.equal(nouns('approvals-need-a-session'), 'all');
  const noun = (file: string) => file.replace('.cedar', '').replaceAll('-', '');
  for (const { id, file, nouns } of policies)
    assert.equal(
      nouns === 'all' ? file === 'credential.cedar' : nouns.join().toLowerCase() === noun(file),
      true,
      `${id} is in ${file}`,
    );
});

test('code and schema name the same actions, each in the same groups', () => {
  const parsed = cedar.schemaToJson(schemaText());
  assert.equal(parsed.type, 'success');
  const declared = Object.entries(parsed.json['']?.actions ?? {});
  const named = declared.map(([name]) => name).filter((name) => name.includes('::'));
  assert.deepEqual(named.sort(), [...ACTIONS].sort());
  for (const [name, { memberOf }] of declared)
    assert.deepEqual(
      groupsOf(name).map(({ id }) => id),
      (memberOf ?? []).map(({ id }) => id),
      name,
    );
});

test('every action either reads or changes', () => {
  for (const action of ACTIONS) {
    const groups = groupsOf(action).map(({ id }) => id);
    assert.equal(groups.includes('read') !== groups.includes('change'), true, action);
  }
});

test('a scope covers one action, one noun or one verb, or it is none', () => {
  assert.deepEqual(coveringScopes('WorkItem::read'), ['WorkItem::read', 'WorkItem::*', '*::read']);
  for (const scope of ['WorkItem::read', 'WorkItem::*', '*::read', '*::*'])
    assert.equal(isScope(scope), true);
  for (const scope of ['', 'workitem::read', 'WorkItem::approve', 'Work*::*', '*'])
    assert.equal(isScope(scope), false);
});

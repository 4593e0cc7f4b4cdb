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

test('code and schema name the same actions', () => {
  const parsed = cedar.schemaToJson(schemaText());
  assert.equal(parsed.type, 'success');
  const named = Object.keys(parsed.json['']?.actions ?? {}).filter((name) => name.includes('::'));
  assert.deepEqual(named.sort(), [...ACTIONS].sort());
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

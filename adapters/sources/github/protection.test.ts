import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnobserved, type Unobserved, type Value } from '@macadam/core/facts/observation';
import fc from 'fast-check';
import { bindsAdmins, classicLayer, type Layer, mergeProtection, ruleLayers } from './protection.ts';

const HIDDEN: Unobserved = { unobserved: 'forbidden', why: 'needs Administration: read' };
const NOTHING: Layer = {
  pullRequest: false,
  approvals: 0,
  codeOwners: false,
  noForcePush: false,
  noDeletion: false,
  signatures: false,
  checks: [],
  bindsAdmins: true,
};

type Fields = { readonly [field: string]: Value | undefined };

function fieldsOf(classic: Layer | null | Unobserved, rules: readonly Layer[] | Unobserved): Fields {
  const merged = mergeProtection(classic, rules);
  assert.ok('value' in merged);
  return merged.value as Fields;
}

test('nothing anywhere is absent; nothing seen beside something hidden is not', () => {
  assert.deepEqual(mergeProtection(null, []), { absent: true });
  assert.deepEqual(mergeProtection(HIDDEN, []), HIDDEN);
  assert.deepEqual(mergeProtection(null, HIDDEN), HIDDEN);
});

test('the strictest of both counts', () => {
  const classic = classicLayer({
    required_pull_request_reviews: { required_approving_review_count: 2 },
    required_status_checks: { contexts: ['build'], checks: [{ context: 'build' }] },
    enforce_admins: { enabled: true },
    allow_force_pushes: { enabled: true },
  });
  const rules = ruleLayers(
    [
      {
        type: 'pull_request',
        ruleset_id: 7,
        parameters: { required_approving_review_count: 1, require_code_owner_review: true },
      },
      { type: 'non_fast_forward', ruleset_id: 7 },
      {
        type: 'required_status_checks',
        ruleset_id: 7,
        parameters: { required_status_checks: [{ context: 'audit' }] },
      },
    ],
    new Map([[7, true]]),
  );
  assert.deepEqual(fieldsOf(classic, rules), {
    pull_request_required: true,
    approvals: 2,
    code_owner_review: true,
    force_push_allowed: false,
    deletion_allowed: false,
    applies_to_admins: true,
    signatures_required: false,
    status_checks: ['audit', 'build'],
  });
});

test('what a visible layer forbids is known, whatever a hidden one holds', () => {
  const fields = fieldsOf(HIDDEN, [{ ...NOTHING, pullRequest: true, approvals: 1, noForcePush: true }]);
  assert.equal(fields.pull_request_required, true);
  assert.equal(fields.force_push_allowed, false);
  assert.equal(fields.approvals, HIDDEN);
  assert.equal(fields.deletion_allowed, HIDDEN);
});

test('administrators are bound when the layers that bind them are as strict as all', () => {
  const strict: Layer = { ...NOTHING, pullRequest: true, approvals: 1, noForcePush: true };
  const exempt: Layer = { ...strict, bindsAdmins: false };
  assert.equal(fieldsOf(strict, [exempt]).applies_to_admins, true);
  assert.equal(fieldsOf(exempt, []).applies_to_admins, false);
  assert.equal(fieldsOf(strict, [{ ...exempt, approvals: 2 }]).applies_to_admins, false);
  const unseen: Layer = { ...strict, bindsAdmins: HIDDEN };
  assert.equal(fieldsOf(null, [unseen]).applies_to_admins, HIDDEN);
  assert.equal(fieldsOf(strict, [unseen]).applies_to_admins, true);
  assert.equal(fieldsOf({ ...exempt, approvals: 2 }, [unseen]).applies_to_admins, false);
});

test('a ruleset that a role may bypass does not bind administrators; a team or an app is not one', () => {
  assert.equal(bindsAdmins({}), undefined);
  assert.equal(bindsAdmins({ bypass_actors: [] }), true);
  assert.equal(
    bindsAdmins({ bypass_actors: [{ actor_type: 'Team', actor_id: 1 }, { actor_type: 'Integration' }] }),
    true,
  );
  assert.equal(bindsAdmins({ bypass_actors: [{ actor_type: 'RepositoryRole', actor_id: 5 }] }), false);
  assert.equal(bindsAdmins({ bypass_actors: [{ actor_type: 'OrganizationAdmin' }] }), false);
});

test('hiding a layer or a bypass only ever turns a definite field unobserved, never into another answer', () => {
  const layer = fc.record({
    pullRequest: fc.boolean(),
    approvals: fc.nat(3),
    codeOwners: fc.boolean(),
    noForcePush: fc.boolean(),
    noDeletion: fc.boolean(),
    signatures: fc.boolean(),
    checks: fc.subarray(['a', 'b']),
    bindsAdmins: fc.boolean(),
  });
  const hiding = fc.record({
    classic: fc.boolean(),
    rules: fc.boolean(),
    bypass: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.option(layer), fc.array(layer, { maxLength: 3 }), hiding, (classic, rules, hide) => {
      const seen = (each: Layer, index: number): Layer =>
        hide.bypass[index] ? { ...each, bindsAdmins: HIDDEN } : each;
      const truth = mergeProtection(classic, rules);
      const partly = mergeProtection(
        hide.classic ? HIDDEN : classic === null ? null : seen(classic, 3),
        hide.rules ? HIDDEN : rules.map(seen),
      );
      if (isUnobserved(partly)) return;
      if ('absent' in partly || 'absent' in truth) {
        assert.deepEqual(partly, truth);
        return;
      }
      assert.ok('value' in partly && 'value' in truth);
      for (const [field, value] of Object.entries(partly.value as Fields)) {
        if (!isUnobserved(value)) assert.deepEqual(value, (truth.value as Fields)[field], field);
      }
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnobserved, type Statement, type Unobserved, type Value } from '@macadam/core/facts/observation';
import fc from 'fast-check';
import {
  type Binding,
  bindingOf,
  branchRules,
  classicLayer,
  type Layer,
  ruleLayers,
  unknownBinding,
} from './protection.ts';

const HIDDEN: Unobserved = { unobserved: 'forbidden', why: 'needs Administration: read' };
const ALL: Binding = { admins: true, everybody: true, unrecorded: true };
const NO_ADMINS: Binding = { admins: false, everybody: false, unrecorded: true };
const NO_TEAM: Binding = { admins: true, everybody: false, unrecorded: true };
const NOTHING: Layer = {
  pullRequest: false,
  approvals: 0,
  codeOwners: false,
  noForcePush: false,
  noDeletion: false,
  signatures: false,
  checks: [],
  binds: ALL,
};

const protectionOf = (...layers: Parameters<typeof branchRules>): Statement =>
  branchRules(...layers).protection;

type Fields = { readonly [field: string]: Value | undefined };

function fieldsOf(classic: Layer | null | Unobserved, rules: readonly Layer[] | Unobserved): Fields {
  const merged = protectionOf(classic, rules);
  assert.ok('value' in merged);
  return merged.value as Fields;
}

test('nothing anywhere is absent; nothing seen beside something hidden is not', () => {
  assert.deepEqual(protectionOf(null, []), { absent: true });
  assert.deepEqual(protectionOf(HIDDEN, []), HIDDEN);
  assert.deepEqual(protectionOf(null, HIDDEN), HIDDEN);
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
    new Map([[7, NO_TEAM]]),
  );
  assert.deepEqual(fieldsOf(classic, rules), {
    pull_request_required: true,
    approvals: 2,
    code_owner_review: true,
    force_push_allowed: false,
    deletion_allowed: false,
    applies_to_admins: true,
    bypass_allowed: true,
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
  const exempt: Layer = { ...strict, binds: NO_ADMINS };
  assert.equal(fieldsOf(strict, [exempt]).applies_to_admins, true);
  assert.equal(fieldsOf(exempt, []).applies_to_admins, false);
  assert.equal(fieldsOf(strict, [{ ...exempt, approvals: 2 }]).applies_to_admins, false);
  const unseen: Layer = { ...strict, binds: unknownBinding(HIDDEN) };
  assert.equal(fieldsOf(null, [unseen]).applies_to_admins, HIDDEN);
  assert.equal(fieldsOf(strict, [unseen]).applies_to_admins, true);
  assert.equal(fieldsOf({ ...exempt, approvals: 2 }, [unseen]).applies_to_admins, false);
});

test('nobody may pass when the layers that bind everybody are as strict as all', () => {
  const strict: Layer = { ...NOTHING, pullRequest: true, approvals: 1 };
  const team: Layer = { ...strict, binds: NO_TEAM };
  assert.equal(fieldsOf(strict, [team]).bypass_allowed, false);
  assert.equal(fieldsOf(team, []).bypass_allowed, true);
  assert.equal(fieldsOf(team, []).applies_to_admins, true);
  assert.equal(fieldsOf(null, [{ ...strict, binds: unknownBinding(HIDDEN) }]).bypass_allowed, HIDDEN);
  const reviews = { required_approving_review_count: 1 };
  const classic = (allowances: object): Layer =>
    classicLayer({
      required_pull_request_reviews: {
        ...reviews,
        bypass_pull_request_allowances: { users: [], teams: [], apps: [], ...allowances },
      },
      enforce_admins: { enabled: true },
    });
  assert.deepEqual(classic({}).binds, ALL);
  const passable = classic({ teams: [{ slug: 'release' }] });
  assert.deepEqual([passable.binds.admins, passable.binds.everybody], [true, false]);
  // What went past it is recorded for sure where a ruleset asks for as much.
  assert.match(branchRules(passable, []).unrecorded?.why ?? '', /classic protection that somebody may pass/);
  const ruleset: Layer = { ...strict, noForcePush: true, noDeletion: true, binds: NO_TEAM };
  assert.equal(branchRules(passable, [ruleset]).unrecorded, null);
});

const actor = (actor_type: string, bypass_mode = 'always') => ({ actor_type, bypass_mode });

test('of who is exempt the host keeps no record, and of who may pass a hidden ruleset nobody knows', () => {
  const of = (binds: Binding | undefined) =>
    branchRules(null, [{ ...NOTHING, pullRequest: true, binds: binds ?? unknownBinding(HIDDEN) }]).unrecorded;
  assert.equal(of(bindingOf({ bypass_actors: [actor('Team'), actor('Team', 'pull_request')] })), null);
  assert.match(
    of(bindingOf({ bypass_actors: [actor('Integration', 'exempt')] }))?.why ?? '',
    /exempts somebody/,
  );
  assert.equal(of(bindingOf({})), HIDDEN);
  assert.equal(branchRules(HIDDEN, []).unrecorded, HIDDEN);
});

test('a ruleset that a role may bypass does not bind administrators; a team or an app is not one', () => {
  assert.equal(bindingOf({}), undefined);
  assert.deepEqual(bindingOf({ bypass_actors: [] }), ALL);
  assert.deepEqual(bindingOf({ bypass_actors: [actor('Team'), actor('Integration')] }), NO_TEAM);
  assert.deepEqual(bindingOf({ bypass_actors: [actor('RepositoryRole')] }), NO_ADMINS);
  assert.deepEqual(bindingOf({ bypass_actors: [actor('OrganizationAdmin')] }), NO_ADMINS);
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
    binds: fc.constantFrom(ALL, NO_ADMINS, NO_TEAM),
  });
  const hiding = fc.record({
    classic: fc.boolean(),
    rules: fc.boolean(),
    bypass: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.option(layer), fc.array(layer, { maxLength: 3 }), hiding, (classic, rules, hide) => {
      const seen = (each: Layer, index: number): Layer =>
        hide.bypass[index] ? { ...each, binds: unknownBinding(HIDDEN) } : each;
      const truth = protectionOf(classic, rules);
      const partly = protectionOf(
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

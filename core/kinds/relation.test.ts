import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Kind, kindSchema } from './kind.ts';
import { relationMistakes, relationsOf } from './relation.ts';

const base = { description: 'A thing for tests.', key: ['name'], fresh_for: '7d' };
const text = { type: 'string', description: 'A text about it.' };

function kind(name: string, more: object): Kind {
  return kindSchema.parse({ ...base, kind: name, attributes: { name: text }, ...more });
}

function all(...kinds: readonly Kind[]): ReadonlyMap<string, Kind> {
  return new Map(kinds.map((one) => [one.kind, one]));
}

function refusals(more: object): readonly string[] {
  const result = kindSchema.safeParse({ ...base, kind: 'app', attributes: { name: text }, ...more });
  return (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const tenant = kind('tenant', { relations: { apps: { from: 'app', by: 'runs_in' } } });
const app = kind('app', {
  attributes: { name: text, tenant: text, seats: { ...text, type: 'list', of: 'string' } },
  relations: { runs_in: { to: 'tenant', by: 'tenant' }, also_in: { to: 'tenant', by: 'seats' } },
});

test('a relation and its other direction are known by the attribute that holds the reference', () => {
  const kinds = all(tenant, app);
  assert.deepEqual(relationMistakes(kinds), []);
  const shown = (of: Kind) =>
    relationsOf(of, kinds).map(({ name, other, by, inverse }) => `${name} ${other.kind} ${by} ${inverse}`);
  assert.deepEqual(shown(app), ['runs_in tenant tenant false', 'also_in tenant seats false']);
  assert.deepEqual(shown(tenant), ['apps app tenant true']);
});

test('a relation without the attribute that holds it is stated, but cannot be looked across', () => {
  const vague = kind('app', { relations: { runs_in: { to: 'tenant' } } });
  const lonely = kind('tenant', {});
  assert.deepEqual(relationMistakes(all(lonely, vague)), []);
  assert.deepEqual(relationsOf(vague, all(lonely, vague)), []);
});

test('a relation that leads nowhere is a mistake with the nearest right name', () => {
  const reasons = (...kinds: readonly Kind[]) => relationMistakes(all(...kinds)).map(({ reason }) => reason);
  const to = (relations: object) => kind('app', { attributes: { name: text, tenant: text }, relations });
  assert.deepEqual(reasons(kind('tenant', {}), to({ runs_in: { to: 'tennant', by: 'tenant' } })), [
    'there is no kind `tennant`, did you mean `tenant`?',
  ]);
  const from = (by: string) => kind('tenant', { relations: { apps: { from: 'app', by } } });
  assert.deepEqual(reasons(from('run_in'), app), ['`app` has no relation `run_in`, did you mean `runs_in`?']);
  assert.deepEqual(reasons(from('runs_in'), to({ runs_in: { to: 'tenant' } })), [
    '`runs_in` of `app` says no `by`: nothing holds the reference',
  ]);
  const self = to({ runs_in: { to: 'app', by: 'tenant' } });
  assert.deepEqual(reasons(from('runs_in'), self), ['`runs_in` of `app` does not lead to `tenant`']);
});

test('a kind says of its own relations and element keys what is wrong with them', () => {
  assert.deepEqual(refusals({ relations: { r: { to: 'tenant', by: 'nam' } } }), [
    'relations.r.by: the kind has no attribute `nam`, did you mean `name`?',
  ]);
  assert.deepEqual(
    refusals({ attributes: { name: { ...text, type: 'int' } }, relations: { r: { to: 'x', by: 'name' } } }),
    ['relations.r.by: `name` is a int: a reference is a string, or a list of strings'],
  );
  assert.deepEqual(refusals({ relations: { r: {} } }), [
    'relations.r: a relation has `to`, the kind that it leads to, or `from`, the kind that it comes from',
  ]);
  assert.deepEqual(refusals({ relations: { r: { from: 'app' } } }), [
    'relations.r: it needs `by`, the relation of `app` that it is the other direction of',
  ]);
  const inner = { type: 'list', element_key: 'idd', of: { id: { type: 'string' } } };
  assert.deepEqual(
    refusals({ attributes: { name: text, keys: { ...text, type: 'list', of: { parts: inner } } } }),
    ['attributes.keys.of.parts.element_key: the elements have no field `idd`, did you mean `id`?'],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonical } from '../text/canonical.ts';
import { compileDefinition, type Definition, decisivePart, definitionOf } from './definition.ts';
import { KIND, standard } from './generated.test.ts';

const text = (one: Definition) => canonical(decisivePart(one));
const given = definitionOf(standard('asset.a'));

test('what can make a verdict another one is part of a definition, and what is only read is not', () => {
  const attribute = KIND.attributes.a;
  assert.ok(attribute);
  const withKind = (kind: Partial<typeof KIND>): Definition => ({ ...given, kind: { ...KIND, ...kind } });
  const others: Readonly<Record<string, Definition>> = {
    check: definitionOf(standard('asset.b')),
    scope: definitionOf(standard('asset.a', 'asset.b')),
    parameter: { ...given, params: { idle: '3d' } },
    'age of the kind': withKind({ fresh_for: '8d' }),
    'time to settle': withKind({ settle: '1h' }),
    authority: withKind({ attributes: { ...KIND.attributes, a: { ...attribute, authority: 'hr' } } }),
    'another attribute': withKind({ attributes: { ...KIND.attributes, z: attribute } }),
    'kind that is related': { ...given, others: [KIND] },
  };
  for (const [what, other] of Object.entries(others)) assert.notEqual(text(other), text(given), what);
  const same: Readonly<Record<string, Definition>> = {
    severity: { ...given, standard: { ...given.standard, severity: 'critical' } },
    rollout: {
      ...given,
      standard: { ...given.standard, rollout: { state: 'enforce', on_unknown: 'block' } },
    },
    'words of the kind': withKind({ description: 'The same thing, said in another way.' }),
    'words of an attribute': withKind({
      attributes: {
        ...KIND.attributes,
        a: { ...attribute, description: 'Said in another way.', remedy: 'look' },
      },
    }),
  };
  for (const [what, other] of Object.entries(same)) assert.equal(text(other), text(given), what);
});

test('a definition that was kept as text compiles to the same standard', () => {
  const again = compileDefinition(JSON.parse(JSON.stringify(given)));
  assert.ok(!('mistakes' in again));
  assert.deepEqual(definitionOf(again), given);
});

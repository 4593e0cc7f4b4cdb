/** Arbitrary assets of a kind, with attributes in every state that a fact can have: for tests. */
import type { Asset, Attribute } from '@macadam/core/facts/asset';
import { ASSURANCES, CAUSES, type Statement, type Value } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import fc from 'fast-check';
import { anyText } from '../texts.ts';

const gap = fc.record({ unobserved: fc.constantFrom(...CAUSES), why: fc.constantFrom('no right', 'down') });
const text = fc.oneof(
  anyText({ maxLength: 8 }),
  fc.constantFrom('é😀', "a'b\\c\t\n", '', 'a', 'b', 'a.b', 'write', '*'),
);
const time = fc.oneof(
  {
    weight: 40,
    arbitrary: fc
      .date({ min: new Date('1700-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
  { weight: 9, arbitrary: fc.constant('2026-02-28T01:02:03.123456789+02:00') },
  { weight: 1, arbitrary: fc.constantFrom('1970-01-01T00:00:00Z', '0001-01-01T00:00:00Z') },
);

function valuesOf(definition: { type: string; of?: unknown; fields?: unknown }): fc.Arbitrary<Value> {
  switch (definition.type) {
    case 'bool':
      return fc.boolean();
    case 'int':
      return fc.maxSafeInteger();
    case 'double':
      // JSON, in which `@held` is kept, has no −0.
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    case 'timestamp':
      return time;
    case 'duration':
      return fc.oneof(
        { weight: 9, arbitrary: fc.integer().map((count) => `${count}ns`) },
        { weight: 1, arbitrary: fc.constantFrom('90d', '-1.5s', '300000d') },
      );
    case 'list': {
      const of = definition.of;
      return fc.array(typeof of === 'string' ? valuesOf({ type: of }) : fieldsOf(of), { maxLength: 4 });
    }
    case 'map':
      return fc.dictionary(text, valuesOf({ type: String(definition.of) }), { maxKeys: 3 });
    case 'record':
      return fieldsOf(definition.fields);
    case 'string':
      return text;
    default:
      return fc.constantFrom(...definition.type.slice(5, -1).split(', '));
  }
}

/** Records of which fields may be missing or unobserved. */
function fieldsOf(fields: unknown): fc.Arbitrary<Value> {
  const definitions = fields as Record<string, { type: string; optional: boolean }>;
  return fc.record(
    Object.fromEntries(
      Object.entries(definitions).map(([name, definition]) => [
        name,
        fc.oneof({ weight: 5, arbitrary: valuesOf(definition) }, { weight: 1, arbitrary: gap }),
      ]),
    ),
    { requiredKeys: Object.keys(definitions).filter((name) => definitions[name]?.optional === false) },
  ) as fc.Arbitrary<Value>;
}

/** Evidence of two ages at most, where `observedAt` is given: a standard's `max_age` may lie between them. */
export function arbitraryAsset(kind: Kind, observedAt: fc.Arbitrary<string> = time): fc.Arbitrary<Asset> {
  const attributes = fc.record(
    Object.fromEntries(
      Object.entries(kind.attributes).map(([name, definition]) => {
        const partial = definition.type === 'list' || definition.type === 'map';
        const known = fc.record({ value: valuesOf(definition), complete: fc.boolean() });
        const value = partial ? known : known.map((statement) => ({ value: statement.value }));
        const absent = definition.optional ? [fc.constant({ absent: true } as const)] : [];
        const statement: fc.Arbitrary<Statement> = fc.oneof(value, ...absent);
        const held: fc.Arbitrary<Attribute> = fc.oneof(
          fc.record({
            statement,
            source: fc.constantFrom('git', 'github'),
            observedAt,
            receivedAt: fc.constant(null),
            assurance: fc.constantFrom(...ASSURANCES),
          }),
          gap.map((hole) => ({
            statement: hole,
            source: null,
            observedAt: null,
            receivedAt: null,
            assurance: null,
          })),
        );
        return [name, held];
      }),
    ),
  );

  return fc.record({ id: text, name: text, attributes }).map(({ attributes: held, ...rest }) => ({
    ...rest,
    kind: kind.kind,
    // Without fast-check's objects that have no prototype.
    attributes: new Map(Object.entries(structuredClone(held))),
  }));
}

/** Whatever a route takes has a bound, by its schema: what has none is found here, before somebody finds it outside. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import { bounded, selectors } from './bounds.ts';
import { discoverRoutes } from './discover.ts';
import { streamed } from './route.ts';

interface JsonSchema {
  readonly type?: string;
  readonly bounded?: boolean;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

const SHORT_FORMATS: ReadonlySet<string> = new Set(['date', 'date-time']);

/** Places at which a schema takes as much as anybody likes. */
function unboundedIn(schema: JsonSchema | boolean | undefined, path: string): readonly string[] {
  if (typeof schema !== 'object' || schema.bounded || schema.enum || schema.const !== undefined) return [];
  const forms = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  if (forms.length > 0) return forms.flatMap((form) => unboundedIn(form, path));
  switch (schema.type) {
    case 'string': {
      const short = schema.maxLength !== undefined || SHORT_FORMATS.has(schema.format ?? '');
      return short ? [] : [`${path}: a text of any length`];
    }
    case 'array':
      return [
        ...(schema.maxItems === undefined ? [`${path}: a list of any length`] : []),
        ...unboundedIn(schema.items, `${path}[]`),
      ];
    case 'object': {
      const named = Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
        unboundedIn(one, `${path}.${name}`),
      );
      const { additionalProperties: more, maxProperties } = schema;
      if (more === false || more === undefined) return named;
      return [
        ...named,
        ...(maxProperties === undefined ? [`${path}: an object of any size`] : []),
        ...unboundedIn(more, `${path}.*`),
        ...unboundedIn(schema.propertyNames, `names in ${path}`),
      ];
    }
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return [];
    default:
      return [`${path}: anything`];
  }
}

const HUGE = 'x'.repeat(1_000_000);

test('every text, list and object that a route takes has a bound', async () => {
  const found: string[] = [];
  for (const { method, path, params, query, body } of await discoverRoutes()) {
    const look = (schema: z.ZodType, where: string) => {
      // What takes no long text at all needs no bound of its own.
      if (where.startsWith('body') || schema.safeParse(HUGE).success)
        for (const one of unboundedIn(
          z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema,
          where,
        ))
          found.push(`${method} ${path}: ${one}`);
    };
    for (const [name, schema] of Object.entries(params)) look(schema, `path.${name}`);
    for (const [name, schema] of Object.entries(query)) look(schema, `query.${name}`);
    if (body && body !== streamed) look(body, 'body');
  }
  assert.deepEqual(found, []);
});

test('a body of another protocol is bounded at every depth', () => {
  const reads = (value: unknown) => bounded(3).safeParse(value).success;
  assert.equal(reads({ a: [{ b: 'x'.repeat(10_000) }] }), true);
  assert.equal(reads({ a: [{ b: 'x'.repeat(10_001) }] }), false);
  assert.equal(reads({ a: { b: [1, 2, 3, 4] } }), false);
  assert.equal(reads({ ['n'.repeat(10_001)]: 1 }), false);
});

test('an asset’s id is bounded by the bytes that an index takes, not by its characters', () => {
  assert.equal(selectors.safeParse(['repository/a']).success, true);
  assert.equal(selectors.safeParse(['\u{1f4a9}'.repeat(251)]).success, false);
  assert.equal(selectors.safeParse(Array.from({ length: 201 }, (_, index) => `a/${index}`)).success, false);
});

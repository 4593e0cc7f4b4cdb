/** A kind: a type of asset with typed attributes. One YAML file in kinds/ each. */
import { z } from 'zod';
import { ASSURANCES } from './observation.ts';

const identifier = z.string().regex(/^[a-z][a-z0-9_]*$/, 'lower case, digits and `_`');
const durationText = z
  .string()
  .regex(/^(\d+(\.\d+)?(ns|us|ms|s|m|h|d))+$/, 'a duration such as `7d`, `2160h` or `1h30m`');

/** `string`, `bool`, `int`, `double`, `timestamp`, `duration`, `enum(a, b)`, or `list`, `record`, `map` with `of`/`fields`. */
const typeName = z
  .string()
  .regex(
    /^(string|bool|int|double|timestamp|duration|list|record|map|enum\([a-z0-9_-]+(, *[a-z0-9_-]+)*\))$/,
    'one of string, bool, int, double, timestamp, duration, enum(a, b), list, record, map',
  );

const field = z.strictObject({
  type: typeName,
  optional: z.boolean().default(false),
  description: z.string().optional(),
  get of() {
    return z.union([typeName, z.record(identifier, field)]).optional();
  },
  get fields() {
    return z.record(identifier, field).optional();
  },
  element_key: identifier.optional(),
});

const attribute = field.extend({
  description: z.string().min(10),
  immutable: z.boolean().default(false),
  window: durationText.optional(),
  assurance: z.enum(ASSURANCES).default('attested'),
  authority: z.string().optional(),
  settle: durationText.optional(),
  set_by: z.enum(['source', 'approval']).default('source'),
  /** What lets Macadam see it, shown wherever nobody looked: one clause, lower case, no final period. */
  remedy: z.string().optional(),
});

export const kindSchema = z.strictObject({
  kind: z.string().regex(/^[a-z][a-z0-9-]*$/, 'a kebab-case noun'),
  description: z.string().min(10),
  key: z.array(identifier).min(1),
  fresh_for: durationText,
  /** Default time within which two sources that differ are disputed. */
  settle: durationText.default('24h'),
  attributes: z.record(identifier, attribute),
  /**
   * Other assets that expressions can look at with `related`: `to` a kind whose ids the attribute `by` holds, or `from`
   * a kind whose attribute `by` holds this asset's id.
   */
  relations: z
    .record(
      identifier,
      z.union([
        z.strictObject({ to: z.string(), by: identifier.optional() }),
        z.strictObject({ from: z.string(), by: identifier }),
      ]),
    )
    .default({}),
});

export type Kind = z.infer<typeof kindSchema>;
export type AttributeDefinition = Kind['attributes'][string];
export type FieldDefinition = z.infer<typeof field>;

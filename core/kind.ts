/** A kind: a type of asset with typed attributes. One YAML file in kinds/ each. */
import { z } from 'zod';
import { didYouMean } from './nearest.ts';
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
  /** Field that tells the elements of a list of records apart, and orders them; without it the whole element does. */
  element_key: identifier.optional(),
  /** Elements that are expected at most; expressions that go through it are refused by this when they would take too long. */
  at_most: z.int().positive().optional(),
});

const attribute = field.extend({
  description: z.string().min(10),
  immutable: z.boolean().default(false),
  /** Least window that makes a statement: weaker ones are kept and shown, but enter no merge. */
  window: durationText.optional(),
  /** Least assurance that makes a statement. */
  assurance: z.enum(ASSURANCES).default('attested'),
  /** The source whose newest statement is the value, whatever others say. */
  authority: z.string().optional(),
  /** Overrides the kind's. */
  settle: durationText.optional(),
  set_by: z.enum(['source', 'approval']).default('source'),
  /** What lets Macadam see it, shown wherever nobody looked: one clause, lower case, no final period. */
  remedy: z.string().optional(),
});

/**
 * `{ to, by }`: `by` is the attribute (a string, or a list of strings) that holds the other asset's id, or its key where
 * that is one value; without it the relation is only stated. `{ from, by }` is the other direction of relation `by` of
 * the kind `from`.
 */
const relation = z
  .strictObject({ to: z.string().optional(), from: z.string().optional(), by: identifier.optional() })
  .superRefine(({ to, from, by }, context) => {
    if ((to === undefined) === (from === undefined)) {
      context.addIssue(
        'a relation has `to`, the kind that it leads to, or `from`, the kind that it comes from',
      );
    } else if (from !== undefined && by === undefined) {
      context.addIssue(`it needs \`by\`, the relation of \`${from}\` that it is the other direction of`);
    }
  });

export const kindSchema = z
  .strictObject({
    kind: z.string().regex(/^[a-z][a-z0-9-]*$/, 'a kebab-case noun'),
    description: z.string().min(10),
    key: z.array(identifier).min(1),
    fresh_for: durationText,
    /** Default time within which two sources that differ are disputed. */
    settle: durationText.default('24h'),
    attributes: z.record(identifier, attribute),
    relations: z.record(identifier, relation).default({}),
  })
  .superRefine((kind, context) => {
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const names = Object.keys(kind.attributes);
    for (const [name, definition] of Object.entries(kind.attributes)) {
      for (const [path, message] of elementKeyMistakes(definition))
        issue(['attributes', name, ...path], message);
    }
    for (const [name, { to, by }] of Object.entries(kind.relations)) {
      if (to === undefined || by === undefined) continue;
      const holder = Object.hasOwn(kind.attributes, by) ? kind.attributes[by] : undefined;
      if (!holder) issue(['relations', name, 'by'], noAttribute(by, names));
      else if (!holdsReference(holder)) {
        issue(
          ['relations', name, 'by'],
          `\`${by}\` is a ${holder.type}: a reference is a string, or a list of strings`,
        );
      }
    }
  });

const noAttribute = (name: string, names: readonly string[]) =>
  `the kind has no attribute \`${name}\`${didYouMean(name, names)}`;

/** Whether an attribute can name other assets by their id or key. */
function holdsReference({ type, of = 'string' }: FieldDefinition): boolean {
  return type === 'string' || (type === 'list' && of === 'string');
}

function elementKeyMistakes(definition: FieldDefinition): readonly (readonly [readonly string[], string])[] {
  const { of, fields = {}, element_key: key } = definition;
  const inner = typeof of === 'object' ? of : {};
  const own: (readonly [readonly string[], string])[] = [];
  if (key !== undefined && (definition.type !== 'list' || !Object.hasOwn(inner, key))) {
    const hint = didYouMean(key, Object.keys(inner));
    own.push([['element_key'], `the elements have no field \`${key}\`${hint}`]);
  }
  const below = (place: string, all: Readonly<Record<string, FieldDefinition>>) =>
    Object.entries(all).flatMap(([name, field]) =>
      elementKeyMistakes(field).map(([path, message]) => [[place, name, ...path], message] as const),
    );
  return [...own, ...below('of', inner), ...below('fields', fields)];
}

export type Kind = z.infer<typeof kindSchema>;
export type AttributeDefinition = Kind['attributes'][string];
export type FieldDefinition = z.infer<typeof field>;

/** A kind: a type of asset with typed attributes. One YAML file in kinds/ each. */
import { z } from 'zod';
import { ASSURANCES } from '../facts/observation.ts';
import { kindMistakes } from './laws.ts';
import { migrationMistakes } from './migration.ts';

const identifier = z.string().regex(/^[a-z][a-z0-9_]*$/, 'lower case, digits and `_`');
const attributePath = z
  .string()
  .regex(/^[a-z][a-z0-9_]*(\[\])?(\.[a-z][a-z0-9_]*(\[\])?)*$/, 'a path such as `keys` or `keys[].id`');
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
  authority: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'the id of a source, such as `github`')
    .optional(),
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

const fieldType = z.union([typeName, field]);

/** What became of what observations said under the version before. Paths are written `keys`, `keys[].id`, `keys[]`. */
const migration = z.strictObject({
  version: z.int().min(2),
  why: z.string().min(10),
  /** Path → the new name of its last part. */
  rename: z.record(attributePath, identifier).default({}),
  /** Path → why nothing is lost without it. */
  drop: z.record(attributePath, z.string().min(10)).default({}),
  /** `by`: CEL over `value`, the old value; `absent`: CEL for what "there is none" becomes where that is no answer any more. */
  convert: z
    .record(
      attributePath,
      z.strictObject({ from: fieldType, to: fieldType, by: z.string(), absent: z.string().optional() }),
    )
    .default({}),
  /** Why ids are made of something else. Assets have new ids from then on, and the old ones end as any asset does. */
  key: z.string().min(10).optional(),
  /** Path of a list → why its elements are told apart by something else. */
  element_key: z.record(attributePath, z.string().min(10)).default({}),
});

export const kindSchema = z
  .strictObject({
    kind: z.string().regex(/^[a-z][a-z0-9-]*$/, 'a kebab-case noun'),
    description: z.string().min(10),
    key: z.array(identifier).min(1),
    fresh_for: durationText,
    /** Default time within which two sources that differ are disputed. */
    settle: durationText.default('24h'),
    /**
     * Attribute that says when an asset of it began: who looked back that far looked back over its whole life, and so far
     * enough for every `window`.
     */
    born: identifier.optional(),
    attributes: z.record(identifier, attribute),
    relations: z.record(identifier, relation).default({}),
    /** The kind of the assets that hold assets of this one: every observation names its container, by id. */
    contained_in: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/, 'a kebab-case noun')
      .optional(),
    /**
     * `witnessed`: of what hides where it likes, so that a list is whole only where somebody else counted as many: the directory's own total, a
     * log of what was used, a bill. Left out: a list is whole where its source says so.
     */
    population: z.literal('witnessed').optional(),
    /** How to disable a thing of this kind at night, in a few plain sentences: what whoever holds the phone is told. */
    runbook: z.string().min(20).max(600).optional(),
    /** One for each version after the first, in order. */
    migrations: z.array(migration).default([]),
  })
  .superRefine((kind, context) => {
    for (const { path, reason } of [...kindMistakes(kind), ...migrationMistakes(kind)])
      context.addIssue({ code: 'custom', path: [...path], message: reason });
  });

export type Kind = z.infer<typeof kindSchema>;
export type AttributeDefinition = Kind['attributes'][string];
export type FieldDefinition = z.infer<typeof field>;
export type Migration = z.infer<typeof migration>;

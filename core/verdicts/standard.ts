/** A standard: one statement that every asset in its scope must meet. One folder in standards/<pillar>/ each. */
import { z } from 'zod';
import { measureSchema } from '../figures/measure.ts';
import { accountableSchema, targetSchema } from '../figures/target.ts';
import { rolloutSchema } from './rollout.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]*$/, 'kebab-case');
const durationText = z
  .string()
  .regex(/^(\d+(\.\d+)?(ns|us|ms|s|m|h|d))+$/, 'a duration such as `7d` or `2160h`');
/** What fits into a row of a table beside figures. */
const LONGEST_LABEL = 38;
/** Field limits keep prose short; filler that says nothing about what must be true is refused. */
const prose = (max: number) =>
  z
    .string()
    .min(10)
    .max(max)
    .refine(
      (text) => !/^(ensure|make sure|it is recommended)/i.test(text),
      'say what must be true, not "ensure …"',
    );

export const PILLARS = [
  'identities',
  'tenants',
  'networks',
  'engineering',
  'detection',
  'response',
  'governance',
] as const;

const severity = z.enum(['critical', 'high', 'medium', 'low']);

const reason = z.strictObject({
  id,
  /** Severity of a failure for this reason, where it differs from the standard's: a test is not the product. */
  severity: severity.optional(),
  /** CEL; the first reason whose `when` is true is the fail's. */
  when: z.string().default('true'),
  /** What people read; `{asset.x}`, `{params.y}` and `{count}` are replaced. */
  say: z.string().min(3).max(200),
  /** CEL list of the elements at fault; each becomes one piece of evidence, with its `path` and `line`. */
  at: z.string().optional(),
  /** Whether the standard's fix can mend it, or with which options of `macadam fix`; only what is promised is printed. */
  fix: z.union([z.boolean(), z.string().regex(/^--[a-z-]+$/, 'an option such as `--resolve`')]).default(true),
  /** What people read of each element; `{it.x}` is replaced. */
  point: z.string().max(200).optional(),
});

export const standardSchema = z.strictObject({
  id,
  pillar: z.enum(PILLARS),
  title: prose(80),
  /** The title in a few words, for tables; left out: the title, cut to that length. */
  label: z.string().min(3).max(LONGEST_LABEL).optional(),
  statement: prose(240),
  why: prose(600),
  origin: z.strictObject({ report: z.string(), lesson: prose(400) }),
  scope: z.strictObject({ kind: id, where: z.string().default('true') }),
  check: z.string(),
  /** Durations as text, timestamps as RFC 3339 text with type from the default; lists of strings, numbers, booleans. */
  params: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]*$/),
      z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
    )
    .default({}),
  reasons: z.array(reason).min(1),
  severity,
  /** What its figure counts: a share of the assets in scope, or one of the others. */
  measure: measureSchema,
  evidence: z.strictObject({ max_age: durationText.optional() }).default({}),
  rollout: rolloutSchema,
  toil: z.strictObject({ owner_minutes: z.number().nonnegative() }),
  /** What is promised of it; macadam.yaml may state another, in `targets`. */
  target: targetSchema.optional(),
  /** Who answers for it; macadam.yaml may name another, in `targets`. */
  accountable: accountableSchema.optional(),
  /** Parts of the folder that are left out on purpose: part → reason. */
  omits: z.partialRecord(z.enum(['start', 'stay', 'get']), prose(300)).default({}),
});

export type Standard = z.infer<typeof standardSchema>;
export type Reason = Standard['reasons'][number];

/** What a table calls it, at most 38 characters long. */
export function labelOf({ label, title }: Pick<Standard, 'label' | 'title'>): string {
  if (label !== undefined) return label;
  const characters = [...title];
  return characters.length <= LONGEST_LABEL
    ? title
    : `${characters
        .slice(0, LONGEST_LABEL - 1)
        .join('')
        .trimEnd()}…`;
}

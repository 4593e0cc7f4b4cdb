/**
 * A standard in one file, without code: what must be true, why, and the check. Everything else has a default that promises
 * nothing; whoever wants more makes a folder of it.
 */
import { z } from 'zod';
import { standardSchema } from './standard.ts';

const whole = standardSchema.shape;

export const shortStandardSchema = z.strictObject({
  /** Left out: the name of the file. */
  id: whole.id.optional(),
  pillar: whole.pillar.default('engineering'),
  title: whole.title,
  label: whole.label,
  /** Left out: the title. */
  statement: whole.statement.optional(),
  why: whole.why,
  /** Left out: nobody said where it comes from. */
  origin: whole.origin.optional(),
  scope: whole.scope,
  check: whole.check,
  params: whole.params,
  /** Left out: one, which says that the statement is not so. */
  reasons: whole.reasons.optional(),
  severity: whole.severity.default('medium'),
  measure: whole.measure.default({ kind: 'share' }),
  evidence: whole.evidence,
  rollout: whole.rollout.default({ state: 'warn', on_unknown: 'warn' }),
  toil: whole.toil.default({ owner_minutes: 10 }),
  target: whole.target,
  accountable: whole.accountable,
  /** What an engineer does about a failure; stands in the guidance. */
  fix: z.string().min(10).max(600).optional(),
});
export type ShortStandard = z.infer<typeof shortStandardSchema>;

/** The same as a standard in a folder says it. */
export function wholeOf(
  { id: own, statement, origin, reasons, fix, ...rest }: ShortStandard,
  fileName: string,
): z.infer<typeof standardSchema> {
  const id = own ?? fileName;
  const said = statement ?? rest.title;
  return {
    ...rest,
    id,
    statement: said,
    origin: origin ?? { report: 'none', lesson: rest.why.slice(0, 400) },
    reasons: reasons ?? [
      {
        id: 'not-met',
        when: 'true',
        say: `not so: ${said}`.slice(0, 200).replaceAll(/[{}]/g, ''),
        fix: false,
      },
    ],
    omits: {
      start: 'It is a standard in one file.',
      stay: 'It is a standard in one file.',
      get: fix === undefined ? 'It is a standard in one file.' : 'What to do stands in its file.',
    },
  };
}

/** What an engineer reads of it: the page that a folder would have. */
export function guidanceOf({ title, statement, why, fix }: ShortStandard): string {
  const parts = [`# ${title}`, ...(statement === undefined ? [] : [statement]), '## Why', why];
  if (fix !== undefined) parts.push('## Fix', fix);
  return `${parts.join('\n\n')}\n`;
}

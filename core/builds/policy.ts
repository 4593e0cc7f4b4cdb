/** Who may build what from where, as an estate says it: the file that `macadam build verify --policy` takes. */
import { z } from 'zod';

/** A text, or its beginning followed by `*`. */
const pattern = z
  .string()
  .min(1)
  .refine((value) => value !== '*' && !value.slice(0, -1).includes('*'), {
    message: 'has `*` elsewhere than behind a beginning; write for instance `https://host/organisation/*`',
  });

const builderSchema = z
  .strictObject({
    id: pattern,
    keys: z.array(z.string().min(1)).min(1).optional(),
    issuer: z.string().min(1).optional(),
    build_types: z.array(z.string().min(1)).min(1),
    sources: z.array(pattern).min(1),
    refs: z.array(pattern).min(1),
    parameters: z.array(z.string()).default([]),
    environment: z.enum(['production', 'government', 'productivity', 'development', 'test']),
    invocations: pattern.optional(),
    templates: z.array(z.string().min(1)).default([]),
    template_commits: z
      .array(z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'is no full commit id'))
      .optional(),
    level: z.int().min(1).max(3).default(2),
  })
  .refine(({ keys, issuer }) => (keys === undefined) !== (issuer === undefined), {
    message: 'give either `keys`, files with public keys in PEM, or `issuer`, who logs its runs in',
  });

export const buildPolicySchema = z.strictObject({
  trust_root: z.string().min(1).optional(),
  transparency: z.enum(['log', 'timestamp']).default('log'),
  builders: z.array(builderSchema).min(1),
});

export type BuildPolicy = z.infer<typeof buildPolicySchema>;
export type BuilderPolicy = z.infer<typeof builderSchema>;

/** Whether a text is one that a pattern allows. */
export const allowedBy = (one: string, value: string): boolean =>
  one.endsWith('*') ? value.startsWith(one.slice(0, -1)) : value === one;

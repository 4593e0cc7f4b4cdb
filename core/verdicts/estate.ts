/** `macadam.yaml`: what an estate, or one repository, says about how it wants to be measured. */
import { z } from 'zod';
import { exceptionSchema } from './exception.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]*$/, 'the id of a standard');
const relativePath = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith('/') && !path.split('/').includes('..'),
    'a path below this file, without `..`',
  );

/** What collecting may be told. Each name is read by one extractor. */
export const collectionSchema = z.strictObject({
  /** Look at the commits of the default branch back to this date instead of the newest hundred. */
  commits_since: z.iso.date().optional(),
  /** File of keys that may sign, in the format of `ssh-keygen -Y verify` (ALLOWED SIGNERS). */
  allowed_signers: relativePath.optional(),
  /** Also look for secrets in earlier commits; a source that cannot says so. */
  secrets_history: z.boolean().optional(),
  /** Names of folders whose dependency files are test material; an empty list measures those too. */
  dependency_fixtures: z.array(z.string().min(1)).optional(),
});

export const estateSchema = z.strictObject({
  /** Standard → parameter → value. */
  parameters: z
    .record(id, z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])))
    .default({}),
  collection: collectionSchema.default({}),
  /** File that says who works here: people with their state, and teams. */
  org: relativePath.optional(),
  /** Paths that are not looked at; shown in the report. */
  excludes: z.array(z.string().min(1)).default([]),
  /** Folders with kinds/ and standards/ of one's own. */
  catalogue: z.array(relativePath).default([]),
  exceptions: z.array(exceptionSchema).default([]),
});

export type Estate = z.infer<typeof estateSchema>;

export const EMPTY_ESTATE: Estate = {
  parameters: {},
  collection: {},
  excludes: [],
  catalogue: [],
  exceptions: [],
};

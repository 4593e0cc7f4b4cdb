/** `macadam.yaml`: what an estate, or one repository, says about how it wants to be measured. */
import { z } from 'zod';
import { reviewProgramSchema } from '../figures/agenda.ts';
import { campaignSchema } from '../figures/campaign.ts';
import { CODE_HOSTS } from '../figures/host-link.ts';
import { ownCommitmentSchema } from '../figures/target.ts';
import { centralExclusionSchema } from './central-exclusion.ts';
import { exceptionSchema } from './exception.ts';
import { ownRolloutSchema } from './rollout.ts';

const id = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and dashes, beginning with a letter');
const relativePath = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith('/') && !path.split('/').includes('..'),
    'a path below this file, without `..`',
  );

/** A field that there was once: whoever still writes it is told what to do instead. */
const removed = (instead: string) =>
  z.undefined({ error: () => `this field was removed, because it hid failures; ${instead}` }).optional();

/** What collecting may be told. Each name is read by one extractor. */
const collectionSchema = z.strictObject({
  commits_since: removed(
    'take it out: the newest hundred commits are read, and the parameter `recent` of commits-signed-with-presence says how old a commit may be that still counts',
  ),
  /** File of keys that may sign, in the format of `ssh-keygen -Y verify` (ALLOWED SIGNERS). */
  allowed_signers: relativePath.optional(),
  /** Also look for secrets in earlier commits; a source that cannot says so. */
  secrets_history: z.boolean().optional(),
  /** What the code hosts of a company are, by their names: findings then link to their lines there. */
  code_hosts: z
    .record(
      z.string().regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'the name of a host, such as git.example.com'),
      z.enum(CODE_HOSTS, `what kind of host it is: one of ${CODE_HOSTS.join(', ')}`),
    )
    .optional(),
  dependency_fixtures: removed(
    'take it out: files of tests, examples and documents are judged apart by their place (docs/places.md)',
  ),
});

export const estateSchema = z.strictObject({
  /** The estate's own id, which stays when its folder is moved or renamed. */
  estate: z
    .string()
    .regex(
      /^[A-Za-z0-9][\w.-]{0,63}$/,
      'a name of letters, digits, `.`, `_` and `-`, at most 64, that begins with a letter or digit',
    )
    .optional(),
  /** Standard → parameter → value. */
  parameters: z
    .record(id, z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])))
    .default({}),
  /** Standard → what the company promises of it and who answers for it, where that is not as the standard states it. */
  targets: z.record(id, ownCommitmentSchema).default({}),
  /** Standard → how far it is rolled out here, and to whom on which day, where that is not as the standard states it. */
  rollouts: z.record(id, ownRolloutSchema).default({}),
  /** What is to be reached by whom in waves, and by when: id → the campaign. */
  campaigns: z.record(id, campaignSchema).default({}),
  /** Files that say which vulnerabilities are known to be exploited, for the sequences of campaigns. */
  known_exploited: z
    .strictObject({
      /** A catalogue as CISA publishes it (KEV, JSON). */
      catalogue: relativePath,
      /** Which techniques of ATT&CK exploit them, as the Center for Threat-Informed Defense publishes it (JSON). */
      techniques: relativePath.optional(),
    })
    .optional(),
  /** How the builds of images that run are verified, by what code hosts keep of them. */
  builds: z
    .strictObject({
      /** Who may build what for whom, as `macadam build verify --policy` takes it. */
      policy: relativePath,
    })
    .optional(),
  /** Reviews that come again and again. */
  reviews: z.array(reviewProgramSchema).max(50).default([]),
  collection: collectionSchema.default({}),
  /** File that says who works here: people with their state, and teams. */
  org: relativePath.optional(),
  /** Paths that are not looked at: what they cover is unknown, names its line, and is shown in every output. */
  excludes: z.array(z.string().min(1)).default([]),
  /** The same, approved by somebody for the company, with a reason and an end. Only beside the repositories, never in one. */
  central_excludes: z.array(centralExclusionSchema).default([]),
  /** Folders with kinds/ and standards/ of one's own. */
  catalogue: z.array(relativePath).default([]),
  exceptions: z.array(exceptionSchema).default([]),
});

export type Estate = z.infer<typeof estateSchema>;

export const EMPTY_ESTATE: Estate = {
  parameters: {},
  targets: {},
  rollouts: {},
  campaigns: {},
  reviews: [],
  collection: {},
  excludes: [],
  central_excludes: [],
  catalogue: [],
  exceptions: [],
};

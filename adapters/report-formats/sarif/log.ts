/** The parts of a SARIF 2.1.0 log (OASIS standard, section 3) that say what was found and where. The rest is not read. */
import { z } from 'zod';

const index = z.int().min(-1).default(-1);
const level = z.enum(['none', 'note', 'warning', 'error']);

export const messageSchema = z.object({
  text: z.string().optional(),
  markdown: z.string().optional(),
  id: z.string().optional(),
  arguments: z.array(z.string()).default([]),
});

const messageStrings = z.record(z.string(), z.object({ text: z.string() })).default({});

export const artifactLocationSchema = z.object({
  uri: z.string().optional(),
  uriBaseId: z.string().optional(),
  index,
});

const componentReference = z.object({ name: z.string().optional(), guid: z.string().optional(), index });

const descriptorReference = z.object({
  id: z.string().optional(),
  guid: z.string().optional(),
  index,
  toolComponent: componentReference.optional(),
});

const rule = z.object({
  id: z.string(),
  guid: z.string().optional(),
  messageStrings,
  defaultConfiguration: z.object({ level: level.optional() }).default({}),
});

const component = z.object({
  name: z.string(),
  guid: z.string().optional(),
  rules: z.array(rule).default([]),
  taxa: z.array(z.object({ id: z.string() })).default([]),
  globalMessageStrings: messageStrings,
});

const override = z.object({
  descriptor: descriptorReference,
  configuration: z.object({ level: level.optional() }),
});

export const runSchema = z.object({
  tool: z.object({ driver: component, extensions: z.array(component).default([]) }),
  taxonomies: z.array(component).default([]),
  artifacts: z.array(z.object({ location: artifactLocationSchema.optional() })).default([]),
  originalUriBaseIds: z.record(z.string(), artifactLocationSchema).default({}),
  invocations: z
    .array(
      z.object({
        executionSuccessful: z.boolean().optional(),
        ruleConfigurationOverrides: z.array(override).default([]),
      }),
    )
    .default([]),
  externalPropertyFileReferences: z.object({}).optional(),
  // Absent means that the tool did not get as far as looking, empty that it looked and found nothing.
  results: z.array(z.unknown()).nullish(),
});

const region = z.object({
  startLine: z.int().positive().optional(),
  startColumn: z.int().positive().optional(),
  endLine: z.int().positive().optional(),
  endColumn: z.int().positive().optional(),
});

export const resultSchema = z.object({
  ruleId: z.string().optional(),
  ruleIndex: index,
  rule: descriptorReference.optional(),
  kind: z.enum(['pass', 'fail', 'open', 'review', 'informational', 'notApplicable']).default('fail'),
  level: level.optional(),
  baselineState: z.string().optional(),
  message: messageSchema,
  locations: z
    .array(
      z.object({
        physicalLocation: z
          .object({ artifactLocation: artifactLocationSchema.optional(), region: region.optional() })
          .optional(),
      }),
    )
    .default([]),
  fingerprints: z.record(z.string(), z.string()).default({}),
  partialFingerprints: z.record(z.string(), z.string()).default({}),
  suppressions: z
    .array(z.object({ status: z.enum(['accepted', 'underReview', 'rejected']).default('accepted') }))
    .default([]),
  taxa: z.array(descriptorReference).default([]),
  provenance: z.object({ invocationIndex: index }).optional(),
});

export type SarifRun = z.infer<typeof runSchema>;
export type Result = z.infer<typeof resultSchema>;
export type Component = z.infer<typeof component>;
export type Rule = z.infer<typeof rule>;
export type DescriptorReference = z.infer<typeof descriptorReference>;

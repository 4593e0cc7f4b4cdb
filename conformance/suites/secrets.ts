/**
 * Secret detection against the cases of two other scanners: rule examples of Kingfisher (one text that holds a
 * secret, or must not) and snapshots of secretlint (files with the ranges that it reports).
 *
 * A snapshot was made with one rule switched on; here every detector is. `allows` of its configuration is our
 * `known`, `patterns` are detectors of one's own; what it configures beyond that is not a question to a detector.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Detector, findSecrets, type Options } from '@macadam/secrets';
import { z } from 'zod';
import type { Case, Suite } from '../suite.ts';

const KINGFISHER = 'secrets/kingfisher-rule-examples.json.gz';
const SECRETLINT = 'secrets/secretlint-snapshots.json.gz';

const rulesSchema = z.object({
  rules: z.array(
    z.object({ id: z.string(), examples: z.array(z.string()), negative_examples: z.array(z.string()) }),
  ),
});
const snapshotsSchema = z.object({
  cases: z.array(
    z.object({
      rule: z.string(),
      case: z.string(),
      inputs: z.record(z.string(), z.string()),
      expected: z.array(z.unknown()),
    }),
  ),
});
const configurationSchema = z.object({
  rules: z.array(
    z.object({
      options: z
        .object({
          allows: z.array(z.string()).optional(),
          patterns: z
            .array(
              z.object({
                pattern: z.string().optional(),
                allows: z.array(z.string()).optional(),
                patterns: z.array(z.string()).optional(),
                filePathGlobs: z.array(z.string()).optional(),
              }),
            )
            .optional(),
        })
        .optional(),
    }),
  ),
});

async function unpack(path: string): Promise<unknown> {
  return JSON.parse(gunzipSync(await readFile(path)).toString('utf8'));
}

/** Says what was found without showing it: a report of this run may be read by anybody. */
function compare(
  texts: readonly string[],
  expected: boolean,
  runs: readonly Options[] = [{}],
): string | null {
  const found = texts.flatMap((text) => runs.flatMap((options) => findSecrets(text, options)));
  if (found.length > 0 === expected) return null;
  if (expected) return 'expected a secret, found none';
  return `expected none, found ${found.map((match) => `${match.detector} on line ${match.line}`).join(', ')}`;
}

/** The configuration of a snapshot: one run for each pattern, which has exceptions of its own, else a run of ours. */
function runsOf(configuration: string | undefined): Options[] {
  if (configuration === undefined) return [{}];
  const { rules } = configurationSchema.parse(JSON.parse(configuration));
  const options = rules[0]?.options;
  const plain = (texts: readonly string[] = []) =>
    texts.map((text) => text.replace(/^\/(.*)\/[a-z]*$/, '$1'));
  const runs = (options?.patterns ?? [])
    .filter((pattern) => pattern.filePathGlobs === undefined)
    .map((pattern) => ({
      known: plain([...(options?.allows ?? []), ...(pattern.allows ?? [])]),
      detectors: (pattern.patterns ?? [pattern.pattern ?? '']).map(detectorOf),
    }));
  return runs.length > 0 ? runs : [{ known: plain(options?.allows) }];
}

function detectorOf(pattern: string, index: number): Detector {
  const body = /^\/(.*)\/[a-z]*$/.exec(pattern)?.[1] ?? pattern;
  return {
    id: `configured-${index}`,
    title: 'Pattern of the configuration',
    keywords: [/^[a-z]{3,}/i.exec(body)?.[0] ?? 'secret'],
    pattern: `(?i)${body}`,
    confidence: 'medium',
    edges: 'none',
  };
}

export const suite: Suite = {
  name: 'secrets',
  proves: 'we find what other scanners find, and not what they know to be none',
  vectors: [KINGFISHER, SECRETLINT],
  load: async (vectors) => {
    const { rules } = rulesSchema.parse(await unpack(join(vectors, KINGFISHER)));
    const { cases } = snapshotsSchema.parse(await unpack(join(vectors, SECRETLINT)));
    const seen = new Map<string, number>();
    // A few ids occur twice in the material; the later ones are told apart by a number.
    const unique = (id: string): string => {
      const count = (seen.get(id) ?? 0) + 1;
      seen.set(id, count);
      return count === 1 ? id : `${id}~${count}`;
    };
    return [
      ...rules.flatMap((rule) => [
        ...rule.examples.map(
          (text, index): Case => ({
            id: unique(`kingfisher/${rule.id}/example-${index + 1}`),
            run: () => compare([text], true),
          }),
        ),
        ...rule.negative_examples.map(
          (text, index): Case => ({
            id: unique(`kingfisher/${rule.id}/negative-${index + 1}`),
            run: () => compare([text], false),
          }),
        ),
      ]),
      ...cases.map(
        (one): Case => ({
          id: unique(`secretlint/${one.rule.replace('secretlint-rule-', '')}/${one.case}`),
          run: () => {
            const { '.secretlintrc.json': configuration, ...files } = one.inputs;
            return compare(Object.values(files), one.expected.length > 0, runsOf(configuration));
          },
        }),
      ),
    ];
  },
};

/** An in-toto statement with SLSA v1 provenance: how something was made, as its builder says. Formats: in-toto Statement v1, SLSA Provenance v1. */
import { z } from 'zod';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
export const STATEMENT = 'https://in-toto.io/Statement/v1';
const PROVENANCE = 'https://slsa.dev/provenance/v1';

const digests = z.record(z.string(), z.string().regex(/^[0-9a-f]+$/, 'is not a digest in lower-case hex'));
const time = z.iso.datetime({ offset: true, error: 'is no time such as 2026-08-01T10:00:00Z' });
const described = z.object({
  name: z.string().optional(),
  uri: z.string().optional(),
  digest: digests.optional(),
});

const provenanceSchema = z.object({
  _type: z.literal(STATEMENT),
  subject: z
    .array(z.object({ name: z.string().min(1), digest: digests }))
    .min(1, 'names nothing that was built'),
  predicateType: z.literal(PROVENANCE),
  predicate: z.object({
    buildDefinition: z.object({
      buildType: z.string().min(1),
      externalParameters: z.record(z.string(), z.unknown()),
      internalParameters: z.record(z.string(), z.unknown()).optional(),
      resolvedDependencies: z.array(described).default([]),
    }),
    runDetails: z.object({
      builder: z.object({ id: z.string().min(1) }),
      metadata: z.object({
        invocationId: z.string().min(1),
        startedOn: time.optional(),
        finishedOn: time.optional(),
      }),
    }),
  }),
});

export type Provenance = z.infer<typeof provenanceSchema>;

/** What is wrong with one field of an attestation. `field` is its dotted path; `why` is lower case, without a final period. */
export interface FieldDiagnostic {
  readonly field: string;
  readonly why: string;
}

/** The statement, or every field in which it is none that could be judged. */
export function readProvenance(
  payload: unknown,
): Provenance | { readonly wrong: readonly FieldDiagnostic[] } {
  const { _type, predicateType } = (payload ?? {}) as Readonly<Record<string, unknown>>;
  const wrong: FieldDiagnostic[] = [];
  if (_type !== STATEMENT) wrong.push({ field: '_type', why: unlike(_type, STATEMENT) });
  if (predicateType !== PROVENANCE)
    wrong.push({ field: 'predicateType', why: unlike(predicateType, PROVENANCE) });
  // The fields of another statement have other meanings.
  if (wrong.length > 0) return { wrong };
  const read = provenanceSchema.safeParse(payload);
  if (read.success) return read.data;
  return {
    wrong: read.error.issues.map(({ path, message }) => ({
      field: path.join('.') || 'payload',
      why: message.replace(/^Invalid input: /, 'is wrong: '),
    })),
  };
}

const unlike = (value: unknown, asked: string): string =>
  `is ${typeof value === 'string' ? `\`${value}\`` : 'missing'}; asked is \`${asked}\``;

/** Which source was built, as the parameters from outside say it. Addresses have no `git+` before them. */
export interface BuiltSource {
  readonly repository: string;
  readonly repositoryField: string;
  readonly ref: string | null;
  readonly refField: string;
  /** The file that was run, where they name one. */
  readonly path: string | null;
  /** Parameters that say the source, and nothing else. */
  readonly parameters: readonly string[];
}

const IN = 'predicate.buildDefinition.externalParameters';
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Null where they say it in no form that is known: `workflow`, `source`, or `repository` with `ref`. */
export function sourceOf(parameters: Readonly<Record<string, unknown>>): BuiltSource | null {
  const { workflow, source } = parameters;
  if (typeof workflow === 'object' && workflow !== null) {
    const { repository, ref, path } = workflow as Record<string, unknown>;
    if (text(repository) === null) return null;
    return {
      repository: String(repository),
      repositoryField: `${IN}.workflow.repository`,
      ref: text(ref),
      refField: `${IN}.workflow.ref`,
      path: text(path),
      parameters: ['workflow'],
    };
  }
  const uri = text(source) ?? text((source as { uri?: unknown } | undefined)?.uri);
  const named = uri === null ? text(parameters.repository) : uri;
  if (named === null) return null;
  const { repository, ref } = addressOf(named);
  const own = text(parameters.ref);
  const field = uri === null ? 'repository' : 'source';
  return {
    repository,
    repositoryField: `${IN}.${field}`,
    ref: own ?? ref,
    refField: own === null ? `${IN}.${field}` : `${IN}.ref`,
    path: text(parameters.entryPoint),
    parameters: own === null ? [field] : [field, 'ref'],
  };
}

/** `git+https://host/owner/name.git@refs/heads/main` in its parts. */
export function addressOf(uri: string): { readonly repository: string; readonly ref: string | null } {
  const plain = uri.replace(/^git\+/, '');
  const at = plain.indexOf('@refs/');
  const repository = (at === -1 ? plain : plain.slice(0, at)).replace(/\/$/, '').replace(/\.git$/, '');
  return { repository, ref: at === -1 ? null : plain.slice(at + 1) };
}

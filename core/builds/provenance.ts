/**
 * Whether provenance says what its signer can know and its policy allows, field by field. A valid signature shows only who wrote a statement;
 * a field that nothing confirms could be anything.
 */
import { allowedBy, type BuilderPolicy } from './policy.ts';
import { addressOf, type BuiltSource, type FieldDiagnostic, type Provenance, sourceOf } from './statement.ts';

/** What the authority that gave a certificate found out about the run. Null: it did not say. */
export interface RunClaims {
  readonly issuer: string | null;
  /** The workflow that signed, with its reference, and at which commit. */
  readonly signer: string | null;
  readonly signerDigest: string | null;
  /** The workflow that was started. */
  readonly config: string | null;
  readonly runner: string | null;
  readonly repository: string | null;
  readonly commit: string | null;
  readonly ref: string | null;
  readonly invocation: string | null;
}

/** Who signed: a key that the policy gives to some of its builders, or a certificate. */
export interface AttestationSigner {
  readonly builders: readonly BuilderPolicy[];
  readonly claims: RunClaims | null;
  /** When, as a log or a time stamp says; null where none does. */
  readonly signedAt: Date | null;
}

/** One that is asked about, by each of its digests that is known, in lower-case hex. */
export interface AskedArtefact {
  /** That an attestation has to give it, too; null: any. */
  readonly name: string | null;
  /** What people call it, whatever an attestation does: a registry may hold the image of another. */
  readonly calledHere?: string;
  readonly sha256: string | null;
  readonly sha512: string | null;
}

/** The digest by which people are told of it. */
export const digestOfArtefact = ({ sha256, sha512 }: AskedArtefact): string =>
  sha256 === null ? `sha512:${sha512}` : `sha256:${sha256}`;

/** What is asked about. Null: anything. */
export interface AskedBuild {
  readonly artefacts: readonly AskedArtefact[];
  readonly source: string | null;
  readonly ref: string | null;
  readonly commit: string | null;
  readonly builder: string | null;
  readonly invocation: string | null;
  /** Where the artefacts are released. */
  readonly environment: string | null;
}

/** Whatever was built, by whom and from what. */
export const ANY_BUILD: AskedBuild = {
  artefacts: [],
  source: null,
  ref: null,
  commit: null,
  builder: null,
  invocation: null,
  environment: null,
};

export interface ProvenanceFacts {
  readonly builder: string;
  readonly policy: BuilderPolicy;
  readonly source: BuiltSource;
  readonly commit: string;
  readonly invocation: string;
  readonly finishedAt: string | null;
  readonly subjects: Provenance['subject'];
}

export type ProvenanceVerdict =
  | { readonly facts: ProvenanceFacts }
  | { readonly wrong: readonly FieldDiagnostic[] };

const SKEW = 300_000;
const DEFINITION = 'predicate.buildDefinition';
const RUN = 'predicate.runDetails';
const HOSTED = 'https://github.com/actions/runner/';

/** All that is wrong at once, in the order of the statement. Of several entries of the policy for one builder the first that allows it counts. */
export function judgeProvenance(
  statement: Provenance,
  signer: AttestationSigner,
  asked: AskedBuild,
  now: Date,
): ProvenanceVerdict {
  const { id } = statement.predicate.runDetails.builder;
  const entries = signer.builders.filter((one) => allowedBy(one.id, id));
  let first: ProvenanceVerdict | null = null;
  for (const policy of entries.length === 0 ? [null] : entries) {
    const verdict = judgedBy(statement, { policy, signer, asked }, now);
    if ('facts' in verdict) return verdict;
    first ??= verdict;
  }
  return first ?? { wrong: [] };
}

function judgedBy(statement: Provenance, against: Against, now: Date): ProvenanceVerdict {
  const { policy, signer, asked } = against;
  const { buildDefinition, runDetails } = statement.predicate;
  const wrong: FieldDiagnostic[] = [];
  const say = (field: string, why: string) => wrong.push({ field, why });
  subjects(statement, asked, say);
  builder(runDetails.builder.id, against, say);
  if (policy !== null && !policy.build_types.includes(buildDefinition.buildType))
    say(
      `${DEFINITION}.buildType`,
      `is \`${buildDefinition.buildType}\`; this builder makes ${listed(policy.build_types)}`,
    );
  const source = builtSource(buildDefinition.externalParameters, policy, say);
  if (source !== null) sourceAllowed(source, against, say);
  const commit = source === null ? null : sourceCommit(statement, source, against, say);
  invocation(statement, against, say);
  times(statement, signer.signedAt, now, say);
  if (wrong.length > 0 || policy === null || source === null || commit === null) return { wrong };
  return {
    facts: {
      builder: runDetails.builder.id,
      policy,
      source,
      commit,
      invocation: runDetails.metadata.invocationId,
      finishedAt: runDetails.metadata.finishedOn ?? signer.signedAt?.toISOString() ?? null,
      subjects: statement.subject,
    },
  };
}

type Say = (field: string, why: string) => unknown;

interface Against {
  readonly policy: BuilderPolicy | null;
  readonly signer: AttestationSigner;
  readonly asked: AskedBuild;
}

const listed = (values: readonly string[]): string => values.map((one) => `\`${one}\``).join(', ');

/** By every digest that both name, and by one at least. */
function isSame(artefact: AskedArtefact, digest: Readonly<Record<string, string>>): boolean {
  const both = (['sha256', 'sha512'] as const).filter(
    (name) => artefact[name] !== null && digest[name] !== undefined,
  );
  return both.length > 0 && both.every((name) => artefact[name] === digest[name]);
}

/** Every artefact that is asked about has to be among the subjects, by digest and by name. */
function subjects({ subject }: Provenance, { artefacts }: AskedBuild, say: Say): void {
  for (const artefact of artefacts) {
    const { name } = artefact;
    const same = subject.filter(({ digest }) => isSame(artefact, digest));
    if (same.length === 0) {
      say(
        'subject.digest',
        `none is ${digestOfArtefact(artefact)}, the digest of ${name === null ? 'what is asked about' : `\`${name}\``}`,
      );
    } else if (name !== null && !same.some((one) => one.name === name || one.name.endsWith(`/${name}`))) {
      say('subject.name', `is ${listed(same.map((one) => one.name))}; asked is \`${name}\``);
    }
  }
  for (const [index, { digest, name }] of subject.entries())
    if (!/^[0-9a-f]{64}$/.test(digest.sha256 ?? '') && !/^[0-9a-f]{128}$/.test(digest.sha512 ?? ''))
      say(
        `subject.${index}.digest`,
        `\`${name}\` has no digest by SHA-256 or SHA-512 that could be compared`,
      );
}

function builder(id: string, { policy, signer, asked }: Against, say: Say): void {
  const field = `${RUN}.builder.id`;
  const { builders, claims } = signer;
  if (policy === null)
    say(field, `is \`${id}\`; its signer may speak for ${listed(builders.map((one) => one.id))} only`);
  if (policy !== null && asked.environment !== null && policy.environment !== asked.environment)
    say(
      field,
      `is \`${id}\`, which builds for ${policy.environment}; asked is a release to ${asked.environment}`,
    );
  if (asked.builder !== null && id !== asked.builder)
    say(field, `is \`${id}\`; asked is \`${asked.builder}\``);
  if (claims === null) return;
  const own = [claims.signer, claims.runner === null ? null : `${HOSTED}${claims.runner}`];
  if (!own.includes(id))
    say(field, `is \`${id}\`; the certificate was given to \`${claims.signer ?? 'nobody'}\``);
}

function builtSource(
  parameters: Readonly<Record<string, unknown>>,
  policy: BuilderPolicy | null,
  say: Say,
): BuiltSource | null {
  const field = `${DEFINITION}.externalParameters`;
  const source = sourceOf(parameters);
  if (source === null) {
    say(
      field,
      'says nowhere which source was built; known are `workflow.repository`, `source` and `repository`',
    );
    return null;
  }
  const known = [...source.parameters, 'entryPoint', ...(policy?.parameters ?? [])];
  for (const [name, value] of Object.entries(parameters))
    if (!known.includes(name) && !isEmpty(value))
      say(
        `${field}.${name}`,
        'was given by whoever started the run, and the policy does not name it among `parameters`',
      );
  return source;
}

const isEmpty = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.keys(value).length === 0);

/** Each value against what is asked, what the certificate says, and what the policy allows. */
function sourceAllowed(source: BuiltSource, { policy, signer, asked }: Against, say: Say): void {
  const { claims } = signer;
  const { repository, ref, path } = source;
  const expected = asked.source === null ? null : addressOf(asked.source).repository;
  if (expected !== null && repository !== expected)
    say(source.repositoryField, `is \`${repository}\`; asked is \`${expected}\``);
  if (claims !== null && repository !== claims.repository)
    say(
      source.repositoryField,
      `is \`${repository}\`; the certificate was given to a run of \`${claims.repository}\``,
    );
  if (policy !== null && !policy.sources.some((one) => allowedBy(one, repository)))
    say(
      source.repositoryField,
      `is \`${repository}\`; the policy lets this builder build ${listed(policy.sources)}`,
    );
  const shown = ref === null ? 'not said' : `\`${ref}\``;
  if (asked.ref !== null && ref !== asked.ref) say(source.refField, `is ${shown}; asked is \`${asked.ref}\``);
  if (claims !== null && ref !== claims.ref)
    say(source.refField, `is ${shown}; the certificate was given to a run of \`${claims.ref}\``);
  if (policy !== null && (ref === null || !policy.refs.some((one) => allowedBy(one, ref))))
    say(source.refField, `is ${shown}; the policy lets this builder build ${listed(policy.refs)}`);
  const config = claims?.config ?? null;
  if (config !== null && path !== null && !config.startsWith(`${repository}/${path}@`))
    say(
      `${DEFINITION}.externalParameters.workflow.path`,
      `is \`${path}\`; the certificate was given to a run of \`${config}\``,
    );
}

/** The commit that was built: the dependency that is the source itself. Null where it is not said, or not one. */
function sourceCommit(
  { predicate }: Provenance,
  source: BuiltSource,
  { signer, asked }: Against,
  say: Say,
): string | null {
  const field = `${DEFINITION}.resolvedDependencies`;
  const all = predicate.buildDefinition.resolvedDependencies;
  const own = all.filter(({ uri }) => uri !== undefined && addressOf(uri).repository === source.repository);
  if (own.length === 0) {
    say(field, `none is \`${source.repository}\`, which was built`);
    return null;
  }
  const commits = new Set(own.map(({ digest }) => digest?.gitCommit ?? digest?.sha1 ?? ''));
  const [commit = ''] = commits;
  if (commits.size > 1 || !/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit)) {
    say(
      `${field}.digest`,
      `names ${commits.size > 1 ? 'several commits' : 'no full commit'} of \`${source.repository}\``,
    );
    return null;
  }
  for (const { uri = '' } of own) {
    const { ref } = addressOf(uri);
    if (ref !== null && source.ref !== null && ref !== source.ref)
      say(`${field}.uri`, `is at \`${ref}\`, and what was built is \`${source.ref}\``);
  }
  const claimed = signer.claims?.commit ?? null;
  if (signer.claims !== null && commit !== claimed)
    say(`${field}.digest`, `is ${commit}; the certificate was given to a run of ${claimed ?? 'no commit'}`);
  if (asked.commit !== null && commit !== asked.commit)
    say(`${field}.digest`, `is ${commit}; asked is ${asked.commit}`);
  return commit;
}

/** The run: what its authority says it was, or an address of the builder's own. */
function invocation({ predicate }: Provenance, { policy, signer, asked }: Against, say: Say): void {
  const field = `${RUN}.metadata.invocationId`;
  const { builder, metadata } = predicate.runDetails;
  const { invocationId: id } = metadata;
  const { claims } = signer;
  if (asked.invocation !== null && id !== asked.invocation)
    say(field, `is \`${id}\`; asked is \`${asked.invocation}\``);
  if (claims !== null) {
    if (id !== claims.invocation)
      say(field, `is \`${id}\`; the certificate was given to \`${claims.invocation ?? 'no run'}\``);
    return;
  }
  const origin = URL.canParse(builder.id) ? `${new URL(builder.id).origin}/*` : builder.id;
  const allowed = policy?.invocations ?? origin;
  if (!allowedBy(allowed, id)) say(field, `is \`${id}\`; runs of this builder are called \`${allowed}\``);
}

/** A run ends after it began, nothing is signed before it ended, and nothing lies in the future. */
function times({ predicate }: Provenance, signedAt: Date | null, now: Date, say: Say): void {
  const { startedOn, finishedOn } = predicate.runDetails.metadata;
  const latest = signedAt ?? now;
  const word = signedAt === null ? 'which is yet to come' : `after it was signed at ${latest.toISOString()}`;
  for (const [name, value] of Object.entries({ startedOn, finishedOn }))
    if (value !== undefined && Date.parse(value) > latest.getTime() + SKEW)
      say(`${RUN}.metadata.${name}`, `is ${value}, ${word}`);
  if (startedOn !== undefined && finishedOn !== undefined && Date.parse(finishedOn) < Date.parse(startedOn))
    say(`${RUN}.metadata.finishedOn`, `is ${finishedOn}, before it began at ${startedOn}`);
}

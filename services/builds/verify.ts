/** Attestations in files against the policy of an estate: which builds have evidence that holds, and what each of the others lacks. */
import { createHash, type KeyObject } from 'node:crypto';
import { type Attestation, readAttestations } from '@macadam/adapters/attestations/envelope';
import { isSignedBy, publicKeyOf } from '@macadam/adapters/attestations/keys';
import { type BundleVerifier, bundleVerifier, hasCertificate } from '@macadam/adapters/attestations/sigstore';
import { type BuilderPolicy, type BuildPolicy, buildPolicySchema } from '@macadam/core/builds/policy';
import {
  type AskedBuild,
  type AttestationSigner,
  judgeProvenance,
  type ProvenanceFacts,
  type RunClaims,
} from '@macadam/core/builds/provenance';
import { type FieldDiagnostic, PAYLOAD_TYPE, readProvenance } from '@macadam/core/builds/statement';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';

/** A policy with everything that it names: keys by builder, and Sigstore's root. */
export interface LoadedPolicy {
  readonly policy: BuildPolicy;
  readonly keys: readonly { readonly key: KeyObject; readonly builders: readonly BuilderPolicy[] }[];
  /** Null: the policy names no root, so nobody can tell who signed with a certificate. */
  readonly bundles: BundleVerifier | null;
  readonly sha256: string;
}

/** `read` gives the text of a file that the policy names, by the name that stands there; it throws where there is none. */
export async function loadBuildPolicy(
  text: string,
  file: string,
  read: (name: string) => string,
): Promise<LoadedPolicy | { readonly mistakes: readonly FileDiagnostic[] }> {
  const document = readDocument(text, file, buildPolicySchema);
  if ('mistakes' in document) return document;
  const policy = document.value;
  const mistakes: FileDiagnostic[] = [];
  const mistake = (path: readonly (string | number)[], name: string, error: unknown) =>
    mistakes.push({
      file,
      line: document.lineOf(path),
      column: 1,
      field: path.join('.'),
      reason: `\`${name}\` ${error instanceof TypeError ? error.message : `cannot be read (${(error as Error).message})`}`,
    });
  const named = new Map<string, { readonly key: KeyObject; readonly builders: BuilderPolicy[] }>();
  for (const [index, builder] of policy.builders.entries()) {
    for (const [at, name] of (builder.keys ?? []).entries()) {
      try {
        const known = named.get(name) ?? { key: publicKeyOf(read(name)), builders: [] };
        known.builders.push(builder);
        named.set(name, known);
      } catch (error) {
        mistake(['builders', index, 'keys', at], name, error);
      }
    }
  }
  let bundles: BundleVerifier | null = null;
  if (policy.trust_root !== undefined) {
    try {
      bundles = await bundleVerifier(read(policy.trust_root), policy.transparency);
    } catch (error) {
      mistake(['trust_root'], policy.trust_root, error);
    }
  }
  if (mistakes.length > 0) return { mistakes };
  return {
    policy,
    keys: [...named.values()],
    bundles,
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}

/** What came of one attestation. Undecided: nobody could look, and `why` says what would let us. */
export type AttestationOutcome = {
  readonly file: string;
  readonly line: number;
  readonly sha256: string;
} & (
  | { readonly outcome: 'verified'; readonly facts: ProvenanceFacts; readonly claims: RunClaims | null }
  | { readonly outcome: 'refused'; readonly wrong: readonly FieldDiagnostic[] }
  | { readonly outcome: 'undecided'; readonly why: string }
);

interface VerifyAttestationsInput {
  readonly text: string;
  readonly file: string;
  readonly loaded: LoadedPolicy;
  readonly asked: AskedBuild;
  readonly now: Date;
}

/** Every attestation of a text, in its order; what cannot be read as one is refused. */
export function verifyAttestations({
  text,
  file,
  loaded,
  asked,
  now,
}: VerifyAttestationsInput): readonly AttestationOutcome[] {
  const { attestations, mistakes } = readAttestations(text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const unread = mistakes.map(
    ({ line, field, reason }): AttestationOutcome => ({
      file,
      line,
      sha256,
      outcome: 'refused',
      wrong: [{ field: field || 'envelope', why: reason }],
    }),
  );
  const read = attestations.map((one): AttestationOutcome => {
    const verdict = verdictOn(one, loaded, asked, now);
    return {
      file,
      line: one.line,
      sha256: createHash('sha256').update(one.envelope.payload).digest('hex'),
      ...verdict,
    };
  });
  return [...unread, ...read];
}

type Verdict =
  | { readonly outcome: 'verified'; readonly facts: ProvenanceFacts; readonly claims: RunClaims | null }
  | { readonly outcome: 'refused'; readonly wrong: readonly FieldDiagnostic[] }
  | { readonly outcome: 'undecided'; readonly why: string };

function verdictOn(attestation: Attestation, loaded: LoadedPolicy, asked: AskedBuild, now: Date): Verdict {
  const { envelope } = attestation;
  if (envelope.payloadType !== PAYLOAD_TYPE)
    return refused('payloadType', `is \`${envelope.payloadType}\`; asked is \`${PAYLOAD_TYPE}\``);
  const signer = signerOf(attestation, loaded);
  if ('outcome' in signer) return signer;
  let payload: unknown;
  try {
    payload = JSON.parse(envelope.payload.toString('utf8'));
  } catch {
    return refused('payload', 'is not JSON');
  }
  const statement = readProvenance(payload);
  if ('wrong' in statement) return { outcome: 'refused', wrong: statement.wrong };
  const verdict = judgeProvenance(statement, signer, asked, now);
  if ('wrong' in verdict) return { outcome: 'refused', wrong: verdict.wrong };
  return { outcome: 'verified', facts: verdict.facts, claims: signer.claims };
}

const refused = (field: string, why: string): Verdict => ({ outcome: 'refused', wrong: [{ field, why }] });

function signerOf({ envelope, bundle }: Attestation, loaded: LoadedPolicy): AttestationSigner | Verdict {
  const { policy, keys, bundles } = loaded;
  if (bundle !== null && hasCertificate(bundle)) {
    if (bundles === null) {
      const why =
        'it is signed with a certificate, and the policy names no `trust_root` that says whose; give it a trusted_root.json';
      return { outcome: 'undecided', why };
    }
    const signer = bundles(bundle);
    if ('wrong' in signer) return { outcome: 'refused', wrong: [signer.wrong] };
    const { issuer } = signer.claims;
    const builders = policy.builders.filter((one) => one.issuer !== undefined && one.issuer === issuer);
    if (builders.length === 0)
      return refused(
        'verificationMaterial.certificate',
        `was given by the word of \`${issuer}\`, which the policy does not name as \`issuer\``,
      );
    return { builders, claims: signer.claims, signedAt: signer.signedAt };
  }
  const own = keys.filter(({ key }) => isSignedBy(key, envelope));
  if (own.length === 0)
    return keys.length === 0
      ? {
          outcome: 'undecided',
          why: 'it is signed with a key, and the policy names none; give its builder `keys`',
        }
      : refused('signatures', 'none holds over the statement by a key of the policy');
  return { builders: own.flatMap(({ builders }) => builders), claims: null, signedAt: null };
}

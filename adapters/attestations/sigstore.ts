/**
 * Sigstore bundles, verified offline by its own library against a trusted root in a file: the certificate up to an authority, its entry in a
 * log of certificates, when it was signed, and the entry in a log of signatures. What the certificate says of the run is what the authority
 * found out, not what the run says of itself. Extensions: Fulcio's OID information (1.3.6.1.4.1.57264.1).
 */
import { X509Certificate } from 'node:crypto';
import type { RunClaims } from '@macadam/core/builds/provenance';
import type { FieldDiagnostic } from '@macadam/core/builds/statement';
import { elementOf } from '@macadam/core/text/der';
import type { VerifiedSigner } from '@sigstore/verify';
import { isRecord } from '../facts/line.ts';

export interface BundleSigner {
  readonly claims: RunClaims;
  readonly signedAt: Date;
}

/** Verifies one bundle: who signed it, or in which part it does not hold. */
export type BundleVerifier = (
  bundle: Readonly<Record<string, unknown>>,
) => BundleSigner | { readonly wrong: FieldDiagnostic };

/** Whether a bundle was signed by a certificate; else by a key that has to be known. */
export function hasCertificate({ verificationMaterial }: Readonly<Record<string, unknown>>): boolean {
  return isRecord(verificationMaterial) && !('publicKey' in verificationMaterial);
}

const THRESHOLDS = {
  log: { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: 1 },
  // An authority of one's own may have no logs; then a time stamp has to say when.
  timestamp: { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 1 },
} as const;

/** `root`: text of a `trusted_root.json`. Throws TypeError where it is none. */
export async function bundleVerifier(
  root: string,
  transparency: 'log' | 'timestamp',
): Promise<BundleVerifier> {
  const { bundleFromJSON, toSignedEntity, toTrustMaterial, TrustedRoot, VerificationError, Verifier } =
    await import('./sigstore-library.ts');
  let trust: object;
  try {
    const read = TrustedRoot.fromJSON(JSON.parse(root));
    if (read.certificateAuthorities.length === 0) throw new TypeError('it names no certificate authority');
    trust = toTrustMaterial(read);
  } catch (error) {
    throw new TypeError(`is not a trusted root of Sigstore (${(error as Error).message})`);
  }
  const verifier = new Verifier(trust, THRESHOLDS[transparency]);
  return (json) => {
    try {
      const bundle = bundleFromJSON(json);
      const signer = verifier.verify(toSignedEntity(bundle));
      const [entry] = bundle.verificationMaterial.tlogEntries;
      const logged = entry?.inclusionPromise === undefined ? 0 : Number(entry.integratedTime);
      return {
        claims: claimsOf(signer),
        signedAt: logged > 0 ? new Date(logged * 1000) : new Date(certificateOf(json).validTo),
      };
    } catch (error) {
      const { code } = error instanceof VerificationError ? error : { code: 'BUNDLE' };
      const { message } = error as Error;
      return { wrong: { field: fieldOf(code, message), why: message } };
    }
  };
}

/** The part of a bundle that a failure of the library is about. */
function fieldOf(code: string, message: string): string {
  if (code === 'SIGNATURE_ERROR') return 'signatures';
  if (code === 'TLOG_BODY_ERROR')
    return /payload hash/.test(message) ? 'payload' : 'verificationMaterial.tlogEntries';
  if (code.startsWith('TLOG')) return 'verificationMaterial.tlogEntries';
  if (code === 'TIMESTAMP_ERROR') return 'verificationMaterial.timestampVerificationData';
  return code === 'BUNDLE' ? 'bundle' : 'verificationMaterial.certificate';
}

function certificateOf({ verificationMaterial }: Readonly<Record<string, unknown>>): X509Certificate {
  const { certificate, x509CertificateChain } = verificationMaterial as {
    readonly certificate?: { readonly rawBytes: string };
    readonly x509CertificateChain?: { readonly certificates: readonly { readonly rawBytes: string }[] };
  };
  const { rawBytes = '' } = certificate ?? x509CertificateChain?.certificates[0] ?? {};
  return new X509Certificate(Buffer.from(rawBytes, 'base64'));
}

const FULCIO = '1.3.6.1.4.1.57264.1.';

function claimsOf({ identity }: VerifiedSigner): RunClaims {
  const texts = new Map<string, string>();
  for (const { oid, value } of identity?.oids ?? []) {
    const id = oid?.id.join('.') ?? '';
    if (id.startsWith(FULCIO)) texts.set(id.slice(FULCIO.length), textOf(value));
  }
  const claim = (number: number): string | null => texts.get(String(number)) ?? null;
  return {
    issuer: identity?.extensions?.issuer ?? claim(8),
    signer: claim(9),
    signerDigest: claim(10),
    runner: claim(11),
    repository: claim(12),
    commit: claim(13),
    ref: claim(14),
    config: claim(18),
    invocation: claim(21),
  };
}

/** Extensions from the eighth on hold a UTF8String; those before hold the text itself. */
function textOf(value: Buffer): string {
  try {
    const element = elementOf(value);
    if (element.tag === 0x0c && element.whole.length === value.length) return element.bytes.toString('utf8');
  } catch {
    // The text itself.
  }
  return value.toString('utf8');
}

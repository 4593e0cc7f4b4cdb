/**
 * What a collection leaves behind: a manifest of who looked at what with which rights, and the digest of what came.
 * Manifests of a source are chained and signed, so that none can be changed, dropped or put in between unnoticed. An
 * auditor checks them by docs/audit/verify-manifests.mjs, and a sample of observations by verify-sample.mjs: no store, no network.
 *
 * Digests are SHA-256 in hexadecimal. The root over the observations is the Merkle tree hash of RFC 6962 §2.1, over
 * leaves in order of their digests, so that the order of arrival does not matter. Signatures are Ed25519 (RFC 8032)
 * over the UTF-8 bytes of the manifest's canonical text.
 */
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { canonical } from '@macadam/core/text/canonical';

export interface Manifest {
  readonly format: 'macadam.manifest/1';
  readonly source: string;
  /** Counts from 1 for each source. */
  readonly sequence: number;
  /** Digest of the manifest before, of the same source; null for the first. */
  readonly previous: string | null;
  readonly collection: Collection;
  /** Name of the collection by content: the same collection again has the same. */
  readonly digest: string;
  readonly observations: number;
  /** Merkle root over the observations that were taken. */
  readonly root: string;
  readonly quarantined: number;
  readonly quarantinedRoot: string;
  readonly receivedAt: string;
}

export interface SignedManifest {
  readonly manifest: Manifest;
  /** SHA-256 of the manifest's canonical text: what the next one calls `previous`. */
  readonly digest: string;
  /** SHA-256 of the public key (SPKI, DER); null where the store was given no key, and so is `signature`. */
  readonly key: string | null;
  /** Base64. */
  readonly signature: string | null;
}

/** The text of an observation that its digest is taken of. When it was received is ours, and no part of what came. */
export const observationText = (observation: Observation): string =>
  canonical(observationContent(observation));

/** What came of an observation, and no more. */
export function observationContent(observation: Observation): Omit<Observation, 'receivedAt'> {
  const { assurance, attributes, container, estate, format, id, kind } = observation;
  const { location, name, observedAt, source } = observation;
  // In the order of the keys, which is the fast way through `canonical`.
  const content = {
    assurance,
    attributes,
    container,
    estate,
    format,
    id,
    kind,
    location,
    name,
    observedAt,
    source,
  };
  return content as Omit<Observation, 'receivedAt'>;
}

/** The digest of a leaf of the tree: of one observation. */
export const leafDigest = (text: string): string => hash('sha256', `\0${text}`);

/** The name of a collection by content. */
export const collectionDigest = (collection: Collection, root: string, quarantinedRoot: string): string =>
  hash('sha256', canonical({ collection, root, quarantinedRoot }));

/** One step from a leaf to the root: the digest beside it, and on which side that stands. */
export interface Step {
  readonly side: 'left' | 'right';
  readonly digest: string;
}

/** Shows that a leaf is under the root of these leaves; null if it is not one of them. RFC 6962 §2.1.1. */
export function inclusion(leaves: Iterable<string>, leaf: string): readonly Step[] | null {
  const tree = levels(leaves);
  let index = tree[0]?.indexOf(leaf) ?? -1;
  if (index < 0) return null;
  const steps: Step[] = [];
  for (const level of tree.slice(0, -1)) {
    const beside = level[index ^ 1];
    if (beside !== undefined) steps.push({ side: index % 2 === 0 ? 'right' : 'left', digest: beside });
    index >>= 1;
  }
  return steps;
}

/** Every level of the tree, leaves first. */
function levels(leaves: Iterable<string>): string[][] {
  let level = ordered(leaves);
  const all = [level];
  while (level.length > 1) {
    level = above(level);
    all.push(level);
  }
  return all;
}

const ordered = (leaves: Iterable<string>): string[] =>
  [...leaves].sort().filter((leaf, index, sorted) => leaf !== sorted[index - 1]);

/** The level above one: an odd one out moves up as it is, which is RFC 6962's split. */
function above(level: readonly string[]): string[] {
  const next: string[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const [left = '', right] = [level[index], level[index + 1]];
    next.push(right === undefined ? left : node(left, right));
  }
  return next;
}

const node = (left: string, right: string) => {
  inner.write(left, 1, 'hex');
  inner.write(right, 33, 'hex');
  return hash('sha256', inner);
};
const inner = Buffer.alloc(65, 1);

/** Signs a manifest; without a key it is chained only. Throws `TypeError` for a key that is not Ed25519. */
export function signManifest(manifest: Manifest, key: KeyObject | null): SignedManifest {
  const text = canonical(manifest);
  const digest = hash('sha256', text);
  if (!key) return { manifest, digest, key: null, signature: null };
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('manifests are signed with an Ed25519 key');
  return {
    manifest,
    digest,
    key: keyId(createPublicKey(key)),
    signature: sign(null, Buffer.from(text), key).toString('base64'),
  };
}

/** A key from PKCS #8 PEM, as an edge reads it from a file. Throws `TypeError` with what is wrong. */
export function signingKey(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('manifests are signed with an Ed25519 key');
  return key;
}

/** The name under which a public key stands in a signed manifest. */
export const keyId = (publicKey: KeyObject): string =>
  hash('sha256', publicKey.export({ type: 'spki', format: 'der' }));

/**
 * The chains as a file, a signed manifest a line, and at the end the newest of each source, so that a file that broke off is seen to
 * have. `manifests`: in order of their chains.
 */
export function* manifestFile(manifests: readonly SignedManifest[]): Generator<string> {
  const heads = new Map<string, string>();
  for (const signed of manifests) {
    yield `${JSON.stringify(signed)}\n`;
    heads.set(signed.manifest.source, signed.digest);
  }
  yield `${JSON.stringify({ heads: Object.fromEntries(heads) })}\n`;
}

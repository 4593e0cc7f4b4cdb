/** What an auditor does with what the facts give: chains of manifests by the program that stands alone, and roots as RFC 6962 says. */
import { hash, type KeyObject } from 'node:crypto';
import {
  leafDigest,
  observationText,
  type SignedManifest,
  type Step,
} from '@macadam/adapters/facts/manifest';
import type { Observation } from '@macadam/core/facts/observation';

interface Verifier {
  readonly faultsOf: (
    manifests: readonly SignedManifest[],
    keys: readonly KeyObject[],
    heads: readonly (readonly [source: string, digest: string])[],
  ) => readonly string[];
}

/** The program has no types, as auditors run it by Node alone. */
const VERIFIER: string = new URL('../../docs/audit/verify-manifests.mjs', import.meta.url).href;
export const { faultsOf }: Verifier = await import(VERIFIER);

const node = (left: string, right: string): string => hash('sha256', Buffer.from(`01${left}${right}`, 'hex'));

/** The Merkle tree hash over leaf digests in any order. Repeated leaves count once. */
export function merkleRoot(leaves: Iterable<string>): string {
  const rootOf = (level: readonly string[]): string => {
    if (level.length === 1) return level[0] ?? '';
    // The largest power of two that is less than all.
    const split = 2 ** Math.floor(Math.log2(level.length - 1));
    return node(rootOf(level.slice(0, split)), rootOf(level.slice(split)));
  };
  const ordered = [...new Set(leaves)].sort();
  return ordered.length === 0 ? hash('sha256', '') : rootOf(ordered);
}

/** Whether an observation is under a manifest's root. */
export function isIncluded(observation: Observation, steps: readonly Step[], root: string): boolean {
  let digest = leafDigest(observationText(observation));
  for (const step of steps)
    digest = step.side === 'left' ? node(step.digest, digest) : node(digest, step.digest);
  return digest === root;
}

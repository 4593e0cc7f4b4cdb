/**
 * Attestations against the test cases of sigstore-conformance (a folder a case; `_fail` in its name says that it has to be refused): all
 * that hold a statement. Cases about a file and its signature hold none. Cases without a root of their own are of the public instance.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAttestations } from '@macadam/adapters/attestations/envelope';
import { bundleVerifier } from '@macadam/adapters/attestations/sigstore';
import type { Case, Suite } from '../suite.ts';

const CASES = 'sigstore/bundle-verify';
const PUBLIC_ROOT = 'sigstore/trusted_root.json';

export const suite: Suite = {
  name: 'sigstore',
  proves: 'bundles around statements are accepted and refused as Sigstore asks',
  vectors: [`${CASES}/*/bundle.sigstore.json`, PUBLIC_ROOT],
  load: async (vectors) =>
    readdirSync(join(vectors, CASES), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }): readonly Case[] => {
        const folder = join(vectors, CASES, name);
        const text = readFileSync(join(folder, 'bundle.sigstore.json'), 'utf8');
        if (!text.includes('"dsseEnvelope"')) return [];
        const own = join(folder, 'trusted_root.json');
        const root = readFileSync(existsSync(own) ? own : join(vectors, PUBLIC_ROOT), 'utf8');
        return [{ id: name, run: () => verified(text, root, !name.endsWith('_fail')) }];
      }),
};

async function verified(text: string, root: string, isGood: boolean): Promise<string | null> {
  const why = await refusal(text, root);
  if (isGood) return why === null ? null : `is good, we refuse: ${why}`;
  return why === null ? 'has to be refused, we accept it' : null;
}

async function refusal(text: string, root: string): Promise<string | null> {
  const { attestations, mistakes } = readAttestations(text);
  const [first] = attestations;
  if (first?.bundle == null) return mistakes[0]?.reason ?? 'no bundle';
  const answer = (await bundleVerifier(root, 'log'))(first.bundle);
  return 'wrong' in answer ? `${answer.wrong.field}: ${answer.wrong.why}` : null;
}

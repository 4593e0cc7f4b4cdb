import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import type { Observation } from '@macadam/core/facts/observation';
import { faultsOf, isIncluded, merkleRoot } from '@macadam/testing/facts/auditor';
import { given } from '@macadam/testing/facts/devices';
import fc from 'fast-check';
import {
  collectionDigest,
  inclusion,
  leafDigest,
  type Manifest,
  observationText,
  type SignedManifest,
  signingKey,
  signManifest,
} from './manifest.ts';

const own = generateKeyPairSync('ed25519');
const strange = generateKeyPairSync('ed25519');

/** A chain as a store makes it. */
function chain(length: number, key = own.privateKey): readonly SignedManifest[] {
  const signed: SignedManifest[] = [];
  for (let sequence = 1; sequence <= length; sequence += 1) {
    const [collection, observations] = given({ started: sequence, saw: { one: `${sequence}` } });
    const root = merkleRoot(observations.map((each) => leafDigest(observationText(each))));
    const none = merkleRoot([]);
    const manifest: Manifest = {
      format: 'macadam.manifest/1',
      source: collection.source,
      sequence,
      previous: signed.at(-1)?.digest ?? null,
      collection,
      digest: collectionDigest(collection, root, none),
      observations: observations.length,
      root,
      quarantined: 0,
      quarantinedRoot: none,
      receivedAt: collection.finishedAt,
    };
    signed.push(signManifest(manifest, key));
  }
  return signed;
}

test('a chain holds in any order, and up to the head that was written down', () => {
  const all = chain(3);
  assert.deepEqual(faultsOf(all.toReversed(), [own.publicKey], [['lan', all[2]?.digest ?? '']]), []);
});

const [first, second, third] = chain(3);
assert.ok(first && second && third);
const changed = (over: Partial<Manifest>): SignedManifest => ({
  ...second,
  manifest: { ...second.manifest, ...over },
});
const broken: readonly (readonly [
  string,
  readonly SignedManifest[],
  readonly (readonly [source: string, digest: string])[],
  RegExp,
])[] = [
  [
    'a changed count',
    [first, changed({ observations: 5 }), third],
    [],
    /^manifest 2 of lan is not what its digest was taken of\nthe signature of manifest 2 of lan is not of its text/,
  ],
  [
    'one signed anew with another key',
    [first, signManifest(second.manifest, strange.privateKey), third],
    [],
    /^manifest 2 of lan is signed with key [0-9a-f]{64}, which is not trusted$/,
  ],
  [
    'one without a signature',
    [first, signManifest(second.manifest, null), third],
    [],
    /^manifest 2 of lan is not signed$/,
  ],
  [
    'one dropped',
    [first, third],
    [],
    /^manifest 3 of lan follows manifest 1: one is missing or stands twice$/,
  ],
  [
    'one twice',
    [first, second, second, third],
    [],
    /manifest 2 of lan follows manifest 2: one is missing or stands twice/,
  ],
  [
    'another history',
    [first, signManifest({ ...second.manifest, previous: third.digest }, own.privateKey), third],
    [],
    /^manifest 2 of lan does not follow the manifest before it\nmanifest 3 of lan does not follow/,
  ],
  [
    'an end cut off',
    [first, second],
    [['lan', third.digest]],
    /^the chain of lan no longer holds the manifest /,
  ],
  [
    'a whole source left out',
    [first],
    [['agent', third.digest]],
    /^the chain of agent no longer holds the manifest /,
  ],
  [
    'observations of another collection',
    [signManifest({ ...first.manifest, root: second.manifest.root }, own.privateKey)],
    [],
    /^manifest 1 of lan names a collection that is not its own$/,
  ],
];
for (const [what, manifests, heads, expected] of broken) {
  test(`${what} is found`, () =>
    assert.match(faultsOf(manifests, [own.publicKey], heads).join('\n'), expected));
}

test('only an Ed25519 key signs', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  assert.throws(() => signingKey(pem), /signed with an Ed25519 key/);
  assert.throws(() => signManifest(first.manifest, privateKey), /signed with an Ed25519 key/);
});

const named = (name: string): Observation =>
  ({ ...given({ started: 1, saw: { one: 'a' } })[1][0], name }) as Observation;

test('every leaf of a root, in any order, and no other is shown to be under it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 20 }), fc.string(), (names, other) => {
      const leaves = names.map((name) => leafDigest(observationText(named(name))));
      const root = merkleRoot(leaves);
      assert.equal(merkleRoot([...leaves.toReversed(), ...leaves]), root);
      for (const [index, leaf] of leaves.entries()) {
        const steps = inclusion(leaves, leaf);
        assert.ok(steps && isIncluded(named(names[index] ?? ''), steps, root));
        if (!names.includes(other)) assert.equal(isIncluded(named(other), steps, root), false);
      }
      if (!names.includes(other))
        assert.equal(inclusion(leaves, leafDigest(observationText(named(other)))), null);
    }),
  );
});

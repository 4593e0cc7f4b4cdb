/** Any text as attestations: an outcome and never a throw, and nothing is verified but the statement that was signed. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { signedEnvelope } from '@macadam/adapters/attestations/keys';
import { ANY_BUILD } from '@macadam/core/builds/provenance';
import { PAYLOAD_TYPE } from '@macadam/core/builds/statement';
import { loadBuildPolicy, verifyAttestations } from '@macadam/services/builds/verify';
import { sigstoreAuthority } from '@macadam/testing/sigstore-authority';
import type { Target } from '../target.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const REPOSITORY = 'https://github.com/acme/shop';
const WORKFLOW = `${REPOSITORY}/.github/workflows/ship.yml@refs/heads/main`;
const ISSUER = 'https://token.actions.githubusercontent.com';
const COMMIT = 'c'.repeat(40);
const RUN = `${REPOSITORY}/actions/runs/17/attempts/1`;
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'shop.tgz', digest: { sha256: 'a'.repeat(64) } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: {
      buildType: 'https://ci.example/v1',
      externalParameters: {
        workflow: { ref: 'refs/heads/main', repository: REPOSITORY, path: '.github/workflows/ship.yml' },
      },
      resolvedDependencies: [{ uri: `git+${REPOSITORY}@refs/heads/main`, digest: { gitCommit: COMMIT } }],
    },
    runDetails: { builder: { id: WORKFLOW }, metadata: { invocationId: RUN } },
  },
};
const SIGNED = createHash('sha256').update(JSON.stringify(statement)).digest('hex');
const own = generateKeyPairSync('ed25519');
const authority = sigstoreAuthority(new Date('2026-01-01T00:00:00Z'));
const extensions = {
  8: ISSUER,
  9: WORKFLOW,
  10: COMMIT,
  11: 'github-hosted',
  12: REPOSITORY,
  13: COMMIT,
  14: 'refs/heads/main',
  18: WORKFLOW,
  21: RUN,
};
const builder = `id: ${JSON.stringify(WORKFLOW)}, build_types: ["https://ci.example/v1"], sources: ["${REPOSITORY}"], refs: [refs/heads/main], environment: production`;
const loaded = await loadBuildPolicy(
  `trust_root: root\nbuilders:\n  - { ${builder}, issuer: "${ISSUER}" }\n  - { ${builder}, keys: [own] }\n`,
  'builds.yaml',
  (name) =>
    name === 'root' ? authority.trustedRoot : String(own.publicKey.export({ type: 'spki', format: 'pem' })),
);
if ('mistakes' in loaded) throw new TypeError(JSON.stringify(loaded.mistakes));
const policy = loaded;
const bundle = authority.bundle(statement, extensions, new Date('2026-11-20T10:00:00Z'));

export const target: Target = {
  seeds: () => [
    JSON.stringify(bundle),
    signedEnvelope(PAYLOAD_TYPE, statement, own.privateKey),
    `${JSON.stringify(bundle)}\n{"attestations":[{"bundle":{}},1]}\n`,
  ],
  words: [
    '"payload":',
    '"payloadType":',
    '"signatures":[',
    '"sig":',
    '"attestations":',
    '"__proto__":',
    'null',
    '1e999',
  ],
  fuzz: (text) => {
    const outcomes = verifyAttestations({ text, file: 'fuzz', loaded: policy, asked: ANY_BUILD, now: NOW });
    if (outcomes.length === 0) throw new Error('nothing was said of it');
    for (const one of outcomes) {
      if (one.outcome === 'verified' && one.sha256 !== SIGNED)
        throw new Error('what nobody signed was verified');
      if (one.outcome === 'refused' && one.wrong.length === 0) throw new Error('refused without a reason');
    }
  },
};

/** Provenance as builders write it, and the same forged in one field after another by somebody who can sign it. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { signedEnvelope, signingKeyOf } from '@macadam/adapters/attestations/keys';
import { ANY_BUILD, type AskedBuild } from '@macadam/core/builds/provenance';
import { PAYLOAD_TYPE } from '@macadam/core/builds/statement';
import { sigstoreAuthority } from '@macadam/testing/sigstore-authority';
import { artefactOutcome, buildObservations, runsWithoutEvidence, summaryOf } from './evidence.ts';
import { runsIn } from './runs.ts';
import { type LoadedPolicy, loadBuildPolicy, verifyAttestations } from './verify.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const COMMIT = 'c'.repeat(40);
const TEMPLATE_COMMIT = '7'.repeat(40);
const DIGEST = 'a'.repeat(64);
const REPOSITORY = 'https://github.com/acme/shop';
const TEMPLATE = 'https://github.com/acme/templates/.github/workflows/release.yml@refs/tags/v4';
const CONFIG = `${REPOSITORY}/.github/workflows/ship.yml@refs/tags/v1`;
const RUN = `${REPOSITORY}/actions/runs/17/attempts/1`;
const WORKFLOW = 'https://actions.github.io/buildtypes/workflow/v1';
const GITHUB = 'https://token.actions.githubusercontent.com';

const pem = (
  key: { export: (as: { type: 'spki' | 'pkcs8'; format: 'pem' }) => string | Buffer },
  type: 'spki' | 'pkcs8',
) => String(key.export({ type, format: 'pem' }));
const own = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const authority = sigstoreAuthority(new Date('2026-01-01T00:00:00Z'));
const stranger = sigstoreAuthority(new Date('2026-01-01T00:00:00Z'));

const POLICY = `
trust_root: root.json
builders:
  - id: "https://github.com/acme/templates/*"
    issuer: ${GITHUB}
    build_types: [${WORKFLOW}]
    sources: ["https://github.com/acme/*"]
    refs: ["refs/tags/*"]
    environment: production
    templates: [acme/templates/]
  - id: https://ci.example/governed
    keys: [own.pem]
    build_types: [https://ci.example/types/v1]
    sources: [${REPOSITORY}]
    refs: [refs/heads/main]
    environment: production
  - id: https://ci.example/other
    keys: [other.pem]
    build_types: [https://ci.example/types/v1]
    sources: [${REPOSITORY}]
    refs: [refs/heads/main]
    environment: test
`;
const FILES: Readonly<Record<string, string>> = {
  'root.json': authority.trustedRoot,
  'own.pem': pem(own.publicKey, 'spki'),
  'other.pem': pem(other.publicKey, 'spki'),
};

async function loaded(text = POLICY): Promise<LoadedPolicy> {
  const read = await loadBuildPolicy(text, 'builds.yaml', (name) => {
    const { [name]: found } = FILES;
    if (found === undefined) throw new Error('no such file');
    return found;
  });
  if ('mistakes' in read) throw new Error(JSON.stringify(read.mistakes));
  return read;
}

const ANY: AskedBuild = {
  ...ANY_BUILD,
  artefacts: [{ name: 'shop.tgz', sha256: DIGEST, sha512: null }],
};

const policy = loaded();
type Json = Record<string, unknown>;

/** A value somewhere in a statement replaced by another; undefined takes it away. */
function forged(statement: Json, path: string, value: unknown): Json {
  const copy = structuredClone(statement);
  const names = path.split('/');
  const last = names.pop() ?? '';
  const place = names.reduce<Json>((inside, name) => inside[name] as Json, copy);
  if (value === undefined) delete place[last];
  else place[last] = value;
  return copy;
}

const statement: Json = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'shop.tgz', digest: { sha256: DIGEST } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: {
      buildType: WORKFLOW,
      externalParameters: {
        workflow: { ref: 'refs/tags/v1', repository: REPOSITORY, path: '.github/workflows/ship.yml' },
      },
      internalParameters: { github: { event_name: 'push' } },
      resolvedDependencies: [{ uri: `git+${REPOSITORY}@refs/tags/v1`, digest: { gitCommit: COMMIT } }],
    },
    runDetails: {
      builder: { id: TEMPLATE },
      metadata: { invocationId: RUN, startedOn: '2026-11-20T10:00:00Z', finishedOn: '2026-11-20T10:04:00Z' },
    },
  },
};
const SIGNED_AT = new Date('2026-11-20T10:05:00Z');
const RUN_EXTENSIONS = {
  8: GITHUB,
  9: TEMPLATE,
  10: TEMPLATE_COMMIT,
  11: 'github-hosted',
  12: REPOSITORY,
  13: COMMIT,
  14: 'refs/tags/v1',
  18: CONFIG,
  19: COMMIT,
  20: 'push',
  21: RUN,
};
const ownStatement = [
  ['predicate/buildDefinition/buildType', 'https://ci.example/types/v1'],
  ['predicate/buildDefinition/externalParameters', { source: `git+${REPOSITORY}.git@refs/heads/main` }],
  [
    'predicate/buildDefinition/resolvedDependencies',
    [{ uri: `git+${REPOSITORY}.git@refs/heads/main`, digest: { gitCommit: COMMIT } }],
  ],
  ['predicate/runDetails/builder/id', 'https://ci.example/governed'],
  ['predicate/runDetails/metadata/invocationId', 'https://ci.example/runs/17'],
].reduce<Json>((made, [path, value]) => forged(made, String(path), value), statement);

const byCertificate = (made: Json) => JSON.stringify(authority.bundle(made, RUN_EXTENSIONS, SIGNED_AT));
const byKey = (made: Json, key = own.privateKey, type = PAYLOAD_TYPE) => signedEnvelope(type, made, key);

async function outcomeOf(text: string, asked: AskedBuild = ANY) {
  const [only, ...more] = verifyAttestations({
    text,
    file: 'shop.jsonl',
    loaded: await policy,
    asked,
    now: NOW,
  });
  assert.equal(more.length, 0);
  assert.ok(only);
  return only;
}

async function fieldsRefused(text: string, asked: AskedBuild = ANY): Promise<readonly string[]> {
  const outcome = await outcomeOf(text, asked);
  return outcome.outcome === 'refused' ? outcome.wrong.map(({ field }) => field) : [outcome.outcome];
}

const PARAMETERS = 'predicate.buildDefinition.externalParameters';
const DEPENDENCIES = 'predicate.buildDefinition.resolvedDependencies';
const METADATA = 'predicate.runDetails.metadata';
const elsewhere = 'https://github.com/acme/elsewhere';

test('provenance whose every field holds is verified, by a certificate and by a key', async () => {
  for (const text of [byCertificate(statement), byKey(ownStatement)])
    assert.equal((await outcomeOf(text)).outcome, 'verified');
});

test('what was made is compared by each digest that both sides name, as npm names SHA-512 alone', async () => {
  const long = 'e'.repeat(128);
  const named = (digest: Json) => byCertificate(forged(statement, 'subject/0/digest', digest));
  const asked = (sha256: string | null, sha512: string | null) =>
    Object.assign({}, ANY, { artefacts: [{ name: 'shop.tgz', sha256, sha512 }] });
  assert.deepEqual(await fieldsRefused(named({ sha512: long }), asked(DIGEST, long)), ['verified']);
  assert.deepEqual(await fieldsRefused(named({ sha512: long }), asked(DIGEST, null)), ['subject.digest']);
  const both = named({ sha256: DIGEST, sha512: 'f'.repeat(128) });
  assert.deepEqual(await fieldsRefused(both, asked(DIGEST, long)), ['subject.digest']);
});

test('whoever may sign as a run is refused in each field that its authority saw otherwise', async () => {
  const forgeries: readonly (readonly [string, unknown, string])[] = [
    ['_type', 'https://in-toto.io/Statement/v0.1', '_type'],
    ['subject/0/name', 'till.tgz', 'subject.name'],
    ['subject/0/digest', { sha256: 'b'.repeat(64) }, 'subject.digest'],
    ['subject/0/digest', { sha1: 'b'.repeat(40) }, 'subject.digest'],
    ['subject', [], 'subject'],
    ['predicateType', 'https://slsa.dev/provenance/v0.2', 'predicateType'],
    ['predicate/buildDefinition/buildType', 'https://evil.example/v1', 'predicate.buildDefinition.buildType'],
    [
      'predicate/buildDefinition/externalParameters/workflow/repository',
      elsewhere,
      `${PARAMETERS}.workflow.repository`,
    ],
    [
      'predicate/buildDefinition/externalParameters/workflow/ref',
      'refs/tags/v2',
      `${PARAMETERS}.workflow.ref`,
    ],
    ['predicate/buildDefinition/externalParameters/workflow/ref', undefined, `${PARAMETERS}.workflow.ref`],
    [
      'predicate/buildDefinition/externalParameters/workflow/path',
      '.github/workflows/x.yml',
      `${PARAMETERS}.workflow.path`,
    ],
    ['predicate/buildDefinition/externalParameters/before', 'curl evil.example', `${PARAMETERS}.before`],
    ['predicate/buildDefinition/externalParameters', {}, PARAMETERS],
    [
      'predicate/buildDefinition/resolvedDependencies/0/digest/gitCommit',
      'd'.repeat(40),
      `${DEPENDENCIES}.digest`,
    ],
    ['predicate/buildDefinition/resolvedDependencies/0/digest/gitCommit', 'cccccc', `${DEPENDENCIES}.digest`],
    [
      'predicate/buildDefinition/resolvedDependencies/0/uri',
      `git+${REPOSITORY}@refs/tags/v2`,
      `${DEPENDENCIES}.uri`,
    ],
    ['predicate/buildDefinition/resolvedDependencies/0/uri', `git+${elsewhere}@refs/tags/v1`, DEPENDENCIES],
    ['predicate/buildDefinition/resolvedDependencies', undefined, DEPENDENCIES],
    [
      'predicate/runDetails/builder/id',
      'https://github.com/acme/templates/other.yml@v1',
      'predicate.runDetails.builder.id',
    ],
    ['predicate/runDetails/builder/id', 'https://evil.example', 'predicate.runDetails.builder.id'],
    [
      'predicate/runDetails/metadata/invocationId',
      `${REPOSITORY}/actions/runs/18/attempts/1`,
      `${METADATA}.invocationId`,
    ],
    ['predicate/runDetails/metadata/invocationId', undefined, `${METADATA}.invocationId`],
    ['predicate/runDetails/metadata/startedOn', '2026-11-20T10:05:00+00', `${METADATA}.startedOn`],
    ['predicate/runDetails/metadata/startedOn', '2026-11-20T11:00:00Z', `${METADATA}.startedOn`],
    ['predicate/runDetails/metadata/finishedOn', '2026-11-20T11:00:00Z', `${METADATA}.finishedOn`],
    ['predicate/runDetails/metadata/finishedOn', '2026-11-20T09:00:00Z', `${METADATA}.finishedOn`],
  ];
  for (const [path, value, field] of forgeries) {
    const refused = await fieldsRefused(byCertificate(forged(statement, path, value)));
    assert.ok(refused.includes(field), `${path} = ${JSON.stringify(value)}: ${refused}`);
  }
});

test('whoever has a key of the policy is refused in each field that it may not sign', async () => {
  const forgeries: readonly (readonly [string, unknown, string])[] = [
    ['subject/0/digest', { sha256: 'b'.repeat(64) }, 'subject.digest'],
    ['predicate/buildDefinition/buildType', WORKFLOW, 'predicate.buildDefinition.buildType'],
    [
      'predicate/buildDefinition/externalParameters',
      { source: `git+${elsewhere}@refs/heads/main` },
      `${PARAMETERS}.source`,
    ],
    [
      'predicate/buildDefinition/externalParameters',
      { source: `git+${REPOSITORY}@refs/heads/mine` },
      `${PARAMETERS}.source`,
    ],
    [
      'predicate/buildDefinition/externalParameters',
      { source: REPOSITORY, ref: 'refs/heads/mine' },
      `${PARAMETERS}.ref`,
    ],
    [
      'predicate/buildDefinition/resolvedDependencies',
      [{ uri: `git+${elsewhere}`, digest: { gitCommit: COMMIT } }],
      DEPENDENCIES,
    ],
    ['predicate/runDetails/builder/id', 'https://ci.example/other', 'predicate.runDetails.builder.id'],
    ['predicate/runDetails/builder/id', TEMPLATE, 'predicate.runDetails.builder.id'],
    [
      'predicate/runDetails/metadata/invocationId',
      'https://elsewhere.example/runs/17',
      `${METADATA}.invocationId`,
    ],
    ['predicate/runDetails/metadata/finishedOn', '2026-11-21T00:00:00Z', `${METADATA}.finishedOn`],
  ];
  for (const [path, value, field] of forgeries) {
    const refused = await fieldsRefused(byKey(forged(ownStatement, path, value)));
    assert.ok(refused.includes(field), `${path} = ${JSON.stringify(value)}: ${refused}`);
  }
});

test('a statement that was changed after it was signed is refused in what no longer holds', async () => {
  const changed = Buffer.from(
    JSON.stringify(forged(statement, 'subject/0/digest', { sha256: 'b'.repeat(64) })),
  ).toString('base64');
  const bundle = JSON.parse(byCertificate(statement));
  const part = (change: (copy: typeof bundle) => unknown): string => {
    const copy = structuredClone(bundle);
    change(copy);
    return JSON.stringify(copy);
  };
  const foreign = stranger.bundle(statement, RUN_EXTENSIONS, SIGNED_AT) as typeof bundle;
  const other64 = (text: string) => Buffer.from(Buffer.from(text, 'base64').toReversed()).toString('base64');
  const refused: readonly (readonly [string, string])[] = [
    [
      part((one) => {
        one.dsseEnvelope.payload = changed;
      }),
      'payload',
    ],
    [
      part((one) => {
        one.dsseEnvelope.payloadType = 'application/json';
      }),
      'payloadType',
    ],
    [
      part((one) => {
        one.dsseEnvelope.signatures = [];
      }),
      'dsseEnvelope.signatures',
    ],
    [
      part((one) => {
        one.dsseEnvelope.signatures[0].sig = '!';
      }),
      'dsseEnvelope.signatures.0.sig',
    ],
    [
      part((one) => {
        one.dsseEnvelope.signatures[0].sig = other64(one.dsseEnvelope.signatures[0].sig);
      }),
      'verificationMaterial.tlogEntries',
    ],
    [
      part((one) => {
        one.verificationMaterial.certificate = foreign.verificationMaterial.certificate;
      }),
      'verificationMaterial.certificate',
    ],
    [
      part((one) => {
        one.verificationMaterial.tlogEntries[0].integratedTime = '1700000000';
      }),
      'verificationMaterial.certificate',
    ],
    [
      part((one) => {
        one.verificationMaterial.tlogEntries = foreign.verificationMaterial.tlogEntries;
      }),
      'verificationMaterial.tlogEntries',
    ],
    [
      part((one) => {
        one.verificationMaterial.tlogEntries = [];
      }),
      'verificationMaterial.timestampVerificationData',
    ],
    [JSON.stringify(foreign), 'verificationMaterial.certificate'],
    [
      JSON.stringify(
        authority.bundle(
          statement,
          Object.assign({}, RUN_EXTENSIONS, { 8: 'https://evil.example' }),
          SIGNED_AT,
        ),
      ),
      'verificationMaterial.certificate',
    ],
    [byKey(ownStatement, generateKeyPairSync('ed25519').privateKey), 'signatures'],
    [byKey(ownStatement, own.privateKey, 'application/json'), 'payloadType'],
    [byKey(ownStatement, other.privateKey), 'predicate.runDetails.builder.id'],
    [JSON.stringify(Object.assign(JSON.parse(byKey(ownStatement)), { payload: changed })), 'signatures'],
    ['{"payload":"e30"}', 'payloadType'],
    ['[]', 'envelope'],
    ['no JSON', 'envelope'],
  ];
  for (const [text, field] of refused) {
    const fields = await fieldsRefused(text);
    assert.ok(fields.includes(field), `${field}: ${fields}`);
  }
});

test('what is asked about is compared, and what nobody can look at is undecided', async () => {
  const wrong: readonly (readonly [Partial<AskedBuild>, string])[] = [
    [{ source: elsewhere }, `${PARAMETERS}.workflow.repository`],
    [{ ref: 'refs/tags/v9' }, `${PARAMETERS}.workflow.ref`],
    [{ commit: 'd'.repeat(40) }, `${DEPENDENCIES}.digest`],
    [{ builder: 'https://ci.example/governed' }, 'predicate.runDetails.builder.id'],
    [{ invocation: `${RUN}0` }, `${METADATA}.invocationId`],
    [{ environment: 'government' }, 'predicate.runDetails.builder.id'],
    [{ artefacts: [{ name: 'hop.tgz', sha256: DIGEST, sha512: null }] }, 'subject.name'],
  ];
  for (const [asked, field] of wrong)
    assert.deepEqual(await fieldsRefused(byCertificate(statement), Object.assign({}, ANY, asked)), [field]);
  const without = await loaded(POLICY.replace('trust_root: root.json', ''));
  const [undecided] = verifyAttestations({
    text: byCertificate(statement),
    file: 'shop.jsonl',
    loaded: without,
    asked: ANY,
    now: NOW,
  });
  assert.equal(undecided?.outcome, 'undecided');
});

test('a build asset says which template its run was expanded from, and an artefact without evidence is one too', async () => {
  const lines = async (text: string, artefact = ANY.artefacts[0] ?? null) => {
    const outcomes = [artefactOutcome(artefact, text === '' ? [] : [await outcomeOf(text)])];
    const written = buildObservations({ outcomes, environment: 'production', runs: [], now: NOW });
    return written
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => JSON.parse(line));
  };
  const [governed] = await lines(byCertificate(statement));
  assert.deepEqual(governed.attributes.template.value, {
    source: 'acme/templates/.github/workflows/release.yml',
    commit: TEMPLATE_COMMIT,
    governed: true,
    injected_steps: 0,
  });
  assert.deepEqual(governed.attributes.provenance.value, { verified: true, builder: TEMPLATE });
  const ownSteps = Object.assign({}, RUN_EXTENSIONS, {
    9: `${elsewhere}/.github/workflows/release.yml@v1`,
    18: `${REPOSITORY}/x.yml@v1`,
  });
  assert.deepEqual(await fieldsRefused(JSON.stringify(authority.bundle(statement, ownSteps, SIGNED_AT))), [
    'predicate.runDetails.builder.id',
    `${PARAMETERS}.workflow.path`,
  ]);
  const [keyed] = await lines(byKey(ownStatement));
  assert.equal(keyed.attributes.template.unobserved, 'unobserved');
  const [bare] = await lines('');
  assert.deepEqual(bare.attributes.build_id, { value: `sha256:${DIGEST}` });
  assert.equal(bare.attributes.provenance.absent, true);
});

test('every successful run of a release workflow is a build, and one that no attestation shows has no provenance', async () => {
  const run = (id: number, more: object = {}) => ({
    html_url: `${REPOSITORY}/actions/runs/${id}`,
    run_attempt: 1,
    status: 'completed',
    conclusion: 'success',
    updated_at: '2026-11-20T10:00:00Z',
    repository: { full_name: 'acme/shop' },
    ...more,
  });
  const page = (total: number, ...workflow_runs: readonly object[]) => ({
    total_count: total,
    workflow_runs,
  });
  const listed = page(4, run(17), run(18), run(19, { conclusion: 'failure' }), run(20, { status: 'queued' }));
  const read = runsIn(JSON.stringify([listed]));
  assert.ok('runs' in read);
  assert.deepEqual(
    read.runs.map(({ invocation }) => invocation),
    [RUN, RUN.replace('17', '18')],
  );
  const outcomes = [artefactOutcome(null, [await outcomeOf(byCertificate(statement))])];
  const request = { outcomes, environment: 'production', runs: read.runs, now: NOW };
  const [shown, bare, ...others] = buildObservations(request)
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line));
  assert.deepEqual(others, []);
  assert.equal(shown.attributes.provenance.value.verified, true);
  assert.deepEqual(bare.attributes.build_id, { value: RUN.replace('17', '18') });
  assert.equal(bare.attributes.provenance.absent, true);
  assert.deepEqual(bare.attributes.finished_at, { value: '2026-11-20T10:00:00.000Z' });
  // Somebody who ran it again built it again: the attestation of the first attempt says nothing of the second.
  const again = runsIn(JSON.stringify(page(1, run(17, { run_attempt: 2 }))));
  assert.ok('runs' in again);
  assert.equal(runsWithoutEvidence(again.runs, outcomes).length, 1);
  // A part of the runs, and what is none, are refused.
  const wrong = (text: string) => JSON.stringify(runsIn(text));
  assert.match(wrong(JSON.stringify(page(31, run(17)))), /holds 1 of 31 runs; save all pages/);
  assert.match(wrong('{}{}'), /is not one JSON document/);
  assert.match(wrong('[{"total_count": 1}]'), /`0\.workflow_runs`/);
});

test('a summary of what passed names verifier, policy and evidence, and is signed', async () => {
  const one = await outcomeOf(byCertificate(statement));
  assert.ok(one.outcome === 'verified');
  const { sha256 } = await policy;
  const summary = summaryOf(one, sha256, { verifier: 'https://macadam.example', now: NOW }) as Json;
  assert.equal(summary.predicateType, 'https://slsa.dev/verification_summary/v1');
  const predicate = summary.predicate as Json;
  assert.equal(predicate.verificationResult, 'PASSED');
  assert.deepEqual(predicate.policy, { digest: { sha256 } });
  const key = signingKeyOf(pem(own.privateKey, 'pkcs8'));
  assert.deepEqual(await fieldsRefused(signedEnvelope(PAYLOAD_TYPE, summary, key)), ['predicateType']);
});

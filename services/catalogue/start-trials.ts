/**
 * Starts that no saved answer shows, because what they do happens in a program, in files or at a verifier: each is tried with the real part, and what comes of it is
 * read by the reader of that. Without the files of `start/` nothing is tried.
 */
import { generateKeyPairSync, hash, type KeyObject, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Read } from '@macadam/adapters/imports/findings/batch';
import { readKeyReports } from '@macadam/adapters/imports/findings/key-reports';
import { readTokenReports } from '@macadam/adapters/imports/findings/token-reports';
import { ANY_BUILD } from '@macadam/core/builds/provenance';
import { entrances } from '@macadam/core/facts/entrances';
import type { Observation } from '@macadam/core/facts/observation';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import type * as Keys from '@macadam/keys';
import type * as Tokens from '@macadam/token';
import { artefactOutcome, buildObservations } from '../builds/evidence.ts';
import { loadBuildPolicy, verifyAttestations } from '../builds/verify.ts';
import { readExport } from '../ingest/export.ts';
import { createTokenWatch } from '../tokens/watch.ts';

/** Contents by file, once those of `start/` are in their places. */
export type Placed = Readonly<Record<string, unknown>>;
/** What was observed, or why there is nothing. */
export type Tried = readonly Observation[] | string;
type Trial = (placed: Placed, at: Date) => Promise<Tried>;

export const TRIALS: Readonly<Record<string, Trial>> = {
  'token-library': tryTokens,
  'key-library': tryKeys,
  certificates: tryBoundaries,
  'build-evidence': tryEvidence,
  'code-host-and-cloud': tryEntrance,
};

const textOf = (content: unknown): string =>
  typeof content === 'string' ? content : JSON.stringify(content);

/** What a file of `start/` exports. It imports nothing: what it needs is given to it. */
async function moduleIn(placed: Placed, file: string): Promise<Record<string, unknown> | string> {
  const { [file]: text } = placed;
  if (typeof text !== 'string') return `there is no ${file}`;
  try {
    return await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
  } catch (error) {
    return `${file} cannot be loaded: ${error instanceof Error ? error.message : error}`;
  }
}

function observationsIn(read: Read): Tried {
  return 'mistakes' in read
    ? read.mistakes.map(describeFileDiagnostic).join('\n')
    : read.batches.flatMap(({ observations }) => observations);
}

const asPaper = (lines: readonly string[], at: Date) => ({
  text: lines.join('\n'),
  file: 'reports.ndjson',
  subject: 'start',
  receivedAt: at,
  takenAt: { at, stated: true },
});

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenOf(key: KeyObject, claims: object): string {
  const signed = `${part({ alg: 'ES256', typ: 'at+jwt', kid: 'key-1' })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/**
 * `validator.mjs` sets the library up: a token of its issuer has to be accepted and one for somebody else refused, and what it reports is read, beside what came of
 * holding it against the issuer's log.
 */
async function tryTokens(placed: Placed, at: Date): Promise<Tried> {
  const own = await moduleIn(placed, 'validator.mjs');
  if (typeof own === 'string') return own;
  const { validatorOf, reportsOf } = own;
  if (typeof validatorOf !== 'function' || typeof reportsOf !== 'function')
    return 'validator.mjs does not export `validatorOf` and `reportsOf`';
  const library: typeof Tokens = await import('@macadam/token');
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key-1' };
  let now = at.getTime() - 2 * HOUR;
  let settings: Tokens.ValidatorOptions | null = null;
  const validator: Tokens.TokenValidator = validatorOf({
    ...library,
    publishedKeys: () => library.fixedKeys([jwk], ['ES256']),
    createValidator: (options: Tokens.ValidatorOptions) => {
      settings = options;
      return library.createValidator({ ...options, clock: () => now });
    },
  });
  const used = settings as Tokens.ValidatorOptions | null;
  if (used === null) return 'validator.mjs does not call `createValidator`';
  const from = now;
  const claims = { iss: used.issuer, aud: used.audience, sub: 'caller', jti: 'token-1' };
  const times = { iat: Math.floor(now / SECOND), exp: Math.floor(now / SECOND) + 300 };
  const good = tokenOf(privateKey, { ...claims, ...times });
  const [accepted, refused] = [
    await validator.validate(good),
    await validator.validate(tokenOf(privateKey, { ...claims, ...times, aud: 'urn:somebody-else' })),
  ];
  if (!accepted.ok) return `validator.mjs refuses a token of its own issuer: ${accepted.detail}`;
  if (refused.ok) return 'validator.mjs accepts a token that is for somebody else';
  now += SECOND;
  const lines: readonly string[] = reportsOf(validator);
  const isOfWatch = (line: string) => line.startsWith('{"schema":"macadam.tokens-accepted/1"');
  const joined = joinedWith(lines.filter(isOfWatch), { issuer: used.issuer, good, from, now });
  return observationsIn(
    readTokenReports(asPaper([...lines.filter((line) => !isOfWatch(line)), ...joined], at)),
  );
}

/** The lines of `macadam tokens watch` over what the service accepted, with what its issuer made. */
function joinedWith(
  accepted: readonly string[],
  {
    issuer,
    good,
    from,
    now,
  }: { readonly issuer: string; readonly good: string; readonly from: number; readonly now: number },
): readonly string[] {
  if (accepted.length === 0) return [];
  let random = 0;
  const watch = createTokenWatch(
    {
      mostIssued: 1000,
      mostWaiting: 1000,
      skew: MINUTE,
      patience: HOUR,
      injectEvery: 12 * HOUR,
      alertWithin: HOUR,
    },
    {
      records: [],
      onRecord: () => {},
      onAlert: () => {},
      random: () => hash('sha256', `start ${random++}`, 'base64url'),
    },
  );
  const digest = hash('sha256', good.slice(0, good.lastIndexOf('.')), 'base64url');
  const until = now + 10 * MINUTE;
  watch.take(
    JSON.stringify({
      schema: 'macadam.tokens-issued/1',
      issuer,
      from: from - 10 * MINUTE,
      to: until,
      longestLife: 300,
      tokens: [digest],
    }),
  );
  for (const line of accepted) watch.take(line);
  watch.advance(until);
  return watch.summary(until).map((line) => JSON.stringify(line));
}

/** `signer.mjs` sets a ring up: it lives for two months, with keys in files where a module would be, and what it reports is read. */
async function tryKeys(placed: Placed, at: Date): Promise<Tried> {
  const own = await moduleIn(placed, 'signer.mjs');
  if (typeof own === 'string') return own;
  const { signerOf, reportOf } = own;
  if (typeof signerOf !== 'function' || typeof reportOf !== 'function')
    return 'signer.mjs does not export `signerOf` and `reportOf`';
  const library: typeof Keys = await import('@macadam/keys');
  const folder = mkdtempSync(join(tmpdir(), 'macadam-start-'));
  const ledgers: Keys.Ledger[] = [];
  let now = at.getTime() - 64 * DAY;
  const tried = {
    ...library,
    pkcs11Store: () => library.softwareStore(join(folder, 'keys')),
    kmsStore: () => library.softwareStore(join(folder, 'keys')),
    fileLedger: () => {
      const ledger = library.fileLedger(join(folder, 'ring.db'));
      ledgers.push(ledger);
      return ledger;
    },
    createSigner: (options: Keys.SignerOptions) => library.createSigner({ ...options, clock: () => now }),
    keyReport: (ring: Keys.Ring, issuer: string) => library.keyReport(ring, issuer, now),
  };
  try {
    const signer: Keys.Signer = signerOf(tried);
    for (; now < at.getTime() - DAY; now += DAY) await signer.rotate();
    return observationsIn(readKeyReports(asPaper([reportOf(tried, signer)], at)));
  } finally {
    for (const ledger of ledgers) ledger.close();
    rmSync(folder, { recursive: true });
  }
}

/** `boundaries.yaml` says which places lie in which boundary, and the source of certificates reads them. */
async function tryBoundaries(placed: Placed, at: Date): Promise<Tried> {
  const file = 'boundaries.yaml';
  if (placed[file] === undefined) return `there is no ${file}`;
  const { credentialsOf, observationOf, readBoundaries } = await import(
    '@macadam/adapters/sources/certificates/collect'
  );
  const folder = mkdtempSync(join(tmpdir(), 'macadam-start-'));
  try {
    for (const [path, content] of Object.entries(placed)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), textOf(content));
    }
    const read = await readBoundaries(join(folder, file), { environment: {}, report: () => {} });
    const isWhole = read.every(({ found }) => found.problems.length === 0);
    const now = at.toISOString();
    return [...credentialsOf(read, at).values()].map((one) =>
      observationOf(one, { store: file, isWhole, now }),
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `policy.yaml` says who may build what from where, and the verifier holds an attestation against it. */
async function tryEvidence(placed: Placed, at: Date): Promise<Tried> {
  const { 'policy.yaml': policy, 'attestation.json': attestation } = placed;
  if (policy === undefined) return 'there is no policy.yaml';
  const loaded = await loadBuildPolicy(textOf(policy), 'policy.yaml', (name) => textOf(placed[name]));
  if ('mistakes' in loaded) return loaded.mistakes.map(describeFileDiagnostic).join('\n');
  const attestations = verifyAttestations({
    text: textOf(attestation),
    file: 'attestation.json',
    loaded,
    asked: ANY_BUILD,
    now: at,
  });
  const environment = loaded.policy.builders[0]?.environment ?? null;
  return buildObservations({
    outcomes: [artefactOutcome(null, attestations)],
    environment,
    runs: [],
    now: at,
  })
    .split('\n')
    .slice(1)
    .flatMap((line): readonly Observation[] => (line === '' ? [] : [JSON.parse(line)]));
}

/** What a code host answers of an environment (`environment`, `branch_policies`), and AWS of a role that trusts it, in one measurement. */
async function tryEntrance({ environment, branch_policies, ...aws }: Placed, at: Date): Promise<Tried> {
  const { repositoryByAnswers } = await import('@macadam/adapters/sources/github/repository-answers');
  const hosted = repositoryByAnswers({ environment, branch_policies }, at.toISOString());
  const read = readExport('aws', {
    folder: 'start',
    files: Object.entries(aws).map(([path, body]) => ({ path, bytes: Buffer.from(textOf(body)) })),
    subject: null,
    takenAt: at,
    receivedAt: at,
  });
  if ('mistakes' in read) return read.mistakes.map(({ file, reason }) => `${file} ${reason}`).join('\n');
  const joined = entrances();
  for (const one of hosted) joined.waits(one);
  return [
    ...hosted,
    ...read.batch.observations.map((one) => (joined.waits(one) ? joined.completed(one) : one)),
  ];
}

/**
 * What is published, with what shows where it came from: `pack`'s tarballs, an inventory of their parts (CycloneDX), and a statement of
 * provenance (in-toto, SLSA provenance 1) over the digests of all of them, in a signed envelope (DSSE, Ed25519).
 *
 *     node tools/run.mjs tools/release.ts make OUT KEY SOURCE   KEY: a private key, PEM; SOURCE: where the commit is had, `git+https://…@refs/tags/…`
 *     node tools/run.mjs tools/release.ts verify OUT PUBLIC     PUBLIC: the public key of whoever released it, PEM
 *
 * `verify` needs nothing of ours but this file: it reads the envelope, checks the signature, and every digest of every file. Who has a policy
 * of builders holds the envelope against it by `macadam build verify`, as that of anything else.
 */
import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const INVENTORY = 'macadam.cdx.json';
const ENVELOPE = 'macadam.provenance.dsse.json';
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const BUILDER = 'urn:macadam:release';

/** What a lockfile says of one package. */
interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly link?: boolean;
}

/** Everything that runs, of the lockfile, by exact version and digest: what only builds or tests is not in it. */
export function inventoryOf(lock: string, release: string): object {
  const { packages } = JSON.parse(lock) as { readonly packages: Readonly<Record<string, Locked>> };
  const components = Object.entries(packages)
    .filter(([path, { dev, link }]) => path.includes('node_modules/') && dev !== true && link !== true)
    .map(([path, { version = '', integrity = '', license, optional }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
      const [algorithm, digest = ''] = integrity.split('-');
      return {
        type: 'library',
        'bom-ref': `${purl}#${path}`,
        name,
        version,
        purl,
        scope: optional === true ? 'optional' : 'required',
        ...(license !== undefined && { licenses: [{ license: { name: license } }] }),
        ...(algorithm === 'sha512' && {
          hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
        }),
      };
    });
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: 'macadam', version: release } },
    components,
  };
}

interface Subject {
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

const subjectsIn = (folder: string): Subject[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.tgz') || name === INVENTORY)
    .sort()
    .map((name) => ({ name, digest: { sha256: sha256(join(folder, name)) } }));

/** What a release is made of. */
export interface ReleaseSource {
  /** Address and ref, `git+https://…@refs/tags/v1`. */
  readonly uri: string;
  readonly commit: string;
}

/** From which commit it was made, how, and of what. */
export function statementOf(
  subject: readonly Subject[],
  { uri, commit }: ReleaseSource,
  lock: string,
): object {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject,
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:macadam:release:1',
        externalParameters: { source: uri },
        internalParameters: { command: 'tools/release.ts make' },
        resolvedDependencies: [
          { name: 'source', uri, digest: { gitCommit: commit } },
          { name: 'package-lock.json', digest: { sha256: createHash('sha256').update(lock).digest('hex') } },
        ],
      },
      runDetails: {
        builder: { id: BUILDER, version: { node: process.version } },
        metadata: { invocationId: `${BUILDER}:${commit}` },
      },
    },
  };
}

/** What is signed of an envelope: type and content, each with its length, so that neither can be taken for the other. */
const signed = (payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);

const keyId = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');

/** Throws for a key that is not Ed25519. */
export function sealed(statement: object, key: KeyObject): object {
  if (key.asymmetricKeyType !== 'ed25519')
    throw new TypeError(`the key is ${key.asymmetricKeyType}; use an Ed25519 key`);
  const payload = Buffer.from(JSON.stringify(statement));
  const sig = sign(null, signed(payload), key).toString('base64');
  return {
    payloadType: PAYLOAD_TYPE,
    payload: payload.toString('base64'),
    signatures: [{ keyid: keyId(createPublicKey(key)), sig }],
  };
}

/** A sentence for everything that is not as it was signed; none where all is. */
export function mistakesIn(folder: string, publicKey: KeyObject): string[] {
  const envelope = JSON.parse(readFileSync(join(folder, ENVELOPE), 'utf8')) as {
    readonly payloadType?: string;
    readonly payload?: string;
    readonly signatures?: readonly { readonly sig?: string }[];
  };
  if (envelope.payloadType !== PAYLOAD_TYPE)
    return [`${ENVELOPE} is of another type: ${envelope.payloadType}`];
  const payload = Buffer.from(envelope.payload ?? '', 'base64');
  const genuine = (envelope.signatures ?? []).some(({ sig = '' }) =>
    verify(null, signed(payload), publicKey, Buffer.from(sig, 'base64')),
  );
  if (!genuine)
    return [`${ENVELOPE} is not signed by this key; get the files and the key from their origin again`];
  const { subject } = JSON.parse(payload.toString('utf8')) as { readonly subject: readonly Subject[] };
  const told = new Map(subject.map(({ name, digest }) => [name, digest.sha256]));
  const found = new Map(subjectsIn(folder).map(({ name, digest }) => [name, digest.sha256]));
  return [
    ...[...told].filter(([name]) => !found.has(name)).map(([name]) => `${name} is missing`),
    ...[...found].filter(([name]) => !told.has(name)).map(([name]) => `${name} is not part of this release`),
    ...[...told]
      .filter(([name, digest]) => found.has(name) && found.get(name) !== digest)
      .map(([name]) => `${name} is not what was released: its digest differs`),
  ];
}

/** Writes inventory and envelope beside the tarballs that are in the folder. */
export function attest(folder: string, key: KeyObject, source: ReleaseSource): void {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  writeFileSync(join(folder, INVENTORY), `${JSON.stringify(inventoryOf(lock, version), null, 2)}\n`);
  const statement = statementOf(subjectsIn(folder), source, lock);
  writeFileSync(join(folder, ENVELOPE), `${JSON.stringify(sealed(statement, key), null, 2)}\n`);
}

function git(...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('git', words, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${words[0]} failed: ${stderr}`);
  return stdout.trim();
}

async function main([verb, out, keyFile, uri]: readonly string[]): Promise<number> {
  if ((verb !== 'make' && verb !== 'verify') || out === undefined || keyFile === undefined) {
    console.error('usage: tools/release.ts make OUT KEY SOURCE | verify OUT PUBLIC');
    return 2;
  }
  const folder = resolve(out);
  const pem = readFileSync(keyFile, 'utf8');
  if (verb === 'verify') {
    const mistakes = mistakesIn(folder, createPublicKey(pem));
    for (const mistake of mistakes) console.log(mistake);
    console.log(
      mistakes.length === 0
        ? `release: ${basename(folder)} is what was signed`
        : 'release: NOT what was signed',
    );
    return mistakes.length === 0 ? 0 : 1;
  }
  if (uri === undefined || !/^git\+https:\/\/[^@]+@refs\/\S+$/.test(uri)) {
    console.error(
      `SOURCE is ${uri ?? 'missing'}: say where others get the commit, as git+https://host/owner/name@refs/tags/v1`,
    );
    return 2;
  }
  if (git('status', '--porcelain') !== '') {
    console.error(
      'there are changes that are in no commit: what is released has to be made of one; commit them first',
    );
    return 2;
  }
  const { pack } = await import('./pack.ts');
  await pack(folder, { check: true });
  attest(folder, createPrivateKey(pem), { uri, commit: git('rev-parse', 'HEAD') });
  console.log(`release: ${readdirSync(folder).length} files in ${folder}`);
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

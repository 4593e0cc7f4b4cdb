/** What stands in one place: a file, a folder, or a TLS endpoint. Of private keys only the digest of their public part leaves this file. */

import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { connect } from 'node:tls';
import type { Cause } from '@macadam/core/facts/observation';
import { compact } from '../../compact.ts';
import type { DescribedCertificate, Inventory } from '../../imports/directories/certificates/inventory.ts';
import { problemOf } from '../../imports/directories/export.ts';
import { isJavaStore, readJavaStore } from './java-store.ts';
import { isPkcs12, readPkcs12 } from './pkcs12.ts';

export interface FoundCertificate {
  readonly certificate: X509Certificate;
  /** Whether an inventory says that it was revoked. */
  readonly isRevoked: boolean;
  /** Whether an endpoint shows it as its own. */
  readonly isShown: boolean;
  /** Where, for people: the path, with the alias in a store; or the endpoint. */
  readonly place: string;
}

export interface FoundKey {
  /** SHA-256 of its public part (SubjectPublicKeyInfo), in hex. */
  readonly digest: string;
  readonly place: string;
}

export interface Found {
  readonly certificates: FoundCertificate[];
  readonly keys: FoundKey[];
  /** What could not be read, and why. */
  readonly problems: {
    readonly place: string;
    readonly why: string;
    readonly cause: Cause;
    /** What to do, where whoever found it knows that. */
    readonly remedy?: string;
  }[];
  /** Of which nothing but what is written in them is known. */
  readonly described: DescribedCertificate[];
}

const LARGEST = 16 * 2 ** 20;
const MOST_FILES = 100_000;
const NAMES = new Set(
  '.pem .crt .cer .der .key .p12 .pfx .pkcs12 .jks .jceks .keystore .truststore .ks .bks .bcfks'.split(' '),
);
const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

export const emptyFound = (): Found => ({ certificates: [], keys: [], problems: [], described: [] });

const spki = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
/** Of the key that a certificate is for. */
export const keyDigestOf = (certificate: X509Certificate): string => spki(certificate.publicKey);

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function takeKey(found: Found, place: string, read: () => KeyObject): void {
  try {
    found.keys.push({ digest: spki(createPublicKey(read())), place });
  } catch (error) {
    const isLocked = /passphrase|password|bad decrypt|interrupted or cancelled/i.test(wordsOf(error));
    const why = isLocked ? 'a private key is encrypted; give its password' : 'a private key cannot be read';
    found.problems.push({ place, why, cause: isLocked ? 'forbidden' : 'failed' });
  }
}

function takeCertificate(found: Found, place: string, der: Buffer | string, isShown = false): void {
  try {
    found.certificates.push({ certificate: new X509Certificate(der), place, isShown, isRevoked: false });
  } catch {
    found.problems.push({ place, why: 'a certificate cannot be read', cause: 'failed' });
  }
}

function takePem(found: Found, place: string, text: string, password: string | undefined): void {
  const passphrase = password === undefined ? {} : { passphrase: password };
  for (const [block, label = ''] of text.matchAll(PEM)) {
    if (/^(X509 |TRUSTED )?CERTIFICATE$/.test(label)) takeCertificate(found, place, block);
    else if (label.endsWith('PRIVATE KEY'))
      takeKey(found, place, () => createPrivateKey({ key: block, ...passphrase }));
  }
}

/** What the inventory of a cloud holds, beside what was found before. */
export function takeInventory(
  found: Found,
  place: string,
  { certificates, keys, described, gaps }: Inventory,
): void {
  for (const { place: at, certificate: bytes, holdsKey, isRevoked } of certificates)
    try {
      const certificate = new X509Certificate(bytes);
      found.certificates.push({ certificate, place: at, isShown: false, isRevoked });
      if (holdsKey) found.keys.push({ digest: keyDigestOf(certificate), place: at });
    } catch {
      found.problems.push({ place: at, why: 'a certificate cannot be read', cause: 'failed' });
    }
  for (const { place: at, spki: bytes } of keys)
    found.keys.push({ digest: createHash('sha256').update(bytes).digest('hex'), place: at });
  found.described.push(...described);
  for (const gap of gaps) {
    const { message, remedy } = problemOf(gap);
    found.problems.push(
      compact({
        place,
        why: message,
        cause: gap.cause,
        remedy,
      }),
    );
  }
}

/** False where the bytes are nothing that certificates or keys stand in. */
function takeBytes(found: Found, place: string, bytes: Buffer, password: string | undefined): boolean {
  if (isJavaStore(bytes)) {
    for (const { alias, certificates, hasKey } of readJavaStore(bytes)) {
      const at = `${place}#${alias}`;
      const [own] = certificates;
      for (const der of certificates) takeCertificate(found, at, der);
      if (hasKey && own !== undefined)
        found.keys.push({ digest: keyDigestOf(new X509Certificate(own)), place: at });
    }
    return true;
  }
  if (isPkcs12(bytes)) {
    const { certificates, keys } = readPkcs12(bytes, password ?? '');
    for (const der of certificates) takeCertificate(found, place, der);
    for (const { der, encrypted } of keys) {
      const options = { key: der, format: 'der' as const, type: 'pkcs8' as const };
      takeKey(found, place, () =>
        createPrivateKey(encrypted ? { ...options, passphrase: password ?? '' } : options),
      );
    }
    return true;
  }
  const text = bytes.subarray(0, LARGEST).toString('latin1');
  if (text.includes('-----BEGIN ')) {
    takePem(found, place, text, password);
    return true;
  }
  if (bytes[0] !== 0x30) return false;
  try {
    const certificate = new X509Certificate(bytes);
    found.certificates.push({ certificate, place, isShown: false, isRevoked: false });
    return true;
  } catch {
    // It may be a key.
  }
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const)
    try {
      const key = createPrivateKey({ key: bytes, format: 'der', type });
      found.keys.push({ digest: spki(createPublicKey(key)), place });
      return true;
    } catch {
      // It may be another.
    }
  return false;
}

/** `isNamed`: somebody named this very file, or its name says what it is, so something must come of it. */
function takeFile(
  found: Found,
  path: string,
  use: { place: string; password: string | undefined; isNamed: boolean },
) {
  const { place, password, isNamed } = use;
  try {
    const { size } = lstatSync(path);
    if (size > LARGEST) {
      if (isNamed) found.problems.push({ place, why: `it has more than ${LARGEST} bytes`, cause: 'failed' });
      return;
    }
    if (!takeBytes(found, place, readFileSync(path), password) && isNamed)
      found.problems.push({
        place,
        why: 'it is not a certificate, key or store that is known here',
        cause: 'failed',
      });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isLocked = code === 'EACCES' || (error instanceof Error && error.name === 'StoreLocked');
    found.problems.push({ place, why: wordsOf(error), cause: isLocked ? 'forbidden' : 'failed' });
  }
}

/** A file, or all files below a folder; links within it are not followed. */
export function readPath(
  found: Found,
  path: string,
  use: { place: string; password: string | undefined },
): void {
  const { place, password } = use;
  let isFolder = false;
  try {
    isFolder = lstatSync(path).isDirectory();
  } catch (error) {
    found.problems.push({ place, why: wordsOf(error), cause: 'failed' });
    return;
  }
  if (!isFolder) {
    takeFile(found, path, { place, password, isNamed: true });
    return;
  }
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const files = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
  if (files.length > MOST_FILES)
    found.problems.push({ place, why: `it holds more than ${MOST_FILES} files`, cause: 'failed' });
  for (const file of files.slice(0, MOST_FILES))
    takeFile(found, file, {
      place: join(place, relative(path, file)),
      password,
      isNamed: NAMES.has(extname(file).toLowerCase()),
    });
}

const PATIENCE = 10_000;

/** The certificate that an endpoint shows, whether or not anybody would trust it: that is what is looked at. */
export async function readEndpoint(found: Found, endpoint: string): Promise<void> {
  const { hostname, port } = new URL(`tls://${endpoint}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false, ...servername }, () => {
    const { raw } = socket.getPeerCertificate();
    if (raw === undefined) reject(new Error('it shows no certificate'));
    else resolve(raw);
  });
  socket.setTimeout(PATIENCE, () => reject(new Error('it does not answer')));
  socket.on('error', reject);
  try {
    takeCertificate(found, endpoint, await promise, true);
  } catch (error) {
    found.problems.push({ place: endpoint, why: wordsOf(error), cause: 'failed' });
  } finally {
    socket.destroy();
  }
}

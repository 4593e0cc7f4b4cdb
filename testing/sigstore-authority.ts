/**
 * An authority of Sigstore's kind for tests, with keys that are only in memory: it gives certificates to runs, enters them and their signatures
 * into logs, and says in a trusted root whom to believe. Formats: RFC 5280, RFC 6962, Fulcio's OID information, Rekor's signed entries, Sigstore bundle v0.3.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { signedBytes } from '@macadam/adapters/attestations/envelope';
import { canonical } from '@macadam/core/text/canonical';
import { der } from './self-signed.ts';

/** What its authority says of a run, by the number of the extension below 1.3.6.1.4.1.57264.1. */
export type RunExtensions = Readonly<Record<number, string>>;

export interface SigstoreAuthority {
  /** Text of a `trusted_root.json`. */
  readonly trustedRoot: string;
  /** A bundle around a statement, signed at this time with a new key that is certified to the run. */
  readonly bundle: (statement: object, run: RunExtensions, at: Date) => Record<string, unknown>;
}

const SEQUENCE = 0x30;
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const number of rest) {
    const groups = [number & 0x7f];
    for (let left = number >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
const extension = (id: string, value: Buffer): Buffer => der(SEQUENCE, objectId(id), der(0x04, value));
const nameOf = (text: string): Buffer =>
  der(SEQUENCE, der(0x31, der(SEQUENCE, objectId('2.5.4.3'), utf8(text))));
const timeOf = (date: Date): Buffer =>
  der(
    0x18,
    Buffer.from(
      `${date
        .toISOString()
        .replace(/\.\d+Z$/, 'Z')
        .replaceAll(/[-:T]/g, '')}`,
    ),
  );
const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ECDSA = der(SEQUENCE, objectId('1.2.840.10045.4.3.2'));

interface CertificateRequest {
  readonly subject: string;
  readonly key: KeyObject;
  readonly from: Date;
  readonly to: Date;
  readonly extensions: readonly Buffer[];
}

const toBeSigned = (issuer: string, { subject, key, from, to, extensions }: CertificateRequest): Buffer =>
  der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ECDSA,
    nameOf(issuer),
    der(SEQUENCE, timeOf(from), timeOf(to)),
    subject === '' ? der(SEQUENCE) : nameOf(subject),
    spki(key),
    der(0xa3, der(SEQUENCE, ...extensions)),
  );

const certificate = (signed: Buffer, by: KeyObject): Buffer =>
  der(SEQUENCE, signed, ECDSA, der(0x03, Buffer.from([0]), sign('sha256', signed, by)));

function uint(value: number | bigint, bytes: number): Buffer {
  return Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(bytes * 2, '0'),
    'hex',
  );
}

const FULCIO = '1.3.6.1.4.1.57264.1.';
const ISSUER = 'authority.example';
const LOG = 'log.example';
const MINUTES = 600_000;

export function sigstoreAuthority(since: Date): SigstoreAuthority {
  const authority = pair();
  const certificates = pair();
  const signatures = pair();
  const root = certificate(
    toBeSigned(ISSUER, {
      subject: ISSUER,
      key: authority.publicKey,
      from: since,
      to: new Date('2049-12-31T00:00:00Z'),
      extensions: [
        der(
          SEQUENCE,
          objectId('2.5.29.19'),
          der(0x01, Buffer.from([255])),
          der(0x04, der(SEQUENCE, der(0x01, Buffer.from([255])))),
        ),
        der(
          SEQUENCE,
          objectId('2.5.29.15'),
          der(0x01, Buffer.from([255])),
          der(0x04, der(0x03, Buffer.from([1, 6]))),
        ),
      ],
    }),
    authority.privateKey,
  );
  const log = (key: KeyObject) => ({
    baseUrl: `https://${LOG}`,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: spki(key).toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: { start: since.toISOString() },
    },
    logId: { keyId: sha256(spki(key)).toString('base64') },
  });
  const trustedRoot = JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log(signatures.publicKey)],
    ctlogs: [log(certificates.publicKey)],
    certificateAuthorities: [
      {
        subject: { organization: 'example', commonName: ISSUER },
        uri: `https://${ISSUER}`,
        certChain: { certificates: [{ rawBytes: root.toString('base64') }] },
        validFor: { start: since.toISOString() },
      },
    ],
    timestampAuthorities: [],
  });
  const certified = (key: KeyObject, run: RunExtensions, at: Date): Buffer => {
    const request: CertificateRequest = {
      subject: '',
      key,
      from: at,
      to: new Date(at.getTime() + MINUTES),
      extensions: [
        extension('2.5.29.17', der(SEQUENCE, der(0x86, Buffer.from(run[9] ?? '')))),
        extension('2.5.29.37', der(SEQUENCE, objectId('1.3.6.1.5.5.7.3.3'))),
        ...Object.entries(run).map(([number, value]) => extension(FULCIO + number, utf8(value))),
      ],
    };
    const promise = certificatePromise(toBeSigned(ISSUER, request), at);
    const whole = Object.assign({}, request, { extensions: [...request.extensions, promise] });
    return certificate(toBeSigned(ISSUER, whole), authority.privateKey);
  };
  /** That the certificate is in a log (SCT), as an extension of it. */
  const certificatePromise = (signed: Buffer, at: Date): Buffer => {
    const time = uint(at.getTime(), 8);
    const entry = Buffer.concat([
      sha256(spki(authority.publicKey)),
      uint(signed.length, 3),
      signed,
      uint(0, 2),
    ]);
    const value = sign(
      'sha256',
      Buffer.concat([uint(0, 2), time, uint(1, 2), entry]),
      certificates.privateKey,
    );
    const one = Buffer.concat([
      uint(0, 1),
      sha256(spki(certificates.publicKey)),
      time,
      uint(0, 2),
      Buffer.from([4, 3]),
      uint(value.length, 2),
      value,
    ]);
    const list = Buffer.concat([uint(one.length + 2, 2), uint(one.length, 2), one]);
    return extension('1.3.6.1.4.1.11129.2.4.2', der(0x04, list));
  };
  const entryOf = (payload: Buffer, signature: string, at: Date): object => {
    const body = Buffer.from(
      canonical({
        apiVersion: '0.0.1',
        kind: 'dsse',
        spec: {
          payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
          signatures: [{ signature }],
        },
      }),
    );
    const logId = sha256(spki(signatures.publicKey));
    const integratedTime = Math.floor(at.getTime() / 1000);
    const promised = {
      body: body.toString('base64'),
      integratedTime,
      logID: logId.toString('hex'),
      logIndex: 0,
    };
    const rootHash = sha256(Buffer.concat([Buffer.from([0]), body]));
    const note = `${LOG}\n1\n${rootHash.toString('base64')}\n`;
    const noted = Buffer.concat([
      logId.subarray(0, 4),
      sign('sha256', Buffer.from(note), signatures.privateKey),
    ]);
    return {
      logIndex: '0',
      logId: { keyId: logId.toString('base64') },
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      integratedTime: String(integratedTime),
      inclusionPromise: {
        signedEntryTimestamp: sign(
          'sha256',
          Buffer.from(canonical(promised)),
          signatures.privateKey,
        ).toString('base64'),
      },
      inclusionProof: {
        logIndex: '0',
        rootHash: rootHash.toString('base64'),
        treeSize: '1',
        hashes: [],
        checkpoint: { envelope: `${note}\n\u2014 ${LOG} ${noted.toString('base64')}\n` },
      },
      canonicalizedBody: body.toString('base64'),
    };
  };
  return {
    trustedRoot,
    bundle: (statement, run, at) => {
      const own = pair();
      const payloadType = 'application/vnd.in-toto+json';
      const payload = Buffer.from(JSON.stringify(statement));
      const sig = sign('sha256', signedBytes({ payloadType, payload }), own.privateKey).toString('base64');
      return {
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: {
          certificate: { rawBytes: certified(own.publicKey, run, at).toString('base64') },
          tlogEntries: [entryOf(payload, sig, at)],
          timestampVerificationData: { rfc3161Timestamps: [] },
        },
        dsseEnvelope: { payloadType, payload: payload.toString('base64'), signatures: [{ sig, keyid: '' }] },
      };
    },
  };
}

/**
 * A time that an authority outside vouches for (RFC 3161): what is asked of it, and whether an answer is about these bytes, by its own
 * certificate, and by whom that is trusted. Pure.
 */
import { hash, verify, X509Certificate } from 'node:crypto';
import {
  type Element,
  EncodingError,
  EXPLICIT_0,
  elementOf,
  elementsIn,
  INTEGER,
  integer,
  member,
  OBJECT_ID,
  OCTETS,
  objectId,
  octets,
  SEQUENCE,
} from '../text/der.ts';

/** Why a timestamp says nothing, for people. */
export class TimestampError extends Error {
  override readonly name = 'TimestampError';
}

export interface Timestamp {
  /** When the authority says that these bytes were there. */
  readonly at: Date;
  /** Who that is, by its certificate. */
  readonly authority: string;
  /** Whether its certificate was issued, over others in the timestamp, by one of those that are trusted. */
  readonly trusted: boolean;
}

/** Each certificate of a PEM file. Throws `TypeError` where there is none. */
export function certificatesIn(pem: string): readonly string[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw new TypeError('there is no certificate in the file (PEM)');
  return found;
}

const SET = 0x31;
const TIME = 0x18;
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TIME_INFO = '1.2.840.113549.1.9.16.1.4';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
/** Which certificate signed, by its digest. */
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.47';
/** The only purpose that a certificate of an authority may have. */
const TIMESTAMPING = '1.3.6.1.5.5.7.3.8';
interface Digest {
  readonly name: 'sha256' | 'sha384' | 'sha512';
  readonly of: (bytes: Uint8Array) => Buffer;
}
const SHA256: Digest = { name: 'sha256', of: (bytes) => hash('sha256', bytes, 'buffer') };
const DIGESTS: Readonly<Record<string, Digest>> = {
  '2.16.840.1.101.3.4.2.1': SHA256,
  '2.16.840.1.101.3.4.2.2': { name: 'sha384', of: (bytes) => hash('sha384', bytes, 'buffer') },
  '2.16.840.1.101.3.4.2.3': { name: 'sha512', of: (bytes) => hash('sha512', bytes, 'buffer') },
};
/** RSA (PKCS #1 1.5) and ECDSA, with the digest that the signature names or its own. */
const SIGNATURES: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.1',
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
]);
const SHA256_NAME = Buffer.from('300d06096086480165030402010500', 'hex');

function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const size = body.length < 128 ? [body.length] : [0x81, body.length];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

/** What is sent: the SHA-256 of the bytes, a number that the answer has to repeat, and that its certificates are wanted. */
export function timestampRequest(digest: Uint8Array, nonce: Uint8Array): Buffer {
  const imprint = der(SEQUENCE, SHA256_NAME, der(OCTETS, digest));
  // It begins with 1, so that it is neither negative nor has a zero in front that is not written.
  const number = der(INTEGER, Buffer.from([0x01]), nonce);
  return der(SEQUENCE, der(INTEGER, Buffer.from([1])), imprint, number, der(0x01, Buffer.from([0xff])));
}

/** The timestamp in what an authority answers. Throws `TimestampError` where it refused, or answers something else than was asked. */
export function timestampIn(answer: Buffer, nonce: Uint8Array): Buffer {
  return reading(() => {
    const [status, token] = elementsIn(elementOf(answer));
    const code = integer(member(elementsIn(demanded(status)), 0, INTEGER));
    if (code > 1 || token === undefined) throw new TimestampError(`it refused (status ${code})`);
    const repeated = infoOf(signedOf(token.whole).content).find(
      ({ tag, bytes }) => tag === INTEGER && bytes.subarray(1).equals(nonce) && bytes[0] === 0x01,
    );
    if (repeated === undefined) throw new TimestampError('it answered another question');
    return token.whole;
  });
}

/**
 * What a timestamp says of bytes. `trusted`: certificates of authorities, PEM; of none nobody vouches for it. Throws `TimestampError` where it
 * is about other bytes, or was not signed by the certificate that it names.
 */
export function verifiedTimestamp(token: Buffer, about: Uint8Array, trusted: readonly string[]): Timestamp {
  return reading(() => {
    const { content, certificates, signer } = signedOf(token);
    const info = infoOf(content);
    const [, , imprint] = info;
    const [algorithm, digest] = elementsIn(demanded(imprint));
    const named = digestOf(demanded(algorithm));
    if (!named.of(about).equals(octets(digest))) throw new TimestampError('it is about other bytes');
    const at = timeOf(member(info, 4, TIME));
    const by = signedBy({ content, certificates, signer });
    return { at, authority: nameOf(by), trusted: isTrusted(by, certificates, { at, trusted }) };
  });
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TimestampError) throw error;
    if (error instanceof EncodingError || error instanceof RangeError)
      throw new TimestampError(`it is not a timestamp: ${error.message}`);
    throw new TimestampError(`it cannot be read: ${(error as Error).message}`);
  }
}

function demanded(element: Element | undefined): Element {
  if (element === undefined) throw new TimestampError('it lacks a part');
  return element;
}

interface Signed {
  /** What was signed: the time, and about what. */
  readonly content: Buffer;
  readonly certificates: readonly X509Certificate[];
  readonly signer: readonly Element[];
}

function signedOf(token: Buffer): Signed {
  const outer = elementsIn(elementOf(token));
  if (objectId(member(outer, 0, OBJECT_ID)) !== SIGNED_DATA) throw new TimestampError('it is not signed');
  const [data] = elementsIn(member(outer, 1, EXPLICIT_0));
  const parts = elementsIn(demanded(data));
  const inner = elementsIn(member(parts, 2, SEQUENCE));
  if (objectId(member(inner, 0, OBJECT_ID)) !== TIME_INFO) throw new TimestampError('it holds no time');
  const [content] = elementsIn(member(inner, 1, EXPLICIT_0));
  const given = parts.find(({ tag }) => tag === EXPLICIT_0);
  const signers = elementsIn(member(parts, parts.length - 1, SET));
  if (signers.length !== 1) throw new TimestampError('it does not have one signature');
  return {
    content: octets(content),
    certificates: (given === undefined ? [] : elementsIn(given)).map(
      ({ whole }) => new X509Certificate(whole),
    ),
    signer: elementsIn(member(signers, 0, SEQUENCE)),
  };
}

const infoOf = (content: Buffer): readonly Element[] => elementsIn(elementOf(content));

function digestOf(algorithm: Element): Digest {
  const found = DIGESTS[objectId(member(elementsIn(algorithm), 0, OBJECT_ID))];
  if (found === undefined) throw new TimestampError('it uses a digest that is not SHA-2');
  return found;
}

/** `20261128201500Z`, with or without a fraction. */
function timeOf({ bytes }: Element): Date {
  const text = bytes.toString('latin1');
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\.\d+)?Z$/.exec(text);
  if (parts === null) throw new TimestampError('its time cannot be read');
  const [, year, month, day, hour, minute, second, fraction = ''] = parts;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}Z`);
  // Compared with the dates of a certificate, a time that is none would be outside of none of them.
  if (Number.isNaN(at.getTime())) throw new TimestampError('its time is none');
  return at;
}

/** The certificate that signed, once its signature was held against what it signed. */
function signedBy({ content, certificates, signer }: Signed): X509Certificate {
  const digest = digestOf(member(signer, 2, SEQUENCE));
  const attributes = member(signer, 3, EXPLICIT_0);
  const valuesOf = new Map(
    elementsIn(attributes).map((one) => {
      const [name, values] = elementsIn(one);
      return [objectId(demanded(name)), elementsIn(demanded(values))[0]] as const;
    }),
  );
  const type = valuesOf.get(CONTENT_TYPE);
  if (type === undefined || objectId(type) !== TIME_INFO) throw new TimestampError('it signs something else');
  if (!digest.of(content).equals(octets(valuesOf.get(MESSAGE_DIGEST))))
    throw new TimestampError('what it says is not what was signed');
  const by = certificates.find((one) => isNamed(one, valuesOf));
  if (by === undefined) throw new TimestampError('it does not hold the certificate that signed it');
  const algorithm = objectId(member(elementsIn(member(signer, 4, SEQUENCE)), 0, OBJECT_ID));
  if (!SIGNATURES.has(algorithm)) throw new TimestampError('its signature is of a kind that is not read');
  // What is signed has the tag of a set, whatever it has in the message.
  const signed = Buffer.concat([Buffer.from([SET]), attributes.whole.subarray(1)]);
  if (!verify(digest.name, signed, by.publicKey, member(signer, 5, OCTETS).bytes))
    throw new TimestampError('its signature is not of this time by its certificate');
  if (by.keyUsage?.length !== 1 || by.keyUsage[0] !== TIMESTAMPING)
    throw new TimestampError('its certificate is not for timestamps alone');
  return by;
}

/** By its digest, as RFC 5816 names it; one that is named by SHA-1 alone is not believed. */
function isNamed(certificate: X509Certificate, valuesOf: ReadonlyMap<string, Element | undefined>): boolean {
  const held = valuesOf.get(SIGNING_CERTIFICATE);
  if (held === undefined) return false;
  const [list] = elementsIn(held);
  const [first] = elementsIn(demanded(list));
  const [begins, follows] = elementsIn(demanded(first));
  // Without a name of a digest it is SHA-256.
  const isDigestNamed = begins?.tag === SEQUENCE;
  const digest = isDigestNamed ? digestOf(begins) : SHA256;
  return digest.of(certificate.raw).equals(octets(isDigestNamed ? follows : begins));
}

/** Over certificates that were good at that time, up to one that is trusted. */
function isTrusted(
  signer: X509Certificate,
  given: readonly X509Certificate[],
  { at, trusted }: { readonly at: Date; readonly trusted: readonly string[] },
): boolean {
  const roots = trusted.map((one) => new X509Certificate(one));
  let own: X509Certificate | undefined = signer;
  for (let depth = 0; own !== undefined && depth < 8; depth++) {
    const one: X509Certificate = own;
    if (at < one.validFromDate || at > one.validToDate) return false;
    if (roots.some(({ raw }) => raw.equals(one.raw))) return true;
    const issues = (issuer: X509Certificate) =>
      issuer.ca && one.checkIssued(issuer) && one.verify(issuer.publicKey);
    own = roots.find(issues) ?? given.find((issuer) => !issuer.raw.equals(one.raw) && issues(issuer));
  }
  return false;
}

const nameOf = ({ subject }: X509Certificate): string =>
  /(?:^|\n)CN=([^\n]*)/.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ');

/** The compact serialisation of a signed token (RFC 7515), and nothing else: no JSON serialisation, no `none`, no detached content. */
import { decodeBase64url, decodeLettersInto, hasPlainLetters } from './base64url.ts';
import { type JsonObject, parseObject } from './json.ts';
import type { VerificationKey } from './key.ts';
import { type RefusedToken, refuse } from './refusal.ts';

export interface JwsHeader {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly typ: string | undefined;
}

/** A token taken apart, nothing of it believed. */
export interface JwsParts {
  readonly ok: true;
  readonly read: ReadHeader;
  readonly token: string;
  /** Where in the token its payload begins. */
  readonly payloadAt: number;
  readonly signatureAt: number;
}

export const payloadOf = ({ token, payloadAt, signatureAt }: JwsParts): string =>
  token.slice(payloadAt, signatureAt - 1);
/** What was signed: header and payload with the dot between. */
export const signedOf = ({ token, signatureAt }: JwsParts): string => token.slice(0, signatureAt - 1);

const MOST_KEY_ID = 512;
const DOT = 46;

/** A header as it was read, without a word on whether it is to be believed. */
interface ReadHeader {
  readonly headerText: string;
  readonly header: JwsHeader;
  /** The members of the header, for who needs more of them (a DPoP proof). */
  readonly members: Readonly<Record<string, unknown>>;
}

/** What a header may say, for one reader; why not, or null. */
type HeaderCheck = (header: JwsHeader) => RefusedToken | null;

function readHeader(headerText: string, check: HeaderCheck): ReadHeader | RefusedToken {
  const bytes = decodeBase64url(headerText);
  const members = bytes === null ? null : parseObject(bytes);
  if (members === null) return refuse('malformed', 'the header is no base64url of one JSON object');
  const { alg, kid, typ } = members;
  if (typeof alg !== 'string') return refuse('malformed', 'alg of the header is no text');
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > MOST_KEY_ID))
    return refuse('malformed', `kid of the header is no text of ${MOST_KEY_ID} characters at most`);
  if (typ !== undefined && typeof typ !== 'string')
    return refuse('malformed', 'typ of the header is no text');
  // Whatever it lists changes what the signature means, and none of it is implemented here.
  if (members.crit !== undefined) return refuse('critical-extension', 'the header has crit');
  if (members.b64 !== undefined) return refuse('critical-extension', 'the header has b64');
  if (members.enc !== undefined || members.zip !== undefined)
    return refuse('encrypted', 'the header has enc or zip');
  const header = { alg, kid, typ };
  // A text of its own: comparing with a part of another token takes longer, and would keep that token.
  return check(header) ?? { headerText: Buffer.from(headerText).toString(), header, members };
}

/**
 * Takes tokens apart. All tokens of one key have the same few headers, so those that a signature has proved are remembered,
 * 64 at most: never a token, and never what an attacker can fill it with.
 */
export class JwsReader {
  readonly #proved = new Map<string, ReadHeader>();
  /** That of the token before, which is most often that of the next one too: comparing is quicker than looking up. */
  #last: ReadHeader | null = null;
  readonly #limit: number;
  readonly #check: HeaderCheck;

  /** `limit`: characters of a whole token. */
  constructor(limit: number, check: HeaderCheck = () => null) {
    this.#limit = limit;
    this.#check = check;
  }

  read(token: unknown): JwsParts | RefusedToken {
    if (typeof token !== 'string' || token === '') return refuse('malformed', 'there is no token');
    if (token.length > this.#limit)
      return refuse('too-large', `the token has more than ${this.#limit} characters`);
    const known = this.#recognise(token);
    const first = known === null ? token.indexOf('.') : known.headerText.length;
    const second = token.indexOf('.', first + 1);
    if (first < 1 || second < 0) return refuse('malformed', 'the token has not three parts');
    const third = token.indexOf('.', second + 1);
    if (third > 0)
      return token.split('.').length === 5
        ? refuse('encrypted', 'the token is encrypted; only signed ones are read')
        : refuse('malformed', 'the token has more than three parts');
    const read = known ?? this.#lookUp(token.slice(0, first));
    if ('ok' in read) return read;
    if (hasPlainLetters(token))
      return refuse('malformed', 'there is a letter in it that is none of base64url');
    if (second === token.length - 1) return refuse('malformed', 'there is no signature');
    return {
      ok: true,
      read,
      token,
      payloadAt: first + 1,
      signatureAt: second + 1,
    };
  }

  /** After its signature was verified. */
  remember({ read }: JwsParts): void {
    if (read === this.#last) return;
    if (this.#proved.size < 64) this.#proved.set(read.headerText, read);
    this.#last = read;
  }

  #recognise(token: string): ReadHeader | null {
    const last = this.#last;
    if (last === null || token.charCodeAt(last.headerText.length) !== DOT) return null;
    return token.startsWith(last.headerText) ? last : null;
  }

  #lookUp(headerText: string): ReadHeader | RefusedToken {
    return this.#proved.get(headerText) ?? readHeader(headerText, this.#check);
  }
}

/** Where bytes of a token are put that are looked at in the same step, so that none of them has to be given up again. */
class Room {
  readonly bytes: Buffer;
  #first: Buffer;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
    this.#first = this.bytes;
  }

  /** Made anew only where the one before, which is most often as long, was of another length. */
  first(size: number): Buffer {
    if (size !== this.#first.length) this.#first = this.bytes.subarray(0, size);
    return this.#first;
  }
}

/** Characters of a token that a validator may take. */
const KEPT = 65_536;
/** One character takes three bytes at most: so one that is not ASCII is always written, and counted. */
const SPARE = 4;
const LARGEST_SIGNATURE = 1024;
const tokenRoom = new Room(KEPT + SPARE);
const signatureRoom = new Room(LARGEST_SIGNATURE);
const payloadRoom = Buffer.allocUnsafe(KEPT);

/** Null where `key` signed the token. */
export function checkSignature({ token, signatureAt }: JwsParts, key: VerificationKey): RefusedToken | null {
  const room = token.length <= KEPT ? tokenRoom : new Room(token.length + SPARE);
  if (room.bytes.write(token) !== token.length)
    return refuse('malformed', 'there is a letter in it that is none of base64url');
  const text = token.slice(signatureAt);
  const size = Math.floor((text.length * 3) / 4);
  const signature = (size <= LARGEST_SIGNATURE ? signatureRoom : new Room(size)).first(size);
  if (decodeLettersInto(signature, text) < 0) return refuse('malformed', 'the signature is no base64url');
  return key.verifies(room.first(signatureAt - 1), signature)
    ? null
    : refuse('signature-wrong', 'the signature is not of the key that the token names');
}

/** The members of the payload, or why there are none. For a token of `KEPT` characters at most of which the signature was checked. */
export function readPayload(
  parts: JwsParts,
): { readonly ok: true; readonly members: JsonObject } | RefusedToken {
  const length = decodeLettersInto(payloadRoom, payloadOf(parts));
  if (length < 0) return refuse('malformed', 'the payload is no base64url');
  const members = parseObject(payloadRoom, length);
  return members === null
    ? refuse('malformed', 'the payload is no JSON object in which each member stands once')
    : { ok: true, members };
}

const LARGEST = 1_048_576;

/**
 * Bytes that `key` signed, of a compact JWS of up to a megabyte whose `alg` is the key's. For what is no access token: nothing is known of its content.
 */
export function verifyJws(
  jws: string,
  key: VerificationKey,
): { readonly ok: true; readonly header: JwsHeader; readonly payload: Buffer } | RefusedToken {
  const parts = new JwsReader(LARGEST).read(jws);
  if (!parts.ok) return parts;
  if (parts.read.header.alg !== key.algorithm)
    return refuse('algorithm-not-allowed', `alg of the header is not ${key.algorithm}`);
  const payload = decodeBase64url(payloadOf(parts));
  if (payload === null) return refuse('malformed', 'the payload is no base64url');
  return checkSignature(parts, key) ?? { ok: true, header: parts.read.header, payload };
}

/**
 * The file of a review: UTF-8, one canonical JSON object a line, and a last line that seals every byte before it. The seal's
 * digest is SHA-256; its signature is Ed25519 (RFC 8032) over a line that names the format and the digest. Pure.
 */
import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import type { Asset, Attribute } from '../facts/asset.ts';
import { kindSchema } from '../kinds/kind.ts';
import { canonical } from '../text/canonical.ts';
import { exceptionSchema } from '../verdicts/exception.ts';
import { standardSchema } from '../verdicts/standard.ts';
import type { Review, ReviewFacts } from './review.ts';

export interface ReviewSeal {
  /** How many lines stand before it. */
  readonly lines: number;
  /** SHA-256 over every byte before it. */
  readonly digest: string;
  /** The public key (SPKI, DER, base64); null where it is not signed. */
  readonly key: string | null;
  /** Base64. */
  readonly signature: string | null;
}

const signedText = (digest: string): Buffer => Buffer.from(`macadam.review/1\n${digest}\n`);

/** The whole file. `key`: an Ed25519 key; null: it is sealed and not signed. */
export function reviewText(review: Review, key: KeyObject | null): string {
  const lines = [...linesOf(review)];
  const body = `${lines.join('\n')}\n`;
  const digest = hash('sha256', body);
  const seal = {
    line: 'seal',
    lines: lines.length,
    digest,
    key: key && publicText(createPublicKey(key)),
    signature: key && sign(null, signedText(digest), key).toString('base64'),
  };
  return `${body}${canonical(seal)}\n`;
}

const publicText = (key: KeyObject): string => key.export({ type: 'spki', format: 'der' }).toString('base64');

/** The name of a public key: SHA-256 of it, as manifests of collections name it. */
export const keyName = (key: string): string => hash('sha256', Buffer.from(key, 'base64'));

/** Figures first, so that whoever only shows them reads no facts. */
function* linesOf({ head, minutes, figures, facts }: Review): Iterable<string> {
  const line = (name: string, content: object) => canonical({ line: name, ...content });
  yield line('head', head);
  yield line('minutes', minutes);
  for (const one of figures) yield line('figure', one);
  for (const kind of facts.kinds) yield line('kind', { kind });
  for (const one of facts.standards) yield line('standard', one);
  yield line('commitments', { commitments: facts.commitments });
  for (const exception of facts.exceptions) yield line('exception', { exception });
  for (const one of facts.payloads) yield line('payload', one);
  for (const collection of facts.collections) yield line('collection', { collection });
  for (const one of facts.enumerated) yield line('enumerated', one);
  for (const one of facts.unnamed) yield line('unnamed', one);
  for (const [team, division] of facts.divisions) yield line('division', { team, division });
  for (const [standard, weeks] of facts.weeks) yield line('weeks', { standard, weeks });
  for (const [standard, counts] of facts.before) yield line('before', { standard, counts });
  for (const one of facts.cohorts) yield line('cohort', one);
  for (const one of facts.cells) yield line('cell', one);
  for (const one of facts.cellAssets) yield line('cell-assets', one);
  for (const asset of facts.assets) {
    yield line('asset', {
      ...asset,
      attributes: Object.fromEntries(asset.attributes),
      team: facts.teams.get(asset.id) ?? null,
    });
  }
}

/** Why a text is no sealed review, for people. */
export class ReviewDamaged extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReviewDamaged';
  }
}

const sealSchema = z.strictObject({
  line: z.literal('seal'),
  lines: z.int().min(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  key: z.string().nullable(),
  signature: z.string().nullable(),
});

/**
 * The seal of a file, once every byte was held against it. Throws `ReviewDamaged` where any differs, and where the signature
 * is not of these bytes by the key that it names. Whether that key is anybody's is for the caller to ask.
 */
export function checkedSeal(bytes: Uint8Array): ReviewSeal {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = file.lastIndexOf(10, file.length - 2) + 1;
  const body = file.subarray(0, start);
  const seal = sealIn(file.subarray(start));
  if (hash('sha256', body) !== seal.digest)
    throw new ReviewDamaged('its bytes are not those that were sealed: something in it was changed');
  let lines = 0;
  for (const byte of body) if (byte === 10) lines += 1;
  if (lines !== seal.lines)
    throw new ReviewDamaged(`the seal names ${seal.lines} lines before it, and there are ${lines}`);
  const { key, signature } = seal;
  if (key === null && signature === null) return seal;
  if (key === null || signature === null || !isSigned(seal.digest, key, signature))
    throw new ReviewDamaged('its signature is not of this seal by the key that it names');
  return seal;
}

function sealIn(line: Buffer): ReviewSeal {
  let read: unknown;
  try {
    read = JSON.parse(line.toString());
  } catch {
    throw new ReviewDamaged('its last line is not a seal: it was cut, or changed');
  }
  const seal = sealSchema.safeParse(read);
  // One seal has one text: no byte of it can be another one and mean the same.
  if (!seal.success || !Buffer.from(`${canonical(seal.data)}\n`).equals(line))
    throw new ReviewDamaged('its last line is not a seal as it is written: it was cut, or changed');
  const { line: _, ...found } = seal.data;
  return found;
}

function isSigned(digest: string, key: string, signature: string): boolean {
  try {
    const [publicBytes, signed] = [Buffer.from(key, 'base64'), Buffer.from(signature, 'base64')];
    if (publicBytes.toString('base64') !== key || signed.toString('base64') !== signature) return false;
    const publicKey = createPublicKey({ key: publicBytes, format: 'der', type: 'spki' });
    return publicKey.asymmetricKeyType === 'ed25519' && verify(null, signedText(digest), publicKey, signed);
  } catch {
    return false;
  }
}

/** After the seal: the time that an authority outside vouches for, of every byte before this line. */
const stampSchema = z.strictObject({
  line: z.literal('timestamp'),
  /** SHA-256 of the token, so that each bit of it counts. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** RFC 3161, DER, base64. */
  token: z.string(),
});

/** A sealed file with a timestamp of all of it. */
export function stampedReview(text: string, token: Buffer): string {
  const stamp = { line: 'timestamp', digest: hash('sha256', token), token: token.toString('base64') };
  return `${text}${canonical(stamp)}\n`;
}

export interface StampedReview {
  /** Up to the seal. */
  readonly sealed: Buffer;
  /** Null: it has no timestamp. */
  readonly token: Buffer | null;
}

/** What of a file is sealed, and the timestamp after it. Throws `ReviewDamaged` where its last line is a timestamp that was changed. */
export function stampOf(bytes: Uint8Array): StampedReview {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = file.lastIndexOf(10, file.length - 2) + 1;
  const line = file.subarray(start).toString();
  if (!line.includes('"line":"timestamp"')) return { sealed: file, token: null };
  let read: unknown = null;
  try {
    read = JSON.parse(line);
  } catch {}
  const stamp = stampSchema.safeParse(read);
  if (!stamp.success || `${canonical(stamp.data)}\n` !== line)
    throw new ReviewDamaged('its timestamp is not written as timestamps are: it was cut, or changed');
  const token = Buffer.from(stamp.data.token, 'base64');
  if (token.toString('base64') !== stamp.data.token || hash('sha256', token) !== stamp.data.digest)
    throw new ReviewDamaged('its timestamp was changed');
  return { sealed: file.subarray(0, start), token };
}

/** Names of lines that are not facts, or that stand for several of them. */
type Lines = ReadonlyMap<string, readonly Record<string, unknown>[]>;

/** What shows a review: everything but its facts. Nothing is checked. */
export function readReviewHead(text: string): Pick<Review, 'head' | 'minutes' | 'figures'> {
  const lines = linesIn(text, new Set(['head', 'minutes', 'figure']));
  const [head] = lines.get('head') ?? [];
  const [minutes] = lines.get('minutes') ?? [];
  if (head === undefined || minutes === undefined)
    throw new ReviewDamaged('it is not a review: it has no head');
  return {
    head: head as unknown as Review['head'],
    minutes: minutes as unknown as Review['minutes'],
    figures: (lines.get('figure') ?? []) as unknown as Review['figures'],
  };
}

/** A whole review. Throws `ReviewDamaged` where it is not one; the seal is not looked at. */
export function readReview(text: string): Review {
  const lines = linesIn(text, null);
  const shown = readReviewHead(text);
  if (shown.head.format !== 'macadam.review/1')
    throw new ReviewDamaged(
      `it is of the format \`${String(shown.head.format)}\`, which this release does not read`,
    );
  return { ...shown, facts: factsIn(lines) };
}

function linesIn(text: string, wanted: ReadonlySet<string> | null): Lines {
  const found = new Map<string, Record<string, unknown>[]>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const name = /^\{.*?"line":"([a-z-]+)"/.exec(line.slice(0, 400))?.[1];
    if (wanted !== null && name !== undefined && !wanted.has(name)) continue;
    let read: Record<string, unknown>;
    try {
      read = JSON.parse(line);
    } catch {
      throw new ReviewDamaged(`line ${index + 1} is not JSON`);
    }
    if (wanted === null && canonical(read) !== line)
      throw new ReviewDamaged(`line ${index + 1} is not written as reviews are`);
    const { line: own, ...content } = read;
    if (typeof own !== 'string') throw new ReviewDamaged(`line ${index + 1} has no name`);
    if (wanted !== null && !wanted.has(own)) continue;
    const all = found.get(own) ?? [];
    found.set(own, all);
    all.push(content);
  }
  return found;
}

function factsIn(lines: Lines): ReviewFacts {
  const all = <T>(name: string): readonly T[] => (lines.get(name) ?? []) as unknown as readonly T[];
  const kinds = all<{ kind: unknown }>('kind').map(({ kind }) => parsed(kindSchema, kind, 'kind'));
  const standards = all<ReviewFacts['standards'][number]>('standard').map(({ standard, params }) => ({
    standard: parsed(standardSchema, standard, 'standard'),
    params,
  }));
  const exceptions = all<{ exception: unknown }>('exception').map(({ exception }) =>
    parsed(exceptionSchema, exception, 'exception'),
  );
  const assets = all<WrittenAsset>('asset');
  const pairs = <V>(name: string, of: (line: never) => readonly [string, V]) =>
    new Map(all<never>(name).map(of));
  return {
    kinds,
    standards,
    exceptions,
    commitments: all<Pick<ReviewFacts, 'commitments'>>('commitments')[0]?.commitments ?? {},
    payloads: all('payload'),
    collections: all<{ collection: ReviewFacts['collections'][number] }>('collection').map(
      ({ collection }) => collection,
    ),
    enumerated: all('enumerated'),
    unnamed: all('unnamed'),
    divisions: pairs('division', ({ team, division }: { team: string; division: string }) => [
      team,
      division,
    ]),
    weeks: pairs('weeks', ({ standard, weeks }: WrittenWeeks) => [standard, weeks]),
    before: pairs('before', ({ standard, counts }: WrittenBefore) => [standard, counts]),
    cohorts: all('cohort'),
    cells: all('cell'),
    cellAssets: all('cell-assets'),
    assets: assets.map(({ team: _, attributes, ...asset }) => ({
      ...asset,
      attributes: new Map(Object.entries(attributes)),
    })),
    teams: new Map(assets.flatMap(({ id, team }) => (team === null ? [] : [[id, team] as const]))),
  };
}

type WrittenAsset = Omit<Asset, 'attributes'> & {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly team: string | null;
};
interface WrittenWeeks {
  readonly standard: string;
  readonly weeks: ReviewFacts['weeks'] extends ReadonlyMap<string, infer Weeks> ? Weeks : never;
}
interface WrittenBefore {
  readonly standard: string;
  readonly counts: ReviewFacts['before'] extends ReadonlyMap<string, infer Counts> ? Counts : never;
}

function parsed<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new ReviewDamaged(`a ${what} in it cannot be read: ${issue?.path.join('.')}: ${issue?.message}`);
}

/**
 * Secrets in the files of a repository as facts: where each stands and what it looks like, never what it is. The
 * extractor gives it every file of a tree; push protection gives it what is about to be committed.
 */
import { findSecrets } from '@macadam/secrets';

/** One secret at one place: an element of the attribute `secrets` of a repository. */
export type SecretFact = {
  /** Digest and place, so that the same secret in two files is two elements. */
  readonly key: string;
  /** Digest of detector and secret: the same wherever it stands. */
  readonly digest: string;
  readonly path: string;
  readonly line: number;
  readonly detector: string;
  readonly preview: string;
  readonly confidence: 'high' | 'medium' | 'low';
  readonly checked: boolean;
  /** True for one that stands only in an earlier commit. */
  readonly history: boolean;
  /** The reason of an allowance beside it. */
  readonly allowed?: string;
};

/** What one file holds. */
export interface FileSecrets {
  readonly secrets: readonly Omit<SecretFact, 'key' | 'path'>[];
  /** True when there are more than were listed. */
  readonly cut: boolean;
}

/** Secrets listed of one file. A file with more has been found out. */
const LIMIT = 1_000;

/** The secrets of a text, in order. */
export function secretsInText(text: string): FileSecrets {
  const found = findSecrets(text, { limit: LIMIT });
  return {
    cut: found.length === LIMIT,
    secrets: found.map(({ fingerprint, line, detector, preview, confidence, checked, allowed }) => ({
      digest: fingerprint,
      line,
      detector,
      preview,
      confidence,
      checked,
      history: false,
      ...(allowed === undefined ? {} : { allowed }),
    })),
  };
}

/** The same secrets as elements, at the path where the text stands. */
export function placed(path: string, { secrets }: FileSecrets): SecretFact[] {
  const times = new Map<string, number>();
  return secrets.map((secret) => {
    const time = (times.get(secret.digest) ?? 0) + 1;
    times.set(secret.digest, time);
    const key = time === 1 ? `${secret.digest}@${path}` : `${secret.digest}@${path}#${time}`;
    return { key, path, ...secret };
  });
}

/** Push protection: the secrets in texts that are about to be committed, by path and line. */
export function secretsInTexts(files: Readonly<Record<string, string>>): SecretFact[] {
  return Object.keys(files)
    .sort()
    .flatMap((path) => placed(path, secretsInText(files[path] ?? '')));
}

/** One for all texts: to make a decoder takes longer than to decode a short text. */
const UTF_8 = new TextDecoder('utf-8');

/**
 * The text of a file, or null when it is none: a NUL byte makes it binary, as for git. UTF-16 with a byte order mark
 * is text; a byte that is not UTF-8 becomes U+FFFD, which costs no secret, as they are ASCII.
 */
export function textOf(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes.includes(0)) return null;
  return UTF_8.decode(bytes);
}

/** Secrets in texts: what one text holds. The extractor gives it every file of a tree that it does not remember. */

import { type Confidence, findSecrets, type IgnoreFiles, type Setting } from '@macadam/secrets';
import { compact } from '../../compact.ts';

/** What one text holds at one line. */
export interface Sighting {
  readonly digest: string;
  readonly line: number;
  readonly detector: string;
  readonly preview: string;
  readonly confidence: Confidence;
  readonly checked: boolean;
  readonly setting?: Setting;
  readonly expires?: string;
  readonly allowed?: string;
  readonly ignoredBy?: string;
}

/** What one file holds. */
export interface FileSecrets {
  readonly secrets: readonly Sighting[];
  /** True when there are more than were listed. */
  readonly cut: boolean;
}

/** Secrets listed of one file. A file with more has been found out. */
const LIMIT = 1_000;

/** The secrets of a text, in order. `ignoreFiles` is what the repository told other scanners to pass over. */
export function secretsInText(text: string, path: string, ignoreFiles?: IgnoreFiles): FileSecrets {
  const found = findSecrets(text, ignoreFiles ? { limit: LIMIT, path, ignoreFiles } : { limit: LIMIT, path });
  return {
    cut: found.length === LIMIT,
    secrets: found.map(
      ({
        fingerprint,
        line,
        detector,
        preview,
        confidence,
        checked,
        setting,
        expires,
        allowed,
        ignoredBy,
      }): Sighting =>
        compact({
          digest: fingerprint,
          line,
          detector,
          preview,
          confidence,
          checked,
          setting,
          expires,
          allowed,
          ignoredBy,
        }),
    ),
  };
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

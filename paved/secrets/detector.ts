/** What a detector is: one entry in one family file of detectors/. */

/** How sure a match is. `low` is for what has the form but reads like an example, or a password that is a plain word. */
export type Confidence = 'high' | 'medium' | 'low';

/** A stretch of the text that may be a secret. Offsets are UTF-16 code units, `end` exclusive. */
export interface Candidate {
  readonly start: number;
  readonly end: number;
  /** When the reader knows better than its detector. */
  readonly confidence?: Confidence;
}

/** What a reader found, and where it stopped: keywords of the same reader before `resume` are not tried again. */
export interface Reading {
  readonly candidate?: Candidate;
  readonly resume: number;
}

interface Common {
  /** Kebab-case, unique, and stable: fingerprints depend on it. */
  readonly id: string;
  readonly title: string;
  /**
   * Literals of at least three characters, compared without regard to ASCII case. Text that holds none of them
   * is never looked at, so they should be as long and rare as the format allows.
   */
  readonly keywords: readonly string[];
  readonly confidence: Confidence;
  /**
   * The form says too little, and what stands around it decides: such a detector is not asked in lock files, which are
   * full of digests, nor believed behind the name of a digest or inside a longer run of encoded bytes.
   */
  readonly generic?: boolean;
}

/** A detector that is a regular expression. */
export interface PatternDetector extends Common {
  /** RE2 syntax. The first group that took part, else the whole match, is the secret. */
  readonly pattern: string;
  /** Characters that may stand between the start of a match and the keyword in it. Default 0. */
  readonly before?: number;
  /**
   * What stands right behind the keyword in every match, as a sticky pattern of a few characters. Where a keyword is a
   * common word, this is what keeps the text around each of them from being looked at.
   */
  readonly follows?: RegExp;
  /** Characters that a match may take from the start of its keyword on. Default 300. */
  readonly reach?: number;
  /**
   * What may not touch the secret: a letter or digit on either side (`word`, the default), a letter before and a
   * letter or digit behind (`letter`), anything may (`none`).
   */
  readonly edges?: 'word' | 'letter' | 'none';
  /** Least entropy in bits per character. */
  readonly entropy?: number;
  /** Whether the checksum inside it is right; undefined when this form of it carries none. A wrong one makes the match `low`. */
  readonly checksum?: (secret: string) => boolean | undefined;
  /** Anything else that a match must be. */
  readonly accept?: (secret: string) => boolean;
  /** How sure a match is, where its own structure tells; null for what has the form and cannot be a secret. */
  readonly assess?: (secret: string, around: Around) => Confidence | null;
  /** When it stops to open anything, as RFC 3339 in UTC, where it says so itself. */
  readonly expiry?: (secret: string, around: Around) => string | undefined;
  /** What is the same of one secret however it is written: a key with and without line breaks. Default the secret. */
  readonly canonical?: (secret: string) => string;
}

/** The text to both sides of a match, some hundred characters each. */
export interface Around {
  readonly before: string;
  readonly after: string;
}

/** A detector that is a small function, for what a regular expression says badly. It must read a bounded stretch. */
export interface ReadingDetector extends Common {
  readonly read: (text: string, start: number, end: number) => Reading | null;
}

export type Detector = PatternDetector | ReadingDetector;

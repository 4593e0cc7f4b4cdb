/**
 * An output format turns a scan into text. Its folder name is its id (`--format <id>`); discovery is `readdir` of
 * this folder, and each `<id>/format.ts` exports `format`. All figures come from the scan: a format never computes one.
 */
import type { Evidence, Scan, Severity } from '@macadam/core/scan';

/** What a reader of the output may want to know about a standard beyond its figures. */
export interface StandardText {
  readonly id: string;
  readonly statement: string;
  readonly why: string;
  /** The README of the standard, Markdown. */
  readonly guidance: string;
  readonly severity: Severity;
  /** Whether `macadam fix` can write a patch for it. */
  readonly fixable: boolean;
  /** Framework → requirement ids. */
  readonly mappings: Readonly<Record<string, readonly string[]>>;
}

/** One line of "what to do first": a group of failures that one person mends in one go. */
export interface Action {
  readonly standard: string;
  readonly title: string;
  readonly severity: Severity;
  readonly owner: string | null;
  /** Repository or other container, and the first place to go to. */
  readonly where: string;
  readonly place: string;
  readonly failures: number;
  readonly first: Evidence | null;
  /** The command that mends it or explains it. */
  readonly command: string;
}

/** Something that this picture cannot see, and how to let it see. */
export interface BlindSpot {
  readonly what: string;
  readonly standards: readonly string[];
  readonly assets: number;
  readonly why: string;
  readonly remedy: string | null;
}

/** Changes since an earlier scan, by fingerprint. */
export interface Comparison {
  readonly since: string;
  readonly new: readonly string[];
  readonly fixed: readonly {
    readonly fingerprint: string;
    readonly standard: string;
    readonly asset: string;
  }[];
  readonly stillFailing: readonly string[];
  readonly becameUnknown: readonly string[];
}

export interface Report {
  readonly scan: Scan;
  readonly standards: ReadonlyMap<string, StandardText>;
  readonly actions: readonly Action[];
  readonly blindSpots: readonly BlindSpot[];
  readonly comparison: Comparison | null;
  /** What the reader called the thing that was scanned. */
  readonly title: string;
}

export interface FormatOptions {
  /** Columns available; undefined when the output is not a terminal. */
  readonly width?: number;
  readonly color: boolean;
}

export interface Format {
  readonly id: string;
  readonly description: string;
  readonly mediaType: string;
  render(report: Report, options: FormatOptions): string | Promise<string>;
}

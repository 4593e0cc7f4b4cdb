/**
 * An output format turns a scan into text. Its folder name is its id (`--format <id>`); discovery is `readdir` of
 * this folder, and each `<id>/format.ts` exports `format`. All figures come from the scan: a format never computes one.
 */
import type { Comparison } from '@macadam/core/figures/comparison';
import type { Remembered } from '@macadam/core/figures/listing';
import type { BlindSpot, NextStep } from '@macadam/core/figures/priorities';
import type { FoundAsset, Scan, Severity } from '@macadam/core/figures/scan';

export type { BlindSpot, Comparison, NextStep };

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

/** A verdict that is no finding. Listed so that every number of the page can open the list behind it. */
export interface Settled {
  readonly standard: string;
  readonly asset: FoundAsset;
  readonly verdict: 'pass' | 'not-applicable';
  readonly owner: string | null;
}

export interface Report {
  readonly scan: Scan;
  readonly standards: ReadonlyMap<string, StandardText>;
  readonly actions: readonly NextStep[];
  readonly blindSpots: readonly BlindSpot[];
  readonly comparison: Comparison | null;
  /** What a later scan needs to be compared with this one. */
  readonly remembered: Remembered;
  /** All passes and all not-applicables, or left out: then their numbers stand without a list behind them. */
  readonly settled?: readonly Settled[];
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
  /** Which findings it shows lines of code of; left out by a format that has no room for them. */
  readonly code?: 'worst' | 'all';
  render(report: Report, options: FormatOptions): string | Promise<string>;
}

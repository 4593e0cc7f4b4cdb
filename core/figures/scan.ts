/**
 * `macadam.scan/1`: the picture that one run gives, in the form that every output format, the page and later runs
 * (`--baseline`) read. Built only by `picture()`; the shape is fixed by scan.schema.json beside this file.
 */
import type { Assurance, Cause, Location, OldClone, Problem } from '../facts/observation.ts';
import type { MeasureFigures } from './measure.ts';
import type { Share, Tally } from './share.ts';
import type { StatusCause, Target, TargetStatus } from './target.ts';

export type VerdictName = 'pass' | 'fail' | 'unknown' | 'not-applicable';
/** Gravest first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The gravest of several; `low` of none. */
export function gravest(severities: readonly Severity[]): Severity {
  return SEVERITIES.find((severity) => severities.includes(severity)) ?? 'low';
}

export interface ScanSource {
  readonly id: string;
  readonly status: 'complete' | 'incomplete' | 'failed';
  readonly complete: boolean;
  /** Who else says how many there are; null means that the population is unconfirmed. */
  readonly witness: { readonly id: string; readonly count: number } | null;
  readonly problems: readonly Problem[];
  /** Left out where every clone was fetched lately. */
  readonly oldClones?: readonly OldClone[];
}

/** Figures of one standard. The shares are fractions of `scope`, or null when it is 0: never 100 % of nothing. */
export interface ScanStandard extends Tally, Share {
  readonly id: string;
  readonly pillar: string;
  readonly title: string;
  /** The title in at most 38 characters, for tables. */
  readonly label: string;
  readonly severity: Severity;
  /** Who answers for it; null where nobody was named. */
  readonly accountable: string | null;
  readonly target: Target | null;
  /** Against the target, from this scan alone: a history that knows the pace says more of what is not met. */
  readonly status: TargetStatus;
  /** Of a standard that counts something else than assets; null where the counts say all. */
  readonly measure: MeasureFigures | null;
  readonly statusCause: StatusCause | null;
  /** Digest of all that decides a verdict besides facts: standard, parameters, kind, places, central exclusions. */
  readonly definition: string;
  /**
   * The same figures by place (product, test, example …), where the kind has an attribute `place`; product first, and
   * last, with place null, what has no known place. They add up to the figures above.
   */
  readonly places?: readonly ScanPlace[];
  /**
   * Of the containers that may hold such assets (repositories, say), how many were listed whole, whatever the shares say of the
   * assets that are known. While it is short, the standard is not met. Null where no source lists such assets.
   */
  readonly containers: { readonly whole: number; readonly total: number } | null;
  /** True when no source of this run can ever judge it (it needs a code host, say), so every unknown is expected. */
  readonly outOfReach: boolean;
}

/** Figures of one standard over the assets of one place. */
export interface ScanPlace extends Tally, Share {
  readonly place: string | null;
}

/** A container, a part of an estate, or a format of a container that could not be listed whole. */
export interface NotListed {
  readonly kind: string;
  readonly container: string;
  /** As people call it. */
  readonly name: string;
  readonly format?: string;
  readonly cause: Cause;
  readonly why: string;
  readonly remedy: string | null;
}

/** What the company leaves out, approved and until a day: it is not looked at, and what it covers is unknown. */
export interface LeftOut {
  readonly pattern: string;
  /** File and line that say so. */
  readonly stated: string;
  readonly owner: string;
  readonly approver: string;
  readonly reason: string;
  /** Last day, UTC. */
  readonly until: string;
  /** Files that were not looked at. */
  readonly files: number;
  /** Verdicts that are unknown because of it. */
  readonly unknown: number;
}

/** A standard of the catalogue that the run did not judge by: it did not load, was not asked for, or nobody looked for its kind. */
export interface NotJudged {
  readonly standard: string;
  readonly why: string;
  /** Mistakes of a definition that did not load, each with its place. */
  readonly mistakes?: readonly string[];
}

/** A standard whose file does not load: the version that judged before goes on judging. */
export interface LastGoodStandard {
  readonly standard: string;
  /** From when on that version is in force. */
  readonly since: string;
  /** What is wrong with the file, each with its place and what to do. */
  readonly mistakes: readonly string[];
}

/** Lines of a file as they were judged, safe to print: shortened, values of secrets and acting characters replaced. */
export interface CodeLines {
  /** Number of the first of them, from 1. */
  readonly from: number;
  readonly lines: readonly string[];
}

/** One place or value that decided a verdict. */
export interface Evidence {
  readonly location?: Location;
  /** Address of the location at the code host, at the commit that was judged. */
  readonly link?: string;
  /** The lines around the location, where they were read. */
  readonly code?: CodeLines;
  readonly text: string;
  /** The reason that it explains, where the finding has `reasons`. */
  readonly reason?: string;
  /** Where it came from. */
  readonly source?: string;
  readonly observedAt?: string;
}

/** A reason that holds of an asset, with what it says there. */
export interface HeldReason {
  readonly id: string;
  readonly message: string;
}

export interface FoundAsset {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  /** Name of the repository (or other container) that it stands in; left out when it is one itself. */
  readonly container?: string;
  /** Part that it plays in its repository: product, test, example … Left out where its kind has none or it is not known. */
  readonly place?: string;
}

export interface Finding {
  readonly standard: string;
  readonly asset: FoundAsset;
  readonly verdict: 'fail' | 'unknown';
  /** For a fail that of the gravest reason that holds, else that of the standard. */
  readonly severity: Severity;
  /** A reason of the standard for a fail; a cause (`forbidden`, `stale` …) for an unknown. */
  readonly reason: string;
  readonly message: string;
  /** Every reason that holds, the finding's own first, where it is more than one. */
  readonly reasons?: readonly HeldReason[];
  readonly assurance: Assurance | null;
  /** Who owns the asset; null when nobody is known to. */
  readonly owner: string | null;
  readonly evidence: readonly Evidence[];
  readonly location: Location | null;
  /** Address of the location at the code host, at the commit that was judged. */
  readonly link?: string;
  /** The lines around the location, where they were read. */
  readonly code?: CodeLines;
  /** 32 hex digits; the same standard on the same asset keeps it whatever lines move. */
  readonly fingerprint: string;
  /** The exception in force that lets this failure be, if there is one. */
  readonly exception?: FindingException;
}

export interface FindingException {
  readonly reason: string;
  /** Who approved it; of one that is self-attested, whom it names. */
  readonly approver: string;
  readonly until: string;
  /** The estate's own file states it: no second person approved it in Macadam. */
  readonly selfAttested?: true;
}

/** How an exception came about, in words that follow its last day. */
export const approvalSaid = ({ approver, selfAttested }: FindingException): string =>
  selfAttested ? `self-attested in the estate's file, which names ${approver}` : `approved by ${approver}`;

export interface Scan {
  readonly schema: 'macadam.scan/1';
  /** Name and version of what computed this. */
  readonly engine: string;
  /** Digest over the standards and kinds in force. */
  readonly catalogue: string;
  readonly collectedAt: string;
  /** The `now` that the checks saw; later than `collectedAt` when asked "who would fail then". */
  readonly asOf: string;
  readonly sources: readonly ScanSource[];
  /** Number of assets seen, by kind. */
  readonly assets: Readonly<Record<string, number>>;
  readonly standards: readonly ScanStandard[];
  readonly notJudged: readonly NotJudged[];
  /** Left out where every file loads. */
  readonly lastGood?: readonly LastGoodStandard[];
  /** What could not be listed whole, and may hold assets that no figure counts. */
  readonly notListed: readonly NotListed[];
  /** What is left out centrally; absent where nothing is. */
  readonly leftOut?: readonly LeftOut[];
  readonly findings: readonly Finding[];
}

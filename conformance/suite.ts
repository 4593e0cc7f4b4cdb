/**
 * A conformance suite holds Macadam against material that others wrote. Each file in suites/ exports `suite`; its
 * ledger (`<name>.ledger.json` beside it: case id → reason) lists the cases that differ, and may only shrink:
 * a listed case that starts to agree, or no longer exists, fails the run.
 */

export interface Case {
  /** Stable and unique within the suite. */
  readonly id: string;
  /** Null when we agree; otherwise one line that says how we differ. A throw counts as a difference. */
  readonly run: () => string | null | Promise<string | null>;
}

export interface Suite {
  readonly name: string;
  /** What it proves, in one line. */
  readonly proves: string;
  /** Files below the vectors folder that it reads, `*` allowed; when one is missing the suite is left out, and the run says so. */
  readonly vectors: readonly string[];
  /** What this machine lacks for it, for people; then the suite is left out, and the run says so. May install it. */
  readonly lacks?: () => string | null;
  /** True when it gets and runs a program of others, as a directory or a validator is: then `--without-peers`, which needs npm and git alone, leaves it out. */
  readonly runsPeer?: boolean;
  /** True when it needs the packages of conformance/package.json, which are installed at their first use: `load` imports them, not the module. */
  readonly needsInstall?: boolean;
  readonly load: (vectors: string, extent: Extent) => Promise<readonly Case[]>;
}

/** How much a suite does that makes up its own cases; what is not given is all that it can do. */
export interface Extent {
  /** Random changes to a file. */
  readonly changes?: number;
}

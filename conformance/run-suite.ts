/** Runs one suite against its ledger. Apart from calling the cases it is pure: what to do about it is the caller's. */
import type { Case, Extent, Suite } from './suite.ts';

/** Case id → why it differs, for a reader who wonders whether that is right. */
export type Ledger = Readonly<Record<string, string>>;

export interface SuiteResult {
  readonly agree: number;
  /** Cases that differ and are in the ledger. */
  readonly listed: number;
  /** Ledger entries that agree now, or name no case. */
  readonly stale: readonly string[];
  readonly problems: readonly { readonly id: string; readonly what: string }[];
}

async function difference(one: Case): Promise<string | null> {
  try {
    return await one.run();
  } catch (error) {
    return `threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  }
}

export async function runSuite(
  suite: Suite,
  ledger: Ledger,
  vectors: string,
  extent: Extent = {},
): Promise<SuiteResult> {
  const problems: { id: string; what: string }[] = [];
  const stale: string[] = [];
  const seen = new Set<string>();
  let agree = 0;
  let listed = 0;
  let cases: readonly Case[] = [];
  try {
    cases = await suite.load(vectors, extent);
  } catch (error) {
    problems.push({
      id: suite.name,
      what: `could not be loaded: ${error instanceof Error ? error.message : error}`,
    });
    return { agree, listed, stale, problems };
  }
  if (cases.length === 0)
    problems.push({ id: suite.name, what: 'holds no case; a suite that proves nothing is broken' });
  for (const one of cases) {
    if (seen.has(one.id)) problems.push({ id: one.id, what: 'a second case of this id; ids are unique' });
    seen.add(one.id);
    const differs = await difference(one);
    const reason = ledger[one.id];
    if (differs === null) agree++;
    if (differs !== null && reason !== undefined) listed++;
    if (differs !== null && reason === undefined) problems.push({ id: one.id, what: differs });
    if (differs === null && reason !== undefined) {
      stale.push(one.id);
      problems.push({ id: one.id, what: 'agrees now: take it out of the ledger (--shrink)' });
    }
  }
  for (const [id, reason] of Object.entries(ledger)) {
    if (!seen.has(id)) {
      stale.push(id);
      problems.push({ id, what: 'is in the ledger, but there is no such case: take it out (--shrink)' });
    }
    if (reason.trim().length < 10)
      problems.push({ id, what: 'has no reason in the ledger; say why we differ' });
  }
  return { agree, listed, stale, problems };
}

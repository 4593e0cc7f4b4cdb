/** What is said to whoever opens a simulated company: where they are in it, and how to be somebody else. */
import type { Decisions } from '@macadam/adapters/decisions/port';
import { admitVisitor } from '@macadam/simulation/decisions/visitor';
import type { Shown } from '../startup.ts';
import type { EntryParts } from './authentication.ts';

export interface VisitParts {
  readonly decisions: Decisions;
  readonly linkAs: EntryParts['linkAs'];
  readonly visitor: string;
  readonly atTerminal: boolean;
  /** Where the server listens. */
  readonly url: string;
}

/** Lines for the terminal; none where nothing is simulated whole, or no link may be given. */
export async function saidToVisitor(
  { stores, site }: Pick<Shown, 'stores' | 'site'>,
  { decisions, linkAs, visitor, atTerminal, url }: VisitParts,
): Promise<readonly string[]> {
  const mark = stores?.simulated();
  if (!mark?.whole) return [];
  const visit = await admitVisitor(
    decisions,
    mark,
    visitor,
    (standard) => site?.standards.get(standard)?.definition.pillar,
  );
  if (visit === null) return [];
  const links: string[] = [];
  for (const { person, does } of visit.others) {
    const link = await linkAs(person, atTerminal);
    if (link !== null) links.push(`  ${person}, who ${does}:\n    ${new URL(link, url).href}`);
  }
  return [
    `You are of team ${visit.team}. What takes two people is tried with a second one, in a private window:`,
    ...links,
  ].slice(0, links.length === 0 ? 0 : undefined);
}

/** What is said to whoever opens a simulated company: where they are in it, and how to be somebody else. */
import type { Decisions } from '@macadam/adapters/decisions/port';
import { admitVisitor, type Visit, type VisitRole } from '@macadam/simulation/decisions/demo-login';
import type { AppState } from '../startup.ts';
import type { EntryParts } from './authentication.ts';

/** Somebody whom whoever tries a company that is made up may be, at a click. */
export type DemoRole = VisitRole;

export interface VisitParts {
  readonly decisions: Decisions;
  readonly linkAs: EntryParts['linkAs'];
  readonly visitor: string;
  readonly atTerminal: boolean;
  /** Where the server listens. */
  readonly url: string;
}

/** A place for the visitor; null where nothing is simulated whole, or no team has work. */
export async function visitOf(
  { stores, site }: Pick<AppState, 'stores' | 'site'>,
  { decisions, visitor }: Pick<VisitParts, 'decisions' | 'visitor'>,
): Promise<Visit | null> {
  const mark = stores?.simulated();
  if (!mark?.whole) return null;
  return admitVisitor(
    decisions,
    mark,
    visitor,
    (standard) => site?.standards.get(standard)?.definition.pillar,
  );
}

/** Whom one may be in a company that is made up, the visitor first; who is called at night is somebody of a team, too. */
export function demoRoles(visit: Visit, visitor: string): readonly DemoRole[] {
  const engineer = visit.others.find(({ role }) => role === 'Engineer');
  const own = { person: visitor, role: 'CISO', opens: '/', does: 'has the whole company in view' };
  const night = engineer && {
    person: engineer.person,
    role: 'Responder',
    opens: '/who',
    does: 'finds out at night whom to call, and how to stop a thing',
  };
  return [own, ...visit.others, ...(night ? [night] : [])];
}

/** Lines for the terminal; none where nothing is simulated whole, or no link may be given. */
export async function saidToVisitor(
  shown: Pick<AppState, 'stores' | 'site'>,
  { decisions, linkAs, visitor, atTerminal, url }: VisitParts,
): Promise<readonly string[]> {
  const visit = await visitOf(shown, { decisions, visitor });
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

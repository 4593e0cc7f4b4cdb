/** Names that name nothing: said with the nearest that there is, in place of answering as if there were nothing. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { BatchFilter } from '@macadam/adapters/decisions/work';
import type { OrgLevel, OrgTree } from '@macadam/core/org/org';
import { describeRequestDiagnostic, type RequestDiagnostic } from '@macadam/core/text/diagnostic';
import { didYouMean } from '@macadam/core/text/suggestion';
import { currentTree } from '@macadam/services/ownership/log';
import { HttpProblem } from './http/problem.ts';
import type { ServerParts } from './http/route.ts';
import type { ServerContext } from './pages/history/pages.ts';

/** Nothing where it is left out, or is there. */
export function unknownName(
  field: string,
  what: string,
  given: string | undefined,
  known: Iterable<string>,
): readonly RequestDiagnostic[] {
  if (given === undefined) return [];
  const names = new Set(known);
  if (names.has(given)) return [];
  const reason = `there is no ${what} \`${given}\`${didYouMean(given, names)}`;
  return [{ field, reason, fix: `name a ${what} that there is, by its id` }];
}

/** Without a catalogue nobody can say. */
export const unknownStandard = (field: string, given: string | undefined, site: ServerContext | null) =>
  site === null ? [] : unknownName(field, 'standard', given, site.standards.keys());

/** Of today's organisation; `level` left out: any unit. */
export const unknownUnit = (field: string, given: string | undefined, tree: OrgTree, level?: OrgLevel) =>
  unknownName(
    field,
    level ?? 'team',
    given,
    [...tree.units.values()]
      .filter((unit) => level === undefined || unit.level === level)
      .map(({ id }) => id),
  );

/** Empty means the whole company. */
export const unknownDivision = (given: string, tree: OrgTree) =>
  given === '' ? [] : unknownUnit('division', given, tree, 'division');

/** As a list is filtered; each left out where it is not. */
export interface NamedFilters {
  readonly team?: string | undefined;
  readonly standard?: string | undefined;
  readonly division?: string | undefined;
}

/**
 * Throws 400 for a filter that names nothing: an empty list would read as if nothing were wrong with what it names. Work that is
 * there is proof of a name, too: of a standard that left the catalogue, of a team that has ended.
 */
export async function requireFilters(
  { team, standard, division }: NamedFilters,
  tx: DecisionTransaction,
  { decisions, site }: Pick<ServerParts, 'decisions' | 'site'>,
): Promise<void> {
  if (team === undefined && standard === undefined && division === undefined) return;
  const tree = await currentTree(decisions, tx);
  const found = [
    ...unknownUnit('query.team', team, tree),
    ...unknownStandard('query.standard', standard, site()),
    ...unknownUnit('query.division', division, tree, 'division'),
  ];
  const proven = async (field: string) => {
    if (field === 'query.division') return division !== undefined && tree.merged.has(division);
    if (field === 'query.team' && team !== undefined && tree.merged.has(team)) return true;
    const of = field === 'query.team' ? { team } : { standard };
    const work = await tx.work.batches({ ...of, limit: 1 } as BatchFilter);
    if (work.length > 0 || field === 'query.team') return work.length > 0;
    return (await tx.permissions.exceptions({ standard: standard ?? '', limit: 1 })).length > 0;
  };
  const objections: RequestDiagnostic[] = [];
  for (const one of found) if (!(await proven(one.field))) objections.push(one);
  requireNone(400, objections);
}

/** Throws where there are any: 400 for what is asked, 422 for what is to be kept. */
export function requireNone(status: 400 | 422, objections: readonly RequestDiagnostic[]): void {
  if (objections.length === 0) return;
  throw new HttpProblem(status, objections.map(describeRequestDiagnostic).join('; '), objections);
}

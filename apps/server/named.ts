/** Names that name nothing: said with the nearest that there is, in place of answering as if there were nothing. */
import { didYouMean } from '@macadam/core/nearest';
import { describeObjection, type Objection } from '@macadam/core/objection';
import type { OrgLevel, OrgTree } from '@macadam/core/org/org';
import { HttpProblem } from './http/problem.ts';
import type { Site } from './past.ts';

/** Nothing where it is left out, or is there. */
export function strange(
  field: string,
  what: string,
  given: string | undefined,
  known: Iterable<string>,
): readonly Objection[] {
  if (given === undefined) return [];
  const names = new Set(known);
  if (names.has(given)) return [];
  const reason = `there is no ${what} \`${given}\`${didYouMean(given, names)}`;
  return [{ field, reason, fix: `name a ${what} that there is, by its id` }];
}

/** Without a catalogue nobody can say. */
export const strangeStandard = (field: string, given: string | undefined, site: Site | null) =>
  site === null ? [] : strange(field, 'standard', given, site.standards.keys());

/** Of today's organisation; `level` left out: any unit. */
export const strangeUnit = (field: string, given: string | undefined, tree: OrgTree, level?: OrgLevel) =>
  strange(
    field,
    level ?? 'team',
    given,
    [...tree.units.values()]
      .filter((unit) => level === undefined || unit.level === level)
      .map(({ id }) => id),
  );

/** Empty means the whole company. */
export const strangeDivision = (given: string, tree: OrgTree) =>
  given === '' ? [] : strangeUnit('division', given, tree, 'division');

/** Throws where there are any: 400 for what is asked, 422 for what is to be kept. */
export function demandNone(status: 400 | 422, objections: readonly Objection[]): void {
  if (objections.length === 0) return;
  throw new HttpProblem(status, objections.map(describeObjection).join('; '), objections);
}

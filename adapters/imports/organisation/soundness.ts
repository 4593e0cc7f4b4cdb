/** Whether the parts of a snapshot fit together, said with the line of each part that does not. */

import { LEVELS } from '@macadam/core/org/org';
import type { OrgSnapshot } from '@macadam/core/org/snapshot';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { didYouMean } from '@macadam/core/text/suggestion';
import type { OrgReading } from './port.ts';

/** Lines of the parts, in the same order. */
export interface OrgLines {
  readonly units: readonly number[];
  readonly people: readonly number[];
  readonly accountable: readonly number[];
}

export const DEFAULT_COMPANY = { id: 'company', level: 'company', name: 'Company', parent: null } as const;

export function sound(snapshot: OrgSnapshot, lines: OrgLines, file: string): OrgReading {
  const mistakes: FileDiagnostic[] = [];
  const say = (line: number | undefined, field: string, reason: string) =>
    mistakes.push({ file, line: line ?? 1, column: 1, field, reason });
  const units = new Map(snapshot.units.map((unit) => [unit.id, unit]));
  const people = new Set(snapshot.people.map(({ id }) => id));
  const noUnit = (id: string) => `there is no unit \`${id}\`${didYouMean(id, units.keys()) || '; add it'}`;
  const seen = new Set<string>();
  for (const [index, { id, level, parent }] of snapshot.units.entries()) {
    const line = lines.units[index];
    if (seen.has(id)) say(line, 'id', `\`${id}\` stands twice; give each unit an id of its own`);
    seen.add(id);
    if (parent === null) {
      if (level !== 'company')
        say(line, 'parent', `the ${level} \`${id}\` lies below nothing; name its parent`);
      continue;
    }
    const above = units.get(parent);
    if (!above) say(line, 'parent', noUnit(parent));
    else if (LEVELS.indexOf(above.level) >= LEVELS.indexOf(level))
      say(
        line,
        'parent',
        `\`${parent}\` is a ${above.level}, which no ${level} lies below; name a higher unit`,
      );
  }
  const known = new Set<string>();
  for (const [index, { id, units: own }] of snapshot.people.entries()) {
    if (known.has(id)) say(lines.people[index], 'person', `\`${id}\` stands twice; join the two`);
    known.add(id);
    for (const unit of own)
      if (!units.has(unit)) say(lines.people[index], 'person', `\`${id}\`: ${noUnit(unit)}`);
  }
  for (const [index, { person, for: covers }] of (snapshot.accountable ?? []).entries()) {
    const line = lines.accountable[index];
    if (!people.has(person))
      say(
        line,
        'accountable',
        `there is no person \`${person}\`${didYouMean(person, people) || '; add them'}`,
      );
    if (covers.unit !== undefined && !units.has(covers.unit)) say(line, 'accountable', noUnit(covers.unit));
  }
  for (const [from, into] of Object.entries(snapshot.merged ?? {})) {
    if (units.has(from))
      say(1, `merged.${from}`, `\`${from}\` is still listed; take it out, or do not merge it`);
    if (!units.has(into)) say(1, `merged.${from}`, noUnit(into));
  }
  return mistakes.length > 0 ? { mistakes } : { snapshot };
}

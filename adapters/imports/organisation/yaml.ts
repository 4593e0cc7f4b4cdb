/**
 * The org file (`org.yaml`) as a tree: a company, divisions, organisations and teams, with their people and the deputy
 * CISOs. People who are in no team belong to the company; who has left and who is a machine is not in the tree.
 */

import type { OrgSnapshot } from '@macadam/core/org/snapshot';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';
import { orgSchema } from '../../readers/ownership/org.ts';
import type { OrgFormat } from './port.ts';
import { DEFAULT_COMPANY, sound } from './soundness.ts';

const bare = (name: string) => name.replace(/^@/, '').toLowerCase();

export const readOrgYaml: OrgFormat = (text, file) => {
  const document = readDocument(text.trim() === '' ? '{}' : text, file, orgSchema);
  if ('mistakes' in document) return document;
  const { value: org, lineOf } = document;
  const top = org.company
    ? { ...DEFAULT_COMPANY, id: org.company.id, name: org.company.name }
    : DEFAULT_COMPANY;
  const contacts = (own: OrgSnapshot['units'][number]['contacts']) => (own ? { contacts: own } : {});
  const units: OrgSnapshot['units'] = [
    { ...top, ...contacts(org.company?.contacts) },
    ...org.divisions.map(({ contacts: own, ...one }) => ({
      ...one,
      level: 'division' as const,
      parent: top.id,
      ...contacts(own),
    })),
    ...org.organisations.map(({ parent = top.id, contacts: own, ...one }) => ({
      ...one,
      level: 'organisation' as const,
      parent,
      ...contacts(own),
    })),
    ...(org.teams ?? []).map(({ name, parent = top.id, contacts: own }) => ({
      id: bare(name),
      level: 'team' as const,
      name: name.replace(/^@/, ''),
      parent,
      ...contacts(own),
    })),
  ];
  const teamsOf = (person: string) =>
    (org.teams ?? [])
      .filter(({ members }) => members?.some((one) => bare(one) === person))
      .map(({ name }) => bare(name));
  // Whoever lists nobody but members means those.
  const listed =
    org.people ??
    [...new Set((org.teams ?? []).flatMap(({ members }) => members ?? []).map(bare))].map(
      (login) => ({ login, email: undefined, state: 'active' }) as const,
    );
  const people = listed.flatMap(({ login, email, state }, index) => {
    const own = teamsOf(bare(login));
    const person = { id: bare(login), ...(email !== undefined && { email: email.toLowerCase() }) };
    return state === 'active' ? { person: { ...person, units: own.length > 0 ? own : [top.id] }, index } : [];
  });
  const strangers = strangersIn(org, file, lineOf);
  if (strangers.length > 0) return { mistakes: strangers };
  const empty = (org.accountable ?? []).flatMap(({ unit, pillar, kind }, index) =>
    [unit, pillar, kind].every((one) => one === undefined) ? index : [],
  );
  if (empty.length > 0) {
    const reason = 'it covers nothing; name a unit, a pillar or a kind';
    return {
      mistakes: empty.map((index) => ({
        file,
        line: lineOf(['accountable', index]),
        column: 1,
        field: `accountable.${index}`,
        reason,
      })),
    };
  }
  const accountable = org.accountable?.map(({ person, unit, pillar, kind }) => ({
    person: bare(person),
    for: {
      ...(unit !== undefined && { unit }),
      ...(pillar !== undefined && { pillar }),
      ...(kind !== undefined && { kind }),
    },
  }));
  const lines = {
    units: [
      lineOf(['company']),
      ...(['divisions', 'organisations', 'teams'] as const).flatMap((part) =>
        (org[part] ?? []).map((_, index) => lineOf([part, index])),
      ),
    ],
    people: people.map(({ index }) => lineOf(org.people ? ['people', index] : ['teams'])),
    accountable: (accountable ?? []).map((_, index) => lineOf(['accountable', index])),
  };
  const snapshot: OrgSnapshot = {
    units,
    people: people.map(({ person }) => person),
    merged: org.merged,
    ...(accountable && { accountable }),
  };
  return sound(snapshot, lines, file);
};

/** Members whom the list of people does not have; a file without such a list is taken at its word. */
function strangersIn(
  { people, teams, complete }: ReturnType<typeof orgSchema.parse>,
  file: string,
  lineOf: (path: readonly (string | number)[]) => number,
): FileDiagnostic[] {
  if (!people || !complete) return [];
  const known = new Set(people.map(({ login }) => bare(login)));
  return (teams ?? []).flatMap(({ members }, team) =>
    (members ?? []).flatMap((member, index) => {
      const path = ['teams', team, 'members', index];
      const reason = `\`${member}\` is not among the people; add them, or take them out`;
      return known.has(bare(member))
        ? []
        : { file, line: lineOf(path), column: 1, field: path.join('.'), reason };
    }),
  );
}

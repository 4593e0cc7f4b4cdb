/** A table of people as numbers of people: what leaves this file names nobody. */
import type { Observation } from '@macadam/core/facts/observation';
import {
  FEWEST,
  type GroupAnswers,
  publishedGroups,
  SMALLER_GROUPS,
} from '@macadam/core/org/published-groups';
import { z } from 'zod';
import { type ExportRead, type ExportRequest, type ExportScope, observationOf } from '../export.ts';
import { MAPPING, mappedIn, rowsBy, rowsOf, unusedIn } from '../mapping.ts';
import { readOf } from '../reading.ts';
import { type Item, unobserved } from '../statement.ts';
import { PEOPLE } from './description.ts';

const answerSchema = z.strictObject({
  column: z.string().min(1),
  yes: z.array(z.string()).readonly(),
  no: z.array(z.string()).readonly(),
});
const mappingSchema = z.strictObject({
  company: z.string().min(1),
  person: z.string().min(1),
  group: z.string().min(1),
  review: answerSchema.optional(),
  pay: z
    .strictObject({
      ...answerSchema.shape,
      leader: z.strictObject({ column: z.string().min(1), values: z.array(z.string()).min(1).readonly() }),
    })
    .optional(),
});
type Mapping = z.infer<typeof mappingSchema>;
type Answer = z.infer<typeof answerSchema>;
type Subject = 'review' | 'pay';

export function readPriorities(request: ExportRequest): ExportRead {
  const read = mappedIn(request, 'priorities', mappingSchema, ({ company }) => company);
  if ('mistakes' in read) return read;
  const { mapping, scope } = read;
  const table = rowsOf(request, PEOPLE, columnsOf(mapping));
  if ('mistakes' in table) return table;
  // Reasons name lines of the table, and nobody in it.
  const { items, gaps } = rowsBy(
    table.rows,
    [mapping.person],
    (_, { file }) => `the row in ${file} is of somebody who has a row already; keep one for each person`,
  );
  const rows = [...items.values()];
  const observations: Observation[] = [];
  const notes: string[] = [];
  for (const subject of ['review', 'pay'] as const) {
    const answers = answersOf(mapping, rows, subject);
    if (answers === null) continue;
    const published = publishedGroups(answers);
    if (published.length === 0)
      notes.push(`of ${subject} nothing is published: fewer than ${FEWEST} people are in the table`);
    for (const group of published)
      for (const answered of ['yes', 'no', 'withheld'] as const)
        if (group[answered] > 0)
          observations.push(
            groupOf(scope, { subject, answered, group: group.group, people: group[answered] }),
          );
  }
  return readOf({
    scope,
    listed: [{ kind: 'people-group', observations, gaps }],
    notes: [...notes, ...unusedIn(request.files, PEOPLE, MAPPING)],
  });
}

const columnsOf = ({ person, group, review, pay }: Mapping): readonly (string | undefined)[] => [
  person,
  group,
  review?.column,
  pay?.column,
  pay?.leader.column,
];

/** Null where the mapping does not say how to read it. */
function answersOf(
  mapping: Mapping,
  rows: readonly Item[],
  subject: Subject,
): readonly GroupAnswers[] | null {
  const answer = mapping[subject];
  if (answer === undefined) return null;
  const { pay } = mapping;
  const asked =
    subject === 'pay' && pay !== undefined
      ? rows.filter(({ record }) => pay.leader.values.includes(String(record[pay.leader.column] ?? '')))
      : rows;
  // Whoever is in no group is counted with the smaller ones.
  const groups = Map.groupBy(asked, ({ record }) => String(record[mapping.group] ?? SMALLER_GROUPS));
  return [...groups].map(([group, own]) => {
    const count = (wanted: 'yes' | 'no' | null) => own.filter((item) => said(answer, item) === wanted).length;
    return { group, yes: count('yes'), no: count('no'), unknown: count(null) };
  });
}

function said({ column, yes, no }: Answer, { record }: Item): 'yes' | 'no' | null {
  const value = record[column];
  if (typeof value !== 'string' || yes.includes(value) === no.includes(value)) return null;
  return yes.includes(value) ? 'yes' : 'no';
}

interface PublishedNumber {
  readonly subject: Subject;
  readonly group: string;
  readonly answered: 'yes' | 'no' | 'withheld';
  readonly people: number;
}

function groupOf(scope: ExportScope, { subject, group, answered, people }: PublishedNumber): Observation {
  return observationOf(scope, {
    kind: 'people-group',
    key: [scope.directory, group, subject, answered],
    name: `${group}, ${subject}: ${answered}`,
    attributes: {
      company: { value: scope.directory },
      group: { value: group },
      subject: { value: subject },
      answered: { value: answered },
      owners:
        group === SMALLER_GROUPS
          ? unobserved('several parts are counted together; they have no one owner')
          : { value: [group] },
      holds:
        answered === 'withheld'
          ? {
              unobserved: 'forbidden',
              why: `fewer than ${FEWEST} people would be readable, or what is written of them says neither yes nor no`,
            }
          : { value: answered === 'yes' },
      people: { value: people },
    },
    assurance: 'attested',
  });
}

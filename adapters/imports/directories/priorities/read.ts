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
import type { ListingGap } from '../listing.ts';
import { columnMissing, MAPPING, mappingIn } from '../mapping.ts';
import { readOf, scopeOf } from '../reading.ts';
import { EMPTY_LISTS } from '../saved-lists.ts';
import { type Item, unobserved } from '../statement.ts';
import { tableOf } from '../table.ts';
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
  const refused = (reason: string) => ({ mistakes: [{ file: request.folder, reason }] });
  const read = mappingIn(request.files, mappingSchema, 'priorities');
  if ('reason' in read) return refused(read.reason);
  const { mapping } = read;
  const people = request.files.find(({ path }) => path === PEOPLE);
  if (people === undefined) return refused(`holds no ${PEOPLE}; save the table of people under that name`);
  const table = tableOf(people);
  if ('why' in table) return { mistakes: [{ file: people.path, reason: table.why }] };
  const missing = columnMissing(PEOPLE, table.columns, columnsOf(mapping));
  if (missing !== null) return refused(missing);
  const named = scopeOf('priorities', request, [{ id: mapping.company, name: mapping.company }], '');
  if ('mistakes' in named) return named;
  const { rows, gaps } = peopleIn(mapping, table.rows);
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
            groupOf(named.scope, { subject, answered, group: group.group, people: group[answered] }),
          );
  }
  return readOf({
    scope: named.scope,
    saved: { lists: EMPTY_LISTS, answers: [], unread: [] },
    listed: [{ kind: 'people-group', observations, gaps }],
    parents: [],
    notes: [
      ...notes,
      ...request.files
        .filter(({ path }) => path !== PEOPLE && path !== MAPPING)
        .map(({ path }) => `${path} is not used: only ${PEOPLE} and ${MAPPING} are read`),
    ],
  });
}

const columnsOf = ({ person, group, review, pay }: Mapping): readonly (string | undefined)[] => [
  person,
  group,
  review?.column,
  pay?.column,
  pay?.leader.column,
];

/** Each person once. Reasons name lines of the table, and nobody in it. */
function peopleIn(
  mapping: Mapping,
  rows: readonly Item[],
): { readonly rows: readonly Item[]; readonly gaps: readonly ListingGap[] } {
  const found = new Map<string, Item>();
  const gaps: ListingGap[] = [];
  for (const item of rows) {
    const id = item.record[mapping.person];
    if (typeof id !== 'string')
      gaps.push({
        code: 'id-missing',
        cause: 'incomplete',
        why: `the row in ${item.file} has nothing under \`${mapping.person}\`; fill it in`,
      });
    else if (found.has(id))
      gaps.push({
        code: 'answers-disagree',
        cause: 'disputed',
        why: `the row in ${item.file} is of somebody who has a row already; keep one for each person`,
      });
    else found.set(id, item);
  }
  return { rows: [...found.values()], gaps };
}

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

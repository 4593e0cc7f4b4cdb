/** Enrolments of a learning system joined with the people of a personnel system: whoever was never enrolled is in it too, unknown. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { type ExportRead, type ExportRequest, type ExportScope, observationOf } from '../export.ts';
import type { ListingGap } from '../listing.ts';
import { emptyCell, MAPPING, mappedIn, meantBy, oneOf, rowsBy, rowsOf, unusedIn } from '../mapping.ts';
import { readOf } from '../reading.ts';
import { type Item, unobserved } from '../statement.ts';
import { dayIn, filledIn } from '../table.ts';
import { ENROLMENTS, PEOPLE } from './description.ts';

const column = z.string().min(1);
const values = z.array(z.string()).readonly();
const mappingSchema = z.strictObject({
  academy: column,
  courses: z.array(column).min(1).readonly(),
  people: z.strictObject({
    id: column,
    team: column.optional(),
    state: z.strictObject({ column, active: values, on_leave: values, left: values }),
  }),
  enrolments: z.strictObject({
    person: column,
    course: column,
    assigned_at: column,
    due_at: column,
    completed_at: column,
    assessed: z.strictObject({ column, yes: values, no: values }).optional(),
  }),
});
type Mapping = z.infer<typeof mappingSchema>;

export function readAcademy(request: ExportRequest): ExportRead {
  const read = mappedIn(request, 'academy', mappingSchema, ({ academy }) => academy);
  if ('mistakes' in read) return read;
  const { mapping, scope } = read;
  const { people: of, enrolments: given } = mapping;
  const people = rowsOf(request, PEOPLE, [of.id, of.team, of.state.column]);
  if ('mistakes' in people) return people;
  const { assessed, ...columns } = given;
  const enrolments = rowsOf(request, ENROLMENTS, [...Object.values(columns), assessed?.column]);
  if ('mistakes' in enrolments) return enrolments;
  const { items, gaps } = rowsBy(
    people.rows,
    [of.id],
    (person, { file }) => `${person} is in ${file} once more; keep one row for each person`,
  );
  const enrolled = enrolmentsIn(given, enrolments.rows, gaps);
  const observations = pairsOf(mapping, items, enrolled).map((pair) => enrolmentOf(scope, mapping, pair));
  return readOf({
    scope,
    listed: [{ kind: 'training-enrolment', observations, gaps }],
    notes: unusedIn(request.files, PEOPLE, ENROLMENTS, MAPPING),
  });
}

/** Rows of one person and course, as they stand in the table. */
type Enrolments = ReadonlyMap<string, ReadonlyMap<string, readonly Item[]>>;

function enrolmentsIn(
  { person, course }: Mapping['enrolments'],
  rows: readonly Item[],
  gaps: ListingGap[],
): Enrolments {
  const found = new Map<string, Map<string, Item[]>>();
  for (const item of rows) {
    const [who, what] = [item.record[person], item.record[course]];
    if (typeof who !== 'string') gaps.push(emptyCell(item, person));
    else if (typeof what !== 'string') gaps.push(emptyCell(item, course));
    else {
      const own = found.get(who) ?? new Map<string, Item[]>();
      found.set(who, own);
      own.set(what, [...(own.get(what) ?? []), item]);
    }
  }
  return found;
}

interface Pair {
  readonly person: string;
  readonly course: string;
  /** Of the personnel system; null: it does not know the person. */
  readonly register: Item | null;
  /** None: never enrolled. */
  readonly rows: readonly Item[];
}

/** Everybody who was enrolled, and whoever is at work with each course that they should have been given. */
function pairsOf(mapping: Mapping, people: ReadonlyMap<string, Item>, enrolled: Enrolments): readonly Pair[] {
  const pairs: Pair[] = [];
  for (const [person, courses] of enrolled)
    for (const [course, rows] of courses)
      pairs.push({ person, course, register: people.get(person) ?? null, rows });
  for (const [person, register] of people) {
    const state = stateOf(mapping, register);
    if ('value' in state && state.value === 'left') continue;
    for (const course of mapping.courses)
      if (enrolled.get(person)?.has(course) !== true) pairs.push({ person, course, register, rows: [] });
  }
  return pairs;
}

function enrolmentOf(scope: ExportScope, mapping: Mapping, pair: Pair): Observation {
  const { person, course, register } = pair;
  const team = mapping.people.team === undefined ? undefined : register?.record[mapping.people.team];
  return observationOf(scope, {
    kind: 'training-enrolment',
    key: [scope.directory, person, course],
    name: `${course}: ${person}`,
    attributes: {
      academy: { value: scope.directory },
      person: { value: person },
      course: { value: course },
      owners:
        typeof team === 'string'
          ? { value: [team], complete: false, why: 'a person may work in other teams too' }
          : unobserved(`${PEOPLE} names no team of this person; fill it in`),
      person_state:
        register === null
          ? unobserved(
              `${PEOPLE} does not have this person; correct the id in one of the tables, or add the row`,
            )
          : stateOf(mapping, register),
      ...progressOf(mapping, pair),
    },
    assurance: 'attested',
  });
}

const stateOf = ({ people: { state } }: Mapping, item: Item): Statement =>
  meantBy(item, state.column, oneOf(state, ['active', 'on_leave', 'left']), 'people.state');

type Progress = Readonly<Record<'assigned_at' | 'due_at' | 'completed_at' | 'assessed', Statement>>;

function progressOf({ enrolments: given }: Mapping, { course, rows }: Pair): Progress {
  if (rows.length === 0) {
    const never = unobserved(
      `${ENROLMENTS} has no enrolment of this person in \`${course}\`; enrol them, or correct the id in one of the tables`,
    );
    return { assigned_at: never, due_at: never, completed_at: never, assessed: never };
  }
  const newest = newestBy(rows, given.assigned_at);
  const completed = newestBy(rows, given.completed_at);
  return {
    assigned_at: filledIn(dayIn(newest, given.assigned_at, 'start'), newest, given.assigned_at),
    due_at: filledIn(dayIn(newest, given.due_at, 'end'), newest, given.due_at),
    completed_at: dayIn(completed, given.completed_at, 'start'),
    assessed: assessedIn(given, completed),
  };
}

/** The row with the latest time in a column; one without a time comes before all others. */
function newestBy(rows: readonly Item[], name: string): Item {
  const timeOf = (item: Item): number => {
    const read = dayIn(item, name, 'start');
    return 'value' in read ? Date.parse(String(read.value)) : Number.NEGATIVE_INFINITY;
  };
  return rows.reduce((held, item) => (timeOf(item) > timeOf(held) ? item : held));
}

function assessedIn({ assessed, completed_at: completed }: Mapping['enrolments'], item: Item): Statement {
  if (typeof item.record[completed] !== 'string') return { absent: true };
  if (assessed === undefined)
    return unobserved(
      `${MAPPING} does not say which column tells whether answers were checked; add \`assessed\``,
    );
  const value = item.record[assessed.column];
  const [yes, no] = [assessed.yes.includes(String(value)), assessed.no.includes(String(value))];
  return typeof value === 'string' && yes !== no
    ? { value: yes }
    : unobserved(
        `the row in ${item.file} does not say plainly under \`${assessed.column}\` whether answers were checked; name its value once under \`enrolments.assessed\``,
      );
}

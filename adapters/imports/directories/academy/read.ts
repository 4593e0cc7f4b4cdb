/** Enrolments of a learning system joined with the people of a personnel system: whoever was never enrolled is in it too, unknown. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { type ExportRead, type ExportRequest, type ExportScope, observationOf } from '../export.ts';
import type { ListingGap } from '../listing.ts';
import { columnMissing, MAPPING, mappingIn } from '../mapping.ts';
import { readOf, scopeOf } from '../reading.ts';
import { EMPTY_LISTS } from '../saved-lists.ts';
import { type Item, unobserved } from '../statement.ts';
import { dayIn, filledIn, tableOf } from '../table.ts';
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
  const refused = (reason: string) => ({ mistakes: [{ file: request.folder, reason }] });
  const read = mappingIn(request.files, mappingSchema, 'academy');
  if ('reason' in read) return refused(read.reason);
  const { mapping } = read;
  const { people: of, enrolments: given } = mapping;
  const tables: Readonly<Record<string, readonly (string | undefined)[]>> = {
    [PEOPLE]: [of.id, of.team, of.state.column],
    [ENROLMENTS]: [
      given.person,
      given.course,
      given.assigned_at,
      given.due_at,
      given.completed_at,
      given.assessed?.column,
    ],
  };
  const rows = new Map<string, readonly Item[]>();
  for (const [path, columns] of Object.entries(tables)) {
    const file = request.files.find((one) => one.path === path);
    if (file === undefined) return refused(`holds no ${path}; save the table under that name`);
    const table = tableOf(file);
    if ('why' in table) return { mistakes: [{ file: path, reason: table.why }] };
    const missing = columnMissing(path, table.columns, columns);
    if (missing !== null) return refused(missing);
    rows.set(path, table.rows);
  }
  const named = scopeOf('academy', request, [{ id: mapping.academy, name: mapping.academy }], '');
  if ('mistakes' in named) return named;
  const gaps: ListingGap[] = [];
  const people = peopleIn(of.id, rows.get(PEOPLE) ?? [], gaps);
  const enrolled = enrolmentsIn(given, rows.get(ENROLMENTS) ?? [], gaps);
  const observations = pairsOf(mapping, people, enrolled).map((pair) =>
    enrolmentOf(named.scope, mapping, pair),
  );
  const others = request.files.filter(({ path }) => !Object.hasOwn(tables, path) && path !== MAPPING);
  return readOf({
    scope: named.scope,
    saved: { lists: EMPTY_LISTS, answers: [], unread: [] },
    listed: [{ kind: 'training-enrolment', observations, gaps }],
    parents: [],
    notes: others.map(
      ({ path }) => `${path} is not used: only ${PEOPLE}, ${ENROLMENTS} and ${MAPPING} are read`,
    ),
  });
}

const emptyCell = (file: string, name: string): ListingGap => ({
  code: 'id-missing',
  cause: 'incomplete',
  why: `the row in ${file} has nothing under \`${name}\`; fill it in`,
});

function peopleIn(id: string, rows: readonly Item[], gaps: ListingGap[]): ReadonlyMap<string, Item> {
  const people = new Map<string, Item>();
  for (const item of rows) {
    const person = item.record[id];
    if (typeof person !== 'string') gaps.push(emptyCell(item.file, id));
    else if (people.has(person))
      gaps.push({
        code: 'answers-disagree',
        cause: 'disputed',
        why: `${person} is in ${item.file} once more; keep one row for each person`,
      });
    else people.set(person, item);
  }
  return people;
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
    if (typeof who !== 'string') gaps.push(emptyCell(item.file, person));
    else if (typeof what !== 'string') gaps.push(emptyCell(item.file, course));
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

function stateOf({ people: { state } }: Mapping, item: Item): Statement {
  const value = item.record[state.column];
  if (typeof value !== 'string')
    return unobserved(`the row in ${item.file} has nothing under \`${state.column}\`; fill it in`);
  const fitting = (['active', 'on_leave', 'left'] as const).filter((one) => state[one].includes(value));
  const [found] = fitting;
  return found !== undefined && fitting.length === 1
    ? { value: found }
    : unobserved(
        `${MAPPING} does not say plainly what \`${value.slice(0, 40)}\` under \`${state.column}\` means; name it once under \`people.state\``,
      );
}

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

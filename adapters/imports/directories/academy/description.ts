/** What two tables tell of training: who is at work, and who was given and completed a course. */
import { from, type SourceDescription } from '../description.ts';
import { MAPPING } from '../mapping.ts';

export const PEOPLE = 'people.csv';
export const ENROLMENTS = 'enrolments.csv';

export const academyDescription: SourceDescription = {
  id: 'academy',
  title: 'Academy: tables of a learning system and of the personnel system',
  intro:
    'Joins what a learning system says of courses with what the personnel system says of people: `macadam ingest --format academy DIR`. Whoever is at work and was never enrolled is unknown: the learning system alone would not know that they exist.',
  saving: [
    'Three files in a folder. `people.csv`: a row for each person, from the personnel system. `enrolments.csv`: a row for each enrolment, from the learning system; several of one person and course are one, of which the newest counts. `mapping.json` says what the columns mean: `{"academy": "Academy", "courses": ["secure-basics"], "people": {"id": "Account", "team": "Team", "state": {"column": "Status", "active": ["Active"], "on_leave": ["Leave"], "left": ["Left"]}}, "enrolments": {"person": "User", "course": "Course", "assigned_at": "Assigned", "due_at": "Due", "completed_at": "Completed", "assessed": {"column": "Test", "yes": ["passed"], "no": ["none"]}}}`.',
    '`courses` are those that everybody at work has to be given. Days are written like 2026-08-01, and times with their zone; a day is over at its end in UTC where it is the last, and else begins at its beginning.',
  ],
  endpoints: [
    { path: PEOPLE, permission: 'the export itself', gives: 'who is at work, and in which team' },
    { path: ENROLMENTS, permission: 'the export itself', gives: 'who was given a course, and completed it' },
    { path: MAPPING, permission: 'written by the company', gives: 'what the columns mean' },
  ],
  kinds: {
    'training-enrolment': {
      academy: from([MAPPING], '`academy`'),
      person: from([PEOPLE, ENROLMENTS], 'the columns of people'),
      course: from([ENROLMENTS, MAPPING], 'the column of courses, and `courses`'),
      environment: 'neither table knows accounts',
      owners: from([PEOPLE], 'the column of teams'),
      person_state: from([PEOPLE, MAPPING], 'the values that the mapping names'),
      assigned_at: from([ENROLMENTS], 'the newest; unknown for whoever was never enrolled'),
      due_at: from([ENROLMENTS], 'of the newest enrolment'),
      completed_at: from([ENROLMENTS], 'the newest; absent where the cell is empty'),
      assessed: from([ENROLMENTS, MAPPING], 'the values that the mapping names'),
    },
  },
  limits: [
    'A person has to be called the same in both tables. Whoever is only in the table of the academy has no known state, and is unknown.',
  ],
};

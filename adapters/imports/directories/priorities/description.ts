/** What a table of people tells of security as a priority: numbers, and no person. */
import { from, type SourceDescription } from '../description.ts';
import { MAPPING } from '../mapping.ts';

export const PEOPLE = 'people.csv';

export const prioritiesDescription: SourceDescription = {
  id: 'priorities',
  title: 'Priorities: whether reviews and the pay of leaders ask for security',
  intro:
    'Reads a table of people that a personnel system exported, and makes numbers of it: `macadam ingest --format priorities DIR`. No name and no id of a person goes into the store, nor into what is sent to a server.',
  saving: [
    'Two files in a folder. `people.csv`: a row for each person at work, with a line of names of columns. `mapping.json` says what the columns mean: `{"company": "Example", "person": "Account", "group": "Division", "review": {"column": "Security goal", "yes": ["Yes"], "no": ["No"]}, "pay": {"column": "Pay linked", "yes": ["Yes"], "no": ["No"], "leader": {"column": "Grade", "values": ["L7", "L8"]}}}`. `review` or `pay` may be left out.',
    'A value that the mapping does not name is not known, and is never taken for a yes or a no. Delete the folder when it was taken in.',
  ],
  endpoints: [
    { path: PEOPLE, permission: 'the export itself', gives: 'how many people have which answer' },
    { path: MAPPING, permission: 'written by the company', gives: 'what the columns mean' },
  ],
  kinds: {
    'people-group': {
      company: from([MAPPING], '`company`'),
      group: from([PEOPLE], 'the column of groups; parts with fewer than ten are counted together'),
      subject: from([MAPPING], '`review` or `pay`'),
      answered: from([PEOPLE], 'the values that the mapping names'),
      owners: from([PEOPLE], 'the group; not of smaller groups, which have no one owner'),
      holds: from([PEOPLE], 'true for yes, false for no; forbidden for those that are withheld'),
      people: from([PEOPLE], 'in steps of ten, with ten people at least of each group withheld'),
    },
  },
  limits: [
    'Where everybody of a group has the same answer, ten of them are withheld, so a group of fewer than twenty is never published at all.',
    'Two exports that differ by one person may differ by ten in a number. Whoever knows that nobody else changed learns of that person then; take the table in after each round, and not after each change.',
    'Whoever knows the answers of all others of a group can work out the last one from any number. Numbers cannot prevent that.',
  ],
};

/** What a table of people tells of accounts, by a mapping that the company writes. */
import { APPROVED, from, type SourceDescription } from '../description.ts';
import { MAPPING } from '../mapping.ts';

export const PEOPLE = 'people.csv';

const ELSEWHERE = 'a personnel system does not know accounts; the directory says it';

export const hrDescription: SourceDescription = {
  id: 'hr',
  title: 'People: a table of a personnel system',
  intro:
    'Reads a table of people that a personnel system exported: `macadam ingest --format hr DIR`. It says of accounts of a directory whose they are, which the directory itself does not keep.',
  saving: [
    'Two files in a folder. `people.csv`: a row for each account, with a line of names of columns. `mapping.json` says what the columns mean: `{"directory": "the tenant\'s id", "object_id": "Account", "name": "Name", "team": "Team", "account": {"column": "Contract", "employee": ["Permanent"], "contractor": ["Agency"], "shared": ["Function"]}}`. `name`, `team` and `account` may be left out. `"recovery": {"column": "Way back", "verified": ["Live check"], "help_desk": ["Desk"]}` says by which way each account would be recovered, where the desk exported that with the table.',
    'A value of the column for `account` that the mapping does not name is unknown, and is never taken for an employee.',
  ],
  endpoints: [
    { path: PEOPLE, permission: 'the export itself', gives: 'whose an account is, and in which team' },
    { path: MAPPING, permission: 'written by the company', gives: 'what the columns mean' },
  ],
  kinds: {
    user: {
      directory: from([MAPPING], '`directory`: that of the accounts'),
      object_id: from([PEOPLE], "the column of the directory's own id"),
      environment: ELSEWHERE,
      owners: from([PEOPLE], 'the column of teams'),
      account: from([PEOPLE, MAPPING], 'the values that the mapping names'),
      enabled: ELSEWHERE,
      break_glass: APPROVED,
      methods: ELSEWHERE,
      weak_sign_in_blocked: ELSEWHERE,
      weak_sign_ins: ELSEWHERE,
      recovery_path: from(
        [PEOPLE, MAPPING],
        'the column of `recovery`: how the desk that recovers accounts has the person enrolled',
      ),
      last_recovery: ELSEWHERE,
    },
  },
  limits: [
    'Whether somebody left is not yet an attribute of an account; leave who left out of the table, and their accounts lose its word.',
  ],
};

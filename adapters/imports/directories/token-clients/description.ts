/** What lockfiles tell of applications that obtain tokens, and what they do not. */
import { APPROVED, from, type SourceDescription } from '../description.ts';
import { MAPPING } from '../mapping.ts';

export const LOCKFILES = 'lockfiles';

const DIRECTORY = 'the directory itself says it';

export const tokenClientsDescription: SourceDescription = {
  id: 'token-clients',
  title: 'Lockfiles of applications that obtain tokens',
  intro:
    'Reads lockfiles beside a list that says whose they are: `macadam ingest --format token-clients DIR`. What the directory says of the same application, that it obtained a token, meets it by its id.',
  saving: [
    'A folder with `mapping.json` and the lockfiles of each application below a folder of its own, under their own names and beside what they need (`go.sum`, a manifest), such as `shop/package-lock.json` and `shop/worker/go.mod`. A job that checks repositories out can copy them.',
    '`mapping.json`: `{"store": "lockfiles.example.com", "applications": [{"directory": "8a1b0000-0000-4000-8000-000000000001", "client_id": "4c2d0000-0000-4000-8000-000000000002", "folders": ["shop", "shop-worker"]}]}`, with the ids that the directory gave. An application whose repository nobody knows is left out, and stays unknown.',
  ],
  endpoints: [
    {
      path: LOCKFILES,
      permission: 'reading the repositories',
      gives: 'which libraries each application has',
    },
    { path: MAPPING, permission: 'written by the company', gives: 'which code is of which application' },
  ],
  kinds: {
    application: {
      directory: from([MAPPING], '`directory`'),
      client_id: from([MAPPING], '`client_id`'),
      tenant: DIRECTORY,
      environment: DIRECTORY,
      owners: DIRECTORY,
      owner_accounts: DIRECTORY,
      emergency_contact: 'the inventory says it (`cmdb`)',
      enabled: DIRECTORY,
      break_glass: APPROVED,
      created_at: DIRECTORY,
      last_used_at: DIRECTORY,
      credentials: DIRECTORY,
      trusts: DIRECTORY,
      entrances: DIRECTORY,
      machines: DIRECTORY,
      client_libraries: from(
        [LOCKFILES, MAPPING],
        'packages in the lockfiles by which code obtains tokens, of a published table (`adapters/imports/directories/token-clients/libraries.ts`), without those for building and testing alone. Open where a lockfile cannot be read, and unknown where a folder has none',
      ),
      multi_tenant: DIRECTORY,
      consent: DIRECTORY,
      instances_locked: DIRECTORY,
      privileges: DIRECTORY,
    },
  },
  limits: [
    'A library in a lockfile shows that it could be used. What obtained a token the log of the directory says, where it keeps the name of the library.',
    'A library that the table does not know is not seen: code that obtains tokens by it looks like code that does so by itself.',
  ],
};

/** A table of people, with what its columns mean, as one collection of accounts. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { type ExportRead, type ExportRequest, type ExportScope, observationOf } from '../export.ts';
import { MAPPING, mappedIn, meantBy, oneOf, rowsBy, rowsOf, unusedIn } from '../mapping.ts';
import { readOf } from '../reading.ts';
import { type Item, unobserved } from '../statement.ts';
import { PEOPLE } from './description.ts';

const values = z.array(z.string()).readonly().optional();

const mappingSchema = z.strictObject({
  directory: z.string().min(1),
  object_id: z.string().min(1),
  name: z.string().min(1).optional(),
  team: z.string().min(1).optional(),
  account: z
    .strictObject({
      column: z.string().min(1),
      employee: values,
      contractor: values,
      guest: values,
      shared: values,
    })
    .optional(),
  recovery: z
    .strictObject({
      column: z.string().min(1),
      verified: values,
      help_desk: values,
      questions: values,
      none: values,
    })
    .optional(),
});
type Mapping = z.infer<typeof mappingSchema>;

export function readHr(request: ExportRequest): ExportRead {
  const read = mappedIn(request, 'hr', mappingSchema, ({ directory }) => directory);
  if ('mistakes' in read) return read;
  const { mapping, scope } = read;
  const table = rowsOf(request, PEOPLE, columnsOf(mapping));
  if ('mistakes' in table) return table;
  const { items, gaps } = rowsBy(
    table.rows,
    [mapping.object_id],
    (id, { file }) => `${id} is in ${file} once more; keep one row for each account`,
  );
  const observations = [...items].map(([id, item]) => accountOf(scope, mapping, item, id));
  return readOf({
    scope,
    listed: [{ kind: 'user', observations, gaps }],
    notes: unusedIn(request.files, PEOPLE, MAPPING),
  });
}

const columnsOf = ({ object_id, name, team, account, recovery }: Mapping) => [
  object_id,
  name,
  team,
  account?.column,
  recovery?.column,
];

function accountOf(scope: ExportScope, mapping: Mapping, item: Item, id: string): Observation {
  const { name, team, account, recovery } = mapping;
  const called = name === undefined ? undefined : item.record[name];
  const owner = team === undefined ? undefined : item.record[team];
  // Somebody wrote it down; no system enforces it.
  return observationOf(scope, {
    kind: 'user',
    key: [scope.directory, id],
    name: typeof called === 'string' ? called : id,
    attributes: {
      directory: { value: scope.directory },
      object_id: { value: id },
      account:
        account === undefined
          ? unobserved(`${MAPPING} does not say which column tells whose an account is; add \`account\``)
          : meantBy(
              item,
              account.column,
              oneOf(account, ['employee', 'contractor', 'guest', 'shared']),
              'account',
            ),
      ...(recovery === undefined ? {} : { recovery_path: recoveryOf(item, recovery) }),
      owners:
        typeof owner === 'string'
          ? { value: [owner], complete: false, why: 'a person may work in other teams too' }
          : unobserved(`the row in ${item.file} names no team; fill it in`),
    },
    assurance: 'attested',
  });
}

const recoveryOf = (item: Item, given: NonNullable<Mapping['recovery']>): Statement =>
  meantBy(item, given.column, oneOf(given, ['verified', 'help_desk', 'questions', 'none']), 'recovery');

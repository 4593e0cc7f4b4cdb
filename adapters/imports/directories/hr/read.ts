/** A table of people, with what its columns mean, as one collection of accounts. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { type ExportRead, type ExportRequest, type ExportScope, observationOf } from '../export.ts';
import type { ListingGap } from '../listing.ts';
import { columnMissing, MAPPING, mappingIn } from '../mapping.ts';
import { readOf, scopeOf } from '../reading.ts';
import { EMPTY_LISTS } from '../saved-lists.ts';
import { type Item, unobserved } from '../statement.ts';
import { tableOf } from '../table.ts';
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
  const refused = (reason: string) => ({ mistakes: [{ file: request.folder, reason }] });
  const read = mappingIn(request.files, mappingSchema, 'hr');
  if ('reason' in read) return refused(read.reason);
  const { mapping } = read;
  const people = request.files.find(({ path }) => path === PEOPLE);
  if (people === undefined) return refused(`holds no ${PEOPLE}; save the table of people under that name`);
  const table = tableOf(people);
  if ('why' in table) return { mistakes: [{ file: people.path, reason: table.why }] };
  const missing = columnMissing(PEOPLE, table.columns, columnsOf(mapping));
  if (missing !== null) return refused(missing);
  const stated = [{ id: mapping.directory, name: mapping.directory }];
  const named = scopeOf('hr', request, stated, '');
  if ('mistakes' in named) return named;
  const { scope } = named;
  const gaps: ListingGap[] = [];
  const accounts = new Map<string, Observation>();
  for (const item of table.rows) {
    const id = item.record[mapping.object_id];
    if (typeof id !== 'string')
      gaps.push({
        code: 'id-missing',
        cause: 'incomplete',
        why: `the row in ${item.file} has nothing under \`${mapping.object_id}\`; fill it in`,
      });
    else if (accounts.has(id))
      gaps.push({
        code: 'answers-disagree',
        cause: 'disputed',
        why: `${id} is in ${item.file} once more; keep one row for each account`,
      });
    else accounts.set(id, accountOf(scope, mapping, item, id));
  }
  const others = request.files.filter(({ path }) => path !== PEOPLE && path !== MAPPING);
  const notes = others.map(({ path }) => `${path} is not used: only ${PEOPLE} and ${MAPPING} are read`);
  const listed = [{ kind: 'user', observations: [...accounts.values()], gaps }];
  return readOf({
    scope,
    saved: { lists: EMPTY_LISTS, answers: [], unread: [] },
    listed,
    parents: [],
    notes,
  });
}

const columnsOf = ({ object_id, name, team, account, recovery }: Mapping): readonly string[] =>
  [object_id, name, team, account?.column, recovery?.column].filter((one) => one !== undefined);

function accountOf(scope: ExportScope, mapping: Mapping, item: Item, id: string): Observation {
  const called = mapping.name === undefined ? undefined : item.record[mapping.name];
  const team = mapping.team === undefined ? undefined : item.record[mapping.team];
  const attributes: Record<string, Statement> = {
    directory: { value: scope.directory },
    object_id: { value: id },
    account: meantBy(item, 'account', mapping.account, ['employee', 'contractor', 'guest', 'shared']),
    ...(mapping.recovery === undefined
      ? {}
      : {
          recovery_path: meantBy(item, 'recovery', mapping.recovery, [
            'verified',
            'help_desk',
            'questions',
            'none',
          ]),
        }),
    owners:
      typeof team === 'string'
        ? { value: [team], complete: false, why: 'a person may work in other teams too' }
        : unobserved(`the row in ${item.file} names no team; fill it in`),
  };
  const name = typeof called === 'string' ? called : id;
  // Somebody wrote it down; no system enforces it.
  return observationOf(scope, {
    kind: 'user',
    key: [scope.directory, id],
    name,
    attributes,
    assurance: 'attested',
  });
}

function meantBy<const Name extends string>(
  item: Item,
  part: 'account' | 'recovery',
  given:
    | ({ readonly column: string } & Readonly<Partial<Record<Name, readonly string[] | undefined>>>)
    | undefined,
  names: readonly Name[],
): Statement {
  if (given === undefined)
    return unobserved(`${MAPPING} does not say which column tells whose an account is; add \`${part}\``);
  const value = item.record[given.column];
  if (typeof value !== 'string')
    return unobserved(`the row in ${item.file} has nothing under \`${given.column}\`; fill it in`);
  const found = names.filter((name) => given[name]?.includes(value));
  const [name] = found;
  if (name !== undefined && found.length === 1) return { value: name };
  return unobserved(
    `${MAPPING} does not say plainly what \`${value.slice(0, 40)}\` under \`${given.column}\` means; name it once under \`${part}\``,
  );
}

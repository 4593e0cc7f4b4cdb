/** The accounts of a tenant, page by page: each page is joined with the report of registrations and goes on at once. */
import type { Observation } from '@macadam/core/facts/observation';
import type { Connector } from '../../connector/connector.ts';
import { type Overflow, overflow } from '../../data-folder/overflow.ts';
import type { SavedAnswer } from '../../imports/directories/answer.ts';
import { firstSeen, laidOver, skeletonOf } from '../../imports/directories/by-page.ts';
import { GRAPH } from '../../imports/directories/entra/dialect.ts';
import { REGISTRATION, usersOf } from '../../imports/directories/entra/users.ts';
import type { ExportScope } from '../../imports/directories/export.ts';
import { idTable } from '../../imports/directories/id-table.ts';
import { idOf, type SavedLists, savedLists } from '../../imports/directories/saved-lists.ts';
import type { Item } from '../../imports/directories/statement.ts';
import { PAGES_HELD } from '../collected.ts';
import { keptUsers } from './changes.ts';
import { readPages } from './listing.ts';
import { LISTS } from './requests.ts';

const USERS = '/users';

/** Both long lists, as they were given. */
export interface LongLists {
  readonly users: Overflow<SavedAnswer>;
  readonly registrations: Overflow<SavedAnswer>;
  readonly close: () => void;
}

/** Reads them before anything below their items is asked for: the address of a page is good for a while only. */
export async function longLists(
  connector: Connector,
  folder: string,
  /** Who is asked as, and when; null where nobody can say whose a kept listing would be. */
  asked: { readonly principal: string; readonly now: () => Date } | null,
): Promise<LongLists> {
  const users = overflow<SavedAnswer>(folder, PAGES_HELD);
  const registrations = overflow<SavedAnswer>(folder, PAGES_HELD);
  const close = () => {
    users.close();
    registrations.close();
  };
  try {
    const path = pathOf(USERS);
    const kept = asked === null ? null : keptUsers({ folder, path, ...asked });
    if (kept === null || !(await kept.read(connector, users))) {
      const begin = kept === null ? null : await kept.begin(connector);
      await readPages(connector, path, users);
      await kept?.keep(begin, users);
    }
    await readPages(connector, pathOf(REGISTRATION), registrations);
    return { users, registrations, close };
  } catch (error) {
    close();
    throw error;
  }
}

const pathOf = (endpoint: string): string => LISTS.find((one) => one.endpoint === endpoint)?.path ?? endpoint;

export interface AccountsRequest {
  readonly scope: ExportScope;
  readonly lists: SavedLists;
  readonly long: LongLists;
  /** Ids of accounts that somebody owns something by, or holds a role by: they are asked about again. */
  readonly wanted: ReadonlySet<unknown>;
  /** The methods of these accounts. */
  readonly methodsOf: (accounts: readonly Item[], registered: Registered) => Promise<readonly SavedAnswer[]>;
  readonly passOn: (observations: readonly Observation[]) => void;
}

/** What the report says of an account; undefined where it does not hold it. */
export type Registered = (id: string) => Item | undefined;

/** What the accounts leave: how many there were, and skeletons of both lists. */
export async function passOnAccounts(
  request: AccountsRequest,
): Promise<{ readonly seen: number; readonly answers: readonly SavedAnswer[] }> {
  const { scope, long, wanted, methodsOf, passOn } = request;
  const known = idTable();
  let first: unknown;
  const { registered, skeletons } = registrationsIn(long);
  const report = savedLists(GRAPH, skeletons);
  const lists = laidOver(report, request.lists);
  const answers: SavedAnswer[] = [...skeletons];
  for (const answer of long.users.all()) {
    const page = firstSeen(GRAPH, answer, (id) => known.add(id));
    const items = savedLists(GRAPH, [page]).list(USERS).items;
    first ??= items.map(({ record }) => idOf(record)).find((id) => id !== null);
    if (items.length > 0) {
      const below = savedLists(GRAPH, [page, ...(await methodsOf(items, registered))]);
      const joined = withRegistrations(laidOver(below, lists), items, registered);
      passOn(usersOf(scope, joined).observations);
    }
    // The first stays, to say that the list held any.
    answers.push(skeletonOf(GRAPH, answer, ({ id }) => wanted.has(id) || id === first));
  }
  if (known.size() > 0) return { seen: known.size(), answers };
  // Where nobody may read the list of accounts, the report of registrations holds accounts all the same.
  const others = laidOver(savedLists(GRAPH, answers), request.lists);
  for (const answer of long.registrations.all()) {
    const page = savedLists(GRAPH, [firstSeen(GRAPH, answer, (id) => known.add(id))]);
    const { items } = page.list(REGISTRATION);
    if (items.length === 0) continue;
    passOn(usersOf(scope, laidOver(page, others)).observations);
  }
  return { seen: known.size(), answers };
}

/** The page's own registrations, beside what the skeletons say of the whole report. */
function withRegistrations(lists: SavedLists, items: readonly Item[], registered: Registered): SavedLists {
  const whole = lists.list(REGISTRATION);
  const own = items.flatMap(({ record }) => registered(idOf(record) ?? '') ?? []);
  return {
    ...lists,
    list: (path) =>
      path === REGISTRATION ? { ...whole, items: [...whole.items, ...own] } : lists.list(path),
  };
}

/** Few combinations of methods are registered, however many accounts there are: each is kept once. */
function registrationsIn({ registrations }: LongLists): {
  readonly registered: Registered;
  readonly skeletons: readonly SavedAnswer[];
} {
  const table = idTable();
  const combinations: Item[] = [];
  const numbers = new Map<string, number>();
  const skeletons: SavedAnswer[] = [];
  let first: unknown;
  for (const answer of registrations.all()) {
    const { items } = savedLists(GRAPH, [answer]).list(REGISTRATION);
    for (const { record, file } of items) {
      const id = idOf(record);
      if (id === null) continue;
      const { methodsRegistered } = record;
      const text = JSON.stringify([methodsRegistered, file]);
      const number = numbers.get(text) ?? combinations.length;
      if (number === combinations.length) {
        numbers.set(text, number);
        combinations.push({
          record: methodsRegistered === undefined ? {} : { methodsRegistered },
          file,
        });
      }
      table.add(id, number);
      first ??= id;
    }
    skeletons.push(skeletonOf(GRAPH, answer, ({ id }) => id === first));
  }
  return {
    registered: (id) => {
      const one = combinations[table.get(id) ?? -1];
      return one === undefined ? undefined : { record: { ...one.record, id }, file: one.file };
    },
    skeletons,
  };
}

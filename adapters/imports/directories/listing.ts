/** The pages of one list put together: what it holds, and whether that is all of it. */
import type { Cause, Unobserved } from '@macadam/core/facts/observation';
import { isRecord, type Json, type SavedAnswer } from './answer.ts';
import type { Item } from './statement.ts';

/** What keeps a list from being whole. `permission-missing`, `page-missing` … */
export interface ListingGap {
  readonly code: string;
  readonly cause: Cause;
  readonly why: string;
}

export const listingGap = (code: string, cause: Cause, why: string): ListingGap => ({ code, cause, why });

/** That some items have no id by which they could be told apart; `said` goes on behind their number. */
export const lackingIds = (count: number, said: string): readonly ListingGap[] =>
  count === 0 ? [] : [listingGap('id-missing', 'incomplete', `${count} ${said}`)];

export const unobservedBy = ({ cause, why }: Pick<ListingGap, 'cause' | 'why'>): Unobserved => ({
  unobserved: cause,
  why,
});

/** What can be told apart by a key, each once; of several the last counts. */
export const onceEach = <T>(all: readonly T[], keyOf: (one: T) => unknown): readonly T[] => [
  ...new Map(all.map((one) => [keyOf(one), one] as const)).values(),
];

export interface Listing {
  readonly address: string;
  readonly items: readonly Item[];
  /** None: the list is whole. */
  readonly gaps: readonly ListingGap[];
  /** How many there are by the API's own count; null where it was not saved. */
  readonly total: number | null;
}

/** What an API's lists look like. */
export interface ListDialect {
  /** The list in a body that is a record; undefined where it has none. */
  readonly listIn: (body: unknown) => unknown;
  /** Address of the page that follows this one; null where none does. */
  readonly next: (answer: SavedAnswer) => string | null;
  /** Number of items that the answer itself states for the whole list. */
  readonly total: (body: unknown) => number | null;
  /** Why the answer does not show whether another page follows; null where it does. */
  readonly endUnknown: (answer: SavedAnswer) => string | null;
  /** What in the query leaves items out, or begins in the middle, in words; null where nothing does. */
  readonly narrows: (query: string) => string | null;
  /** Whether a request asks for a page that another led to. */
  readonly continues: (query: string) => boolean;
  readonly isError: (body: unknown) => boolean;
  /** The error's own code and message, in short. */
  readonly errorOf: (body: unknown) => string;
  /** Whether the error means that a permission is missing. */
  readonly isForbidden: (status: number, body: unknown) => boolean;
  /** Whether a record says that something was removed, as answers of changes do. */
  readonly isRemoval: (record: Json) => boolean;
}

/** Puts the answers of one address together. `permission` is the least that reads it. */
export function listingOf(
  address: string,
  answers: readonly SavedAnswer[],
  dialect: ListDialect,
  permission: string,
): Listing {
  if (answers.length === 0) return { address, items: [], gaps: [notSaved(address, permission)], total: null };
  const gaps: ListingGap[] = [];
  const items: Item[] = [];
  let total: number | null = null;
  let lists = 0;
  for (const answer of answers) {
    const { file, status, body } = answer;
    if (dialect.isError(body) || status >= 400) {
      gaps.push(refused(answer, dialect, permission));
      continue;
    }
    const listed = Array.isArray(body) ? body : dialect.listIn(body);
    if (listed === undefined && isRecord(body)) {
      items.push({ record: body, file });
      continue;
    }
    if (!Array.isArray(listed)) {
      gaps.push(failed('answer-misshapen', `${file} holds no list of GET ${address}; save it again`));
      continue;
    }
    lists += 1;
    total = dialect.total(body) ?? total;
    const read = itemsOf(listed, file, dialect);
    items.push(...read.items);
    gaps.push(...read.gaps, ...narrowed(answer, dialect));
  }
  if (lists === 0 && gaps.length === 0)
    gaps.push(
      incomplete(
        'list-missing',
        `only single answers of ${address} were saved; save the list GET ${address}`,
      ),
    );
  gaps.push(...missingPages(address, answers, dialect));
  return { address, items, gaps: distinct(gaps), total };
}

const incomplete = (code: string, why: string): ListingGap => listingGap(code, 'incomplete', why);
const failed = (code: string, why: string): ListingGap => listingGap(code, 'failed', why);

const notSaved = (address: string, permission: string): ListingGap =>
  listingGap(
    'list-not-saved',
    'unobserved',
    `no answer of GET ${address} was saved; save it, which needs ${permission}`,
  );

function refused(
  { file, status, body, address }: SavedAnswer,
  dialect: ListDialect,
  permission: string,
): ListingGap {
  const said = dialect.errorOf(body);
  if (dialect.isForbidden(status, body))
    return listingGap(
      'permission-missing',
      'forbidden',
      `GET ${address} may not be read (${said}); it needs ${permission}`,
    );
  return failed(
    'answer-is-error',
    `${file} holds an error instead of a list (${status}, ${said}); ask for GET ${address} again`,
  );
}

function itemsOf(
  listed: readonly unknown[],
  file: string,
  dialect: ListDialect,
): { readonly items: readonly Item[]; readonly gaps: readonly ListingGap[] } {
  const records = listed.filter(isRecord);
  const items = records
    .filter((record) => !dialect.isRemoval(record))
    .map((record): Item => ({ record, file }));
  const gaps: ListingGap[] = [];
  const strays = listed.length - records.length;
  if (strays > 0)
    gaps.push(
      failed('item-misshapen', `${strays} of the list in ${file} are no records; look at the answer`),
    );
  const removals = records.length - items.length;
  if (removals > 0)
    gaps.push(
      incomplete(
        'changes-only',
        `${file} holds changes, ${removals} of them removals, which are not taken from files; save the whole list`,
      ),
    );
  return { items, gaps };
}

function narrowed(answer: SavedAnswer, dialect: ListDialect): readonly ListingGap[] {
  const { file, address, query, addressFrom, truncated } = answer;
  const gaps: ListingGap[] = [];
  if (truncated)
    gaps.push(incomplete('answer-truncated', `${file} was cut short, as it says itself; save it whole`));
  if (/\/delta$/.test(address))
    gaps.push(incomplete('changes-only', `${file} holds changes and not the whole list; save the list`));
  const open = dialect.endUnknown(answer);
  if (open !== null) gaps.push(incomplete('end-unknown', `${file} ${open}`));
  const narrows = query === null ? null : dialect.narrows(query);
  if (narrows !== null)
    gaps.push(incomplete('list-narrowed', `${file} was asked with ${narrows}; save it without`));
  if (addressFrom === 'body')
    gaps.push(
      incomplete(
        'request-unknown',
        `${file} does not say how it was asked; name it \`${address.slice(1)}.json\` where it holds all of them`,
      ),
    );
  return gaps;
}

/** Pages that others lead to, and that nobody saved. */
function missingPages(
  address: string,
  answers: readonly SavedAnswer[],
  dialect: ListDialect,
): readonly ListingGap[] {
  const wanted = new Map<string, SavedAnswer>();
  for (const answer of answers) {
    const next = dialect.next(answer);
    if (next !== null) wanted.set(next, answer);
  }
  // A page whose own request was not saved may be any that follows; the first page follows none.
  let unplaced = answers.filter(({ query }) => query === null).length;
  if (answers.every(({ query }) => query === null)) unplaced -= 1;
  const starts = answers.some(({ query }) => query === null || !dialect.continues(query));
  const lacking = starts
    ? []
    : [
        incomplete(
          'page-missing',
          `the first page of ${address} was not saved; save it and those that follow`,
        ),
      ];
  const asked = new Set(
    answers.map(({ query, address: at }) => (query === null ? null : pageKey(at, query))),
  );
  const open = [...wanted].filter(([next]) => !asked.has(next));
  if (open.length <= Math.max(0, unplaced)) return lacking;
  const from = open
    .map(([, answer]) => answer.file)
    .toSorted()
    .join(', ');
  return [
    ...lacking,
    incomplete('page-missing', `the list of ${address} goes on after ${from}; save the pages that follow`),
  ];
}

/** One page, however its parameters were ordered or escaped. */
export function pageKey(address: string, query: string): string {
  const parameters = [...new URLSearchParams(query)].map(([name, value]) => `${name}=${value}`);
  return `${address.toLowerCase()}?${parameters.toSorted().join('&')}`;
}

const distinct = (gaps: readonly ListingGap[]): readonly ListingGap[] =>
  onceEach(gaps, (gap) => `${gap.code}\n${gap.why}`);

/** Why something that a list would have held is unobserved. */
export function gapOf({ gaps, address }: Listing): Unobserved {
  const [gap] = gaps;
  return gap === undefined
    ? { unobserved: 'incomplete', why: `the list of ${address} does not hold it; save the list again` }
    : unobservedBy(gap);
}

export const isWhole = ({ gaps }: Pick<Listing, 'gaps'>): boolean => gaps.length === 0;

/** A field of an answer as a statement: what is missing or of another form is unobserved, and says where and what to do. */
import { parseTimestamp } from '@macadam/core/cel/runtime/time';
import type { Statement, Unobserved, Value } from '@macadam/core/facts/observation';
import { type Json, recordIn } from './answer.ts';
import { type ListingGap, unobservedBy } from './listing.ts';

/** A record of a list, and the file in which it stands. */
export interface Item {
  readonly record: Json;
  readonly file: string;
}

export const unobserved = (why: string): Unobserved => ({ unobserved: 'unobserved', why });

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

const missing = ({ file }: Item, field: string): Unobserved =>
  unobserved(`\`${field}\` is not among the fields saved in ${file}; ask for it`);

/** A value of a form that its API does not describe: nothing is known, and the reason quotes it. */
export const unexpected = ({ file }: Item, field: string, value: unknown, wanted: string): Unobserved => ({
  unobserved: 'failed',
  why: `\`${field}\` in ${file} is ${shown(value)}, not ${wanted}; look at the answer`,
});

export function flagOf(item: Item, field: string): { readonly value: boolean } | Unobserved {
  const value = item.record[field];
  if (value === undefined) return missing(item, field);
  return typeof value === 'boolean' ? { value } : unexpected(item, field, value, 'true or false');
}

export function textOf(item: Item, field: string): { readonly value: string } | Unobserved {
  const value = item.record[field];
  if (value === undefined) return missing(item, field);
  return typeof value === 'string' && value !== '' ? { value } : unexpected(item, field, value, 'a text');
}

/** What a text of the API stands for, by the API's own words. */
export function meaningOf<const Meaning extends Value>(
  item: Item,
  field: string,
  meanings: Readonly<Record<string, Meaning>>,
  /** What it should have been: `a status that this version knows`. */
  wanted: string,
): { readonly value: Meaning } | Unobserved {
  const text = textOf(item, field);
  if (!('value' in text)) return text;
  const value = Object.hasOwn(meanings, text.value) ? meanings[text.value] : undefined;
  return value === undefined ? unexpected(item, field, text.value, wanted) : { value };
}

/** The record in a field, with the item's file; an empty one where there is none. */
export const within = ({ record, file }: Item, field: string): Item => ({
  record: recordIn(record[field]),
  file,
});

/** The list in a field. */
export function recordsOf(item: Item, field: string): readonly unknown[] | Unobserved {
  const value = item.record[field];
  if (value === undefined) return missing(item, field);
  // Never quoted: what stands where a list of credentials is expected may be one.
  return Array.isArray(value)
    ? value
    : unobserved(`\`${field}\` in ${item.file} is not a list; look at the answer`);
}

/** A list. `open` says why it may hold more; it is whole without. */
export const listOf = (value: readonly Value[], open: string | null | undefined): Statement =>
  open === null || open === undefined ? { value, complete: true } : { value, complete: false, why: open };

/** What was seen of a list that lacks this much: nothing is known of it where nothing was seen. */
export function seenOf(
  value: readonly Value[],
  gaps: readonly Pick<ListingGap, 'cause' | 'why'>[],
): Statement {
  const [gap] = gaps;
  return gap !== undefined && value.length === 0 ? unobservedBy(gap) : listOf(value, gap?.why);
}

/** What some APIs write for "never": the first day that their clock knows. */
const isNever = (text: string): boolean => /^(0001-01-01|1601-01-01)T/.test(text);

/** A time. Null, and the first day of a vendor's clock, are `absent`. */
export function timeOf(
  item: Item,
  field: string,
): { readonly value: string } | { readonly absent: true } | Unobserved {
  const value = item.record[field];
  if (value === undefined) return missing(item, field);
  if (value === null) return { absent: true };
  if (typeof value !== 'string') return unexpected(item, field, value, 'a time');
  if (isNever(value)) return { absent: true };
  const at = timestamp(value);
  return at === null ? unexpected(item, field, value, 'a time as RFC 3339 writes it') : { value: at };
}

/** As RFC 3339, with at most nine digits of a second; null for what is not one. */
export const timestamp = (text: string): string | null => (parseTimestamp(text) === null ? null : text);

/** For a value inside of a record, where a missing key is absent. */
export function inner(statement: Statement): Value | undefined {
  if ('value' in statement) return statement.value;
  return 'unobserved' in statement ? statement : undefined;
}

/** The same for a required field: absent is nothing that somebody could have found there. */
export function required(statement: Statement, why: string): Statement {
  return 'absent' in statement ? unobserved(why) : statement;
}

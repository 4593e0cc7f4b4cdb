/**
 * The resources that recorded answers describe, by rule: the operation whose name says what the policy is about lists
 * them; descriptions of single ones are merged in by what identifies them; what else was read of the same service
 * hangs under its own name; tags come last. What failed leaves a record of which only a part was seen.
 */
import { partOf } from '../../judge.ts';
import { type Answer, answersOf, isRecord, type Json, type Recording } from './answers.ts';
import { identityOf, isSame, namesOf } from './identity.ts';
import { withTags } from './tags.ts';
import { alike, closeness, closer, nounOf, stem, stemsOf, wordsOf } from './words.ts';

export function resourcesOf(type: string, recording: Recording): unknown[] {
  const answers = answersOf(recording);
  const reads = answers.filter(({ isRead, isTags, service }) => isRead && !isTags && service !== 'sts');
  const tags = answers.filter(({ isTags, isRead }) => isTags && isRead);
  const noun = nounOf(
    type,
    reads.map(({ service }) => service),
  );
  const catalogued = reads.flatMap(fromCatalogue);
  const main = catalogued.length > 0 ? undefined : listOperation(reads, noun);
  const listed = catalogued.length > 0 ? catalogued : rowsOf(reads, main, noun);
  const others = reads.filter((each) => each.operation !== main?.operation);
  const { rows, unseen } = described(unique(listed, noun), others, main ?? null, noun);
  return withTags(rows, tags).map((row, index) => (unseen.has(index) ? partOf(row) : row));
}

/** AWS Config and Cloud Control give any type: a text in JSON for each resource. */
function fromCatalogue({ operation, data }: Answer): Json[] {
  if (operation === 'SelectResourceConfig')
    return texts(data.Results).map((text) => {
      const item: Json = JSON.parse(text);
      const supplement = isRecord(item.supplementaryConfiguration) ? item.supplementaryConfiguration : {};
      // Config writes keys with a small letter first, the services' own answers and so the policies with a capital.
      const configuration = titled(item.configuration) as Json;
      return { ...(item.tags === undefined ? {} : { Tags: item.tags }), ...configuration, ...supplement };
    });
  if (operation !== 'ListResources' || !Array.isArray(data.ResourceDescriptions)) return [];
  return data.ResourceDescriptions.map((each) => JSON.parse(each.Properties));
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

function titled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(titled);
  if (!isRecord(value)) return value;
  const title = (key: string) => key.charAt(0).toUpperCase() + key.slice(1);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [title(key), titled(each)]));
}

/** The operation that lists what is wanted; where two do (`ListClusters`, `DescribeClusters`), the one with records. */
function listOperation(reads: readonly Answer[], noun: readonly string[]): Answer | undefined {
  const having = reads.filter((each) => !each.failed && listIn(each, noun) !== undefined);
  const strings = (each: Answer) => Number(!(listIn(each, noun) ?? []).some(isRecord));
  const most = having.toSorted((a, b) => closer(closeness(a.noun, noun), closeness(b.noun, noun)))[0];
  if (most === undefined) return undefined;
  const same = having.filter((each) => closer(closeness(each.noun, noun), closeness(most.noun, noun)) === 0);
  return same.toSorted((a, b) => strings(a) - strings(b))[0];
}

function rowsOf(reads: readonly Answer[], main: Answer | undefined, noun: readonly string[]): Json[] {
  if (main !== undefined) {
    const pages = reads.filter(({ operation, failed }) => operation === main.operation && !failed);
    return pages.flatMap((page) => (listIn(page, noun) ?? []).map(asRecord)).map(summarised);
  }
  // No list: there is one of it (an account's settings), or only descriptions were recorded.
  const best = reads.toSorted((a, b) => closer(closeness(a.noun, noun), closeness(b.noun, noun)))[0];
  return reads
    .filter(({ operation, failed }) => operation === best?.operation && !failed)
    .map((each) => unwrapped(each));
}

interface Found {
  readonly words: readonly string[];
  readonly depth: number;
  readonly list: readonly unknown[];
}

/** The list of an answer that its operation speaks of, at its top or one list below (`Reservations[].Instances[]`). */
function listIn({ data, noun, isOne }: Answer, wanted: readonly string[]): readonly unknown[] | undefined {
  if (isOne && Object.keys(data).length > 1) return undefined;
  const about = [...new Set([...noun, ...wanted])];
  const found = listsOf(data).flatMap((each) => {
    if (isOne && each.depth > 0) return [];
    const [shared, beside] = closeness(each.words, about);
    // Within a record only its items, or what bears exactly the name, is a list of what was asked for.
    const counts = [true, shared > 0 && beside === 0, shared > 0][each.depth];
    return counts ? [{ ...each, shared }] : [];
  });
  const [best] = found.toSorted(
    (a, b) => b.shared - a.shared || a.depth - b.depth || b.list.length - a.list.length,
  );
  // A description of one thing has lists too; they are not what it describes unless they bear its name.
  return best !== undefined && (best.shared > 0 || Object.keys(data).length <= 2) ? best.list : undefined;
}

const HOLDERS = new Set(['list', 'summary', 'description']);

function listsOf(data: Json): Found[] {
  return Object.entries(data).flatMap(([key, value]): Found[] => {
    const words = stemsOf(key).filter((word) => !HOLDERS.has(word));
    if (Array.isArray(value)) return [{ words, depth: 0, list: value }, ...inner(value)];
    if (!isRecord(value)) return [];
    return Object.entries(value).flatMap(([name, list]) => {
      const own = /^items?$/i.test(name) ? words : stemsOf(name);
      return Array.isArray(list) ? [{ words: own, depth: 1, list }] : [];
    });
  });
}

function inner(rows: readonly unknown[]): Found[] {
  const lists = new Map<string, unknown[]>();
  for (const [name, list] of rows.filter(isRecord).flatMap((row) => Object.entries(row)))
    if (Array.isArray(list) && list.some(isRecord)) lists.set(name, [...(lists.get(name) ?? []), ...list]);
  return [...lists].map(([name, list]) => ({ words: stemsOf(name), depth: 2, list }));
}

const asRecord = (value: unknown): Json => (isRecord(value) ? value : { '': value });

/** A summary in a record is the record, with more beside it. */
function summarised(row: Json): Json {
  const [key, summary] =
    Object.entries(row).find(([name, each]) => name.endsWith('Summary') && isRecord(each)) ?? [];
  return key !== undefined && isRecord(summary) ? { ...row, ...summary } : row;
}

/** An answer about one thing: what its only member holds, or all of it, with what bears the name of the operation. */
function unwrapped({ data, noun }: Answer): Json {
  const [only, ...more] = Object.values(data);
  if (more.length === 0 && isRecord(only)) return only;
  const [, named] = Object.entries(data).find(([key]) => matches(stemsOf(key), noun)) ?? [];
  return isRecord(named) ? { ...data, ...named } : data;
}

const matches = (a: readonly string[], b: readonly string[]): boolean => a.join(' ') === b.join(' ');

/** Without repetitions of one and the same resource, and without texts where only texts were listed. */
function unique(rows: readonly Json[], noun: readonly string[]): Json[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const identity = identityOf(row, noun) ?? JSON.stringify(row);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

function described(
  listed: readonly Json[],
  others: readonly Answer[],
  main: Answer | null,
  noun: readonly string[],
): { readonly rows: Json[]; readonly unseen: ReadonlySet<number> } {
  const rows = [...listed];
  const touched = new Set<number>();
  const failed = new Set<string>();
  const turns = new Map<string, number>();
  const merge = (index: number, more: Json) => {
    rows[index] = { ...without(rows[index] ?? {}), ...more };
    touched.add(index);
  };
  for (const answer of others) {
    if (main !== null && answer.service !== main.service) continue;
    const turn = turns.get(answer.operation) ?? 0;
    turns.set(answer.operation, turn + 1);
    // S3 gives each side of a bucket in an answer of its own, that does not say of which.
    const isSide = answer.service === 's3' && answer.noun.length > noun.length;
    const isAbout = !isSide && (sameNoun(answer.noun, main?.noun ?? noun) || sameNoun(answer.noun, noun));
    if (answer.failed) {
      if (isAbout) failed.add(answer.operation);
      continue;
    }
    const list = listIn(answer, answer.noun);
    if (isAbout && list?.some(isRecord)) {
      for (const each of list.filter(isRecord)) {
        const index = place(rows, each);
        if (index >= 0) merge(index, each);
      }
    } else if (isAbout && list === undefined) {
      const one = unwrapped(answer);
      const index = place(rows, one);
      const free = rows.findIndex((_, at) => at >= turn && !touched.has(at));
      if (index >= 0) merge(index, one);
      else if (free >= 0) merge(free, one);
    } else if (!isParent(answer, rows)) attach(rows, answer, turn, main?.noun ?? noun);
  }
  const unseen =
    failed.size === 0 ? [] : rows.map((_, index) => index).filter((index) => !touched.has(index));
  return { rows: rows.map(without), unseen: new Set(unseen) };
}

/** A resource of which only a name was listed is what its description says. */
const without = (row: Json): Json => Object.fromEntries(Object.entries(row).filter(([key]) => key !== ''));

function place(rows: readonly Json[], one: Json): number {
  const names = [...namesOf(one).values()];
  const texts = rows.findIndex((row) => typeof row[''] === 'string' && names.includes(row['']));
  return texts >= 0 ? texts : rows.findIndex((row) => isSame(row, one));
}

function sameNoun(a: readonly string[], b: readonly string[]): boolean {
  const within = (x: readonly string[], y: readonly string[]) =>
    x.every((each) => y.some((other) => alike(each, other)));
  return a.length > 0 && (within(a, b) || within(b, a)) && !a.includes('statu');
}

/** What lists the containers in which the resources were looked for says nothing about them. */
function isParent(answer: Answer, rows: readonly Json[]): boolean {
  const list = listIn(answer, answer.noun);
  return list !== undefined && !list.some(isRecord) && rows.length > 0;
}

/** Hangs what else was read under its own name, written as the resource writes its keys. */
function attach(rows: Json[], answer: Answer, turn: number, noun: readonly string[]): void {
  const words = wordsOf(answer.operation).slice(1);
  const own = words.filter((word) => !noun.some((each) => alike(each, stem(word))));
  const list = listIn(answer, answer.noun);
  if (list === undefined) {
    const index = rows.length === 1 ? 0 : turn;
    const row = rows[index];
    const parts = Object.entries(answer.data).filter(([, value]) => isRecord(value));
    if (row !== undefined)
      rows[index] = { [styled(row, own)]: answer.data, ...Object.fromEntries(parts), ...row };
    return;
  }
  const records = list.filter(isRecord);
  const one = [...own.slice(0, -1), singular(own.at(-1) ?? '')];
  rows.forEach((row, index) => {
    const pointing = records.filter((each) => pointsTo(each, row));
    const mine = pointing.length > 0 || rows.length > 1 ? pointing : records;
    const [first] = mine;
    if (first === undefined) return;
    const names = mine.flatMap((each) => nameOf(each) ?? []);
    const more = {
      [styled(row, own)]: mine,
      [styled(row, one)]: first,
      [styled(row, [...one, 'names'])]: names,
    };
    rows[index] = { ...more, ...row };
  });
}

const nameOf = (record: Json): unknown => Object.entries(record).find(([key]) => /name$/i.test(key))?.[1];

/** A record that names the resource under another key: an alias has the `TargetKeyId` of its key. */
function pointsTo(record: Json, row: Json): boolean {
  const names = new Set(namesOf(row).values());
  return [...namesOf(record).values()].some((value) => names.has(value));
}

function singular(word: string): string {
  if (word.endsWith('ies')) return word.replace(/ies$/, 'y');
  if (/(lias|us|ss|x|ch|sh)es$/.test(word)) return word.replace(/es$/, '');
  return word.replace(/([^su])s$/, '$1');
}

function styled(row: Json, words: readonly string[]): string {
  const capital = Object.keys(row).some((key) => /^[A-Z]/.test(key));
  const text = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return capital ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

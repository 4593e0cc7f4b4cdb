/**
 * Reads a YAML document that people write (a kind, a standard, macadam.yaml) against a schema, and says of every
 * mistake in it the file, line, field, reason and fix, all in one go.
 */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { z } from 'zod';
import type { Position } from '../cel/tree.ts';
import type { FileDiagnostic } from './diagnostic.ts';
import { didYouMean } from './suggestion.ts';
import { written } from './unfit.ts';

export type ReadDocument<T> =
  | {
      readonly value: T;
      readonly lineOf: (path: readonly (string | number)[]) => number;
      /** Where a place inside a text stands in the file; null where the text is not written as it reads. */
      readonly within: (path: readonly (string | number)[], inside: Position) => Position | null;
    }
  | { readonly mistakes: readonly FileDiagnostic[] };

/** More aliases than any person writes; a YAML bomb needs many. */
const MAX_ALIASES = 50;
const MAX_MISTAKES = 100;

export function readDocument<S extends z.ZodType>(
  text: string,
  file: string,
  schema: S,
): ReadDocument<z.output<S>> {
  const lines = new LineCounter();
  // The library compares every key of a map with every other; `wrongKeys` does it once.
  const options = { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: false };
  const document = parseDocument(text, options);
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const wrong = document.errors.map((error) => ({ offset: error.pos[0], reason: error.message }));
  const deep = wrong.find(({ reason }) => /call stack/.test(reason));
  if (deep) wrong.splice(0, wrong.length, { ...deep, reason: 'it is nested too deeply to be read' });
  if (wrong.length === 0) wrong.push(...wrongKeys(document));
  if (wrong.length > 0) {
    const all = wrong.map(({ offset, reason }) => ({
      file,
      ...at(offset),
      field: '',
      reason: `not valid YAML: ${reason}`,
    }));
    return { mistakes: shortened(all) };
  }
  const pairs = new Map<YAMLMap, ReadonlyMap<string, Pair>>();
  const pairOf = (map: YAMLMap, key: PropertyKey): Pair | undefined => {
    const known = pairs.get(map) ?? new Map(map.items.map((pair) => [String(pair.key), pair]));
    pairs.set(map, known);
    return known.get(String(key));
  };
  /** Where the last part of the path that is written stands: a key, or an element. */
  const offsetOf = (path: readonly PropertyKey[]): number => {
    let offset = 0;
    let node: unknown = document.contents;
    for (const key of path) {
      if (isAlias(node)) node = node.resolve(document);
      const pair = isMap(node) ? pairOf(node, key) : undefined;
      const place = pair?.key ?? (isSeq(node) ? node.items[Number(key)] : undefined);
      if (!isNode(place) || !place.range) return offset;
      offset = place.range[0];
      node = pair ? pair.value : place;
    }
    return offset;
  };
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return { mistakes: [{ file, line: 1, column: 1, field: '', reason: (error as Error).message }] };
  }
  const parsed = schema.safeParse(plain);
  if (parsed.success) {
    return {
      value: parsed.data,
      lineOf: (path) => at(offsetOf(path)).line,
      within: (path, inside) => placeWithin(document.getIn(path, true), inside, text, at),
    };
  }
  const mistakes = parsed.error.issues.flatMap((issue) =>
    explainIssue(issue, schema).map(({ path, reason }) => ({
      file,
      ...at(offsetOf(path)),
      field: path.map(String).join('.'),
      reason,
    })),
  );
  return { mistakes: shortened(mistakes) };
}

/** Of a text that stands in the file as it is: on one line, or as a block of lines. */
function placeWithin(
  node: unknown,
  inside: Position,
  text: string,
  at: (offset: number) => Position,
): Position | null {
  if (!isScalar(node) || !node.range || typeof node.value !== 'string') return null;
  const [start, end] = node.range;
  const begin = at(start);
  if (node.type === 'BLOCK_LITERAL') {
    const [, ...rest] = text.slice(start, end).split('\n');
    const indent = /^ */.exec(rest.find((line) => line.trim() !== '') ?? '')?.[0].length ?? 0;
    return { line: begin.line + inside.line, column: indent + inside.column };
  }
  const quote = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0;
  if (text.slice(start + quote, end - quote) !== node.value || inside.line !== 1) return null;
  return { line: begin.line, column: begin.column + quote + inside.column - 1 };
}

/** As many as a person reads; the rest is counted. */
function shortened(mistakes: readonly FileDiagnostic[]): readonly FileDiagnostic[] {
  const shown = mistakes.slice(0, MAX_MISTAKES);
  const last = mistakes[MAX_MISTAKES];
  const rest = mistakes.length - shown.length;
  return last ? [...shown, { ...last, field: '', reason: `and ${rest} more mistakes from here on` }] : shown;
}

/** Keys that stand twice in one map, or are no words. */
function wrongKeys(document: Document): { offset: number; reason: string }[] {
  const found: { offset: number; reason: string }[] = [];
  const open: unknown[] = [document.contents];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isSeq(node)) for (const item of node.items) open.push(item ?? null);
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      open.push(key ?? null, value ?? null);
      const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
      if (isMap(key) || isSeq(key)) found.push({ offset, reason: 'a key is a word, not a list or a map' });
      else if (seen.has(String(key)))
        found.push({ offset, reason: `\`${String(key)}\` stands twice in one map` });
      else seen.add(String(key));
    }
  }
  return found.sort((a, b) => a.offset - b.offset);
}

function explainIssue(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
): { path: readonly PropertyKey[]; reason: string }[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      reason: `there is no such field${didYouMean(key, known) || (known.length > 0 ? `; there are ${known.join(', ')}` : '')}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    const closest = issue.errors.toSorted((a, b) => deepest(b) - deepest(a))[0]?.[0];
    if (closest && closest.path.length > 0) {
      return [{ path: [...issue.path, ...closest.path], reason: reasonOf(closest) }];
    }
  }
  return [{ path: issue.path, reason: reasonOf(issue) }];
}

/** Whoever writes YAML calls it a map. */
const reasonOf = (issue: z.core.$ZodIssue): string => written(issue).replaceAll('an object', 'a map');

const deepest = (issues: readonly z.core.$ZodIssue[]) =>
  Math.max(0, ...issues.map((issue) => issue.path.length));

/** Names of the fields that the schema knows at a path; empty where it is not an object. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = schema;
  const unwrap = (type: unknown): unknown => {
    let inner = type;
    while (
      inner instanceof z.ZodOptional ||
      inner instanceof z.ZodDefault ||
      inner instanceof z.ZodNullable
    ) {
      inner = inner.unwrap();
    }
    return inner;
  };
  for (const key of path) {
    current = unwrap(current);
    if (current instanceof z.ZodObject) current = current.shape[String(key)];
    else if (current instanceof z.ZodRecord) current = current.valueType;
    else if (current instanceof z.ZodArray) current = current.element;
    else return [];
  }
  current = unwrap(current);
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}

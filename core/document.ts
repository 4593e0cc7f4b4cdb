/**
 * Reads a YAML document that people write (a kind, a standard, macadam.yaml) against a schema, and says of every
 * mistake in it the file, line, field, reason and fix, all in one go.
 */
import { isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { didYouMean } from './nearest.ts';

/** A mistake in a file that a person wrote. `line` and `column` count from 1. */
export interface Mistake {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Dotted path of the field, empty for the document itself. */
  readonly field: string;
  readonly reason: string;
}

export type ReadDocument<T> =
  | { readonly value: T; readonly lineOf: (path: readonly (string | number)[]) => number }
  | { readonly mistakes: readonly Mistake[] };

/** One mistake as one line of text. */
export function describeMistake(mistake: Mistake): string {
  const field = mistake.field === '' ? '' : `\`${mistake.field}\`: `;
  return `${mistake.file}:${mistake.line}:${mistake.column}: ${field}${mistake.reason}`;
}

/** More aliases than any person writes; a YAML bomb needs many. */
const MAX_ALIASES = 50;

export function readDocument<S extends z.ZodType>(
  text: string,
  file: string,
  schema: S,
): ReadDocument<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (document.errors.length > 0) {
    return {
      mistakes: document.errors.map((error) => ({
        file,
        ...at(error.pos[0]),
        field: '',
        reason: `not valid YAML: ${error.message}`,
      })),
    };
  }
  const offsetOf = (path: readonly PropertyKey[]): number => {
    for (let depth = path.length; depth > 0; depth--) {
      const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
      if (isMap(parent)) {
        const pair = parent.items.find(
          (item) => isNode(item.key) && String(item.key) === String(path[depth - 1]),
        );
        if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
      }
      const node = document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  };
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return { mistakes: [{ file, line: 1, column: 1, field: '', reason: (error as Error).message }] };
  }
  const parsed = schema.safeParse(plain);
  if (parsed.success) return { value: parsed.data, lineOf: (path) => at(offsetOf(path)).line };
  return {
    mistakes: parsed.error.issues.flatMap((issue) =>
      explainIssue(issue, schema).map(({ path, reason }) => ({
        file,
        ...at(offsetOf(path)),
        field: path.map(String).join('.'),
        reason,
      })),
    ),
  };
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
      return [{ path: [...issue.path, ...closest.path], reason: closest.message }];
    }
  }
  return [{ path: issue.path, reason: issue.message.replace(/^Invalid input: /, '') }];
}

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

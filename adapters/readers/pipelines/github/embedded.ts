/** Expressions inside the strings of a workflow, each with its own line and column in the file. */
import type { Place, Scalar, YamlDocument } from '../document.ts';
import { type Expression, type ExpressionError, fences, parseExpression } from './expression.ts';

export interface Embedded {
  /** The text between the fences, trimmed. */
  readonly source: string;
  /** Undefined where it cannot be parsed: the runner would refuse the file. */
  readonly expression?: Expression;
  readonly error?: ExpressionError;
  /** Of the first character of the expression. */
  readonly place: Place;
  /** Place of a part of the expression. */
  readonly placeOf: (part: Expression) => Place;
  /** Text of a part as it is written. */
  readonly textOf: (part: Expression) => string;
  /** Offsets of the whole fence in the scalar's decoded text. */
  readonly start: number;
  readonly end: number;
}

/**
 * Finds every `${{ … }}` of a scalar. The n-th fence of the decoded text is the n-th of the source, and a part is
 * looked for from there on, so block indentation and quoting do not shift what is reported.
 */
export function embedded(document: YamlDocument, scalar: Scalar): readonly Embedded[] {
  if (!scalar.text.includes('${{')) return [];
  let searched = 0;
  return fences(scalar.text).map((fence): Embedded => {
    const found = scalar.raw.indexOf('${{', searched);
    const opening = found === -1 ? 0 : found;
    searched = opening + 3;
    const leading = /^\s*/.exec(scalar.raw.slice(opening + 3))?.[0].length ?? 0;
    const first = opening + 3 + leading;
    return { ...parsed(fence.inner, document, scalar, first), start: fence.start, end: fence.end };
  });
}

/** The expression of an `if:`, which needs no fence. Undefined when fences make it a text. */
export function condition(document: YamlDocument, scalar: Scalar): Embedded | undefined {
  const inside = embedded(document, scalar);
  if (inside.length > 0)
    return inside.length === 1 &&
      scalar.text.slice(0, inside[0]?.start).trim() === '' &&
      scalar.text.slice(inside[0]?.end).trim() === ''
      ? inside[0]
      : undefined;
  if (scalar.text.trim() === '') return undefined;
  const first = scalar.style === 'block' ? scalar.raw.search(/\n\s*\S/) + 1 : 0;
  const leading = /^['"\s]*/.exec(scalar.raw.slice(first))?.[0].length ?? 0;
  return {
    ...parsed(scalar.text, document, scalar, first + leading),
    start: 0,
    end: scalar.text.length,
  };
}

function parsed(
  inner: string,
  document: YamlDocument,
  scalar: Scalar,
  first: number,
): Omit<Embedded, 'start' | 'end'> {
  const result = parseExpression(inner);
  const textOf = (part: Expression): string => inner.slice(part.start, part.end);
  const placeOf = (part: Expression): Place => {
    const wanted = textOf(part);
    const before = inner.slice(0, part.start);
    // Count earlier occurrences, so that the second `github.head_ref` of an expression is found where it stands.
    let offset = first - 1;
    for (let at = before.indexOf(wanted); at !== -1 && wanted !== ''; at = before.indexOf(wanted, at + 1))
      offset = scalar.raw.indexOf(wanted, offset + 1);
    const found = scalar.raw.indexOf(wanted, offset + 1);
    return document.place(scalar.offset + (found === -1 ? first : found));
  };
  const place = document.place(scalar.offset + first);
  return 'error' in result
    ? { source: inner.trim(), error: result, place, placeOf, textOf }
    : { source: inner.trim(), expression: result, place, placeOf, textOf };
}

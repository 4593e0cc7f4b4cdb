/**
 * Reading structured text with line numbers: JSON, TOML and line-oriented files. Everything here is linear in the
 * length of the text and takes any text whatever: the result is a value or a problem.
 */
import { parse } from 'smol-toml';
import type { ReadingProblem } from './format.ts';

export type Parsed = { readonly value: unknown } | { readonly problem: ReadingProblem };

/** Markers that git leaves in a file whose merge was not finished: neither side is the truth. */
const CONFLICT = /^(?:<{7} |={7}$|>{7} )/m;

export function conflict(text: string): ReadingProblem | undefined {
  const start = text.indexOf('<<<<<<< ');
  if (start < 0 || !CONFLICT.test(text)) return undefined;
  return {
    code: 'merge-conflict',
    message: 'holds the markers of an unfinished merge',
    remedy: 'resolve the conflict and commit the file',
    line: lineAt(text, start),
  };
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.slice(0, 160) ?? '';

export function parseJson(text: string): Parsed {
  const unfinished = conflict(text);
  if (unfinished) return { problem: unfinished };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const position = /position (\d+)/.exec(firstLine(error))?.[1];
    return {
      problem: {
        code: 'json-invalid',
        message: 'is not valid JSON',
        remedy: 'let its package manager write it again',
        ...(position === undefined ? {} : { line: lineAt(text, Number(position)) }),
      },
    };
  }
}

export function parseToml(text: string): Parsed {
  const unfinished = conflict(text);
  if (unfinished) return { problem: unfinished };
  try {
    return { value: parse(text) };
  } catch (error) {
    const line = error instanceof Error && 'line' in error ? Number(error.line) : Number.NaN;
    return {
      problem: {
        code: 'toml-invalid',
        message: `is not valid TOML: ${firstLine(error).replace(/^Invalid TOML document: /, '')}`,
        remedy: 'fix the file, or let its package manager write it again',
        ...(Number.isInteger(line) && line > 0 ? { line } : {}),
      },
    };
  }
}

const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"?`;
const COMMENTS = new RegExp(String.raw`${STRING}|//[^\n]*|/\*[^]*?(?:\*/|$)`, 'g');
const TRAILING = new RegExp(String.raw`${STRING}|,(?=\s*[}\]])`, 'g');

/** JSON with comments and trailing commas (JSONC) as JSON, every value on the line where it stood. */
export function plainJson(source: string): string {
  const bare = source.includes('/')
    ? source.replaceAll(COMMENTS, (part) => (part.startsWith('"') ? part : part.replaceAll(/[^\n]/g, ' ')))
    : source;
  return bare.replaceAll(TRAILING, (part) => (part.startsWith('"') ? part : ' '));
}

/**
 * Lines of the keys of a JSON text down to `depth` nested objects, by path joined with the separator U+0000
 * (`packages\0node_modules/a`). The text must be valid JSON. Keys that occur twice in one object are in `twice`.
 */
export function jsonLines(
  text: string,
  depth: number,
): { readonly lines: ReadonlyMap<string, number>; readonly twice: readonly { key: string; line: number }[] } {
  const lines = new Map<string, number>();
  const twice: { key: string; line: number }[] = [];
  /** One entry an open bracket: the path of an object, or null for an array and whatever is too deep. */
  const open: (string | null)[] = [];
  let line = 1;
  let key: string | null = null;
  let level = 0;
  const { length } = text;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10) line += 1;
    else if (code === 34) {
      const start = at;
      for (at += 1; at < length && text.charCodeAt(at) !== 34; at += 1) {
        if (text.charCodeAt(at) === 92) at += 1;
      }
      const inside = open.at(-1);
      if (key === null && level <= depth && inside !== null && inside !== undefined) {
        const name = unquote(text.slice(start, at + 1));
        key = open.length === 1 ? name : `${inside}\0${name}`;
        if (lines.has(key)) twice.push({ key: name, line });
        lines.set(key, line);
      }
    } else if (code === 123) {
      level += 1;
      const parent = open.at(-1);
      open.push(
        level <= depth && (open.length === 0 || (parent !== null && key !== null)) ? (key ?? '') : null,
      );
      key = null;
    } else if (code === 91) {
      level += 1;
      open.push(null);
      key = null;
    } else if (code === 125 || code === 93) {
      level -= 1;
      open.pop();
      key = null;
    } else if (code === 44) key = null;
  }
  return { lines, twice };
}

function unquote(quoted: string): string {
  try {
    return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
  } catch {
    return quoted;
  }
}

/** A key that an object has twice: readers differ on which one counts, so the file says nothing certain. */
export function twiceProblems(twice: readonly { key: string; line: number }[]): ReadingProblem[] {
  const [first] = twice;
  if (first === undefined) return [];
  return [
    {
      code: 'key-twice',
      message: `states \`${first.key.slice(0, 80)}\` twice, and readers differ on which one counts`,
      remedy: 'let its package manager write it again',
      line: first.line,
    },
  ];
}

/** Line of each `[[name]]` header, in order. */
export function tableLines(text: string, name: string): number[] {
  const header = `[[${name}]]`;
  const found: number[] = [];
  eachLine(text, (line, number) => {
    if (line.startsWith(header)) found.push(number);
  });
  return found;
}

export function eachLine(text: string, visit: (line: string, number: number) => void): void {
  let number = 1;
  for (let start = 0; start <= text.length; number += 1) {
    const end = text.indexOf('\n', start);
    const stop = end < 0 ? text.length : end;
    visit(text.slice(start, stop > start && text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop), number);
    if (end < 0) return;
    start = end + 1;
  }
}

/**
 * Line numbers of TOML keys and array items for manifests, by the section that they stand in: `find(section, key)`
 * gives the first line of a section (`tool.poetry.dependencies`) that starts with the key or holds it as a string.
 * Presentation only: where the layout is unusual there is no line, never a wrong package.
 */
export function tomlLines(text: string): (section: string, key: string) => number | undefined {
  const sections = new Map<string, { line: string; number: number }[]>();
  let current = '';
  eachLine(text, (line, number) => {
    const header = /^\s*\[+([^[\]][^\]]*)\]/.exec(line)?.[1];
    if (header !== undefined && !/^\s*\[[^\]]*["']\s*,/.test(line))
      current = header.replaceAll(/["']|\s/g, '');
    const lines = sections.get(current) ?? [];
    lines.push({ line, number });
    sections.set(current, lines);
  });
  return (section, key) => {
    const wanted = key.toLowerCase();
    for (const { line, number } of sections.get(section) ?? []) {
      const lower = line.toLowerCase();
      const at = lower.indexOf(wanted);
      if (at < 0) continue;
      const before = lower.slice(0, at).trimEnd();
      const after = lower.charAt(at + wanted.length);
      if (!/[a-z0-9_.-]$/.test(lower.slice(0, at)) && !/[a-z0-9_-]/.test(after) && !before.startsWith('#'))
        return number;
    }
    return undefined;
  };
}

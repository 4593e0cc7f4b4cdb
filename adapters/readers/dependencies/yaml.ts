/**
 * YAML as package managers write it, with the line of every key. Lockfiles of a few megabytes are ordinary, and a
 * full YAML parser needs half a second for each: the plain block style that they are written in is read directly
 * (some 50 times as fast), and a text that uses anything else (anchors, tags, folded plain scalars …) goes to the
 * full parser, whose word is final. All scalars stay text: `1.10` must not become the number 1.1. Of block scalars
 * (`|`, `>`) the plain reader keeps nothing.
 */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { ReadingProblem } from './format.ts';
import { conflict } from './text.ts';

export type YamlNode = string | readonly YamlNode[] | YamlMap;
/** A map, so that no key can be mistaken for something inherited. */
export type YamlMap = ReadonlyMap<string, { readonly value: YamlNode; readonly line: number }>;

/** Beyond this the full parser takes too long and too much memory. */
const FULL_PARSER_LIMIT = 3_000_000;
const DEEPEST = 60;

/** Thrown and caught within this file: the text is not in the plain block style. */
const OTHER_STYLE = new Error('not plain block style');

interface Line {
  readonly indent: number;
  readonly content: string;
  readonly number: number;
}

export function parseYaml(
  source: string,
): { readonly value: YamlNode } | { readonly problem: ReadingProblem } {
  const unfinished = conflict(source);
  if (unfinished) return { problem: unfinished };
  const plain = parsePlain(source);
  if (plain !== undefined) return { value: plain };
  if (source.length > FULL_PARSER_LIMIT) {
    return {
      problem: {
        code: 'yaml-too-large',
        message: `is ${(source.length / 1e6).toFixed(1)} MB of YAML in a style that no package manager writes`,
        remedy: 'let its package manager write it again',
      },
    };
  }
  return parseFull(source);
}

/** The plain block style only; undefined for any other text. Exported for the test that holds it against the full parser. */
export function parsePlain(source: string): YamlNode | undefined {
  try {
    const lines = split(source);
    if (lines.length === 0) return undefined;
    const cursor = { at: 0 };
    const value = block(lines, cursor, lines[0]?.indent ?? 0, 0);
    return cursor.at === lines.length ? value : undefined;
  } catch (error) {
    if (error === OTHER_STYLE) return undefined;
    throw error;
  }
}

function split(source: string): Line[] {
  const lines: Line[] = [];
  let number = 1;
  for (let start = 0; start < source.length; number += 1) {
    const newline = source.indexOf('\n', start);
    const end = newline < 0 ? source.length : newline;
    let first = start;
    while (first < end && source.charCodeAt(first) === 32) first += 1;
    const stop = end > first && source.charCodeAt(end - 1) === 13 ? end - 1 : end;
    const content = source.slice(first, stop);
    if (content.includes('\t') || content.includes('\r')) throw OTHER_STYLE;
    if (content.startsWith('---') || content.startsWith('...') || content.startsWith('%')) {
      if (first === start && !(content === '---' && lines.length === 0)) throw OTHER_STYLE;
    } else if (content !== '' && !content.startsWith('#')) {
      lines.push({ indent: first - start, content: content.trimEnd(), number });
    }
    start = end + 1;
  }
  return lines;
}

function block(lines: readonly Line[], cursor: { at: number }, indent: number, depth: number): YamlNode {
  if (depth > DEEPEST) throw OTHER_STYLE;
  const first = lines[cursor.at];
  if (first === undefined) return '';
  if (first.content === '-' || first.content.startsWith('- ')) return sequence(lines, cursor, indent, depth);
  const map = new Map<string, { value: YamlNode; line: number }>();
  for (let line = lines[cursor.at]; line !== undefined && line.indent === indent; line = lines[cursor.at]) {
    const { key, rest } = splitKey(line.content);
    if (map.has(key)) throw OTHER_STYLE;
    cursor.at += 1;
    map.set(key, { value: valueAt({ rest, lines, cursor, indent, depth }), line: line.number });
  }
  const next = lines[cursor.at];
  if (next !== undefined && next.indent > indent) throw OTHER_STYLE;
  return map;
}

function sequence(lines: readonly Line[], cursor: { at: number }, indent: number, depth: number): YamlNode {
  const items: YamlNode[] = [];
  for (let line = lines[cursor.at]; line !== undefined && line.indent === indent; line = lines[cursor.at]) {
    if (!line.content.startsWith('- ')) {
      if (line.content.startsWith('-')) throw OTHER_STYLE;
      break;
    }
    const content = line.content.slice(2);
    // A map or list that starts on the line of its dash is not something that lockfiles hold.
    if (/^[ -]|^['"]?[^'"{[]*['"]?:( |$)/.test(content)) throw OTHER_STYLE;
    cursor.at += 1;
    items.push(valueAt({ rest: content, lines, cursor, indent, depth }));
  }
  return items;
}

interface ValueAtInput {
  readonly rest: string;
  readonly lines: readonly Line[];
  readonly cursor: { at: number };
  readonly indent: number;
  readonly depth: number;
}

function valueAt({ rest, lines, cursor, indent, depth }: ValueAtInput): YamlNode {
  const next = lines[cursor.at];
  if (rest === '') {
    if (next === undefined || next.indent < indent) return '';
    if (next.indent > indent) return block(lines, cursor, next.indent, depth + 1);
    return next.content.startsWith('- ') ? block(lines, cursor, indent, depth + 1) : '';
  }
  if (/^[|>][-+]?$/.test(rest)) {
    // Prose (why a package is deprecated): nothing that is needed, so it is passed over.
    while ((lines[cursor.at]?.indent ?? -1) > indent) cursor.at += 1;
    return '';
  }
  if (next !== undefined && next.indent > indent) throw OTHER_STYLE;
  const first = rest.charAt(0);
  if (first === '{' || first === '[') {
    const flow = { text: rest, at: 0 };
    const value = flowNode(flow, 0);
    if (!/^\s*(\s#.*)?$/.test(rest.slice(flow.at))) throw OTHER_STYLE;
    return value;
  }
  if (first === '"' || first === "'") {
    const { value, end } = quoted(rest, 0);
    if (!/^\s*(\s#.*)?$/.test(rest.slice(end))) throw OTHER_STYLE;
    return value;
  }
  return plainScalar(rest);
}

function plainScalar(raw: string): string {
  const comment = raw.indexOf(' #');
  const value = (comment < 0 ? raw : raw.slice(0, comment)).trimEnd();
  if (/^[&*!|>%@`,\]}#]|^[?:-]( |$)/.test(value) || value.includes(': ') || value.endsWith(':'))
    throw OTHER_STYLE;
  return value;
}

function splitKey(content: string): { key: string; rest: string } {
  const first = content.charAt(0);
  if (first === '"' || first === "'") {
    const { value, end } = quoted(content, 0);
    if (content.charAt(end) !== ':' || (content.length > end + 1 && content.charAt(end + 1) !== ' '))
      throw OTHER_STYLE;
    return { key: value, rest: content.slice(end + 1).trim() };
  }
  const colon = content.endsWith(':') && !content.includes(': ') ? content.length - 1 : content.indexOf(': ');
  if (colon < 1 || /^[&*!|>%@`{[\]},#<]|^[?:-]( |$)/.test(content)) throw OTHER_STYLE;
  const key = content.slice(0, colon).trimEnd();
  if (key.includes(' #')) throw OTHER_STYLE;
  const rest = content.slice(colon + 1).trim();
  return { key, rest: rest.startsWith('#') ? '' : rest };
}

function quoted(source: string, start: number): { value: string; end: number } {
  const quote = source.charAt(start);
  let end = start + 1;
  for (; end < source.length; end += 1) {
    const char = source.charAt(end);
    if (quote === '"' && char === '\\') end += 1;
    else if (char === quote) {
      if (quote === "'" && source.charAt(end + 1) === "'") end += 1;
      else break;
    }
  }
  if (end >= source.length) throw OTHER_STYLE;
  const inside = source.slice(start + 1, end);
  if (quote === "'") return { value: inside.replaceAll("''", "'"), end: end + 1 };
  // Of the escapes only those that JSON has, too; the rest is for the full parser.
  if (/\\[^"\\/bfnrt]/.test(inside.replaceAll('\\\\', ''))) throw OTHER_STYLE;
  return { value: inside.includes('\\') ? String(JSON.parse(`"${inside}"`)) : inside, end: end + 1 };
}

function flowNode(flow: { readonly text: string; at: number }, depth: number): YamlNode {
  if (depth > DEEPEST) throw OTHER_STYLE;
  skipSpaces(flow);
  const first = flow.text.charAt(flow.at);
  if (first === '{') {
    flow.at += 1;
    const map = new Map<string, { value: YamlNode; line: number }>();
    for (;;) {
      skipSpaces(flow);
      if (flow.text.charAt(flow.at) === '}') break;
      const key = flowScalar(flow);
      skipSpaces(flow);
      if (flow.text.charAt(flow.at) !== ':' || map.has(key)) throw OTHER_STYLE;
      flow.at += 1;
      map.set(key, { value: flowNode(flow, depth + 1), line: 0 });
      if (!separator(flow, '}')) break;
    }
    flow.at += 1;
    return map;
  }
  if (first === '[') {
    flow.at += 1;
    const items: YamlNode[] = [];
    for (;;) {
      skipSpaces(flow);
      if (flow.text.charAt(flow.at) === ']') break;
      items.push(flowNode(flow, depth + 1));
      if (!separator(flow, ']')) break;
    }
    flow.at += 1;
    return items;
  }
  return flowScalar(flow);
}

/** True after a comma, false before the closing bracket. */
function separator(flow: { readonly text: string; at: number }, closing: string): boolean {
  skipSpaces(flow);
  const char = flow.text.charAt(flow.at);
  if (char === closing) return false;
  if (char !== ',') throw OTHER_STYLE;
  flow.at += 1;
  return true;
}

function skipSpaces(flow: { readonly text: string; at: number }): void {
  while (flow.text.charAt(flow.at) === ' ') flow.at += 1;
}

function flowScalar(flow: { readonly text: string; at: number }): string {
  const first = flow.text.charAt(flow.at);
  if (first === '"' || first === "'") {
    const { value, end } = quoted(flow.text, flow.at);
    flow.at = end;
    return value;
  }
  const start = flow.at;
  for (; flow.at < flow.text.length; flow.at += 1) {
    const char = flow.text.charAt(flow.at);
    if (char === ',' || char === '}' || char === ']') break;
    if (char === '{' || char === '[' || char === '#') throw OTHER_STYLE;
    if (char === ':' && /[ ,}\]]|^$/.test(flow.text.charAt(flow.at + 1))) break;
  }
  const value = flow.text.slice(start, flow.at).trim();
  if (value === '') throw OTHER_STYLE;
  return plainScalar(value);
}

function parseFull(source: string): { readonly value: YamlNode } | { readonly problem: ReadingProblem } {
  const counter = new LineCounter();
  const invalid = (message: string, offset?: number): { problem: ReadingProblem } => ({
    problem: {
      code: 'yaml-invalid',
      message: `is not valid YAML: ${message.split('\n', 1)[0]?.slice(0, 160)}`,
      remedy: 'fix the file, or let its package manager write it again',
      ...(offset === undefined ? {} : { line: counter.linePos(offset).line }),
    },
  });
  try {
    const document = parseDocument(source, {
      schema: 'failsafe',
      lineCounter: counter,
      prettyErrors: false,
      logLevel: 'silent',
    });
    const [error] = document.errors;
    if (error !== undefined) return invalid(error.message, error.pos[0]);
    let budget = 500_000;
    /** Aliases are followed, but every node visited is paid for, so that none can multiply without end. */
    const anchors = new Map<string, unknown>();
    const convert = (node: unknown, depth: number): YamlNode => {
      budget -= 1;
      if (budget < 0 || depth > DEEPEST) throw OTHER_STYLE;
      if (isAlias(node)) return convert(anchors.get(node.source), depth + 1);
      if (isNode(node) && !isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isScalar(node)) return node.value === null || node.value === undefined ? '' : String(node.value);
      if (isSeq(node)) return node.items.map((item) => convert(item, depth + 1));
      if (!isMap(node)) return '';
      return new Map(
        node.items.map(({ key, value }) => {
          const line = isScalar(key) && key.range ? counter.linePos(key.range[0]).line : 0;
          const name = convert(key, depth + 1);
          return [typeof name === 'string' ? name : '', { value: convert(value, depth + 1), line }];
        }),
      );
    };
    return { value: convert(document.contents, 0) };
  } catch (error) {
    if (error === OTHER_STYLE) return invalid('its aliases or its nesting unfold without end');
    return invalid(error instanceof Error ? error.message : String(error));
  }
}

export function yamlMap(node: YamlNode | undefined): YamlMap | undefined {
  return node instanceof Map ? node : undefined;
}

export function yamlText(node: YamlNode | undefined): string | undefined {
  return typeof node === 'string' && node !== '' ? node : undefined;
}

/** A field of a map; undefined when the node is no map or lacks it. */
export function yamlGet(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return yamlMap(node)?.get(key)?.value;
}

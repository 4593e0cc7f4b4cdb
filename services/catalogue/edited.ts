/**
 * A standard's file with some of its texts changed and every other byte as it was: comments, order and the way in which things are
 * written stay those of whoever keeps the file.
 */
import { isMap, isScalar, parseDocument, type Scalar, type YAMLMap } from 'yaml';

export interface Edit {
  readonly path: readonly string[];
  readonly value: string | number | boolean | readonly string[];
}

/** Rejects nothing: what cannot be written in place is written by the library, which keeps comments and not every line break. */
export function editedText(text: string, edits: readonly Edit[]): string {
  const wanted = parseDocument(text);
  for (const { path, value } of edits) wanted.setIn(path, value);
  let edited = text;
  for (const edit of edits) edited = written(edited, edit) ?? edited;
  return saysTheSame(edited, wanted.toJS()) ? edited : String(wanted);
}

/** Line breaks of a folded text are no part of what it says. */
function saysTheSame(text: string, wanted: unknown): boolean {
  const read = parseDocument(text);
  const plain = (value: unknown) =>
    JSON.stringify(value, (_, one) => (typeof one === 'string' ? one.replace(/\s+/g, ' ').trim() : one));
  return read.errors.length === 0 && plain(read.toJS()) === plain(wanted);
}

/** As a text stands in its file: of a folded one with its line breaks, which an expression may have anywhere. */
export function writtenText(text: string, path: readonly string[]): string | null {
  const node = parseDocument(text).getIn(path, true);
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return null;
  if (node.type !== 'BLOCK_FOLDED' && node.type !== 'BLOCK_LITERAL') return node.value;
  const [, ...lines] = text.slice(node.range[0], node.range[1]).split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  return lines
    .map((line) => line.slice(Math.min(...indents)))
    .join('\n')
    .trimEnd();
}

/** Null where there is no such place to write to. */
function written(text: string, { path, value }: Edit): string | null {
  const document = parseDocument(text);
  const node = document.getIn(path, true);
  const holder = document.getIn(path.slice(0, -1), true) ?? document.contents;
  if (!isMap(holder)) return null;
  if (isScalar(node) && node.range) return replaced(text, node, scalarFor(text, node, holder, value));
  return node === undefined ? added(text, holder, path.at(-1) ?? '', value) : null;
}

function replaced(text: string, { range }: Scalar, by: string): string {
  const [from, to] = range ?? [0, 0, 0];
  const ended = text.slice(from, to).endsWith('\n') && !by.endsWith('\n') ? '\n' : '';
  return `${text.slice(0, from)}${by}${ended}${text.slice(to)}`;
}

function scalarFor(text: string, node: Scalar, holder: YAMLMap, value: Edit['value']): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (holder.flow || !value.includes('\n')) return oneLine(value.replace(/\s+/g, ' ').trim(), node, holder);
  // Folding would end a comment of an expression with the line after it.
  const folded = node.type === 'BLOCK_FOLDED' && !value.includes('//');
  const indent = ' '.repeat(indentOf(text, holder) + 2);
  const lines = value.split('\n').map((line) => (line.trim() === '' ? '' : `${indent}${line}`));
  return `${folded ? '>-' : '|-'}\n${lines.join('\n')}\n`;
}

const PLAIN = /^[A-Za-z][A-Za-z0-9 .()<>=,'+*/-]*$/;

function oneLine(value: string, node: Scalar, holder: YAMLMap): string {
  const plain =
    node.type === 'PLAIN' &&
    PLAIN.test(value) &&
    !holder.flow &&
    parseDocument(value).toJS() === value &&
    !value.includes(': ');
  if (plain || (node.type === 'PLAIN' && /^[0-9]+[a-z]+$/.test(value))) return value;
  return node.type === 'QUOTE_SINGLE' ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
}

/** Columns before the keys of a map. */
function indentOf(text: string, holder: YAMLMap): number {
  const [start] = holder.range ?? [0, 0, 0];
  return start - (text.lastIndexOf('\n', start - 1) + 1);
}

/** One key more, behind the last one. */
function added(text: string, holder: YAMLMap, key: string, value: Edit['value']): string | null {
  const last = holder.items.at(-1)?.value;
  if (!isScalar(last) || !last.range) return null;
  const to = last.range[1];
  const pair = `${key}: ${JSON.stringify(value)}`;
  if (holder.flow) return `${text.slice(0, to)}, ${pair}${text.slice(to)}`;
  const line = text.indexOf('\n', to - 1);
  const at = line < 0 ? text.length : line + 1;
  return `${text.slice(0, at)}${' '.repeat(indentOf(text, holder))}${pair}\n${text.slice(at)}`;
}

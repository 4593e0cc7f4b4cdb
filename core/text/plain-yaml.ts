/**
 * Reads the plain part of YAML in which catalogues are written, at a tenth of the library's time: a first start reads a
 * hundred documents. Whatever is not plain (anchors, tags, tabs, several documents, folding that needs thought, anything
 * that may be a mistake) is left to the library, which reads it or says what is wrong. What is read here is what the
 * library would read; plain-yaml.test.ts holds one against the other.
 */

/** What a document says; null where this reader is not sure. Never throws, and takes time in proportion to the text. */
export function readPlainYaml(text: string): { readonly value: unknown } | null {
  if (!text.endsWith('\n') || STRANGE.test(text)) return null;
  const cursor: Cursor = { lines: text.split('\n'), line: 0, column: 0, depth: 0 };
  try {
    skipBlank(cursor);
    const value = block(cursor, 0);
    skipBlank(cursor);
    return cursor.line < cursor.lines.length ? null : { value };
  } catch (error) {
    if (error instanceof NotPlain) return null;
    throw error;
  }
}

/** Other control characters, tabs and pairs of surrogates among them. */
const STRANGE = /[^\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe]/;
/** Nothing that a person writes is nested deeper. */
const DEEPEST = 32;

class NotPlain extends Error {}

/** Where the reader is. Of a line that was read in part, `column` is where it goes on. */
interface Cursor {
  readonly lines: string[];
  line: number;
  column: number;
  depth: number;
}

type Values = Record<string, unknown>;

const decline = (): never => {
  throw new NotPlain();
};

const BLANK = /^ *(?:#.*)?$/;
const indentOf = (line: string): number => line.length - line.trimStart().length;

function skipBlank(cursor: Cursor): void {
  const { lines } = cursor;
  while (cursor.line < lines.length && BLANK.test(lines[cursor.line] as string)) cursor.line += 1;
}

/** A map or a sequence whose lines begin at this column. */
function block(cursor: Cursor, indent: number): unknown {
  cursor.depth += 1;
  const line = cursor.lines[cursor.line];
  if (line === undefined || cursor.depth > DEEPEST || indentOf(line) !== indent) return decline();
  const value = isItem(line, indent) ? sequence(cursor, indent) : map(cursor, indent);
  cursor.depth -= 1;
  return value;
}

const isItem = (line: string, indent: number): boolean => line.startsWith('- ', indent);

/** A key, and what stands behind it on its line. */
const ENTRY = /^(?:([A-Za-z][\w./()-]*)|"([^"\\]*)"):(?: +([^ ].*)?)?$/;

function map(cursor: Cursor, indent: number): Values {
  const values: Values = {};
  for (;;) {
    skipBlank(cursor);
    const line = cursor.lines[cursor.line];
    if (line === undefined || indentOf(line) < indent) return values;
    // An item of the sequence in which this map is one.
    if (indentOf(line) !== indent) return decline();
    const [, plain, quoted, rest = ''] = ENTRY.exec(line.slice(indent).trimEnd()) ?? decline();
    const key = keyOf(values, plain, quoted);
    values[key] = valueBehind(cursor, { rest, indent, inMap: true });
  }
}

function keyOf(values: Values, plain: string | undefined, quoted: string | undefined): string {
  const key = plain ?? quoted ?? decline();
  if ((plain !== undefined && WORDS.test(plain)) || key === '__proto__' || Object.hasOwn(values, key))
    return decline();
  return key;
}

function sequence(cursor: Cursor, indent: number): unknown[] {
  const values: unknown[] = [];
  for (;;) {
    skipBlank(cursor);
    const line = cursor.lines[cursor.line];
    if (line === undefined || indentOf(line) < indent) return values;
    if (indentOf(line) !== indent) return decline();
    if (!isItem(line, indent)) return values;
    const rest = line.slice(indent + 1).trim();
    if (ENTRY.test(rest)) {
      const inner = indent + 1 + indentOf(line.slice(indent + 1));
      cursor.lines[cursor.line] = `${' '.repeat(inner)}${line.slice(inner)}`;
      values.push(block(cursor, inner));
    } else values.push(valueBehind(cursor, { rest, indent, inMap: false }));
  }
}

/** What stands behind a key or the dash of an item that begins at `indent`. */
interface Behind {
  readonly rest: string;
  readonly indent: number;
  readonly inMap: boolean;
}

function valueBehind(cursor: Cursor, { rest, indent, inMap }: Behind): unknown {
  const first = rest.charAt(0);
  if (first === '' || first === '#') {
    cursor.line += 1;
    skipBlank(cursor);
    const line = cursor.lines[cursor.line] ?? decline();
    const inner = indentOf(line);
    const isClosed = OPENS.test(line) && !ENTRY.test(line.trim());
    if (inner > indent) return isClosed ? closed(cursor, inner, indent) : block(cursor, inner);
    return inner === indent && inMap && isItem(line, indent) ? sequence(cursor, indent) : decline();
  }
  if (first === '|' || first === '>') return blockText(cursor, rest, indent);
  if (!OPENS.test(rest)) return plainText(cursor, rest, indent);
  return closed(cursor, (cursor.lines[cursor.line] as string).trimEnd().length - rest.length, indent);
}

const OPENS = /^ *[{["']/;

/** What stands in brackets or quotes from this column on, with nothing but a comment behind it. */
function closed(cursor: Cursor, column: number, indent: number): unknown {
  cursor.column = column;
  const value = flow(cursor, indent);
  const after = (cursor.lines[cursor.line] as string).slice(cursor.column);
  if (!/^(?: +#.*| *)$/.test(after)) return decline();
  cursor.line += 1;
  return value;
}

/** How a word may begin that is no number, no mark of YAML and no quote. */
const BEGINS = /^[A-Za-z0-9_/(<$^]/;
/** What would end it, or be a mistake in it. */
const ENDS = /: |:$| #/;

/** A text without quotes, which goes on over the lines that stand further in. */
function plainText(cursor: Cursor, rest: string, indent: number): unknown {
  if (!/^.*$/.test(rest)) return decline();
  const hash = rest.search(/(?<! ) +#/);
  const [text, comment] = hash < 0 ? [rest, undefined] : [rest.slice(0, hash), rest.slice(hash)];
  if (ENDS.test(text)) return decline();
  let whole = text;
  cursor.line += 1;
  for (;;) {
    const line = cursor.lines[cursor.line] as string;
    if (line === undefined || line.trim() === '' || indentOf(line) <= indent) break;
    const more = line.trim();
    // Behind a comment nothing goes on; and what looks like another thing may be one.
    if (comment !== undefined || /^(?:#|- |-$|\? )/.test(more) || ENDS.test(more)) return decline();
    whole = `${whole} ${more}`;
    cursor.line += 1;
  }
  const last = cursor.line;
  skipBlank(cursor);
  const next = cursor.lines[cursor.line];
  if (cursor.line > last && next !== undefined && indentOf(next) > indent) return decline();
  return scalar(whole);
}

const WORDS = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
const NUMBER = /^[-+]?(?:0o[0-7]+|0x[0-9a-f]+|[0-9._]+(?:e[-+]?[0-9]+)?)$/i;
/** That a program writes again as they stand here. */
const SIMPLE_NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?$/;

function scalar(text: string): unknown {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (NUMBER.test(text)) return SIMPLE_NUMBER.test(text) ? Number(text) : decline();
  return BEGINS.test(text) && !WORDS.test(text) ? text : decline();
}

/** A text of lines that stand further in: as they are (`|`), or as one with its paragraphs (`>`). */
function blockText(cursor: Cursor, head: string, indent: number): string {
  const [, style, chomp] = /^([|>])(-?)(?: +#.*)?$/.exec(head) ?? decline();
  cursor.line += 1;
  const inner = indentOf(cursor.lines[cursor.line] ?? '');
  const lines: string[] = [];
  for (;;) {
    const line = cursor.lines[cursor.line];
    if (line === undefined) break;
    if (line === '') lines.push('');
    else if (line.trim() === '') return decline();
    else if (indentOf(line) <= indent) break;
    else if (indentOf(line) < inner) return decline();
    else lines.push(line.slice(inner));
    cursor.line += 1;
  }
  while (lines.at(-1) === '') lines.pop();
  if (lines.length === 0 || lines[0] === '') return decline();
  const text = style === '|' ? lines.join('\n') : folded(lines);
  return chomp === '-' ? text : `${text}\n`;
}

/** Lines of one paragraph become one; what stands further in keeps its lines. */
function folded(lines: readonly string[]): string {
  let text = '';
  let before: string | null = null;
  let blanks = 0;
  for (const line of lines) {
    if (line.endsWith(' ')) return decline();
    if (line === '') {
      blanks += 1;
      continue;
    }
    const kept = line.startsWith(' ') || before?.startsWith(' ') === true;
    const breaks = '\n'.repeat(kept ? blanks + 1 : blanks);
    text += before === null ? line : `${breaks || ' '}${line}`;
    before = line;
    blanks = 0;
  }
  return text;
}

/** A value within brackets, or in quotes; its further lines stand further in than `indent`. */
function flow(cursor: Cursor, indent: number): unknown {
  const line = cursor.lines[cursor.line] as string;
  switch (line.charAt(cursor.column)) {
    case '{':
      return flowMap(cursor, indent);
    case '[':
      return flowSequence(cursor, indent);
    case '"':
    case "'":
      return quotedText(cursor);
    default:
      return flowText(cursor, indent);
  }
}

/** The next character that is no blank. */
function peek(cursor: Cursor, indent: number): string {
  for (;;) {
    const line = cursor.lines[cursor.line] ?? decline();
    while (line.charAt(cursor.column) === ' ') cursor.column += 1;
    const next = line.charAt(cursor.column);
    if (next === '#') return decline();
    if (next !== '') return next;
    cursor.line += 1;
    cursor.column = 0;
    const following = cursor.lines[cursor.line] ?? decline();
    if (following.trim() === '' || indentOf(following) <= indent) return decline();
  }
}

const FLOW_KEY = /(?:([A-Za-z][\w./()-]*)|"([^"\\]*)"):(?= |$)/y;

function flowMap(cursor: Cursor, indent: number): Values {
  const values: Values = {};
  inside(cursor, indent, '}', () => {
    FLOW_KEY.lastIndex = cursor.column;
    const [all, plain, quoted] = FLOW_KEY.exec(cursor.lines[cursor.line] as string) ?? decline();
    const key = keyOf(values, plain, quoted);
    cursor.column += all.length;
    peek(cursor, indent);
    values[key] = flow(cursor, indent);
  });
  return values;
}

function flowSequence(cursor: Cursor, indent: number): unknown[] {
  const values: unknown[] = [];
  inside(cursor, indent, ']', () => values.push(flow(cursor, indent)));
  return values;
}

/** Reads one thing after the other up to the bracket that closes. */
function inside(cursor: Cursor, indent: number, closing: string, one: () => void): void {
  cursor.depth += 1;
  if (cursor.depth > DEEPEST) decline();
  cursor.column += 1;
  while (peek(cursor, indent) !== closing) {
    one();
    const next = peek(cursor, indent);
    if (next === ',') cursor.column += 1;
    else if (next !== closing) decline();
  }
  cursor.column += 1;
  cursor.depth -= 1;
}

const QUOTED = /"((?:[^"\\]|\\["\\nt/])*)"|'((?:[^']|'')*)'/y;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t' };

function quotedText(cursor: Cursor): string {
  QUOTED.lastIndex = cursor.column;
  const [all, double, single = ''] = QUOTED.exec(cursor.lines[cursor.line] as string) ?? decline();
  cursor.column += all.length;
  if (double === undefined) return single.replaceAll("''", "'");
  return double.replaceAll(/\\(.)/g, (_, letter: string) => ESCAPED[letter] ?? letter);
}

/** A text without quotes within brackets, which may go on over lines. */
function flowText(cursor: Cursor, indent: number): unknown {
  let whole = '';
  for (;;) {
    const { line } = cursor;
    const rest = (cursor.lines[line] as string).slice(cursor.column);
    const end = rest.search(/[,[\]{}]/);
    const part = (end === -1 ? rest : rest.slice(0, end)).trimEnd();
    if (!BEGINS.test(part) && !SIMPLE_NUMBER.test(part)) return decline();
    if (ENDS.test(part)) return decline();
    whole = whole === '' ? part : `${whole} ${part}`;
    cursor.column += part.length;
    const next = peek(cursor, indent);
    if (next === ',' || next === ']' || next === '}') return scalar(whole);
    if (cursor.line === line) return decline();
  }
}

/**
 * Moves an expression out of a Bash script into `env`, where it is text. Only where the place allows it: what a second
 * interpreter would read again, or what stands in a here-document, is left to a person.
 */

import type { Value } from '../../../../core/facts/observation.ts';
import type { Fix } from '../../../../core/verdicts/fix.ts';
import { placeAt } from './quoting.ts';

type Element = { readonly [field: string]: Value | undefined };

/** Programs that read their arguments as code: a variable's text would be code again. */
const INTERPRETERS =
  /\b(eval|ssh|xargs|awk|gawk|sed|jq|yq|perl|python[\d.]*|node|deno|ruby|php|psql|mysql|sqlite3|su|source|envsubst|parallel|find)\b|(^|\s)-[a-z]*[ce]\s|<</;

export const fix: Fix = ({ asset, params, read }) => {
  const path = asset.location?.path;
  const text = path === undefined ? undefined : read(path);
  if (path === undefined || text === undefined) return { files: {}, notes: [] };
  const notes: string[] = [];
  const { controllers } = params;
  const told = Array.isArray(controllers) ? controllers : [];
  // What stands in another file that this one runs is mended there.
  const own = (each: Element): boolean => each.path === undefined || each.path === path;
  const list = elements(asset.attributes.expansions)
    .filter((each) => own(each) && told.includes(each.controlled_by ?? ''))
    .toSorted((a, b) => Number(a.line) - Number(b.line) || Number(a.col) - Number(b.col));
  let lines: readonly string[] = text.split('\n');
  const put: Moved[] = [];
  // From the end; lines that were put in above a place, in the `env` of the same step, move it down.
  for (const each of [...list].reverse()) {
    const line = put.reduce((at, { index, count }) => (index < at ? at + count : at), Number(each.line));
    const moved = move(lines, each, line);
    if (typeof moved === 'string')
      notes.unshift(`line ${each.line}: \`${each.expression}\` ${moved}; see get/runbook.md`);
    else {
      lines = moved.lines;
      put.push(moved);
    }
  }
  for (const { line, ref, executed, refused } of elements(asset.attributes.untrusted_checkouts).filter(own))
    if (executed === true && refused !== true)
      notes.push(
        `line ${line}: \`${ref}\` is an outsider's code; run it on \`pull_request\` instead, see get/runbook.md`,
      );
  const changed = lines.join('\n');
  return { files: changed === text ? {} : { [path]: changed }, notes };
};

function elements(list: Value | undefined): readonly Element[] {
  return Array.isArray(list) ? (list as readonly Element[]) : [];
}

interface Moved {
  readonly lines: readonly string[];
  /** Index and number of the lines that were put in. */
  readonly index: number;
  readonly count: number;
}

/** The lines with one expression moved, or why it stays. `line` is where it stands now. */
function move(lines: readonly string[], each: Element, line: number): Moved | string {
  const { col, sink, shell } = each;
  if (Number.isNaN(line) || typeof col !== 'number') return 'has no place';
  if (sink !== 'run') return `is code of ${sink}`;
  if (typeof shell !== 'string') return 'stands in a script whose shell is not known';
  if (!/^(bash|sh)\b/.test(shell)) return `stands in a script of ${shell}`;
  const step = stepAt(lines, line - 1);
  if (step === undefined) return 'stands in a script that is not written plainly';
  const at = lines[line - 1] ?? '';
  const start = at.lastIndexOf('${{', col - 1);
  const end = at.indexOf('}}', col - 1);
  if (start === -1 || end === -1) return 'goes over several lines';
  const fence = at.slice(start, end + 2);
  const script = step.script(lines);
  if (INTERPRETERS.test(script)) return 'stands in a script with a second interpreter or a here-document';
  const before =
    lines.slice(step.first, line - 1).join('\n').length + (line - 1 > step.first ? 1 : 0) + start;
  const place = placeAt(lines.slice(step.first, step.last + 1).join('\n'), before, step.offset);
  if (place === undefined) return 'stands where quoting cannot be followed';
  const name = nameOf(fence);
  const known = lines.slice(step.start, step.end + 1).some((each) => each.trim() === `${name}: ${fence}`);
  if (!known && new RegExp(`\\b${name}\\b`).test(lines.slice(step.start, step.end + 1).join('\n')))
    return `would need a variable \`${name}\`, which the step already uses`;
  const put = { double: `\${${name}}`, single: `'"\${${name}}"'`, none: `"\${${name}}"` }[place];
  const replaced = `${at.slice(0, start)}${put}${at.slice(end + 2)}`;
  if (/^\s*(- )?run:[ \t]*["'|>&*!%@`]/.test(replaced) && step.first === line - 1)
    return 'is the whole command';
  const next = [...lines];
  next[line - 1] = replaced;
  if (known) return { lines: next, index: lines.length, count: 0 };
  return withVariable(next, step, `${name}: ${fence}`);
}

/** `github.event.pull_request.title` → `PULL_REQUEST_TITLE`; a name of its own for anything longer. */
function nameOf(fence: string): string {
  const path = /^\$\{\{\s*([\w.[\]'*-]+)\s*\}\}$/.exec(fence)?.[1] ?? 'text';
  const words = path
    .replace(/^github\.(event\.)?/i, '')
    .replace(/^inputs\./i, 'input_')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  return words
    .join('_')
    .toUpperCase()
    .replace(/^(GITHUB_|RUNNER_|\d)/, 'TEXT_$1');
}

interface StepPlace {
  /** Index of the line that begins the step, of `run:`, and of the script's first and last line. */
  readonly start: number;
  readonly run: number;
  readonly first: number;
  readonly last: number;
  /** Index of the last line of the step. */
  readonly end: number;
  /** Where the script begins in its first line. */
  readonly offset: number;
  /** Column of the step's keys. */
  readonly indent: number;
  readonly script: (lines: readonly string[]) => string;
}

const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0;
const isBlank = (line: string): boolean => line.trim() === '';

/** The step whose `run` holds a line: a plain text on the key's own line, or a literal block. */
function stepAt(lines: readonly string[], index: number): StepPlace | undefined {
  let run = index;
  const pattern = /^(\s*)(- +)?run:[ \t]+(.*?)\r?$/;
  while (run >= 0) {
    const line = lines[run] ?? '';
    if (pattern.test(line) && (run === index || indentOf(line) < indentOf(lines[index] ?? ''))) break;
    run--;
  }
  const match = pattern.exec(lines[run] ?? '');
  if (match === null) return undefined;
  const [, blank = '', dash = '', value = ''] = match;
  const block = /^\|[-+]?[ \t]*(#.*)?$/.test(value);
  if (run === index ? /^["'>|&*!]/.test(value) : !block) return undefined;
  const indent = blank.length + dash.length;
  let last = run;
  while (
    last + 1 < lines.length &&
    (isBlank(lines[last + 1] ?? '') || indentOf(lines[last + 1] ?? '') > indent)
  )
    last++;
  let start = run;
  while (start >= 0 && !new RegExp(`^ {${Math.max(indent - 2, 0)}}- `).test(lines[start] ?? '')) start--;
  if (start < 0) return undefined;
  let end = last;
  while (end + 1 < lines.length && !isBlank(lines[end + 1] ?? '') && indentOf(lines[end + 1] ?? '') >= indent)
    end++;
  const first = block ? run + 1 : run;
  const offset = block ? 0 : (lines[run] ?? '').indexOf(value, indent + 4);
  return {
    start,
    run,
    first,
    last,
    end,
    offset,
    indent,
    script: (all) =>
      all
        .slice(first, last + 1)
        .join('\n')
        .slice(offset),
  };
}

/** Adds a variable to the step: to its `env` if it has one, else before `run`. */
function withVariable(lines: readonly string[], step: StepPlace, entry: string): Moved | string {
  const end = (lines[step.run] ?? '').endsWith('\r') ? '\r' : '';
  const pad = ' '.repeat(step.indent);
  const key = new RegExp(`^( {${step.indent}}| {${Math.max(step.indent - 2, 0)}}- )env:(.*?)\\r?$`);
  const index = lines.findIndex((line, at) => at >= step.start && at <= step.end && key.test(line));
  if (index !== -1) {
    if (!/^[ \t]*(#.*)?$/.test(key.exec(lines[index] ?? '')?.[2] ?? ''))
      return 'belongs into an `env` that is not written as a block';
    const inner = /^ */.exec(lines[index + 1] ?? '')?.[0] ?? '';
    const deeper = inner.length > step.indent ? inner : `${pad}  `;
    const added = lines.toSpliced(index + 1, 0, `${deeper}${entry}${end}`);
    return { lines: added, index: index + 1, count: 1 };
  }
  const run = lines[step.run] ?? '';
  const lead = run.slice(0, run.indexOf('run:'));
  const rest = `${pad}${run.slice(lead.length)}`;
  const added = lines.toSpliced(step.run, 1, `${lead}env:${end}`, `${pad}  ${entry}${end}`, rest);
  return { lines: added, index: step.run, count: 2 };
}

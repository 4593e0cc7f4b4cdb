/** Writes `persist-credentials: false` at checkouts that keep the token without need. Touches nothing else. */
import type { Value } from '@macadam/core/facts/observation';
import type { Fix } from '@macadam/core/verdicts/fix';

type Element = { readonly [field: string]: Value | undefined };

export const fix: Fix = ({ asset, read }) => {
  const path = asset.location?.path;
  const text = path === undefined ? undefined : read(path);
  if (path === undefined || text === undefined) return { files: {}, notes: [] };
  const lines = text.split('\n');
  const notes: string[] = [];
  for (const { line, rule } of elements(asset.attributes.weaknesses)) {
    if (typeof line !== 'number') continue;
    if (rule === 'credentials-uploaded')
      notes.push(`line ${line}: upload the folder that is wanted, not the whole working copy`);
  }
  // From the end, so that a line that is put in moves no other place.
  for (const line of kept(asset.attributes.weaknesses)) {
    const done = withRefusal(lines, line - 1);
    if (done !== null)
      notes.push(`line ${line}: ${done}; write \`persist-credentials: false\` there by hand`);
  }
  const changed = lines.join('\n');
  return { files: changed === text ? {} : { [path]: changed }, notes };
};

function elements(list: Value | undefined): readonly Element[] {
  return Array.isArray(list) ? (list as readonly Element[]) : [];
}

/** Lines of the checkouts that fail, the last first. */
function kept(weaknesses: Value | undefined): readonly number[] {
  return elements(weaknesses)
    .filter(
      ({ rule, stated, needed_by: by }) =>
        rule === 'persisted-credentials' && stated === false && by === undefined,
    )
    .flatMap(({ line }) => (typeof line === 'number' ? [line] : []))
    .toSorted((a, b) => b - a);
}

/** Changes the step that begins in a line; says why it cannot. */
function withRefusal(lines: string[], start: number): string | null {
  const first = /^(\s*)-(\s+)\S/.exec(lines[start] ?? '');
  if (first === null) return 'the step is not written as a block';
  const [, outer = '', gap = ''] = first;
  const indent = outer.length + 1 + gap.length;
  let end = start + 1;
  while (
    end < lines.length &&
    /^\s*(#.*)?$|^\s/.test(lines[end] ?? '') &&
    !isOutside(lines[end] ?? '', indent)
  )
    end++;
  const eol = (lines[start] ?? '').endsWith('\r') ? '\r' : '';
  const own = Array.from({ length: end - start }, (_, at) => start + at);
  const keyAt = (key: string): number | undefined =>
    own.find((at) => {
      const line = lines[at] ?? '';
      const inside =
        at === start
          ? line.slice(indent)
          : line.length - line.trimStart().length === indent
            ? line.trimStart()
            : '';
      return new RegExp(`^["']?${key}["']?[ \\t]*:`).test(inside);
    });
  const inputs = keyAt('with');
  const pad = ' '.repeat(indent);
  if (inputs === undefined) {
    const uses = keyAt('uses');
    if (uses === undefined) return 'the step is not written plainly';
    lines.splice(uses + 1, 0, `${pad}with:${eol}`, `${pad}  persist-credentials: false${eol}`);
    return null;
  }
  const written = lines[inputs] ?? '';
  if (/:[ \t]*(#.*)?\r?$/.test(written)) {
    const next = lines[inputs + 1] ?? '';
    const inner = next.trim() === '' ? `${pad}  ` : next.slice(0, next.length - next.trimStart().length);
    lines.splice(inputs + 1, 0, `${inner}persist-credentials: false${eol}`);
    return null;
  }
  const flow = /^(.*?:[ \t]*\{)([ \t]*)(.*)$/.exec(written);
  if (flow === null) return 'its inputs are not written plainly';
  const [, opening = '', blank = '', rest = ''] = flow;
  lines[inputs] = `${opening}${blank}persist-credentials: false${rest.startsWith('}') ? '' : ', '}${rest}`;
  return null;
}

/** A line that no longer belongs to the step. */
function isOutside(line: string, indent: number): boolean {
  const text = line.trim();
  return text !== '' && !text.startsWith('#') && line.length - line.trimStart().length < indent;
}

/** How a place in a Bash script is quoted, as far as a simple reading can tell. */

export type Quoting = 'none' | 'single' | 'double';

/**
 * Reads from `offset` to `at`. Undefined inside a comment, a backtick or a nested `$(…)` in quotes, and where a
 * quote is never closed: there a replacement could change what the script means.
 */
export function placeAt(script: string, at: number, offset: number): Quoting | undefined {
  const open: ('single' | 'double' | 'command')[] = [];
  let position = offset;
  while (position < at) {
    const inside = open.at(-1);
    const character = script[position];
    if (script.startsWith('${{', position)) {
      const end = script.indexOf('}}', position);
      if (end === -1) return undefined;
      position = end + 2;
      continue;
    }
    if (inside === 'single') {
      if (character === "'") open.pop();
    } else if (character === '\\') position++;
    else if (character === '`') return undefined;
    else if (character === '"') {
      if (inside === 'double') open.pop();
      else open.push('double');
    } else if (character === '$' && script[position + 1] === '(') {
      open.push('command');
      position++;
    } else if (inside === 'command' && character === ')') open.pop();
    else if (character === "'" && inside !== 'double') open.push('single');
    else if (character === '#' && inside !== 'double' && /(^|\s)$/.test(script.slice(0, position))) {
      const end = script.indexOf('\n', position);
      if (end === -1 || end >= at) return undefined;
      position = end;
    }
    position++;
  }
  const inside = open.at(-1);
  return inside === undefined || inside === 'command' ? 'none' : inside;
}

/**
 * Path patterns of workspaces and update tools: `*` and `?` within a folder's name, `**` over folders. Matching is
 * by parts, without regular expressions, in at most |pattern| × |path| steps.
 */
export function globMatches(pattern: string, path: string): boolean {
  return parts(trim(pattern), trim(path));
}

const trim = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

function parts(pattern: readonly string[], path: readonly string[]): boolean {
  let reachable = new Set([0]);
  for (const part of pattern) {
    const next = new Set<number>();
    for (const at of reachable) {
      if (part === '**') for (let to = at; to <= path.length; to += 1) next.add(to);
      else if (at < path.length && nameMatches(part, path[at] ?? '')) next.add(at + 1);
    }
    reachable = next;
  }
  return reachable.has(path.length);
}

/** Greedy matching with one point to come back to: linear in practice, quadratic at worst. */
function nameMatches(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let mark = 0;
  let index = 0;
  while (index < name.length) {
    const char = pattern.charAt(at);
    if (at < pattern.length && char !== '*' && (char === '?' || char === name.charAt(index))) {
      at += 1;
      index += 1;
    } else if (char === '*') {
      star = at;
      mark = index;
      at += 1;
    } else if (star >= 0) {
      at = star + 1;
      mark += 1;
      index = mark;
    } else return false;
  }
  while (pattern.charAt(at) === '*') at += 1;
  return at === pattern.length;
}

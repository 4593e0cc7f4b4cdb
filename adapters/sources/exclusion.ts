/** Patterns with `*` (within a name) and `**` (across folders); one that names a folder covers what is in it. */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  const sources = patterns.map((pattern) =>
    pattern
      .replaceAll(/^\.?\/+|\/+$/g, '')
      .replaceAll(/[.+^${}()|[\]\\?]/g, '\\$&')
      .replaceAll(/(?:\*\*\/)+|\*\*+|\*/g, (stars) =>
        stars.endsWith('/') ? '(?:.*/)?' : stars.length > 1 ? '.*' : '[^/]*',
      ),
  );
  if (sources.length === 0) return () => false;
  const expression = new RegExp(`^(?:${sources.join('|')})(?:/|$)`);
  return (path) => expression.test(path);
}

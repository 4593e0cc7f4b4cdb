/** What can be reached from the starts, themselves included. Iterative: lockfiles hold long chains and cycles. */
export function reachable(starts: Iterable<string>, needs: (name: string) => readonly string[]): Set<string> {
  const found = new Set(starts);
  const open = [...found];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const other of needs(name)) {
      if (!found.has(other)) {
        found.add(other);
        open.push(other);
      }
    }
  }
  return found;
}

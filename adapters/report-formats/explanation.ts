/** An explanation as lines of text: each part under the one that it decided, with the observation that it came from. */
import type { Explained, Explanation } from '@macadam/core/verdicts/explain';

export function explanationText(all: readonly Explained[]): string {
  return all.flatMap(({ of, explanation }) => [`  ${of}`, ...partLines(explanation, '    ')]).join('\n');
}

function partLines({ text, value, seen, parts }: Explanation, indent: string): string[] {
  const received = seen && seen.receivedAt !== seen.observedAt ? `, received ${seen.receivedAt}` : '';
  const from = seen
    ? `  (${seen.source}, ${seen.assurance ?? 'no assurance'}, observed ${seen.observedAt}${received})`
    : '';
  return [`${indent}${text} is ${value}${from}`, ...parts.flatMap((part) => partLines(part, `${indent}  `))];
}

/** Which attributes no standard of a run asks about, so that a source need not read for minutes what nobody will be told. */
import type { Standard } from './standard.ts';

export type AskingDefinition = Pick<Standard, 'scope' | 'check' | 'reasons' | 'measure' | 'params'>;

/** Those of the attributes that none of the standards names, in their order. A name in a text of another sense counts as asked. */
export function unaskedAttributes(
  standards: Iterable<AskingDefinition>,
  attributes: readonly string[],
): readonly string[] {
  const words = new Set<string>();
  for (const { scope, check, reasons, measure, params } of standards)
    for (const word of JSON.stringify([scope, check, reasons, measure, params]).match(/\w+/g) ?? [])
      words.add(word);
  return attributes.filter((name) => !words.has(name));
}

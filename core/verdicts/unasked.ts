/** Which attributes no standard of a run asks about, so that a source need not read for minutes what nobody will be told. */
import type { Standard } from './standard.ts';

export type AskingStandard = Pick<Standard, 'scope' | 'check' | 'reasons' | 'measure' | 'params'>;

/** Those of the attributes that none of the standards names, in their order. A name in a text of another sense counts as asked. */
export function unaskedAttributes(
  standards: Iterable<AskingStandard>,
  attributes: readonly string[],
): readonly string[] {
  const texts = [...standards].map(({ scope, check, reasons, measure, params }) =>
    JSON.stringify([scope, check, reasons, measure, params]),
  );
  return attributes.filter((name) => {
    const named = new RegExp(`\\b${name}\\b`);
    return !texts.some((text) => named.test(text));
  });
}

/** Parameters as they are typed, `[standard.]name=value`, laid over what an estate sets. */

import type { Value } from '@macadam/core/facts/observation';
import { didYouMean } from '@macadam/core/text/suggestion';
import { overrideMistake } from '@macadam/core/verdicts/compiled-standard';
import { parse } from 'yaml';
import type { CatalogueStandard, Overrides } from './load.ts';

/** The estate's values with the typed ones over them, or what is wrong with the first that cannot be used. */
export function overridden(
  estate: Overrides,
  typed: readonly string[],
  standards: readonly CatalogueStandard[],
): { readonly overrides: Overrides } | { readonly mistake: string } {
  const overrides: Record<string, Record<string, Value>> = Object.fromEntries(
    Object.entries(estate).map(([id, values]) => [id, { ...values }]),
  );
  for (const one of typed) {
    const [, id, name = '', text = ''] = /^(?:([a-z0-9-]+)\.)?([a-z][a-z0-9_]*)=(.*)$/s.exec(one) ?? [];
    if (name === '') return { mistake: `\`${one}\` is not \`name=value\`, or \`standard.name=value\`` };
    const having = standards.filter(
      ({ id: own, definition }) => (id ?? own) === own && Object.hasOwn(definition.params, name),
    );
    if (having.length === 0) return { mistake: unknownParameter(id, name, standards) };
    for (const { id: own, definition } of having) {
      const value = typeof definition.params[name] === 'string' ? text : plain(text);
      const reason = overrideMistake(definition, name, value);
      if (reason) return { mistake: `\`${one}\`: ${reason}` };
      overrides[own] = { ...overrides[own], [name]: value };
    }
  }
  return { overrides };
}

function unknownParameter(
  id: string | undefined,
  name: string,
  standards: readonly CatalogueStandard[],
): string {
  const known = standards.flatMap(({ id: own, definition }) =>
    Object.keys(definition.params).map((key) => `${own}.${key}`),
  );
  const asked = id === undefined ? name : `${id}.${name}`;
  const names = id === undefined ? known.map((key) => key.slice(key.indexOf('.') + 1)) : known;
  const hint = didYouMean(asked, names) || `; there are ${known.join(', ') || 'none'}`;
  return `no standard that is asked has a parameter \`${asked}\`${hint}`;
}

/** A number, a boolean or a list as YAML writes it; what cannot be read stays the text that it is. */
function plain(text: string): Value {
  try {
    return parse(text) as Value;
  } catch {
    return text;
  }
}

/** What a cell of a table means, by the mapping: the words of the company for values of ours. */
import type { Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { MAPPING } from '../mapping.ts';
import { type Item, unobserved } from '../statement.ts';

export const column: z.ZodString = z.string().min(1);
export const values = z.array(z.string()).readonly().optional();
export const several = z.strictObject({ column, separator: z.string().min(1) });
export const environment = z.strictObject({
  column,
  production: values,
  government: values,
  productivity: values,
  development: values,
  test: values,
});

export const noColumn = (attribute: string): Statement =>
  unobserved(`${MAPPING} does not say which column tells \`${attribute}\`; add it`);

export function partsOf(
  item: Item,
  given: z.infer<typeof several> | undefined,
  attribute: string,
): Statement {
  if (given === undefined) return noColumn(attribute);
  const cell = item.record[given.column];
  const parts = typeof cell === 'string' ? cell.split(given.separator).map((part) => part.trim()) : [];
  return { value: [...new Set(parts.filter((part) => part !== ''))], complete: true };
}

export interface Meaning {
  readonly value: string | boolean;
  readonly names: readonly string[];
}

const ENVIRONMENTS = ['production', 'government', 'productivity', 'development', 'test'] as const;

export const environmentOf = (item: Item, given: z.infer<typeof environment> | undefined): Statement =>
  meantBy(
    item,
    given?.column,
    ENVIRONMENTS.map((value) => ({ value, names: given?.[value] ?? [] })),
    'environment',
  );

export function meantBy(
  item: Item,
  name: string | undefined,
  meanings: readonly Meaning[],
  attribute: string,
): Statement {
  if (name === undefined) return noColumn(attribute);
  const cell = item.record[name];
  if (typeof cell !== 'string')
    return unobserved(`the row in ${item.file} has nothing under \`${name}\`; fill it in`);
  const found = meanings.filter(({ names }) => names.includes(cell));
  const [meaning] = found;
  if (meaning !== undefined && found.length === 1) return { value: meaning.value };
  return unobserved(
    `${MAPPING} does not say plainly what \`${cell.slice(0, 40)}\` under \`${name}\` means; name it once under \`${attribute}\``,
  );
}

/** What a cell of a table means, by the mapping: the words of the company for values of ours. */
import type { Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { MAPPING, type Meaning, meantBy, oneOf } from '../mapping.ts';
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

export const environmentOf = (item: Item, given: z.infer<typeof environment> | undefined): Statement =>
  meantOr(
    item,
    given?.column,
    oneOf(given ?? {}, ['production', 'government', 'productivity', 'development', 'test']),
    'environment',
  );

/** What a cell means, where the mapping says which column tells it. */
export const meantOr = (
  item: Item,
  name: string | undefined,
  meanings: readonly Meaning[],
  attribute: string,
): Statement => (name === undefined ? noColumn(attribute) : meantBy(item, name, meanings, attribute));

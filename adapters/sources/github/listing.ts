/** Lists of the host, page by page, with what is missing from them; and the partition that each of them is. */
import type { Observation, Partition, Unobserved } from '@macadam/core/facts/observation';
import type { z } from 'zod';
import type { Connector } from '../../connector/connector.ts';
import { type NoAnswer, unobservedBy } from '../../connector/outcome.ts';
import { pagesOf } from '../../connector/pages.ts';

interface ListingInput<Schema extends z.ZodType> {
  readonly connector: Connector;
  /** Without the size of a page. */
  readonly path: string;
  /** Where the list stands in the answer; left out where the answer is the list. */
  readonly field?: string;
  readonly schema: Schema;
  readonly what: string;
  readonly permission: string;
  /** Whether enough was seen; then the rest is not asked for. */
  readonly enough?: (items: readonly z.infer<Schema>[]) => boolean;
}

export interface Listing<Item> {
  readonly items: readonly Item[];
  /** Why there may be more. */
  readonly gap?: Unobserved;
  readonly refusal?: NoAnswer;
}

export async function listingOf<Schema extends z.ZodType>({
  connector,
  path,
  field,
  schema,
  what,
  permission,
  enough = () => false,
}: ListingInput<Schema>): Promise<Listing<z.infer<Schema>>> {
  const items: z.infer<Schema>[] = [];
  let lost = 0;
  const first = `${path}${path.includes('?') ? '&' : '?'}per_page=100`;
  for await (const page of pagesOf({ connector, first, size: 100, ...(field && { field }) })) {
    if ('stopped' in page)
      return { items, gap: unobservedBy(page.stopped, what, permission), refusal: page.stopped };
    for (const item of page.items) {
      const parsed = schema.safeParse(item);
      if (parsed.success) items.push(parsed.data);
      else lost += 1;
    }
    if (enough(items)) {
      return {
        items,
        gap: { unobserved: 'incomplete', why: `only the first ${items.length} of ${what} were asked for` },
      };
    }
  }
  if (lost === 0) return { items };
  const why = `${lost} of ${what} have a shape that is not documented; report it`;
  return { items, gap: { unobserved: 'incomplete', why } };
}

/** Observations of one kind, and whether they are all that there are. */
export interface Listed {
  readonly observations: readonly Observation[];
  readonly partition: Partition;
}

interface Place {
  readonly kind: string;
  readonly container: string;
  readonly containerName: string;
  readonly format?: string;
}

export function listedIn(
  place: Place,
  observations: readonly Observation[],
  gap: Unobserved | undefined,
): Listed {
  const partition = { ...place, seen: observations.length };
  return {
    observations,
    partition:
      gap === undefined
        ? { ...partition, complete: true }
        : { ...partition, complete: false, cause: gap.unobserved, why: gap.why },
  };
}

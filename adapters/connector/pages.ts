/** Lists that come in pages, by `Link` headers (RFC 8288). */
import type { Connector } from './connector.ts';
import type { GraphqlError } from './graphql.ts';
import { isAnswer, type NoAnswer, PAGING_LOOP } from './outcome.ts';

export type ListPage =
  | { readonly items: readonly unknown[]; readonly next?: string; readonly errors?: readonly GraphqlError[] }
  /** The list ends here although it goes on. Always the last. */
  | { readonly stopped: NoAnswer };

const MOST_PAGES = 10_000;

/** The address of relation `next` in a Link header. */
export function nextOf(link: string | null): string | undefined {
  for (const [, url, parameters] of (link ?? '').matchAll(
    /<([^>]*)>((?:\s*;\s*[^\s,;="]+(?:=(?:"[^"]*"|[^\s,;"]*))?)*)/g,
  )) {
    if (/;\s*rel\s*=\s*"?(?:[^"]*\s)?next(?:\s[^"]*)?"?\s*(?:;|$)/i.test(parameters ?? '')) return url;
  }
  return undefined;
}

interface PagesOfInput {
  readonly connector: Connector;
  readonly first: string;
  readonly size: number;
  /** Where the list stands in each answer; left out where the answer is the list. */
  readonly field?: string;
  readonly recall?: (address: string) => ListPage | undefined;
  readonly keep?: (address: string, page: ListPage) => Promise<void>;
}

/**
 * The pages of a list, each an array of up to `size` items. `recall` gives pages that an earlier, interrupted run has
 * read (by address), `keep` takes those that this one reads.
 */
export async function* pagesOf({
  connector,
  first,
  size,
  field,
  recall = () => undefined,
  keep = async () => {},
}: PagesOfInput): AsyncGenerator<ListPage> {
  const seen = new Set<string>();
  let address: string | undefined = first;
  while (address !== undefined) {
    if (seen.has(address) || seen.size >= MOST_PAGES) {
      yield { stopped: PAGING_LOOP };
      return;
    }
    seen.add(address);
    const recalled = recall(address);
    const page: ListPage = recalled ?? (await read({ connector, path: address, size, field }));
    if (recalled === undefined && 'items' in page) await keep(address, page);
    yield page;
    address = 'items' in page ? page.next : undefined;
  }
}

interface PageInput {
  readonly connector: Connector;
  readonly path: string;
  readonly size: number;
  readonly field: string | undefined;
}

async function read({ connector, path, size, field }: PageInput): Promise<ListPage> {
  let outcome = await connector.request({ path });
  // The tag of a full last page covers its items, not that another page has begun since.
  if (
    outcome.outcome === 'not-modified' &&
    itemsOf(outcome.body, field)?.length === size &&
    nextOf(outcome.headers.get('link')) === undefined
  ) {
    outcome = await connector.request({ path, conditional: false });
  }
  if (!isAnswer(outcome)) return { stopped: outcome };
  const items = itemsOf(outcome.body, field);
  if (items === undefined)
    return { stopped: { outcome: 'failed', code: 'unexpected-shape', message: 'its answer is not a list' } };
  const next = nextOf(outcome.headers.get('link'));
  return next === undefined ? { items } : { items, next };
}

function itemsOf(body: unknown, field: string | undefined): readonly unknown[] | undefined {
  const list: unknown =
    field !== undefined && typeof body === 'object' && body !== null ? Reflect.get(body, field) : body;
  return Array.isArray(list) ? list : undefined;
}

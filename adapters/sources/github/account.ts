/** Who is asked about (an organisation or a user), which repositories they say they have, and how many. */

import { inspect } from 'node:util';
import { z } from 'zod';
import { compact } from '../../compact.ts';
import type { Connector } from '../../connector/connector.ts';
import type { Journal } from '../../connector/journal.ts';
import { isAnswer, type NoAnswer } from '../../connector/outcome.ts';
import { type ListPage, pagesOf } from '../../connector/pages.ts';

const status = z.object({ status: z.string().optional() }).nullish();

/** An item of a list of repositories, and `GET /repos/{owner}/{repo}`. */
export const repositorySchema = z.object({
  id: z.int().positive(),
  node_id: z.string(),
  // Becomes part of addresses: no dots alone, nothing that needs escaping.
  full_name: z.string().regex(/^[\w-]+\/(?!\.{1,2}$)[\w.-]+$/),
  archived: z.boolean().optional(),
  private: z.boolean().optional(),
  visibility: z.enum(['public', 'private', 'internal']).optional(),
  default_branch: z.string().optional(),
  /** The host's own times: of its settings, and of the last push to any branch. */
  updated_at: z.string().nullish(),
  pushed_at: z.string().nullish(),
  permissions: z.object({ admin: z.boolean().optional() }).optional(),
  security_and_analysis: z
    .object({ secret_scanning: status, secret_scanning_push_protection: status })
    .nullish(),
});
export type ListedRepository = z.infer<typeof repositorySchema>;

const accountSchema = z.object({
  login: z.string(),
  public_repos: z.int(),
  total_private_repos: z.int().optional(),
});

export interface Account {
  readonly login: string;
  readonly type: 'organisation' | 'user';
  /** Repositories that the host counts; the private part is undefined when the token may not know it. */
  readonly publicCount: number;
  readonly privateCount: number | undefined;
}

/** `self` is the login of whoever the token belongs to. */
export async function readAccount(
  connector: Connector,
  name: string,
  self?: string,
): Promise<Account | NoAnswer> {
  const own = name.toLowerCase() === self?.toLowerCase();
  let type: Account['type'] = 'organisation';
  // The count must be of now: asked for whole.
  let outcome = await connector.request({ path: own ? '/user' : `/orgs/${name}`, conditional: false });
  if (own) type = 'user';
  else if (outcome.outcome === 'not-found') {
    type = 'user';
    outcome = await connector.request({ path: `/users/${name}`, conditional: false });
  }
  if (!isAnswer(outcome)) return outcome;
  const parsed = accountSchema.safeParse(outcome.body);
  if (!parsed.success)
    return { outcome: 'failed', code: 'unexpected-shape', message: 'its answer is not an account' };
  const { login, public_repos, total_private_repos } = parsed.data;
  return { login, type, publicCount: public_repos, privateCount: total_private_repos };
}

export interface AccountListing {
  readonly repositories: ReadonlyMap<number, ListedRepository>;
  /** When each page was read, oldest first: RFC 3339. */
  readonly at: string;
  /** Items that could not be understood, in a few words each. */
  readonly odd: readonly string[];
  readonly stopped?: NoAnswer;
}

interface ListRepositoriesInput {
  readonly connector: Connector;
  readonly account: Account;
  readonly own: boolean;
  readonly now: () => Date;
  readonly journal?: Journal;
}

/** With a journal, pages that an interrupted run has read are taken from it. */
export async function listRepositories({
  now,
  journal,
  ...asked
}: ListRepositoriesInput): Promise<AccountListing> {
  const repositories = new Map<number, ListedRepository>();
  const odd: string[] = [];
  let at = now().toISOString();
  const recall = (address: string): ListPage | undefined => {
    const entry = journal?.get(`page:${address}`);
    if (entry !== undefined && entry.at < at) at = entry.at;
    return entry?.value as ListPage | undefined;
  };
  const keep = async (address: string, page: ListPage): Promise<void> =>
    journal?.put(`page:${address}`, page, now().toISOString());
  let stopped: NoAnswer | undefined;
  for await (const page of repositoryPages({ ...asked, recall, keep })) {
    for (const repository of page.repositories) repositories.set(repository.id, repository);
    odd.push(...page.odd);
    stopped = page.stopped;
  }
  return compact({ repositories, at, odd, stopped });
}

export interface RepositoryPage {
  /** Pages overlap when a repository is created meanwhile: the id tells. */
  readonly repositories: readonly ListedRepository[];
  readonly odd: readonly string[];
  /** Why the list ends here although it goes on. Of the last page alone. */
  readonly stopped?: NoAnswer;
}

interface RepositoryPagesInput extends Pick<ListRepositoriesInput, 'connector' | 'account' | 'own'> {
  readonly recall?: (address: string) => ListPage | undefined;
  readonly keep?: (address: string, page: ListPage) => Promise<void>;
}

/** The repositories of an account, a page at a time. */
export async function* repositoryPages({
  account,
  own,
  ...asked
}: RepositoryPagesInput): AsyncGenerator<RepositoryPage> {
  for await (const page of pagesOf({ first: listAddress(account, own), size: 100, ...asked })) {
    if ('stopped' in page) {
      yield { repositories: [], odd: [], stopped: page.stopped };
      continue;
    }
    const repositories: ListedRepository[] = [];
    const odd: string[] = [];
    for (const item of page.items) {
      const parsed = repositorySchema.safeParse(item);
      if (parsed.success) repositories.push(parsed.data);
      else odd.push(inspect(nameOf(item)).slice(0, 80));
    }
    yield { repositories, odd };
  }
}

/** Oldest first, so that what is created meanwhile comes last and shifts nothing. */
function listAddress(account: Account, own: boolean): string {
  const order = 'sort=created&direction=asc&per_page=100';
  if (own) return `/user/repos?affiliation=owner&${order}`;
  return account.type === 'organisation'
    ? `/orgs/${account.login}/repos?type=all&${order}`
    : `/users/${account.login}/repos?type=owner&${order}`;
}

function nameOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'full_name' in item ? item.full_name : typeof item;
}

/** Asks one key vault of Azure for its keys and certificates, every version of each: public parts and dates, never a private part or a secret. */
import { isRecord } from '../../imports/directories/answer.ts';
import {
  answerOf,
  partOf,
  VAULT_PERMISSION,
  type VaultAnswer,
} from '../../imports/directories/azure/vault-answers.ts';
import type { Connector } from '../connector.ts';
import { isAnswer, type NoAnswer } from '../outcome.ts';
import { inParallel } from '../pool.ts';

const VERSION = 'api-version=7.4';
const AT_ONCE = 4;
const MOST_PAGES = 2_000;

/** Where vaults answer, in each cloud of Azure: a token goes nowhere else. */
const HOSTS =
  /^[a-z0-9-]{3,24}\.(?:vault|managedhsm)\.(?:azure\.net|azure\.cn|usgovcloudapi\.net|microsoftazure\.de)$/i;

/** The host of a vault by the address that Azure gives of it; null for what is no vault of Azure. */
export function vaultHost(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { protocol, host, pathname } = new URL(address);
  return protocol === 'https:' && HOSTS.test(host) && pathname === '/' ? host.toLowerCase() : null;
}

export async function askVault(
  connector: Connector,
  vault: string,
  {
    collections,
    isRotationAsked,
  }: {
    readonly collections: readonly ('keys' | 'certificates')[];
    readonly isRotationAsked: boolean;
  },
): Promise<readonly VaultAnswer[]> {
  const answers: VaultAnswer[] = [];
  const list = async (address: string): Promise<readonly VaultAnswer[]> => {
    const pages = await pagesOf(connector, vault, address);
    answers.push(...pages);
    return pages;
  };
  for (const collection of collections) {
    const id = collection === 'keys' ? 'kid' : 'id';
    const names = partsIn(await list(`/${collection}`), { id, collection, nth: 1 });
    await inParallel(names, AT_ONCE, async (name) => {
      const pages = await list(`/${collection}/${name}/versions`);
      for (const version of partsIn(pages, { id, collection, nth: 2 }))
        answers.push(await one(connector, vault, `/${collection}/${name}/${version}`));
      if (collection === 'keys' && isRotationAsked)
        answers.push(await one(connector, vault, `/${collection}/${name}/rotationpolicy`));
    });
  }
  return answers;
}

function partsIn(
  pages: readonly VaultAnswer[],
  { id, collection, nth }: { readonly id: string; readonly collection: string; readonly nth: 1 | 2 },
): readonly string[] {
  const records = pages.flatMap(({ body }) =>
    Array.isArray(body?.value) ? body.value.filter(isRecord) : [],
  );
  return [...new Set(records.flatMap((record) => partOf(record[id], collection, nth) ?? []))];
}

async function one(connector: Connector, vault: string, address: string): Promise<VaultAnswer> {
  const outcome = await connector.request({ path: `${address}?${VERSION}` });
  const file = `the answer of GET https://${vault}${address}`;
  if (!isAnswer(outcome)) return { vault, address, file, body: null, gap: gapBy(outcome, vault, address) };
  if (isRecord(outcome.body)) return answerOf({ vault, address, file, body: outcome.body });
  const why = `${file} is no record; ask it again`;
  return { vault, address, file, body: null, gap: { code: 'answer-misshapen', cause: 'failed', why } };
}

async function pagesOf(
  connector: Connector,
  vault: string,
  address: string,
): Promise<readonly VaultAnswer[]> {
  const pages: VaultAnswer[] = [];
  const seen = new Set<string>();
  let path = `${address}?${VERSION}`;
  while (pages.length < MOST_PAGES) {
    const file = `the answer of GET https://${vault}${address}`;
    const outcome = await connector.request({ path });
    if (!isAnswer(outcome))
      return [...pages, { vault, address, file, body: null, gap: gapBy(outcome, vault, address) }];
    const body = isRecord(outcome.body) ? outcome.body : {};
    pages.push(answerOf({ vault, address, file, body }));
    const { nextLink: next } = body;
    if (typeof next !== 'string' || next === '' || seen.has(next) || !URL.canParse(next)) return pages;
    seen.add(next);
    // By its path alone: a token goes to the host that was asked, and to no other that an answer names.
    const { pathname, search } = new URL(next);
    path = `${pathname}${search}`;
  }
  return pages;
}

function gapBy(refusal: NoAnswer, vault: string, address: string): NonNullable<VaultAnswer['gap']> {
  const isRefused = refusal.outcome === 'forbidden';
  return {
    code: isRefused ? 'permission-missing' : 'list-incomplete',
    cause: isRefused ? 'forbidden' : 'failed',
    why: `${vault}${address} could not be read: ${refusal.message}; ${isRefused ? `grant ${VAULT_PERMISSION}` : 'scan again'}`,
  };
}

/**
 * Tenants of Azure by its Resource Graph, read only: two tables, page by page. What they hold is turned into observations by the reader of
 * saved answers: the network adds pages, waiting and refusals, and nothing of its own to what they mean.
 */
import type { Collection, Observation, Problem } from '@macadam/core/facts/observation';
import { askVault, vaultHost } from '../../connector/azure/vault.ts';
import type { Connector } from '../../connector/connector.ts';
import { isAnswer, type NoAnswer, PAGING_LOOP } from '../../connector/outcome.ts';
import { type ExportFile, isRecord } from '../../imports/directories/answer.ts';
import { readAzure, vaultHostsIn } from '../../imports/directories/azure/read.ts';
import type { VaultAnswer } from '../../imports/directories/azure/vault-answers.ts';
import { collectEach, connectTo, requestBudget } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { tenantsOf } from '../tenants.ts';
import { credentialMissing, tokenOf, variableOf } from '../token.ts';

const TOKEN = 'AZURE_TOKEN';
const PAGE = 500;
const MOST_PAGES = 20_000;

/** Name of its files → what is asked for it. By id, so that pages do not overlap. */
const TABLES: readonly { readonly file: string; readonly query: string }[] = [
  { file: 'resources', query: 'resources | order by id asc' },
  {
    file: 'authorizationresources',
    query:
      "authorizationresources | where type in~ ('microsoft.authorization/roleassignments', 'microsoft.authorization/roledefinitions') | order by id asc",
  },
];

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  return collectWith((host) => `https://${host}`, request, { emit, report });
}

/** `vaultAt`: where the vault of a host answers. */
export async function collectWith(
  vaultAt: (host: string) => string,
  request: CollectRequest,
  {
    emit,
    report,
  }: {
    readonly emit: (observation: Observation) => void;
    readonly report: (progress: Progress) => void;
  },
): Promise<Collection> {
  const { options, environment } = request;
  const tenants = tenantsOf('azure', request.targets);
  const budget = requestBudget(options.budget);
  const nameOf = (tenant: string) => tenant;
  return collectEach(
    { source: 'azure', request, targets: tenants, nameOf, emit, report },
    async (tenant, collected) => {
      const variable = variableOf(TOKEN, tenant);
      const token = tokenOf(TOKEN, tenant, tenants.length, environment);
      if (token === undefined)
        return collected.unread(
          credentialMissing(
            `token for the tenant ${tenant}`,
            `set ${variable} to an access token for Azure Resource Manager`,
          ),
        );
      const baseUrl = options.url ?? 'https://management.azure.com';
      const connector = connectTo(baseUrl, `Bearer ${token}`, request, budget);
      const files: ExportFile[] = [];
      for (const { file, query } of TABLES) {
        const table = await pagesOf(connector, query);
        files.push(...table.pages.map((body, page) => fileOf(`${file}-${page + 1}.json`, body)));
        if (table.stopped !== null) collected.unread(stoppedAt(file, tenant, table.stopped));
      }
      // Theirs is another audience; without a token for it no vault is asked.
      const vaultToken = tokenOf('AZURE_VAULT_TOKEN', tenant, tenants.length, environment);
      const asked =
        vaultToken === undefined
          ? null
          : await vaultAnswers(files, (host) =>
              connectTo(vaultAt(host), `Bearer ${vaultToken}`, request, budget),
            );
      const read = readAzure(collected.asked(`the tenant ${tenant}`, `azure/${tenant}`, files), asked);
      if ('batch' in read) return collected.read(read.batch);
      for (const { file, reason } of read.mistakes)
        collected.unread({
          code: 'other-tenant',
          cause: 'failed',
          message: `${file} ${reason}`,
          remedy: `check whether ${variable} is of this tenant`,
        });
    },
  );
}

/** Each vault that the tenant has, where it is one of Azure's hosts. */
async function vaultAnswers(
  files: readonly ExportFile[],
  vaultAt: (host: string) => Connector,
): Promise<readonly VaultAnswer[]> {
  const answers: VaultAnswer[] = [];
  for (const named of vaultHostsIn(files)) {
    // A token goes to vaults of Azure, whatever a resource names.
    const host = vaultHost(`https://${named}/`);
    if (host === null) continue;
    answers.push(...(await askVault(vaultAt(host), host, { collections: ['keys'], isRotationAsked: true })));
  }
  return answers;
}

const fileOf = (path: string, body: unknown): ExportFile => ({
  path,
  bytes: Buffer.from(JSON.stringify(body)),
});

interface Table {
  readonly pages: readonly unknown[];
  /** Why there are no more; null where that was the last. */
  readonly stopped: NoAnswer | null;
}

async function pagesOf(connector: Connector, query: string): Promise<Table> {
  const pages: unknown[] = [];
  let token: string | null = null;
  while (pages.length < MOST_PAGES) {
    const outcome = await connector.request({
      method: 'POST',
      path: '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01',
      json: {
        query,
        options: {
          resultFormat: 'objectArray',
          $top: PAGE,
          ...(token === null ? {} : { $skipToken: token }),
        },
      },
      // It asks, and changes nothing.
      repeatable: true,
    });
    if (!isAnswer(outcome)) return { pages, stopped: outcome };
    pages.push(outcome.body);
    const next = isRecord(outcome.body) ? outcome.body.$skipToken : undefined;
    if (typeof next !== 'string' || next === '') return { pages, stopped: null };
    if (next === token) break;
    token = next;
  }
  return { pages, stopped: PAGING_LOOP };
}

function stoppedAt(table: string, tenant: string, refusal: NoAnswer): Problem {
  const isRefused = refusal.outcome === 'forbidden';
  return {
    code: isRefused ? 'permission-missing' : 'list-incomplete',
    cause: isRefused ? 'forbidden' : 'failed',
    message: `the table ${table} of the tenant ${tenant} was not read to its end: ${refusal.message}`,
    remedy: isRefused
      ? `give the identity Reader on every subscription, and check whether ${variableOf(TOKEN, tenant)} is of this tenant`
      : 'scan again',
  };
}

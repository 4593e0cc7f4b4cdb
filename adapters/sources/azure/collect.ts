/**
 * Tenants of Azure by its Resource Graph, read only: two tables, page by page. What they hold is turned into observations by the reader of
 * saved answers: the network adds pages, waiting and refusals, and nothing of its own to what they mean.
 */
import type { Collection, Observation, Problem } from '@macadam/core/facts/observation';
import { askVault, vaultHost } from '../../connector/azure/vault.ts';
import { type Connector, connect } from '../../connector/connector.ts';
import { isAnswer, type NoAnswer } from '../../connector/outcome.ts';
import { type ExportFile, isRecord } from '../../imports/directories/answer.ts';
import { readAzure, vaultHostsIn } from '../../imports/directories/azure/read.ts';
import type { VaultAnswer } from '../../imports/directories/azure/vault-answers.ts';
import { collectTargets, requestBudget } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { tokenFor, variableFor, vaultTokenFor } from './credential.ts';

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
  const { now, options } = request;
  const tenants = tenantsOf(request.targets);
  const budget = requestBudget(options.budget);
  const startedAt = now().toISOString();
  const collected = collectTargets({ source: 'azure', query: tenants.join(' '), startedAt, emit });
  for (const [index, tenant] of tenants.entries()) {
    report({ name: tenant, done: index, total: tenants.length });
    const token = tokenFor(tenant, tenants.length, request.environment);
    if (token === undefined) {
      collected.unread({
        code: 'credential-missing',
        cause: 'forbidden',
        message: `there is no token for the tenant ${tenant}, so nothing of it was read`,
        remedy: `set ${variableFor(tenant)} to an access token for Azure Resource Manager`,
      });
      continue;
    }
    const connector = connect({
      baseUrl: options.url ?? 'https://management.azure.com',
      authorization: `Bearer ${token}`,
      headers: { accept: 'application/json', 'user-agent': 'macadam' },
      now: () => now().getTime(),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      ...(budget === undefined ? {} : { budget }),
    });
    const files: ExportFile[] = [];
    for (const { file, query } of TABLES) {
      const table = await pagesOf(connector, query);
      files.push(...table.pages.map((body, page) => fileOf(`${file}-${page + 1}.json`, body)));
      if (table.stopped !== null) collected.unread(stoppedAt(file, tenant, table.stopped));
    }
    const vaultToken = vaultTokenFor(tenant, tenants.length, request.environment);
    const asked =
      vaultToken === undefined
        ? null
        : await vaultAnswers(files, { request, budget, vaultAt, token: vaultToken });
    const read = readAzure(
      {
        folder: `the tenant ${tenant}`,
        files,
        subject: `azure/${tenant}`,
        takenAt: new Date(startedAt),
        receivedAt: now(),
      },
      asked,
    );
    if ('batch' in read) collected.read(read.batch);
    else
      for (const { file, reason } of read.mistakes)
        collected.unread({
          code: 'other-tenant',
          cause: 'failed',
          message: `${file} ${reason}`,
          remedy: `check whether ${variableFor(tenant)} is of this tenant`,
        });
  }
  return collected.collection(now());
}

/** Each vault that the tenant has, where it is one of Azure's hosts. */
async function vaultAnswers(
  files: readonly ExportFile[],
  {
    request,
    budget,
    vaultAt,
    token,
  }: {
    readonly request: CollectRequest;
    readonly budget: number | undefined;
    readonly vaultAt: (host: string) => string;
    readonly token: string;
  },
): Promise<readonly VaultAnswer[]> {
  const answers: VaultAnswer[] = [];
  for (const named of vaultHostsIn(files)) {
    // A token goes to vaults of Azure, whatever a resource names.
    const host = vaultHost(`https://${named}/`);
    if (host === null) continue;
    const connector = connect({
      baseUrl: vaultAt(host),
      authorization: `Bearer ${token}`,
      headers: { accept: 'application/json', 'user-agent': 'macadam' },
      now: () => request.now().getTime(),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      ...(budget === undefined ? {} : { budget }),
    });
    answers.push(...(await askVault(connector, host, { collections: ['keys'], isRotationAsked: true })));
  }
  return answers;
}

function tenantsOf(names: readonly string[]): readonly string[] {
  if (names.length === 0) throw new TypeError('the azure source needs the id of a tenant');
  const odd = names.find((name) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name));
  if (odd !== undefined)
    throw new TypeError(
      `${JSON.stringify(odd)} is not the id of a tenant; it is written like 84841066-274d-4ec0-a5c1-276be684bdd3`,
    );
  return [...new Set(names.map((name) => name.toLowerCase()))];
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
  return {
    pages,
    stopped: { outcome: 'failed', code: 'paging-loop', message: 'its pages lead back to one another' },
  };
}

function stoppedAt(table: string, tenant: string, refusal: NoAnswer): Problem {
  const isRefused = refusal.outcome === 'forbidden';
  return {
    code: isRefused ? 'permission-missing' : 'list-incomplete',
    cause: isRefused ? 'forbidden' : 'failed',
    message: `the table ${table} of the tenant ${tenant} was not read to its end: ${refusal.message}`,
    remedy: isRefused
      ? `give the identity Reader on every subscription, and check whether ${variableFor(tenant)} is of this tenant`
      : 'scan again',
  };
}

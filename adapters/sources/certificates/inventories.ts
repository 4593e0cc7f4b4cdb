/** Inventories of clouds as places of certificates: answers that somebody saved, or what a cloud says now. Each place is of one boundary. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { compact } from '../../compact.ts';
import { openAccount, sdkMissing } from '../../connector/aws/account.ts';
import { keyFor } from '../../connector/aws/credential.ts';
import {
  type AwsSession,
  installedModule,
  type LoadModule,
  missingPackages,
} from '../../connector/aws/sdk.ts';
import { askVault, vaultHost } from '../../connector/azure/vault.ts';
import { type Connector, connect } from '../../connector/connector.ts';
import { isAnswer } from '../../connector/outcome.ts';
import { inParallel } from '../../connector/pool.ts';
import { type ExportFile, type Json, recordsIn } from '../../imports/directories/answer.ts';
import {
  type AwsAnswer,
  AwsAnswers,
  answerIn,
  gapIn,
  regionsIn,
} from '../../imports/directories/aws/answers.ts';
import { ALL_KEY_TYPES, certificatesOf } from '../../imports/directories/aws/certificates.ts';
import { configCertificates } from '../../imports/directories/aws/config.ts';
import { isOfVault, VaultAnswers, vaultAnswerIn } from '../../imports/directories/azure/vault-answers.ts';
import { vaultInventory } from '../../imports/directories/azure/vault-certificates.ts';
import { type Inventory, joined, NOTHING } from '../../imports/directories/certificates/inventory.ts';
import { osqueryCertificates } from '../../imports/directories/certificates/osquery.ts';
import {
  continuationOf,
  type SecretPage,
  TLS_TYPE,
  tlsSecretsIn,
  withoutKeys,
} from '../../imports/directories/kubernetes/certificates.ts';
import { type ListingGap, listingGap } from '../../imports/directories/listing.ts';

export interface SavedPlace {
  readonly inventory: 'aws' | 'aws-config' | 'azure' | 'kubernetes' | 'osquery';
  readonly namespace?: string | undefined;
}

export interface AccountPlace {
  readonly aws: string;
  readonly role?: string | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly home?: string | undefined;
  readonly identity?: 'machine' | undefined;
  readonly url?: string | undefined;
}

export interface ClusterPlace {
  readonly cluster: string;
  readonly namespace?: string | undefined;
  readonly token_env: string;
}

export interface VaultPlace {
  readonly vault: string;
  readonly token_env: string;
}

export interface Asking {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Finds the packages of the SDK of AWS. */
  readonly load?: LoadModule;
  /** Where a vault answers: its own address, save where something else stands for it. */
  readonly vaultAt?: (host: string) => string;
}

const failed = (code: string, why: string): Inventory => ({
  ...NOTHING,
  gaps: [listingGap(code, 'failed', why)],
});
const forbidden = (code: string, why: string): Inventory => ({
  ...NOTHING,
  gaps: [listingGap(code, 'forbidden', why)],
});

const LARGEST = 64 * 2 ** 20;

/** Throws as the file system does. */
function filesIn(path: string): readonly ExportFile[] {
  const at = (full: string, name: string): ExportFile => ({
    path: name,
    get bytes() {
      if (statSync(full).size > LARGEST) throw new RangeError(`${full} has more than ${LARGEST} bytes`);
      return readFileSync(full);
    },
  });
  if (!statSync(path).isDirectory()) return [at(path, basename(path))];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(json|json\.gz|ndjson|log)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((full) => at(full, relative(path, full).split(sep).join('/')));
}

/** Answers that somebody saved, each service by the names that its own page of the documents gives the files. */
export function savedInventory(path: string, { inventory, namespace }: SavedPlace, place: string): Inventory {
  try {
    const files = filesIn(path);
    if (files.length === 0) return failed('list-not-saved', `it holds no saved answers; save them as .json`);
    if (inventory === 'aws') return savedAccount(files);
    if (inventory === 'aws-config') return configCertificates(files);
    if (inventory === 'azure') return savedVaults(files);
    if (inventory === 'osquery') return osqueryCertificates(files);
    return savedSecrets(files, { cluster: place, namespace: namespace ?? null });
  } catch (error) {
    return failed('answer-unreadable', error instanceof Error ? error.message : String(error));
  }
}

const unread = (file: string, why: string): ListingGap =>
  listingGap('answer-unreadable', 'failed', `${file} ${why}`);

function parsed({ path, bytes }: ExportFile): { readonly body: unknown } | ListingGap {
  try {
    return {
      body: JSON.parse(
        Buffer.from(bytes)
          .toString('utf8')
          .replace(/^\uFEFF/, ''),
      ),
    };
  } catch (error) {
    return error instanceof RangeError
      ? unread(path, `${error.message}; save its pages as files of their own`)
      : unread(path, 'is not whole JSON; save the answer again');
  }
}

function savedAccount(files: readonly ExportFile[]): Inventory {
  const answers: AwsAnswer[] = [];
  const gaps: ListingGap[] = [];
  for (const file of files) {
    const read = parsed(file);
    if ('why' in read) {
      gaps.push(read);
      continue;
    }
    const answer = answerIn(file, read.body);
    if ('why' in answer) gaps.push(unread(file.path, answer.why));
    else answers.push(answer);
  }
  return joined([certificatesOf(new AwsAnswers(answers)), { ...NOTHING, gaps }]);
}

function savedVaults(files: readonly ExportFile[]): Inventory {
  const gaps: ListingGap[] = [];
  const answers = files.filter(isOfVault).flatMap((file) => {
    const read = vaultAnswerIn(file);
    if (!('why' in read)) return [read];
    gaps.push(unread(file.path, read.why));
    return [];
  });
  if (answers.length + gaps.length === 0)
    return failed(
      'list-not-saved',
      'it holds no answer of a vault; save them as vaults/NAME/certificates.json and so on',
    );
  const all = new VaultAnswers(answers);
  return joined([...all.vaults.map((vault) => vaultInventory(all, vault)), { ...NOTHING, gaps }]);
}

function savedSecrets(
  files: readonly ExportFile[],
  scope: { readonly cluster: string; readonly namespace: string | null },
): Inventory {
  const gaps: ListingGap[] = [];
  const pages = files.flatMap((file): readonly SecretPage[] => {
    const name = basename(file.path);
    if (!/secrets/i.test(name)) return [];
    const read = parsed(file);
    if ('why' in read) {
      gaps.push(read);
      return [];
    }
    const isAskedForAll = /^tls-secrets(-\d{1,6})?\.json$/i.test(name);
    return [{ file: file.path, body: withoutKeys(read.body), isAskedForAll }];
  });
  return joined([tlsSecretsIn(pages, scope), { ...NOTHING, gaps }]);
}

const AT_ONCE = 8;

/** What an account holds now, by the official SDK. */
export async function accountInventory(place: AccountPlace, asking: Asking): Promise<Inventory> {
  const { aws: account, role, home = 'us-east-1', identity, url } = place;
  const { environment, signal, load = installedModule } = asking;
  const missing = missingPackages(load, ['sts', 'iam', 'ec2', 'acm']);
  const key = keyFor(account, true, environment) ?? (identity === undefined ? undefined : null);
  const opened =
    missing.length > 0
      ? sdkMissing(missing)
      : await openAccount({ load, account, key, role, home, url, signal });
  if ('code' in opened) {
    // What the source of AWS takes as an option, a place says by a field.
    const remedy = (opened.remedy ?? 'look at the account')
      .replace('--aws-identity machine', '`identity: machine`')
      .replace('--aws-role', '`role`');
    const why = `${opened.message}; ${remedy}`;
    return { ...NOTHING, gaps: [listingGap(opened.code, opened.cause, why)] };
  }
  try {
    const { Account } = opened.identity.body;
    return Account === account
      ? certificatesOf(await askedAccount(opened.session, place))
      : forbidden('account-other', `the key is of the account ${String(Account)}; give one of ${account}`);
  } finally {
    opened.close();
  }
}

async function askedAccount(session: AwsSession, { regions, home }: AccountPlace): Promise<AwsAnswers> {
  const answers: AwsAnswer[] = [];
  const ask = async (...asked: Parameters<AwsSession['ask']>): Promise<AwsAnswer> => {
    const answer = await session.ask(...asked);
    answers.push(answer);
    return answer;
  };
  const named = await ask('ec2/describe-regions');
  const known = gapIn(named) === null ? regionsIn([named.body]) : [];
  const wanted = regions ?? (known.length === 0 ? [home ?? 'us-east-1'] : known);
  await inParallel(wanted, AT_ONCE, async (region) => {
    const listed = await ask('acm/list-certificates', { region, subject: ALL_KEY_TYPES });
    for (const arn of textsOf(listed.body.CertificateSummaryList, 'CertificateArn'))
      await ask('acm/get-certificate', { region, subject: arn, input: { CertificateArn: arn } });
  });
  const servers = await ask('iam/list-server-certificates');
  await inParallel(
    textsOf(servers.body.ServerCertificateMetadataList, 'ServerCertificateName'),
    AT_ONCE,
    async (name) => {
      await ask('iam/get-server-certificate', { subject: name, input: { ServerCertificateName: name } });
    },
  );
  return new AwsAnswers(answers, regions === undefined ? null : 'name it under `regions` too');
}

const textsOf = (list: unknown, field: string): readonly string[] =>
  recordsIn(list).flatMap((one: Json) => {
    const value = one[field];
    return typeof value === 'string' ? [value] : [];
  });

function connectorTo(baseUrl: string, token: string, signal: AbortSignal | undefined): Connector {
  return connect(
    compact({
      baseUrl,
      authorization: `Bearer ${token}`,
      headers: { accept: 'application/json', 'user-agent': 'macadam' },
      signal,
    }),
  );
}

const PAGE = 500;
const MOST_PAGES = 20_000;

/** The TLS secrets of a cluster. Keys come with the answer, for the API has no way to leave them out, and go no further than this. */
export async function clusterInventory(place: ClusterPlace, asking: Asking): Promise<Inventory> {
  const { cluster, namespace, token_env: variable } = place;
  const token = asking.environment[variable]?.trim();
  if (!token)
    return forbidden(
      'credential-missing',
      `${variable} is not set; set ${variable} to a token of the cluster`,
    );
  const connector = connectorTo(cluster, token, asking.signal);
  const below = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const pages: SecretPage[] = [];
  let next = '';
  while (pages.length < MOST_PAGES) {
    const query = new URLSearchParams({ limit: String(PAGE), fieldSelector: `type=${TLS_TYPE}` });
    if (next !== '') query.set('continue', next);
    const file = `the answer of GET ${below}/secrets`;
    const outcome = await connector.request({ path: `/api/v1${below}/secrets?${query}` });
    if (!isAnswer(outcome)) {
      const isRefused = outcome.outcome === 'forbidden';
      const why = `the secrets of ${cluster} could not be read: ${outcome.message}; ${isRefused ? 'grant list secrets' : 'scan again'}`;
      const gap: ListingGap = isRefused
        ? listingGap('permission-missing', 'forbidden', why)
        : listingGap('list-incomplete', 'failed', why);
      return pages.length === 0
        ? { ...NOTHING, gaps: [gap] }
        : joined([
            tlsSecretsIn(pages, { cluster, namespace: namespace ?? null }),
            { ...NOTHING, gaps: [gap] },
          ]);
    }
    pages.push({ file, body: withoutKeys(outcome.body), isAskedForAll: true });
    const following = continuationOf(outcome.body);
    if (following === null || following === next) break;
    next = following;
  }
  return tlsSecretsIn(pages, { cluster, namespace: namespace ?? null });
}

/** Certificates and keys of a vault, by their public parts. */
export async function vaultPlaceInventory(place: VaultPlace, asking: Asking): Promise<Inventory> {
  const { vault, token_env: variable } = place;
  const host = vaultHost(vault);
  if (host === null)
    return failed(
      'address-foreign',
      `${vault} is no address of a vault; write it like https://payments.vault.azure.net`,
    );
  const token = asking.environment[variable]?.trim();
  if (!token)
    return forbidden(
      'credential-missing',
      `${variable} is not set; set ${variable} to an access token for https://vault.azure.net`,
    );
  const at = asking.vaultAt?.(host) ?? `https://${host}`;
  const answers = await askVault(connectorTo(at, token, asking.signal), host, {
    collections: ['certificates', 'keys'],
    isRotationAsked: false,
  });
  return vaultInventory(new VaultAnswers(answers), host);
}

/** Everything that the samples of our own fakes answer, as if somebody had saved it: so a fault in one answer is read beside all the others. */
import { GOOGLE } from '@macadam/adapters/imports/directories/google/dialect';
import * as azure from '@macadam/adapters/sources/azure/fake';
import * as entra from '@macadam/adapters/sources/entra/fake';
import * as gitlab from '@macadam/adapters/sources/gitlab/fake';
import * as google from '@macadam/adapters/sources/google/fake';
import * as keycloak from '@macadam/adapters/sources/keycloak/fake';
import * as okta from '@macadam/adapters/sources/okta/fake';

import {
  awsAnswers,
  awsOperations,
  awsOrganisation,
  awsSnapshots,
  awsTables,
  deviceResults,
  kubernetesAnswers,
  peopleTable,
  servicesTable,
} from './saved.ts';

export interface SavedExchange {
  readonly request: { readonly line: string };
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Where the body alone is saved, under this name. The rows of a table, where it ends with `.csv`; lines of text where with `.log`. */
  readonly file?: string;
}

const saved = (url: string, body: unknown): SavedExchange => ({
  request: { line: `GET ${url}` },
  status: 200,
  headers: { date: 'now' },
  body,
});

type Lists = ReadonlyMap<string, unknown>;
const each = (
  lists: Lists,
  one: (address: string, body: unknown) => SavedExchange,
): readonly SavedExchange[] => [...lists].map(([address, body]) => one(address, body));

const TENANT = '8a1b0000-0000-4000-8000-000000000001';

/** Export format → its answers. */
export const WORLDS: Readonly<Record<string, () => readonly SavedExchange[]>> = {
  entra: () =>
    each(entra.sampleTenant(TENANT, 'a').lists, (address, body) => {
      const version = address === '/reports/servicePrincipalSignInActivities' ? 'beta' : 'v1.0';
      return saved(
        `https://graph.microsoft.com/${version}${address}`,
        Array.isArray(body) ? { value: body } : body,
      );
    }),
  okta: () =>
    each(okta.sampleOrganisation('00o1', 'a').lists, (address, body) =>
      saved(
        `https://north.okta.com/api/v1${address}`,
        address === '/iam/assignees/users' ? { value: body } : body,
      ),
    ),
  google: () =>
    each(google.sampleCustomer('C01abc23d', 'a').lists, (address, body) => {
      const name = google.LIST_NAMES[GOOGLE.resolve(address)?.template ?? ''] ?? 'items';
      const root =
        address === '/devices'
          ? 'cloudidentity.googleapis.com/v1'
          : 'admin.googleapis.com/admin/directory/v1';
      return saved(`https://${root}${address}`, { kind: 'list', [name]: body });
    }),
  azure: () => [
    ...each(azure.sampleTables(TENANT), (table, data) => ({
      ...saved(`https://management.azure.com/${table}`, {
        totalRecords: Array.isArray(data) ? data.length : 0,
        data,
      }),
      file: `${table}.json`,
    })),
    ...each(azure.sampleVault(), (address, body) => ({
      ...saved(`https://payments.vault.azure.net${address}`, body),
      file: `vaults/payments${address}.json`,
    })),
  ],
  gitlab: () =>
    each(gitlab.sampleLists(), (address, body) => saved(`https://gitlab.example.com/api/v4${address}`, body)),
  'aws-config': awsSnapshots,
  steampipe: awsTables,
  aws: () => [...awsAnswers(), ...awsOperations(), ...awsOrganisation()],
  kubernetes: kubernetesAnswers,
  hr: peopleTable,
  cmdb: servicesTable,
  osquery: deviceResults,
  keycloak: () => {
    const { lists } = keycloak.sampleRealm('north', 'a', new Date('2026-11-01T00:00:00Z'));
    const plain = [...lists].filter(([address]) => !address.startsWith('/events/'));
    return [
      saved('https://sso.example.com/realms/north/.well-known/openid-configuration', {
        issuer: 'https://sso.example.com/realms/north',
        token_endpoint: 'https://sso.example.com/token',
      }),
      ...plain.map(([address, body]) =>
        saved(`https://sso.example.com/admin/realms/north${address === '/realm' ? '' : address}`, body),
      ),
    ];
  },
};

/** The file of an answer. A column that the first row does not have is none of the table. */
export function bytesOf({ file, body, ...rest }: SavedExchange): Buffer {
  if (file === undefined) return Buffer.from(JSON.stringify({ ...rest, body }));
  if (file.endsWith('.log')) return Buffer.from(String(body));
  if (!file.endsWith('.csv') || !Array.isArray(body)) return Buffer.from(JSON.stringify(body));
  const rows = body as readonly Readonly<Record<string, unknown>>[];
  const columns = Object.keys(rows[0] ?? {});
  const cell = (value: unknown) => `"${String(value ?? '').replaceAll('"', '""')}"`;
  const lines = rows.map((row) => columns.map((name) => cell(row[name])).join(','));
  return Buffer.from(`${[columns.map(cell).join(','), ...lines].join('\n')}\n`);
}

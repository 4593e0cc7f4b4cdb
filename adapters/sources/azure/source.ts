/** What the source is called with. What it does is loaded when it is asked: most runs ask another. */
import type { Source } from '../port.ts';

export const source: Source = {
  id: 'azure',
  description:
    'Resources, networks and role assignments of a tenant of Azure, by its Resource Graph, and keys of its vaults.',
  target: 'TENANT',
  options: [
    {
      name: 'url',
      value: 'URL',
      description:
        'Address of Azure Resource Manager, of another cloud (default: https://management.azure.com).',
    },
    { name: 'budget', value: 'N', description: 'Most requests that this run may spend on each tenant.' },
  ],
  credentials: [
    {
      name: 'AZURE_TOKEN',
      description:
        'An access token for Azure Resource Manager, of an identity that is Reader on every subscription.',
    },
    {
      name: 'AZURE_VAULT_TOKEN',
      description:
        'An access token for https://vault.azure.net, of a Key Vault Reader; without it keys of vaults are not asked for.',
      optional: true,
    },
  ],
  described: async () => (await import('../../imports/directories/azure/description.ts')).azureDescription,
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
};

/** What the source is called with. What it does is loaded when it is asked: most runs ask another. */
import type { Source } from '../port.ts';

export const source: Source = {
  id: 'entra',
  description: 'Users, applications, roles, groups and devices of a tenant of Entra ID, by Microsoft Graph.',
  target: 'TENANT',
  options: [
    {
      name: 'url',
      value: 'URL',
      description: 'Address of Microsoft Graph, of another cloud (default: https://graph.microsoft.com).',
    },
    {
      name: 'budget',
      value: 'N',
      description: 'Most requests that this run may spend.',
    },
  ],
  credentials: [
    {
      name: 'ENTRA_TOKEN',
      description: 'An access token for Microsoft Graph, of an application that holds the permissions above.',
    },
  ],
  described: async () => (await import('../../imports/directories/entra/description.ts')).entraDescription,
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
};

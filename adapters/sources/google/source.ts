/** What the source is called with. What it does is loaded when it is asked: most runs ask another. */
import type { Source } from '../port.ts';
import { ENVIRONMENT_OPTION } from '../stated-environment.ts';

export const source: Source = {
  id: 'google',
  description: 'Users, roles of administrators and devices of a customer of Google Workspace, as C01abc23d.',
  target: 'CUSTOMER',
  options: [
    ENVIRONMENT_OPTION,
    {
      name: 'url',
      value: 'URL',
      description: 'Address that answers for both APIs, in place of Google’s own.',
    },
    {
      name: 'budget',
      value: 'N',
      description: 'Most requests that this run may spend on each API and customer.',
    },
  ],
  credentials: [
    {
      name: 'GOOGLE_TOKEN',
      description:
        'An access token with the scopes above, of an administrator or of a service account that acts as one.',
    },
  ],
  described: async () => (await import('../../imports/directories/google/description.ts')).googleDescription,
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
};

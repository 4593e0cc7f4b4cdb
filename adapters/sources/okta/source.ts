/** What the source is called with. What it does is loaded when it is asked: most runs ask another. */
import type { Source } from '../port.ts';
import { ENVIRONMENT_OPTION } from '../stated-environment.ts';

export const source: Source = {
  id: 'okta',
  description:
    'Users, applications, roles of administrators and devices of an organisation of Okta, as https://contoso.okta.com.',
  target: 'ORGANISATION',
  options: [
    ENVIRONMENT_OPTION,
    {
      name: 'budget',
      value: 'N',
      description: 'Most requests that this run may spend on each organisation.',
    },
  ],
  credentials: [
    {
      name: 'OKTA_TOKEN',
      description:
        'An access token of a service application that was granted the scopes above, or an API token of an administrator who only reads.',
    },
  ],
  described: async () => (await import('../../imports/directories/okta/description.ts')).oktaDescription,
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
};

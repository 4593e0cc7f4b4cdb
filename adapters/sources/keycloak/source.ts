/** What the source is called with. What it does is loaded when it is asked: most runs ask another. */
import type { Source } from '../port.ts';
import { ENVIRONMENT_OPTION } from '../stated-environment.ts';

export const source: Source = {
  id: 'keycloak',
  description:
    'Users, clients, roles and groups of a realm of Keycloak, as https://sso.example.com/realms/staff.',
  target: 'REALM',
  options: [
    ENVIRONMENT_OPTION,
    {
      name: 'budget',
      value: 'N',
      description: 'Most requests that this run may spend on each realm.',
    },
  ],
  credentials: [
    { name: 'KEYCLOAK_CLIENT_ID', description: 'A client of the realm with a service account.' },
    { name: 'KEYCLOAK_CLIENT_SECRET', description: 'The secret of that client.' },
  ],
  described: async () =>
    (await import('../../imports/directories/keycloak/description.ts')).keycloakDescription,
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
};

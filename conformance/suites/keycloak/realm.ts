/** A realm as a company has it, in a Keycloak that runs: people, clients, an administrator, and a flow that asks for keys only. */
import type { Body, Keycloak } from './process.ts';

export const ROLES: readonly string[] = [
  'view-realm',
  'view-users',
  'view-clients',
  'view-events',
  'view-identity-providers',
];

export const MEASURER = { id: 'macadam', secret: 'canary-of-the-measuring-client-91c4' };

const FLOWS: readonly Body[] = [
  {
    alias: 'keys only',
    providerId: 'basic-flow',
    topLevel: true,
    builtIn: false,
    authenticationExecutions: [
      { authenticator: 'auth-cookie', requirement: 'ALTERNATIVE', priority: 10 },
      { flowAlias: 'keys only forms', requirement: 'ALTERNATIVE', priority: 20, authenticatorFlow: true },
    ],
  },
  {
    alias: 'keys only forms',
    providerId: 'basic-flow',
    topLevel: false,
    builtIn: false,
    authenticationExecutions: [
      { authenticator: 'auth-username-form', requirement: 'REQUIRED', priority: 10 },
      { authenticator: 'webauthn-authenticator-passwordless', requirement: 'REQUIRED', priority: 20 },
    ],
  },
];

const client = (clientId: string, secret: string): Body => ({
  clientId,
  secret,
  publicClient: false,
  serviceAccountsEnabled: true,
  standardFlowEnabled: false,
  directAccessGrantsEnabled: false,
});

export class LiveRealm {
  readonly #keycloak: Keycloak;
  readonly name: string;

  constructor(keycloak: Keycloak, name: string) {
    this.#keycloak = keycloak;
    this.name = name;
  }

  get url(): string {
    return `${this.#keycloak.url}/realms/${this.name}`;
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await this.#keycloak.admin(method, `/realms/${this.name}${path}`, body)) as T;
  }

  /** Two people who have a password, the second of whom may manage the others, and two clients with a secret. */
  async make(): Promise<void> {
    await this.#keycloak.admin('POST', '/realms', {
      realm: this.name,
      enabled: true,
      sslRequired: 'none',
      eventsEnabled: true,
      authenticationFlows: FLOWS,
      browserFlow: 'keys only',
      clients: [client(MEASURER.id, MEASURER.secret), client('billing', 'canary-of-billing-91c4')],
    });
    const profile = await this.#ask<Body>('GET', '/users/profile');
    await this.#ask('PUT', '/users/profile', { ...profile, unmanagedAttributePolicy: 'ADMIN_EDIT' });
    // The admin console's own command line takes passwords, which no realm of a company should.
    const cli = await this.client('admin-cli');
    await this.#ask('PUT', `/clients/${cli.id}`, { ...cli, directAccessGrantsEnabled: false });
    for (const role of ROLES) await this.allow(role);
    // The first event: the log is seen to reach back to before anybody was there.
    await this.#keycloak.token(this.name, {
      grant_type: 'client_credentials',
      client_id: MEASURER.id,
      client_secret: MEASURER.secret,
    });
    for (const username of ['ann', 'bob'])
      await this.#ask('POST', '/users', {
        username,
        enabled: true,
        attributes: { employeeType: ['employee'] },
        credentials: [{ type: 'password', value: 'canary-of-a-person-91c4' }],
      });
    await this.hold('bob', 'manage-users');
  }

  async client(clientId: string): Promise<Body & { readonly id: string }> {
    const [found] = await this.#ask<(Body & { readonly id: string })[]>(
      'GET',
      `/clients?clientId=${clientId}`,
    );
    if (found === undefined) throw new Error(`there is no client ${clientId}`);
    return found;
  }

  async user(username: string): Promise<Body & { readonly id: string }> {
    const [found] = await this.#ask<(Body & { readonly id: string })[]>(
      'GET',
      `/users?exact=true&username=${username}`,
    );
    if (found === undefined) throw new Error(`there is no user ${username}`);
    return found;
  }

  async #role(role: string): Promise<{ readonly path: string; readonly body: unknown }> {
    const { id } = await this.client('realm-management');
    return { path: id, body: [await this.#ask('GET', `/clients/${id}/roles/${role}`)] };
  }

  async #map(method: 'POST' | 'DELETE', user: string, role: string): Promise<void> {
    const { path, body } = await this.#role(role);
    await this.#ask(method, `/users/${user}/role-mappings/clients/${path}`, body);
  }

  async #measurer(): Promise<string> {
    const { id } = await this.client(MEASURER.id);
    return (await this.#ask<{ id: string }>('GET', `/clients/${id}/service-account-user`)).id;
  }

  /** Gives the client that measures a role, or takes it away. */
  async allow(role: string): Promise<void> {
    await this.#map('POST', await this.#measurer(), role);
  }
  async refuse(role: string): Promise<void> {
    await this.#map('DELETE', await this.#measurer(), role);
  }

  async hold(username: string, role: string): Promise<void> {
    await this.#map('POST', (await this.user(username)).id, role);
  }
  async giveUp(username: string, role: string): Promise<void> {
    await this.#map('DELETE', (await this.user(username)).id, role);
  }

  /** A passkey as another realm would export it: it is registered, and nobody signed in for it. */
  async addPasskey(username: string): Promise<void> {
    const user = await this.user(username);
    const credentialData = {
      aaguid: '00000000-0000-0000-0000-000000000000',
      credentialId: Buffer.from(`${this.name}-${username}`).toString('base64'),
      counter: 0,
      attestationStatementFormat: 'none',
      credentialPublicKey: 'pQECAyYgASFYIA',
      transports: [],
    };
    await this.#ask('PUT', `/users/${user.id}`, {
      ...user,
      credentials: [
        {
          type: 'webauthn-passwordless',
          userLabel: 'a passkey',
          secretData: '{}',
          credentialData: JSON.stringify(credentialData),
        },
      ],
    });
  }

  /** Sets since when a client has its secret. */
  async secretSince(clientId: string, since: Date): Promise<void> {
    const found = await this.client(clientId);
    const attributes = {
      ...(found.attributes as Body),
      'client.secret.creation.time': String(Math.floor(since.getTime() / 1000)),
    };
    await this.#ask('PUT', `/clients/${found.id}`, { ...found, attributes });
  }
}

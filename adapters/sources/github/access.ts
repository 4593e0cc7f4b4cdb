/** By whose right an account is asked: a token that stays, or an app whose tokens are renewed while a long collection goes on. */
import type { Connector, ConnectorRequest } from '../../connector/connector.ts';
import type { NoAnswer, RequestOutcome } from '../../connector/outcome.ts';
import type { CollectRequest } from '../port.ts';
import { type App, type InstallationToken, installationOn, tokenFor } from './app.ts';
import { type Credential, credentialFor } from './credential.ts';
import type { Host } from './host.ts';
import { connectorTo, type Principal, readPrincipal } from './principal.ts';

export interface Access {
  readonly connector: Connector;
  readonly credential: Credential | undefined;
  readonly principal: Principal;
  /** As git is given it, good for now. */
  readonly token: () => Promise<string | undefined>;
}

interface AccessInput {
  readonly host: Host;
  /** This host's part of the cache folder. */
  readonly cache: string;
  readonly request: CollectRequest;
  readonly budget: number | undefined;
}

/** To each account that is asked about; `everywhere` is what opens all of them alike. */
export interface AccessTo {
  readonly everywhere: Access | null;
  readonly account: (target: string) => Promise<Access | NoAnswer>;
}

export async function accessFor(input: AccessInput, app: App | undefined): Promise<AccessTo> {
  if (app !== undefined) return { everywhere: null, account: (target) => accessByApp(input, app, target) };
  const everywhere = await accessByToken(input);
  return { everywhere, account: async () => everywhere };
}

/** The token of the environment, or none. */
async function accessByToken(input: AccessInput): Promise<Access> {
  const { host, request } = input;
  const credential = await credentialFor(host.name, request.environment);
  const connector = connectorTo({ ...input, credential });
  const principal = await readPrincipal(connector, credential);
  return { connector, credential, principal, token: async () => credential?.token };
}

/** A token is taken for over so long before it is. */
const MARGIN_MS = 5 * 60_000;

/** An app, on one account. */
async function accessByApp(input: AccessInput, app: App, target: string): Promise<Access | NoAnswer> {
  const { host, request, budget } = input;
  const asked = { app, host, request };
  const installation = await installationOn(asked, target);
  if ('outcome' in installation) return installation;
  const first = await tokenFor(asked, installation);
  if ('outcome' in first) return first;
  // What is kept of answers is the installation's, whichever token asked.
  const of = `app ${app.id} ${installation.id}`;
  const connectorBy = (token: string, spent: number): Connector =>
    connectorTo({
      ...input,
      budget: budget === undefined ? undefined : Math.max(0, budget - spent),
      credential: { token, from: 'GITHUB_APP_KEY', of },
    });
  let held: InstallationToken = first;
  let inner = connectorBy(first.token, 0);
  const before = { sent: 0, counted: 0 };
  let renewing: Promise<void> | null = null;

  async function renew(): Promise<void> {
    const next = await tokenFor(asked, installation as Exclude<typeof installation, NoAnswer>);
    // One that could not be renewed is used to its end: the host then says so itself.
    if ('outcome' in next) return;
    const { sent, counted } = inner.spent();
    before.sent += sent;
    before.counted += counted;
    held = next;
    inner = connectorBy(next.token, before.counted);
  }

  async function current(): Promise<void> {
    if (held.expiresAt.getTime() - request.now().getTime() > MARGIN_MS) return;
    renewing ??= renew().finally(() => {
      renewing = null;
    });
    await renewing;
  }

  const connector: Connector = {
    origin: inner.origin,
    request: async (one: ConnectorRequest): Promise<RequestOutcome> => {
      await current();
      return inner.request(one);
    },
    spent: () => {
      const { sent, counted } = inner.spent();
      return { sent: before.sent + sent, counted: before.counted + counted };
    },
  };
  return {
    connector,
    credential: { token: first.token, from: 'GITHUB_APP_KEY', of },
    principal: { login: installation.login, rights: installation.rights },
    token: async () => {
      await current();
      return held.token;
    },
  };
}

/**
 * An app that is installed on an organisation, in place of a person's token: its key makes a token of an hour, for that organisation alone, and makes the
 * next one before the hour is over. The key never leaves this process; what leaves is signed with it and good for minutes.
 */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import { type Connector, connect } from '../../connector/connector.ts';
import { isAnswer, type NoAnswer } from '../../connector/outcome.ts';
import type { CollectRequest } from '../port.ts';
import type { Environment } from './credential.ts';
import type { Host } from './host.ts';

export interface App {
  /** The number of the app, or its client id. */
  readonly id: string;
  readonly key: KeyObject;
}

/** Undefined where none is named; a TypeError for one without a key. */
export function appIn(id: string | undefined, { GITHUB_APP_KEY: pem }: Environment): App | undefined {
  if (id === undefined) return undefined;
  if (!/^[\w.-]+$/.test(id)) throw new TypeError(`${JSON.stringify(id)} is not the number of an app`);
  if (pem === undefined || pem.trim() === '')
    throw new TypeError('an app is asked as by its key: set GITHUB_APP_KEY');
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'rsa') return { id, key };
  } catch {
    // What OpenSSL says of it may quote it.
  }
  throw new TypeError('GITHUB_APP_KEY is no RSA key in PEM; take the file that the host gave for the app');
}

/** Whoever holds it is the app for ten minutes; a clock that runs ahead of the host's is allowed for. */
function appToken({ id, key }: App, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss: id, iat: seconds - 60, exp: seconds + 540 })}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}

export interface Installation {
  readonly id: number;
  /** What the app signs as. */
  readonly login: string;
  /** `administration: read` and the like. */
  readonly rights: readonly string[];
}

export interface InstallationToken {
  readonly token: string;
  readonly expiresAt: Date;
}

interface AppInput {
  readonly app: App;
  readonly host: Host;
  readonly request: Pick<CollectRequest, 'now' | 'signal'>;
}

const installationSchema = z.object({
  id: z.int().positive(),
  app_slug: z.string(),
  permissions: z.record(z.string(), z.string()),
});
const tokenSchema = z.object({ token: z.string(), expires_at: z.iso.datetime({ offset: true }) });

const asApp = ({ app, host, request: { now, signal } }: AppInput): Connector =>
  connect({
    baseUrl: host.api,
    authorization: `Bearer ${appToken(app, now())}`,
    headers: {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'macadam',
    },
    now: () => now().getTime(),
    signal,
  });

/** Where the app is installed on an organisation or a user. */
export async function installationOn(input: AppInput, target: string): Promise<Installation | NoAnswer> {
  const connector = asApp(input);
  let outcome = await connector.request({ path: `/orgs/${target}/installation` });
  if (outcome.outcome === 'not-found')
    outcome = await connector.request({ path: `/users/${target}/installation` });
  if (!isAnswer(outcome)) return outcome;
  const parsed = installationSchema.safeParse(outcome.body);
  if (!parsed.success) return odd('its answer is no installation');
  const { id, app_slug: slug, permissions } = parsed.data;
  const rights = Object.entries(permissions).map(([name, level]) => `${name}: ${level}`);
  return { id, login: `${slug}[bot]`, rights: rights.sort() };
}

export async function tokenFor(input: AppInput, { id }: Installation): Promise<InstallationToken | NoAnswer> {
  const path = `/app/installations/${id}/access_tokens`;
  const outcome = await asApp(input).request({ method: 'POST', path, repeatable: true });
  if (!isAnswer(outcome)) return outcome;
  const parsed = tokenSchema.safeParse(outcome.body);
  if (!parsed.success) return odd('its answer is no token');
  return { token: parsed.data.token, expiresAt: new Date(parsed.data.expires_at) };
}

const odd = (message: string): NoAnswer => ({ outcome: 'failed', code: 'unexpected-shape', message });

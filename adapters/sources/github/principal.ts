/** Who asks, with which rights, and over which connection. */
import { createHash } from 'node:crypto';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '@macadam/core/facts/observation';
import { type AuditEntry, type Connector, connect } from '../../connector/connector.ts';
import { etagsIn } from '../../connector/etags.ts';
import { isAnswer, type NoAnswer } from '../../connector/outcome.ts';
import type { CollectRequest } from '../port.ts';
import { type Credential, holderOf } from './credential.ts';
import type { Host } from './host.ts';
import { missingPermission } from './permission.ts';

export interface Principal {
  readonly login?: string;
  readonly rights: readonly string[];
  readonly refused?: NoAnswer;
}

interface ConnectorToInput {
  readonly host: Host;
  readonly credential: Credential | undefined;
  readonly cache: string;
  readonly request: CollectRequest;
  readonly budget: number | undefined;
}

/** Before a run: what the one before it asked is of no use. */
export function forgetRequests(cache: string): void {
  rmSync(join(cache, 'requests.jsonl'), { force: true });
}

/** Every request of the latest run stands in `requests.jsonl` of the cache folder, which exists. */
export function connectorTo({ host, credential, cache, request, budget }: ConnectorToInput): Connector {
  const log = join(cache, 'requests.jsonl');
  const audit = (entry: AuditEntry): void =>
    appendFileSync(log, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  return connect({
    baseUrl: host.api,
    headers: {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'macadam',
    },
    now: () => request.now().getTime(),
    etags: etagsIn(join(cache, 'answers'), createHash('sha256').update(holderOf(credential)).digest('hex')),
    audit,
    permission: missingPermission,
    authorization: credential && `Bearer ${credential.token}`,
    signal: request.signal,
    budget,
  });
}

/** Who asks, and with which rights, as far as the host says. */
export async function readPrincipal(
  connector: Connector,
  credential: Credential | undefined,
): Promise<Principal> {
  if (credential === undefined) return { rights: ['public only'] };
  const outcome = await connector.request({ path: '/user', conditional: false });
  // An app's own token has no user: that is no fault.
  if (!isAnswer(outcome))
    return {
      rights: [],
      ...(outcome.outcome === 'forbidden' && outcome.status === 403 ? {} : { refused: outcome }),
    };
  const scopes = outcome.headers.get('x-oauth-scopes') ?? '';
  const rights = scopes
    .split(',')
    .map((scope) => scope.trim())
    .filter((scope) => scope !== '');
  const login =
    typeof outcome.body === 'object' && outcome.body !== null && 'login' in outcome.body
      ? outcome.body.login
      : undefined;
  return { rights, ...(typeof login === 'string' ? { login } : {}) };
}

export function principalProblems({ refused }: Principal, credential: Credential | undefined): Problem[] {
  if (credential === undefined) {
    const message = 'there is no token, so only what everybody may see was read';
    return [
      {
        code: 'token-missing',
        cause: 'forbidden',
        message,
        remedy: 'set GITHUB_TOKEN, or run `gh auth login`',
      },
    ];
  }
  if (refused?.outcome === 'forbidden') {
    const message = `the host does not accept the token of ${credential.from}: ${refused.message}`;
    return [
      {
        code: 'token-refused',
        cause: 'forbidden',
        message,
        remedy: 'make a new one, and check the address of the host',
      },
    ];
  }
  if (refused === undefined) return [];
  return [
    {
      code: 'principal-unread',
      cause: 'failed',
      message: `the host did not say whose the token is: ${refused.message}`,
      remedy: 'scan again',
    },
  ];
}

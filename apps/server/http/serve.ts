/** Listens, for this machine alone unless told otherwise: on 127.0.0.1, for requests that name it so. */
import type { AddressInfo } from 'node:net';
import { prepareAuthorisation } from '@macadam/adapters/authorisation/authorise';
import { type AppOptions, createApp } from './app.ts';

export interface ServeRequest extends Omit<AppOptions, 'hosts'> {
  /** 0 takes a free one. */
  readonly port: number;
  /** Address to listen on; left out: 127.0.0.1. */
  readonly host?: string;
  /** Where it is reached through a proxy, `https://macadam.example`; left out: this machine alone. */
  readonly origin?: string | undefined;
}

export interface Served {
  readonly url: string;
  /** Where programs of this machine reach it, and by which name. */
  readonly address: string;
  readonly port: number;
  readonly host: string;
  /** Ends connections that browsers keep open, too. */
  close(): Promise<void>;
}

/** Listening on these is listening on this machine, too. */
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * A web page elsewhere whose name is made to point here is refused by its name. Rejects when the port cannot be had.
 */
export async function serve(request: ServeRequest): Promise<Served> {
  const { port: wanted, host = '127.0.0.1', origin, ...options } = request;
  let hosts: readonly string[] = origin === undefined ? [] : [new URL(origin).host];
  const app = await createApp({
    ...(origin !== undefined && { proxies: 'loopback' }),
    ...options,
    hosts: () => hosts,
  });
  await app.listen({ host, port: wanted, exclusive: true });
  prepareAuthorisation();
  const { port } = app.server.address() as AddressInfo;
  if (origin === undefined) hosts = ['127.0.0.1', 'localhost'].map((name) => `${name}:${port}`);
  return {
    url: `${origin ?? `http://127.0.0.1:${port}`}/`,
    address: EVERYWHERE.has(host) ? '127.0.0.1' : host,
    port,
    host: hosts[0] ?? `127.0.0.1:${port}`,
    close: () => app.close(),
  };
}

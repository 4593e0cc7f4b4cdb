/**
 * The process that stays, for git servers of other machines: they send a push over TLS, and prove themselves by a token. It can only say that a
 * push is clean. Any other the hook searches where it stands: the branch before, the commits and the log of bypasses are there alone.
 */
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { listen, type Pool, poolOf } from './pool.ts';
import { ACCEPTED } from './receive.ts';
import { isKnown } from './tokens.ts';
import { VERSION } from './version.ts';

export interface Service {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** PEM files of this server. */
  readonly certificate: string;
  readonly key: string;
  /** Who may ask, see `tokens.ts`; read at each push, so that a line that is taken out counts at once. */
  readonly tokens: string;
  readonly workers: number;
}

/** A larger push is left to its hook. */
const LARGEST = 1 << 30;

export interface Serving {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export async function serveMachines(service: Service): Promise<Serving> {
  // Wrong files are told of before anything begins.
  isKnown('', service.tokens);
  const credentials = { cert: readFileSync(service.certificate), key: readFileSync(service.key) };
  const pool = await poolOf(service.workers);
  const server = createServer(
    credentials,
    (request, response) => void answer(request, response, service, pool),
  );
  // The hook waits five minutes and closes the connection then.
  server.requestTimeout = 0;
  // Whoever cannot speak TLS is no git server of ours.
  server.on('tlsClientError', (_, socket) => socket.destroy());
  await listen(server, { port: service.port, host: service.host }, pool);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((closed) => server.close(() => closed()));
      await pool.close();
    },
  };
}

/** Nothing of a push is taken in before it is known who sends it. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { tokens }: Service,
  pool: Pool,
): Promise<void> {
  const say = (status: number, text: string) => {
    const bytes = Buffer.from(`${text}\n`);
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': bytes.length,
      connection: 'close',
    });
    response.end(bytes);
  };
  let folder: string | null = null;
  try {
    const [, token] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (token === undefined || !isKnown(token, tokens)) return say(401, 'the token is not known here');
    if (request.headers['macadam-version'] !== VERSION)
      return say(409, `this is version ${VERSION}: with another one the hook has to search itself`);
    folder = mkdtempSync(join(tmpdir(), 'macadam-parcel-'));
    const parcel = join(folder, 'parcel');
    await pipeline(request, atMost(LARGEST), createWriteStream(parcel, { mode: 0o600 }));
    const reply = await pool.ask({ parcel });
    if ('failed' in reply) say(422, reply.failed);
    else say(200, ACCEPTED);
  } catch (error) {
    // Of one that hung up nobody reads this.
    if (!response.headersSent) say(500, error instanceof Error ? error.message : String(error));
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}

const atMost = (most: number) =>
  async function* (parts: AsyncIterable<Buffer>) {
    let length = 0;
    for await (const part of parts) {
      length += part.length;
      if (length > most) throw new Error(`the push has more than ${most} bytes`);
      yield part;
    }
  };

/**
 * A process that stays, so that no push waits until one has started: hooks of the same machine ask it over a socket that only their own user may
 * open. Whatever it does not answer, the hook looks at itself: it can save time, and never let something in that was not looked at.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { type Here, listen, type Pool, poolOf } from './pool.ts';
import { ACCEPTED, REFUSED } from './receive.ts';

export interface Resident {
  readonly close: () => Promise<void>;
}

/** Answers once it can be asked. `workers`: pushes that are looked at at once; others wait. */
export async function serve(socket: string, workers: number): Promise<Resident> {
  await free(socket);
  const pool = await poolOf(workers);
  const server = createServer((request, response) => void answer(request, response, pool.ask));
  // A push of a gigabyte takes its time, and a hook that is gone closes the connection.
  server.requestTimeout = 0;
  await listen(server, { path: socket }, pool);
  chmodSync(socket, 0o600);
  return {
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((closed) => server.close(() => closed()));
      await pool.close();
    },
  };
}

/** What an earlier process left is taken away; one that answers is left alone. */
async function free(socket: string): Promise<void> {
  mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
  const answers = await new Promise<boolean>((say) => {
    const tried = connect(socket, () => {
      tried.destroy();
      say(true);
    });
    tried.on('error', () => say(false));
  });
  if (answers) throw new Error(`another process answers at ${socket}`);
  rmSync(socket, { force: true });
}

async function answer(request: IncomingMessage, response: ServerResponse, ask: Pool['ask']): Promise<void> {
  const say = (status: number, text: string) => {
    const bytes = Buffer.from(text);
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': bytes.length,
    });
    response.end(bytes);
  };
  try {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const reply = await ask(questionIn(Buffer.concat(parts).toString('utf8')));
    if ('failed' in reply) say(500, `${reply.failed}\n`);
    else say(200, `${reply.text}\n${reply.code === 0 ? ACCEPTED : REFUSED}\n`);
  } catch (error) {
    say(400, `${error instanceof Error ? error.message : String(error)}\n`);
  }
}

/** As `hook.ts` writes it: words, an empty one, the folder, the environment, an empty one, what is updated. */
export function questionIn(text: string): Here {
  const parts = text.split('\0');
  const policyEnd = parts.indexOf('');
  const environmentEnd = parts.indexOf('', policyEnd + 1);
  const folder = parts[policyEnd + 1];
  if (policyEnd < 1 || environmentEnd < policyEnd + 2 || environmentEnd + 2 !== parts.length || !folder)
    throw new Error('the question is not one of a hook of this version: install the hook again');
  const environment = parts.slice(policyEnd + 2, environmentEnd).map((entry) => {
    const at = entry.indexOf('=');
    return [entry.slice(0, at), entry.slice(at + 1)] as const;
  });
  return {
    words: parts.slice(0, policyEnd),
    folder,
    environment: Object.fromEntries(environment),
    updates: parts[environmentEnd + 1] ?? '',
  };
}

/**
 * A process that stays, so that no push waits until one has started: hooks of the same machine ask it over a socket that only their own user may
 * open. Whatever it does not answer, the hook looks at itself: it can save time, and never let something in that was not looked at.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ACCEPTED, type Answer, REFUSED } from './receive.ts';

/** What a worker is given: what the hook was written with, where it runs, and what git told it. */
export interface Question {
  readonly words: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly updates: string;
}

/** `failed`: it could not look, so that the hook has to. */
export type Reply = Answer | { readonly failed: string };

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
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(socket, listening);
  });
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

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  ask: (question: Question) => Promise<Reply>,
): Promise<void> {
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
export function questionIn(text: string): Question {
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

interface Pool {
  readonly ask: (question: Question) => Promise<Reply>;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly question: Question;
  readonly say: (reply: Reply) => void;
}

/** Published, it is JavaScript as this file is. */
const WORKER = join(import.meta.dirname, `resident-worker${extname(import.meta.filename)}`);

/** Each looks at one push at a time. One that dies is replaced, and its push is looked at by its hook. */
async function poolOf(size: number): Promise<Pool> {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const waiting: Waiting[] = [];
  const asked = new Map<Worker, Waiting>();
  let closing = false;
  const next = () => {
    while (idle.length > 0 && waiting.length > 0) {
      const [worker, one] = [idle.pop(), waiting.shift()];
      if (worker === undefined || one === undefined) return;
      asked.set(worker, one);
      worker.postMessage(one.question);
    }
  };
  const failAll = (failed: string) => {
    for (const { say } of waiting.splice(0)) say({ failed });
  };
  const ended = (worker: Worker, failed: string) => {
    all.delete(worker);
    asked.get(worker)?.say({ failed });
    asked.delete(worker);
    if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
    // Nobody is there to ask when none can be started again either; hooks then look themselves.
    const gone = () => all.size === 0 && failAll(failed);
    if (closing) gone();
    else started().catch(gone);
  };
  const started = (): Promise<void> =>
    new Promise((ready, failed) => {
      const worker = new Worker(WORKER);
      let why = 'it ended while it looked';
      let begun = false;
      worker.on('message', (reply: Reply | 'ready') => {
        if (reply === 'ready') {
          begun = true;
          all.add(worker);
          ready();
        } else {
          asked.get(worker)?.say(reply);
          asked.delete(worker);
        }
        idle.push(worker);
        next();
      });
      worker.on('error', (error) => {
        why = String(error);
      });
      worker.on('exit', () => {
        if (begun) ended(worker, why);
        else failed(new Error(why));
      });
    });
  await Promise.all(Array.from({ length: size }, started));
  return {
    ask: (question) =>
      new Promise((say) => {
        waiting.push({ question, say });
        if (all.size === 0) failAll('nothing is there to look at it');
        next();
      }),
    close: async () => {
      closing = true;
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

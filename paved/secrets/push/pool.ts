/** Workers that each look at one push at a time, for whoever has one to ask about. */
import type { ListenOptions, Server } from 'node:net';
import { extname, join } from 'node:path';
import { type MessagePort, Worker } from 'node:worker_threads';
import type { Environment } from './git.ts';
import type { Share } from './quarantine.ts';
import type { Answer } from './receive.ts';

/** A push of this machine: what its hook was written with, where it runs, and what git told it. */
export interface Here {
  readonly words: readonly string[];
  readonly folder: string;
  readonly environment: Environment;
  readonly updates: string;
}

/** A push of another machine: the file that came of it, see `parcel.ts`. */
export interface Elsewhere {
  readonly parcel: string;
}

export type Question = Here | Elsewhere;

/** `failed`: it could not look, so that the hook has to. */
export type Reply = Answer | { readonly failed: string };

export interface Pool {
  readonly ask: (question: Question) => Promise<Reply>;
  readonly close: () => Promise<void>;
}

/** A worker asks for another one, which answers at the port and then lets go of the flag. */
export interface Help {
  readonly share: Share;
  readonly port: MessagePort;
  readonly flag: Int32Array;
}

/** What a worker says. `helped`: it is free again. */
export type Said = Reply | Help | 'ready' | 'helped';

/** Whoever waits at the flag goes on; without an answer, where none came before. */
export function release(flag: Int32Array): void {
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}

interface Waiting {
  readonly question: Question;
  readonly say: (reply: Reply) => void;
}

/** Published, it is JavaScript as this file is. */
const WORKER = join(import.meta.dirname, `resident-worker${extname(import.meta.filename)}`);

/** Each looks at one push at a time. One that dies is replaced, and its push is looked at by its hook. */
export async function poolOf(size: number): Promise<Pool> {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const waiting: Waiting[] = [];
  const asked = new Map<Worker, Waiting>();
  const helping = new Map<Worker, Int32Array>();
  let closing = false;
  const next = () => {
    while (idle.length > 0 && waiting.length > 0) {
      const [worker, one] = [idle.pop(), waiting.shift()];
      if (worker === undefined || one === undefined) return;
      asked.set(worker, one);
      worker.postMessage(one.question);
    }
  };
  /** Only by one that nobody waits for. */
  const help = ({ share, port, flag }: Help) => {
    const helper = idle.pop();
    if (helper === undefined) {
      port.close();
      release(flag);
      return;
    }
    helping.set(helper, flag);
    helper.postMessage({ share, port, flag } satisfies Help, [port]);
  };
  const failAll = (failed: string) => {
    for (const { say } of waiting.splice(0)) say({ failed });
  };
  const ended = (worker: Worker, failed: string) => {
    all.delete(worker);
    asked.get(worker)?.say({ failed });
    asked.delete(worker);
    const flag = helping.get(worker);
    if (flag !== undefined) release(flag);
    helping.delete(worker);
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
      worker.on('message', (said: Said) => {
        if (typeof said === 'object' && 'share' in said) {
          help(said);
          return;
        }
        if (said === 'ready') {
          begun = true;
          all.add(worker);
          ready();
        } else if (said === 'helped') helping.delete(worker);
        else {
          asked.get(worker)?.say(said);
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

/** Has the server listen. Where it cannot, the workers end too: a process that told why it does not answer would go on for ever. */
export async function listen(server: Server, where: ListenOptions, pool: Pool): Promise<void> {
  try {
    await new Promise<void>((listening, failed) => {
      server.once('error', failed);
      server.listen(where, listening);
    });
  } catch (error) {
    await pool.close();
    throw error;
  }
}

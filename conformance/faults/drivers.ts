/**
 * Faults at the drivers: the N-th query, engine statement, write or message of this process fails, in one of the ways in which such a thing
 * fails. The product knows nothing of it: what is replaced are the functions of pg, chDB and Node that its drivers call. Import it first:
 * a module that took a function of Node before keeps the true one.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import pg from 'pg';

/** How a call fails: it is not done; it is done and nobody hears of it; the other side refuses it for want of room. */
export const WAYS = {
  query: ['lost', 'unanswered', 'full'],
  engine: ['full', 'unanswered'],
  file: ['full', 'broken'],
  message: ['lost', 'unanswered'],
} as const;
export type Place = keyof typeof WAYS;
export type Way = (typeof WAYS)[Place][number];

export interface Fault {
  readonly place: Place;
  readonly way: Way;
  /** Counts from 1. */
  readonly nth: number;
}

let armed: Fault | null = null;
let calls = 0;
let struck: string | null = null;

/** Connections of whoever looks what came of it: nothing of theirs fails, and nothing is counted. */
const spared = new WeakSet<object>();
export const spare = (client: object): void => {
  spared.add(client);
};

/** From now on the N-th call fails, once. */
export function arm(fault: Fault): void {
  armed = fault;
  calls = 0;
  struck = null;
}

/** Nothing fails any more; gives what failed, null where there were fewer calls. */
export function disarm(): string | null {
  armed = null;
  return struck;
}

/** Whether the armed call came and failed. */
export const hasStruck = (): boolean => struck !== null;

/** How many calls there were since a fault was armed that could have been it. */
export const callsMade = (): number => calls;

/** Null for every call but the one that has to fail. */
function strike(place: Place, what: string): Way | null {
  if (armed?.place !== place) return null;
  calls += 1;
  if (calls !== armed.nth) return null;
  struck = what;
  return armed.way;
}

/** By turns there is no room on the disk, and none in memory. */
const odd = (): boolean => calls % 2 === 1;

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });

/** A connection dies before, or after; or PostgreSQL itself has no room, which ends the transaction and nothing else. */
function failQueries(): void {
  const original = pg.Client.prototype.query as (...asked: unknown[]) => unknown;
  type Connected = pg.Client & { readonly connection: { readonly stream: { destroy(): void } } };
  function query(this: Connected, ...asked: unknown[]): unknown {
    const [first] = asked;
    const text = typeof first === 'string' ? first : String((first as { text?: string } | null)?.text);
    const own = typeof asked.at(-1) === 'function' || spared.has(this);
    const way = own ? null : strike('query', text.slice(0, 200));
    if (way === null) return original.apply(this, asked);
    if (way === 'full')
      return original.call(
        this,
        `do $$ begin raise exception 'no room' using errcode = '${odd() ? 53100 : 53200}'; end $$`,
      );
    if (way === 'lost') {
      this.connection.stream.destroy();
      return original.apply(this, asked);
    }
    return (original.apply(this, asked) as Promise<unknown>).then(() => {
      this.connection.stream.destroy();
      throw new Error('Connection terminated unexpectedly');
    });
  }
  pg.Client.prototype.query = query as typeof pg.Client.prototype.query;
}

/** The embedded engine has no room for a statement, or an answer of it cannot be read. */
async function failEngine(): Promise<void> {
  const { Session } = await import('chdb');
  type Asking = (this: unknown, sql: string, ...more: unknown[]) => Promise<unknown>;
  const methods = Session.prototype as unknown as Record<string, Asking>;
  for (const name of ['queryAsync', 'queryBindAsync']) {
    const original = methods[name];
    if (original === undefined) throw new TypeError(`a session of chDB has no ${name}`);
    methods[name] = async function (sql, ...more) {
      const way = strike('engine', sql.slice(0, 200));
      if (way === 'full') throw new Error(`Code: ${odd() ? 243 : 241}. DB::Exception: no room.`);
      const answer = await original.call(this, sql, ...more);
      if (way === 'unanswered') throw new Error('Code: 74. DB::Exception: cannot read.');
      return answer;
    };
  }
}

type AnyFunction = (this: unknown, ...given: never[]) => unknown;

/** Puts another function in place of one, with all that hangs on it: `promisify` looks for some of that. */
function replace(object: object, name: string, by: (original: AnyFunction) => AnyFunction): void {
  const methods = object as Record<string, AnyFunction>;
  const original = methods[name];
  if (original === undefined) throw new TypeError(`there is no ${name} to let fail`);
  const other = by(original);
  Object.defineProperties(other, Object.getOwnPropertyDescriptors(original));
  methods[name] = other;
}

const fileError = (way: Way, name: string) =>
  way === 'full'
    ? coded('ENOSPC', `ENOSPC: no space left on device, ${name}`)
    : coded('EIO', `EIO: i/o error, ${name}`);

const STREAMS = 3;

/** Writing, syncing and naming of files, by each of the three sorts of functions that Node has for it. */
async function failFiles(): Promise<void> {
  const require = createRequire(import.meta.url);
  const fs = require('node:fs') as typeof import('node:fs');
  const promised = (name: string) => (original: AnyFunction) =>
    async function (this: unknown, ...given: never[]) {
      const way = strike('file', name);
      if (way !== null) throw fileError(way, name);
      return original.apply(this, given);
    } as AnyFunction;
  for (const name of ['writeFile', 'appendFile', 'rename', 'mkdir'])
    replace(fs.promises, name, promised(`fs.promises.${name}`));
  const handle = await fs.promises.open(import.meta.filename);
  const shape = Object.getPrototypeOf(handle) as object;
  await handle.close();
  for (const name of ['write', 'writeFile', 'sync', 'datasync'])
    replace(shape, name, promised(`a file's ${name}`));
  for (const name of ['write', 'fsync'])
    replace(
      fs,
      name,
      (original) =>
        function (this: unknown, ...given: never[]) {
          const [descriptor] = given as unknown as [number];
          const done = given.at(-1) as unknown as (error: Error) => void;
          const way = descriptor < STREAMS ? null : strike('file', `fs.${name}`);
          if (way === null) return original.apply(this, given);
          return process.nextTick(done, fileError(way, name));
        } as AnyFunction,
    );
  for (const name of ['writeFileSync', 'writeSync', 'fsyncSync', 'renameSync', 'mkdirSync'])
    replace(
      fs,
      name,
      (original) =>
        function (this: unknown, ...given: never[]) {
          const [file] = given as unknown as [unknown];
          const way = typeof file === 'number' && file < STREAMS ? null : strike('file', `fs.${name}`);
          if (way !== null) throw fileError(way, name);
          return original.apply(this, given);
        } as AnyFunction,
    );
  syncBuiltinESMExports();
}

/** A request to somebody else: the connection dies before it was sent, or when it was answered. */
function failMessages(): void {
  const require = createRequire(import.meta.url);
  for (const protocol of ['node:http', 'node:https']) {
    const http = require(protocol) as typeof import('node:http');
    replace(
      http,
      'request',
      (original) =>
        function (this: unknown, ...given: never[]) {
          const way = strike('message', `${protocol}.request`);
          if (way === null) return original.apply(this, given);
          const gone = coded('ECONNRESET', 'socket hang up');
          const answered = given.at(-1) as unknown;
          const listens = typeof answered === 'function';
          const rest = listens ? given.slice(0, -1) : given;
          const sent = original.apply(this, rest as never[]) as import('node:http').ClientRequest;
          if (way === 'lost') process.nextTick(() => sent.destroy(gone));
          else
            sent.once('response', (response) => {
              response.on('error', () => {}).destroy();
              sent.emit('error', gone);
            });
          return sent;
        } as AnyFunction,
    );
  }
  syncBuiltinESMExports();
}

failQueries();
await failEngine();
await failFiles();
failMessages();

/**
 * Sizes and contents of git objects: from their files where that is plain (`packs.ts`), else through one long-lived
 * `git cat-file --batch-command` (git 2.36 or later; an older git has one process for sizes and one for contents). The process dies
 * of some corrupt objects: the one it died of is reported, a new process answers the rest. Every content is checked against its id.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash, hash } from 'node:crypto';
import type { About, ObjectReader, Unchecked } from './packs.ts';
import { type GitFailure, isGitFailure, lastWords, type Place, run, start } from './process.ts';

export interface GitObject {
  readonly type: string;
  readonly content: Buffer;
}

export interface Objects {
  /** Rejects only when the signal aborts. */
  read(oid: string, limit: number): Promise<GitObject | GitFailure>;
  /** Type and size of many objects at once; what is missing has no entry. */
  sizes(oids: Iterable<string>): Promise<ReadonlyMap<string, About> | GitFailure>;
  close(): void;
}

interface Asked {
  readonly oid: string;
  readonly fail: (reason: unknown) => void;
}

/** About an object's type and size alone. */
interface Outline extends Asked {
  readonly limit?: never;
  readonly answer: (answer: About | GitFailure) => void;
}

interface Whole extends Asked {
  /** Bytes of content that may be read. */
  readonly limit: number;
  readonly answer: (answer: GitObject | GitFailure) => void;
}

type Question = Outline | Whole;

const isOutline = (question: Question): question is Outline => question.limit === undefined;

/** A question is sent only while fewer than this many are open, so answers never pile up. */
const OPEN = 128;
/** New processes that one repository may cost; each is one object git died of. */
const RESTARTS = 500;
const TIMEOUTS = 3;
/** What git ends with when it is called in a way that it does not know. */
const USAGE = 129;
/** Sizes asked for at a time: their answers are a line each, so many may be open. */
const SIZES = 1024;
const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Search paths whose git is older than `--batch-command`: found out once, not again for every repository. */
const older = new Set<string | undefined>();
const TOO_OLD: GitFailure = { fault: 'git-failed', detail: 'this git does not know `--batch-command`' };

export function isOid(text: string): boolean {
  return OID.test(text);
}

/**
 * An object from what git said of it, or undefined when that is not what its id says: the digest of
 * `type size\0content`, SHA-1 or, for 64 digits, SHA-256. The content is a copy, as a slice would keep the whole chunk
 * that came from git alive for as long as the content is.
 */
function objectOf(oid: string, { type, size }: About, content: Buffer): GitObject | undefined {
  const header = `${type} ${size}\0`;
  const hashed = Buffer.allocUnsafe(header.length + size);
  hashed.write(header, 'latin1');
  content.copy(hashed, header.length);
  if (hash(oid.length === 64 ? 'sha256' : 'sha1', hashed) !== oid) return undefined;
  return { type, content: hashed.subarray(header.length) };
}

/** Whether an object is what its id says. */
export function isObject(oid: string, { type, size, content }: Unchecked): boolean {
  const digest = createHash(oid.length === 64 ? 'sha256' : 'sha1').update(`${type} ${size}\0`);
  return digest.update(content).digest('hex') === oid;
}

/** Others get their turn after so much was read without a process, and a signal is heard. */
const TURN_BYTES = 2 ** 20;
const TURN_OBJECTS = 256;

/** Reads what lies plain in files; undefined for what git has to be asked about. */
function directly(reader: ObjectReader, signal: AbortSignal | undefined) {
  let bytes = 0;
  let count = 0;
  return async (oid: string, limit: number): Promise<GitObject | undefined> => {
    const found = reader.read(oid, limit);
    const object = found !== undefined && isObject(oid, found) ? found : undefined;
    bytes += found?.size ?? 0;
    if (++count >= TURN_OBJECTS || bytes >= TURN_BYTES) {
      [bytes, count] = [0, 0];
      await new Promise((next) => setImmediate(next));
    }
    signal?.throwIfAborted();
    return object;
  };
}

export function openObjects(place: Place, reader: ObjectReader): Objects {
  const waiting: Question[] = [];
  const open: Question[] = [];
  let child: ChildProcessWithoutNullStreams | undefined;
  let restarts = 0;
  let timeouts = 0;
  let old = older.has(place.searchPath);
  let closed = false;
  let dead: GitFailure | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** Starts the clock of the oldest open question anew. */
  const watch = () => {
    clearTimeout(timer);
    if (open.length === 0) return;
    timer = setTimeout(
      () => stop({ fault: 'git-timeout', detail: `git was silent for ${place.limits.idle} ms` }),
      place.limits.idle,
    );
  };

  const settle = (question: Question, fault: GitFailure) => {
    if (place.signal?.aborted) question.fail(place.signal.reason);
    else question.answer(fault);
  };

  const settleWhole = (question: Whole, about: About, content: Buffer) => {
    if (place.signal?.aborted) question.fail(place.signal.reason);
    else
      question.answer(
        objectOf(question.oid, about, content) ?? {
          fault: 'object-corrupt',
          detail: `object ${question.oid} is not what its id says`,
        },
      );
  };

  /** Ends the process; the first open question is the one that it died of, the others are asked again. */
  const stop = (fault: GitFailure) => {
    clearTimeout(timer);
    child?.kill('SIGKILL');
    child = undefined;
    const blamed = open.shift();
    if (blamed) settle(blamed, fault);
    waiting.unshift(...open.splice(0));
    restarts++;
    if (fault.fault === 'git-timeout') timeouts++;
    if (fault.fault === 'git-missing' || restarts > RESTARTS || timeouts >= TIMEOUTS) dead = fault;
    pump();
  };

  /** What was asked of a git that does not know the command is asked anew, as an older git knows it. */
  const becomeOlder = () => {
    older.add(place.searchPath);
    old = true;
    clearTimeout(timer);
    child = undefined;
    const again = [...open.splice(0), ...waiting.splice(0)];
    for (const question of again.filter(isOutline)) settle(question, TOO_OLD);
    waiting.push(...again.filter((question) => !isOutline(question)));
    pump();
  };

  const pump = () => {
    if (dead || closed || place.signal?.aborted) {
      clearTimeout(timer);
      const fault = dead ?? { fault: 'git-failed', detail: 'the repository was closed' };
      for (const question of [...open.splice(0), ...waiting.splice(0)]) settle(question, fault);
      return;
    }
    // Asked in bundles: a system call for every object would cost more than the object.
    if (open.length > OPEN / 2) return;
    let asked = '';
    for (;;) {
      const [question] = waiting;
      if (!question || open.length >= (isOutline(question) ? SIZES : OPEN)) break;
      waiting.shift();
      open.push(question);
      if (open.length === 1) watch();
      asked += old ? `${question.oid}\n` : `${isOutline(question) ? 'info' : 'contents'} ${question.oid}\n`;
    }
    if (asked === '') return;
    try {
      child ??= launch();
    } catch (error) {
      dead = { fault: 'git-failed', detail: error instanceof Error ? error.message : String(error) };
      pump();
      return;
    }
    child.stdin.write(asked);
  };

  const launch = (): ChildProcessWithoutNullStreams => {
    const process = start(place, ['cat-file', old ? '--batch' : '--batch-command']);
    let answered = false;
    let stderr = '';
    let parts: Buffer[] = [];
    let held = 0;
    /** The answer whose content is being read. */
    let header: { type: string; size: number } | undefined;
    const mine = () => child === process;
    const take = (): Buffer => {
      const all = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
      parts = [all];
      return all;
    };
    const drop = (count: number, all: Buffer) => {
      parts = count < all.length ? [all.subarray(count)] : [];
      held = all.length - count;
    };
    process.stdout.on('data', (chunk: Buffer) => {
      if (!mine()) return;
      answered = true;
      parts.push(chunk);
      held += chunk.length;
      for (;;) {
        const question = open[0];
        if (!question) break;
        if (header === undefined) {
          const all = take();
          const end = all.indexOf(10);
          if (end < 0) break;
          const [, type = '', size = ''] = all.toString('latin1', 0, end).split(' ');
          drop(end + 1, all);
          if (!/^\d+$/.test(size)) {
            open.shift();
            settle(question, {
              fault: 'object-missing',
              detail: `object ${question.oid} is ${type || 'not known'}`,
            });
            continue;
          }
          const about = { type, size: Number(size) };
          if (isOutline(question)) {
            open.shift();
            question.answer(about);
            continue;
          }
          header = about;
          if (header.size > question.limit) {
            stop({ fault: 'too-large', detail: `object ${question.oid} has ${size} bytes` });
            return;
          }
        }
        if (isOutline(question) || held < header.size + 1) break;
        const all = take();
        open.shift();
        settleWhole(question, header, all.subarray(0, header.size));
        drop(header.size + 1, all);
        header = undefined;
      }
      watch();
      pump();
    });
    process.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk).slice(-4096);
    });
    process.once('error', (error: NodeJS.ErrnoException) => {
      if (mine())
        stop({ fault: error.code === 'ENOENT' ? 'git-missing' : 'git-failed', detail: error.message });
    });
    process.once('close', (code) => {
      if (!mine()) return;
      if (code === USAGE && !answered && !old) becomeOlder();
      else
        stop({ fault: 'object-corrupt', detail: lastWords(stderr) || 'git ended while it read the object' });
    });
    return process;
  };

  let due = false;
  /** What is asked in one go is sent in one go. */
  const soon = () => {
    if (due) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      pump();
    });
  };

  const abort = () => {
    child?.kill('SIGKILL');
    child = undefined;
    pump();
  };
  place.signal?.addEventListener('abort', abort, { once: true });

  const ask = (question: Question) => {
    waiting.push(question);
    soon();
  };
  const readDirectly = directly(reader, place.signal);
  const asked = (oid: string, limit: number) =>
    new Promise<GitObject | GitFailure>((answer, fail) => ask({ oid, limit, answer, fail }));
  const outline = (oid: string) =>
    new Promise<About | GitFailure>((answer, fail) => ask({ oid, answer, fail }));

  const outlines = async (oids: readonly string[]): Promise<ReadonlyMap<string, About> | GitFailure> => {
    const found = new Map<string, About>();
    for (let from = 0; from < oids.length; from += SIZES) {
      const some = oids.slice(from, from + SIZES);
      for (const [index, answer] of (await Promise.all(some.map(outline))).entries()) {
        if (!isGitFailure(answer)) found.set(some[index] ?? '', answer);
        // Of a damaged object nothing is known; any other fault is not the object's.
        else if (answer.fault !== 'object-missing' && answer.fault !== 'object-corrupt') return answer;
      }
    }
    return found;
  };

  return {
    read: async (oid, limit) => {
      if (!isOid(oid)) throw new TypeError(`not an object id: \`${oid}\``);
      return (closed ? undefined : await readDirectly(oid, limit)) ?? asked(oid, limit);
    },
    sizes: async (oids) => {
      const known = new Map<string, About>();
      const wanted: string[] = [];
      for (const oid of [...oids].filter(isOid)) {
        const about = reader.about(oid);
        if (about === undefined) wanted.push(oid);
        else known.set(oid, about);
      }
      if (wanted.length === 0) return known;
      const asked = old ? TOO_OLD : await outlines(wanted);
      const found = asked === TOO_OLD ? await sizesOfOlder(place, wanted) : asked;
      return isGitFailure(found) ? found : new Map([...known, ...found]);
    },
    close: () => {
      closed = true;
      reader.close();
      place.signal?.removeEventListener('abort', abort);
      child?.kill('SIGKILL');
      child = undefined;
      pump();
    },
  };
}

/** Sizes through a process of their own. */
async function sizesOfOlder(
  place: Place,
  oids: readonly string[],
): Promise<ReadonlyMap<string, About> | GitFailure> {
  const found = new Map<string, About>();
  if (oids.length === 0) return found;
  const output = await run(place, ['cat-file', '--batch-check'], { input: `${oids.join('\n')}\n` });
  if (isGitFailure(output)) return output;
  for (const line of output.toString('latin1').split('\n')) {
    const [oid = '', type = '', size = ''] = line.split(' ');
    if (/^\d+$/.test(size)) found.set(oid, { type, size: Number(size) });
  }
  return found;
}

/**
 * Contents of git objects through one long-lived `git cat-file --batch`. The process dies of some corrupt objects:
 * the one it died of is reported, a new process answers the rest. Every content is checked against its id.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash } from 'node:crypto';
import { type Fault, isFault, lastWords, type Place, run, start } from './process.ts';

export interface GitObject {
  readonly type: string;
  readonly content: Buffer;
}

export interface Objects {
  /** Rejects only when the signal aborts. */
  read(oid: string, limit: number): Promise<GitObject | Fault>;
  /** Type and size of many objects at once; what is missing has no entry. */
  sizes(oids: Iterable<string>): Promise<ReadonlyMap<string, { type: string; size: number }> | Fault>;
  close(): void;
}

interface Question {
  readonly oid: string;
  readonly limit: number;
  readonly answer: (answer: GitObject | Fault) => void;
  readonly fail: (reason: unknown) => void;
}

/** A question is sent only while fewer than this many are open, so answers never pile up. */
const OPEN = 64;
/** New processes that one repository may cost; each is one object git died of. */
const RESTARTS = 500;
const TIMEOUTS = 3;
const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export function isOid(text: string): boolean {
  return OID.test(text);
}

/** The id of an object: the digest of `type size\0content`, SHA-1 or, for 64 digits, SHA-256. */
function hashes(oid: string, { type, content }: GitObject): boolean {
  const digest = createHash(oid.length === 64 ? 'sha256' : 'sha1');
  return digest.update(`${type} ${content.length}\0`).update(content).digest('hex') === oid;
}

export function openObjects(place: Place): Objects {
  const waiting: Question[] = [];
  const open: Question[] = [];
  let child: ChildProcessWithoutNullStreams | undefined;
  let restarts = 0;
  let timeouts = 0;
  let closed = false;
  let dead: Fault | undefined;
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

  const settle = (question: Question, answer: GitObject | Fault) => {
    if (place.signal?.aborted) question.fail(place.signal.reason);
    else if (!isFault(answer) && !hashes(question.oid, answer)) {
      question.answer({ fault: 'object-corrupt', detail: `object ${question.oid} is not what its id says` });
    } else question.answer(answer);
  };

  /** Ends the process; the first open question is the one that it died of, the others are asked again. */
  const stop = (fault: Fault) => {
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
    while (open.length < OPEN) {
      const question = waiting.shift();
      if (!question) break;
      open.push(question);
      if (open.length === 1) watch();
      asked += `${question.oid}\n`;
    }
    if (asked === '') return;
    child ??= launch();
    child.stdin.write(asked);
  };

  const launch = (): ChildProcessWithoutNullStreams => {
    const process = start(place, ['cat-file', '--batch']);
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
          header = { type, size: Number(size) };
          if (header.size > question.limit) {
            stop({ fault: 'too-large', detail: `object ${question.oid} has ${size} bytes` });
            return;
          }
        }
        if (held < header.size + 1) break;
        const all = take();
        // A copy: a slice would keep the whole chunk alive for as long as the content is.
        const object = { type: header.type, content: Buffer.from(all.subarray(0, header.size)) };
        drop(header.size + 1, all);
        header = undefined;
        open.shift();
        settle(question, object);
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
    process.once('close', () => {
      if (mine())
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

  return {
    read: (oid, limit) =>
      new Promise((answer, fail) => {
        if (!isOid(oid)) throw new TypeError(`not an object id: \`${oid}\``);
        waiting.push({ oid, limit, answer, fail });
        soon();
      }),
    sizes: async (oids) => {
      const found = new Map<string, { type: string; size: number }>();
      const input = [...oids].filter(isOid).join('\n');
      if (input === '') return found;
      const output = await run(place, ['cat-file', '--batch-check'], { input: `${input}\n` });
      if (isFault(output)) return output;
      for (const line of output.toString('latin1').split('\n')) {
        const [oid = '', type = '', size = ''] = line.split(' ');
        if (/^\d+$/.test(size)) found.set(oid, { type, size: Number(size) });
      }
      return found;
    },
    close: () => {
      closed = true;
      place.signal?.removeEventListener('abort', abort);
      child?.kill('SIGKILL');
      child = undefined;
      pump();
    },
  };
}

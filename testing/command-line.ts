/**
 * The command line for tests, answered by one process that is started once and ends with this one: starting a process and loading the
 * program takes far longer than what most tests ask of it. The process lies behind two FIFOs, so that a test calls it like `spawnSync`.
 * What is about starting and ending a process itself still has to start one.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface CommandRequest {
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; without it the test's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What standard input holds; nothing without it. */
  readonly input?: string | Uint8Array;
}

export interface CommandAnswer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  run(request: CommandRequest): CommandAnswer;
}

/** Reads one line; throws where the other side has ended. */
function readLine(descriptor: number): string {
  const parts: Buffer[] = [];
  const part = Buffer.alloc(65_536);
  for (;;) {
    const length = readSync(descriptor, part);
    if (length === 0) throw new Error('the process behind the command line has ended');
    const read = Buffer.from(part.subarray(0, length));
    parts.push(read);
    if (read.at(-1) === 10) return Buffer.concat(parts).toString();
  }
}

export interface AskedCommandLine {
  /** As `run`, while this process goes on: it may be the server that is asked. */
  ask(request: CommandRequest): Promise<CommandAnswer>;
}

interface StartedProcess {
  /** To be written to. */
  readonly asked: number;
  /** To be read from. */
  readonly answered: number;
}

function startProcess(): StartedProcess {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-command-line-'));
  const questions = join(folder, 'questions');
  const answers = join(folder, 'answers');
  execFileSync('mkfifo', [questions, answers]);
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'command-line-process.ts'), questions, answers],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  child.unref();
  const asked = openSync(questions, 'w');
  const answered = openSync(answers, 'r');
  // Both ends are open: nobody looks for their names any more.
  rmSync(folder, { recursive: true, force: true });
  // Waited for at the end, so that what it took of the processors counts.
  process.once('beforeExit', () => {
    closeSync(asked);
    child.ref();
  });
  return { asked, answered };
}

function questionOf({ args, cwd, env, input }: CommandRequest): string {
  const question = {
    args,
    cwd,
    env: env ?? { ...process.env },
    input: Buffer.from(input ?? '').toString('base64'),
  };
  return `${JSON.stringify(question)}\n`;
}

let running: CommandLine | undefined;

/** Starts the process, where no test before has. */
export function startCommandLine(): CommandLine {
  if (running !== undefined) return running;
  const { asked, answered } = startProcess();
  running = {
    run: (request) => {
      writeSync(asked, questionOf(request));
      return JSON.parse(readLine(answered)) as CommandAnswer;
    },
  };
  return running;
}

let asking: AskedCommandLine | undefined;

/** Starts the process, where no test before has. Questions are answered in the order in which they are asked. */
export function askCommandLine(): AskedCommandLine {
  if (asking !== undefined) return asking;
  const { asked, answered } = startProcess();
  const stream = new Socket({ fd: answered, readable: true, writable: false });
  const waiting: PromiseWithResolvers<CommandAnswer>[] = [];
  createInterface({ input: stream })
    .on('line', (line) => {
      waiting.shift()?.resolve(JSON.parse(line) as CommandAnswer);
      // Nobody waits for a process that nobody asks.
      if (waiting.length === 0) stream.unref();
    })
    .on('close', () => {
      for (const one of waiting.splice(0))
        one.reject(new Error('the process behind the command line has ended'));
    });
  asking = {
    ask: (request) => {
      const answer = Promise.withResolvers<CommandAnswer>();
      waiting.push(answer);
      stream.ref();
      writeSync(asked, questionOf(request));
      return answer.promise;
    },
  };
  return asking;
}

/**
 * The command line for tests, answered by one process that is started once: starting a process and loading the program
 * takes far longer than what most tests ask of it. The process lies behind two FIFOs, so that a test calls it like
 * `spawnSync`. What is about starting and ending a process itself still has to start one.
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
  close(): void;
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
  close(): void;
}

interface StartedProcess {
  /** To be written to. */
  readonly asked: number;
  /** To be read from. */
  readonly answered: number;
  close(): void;
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
  const close = () => {
    closeSync(asked);
    rmSync(folder, { recursive: true, force: true });
  };
  return { asked, answered, close };
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

/** Starts the process; `close` ends it. */
export function startCommandLine(): CommandLine {
  const started = startProcess();
  return {
    run: (request) => {
      writeSync(started.asked, questionOf(request));
      return JSON.parse(readLine(started.answered)) as CommandAnswer;
    },
    close: () => {
      started.close();
      closeSync(started.answered);
    },
  };
}

/** Starts the process; `close` ends it. Questions are answered in the order in which they are asked. */
export function askCommandLine(): AskedCommandLine {
  const started = startProcess();
  const stream = new Socket({ fd: started.answered, readable: true, writable: false });
  const waiting: PromiseWithResolvers<CommandAnswer>[] = [];
  createInterface({ input: stream })
    .on('line', (line) => waiting.shift()?.resolve(JSON.parse(line) as CommandAnswer))
    .on('close', () => {
      for (const one of waiting.splice(0))
        one.reject(new Error('the process behind the command line has ended'));
    });
  return {
    ask: (request) => {
      const answer = Promise.withResolvers<CommandAnswer>();
      waiting.push(answer);
      writeSync(started.asked, questionOf(request));
      return answer.promise;
    },
    close: () => started.close(),
  };
}

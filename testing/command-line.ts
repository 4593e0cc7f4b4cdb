/**
 * The command line for tests, answered by one process that is started once: starting a process and loading the program
 * takes far longer than what most tests ask of it. The process lies behind two FIFOs, so that a test calls it like
 * `spawnSync`. What is about starting and ending a process itself still has to start one.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/** Starts the process; `close` ends it. */
export function startCommandLine(): CommandLine {
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
  return {
    run: ({ args, cwd, env, input }) => {
      const question = {
        args,
        cwd,
        env: env ?? { ...process.env },
        input: Buffer.from(input ?? '').toString('base64'),
      };
      writeSync(asked, `${JSON.stringify(question)}\n`);
      return JSON.parse(readLine(answered)) as CommandAnswer;
    },
    close: () => {
      closeSync(asked);
      closeSync(answered);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

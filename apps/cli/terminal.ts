/** What the command writes to people: progress and mistakes on stderr, results on stdout or in a file. */
import { renameSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Progress } from '@macadam/adapters/sources/port';
import { describeFileDiagnostic, type FileDiagnostic } from '@macadam/core/text/diagnostic';
import { EXIT } from './exit.ts';

/** Something that the person who typed the command can mend, or has to know; shown without a stack. */
export class UsageError extends Error {
  readonly exit: number;
  constructor(message: string, exit: number = EXIT.usage) {
    super(message);
    this.exit = exit;
  }
}

export function complain(mistakes: readonly FileDiagnostic[]): void {
  for (const mistake of mistakes) process.stderr.write(`macadam: ${describeFileDiagnostic(mistake)}\n`);
}

/** One line that is written over; nothing where stderr is not a terminal. */
export function progressLine(quiet: boolean): {
  show: (source: string, progress: Progress) => void;
  clear: () => void;
} {
  const live = !quiet && process.stderr.isTTY;
  const write = (text: string) => live && process.stderr.write(`\r\u001b[2K${text}`);
  return {
    show: (source, { name, done, total }) => {
      const plain = stripVTControlCharacters(name).slice(0, 60);
      write(`${source}: ${total === undefined ? '' : `${done} of ${total} `}${plain}`);
    },
    clear: () => write(''),
  };
}

/** Writes a result whole or not at all. */
export function deliver(text: string, file?: string): void {
  const ended = text.endsWith('\n') ? text : `${text}\n`;
  if (file === undefined) {
    process.stdout.write(ended);
    return;
  }
  const partial = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(partial, ended);
    renameSync(partial, file);
  } catch (error) {
    throw new UsageError(`--out: \`${file}\` cannot be written (${(error as Error).message})`);
  }
}

/** An answer for programs, with `--json`, or in words. */
export function deliverAnswer(
  { json }: { readonly json?: boolean },
  answer: unknown,
  words: string,
  file?: string,
): void {
  deliver(json ? JSON.stringify(answer, null, 2) : words, file);
}

/** What a command is given to read: a file, or with `-` standard input. */
import { readFileSync } from 'node:fs';
import { UsageError } from './terminal.ts';

/**
 * Standard input is read as a stream, to its end: a pipe whose writer is not done yet has nothing to read for a while, and
 * a read that does not wait takes that for an error. Throws `UsageError` for what cannot be read.
 */
export async function textFrom(file: string): Promise<string> {
  try {
    return (file === '-' ? await standardInput() : readFileSync(file)).toString();
  } catch (error) {
    throw new UsageError(`\`${file}\` cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

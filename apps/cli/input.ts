/** What a command is given to read: a file, or with `-` standard input. */
import { readFileSync } from 'node:fs';
import { strayReason, utf8Text } from '@macadam/adapters/facts/utf8';
import { UsageError } from './terminal.ts';

/**
 * Standard input is read as a stream, to its end: a pipe whose writer is not done yet has nothing to read for a while, and
 * a read that does not wait takes that for an error. Throws `UsageError` for what cannot be read, or is no text.
 */
export async function textFrom(file: string): Promise<string> {
  const text = utf8Text(await bytesFrom(file));
  if (typeof text === 'string') return text;
  const name = file === '-' ? 'stdin' : file;
  throw new UsageError(`${name}:${text.line}:${text.byte}: ${strayReason(text)}`);
}

async function bytesFrom(file: string): Promise<Buffer> {
  try {
    return file === '-' ? await standardInput() : readFileSync(file);
  } catch (error) {
    throw new UsageError(`\`${file}\` cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

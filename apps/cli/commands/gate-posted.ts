/** A text before it is shared: what the detectors find in it, as an observation for the gate. */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { readPostedTexts } from '@macadam/adapters/imports/posted-texts/read';
import { BOUNDS } from '@macadam/core/text/bounds';
import { textFrom } from '../input.ts';
import { UsageError } from '../terminal.ts';

export async function postedText(file: string, now: Date): Promise<string> {
  const bytes = file === '-' ? Buffer.from(await textFrom(file)) : fileBytes(file);
  // Standard input has no name, and is plain text.
  const path = file === '-' ? 'stdin.txt' : basename(file);
  const read = readPostedTexts({
    folder: file,
    files: [{ path, bytes }],
    subject: 'to be shared',
    takenAt: now,
    receivedAt: now,
  });
  if ('mistakes' in read)
    throw new UsageError(`${file}: ${read.mistakes.map(({ reason }) => reason).join('; ')}`);
  const { observations, collection } = read.batch;
  const [problem] = collection.problems;
  if (problem !== undefined) throw new UsageError(problem.message);
  return observations.map((one) => JSON.stringify(one)).join('\n');
}

function fileBytes(file: string): Buffer {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new UsageError(`${file}: there is no such file`);
  if (found.size > BOUNDS.document)
    throw new UsageError(`${file} is larger than ${BOUNDS.document} bytes; share it in parts`);
  return readFileSync(file);
}

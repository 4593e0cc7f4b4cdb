/**
 * `docs/asvs.yaml` answers OWASP ASVS 5.0.0: every requirement of level 1 is in it, each with one answer, and each proof that it names
 * exists. Why: a claim of security without a proof that can be run is an opinion, and one left out is a silence.
 */
import { readDocument } from '@macadam/core/text/document';
import { z } from 'zod';
import { finish, type Offence, repositoryFiles, repositoryPaths, type SourceFile } from './repository.ts';

const PATH = 'docs/asvs.yaml';

/** Ids of level 1 of release 5.0.0, by chapter (OWASP, CC BY-SA 4.0). */
const LEVEL_1: readonly string[] = [
  '1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1',
  '2.1.1 2.2.1 2.2.2 2.3.1',
  '3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.5.1 3.5.2 3.5.3',
  '4.1.1 4.4.1',
  '5.2.1 5.2.2 5.3.1 5.3.2',
  '6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2',
  '7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2',
  '8.1.1 8.2.1 8.2.2 8.3.1',
  '9.1.1 9.1.2 9.1.3 9.2.1',
  '10.4.1 10.4.2 10.4.3 10.4.4 10.4.5',
  '11.3.1 11.3.2 11.4.1',
  '12.1.1 12.2.1 12.2.2',
  '13.4.1',
  '14.2.1 14.3.1',
  '15.1.1 15.2.1 15.3.1',
].flatMap((chapter) => chapter.split(' '));

const schema = z.strictObject({
  standard: z.literal('OWASP ASVS 5.0.0'),
  requirements: z.array(
    z.strictObject({
      id: z.string().regex(/^\d+\.\d+\.\d+$/),
      level: z.int().min(1).max(3),
      about: z.string().min(5),
      met: z.array(z.string()).min(1).optional(),
      'not-applicable': z.string().min(10).optional(),
      open: z.string().min(10).optional(),
    }),
  ),
});

/** What proves something: a test, or for what must be written down, the text. */
const PROOF = /\.(test\.ts|md|csv|cedar)$/;

export function checkAsvs(files: readonly SourceFile[], paths: readonly string[]): Offence[] {
  const text = files.find(({ path }) => path === PATH)?.text;
  if (text === undefined) return [];
  const read = readDocument(text, PATH, schema);
  if ('mistakes' in read)
    return read.mistakes.map(({ line, reason }) => ({
      path: PATH,
      what: reason,
      ...(line !== undefined && { line }),
    }));
  const known = new Set([...files.map(({ path }) => path), ...paths]);
  const { requirements } = read.value;
  const found: Offence[] = [];
  const say = (at: number, what: string) =>
    found.push({ path: PATH, line: read.lineOf(['requirements', at]), what });
  const seen = new Set<string>();
  for (const [at, { id, level, met, ...answers }] of requirements.entries()) {
    if (seen.has(id)) say(at, `${id} is answered twice`);
    seen.add(id);
    if (LEVEL_1.includes(id) !== (level === 1)) say(at, `${id} is not of level ${level}`);
    const given = [met, answers['not-applicable'], answers.open].filter((answer) => answer !== undefined);
    if (given.length !== 1) say(at, `${id} needs one of met, not-applicable and open`);
    for (const proof of met ?? []) {
      if (!known.has(proof)) say(at, `${id} names ${proof}, which does not exist`);
      else if (!PROOF.test(proof)) say(at, `${id} names ${proof}, which proves nothing: name a test`);
    }
  }
  const missing = LEVEL_1.filter((id) => !seen.has(id));
  if (missing.length > 0) found.push({ path: PATH, what: `does not answer ${missing.join(', ')}` });
  return found;
}

if (import.meta.main) finish('asvs', checkAsvs(repositoryFiles(), repositoryPaths()));

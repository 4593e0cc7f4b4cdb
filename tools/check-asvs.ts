/**
 * `docs/asvs.yaml` answers OWASP ASVS 5.0.0: every requirement of level 1 is in it, each with one answer, and each proof that it names
 * exists: a test by its title, or words of a document. Whether the test ran and passed is for `tools/proofs.ts`. Why: a claim of security
 * without a proof that can be run is an opinion, and one left out is a silence.
 */
import { ASVS, type AsvsRequirement, readAsvs, titleStands } from './asvs.ts';
import { finish, type Offence, repositoryFiles, type SourceFile } from './repository.ts';

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

/** Requirements that ask for something written; of all others only a test is a proof. */
const WRITTEN = /^(\d+\.1\.\d+|6\.8\.4)$/;

export function checkAsvs(files: readonly SourceFile[]): Offence[] {
  const known = new Map(files.map((file) => [file.path, file]));
  const text = known.get(ASVS)?.text;
  if (text === undefined) return [];
  const read = readAsvs(text);
  if ('mistakes' in read)
    return read.mistakes.map(({ line, reason }) => ({ path: ASVS, what: reason, line: line ?? 1 }));
  const { requirements } = read.value;
  const found = requirements.flatMap((requirement, at) => {
    const again = requirements.findIndex(({ id }) => id === requirement.id) < at;
    return [
      ...(again ? [`${requirement.id} is answered twice`] : []),
      ...wrongAnswers(requirement),
      ...wrongProofs(requirement, known),
      ...wrongControl(requirement, known),
    ].map((what) => ({ path: ASVS, line: read.lineOf(['requirements', at]), what }));
  });
  const seen = new Set(requirements.map(({ id }) => id));
  const missing = LEVEL_1.filter((id) => !seen.has(id));
  const silence = { path: ASVS, what: `does not answer ${missing.join(', ')}` };
  return missing.length > 0 ? [...found, silence] : found;
}

function wrongAnswers({ id, level, met, open, ...answers }: AsvsRequirement): string[] {
  const given = [met, answers['not-applicable'], open].filter((answer) => answer !== undefined);
  return [
    ...(LEVEL_1.includes(id) === (level === 1) ? [] : [`${id} is not of level ${level}`]),
    ...(given.length === 1 ? [] : [`${id} needs one of met, not-applicable and open`]),
  ];
}

function wrongProofs({ id, met = [] }: AsvsRequirement, known: ReadonlyMap<string, SourceFile>): string[] {
  return met.flatMap((proof): string[] => {
    const path = 'test' in proof ? proof.test : proof.document;
    const file = known.get(path);
    if (file === undefined) return [`${id} names ${path}, which does not exist`];
    if ('test' in proof)
      return titleStands(file, proof.title)
        ? []
        : [`${id} names a test that ${path} has not: ${proof.title}`];
    if (!WRITTEN.test(id)) return [`${id} asks for more than a text: name a test in place of ${path}`];
    // Where a line ends is nobody's concern.
    return file.text.replaceAll(/\s+/g, ' ').includes(proof.says)
      ? []
      : [`${id} names words that ${path} has not: ${proof.says}`];
  });
}

function wrongControl(
  { id, met = [], without }: AsvsRequirement,
  known: ReadonlyMap<string, SourceFile>,
): string[] {
  if (without === undefined) return [];
  const times = (known.get(without.file)?.text.split(without.replace).length ?? 1) - 1;
  return [
    ...(times === 1
      ? []
      : [`${id} takes out what stands ${times} times in ${without.file}: ${without.replace}`]),
    ...(met.some((proof) => 'test' in proof) ? [] : [`${id} takes a control out that no test shows`]),
  ];
}

if (import.meta.main) finish('asvs', checkAsvs(repositoryFiles()));

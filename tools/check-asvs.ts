/**
 * `docs/asvs.yaml` answers OWASP ASVS 5.0.0: every requirement of all three levels is in it, each with one answer, and each proof that it names
 * exists: a test by its title, or words of a document. Whether the test ran and passed is for `tools/proofs.ts`. Why: a claim of security
 * without a proof that can be run is an opinion, and one left out is a silence.
 */
import { ASVS, type AsvsRequirement, readAsvs, titleStands } from './asvs.ts';
import { finish, type Offence, type Rule, type SourceFile } from './repository.ts';

/** Ids of release 5.0.0, by level and chapter (OWASP, CC BY-SA 4.0). */
const LEVELS: readonly (readonly string[])[] = [
  [
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
  ],
  [
    '1.1.1 1.1.2 1.2.6 1.2.7 1.2.8 1.2.9 1.3.3 1.3.4 1.3.5 1.3.6 1.3.7 1.3.8 1.3.9 1.3.10 1.3.11 1.4.1 1.4.2 1.4.3 1.5.2',
    '2.1.2 2.1.3 2.2.3 2.3.2 2.3.3 2.3.4 2.4.1',
    '3.3.2 3.3.3 3.3.4 3.4.3 3.4.4 3.4.5 3.4.6 3.5.4 3.5.5 3.7.1 3.7.2',
    '4.1.2 4.1.3 4.2.1 4.3.1 4.3.2 4.4.2 4.4.3 4.4.4',
    '5.1.1 5.2.3 5.4.1 5.4.2 5.4.3',
    '6.1.2 6.1.3 6.2.9 6.2.10 6.2.11 6.2.12 6.3.3 6.3.4 6.4.3 6.4.4 6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.6.1 6.6.2 6.6.3 6.8.1 6.8.2 6.8.3 6.8.4',
    '7.1.1 7.1.2 7.1.3 7.3.1 7.3.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2 7.6.1 7.6.2',
    '8.1.2 8.2.3 8.4.1',
    '9.2.2 9.2.3 9.2.4',
    '10.1.1 10.1.2 10.2.1 10.2.2 10.3.1 10.3.2 10.3.3 10.3.4 10.4.6 10.4.7 10.4.8 10.4.9 10.4.10 10.4.11 10.5.1 10.5.2 10.5.3 10.5.4 10.5.5 10.6.1 10.6.2 10.7.1 10.7.2 10.7.3',
    '11.1.1 11.1.2 11.2.1 11.2.2 11.2.3 11.3.3 11.4.2 11.4.3 11.4.4 11.5.1 11.6.1',
    '12.1.2 12.1.3 12.3.1 12.3.2 12.3.3 12.3.4',
    '13.1.1 13.2.1 13.2.2 13.2.3 13.2.4 13.2.5 13.3.1 13.3.2 13.4.2 13.4.3 13.4.4 13.4.5',
    '14.1.1 14.1.2 14.2.2 14.2.3 14.2.4 14.3.2 14.3.3',
    '15.1.2 15.1.3 15.2.2 15.2.3 15.3.2 15.3.3 15.3.4 15.3.5 15.3.6 15.3.7',
    '16.1.1 16.2.1 16.2.2 16.2.3 16.2.4 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.4.2 16.4.3 16.5.1 16.5.2 16.5.3',
    '17.1.1 17.2.1 17.2.2 17.2.3 17.2.4 17.3.1 17.3.2',
  ],
  [
    '1.2.10 1.3.12 1.5.3',
    '2.3.5 2.4.2',
    '3.1.1 3.2.3 3.3.5 3.4.7 3.4.8 3.5.6 3.5.7 3.5.8 3.6.1 3.7.3 3.7.4 3.7.5',
    '4.1.4 4.1.5 4.2.2 4.2.3 4.2.4 4.2.5',
    '5.2.4 5.2.5 5.2.6 5.3.3',
    '6.3.5 6.3.6 6.3.7 6.3.8 6.4.5 6.4.6 6.5.6 6.5.7 6.5.8 6.6.4 6.7.1 6.7.2',
    '7.5.3',
    '8.1.3 8.1.4 8.2.4 8.3.2 8.3.3 8.4.2',
    '10.2.3 10.3.5 10.4.12 10.4.13 10.4.14 10.4.15 10.4.16',
    '11.1.3 11.1.4 11.2.4 11.2.5 11.3.4 11.3.5 11.5.2 11.6.2 11.7.1 11.7.2',
    '12.1.4 12.1.5 12.3.5',
    '13.1.2 13.1.3 13.1.4 13.2.6 13.3.3 13.3.4 13.4.6 13.4.7',
    '14.2.5 14.2.6 14.2.7 14.2.8',
    '15.1.4 15.1.5 15.2.4 15.2.5 15.4.1 15.4.2 15.4.3 15.4.4',
    '16.5.4',
    '17.1.2 17.2.5 17.2.6 17.2.7 17.2.8',
  ],
].map((chapters) => chapters.flatMap((chapter) => chapter.split(' ')));

const levelOf = (id: string): number => 1 + LEVELS.findIndex((ids) => ids.includes(id));

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
  const missing = LEVELS.flat().filter((id) => !seen.has(id));
  const silence = { path: ASVS, what: `does not answer ${missing.join(', ')}` };
  return missing.length > 0 ? [...found, silence] : found;
}

function wrongAnswers({ id, level, met, open, ...answers }: AsvsRequirement): string[] {
  const given = [met, answers['not-applicable'], open].filter((answer) => answer !== undefined);
  return [
    ...(levelOf(id) === level ? [] : [`${id} is not of level ${level}`]),
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

export const rule: Rule = {
  name: 'asvs',
  offences: (files) => checkAsvs(files),
};

if (import.meta.main) finish(rule);

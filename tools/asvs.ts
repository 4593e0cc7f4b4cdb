/** What `docs/asvs.yaml` says: requirements of OWASP ASVS 5.0.0, each with one answer, and what proves it. */
import { type ReadDocument, readDocument } from '@macadam/core/text/document';
import { z } from 'zod';
import type { SourceFile } from './repository.ts';

export const ASVS = 'docs/asvs.yaml';

/** A test, by its title as it stands in the file; `${…}` in it stands for what the test puts in. */
const testProof = z.strictObject({ test: z.string().regex(/\.test\.ts$/), title: z.string().min(5) });
/** A text, by words that stand in it: only for what asks that something be written down. */
const textProof = z.strictObject({ document: z.string(), says: z.string().min(10) });
/** The control taken out: this text of a file, replaced so, has to make the tests fail that are named. */
const control = z.strictObject({ file: z.string(), replace: z.string().min(3), with: z.string() });

const schema = z.strictObject({
  standard: z.literal('OWASP ASVS 5.0.0'),
  requirements: z.array(
    z.strictObject({
      id: z.string().regex(/^\d+\.\d+\.\d+$/),
      level: z.int().min(1).max(3),
      about: z.string().min(5),
      met: z
        .array(z.union([testProof, textProof]))
        .min(1)
        .optional(),
      without: control.optional(),
      'not-applicable': z.string().min(10).optional(),
      open: z.string().min(10).optional(),
    }),
  ),
});

/** A test that is named, with the requirement that it proves. */
export interface NamedProof {
  readonly id: string;
  readonly test: string;
  readonly title: string;
}
export type Control = z.output<typeof control>;
export type AsvsRequirement = z.output<typeof schema>['requirements'][number];

export const readAsvs = (text: string): ReadDocument<z.output<typeof schema>> =>
  readDocument(text, ASVS, schema);

/** All tests that are named. Throws where the document cannot be read. */
export function testProofs(text: string): readonly NamedProof[] {
  const read = readAsvs(text);
  if ('mistakes' in read) throw new TypeError(`${ASVS}: ${read.mistakes[0]?.reason}`);
  return read.value.requirements.flatMap(({ id, met = [] }) =>
    met.flatMap((proof) => ('test' in proof ? [{ id, test: proof.test, title: proof.title }] : [])),
  );
}

const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** Whether a title as it ran is the one that is named. */
export function titleMatches(named: string, ran: string): boolean {
  const parts = named.split(/\$\{[^}]*\}/).map((part) => literal(part));
  return new RegExp(`^${parts.join('[\\s\\S]+')}$`).test(ran);
}

/** Whether a test of this title stands in the file: as an argument of `test(`, in quotes of any kind. */
export function titleStands({ text }: SourceFile, title: string): boolean {
  return [`'`, '`', '"'].some((quote) => {
    const written = quote === `'` ? title.replaceAll(`'`, `\\'`) : title;
    return new RegExp(`\\b(?:test|it)\\(\\s*${literal(quote + written + quote)}`).test(text);
  });
}

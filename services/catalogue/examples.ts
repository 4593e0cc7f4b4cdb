/** The examples of a standard as they stand in its folder, and what can be wrong with them before they are run. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CAUSES } from '@macadam/core/facts/observation';
import { diagnose } from '@macadam/core/kinds/diagnose';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';
import { didYouMean } from '@macadam/core/text/suggestion';
import { type Example, exampleSchema } from './example.ts';
import { type CatalogueStandard, shown } from './load.ts';

export interface ReadExample {
  /** From the standard's folder on. */
  readonly name: string;
  /** Null where it cannot be read; `mistakes` says why. */
  readonly example: Example | null;
  /** Of an example that can be read: attributes that its kind does not have, and values of another type. */
  readonly mistakes: readonly FileDiagnostic[];
}

export function readExamples(standard: CatalogueStandard): ReadExample[] {
  return files(join(standard.folder, 'examples'))
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => {
      const name = relative(standard.folder, path);
      const file = shown(path);
      const document = readDocument(readFileSync(path, 'utf8'), file, exampleSchema);
      if ('mistakes' in document) return { name, example: null, mistakes: document.mistakes };
      const { value: example, lineOf } = document;
      const mistakes: FileDiagnostic[] = diagnose(standard.compiled.kind, example.attributes ?? {}).map(
        ({ path: place, reason }) => {
          const field = ['attributes', ...place];
          return { file, line: lineOf(field), column: 1, field: field.join('.'), reason };
        },
      );
      const reason = reasonMistake(standard, example);
      if (reason)
        mistakes.push({
          file,
          line: lineOf(['expect', 'reason']),
          column: 1,
          field: 'expect.reason',
          reason,
        });
      return { name, example, mistakes };
    });
}

/** A reason that the expected verdict cannot have. */
function reasonMistake({ definition }: CatalogueStandard, { expect }: Example): string | null {
  const known: Readonly<Record<Example['expect']['verdict'], readonly string[]>> = {
    pass: ['meets'],
    fail: definition.reasons.map(({ id }) => id),
    unknown: CAUSES,
    'not-applicable': ['out-of-scope'],
  };
  const names = known[expect.verdict];
  if (names.includes(expect.reason)) return null;
  const hint = didYouMean(expect.reason, names) || `; there are ${names.join(', ')}`;
  return `a ${expect.verdict} has no reason \`${expect.reason}\`${hint}`;
}

/** Reasons that no example shows: nobody has seen them come out. */
export function reasonsWithoutExample(
  { definition }: CatalogueStandard,
  examples: readonly ReadExample[],
): string[] {
  const expected = new Set(examples.map(({ example }) => example?.expect.reason));
  return definition.reasons.map(({ id }) => id).filter((id) => !expected.has(id));
}

/** Every file below a folder, sorted; none where it is missing. */
export function files(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();
}

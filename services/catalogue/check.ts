/**
 * What can be said of a catalogue without running it: every mistake of every kind, standard, example and framework in
 * one go, what each check costs, and what the engine's compiler leaves to closures.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pass } from '@macadam/adapters/facts/sql/pass';
import { cost } from '@macadam/core/cel/cost';
import { boundsOf } from '@macadam/core/cel/value-size';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';
import { didYouMean } from '@macadam/core/text/suggestion';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { readExamples, reasonsWithoutExample } from './examples.ts';
import { frameworkSchema } from './framework.ts';
import { getBroken, readmeBroken, stayBroken } from './laws.ts';
import {
  type Catalogue,
  type CatalogueStandard,
  loadCatalogue,
  type Overrides,
  shown,
  standardFolders,
} from './load.ts';

export interface Checked {
  readonly standard: CatalogueStandard;
  /** Steps that scope, check and reasons take at most for one asset, with the sizes of lists that its kind states. */
  readonly steps: number;
  /** The construct that the engine's compiler refuses, if one: closures judge it then, slower and equal. */
  readonly refused: string | null;
}

export interface CatalogueCheck {
  readonly catalogue: Catalogue;
  readonly checked: readonly Checked[];
  readonly mistakes: readonly FileDiagnostic[];
  readonly kinds: number;
  readonly frameworks: number;
  /** Names of every standard there is, those that do not load too. */
  readonly names: readonly string[];
}

/** `ids` empty: all. The mistakes of kinds and frameworks are told in either case: standards rest on them. */
export function checkCatalogue(
  roots: readonly string[],
  overrides: Overrides,
  ids: readonly string[],
  now: Date,
): CatalogueCheck {
  const catalogue = loadCatalogue(roots, overrides);
  const folders = roots.flatMap(standardFolders);
  const names = [...new Set(folders.map((folder) => basename(folder)))].sort();
  const left = folders.filter((folder) => ids.length > 0 && !ids.includes(basename(folder)));
  const isLeft = ({ file }: FileDiagnostic) =>
    left.some((folder) => resolve(file).startsWith(`${resolve(folder)}/`));
  const standards = catalogue.standards.filter(({ id }) => ids.length === 0 || ids.includes(id));
  const mistakes = [
    ...catalogue.mistakes.filter((mistake) => !isLeft(mistake)),
    ...standards.flatMap(standardMistakes),
    ...frameworkMistakes(roots, names),
  ];
  return {
    catalogue,
    checked: standards.map((standard) => ({
      standard,
      steps: stepsOf(standard.compiled),
      refused: refusalOf(standard.compiled, now),
    })),
    mistakes: mistakes.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line)),
    kinds: catalogue.kinds.size,
    frameworks: catalogue.frameworks.length,
    names,
  };
}

function standardMistakes(standard: CatalogueStandard): FileDiagnostic[] {
  const about = (name: string, reason: string | null): FileDiagnostic[] =>
    reason === null
      ? []
      : [{ file: shown(join(standard.folder, name)), line: 1, column: 1, field: '', reason }];
  const examples = readExamples(standard);
  const unseen = reasonsWithoutExample(standard, examples);
  return [
    ...about('README.md', readmeBroken(standard)),
    ...about('stay/gate.yaml', stayBroken(standard)),
    ...about('get', getBroken(standard)),
    ...about('examples', unseen.length > 0 ? `none fails as ${unseen.join(', ')}; add one` : null),
    ...examples.flatMap(({ mistakes }) => mistakes),
  ];
}

/** A mapping to a standard that is not there shows an answered requirement as a gap. */
function frameworkMistakes(roots: readonly string[], names: readonly string[]): FileDiagnostic[] {
  const paths = roots
    .map((root) => join(root, 'frameworks'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.yaml'));
  return paths.flatMap((path) => {
    const document = readDocument(readFileSync(path, 'utf8'), shown(path), frameworkSchema);
    if ('mistakes' in document) return [];
    return Object.entries(document.value.requirements).flatMap(([requirement, standards]) =>
      standards.flatMap((id, index): FileDiagnostic[] => {
        const field = ['requirements', requirement, index];
        const place = { file: shown(path), line: document.lineOf(field), column: 1, field: field.join('.') };
        const twice = standards.indexOf(id) !== index ? `\`${id}\` stands here twice` : null;
        const reason = names.includes(id) ? twice : `there is no standard \`${id}\`${didYouMean(id, names)}`;
        return reason === null ? [] : [{ ...place, reason }];
      }),
    );
  });
}

function stepsOf({ kind, where, check, reasons }: CompiledStandard): number {
  const bounds = boundsOf(kind);
  const trees = [where, check, ...reasons.flatMap(({ when, at }) => (at ? [when, at] : [when]))];
  return trees.reduce((sum, { tree }) => sum + cost(tree, bounds).steps, 0);
}

function refusalOf(standard: CompiledStandard, now: Date): string | null {
  const [first] = pass(standard.kind, [standard], { asOf: now, real: now }).refused;
  return first ? first.refusal.refused : null;
}

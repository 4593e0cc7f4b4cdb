/**
 * What goes on judging where a file does not load: the version that judged last. A mistake in a file withdraws nothing, and closes
 * no work; whoever takes a standard out takes its file away.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Kind } from '@macadam/core/kinds/kind';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { compileDefinition, type LastGoodDefinition } from '@macadam/core/verdicts/definition';
import type { CatalogueStandard } from './load.ts';

export interface LastGood {
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: ReadonlyMap<string, LastGoodDefinition>;
}

export const NO_LAST_GOOD: LastGood = { kinds: new Map(), standards: new Map() };

/** What was asked for and did not load. */
export interface Missing {
  readonly kinds: readonly string[];
  readonly standards: readonly string[];
}

/** A standard as it judged last; null where nobody knows, or where it does not compile any more. */
export function lastGoodStandard(
  id: string,
  file: string,
  {
    mistakes,
    kinds,
    lastGood,
  }: {
    /** Of the file as it stands. */
    readonly mistakes: readonly FileDiagnostic[];
    readonly kinds: ReadonlyMap<string, Kind>;
    readonly lastGood: LastGood;
  },
): CatalogueStandard | null {
  const before = lastGood.standards.get(id);
  if (before === undefined || !existsSync(file)) return null;
  const { standard, params, since } = before;
  const kind = kinds.get(standard.scope.kind);
  const place = { file: `${id} as it was`, lineOf: () => 1, overrides: params };
  // By its kind as that is today, so that nothing else of it stands still; by the one of then where it does not fit.
  const today = kind === undefined ? null : compileStandard(standard, kind, { ...place, kinds });
  const compiled = today === null || 'mistakes' in today ? compileDefinition(before) : today;
  if ('mistakes' in compiled) return null;
  const folder = basename(file) === 'standard.yaml' ? dirname(file) : file.slice(0, -'.yaml'.length);
  const readme = join(folder, 'README.md');
  const fix = ['fix.ts', 'fix.js'].map((name) => join(folder, 'get', name)).find((path) => existsSync(path));
  return {
    id,
    folder,
    file,
    definition: standard,
    compiled,
    readme: existsSync(readme) ? readFileSync(readme, 'utf8') : `# ${standard.title}\n\n${standard.why}\n`,
    fix: fix ?? null,
    lastGood: { since, mistakes },
  };
}

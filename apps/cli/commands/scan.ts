/** `macadam scan`: measure, show, and say by the exit code whether all is well. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { discoverFormat, discoverSources, formatIds } from '@macadam/adapters/discover';
import { didYouMean } from '@macadam/core/text/suggestion';
import type { CodeWanted } from '@macadam/services/measure/code';
import { type Measured, measure } from '@macadam/services/measure/measure';
import { EXIT } from '../exit.ts';
import { measureRequest, type ScanOptions } from '../request.ts';
import { complain, deliver, progressLine, UsageError } from '../terminal.ts';
import { exitCode } from './scan-exit.ts';

export interface ScanCommandOptions extends ScanOptions {
  readonly format: string;
  readonly out?: string;
  readonly strict?: boolean;
  readonly softFail?: boolean;
}

export async function scan(paths: readonly string[], options: ScanCommandOptions): Promise<number> {
  const format = await discoverFormat(options.format);
  if (!format) {
    const ids = formatIds();
    throw new UsageError(
      `--format: there is no \`${options.format}\`${didYouMean(options.format, ids)}; there are ${ids.join(', ')}`,
    );
  }
  const measured = await measureHere(paths, options, format.code);
  if (measured === null) return EXIT.usage;
  const terminal = options.out === undefined && process.stdout.isTTY;
  const color = terminal && !process.env.NO_COLOR;
  const text = await format.render(measured.report, {
    color,
    ...(terminal && { width: process.stdout.columns }),
  });
  deliver(text, options.out);
  return exitCode(measured, { strict: options.strict === true, softFail: options.softFail === true });
}

/** Measures what was asked with progress on stderr; null after complaining when that cannot be done. */
export async function measureHere(
  paths: readonly string[],
  options: ScanOptions,
  code?: CodeWanted,
): Promise<Measured | null> {
  const line = progressLine(options.quiet === true);
  const measured = await measure({
    ...measureRequest(paths, options, await discoverSources()),
    progress: line.show,
    code,
  });
  line.clear();
  if ('mistakes' in measured) {
    complain(measured.mistakes);
    return null;
  }
  complain([...measured.warnings, ...measured.notices]);
  const missing = measured.report.scan.sources
    .flatMap(({ problems }) => problems)
    .filter(({ code }) => code === 'target-missing');
  if (missing.length > 0) throw new UsageError(missing.map(({ message }) => message).join('\n'));
  const { sources } = measured.report.scan;
  if (sources.every(({ id, witness }) => id === 'git' && witness?.count === 0)) {
    // Links that lead out of the folder, and folders that may not be read, are why there is none.
    const why = sources.flatMap(({ problems }) =>
      problems.map(({ message, remedy }) => (remedy === undefined ? message : `${message}; ${remedy}`)),
    );
    throw new UsageError([nothingIn(paths.length > 0 ? paths : ['.']), ...shortened(why)].join('\n'));
  }
  return measured;
}

/** Reasons that are written out. */
const REASONS = 5;

function shortened(reasons: readonly string[]): readonly string[] {
  const more = reasons.length - REASONS;
  return more > 0 ? [...reasons.slice(0, REASONS), `and ${more} more`] : reasons;
}

/** A run that met no repository judged nothing, and has to say so before anybody takes it for a pass. */
export function nothingIn(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const around = repositoryAround(resolve(path));
      const remedy = around ? `it lies inside of \`${around}\`: name that` : 'name a folder that holds some';
      return `there is no git repository in \`${path}\` or below it; ${remedy}`;
    })
    .join('\n');
}

function repositoryAround(folder: string): string | null {
  const above = dirname(folder);
  if (above === folder) return null;
  return existsSync(join(above, '.git')) ? above : repositoryAround(above);
}

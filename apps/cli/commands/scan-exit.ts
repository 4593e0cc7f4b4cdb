/** The exit code of what was measured. */
import { couldHaveJudged, somethingNotListed } from '@macadam/core/figures/picture';
import type { Measured } from '@macadam/services/measure/measure';
import { EXIT } from '../exit.ts';

export interface ExitOptions {
  readonly strict: boolean;
  readonly softFail: boolean;
}

/**
 * 1 something fails (with a baseline: something new), 2 a part of the catalogue did not load, 3 nothing fails, but
 * something that a source of this run could have judged was not (`strict`: anything at all), or a container was not listed whole.
 */
export function exitCode({ report, picture, warnings }: Measured, options: ExitOptions): number {
  if (warnings.length > 0) return EXIT.usage;
  const counts = report.comparison ? new Set(report.comparison.new) : null;
  const fails = report.scan.findings.some(
    ({ verdict, exception, fingerprint }) =>
      verdict === 'fail' && !exception && (counts === null || counts.has(fingerprint)),
  );
  const unknown = report.scan.findings.some(({ verdict }) => verdict === 'unknown');
  const unjudged =
    somethingNotListed(picture) || (options.strict ? unknown : couldHaveJudged(picture).length > 0);
  const code = fails ? EXIT.fails : unjudged ? EXIT.unjudged : EXIT.ok;
  return options.softFail ? EXIT.ok : code;
}

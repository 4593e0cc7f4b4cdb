/**
 * SARIF 2.1.0 (OASIS), within what code hosts load. A scan of one repository has paths below its root; one of several
 * puts the repository's name in front of each path.
 */

import type { Problem } from '@macadam/core/facts/observation';
import type { Scan } from '@macadam/core/figures/scan';
import { compact } from '../../compact.ts';
import { count } from '../figures.ts';
import type { Format } from '../port.ts';
import { physicalLocation, ROOT } from './location.ts';
import { message, results } from './results.ts';
import { rule } from './rules.ts';

export const format: Format = {
  id: 'sarif',
  description: 'SARIF 2.1.0, for code hosts and editors: one alert for each place.',
  mediaType: 'application/sarif+json',
  render: ({ scan, standards }) => {
    const found = results(scan);
    const [name = 'macadam', version] = scan.engine.split(' ');
    const log = {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: compact({
              name,
              version,
              rules: scan.standards.map((standard) => rule(standard, standards.get(standard.id))),
            }),
          },
          automationDetails: { id: 'macadam/' },
          columnKind: 'unicodeCodePoints',
          originalUriBaseIds: { [ROOT]: { description: { text: 'The root of what was scanned.' } } },
          invocations: [
            {
              executionSuccessful: scan.sources.every((source) => source.status !== 'failed'),
              endTimeUtc: scan.collectedAt,
              toolExecutionNotifications: notifications(scan, found.leftOut),
            },
          ],
          results: found.results,
          properties: { catalogue: scan.catalogue, asOf: scan.asOf },
        },
      ],
    };
    return `${JSON.stringify(log, null, 2)}\n`;
  },
};

/** What a source could not read is said in the log too: silence would look like a clean result. */
function notifications({ sources }: Scan, leftOut: number) {
  const problems = sources.flatMap((source) =>
    source.problems.map((problem) => notification(source.id, problem)),
  );
  if (leftOut === 0) return problems;
  const text = `${count(leftOut)} results of lesser severity are left out, because code hosts refuse a longer log; --format json has all`;
  return [...problems, { level: 'warning', descriptor: { id: 'results-left-out' }, message: { text } }];
}

function notification(source: string, { code, message: what, remedy, location }: Problem) {
  return {
    level: 'warning',
    descriptor: { id: `${source}/${code}` },
    message: { text: message(remedy === undefined ? what : `${what}: ${remedy}`) },
    ...(location === undefined ? {} : { locations: [physicalLocation(location, null)] }),
  };
}

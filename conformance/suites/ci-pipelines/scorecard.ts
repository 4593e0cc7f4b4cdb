/** OpenSSF Scorecard's workflow checks, as counts of what they warn about. */

import { controllerOf } from '@macadam/adapters/readers/pipelines/github/contexts';
import { contextPath, flows, parseExpression } from '@macadam/adapters/readers/pipelines/github/expression';
import type { Case } from '../../suite.ts';
import { type PipelineFacts, pipelineFacts } from './facts.ts';

interface ScorecardCase {
  readonly check: string;
  readonly test: string;
  readonly fn?: string;
  readonly expression?: string;
  readonly expectedUntrusted?: boolean;
  readonly file?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly yaml?: string;
  readonly expectedFindings?: number;
  readonly expectedWarnings?: number;
  readonly expected?: { readonly NumberOfWarn: string };
}

export function scorecardCases(material: { readonly cases: readonly ScorecardCase[] }): readonly Case[] {
  const seen = new Map<string, number>();
  return material.cases.map((one) => {
    const base = `scorecard/${one.check}/${one.test}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return { id: count === 1 ? base : `${base}/${count}`, run: () => compare(one) };
  });
}

async function compare(one: ScorecardCase): Promise<string | null> {
  if (one.expression !== undefined) return untrusted(one.expression, one.expectedUntrusted === true);
  const facts = await read(one);
  const sum = (count: (each: PipelineFacts) => number): number =>
    facts.reduce((total, each) => total + count(each), 0);
  switch (one.check) {
    case 'dangerous-workflow':
      return difference(
        'dangerous places',
        sum(
          (each) =>
            each.list('untrusted_checkouts').length +
            each.list('expansions').filter(({ controlled_by: who }) => who === 'anyone').length,
        ),
        one.expectedFindings ?? 0,
      );
    case 'pinned-dependencies':
      return difference(
        'unpinned references',
        sum((each) => each.list('uses').filter((use) => !use.local && use.pinned === false).length),
        one.expectedWarnings ?? 0,
      );
    case 'token-permissions':
      return difference('warnings', sum(permissionWarnings), Number(one.expected?.NumberOfWarn ?? 0));
    default:
      return `there is no question for ${one.check}`;
  }
}

function read({ files, file, yaml }: ScorecardCase): Promise<readonly PipelineFacts[]> {
  const given = files ?? { [file ?? '']: yaml ?? '' };
  return pipelineFacts(
    Object.fromEntries(
      Object.entries(given).map(([path, text]) => [path.replace(/^.*?(?=\.github\/)/, ''), text]),
    ),
  );
}

/** Scopes whose misuse changes code, releases or results. */
const DANGEROUS = new Set([
  'statuses',
  'checks',
  'security-events',
  'deployments',
  'contents',
  'packages',
  'actions',
  '*',
]);

/** One for a file without a declaration of its own, one for each dangerous right that no known step needs. */
function permissionWarnings(facts: PipelineFacts): number {
  if (facts.list('jobs').length === 0) return 0;
  const declared = /^permissions:/m.test(facts.text) ? 0 : 1;
  const rights = facts
    .list('grants')
    .filter(
      ({ level, scope, needed_by: by }) =>
        level === 'write' && typeof scope === 'string' && DANGEROUS.has(scope) && by === undefined,
    );
  return declared + rights.length;
}

function untrusted(text: string, expected: boolean): string | null {
  const expression = parseExpression(text);
  if ('error' in expression) return `not an expression: ${expression.message}`;
  const found = flows(expression).some((flow) => controllerOf(contextPath(flow) ?? []) === 'anyone');
  return found === expected ? null : `${text}: we say ${found ? 'untrusted' : 'trusted'}`;
}

function difference(what: string, ours: number, theirs: number): string | null {
  return ours === theirs ? null : `${what}: ours ${ours}, theirs ${theirs}`;
}

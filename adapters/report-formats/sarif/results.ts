/**
 * Findings as SARIF results: one for each place that decided a verdict, so that each becomes an alert where it can be
 * mended. An unknown is a result of kind `open`: the rule was evaluated, and what was known did not decide it.
 */
import { createHash } from 'node:crypto';
import {
  approvalSaid,
  type Evidence,
  type Finding,
  type Scan,
  type Severity,
} from '@macadam/core/figures/scan';
import { containerOf, hasSeveralRepositories } from '../place.ts';
import { visible } from '../text.ts';
import { type PhysicalLocation, physicalLocation } from './location.ts';

/** Code hosts take this many results of a run, and show a fifth of them; the gravest come first. */
export const RESULT_LIMIT = 25_000;

const MESSAGE_LIMIT = 1_000;

export const levels = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
} as const satisfies Record<Severity, string>;

export interface Alert {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly kind: 'fail' | 'open';
  readonly level: 'error' | 'warning' | 'note' | 'none';
  readonly message: { readonly text: string };
  readonly locations: readonly [PhysicalLocation];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly suppressions?: readonly {
    readonly kind: 'external';
    readonly status: 'accepted';
    readonly justification: string;
  }[];
  readonly properties: Readonly<Record<string, unknown>>;
}

const rank: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

export function results(scan: Scan): { readonly results: readonly Alert[]; readonly leftOut: number } {
  const index = new Map(scan.standards.map((standard, at) => [standard.id, { standard, at }]));
  const gravity = ({ severity, verdict }: Finding): number =>
    (verdict === 'fail' ? 0 : rank.length) + rank.indexOf(severity);
  const several = hasSeveralRepositories(scan);
  const all = scan.findings
    .toSorted((a, b) => gravity(a) - gravity(b))
    .flatMap((finding) => {
      const rule = index.get(finding.standard);
      return rule === undefined ? [] : ofFinding(finding, rule.at, several);
    });
  return { results: all.slice(0, RESULT_LIMIT), leftOut: Math.max(0, all.length - RESULT_LIMIT) };
}

function ofFinding(finding: Finding, ruleIndex: number, several: boolean): Alert[] {
  const container = several ? containerOf(finding) : null;
  const { exception } = finding;
  const shared = {
    ruleId: finding.standard,
    ruleIndex,
    ...(finding.verdict === 'fail'
      ? { kind: 'fail' as const, level: levels[finding.severity] }
      : { kind: 'open' as const, level: 'none' as const }),
    ...(exception === undefined
      ? {}
      : {
          suppressions: [
            {
              kind: 'external' as const,
              status: 'accepted' as const,
              justification: message(
                `${exception.reason} (${approvalSaid(exception)} until ${exception.until})`,
              ),
            },
          ],
        }),
  };
  const seen = new Map<string, number>();
  const located = finding.evidence.filter((evidence) => evidence.location !== undefined);
  const places: readonly (Evidence | null)[] = located.length > 0 ? located : [null];
  return places.map((evidence) => {
    const location = evidence?.location ?? finding.location;
    // The text and not the line: a place keeps its identity when lines above it come and go.
    const identity = `${location?.path ?? ''}\n${evidence?.text ?? ''}`;
    const repetition = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, repetition);
    const reason = evidence?.reason ?? finding.reason;
    const said = finding.reasons?.find(({ id }) => id === reason)?.message ?? finding.message;
    return {
      ...shared,
      properties: {
        verdict: finding.verdict,
        reason,
        asset: finding.asset,
        owner: finding.owner,
        assurance: finding.assurance,
      },
      message: { text: message(evidence === null ? finding.message : `${said}: ${evidence.text}`) },
      locations: [physicalLocation(location, container)],
      partialFingerprints: fingerprints(finding.fingerprint, identity, repetition),
    };
  });
}

/** `primaryLocationLineHash` is the one that code hosts match alerts by; they would compute it from lines otherwise. */
function fingerprints(finding: string, identity: string, repetition: number): Record<string, string> {
  const place = createHash('sha256').update(`${finding}\n${identity}`).digest('hex').slice(0, 16);
  return {
    'macadam/finding/v1': finding,
    'macadam/place/v1': `${place}:${repetition}`,
    primaryLocationLineHash: `${place}:${repetition}`,
  };
}

/** Plain text: `](` would make a link of what somebody named a file, and `{0}` stands for an argument. */
export function message(text: string): string {
  const shown = visible(text)
    .replaceAll('](', '] (')
    .replaceAll(/\{(\d+)\}/g, '{ $1 }');
  const characters = [...shown.slice(0, MESSAGE_LIMIT * 2)];
  const clipped =
    characters.length <= MESSAGE_LIMIT ? shown : `${characters.slice(0, MESSAGE_LIMIT - 1).join('')}…`;
  return clipped === '' ? '(no text)' : clipped;
}

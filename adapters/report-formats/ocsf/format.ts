/**
 * OCSF 1.8.0, class 2003 Compliance Finding: a JSON array with one event on each line, so that both a JSON parser and
 * a reader of lines can take it. An unknown is the status `Warning`, which the class defines as "did not yield a
 * result due to missing information".
 */

import {
  approvalSaid,
  type Evidence,
  type Finding,
  type Scan,
  type ScanStandard,
  type Severity,
} from '@macadam/core/figures/scan';
import { compact } from '../../compact.ts';
import { containerOf } from '../place.ts';
import type { Comparison, Format, StandardText } from '../port.ts';

const VERSION = '1.8.0';

const severities: Readonly<Record<Severity, readonly [number, string]>> = {
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
};

export const format: Format = {
  id: 'ocsf',
  description:
    'OCSF 1.8.0 Compliance Findings (class 2003), for security lakes: a JSON array, one event a line.',
  mediaType: 'application/json',
  render: ({ scan, standards, comparison }) => {
    const figures = new Map(scan.standards.map((each) => [each.id, each]));
    const events = scan.findings.map((finding) =>
      JSON.stringify(
        event({
          finding,
          figures: figures.get(finding.standard),
          text: standards.get(finding.standard),
          scan,
          comparison,
        }),
      ),
    );
    return events.length === 0 ? '[]\n' : `[\n${events.join(',\n')}\n]\n`;
  },
};

interface EventInput {
  readonly finding: Finding;
  readonly figures: ScanStandard | undefined;
  readonly text: StandardText | undefined;
  readonly scan: Scan;
  readonly comparison: Comparison | null;
}

function event({ finding, figures, text, scan, comparison }: EventInput) {
  const [name = 'macadam', version] = scan.engine.split(' ');
  const [severityId, severity] = severities[finding.severity];
  const known = comparison !== null && !comparison.new.includes(finding.fingerprint);
  const [activityId, activity] = known ? ([2, 'Update'] as const) : ([1, 'Create'] as const);
  const [statusId, status] =
    finding.exception === undefined ? ([1, 'New'] as const) : ([3, 'Suppressed'] as const);
  const container = containerOf(finding);
  return {
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2003,
    class_name: 'Compliance Finding',
    activity_id: activityId,
    activity_name: activity,
    type_uid: 200_300 + activityId,
    type_name: `Compliance Finding: ${activity}`,
    time: Date.parse(scan.collectedAt),
    severity_id: severityId,
    severity,
    status_id: statusId,
    status,
    status_code: finding.reason,
    message: finding.message,
    ...(finding.exception === undefined
      ? {}
      : {
          comment: `${finding.exception.reason}; ${approvalSaid(finding.exception)} until ${finding.exception.until}`,
        }),
    metadata: {
      version: VERSION,
      uid: `${finding.fingerprint}/${scan.collectedAt}`,
      product: compact({ name, vendor_name: name, version }),
    },
    finding_info: compact({
      uid: finding.fingerprint,
      title: figures?.title ?? finding.standard,
      desc: text?.statement,
      types: [finding.standard],
      data_sources: scan.sources.map((source) => source.id),
    }),
    compliance: compact({
      control: finding.standard,
      standards: ['Macadam', ...Object.keys(text?.mappings ?? {})],
      requirements: requirements(text),
      desc: text?.statement,
      ...(finding.verdict === 'fail'
        ? { status_id: 3, status: 'Fail' }
        : { status_id: 2, status: 'Warning' }),
      status_code: finding.reason,
      status_details: [finding.message],
    }),
    resources: [
      {
        uid: finding.asset.id,
        name: finding.asset.name,
        type: finding.asset.kind,
        ...(container === null || container === finding.asset.name ? {} : { namespace: container }),
        ...(finding.owner === null ? {} : { owner: { name: finding.owner } }),
      },
    ],
    ...(finding.evidence.length === 0 ? {} : { evidences: finding.evidence.map(evidence) }),
    ...(text === undefined ? {} : { remediation: { desc: remediation(finding.standard, text) } }),
    unmapped: {
      verdict: finding.verdict,
      assurance: finding.assurance,
      as_of: scan.asOf,
      catalogue: scan.catalogue,
    },
  };
}

function requirements(text: StandardText | undefined): string[] {
  return Object.entries(text?.mappings ?? {}).flatMap(([framework, ids]) =>
    ids.map((id) => `${framework} ${id}`),
  );
}

function remediation(standard: string, { why, fixable }: StandardText): string {
  return `${why} ${fixable ? `Run: macadam fix --standard ${standard}` : `Read: macadam explain ${standard}`}`;
}

/** A line has no place in the schema's file object, so it stands with the text. */
function evidence({ text, location }: Evidence) {
  if (location === undefined) return { data: { text } };
  const { path, line } = location;
  const name = path.split('/').at(-1) || path;
  // 1 is a regular file.
  return {
    file: { name, path, type_id: 1, type: 'Regular File' },
    data: compact({ text, line }),
  };
}

/** Reports for tests: a small estate as a scan would describe it, and variations that try a format's limits. */

import type { Report, StandardText } from '@macadam/adapters/report-formats/port';
import { CHANGE_CAUSES, type ChangeCause } from '@macadam/core/figures/comparison';
import type { Finding, Scan, ScanPlace, ScanStandard } from '@macadam/core/figures/scan';

export interface Variation {
  /** Put where names, messages, owners, paths and commands stand. */
  readonly text?: string;
  /** Number of findings; 5 when not given. */
  readonly findings?: number;
}

const standards: readonly ScanStandard[] = [
  {
    ...figures({
      id: 'pipeline-uses-pinned',
      title: 'Pipelines use actions pinned to a commit',
      severity: 'high',
      pass: 410,
      fail: 140,
      unknown: 50,
      notApplicable: 12,
    }),
    places: [
      placeFigures({ place: 'product', pass: 400, fail: 40, unknown: 0, notApplicable: 12 }),
      placeFigures({ place: 'test', pass: 10, fail: 100, unknown: 0, notApplicable: 0 }),
      placeFigures({ place: null, pass: 0, fail: 0, unknown: 50, notApplicable: 0 }),
    ],
  },
  figures({
    id: 'repository-owned',
    title: 'Every repository has living owners',
    severity: 'medium',
    pass: 7,
    fail: 2,
    unknown: 3,
    notApplicable: 0,
  }),
  figures({
    id: 'dependencies-locked',
    title: 'Dependencies are locked',
    severity: 'medium',
    pass: 12,
    fail: 0,
    unknown: 0,
    notApplicable: 4,
  }),
  figures({
    id: 'secrets-not-in-code',
    title: 'No secret stands in code',
    severity: 'critical',
    pass: 0,
    fail: 1,
    unknown: 11,
    notApplicable: 0,
  }),
  {
    ...figures({
      id: 'default-branch-protected',
      title: 'The default branch is protected',
      severity: 'high',
      pass: 0,
      fail: 0,
      unknown: 12,
      notApplicable: 0,
    }),
    outOfReach: true,
  },
  figures({
    id: 'commits-signed-with-presence',
    title: 'Commits are signed with presence',
    severity: 'low',
    pass: 0,
    fail: 0,
    unknown: 0,
    notApplicable: 12,
  }),
];

interface PlaceFiguresInput {
  readonly place: string | null;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly notApplicable: number;
}

function placeFigures({ place, pass, fail, unknown, notApplicable }: PlaceFiguresInput): ScanPlace {
  const {
    id,
    pillar,
    title,
    label,
    severity,
    accountable,
    target,
    status,
    measure,
    statusCause,
    definition,
    containers,
    outOfReach,
    ...shares
  } = figures({ id: 'any', title: 'any', severity: 'low', pass, fail, unknown, notApplicable });
  return { place, ...shares };
}

interface FiguresInput {
  readonly id: string;
  readonly title: string;
  readonly severity: ScanStandard['severity'];
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly notApplicable: number;
}

function figures({ id, title, severity, pass, fail, unknown, notApplicable }: FiguresInput): ScanStandard {
  const scope = pass + fail + unknown;
  const of = (part: number): number | null => (scope === 0 ? null : part / scope);
  return {
    id,
    pillar: 'engineering',
    title,
    label: title.slice(0, 38),
    severity,
    accountable: null,
    target: null,
    status: 'no-target',
    measure: null,
    statusCause: 'no-target',
    definition: 'ab12',
    scope,
    pass,
    fail,
    unknown,
    notApplicable,
    atLeast: of(pass),
    atMost: of(pass + unknown),
    measured: of(pass + fail),
    excepted: 0,
    adjustedAtLeast: of(pass),
    containers: { whole: 5, total: 5 },
    outOfReach: false,
  };
}

function finding(index: number, text: string | undefined): Finding {
  const kinds = ['unpinned', 'failed', 'unpinned', 'uncovered', 'leaked'] as const;
  const reason = kinds[index % kinds.length] ?? 'unpinned';
  const standard = {
    unpinned: 'pipeline-uses-pinned',
    failed: 'repository-owned',
    uncovered: 'repository-owned',
    leaked: 'secrets-not-in-code',
  };
  const path = text ?? `.github/workflows/build ${index}.yml`;
  const line = 10 + index;
  const verdict = reason === 'failed' ? 'unknown' : 'fail';
  const evidence = {
    text: text ?? `actions/checkout@v${index}`,
    source: 'git',
    observedAt: '2026-11-01T08:59:00Z',
  };
  const located = reason === 'unpinned' || reason === 'leaked';
  return {
    standard: standard[reason],
    asset: { id: `repository/file/shop-${index}`, kind: 'repository', name: text ?? `shop-${index}` },
    verdict,
    severity: standards.find(({ id }) => id === standard[reason])?.severity ?? 'medium',
    reason,
    message:
      text ??
      (verdict === 'fail' ? `${index + 1} references are not pinned to a commit` : 'object 12ab is missing'),
    assurance: verdict === 'fail' ? 'configured' : null,
    owner: index % 2 === 0 ? (text ?? '@acme/platform') : null,
    evidence: located
      ? [
          { ...evidence, location: { path, line } },
          { ...evidence, location: { path, line: line + 1 } },
        ]
      : [],
    location: located ? { path, line } : null,
    fingerprint: index.toString(16).padStart(32, '0'),
    ...(index % 5 === 2
      ? {
          exception: {
            reason: text ?? 'vendor fixes it in spring',
            approver: text ?? '@ada',
            until: '2027-03-01',
          },
        }
      : {}),
  };
}

function texts(text: string | undefined): ReadonlyMap<string, StandardText> {
  return new Map(
    standards.map(({ id, severity }) => [
      id,
      {
        id,
        statement: text ?? 'Every reference of a pipeline names a commit.',
        why: text ?? 'A tag can be moved to other code after it was reviewed.',
        guidance: `## Avoid\n\n${text ?? 'Tags.'}\n\n## Prefer\n\nCommits.\n`,
        severity,
        fixable: id === 'pipeline-uses-pinned',
        mappings: { 'nist-800-53': ['SR-3', 'SI-7'] },
      },
    ]),
  );
}

/** A realistic report, or with `text` one in which everything a stranger can write says that. */
export function sampleReport({ text, findings = 5 }: Variation = {}): Report {
  const remedy = text ?? 'scan with --github';
  const scan: Scan = {
    schema: 'macadam.scan/1',
    engine: 'macadam 0.1.0',
    catalogue: 'sha256:0011223344556677',
    collectedAt: '2026-11-01T09:00:00Z',
    asOf: '2026-11-01T09:00:00Z',
    sources: [
      {
        id: 'git',
        status: 'incomplete',
        complete: false,
        witness: { id: 'git', count: 12 },
        problems: [
          {
            code: 'object-missing',
            cause: 'failed',
            message: text ?? 'object 12ab of shop-1 is missing',
            remedy,
            asset: 'repository/file/shop-1',
          },
        ],
      },
    ],
    assets: { repository: 12, pipeline: 600, dependency: 18_204 },
    standards: text === undefined ? standards : standards.map((each) => ({ ...each, title: text })),
    notJudged: [
      {
        standard: 'own-standard',
        why: text ?? 'its definition did not load',
        mistakes: [text ?? 'x.yaml:1:1: y'],
      },
    ],
    notListed: [],
    findings: Array.from({ length: findings }, (_, index) => finding(index, text)),
  };
  return {
    scan,
    standards: texts(text),
    actions: [
      {
        standard: 'secrets-not-in-code',
        title: text ?? 'No secret stands in code',
        severity: 'critical',
        owner: text ?? '@acme/platform',
        where: text ?? 'shop-4',
        place: text ?? 'config/settings.ts:14',
        failures: 1,
        first: {
          text: text ?? 'a key of the payment provider',
          location: { path: text ?? 'config/settings.ts', line: 14 },
        },
        command: text ?? 'macadam explain secrets-not-in-code',
      },
      {
        standard: 'pipeline-uses-pinned',
        title: text ?? 'Pipelines use actions pinned to a commit',
        severity: 'high',
        owner: null,
        where: text ?? 'shop-0',
        place: text ?? '.github/workflows/build 0.yml:10',
        failures: 140,
        first: null,
        command: text ?? 'macadam fix shop-0 --standard pipeline-uses-pinned',
      },
    ],
    blindSpots: [
      {
        what: text ?? 'What the code host enforces',
        standards: ['default-branch-protected'],
        assets: 12,
        why: text ?? 'a folder does not hold it',
        remedy,
      },
      {
        what: text ?? 'One repository',
        standards: [],
        assets: 1,
        why: text ?? 'objects are missing',
        remedy: null,
      },
    ],
    comparison: null,
    remembered: { settled: [], listings: [] },
    title: text ?? 'shop',
  };
}

/** The same report compared with an earlier one. */
export function comparedReport(variation: Variation = {}): Report {
  const report = sampleReport(variation);
  const of = (index: number): string[] =>
    report.scan.findings.slice(index, index + 1).map((each) => each.fingerprint);
  return {
    ...report,
    comparison: {
      since: '2026-10-25T09:00:00Z',
      changes: [
        {
          standard: 'dependencies-locked',
          asset: { id: 'manifest/x', name: variation.text ?? 'shop-9' },
          fingerprint: 'f'.repeat(32),
          from: 'fail',
          to: 'pass',
          cause: 'fixed',
        },
      ],
      counts: { ...noChanges(), fixed: 1 },
      new: of(0),
      stillFailing: of(2),
      redefined: [],
    },
  };
}

const noChanges = (): Record<ChangeCause, number> =>
  Object.fromEntries(CHANGE_CAUSES.map((cause) => [cause, 0])) as Record<ChangeCause, number>;

/** Nothing was found at all: no asset, so every standard has an empty scope. */
export function emptyReport(): Report {
  const report = sampleReport({ findings: 0 });
  const { id, title, severity } = {
    id: 'repository-owned',
    title: 'Every repository has living owners',
    severity: 'medium' as const,
  };
  return {
    ...report,
    scan: {
      ...report.scan,
      sources: [],
      assets: {},
      standards: [figures({ id, title, severity, pass: 0, fail: 0, unknown: 0, notApplicable: 0 })],
    },
    actions: [],
    blindSpots: [],
  };
}

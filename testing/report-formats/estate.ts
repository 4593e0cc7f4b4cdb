/**
 * A made-up estate of any size, for tests of the page and for its pictures until a real one is given. Figures are
 * counted from the verdicts, so every number has its list. Deterministic: the same size gives the same report.
 */
import { createHash } from 'node:crypto';
import type { NextStep, Report, Settled, StandardText } from '@macadam/adapters/report-formats/port';
import type { Finding, FoundAsset, Scan, ScanStandard, Severity } from '@macadam/core/figures/scan';

interface Recipe {
  readonly id: string;
  readonly title: string;
  readonly statement: string;
  readonly severity: Severity;
  readonly kind: 'repository' | 'pipeline';
  readonly reason: string;
  readonly message: string;
  readonly text: string;
  readonly path: string;
  /** Of a hundred assets: how many fail, are unknown and are out of scope; the rest passes. */
  readonly fail: number;
  readonly unknown: number;
  readonly outside?: number;
  readonly cause?: string;
  readonly fixable?: boolean;
}

const RECIPES: readonly Recipe[] = [
  {
    id: 'pipeline-no-untrusted-code',
    title: 'Pipelines never run code of strangers with rights',
    statement: 'No pipeline runs what an outsider wrote while it holds a secret or a token that can write.',
    severity: 'critical',
    kind: 'pipeline',
    reason: 'head-checked-out',
    message: 'a pull_request_target job checks out the head of the pull request and runs it',
    text: 'ref: github.event.pull_request.head.sha',
    path: '.github/workflows/preview.yml',
    fail: 2,
    unknown: 3,
    cause: 'failed',
  },
  {
    id: 'secrets-not-in-code',
    title: 'Secrets do not stand in code',
    statement: 'No file of the default branch holds a credential that works.',
    severity: 'critical',
    kind: 'repository',
    reason: 'secret-found',
    message: '1 secret: a cloud access key, 20 characters, its checksum is right',
    text: 'cloud access key, AKIA… (20 characters)',
    path: 'deploy/staging.env',
    fail: 4,
    unknown: 6,
    cause: 'failed',
  },
  {
    id: 'pipeline-uses-pinned',
    title: 'Pipelines use actions by commit',
    statement: 'Every action and container that a pipeline uses is named by a digest that cannot move.',
    severity: 'high',
    kind: 'pipeline',
    reason: 'unpinned',
    message: '2 references are not pinned to a commit',
    text: 'actions/checkout@v4',
    path: '.github/workflows/build.yml',
    fail: 58,
    unknown: 3,
    cause: 'failed',
    fixable: true,
  },
  {
    id: 'pipeline-least-privilege',
    title: 'Pipeline tokens can do only what the job needs',
    statement: 'The token of every job states its permissions, and none of them is write-all.',
    severity: 'high',
    kind: 'pipeline',
    reason: 'no-permissions',
    message: 'the workflow states no permissions, so its token can do whatever the organisation allows',
    text: 'jobs.build',
    path: '.github/workflows/build.yml',
    fail: 31,
    unknown: 9,
    cause: 'unobserved',
    fixable: true,
  },
  {
    id: 'pipeline-from-governed-template',
    title: 'Production builds use a governed template',
    statement: 'Every pipeline that builds for production extends a template that the estate governs.',
    severity: 'medium',
    kind: 'pipeline',
    reason: 'no-template',
    message: 'no job calls a governed template',
    text: 'jobs.release',
    path: '.github/workflows/release.yml',
    fail: 22,
    unknown: 12,
    outside: 30,
    cause: 'undefined',
  },
  {
    id: 'repository-owned',
    title: 'Every file has an owner who exists',
    statement: 'CODEOWNERS covers every file of the default branch with owners who exist.',
    severity: 'high',
    kind: 'repository',
    reason: 'no-codeowners',
    message: 'there is no CODEOWNERS file',
    text: 'none of CODEOWNERS, .github/CODEOWNERS, docs/CODEOWNERS',
    path: 'CODEOWNERS',
    fail: 12,
    unknown: 9,
    cause: 'unobserved',
    fixable: true,
  },
  {
    id: 'dependencies-locked',
    title: 'Dependencies are locked by digest',
    statement: 'Every manifest has a lockfile beside it whose entries carry digests.',
    severity: 'medium',
    kind: 'repository',
    reason: 'no-lockfile',
    message: 'package.json has no lockfile',
    text: 'package.json',
    path: 'package.json',
    fail: 0,
    unknown: 0,
    outside: 20,
  },
  {
    id: 'dependencies-updated-automatically',
    title: 'Dependencies are kept current by a tool',
    statement: 'Every place that declares dependencies is covered by an update tool.',
    severity: 'medium',
    kind: 'repository',
    reason: 'not-covered',
    message: 'npm in / is covered by no update configuration',
    text: 'npm:/',
    path: 'package.json',
    fail: 34,
    unknown: 2,
    cause: 'failed',
    fixable: true,
  },
  {
    id: 'commits-signed-with-presence',
    title: 'Commits are signed with proof of presence',
    statement: 'Every commit of the default branch is signed with a key that a person touched.',
    severity: 'high',
    kind: 'repository',
    reason: 'unsigned',
    message: '41 of the newest 100 commits are unsigned',
    text: 'commit 3f1c9a2',
    path: '',
    fail: 71,
    unknown: 18,
    cause: 'incomplete',
  },
  {
    id: 'default-branch-protected',
    title: 'The default branch is protected',
    statement: 'No change reaches the default branch without review, and history cannot be rewritten.',
    severity: 'high',
    kind: 'repository',
    reason: 'unprotected',
    message: 'nothing is enforced on the default branch',
    text: '',
    path: '',
    fail: 0,
    unknown: 100,
    cause: 'unobserved',
  },
  {
    id: 'push-protection-on',
    title: 'The code host refuses pushed secrets',
    statement: 'Push protection is on for every repository.',
    severity: 'high',
    kind: 'repository',
    reason: 'off',
    message: 'push protection is off',
    text: '',
    path: '',
    fail: 0,
    unknown: 100,
    cause: 'unobserved',
  },
];

const WHY = 'the code host was not asked: a folder of clones does not say it';
const TEAMS = ['payments', 'identity', 'web', 'data', 'platform', 'mobile'];
const AREAS = [
  'checkout',
  'ledger',
  'sign-in',
  'search',
  'catalogue',
  'mail',
  'reports',
  'gateway',
  'billing',
];

const GUIDANCE = `# Guidance

## Avoid

\`\`\`yaml
- uses: actions/checkout@v4
\`\`\`

## Prefer

\`\`\`yaml
- uses: actions/checkout@0123456789abcdef0123456789abcdef01234567 # v4
\`\`\`

## Why

A tag can be moved by **whoever** holds the account; a commit cannot.

## Exceptions

None that are known.

## Fix

1. Run \`macadam fix\`, or name the commit by hand.
2. Let the update tool move it from there on.

## Measured by

The reference of each step. It does *not* count how many actions are used.
`;

/** `names` replaces names, owners, messages and evidence in turn: for text that means harm. */
export function estate(options: { repositories: number; names?: readonly string[] }): Report {
  const { repositories, names = [] } = options;
  let turn = 0;
  const hostile = (otherwise: string): string => {
    turn += 1;
    return names.length === 0 ? otherwise : (names[turn % names.length] ?? otherwise);
  };
  const findings: Finding[] = [];
  const settled: Settled[] = [];
  const standards: ScanStandard[] = [];
  const assets = Array.from({ length: repositories }, (_, i) => {
    const area = AREAS[i % AREAS.length] ?? '';
    const name = hostile(`acme/${area}${i < AREAS.length ? '' : `-${Math.floor(i / AREAS.length) + 1}`}`);
    return { name, owner: i % 9 === 4 ? null : hostile(`@acme/${TEAMS[i % TEAMS.length]}`), i };
  });
  RECIPES.forEach((recipe, index) => {
    const tally = { pass: 0, fail: 0, unknown: 0, 'not-applicable': 0 };
    let excepted = 0;
    for (const { name, owner, i } of assets) {
      // A step that has no factor in common with a hundred spreads the verdicts over the estate.
      const draw = (i * 37 + index * 13) % 100;
      const asset: FoundAsset =
        recipe.kind === 'repository'
          ? { id: `repository/file/${i}`, kind: 'repository', name }
          : {
              id: `pipeline/file/${i}/${recipe.path}`,
              kind: 'pipeline',
              name: `${name} ${recipe.path}`,
              container: name,
            };
      const { fail, unknown, outside = 0 } = recipe;
      if (draw >= fail + unknown) {
        const verdict = draw >= 100 - outside ? 'not-applicable' : 'pass';
        tally[verdict] += 1;
        settled.push({ standard: recipe.id, asset, verdict, owner });
        continue;
      }
      const verdict = draw < fail ? 'fail' : 'unknown';
      tally[verdict] += 1;
      const exempt = verdict === 'fail' && draw === 1 && recipe.id === 'pipeline-uses-pinned';
      if (exempt) excepted += 1;
      const location =
        verdict === 'fail' && recipe.path !== '' ? { path: recipe.path, line: 3 + (i % 40) } : null;
      findings.push({
        standard: recipe.id,
        asset,
        verdict,
        severity: recipe.severity,
        reason: verdict === 'fail' ? recipe.reason : (recipe.cause ?? 'unobserved'),
        message: hostile(verdict === 'fail' ? recipe.message : WHY),
        assurance: verdict === 'fail' ? 'configured' : null,
        owner,
        evidence:
          verdict === 'fail'
            ? [
                {
                  ...(location && { location }),
                  text: hostile(recipe.text),
                  source: 'git',
                  observedAt: '2026-11-25T09:58:12Z',
                },
              ]
            : [],
        location,
        fingerprint: createHash('sha256').update(`${recipe.id}\n${asset.id}`).digest('hex').slice(0, 32),
        ...(exempt && {
          exception: { reason: 'moves to the new template', approver: '@acme/security', until: '2027-01-31' },
        }),
      });
    }
    const scope = tally.pass + tally.fail + tally.unknown;
    const share = (part: number) => (scope === 0 ? null : part / scope);
    standards.push({
      id: recipe.id,
      pillar: index < 2 || index > 7 ? 'identities' : 'engineering',
      title: recipe.title,
      label: recipe.title.slice(0, 38),
      severity: recipe.severity,
      accountable: null,
      target: null,
      status: 'no-target',
      measure: null,
      statusCause: 'no-target',
      definition: recipe.id,
      scope,
      pass: tally.pass,
      fail: tally.fail,
      unknown: tally.unknown,
      notApplicable: tally['not-applicable'],
      atLeast: share(tally.pass),
      atMost: share(tally.pass + tally.unknown),
      measured: share(tally.pass + tally.fail),
      excepted,
      adjustedAtLeast: share(tally.pass + excepted),
      containers: { whole: repositories, total: repositories },
      outOfReach: recipe.unknown === 100,
    });
  });
  const scan: Scan = {
    schema: 'macadam.scan/1',
    engine: 'macadam 0.1.0',
    catalogue: createHash('sha256').update('catalogue').digest('hex').slice(0, 12),
    collectedAt: '2026-11-25T09:58:12Z',
    asOf: '2026-11-25T09:58:12Z',
    sources: [
      {
        id: 'git',
        status: 'incomplete',
        complete: false,
        witness: { id: 'the listing of the folder', count: repositories },
        problems: [
          {
            code: 'object-missing',
            cause: 'failed',
            message: hostile(
              'acme/ledger: an object that HEAD needs is missing, so its files could not be read',
            ),
            remedy: hostile('run git fetch --refetch in it'),
            location: { path: hostile('acme/ledger') },
          },
        ],
      },
    ],
    assets: { repository: repositories, pipeline: repositories * 4 },
    standards,
    notJudged: [],
    notListed: [],
    findings,
  };
  return {
    scan,
    standards: new Map(RECIPES.map((recipe) => [recipe.id, written(recipe)])),
    actions: actionsFor(findings),
    blindSpots: [
      {
        what: 'What the code host enforces',
        standards: ['default-branch-protected', 'push-protection-on'],
        assets: repositories,
        findings: findings
          .filter(({ standard }) => ['default-branch-protected', 'push-protection-on'].includes(standard))
          .map(({ fingerprint }) => fingerprint),
        why: hostile(WHY),
        remedy: hostile('macadam scan --github acme, with a token that may read administration settings'),
      },
    ],
    comparison: null,
    remembered: { settled: [], listings: [] },
    settled,
    title: hostile('acme'),
  };
}

function written(recipe: Recipe): StandardText {
  return {
    id: recipe.id,
    statement: recipe.statement,
    why: 'What nobody measures, nobody fixes; and what can be moved by others will be.',
    guidance: GUIDANCE,
    severity: recipe.severity,
    fixable: recipe.fixable ?? false,
    mappings: { 'NIST CSF 2.0': ['PR.PS-01'] },
  };
}

function actionsFor(findings: readonly Finding[]): NextStep[] {
  const fails = findings.filter((finding) => finding.verdict === 'fail' && !finding.exception);
  const groups = Map.groupBy(fails, ({ standard, asset }) =>
    JSON.stringify([standard, asset.container ?? asset.name]),
  );
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    const recipe = RECIPES.find(({ id }) => id === first?.standard);
    if (first === undefined || recipe === undefined) return [];
    const where = first.asset.container ?? first.asset.name;
    return {
      standard: recipe.id,
      title: recipe.title,
      severity: recipe.severity,
      owner: first.owner,
      where,
      place: first.location?.path ?? '',
      failures: members.length,
      first: first.evidence[0] ?? null,
      command: `macadam ${recipe.fixable ? 'fix --standard' : 'explain'} ${recipe.id}`,
    };
  });
}

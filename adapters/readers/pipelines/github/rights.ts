/**
 * What well-known actions need of the token (`GITHUB_TOKEN`), from their own documentation. It decides whether a
 * granted right is explained by a step, and what a minimal declaration contains. Scopes written; reading `contents`
 * is assumed for every job.
 */
const WRITES: readonly (readonly [scopes: string, actions: string])[] = [
  [
    'contents',
    [
      'softprops/action-gh-release ncipollo/release-action actions/create-release actions/upload-release-asset',
      'svenstaro/upload-release-action goreleaser/goreleaser-action peaceiris/actions-gh-pages',
      'jamesives/github-pages-deploy-action stefanzweifel/git-auto-commit-action ad-m/github-push-action',
      'cycjimmy/semantic-release-action marvinpinto/action-automatic-releases elgohr/github-release-action',
      'endbug/add-and-commit crazy-max/ghaction-github-pages actions-js/push xresloader/upload-to-github-release',
      'anothrnick/github-tag-action mathieudutour/github-tag-action helm/chart-releaser-action',
      'metcalfc/changelog-generator release-drafter/release-drafter taiki-e/create-gh-release-action',
      'taiki-e/upload-rust-binary-action',
    ].join(' '),
  ],
  [
    'contents pull-requests',
    'peter-evans/create-pull-request googleapis/release-please-action google-github-actions/release-please-action changesets/action',
  ],
  [
    'pull-requests',
    'actions/labeler marocchino/sticky-pull-request-comment thollander/actions-comment-pull-request hmarr/auto-approve-action amannn/action-semantic-pull-request',
  ],
  [
    'issues pull-requests',
    'actions/stale peter-evans/create-or-update-comment dessant/lock-threads actions/first-interaction',
  ],
  ['issues', 'peter-evans/create-issue-from-file actions/add-to-project'],
  [
    'security-events',
    [
      'github/codeql-action github/codeql-action/analyze github/codeql-action/upload-sarif haskell-actions/hlint-scan',
      'zizmorcore/zizmor-action github/ossar-action microsoft/security-devops-action anchore/scan-action/download',
      'microsoft/msvc-code-analysis-action',
    ].join(' '),
  ],
  ['security-events id-token', 'ossf/scorecard-action'],
  [
    'id-token',
    [
      'pypa/gh-action-pypi-publish aws-actions/configure-aws-credentials azure/login google-github-actions/auth',
      'sigstore/gh-action-sigstore-python rubygems/release-gem rubygems/configure-rubygems-credentials',
      'rust-lang/crates-io-auth-action step-security/wait-for-secrets hashicorp/vault-action nuget/login',
      'chainguard-dev/actions/setup-gitsign octo-sts/action',
    ].join(' '),
  ],
  ['pages id-token', 'actions/deploy-pages'],
  ['pages', 'actions/configure-pages'],
  ['attestations id-token', 'actions/attest actions/attest-build-provenance actions/attest-sbom'],
  [
    'checks',
    'dorny/test-reporter mikepenz/action-junit-report enricomi/publish-unit-test-result-action lycheeverse/lychee-action/check',
  ],
  ['statuses', 'myrotvorets/set-commit-status-action'],
  ['deployments', 'chrnorm/deployment-action bobheadxi/deployments cloudflare/pages-action'],
  ['packages', 'jetbrains/build-and-push-packages'],
];

const BY_ACTION: ReadonlyMap<string, readonly string[]> = new Map(
  WRITES.flatMap(([scopes, actions]) =>
    actions.split(' ').map((action) => [action, scopes.split(' ')] as const),
  ),
);

/** Commands that write with the token, and the scopes that they need. */
const BY_COMMAND: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\bsemantic-release\b/, ['contents', 'issues', 'pull-requests']],
  [/\bgh\s+release\s+(create|upload|edit|delete)\b/, ['contents']],
  [/\bgit\s+push\b/, ['contents']],
  [/\bgoreleaser\s+release\b/, ['contents']],
  [/\bgh\s+pr\s+(comment|edit|review|create|merge|close|ready)\b/, ['pull-requests']],
  [/\bgh\s+issue\s+(comment|edit|create|close)\b/, ['issues']],
  [/\bnpm\s+publish\b.*--provenance\b/, ['id-token']],
  [/\bdocker\s+push\s+ghcr\.io\//, ['packages']],
  [/\b(mvn|mvnw|gradle|gradlew)\b.*\b(deploy|publish)\b/, ['packages']],
  [/\bgh\s+workflow\s+run\b/, ['actions']],
];

/** Scopes that a step is known to write; empty when nothing is known. */
export function writesOf(action: string | undefined, run: string | undefined): readonly string[] {
  const scopes = new Set<string>(action === undefined ? [] : (BY_ACTION.get(action) ?? []));
  for (const [command, needed] of BY_COMMAND)
    if (run !== undefined && command.test(run)) for (const scope of needed) scopes.add(scope);
  return [...scopes];
}

/** Scopes that a token can have: docs.github.com, "Workflow syntax", `permissions`. */
export const SCOPES: ReadonlySet<string> = new Set(
  [
    'actions artifact-metadata attestations checks contents deployments discussions id-token issues metadata models',
    'packages pages pull-requests repository-projects security-events statuses copilot-requests code-quality',
  ]
    .join(' ')
    .split(' '),
);

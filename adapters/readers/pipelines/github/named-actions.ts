/**
 * What is known of actions by their names: archived ones, ones that a command replaces, ones that fetch whatever is newest, ones that
 * hand out more than is asked for, and names that are one slip of a finger away from a well-known one of somebody else.
 */
import { type Entry, entriesOf, textOf } from '../document.ts';
import type { Weakness } from './weakness.ts';
import { actionName, type Job, type Step, type Workflow } from './workflow.ts';

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

/** Repositories that their owners archived, or gave up with a pointer elsewhere: nobody mends what is found in them. */
const ARCHIVED: ReadonlySet<string> = new Set(
  words(`
actions/create-release actions/upload-release-asset actions/setup-ruby actions/setup-elixir actions/setup-haskell
actions-rs/toolchain actions-rs/cargo actions-rs/clippy-check actions-rs/audit-check actions-rs/grcov actions-rs/tarpaulin
actions-rs/install actions-rs/components-nightly artichoke/setup-rust
azure/k8s-actions azure/appservice-actions azure/container-actions azure/container-scan azure/get-keyvault-secrets
azure/manage-azure-policy azure/webapps-container-deploy azure/appconfiguration-sync azure/spring-cloud-deploy
cedrickring/golang-action cirrus-actions/rebase contributor-assistant/github-action convictional/trigger-workflow-and-wait
crazy-max/ghaction-docker-buildx crazy-max/ghaction-hugo delaguardo/setup-graalvm expo/expo-preview-action
facebook/pysa-action google/mirror-branch-action gradle/gradle-build-action grafana/k6-action
hashicorp/terraform-cdk-action helaili/jekyll-action helaili/github-graphql-action ilshidur/action-slack
jakejarvis/s3-sync-action jakejarvis/hugo-build-action jakejarvis/lighthouse-action jakejarvis/cloudflare-purge-action
justinribeiro/lighthouse-action machine-learning-apps/wandb-action marvinpinto/actions
marvinpinto/action-automatic-releases maxheld83/ghpages paambaati/codeclimate-action repo-sync/pull-request
repo-sync/repo-sync secrethub/actions semgrep/semgrep-action sonarsource/sonarcloud-github-action
stefanprodan/kube-tools svenstaro/upx-action technote-space/get-diff-action
technote-space/auto-cancel-redundant-workflow tibdex/github-app-token veryGoodOpenSource/very_good_coverage
whelk-io/maven-settings-xml-action youyo/aws-cdk-github-actions z0al/dependent-issues 8398a7/action-slack
`).map((name) => name.toLowerCase()),
);

/** Actions that do what a command of every hosted runner does; of the second list some people want more than that. */
const REPLACEABLE: ReadonlySet<string> = new Set(
  words(`
softprops/action-gh-release ncipollo/release-action svenstaro/upload-release-action addnab/docker-run-action
actions-ecosystem/action-add-labels actions-ecosystem/action-remove-labels sergeysova/jq-action
elgohr/github-release-action dacbd/create-issue-action
`),
);
const ARGUABLY: ReadonlySet<string> = new Set(
  words(`
peter-evans/create-pull-request peter-evans/create-or-update-comment dtolnay/rust-toolchain
stefanzweifel/git-auto-commit-action endbug/add-and-commit
`),
);

/** Actions that install a tool of any version, and the input that names one. */
const TOOLS: ReadonlyMap<string, string> = new Map([
  ['extractions/setup-just', 'just-version'],
  ['extractions/setup-crate', 'version'],
  ['aquasecurity/setup-trivy', 'version'],
  ['1password/load-secrets-action', 'version'],
]);

/** Actions that very many workflows name, so that somebody may own what a slip of a finger makes of the name. */
const WELL_KNOWN: ReadonlySet<string> = new Set(
  words(`
actions/cache actions/checkout actions/configure-pages actions/create-github-app-token actions/dependency-review-action
actions/deploy-pages actions/download-artifact actions/first-interaction actions/github-script actions/labeler
actions/setup-dotnet actions/setup-go actions/setup-java actions/setup-node actions/setup-python actions/stale
actions/attest actions/attest-build-provenance actions/upload-artifact actions/upload-pages-artifact
anchore/sbom-action anchore/scan-action aquasecurity/trivy-action astral-sh/setup-uv astral-sh/ruff-action
aws-actions/amazon-ecr-login aws-actions/configure-aws-credentials azure/login azure/setup-helm azure/setup-kubectl
bazel-contrib/setup-bazel browser-actions/setup-chrome bufbuild/buf-action cachix/install-nix-action
changesets/action cloudflare/wrangler-action codecov/codecov-action coverallsapp/github-action cypress-io/github-action
denoland/setup-deno dependabot/fetch-metadata docker/bake-action docker/build-push-action docker/login-action
docker/metadata-action docker/setup-buildx-action docker/setup-qemu-action dorny/paths-filter dorny/test-reporter
dtolnay/rust-toolchain gitleaks/gitleaks-action github/codeql-action golangci/golangci-lint-action
google-github-actions/auth google-github-actions/setup-gcloud goreleaser/goreleaser-action gradle/actions
hashicorp/setup-terraform helm/kind-action jamesives/github-pages-deploy-action mikefarah/yq
ncipollo/release-action nick-fields/retry ossf/scorecard-action oven-sh/setup-bun peaceiris/actions-gh-pages
peter-evans/create-pull-request pnpm/action-setup pre-commit/action pypa/cibuildwheel pypa/gh-action-pypi-publish
release-drafter/release-drafter ruby/setup-ruby rust-lang/crates-io-auth-action shivammathur/setup-php
sigstore/cosign-installer slackapi/slack-github-action snyk/actions softprops/action-gh-release
sonarsource/sonarqube-scan-action step-security/harden-runner stefanzweifel/git-auto-commit-action
styfle/cancel-workflow-action subosito/flutter-action super-linter/super-linter swatinem/rust-cache
taiki-e/install-action tj-actions/changed-files webfactory/ssh-agent
`),
);

/** Rights over an organisation and none of its repositories: whoever asks for these alone needs no list of repositories. */
const ORGANISATION_ONLY =
  /^permission-(?:organization-[a-z-]+|members|(?:enterprise-)?custom-properties-for-organizations)$/;

/** What the names of the actions say that a workflow uses, its reusable workflows included. */
export function* namedActions(workflow: Workflow): Generator<Weakness> {
  for (const job of workflow.jobs) {
    if (job.uses !== undefined) yield* ofName(nameOf(job.uses.text), job.uses, job.id);
    for (const step of job.steps) {
      const action = actionName(step);
      if (action === undefined || step.uses === undefined) continue;
      yield* ofName(action, step.uses, job.id);
      yield* ofTool(action, job, step);
      if (action === 'actions/create-github-app-token') yield* ofAppToken(job, step);
    }
  }
}

interface At {
  readonly line: number;
  readonly col: number;
}

const isExpression = (text: string | undefined): boolean => text?.includes('${{') === true;
const nameOf = (uses: string): string => (uses.split('@')[0] ?? '').toLowerCase();

function* ofName(action: string, { line, col }: At, job: string): Generator<Weakness> {
  const [owner = '', name = ''] = action.split('/');
  const repository = `${owner}/${name}`;
  const at = { line, col, job };
  if (ARCHIVED.has(repository)) yield { rule: 'archived-action', text: `${action} is archived`, ...at };
  if (REPLACEABLE.has(action) || ARGUABLY.has(action))
    yield {
      rule: 'replaceable-action',
      text: `${action} does what a command of the runner does`,
      ...at,
      stated: REPLACEABLE.has(action),
    };
  const meant = looksLike(owner, name);
  if (meant !== undefined)
    yield { rule: 'lookalike-action', text: `${repository} is one character away from ${meant}`, ...at };
}

/** The well-known action of another owner that is one character, or two that changed places, away. */
function looksLike(owner: string, name: string): string | undefined {
  const repository = `${owner}/${name}`;
  if (/^[.$]?$/.test(owner) || name === '' || WELL_KNOWN.has(repository)) return undefined;
  for (const known of WELL_KNOWN)
    if (!known.startsWith(`${owner}/`) && isOneSlip(repository, known)) return known;
  return undefined;
}

/** Whether one text becomes the other by one character more, less or different, or by two neighbours that change places. */
function isOneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  return (
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    restA.slice(1) === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}

/** The inputs of a step by their names in lower case. */
function inputsOf(step: Step): ReadonlyMap<string, Entry> {
  return new Map(entriesOf(step.with).map((each) => [each.key.toLowerCase(), each]));
}

function* ofTool(action: string, job: Job, step: Step): Generator<Weakness> {
  const name = TOOLS.get(action);
  if (name === undefined || step.uses === undefined) return;
  const given = inputsOf(step).get(name);
  const version = textOf(given?.value)?.trim();
  if (given !== undefined && version !== 'latest' && !isExpression(version)) return;
  const { line, col } = given ?? step.uses;
  yield {
    rule: 'unpinned-tool',
    text: `${action} installs ${isExpression(version) ? 'whatever version an expression names' : 'whatever is newest'}`,
    line,
    col,
    job: job.id,
  };
}

/** A token of a GitHub App that outlives the job, reaches every repository of the owner, or has every right of the App. */
function* ofAppToken(job: Job, step: Step): Generator<Weakness> {
  if (step.uses === undefined || (step.with !== undefined && step.with.type !== 'mapping')) return;
  const inputs = inputsOf(step);
  const weak = { rule: 'broad-app-token', job: job.id } as const;
  const kept = inputs.get('skip-token-revoke');
  const keeps = textOf(kept?.value)?.trim();
  if (kept !== undefined && (keeps?.toLowerCase() === 'true' || isExpression(keeps)))
    yield { ...weak, text: 'the token is not revoked when the job ends', line: kept.line, col: kept.col };
  const rights = [...inputs.keys()].filter((name) => name.startsWith('permission-'));
  const owner = inputs.get('owner');
  const reachesNoCode = rights.length > 0 && rights.every((name) => ORGANISATION_ONLY.test(name));
  if (owner !== undefined && !inputs.has('repositories') && !reachesNoCode)
    yield {
      ...weak,
      text: 'the token reaches every repository of the owner',
      line: owner.line,
      col: owner.col,
    };
  if (rights.length === 0)
    yield {
      ...weak,
      text: 'the token has every right of the App',
      line: step.uses.line,
      col: step.uses.col,
    };
}

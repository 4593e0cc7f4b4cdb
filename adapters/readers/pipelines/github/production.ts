/** Where a workflow publishes or deploys: what makes its build a production build. */
import { child, type Place, textOf } from '../document.ts';
import { referenceOf } from './uses.ts';
import { actionName, input, type Job, type Step, type Workflow } from './workflow.ts';

/** Actions that publish a package, an image or a release, or bring something into operation. */
const PUBLISHERS: ReadonlySet<string> = new Set(
  [
    'actions/create-release actions/deploy-pages ad-m/github-push-action aws-actions/amazon-ecs-deploy-task-definition',
    'aws-actions/aws-cloudformation-github-deploy azure/aks-set-context azure/arm-deploy azure/container-apps-deploy-action',
    'azure/functions-action azure/k8s-deploy azure/static-web-apps-deploy azure/webapps-deploy changesets/action',
    'cloudflare/pages-action cloudflare/wrangler-action cycjimmy/semantic-release-action docker/build-push-action',
    'elgohr/publish-docker-github-action google-github-actions/deploy-appengine google-github-actions/deploy-cloud-functions',
    'google-github-actions/deploy-cloudrun goreleaser/goreleaser-action helm/chart-releaser-action',
    'jamesives/github-pages-deploy-action js-devtools/npm-publish katyo/publish-crates ncipollo/release-action',
    'peaceiris/actions-gh-pages pulumi/actions pypa/gh-action-pypi-publish rubygems/release-gem softprops/action-gh-release',
    'svenstaro/upload-release-action taiki-e/create-gh-release-action appleboy/ssh-action appleboy/scp-action',
    'release-drafter/release-drafter googleapis/release-please-action actions/upload-release-asset pyo3/maturin-action',
    'snok/install-poetry/publish burrunan/gradle-publish samuelmeuli/action-electron-builder tauri-apps/tauri-action',
  ]
    .join(' ')
    .split(' '),
);

/** Publishers only under a condition on an input. */
const CONDITIONS: ReadonlyMap<string, (step: Step) => boolean> = new Map([
  [
    'pypa/gh-action-pypi-publish',
    (step: Step) =>
      !/test\.pypi/i.test(textOf(input(step, 'repository-url') ?? input(step, 'repository_url')) ?? ''),
  ],
  [
    'docker/build-push-action',
    (step: Step) =>
      isOn(textOf(input(step, 'push'))) || /push=true/.test(textOf(input(step, 'outputs')) ?? ''),
  ],
  ['pyo3/maturin-action', (step: Step) => /^(publish|upload)$/.test(textOf(input(step, 'command')) ?? '')],
  ['release-drafter/release-drafter', (step: Step) => isOn(textOf(input(step, 'publish')))],
]);

const COMMANDS =
  /\b(npm|pnpm)\s+publish\b|\byarn\s+(npm\s+)?publish\b|\bcargo\s+publish\b|\btwine\s+upload\b|\b(uv|poetry|flit|hatch|pdm|maturin)\s+publish\b|\bgem\s+push\b|\bnuget\s+push\b|\bdocker\s+push\b|\b(docker\s+)?buildx\s+build\b[^\n]*--push\b|\bmvnw?\b[^\n]*\bdeploy\b|\bgradlew?\b[^\n]*\bpublish|\bhelm\s+(upgrade|push)\b|\bkubectl\s+(apply|rollout|set\s+image)\b|\bterraform\s+apply\b|\btofu\s+apply\b|\bgh\s+release\s+(create|upload)\b|\bsemantic-release\b|\bgoreleaser\s+release\b|\b(cdk|sam|serverless|sls)\s+deploy\b|\bpulumi\s+up\b|\baz\s+(webapp|functionapp|containerapp)\s+(deploy|deployment|up|update)\b|\bgcloud\s+[^\n]*\bdeploy\b|\baws\s+s3\s+sync\b|\bvsce\s+publish\b|\bwrangler\s+(deploy|publish)\b|\bfly(ctl)?\s+deploy\b/;

/**
 * Names of environments that are production. An environment is also a place to keep the secrets of a bot, so any
 * other name says nothing.
 */
const LIVE =
  /(^|[^a-z])(prod|production|prd|live|release|releases|publish|deploy|deployment|pypi|npm|crates\.io|maven|nuget|docker|dockerhub|ghcr|registry|github-pages|pages|marketplace|store)([^a-z]|$)/i;
/** Names, or parts of names, that people give to rehearsals. */
const REHEARSAL =
  /(^|[^a-z])(dev|test|staging|stage|qa|uat|preview|sandbox|nightly|canary)([^a-z]|$)|test\.?pypi/i;

export interface Production extends Place {
  readonly job: string;
  /** What makes it one, as people would say it. */
  readonly what: string;
  /** The template that does it, `owner/repository/path` in lower case; none when the file itself does. */
  readonly template?: string;
}

function isOn(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== '' && !/^(false|no|off|0)$/i.test(text.trim());
}

/** `published` steps for any purpose: also those whose inputs leave it open. */
export function publishes(step: Step, strict = true): boolean {
  const action = actionName(step);
  if (action !== undefined && PUBLISHERS.has(action))
    return !strict || (CONDITIONS.get(action)?.(step) ?? true);
  return (
    step.run !== undefined && COMMANDS.test(uncommented(step.run.text)) && !/--dry-run\b/.test(step.run.text)
  );
}

function uncommented(script: string): string {
  return script.replace(/^\s*#.*$/gm, '');
}

function environmentOf(job: Job): string | undefined {
  const node = child(job.node, 'environment');
  return textOf(node?.type === 'mapping' ? child(node, 'name') : node);
}

export function productionOf(workflow: Workflow): readonly Production[] {
  if (workflow.type === 'action') return [];
  const found: Production[] = [];
  for (const job of workflow.jobs) {
    const environment = environmentOf(job);
    const production = environment !== undefined && LIVE.test(environment) && !REHEARSAL.test(environment);
    if (job.uses !== undefined) {
      const reference = referenceOf(job.uses.text, 'workflow');
      const name = `${reference.repository ?? ''}/${reference.path ?? ''}`.toLowerCase();
      const telling = /deploy|release|publish|prod/i.test(`${job.id} ${name}`);
      if (!reference.local && (telling || production))
        found.push({
          job: job.id,
          line: job.line,
          col: job.col,
          what: `calls ${job.uses.text.trim()}`,
          template: name,
        });
      continue;
    }
    const step = job.steps.find((candidate) => publishes(candidate));
    if (step !== undefined)
      found.push({
        job: job.id,
        line: step.line,
        col: step.col,
        what:
          actionName(step) ??
          `runs \`${
            COMMANDS.exec(step.run?.text ?? '')?.[0]
              .replace(/\s+/g, ' ')
              .slice(0, 60) ?? ''
          }\``,
      });
    else if (production)
      found.push({ job: job.id, line: job.line, col: job.col, what: `environment \`${environment}\`` });
  }
  return found;
}

/** Names of environments, for the job's own fact. */
export { environmentOf };

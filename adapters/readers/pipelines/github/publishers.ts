/**
 * Steps that publish a package, an image or a release, or bring something into operation. A list cannot be complete;
 * what it does not know is left open where a job's name and credentials suggest it (`production.ts`).
 */
import { textOf } from '../document.ts';
import { filledText, literalOf, type Surroundings } from './resolution.ts';
import { actionName, input, type Step } from './workflow.ts';

/** Actions whose use alone says it. */
const PUBLISHERS: ReadonlySet<string> = new Set(
  [
    'actions/create-release actions/deploy-pages actions/publish-action actions/publish-immutable-action',
    'actions/upload-release-asset ad-m/github-push-action akhileshns/heroku-deploy amondnet/vercel-action',
    'apple-actions/upload-testflight-build appleboy/scp-action appleboy/ssh-action',
    'aws-actions/amazon-ecs-deploy-task-definition aws-actions/aws-cloudformation-github-deploy',
    'aws-actions/aws-lambda-deploy azure/aks-set-context azure/arm-deploy azure/container-apps-deploy-action',
    'azure/functions-action azure/k8s-deploy azure/static-web-apps-deploy azure/webapps-deploy bufbuild/buf-push-action',
    'burnett01/rsync-deployments burrunan/gradle-publish changesets/action cloudflare/pages-action',
    'cloudflare/wrangler-action cycjimmy/semantic-release-action dawidd6/action-homebrew-bump-formula',
    'denoland/deployctl depot/build-push-action digitalocean/app_action docker/build-push-action easingthemes/ssh-deploy',
    'elgohr/publish-docker-github-action firebaseextended/action-hosting-deploy google-github-actions/deploy-appengine',
    'google-github-actions/deploy-cloud-functions google-github-actions/deploy-cloudrun',
    'google-github-actions/upload-cloud-storage googleapis/release-please-action goreleaser/goreleaser-action',
    'helm/chart-releaser-action jakejarvis/s3-sync-action jamesives/github-pages-deploy-action jreleaser/release-action',
    'js-devtools/npm-publish katyo/publish-crates mislav/bump-homebrew-formula-action mnao305/chrome-extension-upload',
    'ncipollo/release-action netlify/actions/cli nwtgck/actions-netlify peaceiris/actions-gh-pages pulumi/actions',
    'pyo3/maturin-action pypa/gh-action-pypi-publish r0adkll/upload-google-play redhat-actions/push-to-registry',
    'release-drafter/release-drafter rubygems/release-gem samkirkland/ftp-deploy-action',
    'samuelmeuli/action-electron-builder serverless/github-action snok/install-poetry/publish softprops/action-gh-release',
    'svenstaro/upload-release-action taiki-e/create-gh-release-action taiki-e/upload-rust-binary-action',
    'tauri-apps/tauri-action vedantmgoyal9/winget-releaser w9jds/firebase-action',
  ]
    .join(' ')
    .split(' '),
);

type Condition = (at: Surroundings, step: Step) => boolean;

const has = (at: Surroundings, step: Step, name: string): boolean => isOn(inputText(at, step, name));

/** Publishers only under a condition on an input. */
const CONDITIONS: ReadonlyMap<string, Condition> = new Map<string, Condition>([
  [
    'pypa/gh-action-pypi-publish',
    (at, step) =>
      !/test\.pypi/i.test(
        inputText(at, step, 'repository-url') ?? inputText(at, step, 'repository_url') ?? '',
      ),
  ],
  ['docker/build-push-action', pushes],
  ['depot/build-push-action', pushes],
  ['pyo3/maturin-action', (at, step) => /^(publish|upload)$/.test(inputText(at, step, 'command') ?? '')],
  ['release-drafter/release-drafter', (at, step) => has(at, step, 'publish')],
  ['changesets/action', (at, step) => has(at, step, 'publish')],
  ['samuelmeuli/action-electron-builder', (at, step) => has(at, step, 'release')],
  ['tauri-apps/tauri-action', (at, step) => has(at, step, 'tagname') || has(at, step, 'releaseid')],
  [
    'goreleaser/goreleaser-action',
    (at, step) =>
      !/(^|\s)(build|check|healthcheck)(\s|$)|--snapshot|--skip[= ]\S*publish/.test(
        inputText(at, step, 'args') ?? '',
      ),
  ],
  [
    'pulumi/actions',
    (at, step) => !/^\s*(preview|refresh|login)\s*$/.test(inputText(at, step, 'command') ?? ''),
  ],
]);

function pushes(at: Surroundings, step: Step): boolean {
  return has(at, step, 'push') || /push=true/.test(inputText(at, step, 'outputs') ?? '');
}

/** Inputs of actions that run what stands in them. */
const SCRIPTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['nick-fields/retry', ['command']],
  ['nick-invision/retry', ['command']],
  ['azure/cli', ['inlinescript']],
]);

const COMMANDS = new RegExp(
  [
    // Packages
    String.raw`\b(npm|pnpm|bun|deno|jsr|lerna|vsce|ovsx)\b[^\n|;&]{0,200}\s(stage\s+)?publish\b`,
    String.raw`\byarn\s+(npm\s+|workspace\s+\S+\s+)?publish\b|\byarn\s+workspaces\s+foreach\b[^\n]{0,300}\bpublish\b`,
    String.raw`\b(changeset|changesets|nx\s+release)\s+publish\b|\bjsr:\S*publish\S*`,
    String.raw`\bcargo\s+(workspaces\s+|release\s+)?publish\b|\b(uv|poetry|flit|hatch|pdm|maturin)\s+publish\b|\btwine\s+upload\b`,
    String.raw`\bgem\s+push\b|\brake\s+release\b|\bnuget\s+push\b|\bmvnw?\b[^\n]{0,300}\sdeploy\b|\bgradlew?\b[^\n]{0,300}\bpublish(?!\w*ToMavenLocal)`,
    String.raw`\b(chrome-webstore-upload|web-ext\s+sign|wxt\s+submit|publish-extension|publish-browser-extension)\b`,
    String.raw`\bcurl\b[^\n]{0,500}googleapis\.com/(upload/)?chromewebstore/v[\d.]+/\S+(/publish|:publish|:upload)?\b`,
    // Images and charts
    String.raw`\b(docker|podman|buildah|nerdctl)\s+(image\s+|manifest\s+|compose\s+)?push\b|\bbuildx\s+b(ake|uild)\b[^\n]{0,300}--push\b`,
    String.raw`\bskopeo\s+copy\b[^\n]{0,300}\sdocker://\S+\s*$|\b(crane|oras|img)\s+(push|copy|cp|attach)\b|\bimagetools\s+create\b`,
    String.raw`\bhelm\s+(upgrade|push|cm-push)\b|\bcr\s+upload\b|\bhelmfile\s+(apply|sync)\b`,
    // Releases
    String.raw`\bgh\s+release\s+(create|upload)\b|\bsemantic-release\b|\brelease-it\b|\bgoreleaser\s+release\b|\bjreleaser\s+(full-)?release\b`,
    // Operation
    String.raw`\bkubectl\s+(apply|rollout|replace|set\s+image)\b|\bargocd\s+app\s+(sync|set)\b|\bskaffold\s+(run|deploy)\b`,
    String.raw`\b(terraform|tofu|terragrunt)\s+(\S+\s+){0,8}apply\b|\bpulumi\s+up\b|\bansible-playbook\b`,
    String.raw`\b(cdk|sam|serverless|sls|sst|copilot|eb|firebase|vercel|netlify|wrangler|convex|mike|deployctl|cap|kamal|trigger\.dev(@\S+)?)\s+(\S+\s+)?deploy\b`,
    String.raw`\bwrangler\s+(publish|pages\s+(deploy|publish))\b|\bvercel\b[^\n]{0,300}--prod\b|\bfly(ctl)?\s+deploy\b|\bmkdocs\s+gh-deploy\b`,
    String.raw`\baz\s+[^\n]{0,300}\b(deploy|deployment|up|update|publish|upload-batch)\b|\bgcloud\s+[^\n]{0,300}\bdeploy\b|\b(gsutil|gcloud\s+storage)\s+(-m\s+)?(cp|rsync)\b`,
    String.raw`\baws\s+(s3\s+(sync|cp)\s+\S+\s+s3:|cloudformation\s+deploy|ecs\s+update-service|lambda\s+update-function-code|deploy\s+create-deployment)`,
    String.raw`\bprisma\s+migrate\s+deploy\b|\bsupabase\s+(db\s+push|functions\s+deploy)\b|\brailway\s+up\b|\bheroku\s+container:release\b`,
    String.raw`\bgit\s+push\b[^\n]{0,300}\b(heroku|dokku|gh-pages)\b|\bfastlane\s+\w*(release|beta|deploy|supply|pilot)\w*`,
    String.raw`\b(npx|bunx|uvx|pnpx|pnpm\s+dlx|yarn\s+dlx|pnpm\s+exec)\s+(-\S+\s+){0,8}\S+\s+(deploy|publish)\b`,
  ].join('|'),
);

const EVERY_COMMAND = new RegExp(COMMANDS, 'g');

/** `ko` pushes to the repository that its variable names, unless it is told not to. */
const KO = /\bko\s+(build|publish|resolve|apply)\b[^\n]*/;
const KO_STAYS = /--push=false|--local\b|\s-L\b/;

/** A rehearsal by its own words, on the line of the command or anywhere in the script. */
const REHEARSED_LINE =
  /--(repository|env|environment|stage|target|config)[= ]["']?(test-?pypi|dev|development|test|staging|stage|qa|uat|preview|sandbox)\b|test\.pypi\.org|localhost|127\.0\.0\.1|\.local\b|\bminikube\b|\bkind-|\bpkg-pr-new\b|\bansible-playbook\b[^\n;&|]*(?:--syntax-check|\s(?:--check|-C)\b|[\s/_-](?:smoke|tests?|molecule|lint)(?:\/|[\w-]*\.ya?ml))/i;
/** Without `--prod` these put up a draft of their own address, which replaces nothing. */
const DRAFT =
  /^[^&;|]*\b(netlify(-cli)?|vercel)(@\S+)?\s+deploy\b(?!.*\s(--prod\b|-p\b|--target[= ]production\b))[^&;|]*$/;
const DRY = /--dry[-_]run\b|--whatif\b|\bDRY_RUN=(1|true)\b/i;

export function isOn(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== '' && !/^(false|no|off|0)$/i.test(text.trim());
}

/** An input as text, with what a local caller writes for it put in. */
function inputText(at: Surroundings, step: Step, name: string): string | undefined {
  const node = input(step, name);
  return node === undefined ? undefined : (literalOf(at, node) ?? textOf(node));
}

/** Actions that start a cluster which ends with the job. */
const OWN_CLUSTERS: ReadonlySet<string> = new Set(
  [
    'absaoss/k3d-action balchua/microk8s-actions container-tools/kind-action debianmaster/actions-k3s engineerd/setup-kind',
    'helm/kind-action jupyterhub/action-k3s-helm manusa/actions-setup-minikube medyagh/setup-minikube nolar/setup-k3d-k3s',
  ]
    .join(' ')
    .split(' '),
);
const STARTS_CLUSTER =
  /\b(?:kind\s+create\s+cluster|minikube\b[^\n;&|]{0,120}\sstart|k3d\s+cluster\s+create|ctlptl\s+create\s+cluster)\b/;
/** Goes to another one: by its credentials, or by a configuration that comes from elsewhere. */
const ENTERS_CLUSTER = /update-kubeconfig|get-credentials|kubeconfig|(?:set|use)-context/i;
const OWN_CONFIGURATION =
  /\b(?:kind|k3d|minikube)\b[^\n]*kubeconfig[^\n]*|\buse-context\s+(?:kind|k3d|minikube)\S*/gi;
/** Commands that act on the cluster that is at hand. */
const ON_CLUSTER = /^(?:kubectl|helm\s+upgrade|helmfile|argocd|skaffold)\b/;

/** Whether the cluster at hand in a job is one that it started itself, for as long as it runs: nothing there is in operation. */
export function startsOwnCluster(steps: readonly (Surroundings & { readonly step: Step })[]): boolean {
  const starts = steps.some(
    (at) =>
      OWN_CLUSTERS.has(actionName(at.step) ?? '') ||
      scriptsOf(at, at.step).some((script) => STARTS_CLUSTER.test(uncommented(script))),
  );
  return (
    starts &&
    !steps.some(
      (at) =>
        ENTERS_CLUSTER.test(actionName(at.step) ?? '') ||
        scriptsOf(at, at.step).some((script) =>
          ENTERS_CLUSTER.test(uncommented(script).replace(OWN_CONFIGURATION, '')),
        ),
    )
  );
}

/**
 * What a step publishes with, as people would say it; undefined for every other step. `ownCluster`: the cluster at hand is
 * one that ends with the job.
 */
export function publishedBy(at: Surroundings, step: Step, ownCluster = false): string | undefined {
  const action = actionName(step);
  if (action !== undefined && PUBLISHERS.has(action))
    return (CONDITIONS.get(action)?.(at, step) ?? true) ? action : undefined;
  for (const script of scriptsOf(at, step)) {
    const command = commandIn(script, ownCluster) ?? koIn(at, script);
    if (command !== undefined) return `runs \`${command.replace(/\s+/g, ' ').trim().slice(0, 60)}\``;
  }
  return undefined;
}

/** Whether a step runs a command that publishes or deploys, and says itself that this is a rehearsal. */
export function rehearses(at: Surroundings, step: Step, ownCluster = false): boolean {
  return (
    publishedBy(at, step, ownCluster) === undefined &&
    scriptsOf(at, step).some((script) => COMMANDS.test(uncommented(script)) || KO.test(uncommented(script)))
  );
}

/** Whether a step is made to publish, also where an input leaves it open whether this run does. */
export function canPublish(at: Surroundings, step: Step): boolean {
  const action = actionName(step);
  return (action !== undefined && PUBLISHERS.has(action)) || publishedBy(at, step) !== undefined;
}

/** Code of a step, with the inputs that a local caller gives in their places. */
function scriptsOf(at: Surroundings, step: Step): readonly string[] {
  const inputs = SCRIPTS.get(actionName(step) ?? '') ?? [];
  const nodes = [step.run, ...inputs.map((name) => input(step, name))];
  return nodes.flatMap((node) => (node?.type === 'scalar' ? [filledText(at, node)] : []));
}

/** The first command of a script that publishes or deploys, and does not say that it only rehearses. */
export function commandIn(script: string, ownCluster = false): string | undefined {
  const text = uncommented(script);
  if (DRY.test(text)) return undefined;
  for (const line of text.replaceAll(/\\\r?\n/g, ' ').split('\n')) {
    if (!COMMANDS.test(line) || REHEARSED_LINE.test(line) || DRAFT.test(line)) continue;
    for (const [found] of line.matchAll(EVERY_COMMAND))
      if (!ownCluster || !ON_CLUSTER.test(found)) return found;
  }
  return undefined;
}

function koIn(at: Surroundings, script: string): string | undefined {
  const command = KO.exec(uncommented(script))?.[0];
  if (command === undefined || KO_STAYS.test(command)) return undefined;
  const repository = literalOf(at, { name: 'KO_DOCKER_REPO' });
  return repository !== undefined && /localhost|127\.0\.0\.1|\.local\b/.test(repository)
    ? undefined
    : command;
}

function uncommented(script: string): string {
  return script.replace(/^[ \t]*#.*$/gm, '');
}

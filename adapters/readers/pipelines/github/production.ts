/** Where a workflow publishes or deploys: what makes its build a production build. */
import type { Unobserved } from '@macadam/core/facts/observation';
import { child, entriesOf, entry, type Node, namedIn, type Place, scalars, textOf } from '../document.ts';
import { embedded } from './embedded.ts';
import { contextPath, contexts } from './expression.ts';
import { type LocalFiles, type LocalRun, type RunStep, stepsOf } from './local.ts';
import { publishedBy, rehearses, startsOwnCluster } from './publishers.ts';
import { conditionValue } from './resolution.ts';
import { referenceOf } from './uses.ts';
import { actionName, type Job, type Workflow } from './workflow.ts';

/**
 * Names of environments that are production. An environment is also a place to keep the secrets of a bot, so any
 * other name says nothing.
 */
const LIVE =
  /(^|[^a-z])(prod|production|prd|live|release|releases|publish|deploy|deployment|pypi|npm|crates\.io|maven|nuget|docker|dockerhub|ghcr|registry|github-pages|pages|marketplace|store)([^a-z]|$)/i;
/** Names, or parts of names, that people give to rehearsals. */
const REHEARSAL =
  /(^|[^a-z])(dev|test|staging|stage|qa|uat|preview|sandbox|nightly|canary)([^a-z]|$)|test\.?pypi/i;

/** What people call a job, step, script or target that publishes or deploys. */
const TELLING = /(^|[^a-z])(deploy|publish|release|rollout|promote|ship)(s|ed|ing|ment|er)?([^a-z]|$)/i;
/** The same words where they are about something else: a check, a draft, a pull request. */
const ABOUT =
  /(^|[^a-z])(check|validate|verify|test|tests|lint|prepare|draft|notes|changelog|preview|pr|prs|pull|label|labels|dry|plan|gate|wait|notify|announce|post|discord|slack|snapshot|staging|dev|candidate|benchmark|cleanup|comment|undeploy|sync|review|findings|report|results|coverage|keys)([^a-z]|$)/i;

export interface Production extends Place {
  readonly job: string;
  /** What makes it one, as people would say it. */
  readonly what: string;
  /** False, and then open, where names and credentials suggest it and no known step says so. */
  readonly certain: true | Unobserved;
  /** The template that does it, `owner/repository/path` in lower case; none when the file itself does. */
  readonly template?: string;
  /** Of another file of the repository, in which the step stands. */
  readonly path?: string;
}

/** Whether an environment of this name is production, as far as people call it so. */
export function isLiveName(environment: string): boolean {
  return LIVE.test(environment) && !REHEARSAL.test(environment);
}

/** Whether an environment of this name is a rehearsal. */
export function isRehearsalName(environment: string): boolean {
  return REHEARSAL.test(environment);
}

/** Whether a job, step, script or target of this name is called after publishing or deploying. */
export function isTelling(name: string): boolean {
  return TELLING.test(name) && !ABOUT.test(name);
}

/** Name of the environment that a job names. */
export function environmentOf({ node }: Pick<Job, 'node'>): string | undefined {
  return textOf(namedIn(child(node, 'environment'), 'name'));
}

/** One for each job that publishes or deploys, or that may: `certain` says which. */
export function productionOf(root: LocalRun, files: LocalFiles): readonly Production[] {
  const { workflow } = root;
  if (workflow.type === 'action') return [];
  return workflow.jobs.flatMap((job) => {
    const found = job.uses === undefined ? bySteps(root, job, files) : byTemplate(workflow, job);
    return found === undefined ? [] : [found];
  });
}

function byTemplate(workflow: Workflow, job: Job): Production | undefined {
  const text = job.uses?.text.trim() ?? '';
  const reference = referenceOf(text, 'workflow');
  if (reference.local) return undefined;
  const template = `${reference.repository ?? ''}/${reference.path ?? ''}`.toLowerCase();
  const { line, col } = job;
  const place = { job: job.id, line, col, what: `calls ${text}`, template };
  const named = `${job.id} ${template.split('/').slice(1).join('/')}`;
  if (/deploy|release|publish|prod/i.test(named) || isLive(job)) return { ...place, certain: true };
  return mayWrite(workflow, job, ['packages', 'pages'])
    ? { ...place, certain: open(job, 'calls a template and may write packages or pages') }
    : undefined;
}

function bySteps(root: LocalRun, job: Job, files: LocalFiles): Production | undefined {
  const { workflow } = root;
  const steps = stepsOf(root, job, files).filter(isRun);
  const rehearsal = isRehearsal(job) || onlyRehearsalSecrets(workflow, job) || holdsNothing(workflow, job);
  const ownCluster = startsOwnCluster(steps);
  for (const at of rehearsal ? [] : steps) {
    const what = publishedBy(at, at.step, ownCluster);
    if (what === undefined) continue;
    const { line, col } = at.step;
    const elsewhere = at.path === root.path ? {} : { path: at.path };
    return { job: job.id, line, col, what, certain: true, ...elsewhere };
  }
  const { line, col } = job;
  const place = { job: job.id, line, col };
  if (isLive(job)) return { ...place, what: `environment \`${environmentOf(job)}\``, certain: true };
  const why = rehearsal ? undefined : suggestion({ workflow, job, steps, ownCluster });
  return why === undefined ? undefined : { ...place, what: why, certain: open(job, why) };
}

function open(job: Job, why: string): Unobserved {
  return {
    unobserved: 'unobserved',
    why: `job \`${job.id}\` ${why}, and no step that is known here publishes or deploys; name its \`environment\` (production, or staging) and it is clear`,
  };
}

/** A step of a local action that never runs as it is called here is none. */
function isRun(at: RunStep): boolean {
  const condition = at.step.if;
  if (condition === undefined || at.workflow.given === undefined) return true;
  const value = conditionValue(at, condition);
  return value === undefined || value;
}

/** A job that announces or waits for a release often stands in its environment; only the plain name makes it production. */
function isLive(job: Job): boolean {
  const environment = environmentOf(job);
  if (environment === undefined || !isLiveName(environment)) return false;
  return /(^|[^a-z])(prod|production|prd|live)([^a-z]|$)/i.test(environment) || !ABOUT.test(job.id);
}

/** A job whose environment is called a rehearsal, whatever it runs. */
function isRehearsal(job: Job): boolean {
  const environment = environmentOf(job);
  return environment !== undefined && !environment.includes('${{') && REHEARSAL.test(environment);
}

interface Suggested {
  readonly workflow: Workflow;
  readonly job: Job;
  readonly steps: readonly RunStep[];
  /** The cluster at hand is one that ends with the job. */
  readonly ownCluster: boolean;
}

/** Why a job may be production although no known step says so; undefined where nothing suggests it. */
function suggestion({ workflow, job, steps, ownCluster }: Suggested): string | undefined {
  if (steps.some((at) => rehearses(at, at.step, ownCluster))) return undefined;
  const credentials = credentialsOf(workflow, job);
  if (credentials === undefined) return undefined;
  const telling = tellingName(job, steps);
  if (telling !== undefined) return `${telling} and holds ${credentials}`;
  const own = child(job.node, 'permissions');
  if (['packages', 'pages'].some((scope) => textOf(child(own, scope)) === 'write'))
    return 'may write packages or pages';
  return undefined;
}

/** The name that says so, and whose it is: the job's own, a step's, an action's, or that of a script or target. */
function tellingName(job: Job, steps: readonly RunStep[]): string | undefined {
  const own = [job.id, textOf(child(job.node, 'name')) ?? ''].find(isTelling);
  if (own !== undefined) return `is called \`${own}\``;
  for (const { step } of steps) {
    // Steps are called after what they prepare as well; only one that begins with the deed says that it does it.
    const name = step.name ?? '';
    if (/^\W*(deploy|publish|release|rollout|promote|ship|push|upload)\b/i.test(name) && isTelling(name))
      return `has a step \`${name}\``;
    const action = (actionName(step) ?? step.uses?.text.trim() ?? '').split('/').slice(1).join('/');
    if (isTelling(action)) return `uses \`${action}\``;
    for (const match of (step.run?.text ?? '').matchAll(
      /\b(?:make|just|task|mage|invoke|nox\s+-s|npm\s+run|pnpm\s+run|pnpm|yarn|bun\s+run|gh\s+workflow\s+run)\s+(\w[\w:./-]*)|(?:^|\s)(?:bash\s+|sh\s+|python3?\s+|node\s+)?(\.{0,2}\/?[\w./-]*\/[\w.-]+\.(?:sh|py|js|mjs|ts|rb|ps1))\b/gm,
    )) {
      const run = match[1] ?? match[2]?.split('/').at(-1) ?? '';
      if (isTelling(run)) return `runs \`${run}\``;
    }
  }
  return undefined;
}

/** What a job could publish with: secrets, an identity, or rights to write. */
function credentialsOf(workflow: Workflow, job: Job): string | undefined {
  const secrets = secretsOf(workflow, job);
  if (secrets.length > 0) return `secret \`${secrets[0]}\``;
  if (mayWrite(workflow, job, ['id-token'])) return 'a workload identity';
  return mayWrite(workflow, job, ['packages', 'pages', 'deployments', 'contents'])
    ? 'rights to write'
    : undefined;
}

/** Names of secrets that the job, or the variables of its workflow, mention; not its own token. */
function secretsOf(workflow: Workflow, job: Job): readonly string[] {
  const nodes: Node[] = [job.node, ...(workflow.env === undefined ? [] : [workflow.env])];
  const names = nodes.flatMap((node) =>
    [...scalars(node)].flatMap((scalar) =>
      embedded(workflow.document, scalar).flatMap(({ expression }) =>
        (expression === undefined ? [] : contexts(expression)).flatMap((reference) => {
          const path = contextPath(reference) ?? [];
          return path[0] === 'secrets' && path[1] !== undefined && path[1] !== 'github_token'
            ? [path[1]]
            : [];
        }),
      ),
    ),
  );
  return [...new Set(names)];
}

/**
 * Whether a job has nothing to show who it is: no secret, no identity and no right to write, on a machine of the code host. What takes its image
 * or package all the same keeps it for nobody.
 */
function holdsNothing(workflow: Workflow, job: Job): boolean {
  const declared = entry(job.node, 'permissions') ?? entry(workflow.root, 'permissions');
  return (
    declared !== undefined &&
    !workflow.triggers.some(({ event }) => event === 'workflow_call') &&
    /^(ubuntu|macos|windows)-[\w.-]+$/.test(textOf(child(job.node, 'runs-on')) ?? '') &&
    ![job.node, workflow.env].some((node) => node !== undefined && mentionsSecrets(node)) &&
    credentialsOf(workflow, job) === undefined
  );
}

const mentionsSecrets = (node: Node): boolean =>
  [...scalars(node)].some(({ text }) => /\bsecrets\b(?!\.GITHUB_TOKEN\b)/i.test(text));

function onlyRehearsalSecrets(workflow: Workflow, job: Job): boolean {
  const secrets = secretsOf(workflow, job);
  return (
    secrets.length > 0 &&
    secrets.every((name) => /(^|_)(dev|test|testing|staging|stage|qa|uat|sandbox|preview)(_|$)/.test(name))
  );
}

/** Whether the job's own declaration, else the workflow's, grants one of these scopes to write. */
function mayWrite(workflow: Workflow, job: Job, scopes: readonly string[]): boolean {
  const declared = entry(job.node, 'permissions') ?? entry(workflow.root, 'permissions');
  if (declared === undefined) return false;
  if (textOf(declared.value) === 'write-all') return true;
  return entriesOf(declared.value).some(
    ({ key, value }) => scopes.includes(key) && textOf(value) === 'write',
  );
}

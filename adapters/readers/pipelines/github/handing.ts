/**
 * What is handed to code of other repositories, which is not read here: text of outsiders, and all secrets at once.
 * Whether it is kept as text there nobody can tell from these files.
 */
import { compact } from '../../../compact.ts';
import { entriesOf, entry, type Node, type Place, textOf } from '../document.ts';
import type { Placed } from '../facts.ts';
import { CODE_INPUTS } from './expansions.ts';
import { called, type LocalFiles, type LocalRun } from './local.ts';
import { controller, controllerOfText, originOf, partsOf, type Surroundings } from './resolution.ts';
import { referenceOf } from './uses.ts';
import { actionName, eventsOf, type Job, type Step } from './workflow.ts';

/** Events under which an outsider's run has neither secrets nor a token that writes. */
const WITHOUT_RIGHTS: ReadonlySet<string> = new Set(['pull_request', 'merge_group']);
/** Events whose payload only people with rights write. */
const OF_WRITERS: ReadonlySet<string> = new Set([
  'workflow_dispatch',
  'repository_dispatch',
  'schedule',
  'release',
  'deployment',
  'branch_protection_rule',
  'milestone',
  'label',
  'page_build',
  'registry_package',
]);

/** Owners whose actions are programs that take their inputs as text; inputs that are code stand in `CODE_INPUTS`. */
const TEXT_OWNERS: ReadonlySet<string> = new Set(
  [
    'actions github docker aws-actions azure google-github-actions codecov sigstore slackapi hashicorp pypa ossf',
    'octokit cloudflare codespell-project reviewdog renovatebot dependabot withastro denoland oven-sh pnpm ruby',
  ]
    .join(' ')
    .split(' '),
);
/** Other such actions, by their documentation or their own source. */
const TEXT_ACTIONS: ReadonlySet<string> = new Set(
  [
    'peter-evans/create-pull-request peter-evans/create-or-update-comment peter-evans/find-comment',
    'peter-evans/repository-dispatch peter-evans/slash-command-dispatch softprops/action-gh-release',
    'ncipollo/release-action marocchino/sticky-pull-request-comment thollander/actions-comment-pull-request',
    'amannn/action-semantic-pull-request dorny/paths-filter dorny/test-reporter tj-actions/changed-files',
    'mshick/add-pr-comment actions-cool/issues-helper 8398a7/action-slack rtcamp/action-slack-notify',
    'dawidd6/action-download-artifact styfle/cancel-workflow-action lycheeverse/lychee-action',
    'jamesives/github-pages-deploy-action peaceiris/actions-gh-pages rossjrw/pr-preview-action',
    'stefanzweifel/git-auto-commit-action xt0rted/pull-request-comment-branch hmarr/auto-approve-action',
  ]
    .join(' ')
    .split(' '),
);

/** Of one file in one way that it is run. A local file that is not there, or cannot be read, is code of elsewhere as well. */
export function handedOver(run: LocalRun, files: LocalFiles): readonly Placed[] {
  const events = eventsOf(run.workflow);
  // A file that only others call, and an action, may run under any event.
  const known = events.filter((event) => event !== 'workflow_call');
  if (known.length > 0 && known.length === events.length && known.every((event) => WITHOUT_RIGHTS.has(event)))
    return [];
  const fromOutside =
    events.length === 0 || events.some((event) => !OF_WRITERS.has(event) && !WITHOUT_RIGHTS.has(event));
  return run.workflow.jobs.flatMap((job) => {
    if (job.uses !== undefined)
      return called(run, job, undefined, files) === undefined ? toWorkflow(run, job, fromOutside) : [];
    return job.steps.flatMap((step) =>
      called(run, job, step, files) === undefined ? toAction(run, job, step) : [],
    );
  });
}

function toWorkflow({ path, workflow }: LocalRun, job: Job, fromOutside: boolean): readonly Placed[] {
  const text = job.uses?.text.trim() ?? '';
  const { owner } = referenceOf(text, 'workflow');
  const to = compact({ text, owner });
  const at = { path, workflow, job };
  const secrets = entry(job.node, 'secrets');
  const inherited =
    fromOutside && secrets !== undefined && textOf(secrets.value) === 'inherit'
      ? [handed(at, to, 'every secret', secrets)]
      : [];
  return [...inherited, ...outsidersIn(at, job.with, to)];
}

function toAction({ path, workflow }: LocalRun, job: Job, step: Step): readonly Placed[] {
  const text = step.uses?.text.trim();
  if (text === undefined) return [];
  const action = actionName(step) ?? '';
  const { owner } = referenceOf(text, 'action');
  if (TEXT_OWNERS.has(owner?.toLowerCase() ?? '') || TEXT_ACTIONS.has(action) || CODE_INPUTS.has(action))
    return [];
  return outsidersIn(
    { path, workflow, job, step },
    step.with,
    compact({
      text,
      owner,
    }),
  );
}

interface Receiver {
  readonly text: string;
  readonly owner?: string;
}

/** One element for each input in which an outsider's text stands. */
function outsidersIn(at: Surroundings, inputs: Node | undefined, to: Receiver): readonly Placed[] {
  return entriesOf(inputs).flatMap((each) => {
    if (controllerOfText(at, each.value) !== 'anyone') return [];
    const part = partsOf(at, each.value).find(({ flow }) => controller(at, flow) === 'anyone');
    return [handed(at, to, part === undefined ? each.key : originOf(at, part.flow, part.text).text, each)];
  });
}

function handed(at: Surroundings, to: Receiver, what: string, { line, col }: Place): Placed {
  return compact({
    key: `${line}:${col}`,
    what,
    to: to.text,
    owner: to.owner,
    kept_as_text: {
      unobserved: 'unobserved',
      why: `what ${to.text} does with ${what} is not read here; read it, and name its owner in \`trusted_owners\` of pipeline-no-untrusted-code`,
    },
    ...(at.job.id === '' ? {} : { job: at.job.id }),
    line,
    col,
  });
}

/**
 * What `actions/checkout` itself refuses: under `pull_request_target`, and under a `workflow_run` after a pull request, the code of a fork,
 * unless the step asks for it by `allow-unsafe-pr-checkout`. By its `src/unsafe-pr-checkout-helper.ts`: the repository is the fork, the reference
 * is `refs/pull/N/head` or `merge`, or the commit is the head or the merge of the request. All of 7 does, and of 4 to 6 the
 * releases of July 2026, to which the tags of these majors were moved.
 */
import type { Scalar } from '../document.ts';
import type { RunStep } from './local.ts';
import { baseContexts } from './resolution.ts';
import { input, type Step } from './workflow.ts';

const SINCE_MAJOR = 7;
/** Of majors before, the first minor release that does. */
const SINCE_MINOR: ReadonlyMap<number, number> = new Map([
  [4, 4],
  [5, 1],
  [6, 1],
]);
/** Under all others it lets everything through. */
const GUARDED_EVENTS: ReadonlySet<string> = new Set(['pull_request_target', 'workflow_run']);
const COMMITS: ReadonlySet<string> = new Set([
  'github.event.pull_request.head.sha',
  'github.event.pull_request.merge_commit_sha',
  'github.event.workflow_run.head_sha',
  'github.event.workflow_run.head_commit.id',
]);
const FORKS: ReadonlySet<string> = new Set([
  'github.event.pull_request.head.repo.full_name',
  'github.event.workflow_run.head_repository.full_name',
]);

/** Whether a step of `actions/checkout` ends its job where the code is a fork's. `events`: those of outsiders that start it. */
export function refusesForks(at: RunStep, events: readonly string[]): boolean {
  const { step } = at;
  const asked = input(step, 'allow-unsafe-pr-checkout');
  if (asked !== undefined && !(asked.type === 'scalar' && asked.text.trim() === 'false')) return false;
  if (!hasGuard(step) || events.some((event) => !GUARDED_EVENTS.has(event))) return false;
  const repository = input(step, 'repository');
  if (repository?.type === 'scalar' && isOneOf(at, repository, FORKS)) return true;
  const ref = input(step, 'ref');
  return (
    ref?.type === 'scalar' &&
    (/^refs\/pull\/\$\{\{[^}]*\}\}\/(head|merge)$/.test(ref.text.trim()) || isOneOf(at, ref, COMMITS))
  );
}

/** What is the base repository's own under these events: `head.sha || github.sha` is a common way to write what serves others, too. */
const OWN = /^github\.(?:sha|ref|ref_name|base_ref|repository|event\.pull_request\.base\..+)$/;

/** Whether an expression is nothing but one of these contexts, or one of several of them, or else what is the base's own. */
function isOneOf(at: RunStep, node: Scalar, names: ReadonlySet<string>): boolean {
  const paths = baseContexts(at, node).map((path) => path.join('.'));
  return (
    /^\$\{\{[^}]*\}\}$/.test(node.text.trim()) &&
    paths.some((path) => names.has(path)) &&
    paths.every((path) => names.has(path) || OWN.test(path))
  );
}

/** By the tag, or the release that the comment behind a commit names; a commit alone says nothing. */
function hasGuard({ uses }: Step): boolean {
  const reference = uses?.text.trim().split('@')[1] ?? '';
  if (reference === 'main') return true;
  const tag = /^v(\d+)(?:\.(\d+))?(?:\.\d+)?$/.exec(reference);
  const release = tag ?? (COMMIT.test(reference) ? /\bv?(\d+)\.(\d+)/.exec(uses?.comment ?? '') : null);
  if (release === null) return false;
  const major = Number(release[1]);
  if (major >= SINCE_MAJOR) return true;
  const first = SINCE_MINOR.get(major);
  return first !== undefined && (release[2] === undefined || Number(release[2]) >= first);
}

const COMMIT = /^[0-9a-f]{40}$/;

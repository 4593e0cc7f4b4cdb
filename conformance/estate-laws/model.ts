/**
 * The slow model: what every figure must be, worked out from the truth by counting, one asset after another. It shares no
 * code with the product.
 */
import type { Estate, File, Repository } from './truth.ts';

export type Verdict = 'pass' | 'fail' | 'unknown';

export interface Expected {
  /** Standard → asset (repository's seed and path, or seed alone) → verdict. */
  readonly verdicts: Map<string, ReadonlyMap<string, Verdict>>;
  /** How many repositories there are, and how many of them could be listed whole. */
  readonly containers: number;
  readonly whole: number;
}

export const PIPELINES = ['pipeline-uses-pinned', 'pipeline-least-privilege', 'pipeline-no-untrusted-code'];

export const STANDARDS: readonly string[] = [
  ...PIPELINES,
  'dependencies-updated-automatically',
  'repository-owned',
];

function pipelineVerdict(standard: string, file: File, trusted: readonly string[]): Verdict {
  if (file.is !== 'workflow') throw new TypeError(`${file.is} is no workflow`);
  if (standard === 'pipeline-uses-pinned')
    return file.pinned || trusted.includes('actions') ? 'pass' : 'fail';
  if (standard === 'pipeline-least-privilege') return file.token === 'none' ? 'pass' : 'fail';
  return file.injected ? 'fail' : 'pass';
}

const has = (repository: Repository, sort: File['is']): boolean =>
  [...repository.files.values()].some((file) => file.is === sort);

/** Whether nothing is known of what it holds. What was seen once is known until it is too old. */
const isOutOfSight = (repository: Repository, remembers: boolean): boolean =>
  repository.headless && !(remembers && repository.remembered);

const isUnread = ({ damaged, excluded }: Repository, path: string): boolean =>
  damaged === path || excluded === path;

/** Of a standard about repositories; null where the repository is outside its scope. */
function repositoryVerdict(standard: string, repository: Repository, remembers: boolean): Verdict | null {
  if (isOutOfSight(repository, remembers)) return 'unknown';
  if (standard === 'repository-owned')
    // Without a list of people nobody can tell whether an owner still works here.
    return has(repository, 'codeowners') ? 'unknown' : 'fail';
  if (!has(repository, 'manifest') && !has(repository, 'workflow')) return null;
  const workflows = [...repository.files].filter(([, { is }]) => is === 'workflow').map(([path]) => path);
  const known = remembers && repository.remembered;
  const unread = !known && workflows.length === 1 && workflows.every((path) => isUnread(repository, path));
  // Whether the only workflow uses anything cannot be told, so neither can whether all of it is kept up to date.
  if (unread && !has(repository, 'manifest')) return 'unknown';
  if (has(repository, 'updates')) return unread ? 'unknown' : 'pass';
  return 'fail';
}

/** `remembers`: whoever looks has a memory of what a repository held before it was damaged or made unreadable. */
export function expected(estate: Estate, { remembers }: { readonly remembers: boolean }): Expected {
  const verdicts = new Map<string, Map<string, Verdict>>();
  for (const standard of STANDARDS) {
    const of = new Map<string, Verdict>();
    for (const repository of estate.repositories) {
      if (PIPELINES.includes(standard)) {
        if (isOutOfSight(repository, remembers)) continue;
        for (const [path, file] of repository.files) {
          if (file.is !== 'workflow') continue;
          const readable = !isUnread(repository, path) || (remembers && repository.remembered);
          const verdict = readable ? pipelineVerdict(standard, file, estate.trusted) : 'unknown';
          of.set(`${repository.seed} ${path}`, verdict);
        }
      } else {
        const verdict = repositoryVerdict(standard, repository, remembers);
        if (verdict !== null) of.set(String(repository.seed), verdict);
      }
    }
    verdicts.set(standard, of);
  }
  const whole = estate.repositories.filter(({ headless }) => !headless).length;
  return { verdicts, containers: estate.repositories.length, whole };
}

export interface Counts {
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
}

export function countsOf(verdicts: ReadonlyMap<string, Verdict>): Counts {
  const count = (of: Verdict) => [...verdicts.values()].filter((verdict) => verdict === of).length;
  return { pass: count('pass'), fail: count('fail'), unknown: count('unknown') };
}

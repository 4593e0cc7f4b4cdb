/**
 * The slow model: what every figure must be, worked out from the truth by counting, one asset after another. It shares no
 * code with the product.
 */
import type { Estate, File, Repository } from './truth.ts';

export type Verdict = 'pass' | 'fail' | 'unknown';

export interface Expected {
  /** Standard → asset (repository's seed and path, or seed alone) → verdict. */
  readonly verdicts: ReadonlyMap<string, ReadonlyMap<string, Verdict>>;
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

/** Of a standard about repositories; null where the repository is outside its scope. */
function repositoryVerdict(standard: string, repository: Repository, remembered: boolean): Verdict | null {
  if (repository.headless) return 'unknown';
  if (standard === 'repository-owned')
    // Without a list of people nobody can tell whether an owner still works here.
    return has(repository, 'codeowners') ? 'unknown' : 'fail';
  if (!has(repository, 'manifest') && !has(repository, 'workflow')) return null;
  const workflows = [...repository.files].filter(([, { is }]) => is === 'workflow').map(([path]) => path);
  const unread = !remembered && workflows.length === 1 && workflows[0] === repository.damaged;
  // Whether the only workflow uses anything cannot be told, so neither can whether all of it is kept up to date.
  if (unread && !has(repository, 'manifest')) return 'unknown';
  if (has(repository, 'updates')) return unread ? 'unknown' : 'pass';
  return 'fail';
}

/**
 * `remembered`: whoever looks has read every file before it was damaged. Content is named by the hash of its bytes, so what was
 * read once is known for good.
 */
export function expected(estate: Estate, { remembered }: { readonly remembered: boolean }): Expected {
  const verdicts = new Map<string, Map<string, Verdict>>();
  for (const standard of STANDARDS) {
    const of = new Map<string, Verdict>();
    for (const repository of estate.repositories) {
      if (PIPELINES.includes(standard)) {
        if (repository.headless) continue;
        for (const [path, file] of repository.files) {
          if (file.is !== 'workflow') continue;
          const readable = remembered || repository.damaged !== path;
          const verdict = readable ? pipelineVerdict(standard, file, estate.trusted) : 'unknown';
          of.set(`${repository.seed} ${path}`, verdict);
        }
      } else {
        const verdict = repositoryVerdict(standard, repository, remembered);
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

/** What every platform's reader gives for one file, and what is said of a file that cannot be understood. */
import type { Statement, Unobserved, Value } from '@macadam/core/facts/observation';

export type Platform = 'github-actions' | 'azure-pipelines' | 'gitlab-ci' | 'circleci';
export type Role = 'workflow' | 'reusable-workflow' | 'action' | 'pipeline' | 'template';

/** An element that may stand in another file that this one runs; `path` is then that file's. */
export type Placed = { readonly [field: string]: Value | undefined } & {
  readonly key: string;
  readonly path?: string;
};

/** One element a place: a file that is run in several ways is as weak as the weakest of them. */
export function gravest(elements: readonly Placed[]): readonly Placed[] {
  const found = new Map<string, Placed>();
  for (const element of elements) {
    const before = found.get(element.key);
    if (before === undefined || gravity(element) > gravity(before)) found.set(element.key, element);
  }
  return [...found.values()];
}

/** How much an expansion matters: text of outsiders, then of callers, then what nobody knows. */
function gravity({ controlled_by: who, executed }: Placed): number {
  if (who === 'anyone' || executed === true) return 4;
  if (who === 'caller') return 3;
  if (typeof who === 'object') return 2;
  return who === undefined || who === 'nobody' ? 0 : 1;
}

/** Of two elements at one place the last stays. */
export function distinct<T extends { readonly key: string }>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [value.key, value])).values()];
}

/** Lists of elements, each as the kind describes it. */
export interface Lists {
  readonly triggers: readonly Value[];
  readonly jobs: readonly Value[];
  readonly uses: readonly Value[];
  readonly grants: readonly Value[];
  readonly expansions: readonly Placed[];
  readonly untrusted_checkouts: readonly Placed[];
  readonly handed_over: readonly Placed[];
  readonly weaknesses: readonly Placed[];
}

/** What most platforms' files say nothing of. */
export const NO_LISTS = {
  grants: [],
  untrusted_checkouts: [],
  handed_over: [],
  weaknesses: [],
} as const satisfies Partial<Lists>;

export const DECIDED_LATER = {
  unobserved: 'unobserved',
  why: 'the image is decided while the pipeline runs; name it in the file, with its digest',
} as const satisfies Unobserved;

/** A template that a file calls, before local files are followed. */
export interface TemplateReference {
  readonly ref: string;
  readonly source: string;
  readonly kind: 'extends' | 'template' | 'workflow';
  readonly local: boolean;
  /** Path in the tree of a local one. */
  readonly target?: string;
  readonly revision?: string;
  readonly job?: string;
  readonly line: number;
  readonly col: number;
}

export interface ProductionJob {
  readonly what: string;
  readonly job: string;
  /** Unobserved where a job may publish or deploy, and nothing in the file says whether it does. */
  readonly certain: true | Unobserved;
  /** Another file of the repository in which the step stands. */
  readonly path?: string;
  readonly template?: string;
  readonly line: number;
  readonly col: number;
}

export interface PipelineFacts {
  readonly role: Role;
  readonly name?: string;
  readonly lists: Lists;
  readonly templates: readonly TemplateReference[];
  readonly production: readonly ProductionJob[];
  /** What does not have the shape that the platform asks for: the lists may lack something. */
  readonly faults: readonly Misread[];
  /** Lists that may lack something because a file that it runs is understood only in part. */
  readonly open: readonly (keyof Lists)[];
}

/** Why a file cannot be understood. */
export interface Misread {
  readonly message: string;
  readonly line?: number;
}

/** Attributes that the content of the file gives; of an unreadable one each is unobserved. */
export const CONTENT_ATTRIBUTES = [
  'role',
  'name',
  'triggers',
  'jobs',
  'uses',
  'templates',
  'grants',
  'expansions',
  'untrusted_checkouts',
  'handed_over',
  'weaknesses',
  'production',
] as const;

export function unreadable(why: Unobserved): Readonly<Record<string, Statement>> {
  return Object.fromEntries(CONTENT_ATTRIBUTES.map((name) => [name, why]));
}

const NOT_ENFORCED = {
  unobserved: 'unobserved',
  why: 'nothing says which templates are governed; list them as `governed` of pipeline-from-governed-template in macadam.yaml',
} as const;

/**
 * The attributes of one file. `complete` is false for a file with faults, so that an empty list never reads as "none".
 * `reached` are the facts of local files that it calls, by path.
 */
export function attributesOf(
  path: string,
  facts: PipelineFacts,
  reached: ReadonlyMap<string, PipelineFacts>,
): Readonly<Record<string, Statement>> {
  const complete = facts.faults.length === 0;
  const list = (value: readonly Value[], whole = complete): Statement =>
    whole ? { value } : { value, complete: false };
  const own: readonly (readonly [string, PipelineFacts])[] = [[path, facts], ...reached];
  return {
    role: { value: facts.role },
    name: facts.name === undefined ? { absent: true } : { value: facts.name },
    ...Object.fromEntries(
      Object.entries(facts.lists).map(([name, value]) => [
        name,
        list(value, complete && !facts.open.includes(name as keyof Lists)),
      ]),
    ),
    templates: list(
      own.flatMap(([file, { templates }]) =>
        templates.map(({ target: _, ...template }) => ({
          ...template,
          key: `${file}:${template.line}:${template.col}`,
          path: file,
        })),
      ),
    ),
    production: list(
      own.flatMap(([file, { production }]) =>
        production.map((job) => ({
          ...job,
          key: `${job.path ?? file}:${job.line}:${job.col}`,
          path: job.path ?? file,
          enforced: NOT_ENFORCED,
        })),
      ),
    ),
  };
}

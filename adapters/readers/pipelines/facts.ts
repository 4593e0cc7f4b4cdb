/** What every platform's reader gives for one file, and what is said of a file that cannot be understood. */
import type { Statement, Unobserved, Value } from '@macadam/core/facts/observation';

export type Platform = 'github-actions' | 'azure-pipelines';
export type Role = 'workflow' | 'reusable-workflow' | 'action' | 'pipeline' | 'template';

/** Lists of elements, each as the kind describes it. */
export interface Lists {
  readonly triggers: readonly Value[];
  readonly jobs: readonly Value[];
  readonly uses: readonly Value[];
  readonly grants: readonly Value[];
  readonly expansions: readonly Value[];
  readonly untrusted_checkouts: readonly Value[];
  readonly weaknesses: readonly Value[];
}

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
  readonly faults: readonly { readonly message: string; readonly line?: number }[];
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
  const list = (value: readonly Value[]): Statement => (complete ? { value } : { value, complete: false });
  const own: readonly (readonly [string, PipelineFacts])[] = [[path, facts], ...reached];
  return {
    role: { value: facts.role },
    name: facts.name === undefined ? { absent: true } : { value: facts.name },
    ...Object.fromEntries(Object.entries(facts.lists).map(([name, value]) => [name, list(value)])),
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
          key: `${file}:${job.line}:${job.col}`,
          path: file,
          enforced: NOT_ENFORCED,
        })),
      ),
    ),
  };
}

/**
 * Which `workflow_run` only people with rights can cause. It begins after other workflows of its repository, with the repository's rights, on
 * what those left. Where each of them starts by a push, a release or by hand alone, nobody outside has a part in it; where one of them starts
 * for a pull request as well, the artefact that is read may be an outsider's.
 *
 * Source: docs.github.com, "Events that trigger workflows" (`workflow_run`, whose `workflows` are names, or paths of files without a name).
 */
import { child, itemsOf, textOf } from '../document.ts';
import type { Trigger, Workflow } from './workflow.ts';

/** Events that take rights in the repository to cause, and that run what lies there. */
export const BY_WRITERS: ReadonlySet<string> = new Set([
  'push',
  'workflow_dispatch',
  'repository_dispatch',
  'schedule',
  'release',
  'create',
  'delete',
]);

/** Gives each workflow with its triggers of that sort marked. `workflows` are all of one repository, by path. */
export function withCompleted(workflows: ReadonlyMap<string, Workflow>): ReadonlyMap<string, Workflow> {
  const named = Map.groupBy(workflows, ([path, { name }]) => name ?? path);
  const isByWriters = ({ event, node }: Trigger): boolean => {
    if (event !== 'workflow_run') return false;
    const names = itemsOf(child(node, 'workflows')).map(textOf);
    return (
      names.length > 0 &&
      names.every((name) => {
        const files = name === undefined ? undefined : named.get(name);
        return (
          files?.every(([, { triggers }]) => triggers.every((one) => BY_WRITERS.has(one.event))) ?? false
        );
      })
    );
  };
  return new Map(
    [...workflows].map(([path, workflow]) => {
      const triggers = workflow.triggers.map((trigger) =>
        isByWriters(trigger) ? { ...trigger, byWriters: true as const } : trigger,
      );
      return [path, { ...workflow, triggers }];
    }),
  );
}

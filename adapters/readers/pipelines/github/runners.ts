/** Machines that jobs run on, and references that are written so that they are hard to read. */
import { child, entry, itemsOf, type Node, textOf } from '../document.ts';
import { DANGEROUS, onlyLabels } from './checkouts.ts';
import { possibleTexts } from './resolution.ts';
import type { Weakness } from './weakness.ts';
import type { Job, Workflow } from './workflow.ts';

/** Labels of a job's `runs-on`; undefined where an expression that the file does not resolve decides. */
export function runnerLabels(workflow: Workflow, job: Job): readonly string[] | undefined {
  const runs = child(job.node, 'runs-on');
  const nodes: readonly Node[] = runs?.type === 'mapping' ? itemsOf(child(runs, 'labels')) : itemsOf(runs);
  const labels: string[] = [];
  for (const node of nodes) {
    if (node.type !== 'scalar') return undefined;
    const texts = possibleTexts({ workflow, job }, node);
    if (texts === undefined) return undefined;
    labels.push(...texts);
  }
  return labels;
}

export function runnerWeaknesses(workflow: Workflow): readonly Weakness[] {
  return workflow.jobs.flatMap((job): Weakness[] => {
    const runs = entry(job.node, 'runs-on');
    if (runs === undefined) return [];
    const group = runs.value.type === 'mapping' ? textOf(child(runs.value, 'group')) : undefined;
    if (group === undefined && !runnerLabels(workflow, job)?.includes('self-hosted')) return [];
    return [
      {
        rule: 'self-hosted-runner',
        text:
          group === undefined
            ? 'runs on a machine of its own, which one run can change for the next'
            : `runs in runner group ${group}`,
        line: runs.line,
        col: runs.col,
        job: job.id,
        stated: group === undefined,
      },
    ];
  });
}

export function triggerWeaknesses(workflow: Workflow): readonly Weakness[] {
  if (workflow.on === undefined || onlyLabels(workflow)) return [];
  const { line, col } = workflow.on;
  const dangerous = workflow.triggers.filter(({ event, byWriters }) => DANGEROUS.has(event) && !byWriters);
  return dangerous.slice(0, 1).map(({ event }) => ({
    rule: 'privileged-trigger',
    text: `\`${event}\` runs with this repository's rights on what outsiders send`,
    line,
    col,
  }));
}

export function referenceWeaknesses(workflow: Workflow): readonly Weakness[] {
  return workflow.jobs.flatMap((job) =>
    job.steps.flatMap(({ uses, line, col }): Weakness[] => {
      const path = uses?.text.trim().split('@')[0] ?? '';
      if (/^(\.|\$|docker:)/.test(path) || !/\/\/|\/$|\/\.\.?(\/|$)/.test(path)) return [];
      return [
        {
          rule: 'obscured-reference',
          text: `\`${path}\` is written so that it is hard to read`,
          line: uses?.line ?? line,
          col: uses?.col ?? col,
          job: job.id,
        },
      ];
    }),
  );
}

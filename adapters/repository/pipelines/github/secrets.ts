/** Secrets that reach further than one step needs. */
import { child, entriesOf, entry, scalars, textOf } from '../document.ts';
import { embedded } from './embedded.ts';
import { contextPath, contexts, type Expression } from './expression.ts';
import { environmentOf } from './production.ts';
import type { Weakness } from './weakness.ts';
import type { Job, Workflow } from './workflow.ts';

export function secretWeaknesses(workflow: Workflow): readonly Weakness[] {
  const found: Weakness[] = [];
  for (const job of workflow.jobs) {
    const inherited = entry(job.node, 'secrets');
    if (job.uses !== undefined && inherited !== undefined && textOf(inherited.value) === 'inherit')
      found.push({
        rule: 'secrets-inherited',
        text: `every secret goes to ${job.uses.text.trim()}`,
        line: job.uses.line,
        col: job.uses.col,
        job: job.id,
      });
    found.push(...referenced(workflow, job));
  }
  return found;
}

function* referenced(workflow: Workflow, job: Job): Generator<Weakness> {
  const guarded = environmentOf(job) !== undefined || job.uses !== undefined || workflow.type === 'action';
  const reusable = workflow.triggers.some(({ event }) => event === 'workflow_call');
  for (const each of entriesOf(job.node)) {
    for (const scalar of scalars(each.value))
      for (const part of embedded(workflow.document, scalar)) {
        if (part.expression === undefined) continue;
        for (const reference of contexts(part.expression)) {
          const path = contextPath(reference) ?? [];
          if (path[0] !== 'secrets') continue;
          const place = part.placeOf(reference);
          if (path.length === 1 || path[1] === '*')
            yield {
              rule: 'secrets-whole',
              text: `hands over all secrets, not one: \`${part.source.replace(/\s+/g, ' ')}\``,
              ...place,
              job: job.id,
              stated: path.length === 1,
            };
          else if (!guarded && !reusable && path[1] !== 'github_token')
            yield {
              rule: 'secret-outside-environment',
              text: `\`${text(reference, part.textOf)}\` is not bound to an environment`,
              ...place,
              job: job.id,
            };
        }
      }
  }
}

function text(reference: Expression, textOfPart: (part: Expression) => string): string {
  return textOfPart(reference).trim();
}

/** Whether a job names any secret besides its own token. */
export function namesSecrets(job: Job): boolean {
  return (
    child(job.node, 'secrets') !== undefined ||
    [...scalars(job.node)].some((scalar) => /\bsecrets(\.|\[)(?!GITHUB_TOKEN\b)/i.test(scalar.text))
  );
}

/** Secrets that reach further than one step needs. */
import { child, entriesOf, entry, scalars, textOf } from '../document.ts';
import { embedded } from './embedded.ts';
import { children, contextPath, contexts, type Expression } from './expression.ts';
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
    found.push(...referenced(workflow, job), ...written(job));
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
        for (const unmasked of taken(part.expression))
          yield {
            rule: 'secret-unmasked',
            text: `a part of a secret is not masked in logs: ${part.textOf(unmasked).trim()}`,
            ...part.placeOf(unmasked),
            job: job.id,
          };
        for (const reference of contexts(part.expression)) {
          const path = contextPath(reference) ?? [];
          if (path[0] !== 'secrets') continue;
          const place = part.placeOf(reference);
          const whole = path.length === 1 || path[1] === '*';
          if (whole && !guarded && !reusable)
            yield {
              rule: 'secret-outside-environment',
              text: 'all secrets are bound to no environment',
              ...place,
              job: job.id,
            };
          if (whole)
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

/** `fromJSON(secrets.X).y`: the runner masks the whole secret, not what is taken out of it. */
function taken(expression: Expression): readonly Expression[] {
  const below = children(expression).flatMap(taken);
  if (expression.type !== 'call' || expression.name.toLowerCase() !== 'fromjson') return below;
  const [argument] = expression.arguments;
  return argument !== undefined && contextPath(argument)?.[0] === 'secrets' ? [expression, ...below] : below;
}

/** Registry passwords that stand in the file. */
function* written(job: Job): Generator<Weakness> {
  const places = [
    child(job.node, 'container'),
    ...entriesOf(child(job.node, 'services')).map(({ value }) => value),
  ];
  for (const place of places) {
    const credentials = entry(place, 'credentials');
    const password = textOf(child(credentials?.value, 'password'));
    // Text beside an expression is a part of a password that stands in the file.
    const written = password?.replaceAll(/\$\{\{[\s\S]*?\}\}/g, '').trim();
    if (credentials === undefined || written === undefined || written === '') continue;
    yield {
      rule: 'written-credentials',
      text: 'a registry password stands in the file',
      line: credentials.line,
      col: credentials.col,
      job: job.id,
    };
  }
}

function text(reference: Expression, textOfPart: (part: Expression) => string): string {
  return textOfPart(reference).trim();
}

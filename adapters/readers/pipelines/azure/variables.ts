/**
 * Macros and template expressions of Azure Pipelines that are pasted into scripts. `$(name)` is replaced before the
 * shell sees the script; a variable that outsiders write is then code. Names from learn.microsoft.com, "Use
 * predefined variables".
 */
import { keyAt, type Scalar } from '../document.ts';
import type { Placed } from '../facts.ts';
import type { AzurePipeline, AzureStep } from './pipeline.ts';

type Controller = 'anyone' | 'writer' | 'caller' | 'nobody';

const PREDEFINED: ReadonlyMap<string, Controller> = new Map([
  ['build.sourceversionmessage', 'anyone'],
  ['build.sourceversionauthor', 'anyone'],
  ['system.pullrequest.sourcebranch', 'anyone'],
  ['system.pullrequest.sourcerepositoryuri', 'nobody'],
  ['build.requestedfor', 'writer'],
  ['build.sourcebranch', 'writer'],
  ['build.sourcebranchname', 'writer'],
  ['system.pullrequest.targetbranch', 'writer'],
  ['system.pullrequest.targetbranchname', 'writer'],
  ['build.queuedby', 'writer'],
]);

export function azureExpansions(pipeline: AzurePipeline): readonly Placed[] {
  const found = new Map<string, Placed>();
  for (const job of pipeline.jobs)
    for (const step of job.steps)
      for (const script of step.scripts)
        for (const value of expansions(pipeline, step, script)) found.set(value.key, value);
  return [...found.values()];
}

function* expansions(pipeline: AzurePipeline, step: AzureStep, script: Scalar): Generator<Placed> {
  const patterns =
    /\$\(([A-Za-z_][\w.]*)\)|\$\{\{\s*(parameters|variables)(?:\.([\w-]+)|\[\s*'([^']+)'\s*\])\s*\}\}/g;
  for (const match of script.raw.matchAll(patterns)) {
    const [text, macro, root, dotted, indexed] = match;
    const name = (macro ?? dotted ?? indexed ?? '').toLowerCase();
    const who =
      root === 'parameters' ? parameterController(pipeline, name) : variableController(pipeline, name, 0);
    if (who === undefined) continue;
    const place = pipeline.document.place(script.offset + match.index);
    yield {
      key: keyAt(place),
      expression: text,
      text,
      sink: step.task,
      controlled_by: who,
      ...place,
      ...(step.job === '' ? {} : { job: step.job }),
    };
  }
}

/** Whoever queues a run chooses its parameters; a template's are its caller's. */
function parameterController(pipeline: AzurePipeline, name: string): Controller {
  const type = pipeline.parameters.get(name);
  return type !== undefined && /^(boolean|number|choice)$/.test(type) ? 'nobody' : 'writer';
}

/** Undefined for a name that neither the platform nor the file defines: in Bash, `$(name)` is then a command. */
function variableController(pipeline: AzurePipeline, name: string, depth: number): Controller | undefined {
  const known = PREDEFINED.get(name);
  if (known !== undefined) return known;
  const value = pipeline.variables.get(name);
  if (value === undefined || depth > 4) return undefined;
  const inner = [...value.text.matchAll(/\$\(([A-Za-z_][\w.]*)\)|variables\[\s*'([^']+)'\s*\]/g)].map(
    (match) => variableController(pipeline, (match[1] ?? match[2] ?? '').toLowerCase(), depth + 1),
  );
  return (['anyone', 'caller', 'writer'] as const).find((who) => inner.includes(who)) ?? 'nobody';
}

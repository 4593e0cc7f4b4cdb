/** Everything that is known of one Azure Pipelines file. */

import { posix } from 'node:path';
import type { Value } from '@macadam/core/facts/observation';
import { compact } from '../../../compact.ts';
import { child, entriesOf, entry, isEmpty, keyAt, textOf, type YamlDocument } from '../document.ts';
import {
  DECIDED_LATER,
  distinct,
  type Misread,
  NO_LISTS,
  type PipelineFacts,
  type Placed,
  type ProductionJob,
  type Role,
  type TemplateReference,
} from '../facts.ts';
import { environmentOf } from '../github/production.ts';
import { imageOf } from '../github/uses.ts';
import { type AzureJob, type AzurePipeline, looksLikePipeline, pipelineOf } from './pipeline.ts';
import { azureExpansions } from './variables.ts';

/** A file with the platform's own name is one whatever it holds; in a folder of pipelines the content decides. */
export function isPipeline(document: YamlDocument, path: string): boolean {
  return /^azure-pipelines/i.test(posix.basename(path)) || looksLikePipeline(document);
}

export function azureFacts(document: YamlDocument, path: string): PipelineFacts | Misread {
  const { root } = document;
  if (root.type !== 'mapping')
    return { message: isEmpty(root) ? 'the file is empty' : 'a pipeline is a mapping', line: root.line };
  if (!looksLikePipeline(document))
    return { message: 'there is neither `stages`, `jobs`, `steps` nor `extends`', line: 1 };
  const pipeline = pipelineOf(document, root);
  const templates = pipeline.templates.flatMap((each) => templateOf(pipeline, each, path));
  return compact({
    role: roleOf(pipeline, path),
    name: textOf(child(root, 'name')),
    lists: {
      ...NO_LISTS,
      triggers: triggersOf(pipeline),
      jobs: pipeline.jobs.map(jobValue),
      uses: usesOf(pipeline),
      expansions: azureExpansions(pipeline),
    },
    templates,
    production: productionOf(pipeline, templates),
    faults: [],
    open: [],
  });
}

function roleOf({ root }: AzurePipeline, path: string): Role {
  const starts = ['trigger', 'pr', 'schedules', 'extends', 'resources'].some(
    (key) => entry(root, key) !== undefined,
  );
  if (/^azure-pipelines/i.test(posix.basename(path)) || starts) return 'pipeline';
  const parameters = entry(root, 'parameters') !== undefined;
  return parameters || /(^|\/)templates?\//i.test(path) ? 'template' : 'pipeline';
}

function triggersOf({ root }: AzurePipeline): readonly Value[] {
  return ['trigger', 'pr', 'schedules'].flatMap((key) => {
    const found = entry(root, key);
    if (found === undefined || textOf(found.value) === 'none') return [];
    const event = { trigger: 'push', pr: 'pull_request', schedules: 'schedule' }[key] ?? key;
    return [{ key: event, event, privileged: false, line: found.line, col: found.col }];
  });
}

function jobValue(job: AzureJob): Value {
  return compact({
    key: job.id === '' ? 'steps' : job.id,
    name: textOf(child(job.node, 'displayName')),
    environment: environmentOf(job),
    steps: job.steps.length,
    token: 'none',
    needs_writes: [],
    uses_token: false,
    line: job.node.line,
    col: job.node.col,
  });
}

/** A repository resource cannot name a commit; a tag is the tightest there is, a branch moves with every push. */
function usesOf(pipeline: AzurePipeline): readonly Value[] {
  const repositories = pipeline.repositories.map(({ alias, name, ref, node }) => {
    const place = entry(node, 'ref') ?? entry(node, 'repository') ?? node;
    const owner = name.includes('/') ? name.split('/')[0] : undefined;
    return compact({
      key: keyAt(place),
      ref: ref === undefined ? `${name} (its default branch, as ${alias})` : `${name}@${ref}`,
      kind: 'repository-resource',
      owner,
      repository: name,
      revision: ref,
      pinned: ref !== undefined && /^refs\/tags\/|^[0-9a-f]{40}$/i.test(ref),
      local: false,
      line: place.line,
      col: place.col,
    });
  });
  const images = pipeline.images.map(({ scalar, job }): Placed => {
    const decided = !/\$\{\{|\$\(|\$\[/.test(scalar.text);
    const { path: _, ...reference } = imageOf(scalar.text);
    return {
      key: keyAt(scalar),
      ref: scalar.text,
      ...reference,
      ...(decided ? {} : { pinned: DECIDED_LATER }),
      ...(job === '' ? {} : { job }),
      line: scalar.line,
      col: scalar.col,
    };
  });
  return distinct<Placed>([...repositories, ...images]);
}

function templateOf(
  { repositories }: AzurePipeline,
  template: AzurePipeline['templates'][number],
  path: string,
): readonly TemplateReference[] {
  const { line, col } = template.reference;
  const ref = template.reference.text.trim();
  const [file = '', alias = 'self'] = ref.split('@');
  const kind = template.extends ? 'extends' : 'template';
  const base = { ref, kind, line, col, ...(template.job === '' ? {} : { job: template.job }) } as const;
  if (alias === 'self') {
    const target = file.startsWith('/')
      ? file.slice(1)
      : posix.normalize(posix.join(posix.dirname(path), file));
    const known = !file.includes('${{') && !target.startsWith('..');
    return [{ ...base, local: true, source: target.toLowerCase(), ...(known ? { target } : {}) }];
  }
  const repository = repositories.find((each) => each.alias.toLowerCase() === alias.toLowerCase());
  const source = `${repository?.name ?? alias}/${file.replace(/^\//, '')}`.toLowerCase();
  return [
    {
      ...base,
      local: false,
      source,
      ...(repository?.ref === undefined ? {} : { revision: repository.ref }),
    },
  ];
}

/** Tasks that publish or deploy: learn.microsoft.com, "Azure Pipelines task reference". */
const PUBLISHERS =
  /^(azurewebapp|azurewebappcontainer|azurefunctionapp|azurefunctionappcontainer|azurermwebappdeployment|azureresourcemanagertemplatedeployment|azureresourcegroupdeployment|kubernetesmanifest|kubernetes|helmdeploy|azurespringcloud|azurecontainerapps|azurestaticwebapp|servicefabricdeploy|sqlazuredacpacdeployment|githubrelease|appstorerelease|googleplayrelease|twineauthenticate|iiswebappdeploymentonmachinegroup|azurecloudpowershelldeployment|azurevmssdeployment)$/;
const COMMANDS =
  /\b(npm|pnpm)\s+publish\b|\btwine\s+upload\b|\bnuget\s+push\b|\bdocker\s+push\b|\bhelm\s+(upgrade|push)\b|\bkubectl\s+(apply|rollout)\b|\bterraform\s+apply\b|\baz\s+(webapp|functionapp|containerapp|deployment)\b/;
const REHEARSAL = /^(dev|test|stag|qa|uat|preview|pr$|sandbox|ci$|integration|local)/i;
const TELLING = /deploy|release|publish|prod|official/i;

function productionOf(
  pipeline: AzurePipeline,
  templates: readonly TemplateReference[],
): readonly ProductionJob[] {
  // What extends a template hands its jobs to it, and runs nothing beside it.
  const whole = templates.find(({ kind, local }) => kind === 'extends' && !local);
  const by = whole === undefined ? {} : { template: whole.source };
  const jobs = pipeline.jobs.flatMap((job): ProductionJob[] => {
    const environment = environmentOf(job);
    const { line, col } = job.node;
    if (environment !== undefined && !REHEARSAL.test(environment))
      return [{ job: job.id, what: `environment \`${environment}\``, certain: true, line, col, ...by }];
    const step = job.steps.find(
      ({ task, node, scripts }) =>
        PUBLISHERS.test(task) || pushes(task, node) || scripts.some((script) => COMMANDS.test(script.text)),
    );
    return step === undefined
      ? []
      : [{ job: job.id, what: step.task, certain: true, line: step.node.line, col: step.node.col, ...by }];
  });
  const called = templates.flatMap(({ local, source, ref, job, line, col }): ProductionJob[] =>
    local || !TELLING.test(`${source} ${job ?? ''}`)
      ? []
      : [{ job: job ?? '', what: `made from ${ref}`, certain: true, template: source, line, col }],
  );
  return [...jobs, ...called];
}

/** Tasks that publish only with a certain command: `Docker@2` with `push`, `NuGetCommand@2`, `Npm@1`, `DotNetCoreCLI@2`. */
function pushes(task: string, node: AzureJob['node']): boolean {
  if (!/^(docker|nugetcommand|npm|dotnetcorecli|universalpackages)$/.test(task)) return false;
  const command = entriesOf(child(node, 'inputs')).find(({ key }) => key.toLowerCase() === 'command')?.value;
  const text =
    (command === undefined ? undefined : textOf(command)) ?? (task === 'docker' ? 'buildAndPush' : '');
  return /push|publish/i.test(text) && !(task === 'dotnetcorecli' && /^publish$/i.test(text));
}

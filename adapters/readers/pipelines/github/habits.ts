/**
 * What peers tell their users of and no standard here judges yet: packages that a script installs by name, registry tokens where
 * an identity would do, runs that nothing limits, shells that behave in ways of their own. Recorded as facts.
 */
import {
  child,
  type Entry,
  entriesOf,
  entry,
  type Place,
  type Scalar,
  textOf,
  type YamlDocument,
} from '../document.ts';
import { namedActions } from './named-actions.ts';
import type { Weakness } from './weakness.ts';
import { actionName, input, type Job, type Step, type Workflow } from './workflow.ts';

export function habitWeaknesses(workflow: Workflow): readonly Weakness[] {
  const found: Weakness[] = [...unlimited(workflow)];
  for (const job of workflow.jobs)
    for (const step of job.steps)
      found.push(
        ...installs(workflow, job, step),
        ...registryTokens(workflow, job, step),
        ...shells(job, step),
      );
  const defaults = [workflow.root, ...workflow.jobs.map(({ node }) => node)];
  for (const node of defaults)
    found.push(...oddShell(entry(child(child(node, 'defaults'), 'run'), 'shell'), ''));
  return [...found, ...namedActions(workflow)];
}

/** A command in a script: where it begins, and its words without what is quoted away. */
interface Command extends Place {
  readonly text: string;
}

/** The commands of a script, one for each part between separators; lines that go on are one. */
function commandsOf(document: YamlDocument, script: Scalar): readonly Command[] {
  const found: Command[] = [];
  const joined = script.raw.replaceAll(/\\\r?\n/g, (part) => ' '.repeat(part.length));
  let offset = 0;
  for (const line of joined.split('\n')) {
    const code = line.replace(/(^|\s)#.*$/, '');
    for (const match of code.matchAll(/[^;&|(){}]+/g)) {
      const lead =
        /^[\s"'>-]*(?:run:\s*)?["']?(?:(?:if|then|else|do|sudo|time|exec|env|command|!)\s+|\w+=\S+\s+)*/.exec(
          match[0],
        )?.[0].length ?? 0;
      const text = match[0].slice(lead).trim();
      if (text !== '') found.push({ text, ...document.place(script.offset + offset + match.index + lead) });
    }
    offset += line.length + 1;
  }
  return found;
}

const OPTIONS = String.raw`(?:\s+-[\w-]+(?:=\S+)?)*`;
const INSTALLS = new RegExp(
  [
    String.raw`^gem\s+(install|i)\b${OPTIONS}\s+[^-\s]`,
    String.raw`^(npm|pnpm)\s+(install|i|add|in|ins|inst)\b${OPTIONS}\s+[^-\s]`,
    String.raw`^yarn\s+(global\s+)?add\b${OPTIONS}\s+[^-\s]`,
    String.raw`^bundle\s+add\b${OPTIONS}\s+[^-\s]`,
  ].join('|'),
);

/** `gem install x`, `npm install x`: what comes is decided by the registry on that day, and no lockfile holds it. */
function* installs({ document }: Workflow, job: Job, step: Step): Generator<Weakness> {
  if (step.run === undefined || isOther(step)) return;
  for (const { text, line, col } of commandsOf(document, step.run))
    if (INSTALLS.test(text))
      yield {
        rule: 'unlocked-install',
        text: `installs what no lockfile holds: ${text.slice(0, 60)}`,
        line,
        col,
        job: job.id,
      };
}

/** A script in another language has no commands. */
function isOther({ shell }: Step): boolean {
  return shell !== undefined && /^(python|node|perl|ruby|deno)/.test(shell);
}

const PUBLISHES = new RegExp(
  [
    String.raw`^(npm|pnpm)\s+(?:run\s+|stage\s+)?publish\b|^bun\s+(?:run\s+)?publish\b|^bunx\s+npm\s+publish\b|^yarn\s+(npm\s+)?publish\b`,
    String.raw`^(?:pipx\s+run\s+|uvx\s+|uv\s+run\s+|python[\d.]*\s+-m\s+)?twine(?:==\S+)?\s+upload\b`,
    String.raw`^(?:uv|poetry|hatch|pdm)\s+publish\b|^cargo\s+(release\s+)?publish\b|^gem\s+push\b|^(?:dotnet\s+)?nuget(?:\.exe)?\s+push\b`,
  ].join('|'),
);

/** Publishing to a registry that takes identities, by a token that lives until somebody revokes it. */
function* registryTokens(workflow: Workflow, job: Job, step: Step): Generator<Weakness> {
  const action = actionName(step);
  const weak = { rule: 'registry-token', job: job.id } as const;
  const place = step.uses ?? step;
  const given = (name: string): string | undefined => textOf(input(step, name));
  if (action === 'pypa/gh-action-pypi-publish' && given('password') !== undefined) {
    const index = given('repository-url') ?? given('repository_url');
    if (index === undefined || /^https?:\/\/([\w-]+\.)*pypi\.org(\/|$)/.test(index.trim()))
      yield {
        ...weak,
        text: 'a password publishes where an identity would do',
        line: place.line,
        col: place.col,
      };
  }
  if (action === 'rubygems/release-gem' && given('setup-trusted-publisher') === 'false')
    yield { ...weak, text: 'trusted publishing is switched off', line: place.line, col: place.col };
  if (action === 'rubygems/configure-rubygems-credentials' && given('api-token') !== undefined)
    yield { ...weak, text: 'a token publishes where an identity would do', line: place.line, col: place.col };
  const registry = given('registry-url')?.replace(/\/+$/, '');
  if (
    action === 'actions/setup-node' &&
    given('always-auth')?.trim() === 'true' &&
    (registry === undefined || registry === 'https://registry.npmjs.org')
  )
    yield { ...weak, text: '`always-auth` asks for a token', line: place.line, col: place.col };
  if (step.run === undefined || isOther(step) || hasIdentity(workflow, job)) return;
  for (const { text, line, col } of commandsOf(workflow.document, step.run))
    if (PUBLISHES.test(text) && !/--dry-run\b/.test(text))
      yield { ...weak, text: `publishes without an identity: ${text.slice(0, 60)}`, line, col };
}

function hasIdentity(workflow: Workflow, job: Job): boolean {
  const declared = entry(job.node, 'permissions') ?? entry(workflow.root, 'permissions');
  return (
    declared !== undefined &&
    (textOf(declared.value) === 'write-all' || textOf(child(declared.value, 'id-token')) === 'write')
  );
}

/** Runs of the same branch go on beside each other, unless the workflow or every job limits them. */
function* unlimited(workflow: Workflow): Generator<Weakness> {
  const { on, triggers, jobs, root } = workflow;
  if (workflow.type === 'action' || on === undefined) return;
  if (triggers.length > 0 && triggers.every(({ event }) => event === 'workflow_call')) return;
  const top = entry(root, 'concurrency');
  if (top !== undefined) {
    if (top.value.type === 'scalar')
      yield {
        rule: 'runs-unlimited',
        text: 'older runs wait instead of being cancelled',
        line: top.line,
        col: top.col,
      };
    return;
  }
  const open = jobs.some(
    (job) => job.uses === undefined && child(job.node, 'concurrency')?.type !== 'mapping',
  );
  if (open)
    yield {
      rule: 'runs-unlimited',
      text: 'runs of one branch go on beside each other',
      line: on.line,
      col: on.col,
    };
}

/** Shells and inputs that the platform's own documentation advises against. */
function* shells(job: Job, step: Step): Generator<Weakness> {
  if (actionName(step) === 'actions/setup-python') {
    const installed = entriesOf(step.with).find(({ key }) => key.toLowerCase() === 'pip-install');
    if (installed !== undefined)
      yield {
        rule: 'odd-setting',
        text: '`pip-install` installs beside every lockfile',
        line: installed.line,
        col: installed.col,
        job: job.id,
      };
  }
  if (step.run !== undefined) yield* oddShell(entry(step.node, 'shell'), job.id);
}

function* oddShell(shell: Entry | undefined, job: string): Generator<Weakness> {
  const name = textOf(shell?.value);
  if (shell === undefined || name === undefined) return;
  const cmd = /^cmd\b/.test(name);
  if (!cmd && (/^(bash|sh|pwsh|powershell|python)\b/.test(name) || name.includes('${{'))) return;
  yield {
    rule: 'odd-setting',
    text: `shell \`${name}\` has rules of its own`,
    line: shell.line,
    col: shell.col,
    job,
    stated: cmd,
  };
}

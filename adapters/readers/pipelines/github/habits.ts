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

/** Options whose value is a word of its own, so that it is no argument: a folder, a registry, a version, one of several packages. */
const WITH_VALUE =
  /^(?:-[CFvwp]|--(?:prefix|dir|cwd|registry|filter|workspace|version|source|tag|manifest-path|package|token|otp|directory|project|index|publish-url))$/;

/** A command as a shell sees it, without quotes: what it runs, its arguments, and its options. */
interface Words {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: ReadonlySet<string>;
}

/** Longer than any command that people write; beyond it a command is not looked into. */
const MOST_WORDS = 400;

function wordsOf(command: string): Words {
  const [program = '', ...rest] = command.replaceAll(/["']/g, '').split(/\s+/, MOST_WORDS);
  const args: string[] = [];
  const options = new Set<string>();
  for (const [index, word] of rest.entries()) {
    if (word.startsWith('-')) options.add(word);
    else if (!WITH_VALUE.test(rest[index - 1] ?? '')) args.push(word);
  }
  return { program, args, options };
}

/** Spellings that npm takes for `install`. */
const NPM_INSTALL = /^(?:i|in|ins|inst|insta|instal|install|isnt|isnta|isntal|isntall|add)$/;

function installsByName({ program, args: [first = '', second, third] }: Words): boolean {
  if (program === 'gem') return /^(?:install|i)$/.test(first) && second !== undefined;
  if (program === 'npm' || program === 'pnpm') return NPM_INSTALL.test(first) && second !== undefined;
  if (program === 'yarn')
    return (
      (first === 'add' && second !== undefined) ||
      (first === 'global' && second === 'add' && third !== undefined)
    );
  return program === 'bundle' && first === 'add' && second !== undefined;
}

/** `gem install x`, `npm install x`: what comes is decided by the registry on that day, and no lockfile holds it. */
function* installs({ document }: Workflow, job: Job, step: Step): Generator<Weakness> {
  if (step.run === undefined || isOther(step)) return;
  for (const { text, line, col } of commandsOf(document, step.run))
    if (installsByName(wordsOf(text)))
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

/** Whether a command publishes to a registry that takes identities, wherever its options stand; a rehearsal does not. */
function publishes({ program, args, options }: Words): boolean {
  if (options.has('--dry-run')) return false;
  const has = (word: string): boolean => args.includes(word);
  const twine = args.findIndex((word) => /^twine(?:[=@<>~!].*)?$/.test(word));
  const uploads = twine !== -1 && args[twine + 1] === 'upload';
  if (/^python[\d.]*$/.test(program)) return options.has('-m') && uploads;
  switch (program) {
    case 'cargo':
      return has('publish') && !options.has('-n');
    case 'npm':
    case 'pnpm':
    case 'bun':
    case 'yarn':
      return has('publish') && !NPM_INSTALL.test(args[0] ?? '');
    case 'bunx':
      return /^npm(?:@.*)?$/.test(args[0] ?? '') && has('publish');
    case 'hatch':
    case 'pdm':
    case 'poetry':
      return args[0] === 'publish';
    case 'uv':
      return args[0] === 'publish' || (args[0] === 'run' && uploads);
    case 'uvx':
      return uploads;
    case 'pipx':
      return args[0] === 'run' && uploads;
    case 'twine':
      return args[0] === 'upload';
    case 'gem':
      return args[0] === 'push';
    case 'bundle':
      return args[0] === 'exec' && args[1] === 'gem' && args[2] === 'push';
    case 'nuget':
    case 'nuget.exe':
      return args[0] === 'push';
    case 'dotnet':
      return args[0] === 'nuget' && args[1] === 'push';
    default:
      return false;
  }
}

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
  const registry = given('registry-url')?.replace(/(?<!\/)\/+$/, '');
  if (
    action === 'actions/setup-node' &&
    given('always-auth')?.trim() === 'true' &&
    (registry === undefined || registry === 'https://registry.npmjs.org')
  )
    yield { ...weak, text: '`always-auth` asks for a token', line: place.line, col: place.col };
  if (step.run === undefined || isOther(step) || hasIdentity(workflow, job)) return;
  for (const { text, line, col } of commandsOf(workflow.document, step.run))
    if (publishes(wordsOf(text)))
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

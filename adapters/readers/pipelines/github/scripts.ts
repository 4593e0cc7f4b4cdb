/** What scripts and settings of a workflow do that lets untrusted text steer later steps. */

import type { Unobserved } from '@macadam/core/facts/observation';
import { compact } from '../../../compact.ts';
import { type Entry, entriesOf, entry, type Node, textOf } from '../document.ts';
import { DANGEROUS } from './checkouts.ts';
import { embedded } from './embedded.ts';
import { contextPath } from './expression.ts';
import { type LocalFiles, type LocalRun, type RunStep, stepsOf } from './local.ts';
import { matrixValues } from './resolution.ts';
import type { Weakness } from './weakness.ts';
import { actionName, input, type Job, outsideEventsOf, type Step, type Workflow } from './workflow.ts';

/** The variable that turns `::set-env` and `::add-path` back on. */
const UNSECURE = 'actions_allow_unsecure_commands';

export function scriptWeaknesses(root: LocalRun, files: LocalFiles): readonly Weakness[] {
  const { workflow } = root;
  const found: Weakness[] = [];
  found.push(...unsecured(entry(workflow.root, 'env'), undefined));
  const privileged = isPrivileged(workflow);
  for (const job of workflow.jobs) {
    found.push(...unsecured(entry(job.node, 'env'), job));
    for (const step of job.steps) {
      found.push(...unsecured(entry(step.node, 'env'), job, workflow));
      if (privileged || workflow.type === 'action') found.push(...steered(step, job, privileged));
      found.push(...persisted(step, job, stepsOf(root, job, files)));
    }
  }
  return found;
}

/** Of a file in the way that another one runs it: only under an event of outsiders is it a weakness of that other one. */
export function steeredIn({ path, workflow }: LocalRun): readonly Weakness[] {
  if (!isPrivileged(workflow)) return [];
  return workflow.jobs.flatMap((job) =>
    job.steps.flatMap((step) => [...steered(step, job, true)].map((weakness) => ({ ...weakness, path }))),
  );
}

function isPrivileged(workflow: Workflow): boolean {
  return outsideEventsOf(workflow).some((event) => DANGEROUS.has(event));
}

function isTrue(node: Node): boolean {
  return /^\s*true\s*$/i.test(textOf(node) ?? '');
}

function* unsecured(env: Entry | undefined, job: Job | undefined, workflow?: Workflow): Generator<Weakness> {
  if (env === undefined) return;
  const weak = compact<Weakness>({
    rule: 'insecure-commands',
    text: 'lets anything that prints set variables and paths of later steps',
    line: env.line,
    col: env.col,
    job: job?.id,
  });
  if (entriesOf(env.value).some(({ key, value }) => key.toLowerCase() === UNSECURE && isTrue(value)))
    yield weak;
  if (env.value.type !== 'scalar' || workflow === undefined || job === undefined) return;
  // The whole environment is one expression: what it holds is known only where the matrix says it.
  for (const { expression } of embedded(workflow.document, env.value)) {
    const path = expression === undefined ? undefined : contextPath(expression);
    const values = path?.[0] === 'matrix' ? matrixValues(job, path.slice(1)) : undefined;
    const clean =
      values?.every((value) =>
        entriesOf(value).every((each) => each.key.toLowerCase() !== UNSECURE || !isTrue(each.value)),
      ) ?? false;
    if (!clean) yield { ...weak, stated: false };
  }
}

/** A write to the files that become variables and search paths of later steps, with text that is not constant. */
function* steered(step: Step, job: Job, privileged: boolean): Generator<Weakness> {
  const { run } = step;
  if (run === undefined) return;
  const shell = step.shell ?? '';
  const powershell = /^(pwsh|powershell)/.test(shell);
  const target = powershell
    ? /\$\{?env:GITHUB_(ENV|PATH)\b/i
    : shell === 'cmd'
      ? /%GITHUB_(ENV|PATH)%/i
      : /\$\{?(env:)?GITHUB_(ENV|PATH)\b|%GITHUB_(ENV|PATH)%/i;
  const lines = run.text.split('\n').map((line) => line.replace(/^\s*(#|rem\b).*$/i, ''));
  const index = lines.findIndex((line) => target.test(line) && writes(line) && !constantWrite(line, target));
  if (index === -1) return;
  yield {
    rule: 'environment-file',
    text: `text that is not constant becomes a variable or path of later steps: ${lines[index]?.trim().slice(0, 80)}`,
    line: run.line,
    col: run.col,
    job: job.id,
    stated: privileged,
  };
}

function writes(line: string): boolean {
  return />>?|\btee\b|out-file|add-content|set-content/i.test(line);
}

/** `echo "NAME=value" >> "$GITHUB_ENV"` without a variable or a command in it. */
function constantWrite(line: string, target: RegExp): boolean {
  const said = line.replace(new RegExp(target.source, 'gi'), '').replace(/["'}]\s*$/, '');
  return /^\s*(echo|printf|write-output)\b/i.test(line) && !/[$`]|%\w+%/.test(said.replace(/'[^']*'/g, ''));
}

/** `actions/checkout` leaves its token where any later step of the job can pick it up. */
function* persisted(step: Step, job: Job, all: readonly RunStep[]): Generator<Weakness> {
  if (actionName(step) !== 'actions/checkout') return;
  const value = input(step, 'persist-credentials');
  const text = value === undefined ? undefined : textOf(value)?.trim().toLowerCase();
  if (text === 'false') return;
  // Inputs that are one expression: the expression is the place to look at.
  const place = step.with?.type === 'scalar' ? step.with : step;
  const later = all.slice(all.findIndex((at) => at.step === step) + 1).map((at) => at.step);
  const { line, col } = place;
  const by = later.find(usesGit);
  const open = (step.with?.type === 'scalar' ? step.with.text : (text ?? '')).includes('${{');
  yield {
    rule: 'persisted-credentials',
    text: 'the token of the job stays readable after the checkout',
    line,
    col,
    job: job.id,
    stated: open ? DECIDED_LATER : text === 'true',
    ...(by === undefined ? {} : { needed_by: nameOf(by) }),
  };
  const upload = later.find((candidate) => uploadsWorkingCopy(candidate, step));
  if (upload !== undefined)
    yield {
      rule: 'credentials-uploaded',
      text: `the working copy with its token is uploaded in line ${upload.line}`,
      line,
      col,
      job: job.id,
    };
}

const DECIDED_LATER: Unobserved = {
  unobserved: 'unobserved',
  why: 'an expression decides `persist-credentials` while the pipeline runs; write true or false',
};

/** Steps that talk to the repository with the token that the checkout kept. */
const GIT_ACTIONS =
  /^(stefanzweifel\/git-auto-commit-action|ad-m\/github-push-action|endbug\/add-and-commit|peter-evans\/create-pull-request|jamesives\/github-pages-deploy-action|changesets\/action|cycjimmy\/semantic-release-action|anothrnick\/github-tag-action|helm\/chart-releaser-action|google-github-actions\/release-please-action|repo-sync\/.*)$/;
const GIT_COMMANDS =
  /\bgit\b(\s+-\S+(\s+\S+)?)*\s+(push|fetch|pull|ls-remote|submodule|clone|remote\s+update|lfs)\b|\bsemantic-release\b|\brelease-it\b|\blerna\s+(publish|version)\b|\bchangeset\s+(publish|tag)\b|\bgh\s+pr\s+(create|checkout)\b|\bmike\s+deploy\b|\bgh-pages\b/;

function usesGit(step: Step): boolean {
  return GIT_ACTIONS.test(actionName(step) ?? '') || GIT_COMMANDS.test(step.run?.text ?? '');
}

function nameOf(step: Step): string {
  return (actionName(step) ?? step.name ?? step.run?.text.split('\n')[0] ?? '').slice(0, 80);
}

/** An upload that takes `.git` along: newer versions of the action leave hidden files out unless they are asked for. */
function uploadsWorkingCopy(step: Step, checkout: Step): boolean {
  if (actionName(step) !== 'actions/upload-artifact') return false;
  const hidden = textOf(input(step, 'include-hidden-files'))?.trim() === 'true';
  const version =
    /@v(\d+)(?:\.(\d+))?/.exec(step.uses?.text ?? '') ?? /\bv?(\d+)\.(\d+)/.exec(step.uses?.comment ?? '');
  const [major, minor] = [Number(version?.[1] ?? 4), Number(version?.[2] ?? 4)];
  if (!hidden && (major > 4 || (major === 4 && minor >= 4))) return false;
  const folder = (textOf(input(checkout, 'path')) ?? '.').replace(/^\.\/|(?<!\/)\/+$/g, '') || '.';
  const lines = (textOf(input(step, 'path')) ?? '')
    .split('\n')
    .map((line) => line.trim().replace(/^\.\/|(?<!\/)\/+$/g, ''));
  const whole = lines.some(
    (line) =>
      line === folder || line === '.' || line === '' || /^\$\{\{\s*github\.workspace\s*\}\}$/.test(line),
  );
  return whole && lines.some((line) => line !== '') && !lines.some((line) => /^!.*\.git(\/|$)/.test(line));
}

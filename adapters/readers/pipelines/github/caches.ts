/**
 * Caches that are restored where something is released: whoever can write to a cache from another branch then
 * decides what is in the release ("cache poisoning").
 */
import { child, itemsOf, type Node, textOf } from '../document.ts';
import { embedded } from './embedded.ts';
import { type Datum, evaluate, text, truthy } from './evaluation.ts';
import { canPublish } from './publishers.ts';
import type { Weakness } from './weakness.ts';
import { actionName, input, neededJobs, type Step, type Workflow } from './workflow.ts';

/** How an action's caching is switched: by which input, what it does without it, and whether the input turns it off. */
interface Switch {
  readonly input?: string;
  readonly byDefault: boolean;
  readonly inverted?: boolean;
  /** A second input without which nothing is cached. */
  readonly needs?: string;
  /** First major version of the action that has it, where the version is known. */
  readonly since?: number;
  /** It asks package.json for the manager of packages, and caches nothing without one that it knows. */
  readonly asksProject?: boolean;
}

/**
 * The manager of packages that package.json in the root of the repository names, as `npm@11.0.0`; null where it names none,
 * undefined where there is no such file or it cannot be read, so that nobody knows.
 */
export type NamedPackager = string | null | undefined;

const on = (name: string): Switch => ({ input: name, byDefault: true });
const optIn = (name: string): Switch => ({ input: name, byDefault: false });
const off = (name: string): Switch => ({ input: name, byDefault: true, inverted: true });

const CACHES: ReadonlyMap<string, readonly Switch[]> = new Map([
  ['actions/cache', [off('lookup-only')]],
  ['actions/cache/restore', [off('lookup-only')]],
  ['actions/setup-go', [on('cache')]],
  ['actions/setup-java', [optIn('cache')]],
  ['actions/setup-node', [optIn('cache'), { ...on('package-manager-cache'), since: 5, asksProject: true }]],
  ['actions/setup-python', [optIn('cache')]],
  ['actions/setup-dotnet', [optIn('cache')]],
  ['actions-rust-lang/setup-rust-toolchain', [on('cache')]],
  ['astral-sh/setup-uv', [on('enable-cache')]],
  ['awalsh128/cache-apt-pkgs-action', [{ byDefault: true }]],
  ['coursier/cache-action', [{ byDefault: true }]],
  ['determinatesystems/magic-nix-cache-action', [on('use-gha-cache')]],
  ['docker/setup-buildx-action', [{ input: 'cache-binary', byDefault: true, needs: 'version' }]],
  ['golangci/golangci-lint-action', [off('skip-cache')]],
  ['graalvm/setup-graalvm', [optIn('cache')]],
  ['gradle/actions/setup-gradle', [off('cache-disabled')]],
  ['gradle/gradle-build-action', [off('cache-disabled')]],
  ['jdx/mise-action', [on('cache')]],
  ['mlugg/setup-zig', [on('use-cache')]],
  ['mozilla-actions/sccache-action', [{ byDefault: true }]],
  ['nix-community/cache-nix-action', [{ byDefault: true }]],
  ['oven-sh/setup-bun', [off('no-cache')]],
  ['pnpm/action-setup', [optIn('cache')]],
  ['pyo3/maturin-action', [optIn('sccache')]],
  ['ramsey/composer-install', [off('ignore-cache')]],
  ['ruby/setup-ruby', [optIn('bundler-cache')]],
  ['swatinem/rust-cache', [off('lookup-only')]],
]);

type Event = ReadonlyMap<string, Datum>;

/**
 * `producing` are the jobs that are seen to publish or deploy. A cache counts in them and in the jobs whose artefacts they may take,
 * and in every job of a workflow that nothing but a release starts, where no job is seen to publish. In other jobs of such
 * workflows, and in jobs that could publish and are not seen to, it stands beside the release.
 */
export function cacheWeaknesses(
  workflow: Workflow,
  producing: ReadonlySet<string>,
  manager?: NamedPackager,
): readonly Weakness[] {
  if (workflow.type === 'action') return [];
  const releases = releaseEvents(workflow);
  const inside = feeding(workflow, producing);
  const whole = producing.size === 0 && onlyReleases(workflow);
  const found: Weakness[] = [];
  for (const job of workflow.jobs) {
    const publisher = job.steps.find((step) => canPublish({ workflow, job, step }, step));
    if (releases.length === 0 && publisher === undefined && !inside.has(job.id)) continue;
    const why =
      releases.length > 0
        ? 'a release starts it'
        : publisher === undefined
          ? 'its artefacts are published'
          : (actionName(publisher) ?? 'a script publishes');
    for (const step of job.steps) {
      const action = actionName(step);
      const switches = action === undefined ? undefined : CACHES.get(action);
      if (switches === undefined || step.uses === undefined) continue;
      const asked = { workflow, step, all: switches, events: releases, manager };
      if (!switches.some((each) => caches(each, asked))) continue;
      found.push({
        rule: inside.has(job.id) || whole ? 'cache-in-release' : 'cache-beside-release',
        text: `${action} restores a cache (${why})`,
        line: step.uses.line,
        col: step.uses.col,
        job: job.id,
      });
    }
  }
  return found;
}

/** These jobs, and every job before them that hands on an artefact. */
function feeding(workflow: Workflow, publishing: ReadonlySet<string>): ReadonlySet<string> {
  const { jobs } = workflow;
  const uploads = (id: string): boolean =>
    jobs.some(
      (job) => job.id === id && job.steps.some((step) => actionName(step) === 'actions/upload-artifact'),
    );
  return new Set([...neededJobs(jobs, publishing)].filter((id) => publishing.has(id) || uploads(id)));
}

/** Whether a release, a tag or a person starts it, and no branch and no pull request. */
function onlyReleases(workflow: Workflow): boolean {
  const starts = workflow.triggers.map(({ event, node }) => {
    if (event === 'release') return true;
    if (event === 'push') return child(node, 'tags') !== undefined && child(node, 'branches') === undefined;
    return event === 'workflow_dispatch' ? undefined : false;
  });
  return starts.includes(true) && !starts.includes(false);
}

/** The `github` context of each event of this workflow that looks like a release. */
function releaseEvents(workflow: Workflow): readonly Event[] {
  const event = (name: string, ref: string): Event => {
    const github = {
      event_name: name,
      ref,
      ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
      ref_name: ref.replace(/^refs\/(tags|heads)\//, ''),
    };
    return new Map<string, Datum>([['github', github]]);
  };
  return workflow.triggers.flatMap(({ event: name, node }): Event[] => {
    if (name === 'release') return [event('release', 'refs/tags/v1.0.0')];
    if (name !== 'push') return [];
    const tags = child(node, 'tags') === undefined ? [] : [event('push', 'refs/tags/v1.0.0')];
    const branch = itemsOf(child(node, 'branches'))
      .map(textOf)
      .find((text) => text !== undefined && /release/i.test(text));
    return branch === undefined ? tags : [...tags, event('push', `refs/heads/${branch}`)];
  });
}

interface Asked {
  readonly workflow: Workflow;
  readonly step: Step;
  /** Every switch of the action. */
  readonly all: readonly Switch[];
  readonly events: readonly Event[];
  readonly manager: NamedPackager;
}

/** Version 5 of setup-node knows three managers, and from 6 on only npm. */
function cachesFor(manager: NamedPackager, step: Step): boolean {
  if (manager === undefined) return true;
  const [name = ''] = (manager ?? '').split('@');
  return name === 'npm' || ((majorOf(step) ?? 5) < 6 && ['yarn', 'pnpm'].includes(name));
}

function caches(how: Switch, { workflow: { document }, step, all, events, manager }: Asked): boolean {
  if (how.asksProject === true && !cachesFor(manager, step)) return false;
  if (how.since !== undefined && (majorOf(step) ?? how.since) < how.since) return false;
  if (how.needs !== undefined && input(step, how.needs) === undefined) return false;
  const node = how.input === undefined ? undefined : input(step, how.input);
  if (node === undefined) {
    // An explicit refusal through another input of the action counts for all of them.
    const refused = all.some((other) => {
      const value = other.input === undefined ? undefined : input(step, other.input);
      return other !== how && value !== undefined && !isOn(value, other.inverted === true);
    });
    return how.byDefault && !refused;
  }
  if (node.type !== 'scalar') return true;
  const [part] = embedded(document, node);
  if (part?.expression === undefined) return isOn(node, how.inverted === true);
  const { expression } = part;
  return (events.length === 0 ? [new Map<string, Datum>()] : events).some((event) => {
    const outcome = evaluate(expression, event);
    if (!('value' in outcome)) return true;
    const enabled = truthy(outcome.value) && !/^(false|no|0)?$/i.test(text(outcome.value));
    return how.inverted === true ? !enabled : enabled;
  });
}

/** Major version that a tag, or the comment behind a commit, names. */
function majorOf({ uses }: Step): number | undefined {
  const named = /@v(\d+)(\.|$)/.exec(uses?.text.trim() ?? '') ?? /\bv?(\d+)\.\d/.exec(uses?.comment ?? '');
  return named === null ? undefined : Number(named[1]);
}

function isOn(node: Node, inverted: boolean): boolean {
  const value = (textOf(node) ?? '').trim();
  const enabled = value !== '' && !/^(false|no|off|0)$/i.test(value);
  return inverted ? !enabled : enabled;
}

/**
 * Machines of the company's own on which jobs of an environment run, and whose jobs run there besides. Whoever may push to a repository may
 * write a job for every machine that is open to it, unless its group takes named workflows alone.
 */

import {
  isUnobserved,
  type Observation,
  type Statement,
  type Unobserved,
  type Value,
} from '@macadam/core/facts/observation';
import { z } from 'zod';
import { compact } from '../../compact.ts';
import type { Connector } from '../../connector/connector.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import { listOf, unobserved } from '../../imports/directories/statement.ts';
import { type Listing, listingOf } from './listing.ts';
import { calledOnOwnMachines, isHosted } from './runs.ts';

const runnerSchema = z.object({
  id: z.int().positive(),
  name: z.string(),
  runner_group_id: z.int().optional(),
  labels: z.array(z.object({ name: z.string() })),
  ephemeral: z.boolean().optional(),
});
type Runner = z.infer<typeof runnerSchema>;

const groupSchema = z.object({
  id: z.int(),
  name: z.string(),
  visibility: z.string(),
  allows_public_repositories: z.boolean(),
  restricted_to_workflows: z.boolean().optional(),
  selected_workflows: z.array(z.string()).nullish(),
});
type Group = z.infer<typeof groupSchema>;

interface OfOrganisation {
  readonly runners: Listing<Runner>;
  readonly groups: Listing<Group>;
}

/** Runners of an organisation are asked for once, and only where a job may run on one of them. */
export interface RunnerMemory {
  readonly organisation: string | undefined;
  asked?: Promise<OfOrganisation>;
  readonly openTo: Map<number, Promise<Listing<{ full_name: string }>>>;
}

export const runnerMemory = (organisation: string | undefined): RunnerMemory => ({
  organisation,
  openTo: new Map(),
});

interface RunnersInput {
  readonly connector: Connector;
  readonly fullName: string;
  readonly runners: RunnerMemory;
  readonly isPublic: boolean;
  readonly pipelines: readonly Observation[] | Unobserved;
}

const jobSchema = z.object({
  key: z.string(),
  name: z.string().optional(),
  uses: z.string().optional(),
  environment: z.string().optional(),
  runs_on: z.unknown().optional(),
  runner_group: z.string().optional(),
});

interface AskingJob {
  /** `path: job`. */
  readonly place: string;
  readonly labels: readonly string[];
  readonly group: string | undefined;
}

/** A job that calls a workflow of another repository. */
interface Call {
  readonly file: string;
  /** How runs name the job. */
  readonly caller: string;
}

interface Naming {
  readonly jobs: readonly AskingJob[];
  readonly calls: readonly Call[];
  readonly open: string | null;
}

/** Jobs of the default branch that name the environment and may run on a machine of the company; and why there may be others. */
function jobsNaming(environment: string, pipelines: readonly Observation[]): Naming {
  const jobs: AskingJob[] = [];
  const calls: Call[] = [];
  let open: string | null = null;
  for (const { attributes } of pipelines) {
    const { path, platform, jobs: said } = attributes;
    if (platform === undefined || !('value' in platform) || platform.value !== 'github-actions') continue;
    const file = path !== undefined && 'value' in path ? String(path.value) : '';
    if (said === undefined || !('value' in said) || said.complete === false) {
      open = `the jobs of ${file} are not all known`;
      continue;
    }
    for (const { key, name = key, uses, environment: named, runs_on: labels, runner_group: group } of z
      .array(jobSchema)
      .catch([])
      .parse(said.value)) {
      const place = `${file}: ${key}`;
      if (uses !== undefined && !uses.startsWith('./')) {
        calls.push({ file, caller: name });
        continue;
      }
      if (named?.includes('${{')) open ??= `an expression decides which environment ${place} names`;
      if (named?.toLowerCase() !== environment.toLowerCase() || labels === undefined) continue;
      if (Array.isArray(labels)) {
        const texts = labels.map(String);
        if (group !== undefined || !texts.every(isHosted)) jobs.push({ place, labels: texts, group });
      } else open ??= `an expression decides which machine ${place} runs on`;
    }
  }
  return { jobs, calls, open };
}

/** By environment: what is asked of the host for one of them is not asked again for the next. */
export function runnersIn(input: RunnersInput): (environment: string) => Promise<Statement> {
  const { connector, fullName, pipelines } = input;
  let machines: ReturnType<typeof machinesFor> | undefined;
  const called = new Map<string, Promise<string | null>>();
  const calledOn = (call: Call): Promise<string | null> => {
    const key = `${call.file}: ${call.caller}`;
    const known = called.get(key) ?? calledOnOwnMachines(connector, fullName, call);
    called.set(key, known);
    return known;
  };
  return async (environment) => {
    if (isUnobserved(pipelines as Statement)) return pipelines as Unobserved;
    const naming = jobsNaming(environment, pipelines as readonly Observation[]);
    let { open } = naming;
    for (const call of naming.calls) open ??= await calledOn(call);
    const { jobs } = naming;
    if (jobs.length === 0) return listOf([], open);
    machines ??= machinesFor(input);
    return runnersOf(jobs, await machines, open);
  };
}

function runnersOf(
  jobs: readonly AskingJob[],
  { machines, gap }: Awaited<ReturnType<typeof machinesFor>>,
  open: string | null,
): Statement {
  const value: Value[] = [];
  for (const { runner, group, openTo } of machines) {
    const job = jobs.find((one) => runsOn(one, runner, group));
    if (job !== undefined) value.push(machineValue({ runner, group, openTo }, job));
  }
  // What a permission would show comes before what nobody can.
  const why = gap?.why ?? open;
  if (why === null) return { value, complete: true };
  return value.length === 0 && gap !== undefined ? gap : { value, complete: false, why };
}

/** A machine takes a job when it has each of its labels, and is in the group that the job names. */
function runsOn({ labels, group: named }: AskingJob, runner: Runner, group: Group | undefined): boolean {
  const has = new Set(runner.labels.map(({ name }) => name.toLowerCase()));
  return (
    labels.every((label) => has.has(label.toLowerCase())) &&
    (named === undefined || named.toLowerCase() === group?.name.toLowerCase())
  );
}

interface Machine {
  readonly runner: Runner;
  readonly group: Group | undefined;
  readonly openTo: string;
}

function machineValue({ runner, group, openTo }: Machine, { place }: AskingJob): Value {
  return compact({
    id: String(runner.id),
    name: runner.name,
    group: group?.name,
    kept:
      runner.ephemeral === undefined
        ? unobserved(
            'the host does not say whether the machine ends with its job; look at how it is registered',
          )
        : !runner.ephemeral,
    takes: takesOf(group),
    open_to: openTo,
    job: place,
  });
}

/** A workflow that is named at a branch is what is on that branch; one without a revision would be refused by the host. */
function takesOf(group: Group | undefined): 'any_change' | 'named_workflows' {
  return group?.restricted_to_workflows === true &&
    (group.selected_workflows ?? []).every((one) => one.includes('@'))
    ? 'named_workflows'
    : 'any_change';
}

async function machinesFor({
  connector,
  fullName,
  isPublic,
  runners: memory,
}: RunnersInput): Promise<{ readonly machines: readonly Machine[]; readonly gap: Unobserved | undefined }> {
  const own = await listingOf({
    connector,
    path: `/repos/${fullName}/actions/runners`,
    field: 'runners',
    schema: runnerSchema,
    what: 'its own runners',
    permission: PERMISSIONS.administrationRead,
  });
  const machines: Machine[] = own.items.map((runner) => ({ runner, group: undefined, openTo: fullName }));
  const gaps = [own.gap];
  if (memory.organisation === undefined) return { machines, gap: own.gap };
  memory.asked ??= ofOrganisation(connector, memory.organisation);
  const { runners, groups } = await memory.asked;
  gaps.push(runners.gap, groups.gap);
  for (const runner of runners.items) {
    const group = groups.items.find(({ id }) => id === runner.runner_group_id);
    const open =
      group === undefined ? undefined : await openTo({ connector, memory, group, fullName, isPublic });
    if (open === undefined) {
      gaps.push({
        unobserved: 'incomplete',
        why: `the host does not say in which group the runner ${runner.name} is`,
      });
    } else if (typeof open === 'string') machines.push({ runner, group, openTo: open });
    else if (open !== null) gaps.push(open);
  }
  return { machines, gap: gaps.find((gap) => gap !== undefined) };
}

async function ofOrganisation(connector: Connector, organisation: string): Promise<OfOrganisation> {
  const path = `/orgs/${organisation}/actions`;
  const permission = PERMISSIONS.runners;
  return {
    runners: await listingOf({
      connector,
      path: `${path}/runners`,
      field: 'runners',
      schema: runnerSchema,
      what: 'runners of its organisation',
      permission,
    }),
    groups: await listingOf({
      connector,
      path: `${path}/runner-groups`,
      field: 'runner_groups',
      schema: groupSchema,
      what: 'groups of runners of its organisation',
      permission,
    }),
  };
}

interface OpenToInput {
  readonly connector: Connector;
  readonly memory: RunnerMemory;
  readonly group: Group;
  readonly fullName: string;
  readonly isPublic: boolean;
}

/** To which repositories a group is open, in words; null where this one is not among them. */
async function openTo({
  connector,
  memory: { organisation, openTo: known },
  group: { id, name, visibility, allows_public_repositories: allowsPublic },
  fullName,
  isPublic,
}: OpenToInput): Promise<string | null | Unobserved> {
  if (isPublic && (!allowsPublic || visibility === 'private')) return null;
  if (visibility === 'all') return `all repositories of ${organisation}`;
  if (visibility === 'private') return `all private repositories of ${organisation}`;
  const asked =
    known.get(id) ??
    listingOf({
      connector,
      path: `/orgs/${organisation}/actions/runner-groups/${id}/repositories`,
      field: 'repositories',
      schema: z.object({ full_name: z.string() }),
      what: `the repositories that the group of runners ${name} is open to`,
      permission: PERMISSIONS.runners,
    });
  known.set(id, asked);
  const { items, gap } = await asked;
  if (items.some(({ full_name: one }) => one.toLowerCase() === fullName.toLowerCase()))
    return items.length === 1 ? fullName : `${items.length} repositories of ${organisation}`;
  return gap ?? null;
}

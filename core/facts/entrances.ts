/**
 * What a cloud says of an identity, that it takes a code host's word about jobs of one environment, and what the code host says of that environment, put together: the way
 * from a change to the identity as one chain. Both are only there where both were asked in the same measurement. Pure.
 */
import {
  assetId,
  type Collection,
  isUnobserved,
  type Observation,
  type Statement,
  type Unobserved,
  type Value,
} from './observation.ts';

const KIND = 'deployment-environment';
const GITHUB = 'token.actions.githubusercontent.com';

type RecordValue = { readonly [field: string]: Value };

export interface Entrances {
  /** Whether it waits for what other sources see; what others wait for is remembered. */
  readonly waits: (observation: Observation) => boolean;
  readonly collected: (collection: Pick<Collection, 'partitions'>) => void;
  /** One that waited, with who may enter what it trusts. */
  readonly completed: (observation: Observation) => Observation;
}

export function entrances(): Entrances {
  const environments = new Map<string, Observation>();
  /** Lists of the environments of a repository that were read to their end, as `host owner/name`. */
  const whole = new Set<string>();
  return {
    waits: (observation) => {
      if (observation.kind === KIND) environments.set(observation.id, observation);
      return observation.kind === 'application' && trustedBy(observation).length > 0;
    },
    collected: ({ partitions }) => {
      for (const { kind, complete, container, containerName } of partitions) {
        const [, host] = /^repository\/([^/]+)\//.exec(container) ?? [];
        if (kind === KIND && complete && host !== undefined)
          whole.add(`${host} ${containerName.toLowerCase()}`);
      }
    },
    completed: (observation) => {
      const { trusts } = observation.attributes;
      const ways = trustedBy(observation).map((way) => wayOf(way, environments, whole));
      const open = othersIn(trusts);
      const machines = ways.flatMap((way) => way.machines);
      const why = ways.flatMap((way) => way.hidden ?? [])[0];
      return {
        ...observation,
        attributes: {
          ...observation.attributes,
          entrances: listOf(
            ways.map((way) => way.entrance),
            open,
          ),
          machines: listOf(machines, why ?? open),
        },
      };
    },
  };
}

const OTHERS: Unobserved = { unobserved: 'incomplete', why: 'not everything is known that it trusts' };

/** Why there may be other ways in: not all that it trusts is known, or not which jobs one of them stands for. */
function othersIn(trusts: Statement | undefined): Unobserved | undefined {
  if (trusts === undefined || !('value' in trusts) || !Array.isArray(trusts.value)) return undefined;
  const hidden = trusts.value.flatMap((one: Value) =>
    isRecord(one) && isRecord(one.from) && isUnobserved(one.from) ? [one.from] : [],
  );
  return hidden[0] ?? (trusts.complete === false ? OTHERS : undefined);
}

function listOf(value: readonly Value[], gap: Unobserved | undefined): Statement {
  if (gap === undefined) return { value: [...value], complete: true };
  return value.length === 0 ? gap : { value: [...value], complete: false, why: gap.why };
}

interface Trusted {
  readonly id: string;
  readonly host: string;
  readonly repository: string;
  readonly name: string;
}

const isRecord = (value: unknown): value is RecordValue =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Trusts in one named environment. */
function trustedBy({ attributes: { trusts } }: Observation): readonly Trusted[] {
  const elements =
    trusts !== undefined && 'value' in trusts && Array.isArray(trusts.value) ? trusts.value : [];
  return elements.flatMap((one: Value): readonly Trusted[] => {
    if (!isRecord(one) || one.from !== 'environment') return [];
    const { id, issuer, subject } = one;
    const host = hostOf(String(issuer).toLowerCase());
    const [, repository, name] = /^repo:([^:]+):environment:(.+)$/.exec(String(subject).toLowerCase()) ?? [];
    return host === null || repository === undefined || name === undefined
      ? []
      : [{ id: String(id), host, repository, name }];
  });
}

/** The code host that issues such words: github.com, a region of it, or a server of the company. */
function hostOf(issuer: string): string | null {
  const [, region] = /^token\.actions\.([\w.-]+\.ghe\.com)$/.exec(issuer) ?? [];
  const [, server] = /^([\w.-]+(?::\d+)?)\/_services\/token$/.exec(issuer) ?? [];
  return issuer === GITHUB ? 'github.com' : (region ?? server ?? null);
}

interface Way {
  readonly entrance: RecordValue;
  readonly machines: readonly RecordValue[];
  /** Why there may be other machines. */
  readonly hidden?: Unobserved;
}

const hiddenWay = (id: string, environment: string, hidden: Unobserved): Way => ({
  entrance: { id, environment, changes: hidden, approved: hidden, self_approval: hidden },
  machines: [],
  hidden,
});

function wayOf(
  { id, host, repository, name }: Trusted,
  environments: ReadonlyMap<string, Observation>,
  whole: ReadonlySet<string>,
): Way {
  const environment = `${repository} ${name}`;
  const found = environments.get(assetId(KIND, [host, repository, name]));
  if (found === undefined) {
    // The first job that names an environment makes it, without a rule.
    if (whole.has(`${host} ${repository}`))
      return {
        entrance: { id, environment, changes: 'unmade', approved: false, self_approval: false },
        machines: [],
      };
    const hidden: Unobserved = {
      unobserved: 'unobserved',
      why: `what ${host} says of the environment ${name} of ${repository} was not seen in the same measurement; measure \`--github ${repository.split('/')[0]}\` beside`,
    };
    return hiddenWay(id, environment, hidden);
  }
  const { changes, approvers, self_approval: own, runners } = found.attributes;
  const entrance = {
    id,
    environment,
    changes: scalarOf(changes),
    approved: isSomebody(approvers),
    self_approval: scalarOf(own),
  };
  return { entrance, ...machinesOf(id, environment, runners) };
}

const UNSAID: Unobserved = { unobserved: 'unobserved', why: 'the code host did not say' };

function scalarOf(statement: Statement | undefined): Value {
  if (statement === undefined || 'absent' in statement) return UNSAID;
  return isUnobserved(statement) ? statement : statement.value;
}

function isSomebody(approvers: Statement | undefined): Value {
  const said = scalarOf(approvers);
  if (!Array.isArray(said)) return isUnobserved(said) ? said : UNSAID;
  const isWhole = approvers !== undefined && 'value' in approvers && approvers.complete !== false;
  return said.length > 0 || isWhole ? said.length > 0 : UNSAID;
}

function machinesOf(id: string, environment: string, runners: Statement | undefined): Omit<Way, 'entrance'> {
  const said = scalarOf(runners);
  if (!Array.isArray(said)) return { machines: [], hidden: isUnobserved(said) ? said : UNSAID };
  const machines = said.filter(isRecord).map(
    ({ id: machine, group: _, ...one }): RecordValue => ({
      ...one,
      id: `${id} ${String(machine)}`,
      environment,
    }),
  );
  const isWhole = runners !== undefined && 'value' in runners && runners.complete !== false;
  const why = runners !== undefined && 'value' in runners ? runners.why : undefined;
  return isWhole
    ? { machines }
    : {
        machines,
        hidden: { unobserved: 'incomplete', why: why ?? 'the host did not list all of its machines' },
      };
}

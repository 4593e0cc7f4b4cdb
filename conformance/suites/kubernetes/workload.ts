/**
 * A workload as the pods that it makes: their template at its kind's path, the containers and volumes with the paths at
 * which they are written, images taken apart, and amounts of resources as numbers.
 */
import { containerCommand } from './command.ts';
import {
  below,
  entry,
  type Fields,
  fieldsOf,
  isFields,
  type KubernetesObject,
  listOf,
  textOf,
} from './object.ts';

/** Where a kind holds its pods' template: the kind itself is the template of its own. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  SandboxTemplate: ['spec', 'podTemplate'],
};

const LISTS = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** None for an object that makes no pods. */
export function workloadOf({ kind, fields }: KubernetesObject): Fields | undefined {
  const where = TEMPLATES[kind];
  if (where === undefined) return undefined;
  const template = below(fields, ...where);
  const pod = fieldsOf(below(template, 'spec'));
  const path = [...where, 'spec'].join('.');
  const containers = LISTS.flatMap((list) => containersOf(pod[list], list, `${path}.${list}`));
  const first = listOf(pod.containers)[0];
  const command = containerCommand(first, `${path}.containers[0]`);
  return {
    pod: { ...pod, path },
    podLabelsPath: [...where, 'metadata', 'labels'].join('.'),
    podLabels: fieldsOf(below(template, 'metadata', 'labels')),
    selector: selectorOf(kind, fields, where),
    containers,
    ...partsOf(containers),
    volumes: volumesOf(pod.volumes, `${path}.volumes`, containers),
    serviceAccount: textOf(pod.serviceAccountName) ?? textOf(pod.serviceAccount) ?? 'default',
    program: command?.program ?? '',
    flags: command?.flags ?? {},
    ...endOf(first, `${path}.containers[0]`),
  };
}

function selectorOf(kind: string, fields: Fields, where: readonly string[]): Fields {
  const path = [...where.slice(0, -1), 'selector'];
  const selector = kind === 'Pod' ? undefined : below(fields, ...path);
  return { ...fieldsOf(selector), path: path.join('.') };
}

function containersOf(list: unknown, name: string, path: string): readonly Fields[] {
  return listOf(list).flatMap((container, index) => {
    if (!isFields(container)) return [];
    const at = `${path}[${index}]`;
    const image = textOf(container.image);
    return {
      ...container,
      list: name,
      path: at,
      amounts: amountsOf(container.resources),
      securityContext: fieldsOf(container.securityContext),
      ...(image === undefined ? {} : { reference: referenceOf(image) }),
    };
  });
}

/** Where a flag is written: after the arguments, where there are any, else after the command. */
function endOf(container: unknown, path: string): Fields {
  const name = listOf(below(container, 'args')).length > 0 ? 'args' : 'command';
  const commandPath = `${path}.${name}`;
  return { commandPath, commandEnd: `${commandPath}[${listOf(below(container, name)).length}]` };
}

/** What containers have several of, each with its path, across all of them. */
function partsOf(containers: readonly Fields[]): Fields {
  const of = (path: string, ...keys: readonly string[]) =>
    containers.flatMap((container) =>
      listOf(below(container, ...keys)).map((each, index) => ({
        ...(isFields(each) ? each : { text: String(each) }),
        container: container.name,
        list: container.list,
        path: `${container.path}.${path}[${index}]`,
      })),
    );
  return {
    env: of('env', 'env'),
    envFrom: of('envFrom', 'envFrom'),
    ports: of('ports', 'ports'),
    mounts: of('volumeMounts', 'volumeMounts'),
    command: of('command', 'command'),
    addedCapabilities: of('securityContext.capabilities.add', 'securityContext', 'capabilities', 'add'),
  };
}

function volumesOf(list: unknown, path: string, containers: readonly Fields[]): readonly Fields[] {
  return listOf(list)
    .filter(isFields)
    .map((volume, index) => ({
      ...volume,
      path: `${path}[${index}]`,
      mounts: containers.flatMap((container) =>
        listOf(container.volumeMounts).flatMap((mount, at) =>
          below(mount, 'name') === volume.name
            ? { ...fieldsOf(mount), path: `${container.path}.volumeMounts[${at}]` }
            : [],
        ),
      ),
    }));
}

/**
 * The parts of an image's reference: github.com/distribution/reference. A first segment with a dot or a port, or
 * `localhost`, is the registry; else it is Docker's.
 */
function referenceOf(image: string): Fields {
  const [rest = '', digest] = image.split('@');
  const slash = rest.indexOf('/');
  const first = slash < 0 ? '' : rest.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === 'localhost';
  const tag = /:([^:/]+)$/.exec(rest)?.[1];
  return {
    registry: hasRegistry ? first : 'docker.io',
    ...entry('tag', tag),
    ...entry('digest', digest),
  };
}

function amountsOf(resources: unknown): Fields {
  const of = (key: string) =>
    Object.fromEntries(
      Object.entries(fieldsOf(below(resources, key))).flatMap(([name, text]) => {
        const amount = amountOf(String(text));
        return amount === undefined ? [] : [[name, amount]];
      }),
    );
  return { limits: of('limits'), requests: of('requests') };
}

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Kubernetes' quantities: a decimal number, then an exponent or a suffix. */
function amountOf(text: string): number | undefined {
  const [, number, suffix = ''] = /^([+-]?\d+\.?\d*(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = SUFFIXES[suffix];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

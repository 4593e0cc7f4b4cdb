/** The assets of a case: its objects with the facts that rules ask for, and what is found in them or between them. */
import { grantsOf, type Subject, subjectsOf } from './access.ts';
import { documentOf, filesOf, hostOf } from './host.ts';
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
import { selects, selectsPlainly } from './selector.ts';
import { workloadOf } from './workload.ts';

export interface ClusterAsset {
  readonly facts: Fields;
  /** The object that an alert of it would name. */
  readonly object: string;
}

type Prepared = Fields & { readonly kind: string; readonly ns: string };

export function assetsOf(objects: readonly KubernetesObject[]): readonly ClusterAsset[] {
  const subjects = subjectsOf(objects);
  const prepared = objects.map((object) => ({ object, facts: factsOf(object) }));
  const all = prepared.map(({ facts }) => facts);
  const cluster = Object.fromEntries(
    [...new Set([...KINDS, ...objects.map(({ kind }) => kind)])].map((kind) => [
      kind,
      all.filter((each) => each.kind === kind),
    ]),
  );
  const related = (facts: Prepared): Fields => ({
    cluster,
    ...('pod' in facts
      ? {
          selectedBy: all.flatMap((each) => policiesOf(each).filter((policy) => reaches(policy, facts))),
          grants: grantedTo(facts, grantsOf(subjects)),
          ...mountsToken(facts, cluster.ServiceAccount ?? []),
        }
      : {
          selects: all.filter((each) => 'pod' in each && policiesOf(facts).some((one) => reaches(one, each))),
        }),
  });
  return [
    ...prepared.map(({ object, facts }) => ({
      object: nameOf(object),
      facts: { ...facts, ...related(facts) },
    })),
    ...objects.flatMap((object) => filesOf(object).map((facts) => ({ object: nameOf(object), facts }))),
    ...[...subjects, ...grantsOf(subjects)].map(({ binding, facts }) => ({ object: nameOf(binding), facts })),
  ];
}

/** Kinds that rules look for: an empty list where a case has none. */
const KINDS = [
  'APIServerInfo',
  'CiliumClusterwideNetworkPolicy',
  'CiliumNetworkPolicy',
  'ClusterDescribe',
  'ConfigMap',
  'ControlPlaneInfo',
  'DaemonSet',
  'Deployment',
  'Gateway',
  'GRPCRoute',
  'HTTPRoute',
  'Ingress',
  'MutatingWebhookConfiguration',
  'NetworkPolicy',
  'Node',
  'PersistentVolumeClaim',
  'Pod',
  'PodSecurityPolicy',
  'PolicyVersion',
  'ReplicaSet',
  'ReplicationController',
  'Secret',
  'Service',
  'ServiceAccount',
  'ServiceScanResult',
  'StatefulSet',
  'StorageClass',
  'TCPRoute',
  'TLSRoute',
  'UDPRoute',
  'ValidatingWebhookConfiguration',
  'VirtualService',
] as const;

const nameOf = ({ kind, name }: KubernetesObject): string => `${kind}/${name}`;

function factsOf(object: KubernetesObject): Prepared {
  const { fields, kind, name, namespace } = object;
  const proxy = kind === 'ConfigMap' ? textOf(below(fields, 'data', 'config.conf')) : undefined;
  return {
    ...fields,
    kind,
    name,
    group: object.apiVersion.split('/').slice(0, -1).join('/'),
    ns: namespace ?? 'default',
    labels: fieldsOf(below(fields, 'metadata', 'labels')),
    annotations: fieldsOf(below(fields, 'metadata', 'annotations')),
    specs: isFields(fields.spec) ? [fields.spec] : listOf(fields.specs),
    ...entry('provider', below(fields, 'metadata', 'provider')),
    ...(proxy === undefined ? {} : { config: documentOf(proxy) }),
    ...hostOf(object),
    ...workloadOf(object),
  };
}

/** What selects pods: a service, or each specification of a policy for the network. */
function policiesOf(facts: Prepared): readonly Prepared[] {
  if (facts.kind === 'Service') return [facts];
  if (!facts.kind.endsWith('NetworkPolicy')) return [];
  return listOf(facts.specs).map((spec) => ({ ...facts, spec }));
}

function reaches(policy: Prepared, workload: Prepared): boolean {
  if (policy.kind !== 'CiliumClusterwideNetworkPolicy' && policy.ns !== workload.ns) return false;
  const labels = fieldsOf(workload.podLabels);
  const { selector, podSelector, endpointSelector } = fieldsOf(policy.spec);
  if (policy.kind !== 'Service') return selects(podSelector ?? endpointSelector, labels);
  return isFields(selector) && Object.keys(selector).length > 0 && selectsPlainly(selector, labels);
}

/** What the service account of a workload may do. */
function grantedTo(facts: Prepared, grants: readonly Subject[]): readonly Fields[] {
  return grants
    .map((grant) => grant.facts)
    .filter(({ subject }) => below(subject, 'kind') === 'ServiceAccount')
    .filter(({ subject }) => below(subject, 'name') === facts.serviceAccount)
    .filter(({ subject }) => (below(subject, 'namespace') ?? 'default') === facts.ns);
}

/** The pod's word counts before its service account's; the account counts when the pod says nothing. */
function mountsToken(facts: Prepared, accounts: readonly Prepared[]): Fields {
  const account = accounts.find(({ name, ns }) => name === facts.serviceAccount && ns === facts.ns);
  const said = below(facts.pod, 'automountServiceAccountToken') ?? account?.automountServiceAccountToken;
  return { mountsToken: said !== false };
}

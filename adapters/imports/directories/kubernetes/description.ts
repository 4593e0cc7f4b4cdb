/** What the API of Kubernetes tells of our kinds, by which right, and what it does not. */
import { APPROVED, type Delivery, type Endpoint, from, type SourceDescription } from '../description.ts';

const ACCOUNTS = '/serviceaccounts';
const TOKENS = '/secrets';
const ROLES = '/rolebindings';
const CLUSTER_ROLES = '/clusterrolebindings';
const SERVICES = '/services';
const INGRESSES = '/ingresses';
const SPACES = '/namespaces';
const POLICIES = '/networkpolicies';
const PODS = '/pods';

/** Where each list lies, below the address of the API server. */
export const PLACES: Readonly<Record<string, string>> = {
  [SPACES]: '/api/v1/namespaces',
  [ACCOUNTS]: '/api/v1/serviceaccounts',
  [TOKENS]: '/api/v1/secrets',
  [SERVICES]: '/api/v1/services',
  [PODS]: '/api/v1/pods',
  [INGRESSES]: '/apis/networking.k8s.io/v1/ingresses',
  [POLICIES]: '/apis/networking.k8s.io/v1/networkpolicies',
  [ROLES]: '/apis/rbac.authorization.k8s.io/v1/rolebindings',
  [CLUSTER_ROLES]: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
};

export const ENDPOINTS: readonly Endpoint[] = [
  { path: SPACES, permission: 'list namespaces', gives: 'which cluster it is, and its segments' },
  { path: ACCOUNTS, permission: 'list serviceaccounts', gives: 'identities of workloads' },
  {
    path: TOKENS,
    permission: 'list secrets',
    gives:
      'tokens that never end; the right shows every secret, so leave it out where that is too much: credentials stay unknown then',
  },
  {
    path: CLUSTER_ROLES,
    permission: 'list clusterrolebindings',
    gives: 'what an identity may do everywhere',
  },
  { path: ROLES, permission: 'list rolebindings', gives: 'what an identity may do in a namespace' },
  { path: SERVICES, permission: 'list services', gives: 'services' },
  {
    path: INGRESSES,
    permission: 'list ingresses',
    gives: 'names under which services are reached from outside',
  },
  { path: POLICIES, permission: 'list networkpolicies', gives: 'which traffic leaves a namespace' },
  {
    path: PODS,
    permission: 'list pods',
    gives: 'how many workloads a namespace has, which of them a policy covers, and which images run',
  },
];
const ENVIRONMENT = 'a cluster does not say what it serves; `--kubernetes-environment` states it';
const NOT_TEAM =
  'labels name a team in as many ways as there are companies: state it in the organisation (`org.yaml`)';

const application: Readonly<Record<string, Delivery>> = {
  directory: from(
    [SPACES],
    '`kubernetes/` and the id of the namespace `kube-system`, which a cluster keeps for its life',
  ),
  client_id: from([ACCOUNTS], '`metadata.uid`: an account that is made anew is another one'),
  tenant: 'a cluster does not say in which account it runs',
  environment: ENVIRONMENT,
  owners: NOT_TEAM,
  owner_accounts: 'an account of a workload has no owner',
  emergency_contact: 'a cluster keeps no contact that somebody answered',
  enabled: from([ACCOUNTS], 'true: an account of a workload cannot be switched off'),
  break_glass: APPROVED,
  created_at: from([ACCOUNTS], '`metadata.creationTimestamp`'),
  last_used_at: 'the audit log of the API server has to be read',
  credentials: from(
    [ACCOUNTS, TOKENS],
    'the token that the platform makes, places and rotates (`managed`), and each secret of type `kubernetes.io/service-account-token` (`secret`), which never ends; whole where secrets were listed',
  ),
  trusts: 'the API server takes the word of the issuers in its own settings, which it does not show',
  entrances: 'which issuers the API server trusts is not shown',
  machines: 'which issuers the API server trusts is not shown',
  client_libraries: 'its code is in no directory; lockfiles say it (`token-clients`)',
  multi_tenant: 'which other systems take its tokens is known there',
  consent: 'which other systems take its tokens is known there',
  instances_locked: 'which other systems take its tokens is known there',
  privileges: from(
    [CLUSTER_ROLES, ROLES],
    'each binding that names it, or a group of accounts that it is in; who reviewed it is not told',
  ),
};

const service: Readonly<Record<string, Delivery>> = {
  catalogue: from([SPACES], 'the cluster'),
  service_id: from([SERVICES], '`metadata.uid`'),
  environment: ENVIRONMENT,
  owners: NOT_TEAM,
  dns_names: from(
    [SERVICES, INGRESSES],
    'its name in the cluster, that of its load balancer, and the hosts of ingresses that lead to it',
  ),
  customer_facing: 'whether a load balancer is reached by customers is not told',
  security_operations: 'events have to be read',
  audit_library_supported: 'what an image holds is not told',
  customer_logs: 'what customers can read is not told',
};

const subnet: Readonly<Record<string, Delivery>> = {
  network: from([SPACES], 'the cluster'),
  prefix: from([SPACES], '`namespace/` and its name, in place of addresses'),
  environment: ENVIRONMENT,
  owners: NOT_TEAM,
  workloads: from([PODS], 'pods that have not ended'),
  default_outbound: from(
    [POLICIES, PODS],
    'whether some pod is covered by no policy of egress; of a namespace without pods, whether a new one would be. A cluster whose network does not enforce policies does not say so',
  ),
  egress: from(
    [POLICIES],
    'each destination of each rule; `tag` is a label `owner`, `service` or `team` of the policy',
  ),
  senders: 'it takes flow records joined with the inventory of services; a policy does not tell who uses it',
  reachable_from: 'it takes an analysis of all policies; a list of them does not tell',
};

const FOLDER = 'the folder that `--kubernetes-inventories` names';
const runningImage: Readonly<Record<string, Delivery>> = {
  platform: from([SPACES], 'the cluster'),
  digest: from([PODS], '`imageID` of each container that was pulled from a registry'),
  name: from([PODS], 'what stands before the digest'),
  environment: ENVIRONMENT,
  owners: NOT_TEAM,
  namespaces: from([PODS], 'those of its pods'),
  pods: from([PODS], 'pods that have not ended'),
  builds: from(
    [PODS],
    `the digest, in lines of \`macadam build verify\` in ${FOLDER}; unknown where none is about it`,
  ),
  packages: from([PODS], `the digest, in an inventory in ${FOLDER}`),
  vulnerabilities: from(
    [PODS],
    `packages of that inventory, in OSV records in ${FOLDER}; whether the code is reached stays unobserved`,
  ),
};

export const kubernetesDescription: SourceDescription = {
  id: 'kubernetes',
  title: 'Kubernetes',
  intro:
    'Measures a cluster (`macadam scan --kubernetes https://HOST:6443`) by its API with a token in `KUBERNETES_TOKEN`, or reads what an administrator saved: `macadam ingest --format kubernetes DIR`. What this page says was tried on answers that were made after the API’s own description, and on no cluster. An authority of one’s own is named to Node by `NODE_EXTRA_CA_CERTS`.',
  saving: [
    'One list to a file of its name, of all namespaces: `kubectl get namespaces -o json > namespaces.json`, `kubectl get serviceaccounts -A -o json > serviceaccounts.json`, and so for `services`, `pods`, `ingresses`, `networkpolicies`, `rolebindings`, `clusterrolebindings`, into a folder of its own for each cluster.',
    'Tokens that never end, without what they hold: `kubectl get secrets -A --field-selector type=kubernetes.io/service-account-token -o json | jq "del(.items[].data)" > secrets.json`. Values of secrets are never taken from a file either.',
  ],
  endpoints: ENDPOINTS,
  kinds: { application, service, subnet, 'running-image': runningImage },
  limits: [
    'Versions of packages are put in order by semantic versioning alone. Of other ecosystems a record of a vulnerability has to list its versions, as exports of osv.dev do; where it does not, the list of an image is not whole.',
    'Roles are named and not worked out: what a role lets somebody do is not read.',
    'A policy of another network than the API’s own (`CiliumNetworkPolicy` and the like) is not read.',
  ],
};

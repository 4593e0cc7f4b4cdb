/** What Azure Resource Graph tells of our kinds, and what it does not. */
import type { Delivery, SourceDescription } from '../description.ts';

const RESOURCES = 'resources.json';
const ROLES = 'authorizationresources.json';

const from = (how: string): Delivery => ({ from: [RESOURCES], how });
const role = (how: string): Delivery => ({ from: [ROLES], how });
const not = (why: string): Delivery => ({ not: why });
const ENVIRONMENT = 'a subscription does not say what it serves: state it';
const NOT_TEAM =
  'tags name a team in as many ways as there are companies: state it in the organisation (`org.yaml`)';

export const azureDescription: SourceDescription = {
  id: 'azure',
  title: 'Azure: resources',
  intro:
    '`macadam scan --azure TENANT` asks Azure Resource Graph, with the access token for `https://management.azure.com` in `AZURE_TOKEN`; it only reads. `macadam ingest --format azure DIR` reads what it answered to an administrator, and needs no credential. What this page says was tried on answers that were made after Microsoft’s description, and on no subscription.',
  saving: [
    '`az graph query -q "Resources" --first 1000 --output json > resources.json`, and with `--skip-token` of each answer the next one, into `resources-2.json` and so on; a folder of its own for each tenant. Each answer says how many there are in all, so that a page that was not saved is missed.',
    "Roles: the same with `-q \"authorizationresources | where type in~ ('microsoft.authorization/roleassignments', 'microsoft.authorization/roledefinitions')\"`, into `authorizationresources.json`.",
  ],
  endpoints: [
    {
      path: RESOURCES,
      permission: 'Reader on every subscription',
      gives: 'resources and networks; of what the reader may not see there is no word',
    },
    {
      path: ROLES,
      permission: 'Reader on every subscription',
      gives: 'who holds which role on what, and what each role may do',
    },
  ],
  kinds: {
    'cloud-resource': {
      cloud: from('`azure`'),
      resource_id: from('`id`, in lower case: Azure does not tell cases apart'),
      type: from('`type`'),
      environment: not(ENVIRONMENT),
      owners: not(NOT_TEAM),
      addresses: not('addresses are of network interfaces, which are resources of their own'),
      created_at: from('`systemData.createdAt`, where the resource has it'),
      management_api: from('`legacy` for the types of the classic deployment model'),
      last_used_at: not('metrics have to be read'),
      holds_data: from('whether its type is one of those that store data or secrets'),
      perimeter: from(
        'enforced where `publicNetworkAccess` is `SecuredByPerimeter`; else unknown, since one may be in learning mode',
      ),
      public_access: from(
        '`publicNetworkAccess`, and what `networkAcls` denies by default; unknown where rules are resources of their own, as those of databases are',
      ),
    },
    'privileged-assignment': {
      resource: role('`scope`, in lower case'),
      principal: role('`principalId`, which is the id in Entra ID'),
      role: role('`roleName` of the definition; roles that may only read are left out'),
      principal_kind: role('`principalType`'),
      environment: not(ENVIRONMENT),
      owners: not(NOT_TEAM),
      break_glass: not('set by an approval in Macadam, never by a source'),
      holders: role('empty for people and workloads; members of a group stand in Entra ID'),
      mode: not(
        'whether somebody asked for it, or has it for ever, stands in the schedules of Privileged Identity Management',
      ),
      granted_through: not('whether a broker made it is not told'),
      starts_at: role('`createdOn`'),
      ends_at: not('an end stands in the schedules of Privileged Identity Management'),
      last_used_at: not('the activity log does not say which role an action needed'),
    },
    subnet: {
      network: from('`id` of the virtual network, in lower case'),
      prefix: from('`addressPrefix`; a subnet with several is one for each'),
      environment: not(ENVIRONMENT),
      owners: not(NOT_TEAM),
      workloads: from('`ipConfigurations`'),
      default_outbound: from(
        '`defaultOutboundAccess`; unknown where it is not said, since its default depends on when the network was made',
      ),
      egress: not('rules are in security groups and route tables, which are not worked out yet'),
      senders: not(
        'it takes flow records joined with the inventory of services; a rule does not tell who uses it',
      ),
      reachable_from: not('it takes an analysis of all routes and rules'),
    },
  },
  unused: [],
  limits: [
    'Keys of vaults are not read yet: each vault answers for itself, to who may read its keys.',
    'A role that is activated for a while looks like one that is held for ever.',
  ],
};

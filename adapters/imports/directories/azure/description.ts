/** What Azure Resource Graph tells of our kinds, and what it does not. */
import { APPROVED, type Delivery, from, type SourceDescription } from '../description.ts';
import { VAULT_PERMISSION } from './vault-answers.ts';

const RESOURCES = 'resources.json';
const ROLES = 'authorizationresources.json';

const VAULT_KEYS = 'vaults/{vault}/keys.json';
const VAULT_KEY = 'vaults/{vault}/keys/{key}/{version}.json';
const POLICY = 'vaults/{vault}/keys/{key}/rotationpolicy.json';

const resource = (how: string): Delivery => from([RESOURCES], how);
const key = (how: string): Delivery => from([VAULT_KEYS, VAULT_KEY], how);
const role = (how: string): Delivery => from([ROLES], how);
const ENVIRONMENT = 'a subscription does not say what it serves: state it';
const NOT_TEAM =
  'tags name a team in as many ways as there are companies: state it in the organisation (`org.yaml`)';

export const azureDescription: SourceDescription = {
  id: 'azure',
  title: 'Azure',
  intro:
    '`macadam scan --azure TENANT` asks Azure Resource Graph, with the access token for `https://management.azure.com` in `AZURE_TOKEN`; it only reads. `macadam ingest --format azure DIR` reads what it answered to an administrator, and needs no credential. What this page says was tried on answers that were made after Microsoft’s description, and on no subscription.',
  saving: [
    '`az graph query -q "Resources" --first 1000 --output json > resources.json`, and with `--skip-token` of each answer the next one, into `resources-2.json` and so on; a folder of its own for each tenant. Each answer says how many there are in all, so that a page that was not saved is missed.',
    "Roles: the same with `-q \"authorizationresources | where type in~ ('microsoft.authorization/roleassignments', 'microsoft.authorization/roledefinitions')\"`, into `authorizationresources.json`.",
    "Keys of vaults, each vault in a folder of its name: `az rest --resource https://vault.azure.net --url 'https://NAME.vault.azure.net/keys?api-version=7.4' > vaults/NAME/keys.json`, and the same of `keys/KEY/versions`, `keys/KEY/VERSION` and `keys/KEY/rotationpolicy`. Private parts are in none of them.",
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
    { path: VAULT_KEYS, permission: VAULT_PERMISSION, gives: 'keys of a vault' },
    {
      path: 'vaults/{vault}/keys/{key}/versions.json',
      permission: VAULT_PERMISSION,
      gives: 'versions of a key, one answer a key',
    },
    {
      path: VAULT_KEY,
      permission: VAULT_PERMISSION,
      gives: 'what a version is for, where it lives, and its public part, one answer a version',
    },
    {
      path: POLICY,
      permission: VAULT_PERMISSION,
      gives: 'whether the vault makes the next version by itself, one answer a key',
    },
  ],
  kinds: {
    'signing-key': {
      issuer: key('`azure/` and the tenant: a vault does not know who publishes the public part'),
      key_id: key('the address of the version'),
      environment: ENVIRONMENT,
      owners: NOT_TEAM,
      thumbprint: 'a key of a vault is published bare, or under a certificate that the vault keeps apart',
      use: 'what a signature vouches for the vault does not know',
      state: 'whether somebody still trusts it the issuer knows',
      created_at: key('`attributes.created`'),
      published_at: 'the key set of its issuer has to be read',
      activated_at: 'its first signature is in the log of the vault; it is not read yet',
      storage: key(
        '`hsm` for `RSA-HSM` and `EC-HSM`, else `key_service`; keys that do not sign are left out',
      ),
      exportable: key('`attributes.exportable`; unknown for the key of a certificate, whose policy says it'),
      made_in_hardware: key(
        'false for a key in software; of others unknown, since one that was brought looks the same',
      ),
      public_thumbprint: key('of the public part, by RFC 7638'),
      served_thumbprint: 'the key set of its issuer has to be read',
      attestation: 'it is asked for by a preview of the API; it is not read yet',
      rotation: from([POLICY], '`automatic` where the policy rotates; unknown where it only tells somebody'),
      human_operations: 'the log of the vault has to be read with its window; it is not read yet',
      touch_alert: 'alerts are in the system that pages',
    },
    'cloud-resource': {
      cloud: resource('`azure`'),
      resource_id: resource('`id`, in lower case: Azure does not tell cases apart'),
      type: resource('`type`'),
      environment: ENVIRONMENT,
      owners: NOT_TEAM,
      addresses: 'addresses are of network interfaces, which are resources of their own',
      created_at: resource('`systemData.createdAt`, where the resource has it'),
      management_api: resource('`legacy` for the types of the classic deployment model'),
      last_used_at: 'metrics have to be read',
      holds_data: resource('whether its type is one of those that store data or secrets'),
      perimeter: resource(
        'enforced where `publicNetworkAccess` is `SecuredByPerimeter`; else unknown, since one may be in learning mode',
      ),
      public_access: resource(
        '`publicNetworkAccess`, and what `networkAcls` denies by default; unknown where rules are resources of their own, as those of databases are',
      ),
    },
    'privileged-assignment': {
      resource: role('`scope`, in lower case'),
      principal: role('`principalId`, which is the id in Entra ID'),
      role: role('`roleName` of the definition; roles that may only read are left out'),
      principal_kind: role('`principalType`'),
      environment: ENVIRONMENT,
      owners: NOT_TEAM,
      break_glass: APPROVED,
      holders: role('empty for people and workloads; members of a group stand in Entra ID'),
      mode: 'whether somebody asked for it, or has it for ever, stands in the schedules of Privileged Identity Management',
      granted_through: 'whether a broker made it is not told',
      starts_at: role('`createdOn`'),
      ends_at: 'an end stands in the schedules of Privileged Identity Management',
      last_used_at: 'the activity log does not say which role an action needed',
    },
    subnet: {
      network: resource('`id` of the virtual network, in lower case'),
      prefix: resource('`addressPrefix`; a subnet with several is one for each'),
      environment: ENVIRONMENT,
      owners: NOT_TEAM,
      workloads: resource('`ipConfigurations`'),
      default_outbound: resource(
        '`defaultOutboundAccess`; unknown where it is not said, since its default depends on when the network was made',
      ),
      egress: 'rules are in security groups and route tables, which are not worked out yet',
      senders: 'it takes the rules that are not worked out yet, and flow records beside them',
      reachable_from: 'it takes an analysis of all routes and rules',
    },
  },
  limits: [
    'Vaults are asked with a token of their own, in `AZURE_VAULT_TOKEN`; a vault whose network lets us not in leaves its keys unknown. Keys of certificates are renewed by the policy of the certificate, which is not worked out.',
    'A role that is activated for a while looks like one that is held for ever.',
  ],
};

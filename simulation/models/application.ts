import { counts, ENVIRONMENTS, type Model } from '../model.ts';

const ABANDONED = 0.715;

/** What nobody uses is removed, from more than a million to a third. */
export const application: Model = {
  kind: 'application',
  sources: ['simulated-directory', 'simulated-event-store'],
  count: counts(24, 700, 630_000),
  comes: 0.02,
  leaves: ({ chance }) => chance('leaves', ABANDONED),
  attributes: ({ chance, rises, pick, before, ago, count }) => ({
    directory: "'directory-a'",
    client_id: "concat('a', toString(nr))",
    tenant: `concat('tenant/cloud-a/t', toString(${count('tenant', 0, 59)}))`,
    environment: pick('environment', ENVIRONMENTS),
    owner_accounts: {
      size: count('owner accounts', 0, 3),
      each: {
        id: "concat('user/directory-a/u', leftPad(toString(nr + i), 8, '0'))",
        enabled: `NOT ${chance('owner left', 0.12, 'i')}`,
      },
    },
    emergency_contact: {
      there: rises('contact', 0.3, 0.8, { regress: 0.01 }),
      fields: { reach: "'rota'", confirmed_at: ago('confirmed', 1, 185) },
    },
    enabled: `NOT ${chance('disabled', 0.06)}`,
    created_at: before('created', 10, 2500),
    last_used_at: `if(${chance('leaves', ABANDONED)}, if(${chance('once', 0.4)}, ${before('used', 95, 900)}, NULL), ${ago('used', 0, 6)})`,
    credentials: {
      size: count('credentials', 0, 3),
      each: {
        id: "concat('c', toString(i))",
        kind: `if(${rises('managed', 0.35, 0.7, { regress: 0.01 })}, ${pick('good', { managed: 70, federated: 30 }, 'i')}, ${pick('bad', { secret: 50, certificate: 30, managed: 20 }, 'i')})`,
        expires_at: `if(${chance('endless', 0.1, 'i')}, NULL, ${before('expiry', -900, -200)})`,
        added_at: before('added', 5, 700),
      },
    },
    client_libraries: {
      size: `if(${rises('library', 0.4, 0.8, { regress: 0.01 })}, 1, ${count('other libraries', 0, 1)})`,
      each: {
        id: "concat('code/', toString(i))",
        package: `if(${rises('library', 0.4, 0.8, { regress: 0.01 })}, 'pkg:npm/%40azure/msal-node', ${pick('other library', { 'pkg:npm/simple-oauth2': 70, 'pkg:npm/request-oauth': 30 })})`,
        version: `if(${chance('unlocked', 0.05)}, NULL, '4.2.0')`,
        direct: 'true',
      },
    },
    multi_tenant: chance('multi tenant', 0.08),
    consent: `if(${rises('contained', 0.3, 0.75)}, 'listed_tenants', 'any_tenant')`,
    instances_locked: rises('locked', 0.25, 0.85, { regress: 0.01 }),
    privileges: {
      size: count('privileges', 0, 2),
      each: {
        id: "concat('p', toString(i))",
        permission: pick('permission', { 'directory.read': 60, 'mail.read': 25, 'files.write': 15 }, 'i'),
        across_tenants: chance('across', 0.4, 'i'),
        reviewed_at: `if(${rises('reviewed', 0.3, 0.8)}, ${ago('review', 5, 350, 'i')}, NULL)`,
      },
    },
  }),
  aside: ['last_used_at'],
};

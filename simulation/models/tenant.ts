import { counts, ENVIRONMENTS, type Model } from '../model.ts';
import { SEEN_AT } from '../terms.ts';

/** Most are forgotten experiments, and nearly all of those are gone at the end. */
export const tenant: Model = {
  kind: 'tenant',
  sources: ['simulated-directory'],
  count: counts(60, 1500, 3_540_000),
  comes: 0.005,
  leaves: ({ chance }) => chance('leaves', 0.975),
  early: true,
  attributes: ({ chance, rises, pick, before, ago, dice, days }) => ({
    cloud: "'cloud-a'",
    tenant_id: "concat('t', toString(nr))",
    environment: `if(${chance('leaves', 0.975)}, 'test', ${pick('environment', ENVIRONMENTS)})`,
    state: `if(${chance('disabled', 0.02)}, 'disabled', 'active')`,
    lasting: `NOT ${chance('leaves', 0.975)} AND ${chance('lasting', 0.3)}`,
    created_at: before('created', 1, 2000),
    created_through: `if(born_in > 0, ${pick('through', { vending: 95, self_made: 5 })}, ${pick('through', { vending: 10, self_made: 82, acquired: 8 })})`,
    expires_at: `if(${rises('expires', 0.2, 0.8)}, ${SEEN_AT} + ${days('expiry', 5, 340)}, NULL)`,
    last_active_at: `if(${chance('leaves', 0.975)}, if(${chance('once', 0.3)}, ${before('active', 95, 900)}, NULL), ${ago('active', 0, 4)})`,
    defaults: {
      size: '4',
      each: {
        name: "['phishing-resistant-administrators', 'no-user-consent', 'no-guest-invites', 'logs-to-centre'][i + 1]",
        in_force: `i != ${dice('lacking')} % 4 OR ${rises('defaults', 0.15, 0.85)}`,
      },
    },
  }),
};

import { counts, ENVIRONMENTS, type Model } from '../model.ts';
import { SEEN_AT } from '../terms.ts';

const PRINCIPALS = { person: 70, group: 15, workload: 15 };
const STANDING = { from: 0.7, to: 0.94 };

/** Three in ten are standing at first, six in a hundred at the end. */
export const privilegedAssignment: Model = {
  kind: 'privileged-assignment',
  sources: ['simulated-directory', 'simulated-event-store'],
  count: counts(90, 300, 72_000),
  comes: 0.08,
  leaves: 0.1,
  attributes: ({ chance, rises, pick, ago, days, count }) => ({
    resource: "concat('subscription-', toString(nr % 5000))",
    principal: "concat('user/directory-a/u', toString(nr))",
    role: "'contributor'",
    principal_kind: pick('principal', PRINCIPALS),
    environment: pick('environment', ENVIRONMENTS),
    mode: `if(${rises('asked for', STANDING.from, STANDING.to, { regress: 0.02 })}, if(${chance('active', 0.1)}, 'active', 'eligible'), 'standing')`,
    granted_through: `if(${rises('asked for', STANDING.from, STANDING.to, { regress: 0.02 })} OR ${chance('by broker', 0.2)}, 'broker', 'direct')`,
    starts_at: `if(${chance('active', 0.1)}, ${SEEN_AT} - toInt64(3600000000000), NULL)`,
    ends_at: `if(${chance('active', 0.1)}, ${SEEN_AT} + toInt64(${count('hours', 1, 7)}) * 3600000000000, if(${chance('for ever', 0.1)}, NULL, ${SEEN_AT} + toInt64(${count('eligible days', 30, 330)}) * 86400000000000))`,
    holders: {
      size: `if(${pick('principal', PRINCIPALS)} = 'group', ${count('holders', 1, 9)}, 0)`,
      each: {
        id: "concat('user/directory-a/u', leftPad(toString(nr + i), 8, '0'))",
        kind: `if(i = 0 AND ${chance('nested', 0.1)}, 'group', 'person')`,
      },
    },
    last_used_at: `if(${chance('unused', 0.3)}, NULL, ${ago('used', 0, 60)} - ${days('more', 0, 1)})`,
  }),
  aside: ['last_used_at'],
};

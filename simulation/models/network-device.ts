import { counts, type Model } from '../model.ts';
import { SEEN_AT } from '../terms.ts';

const BASELINE = { from: 0.94, to: 0.988 };

/** Almost all are on record, from the first day; at the baseline are 88 % and then 97 %. */
export const networkDevice: Model = {
  kind: 'network-device',
  sources: ['simulated-network'],
  count: counts(18, 400, 108_000),
  comes: 0.03,
  leaves: 0.03,
  attributes: ({ chance, rises, pick, ago, days }) => ({
    inventory: "'inventory-a'",
    serial: "concat('n', toString(nr))",
    hostname: `if(${chance('named', 0.97)}, concat('n', toString(nr), '.net.example'), NULL)`,
    addresses:
      "[concat('172.', toString(16 + intDiv(nr, 65536)), '.', toString(intDiv(nr, 256) % 256), '.', toString(nr % 256))]",
    environment: pick('environment', { production: 80, government: 8, productivity: 12 }),
    role: pick('role', { switch: 60, router: 18, firewall: 6, load_balancer: 6, access_point: 10 }),
    site: "concat('site-', toString(nr % 300))",
    recorded: chance('recorded', 0.993),
    firmware: {
      fields: {
        version: "'7.4.2'",
        approved: rises('firmware', BASELINE.from, BASELINE.to, { regress: 0.01 }),
        supported_until: `if(${chance('announced', 0.3)}, ${SEEN_AT} + ${days('support', 1, 900)}, NULL)`,
      },
    },
    credentials: {
      size: '1',
      each: {
        account: "'admin'",
        factory_default: `NOT ${rises('changed', 0.985, 0.999)}`,
        changed_at: ago('changed at', 5, 360),
      },
    },
    access_list: {
      fields: {
        baseline: "'edge-4'",
        deviations: `if(${rises('list', BASELINE.from, BASELINE.to)}, CAST([], 'Array(String)'), ['permit any'])`,
      },
    },
    path_reviewed_at: `if(${chance('path', 0.6)}, ${ago('path at', 10, 400)}, NULL)`,
  }),
};

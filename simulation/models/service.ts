import { counts, ENVIRONMENTS, type Model } from '../model.ts';

export const service: Model = {
  kind: 'service',
  sources: ['simulated-cloud'],
  count: counts(12, 120, 9000),
  comes: 0.03,
  leaves: 0.02,
  attributes: ({ chance, rises, pick, count }) => ({
    catalogue: "'catalogue-a'",
    service_id: "concat('s', toString(nr))",
    dns_names: "[concat('s', toString(nr), '.services.example')]",
    environment: pick('environment', ENVIRONMENTS),
    customer_facing: chance('customers', 0.4),
    security_operations: {
      size: count('operations', 1, 6),
      each: {
        name: "concat('operation-', toString(i))",
        logged_by: `if(${rises('library', 0.2, 0.6)}, 'standard_library', ${pick('logged', { own_code: 70, nothing: 10, standard_library: 20 }, 'i')})`,
      },
    },
    audit_library_supported: `if(${chance('no library', 0.2)}, NULL, ${rises('supported', 0.8, 0.97)})`,
    customer_logs: {
      there: rises('readable', 0.5, 0.9),
      fields: {
        retention: `if(${rises('long', 0.3, 0.9)}, toInt64(15552000000000000), toInt64(7776000000000000))`,
        extra_cost: `NOT ${rises('free', 0.4, 0.92)}`,
        delay: `toInt64(${count('delay', 1, 75)}) * 60000000000`,
      },
    },
  }),
};

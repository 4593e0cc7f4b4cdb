import { counts, ENVIRONMENTS, type Model } from '../model.ts';

export const subnet: Model = {
  kind: 'subnet',
  sources: ['simulated-network', 'simulated-cloud'],
  count: counts(18, 400, 132_000),
  comes: 0.05,
  leaves: 0.05,
  attributes: ({ chance, rises, pick, count }) => ({
    network: "concat('network-', toString(intDiv(nr, 65536)))",
    prefix: "concat('10.', toString(intDiv(nr, 256) % 256), '.', toString(nr % 256), '.0/24')",
    environment: pick('environment', ENVIRONMENTS),
    workloads: count('workloads', 0, 200),
    default_outbound: `NOT ${rises('outbound', 0.35, 0.7, { regress: 0.01 })}`,
    egress: {
      size: count('egress', 0, 2),
      each: {
        id: "concat('e', toString(i))",
        destination: `if(${chance('anywhere', 0.03, 'i')}, 'any', 'storage')`,
        tag: `if(${chance('untagged', 0.05, 'i')}, NULL, 'team')`,
      },
    },
    senders: {
      size: `if(${chance('sends', 0.7)}, 1, 0)`,
      each: {
        id: "'e1 team'",
        rule: "'e1'",
        service: `if(${rises('own tag', 0.8, 0.97)}, 'team', 'other team')`,
      },
    },
    reachable_from: {
      size: count('reachable', 0, 2),
      each: {
        id: "concat('network-9/10.9.', toString(i), '.0/24')",
        environment: `if(${rises('isolated', 0.6, 0.9, { regress: 0.01 })}, 'production', ${pick('other', { development: 60, test: 40 }, 'i')})`,
        through: "'peering'",
        approved_until: 'NULL',
      },
    },
  }),
  aside: ['reachable_from', 'senders'],
};

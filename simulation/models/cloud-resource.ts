import { counts, ENVIRONMENTS, type Model } from '../model.ts';

const LEGACY = 0.3;
const TYPES = { storage: 35, vault: 10, database: 15, 'virtual-machine': 30, queue: 10 };

/** Three in ten are of the old management API, and almost all of those are gone at the end. */
export const cloudResource: Model = {
  kind: 'cloud-resource',
  sources: ['simulated-cloud'],
  count: counts(24, 1100, 900_000),
  comes: 0.1,
  leaves: ({ chance }) =>
    `if(${chance('legacy', LEGACY)}, ${chance('legacy leaves', 0.977)}, ${chance('leaves', 0.06)})`,
  attributes: ({ chance, rises, pick, before, ago, count }) => ({
    cloud: "'cloud-a'",
    resource_id: "concat('r', toString(nr))",
    type: pick('type', TYPES),
    addresses: `if(${pick('type', TYPES)} = 'virtual-machine', [concat('10.', toString(intDiv(nr, 256) % 256), '.', toString(nr % 256), '.', toString(${count('interface', 4, 254)}))], CAST([], 'Array(String)'))`,
    environment: pick('environment', ENVIRONMENTS),
    created_at: before('created', 2, 2200),
    management_api: `if(${chance('legacy', LEGACY)} AND born_in = 0, 'legacy', 'current')`,
    last_used_at: `if(${chance('idle', 0.12)}, NULL, ${ago('used', 0, 3)})`,
    holds_data: chance('data', 0.55),
    perimeter: {
      there: rises('perimeter', 0.3, 0.7),
      fields: { name: "'perimeter-a'", mode: `if(${rises('enforced', 0.4, 0.85)}, 'enforced', 'learning')` },
    },
    public_access: `NOT ${rises('closed', 0.75, 0.93, { regress: 0.02 })}`,
  }),
};

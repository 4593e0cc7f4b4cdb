import { counts, ENVIRONMENTS, type Model } from '../model.ts';

export const dumpStore: Model = {
  kind: 'dump-store',
  sources: ['simulated-cloud'],
  count: counts(12, 80, 3500),
  comes: 0.02,
  leaves: 0.1,
  attributes: ({ chance, rises, pick, ago, count }) => ({
    cloud: "'cloud-a'",
    store_id: "concat('d', toString(nr))",
    environment: pick('environment', ENVIRONMENTS),
    boundary: "'boundary-1'",
    readers: {
      size: count('readers', 0, 3),
      each: {
        principal: "concat('user/directory-a/u', toString(i))",
        through: `if(${rises('broker', 0.3, 0.85)}, 'broker', 'standing')`,
        boundary: `if(${chance('outside', 0.05)}, 'boundary-2', 'boundary-1')`,
      },
    },
    scrubbed: rises('scrubbed', 0.5, 0.95),
    secrets: {
      size: `if(${chance('secrets', 0.15)}, 1, 0)`,
      each: {
        id: "'digest-0'",
        detector: "'generic'",
        found_at: ago('found', 1, 90),
        revoked: rises('revoked', 0.4, 0.95),
      },
    },
  }),
};

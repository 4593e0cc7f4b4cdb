import { counts, ENVIRONMENTS, type Model } from '../model.ts';

const TYPES = { secret: 30, certificate: 40, private_key: 10, personal_token: 12, ssh_key: 8 };

export const credential: Model = {
  kind: 'credential',
  sources: ['simulated-cloud', 'simulated-event-store'],
  count: counts(24, 500, 180_000),
  comes: 0.15,
  leaves: 0.12,
  attributes: ({ chance, rises, pick, before, days, ago, count }) => ({
    store: "'vault-a'",
    credential_id: "concat('c', toString(nr))",
    type: pick('type', TYPES),
    thumbprint: `if(${pick('type', TYPES)} = 'certificate', lower(hex(SHA256(concat('c', toString(nr))))), NULL)`,
    environment: pick('environment', ENVIRONMENTS),
    state: pick('state', { active: 88, revoked: 4, expired: 8 }),
    issued_at: before('issued', 1, 700),
    expires_at: `if(${rises('short', 0.3, 0.8)}, ${before('issued', 1, 700)} + ${days('life', 1, 7)}, if(${chance('endless', 0.3)}, NULL, ${before('issued', 1, 700)} + ${days('long', 90, 1100)}))`,
    boundary: `concat('boundary-', toString(${count('boundary', 0, 40)}))`,
    registrations: {
      size: count('registrations', 1, 3),
      each: {
        id: "concat('endpoint-', toString(i))",
        boundary: `if(i = 1 AND NOT ${rises('registered inside', 0.7, 0.97, { regress: 0.01 })}, 'boundary-99', concat('boundary-', toString(${count('boundary', 0, 40)})))`,
      },
    },
    found_in: {
      size: count('places', 1, 2),
      each: {
        place: "concat('store-', toString(i))",
        boundary: `if(i = 1 AND NOT ${rises('kept inside', 0.9, 0.99)}, 'boundary-99', concat('boundary-', toString(${count('boundary', 0, 40)})))`,
      },
    },
    uses: {
      size: `if(${rises('used inside', 0.85, 0.98)}, 1, 2)`,
      each: {
        boundary: `if(i = 1, 'boundary-98', concat('boundary-', toString(${count('boundary', 0, 40)})))`,
        last_at: ago('used', 0, 20, 'i'),
      },
    },
  }),
  aside: ['uses'],
};

import { counts, type Model } from '../model.ts';

const HARDWARE = { from: 0.85, to: 0.99 };

export const signingKey: Model = {
  kind: 'signing-key',
  sources: ['simulated-directory', 'simulated-event-store'],
  count: counts(12, 60, 400),
  comes: 0.2,
  leaves: 0.15,
  attributes: ({ chance, rises, pick, before, ago, count, days }) => ({
    issuer: "'issuer-0'",
    key_id: "concat('k', toString(nr))",
    thumbprint: `if(${chance('certificate', 0.7)}, lower(hex(SHA256(concat('k', toString(nr))))), NULL)`,
    environment: pick('environment', { production: 80, government: 20 }),
    use: pick('use', { access_token: 60, identity_token: 20, federation: 15, code: 5 }),
    state: pick('state', { active: 60, pending: 12, retiring: 18, retired: 10 }),
    created_at: before('created', 5, 60),
    published_at: `${ago('activated', 3, 95)} - ${days('announced', 1.5, 3)}`,
    activated_at: ago('activated', 3, 95),
    storage: `if(${rises('hardware', HARDWARE.from, HARDWARE.to)}, 'hsm', ${pick('soft', { key_service: 80, software: 20 })})`,
    exportable: `NOT ${rises('hardware', HARDWARE.from, HARDWARE.to)}`,
    made_in_hardware: chance('made', 0.97),
    public_thumbprint: "concat('thumbprint-', toString(nr))",
    served_thumbprint: `if(${pick('state', { active: 60, pending: 12, retiring: 18, retired: 10 })} IN ('retired'), NULL, concat('thumbprint-', toString(if(${chance('other served', 0.01)}, nr + 1, nr))))`,
    attestation: {
      there: rises('attested', 0.4, 0.95),
      fields: { verified: 'true', at: ago('attested at', 1, 60) },
    },
    rotation: `if(${rises('automatic', 0.6, 0.96)}, 'automatic', ${pick('hand', { assisted: 70, manual: 30 })})`,
    human_operations: {
      size: `if(${chance('touched', 0.1)}, ${count('operations', 1, 2)}, 0)`,
      each: {
        id: "concat('o', toString(i))",
        action: pick('action', { read_metadata: 80, backup: 15, rotate: 5 }, 'i'),
        principal: "'operator'",
        at: ago('operated', 1, 80, 'i'),
      },
    },
    touch_alert: {
      there: rises('alert', 0.5, 0.97),
      fields: {
        pages: rises('pages', 0.6, 0.97),
        answered_at: `if(${chance('drilled', 0.9)}, ${ago('drill', 1, 95)}, NULL)`,
        answered_in: `if(${chance('drilled', 0.9)}, toInt64(${count('minutes', 2, 17)}) * 60000000000, NULL)`,
      },
    },
  }),
  aside: ['human_operations'],
};

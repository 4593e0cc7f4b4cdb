import { counts, type Model } from '../model.ts';

export const user: Model = {
  kind: 'user',
  sources: ['simulated-directory', 'simulated-event-store'],
  count: counts(24, 1500, 150_000),
  comes: 0.05,
  leaves: 0.04,
  attributes: ({ chance, rises, pick, before, ago, count }) => ({
    directory: "'directory-a'",
    object_id: "concat('u', toString(nr))",
    environment: pick('environment', { productivity: 70, production: 25, government: 5 }),
    account: pick('account', { employee: 68, contractor: 22, guest: 7, shared: 3 }),
    enabled: `NOT ${chance('disabled', 0.03)}`,
    methods: {
      size: '2',
      each: {
        id: "concat('m', toString(i))",
        type: `if(i = 1 AND ${rises('strong', 0.45, 0.94, { early: true })}, ${pick('strong type', { passkey: 60, security_key: 30, platform_key: 10 })}, ${pick('weak type', { app_push: 60, totp: 25, sms: 15 })})`,
        phishing_resistant: `i = 1 AND ${rises('strong', 0.45, 0.94, { early: true })}`,
        registered_at: before('registered', 1, 900),
      },
    },
    weak_sign_in_blocked: rises('strong', 0.3, 0.92, { early: true, regress: 0.02 }),
    weak_sign_ins: {
      size: `if(${rises('strong', 0.33, 0.93, { early: true })}, 0, ${count('weak', 0, 2)})`,
      each: {
        id: "concat('s', toString(i))",
        at: ago('weak at', 0.1, 6, 'i'),
        method: "'sms'",
        application: "'mail'",
      },
    },
    recovery_path: `if(${rises('recovery', 0.2, 0.95)}, 'verified', ${pick('recovery path', { help_desk: 70, questions: 30 })})`,
    last_recovery: {
      there: chance('recovered', 0.1),
      fields: {
        at: ago('recovered at', 1, 80),
        level: `if(${rises('identified', 0.4, 0.95)}, 2, 0)`,
        live: rises('identified', 0.4, 0.95),
        handled: chance('handled', 0.05),
        code_lifetime: 'toInt64(3000000000000)',
      },
    },
  }),
  aside: ['weak_sign_ins', 'last_recovery'],
};

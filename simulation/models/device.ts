import { counts, type Model } from '../model.ts';

export const device: Model = {
  kind: 'device',
  sources: ['simulated-device-management', 'simulated-event-store'],
  count: counts(24, 500, 180_000),
  comes: 0.08,
  leaves: 0.07,
  attributes: ({ chance, rises, pick, ago }) => ({
    directory: "'directory-a'",
    device_id: "concat('d', toString(nr))",
    hostname: "concat('d', toString(nr), '.devices.example')",
    environment: pick('environment', { productivity: 75, production: 20, government: 5 }),
    platform: pick('platform', { windows: 55, macos: 20, linux: 8, ios: 10, android: 7 }),
    profile: `if(${rises('locked down', 0.35, 0.92)}, 'locked_down', ${pick('profile', { standard: 94, unmanaged: 6 })})`,
    compliant: rises('compliant', 0.88, 0.97, { regress: 0.05 }),
    evaluated_at: `if(${chance('never', 0.01)}, NULL, ${ago('evaluated', 0.01, 0.7)})`,
    broken_rules: `if(${rises('compliant', 0.88, 0.97, { regress: 0.05 })}, CAST([], 'Array(String)'), ['patch-level'])`,
    reached_production_at: `if(${chance('reaches', 0.22)}, ${ago('reached', 0.1, 25)}, NULL)`,
  }),
  aside: ['reached_production_at'],
};

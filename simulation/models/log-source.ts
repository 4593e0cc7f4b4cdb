import { counts, ENVIRONMENTS, type Model } from '../model.ts';

const YEARS = 'toInt64(63072000000000000)';

export const logSource: Model = {
  kind: 'log-source',
  sources: ['simulated-event-store'],
  count: counts(24, 700, 360_000),
  comes: 0.05,
  leaves: 0.05,
  attributes: ({ chance, rises, pick, before, ago, count }) => ({
    asset: "concat('network-device/inventory-a/n', toString(nr))",
    stream: "'syslog'",
    asset_kind: "'network-device'",
    environment: pick('environment', ENVIRONMENTS),
    expected_since: before('expected', 1, 1500),
    last_event_at: `if(${rises('emits', 0.86, 0.985, { regress: 0.03 })}, ${ago('event', 0.001, 0.4)}, if(${chance('silent', 0.5)}, NULL, ${ago('silence', 1.2, 6)}))`,
    delay: `if(${chance('slow', 0.03)}, toInt64(3600000000000), toInt64(${count('seconds', 5, 700)}) * 1000000000)`,
    missing_events: `if(${chance('missing', 0.02)}, ['logon-failed'], CAST([], 'Array(String)'))`,
    standard_format: rises('format', 0.85, 0.97),
    retention: `if(${rises('kept', 0.4, 0.93)}, ${YEARS}, toInt64(7776000000000000))`,
    retention_set: `if(${rises('centre', 0.45, 0.95)}, 'centre', 'owner')`,
    retention_locked: rises('kept', 0.38, 0.9),
    oldest_event_at: `${before('expected', 1, 1500)} + toInt64(${count('lag', 0, 8)}) * 86400000000000`,
  }),
};

import { counts, ENVIRONMENTS, type Model } from '../model.ts';

export const detection: Model = {
  kind: 'detection',
  sources: ['simulated-response-desk'],
  count: counts(12, 80, 2400),
  comes: 0.15,
  leaves: 0.03,
  attributes: ({ chance, rises, pick, ago, count }) => ({
    catalogue: "'catalogue-a'",
    detection_id: "concat('d', toString(nr))",
    environment: pick('environment', ENVIRONMENTS),
    enabled: `NOT ${chance('disabled', 0.06)}`,
    techniques: `if(${chance('unnamed', 0.03)}, CAST([], 'Array(String)'), [concat('T1', leftPad(toString(${count('technique', 1, 650)}), 3, '0'))])`,
    proof: {
      there: rises('proved', 0.35, 0.8),
      fields: {
        at: ago('proof', 1, 100),
        method: pick('method', { replay: 60, live_attack: 30, unit_test: 10 }),
        fired: rises('fires', 0.9, 0.97, { regress: 0.04 }),
        latency: `toInt64(${count('latency', 1, 17)}) * 60000000000`,
      },
    },
    false_alarms: `toFloat64(${count('alarms', 0, 60)}) / 100`,
  }),
};

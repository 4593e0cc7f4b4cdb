import { counts, ENVIRONMENTS, type Model } from '../model.ts';

/** A few services decide on most tokens. */
export const tokenValidator: Model = {
  kind: 'token-validator',
  sources: ['simulated-event-store'],
  count: counts(12, 120, 12_000),
  comes: 0.03,
  leaves: 0.02,
  attributes: ({ chance, rises, pick, dice, ago }) => ({
    service: "concat('service/catalogue-a/s', toString(nr % 9000))",
    issuer: "concat('issuer-', toString(intDiv(nr, 9000)))",
    environment: pick('environment', ENVIRONMENTS),
    tokens_per_day: `toInt64(pow(10, 1 + 8 * pow((${dice('tokens')} % 1000003) / 1000003, 3)))`,
    implementation: `if(${rises('standard', 0.4, 0.8)}, 'standard', ${pick('other', { other_library: 60, own_code: 32, unvalidated: 8 })})`,
    version: `if(${rises('standard', 0.4, 0.8)}, '4.2.0', NULL)`,
    version_supported: `if(${rises('standard', 0.4, 0.8)}, ${rises('supported', 0.8, 0.97, { regress: 0.03 })}, NULL)`,
    checks_off: `if(${chance('off', 0.04)}, ['lifetime'], CAST([], 'Array(String)'))`,
    validation_log: {
      there: rises('logged', 0.3, 0.85),
      fields: {
        last_event_at: ago('event', 0.01, 0.5),
        identifies_token: rises('identified', 0.5, 0.95),
        share_joined: `if(${rises('joined', 0.4, 0.9)}, 0.9995, 0.8)`,
        injected_at: `if(${rises('tried', 0.3, 0.8)}, ${ago('injected', 0.5, 7)}, NULL)`,
        // Ten minutes after it was put there.
        injected_found_at: `if(${rises('tried', 0.3, 0.8)} AND ${chance('found', 0.9)}, ${ago('injected', 0.5, 7)} + 600000000000, NULL)`,
      },
    },
  }),
};

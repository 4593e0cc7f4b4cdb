import { counts, ENVIRONMENTS, type Model } from '../model.ts';
import { SEEN_AT } from '../terms.ts';

export const incident: Model = {
  kind: 'incident',
  sources: ['simulated-response-desk'],
  count: counts(80, 12, 30),
  comes: 1,
  leaves: 0,
  attributes: ({ chance, pick, before, days, ago }) => {
    const declared = before('declared', 0.5, 6);
    const noticed = `${declared} + if(${chance('prompt', 0.85)}, ${days('notice', 0.2, 2.9)}, ${days('late notice', 3.1, 9)})`;
    const closed = `${declared} + ${days('length', 5, 60)}`;
    return {
      tracker: "'tracker-a'",
      incident_id: "concat('i', toString(nr))",
      environment: pick('environment', ENVIRONMENTS),
      declared_at: declared,
      closed_at: `if(${closed} <= ${SEEN_AT}, ${closed}, NULL)`,
      customers_affected: chance('customers', 0.6),
      first_notice_at: `if(${noticed} <= ${SEEN_AT}, ${noticed}, NULL)`,
      last_notice_at: `if(${noticed} <= ${SEEN_AT}, ${ago('last', 0.2, 8)}, NULL)`,
      unreached: `if(${chance('unreached', 0.08)}, 3, 0)`,
      statements: {
        size: `if(${noticed} <= ${SEEN_AT}, 1, 0)`,
        each: {
          id: "'s0'",
          at: noticed,
          fact_checked: chance('checked', 0.93),
          corrected_at: 'NULL',
          known_wrong_since: `if(${chance('wrong', 0.05)}, ${noticed}, NULL)`,
        },
      },
    };
  },
};

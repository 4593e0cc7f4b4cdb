import { counts, type Model } from '../model.ts';
import { SEEN_AT } from '../terms.ts';

/** The course opens in the third week of the history; ten weeks later nine in ten have done it. */
export const trainingEnrolment: Model = {
  kind: 'training-enrolment',
  sources: ['simulated-academy'],
  count: counts(24, 700, 360_000),
  comes: 0.03,
  leaves: 0.03,
  attributes: ({ chance, pick, days }) => {
    const opened = 'opens_in';
    const done = `${opened} + if(${chance('in time', 0.9)}, ${days('takes', 0.5, 70)}, ${days('overdue', 400, 500)})`;
    return {
      academy: "'academy-a'",
      person: "concat('user/directory-a/u', toString(nr))",
      course: "'secure-future'",
      environment: pick('environment', { productivity: 80, production: 20 }),
      person_state: pick('state', { active: 95, on_leave: 5 }),
      assigned_at: opened,
      due_at: `${opened} + toInt64(42) * 86400000000000`,
      completed_at: `if(${done} <= ${SEEN_AT}, ${done}, NULL)`,
      assessed: `if(${done} <= ${SEEN_AT}, ${chance('assessed', 0.98)}, NULL)`,
    };
  },
};

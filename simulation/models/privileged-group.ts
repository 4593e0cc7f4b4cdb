import { counts, ENVIRONMENTS, type Model } from '../model.ts';

export const privilegedGroup: Model = {
  kind: 'privileged-group',
  sources: ['simulated-directory'],
  count: counts(12, 120, 25_000),
  comes: 0.03,
  leaves: 0.08,
  attributes: ({ chance, rises, pick, before, ago, count }) => ({
    directory: "'directory-a'",
    group_id: "concat('g', toString(nr))",
    environment: pick('environment', ENVIRONMENTS),
    grants: "['merge', 'release']",
    members: {
      size: `if(${rises('small', 0.5, 0.85)}, ${count('few', 1, 12)}, ${count('many', 13, 40)})`,
      each: {
        id: "concat('user/directory-a/u', toString(nr + i))",
        kind: `if(i = 0 AND NOT ${rises('flat', 0.75, 0.95)}, 'group', 'person')`,
        since: before('since', 1, 900),
      },
    },
    decisions: {
      size: `if(${rises('reviewed', 0.45, 0.9)}, ${count('few', 1, 12)}, 0)`,
      each: {
        id: "concat('user/directory-a/u', leftPad(toString(nr + i), 8, '0'))",
        removed: chance('removed', 0.1, 'i'),
        at: `${ago('review', 1, 190)} - toInt64(i) * toInt64(${count('pace', 5, 600)}) * 1000000000`,
      },
    },
    review: {
      there: rises('reviewed', 0.45, 0.9),
      fields: {
        at: ago('review', 1, 190),
        reviewer: "'owner'",
        reviewer_is_member: chance('own review', 0.05),
        undecided: `if(${chance('undecided', 0.06)}, 2, 0)`,
      },
    },
  }),
};

import { counts, type Model } from '../model.ts';

/** A few of the attributes; of the others nothing is known, as in many a company. */
export const pipeline: Model = {
  kind: 'pipeline',
  sources: ['simulated-code-host'],
  count: counts(12, 200, 60_000),
  comes: 0.06,
  leaves: 0.04,
  attributes: ({ chance, rises, dice, count }) => ({
    repository: "concat('repository/host-a/r', toString(nr))",
    path: "'build.yml'",
    platform: "'github-actions'",
    role: "'workflow'",
    uses: {
      size: count('uses', 1, 3),
      each: {
        key: "concat('u', toString(i))",
        ref: "concat('tools/step-', toString(i))",
        kind: "'action'",
        owner: "'tools'",
        repository: "concat('tools/step-', toString(i))",
        revision: "'v1'",
        pinned: rises('pinned', 0.35, 0.85, { regress: 0.02 }),
        local: 'false',
        job: "'build'",
        comment: 'NULL',
        line: 'toInt64(10 + i)',
        col: 'toInt64(9)',
      },
    },
    templates: {
      size: `if(${rises('template', 0.62, 0.85)}, 1, 0)`,
      each: {
        key: "'t0'",
        ref: "'platform/templates/release.yml'",
        source: "'platform/templates/release.yml'",
        kind: "'template'",
        local: 'false',
        revision: "'main'",
        job: "'build'",
        path: "'build.yml'",
        line: 'toInt64(20)',
        col: 'toInt64(5)',
      },
    },
    production: {
      size: '1',
      each: {
        key: "'p0'",
        what: "'environment production'",
        job: "'build'",
        template: `if(${rises('template', 0.62, 0.85)}, 'platform/templates/release.yml', NULL)`,
        enforced: rises('enforced', 0.9, 0.99),
        path: "'build.yml'",
        line: 'toInt64(30)',
        col: 'toInt64(5)',
      },
    },
    untrusted_checkouts: {
      size: `if(${chance('untrusted', 0.04)}, 1, 0)`,
      each: {
        key: "'c0'",
        event: "'pull_request_target'",
        ref: "'head'",
        executed: `${dice('executed')} % 2 = 0`,
        executed_line: 'NULL',
        job: "'build'",
        line: 'toInt64(12)',
        col: 'toInt64(7)',
      },
    },
  }),
};

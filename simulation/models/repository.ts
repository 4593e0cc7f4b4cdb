import { counts, type Model } from '../model.ts';

export const repository: Model = {
  kind: 'repository',
  sources: ['simulated-code-host'],
  count: counts(18, 300, 72_000),
  comes: 0.06,
  leaves: 0.04,
  attributes: ({ chance, rises, pick, count }) => ({
    host: "'host-a'",
    path: "concat('r', toString(nr))",
    default_branch: "'main'",
    head: "'0123456789abcdef0123456789abcdef01234567'",
    archived: chance('archived', 0.08),
    visibility: pick('visibility', { internal: 70, private: 22, public: 8 }),
    codeowners: {
      there: rises('owned', 0.72, 0.94),
      fields: {
        path: "'CODEOWNERS'",
        covers_all: rises('covered', 0.97, 0.99),
        uncovered: `if(${rises('covered', 0.97, 0.99)}, CAST([], 'Array(String)'), ['tools/'])`,
        errors: { size: '0', each: { path: "''", line: 'toInt64(1)', text: "''", problem: "''" } },
        owners: {
          size: '1',
          each: {
            name: "'@company/team'",
            path: "'CODEOWNERS'",
            line: 'toInt64(1)',
            kind: "'team'",
            state: `if(${rises('people', 0.985, 0.999)}, 'active', 'left')`,
          },
        },
      },
    },
    update_targets: {
      size: count('targets', 0, 2),
      each: {
        key: "concat('npm:', toString(i))",
        ecosystem: "'npm'",
        directory: "concat('/', toString(i))",
        path: "'package.json'",
        line: 'toInt64(1)',
        updated_by: `if(${rises('updated', 0.5, 0.9)}, 'renovate', NULL)`,
      },
    },
    secrets: {
      size: `if(${rises('clean', 0.9, 0.985, { regress: 0.02 })}, 0, 1)`,
      each: {
        key: "'k0'",
        digest: "'d0'",
        path: "'config.json'",
        line: 'toInt64(3)',
        detector: "'generic'",
        preview: "'… 32'",
        confidence: pick('confidence', { high: 40, medium: 40, low: 20 }),
        checked: 'false',
        history: 'false',
        allowed: 'NULL',
      },
    },
    default_branch_protection: {
      there: rises('protected', 0.6, 0.95, { regress: 0.02 }),
      fields: {
        pull_request_required: 'true',
        approvals: `if(${chance('no approval', 0.03)}, 0, 1)`,
        code_owner_review: chance('review', 0.5),
        force_push_allowed: 'false',
        deletion_allowed: 'false',
        applies_to_admins: rises('administrators', 0.6, 0.95),
        signatures_required: 'false',
        status_checks: "['build']",
      },
    },
    push_protection: rises('push', 0.5, 0.98),
    secret_scanning: rises('scanning', 0.7, 0.99),
  }),
};

import { counts, ENVIRONMENTS, type Model } from '../model.ts';

export const build: Model = {
  kind: 'build',
  sources: ['simulated-code-host'],
  count: counts(18, 400, 180_000),
  comes: 0.6,
  leaves: 0.5,
  attributes: ({ chance, rises, pick, before }) => ({
    system: "'build-a'",
    build_id: "concat('b', toString(nr))",
    image_digests: `if(${chance('image', 0.5)}, [concat('sha256:', lower(hex(SHA256(concat('b', toString(nr))))))], CAST([], 'Array(String)'))`,
    pipeline: "concat('pipeline/repository/host-a/r', toString(nr % 70), '/build.yml')",
    environment: pick('environment', ENVIRONMENTS),
    finished_at: before('finished', 0.01, 5),
    released: chance('released', 0.6),
    template: {
      there: rises('template', 0.75, 0.95),
      fields: {
        source: "'platform/templates/release.yml'",
        commit: "'0123456789abcdef0123456789abcdef01234567'",
        governed: rises('governed', 0.83, 0.9),
        injected_steps: `if(${chance('injected', 0.02)}, 1, 0)`,
      },
    },
    provenance: {
      there: rises('provenance', 0.7, 0.98),
      fields: { verified: 'true', builder: "'https://builder.invalid/release'" },
    },
  }),
};

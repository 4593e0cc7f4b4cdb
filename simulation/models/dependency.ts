import { counts, type Model } from '../model.ts';

/** A few, so that the kind is not empty; real ones come from reading repositories. */
export const dependency: Model = {
  kind: 'dependency',
  sources: ['simulated-code-host'],
  count: counts(12, 108, 2000),
  comes: 0.1,
  leaves: 0.05,
  attributes: ({ chance, rises, count }) => ({
    repository: "concat('repository/host-a/r', toString(nr % 18))",
    file: "'package-lock.json'",
    package: "concat('pkg:npm/package-', toString(nr))",
    specifier: "'1.0.0'",
    name: "concat('package-', toString(nr))",
    ecosystem: "'npm'",
    version: `if(${chance('unlocked', 0.04)}, NULL, concat('1.', toString(${count('minor', 0, 9)}), '.0'))`,
    integrity: `if(${rises('pinned', 0.7, 0.97)}, 'sha512-simulated', NULL)`,
    direct: chance('direct', 0.2),
    development: chance('development', 0.4),
    origin: "'registry'",
  }),
};

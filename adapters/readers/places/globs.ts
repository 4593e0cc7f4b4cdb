/**
 * The published globs by which a path of a repository gets its place. They are data and part of every definition: a
 * change of them changes `PLACES_DIGEST`, and a comparison then says that the definition changed. docs/places.md shows
 * them, and a test holds the two against each other.
 *
 * Matched without regard to case. `**` is any number of folders; `*` and `?` stay within one name.
 */
import { hash } from 'node:crypto';

export const PLACES = ['product', 'test', 'example', 'docs', 'vendored', 'generated'] as const;
export type Place = (typeof PLACES)[number];

export interface PlaceRule {
  readonly place: Exclude<Place, 'product'>;
  readonly globs: readonly string[];
}

/** The first rule with a glob that matches decides; a path that none matches is product. */
export const PLACE_RULES: readonly PlaceRule[] = [
  {
    place: 'vendored',
    globs: [
      '**/node_modules/**',
      '**/bower_components/**',
      '**/vendor/**',
      '**/vendored/**',
      '**/_vendor/**',
      '**/third_party/**',
      '**/third-party/**',
      '**/site-packages/**',
      '**/.venv/**',
      '**/Pods/**',
      '**/.yarn/releases/**',
      '**/.yarn/plugins/**',
    ],
  },
  {
    place: 'test',
    globs: [
      '**/test/**',
      '**/tests/**',
      '**/test_*/**',
      '**/tests_*/**',
      '**/test-*/**',
      '**/tests-*/**',
      '**/testing/**',
      '**/testdata/**',
      '**/testutil/**',
      '**/testutils/**',
      '**/integration-test/**',
      '**/integration-tests/**',
      '**/integration_test/**',
      '**/integration_tests/**',
      '**/runtime-tests/**',
      '**/e2e/**',
      '**/e2e-*/**',
      '**/*.Tests/**',
      '**/__tests__/**',
      '**/__mocks__/**',
      '**/__fixtures__/**',
      '**/__snapshots__/**',
      '**/fixture/**',
      '**/fixtures/**',
      '**/.fixtures/**',
      '**/*-fixture/**',
      '**/*-fixtures/**',
      '**/*_fixtures/**',
      '**/mock/**',
      '**/mocks/**',
      '**/*-mock/**',
      '**/golden/**',
      '**/bench/**',
      '**/benches/**',
      '**/benchmark/**',
      '**/benchmarks/**',
      '**/*-benchmark/**',
      '**/*-benchmarks/**',
      '**/fuzz/**',
      '**/spec/fixtures/**',
      '**/spec/dummy/**',
      '**/*_spec.rb',
      '**/*_test.go',
      '**/*_test.py',
      '**/test_*.py',
      '**/conftest.py',
      '**/*.test.*',
      '**/*.tests.*',
      '**/*.spec.ts',
      '**/*.spec.tsx',
      '**/*.spec.js',
      '**/*.spec.jsx',
      '**/*.spec.mjs',
      '**/*.spec.cjs',
      '**/*Test.java',
      '**/*Tests.java',
      '**/*Test.kt',
      '**/*Tests.cs',
      '**/*.snap',
    ],
  },
  {
    place: 'example',
    globs: [
      '**/example/**',
      '**/examples/**',
      '**/_examples/**',
      '**/example-*/**',
      '**/examples-*/**',
      '**/*-example/**',
      '**/*-examples/**',
      '**/sample/**',
      '**/samples/**',
      '**/demo/**',
      '**/demos/**',
      '**/playground/**',
      '**/playgrounds/**',
      '**/tutorial/**',
      '**/tutorials/**',
      '**/quickstart/**',
      '**/quickstarts/**',
      '**/template-*/**',
      '**/boilerplate/**',
      '**/boilerplates/**',
      '**/{{*}}/**',
      '**/*.example',
      '**/*.sample',
      '**/.env.example',
      '**/.env.sample',
    ],
  },
  {
    place: 'docs',
    globs: [
      '**/doc/**',
      '**/docs/**',
      '**/documentation/**',
      '**/*.md',
      '**/*.mdx',
      '**/*.markdown',
      '**/*.rst',
      '**/*.adoc',
    ],
  },
  {
    place: 'generated',
    globs: [
      '**/dist/**',
      '**/generated/**',
      '**/__generated__/**',
      '**/*.generated.*',
      '**/*.min.js',
      '**/*.min.css',
      '**/*.js.map',
      '**/*.css.map',
      '**/*.pb.go',
      '**/*_pb2.py',
      '**/*_pb2_grpc.py',
      '**/zz_generated*',
    ],
  },
];

/** Digest of everything that decides a place apart from the repository itself. Raise `references` when those rules change. */
export const PLACES_DIGEST: string = hash('sha256', JSON.stringify({ rules: PLACE_RULES, references: 1 }));

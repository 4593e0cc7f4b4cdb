/** A repository that passes the standards about repositories, pipelines and dependencies from its first commit on. */
import { LANGUAGES, type Language, type RepositorySort } from './language.ts';

export interface NewRepository {
  readonly name: string;
  readonly sort: RepositorySort;
  /** A key of `LANGUAGES`. */
  readonly language: string;
  /** Owner of everything, as the code host writes it: `@organisation/team`. */
  readonly owner: string;
  /** Where people report a weakness; null: through the code host. */
  readonly contact: string | null;
}

/** Each by the commit behind its release, so that nobody can move it. */
const CHECKOUT = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1';
const SBOM = 'anchore/sbom-action@e22c389904149dbc22b58101806040fa8d37a610 # v0.24.0';
const ATTEST = 'actions/attest-build-provenance@4d101475d8b20a2381f78447822ac1eab6504dd8 # v4.2.2';
const UPLOAD = 'actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1';

/** Path below the folder of the repository → text. */
export function repositoryFiles(repository: NewRepository): Readonly<Record<string, string>> {
  const { name, sort, owner, contact } = repository;
  const language = LANGUAGES[repository.language] as Language;
  return {
    'README.md': readme(repository, language),
    'SECURITY.md': security(contact),
    '.gitignore': [...language.ignored, '.env', '*.pem', '*.key', ''].join('\n'),
    '.pre-commit-config.yaml': PRE_COMMIT,
    '.github/CODEOWNERS': `# Who reviews and fixes what. The last rule that matches a path decides; name teams, they outlive people.\n* ${owner}\n`,
    '.github/dependabot.yml': updates(language),
    '.github/workflows/ci.yml': ci(language),
    '.github/workflows/release.yml': release(language),
    ...language.files(name, sort),
  };
}

function readme({ name, sort, owner }: NewRepository, { test, build }: Language): string {
  const what = sort === 'repository' ? 'A repository' : `A ${sort}`;
  return `# ${name}

${what} of ${owner}. Say here what it is for, and for whom.

    ${test}
    ${build}

A tag \`v1.2.3\` builds what is released, with a list of its parts and a signed statement of how it was made.
`;
}

function security(contact: string | null): string {
  const how =
    contact === null
      ? 'Report it privately: on the page of this repository, *Security*, then *Report a vulnerability*.'
      : `Write to ${contact}.`;
  return `# Security

Found a weakness? ${how} Please do not open a public issue.
You get an answer within three working days, and we tell you when it is fixed. Only the newest release gets fixes.
`;
}

const PRE_COMMIT = `# Refuses a commit that holds a secret. \`pre-commit install\` switches it on.
repos:
  - repo: local
    hooks:
      - id: secrets-not-in-code
        name: no secret in the code
        entry: macadam-secrets pre-commit
        language: system
        pass_filenames: false
        always_run: true
`;

function updates({ ecosystem }: Language): string {
  const entry = (each: string) => `  - package-ecosystem: ${each}
    directory: /
    schedule: { interval: weekly }
    # What was published an hour ago may be taken back tomorrow.
    cooldown: { default-days: 7 }
    groups: { all: { patterns: ["*"] } }
`;
  return `version: 2\nupdates:\n${entry(ecosystem)}${entry('github-actions')}`;
}

function ci({ test }: Language): string {
  return `name: ci
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: ${CHECKOUT}
        with:
          persist-credentials: false
      - run: ${test}
`;
}

function release({ build }: Language): string {
  return `# Makes what is released. Where it is published from, let a template of your platform team call for it.
name: release
on:
  push:
    tags: ["v*"]
permissions: {}
jobs:
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    permissions:
      contents: read
      id-token: write
      attestations: write
    steps:
      - uses: ${CHECKOUT}
        with:
          persist-credentials: false
      - run: ${build}
      - uses: ${SBOM}
        with:
          path: .
          format: cyclonedx-json
          output-file: dist/sbom.cdx.json
          upload-artifact: false
      - uses: ${ATTEST}
        with:
          subject-path: dist/*
      - uses: ${UPLOAD}
        with:
          name: release
          path: dist/
`;
}

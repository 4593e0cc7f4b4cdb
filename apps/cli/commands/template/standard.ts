/**
 * A standard to begin with: small, true as it stands, and held to the same laws as every other. Of one's own it is a single
 * file without code; in Macadam's own catalogue a folder with every part.
 */

const TITLE = 'Every repository has a README.md';
const LABEL = 'README in every repository';
const WHY = 'Who finds a repository without one has to guess what it is for and whom to ask.';

export function singleStandard(id: string, pillar: string): Record<string, string> {
  return {
    [`${id}.yaml`]: `# What must be true, why, and the check; \`macadam explain ${id}\` shows it.
title: ${TITLE}
pillar: ${pillar}
why: ${WHY}
scope: { kind: repository }
check: asset.files['README.md']
fix: Add a README.md that says what the repository is for and who answers for it.
`,
  };
}

export function standardFolder(id: string, pillar: string): Record<string, string> {
  const folder = `standards/${pillar}/${id}`;
  const example = (describe: string, body: string, verdict: string, reason: string) =>
    `describe: ${describe}\n${body}expect: { verdict: ${verdict}, reason: ${reason} }\n`;
  return {
    [`${folder}/standard.yaml`]: `id: ${id}
pillar: ${pillar}
title: ${TITLE}
label: ${LABEL}
statement: ${TITLE} in the root of its default branch.
why: ${WHY}
origin: { report: none, lesson: Repositories without a description were kept because nobody knew better. }
scope: { kind: repository }
check: asset.files['README.md']
reasons:
  - { id: no-readme, say: there is no README.md, fix: false }
severity: low
measure: { kind: share }
rollout: { state: draft, on_unknown: warn }
toil: { owner_minutes: 10 }
`,
    [`${folder}/README.md`]: `# ${TITLE}

## Avoid

A repository whose root holds no README.md (\`no-readme\`).

## Prefer

A README.md that says what the repository is for and who answers for it.

## Why

${WHY}

## Exceptions

None: an empty repository is archived or removed instead.

## Fix

Follow get/runbook.md.

## Measured by

The share of repositories that have the file. Not by how many files were added: that grows while nothing gets better.
`,
    [`${folder}/examples/pass.yaml`]: example(
      'A repository with a README.md.',
      'files:\n  README.md: "What it is for\\n"\n',
      'pass',
      'meets',
    ),
    [`${folder}/examples/fail.yaml`]: example(
      'A repository with other files alone.',
      'files:\n  docs/README.md: "Elsewhere\\n"\n',
      'fail',
      'no-readme',
    ),
    [`${folder}/examples/unknown.yaml`]: example(
      'A repository whose files could not be listed.',
      'attributes:\n  files: { unobserved: failed, why: "an object is missing" }\n',
      'unknown',
      'failed',
    ),
    [`${folder}/start/README.md`]:
      '# What this repository is for\n\nWho answers for it, and how it is built.\n',
    [`${folder}/stay/gate.yaml`]:
      'runs: [pull-request]\nsay: This repository has no README.md; add one to its root.\non_unknown: warn\n',
    [`${folder}/get/runbook.md`]:
      '# Add a README.md\n\n1. Ask the owners what the repository is for.\n2. Write it into README.md in the root.\n3. Merge it into the default branch.\n',
  };
}

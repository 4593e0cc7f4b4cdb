/** A standard over repositories that passes its own laws: every part is there, and each can be changed by itself. */
export function standardFiles(id: string, pillar: string): Record<string, string> {
  const folder = `standards/${pillar}/${id}`;
  const example = (describe: string, body: string, verdict: string, reason: string) =>
    `describe: ${describe}\n${body}expect: { verdict: ${verdict}, reason: ${reason} }\n`;
  return {
    [`${folder}/standard.yaml`]: `id: ${id}
pillar: ${pillar}
title: Every repository names owners in a file
statement: Every repository holds a CODEOWNERS file that its code host reads.
why: Say here which loss this prevents, in words that somebody who must do the work accepts.
origin: { report: "where this comes from", lesson: "What happened, or which advice this follows." }
scope: { kind: repository }
check: "has(asset.codeowners)"
reasons:
  - { id: no-file, say: "there is no CODEOWNERS file" }
severity: medium
measure: { kind: share }
rollout: { state: draft, on_unknown: warn }
toil: { owner_minutes: 10 }
`,
    [`${folder}/README.md`]: `# Every repository names owners in a file

## Avoid

A repository without a CODEOWNERS file (\`no-file\`).

## Prefer

A CODEOWNERS file in \`.github/\`, with a team for every path.

## Why

Say here which loss this prevents.

## Exceptions

Say here who may be excepted, and for how long.

## Fix

Follow get/runbook.md.

## Measured by

The share of repositories that hold the file. Not by the number of files that were added: that grows while nothing gets better.
`,
    [`${folder}/examples/pass.yaml`]: example(
      'A repository with a CODEOWNERS file.',
      'files:\n  .github/CODEOWNERS: "* @org/team\\n"\n',
      'pass',
      'meets',
    ),
    [`${folder}/examples/fail.yaml`]: example(
      'A repository without one.',
      'files:\n  README.md: "Hello\\n"\n',
      'fail',
      'no-file',
    ),
    [`${folder}/examples/unknown.yaml`]: example(
      'A repository whose files could not be read.',
      'attributes:\n  codeowners: { unobserved: failed, why: "an object is missing" }\n',
      'unknown',
      'failed',
    ),
    [`${folder}/start/.github/CODEOWNERS`]: '* @org/team\n',
    [`${folder}/stay/gate.yaml`]:
      'runs: [pull-request]\nsay: This repository has no CODEOWNERS file; add one in .github/.\non_unknown: warn\n',
    [`${folder}/get/runbook.md`]: '# Bring a repository to this standard\n\n1. Say here what to do first.\n',
  };
}

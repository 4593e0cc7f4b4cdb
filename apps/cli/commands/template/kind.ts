/** A kind with the least that it needs. */
export function kindFiles(name: string): Record<string, string> {
  return {
    [`kinds/${name}.yaml`]: `kind: ${name}
description: What one of these is, in a sentence that its owner would agree with.
key: [host, path]
fresh_for: 7d
attributes:
  host: { type: string, immutable: true, description: Where it lives. }
  path: { type: string, immutable: true, description: What it is called there. }
  owners: { type: list, of: string, description: "Who answers for it, as the source says." }
  last_used: { type: timestamp, optional: true, description: Newest use that was seen; absent without any. }
`,
  };
}

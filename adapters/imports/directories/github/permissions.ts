/** What a token needs for each part of what is read of GitHub: fine-grained permissions, and classic scopes that have them. */
export const PERMISSIONS = {
  administrationRead: 'Administration: read (classic tokens: repo, by a repository administrator)',
  administrationWrite: 'Administration: write (classic tokens: repo, by who may edit the ruleset)',
  metadata: 'Metadata: read (classic tokens: repo)',
  contents: 'Contents: read (classic tokens: repo)',
  pullRequests: 'Pull requests: read (classic tokens: repo)',
  actions: 'Actions: read (classic tokens: repo)',
  alerts: 'Secret scanning alerts: read (classic tokens: repo, or security_events)',
  dependabot: 'Dependabot alerts: read (classic tokens: repo, or security_events)',
  collaborators: 'Metadata: read (classic tokens: repo), of somebody who may push; of an app, Members: read',
  attestations: 'Attestations: read (classic tokens: repo)',
  members: 'Members: read (classic tokens: read:org)',
  runners: 'Self-hosted runners: read (classic tokens: admin:org)',
} as const;

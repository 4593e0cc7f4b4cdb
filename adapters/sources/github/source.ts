/** What the source is called with. What it does is loaded when it is asked: most runs ask another. */
import type { Source } from '../port.ts';
import { ENVIRONMENT_OPTION } from '../stated-environment.ts';

export const source: Source = {
  id: 'github',
  description: 'Repositories of an organisation or a user on GitHub, with what the host enforces on them.',
  target: 'ORG',
  options: [
    {
      name: 'url',
      value: 'URL',
      description: "Address of an enterprise's API (default: https://api.github.com).",
    },
    {
      name: 'app',
      value: 'ID',
      description:
        'Number or client id of an app that is installed on the organisation, with its key in GITHUB_APP_KEY, in place of a token.',
    },
    {
      name: 'budget',
      value: 'N',
      description: 'Most requests that this run may spend; unchanged answers cost nothing.',
    },
    {
      ...ENVIRONMENT_OPTION,
      description:
        'What its accounts and owners serve: production, government, productivity, development or test.',
    },
  ],
  files: (request) => ({
    texts: async (asked) => (await import('./files.ts')).filesOf(request).texts(asked),
  }),
  credentials: [
    {
      name: 'GITHUB_TOKEN',
      description: 'A token that may read the organisation.',
      unlessOption: 'app',
    },
    {
      name: 'GITHUB_APP_KEY',
      description: 'The private key of the app that `app` names, in PEM.',
      optional: true,
    },
    {
      name: 'GITHUB_WEBHOOK_SECRET',
      description: 'The secret of a webhook that tells a server what changed (docs/sources/github.md).',
      optional: true,
    },
  ],
  events: async () => (await import('./events.ts')).githubEvents,
  described: async () => (await import('../../imports/directories/github/description.ts')).githubDescription,
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
};

/** What the source is called with. What it does is loaded when it is asked: most runs ask another. */
import type { Source } from '../port.ts';
import { ENVIRONMENT_OPTION } from '../stated-environment.ts';

export const source: Source = {
  id: 'gitlab',
  description:
    'Repositories, members and tokens of a group of GitLab, as https://gitlab.example.com/company, or of a whole host.',
  target: 'GROUP',
  options: [
    ENVIRONMENT_OPTION,
    {
      name: 'budget',
      value: 'N',
      description: 'Most requests that this run may spend on each host.',
    },
  ],
  credentials: [
    {
      name: 'GITLAB_TOKEN',
      description:
        'A token with read_api and read_repository: of the group itself for a group, of an administrator for a whole host.',
    },
  ],
  described: async () => (await import('../../imports/directories/gitlab/description.ts')).gitlabDescription,
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
};

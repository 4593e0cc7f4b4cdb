/** What the source is called with. What it does is loaded when it is asked: most runs ask another. */
import type { Source } from '../port.ts';
import { ENVIRONMENT_OPTION } from '../stated-environment.ts';

export const source: Source = {
  id: 'aws',
  description:
    'Users, roles, keys, networks, machines, buckets and trails of an AWS account, by its id of 12 digits.',
  target: 'ACCOUNT',
  options: [
    ENVIRONMENT_OPTION,
    {
      name: 'role',
      value: 'NAME',
      description: 'A role to take on in each account first, so that one credential measures several.',
    },
    {
      name: 'regions',
      value: 'LIST',
      description: 'Only these regions, as eu-central-1,eu-west-1; what lies elsewhere stays unknown.',
    },
    {
      name: 'home',
      value: 'REGION',
      description:
        'Region that is asked for what has none (default: us-east-1); cn-north-1 and us-gov-west-1 for those clouds.',
    },
    {
      name: 'flows',
      value: 'read',
      description:
        'Read the flow records of 14 days too, file by file from the buckets into which flow logs deliver: who sent by which rule.',
    },
    {
      name: 'identity',
      value: 'machine',
      description: 'Ask as the machine, container or service account that this runs as, without a key.',
    },
    {
      name: 'url',
      value: 'URL',
      description: 'Address of something that answers as AWS does.',
    },
  ],
  credentials: [
    { name: 'AWS_ACCESS_KEY_ID', description: 'The id of an access key.', unlessOption: 'identity' },
    { name: 'AWS_SECRET_ACCESS_KEY', description: 'The secret of that key.', unlessOption: 'identity' },
    {
      name: 'AWS_SESSION_TOKEN',
      description: 'The token of a key that ends by itself; left out for one that does not.',
      optional: true,
    },
  ],
  described: async () => (await import('../../imports/directories/aws/description.ts')).awsDescription,
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
};

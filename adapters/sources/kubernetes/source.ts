/** What the source is called with. What it does is loaded when it is asked: most runs ask another. */
import type { Source } from '../port.ts';
import { ENVIRONMENT_OPTION } from '../stated-environment.ts';

export const source: Source = {
  id: 'kubernetes',
  description:
    'Workload identities, services, namespaces and running images of a cluster, as https://cluster.example.com:6443.',
  target: 'URL',
  options: [
    ENVIRONMENT_OPTION,
    {
      name: 'inventories',
      value: 'FOLDER',
      description:
        'Inventories of images (CycloneDX, SPDX), OSV records and lines of `macadam build verify`, joined by digest.',
    },
  ],
  credentials: [
    {
      name: 'KUBERNETES_TOKEN',
      description: 'A token of an account of the cluster that holds the rights above.',
    },
  ],
  described: async () =>
    (await import('../../imports/directories/kubernetes/description.ts')).kubernetesDescription,
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
};

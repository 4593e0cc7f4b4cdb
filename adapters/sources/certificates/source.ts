/** What the source is called with. What it does is loaded when it is asked: most runs ask another. */
import type { Source } from '../port.ts';

export const source: Source = {
  id: 'certificates',
  description:
    'Certificates and private keys in files, PKCS#12 and Java stores, at TLS endpoints, and in AWS, key vaults and clusters, by the security boundary that each place lies in.',
  target: 'FILE',
  options: [],
  described: async () =>
    (await import('../../imports/directories/certificates/description.ts')).certificatesDescription,
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
};

/** What clouds are asked for certificates, and by which permission. */
import { CERTIFICATE_OPERATIONS } from '../aws/operations.ts';
import { VAULT_PERMISSION } from '../azure/vault-answers.ts';
import { from, type SourceDescription } from '../description.ts';

export const certificatesDescription: SourceDescription = {
  id: 'certificates',
  title: 'Certificates and private keys',
  intro:
    '`macadam scan --certificates boundaries.yaml` reads certificates and private keys where they stand, and says which one stands in two security boundaries.',
  saving: [],
  endpoints: [
    ...CERTIFICATE_OPERATIONS,
    {
      path: 'ec2/describe-regions',
      permission: 'ec2:DescribeRegions',
      gives: 'in which regions an account may have certificates',
    },
    { path: '/certificates', permission: VAULT_PERMISSION, gives: 'certificates of a vault, each version' },
    { path: '/keys', permission: VAULT_PERMISSION, gives: 'public parts of the keys of a vault' },
    {
      path: '/secrets',
      permission: 'list secrets',
      gives:
        'TLS secrets of a cluster, or of one namespace; the right shows their keys too, since Kubernetes has none for certificates alone: they are let go of unread',
    },
  ],
  kinds: {
    credential: {
      store: from([], 'the file of boundaries'),
      credential_id: from([], 'SHA-256 of a certificate, `key-` and SHA-256 of the public part of a key'),
      type: from([], '`certificate` or `private_key`'),
      environment: 'a boundary may be of several: state it',
      owners: 'a certificate does not say whose it is: state it in the organisation (`org.yaml`)',
      thumbprint: from([], 'SHA-256 of the certificate as it stands on the wire'),
      state: from([], 'whether its time has ended; `revoked` where Certificate Manager says so'),
      issued_at: from([], 'the beginning of its time; of a key nothing says it'),
      expires_at: from([], 'the end of its time; absent for a key'),
      boundary: from([], 'the first boundary of the file in which it stands'),
      registrations: from([], 'every place in which it stands; whole where all of them could be read'),
      found_in: from([], 'the same'),
      uses: 'sign-in logs have to be read',
    },
  },
  limits: [],
};

/** SSH keys that open one repository (deploy keys): who holds one is no person's sign-in, and it has no end. */
import { assetId, type Observation } from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { Connector } from '../../connector/connector.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import { type Listed, listedIn, listingOf } from './listing.ts';

const FORMAT = 'deploy-key';
const keySchema = z.object({
  id: z.int().positive(),
  title: z.string(),
  created_at: z.iso.datetime({ offset: true }),
  enabled: z.boolean().optional(),
});

interface DeployKeysInput {
  readonly connector: Connector;
  /** Name of the host, as the repository's own asset has it. */
  readonly host: string;
  readonly id: number;
  readonly fullName: string;
  /** RFC 3339. */
  readonly at: string;
}

/**
 * All keys of a repository. Where the list cannot be read, nothing is known of what it has. A credential is contained in nothing, so
 * the keys of a repository that is gone get old and become unknown.
 */
export async function readDeployKeys(input: DeployKeysInput): Promise<Listed> {
  const { connector, host, id, fullName } = input;
  const container = assetId('repository', [host, String(id)]);
  const { items, gap } = await listingOf({
    connector,
    path: `/repos/${fullName}/keys`,
    schema: keySchema,
    what: 'its deploy keys',
    permission: PERMISSIONS.administrationRead,
  });
  return listedIn(
    { kind: 'credential', container, containerName: fullName, format: FORMAT },
    items.map((key) => keyOf(input, container, key)),
    gap,
  );
}

function keyOf(
  { host, fullName, at }: DeployKeysInput,
  container: string,
  { id, title, created_at: created, enabled }: z.infer<typeof keySchema>,
): Observation {
  const key = `deploy-key/${id}`;
  return {
    kind: 'credential',
    id: assetId('credential', [host, key]),
    name: title === '' ? `${fullName} ${key}` : title,
    source: 'github',
    observedAt: at,
    receivedAt: at,
    assurance: 'configured',
    container,
    format: FORMAT,
    attributes: {
      store: { value: host },
      credential_id: { value: key },
      type: { value: 'ssh_key' },
      thumbprint: { absent: true },
      // An owner of the organisation can switch all of them off; an older server does not say.
      state: { value: enabled === false ? 'revoked' : 'active' },
      issued_at: { value: new Date(created).toISOString() },
      expires_at: { absent: true },
      registrations: { value: [{ id: container, boundary: fullName }], complete: true },
    },
  };
}

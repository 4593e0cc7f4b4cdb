/** A folder of answers that somebody saved from a directory, as observations by line: so it goes wherever a file of observations goes. */
import { academyDescription } from '@macadam/adapters/imports/directories/academy/description';
import { readAcademy } from '@macadam/adapters/imports/directories/academy/read';
import { readAwsConfig } from '@macadam/adapters/imports/directories/aws/config';
import { awsDescription } from '@macadam/adapters/imports/directories/aws/description';
import { readAws } from '@macadam/adapters/imports/directories/aws/read';
import { readSteampipe } from '@macadam/adapters/imports/directories/aws/steampipe';
import { azureDescription } from '@macadam/adapters/imports/directories/azure/description';
import { readAzure } from '@macadam/adapters/imports/directories/azure/read';
import { cmdbDescription } from '@macadam/adapters/imports/directories/cmdb/description';
import { readCmdb } from '@macadam/adapters/imports/directories/cmdb/read';
import { deploymentsDescription } from '@macadam/adapters/imports/directories/deployments/description';
import { readDeployments } from '@macadam/adapters/imports/directories/deployments/read';
import type { SourceDescription } from '@macadam/adapters/imports/directories/description';
import { detectionsDescription } from '@macadam/adapters/imports/directories/detections/description';
import { readDetections } from '@macadam/adapters/imports/directories/detections/read';
import { entraDescription } from '@macadam/adapters/imports/directories/entra/description';
import { readEntra } from '@macadam/adapters/imports/directories/entra/read';
import type { ExportRead, ExportRequest } from '@macadam/adapters/imports/directories/export';
import { githubDescription } from '@macadam/adapters/imports/directories/github/description';
import { gitlabDescription } from '@macadam/adapters/imports/directories/gitlab/description';
import { readGitlab } from '@macadam/adapters/imports/directories/gitlab/read';
import { googleDescription } from '@macadam/adapters/imports/directories/google/description';
import { readGoogle } from '@macadam/adapters/imports/directories/google/read';
import { hrDescription } from '@macadam/adapters/imports/directories/hr/description';
import { readHr } from '@macadam/adapters/imports/directories/hr/read';
import { keycloakDescription } from '@macadam/adapters/imports/directories/keycloak/description';
import { readKeycloak } from '@macadam/adapters/imports/directories/keycloak/read';
import { kubernetesDescription } from '@macadam/adapters/imports/directories/kubernetes/description';
import { readKubernetes } from '@macadam/adapters/imports/directories/kubernetes/read';
import { ldapDescription } from '@macadam/adapters/imports/directories/ldap/description';
import { logStoreDescription } from '@macadam/adapters/imports/directories/log-store/description';
import { readLogStore } from '@macadam/adapters/imports/directories/log-store/read';
import { oktaDescription } from '@macadam/adapters/imports/directories/okta/description';
import { readOkta } from '@macadam/adapters/imports/directories/okta/read';
import { osqueryDescription } from '@macadam/adapters/imports/directories/osquery/description';
import { readOsquery } from '@macadam/adapters/imports/directories/osquery/read';
import { prioritiesDescription } from '@macadam/adapters/imports/directories/priorities/description';
import { readPriorities } from '@macadam/adapters/imports/directories/priorities/read';
import { tokenClientsDescription } from '@macadam/adapters/imports/directories/token-clients/description';
import { readTokenClients } from '@macadam/adapters/imports/directories/token-clients/read';
import type { Batch } from '@macadam/adapters/imports/findings/batch';

/** Exports by the id of their source. */
const READERS: Readonly<Record<string, (request: ExportRequest) => ExportRead>> = {
  entra: readEntra,
  okta: readOkta,
  google: readGoogle,
  gitlab: readGitlab,
  aws: readAws,
  // Flows say nothing without the interfaces and rules that they went by: they are read beside those.
  'vpc-flow-logs': readAws,
  'aws-config': readAwsConfig,
  steampipe: readSteampipe,
  azure: readAzure,
  hr: readHr,
  academy: readAcademy,
  deployments: readDeployments,
  priorities: readPriorities,
  cmdb: readCmdb,
  keycloak: readKeycloak,
  kubernetes: readKubernetes,
  detections: readDetections,
  'log-store': readLogStore,
  osquery: readOsquery,
  'token-clients': readTokenClients,
};

/** What each of them delivers, and two sources that are asked alone, for the pages of the documents. */
export const EXPORT_DESCRIPTIONS: readonly SourceDescription[] = [
  entraDescription,
  oktaDescription,
  googleDescription,
  gitlabDescription,
  awsDescription,
  azureDescription,
  hrDescription,
  academyDescription,
  deploymentsDescription,
  prioritiesDescription,
  cmdbDescription,
  keycloakDescription,
  kubernetesDescription,
  detectionsDescription,
  logStoreDescription,
  osqueryDescription,
  tokenClientsDescription,
  ldapDescription,
  githubDescription,
];

export const EXPORT_FORMATS: readonly string[] = Object.keys(READERS);

/** Throws a RangeError for a format that is not among `EXPORT_FORMATS`. */
export function readExport(format: string, request: ExportRequest): ExportRead {
  const read = Object.hasOwn(READERS, format) ? READERS[format] : undefined;
  if (read === undefined) throw new RangeError(`there is no reader of \`${format}\` exports`);
  return read(request);
}

/** The lines of a batch, each with its end. */
export function* linesOf({ collection, observations }: Batch): Generator<string> {
  yield `${JSON.stringify({ collection })}\n`;
  for (const observation of observations) yield `${JSON.stringify(observation)}\n`;
}

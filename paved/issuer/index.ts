export { createIssuer, type Issuer, type IssuerOptions, type Resource } from './issuer.ts';
export {
  brokenEntry,
  fileIssuanceLog,
  type IssuanceCount,
  type IssuanceLog,
  type IssuedReport,
  type IssuedToken,
  type LogEntry,
  type LogEvent,
} from './log.ts';
export type { OidcModule, OidcProvider } from './provider.ts';
export { IssuerConfigurationError } from './settings.ts';
export { developmentSigner, type Signer, type SigningAlgorithm, type SigningKey } from './signer.ts';
export {
  type Attested,
  createWorkloadIssuer,
  type RefusedWorkload,
  type Workload,
  type WorkloadIssuer,
  type WorkloadIssuerOptions,
  type WorkloadToken,
} from './workload.ts';

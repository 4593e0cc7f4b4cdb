export type { AcceptedReport } from './accepted.ts';
export { type AdoptionReport, LIBRARY, toOcsf, toOpenTelemetry } from './adoption.ts';
export type { Algorithm, SharedSecretAlgorithm } from './algorithms.ts';
export type { Binding, Presented } from './binding.ts';
export type { Claims } from './claims.ts';
export {
  authenticate,
  claimsOf,
  fastifyToken,
  type GuardOptions,
  type HttpRefusal,
  type HttpRequest,
  type HttpResponse,
  httpRefusal,
  requireToken,
  tokenOf,
} from './http.ts';
export { createIntrospector, type IntrospectionOptions } from './introspection.ts';
export { verifyJws } from './jws.ts';
export { type ImportedKey, importKey, type Jwk, jwkThumbprint, type VerificationKey } from './key.ts';
export { fixedKeys, type KeySource, type PublishedKeysOptions, publishedKeys } from './key-set.ts';
export { ConfigurationError, type Reason, type RefusedToken } from './refusal.ts';
export { type ReplayStore, replayMemory } from './replay.ts';
export {
  type AcceptedToken,
  createValidator,
  type TokenValidator,
  type ValidatorOptions,
} from './validator.ts';

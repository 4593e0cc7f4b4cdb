/**
 * Sigstore's packages, in one module of ours that is loaded when a bundle has to be verified. They are CommonJS: where the command line is one bundle, an `import()` of
 * them gives their default export alone, and only an `import` finds their names.
 */
export { bundleFromJSON } from '@sigstore/bundle';
export { TrustedRoot } from '@sigstore/protobuf-specs';
export { toSignedEntity, toTrustMaterial, VerificationError, Verifier } from '@sigstore/verify';

/** What is used of Sigstore's packages, and no more: their own types are those of every message of its protocol. */
declare module '@sigstore/bundle' {
  /** Throws where it is no bundle of a version that is known. */
  export function bundleFromJSON(json: unknown): SigstoreBundle;
  export interface SigstoreBundle {
    readonly verificationMaterial: {
      readonly tlogEntries: readonly {
        readonly integratedTime: string;
        readonly inclusionPromise?: unknown;
      }[];
    };
  }
}

declare module '@sigstore/protobuf-specs' {
  export const TrustedRoot: {
    readonly fromJSON: (json: unknown) => { readonly certificateAuthorities: readonly unknown[] };
  };
}

declare module '@sigstore/verify' {
  export interface VerifiedSigner {
    readonly identity?: {
      readonly extensions?: { readonly issuer?: string };
      readonly oids?: readonly {
        readonly oid?: { readonly id: readonly number[] };
        readonly value: Buffer;
      }[];
    };
  }
  export class VerificationError extends Error {
    readonly code: string;
  }
  export function toTrustMaterial(root: unknown): object;
  export function toSignedEntity(bundle: unknown): object;
  export class Verifier {
    constructor(
      trust: object,
      options: {
        readonly ctlogThreshold: number;
        readonly tlogThreshold: number;
        readonly timestampThreshold: number;
      },
    );
    /** Throws VerificationError. */
    verify(entity: object): VerifiedSigner;
  }
}

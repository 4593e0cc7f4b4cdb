/** What is used of oidc-provider, which comes without types. It is given, not imported, so that one process has one of it. */
import type { KeyObject } from 'node:crypto';
import type { RequestListener } from 'node:http';

/** A request as a middleware sees it. */
export interface ProviderContext {
  readonly path: string;
  readonly method: string;
  status: number;
  body: unknown;
  readonly set: (name: string, value: string) => void;
}

type Middleware = (context: ProviderContext, next: () => Promise<unknown>) => Promise<unknown>;

/** A class of tokens; the method that makes its text is the one that signs. */
export interface TokenModel {
  readonly prototype: Record<string, (...values: unknown[]) => Promise<unknown>>;
}

export interface OidcProvider {
  readonly callback: () => RequestListener;
  readonly use: (middleware: Middleware) => unknown;
  readonly on: (event: string, listener: (...values: unknown[]) => void) => unknown;
  readonly AccessToken: TokenModel;
  readonly ClientCredentials: TokenModel;
  readonly IdToken: TokenModel;
}

/** `await import('oidc-provider')`, 9.13. */
export interface OidcModule {
  readonly Provider: new (issuer: string, configuration: object) => OidcProvider;
  readonly ExternalSigningKey: { readonly prototype: object };
  readonly errors: { readonly InvalidTarget: new (description?: string) => Error };
}

/** A key that signs elsewhere, as oidc-provider asks for it. */
export interface ExternalKey {
  readonly kid: string;
  readonly alg: string;
  readonly keyObject: () => KeyObject;
  readonly sign: (data: Buffer) => Promise<Buffer>;
}

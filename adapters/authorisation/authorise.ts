/** May a caller do it? Cedar decides, by the policies in `policies/`; this puts the question and says which rule answered. */
import type { Caller } from './caller.ts';

/** What an action is done to. Only what the policies ask about; the rest of a record is none of their business. */
export interface Resource {
  /** Empty for a list, or for what does not exist yet. */
  readonly id: string;
  /** Whose record it is; empty: of the whole company, or of no division. */
  readonly division: string;
  /** The team that answers for it. */
  readonly team?: string;
  /** The standard that it is about. */
  readonly standard?: string;
  /** Who asked for it, wrote it, or whom it is about: segregation of duties and one's own things rest on this. */
  readonly person?: string;
}

export interface Authorisation {
  readonly allowed: boolean;
  /** Ids of the policies that decided; empty when nothing permits it. */
  readonly policies: readonly string[];
  /** For people: which rule, and what would be needed. */
  readonly reason: string;
}

export type Authorise = (caller: Caller, action: string, resource: Resource) => Authorisation;

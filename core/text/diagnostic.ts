/** What is wrong in something that a person wrote, before it is known in which file that stands (`document.ts` says where). */
export interface Diagnostic {
  /** Where in the document: names of fields, and places in lists. Empty for the document as a whole. */
  readonly path: readonly (string | number)[];
  /** What is wrong, and what to write instead: lower case, no final period. */
  readonly reason: string;
}

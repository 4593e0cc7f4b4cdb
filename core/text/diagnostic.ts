// What is wrong with what somebody gave us, in three forms by what is known of its place: in data, in a file, or in a request.

/** What is wrong in something that a person wrote, before it is known in which file that stands (`document.ts` says where). */
export interface Diagnostic {
  /** Where in the document: names of fields, and places in lists. Empty for the document as a whole. */
  readonly path: readonly (string | number)[];
  /** What is wrong, and what to write instead: lower case, no final period. */
  readonly reason: string;
}

/** A mistake in a file that a person wrote. `line` and `column` count from 1; what was typed as an option is in no file: `''`. */
export interface FileDiagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Dotted path of the field, empty for the document itself. */
  readonly field: string;
  readonly reason: string;
}

/** One mistake as one line of text. */
export function describeFileDiagnostic(mistake: FileDiagnostic): string {
  const field = mistake.field === '' ? '' : `\`${mistake.field}\`: `;
  const place = mistake.file === '' ? '' : `${mistake.file}:${mistake.line}:${mistake.column}: `;
  return `${place}${field}${mistake.reason}`;
}

/** Why something that a person asked for is not done: what an API, a command line and a screen show alike. */
export interface RequestDiagnostic {
  /** Dotted path of what was given wrong; empty when it is the request itself. */
  readonly field: string;
  /** What is wrong: lower case, no final period. */
  readonly reason: string;
  /** What to do about it, in the same form. */
  readonly fix: string;
}

/** A refusal as one line of text. */
export function describeRequestDiagnostic({ field, reason, fix }: RequestDiagnostic): string {
  return `${field === '' ? '' : `\`${field}\`: `}${reason}; ${fix}`;
}

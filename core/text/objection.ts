/** Why something that a person asked for is not done: what an API, a command line and a screen show alike. */
export interface Objection {
  /** Dotted path of what was given wrong; empty when it is the request itself. */
  readonly field: string;
  /** What is wrong: lower case, no final period. */
  readonly reason: string;
  /** What to do about it, in the same form. */
  readonly fix: string;
}

/** A refusal as one line of text. */
export function describeObjection({ field, reason, fix }: Objection): string {
  return `${field === '' ? '' : `\`${field}\`: `}${reason}; ${fix}`;
}

/** A format in which a directory says how a company is organised. */

import type { OrgSnapshot } from '@macadam/core/org/snapshot';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';

export type OrgReading =
  | { readonly snapshot: OrgSnapshot }
  /** All that is wrong, each with its line; then nothing is taken. */
  | { readonly mistakes: readonly FileDiagnostic[] };

/** Reads the text of a file; `file` is what mistakes call it. */
export type OrgFormat = (text: string, file: string) => OrgReading;

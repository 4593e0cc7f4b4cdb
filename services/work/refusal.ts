/** What the rules of core refuse, as the store's own error: so it is logged as refused, with what was wanted. */

import {
  type DecisionEntry,
  DecisionsError,
  type DecisionTransaction,
} from '@macadam/adapters/decisions/port';
import { describeRequestDiagnostic, type RequestDiagnostic } from '@macadam/core/text/diagnostic';

/** Throws `DecisionsError` `refused`. */
export function refuse(
  tx: DecisionTransaction,
  entry: DecisionEntry,
  objections: readonly RequestDiagnostic[],
): never {
  tx.audit(entry);
  const [first] = objections;
  throw new DecisionsError('refused', objections.map(describeRequestDiagnostic).join('; '), {
    field: first?.field ?? '',
    fix: first?.fix ?? '',
    objections,
  });
}

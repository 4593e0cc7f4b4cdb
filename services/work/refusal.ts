/** What the rules of core refuse, as the store's own error: so it is logged as refused, with what was wanted. */

import {
  type DecisionEntry,
  DecisionsError,
  type DecisionTransaction,
} from '@macadam/adapters/decisions/port';
import { describeObjection, type Objection } from '@macadam/core/text/objection';

/** Throws `DecisionsError` `refused`. */
export function refuse(
  tx: DecisionTransaction,
  entry: DecisionEntry,
  objections: readonly Objection[],
): never {
  tx.audit(entry);
  const [first] = objections;
  throw new DecisionsError('refused', objections.map(describeObjection).join('; '), {
    field: first?.field ?? '',
    fix: first?.fix ?? '',
    objections,
  });
}

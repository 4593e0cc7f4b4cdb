/** What the rules of core refuse, as the store's own error: so it is logged as refused, with what was wanted. */
import { describeObjection, type Objection } from '@macadam/core/objection';
import { type DecisionEntry, DecisionsError, type DecisionTransaction } from '../decisions/port.ts';

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

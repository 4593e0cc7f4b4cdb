import { DecisionsError } from '../port.ts';

/** What was asked for; where there is none, or none that the principal may see, says so. */
export function found<T>(record: T | undefined, what: string): T {
  if (record === undefined) throw new DecisionsError('missing', `there is no ${what}`);
  return record;
}

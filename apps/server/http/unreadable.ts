/**
 * What no record can keep as it was sent: PostgreSQL stores no NUL, UTF-8 has no half of a surrogate pair (a driver would write another
 * character in its place), and what is nested beyond reason ends a stack.
 */
import { Readable } from 'node:stream';
import { visible } from '@macadam/adapters/report-formats/text';
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';

const DEEPEST = 100;
const MOST = 20;

/** Each text and name within `given`, by its path from `where`; at most 20, since one is enough to refuse. */
export function unreadable(where: string, given: unknown): readonly RequestDiagnostic[] {
  const found: RequestDiagnostic[] = [];
  const path: string[] = [where];
  const say = (reason: string, fix: string) =>
    found.push({ field: path.filter((part) => part !== '').join('.'), reason, fix });
  const look = (value: unknown): void => {
    if (found.length >= MOST) return;
    if (typeof value === 'string') {
      if (value.includes('\0')) say('it holds a NUL character', 'leave that out');
      else if (!value.isWellFormed()) say('it holds half a character', 'send whole Unicode characters');
      return;
    }
    if (typeof value !== 'object' || value === null || value instanceof Readable) return;
    if (path.length > DEEPEST) {
      say(`it is nested more than ${DEEPEST} deep`, 'send it flatter');
      return;
    }
    for (const [name, one] of Object.entries(value)) {
      path.push(visible(name).slice(0, 100));
      look(name);
      look(one);
      path.pop();
    }
  };
  look(given);
  return found;
}

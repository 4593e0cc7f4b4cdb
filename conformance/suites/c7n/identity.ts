/** Which of two records speak of one thing: by the texts under their keys that name or number something. */
import type { Json } from './answers.ts';
import { alike, stemsOf } from './words.ts';

const NAMING = /(^|[a-z])(id|identifier|arn|name|uuid|url)$/i;

/** Key, as one word, to its text. */
export function namesOf(record: Json): ReadonlyMap<string, string> {
  const found = Object.entries(record).filter(
    (entry): entry is [string, string] =>
      NAMING.test(entry[0]) && typeof entry[1] === 'string' && entry[1] !== '',
  );
  return new Map(found.map(([key, value]) => [key.toLowerCase(), value]));
}

/** One key says the same in both, and none says different things. */
export function isSame(a: Json, b: Json): boolean {
  const names = namesOf(b);
  const common = [...namesOf(a)].filter(([key]) => names.has(key));
  return common.length > 0 && common.every(([key, value]) => names.get(key) === value);
}

/** The text that tells one thing from others of its noun: its ARN, or its own number. Names may repeat. */
export function identityOf(record: Json, noun: readonly string[]): string | undefined {
  for (const [key, value] of Object.entries(record)) {
    if (typeof value !== 'string') continue;
    const words = stemsOf(key);
    const last = words.pop() ?? '';
    // A version has the number of its template too: its own ends with its last word.
    const isOwn = words.length === 0 || alike(words.at(-1) ?? '', noun.at(-1) ?? '');
    if (isOwn && ['arn', 'id', 'uuid'].includes(last)) return value;
  }
  return undefined;
}

/** Whether an ARN, a number or a name is that of the record: itself, or an ARN that ends with it. Longer is surer. */
export function fit(record: Json, target: string): number {
  let best = 0;
  for (const value of namesOf(record).values()) {
    const tail = target.endsWith(value) && /[:/]$/.test(target.slice(0, -value.length) || ':');
    const path = value.startsWith('/') && target.endsWith(value);
    const isSame = value === target || value.endsWith(`/${target}`);
    if (isSame || ((tail || path) && target.startsWith('arn:'))) best = Math.max(best, value.length);
  }
  return best;
}

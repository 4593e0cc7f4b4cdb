/** What a schema finds wrong with something that was given, in words of our own: why, and what to give in its place. */
import type { z } from 'zod';
import type { RequestDiagnostic } from './diagnostic.ts';

type Issue = z.core.$ZodIssue;
type Words = Omit<RequestDiagnostic, 'field'>;

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const FORMATS: Readonly<Record<string, Words>> = {
  date: { reason: 'it is not a date', fix: 'give it as 2027-03-01' },
  datetime: { reason: 'it is not a time', fix: 'give it as 2027-03-01T12:00:00Z (RFC 3339)' },
  url: { reason: 'it is not an address', fix: 'give it as https://host.example/path' },
  email: { reason: 'it is not an e-mail address', fix: 'give it as name@host.example' },
};

/** Of what zod says by itself; anything else is a sentence of the schema's own: `reason; fix`. */
const ZODS = /^(Invalid|Too (small|big)|Unrecognized)/;

const saysItself = ({ message }: Issue): boolean => !ZODS.test(message);

/** In a file: the schema's own sentence, or what is wrong and what to write. */
export function written(issue: Issue): string {
  if (saysItself(issue)) return issue.message;
  const [key] = issue.code === 'invalid_key' ? issue.issues : [];
  if (key !== undefined) return `it is not a name that can stand here; write ${written(key as Issue)}`;
  const { reason, fix } = unfit(issue);
  return `${reason}; ${fix.replace(/^give /, 'write ')}`;
}

export function unfit(issue: Issue): Words {
  if (saysItself(issue)) {
    const [reason = '', ...fix] = issue.message.split('; ');
    return { reason, fix: fix.join('; ') || 'change it so' };
  }
  switch (issue.code) {
    case 'unrecognized_keys': {
      const names = issue.keys.map((key) => `\`${key}\``).join(', ');
      return {
        reason: `${names} ${issue.keys.length === 1 ? 'is' : 'are'} not known here`,
        fix: `leave out ${names}`,
      };
    }
    case 'invalid_value': {
      const values = issue.values.map(String).join(', ');
      const one = issue.values.length === 1;
      return {
        reason: one ? `it is not ${values}` : 'it is none of what it can be',
        fix: `give ${one ? '' : 'one of '}${values}`,
      };
    }
    case 'invalid_type': {
      const type = TYPES[issue.expected] ?? `a ${issue.expected}`;
      // Whoever coerces makes something of nothing, and zod then says what.
      const missing = /received undefined$/.test(issue.message);
      return { reason: missing ? 'it is missing' : `it is not ${type}`, fix: `give ${type}` };
    }
    case 'too_small':
      return bound(issue, 'fewer', issue.minimum);
    case 'too_big':
      return bound(issue, 'more', issue.maximum);
    case 'invalid_format':
      return (
        FORMATS[issue.format] ?? {
          reason: 'it has another form',
          fix: issue.pattern === undefined ? `give ${issue.format}` : `give what matches ${issue.pattern}`,
        }
      );
    case 'invalid_union':
      return { reason: 'it has none of the forms that it can have', fix: unionFix(issue) };
    case 'not_multiple_of':
      return {
        reason: `it is not a multiple of ${issue.divisor}`,
        fix: `give a multiple of ${issue.divisor}`,
      };
    default:
      return { reason: 'it is not what it can be', fix: 'give it in the form that its description states' };
  }
}

const COUNTED: Readonly<Record<string, readonly [string, string]>> = {
  string: ['character', 'characters'],
  array: ['item', 'items'],
  set: ['item', 'items'],
  map: ['entry', 'entries'],
};

function bound(
  { origin, inclusive = true }: { readonly origin: string; readonly inclusive?: boolean },
  side: 'fewer' | 'more',
  limit: number | bigint,
): Words {
  const names = COUNTED[origin];
  const amount = names ? `${limit} ${limit === 1 ? names[0] : names[1]}` : `${limit}`;
  const edge = side === 'fewer' ? 'least' : 'most';
  if (!inclusive) {
    const wanted = side === 'fewer' ? 'more' : 'less';
    return { reason: `it has to be ${wanted} than ${amount}`, fix: `give ${wanted} than ${amount}` };
  }
  const words = names ? `has ${side}` : `is ${side === 'fewer' ? 'less' : 'more'}`;
  return { reason: `it ${words} than ${amount}`, fix: `give at ${edge} ${amount}` };
}

/** What each form lacks, where only one thing is wrong with it; of forms that a word tells apart, which words there are. */
function unionFix({ errors, message }: Extract<Issue, { code: 'invalid_union' }>): string {
  const words = /Expected (.+)$/.exec(message)?.[1];
  if (words !== undefined) return `give one of ${words.replaceAll("'", '').replaceAll(' | ', ', ')}`;
  const fixes = new Set(
    errors.flatMap(([only, ...more]) => (only && more.length === 0 ? [unfit(only).fix] : [])),
  );
  return fixes.size > 0
    ? [...fixes].join(', or ')
    : 'give it in one of the forms that its description states';
}

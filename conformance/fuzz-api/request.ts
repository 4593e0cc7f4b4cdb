/** Requests made of the server's own description: right ones, and ones that are wrong in every part that a request has. */
import { type Chance, good, happens, NASTY, oneOf, type Schema, spoilt } from './value.ts';

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'method' | 'path'>>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Asked {
  readonly method: string;
  /** Path and query as they are sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

export const operationsOf = ({ paths }: Description): readonly Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, rest]) => ({ ...rest, method: method.toUpperCase(), path })),
  );

/** What `#/components/schemas/Problem` names; `responses` may be named too. */
export function resolved(description: Description, ref: string): Schema {
  const [, , group = '', name = ''] = ref.split('/');
  return (description.components[group]?.[name] ?? {}) as Schema;
}

/** `who` is a caller's token; empty: nobody. */
export function requestFor(
  description: Description,
  operation: Operation,
  who: string,
  chance: Chance,
): Asked {
  const resolve = (ref: string) => resolved(description, ref);
  // Half of all requests are right in every part: what they get must be as described, too.
  const wrong = happens(chance, 0.5);
  const spoil = (value: unknown) => (wrong && happens(chance, 0.3) ? spoilt(value, chance) : value);
  const headers: Record<string, string> = who === '' ? {} : { authorization: `Bearer ${who}` };
  const query: string[] = [];
  let path = operation.path;
  for (const { name, in: where, required, schema } of operation.parameters) {
    const value = textOf(spoil(good(schema, chance, resolve)));
    if (where === 'path') path = path.replace(`{${name}}`, encoded(value) || 'x');
    else if (!required && !happens(chance, 0.35)) continue;
    else if (where === 'query') query.push(`${encoded(name)}=${encoded(value)}`);
    else headers[name.toLowerCase()] = headerFor(name, chance, wrong);
  }
  if (wrong && happens(chance, 0.1))
    query.push(`${encoded(oneOf(chance, NASTY))}=${encoded(oneOf(chance, NASTY))}`);
  if (wrong && happens(chance, 0.05)) query.push(...query);
  if (wrong && happens(chance, 0.05))
    headers.accept = oneOf(chance, ['text/csv', 'text/html', 'nonsense', '*/*']);
  const method = wrong && happens(chance, 0.05) ? oneOf(chance, METHODS) : operation.method;
  const { body, type } = bodyFor(operation, chance, resolve, wrong);
  if (type !== null) headers['content-type'] = type;
  const search = query.length > 0 ? `?${query.join('&')}` : '';
  const odd =
    wrong && happens(chance, 0.03) ? oneOf(chance, ['%', '/%zz', '//', '/..', '?%', '%00', ';a=b']) : '';
  return { method, url: `${path}${odd}${search}`, headers, body: method === 'GET' ? null : body };
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
const TYPES = [
  'text/plain',
  'application/xml',
  'application/json; charset=latin1',
  'multipart/form-data',
  'nonsense',
  '',
];

function bodyFor(
  { requestBody, method }: Operation,
  chance: Chance,
  resolve: (ref: string) => Schema,
  wrong: boolean,
): { readonly body: Buffer | null; readonly type: string | null } {
  const [content] = Object.entries(requestBody?.content ?? {});
  if (!content) {
    const extra = wrong && method !== 'GET' && happens(chance, 0.2);
    return extra ? { body: Buffer.from('{"a":1}'), type: 'application/json' } : { body: null, type: null };
  }
  const [media, { schema = {} }] = content;
  let value = good(schema, chance, resolve);
  if (wrong && happens(chance, 0.7)) value = spoilt(value, chance);
  let text = media.includes('urlencoded') ? form(value) : (JSON.stringify(value) ?? 'null');
  let type = media;
  if (wrong && happens(chance, 0.08)) type = oneOf(chance, TYPES);
  if (wrong && happens(chance, 0.08))
    text = oneOf(chance, ['', '{', `${text}x`, text.slice(0, -1), `\ufeff${text}`, 'null', '[', '"\\ud800"']);
  if (wrong && happens(chance, 0.01)) text = JSON.stringify({ a: 'x'.repeat(5 * 2 ** 20) });
  if (wrong && happens(chance, 0.03)) return { body: Buffer.from([0xff, 0xfe, 0x80, 0x7b]), type };
  return { body: Buffer.from(text), type: type === '' ? null : type };
}

const form = (value: unknown) =>
  new URLSearchParams(
    Object.entries((value ?? {}) as object).map(([name, one]): [string, string] => [name, textOf(one)]),
  ).toString();

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '').slice(0, 4000);

/** Half a surrogate has no encoding. */
const encoded = (text: string) => encodeURIComponent(text.toWellFormed());

function headerFor(name: string, chance: Chance, wrong: boolean): string {
  if (name === 'Idempotency-Key')
    return wrong
      ? oneOf(chance, ['', 'two words', 'x'.repeat(300), 'é'])
      : `k${Math.floor(chance.random() * 50)}`;
  return wrong
    ? oneOf(chance, ['*', 'W/"x"', '"', '""', '"-1"', '"99999999999999999999"', 'é', '"1", "2"'])
    : oneOf(chance, ['"1"', '"2"', '*']);
}

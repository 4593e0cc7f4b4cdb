/** Values for a JSON Schema, from a seed: good ones, and ones that are wrong in some way. */

export type Schema = Readonly<Record<string, unknown>>;

/** So many bits of a seed; the same seed gives the same numbers (mulberry32 by T. Ettinger, public domain). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Chance {
  readonly random: () => number;
  /** Of ids that answers showed. */
  readonly known: readonly string[];
}

export const oneOf = <T>({ random }: Pick<Chance, 'random'>, all: readonly T[]): T =>
  all[Math.floor(random() * all.length)] as T;
export const happens = ({ random }: Pick<Chance, 'random'>, share: number): boolean => random() < share;

/** What breaks careless programs. */
export const NASTY: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udfff',
  '\u202eabc',
  '😀',
  'ﬀ',
  'İ',
  '\u0301',
  '\ufeff',
  '\r\nset-cookie: a=b',
  "'",
  '"',
  "'; drop table person; --",
  '{}',
  '[]',
  'null',
  'true',
  '0',
  '-1',
  '1e999',
  'NaN',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '%00',
  '%',
  '%zz',
  '<script>',
  '$(1)',
  '{{1}}',
  '*',
  'a'.repeat(3000),
  '2026-02-30',
  '9999-99-99',
  '0000-01-01T00:00:00Z',
  '+999999-01-01T00:00:00Z',
  '2026-11-01T00:00:00+99:00',
  '99999999999999999999',
  '9007199254740993',
  '-0',
  '0x10',
  '1_000',
  'https://[',
  'javascript:alert(1)',
  'urn:',
];
const NUMBERS = [0, -1, 1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324, Number.MAX_SAFE_INTEGER];
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  'date-time': ['2026-11-01T00:00:00Z', '2027-01-01T00:00:00.123Z'],
  date: ['2026-12-01', '2027-03-01'],
  email: ['ann@example.org'],
  uri: ['https://example.org/a'],
  uuid: ['00000000-0000-4000-8000-000000000000'],
};

/** As the schema asks, as far as that can be told; `resolve` follows `$ref`. */
export function good(schema: Schema, chance: Chance, resolve: (ref: string) => Schema, depth = 0): unknown {
  const next = (one: unknown) => good(one as Schema, chance, resolve, depth + 1);
  if (typeof schema.$ref === 'string') return next(resolve(schema.$ref));
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return oneOf(chance, schema.enum);
  const variants = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(variants)) return next(oneOf(chance, variants));
  if (Array.isArray(schema.allOf)) return Object.assign({}, ...schema.allOf.map(next));
  const type = Array.isArray(schema.type) ? oneOf(chance, schema.type) : schema.type;
  if (type === 'string') return text(schema, chance);
  if (type === 'integer' || type === 'number') return number(schema, chance);
  if (type === 'boolean') return happens(chance, 0.5);
  if (type === 'null') return null;
  if (type === 'array') {
    const least = Number(schema.minItems ?? 0);
    const count = Math.max(least, depth > 4 ? 0 : Math.floor(chance.random() * 3));
    return Array.from({ length: count }, () => next(schema.items ?? {}));
  }
  if (type === 'object') return record(schema, chance, next);
  return oneOf(chance, [null, 1, 'text', true, [], {}]);
}

function record(schema: Schema, chance: Chance, next: (one: unknown) => unknown): object {
  const required = new Set((schema.required ?? []) as string[]);
  const found: Record<string, unknown> = {};
  for (const [name, own] of Object.entries((schema.properties ?? {}) as Record<string, Schema>))
    if (required.has(name) || happens(chance, 0.5)) found[name] = next(own);
  if (typeof schema.additionalProperties === 'object' && happens(chance, 0.5))
    found[oneOf(chance, ['a', 'key', ...chance.known])] = next(schema.additionalProperties);
  return found;
}

function text(schema: Schema, chance: Chance): string {
  const formats = FORMATS[String(schema.format)];
  if (formats) return oneOf(chance, formats);
  const least = Number(schema.minLength ?? 0);
  const most = Number(schema.maxLength ?? 40);
  const some = happens(chance, 0.6) && chance.known.length > 0 ? oneOf(chance, chance.known) : 'abc';
  return some.padEnd(least, 'x').slice(0, most);
}

function number(schema: Schema, chance: Chance): number {
  const least = Number(schema.minimum ?? 0);
  const most = Math.min(Number(schema.maximum ?? 100), least + 1000);
  const found = least + chance.random() * (most - least);
  return schema.type === 'integer' ? Math.floor(found) : found;
}

/** One thing in it is wrong, or odd. */
export function spoilt(value: unknown, chance: Chance): unknown {
  if (typeof value !== 'object' || value === null || happens(chance, 0.15)) return odd(chance);
  if (Array.isArray(value)) {
    if (value.length === 0 || happens(chance, 0.3))
      return [...value, odd(chance), ...(happens(chance, 0.1) ? new Array(5000).fill('x') : [])];
    const at = Math.floor(chance.random() * value.length);
    return value.map((one, index) => (index === at ? spoilt(one, chance) : one));
  }
  const names = Object.keys(value);
  const name = oneOf(chance, names);
  if (names.length === 0 || happens(chance, 0.2)) return { ...value, [oneOf(chance, NASTY)]: odd(chance) };
  if (happens(chance, 0.3)) return Object.fromEntries(Object.entries(value).filter(([own]) => own !== name));
  return { ...value, [name]: spoilt((value as Record<string, unknown>)[name], chance) };
}

function odd(chance: Chance): unknown {
  const kinds: readonly (() => unknown)[] = [
    () => oneOf(chance, NASTY),
    () => oneOf(chance, NUMBERS),
    () => oneOf(chance, [null, true, false, [], {}, [[]], { a: { b: {} } }]),
    () => nested(200),
  ];
  return oneOf(chance, kinds)();
}

const nested = (depth: number): unknown => Array.from({ length: depth }).reduce((inner) => [inner], 0);

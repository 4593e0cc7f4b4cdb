/** @bufbuild/cel over our values. */
import { type Data, Double, MapValue, Timestamp } from '@macadam/core/cel/runtime/value';

/** A bool, or the words with which it refuses. */
export type Evaluate = (text: string, bindings: Readonly<Record<string, Data>>) => boolean | string;

/** As much of its packages as is used: they are installed at their first use, so their types are not there. */
interface Cel {
  celEnv(options: { readonly funcs: readonly unknown[] }): unknown;
  parse(text: string): unknown;
  plan(env: unknown, parsed: unknown): (bindings: Readonly<Record<string, unknown>>) => unknown;
  isCelError(value: unknown): value is { readonly message: string };
}

interface Protobuf {
  create(schema: unknown, message: object): unknown;
}

const load = (name: string) => import(name);
const { celEnv, parse, plan, isCelError }: Cel = await load('@bufbuild/cel');
const { strings }: { strings: readonly unknown[] } = await load('@bufbuild/cel/ext');
const { create }: Protobuf = await load('@bufbuild/protobuf');
const { TimestampSchema } = await load('@bufbuild/protobuf/wkt');

const env = celEnv({ funcs: [...strings] });

export const evaluate: Evaluate = (text, bindings) => {
  const given = Object.fromEntries(Object.entries(bindings).map(([name, value]) => [name, inputOf(value)]));
  try {
    const result = plan(env, parse(text))(given);
    if (isCelError(result)) return result.message;
    return typeof result === 'boolean' ? result : `not a bool: ${String(result)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

function inputOf(value: Data): unknown {
  if (typeof value === 'number') return BigInt(value);
  if (value instanceof Double) return value.value;
  if (value instanceof Timestamp)
    return create(TimestampSchema, { seconds: BigInt(value.seconds), nanos: value.nanos });
  if (value instanceof MapValue)
    return new Map([...value.entries.values()].map(([key, each]) => [String(key), inputOf(each)]));
  if (Array.isArray(value)) return value.map(inputOf);
  if (value === null || ['string', 'boolean', 'bigint'].includes(typeof value)) return value;
  throw new Error('a value that this engine has not');
}

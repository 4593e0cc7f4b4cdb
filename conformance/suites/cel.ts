/**
 * The specification's conformance tests (@bufbuild/cel-spec): every case that touches no protobuf message is parsed,
 * checked (or not, where the case says so), generated and run, and has to give the value, or an error where one is asked for.
 */
import { check } from '@macadam/core/cel/check';
import { generate, NOTHING_AROUND } from '@macadam/core/cel/generate';
import { language } from '@macadam/core/cel/language';
import { parse } from '@macadam/core/cel/parse';
import { type Data, Double, Unknown } from '@macadam/core/cel/runtime/value';
import type { Library } from '@macadam/core/cel/signature';
import { DYN } from '@macadam/core/cel/type';
import type { Typed } from '@macadam/core/cel/typed';
import { unchecked } from '@macadam/testing/cel/unchecked';
import type { Suite } from '../suite.ts';
import { dataOf, type Expected, text } from './cel/data.ts';
import { type CheckedCase as Checked, environment, signatures } from './cel-checking.ts';

interface Group {
  readonly name: string;
  readonly suites?: readonly Group[];
  readonly tests?: readonly Judged[];
}

export interface Judged {
  readonly original: {
    readonly name: string;
    readonly expr: string;
    readonly container?: string;
    readonly disableCheck?: boolean;
    readonly checkOnly?: boolean;
    readonly typeEnv?: NonNullable<Checked['original']['typeEnv']>;
    readonly bindings?: Readonly<Record<string, { readonly value: Expected }>>;
    readonly value?: Expected;
    readonly evalError?: unknown;
    readonly typedResult?: { readonly result?: Expected };
  };
  /** cel-go's tree, in which a message that is built is a name before a brace. */
  readonly ast?: string;
}

export const suite: Suite = {
  name: 'cel',
  proves: "generated closures give the specification's value or error for every case without messages",
  vectors: [],
  needsInstall: true,
  async load() {
    return (await specification()).map(([id, test]) => ({ id, run: () => judge(test) }));
  },
};

/** Every case of the specification that touches no message, by a unique id. */
export async function specification(): Promise<readonly (readonly [id: string, test: Judged])[]> {
  const file = 'conformance';
  const { tests }: { tests: Group } = await import(`@bufbuild/cel-spec/testdata/${file}.js`);
  const seen = new Map<string, number>();
  return within(tests, '').flatMap(([path, test]) => {
    if (touchesMessage(test)) return [];
    const known = (seen.get(path) ?? 0) + 1;
    seen.set(path, known);
    return [[known === 1 ? path : `${path}#${known}`, test] as const];
  });
}

function within(group: Group, path: string): (readonly [string, Judged])[] {
  const own = (group.tests ?? []).map((test) => [`${path}${test.original.name}`, test] as const);
  return [...own, ...(group.suites ?? []).flatMap((inner) => within(inner, `${path}${inner.name}/`))];
}

/**
 * Macadam has no messages. A case is left out when it declares, binds, builds, names or expects one (or an enumeration
 * of one, or a wrapper, which is a message around a scalar; not a timestamp or duration); its container does not matter.
 */
function touchesMessage({ original, ast = '' }: Judged): boolean {
  const { container: _, name: __, ...rest } = original;
  const declared =
    /"(messageType":"(?!google\.protobuf\.(Timestamp|Duration)")|@type":"[^"]*(?<!Duration)"|enumValue"|wrapper")/;
  const built = /[\w)]\{/;
  const named = /TestAllTypes|GlobalEnum|NestedEnum|NullValue\.|proto\.(get|has)Ext/;
  const code = `${original.expr}\n${ast}`.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/gs, '""');
  return declared.test(JSON.stringify(rest)) || built.test(code) || named.test(code);
}

const LIBRARIES: readonly Library[] = ['standard', 'optional', 'strings', 'math', 'encoders'];

function judge({ original }: Judged): string | null {
  const { evalError, typedResult, checkOnly } = original;
  const tree = typed(original);
  const wanted = original.value ?? typedResult?.result;
  if (typeof tree === 'string') return evalError === undefined ? tree : null;
  if (checkOnly) return null;
  const bindings = Object.fromEntries(
    Object.entries(original.bindings ?? {}).map(([name, { value }]) => [name, dataOf(value)]),
  );
  const raw = generate(tree)(bindings, NOTHING_AROUND);
  const given: Data = tree.type.name === 'double' && typeof raw === 'number' ? new Double(raw) : raw;
  if (evalError !== undefined) return given instanceof Unknown ? null : `${text(given)} instead of an error`;
  const expected = text(wanted === undefined ? true : dataOf(wanted));
  return text(given) === expected ? null : `${text(given)} instead of ${expected}`;
}

export function typed(original: Judged['original']): Typed | string {
  const { expr, container = '', disableCheck, bindings = {} } = original;
  const parsed = parse(expr, { macros: 'all' });
  if ('mistake' in parsed) return parsed.mistake.reason;
  if (disableCheck) return unchecked(parsed.tree, new Set(Object.keys(bindings)), container);
  const rules = language('cel', LIBRARIES, signatures(original));
  const { typed: tree, mistakes } = check(parsed.tree, environment(original), DYN, {
    language: rules,
    container,
  });
  return tree ?? mistakes.map(({ reason }) => reason).join('; ');
}

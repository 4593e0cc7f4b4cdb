/**
 * CEL's own test data (@bufbuild/cel-spec: cel-go's tests of its checker, the specification's conformance tests), each
 * with the checked tree or the refusal that cel-go's checker gave. Ours is printed in the same form and compared as
 * text: every node's type, every call's overload ids. What touches a message is left out: Macadam has none.
 *
 * Where cel-go refused only for a syntax or an extension that was switched off in it, we must accept.
 */
import { type CheckOptions, check } from '@macadam/core/cel/check';
import { type Language, language } from '@macadam/core/cel/language';
import { parse } from '@macadam/core/cel/parse';
import type { Library, Signature } from '@macadam/core/cel/signature';
import { BOOL, DYN, INT, listOf, parameter, STRING, type Type, UINT } from '@macadam/core/cel/type';
import type { Case, Suite } from '../suite.ts';
import { checkedForm, plainForm } from './cel-checking/checked-form.ts';
import { type Declared, declaredType, readType } from './cel-checking/type-text.ts';

interface Material {
  readonly tests: Group;
}

interface Group {
  readonly name: string;
  readonly suites?: readonly Group[];
  readonly tests?: readonly Judged[];
}

interface Judged {
  readonly original: {
    readonly name?: string;
    readonly expr: string;
    readonly container?: string;
    readonly disableCheck?: boolean;
    readonly typeEnv?: readonly {
      readonly name: string;
      readonly ident?: { readonly type: Declared };
      readonly function?: {
        readonly overloads: readonly {
          readonly overloadId: string;
          readonly params?: readonly Declared[];
          readonly resultType: Declared;
          readonly isInstanceFunction?: boolean;
        }[];
      };
    }[];
  };
  readonly checkedAst?: string;
  readonly type?: string;
  readonly error?: string;
}

export const suite: Suite = {
  name: 'cel-checking',
  proves:
    "our checker gives cel-go's types and overloads for every expression of CEL's test data without messages",
  vectors: [],
  needsInstall: true,
  async load() {
    const cases: Case[] = [];
    const seen = new Map<string, number>();
    for (const file of ['checking', 'conformance']) {
      const { tests }: Material = await import(`@bufbuild/cel-spec/testdata/${file}.js`);
      for (const [path, test] of within(tests, file)) {
        if (MESSAGES.test(`${JSON.stringify(test.original)} ${test.checkedAst} ${test.type} ${test.error}`))
          continue;
        // The environment of cel-go's own refusals is not part of the data.
        if (
          file === 'checking' &&
          test.error !== undefined &&
          /undeclared|unsupported|, dyn\)/.test(test.error)
        )
          continue;
        const known = (seen.get(path) ?? 0) + 1;
        seen.set(path, known);
        cases.push({ id: known === 1 ? path : `${path}#${known}`, run: () => judge(test, file) });
      }
    }
    return cases;
  },
};

const MESSAGES =
  /google\.(?!protobuf\.(Timestamp|Duration)\b(?!\{))|TestAllTypes|proto[23]|wrapper\(|~any\b|Msg\{|\bpb[23]\b/;

function within(group: Group, path: string): (readonly [string, Judged])[] {
  const own = (group.tests ?? []).map((test) => {
    const name = test.original.name ?? test.original.expr.replaceAll(/\s+/g, ' ').trim();
    return [`${path}/${name.length > 80 ? `${name.slice(0, 80)}…` : name}`, test] as const;
  });
  return [...own, ...(group.suites ?? []).flatMap((inner) => within(inner, `${path}/${inner.name}`))];
}

const LIBRARIES: readonly Library[] = ['standard', 'optional', 'strings', 'math', 'encoders'];

const declared = (
  id: string,
  name: string,
  takes: readonly Type[],
  gives: Type,
  method = false,
): Signature => ({
  id,
  function: name,
  method,
  takes,
  gives,
  library: 'standard',
});
const SET: Type = { name: 'abstract', label: 'set', of: [parameter('T')] };
/** The functions that cel-go's own tests declare. */
const OF_CHECKING: readonly Signature[] = [
  declared('fg_s_0', 'fg_s', [], STRING),
  declared('fi_s_s_0', 'fi_s_s', [STRING], STRING, true),
  declared('myfun_static', 'myfun', [INT, BOOL, UINT], INT),
  declared('myfun_instance', 'myfun', [INT, BOOL, UINT], INT, true),
  declared('set_list', 'set', [listOf(parameter('T'))], SET),
  declared('base64_encode_string', 'base64.encode', [STRING], STRING),
];

const switchedOff = (error: string) =>
  /unsupported syntax|recursion limit|argument (must be a simple name|is not an identifier)/.test(error) ||
  /undeclared reference to '(exists|all|existsOne|transformList|transformMap)'/.test(error);

function judge({ original, checkedAst, type, error }: Judged, file: string): string | null {
  const parsed = parse(original.expr, { macros: 'all' });
  const refused = error !== undefined && !switchedOff(error);
  if ('mistake' in parsed) return refused ? null : `not parsed: ${parsed.mistake.reason}`;
  const own = signatures(original);
  const names = file === 'checking' ? inferred(checkedAst ?? '') : environment(original);
  const mixed = !/no matching overload for '_[<>]=?_' applied to '\((int|uint|double), /.test(error ?? '');
  const rules = celLanguage([...own, ...(file === 'checking' ? OF_CHECKING : [])], mixed);
  const containers = original.container === undefined ? guesses(checkedAst ?? '') : [original.container];
  const results = containers.map((container) => {
    const options: CheckOptions = { language: rules, container };
    return check(parsed.tree, names, DYN, options);
  });
  const { typed, mistakes } = results.find((result) => result.typed) ??
    results[0] ?? { typed: null, mistakes: [] };
  if (refused) return typed ? `cel-go refuses it: ${error.replaceAll(/\s+/g, ' ').slice(0, 120)}` : null;
  if (!typed) return mistakes.map(({ at, reason }) => `${at.line}:${at.column} ${reason}`).join('; ');
  if (checkedAst === undefined) return null;
  const ours = checkedForm(
    typed,
    new Set(rules.functions.values().flatMap((rows) => rows.filter((row) => row.method).map(({ id }) => id))),
  );
  const theirs = plainForm(checkedAst);
  if (ours === theirs) return null;
  const at = [...theirs].findIndex((letter, index) => letter !== ours[index]);
  return `type ${type}: …${ours.slice(Math.max(0, at - 40), at + 60)}…, cel-go …${theirs.slice(Math.max(0, at - 40), at + 60)}…`;
}

function celLanguage(more: readonly Signature[], mixed: boolean): Language {
  const full = language('cel', LIBRARIES, more);
  if (mixed) return full;
  const functions = full.functions
    .entries()
    .map(([name, rows]) => [name, /^_[<>]/.test(name) ? rows.filter((row) => !row.loose) : rows] as const);
  return { ...full, functions: new Map(functions) };
}

function environment({ typeEnv = [] }: Judged['original']): Record<string, Type> {
  const names: Record<string, Type> = {};
  for (const { name, ident } of typeEnv) {
    const type = ident && declaredType(ident.type);
    if (type) names[name] = type;
  }
  return names;
}

function signatures({ typeEnv = [] }: Judged['original']): readonly Signature[] {
  return typeEnv.flatMap(({ name, function: of }) =>
    (of?.overloads ?? []).map(({ overloadId, params = [], resultType, isInstanceFunction = false }) =>
      declared(
        overloadId,
        name,
        params.map((param) => declaredType(param) ?? DYN),
        declaredType(resultType) ?? DYN,
        isInstanceFunction,
      ),
    ),
  );
}

/** The names of a checked tree and their types: `x~int^x`. */
function inferred(checked: string): Record<string, Type> {
  const names: Record<string, Type> = {};
  const variables = new Set(
    [...checked.matchAll(/\/\/ (?:Variable|Accumulator)\s+([\w@#]+)/g)].map(([, name]) => name),
  );
  for (const [, name = '', text = ''] of checked.matchAll(
    /(?<![\w.@])([A-Za-z_][\w.]*)~([^^~]*)\^\1(?![\w@])/g,
  )) {
    const type = readType(text);
    if (type && type.name !== 'type' && !variables.has(name)) names[name] = type;
  }
  return names;
}

/** Containers that would make the full names of a checked tree of shorter ones. */
function guesses(checked: string): readonly string[] {
  return [
    '',
    ...new Set([...checked.matchAll(/(?<![\w.@])([a-z]\w*)\.\w+(?=[(~])/g)].map(([, first = '']) => first)),
  ];
}

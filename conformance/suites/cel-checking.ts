/**
 * CEL's own test data (@bufbuild/cel-spec: cel-go's tests of its checker, the specification's conformance tests), each
 * with the checked tree or the refusal that cel-go's checker gave. Ours is printed in the same form and compared as
 * text: every node's type, every call's overload ids. What touches a message is left out: Macadam has none.
 *
 * Where cel-go refused only for a syntax or an extension that was switched off in it, we must accept.
 */
import { check } from '@macadam/core/cel/check';
import { type Language, language } from '@macadam/core/cel/language';
import { parse } from '@macadam/core/cel/parse';
import type { Library, Signature } from '@macadam/core/cel/signature';
import { BOOL, BYTES, DOUBLE, DYN, INT, NULL, STRING, type Type, UINT } from '@macadam/core/cel/type';
import type { Case, Suite } from '../suite.ts';
import { checkedForm, plainForm, UNUSED } from './cel-checking/checked-form.ts';
import { type Declared, declaredType } from './cel-checking/type-text.ts';

interface Material {
  readonly tests: Group;
}

interface Group {
  readonly name: string;
  readonly suites?: readonly Group[];
  readonly tests?: readonly CheckedCase[];
}

export interface CheckedCase {
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

function within(group: Group, path: string): (readonly [string, CheckedCase])[] {
  const own = (group.tests ?? []).map((test) => {
    const name = test.original.name ?? test.original.expr.replaceAll(/\s+/g, ' ').trim();
    return [`${path}/${name.length > 80 ? `${name.slice(0, 80)}…` : name}`, test] as const;
  });
  return [...own, ...(group.suites ?? []).flatMap((inner) => within(inner, `${path}/${inner.name}`))];
}

const LIBRARIES: readonly Library[] = ['standard', 'optional', 'strings', 'math', 'encoders'];

interface DeclaredInput {
  readonly id: string;
  readonly name: string;
  readonly takes: readonly Type[];
  readonly gives: Type;
  readonly method?: boolean;
}

const declared = ({ id, name, takes, gives, method = false }: DeclaredInput): Signature => ({
  id,
  function: name,
  method,
  takes,
  gives,
  library: 'standard',
});
/** What cel-go's tests of its checker declare where a test says nothing else. */
const USUAL: Readonly<Record<string, Type>> = {
  is: STRING,
  ii: INT,
  iu: UINT,
  iz: BOOL,
  id: DOUBLE,
  ix: NULL,
  ib: BYTES,
};
const USUAL_FUNCTIONS: readonly Signature[] = [
  declared({ id: 'fg_s_0', name: 'fg_s', takes: [], gives: STRING }),
  declared({ id: 'fi_s_s_0', name: 'fi_s_s', takes: [STRING], gives: STRING, method: true }),
];

const switchedOff = (error: string) =>
  /unsupported syntax|recursion limit|argument (must be a simple name|is not an identifier)/.test(error) ||
  /undeclared reference to '(exists|all|existsOne|transformList|transformMap)'/.test(error);

function judge({ original, checkedAst, type, error }: CheckedCase, file: string): string | null {
  const parsed = parse(original.expr, { macros: 'all' });
  const refused = error !== undefined && !switchedOff(error);
  if ('mistake' in parsed) return refused ? null : `not parsed: ${parsed.mistake.reason}`;
  const usual = file === 'checking' && !original.typeEnv;
  const names = usual ? USUAL : environment(original);
  // The specification's own tests were checked without comparisons of two kinds of number.
  const mixed = file === 'checking' && !/'_[<>]=?_' applied to '\((int|uint|double), /.test(error ?? '');
  const rules = celLanguage(usual ? USUAL_FUNCTIONS : signatures(original), mixed);
  const { container } = original;
  const { typed, mistakes } = check(parsed.tree, names, DYN, {
    language: rules,
    ...(container && { container }),
  });
  if (refused) return typed ? `cel-go refuses it: ${error.replaceAll(/\s+/g, ' ').slice(0, 120)}` : null;
  if (!typed) return mistakes.map(({ at, reason }) => `${at.line}:${at.column} ${reason}`).join('; ');
  // `cel.block` is bindings here, whose values have types; cel-go's are dyn.
  if (checkedAst === undefined || checkedAst.includes('cel.@block')) return null;
  const ours = checkedForm(
    typed,
    new Set(rules.functions.values().flatMap((rows) => rows.filter((row) => row.method).map(({ id }) => id))),
  );
  const theirs = plainForm(checkedAst);
  if (ours === theirs || pattern(ours).test(theirs)) return null;
  const at = [...theirs].findIndex((letter, index) => letter !== ours[index]);
  return `type ${type}: …${ours.slice(Math.max(0, at - 40), at + 60)}…, cel-go …${theirs.slice(Math.max(0, at - 40), at + 60)}…`;
}

/** Ours as a pattern in which the variables that nothing uses have any name. */
function pattern(ours: string): RegExp {
  const exact = ours.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${exact.replaceAll(UNUSED, '[\\w@#]+')}$`);
}

function celLanguage(more: readonly Signature[], mixed: boolean): Language {
  const full = language('cel', LIBRARIES, more);
  if (mixed) return full;
  const functions = full.functions
    .entries()
    .map(([name, rows]) => [name, /^_[<>]/.test(name) ? rows.filter((row) => !row.loose) : rows] as const);
  return { ...full, functions: new Map(functions) };
}

export function environment({
  typeEnv = [],
}: Pick<CheckedCase['original'], 'typeEnv'>): Record<string, Type> {
  const names: Record<string, Type> = {};
  for (const { name, ident } of typeEnv) {
    const type = ident && declaredType(ident.type);
    if (type) names[name] = type;
  }
  return names;
}

export function signatures({ typeEnv = [] }: Pick<CheckedCase['original'], 'typeEnv'>): readonly Signature[] {
  return typeEnv.flatMap(({ name, function: of }) =>
    (of?.overloads ?? []).map(({ overloadId, params = [], resultType, isInstanceFunction = false }) =>
      declared({
        id: overloadId,
        name,
        takes: params.map((param) => declaredType(param) ?? DYN),
        gives: declaredType(resultType) ?? DYN,
        method: isInstanceFunction,
      }),
    ),
  );
}

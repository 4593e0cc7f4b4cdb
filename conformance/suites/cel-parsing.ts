/**
 * CEL's own test data (@bufbuild/cel-spec: the specification's conformance tests, cel-go's tests of its parser and of
 * its comprehensions), each with the tree or the refusal that cel-go's parser gave. Our tree is turned into a
 * `cel.expr.Expr`, printed by the package's own printer and compared as text; a refusal must be a refusal.
 *
 * Two things are asked otherwise, by rule. Where cel-go refused for a syntax that was switched off in it (`.?`, `[?`,
 * `{?`, back-quotes) we must read, and what we print must read back. Where an expression builds a message we must
 * refuse and name the type.
 */
import { parse } from '@macadam/core/cel/parse';
import { print } from '@macadam/core/cel/print';
import type { Case, Suite } from '../suite.ts';
import { type Expr, expression } from './cel-parsing/expression.ts';

interface Material {
  readonly tests: Group;
}

interface Group {
  readonly name: string;
  readonly suites?: readonly Group[];
  readonly tests?: readonly Judged[];
}

interface Judged {
  readonly original: { readonly name?: string; readonly expr: string };
  readonly ast?: string;
  readonly error?: string;
}

interface Printer {
  readonly toDebugString: (expr: Expr, adorner: unknown) => string;
  readonly KindAdorner: { readonly singleton: unknown };
}

const FILES = ['parsing', 'comprehension', 'conformance'];

export const suite: Suite = {
  name: 'cel-parsing',
  proves:
    "our parser makes cel-go's tree of every expression of CEL's test data, and refuses what cel-go refuses",
  vectors: [],
  needsInstall: true,
  async load() {
    const data = (file: string) => import(`@bufbuild/cel-spec/testdata/${file}.js`);
    const printer: Printer = await data('to-debug-string');
    const cases: Case[] = [];
    const seen = new Map<string, number>();
    for (const file of FILES) {
      const { tests }: Material = await data(file);
      for (const [path, test] of within(tests, file)) {
        const known = (seen.get(path) ?? 0) + 1;
        seen.set(path, known);
        cases.push({ id: known === 1 ? path : `${path}#${known}`, run: () => judge(test, printer) });
        if (path.includes('/block_ext/')) cases.push({ id: `with macros: ${path}`, run: () => block(test) });
      }
    }
    return cases;
  },
};

function within(group: Group, path: string): (readonly [string, Judged])[] {
  const own = (group.tests ?? []).map((test) => {
    const name = test.original.name ?? test.original.expr.replaceAll(/\s+/g, ' ').trim();
    return [`${path}/${name.length > 80 ? `${name.slice(0, 80)}…` : name}`, test] as const;
  });
  return [...own, ...(group.suites ?? []).flatMap((inner) => within(inner, `${path}/${inner.name}`))];
}

const switchedOff = (error: string) => /unsupported syntax/.test(error) && !/Syntax error/.test(error);
const MESSAGE = /^`([\w.]+)\{…\}` builds a message/;

function judge({ original: { expr }, ast, error = '' }: Judged, printer: Printer): string | null {
  const result = parse(expr);
  if ('mistake' in result) {
    const { at, reason } = result.mistake;
    const type = MESSAGE.exec(reason)?.[1];
    if (ast === undefined && !switchedOff(error)) return null;
    if (type !== undefined && (ast ?? expr).includes(`${type}{`)) return null;
    return `we refuse it at ${at.line}:${at.column}: ${reason}`;
  }
  if (ast === undefined) {
    if (switchedOff(error)) return readsBack(print(result.tree));
    return `cel-go refuses it: ${error.replaceAll(/\s+/g, ' ').slice(0, 120)}`;
  }
  const ours = printer.toDebugString(expression(result.tree), printer.KindAdorner.singleton);
  // Two spellings of one macro, which in our tree has one name.
  const theirs = ast.replaceAll('.existsOne(', '.exists_one(');
  if (ours === theirs) return null;
  const [wanted, got] = [theirs.split('\n'), ours.split('\n')];
  const line = wanted.findIndex((text, index) => text !== got[index]);
  return `line ${line + 1} of the tree is \`${got[line]?.trim()}\`, cel-go's \`${wanted[line]?.trim()}\``;
}

/** With its macros switched on, nothing of the block extension is left as a call. */
function block({ original: { expr } }: Judged): string | null {
  const result = parse(expr, { macros: 'all' });
  if ('mistake' in result) return MESSAGE.test(result.mistake.reason) ? null : result.mistake.reason;
  const left = /\bcel\.(block|index|iterVar|accuVar)\(/.exec(print(result.tree));
  return left ? `\`${left[0]}\` is left` : null;
}

function readsBack(printed: string): string | null {
  const again = parse(printed);
  if ('mistake' in again) return `\`${printed}\` does not read back: ${again.mistake.reason}`;
  return print(again.tree) === printed ? null : `\`${printed}\` reads back as \`${print(again.tree)}\``;
}

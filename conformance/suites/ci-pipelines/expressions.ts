/** Known answers of GitHub's own expression library. */
import { type Datum, evaluate } from '@macadam/adapters/readers/pipelines/github/evaluation';
import { parseExpression } from '@macadam/adapters/readers/pipelines/github/expression';
import type { Case } from '../../suite.ts';

interface Answer {
  readonly expr: string;
  readonly contexts?: Readonly<Record<string, Datum>>;
  readonly result?: { readonly kind: string; readonly value: unknown };
  readonly err?: { readonly kind: 'lexing' | 'parsing' | 'evaluation' };
}

export interface ExpressionMaterial {
  readonly files: Readonly<Record<string, Readonly<Record<string, readonly Answer[]>>>>;
}

export function expressionCases({ files }: ExpressionMaterial): readonly Case[] {
  return Object.entries(files).flatMap(([file, groups]) =>
    Object.entries(groups).flatMap(([group, answers]) =>
      answers.map((answer, index) => ({
        id: `expression/${file}/${group}/${index + 1}`,
        run: () => compare(answer),
      })),
    ),
  );
}

function compare({ expr, contexts = {}, result, err }: Answer): string | null {
  const known = new Map(Object.entries(contexts).map(([name, value]) => [name.toLowerCase(), value]));
  const ours = answer(expr, known);
  const theirs = err === undefined ? shown(result?.value) : `${err.kind} error`;
  return ours === theirs ? null : `${expr.slice(0, 120)}: ours ${ours}, theirs ${theirs}`;
}

function answer(expr: string, contexts: ReadonlyMap<string, Datum>): string {
  const expression = parseExpression(expr, new Set(contexts.keys()));
  if ('error' in expression) return `${expression.error} error`;
  const outcome = evaluate(expression, contexts);
  if ('value' in outcome) return shown(outcome.value);
  return 'error' in outcome ? `${outcome.error} error` : 'undetermined';
}

/** JSON, in which numbers that are not finite keep their names and there is one zero. */
function shown(value: unknown): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  return JSON.stringify(Number.isFinite(value) ? value + 0 : String(value));
}

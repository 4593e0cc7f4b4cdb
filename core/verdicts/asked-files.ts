/**
 * Which files standards ask a repository about. A repository may have a million of them, so it is told about those that
 * somebody asks for and no others: of these it says there is one or there is none, and what nobody asked for is unobserved.
 */
import { parse } from '../cel/parse.ts';
import type { Node } from '../cel/tree.ts';
import type { Standard } from './standard.ts';

/** The attribute of the kind `repository`: name → whether there is such a file. */
export const ASKED = 'files';

export interface AskingStandard {
  readonly definition: Pick<Standard, 'scope' | 'check' | 'reasons' | 'params'>;
  /** Values that an estate gives its parameters instead of their own. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/** Names that `asset.files[…]` is asked for, sorted. `*` in one stands for any characters but `/`, `**` for any at all. */
export function askedFiles(standards: Iterable<AskingStandard>): string[] {
  const names = new Set<string>();
  for (const { definition, overrides = {} } of standards) {
    const uses = usesIn(definition);
    for (const { key } of uses) if (key !== null) names.add(key);
    // A key that is computed comes of a parameter, if it can be known at all.
    if (uses.some(({ key }) => key === null))
      for (const value of Object.values({ ...definition.params, ...overrides }))
        for (const text of [value].flat()) if (typeof text === 'string') names.add(text);
  }
  return [...names].sort();
}

interface FileUse {
  /** Null: it is computed. */
  readonly key: string | null;
}

function usesIn({ scope, check, reasons }: AskingStandard['definition']): FileUse[] {
  const texts = [scope.where, check, ...reasons.flatMap(({ when, at }) => [when, at ?? 'true'])];
  return texts.flatMap((text) => {
    // Nearly no standard asks for files, and reading an expression costs more than looking for a word.
    if (!text.includes(`.${ASKED}`)) return [];
    const parsed = parse(text);
    return 'tree' in parsed ? [...usesOf(parsed.tree)] : [];
  });
}

function* usesOf(node: Node): Generator<FileUse> {
  if (node.node === 'call' && (node.function === '_[_]' || node.function === '_[?_]')) {
    const [of, key] = node.arguments;
    if (of?.node === 'select' && of.field === ASKED)
      yield { key: key?.node === 'literal' && key.type === 'string' ? key.value : null };
  }
  for (const part of partsOf(node)) yield* usesOf(part);
}

function partsOf(node: Node): readonly Node[] {
  const isNode = (value: unknown): value is Node =>
    typeof value === 'object' && value !== null && 'node' in value && 'at' in value;
  const below = (value: unknown): readonly Node[] =>
    isNode(value)
      ? [value]
      : Array.isArray(value)
        ? value.flatMap(below)
        : typeof value === 'object' && value !== null
          ? Object.values(value).flatMap(below)
          : [];
  return Object.entries(node).flatMap(([name, value]) => (name === 'at' ? [] : below(value)));
}

/** Texts in Atlassian's document format (version 1), there and back. */
import type { IssueBlock } from '../port.ts';

export interface DocumentNode {
  readonly type: string;
  readonly text?: string;
  readonly marks?: readonly { readonly type: string }[];
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly content?: readonly DocumentNode[];
  readonly version?: 1;
}

const said = (text: string): DocumentNode[] => (text === '' ? [] : [{ type: 'text', text }]);
const code = (text: string): DocumentNode[] =>
  text === '' ? [] : [{ type: 'text', text, marks: [{ type: 'code' }] }];
const paragraph = (...content: readonly DocumentNode[]): DocumentNode => ({ type: 'paragraph', content });

export function documentOf(blocks: readonly IssueBlock[]): DocumentNode {
  return { type: 'doc', version: 1, content: blocks.flatMap(nodesOf) };
}

function nodesOf(block: IssueBlock): DocumentNode[] {
  if ('text' in block) return [paragraph(...said(block.text))];
  const items = block.items.map(
    ({ name, note }): DocumentNode => ({
      type: 'listItem',
      content: [paragraph(...code(name), ...said(` ${note}`))],
    }),
  );
  return [paragraph(...code(block.head)), { type: 'bulletList', content: items }];
}

const BLOCKS: ReadonlySet<string> = new Set(['paragraph', 'heading', 'listItem', 'codeBlock', 'blockquote']);

/** The words of a document, a line a block; whatever else it holds is left out. */
export function wordsOf(node: unknown): string {
  if (typeof node === 'string') return node;
  return words(node, 0)
    .replaceAll(/\n{2,}/g, '\n')
    .trim();
}

function words(node: unknown, depth: number): string {
  // Deeper than any editor makes them.
  if (typeof node !== 'object' || node === null || depth > 50) return '';
  const { type, text, attrs, content } = node as {
    type?: unknown;
    text?: unknown;
    attrs?: { text?: unknown };
    content?: unknown;
  };
  if (type === 'hardBreak') return '\n';
  // A mention, an emoji, a status: what it shows.
  const own = typeof text === 'string' ? text : typeof attrs?.text === 'string' ? attrs.text : '';
  const inner = Array.isArray(content) ? content.map((one) => words(one, depth + 1)).join('') : '';
  return `${own}${inner}${BLOCKS.has(String(type)) ? '\n' : ''}`;
}

/** What the three views share: names made safe to show, links looked at but never followed out of the tree. */
import { posix } from 'node:path';
import type { Unobserved } from '@macadam/core/facts/observation';
import type { Tree, TreeEntry } from '../tree.ts';
import { type ProblemCode, unobserved } from './problems.ts';

/** Collects problems by code, so that a repository of 10⁵ broken files says it once, with examples. */
export interface Notes {
  /** `example` is shown to people: names in it must have gone through `quote`. */
  add(code: ProblemCode, example: string): void;
  /** Code → how often, and the first few examples. */
  readonly found: ReadonlyMap<ProblemCode, { count: number; readonly examples: readonly string[] }>;
}

export function notes(): Notes {
  const found = new Map<ProblemCode, { count: number; examples: string[] }>();
  return {
    found,
    add(code, example) {
      const row = found.get(code) ?? { count: 0, examples: [] };
      row.count++;
      if (row.examples.length < 3 && !row.examples.includes(example)) row.examples.push(example);
      found.set(code, row);
    },
  };
}

/** A name as messages show it: quoted, cut short, and nothing in it that a terminal or a page would obey. */
export function quote(name: string): string {
  const cut = name.length > 200 ? `${name.slice(0, 200)}…` : name;
  return JSON.stringify(cut).replaceAll(/[\p{C}\u2028\u2029]/gu, (char) => {
    const point = char.codePointAt(0) ?? 0;
    return `\\u{${point.toString(16)}}`;
  });
}

/** `3: "a", "b", …` of what was noted. */
export function summary({ count, examples }: { count: number; examples: readonly string[] }): string {
  const shown = examples.filter((example) => example !== '').join(', ');
  if (shown === '') return '';
  return `${count === 1 ? '' : `${count}: `}${shown}${count > examples.length ? ', …' : ''}`;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Turns raw paths into distinct strings; what is not UTF-8 is replaced and noted. */
export function pathNames(log: Notes): (raw: Buffer) => string {
  const replaced = new Set<string>();
  return (raw) => {
    let path = decoder.decode(raw);
    if (!path.includes('\ufffd') || Buffer.from(path).equals(raw)) return path;
    while (replaced.has(path)) path += '\ufffd';
    replaced.add(path);
    log.add('path-not-utf8', quote(path));
    return path;
  };
}

/** Names that no checkout creates, because they would leave the tree or change git itself. */
export function isUnsafeName(name: string): boolean {
  return name === '' || name === '.' || name === '..' || name.toLowerCase() === '.git' || /[/\0]/.test(name);
}

/** Where a link leads: another entry's path, nowhere within the tree, or out of it. */
export type Target = { readonly path: string } | 'outside' | 'nowhere';

const HOPS = 8;

export function linkTarget(
  link: string,
  targets: ReadonlyMap<string, string>,
  entries: ReadonlyMap<string, TreeEntry>,
): Target {
  let path = link;
  for (let hops = 0; hops <= HOPS; hops++) {
    const target = targets.get(path);
    if (target === undefined) return entries.has(path) ? { path } : 'nowhere';
    if (posix.isAbsolute(target)) return 'outside';
    path = posix.join(posix.dirname(path), target);
    if (path === '..' || path.startsWith('../')) return 'outside';
  }
  return 'nowhere';
}

export function linkUnobserved(target: 'outside' | 'nowhere', path: string): Unobserved {
  return target === 'outside'
    ? unobserved('symlink-outside', quote(path))
    : {
        unobserved: 'failed',
        why: `the link ${quote(path)} leads to no file of the repository; fix or remove it`,
      };
}

const strict = new TextDecoder('utf-8', { fatal: true });

export function decodeText(content: Uint8Array, path: string): string | Unobserved {
  try {
    return strict.decode(content);
  } catch {
    return { unobserved: 'failed', why: `${quote(path)} is not valid UTF-8; save it as UTF-8` };
  }
}

/** Reads of files as text, by what reads their bytes. */
export const textsOf =
  (bytes: Tree['bytes']): Tree['read'] =>
  async (path, limit) => {
    const content = await bytes(path, limit);
    return content instanceof Uint8Array ? decodeText(content, path) : content;
  };

export function tooLarge(path: string, size: number, limit: number): Unobserved {
  return {
    unobserved: 'incomplete',
    why: `${quote(path)} has ${size} bytes, more than the ${limit} that are read; split it, or keep it out of the repository`,
  };
}

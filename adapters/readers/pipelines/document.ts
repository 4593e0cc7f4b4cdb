/**
 * YAML as pipelines are written in it: a plain tree in which everything knows its line and column.
 *
 * Hostile input is the normal case. The `yaml` library composes the document; duplicate keys, aliases and size are
 * judged here, because its own checks are quadratic and its conversion follows aliases without a memory of them.
 */
import { isAlias, isCollection, isMap, isScalar, LineCounter, type ParsedNode, parseDocument } from 'yaml';

export interface Place {
  /** Both count from 1. */
  readonly line: number;
  readonly col: number;
}

export interface Scalar extends Place {
  readonly type: 'scalar';
  readonly value: string | number | boolean | null;
  /** What a runner that wants a string sees: as written for plain scalars, decoded for quoted and block ones. */
  readonly text: string;
  readonly style: 'plain' | 'quoted' | 'block';
  /** Source as it stands in the file, and its offset there. */
  readonly raw: string;
  readonly offset: number;
  /** Comment that follows on the same line, without `#`. */
  readonly comment?: string;
}

export interface Entry extends Place {
  readonly key: string;
  readonly value: Node;
}

export interface Mapping extends Place {
  readonly type: 'mapping';
  readonly entries: readonly Entry[];
}

export interface Sequence extends Place {
  readonly type: 'sequence';
  readonly items: readonly Node[];
}

export type Node = Scalar | Mapping | Sequence;

export interface YamlDocument {
  readonly root: Node;
  readonly text: string;
  /** Line and column of an offset into the text. */
  readonly place: (offset: number) => Place;
}

export interface Invalid {
  readonly code: 'yaml-invalid' | 'yaml-too-large';
  readonly message: string;
  readonly line?: number;
}

/** Larger than any pipeline that a person keeps; a hostile text of more would take minutes to refuse. */
export const MAX_BYTES = 524_288;
/** Nodes after aliases are followed: a "billion laughs" document is small only on disk. */
const MAX_NODES = 200_000;
const MAX_DEPTH = 200;

class Refusal extends Error {
  readonly offset: number;
  readonly code: Invalid['code'];
  constructor(message: string, offset: number, code: Invalid['code'] = 'yaml-invalid') {
    super(message);
    this.offset = offset;
    this.code = code;
  }
}

export function isInvalid(result: YamlDocument | Invalid): result is Invalid {
  return 'code' in result;
}

/**
 * What was parsed last, by its text: who reads the places of a repository asks for the same workflows as who reads its pipelines
 * after that. Nobody changes a document.
 */
const known = new Map<string, YamlDocument | Invalid>();
let knownLength = 0;
/** Characters of texts that are held; a longer one than a quarter of it is not. */
const KNOWN_LENGTH = 2 ** 19;

/**
 * Never throws: a text that is not one YAML document with string keys is `Invalid`, with its line. `repeats` are keys that a mapping may have
 * more than once.
 */
export function parseYaml(text: string, repeats?: '<<'): YamlDocument | Invalid {
  if (repeats !== undefined) return parseText(text, repeats);
  const found = known.get(text);
  if (found !== undefined) return found;
  const parsed = parseText(text);
  if (text.length > KNOWN_LENGTH / 4) return parsed;
  known.set(text, parsed);
  knownLength += text.length;
  for (const [oldest] of known) {
    if (knownLength <= KNOWN_LENGTH) break;
    known.delete(oldest);
    knownLength -= oldest.length;
  }
  return parsed;
}

function parseText(text: string, repeats?: '<<'): YamlDocument | Invalid {
  if (text.length > MAX_BYTES)
    return { code: 'yaml-too-large', message: `larger than ${MAX_BYTES} bytes: not read as a pipeline` };
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), col: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
      keepSourceTokens: false,
    });
    const error = document.errors[0];
    if (error !== undefined)
      return {
        code: 'yaml-invalid',
        message: error.message.split('\n')[0] ?? error.code,
        line: place(error.pos[0]).line,
      };
    const contents = document.contents;
    const root =
      contents === null
        ? ({
            type: 'scalar',
            value: null,
            text: '',
            style: 'plain',
            raw: '',
            offset: 0,
            line: 1,
            col: 1,
          } as const)
        : convert(contents, text, place, repeats);
    return { root, text, place };
  } catch (failure) {
    if (failure instanceof Refusal)
      return { code: failure.code, message: failure.message, line: place(failure.offset).line };
    if (failure instanceof RangeError)
      return { code: 'yaml-invalid', message: 'nested too deeply to be read' };
    return {
      code: 'yaml-invalid',
      message: failure instanceof Error ? failure.message : 'cannot be read as YAML',
    };
  }
}

function convert(contents: ParsedNode, text: string, place: (offset: number) => Place, repeats?: '<<'): Node {
  const anchors = new Map<string, { node: Node; weight: number } | undefined>();
  let total = 0;
  const spend = (nodes: number, offset: number): void => {
    total += nodes;
    if (total > MAX_NODES)
      throw new Refusal(`more than ${MAX_NODES} values once aliases are followed`, offset, 'yaml-too-large');
  };

  const visit = (node: ParsedNode | null, fallback: number, depth: number): Node => {
    const offset = node?.range[0] ?? fallback;
    if (depth > MAX_DEPTH) throw new Refusal(`nested more than ${MAX_DEPTH} levels`, offset);
    if (node !== null && isAlias(node)) {
      const known = anchors.get(node.source);
      if (known === undefined)
        throw new Refusal(
          anchors.has(node.source)
            ? `anchor \`${node.source}\` contains itself`
            : `no anchor \`${node.source}\` before this alias`,
          offset,
        );
      spend(known.weight, offset);
      return known.node;
    }
    const anchor = node?.anchor;
    if (anchor !== undefined) anchors.set(anchor, undefined);
    const before = total;
    const made = build(node, offset, depth);
    spend(1, offset);
    if (anchor !== undefined) anchors.set(anchor, { node: made, weight: total - before });
    return made;
  };

  const build = (node: ParsedNode | null, offset: number, depth: number): Node => {
    const at = place(offset);
    if (node === null || isScalar(node)) return scalar(node, offset, at, text);
    if (isMap(node)) {
      const seen = new Set<string>();
      const entries = node.items.map((pair): Entry => {
        const keyNode = pair.key;
        if (!isScalar(keyNode)) throw new Refusal('a key that is not plain text', offset);
        const keyOffset = keyNode.range[0];
        const key = keyNode.value === null ? '' : String(keyNode.source ?? keyNode.value);
        if (seen.has(key) && key !== repeats)
          throw new Refusal(`key \`${key.slice(0, 60)}\` is defined twice`, keyOffset);
        seen.add(key);
        return { key, ...place(keyOffset), value: visit(pair.value, keyNode.range[1], depth + 1) };
      });
      return { type: 'mapping', entries, ...at };
    }
    if (isCollection(node)) {
      const items = node.items.map((item) => visit(item as ParsedNode | null, offset, depth + 1));
      return { type: 'sequence', items, ...at };
    }
    throw new Refusal('something that is neither a value nor a collection', offset);
  };

  return visit(contents, 0, 0);
}

function scalar(node: ParsedNode | null, offset: number, at: Place, text: string): Scalar {
  const made = { type: 'scalar', offset, ...at } as const;
  if (node === null || !isScalar(node)) return { ...made, value: null, text: '', style: 'plain', raw: '' };
  const end = node.range[1];
  const raw = text.slice(offset, end);
  const style = node.type?.startsWith('QUOTE')
    ? 'quoted'
    : node.type?.startsWith('BLOCK')
      ? 'block'
      : 'plain';
  const value: Scalar['value'] =
    typeof node.value === 'string' ||
    typeof node.value === 'number' ||
    typeof node.value === 'boolean' ||
    node.value === null
      ? node.value
      : String(node.value);
  const comment = /^[ \t]+#[ \t]*([^\r\n]*)/.exec(text.slice(end, end + 300))?.[1]?.trimEnd();
  return {
    ...made,
    value,
    text: value === null ? '' : style === 'plain' ? String(node.source ?? value) : String(value),
    style,
    raw,
    ...(style === 'block' || comment === undefined ? {} : { comment }),
  };
}

export function entry(node: Node | undefined, key: string): Entry | undefined {
  return node?.type === 'mapping' ? node.entries.find((candidate) => candidate.key === key) : undefined;
}

export function child(node: Node | undefined, key: string): Node | undefined {
  return entry(node, key)?.value;
}

/** Text of a scalar, or undefined for a collection, an empty value or nothing. */
/** What is meant by a node that names something itself, or is a mapping in which `key` does. */
export function namedIn(node: Node | undefined, key: string): Node | undefined {
  return node?.type === 'mapping' ? child(node, key) : node;
}

/** What tells one place of a file from another. */
export const keyAt = ({ line, col }: Place): string => `${line}:${col}`;

export function textOf(node: Node | undefined): string | undefined {
  return node?.type === 'scalar' && node.value !== null ? node.text : undefined;
}

export function entriesOf(node: Node | undefined): readonly Entry[] {
  return node?.type === 'mapping' ? node.entries : [];
}

/**
 * Entries of a mapping with what `<<` merges into it: its own entries first, and of two merged ones the first. `inOrder`: what is written
 * later wins, be it merged or its own, as Ruby reads YAML.
 */
export function mergedEntries(node: Node | undefined, inOrder = false, depth = 0): readonly Entry[] {
  const found = new Map<string, Entry>();
  const merged: Entry[] = [];
  for (const each of entriesOf(node)) {
    if (each.key !== '<<') found.set(each.key, each);
    else if (depth < 20) {
      const others = itemsOf(each.value).flatMap((other) => mergedEntries(other, inOrder, depth + 1));
      if (inOrder) for (const other of others.toReversed()) found.set(other.key, other);
      else merged.push(...others);
    }
  }
  for (const each of merged) if (!found.has(each.key)) found.set(each.key, each);
  return [...found.values()];
}

/** The items of a sequence, or the one value where a list may be written without brackets. */
export function itemsOf(node: Node | undefined): readonly Node[] {
  if (node === undefined || (node.type === 'scalar' && node.value === null)) return [];
  return node.type === 'sequence' ? node.items : [node];
}

export function isEmpty(node: Node | undefined): boolean {
  return node === undefined || (node.type === 'scalar' && node.value === null);
}

/** Every scalar below a node, depth first. */
export function* scalars(node: Node): Generator<Scalar> {
  if (node.type === 'scalar') yield node;
  else if (node.type === 'sequence') for (const item of node.items) yield* scalars(item);
  else for (const each of node.entries) yield* scalars(each.value);
}
